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
	Using     Asset             // Where Model came from; empty for the person's own.
	Fetching  *Fetching         // Of the strong model; nil while none is under way.
	Unfetched string            // Why the strong model did not come.
	Loading   bool              // A model is on its way to the worker.
	Failure   string            // Why there is no model, or no prediction.
	Picture   *run.Thumb        // nil while there is none.
	ClassName string            // Of Picture; empty when unlabelled.
	Predicted *run.Predicted    // Of Picture and Model; nil until it comes.
	Score     run.Scored        // Over the collection; the zero value before.
	Scoring   bool
	Undone    bool // The pictures are shown turned back by the guesses.

	fetching bool           // The small built-in model is on its way to the page.
	loaded   *run.LoadModel // Model's file, to start runs from and to load again.
	original *run.LoadModel // The small built-in model's file.
	strong   *run.LoadModel // The strong one's, once it was fetched.
	wanted   bool           // The strong one shall be used as soon as it is there.
}

// GuessesTurns reports whether the model was trained to guess turns; otherwise it
// names what is in a picture.
func (t *Turn) GuessesTurns() bool { return t.Model != nil && t.Model.Task == run.Pretext }

// CanUse reports whether a built-in network can be asked for.
func (t *Turn) CanUse(a Asset) bool {
	return !t.Loading && t.Using != a && !(a == Strong && t.IsComing())
}

// IsComing reports whether the strong network is fetched to be used.
func (t *Turn) IsComing() bool { return t.Fetching != nil && t.wanted }

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

// use sends a built-in model to the worker, fetching it first where it is not there.
func (t Turn) use(a Asset) (Turn, []Effect) {
	switch {
	case a != Strong && t.original == nil: // It could not be fetched before.
		t.fetching, t.Failure = true, ""
		return t, []Effect{Fetch{Model}}
	case a != Strong:
		return t.offer(t.original)
	case t.strong != nil:
		return t.offer(t.strong)
	}
	t.wanted, t.Unfetched = true, ""
	if t.Fetching != nil {
		return t, nil
	}
	t.Fetching = &Fetching{What: Strong}
	return t, []Effect{Fetch{Strong}}
}

// fetched takes the strong model, and uses it if that is still wanted.
func (t Turn) fetched(m Fetched) (Turn, []Effect) {
	t.Fetching = nil
	if m.Problem != "" || len(m.Files) == 0 {
		t.wanted, t.Unfetched = false, m.What.Title()+" could not be fetched. "+Sentence(m.Problem)
		return t, nil
	}
	t.strong = &run.LoadModel{Name: m.What.Title(), Blob: m.Files[0].Bytes}
	if !t.wanted {
		return t, nil
	}
	return t.offer(t.strong)
}

// offer sends a model to the worker. A network that was still to come is no longer
// wanted.
func (t Turn) offer(model *run.LoadModel) (Turn, []Effect) {
	t.wanted, t.Unfetched, t.Failure = false, "", ""
	return t, []Effect{Send{To: Lab, Command: *model}}
}

// accepted takes over the model that the worker has now, from a file.
func (t Turn) accepted(e run.ModelChanged, file run.LoadModel) Turn {
	t.loaded, t.Model, t.Failure = &file, &e, ""
	t.Using = t.origin()
	t.Predicted = nil // An answer still under way was asked for after the model, so it is the new one's.
	return t
}

// origin tells where the loaded model came from. Somebody's file may bear the same
// name, so it is told by the memory that it lies in.
func (t *Turn) origin() Asset {
	switch {
	case sameFile(t.loaded, t.original):
		return Model
	case sameFile(t.loaded, t.strong):
		return Strong
	}
	return ""
}

func sameFile(a, b *run.LoadModel) bool {
	return a != nil && b != nil && len(a.Blob) > 0 && len(b.Blob) > 0 && &a.Blob[0] == &b.Blob[0]
}

// unscored forgets a score that no longer holds, and whatever is still counted of it.
func (t Turn) unscored(l ledger) (Turn, ledger) {
	t.Score, t.Scoring = run.Scored{}, false
	return t, l.forget(isTo[run.Score])
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

// ask asks for the prediction that is missing, unless effects do already. Its caller
// sees to it that this is one at a time: a person who holds an arrow key down must
// not queue up a hundred.
func (t *Turn) ask(effects []Effect) []Effect {
	if t.Model == nil || t.Picture == nil || t.Predicted != nil || t.Failure != "" || slices.ContainsFunc(effects, isPrediction) {
		return nil
	}
	return []Effect{Send{To: Lab, Command: run.Predict{ID: t.Picture.ID}}}
}

func isPrediction(e Effect) bool {
	s, ok := e.(Send)
	if !ok {
		return false
	}
	_, ok = s.Command.(run.Predict)
	return ok
}

// answered takes a prediction, which may be of a picture no longer shown.
func (t Turn) answered(e run.Predicted) Turn {
	if t.isAbout(e.ID) {
		t.Predicted, t.Failure = &e, ""
	}
	return t
}

// unanswered takes it that there will be no prediction of a picture. It is not asked
// for again, or it would fail again.
func (t Turn) unanswered(id int, reason string) Turn {
	if t.isAbout(id) && t.Predicted == nil {
		t.Failure = reason
	}
	return t
}

func (t *Turn) isAbout(id int) bool { return t.Picture != nil && t.Picture.ID == id }
