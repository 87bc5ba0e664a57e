package state

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"quarterturn/core/run"
)

// files are n sources of a kilobyte.
func files(n int) []run.Source {
	list := make([]run.Source, n)
	for i := range list {
		list[i] = run.Source{Path: fmt.Sprintf("mine/%04d.png", i), Bytes: 1000, Key: i + 1}
	}
	return list
}

// A crew answers what helpers and the lab are asked, in whatever order it likes.
type crew struct {
	t     *testing.T
	page  Page
	open  []Send // To helpers, not yet answered.
	takes []string
	alive map[WorkerID]bool
	most  int // Helpers at a time.
	next  int // ID of the next picture.
}

func newCrew(t *testing.T, page Page, messages ...Message) *crew {
	c := &crew{t: t, page: page, alive: map[WorkerID]bool{}, next: 10}
	for _, m := range messages {
		c.apply(m)
	}
	return c
}

func (c *crew) apply(m Message) {
	if died, ok := m.(Died); ok {
		delete(c.alive, died.Worker)
	}
	var effects []Effect
	c.page, effects = c.page.Apply(m)
	for _, e := range effects {
		switch e := e.(type) {
		case StartWorker:
			c.alive[e.Worker] = true
			c.most = max(c.most, len(c.alive))
		case EndWorker:
			delete(c.alive, e.Worker)
		case Send:
			c.send(e)
		}
	}
}

// send has the lab answer at once, and helpers when they are told.
func (c *crew) send(e Send) {
	if e.To < Lab {
		c.open = append(c.open, e)
		return
	}
	answer := func(event run.Event) { c.apply(Heard{Lab, run.Answer{To: e.Number, Event: event}}) }
	switch command := e.Command.(type) {
	case run.AddPictures:
		answer(run.PicturesChanged{Set: command.Set, Replaced: command.Replace})
		answer(run.Done{})
	case run.TakePictures:
		c.takes = append(c.takes, string(command.Blob))
		n := strings.Count(string(command.Blob), " ")
		answer(run.PicturesChanged{Set: c.page.Pictures.Set, Classes: c.page.Pictures.Classes, Added: thumbs(c.next, n, -1)})
		c.next += n
		answer(run.Done{})
	}
}

// decode has the i-th open part answered by the names of its files.
func (c *crew) decode(i int) {
	e := c.open[i]
	c.open = append(c.open[:i:i], c.open[i+1:]...)
	answer := func(event run.Event) { c.apply(Heard{e.To, run.Answer{To: e.Number, Event: event}}) }
	switch command := e.Command.(type) {
	case run.ListArchive:
		answer(run.ArchiveListed{Files: 100})
	case run.DecodePictures:
		blob := ""
		for _, s := range command.Sources {
			blob += s.Path + " "
		}
		if command.To > 0 {
			blob = ""
			for k := command.From; k < command.To; k++ {
				blob += fmt.Sprint(command.Sources[0].Path, k, " ")
			}
		}
		answer(run.PicturesDecoded{Blob: []byte(blob)})
	}
	answer(run.Done{})
}

// finish answers all there is, the newest or the oldest first.
func (c *crew) finish(newestFirst bool) {
	for len(c.open) > 0 {
		if newestFirst {
			c.decode(len(c.open) - 1)
		} else {
			c.decode(0)
		}
	}
}

// TestHelpersAnswerInAnyOrder and the lab gets the same, in the order of the paths; then
// they are gone.
func TestHelpersAnswerInAnyOrder(t *testing.T) {
	want := ""
	for _, s := range files(300) {
		want += s.Path + " "
	}
	for _, newestFirst := range []bool{false, true} {
		c := newCrew(t, opened(t), Gathered{Sources: files(300)})
		if c.page.Pictures.Importing == nil || c.most != 2 {
			t.Errorf("importing %v by %d helpers, want 2", c.page.Pictures.Importing, c.most)
		}
		c.finish(newestFirst)
		if got := strings.Join(c.takes, ""); got != want {
			t.Errorf("the lab got %q", got)
		}
		if len(c.alive) > 0 || c.page.Pictures.Importing != nil || c.page.Pictures.Count != 310 {
			t.Errorf("at the end: workers %v, importing %v, %d pictures", c.alive, c.page.Pictures.Importing, c.page.Pictures.Count)
		}
		if got := c.page.Pictures.UndoWords(); got != "added 300 pictures" || c.page.Pictures.Chosen != 10 {
			t.Errorf("Undo would take back %q, %d is chosen", got, c.page.Pictures.Chosen)
		}
	}
}

func TestArchiveIsSharedByItsDirectory(t *testing.T) {
	c := newCrew(t, opened(t), Gathered{Sources: []run.Source{{Path: "A.ZIP", Bytes: 1000, Key: 1}}})
	c.finish(true)
	want := ""
	for i := range 100 {
		want += fmt.Sprint("A.ZIP", i, " ")
	}
	if got := strings.Join(c.takes, ""); got != want || len(c.alive) > 0 {
		t.Errorf("the lab got %q, and there are still %v", got, c.alive)
	}
}

func TestGatheredReplacesAndIsUndone(t *testing.T) {
	c := newCrew(t, opened(t), SetJoin{false}, Gathered{Sources: files(60), Failed: []string{"gone.png"}})
	c.finish(false)
	if c.page.Pictures.Set != ownSet || c.page.Pictures.Count != 60 || len(c.page.Pictures.Problems) > 1 {
		t.Errorf("%d pictures of %q, problems %v", c.page.Pictures.Count, c.page.Pictures.Set, c.page.Pictures.Problems)
	}
	page, effects := c.page.Apply(Undo{})
	if got := sent(effects, Lab); got != "OpenPictures" {
		t.Errorf("Undo sends %q", got)
	}
	_ = page
}

// TestSetOpenedDuringAGather: what was not decoded yet does not join it.
func TestSetOpenedDuringAGather(t *testing.T) {
	c := newCrew(t, opened(t), Gathered{Sources: files(300)})
	c.decode(0)
	got := len(c.takes)
	c.apply(OpenSet{Sets()[1]})
	c.apply(Fetched{What: Sets()[1], Files: []run.File{{Path: "index.tsv"}}})
	if len(c.alive) > 0 || len(c.takes) != got {
		t.Errorf("there are still the helpers %v, and the lab got %d parts more", c.alive, len(c.takes)-got)
	}
}

// TestHelperThatDies has its files decoded one by one; the one that it dies of again is
// left out.
func TestHelperThatDies(t *testing.T) {
	c := newCrew(t, opened(t), Gathered{Sources: files(3)})
	c.apply(Died{c.open[0].To, "out of memory"})
	c.open = c.open[1:]
	if len(c.open) != 2 {
		t.Fatalf("%d parts are decoded after one died, want 2 of a file each", len(c.open))
	}
	c.apply(Died{c.open[0].To, "out of memory"})
	c.open = c.open[1:]
	c.finish(true)
	if want := []string{"mine/0001.png ", "mine/0002.png "}; !reflect.DeepEqual(c.takes, want) {
		t.Errorf("the lab got %q, want %q", c.takes, want)
	}
	if p := c.page.Pictures.Problems; len(p) != 1 || p[0].File != "mine/0000.png" || p[0].Reason != "Out of memory." {
		t.Errorf("the problems are %v", p)
	}
	if len(c.alive) > 0 {
		t.Errorf("there are still %v", c.alive)
	}
}

// TestSharpPreviewsComeFirst: those of thousands would not fit.
func TestSharpPreviewsComeFirst(t *testing.T) {
	g := gather{}.with(files(2*smallFirst), 0, 0)
	for i := range g.parts {
		want := learnedSide
		switch {
		case i*partFiles < sharpFirst:
			want = sharpSide
		case i*partFiles < smallFirst:
			want = smallSide
		}
		if c, ok := g.parts[i].command().(run.DecodePictures); !ok || c.PreviewSide != want {
			t.Fatalf("part %d is %v, want previews of %d", i, c, want)
		}
	}
}

// TestUndoGathersAgain: the files of a collection that was replaced are read again.
func TestUndoGathersAgain(t *testing.T) {
	c := newCrew(t, opened(t), SetJoin{false}, Gathered{Sources: files(60)})
	c.finish(false)
	c.apply(OpenSet{Sets()[1]})
	c.apply(Fetched{What: Sets()[1], Files: []run.File{{Path: "index.tsv"}}})
	c.takes = nil
	c.apply(Undo{})
	c.finish(false)
	if got := strings.Count(strings.Join(c.takes, ""), " "); got != 60 {
		t.Errorf("%d pictures come back, want 60", got)
	}
}
