package state

import (
	"slices"
	"strconv"

	"quarterturn/core/run"
)

// Turn is the station Turn: a picture in its four turns and what the network
// believes of each.
type Turn struct {
	Model     *run.ModelChanged // nil until one is loaded.
	BuiltIn   bool              // Whether Model is the one that came with the page.
	Loading   bool              // A model is on its way.
	Failure   string            // Why there is no model, or no prediction.
	Picture   *run.Thumb        // nil while there is none.
	ClassName string            // Of Picture; empty when unlabelled.
	Predicted *run.Predicted    // Of Picture and Model; nil until it comes.
	Score     run.Scored        // Over the collection; the zero value before.
	Scoring   bool
	Undone    bool // The pictures are shown turned back by the guesses.

	asked    int             // ID that the worker is predicting, or NoPicture.
	offered  []run.LoadModel // Sent to the worker and not yet answered.
	loaded   run.LoadModel   // Model's file, to start runs from and to load again.
	original run.LoadModel   // The built-in model's file.
}

// GuessesTurns reports whether the model was trained to guess turns; otherwise it
// names what is in a picture.
func (t *Turn) GuessesTurns() bool { return t.Model != nil && t.Model.Task == run.Pretext }

// CanReturn reports whether another model than the built-in one is used, and that
// one is known.
func (t *Turn) CanReturn() bool { return !t.BuiltIn && len(t.original.Blob) > 0 && t.Model != nil }

// A Verdict says whether a guess is right.
type Verdict int

// The verdicts. A guess about a picture without a class is Open.
const (
	Open Verdict = iota
	Right
	Wrong
)

// A Belief is one bar: how sure the network is of one answer.
type Belief struct {
	Answer      int // Index of the logit: quarter turns, or a class of the model.
	Label       string
	Probability float64
	Guessed     bool // It is the most probable one.
	True        bool
}

// A Panel is the picture in one turn with what the network believes of it.
type Panel struct {
	Turns   int // Quarter turns counter-clockwise.
	Beliefs []Belief
	Guess   Belief
	Verdict Verdict
	Back    int // Quarter turns that are left after turning back by the guess.
}

// mostBeliefs is how many classes a panel lists: four, as many as there are turns.
const mostBeliefs = 4

// Degrees writes a number of quarter turns.
func Degrees(turns int) string { return strconv.Itoa(90*(turns&3)) + "°" }

// Panels returns the four turns. Without a prediction they have no beliefs.
func (t *Turn) Panels() [4]Panel {
	var panels [4]Panel
	for k := range panels {
		panels[k] = Panel{Turns: k, Back: k}
		if t.Predicted == nil || t.Model == nil || len(t.Predicted.Turns[k]) == 0 {
			continue
		}
		if t.GuessesTurns() {
			panels[k] = turnPanel(k, t.Predicted.Turns[k])
		} else {
			panels[k] = t.classPanel(k, t.Predicted.Turns[k])
		}
	}
	return panels
}

func turnPanel(turns int, guess run.Guess) Panel {
	p := Panel{Turns: turns, Verdict: Wrong}
	best := most(guess)
	for i, probability := range guess {
		p.Beliefs = append(p.Beliefs, Belief{
			Answer: i, Label: Degrees(i), Probability: float64(probability), Guessed: i == best, True: i == turns,
		})
	}
	p.Guess = p.Beliefs[best]
	if best == turns {
		p.Verdict = Right
	}
	p.Back = (turns - best) & 3
	return p
}

// classPanel lists the most probable classes. The model's classes need not be the
// collection's, so they are compared by name.
func (t *Turn) classPanel(turns int, guess run.Guess) Panel {
	p := Panel{Turns: turns, Back: turns}
	for i, probability := range guess {
		name := "class " + strconv.Itoa(i+1)
		if i < len(t.Model.Classes) {
			name = t.Model.Classes[i]
		}
		p.Beliefs = append(p.Beliefs, Belief{
			Answer: i, Label: Readable(name), Probability: float64(probability), True: name == t.ClassName,
		})
	}
	slices.SortStableFunc(p.Beliefs, func(a, b Belief) int {
		switch {
		case a.Probability > b.Probability:
			return -1
		case a.Probability < b.Probability:
			return 1
		}
		return 0
	})
	p.Beliefs = p.Beliefs[:min(len(p.Beliefs), mostBeliefs)]
	p.Beliefs[0].Guessed = true
	p.Guess = p.Beliefs[0]
	switch {
	case p.Guess.True:
		p.Verdict = Right
	case t.ClassName != "":
		p.Verdict = Wrong
	}
	return p
}

func most(guess run.Guess) int {
	best := 0
	for i, probability := range guess {
		if probability > guess[best] {
			best = i
		}
	}
	return best
}

// Chance returns the accuracy of guessing blindly.
func (t *Turn) Chance() float64 {
	switch {
	case t.Model == nil:
		return 0
	case t.GuessesTurns():
		return 0.25
	}
	return 1 / float64(max(1, len(t.Model.Classes)))
}

// equals reports whether nothing about t differs from u. Models are told apart by
// their events, and the queue of offered ones only ever grows or shrinks.
func (t *Turn) equals(u *Turn) bool {
	return t.Model == u.Model && t.BuiltIn == u.BuiltIn && t.Loading == u.Loading && t.Failure == u.Failure &&
		t.Picture == u.Picture && t.ClassName == u.ClassName && t.Predicted == u.Predicted &&
		t.Score == u.Score && t.Scoring == u.Scoring && t.Undone == u.Undone &&
		t.asked == u.asked && len(t.offered) == len(u.offered) &&
		t.loaded.Name == u.loaded.Name && len(t.original.Blob) == len(u.original.Blob)
}

// offer sends a model to the worker.
func (t Turn) offer(model run.LoadModel) (Turn, []Effect) {
	t.offered = append(slices.Clone(t.offered), model)
	t.Loading, t.Failure = true, ""
	return t, []Effect{Send{Lab, model}}
}

// accepted takes over the model that the worker has now.
func (t Turn) accepted(e run.ModelChanged) Turn {
	if len(t.offered) > 0 {
		t.loaded, t.offered = t.offered[0], slices.Clone(t.offered[1:])
	}
	t.Model, t.Loading, t.Failure = &e, len(t.offered) > 0, ""
	t.BuiltIn = len(t.original.Blob) > 0 && t.loaded.Name == t.original.Name
	t.Predicted = nil // An answer still under way was asked for after the model, so it is the new one's.
	return t.unscored()
}

// unscored forgets a score that no longer holds.
func (t Turn) unscored() Turn {
	t.Score, t.Scoring = run.Scored{}, false
	return t
}

// showing makes t about the chosen picture of the collection.
func (t Turn) showing(p *Pictures) Turn {
	picture, ok := p.Find(p.Chosen)
	if !ok {
		t.Picture, t.Predicted, t.ClassName = nil, nil, ""
		return t
	}
	if t.Picture == nil || t.Picture.ID != picture.ID {
		t.Picture, t.Predicted, t.Failure = &picture, nil, ""
	}
	t.ClassName = ""
	if picture.Class >= 0 && picture.Class < len(p.Classes) {
		t.ClassName = p.Classes[picture.Class]
	}
	return t
}

// ask asks for the prediction that is missing, one at a time: a person who holds
// an arrow key down must not queue up a hundred.
func (t Turn) ask() (Turn, []Effect) {
	if t.Model == nil || t.Picture == nil || t.Predicted != nil || t.Failure != "" || t.asked != NoPicture {
		return t, nil
	}
	t.asked = t.Picture.ID
	return t, []Effect{Send{Lab, run.Predict{ID: t.asked}}}
}

// answered takes a prediction, which may be of a picture no longer shown.
func (t Turn) answered(e run.Predicted) Turn {
	if t.Picture != nil && e.ID == t.Picture.ID {
		t.Predicted, t.Failure = &e, ""
	}
	t.asked = NoPicture
	return t
}
