package state

import (
	"testing"

	"quarterturn/core/run"
)

// answersOfNames has four pictures of two classes, of which two are mistaken.
func answersOfNames() *run.Asked {
	return &run.Asked{
		Task: run.Transfer, Classes: []string{"cat", "dog"}, Turns: 1, IDs: []int{0, 3, 7, 8},
		Labels: []int32{0, 0, 0, 1}, Guesses: []int32{1, 0, 1, 1}, Sure: []float32{0.6, 0.9, 0.95, 0.7}, True: []float32{0.4, 0.9, 0.05, 0.7},
	}
}

func TestExamplesAreByConfidence(t *testing.T) {
	all := Examples(answersOfNames(), Cell{0, 1})
	if len(all) != 2 || all[0].ID != 7 || all[1].ID != 0 {
		t.Errorf("cats that were taken for dogs are %+v, want 7 before 0", all)
	}
	c := Confusion(answersOfNames())
	if mix := MixUps(c, 5); len(mix) != 1 || mix[0].Count != 2 || mix[0].All != 3 {
		t.Errorf("the confusions are %+v", mix)
	}
	if scores := ByClass(c); len(scores) != 2 || scores[0].Right != 1 || scores[0].All != 3 || !(scores[0].Share.Low < 1./3 && scores[0].Share.High > 1./3) {
		t.Errorf("the scores of classes are %+v", scores)
	}
}

func TestOddOnesByName(t *testing.T) {
	all := OddOnes(answersOfNames())
	if len(all) != 2 || all[0].ID != 7 || all[0].Guess != 1 || all[1].ID != 0 {
		t.Errorf("the odd ones are %+v, want 7 before 0", all)
	}
}

// TestOddOnesByTurn: a picture that lies turned is guessed to be turned by as much more in
// each of its turns; one that is mistaken in a single turn is less odd.
func TestOddOnesByTurn(t *testing.T) {
	a := &run.Asked{
		Task: run.Pretext, Turns: 4, IDs: []int{4, 5, 6},
		Labels:  []int32{0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3},
		Guesses: []int32{0, 1, 2, 0, 2, 3, 0, 1, 0, 1, 2, 3},
		Sure:    []float32{1, 1, 1, 1, 0.9, 0.9, 0.9, 0.9, 1, 1, 1, 1},
		True:    []float32{1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1},
	}
	all := OddOnes(a)
	if len(all) != 2 || all[0].ID != 5 || all[0].Turned != 2 || all[1].ID != 4 {
		t.Errorf("the odd ones are %+v, want 5, upside down, before 4", all)
	}
}

// TestCorrections: the lab moves and turns, the page shows it, and Undo takes it back.
func TestCorrections(t *testing.T) {
	page, effects := playOn(opened(t), nil, MovePicture{2, 1})
	if got := sent(effects, Lab); got != "MovePictures" {
		t.Fatalf("the lab was sent %q", got)
	}
	changed := func(page Page, c run.Change) Page {
		open := page.ledger.open[len(page.ledger.open)-1]
		page, _ = playOn(page, nil, Heard{Lab, run.Answer{To: open.Number, Event: run.PicturesChanged{Set: "photographs", Classes: page.Pictures.Classes, Changed: []run.Change{c}}}},
			Heard{Lab, run.Answer{To: open.Number, Event: run.Done{}}})
		return page
	}
	page = changed(page, run.Change{ID: 2, Class: 1})
	if got := page.Pictures.ClassName(2); got != "dog" || len(page.Pictures.Shelves[1].Pictures) != 5 {
		t.Errorf("the picture that was moved is in class %q", got)
	}
	page, effects = playOn(page, nil, Undo{})
	for _, e := range effects {
		if s, ok := e.(Send); ok {
			if m, ok := s.Command.(run.MovePictures); !ok || m.Class != "cat" {
				t.Errorf("Undo sends %+v", s.Command)
			}
		}
	}
	page = changed(page, run.Change{ID: 2, Class: 0})
	page, effects = playOn(page, nil, TurnPicture{2, 1})
	if got := sent(effects, Lab); got != "TurnPictures" {
		t.Fatalf("the lab was sent %q", got)
	}
	page = changed(page, run.Change{ID: 2, Class: 0, Quarters: 1})
	if page.Pictures.Turned(2) != 1 {
		t.Error("the picture does not count as turned")
	}
	page, _ = playOn(page, nil, LeaveOut{2})
	if page.Pictures.Holds(2) {
		t.Error("the picture that was left out is still there")
	}
	if page, _ = playOn(page, nil, Undo{}); !page.Pictures.Holds(2) {
		t.Error("Undo does not bring it back")
	}
}
