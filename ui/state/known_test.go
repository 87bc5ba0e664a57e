package state

import (
	"strings"
	"testing"

	"quarterturn/core/run"
)

// looking is the opened page at a part of the station Compare.
func looking(t *testing.T, part ComparePart) (Page, []Effect) {
	t.Helper()
	return playOn(opened(t), nil, ShowCompare{part})
}

// asking is looking with an analyst that has the pictures, and what it was sent since.
func asking(t *testing.T, part ComparePart) (Page, []Effect) {
	t.Helper()
	page, _ := looking(t, part)
	return playOn(page, nil, says{Lab, run.PicturesPacked{Blob: []byte("pictures")}})
}

// told is an answer of the analyst to the first open question of a kind.
func told(t *testing.T, page Page, kind QuestionKind, event run.Event) Message {
	t.Helper()
	for _, open := range page.ledger.open {
		if open.about != nil && open.about.Kind == kind {
			return Heard{open.worker, run.Answer{To: open.Number, Event: event}}
		}
	}
	t.Fatalf("nobody asked a question of the kind %s", kind)
	return nil
}

func mapped(tsne, final bool) run.Mapped {
	return run.Mapped{TSNE: tsne, Iterations: 2, IDs: []int{0, 3, 7}, Points: []float32{0, 0, 10, 0, 10, 5}, Purity: 0.5, ChancePurity: 0.25, Final: final}
}

// TestFirstLookStartsTheAnalyst: it gets the pictures, and is asked for the map first.
func TestFirstLookStartsTheAnalyst(t *testing.T) {
	_, effects := looking(t, OfKnown)
	if start, ok := find[StartWorker](effects); !ok || start.Worker != Analyst || !strings.HasSuffix(sent(effects, Lab), "PackPictures") {
		t.Fatalf("the first look has the effects %v", effects)
	}
	page, effects := asking(t, OfKnown)
	if got, want := sent(effects, Analyst), "UnpackPictures Map Probe Probe"; got != want {
		t.Fatalf("the analyst was sent %q, want %q", got, want)
	}
	page, effects = playOn(page, nil, told(t, page, Maps, mapped(true, true)), told(t, page, Maps, run.Done{}))
	f := page.Findings.Find(Question{Kind: Maps, Subject: Loaded, Pictures: 500})
	if f == nil || f.Layout == nil || !f.Complete || sent(effects, Analyst) != "" {
		t.Errorf("the map is known as %+v, and then the analyst was sent %q", f, sent(effects, Analyst))
	}
}

// TestMapsAreReported: those that are done, while the pictures are what they were.
func TestMapsAreReported(t *testing.T) {
	page, _ := asking(t, OfKnown)
	page, _ = playOn(page, nil, told(t, page, Maps, mapped(true, true)))
	if maps := page.Drawn(nil); len(maps) != 0 {
		t.Errorf("before its end a map is reported: %+v", maps)
	}
	page, _ = playOn(page, nil, told(t, page, Maps, run.Done{}))
	maps := page.Drawn(nil)
	if len(maps) != 1 || maps[0].Title != page.Turn.Model.Name || maps[0].Labels != run.NoLabels || len(maps[0].IDs) != 3 {
		t.Fatalf("reported are %+v", maps)
	}
	page, _ = playOn(page, nil, says{Lab, run.PicturesChanged{Set: page.Pictures.Set, Classes: page.Pictures.Classes, Removed: []int{3}}})
	if maps := page.Drawn(nil); len(maps) != 0 {
		t.Errorf("of other pictures %+v are reported", maps)
	}
}

// TestWhatIsNotWantedIsGivenUp: another number of pictures ends the map that grows.
func TestWhatIsNotWantedIsGivenUp(t *testing.T) {
	page, _ := asking(t, OfKnown)
	before := told(t, page, Maps, mapped(true, false))
	page, effects := playOn(page, nil, SetMap{MapPictures, "300"})
	if got, want := sent(effects, Analyst), "Cancel Map"; got != want {
		t.Fatalf("the analyst was sent %q, want %q", got, want)
	}
	page, _ = playOn(page, nil, before)
	if f := page.Findings.Find(Question{Kind: Maps, Subject: Loaded, Pictures: 500}); f != nil {
		t.Errorf("what it said of the map that was given up is known as %+v", f)
	}
}

// TestAnalystEndsWhenItIsLeft: a minute later, unless somebody came back.
func TestAnalystEndsWhenItIsLeft(t *testing.T) {
	page, _ := asking(t, OfKnown)
	page, effects := playOn(page, nil, GoTo{AtTrain})
	after, ok := find[After](effects)
	if !ok || after.Milliseconds != stayMilliseconds {
		t.Fatalf("leaving has the effects %v", effects)
	}
	back, _ := playOn(page, nil, ShowCompare{OfMistakes})
	if _, effects = playOn(back, nil, after.Message); len(effects) > 0 {
		t.Errorf("who came back has the effects %v", effects)
	}
	page, effects = playOn(page, nil, after.Message)
	if end, ok := find[EndWorker](effects); !ok || end.Worker != Analyst {
		t.Errorf("a minute later the effects are %v", effects)
	}
	if _, effects = playOn(page, nil, ShowCompare{OfKnown}); sent(effects, Lab) != "PackPictures" {
		t.Errorf("the next look sends %q to the lab", sent(effects, Lab))
	}
}

// TestRunAtWorkIsFollowed: its weights are asked for after each evaluation, and its map
// begins where it was.
func TestRunAtWorkIsFollowed(t *testing.T) {
	page, _ := race(t)
	page, effects := playOn(page, nil, says{1, run.PhaseChanged{Phase: run.Training}}, says{1, run.Evaluated{Epoch: 0}},
		ShowCompare{OfKnown}, SetSubject{0, "1"})
	if got := sent(effects, 1); got != "Save" {
		t.Fatalf("the run's worker was sent %q, want Save", got)
	}
	page, _ = playOn(page, nil, says{1, run.ModelSaved{SHA256: "one", Blob: []byte("1")}}, says{Lab, run.PicturesPacked{Blob: []byte("pictures")}})
	if r := page.Runs.All[0]; r.Model != nil || r.IsOver() {
		t.Fatal("a run whose weights were looked at counts as over")
	}
	page, _ = playOn(page, nil, told(t, page, Maps, mapped(true, true)), told(t, page, Maps, run.Done{}))
	page, effects = playOn(page, nil, says{1, run.Evaluated{Epoch: 1}}, says{1, run.ModelSaved{SHA256: "two", Blob: []byte("2")}})
	var again run.Map
	for _, e := range effects {
		if s, ok := e.(Send); ok && s.To == Analyst {
			if m, ok := s.Command.(run.Map); ok {
				again = m
			}
		}
	}
	if string(again.Model) != "2" || len(again.Warm) != 6 || len(again.WarmIDs) != 3 {
		t.Errorf("after the next evaluation the analyst was sent %+v", again)
	}
	page, _ = playOn(page, nil, SetMap{MapLive, "false"})
	if _, effects = playOn(page, nil, says{1, run.Evaluated{Epoch: 2}}); sent(effects, 1) != "" {
		t.Errorf("a run that is not followed was sent %q", sent(effects, 1))
	}
}

func TestAnalystThatDies(t *testing.T) {
	page, _ := asking(t, OfKnown)
	page, effects := playOn(page, nil, Died{Analyst, "it ran out of memory"})
	if page.Findings.Problem != "It ran out of memory." || len(effects) > 0 {
		t.Fatalf("the problem is %q, the effects %v", page.Findings.Problem, effects)
	}
	_, effects = playOn(page, nil, LookAgain{})
	if start, ok := find[StartWorker](effects); !ok || start.Worker != Analyst {
		t.Errorf("looking again has the effects %v", effects)
	}
}

func TestLayout(t *testing.T) {
	l := newLayout(mapped(true, true)) // A triangle, twice as wide as high.
	if x, y := l.At(0); x != 0 || y != 0.25 {
		t.Errorf("the first picture is at %v, %v, want 0, 0.25", x, y)
	}
	if got := l.Nearest(0.9, 0.3, 0.2); got != 3 {
		t.Errorf("nearest to its corner is %d, want 3", got)
	}
	if got := l.Nearest(0.5, 0.5, 0.1); got != NoPicture {
		t.Errorf("nearest to the middle is %d, want none", got)
	}
	if got := l.Within(1.1, 0.2, 0.5, 0.8); len(got) != 2 {
		t.Errorf("in the right half are %v, want two", got)
	}
	if got := l.Beside(3, 0, 1); got != 7 {
		t.Errorf("below 3 is %d, want 7", got)
	}
	if got := l.Beside(0, -1, 0); got != 0 {
		t.Errorf("left of the leftmost is %d", got)
	}
}
