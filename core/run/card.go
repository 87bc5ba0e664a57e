package run

// A Card says of a trained network what one has to know to judge it. It travels in
// the network's file. The zero Card says nothing.
type Card struct {
	Data       string // What it learnt from, in words.
	Command    string // That trained it.
	Seed       uint64
	Licence    string
	Parameters int         // Trained numbers.
	Scores     []CardScore // How well it guesses turns.
	Probe      CardProbe
}

// IsZero reports whether the card says nothing.
func (c Card) IsZero() bool { return c.Data == "" && len(c.Scores) == 0 }

// A Share is an accuracy with its 95 % interval.
type Share struct{ Accuracy, Low, High float64 }

// A CardScore is how many turns of pictures were guessed.
type CardScore struct {
	Pictures string // In words.
	Examples int    // Each turn of a picture counts.
	Right    Share
}

// A CardProbe is what the frozen features of each stage know of classes.
type CardProbe struct {
	Pictures   string // In words.
	Train      int    // Pictures with labels to learn from,
	Test       int    // and to be tested on.
	Neighbours int    // That vote on a test picture.
	Chance     float64
	Stages     []CardStage
}

// A CardStage is what one stage knows.
type CardStage struct {
	Stage              string
	Neighbours, Linear Share
}
