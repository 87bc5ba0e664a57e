package state

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"quarterturn/core/run"
)

// play applies messages to a fresh page and returns it with all effects since.
func play(messages ...Message) (Page, []Effect) {
	page, effects := New(RecalledView("", ""))
	return playOn(page, effects, messages...)
}

func playOn(page Page, effects []Effect, messages ...Message) (Page, []Effect) {
	for _, m := range messages {
		var more []Effect
		page, more = page.Apply(m)
		effects = append(effects, more...)
	}
	return page, effects
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
		Heard{Lab, run.Ready{Backend: "test"}},
		Heard{Lab, run.ModelChanged{Name: Model.Title(), Task: run.Pretext, Network: network(t), Side: 32}},
		Heard{Lab, run.PicturesChanged{
			Set: "photographs", Replaced: true, Classes: []string{"cat", "dog"},
			Added: append(thumbs(0, 6, 0), thumbs(6, 4, 1)...),
		}},
		Reveal{}, Reveal{},
	)
	return page
}

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
		Fetched{What: Model, Files: []run.File{{Bytes: []byte("model")}}},
		Heard{Lab, run.ModelChanged{Name: Model.Title(), Task: run.Pretext, Network: network(t), Side: 32}},
		Fetched{What: Sets()[0], Files: []run.File{{Path: "index.tsv"}}},
		Heard{Lab, run.PicturesChanged{Replaced: true, Classes: []string{"cat"}, Added: thumbs(0, 4, 0)}},
	)
	if got, want := sent(effects, Lab), "LoadModel OpenPictures Predict"; got != want {
		t.Fatalf("the lab was sent %q, want %q", got, want)
	}
	page, _ = page.Apply(Heard{Lab, run.Predicted{ID: page.Pictures.Chosen, Turns: guesses(0, 1, 3, 3)}})
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
	first := page.Turn.asked
	page, _ = page.Apply(Heard{Lab, run.Predicted{ID: first, Turns: guesses(0, 1, 2, 3), Took: time.Second}}) // Asked again for its speed.
	page, effects = page.Apply(Heard{Lab, run.Predicted{ID: first, Turns: guesses(0, 1, 2, 3), Took: time.Millisecond}})
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
func came(first, n int) Heard {
	return Heard{Lab, run.PicturesChanged{Classes: []string{"cat", "dog"}, Added: thumbs(first, n, -1)}}
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
	ended := Heard{Lab, run.Importing{Done: 1, All: 1}}
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
	page, _ = playOn(page, nil, Heard{Lab, run.PicturesChanged{Classes: []string{"cat", "dog"}, Removed: []int{13}}})
	if page.Pictures.Count != 13 || page.Pictures.Chosen != 10 {
		t.Errorf("%d pictures and %d chosen after Undo, want 13 and 10", page.Pictures.Count, page.Pictures.Chosen)
	}
	page, effects = playOn(page, nil, RemoveChosen{}, ScoreSet{}, // Picture 10 is gone for good.
		Heard{Lab, run.PicturesChanged{Classes: []string{"cat", "dog"}, Removed: []int{10}}}, Undo{})
	if got, want := removedBy(effects), []int{10, 11, 12}; !reflect.DeepEqual(got, want) {
		t.Errorf("scoring and Undo remove %v, want %v", got, want)
	}
	page, _ = playOn(page, nil, Heard{Lab, run.PicturesChanged{Classes: []string{"cat", "dog"}, Removed: []int{11, 12}}})
	if page.Pictures.Count != 10 || page.Pictures.Chosen != chosen || page.Pictures.UndoWords() != "" {
		t.Errorf("%d pictures, %d chosen, more to undo: %q, want 10, %d and nothing",
			page.Pictures.Count, page.Pictures.Chosen, page.Pictures.UndoWords(), chosen)
	}
	_, effects = playOn(page, nil, Died{Lab, "gone"}, RestartWorker{Lab})
	if got, want := sent(effects, Lab), "LoadModel OpenPictures"; got != want {
		t.Errorf("a new worker is sent %q, want %q: what was taken out stays out", got, want)
	}
}

// TestPicturesHandedTogetherAreUndoneTogether hands a file over while another is
// looked at, when nobody can tell whose pictures come in.
func TestPicturesHandedTogetherAreUndoneTogether(t *testing.T) {
	_, effects := playOn(opened(t), nil, handOver("a.zip"), came(10, 1), handOver("b.png"), came(11, 2), Undo{})
	if got, want := removedBy(effects), []int{10, 11, 12}; !reflect.DeepEqual(got, want) {
		t.Errorf("Undo removes %v, want %v", got, want)
	}
	page, _ := playOn(opened(t), nil, SetJoin{false}, handOver("a.zip"), SetJoin{true}, handOver("b.png"),
		Heard{Lab, run.PicturesChanged{Replaced: true, Added: thumbs(10, 1, -1)}}, came(11, 1))
	if got, want := page.Pictures.UndoWords(), "started a new set"; got != want {
		t.Errorf("Undo would take back %q, want %q", got, want)
	}
}

// TestTooManyPicturesToKeep hands over more than the page keeps a copy of.
func TestTooManyPicturesToKeep(t *testing.T) {
	large := Handed{Files: []run.File{{Path: "a.zip", Bytes: make([]byte, keptBytes+1)}}, Done: 1, All: 2}
	small := handOver("b.png")
	small.Done, small.All = 2, 2
	ended := Heard{Lab, run.Importing{Done: 1, All: 1}}
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
	page, effects = playOn(page, nil, Died{Lab, "gone"}, RestartWorker{Lab})
	if got := sent(effects, Lab); got != "LoadModel" {
		t.Errorf("the new worker is sent %q, want the model and not a part of the pictures", got)
	}
	if !strings.Contains(page.Pictures.Failure, "too many") {
		t.Errorf("the page says %q, want that the pictures were too many", page.Pictures.Failure)
	}
}

func TestDroppedPictureIsShownAtOnce(t *testing.T) {
	page, _ := playOn(opened(t), nil,
		Handed{Files: []run.File{{Path: "mine.png", Bytes: []byte("x")}}, Failed: []string{"gone.png"}, Done: 2, All: 2},
		Heard{Lab, run.PicturesChanged{
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

func TestShelvesAreRevealedOneByOne(t *testing.T) {
	page, effects := play(Fetched{What: Sets()[0], Files: []run.File{{}}},
		Heard{Lab, run.PicturesChanged{Replaced: true, Classes: []string{"a", "b"}, Added: append(thumbs(0, 20, 0), thumbs(20, 2, 1)...)}})
	if s := page.Pictures.Shelves; len(s[0].Visible()) != shownAtFirst || len(s[1].Visible()) != 0 {
		t.Errorf("the shelves show %d and %d pictures, want %d and 0", len(s[0].Visible()), len(s[1].Visible()), shownAtFirst)
	}
	soon, ok := find[Soon](effects)
	if !ok {
		t.Fatal("nothing asks for the second shelf")
	}
	page, _ = page.Apply(soon.Message)
	if got := len(page.Pictures.Shelves[1].Visible()); got != 2 {
		t.Errorf("the second shelf shows %d pictures, want 2", got)
	}
}

func TestRevealShowsTheChosenPicture(t *testing.T) {
	added := thumbs(0, 40, 0)
	added[30].Name = Sets()[0].Opener()
	page, _ := play(Fetched{What: Sets()[0], Files: []run.File{{}}},
		Heard{Lab, run.PicturesChanged{Replaced: true, Classes: []string{"a"}, Added: added}})
	if got := len(page.Pictures.Shelves[0].Visible()); page.Pictures.Chosen != 30 || got != 31 {
		t.Errorf("picture %d is chosen and %d are shown, want 30 and 31", page.Pictures.Chosen, got)
	}
}

func TestClassifierNamesPictures(t *testing.T) {
	page := opened(t)
	names := run.ModelChanged{Name: "mine", Task: run.Scratch, Network: network(t), Side: 32, Classes: []string{"dog", "cat", "ibis"}}
	page, _ = playOn(page, nil, Handed{Model: true, Files: []run.File{{Path: "mine", Bytes: []byte("m")}}, Done: 1, All: 1}, Heard{Lab, names})
	guess := run.Guess{0.2, 0.7, 0.1}
	page, _ = page.Apply(Heard{Lab, run.Predicted{ID: page.Pictures.Chosen, Turns: [4]run.Guess{guess, guess, guess, guess}}})
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
		Handed{Model: true, Files: []run.File{{Path: "bad", Bytes: []byte("b")}}, Done: 1, All: 1},
		Heard{Lab, run.Failed{Reason: "the header is cut short"}})
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
		Handed{Model: true, Files: []run.File{{Path: "bad", Bytes: []byte("b")}}, Done: 1, All: 1},
		Heard{Lab, run.Failed{Reason: "the header is cut short"}})
	if page.Alarm == "" {
		t.Fatal("a refused network is not said")
	}
	return page
}

func TestNextNetworkClosesTheAlarm(t *testing.T) {
	accepted := run.ModelChanged{Name: "good", Task: run.Pretext, Network: network(t), Side: 32}
	tests := []struct {
		name    string
		message Message
	}{
		{"offered", Handed{Model: true, Files: []run.File{{Path: "good", Bytes: []byte("g")}}, Done: 1, All: 1}},
		{"accepted", Heard{Lab, accepted}},
		{"back to the built-in one", UseBuiltIn{Model}},
		{"what a run learnt", UseModel{1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			page := refused(t)
			page.Train.Lanes = []*Lane{{ID: 1, Model: &run.ModelSaved{Name: "learnt", Blob: []byte("l")}}}
			page, _ = playOn(page, nil, tt.message)
			if page.Alarm != "" {
				t.Errorf("the alarm is still %q", page.Alarm)
			}
		})
	}
}

func TestScore(t *testing.T) {
	page, effects := playOn(opened(t), nil, ScoreSet{}, Heard{Lab, run.Scored{Seen: 20, Right: 15, All: 40}})
	if got := sent(effects, Lab); got != "Score" || !page.Turn.Scoring {
		t.Fatalf("sent %q, scoring %v, want Score and true", got, page.Turn.Scoring)
	}
	page, effects = playOn(page, nil, StopScore{}, Heard{Lab, run.Scored{Seen: 24, Right: 17, All: 40}})
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
		Fetched{What: Model, Problem: "fetching m: the server answered 404"},
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
	page, effects := page.Apply(RestartWorker{Lab})
	if _, ok := find[StartWorker](effects); !ok {
		t.Error("no worker is started")
	}
	if got, want := sent(effects, Lab), "LoadModel OpenPictures AddPictures"; got != want {
		t.Errorf("the new worker is sent %q, want %q", got, want)
	}
	if page.Lab.Problem != "" {
		t.Errorf("the problem is still %q", page.Lab.Problem)
	}
}

func TestLooks(t *testing.T) {
	page, effects := play(NextTheme{}, NextTheme{}, ToggleProjector{}, GoTo{AtTrain})
	if want := (View{AtTrain, Dark, true}); page.View != want {
		t.Errorf("the view is %v, want %v", page.View, want)
	}
	if last := effects[len(effects)-1]; last != (Remember{KeyProjector, "on"}) {
		t.Errorf("the last effect is %v, want the projector remembered", last)
	}
	if got, want := RecalledView("dark", "on"), (View{AtTurn, Dark, true}); got != want {
		t.Errorf("RecalledView = %v, want %v", got, want)
	}
	if got, want := RecalledView("<script>", "7"), (View{AtTurn, Auto, false}); got != want {
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
		{Megabytes(1_250_000), "1.2 MB"},
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
			page, _ := play(Fetched{What: Sets()[0], Files: []run.File{{}}},
				Heard{Lab, run.PicturesChanged{Replaced: true, Classes: []string{"cat", "dog"}, Added: tt.added}})
			if page.Pictures.Chosen != tt.want {
				t.Errorf("picture %d is chosen, want %d", page.Pictures.Chosen, tt.want)
			}
		})
	}
}
