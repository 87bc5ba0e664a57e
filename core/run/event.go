package run

import (
	"time"

	"quarterturn/core/fault"
)

// An Event is a report from a worker or a run. The set is closed.
type Event interface{ isEvent() }

// Ready is the first event of a worker: it takes commands now.
type Ready struct {
	Backend string // What computes, in words a person understands.
}

// A Thumb is a picture as the page shows it.
type Thumb struct {
	ID     int    // Names the picture in commands, for as long as the worker lives.
	Name   string // File name, or a name within a built-in set.
	Class  int    // Index into the classes; -1 when unlabelled.
	Test   bool   // Belongs to the validation set.
	Side   int    // Of Pixels.
	Pixels []byte // [Side, Side, 3]
}

// A Problem is a file that could not be used and why, for the person who chose it.
type Problem struct {
	File, Reason string
}

// PicturesChanged reports what the worker's collection holds now. Added are the
// pictures that are new since the last such event, in order; with Replaced the
// earlier ones are gone. It is never dropped.
type PicturesChanged struct {
	Set      string // Name of the collection.
	Replaced bool
	Classes  []string
	Added    []Thumb
	Removed  []int // IDs.
	Changed  []Change
	Problems []Problem
}

// A Change is what became of a picture of the collection. Who shows it turns what he has
// of it.
type Change struct {
	ID       int
	Class    int // That it has now, as Thumb's.
	Quarters int // By which it was turned, counter-clockwise, 0 to 3.
}

// Importing reports how far an import has come; latest wins.
type Importing struct {
	File string
	Done int // Files looked at.
	All  int // Files known of; an archive's are counted as they appear.
}

// PicturesPacked answers PackPictures: the collection as one blob for another
// worker's UnpackPictures.
type PicturesPacked struct{ Blob []byte }

// ModelChanged reports the model that Predict and Transfer use now.
type ModelChanged struct {
	Name     string
	Task     Task // Pretext: it can guess turns. Otherwise it names Classes.
	Network  Network
	Side     int
	Classes  []string // Labels of the logits, in order.
	Accuracy float64  // On its validation set when it was saved; 0 when unknown.
	Note     string   // Where it came from, for people.
	SHA256   string   // Of its file, in hexadecimal.
	Card     Card
}

// A Guess is what the network believes of one input: probabilities that sum to 1.
type Guess []float32

// Predicted answers Predict. For a pretext model Turns[k] is the belief about the
// picture turned by k quarter turns counter-clockwise, over the four turns; for a
// classifier it is over the classes.
type Predicted struct {
	ID    int
	Turns [4]Guess
	Took  time.Duration
}

// Scored answers Score; latest wins. Right of Seen turned pictures were guessed.
type Scored struct {
	Seen, Right, All int
	StandardError    float64 // Of the share of right ones, over pictures, once all are seen; else 0.
}

// A Phase is where a run stands.
type Phase string

// The phases of a run. Preparing builds the graphs.
const (
	Preparing Phase = "preparing"
	Training  Phase = "training"
	Paused    Phase = "paused"
	Stopped   Phase = "stopped"
	Finished  Phase = "finished"
)

// PhaseChanged is never dropped.
type PhaseChanged struct{ Phase Phase }

// Started reports what a run set out to do; it follows the phase Preparing.
type Started struct {
	Config        Config
	StepsPerEpoch int
	Steps         int // Of the whole run.
	TrainExamples int // Per epoch; for pretext, all four turns.
	TestExamples  int
	Parameters    int // Trained numbers of the network.

	Pictures string // SHA-256 of what it takes from its pictures, as train.Fingerprint has it; empty outside a lab.
}

// Resumed reports that a run goes on from what was kept of it; it follows Started. It is
// never dropped.
type Resumed struct {
	Step    int         // The last one taken.
	History []Evaluated // All so far, in order.
}

// Kept reports that a run's state was kept.
type Kept struct {
	Step  int
	Bytes int
}

// Noticed reports something that a person should know, and that ends nothing: a damaged
// copy, a full disk. It is never dropped.
type Noticed struct{ Text string }

// Progress reports one optimizer step. A slow consumer may see only the newest,
// so fields are totals or means of one step and never increments.
type Progress struct {
	Step            int     // Steps finished, from 1.
	Epoch           float64 // Epochs finished, fractional.
	Loss            float64 // Mean cross-entropy of the batch, in nats.
	Accuracy        float64 // Fraction of the batch classified correctly.
	LearningRate    float64
	ImagesPerSecond float64       // Examples, smoothed over the last steps.
	Remaining       time.Duration // Estimate of the time left, evaluation included.
}

// Evaluated reports a pass over the validation set, and the means of the epoch
// it closes, or of all since the one before. It is never dropped. Epoch 0 is before the first step.
type Evaluated struct {
	Epoch         int
	Step          int
	TrainLoss     float64 // Mean over the epoch's steps; 0 for epoch 0.
	TrainAccuracy float64
	Loss          float64
	Accuracy      float64
	Examples      int // Of the validation set.
	Elapsed       time.Duration
	StandardError float64 // Of Accuracy, over pictures like those of the validation set; 0 of few, or where it is not known.

	// What came before it; 0 for epoch 0, and where an older run does not say.
	LearningRate    float64       // Of the last step.
	Training        time.Duration // Of the steps since the evaluation before, or since the run went on if that was later.
	ImagesPerSecond float64       // Examples of those steps by their time, which has the making of the graph in it.
}

// Timeless returns e without what a clock measured: the rest is the same each time.
func (e Evaluated) Timeless() Evaluated {
	e.Elapsed, e.Training, e.ImagesPerSecond = 0, 0, 0
	return e
}

// ModelSaved answers Save: a checkpoint as one safetensors file.
type ModelSaved struct {
	Name   string // Suggested file name.
	SHA256 string // Of Blob, in hexadecimal.
	Blob   []byte
}

// Benched answers Bench; it repeats what was measured.
type Benched struct {
	Depth, Width, Batch int
	Phase               string // "train" or "predict"
	ImagesPerSecond     float64
	GFLOPS              float64 // Multiply-adds of the convolutions and the head count two.
	PeakGFLOPS          float64 // Of a register-only multiply-add loop in the same run; 0 when not measured.
}

// Done is the last answer to a command that was carried out, also to one that was
// stopped.
type Done struct{}

// Failed is the last answer to a command that could not be carried out, or, where it
// answers none, says that the worker itself does not work. Reason is for the person
// at the page, as fault.Reason returns it.
type Failed struct{ Reason string }

// FailedBy returns what a person is told of an error.
func FailedBy(err error) Failed { return Failed{fault.Reason(err)} }

func (Ready) isEvent()           {}
func (PicturesChanged) isEvent() {}
func (Importing) isEvent()       {}
func (PicturesPacked) isEvent()  {}
func (ModelChanged) isEvent()    {}
func (Predicted) isEvent()       {}
func (Scored) isEvent()          {}
func (PhaseChanged) isEvent()    {}
func (Started) isEvent()         {}
func (Resumed) isEvent()         {}
func (Kept) isEvent()            {}
func (Noticed) isEvent()         {}
func (Progress) isEvent()        {}
func (Evaluated) isEvent()       {}
func (ModelSaved) isEvent()      {}
func (Benched) isEvent()         {}
func (Done) isEvent()            {}
func (Failed) isEvent()          {}

// LatestWins reports whether a newer event of the same type makes an unseen e
// useless, so that a queue may keep only the newest.
func LatestWins(e Event) bool {
	switch e.(type) {
	case Progress, Importing, Scored, Kept, Examining:
		return true
	}
	return false
}
