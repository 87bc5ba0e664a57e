package state

import (
	"strings"
	"testing"

	"quarterturn/core/recording"
	"quarterturn/core/run"
)

// recorded returns the file of a recording of four epochs about two pictures. At
// epoch n the network guesses turn n whatever it is shown.
func recordedFile(t *testing.T, names ...string) []byte {
	t.Helper()
	r := recording.Recording{
		Config:   run.Default(run.Pretext),
		Pictures: recording.Pictures{Set: "photographs", Classes: []string{"cat", "dog"}},
		Probe:    recording.Probe{Train: 1, Test: 1, Neighbours: 1, Stages: []string{"stem"}},
		Map:      recording.Map{Neighbours: 1, Classes: []string{"cat", "dog"}},
	}
	for i, name := range names {
		r.Pictures.Items = append(r.Pictures.Items, recording.Picture{Name: name})
		r.Map.Points = append(r.Map.Points, recording.Point{Picture: i})
	}
	r.Map.Points = append(r.Map.Points, recording.Point{Picture: recording.NoPicture})
	for n := range recording.Turns {
		var belief recording.Belief
		belief[n] = 255
		e := recording.Epoch{
			Number: n, Step: n, Accuracy: 0.25 * float64(n), Stages: make([]recording.StageProbe, 1), Places: make([]recording.Place, len(r.Map.Points)),
		}
		for range names {
			e.Beliefs = append(e.Beliefs, recording.Beliefs{belief, belief, belief, belief})
		}
		r.Epochs = append(r.Epochs, e)
	}
	b, err := recording.Encode(&r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// watching is a page with ten pictures, of which two are in its recording: those
// with the IDs 2 and 7.
func watching(t *testing.T) Page {
	t.Helper()
	page := opened(t)
	renamed := append([]run.Thumb(nil), page.Pictures.thumbs...)
	renamed[2].Name, renamed[7].Name = "two", "seven"
	pictures := *page.Pictures
	pictures.thumbs = renamed
	pictures = pictures.arranged().choose(2)
	page.Pictures = &pictures
	page, effects := playOn(page, nil, GoTo{AtWatch})
	if fetch, ok := find[Fetch](effects); !ok || fetch.What != Recording {
		t.Fatalf("coming to Watch had the effects %v, want one that fetches the recording", effects)
	}
	page, _ = playOn(page, nil, Fetched{What: Recording, Files: []run.File{{Bytes: recordedFile(t, "two", "seven")}}}, Choose{2}, GoTo{AtWatch})
	if page.Watch.Recording == nil || page.Watch.Fetching != nil {
		t.Fatalf("the recording is not there: %+v", page.Watch)
	}
	return page
}

func TestRecordingIsFetchedOnDemandAndOnce(t *testing.T) {
	_, effects := play()
	for _, e := range effects {
		if fetch, ok := e.(Fetch); ok && (fetch.What == Recording || fetch.What == Strong) {
			t.Errorf("%s is fetched before anybody asked for it", fetch.What)
		}
	}
	page, _ := playOn(opened(t), nil, GoTo{AtWatch})
	page, effects = playOn(page, nil, GoTo{AtTurn}, GoTo{AtWatch}, Fetching{What: Recording, Done: 5})
	if len(effects) != 0 || page.Watch.Fetching.Done != 5 {
		t.Errorf("effects %v, %d bytes done, want no second fetch, and 5", effects, page.Watch.Fetching.Done)
	}
	if _, effects = playOn(watching(t), nil, GoTo{AtTurn}, GoTo{AtWatch}); len(effects) != 0 {
		t.Errorf("coming back had the effects %v, want none", effects)
	}
}

func TestRecordingThatDoesNotComeIsSaidAndCanBeTriedAgain(t *testing.T) {
	for name, m := range map[string]Fetched{
		"404":     {What: Recording, Problem: "fetching x: the server answered 404"},
		"empty":   {What: Recording},
		"damaged": {What: Recording, Files: []run.File{{Bytes: []byte("QTREC\x02nonsense")}}},
		"newer":   {What: Recording, Files: []run.File{{Bytes: []byte("QTREC\x09nonsense")}}},
	} {
		page, _ := playOn(opened(t), nil, GoTo{AtWatch}, m)
		if page.Watch.Problem == "" || page.Said != page.Watch.Problem || strings.Contains(page.Watch.Problem, "recording: ") {
			t.Errorf("%s: the problem is %q, said is %q", name, page.Watch.Problem, page.Said)
		}
		page, effects := page.Apply(GoTo{AtWatch})
		if _, ok := find[Fetch](effects); !ok || page.Watch.Problem != "" {
			t.Errorf("%s: trying again had the effects %v, and the problem %q", name, effects, page.Watch.Problem)
		}
	}
}

func TestWatchFollowsTheChosenPicture(t *testing.T) {
	page := watching(t)
	if page.Watch.Item != 0 || page.Watch.At != 3 {
		t.Errorf("picture %d at epoch %d, want the chosen one, the first recorded, at the last", page.Watch.Item, page.Watch.At)
	}
	if p := page.Watch.Panels(); p[3].Verdict != Right || p[0].Verdict != Wrong || p[0].Guess.Label != "270°" {
		t.Errorf("the panels are %+v, want a network that always says 270°", p)
	}
	page, _ = playOn(page, nil, Step{1})
	if page.Watch.Item != recording.NoPicture || len(page.Watch.Panels()[0].Beliefs) != 0 || page.View.Station != AtWatch {
		t.Errorf("a picture that is not recorded: item %d, panels %+v", page.Watch.Item, page.Watch.Panels())
	}
	page, _ = playOn(page, nil, ChoosePoint{1})
	if page.Watch.Item != 1 || page.Pictures.Chosen != 7 || page.View.Station != AtWatch {
		t.Errorf("after the second point: item %d, picture %d, want 1 and 7", page.Watch.Item, page.Pictures.Chosen)
	}
	before := page.Watch
	page, _ = playOn(page, nil, ChoosePoint{2}, ChoosePoint{-1}, ChoosePoint{99})
	if page.Watch != before {
		t.Error("a point without a picture changed something")
	}
}

func TestSeekStaysInTheRecordingAndHolds(t *testing.T) {
	page, _ := playOn(watching(t), nil, Seek{0}, Play{}, Seek{2})
	if page.Watch.At != 2 || page.Watch.Playing {
		t.Errorf("at %d, playing %v, want 2, held", page.Watch.At, page.Watch.Playing)
	}
	for _, tt := range []struct {
		message Message
		want    int
	}{{Seek{-1}, 0}, {Seek{99}, 3}, {SeekBy{-1}, 1}, {SeekBy{1}, 3}, {SeekBy{5}, 3}, {SeekBy{-5}, 0}} {
		if got, _ := page.Apply(tt.message); got.Watch.At != tt.want {
			t.Errorf("%#v leads to %d, want %d", tt.message, got.Watch.At, tt.want)
		}
	}
	if right, all := page.Watch.Right(); right != 2 || all != 8 {
		t.Errorf("%d of %d turns are right, want 2 of 8", right, all)
	}
}

// TestPlay goes through the epochs as the clock would, and holds at the end. What
// an earlier play asked for must not hurry a later one.
func TestPlay(t *testing.T) {
	page, effects := playOn(watching(t), nil, Play{})
	if page.Watch.At != 0 || !page.Watch.Playing || page.Said != "Playing." {
		t.Fatalf("at %d, playing %v, said %q, want it to start over", page.Watch.At, page.Watch.Playing, page.Said)
	}
	old, _ := find[After](effects)
	page, _ = playOn(page, nil, Play{})
	if page.Watch.Playing || page.Said != "Stopped at Epoch 0 of 3: 0 % of turns right." {
		t.Errorf("playing %v, said %q, want it held", page.Watch.Playing, page.Said)
	}
	page, effects = playOn(page, nil, Play{})
	if page, _ := page.Apply(old.Message); page.Watch.At != 0 {
		t.Error("the tick of an earlier play went on")
	}
	for want := 1; want <= 3; want++ {
		tick, ok := find[After](effects)
		if !ok || tick.Milliseconds < 200 {
			t.Fatalf("the effects are %v, want one that waits", effects)
		}
		page, effects = page.Apply(tick.Message)
		if page.Watch.At != want {
			t.Errorf("at %d, want %d", page.Watch.At, want)
		}
	}
	if page.Watch.Playing || len(effects) != 0 || !strings.HasPrefix(page.Said, "Stopped at Epoch 3 of 3") {
		t.Errorf("at the end: playing %v, effects %v, said %q", page.Watch.Playing, effects, page.Said)
	}
	page, _ = playOn(page, nil, Play{}, GoTo{AtTurn})
	if page.Watch.Playing {
		t.Error("it plays on where nobody sees it")
	}
}

func TestWithoutARecordingNothingHappens(t *testing.T) {
	page, effects := playOn(opened(t), nil, Seek{1}, SeekBy{1}, Play{}, ChoosePoint{0}, Tick{1})
	if len(effects) != 0 || page.Watch.Playing || page.Watch.At != 0 {
		t.Errorf("effects %v, state %+v", effects, page.Watch)
	}
}

// TestStrongNetworkIsFetchedWhenAsked asks for it, waits, goes back, and asks
// again: it is fetched once.
func TestStrongNetworkIsFetchedWhenAsked(t *testing.T) {
	page, effects := playOn(opened(t), nil, UseBuiltIn{Strong}, Fetching{What: Strong, Done: 7})
	if fetch, ok := find[Fetch](effects); !ok || fetch.What != Strong || page.Turn.Fetching.Done != 7 || page.Turn.CanUse(Strong) {
		t.Fatalf("effects %v, fetching %+v", effects, page.Turn.Fetching)
	}
	if page.Turn.Loading || page.Turn.Using != Model {
		t.Error("the small network cannot be used meanwhile")
	}
	accept := says{Lab, run.ModelChanged{Name: Strong.Title(), Task: run.Pretext, Network: network(t), Side: 32}}
	page, effects = playOn(page, nil, Fetched{What: Strong, Files: []run.File{{Bytes: []byte("strong")}}}, accept)
	if sent(effects, Lab) != "LoadModel" || page.Turn.Using != Strong || page.Turn.CanUse(Strong) || !page.Turn.CanUse(Model) {
		t.Errorf("sent %q, using %q", sent(effects, Lab), page.Turn.Using)
	}
	page, _ = playOn(page, nil, UseBuiltIn{Model}, says{Lab, run.ModelChanged{Name: Model.Title(), Task: run.Pretext, Network: network(t), Side: 32}})
	if page.Turn.Using != Model {
		t.Errorf("using %q, want the small one", page.Turn.Using)
	}
	if _, effects = page.Apply(UseBuiltIn{Strong}); sent(effects, Lab) != "LoadModel" {
		t.Errorf("the second time had the effects %v, want no fetch", effects)
	}
}

// TestStrongNetworkIsNotForcedOnAnybody: who has chosen another one while it was
// fetched keeps that.
func TestStrongNetworkIsNotForcedOnAnybody(t *testing.T) {
	page, _ := playOn(opened(t), nil, UseBuiltIn{Strong},
		Handed{Model: true, Files: []run.File{{Path: "mine", Bytes: []byte("m")}}, Done: 1, All: 1},
		says{Lab, run.ModelChanged{Name: "mine", Task: run.Pretext, Network: network(t), Side: 32}})
	if page.Turn.Using != "" {
		t.Errorf("using %q, want the person's own", page.Turn.Using)
	}
	page, effects := page.Apply(Fetched{What: Strong, Files: []run.File{{Bytes: []byte("strong")}}})
	if len(effects) != 0 || page.Turn.Fetching != nil || !page.Turn.CanUse(Strong) {
		t.Errorf("its arrival had the effects %v", effects)
	}
}

func TestStrongNetworkThatDoesNotComeIsSaid(t *testing.T) {
	page, _ := playOn(opened(t), nil, UseBuiltIn{Strong}, Fetched{What: Strong, Problem: "fetching x: the server answered 404"})
	if !strings.Contains(page.Turn.Unfetched, "404") || page.Turn.Using != Model || !page.Turn.CanUse(Strong) {
		t.Errorf("it says %q, using %q", page.Turn.Unfetched, page.Turn.Using)
	}
	page, effects := page.Apply(UseBuiltIn{Strong})
	if _, ok := find[Fetch](effects); !ok || page.Turn.Unfetched != "" {
		t.Errorf("trying again had the effects %v and says %q", effects, page.Turn.Unfetched)
	}
}

func TestSmallNetworkThatDidNotComeIsFetchedAgain(t *testing.T) {
	page, _ := play(Fetched{What: Model, Problem: "the server answered 404"})
	if !page.Turn.CanUse(Model) {
		t.Fatal("it cannot be asked for again")
	}
	page, effects := page.Apply(UseBuiltIn{Model})
	if fetch, ok := find[Fetch](effects); !ok || fetch.What != Model || page.Turn.Failure != "" || !page.Turn.Loading {
		t.Errorf("trying again had the effects %v", effects)
	}
}
