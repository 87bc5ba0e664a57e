package state

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"quarterturn/core/notebook"
	"quarterturn/core/run"
)

// play applies messages to a fresh page and returns it with all effects since.
func play(messages ...Message) (Page, []Effect) {
	page, effects := New(RecalledView("", ""), Device{Cores: 2})
	return playOn(page, effects, messages...)
}

func playOn(page Page, effects []Effect, messages ...Message) (Page, []Effect) {
	for _, m := range messages {
		for _, m := range spoken(page, m) {
			var more []Effect
			page, more = page.Apply(m)
			effects = append(effects, more...)
		}
	}
	return page, effects
}

// says is an event that a worker sends, of what it was asked first that has such an
// answer; playOn finds its number. What ends a command is followed by Done.
type says struct {
	from  WorkerID
	event run.Event
}

func (says) isMessage() {}

// spoken is a message as the page hears it.
func spoken(page Page, m Message) []Message {
	s, ok := m.(says)
	if !ok {
		return []Message{m}
	}
	to := run.Number(0)
	for _, open := range page.ledger.open {
		if open.worker == s.from && answers(open.Command, s.event) {
			to = open.Number
			break
		}
	}
	heard := []Message{Heard{s.from, run.Answer{To: to, Event: s.event}}}
	if ends(s.event) && to != 0 {
		heard = append(heard, Heard{s.from, run.Answer{To: to, Event: run.Done{}}})
	}
	return heard
}

// answers reports whether an event can be an answer to a command.
func answers(c run.Command, e run.Event) bool {
	switch e := e.(type) {
	case run.PicturesChanged:
		switch c.(type) {
		case run.OpenPictures:
			return e.Replaced
		case run.AddPictures:
			return len(e.Removed) == 0
		case run.RemovePictures:
			return len(e.Removed) > 0
		}
		return false
	case run.Importing:
		_, ok := c.(run.AddPictures)
		return ok
	case run.PicturesPacked:
		_, ok := c.(run.PackPictures)
		return ok
	case run.ModelChanged:
		_, ok := c.(run.LoadModel)
		return ok
	case run.Predicted:
		predict, ok := c.(run.Predict)
		return ok && predict.ID == e.ID
	case run.Scored:
		_, ok := c.(run.Score)
		return ok
	case run.ModelSaved:
		_, ok := c.(run.Save)
		return ok
	case run.Storing, run.Recalled:
		_, ok := c.(run.Recall)
		return ok
	case run.PhaseChanged, run.Progress, run.Evaluated, run.Started, run.Resumed, run.Asked:
		_, ok := c.(run.Start)
		return ok
	case run.Done:
		_, ok := c.(run.RestorePictures)
		return ok
	case run.Failed:
		_, unpack := c.(run.UnpackPictures)
		return !unpack
	}
	return false
}

// ends reports whether an event is the last of its command but for Done.
func ends(e run.Event) bool {
	switch e := e.(type) {
	case run.PicturesChanged:
		return e.Replaced || len(e.Removed) > 0
	case run.Importing:
		return e.Done == e.All
	case run.PicturesPacked, run.ModelChanged, run.Predicted, run.ModelSaved, run.Storing:
		return true
	case run.Scored:
		return e.Seen == e.All
	case run.PhaseChanged:
		return e.Phase == run.Finished || e.Phase == run.Stopped
	}
	return false
}

// thumbs makes n pictures with IDs from first, every fourth for validation.
func thumbs(first, n, class int) []run.Thumb {
	var list []run.Thumb
	for i := range n {
		list = append(list, run.Thumb{
			ID: first + i, Name: "folder/p.png", Class: class, Test: i%4 == 3, Side: 1, Pixels: []byte{1, 2, 3},
		})
	}
	return list
}

func network(t *testing.T) run.Network {
	t.Helper()
	n, err := run.NetworkOfDepth(8, 16)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// opened is a page with ten pictures in two classes and the built-in model.
func opened(t *testing.T) Page {
	t.Helper()
	page, _ := play(
		Fetched{What: Sets()[0], Files: []run.File{{Path: "index.tsv"}}},
		Fetched{What: Model, Files: []run.File{{Path: "m", Bytes: []byte("model")}}},
		says{Lab, run.Ready{Backend: "test"}}, nothingKept,
		says{Lab, run.ModelChanged{Name: Model.Title(), Task: run.Pretext, Network: network(t), Side: 32, SHA256: "cafe"}},
		says{Lab, run.PicturesChanged{
			Set: "photographs", Replaced: true, Classes: []string{"cat", "dog"},
			Added: append(thumbs(0, 6, 0), thumbs(6, 4, 1)...),
		}},
		Held{Mine: true}, RecallNow{}, says{Lab, run.Storing{Kind: "kept in a test"}},
	)
	return page
}

// nothingKept is the answer to who asks for the pictures of the last visit.
var nothingKept = says{Lab, run.Done{}}

// find returns the first effect of a type.
func find[E Effect](effects []Effect) (E, bool) {
	for _, e := range effects {
		if found, ok := e.(E); ok {
			return found, true
		}
	}
	var none E
	return none, false
}

// sent returns the commands sent to a worker, as their types' names.
func sent(effects []Effect, to WorkerID) string {
	var names []string
	for _, e := range effects {
		if s, ok := e.(Send); ok && s.To == to {
			names = append(names, strings.TrimPrefix(reflect.TypeOf(s.Command).String(), "run."))
		}
	}
	return strings.Join(names, " ")
}

func guesses(of ...int) [4]run.Guess {
	var turns [4]run.Guess
	for k, best := range of {
		turns[k] = run.Guess{0.1, 0.1, 0.1, 0.1}
		turns[k][best] = 0.7
	}
	return turns
}

func TestFirstPredictionNeedsNoClick(t *testing.T) {
	page, effects := play(
		nothingKept, Fetched{What: Model, Files: []run.File{{Bytes: []byte("model")}}},
		says{Lab, run.ModelChanged{Name: Model.Title(), Task: run.Pretext, Network: network(t), Side: 32}},
		Fetched{What: Sets()[0], Files: []run.File{{Path: "index.tsv"}}},
		says{Lab, run.PicturesChanged{Replaced: true, Classes: []string{"cat"}, Added: thumbs(0, 4, 0)}},
	)
	if got, want := sent(effects, Lab), "RestorePictures LoadModel OpenPictures Predict"; got != want {
		t.Fatalf("the lab was sent %q, want %q", got, want)
	}
	page, _ = playOn(page, nil, says{Lab, run.Predicted{ID: page.Pictures.Chosen, Turns: guesses(0, 1, 3, 3)}})
	var verdicts []Verdict
	var left []int
	for _, panel := range page.Turn.Panels() {
		verdicts = append(verdicts, panel.Verdict)
		left = append(left, panel.Back)
	}
	if want := []Verdict{Right, Right, Wrong, Right}; !reflect.DeepEqual(verdicts, want) {
		t.Errorf("verdicts are %v, want %v", verdicts, want)
	}
	// Turned by 180° and guessed 270°: turning back leaves it on its side.
	if want := []int{0, 0, 3, 0}; !reflect.DeepEqual(left, want) {
		t.Errorf("quarter turns left are %v, want %v", left, want)
	}
	if page.Turn.Panels()[1].Guess.Label != "90°" {
		t.Errorf("the guess of the second turn is %q, want 90°", page.Turn.Panels()[1].Guess.Label)
	}
}

func TestPredictionsAreAskedForOneAtATime(t *testing.T) {
	page := opened(t)
	page, effects := playOn(page, nil, Step{1}, Step{1}, Step{1})
	if got := sent(effects, Lab); got != "" {
		t.Fatalf("asked for %q while another answer was awaited", got)
	}
	first := askedFor(page)
	page, _ = playOn(page, nil, says{Lab, run.Predicted{ID: first, Turns: guesses(0, 1, 2, 3), Took: time.Second}}) // Asked again for its speed.
	page, effects = playOn(page, nil, says{Lab, run.Predicted{ID: first, Turns: guesses(0, 1, 2, 3), Took: time.Millisecond}})
	if page.Turn.Predicted != nil {
		t.Error("a prediction of another picture is shown")
	}
	predict, ok := find[Send](effects)
	if !ok || predict.Command != (run.Predict{ID: page.Pictures.Chosen}) {
		t.Errorf("effects are %v, want a prediction of picture %d", effects, page.Pictures.Chosen)
	}
}

func TestRemoveAndUndo(t *testing.T) {
	page := opened(t)
	first := page.Pictures.Chosen
	page, effects := playOn(page, nil, RemoveChosen{})
	if page.Pictures.Count != 9 || page.Pictures.Chosen == first {
		t.Errorf("%d pictures are left and %d is chosen, want 9 and another than %d", page.Pictures.Count, page.Pictures.Chosen, first)
	}
	if got := sent(effects, Lab); strings.Contains(got, "Remove") {
		t.Errorf("the lab was sent %q before the removal was final", got)
	}
	page, _ = playOn(page, nil, Undo{})
	if page.Pictures.Count != 10 || page.Pictures.Chosen != first || page.Pictures.UndoWords() != "" {
		t.Errorf("after Undo: %d pictures, %d chosen, more to undo: %q", page.Pictures.Count, page.Pictures.Chosen, page.Pictures.UndoWords())
	}
}

func TestRemovalIsFinalBeforePicturesAreCounted(t *testing.T) {
	page, effects := playOn(opened(t), nil, RemoveChosen{}, ScoreSet{})
	if got := sent(effects, Lab); !strings.HasPrefix(got, "RemovePictures Score") {
		t.Errorf("the lab was sent %q, want RemovePictures before Score", got)
	}
	if page.Pictures.UndoWords() != "" {
		t.Error("a removal that the lab carried out can still be undone")
	}
}

func TestUndoBringsBackTheReplacedSet(t *testing.T) {
	own := Handed{Files: []run.File{{Path: "a.png", Bytes: []byte("a")}}, Done: 1, All: 1}
	page, effects := playOn(opened(t), nil, SetJoin{false}, own)
	add, _ := find[Send](effects)
	if command, ok := add.Command.(run.AddPictures); !ok || !command.Replace {
		t.Fatalf("the lab was sent %#v, want AddPictures that replaces", add.Command)
	}
	page, effects = playOn(page, nil, Undo{})
	if got := sent(effects, Lab); got != "OpenPictures" || page.Pictures.BuiltIn != Sets()[0] {
		t.Errorf("Undo sent %q and the set is %q, want OpenPictures and %q", got, page.Pictures.BuiltIn, Sets()[0])
	}
}

// handOver is a picture file that the person gives.
func handOver(name string) Handed {
	return Handed{Files: []run.File{{Path: name, Bytes: []byte(name)}}, Done: 1, All: 1}
}

// came says that pictures joined the collection of opened.
func came(first, n int) says {
	return says{Lab, run.PicturesChanged{Classes: []string{"cat", "dog"}, Added: thumbs(first, n, -1)}}
}

// removedBy returns the IDs that the lab is told to take out.
func removedBy(effects []Effect) []int {
	var ids []int
	for _, e := range effects {
		if s, ok := e.(Send); ok {
			if command, ok := s.Command.(run.RemovePictures); ok {
				ids = append(ids, command.IDs...)
			}
		}
	}
	return ids
}

func TestUndoTakesOutWhatJoined(t *testing.T) {
	ended := says{Lab, run.Importing{Done: 1, All: 1}}
	page := opened(t)
	chosen := page.Pictures.Chosen
	page, _ = playOn(page, nil, handOver("a.zip"), came(10, 2), came(12, 1), ended, handOver("b.png"), came(13, 1), ended)
	if got, want := page.Pictures.UndoWords(), "added 1 picture"; got != want {
		t.Errorf("Undo would take back %q, want %q", got, want)
	}
	page, effects := playOn(page, nil, Undo{})
	if got, want := removedBy(effects), []int{13}; !reflect.DeepEqual(got, want) {
		t.Errorf("Undo removes %v, want %v", got, want)
	}
	page, _ = playOn(page, nil, says{Lab, run.PicturesChanged{Classes: []string{"cat", "dog"}, Removed: []int{13}}})
	if page.Pictures.Count != 13 || page.Pictures.Chosen != 10 {
		t.Errorf("%d pictures and %d chosen after Undo, want 13 and 10", page.Pictures.Count, page.Pictures.Chosen)
	}
	page, effects = playOn(page, nil, RemoveChosen{}, ScoreSet{}, // Picture 10 is gone for good.
		says{Lab, run.PicturesChanged{Classes: []string{"cat", "dog"}, Removed: []int{10}}}, Undo{})
	if got, want := removedBy(effects), []int{10, 11, 12}; !reflect.DeepEqual(got, want) {
		t.Errorf("scoring and Undo remove %v, want %v", got, want)
	}
	page, _ = playOn(page, nil, says{Lab, run.PicturesChanged{Classes: []string{"cat", "dog"}, Removed: []int{11, 12}}})
	if page.Pictures.Count != 10 || page.Pictures.Chosen != chosen || page.Pictures.UndoWords() != "" {
		t.Errorf("%d pictures, %d chosen, more to undo: %q, want 10, %d and nothing",
			page.Pictures.Count, page.Pictures.Chosen, page.Pictures.UndoWords(), chosen)
	}
	_, effects = playOn(page, nil, Died{Lab, "gone"}, RestartLab{}, nothingKept)
	if got, want := sent(effects, Lab), "LoadModel RestorePictures OpenPictures"; got != want {
		t.Errorf("a new worker is sent %q, want %q: what was taken out stays out", got, want)
	}
}

// TestEachImportIsUndoneByItself hands a file over while another is looked at: the
// lab's answers say whose pictures come in.
func TestEachImportIsUndoneByItself(t *testing.T) {
	page, _ := playOn(opened(t), nil, handOver("a.zip"), handOver("b.png"))
	var numbers []run.Number
	for _, open := range page.ledger.open {
		if _, ok := open.Command.(run.AddPictures); ok {
			numbers = append(numbers, open.Number)
		}
	}
	added := func(number run.Number, first, n int) Heard {
		return Heard{Lab, run.Answer{To: number, Event: run.PicturesChanged{Classes: []string{"cat", "dog"}, Added: thumbs(first, n, -1)}}}
	}
	page, effects := playOn(page, nil, added(numbers[0], 10, 1), added(numbers[1], 11, 2), Undo{})
	if got, want := removedBy(effects), []int{11, 12}; !reflect.DeepEqual(got, want) {
		t.Errorf("Undo removes %v, want %v", got, want)
	}
	if _, effects = playOn(page, nil, Undo{}); !reflect.DeepEqual(removedBy(effects), []int{10}) {
		t.Errorf("Undo again removes %v, want 10", removedBy(effects))
	}
	page, _ = playOn(opened(t), nil, SetJoin{false}, handOver("a.zip"), SetJoin{true}, handOver("b.png"),
		says{Lab, run.PicturesChanged{Replaced: true, Added: thumbs(10, 1, -1)}})
	if got, want := page.Pictures.UndoWords(), "started a new set"; got != want {
		t.Errorf("Undo would take back %q, want %q", got, want)
	}
}

// TestTooManyPicturesToKeep hands over more than the page keeps a copy of.
func TestTooManyPicturesToKeep(t *testing.T) {
	large := Handed{Files: []run.File{{Path: "a.zip", Bytes: make([]byte, keptBytes+1)}}, Done: 1, All: 2}
	small := handOver("b.png")
	small.Done, small.All = 2, 2
	ended := says{Lab, run.Importing{Done: 1, All: 1}}
	page, _ := playOn(opened(t), nil, large, small, came(10, 2), ended)
	page, effects := playOn(page, nil, handOver("c.png"), came(12, 1), ended, handOver("d.png"), came(13, 1), ended)
	for _, e := range effects {
		if s, ok := e.(Send); ok && s.Command.(run.AddPictures).Replace {
			t.Error("pictures that shall join the collection replace it")
		}
	}
	_, effects = playOn(page, nil, Undo{})
	if got, want := removedBy(effects), []int{13}; !reflect.DeepEqual(got, want) {
		t.Errorf("Undo removes %v, want %v", got, want)
	}
	page, effects = playOn(page, nil, Died{Lab, "gone"}, RestartLab{}, nothingKept)
	if got := sent(effects, Lab); got != "LoadModel RestorePictures" {
		t.Errorf("the new worker is sent %q, want the model and not a part of the pictures", got)
	}
	if !strings.Contains(page.Pictures.Failure, "too many") {
		t.Errorf("the page says %q, want that the pictures were too many", page.Pictures.Failure)
	}
}

func TestDroppedPictureIsShownAtOnce(t *testing.T) {
	page, _ := playOn(opened(t), nil,
		Handed{Files: []run.File{{Path: "mine.png", Bytes: []byte("x")}}, Failed: []string{"gone.png"}, Done: 2, All: 2},
		says{Lab, run.PicturesChanged{
			Classes: []string{"cat", "dog"}, Added: []run.Thumb{{ID: 10, Name: "mine.png", Class: -1, Side: 1, Pixels: []byte{0, 0, 0}}},
			Problems: []run.Problem{{File: "broken.png", Reason: "ends too early"}},
		}})
	if page.Pictures.Chosen != 10 || page.Turn.Picture.Name != "mine.png" {
		t.Errorf("picture %d is chosen, want the new one", page.Pictures.Chosen)
	}
	if got := page.Pictures.Shelves[0].Class; got != -1 {
		t.Errorf("the first shelf is of class %d, want the pictures without a class", got)
	}
	if len(page.Pictures.Problems) != 2 {
		t.Errorf("problems are %v, want the unreadable and the broken file", page.Pictures.Problems)
	}
}

func TestShelvesThatDidNotChangeStayTheSame(t *testing.T) {
	page := opened(t)
	before := page.Pictures.Shelves
	page, _ = playOn(page, nil, Choose{before[0].Pictures[1].ID})
	if page.Pictures.Shelves[1] != before[1] {
		t.Error("the shelf without the chosen picture is another pointer")
	}
	if page.Pictures.Shelves[0] == before[0] {
		t.Error("the shelf with the chosen picture is the same pointer")
	}
}

func TestClassifierNamesPictures(t *testing.T) {
	page := opened(t)
	names := run.ModelChanged{Name: "mine", Task: run.Scratch, Network: network(t), Side: 32, Classes: []string{"dog", "cat", "ibis"}}
	page, _ = playOn(page, nil, Handed{Model: true, Files: []run.File{{Path: "mine", Bytes: []byte("m")}}, Done: 1, All: 1}, says{Lab, names})
	guess := run.Guess{0.2, 0.7, 0.1}
	page, _ = playOn(page, nil, says{Lab, run.Predicted{ID: page.Pictures.Chosen, Turns: [4]run.Guess{guess, guess, guess, guess}}})
	panel := page.Turn.Panels()[2]
	if panel.Guess.Label != "cat" || panel.Verdict != Right || panel.Back != 2 {
		t.Errorf("the panel is %+v, want the right name cat, not turned back", panel)
	}
	if page.Turn.Using != "" || !page.Turn.CanUse(Model) {
		t.Error("there is no way back to the built-in network")
	}
	page, effects := page.Apply(UseBuiltIn{Model})
	if got := sent(effects, Lab); got != "LoadModel" {
		t.Errorf("going back sent %q, want LoadModel", got)
	}
	_ = page
}

func TestRefusedModelKeepsTheOldOne(t *testing.T) {
	page, _ := playOn(opened(t), nil,
		Handed{Model: true, Files: []run.File{{Path: "bad", Bytes: []byte("b")}}, Done: 1, All: 1})
	page, _ = playOn(page, nil, failed[run.LoadModel](t, page, "the header is cut short"))
	if page.Turn.Model == nil || page.Turn.Model.Name != Model.Title() || page.Turn.Loading {
		t.Errorf("the model is %+v, loading %v, want the built-in one", page.Turn.Model, page.Turn.Loading)
	}
	if want := "The network could not be loaded. The header is cut short."; page.Alarm != want {
		t.Errorf("the alarm is %q, want %q", page.Alarm, want)
	}
}

// refused is a page whose last network was refused, which it says.
func refused(t *testing.T) Page {
	t.Helper()
	page, _ := playOn(opened(t), nil,
		Handed{Model: true, Files: []run.File{{Path: "bad", Bytes: []byte("b")}}, Done: 1, All: 1})
	page, _ = playOn(page, nil, failed[run.LoadModel](t, page, "the header is cut short"))
	if page.Alarm == "" {
		t.Fatal("a refused network is not said")
	}
	return page
}

func TestNextNetworkClosesTheAlarm(t *testing.T) {
	tests := []struct {
		name    string
		message Message
	}{
		{"offered", Handed{Model: true, Files: []run.File{{Path: "good", Bytes: []byte("g")}}, Done: 1, All: 1}},
		{"back to the built-in one", UseBuiltIn{Model}},
		{"what a run learnt", UseModel{"1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			page := refused(t)
			page.Runs = &Runs{All: []*Run{{Run: notebook.Run{Key: "1"}, Model: &run.ModelSaved{Name: "learnt", Blob: []byte("l")}}}}
			page, _ = playOn(page, nil, tt.message)
			if page.Alarm != "" {
				t.Errorf("the alarm is still %q", page.Alarm)
			}
		})
	}
}

func TestScore(t *testing.T) {
	page, effects := playOn(opened(t), nil, ScoreSet{}, says{Lab, run.Scored{Seen: 20, Right: 15, All: 40}})
	if got := sent(effects, Lab); got != "Score" || !page.Turn.Scoring {
		t.Fatalf("sent %q, scoring %v, want Score and true", got, page.Turn.Scoring)
	}
	page, effects = playOn(page, nil, StopScore{}, says{Lab, run.Scored{Seen: 24, Right: 17, All: 40}})
	if page.Turn.Scoring || page.Turn.Score.Seen != 24 || sent(effects, Lab) != "Stop" {
		t.Errorf("after stopping: scoring %v, score %v, sent %q", page.Turn.Scoring, page.Turn.Score, sent(effects, Lab))
	}
	page, _ = playOn(page, nil, Step{1}, RemoveChosen{})
	if page.Turn.Score.Seen != 0 {
		t.Error("the score of another collection is still shown")
	}
}

func TestFailuresOfFetchingAreSaid(t *testing.T) {
	page, _ := play(
		nothingKept, Fetched{What: Model, Problem: "fetching m: the server answered 404"},
		Fetched{What: Sets()[0], Problem: "fetching s: the server answered 500"})
	if !strings.Contains(page.Turn.Failure, "404") || page.Turn.Loading {
		t.Errorf("Turn says %q, loading %v", page.Turn.Failure, page.Turn.Loading)
	}
	if !strings.Contains(page.Pictures.Failure, "500") || page.Pictures.Opening != "" {
		t.Errorf("Pictures says %q, opening %q", page.Pictures.Failure, page.Pictures.Opening)
	}
}

func TestLabIsRestartedWithWhatThePageKept(t *testing.T) {
	page, _ := playOn(opened(t), nil,
		Handed{Files: []run.File{{Path: "a.png", Bytes: []byte("a")}}, Done: 1, All: 1},
		Died{Lab, "the worker ran out of memory"})
	if page.Lab.Problem != "The worker ran out of memory." {
		t.Errorf("the problem is %q", page.Lab.Problem)
	}
	page, effects := playOn(page, nil, RestartLab{}, nothingKept)
	if _, ok := find[StartWorker](effects); !ok {
		t.Error("no worker is started")
	}
	if got, want := sent(effects, Lab), "LoadModel RestorePictures OpenPictures AddPictures"; got != want {
		t.Errorf("the new worker is sent %q, want %q", got, want)
	}
	if page.Lab.Problem != "" {
		t.Errorf("the problem is still %q", page.Lab.Problem)
	}
}

func TestLooks(t *testing.T) {
	page, effects := play(NextTheme{}, NextTheme{}, ToggleProjector{}, GoTo{AtTrain})
	if want := (View{AtTrain, Dark, true, false}); page.View != want {
		t.Errorf("the view is %v, want %v", page.View, want)
	}
	if last := effects[len(effects)-1]; last != (Remember{KeyProjector, "on"}) {
		t.Errorf("the last effect is %v, want the projector remembered", last)
	}
	if got, want := RecalledView("dark", "on"), (View{AtTurn, Dark, true, false}); got != want {
		t.Errorf("RecalledView = %v, want %v", got, want)
	}
	if got, want := RecalledView("<script>", "7"), (View{AtTurn, Auto, false, false}); got != want {
		t.Errorf("RecalledView of nonsense = %v, want %v", got, want)
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                       "less than 1 s",
		59 * time.Second:        "59 s",
		60 * time.Second:        "1 min",
		200 * time.Second:       "3 min 20 s",
		29 * time.Minute:        "29 min",
		7500 * time.Second:      "2 h 5 min",
		1500 * time.Microsecond: "less than 1 s",
	} {
		if got := Span(d); got != want {
			t.Errorf("Span(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{Count(1, "picture"), "1 picture"},
		{Count(1234567, "picture"), "1,234,567 pictures"},
		{Grouped(999), "999"},
		{Percent(0.1234, 1), "12.3 %"},
		{InBytes(1_250_000), "1.2 MB"},
		{InBytes(10_737_400_000), "10.7 GB"},
		{Sentence("epochs is 0, want 1 to 10000"), "Epochs is 0, want 1 to 10000."},
		{Sentence("Ärger!"), "Ärger!"},
		{Sentence(""), ""},
		{Readable("grand_piano"), "grand piano"},
		{Degrees(7), "270°"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestDroppedNetworkIsLoaded(t *testing.T) {
	_, effects := playOn(opened(t), nil, Handed{Files: []run.File{{Path: "Mine.Safetensors", Bytes: []byte("m")}}, Done: 1, All: 1})
	if got := sent(effects, Lab); got != "LoadModel" {
		t.Errorf("the lab was sent %q, want LoadModel", got)
	}
}

func TestSetOpensWithItsOpener(t *testing.T) {
	small, opener := thumbs(0, 3, 0), thumbs(0, 3, 0)
	opener[1].Name = Sets()[0].Opener()
	sharp := []run.Thumb{{ID: 3, Class: 1, Side: 2, Pixels: make([]byte, 12)}, {ID: 4, Class: 1, Test: true, Side: 2, Pixels: make([]byte, 12)}}
	tests := []struct {
		name  string
		added []run.Thumb
		want  int
	}{
		{"no opener: sharp, and not to learn from", append(small, sharp...), 4},
		{"opener", append(opener, sharp...), 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			page, _ := play(nothingKept, Fetched{What: Sets()[0], Files: []run.File{{}}},
				says{Lab, run.PicturesChanged{Replaced: true, Classes: []string{"cat", "dog"}, Added: tt.added}})
			if page.Pictures.Chosen != tt.want {
				t.Errorf("picture %d is chosen, want %d", page.Pictures.Chosen, tt.want)
			}
		})
	}
}

// failed says that the lab could not carry out what it was asked of a type.
func failed[C run.Command](t *testing.T, page Page, reason string) Heard {
	t.Helper()
	for _, open := range page.ledger.open {
		if isTo[C](open) {
			return Heard{Lab, run.Answer{To: open.Number, Event: run.Failed{Reason: reason}}}
		}
	}
	t.Fatalf("the lab was not asked for %T", *new(C))
	return Heard{}
}

// TestPredictionThatFailsDuringAScoring: the failure is shown where the prediction
// would be, the scoring goes on, and the next picture is predicted.
func TestPredictionThatFailsDuringAScoring(t *testing.T) {
	page, _ := playOn(opened(t), nil, ScoreSet{}, says{Lab, run.Scored{Seen: 4, Right: 3, All: 40}})
	page, _ = playOn(page, nil, failed[run.Predict](t, page, "the picture is damaged"))
	if !page.Turn.Scoring || page.Alarm != "" || page.Turn.Failure != "The picture is damaged." {
		t.Errorf("scoring %v, alarm %q, the prediction says %q", page.Turn.Scoring, page.Alarm, page.Turn.Failure)
	}
	page, effects := playOn(page, nil, Step{1})
	if got := sent(effects, Lab); got != "Predict" {
		t.Errorf("for the next picture the lab is sent %q, want Predict", got)
	}
	page, _ = playOn(page, nil, says{Lab, run.Scored{Seen: 40, Right: 30, All: 40}})
	if page.Turn.Scoring || page.Turn.Score.Right != 30 {
		t.Errorf("at the end: scoring %v, score %+v", page.Turn.Scoring, page.Turn.Score)
	}
}

// TestFirstOfTwoNetworksIsRefused: the second is loaded all the same.
func TestFirstOfTwoNetworksIsRefused(t *testing.T) {
	give := func(name string) Handed {
		return Handed{Model: true, Files: []run.File{{Path: name, Bytes: []byte(name)}}, Done: 1, All: 1}
	}
	page, _ := playOn(opened(t), nil, give("bad"), give("good"))
	page, _ = playOn(page, nil, failed[run.LoadModel](t, page, "rubbish"))
	if !page.Turn.Loading || page.Alarm == "" {
		t.Errorf("loading %v, alarm %q after the first was refused", page.Turn.Loading, page.Alarm)
	}
	page, _ = playOn(page, nil, says{Lab, run.ModelChanged{Name: "good", Task: run.Pretext, Network: network(t), Side: 32}})
	if page.Turn.Loading || page.Turn.Model.Name != "good" || page.Alarm != "" || string(page.Turn.loaded.Blob) != "good" {
		t.Errorf("loading %v, model %q from %q, alarm %q", page.Turn.Loading, page.Turn.Model.Name, page.Turn.loaded.Blob, page.Alarm)
	}
}

// TestImportThatFailsWhileASetOpens does not end the opening.
func TestImportThatFailsWhileASetOpens(t *testing.T) {
	page, _ := playOn(opened(t), nil, handOver("a.zip"), OpenSet{Sets()[1]})
	page, _ = playOn(page, nil, failed[run.AddPictures](t, page, "no room"))
	if page.Pictures.Opening != Sets()[1] || page.Pictures.Importing != nil || page.Pictures.Failure != "No room." {
		t.Errorf("opening %q, importing %v, it says %q", page.Pictures.Opening, page.Pictures.Importing, page.Pictures.Failure)
	}
	page, _ = playOn(page, nil, Fetched{What: Sets()[1], Files: []run.File{{Path: "index.tsv"}}})
	page, _ = playOn(page, nil, failed[run.OpenPictures](t, page, "damaged"))
	if page.Pictures.Opening != "" || page.Pictures.Failure != "Damaged." {
		t.Errorf("opening %q, it says %q", page.Pictures.Opening, page.Pictures.Failure)
	}
}

// TestRemovalDuringAnImport: what the lab says of the one is not taken for the other.
func TestRemovalDuringAnImport(t *testing.T) {
	page, _ := playOn(opened(t), nil, handOver("a.zip"), came(10, 1), RemoveChosen{}, ScoreSet{})
	page, _ = playOn(page, nil, says{Lab, run.PicturesChanged{Classes: []string{"cat", "dog"}, Removed: []int{10}}})
	if page.Pictures.Importing == nil {
		t.Error("the import is over because a picture was removed")
	}
	page, effects := playOn(page, nil, came(11, 2), says{Lab, run.Importing{Done: 1, All: 1}}, Undo{})
	if got, want := removedBy(effects), []int{11, 12}; !reflect.DeepEqual(got, want) || page.Pictures.Importing != nil {
		t.Errorf("Undo removes %v, want %v; importing %v", got, want, page.Pictures.Importing)
	}
}

// TestAnswersOfAnOldWorker find nobody who waits.
func TestAnswersOfAnOldWorker(t *testing.T) {
	page, _ := playOn(opened(t), nil, handOver("a.zip"), ScoreSet{})
	old := page.ledger.open
	page, _ = playOn(page, nil, Died{Lab, "gone"}, RestartLab{})
	for _, a := range old {
		for _, event := range []run.Event{run.Failed{Reason: "late"}, run.Scored{Seen: 9, All: 40}, run.PicturesChanged{Added: thumbs(50, 1, 0)}, run.Done{}} {
			next, effects := page.Apply(Heard{Lab, run.Answer{To: a.Number, Event: event}})
			if len(effects) > 0 || next.Pictures != page.Pictures || next.Turn != page.Turn || next.Alarm != page.Alarm {
				t.Errorf("%#v of the worker that died changed the page", event)
			}
		}
	}
}

// TestScoreAfterAStoppedOne: the stopped one counts no more.
func TestScoreAfterAStoppedOne(t *testing.T) {
	page, _ := playOn(opened(t), nil, ScoreSet{}, says{Lab, run.Scored{Seen: 20, Right: 1, All: 40}}, StopScore{})
	var first run.Number
	for _, open := range page.ledger.open {
		if isTo[run.Score](open) {
			first = open.Number
		}
	}
	page, _ = playOn(page, nil, ScoreSet{},
		Heard{Lab, run.Answer{To: first, Event: run.Scored{Seen: 24, Right: 2, All: 40}}}, Heard{Lab, run.Answer{To: first, Event: run.Done{}}})
	if !page.Turn.Scoring || page.Turn.Score.Seen != 0 {
		t.Errorf("scoring %v, score %+v, want a scoring that has seen nothing", page.Turn.Scoring, page.Turn.Score)
	}
}

// TestPictureThatIsGoneIsNotAskedForForEver: Done without a prediction says so once.
func TestPictureThatIsGoneIsNotAskedForForEver(t *testing.T) {
	page := opened(t)
	var asked run.Number
	for _, open := range page.ledger.open {
		if isTo[run.Predict](open) {
			asked = open.Number
		}
	}
	page, effects := playOn(page, nil, Heard{Lab, run.Answer{To: asked, Event: run.Done{}}})
	if sent(effects, Lab) != "" || page.Turn.Failure == "" {
		t.Errorf("the lab is sent %q, the page says %q", sent(effects, Lab), page.Turn.Failure)
	}
}

// askedFor is the picture that the lab is predicting.
func askedFor(page Page) int {
	for _, open := range page.ledger.open {
		if c, ok := open.Command.(run.Predict); ok {
			return c.ID
		}
	}
	return NoPicture
}
