// Package recording keeps a training run as something to look at: of each epoch
// what was measured, what the network believed of some pictures, what its stages
// knew of their classes, and where it laid pictures out in the plane.
//
// It decides what a recording holds and how its bytes are laid out. Who makes
// one, and who shows it, is elsewhere: the page links this package, so it needs
// neither the tensor library nor anything that would weigh there.
//
// Accuracies are fractions, losses in nats. A belief is a byte, of which the four
// about one turn sum to 255. Places are uint16 in a square that all epochs share,
// so that a point that rests stays where it is.
package recording

import (
	"cmp"
	"fmt"
	"math"

	"quarterturn/core/fault"
	"quarterturn/core/run"
)

// Limits of a recording. They are what a lesson can show and a page can hold.
const (
	MaxBytes    = 1 << 20
	MaxEpochs   = 1000
	MaxPictures = 4000
	MaxPoints   = 4000
	MaxClasses  = 256
	MaxStages   = run.MaxStages + 1 // The stem counts.

	maxText = 4096 // Bytes of one text.
)

// Turns is how many ways a picture is turned.
const Turns = 4

// A Recording is a run, epoch by epoch. All its epochs are about the same
// pictures and points.
type Recording struct {
	Made    string // What wrote it: program, versions, backend.
	Command string // What began the run, as one would type it.
	Config  run.Config
	Data    string // What the run learnt from, in words.

	Pictures Pictures
	Probe    Probe
	Map      Map

	Epochs []Epoch // In their order; that of number 0 is before the first step.
}

// Pictures are those that the network was asked about after each epoch, of a set
// that the product brings along.
type Pictures struct {
	Set     string // Name of the set.
	Learnt  bool   // The run learnt from those of Items that are not Test.
	Classes []string
	Items   []Picture
}

// A Picture is known by its name within its set.
type Picture struct {
	Name  string
	Class int
	Test  bool // Belongs to the set's test pictures.
}

// A Probe says what the stages were probed with.
type Probe struct {
	Data       string // In words.
	Train      int    // Pictures with labels to learn from,
	Test       int    // and to be tested on.
	Neighbours int    // That vote on a test picture.
	Chance     float64
	Stages     []string // What each is called, the stem first.
}

// A Map says what was laid out in the plane by t-SNE.
type Map struct {
	Data       string // In words.
	Stage      string // Whose features.
	Neighbours int    // That Epoch.Purity looks at.
	Chance     float64
	Classes    []string
	Points     []Point
}

// A Point is a picture that was laid out.
type Point struct {
	Class   int
	Picture int // Index into Pictures.Items; NoPicture when it is none of them.
}

// NoPicture is the picture of a point that is none of the recording's.
const NoPicture = -1

// An Epoch is what was measured after one.
type Epoch struct {
	Number        int
	Step          int
	LearningRate  float64 // Of its last step; 0 for number 0.
	TrainLoss     float64 // Mean over the epoch's steps; 0 for number 0.
	TrainAccuracy float64
	Loss          float64 // On the run's validation pictures.
	Accuracy      float64
	Examples      int // Validated with, each turn counted.

	Beliefs    []Beliefs    // [Pictures.Items]
	Stages     []StageProbe // [Probe.Stages]
	Places     []Place      // [Map.Points]
	Purity     float64      // Of the features that were laid out, 0 to 1.
	Silhouette float64      // The same, -1 to 1.
	Divergence float64      // Of the layout, in nats: what the plane could not show.
}

// Beliefs are what the network believed of a picture: [k][j] of its being turned
// by j quarters when it was turned by k.
type Beliefs [Turns]Belief

// A Belief is four probabilities in 255ths, which sum to 255.
type Belief [Turns]uint8

// A StageProbe is what the features of a stage knew, as accuracies.
type StageProbe struct{ Neighbours, Linear float64 }

// A Place is where a point lies: 0 is the left and the top, 65535 the right and
// the bottom.
type Place struct{ X, Y uint16 }

// Validate returns an error that names the first thing that does not fit
// together or is out of range. Whatever Decode returns is valid.
func (r *Recording) Validate() error {
	if err := r.Config.Validate(); err != nil {
		return fault.Errorf("recording", "%w", err)
	}
	if r.Config.Task != run.Pretext {
		return fault.Errorf("recording", "of the task %q, want %q", r.Config.Task, run.Pretext)
	}
	if err := r.validateHead(); err != nil {
		return err
	}
	if err := r.validateTexts(); err != nil {
		return err
	}
	for i := range r.Epochs {
		if i > 0 && (r.Epochs[i].Number <= r.Epochs[i-1].Number || r.Epochs[i].Step < r.Epochs[i-1].Step) {
			return fault.Errorf("recording", "epoch %d follows %d", r.Epochs[i].Number, r.Epochs[i-1].Number)
		}
		if err := r.validateEpoch(&r.Epochs[i]); err != nil {
			return fault.Errorf("recording", "epoch %d: %w", r.Epochs[i].Number, err)
		}
	}
	return nil
}

// validateHead checks what all epochs share.
func (r *Recording) validateHead() error {
	for _, n := range []struct {
		what        string
		value       int
		least, most int
	}{
		{"epochs", len(r.Epochs), 1, MaxEpochs},
		{"pictures", len(r.Pictures.Items), 1, MaxPictures},
		{"classes of pictures", len(r.Pictures.Classes), 1, MaxClasses},
		{"points", len(r.Map.Points), 1, MaxPoints},
		{"classes of points", len(r.Map.Classes), 1, MaxClasses},
		{"stages", len(r.Probe.Stages), 1, MaxStages},
		{"probe's training pictures", r.Probe.Train, 1, math.MaxInt32},
		{"probe's test pictures", r.Probe.Test, 1, math.MaxInt32},
		{"probe's neighbours", r.Probe.Neighbours, 1, math.MaxInt32},
		{"map's neighbours", r.Map.Neighbours, 1, MaxPoints},
	} {
		if n.value < n.least || n.value > n.most {
			return fault.Errorf("recording", "%d %s, want %d to %d", n.value, n.what, n.least, n.most)
		}
	}
	for i, p := range r.Pictures.Items {
		if p.Class < 0 || p.Class >= len(r.Pictures.Classes) {
			return fault.Errorf("recording", "picture %d is of class %d, of %d", i, p.Class, len(r.Pictures.Classes))
		}
	}
	for i, p := range r.Map.Points {
		if p.Class < 0 || p.Class >= len(r.Map.Classes) || p.Picture < NoPicture || p.Picture >= len(r.Pictures.Items) {
			return fault.Errorf("recording", "point %d is %+v, of %d classes and %d pictures", i, p, len(r.Map.Classes), len(r.Pictures.Items))
		}
	}
	return inRange(number{"chance of the probe", r.Probe.Chance, 0, 1}, number{"chance of the map", r.Map.Chance, 0, 1})
}

// validateTexts checks how long the texts are.
func (r *Recording) validateTexts() error {
	check := func(what string, texts ...string) error {
		for _, text := range texts {
			if len(text) > maxText {
				return fault.Errorf("recording", "the %s has %d bytes, and at most %d are kept", what, len(text), maxText)
			}
		}
		return nil
	}
	names := make([]string, len(r.Pictures.Items))
	for i, p := range r.Pictures.Items {
		names[i] = p.Name
	}
	return cmp.Or(
		check("program's description", r.Made), check("command of the run", r.Command),
		check("description of the pictures", r.Data, r.Probe.Data, r.Map.Data), check("name of the set", r.Pictures.Set),
		check("name of a class", r.Pictures.Classes...), check("name of a class", r.Map.Classes...),
		check("name of a picture", names...), check("name of a stage", append([]string{r.Map.Stage}, r.Probe.Stages...)...),
	)
}

func (r *Recording) validateEpoch(e *Epoch) error {
	if e.Number < 0 || e.Number > run.MaxEpochs || e.Step < 0 || e.Step > math.MaxInt32 || e.Examples < 0 || e.Examples > math.MaxInt32 {
		return fmt.Errorf("step %d, %d examples", e.Step, e.Examples)
	}
	if len(e.Beliefs) != len(r.Pictures.Items) || len(e.Stages) != len(r.Probe.Stages) || len(e.Places) != len(r.Map.Points) {
		return fmt.Errorf("%d beliefs, %d stages, %d places, want %d, %d, %d",
			len(e.Beliefs), len(e.Stages), len(e.Places), len(r.Pictures.Items), len(r.Probe.Stages), len(r.Map.Points))
	}
	for i, b := range e.Beliefs {
		for k, belief := range b {
			if belief.sum() != 255 {
				return fmt.Errorf("picture %d turned by %d: beliefs %v sum to %d, want 255", i, k, belief, belief.sum())
			}
		}
	}
	for _, s := range e.Stages {
		if err := inRange(number{"accuracy of neighbours", s.Neighbours, 0, 1}, number{"accuracy of a linear probe", s.Linear, 0, 1}); err != nil {
			return err
		}
	}
	const most = 1e6
	return inRange(
		number{"learning rate", e.LearningRate, 0, most},
		number{"training loss", e.TrainLoss, 0, most}, number{"training accuracy", e.TrainAccuracy, 0, 1},
		number{"loss", e.Loss, 0, most}, number{"accuracy", e.Accuracy, 0, 1},
		number{"purity", e.Purity, 0, 1}, number{"silhouette", e.Silhouette, -1, 1},
		number{"divergence", e.Divergence, 0, most},
	)
}

// A number is a value with its range.
type number struct {
	name        string
	value       float64
	least, most float64
}

// inRange returns an error that names the first number out of its range, or none.
func inRange(numbers ...number) error {
	for _, n := range numbers {
		if !(n.value >= n.least && n.value <= n.most) { // Also refuses NaN.
			return fault.Errorf("recording", "%s is %v, want %v to %v", n.name, n.value, n.least, n.most)
		}
	}
	return nil
}
