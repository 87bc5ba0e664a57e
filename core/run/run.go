// Package run defines what a training run is told and what it reports.
//
// The types are plain values: the page, the worker and the command line share
// them, and none of the three pulls in what the others need. Commands travel to
// a run, events come back; both sets are closed. Fractions are 0 to 1, losses in
// nats, times are time.Duration, pixels uint8 RGB in [H, W, 3] order.
package run

import (
	"fmt"
	"slices"
	"strings"

	"quarterturn/core/fault"
)

// A Task is what a run learns.
type Task string

// The tasks. Transfer starts from a checkpoint's weights with a fresh head,
// scratch from random weights; both name what is in the picture. Pretext guesses
// by how many quarter turns a picture was turned (RotNet).
const (
	Pretext  Task = "pretext"
	Transfer Task = "transfer"
	Scratch  Task = "scratch"
)

// A Schedule is the course of the learning rate over a run.
type Schedule string

// The schedules; package optim defines their curves.
const (
	Cosine   Schedule = "cosine"
	OneCycle Schedule = "onecycle"
	Step     Schedule = "step"
	Constant Schedule = "constant"
)

// Limits that Validate enforces. They are far above what a person would ask for
// and far below what would exhaust a tab before the first step.
const (
	MaxStages = 6
	MaxBlocks = 64
	MaxWidth  = 512
	MaxHidden = 8192
	MaxEpochs = 10_000
	MaxBatch  = 4096
	MaxSide   = 224
)

// A Network is the size of a residual network; package resnet says what the
// numbers build.
type Network struct {
	Blocks []int // Basic blocks of each stage: 1 to MaxStages stages of 1 to MaxBlocks.
	Width  int   // Channels of the first stage, 1 to MaxWidth; doubles at each stage.
	Hidden int   `json:",omitzero"` // Units of a hidden layer before the head, up to MaxHidden; 0 has none.
}

// depths are the networks that have a name, by their number of weighted layers.
var depths = map[int][]int{
	8:  {1, 1, 1},
	10: {1, 1, 1, 1},
	14: {2, 2, 2},
	18: {2, 2, 2, 2},
	20: {3, 3, 3},
	34: {3, 4, 6, 3},
}

const namedDepths = "8, 10, 14, 18, 20 or 34"

// NetworkOfDepth returns the network with that number of weighted layers: 8, 10,
// 14, 18, 20 or 34.
func NetworkOfDepth(depth, width int) (Network, error) {
	blocks, ok := depths[depth]
	if !ok {
		return Network{}, fault.Errorf("run", "no network has depth %d, choose %s", depth, namedDepths)
	}
	return Network{Blocks: append([]int(nil), blocks...), Width: width}, nil
}

// Depth returns the number of weighted layers on the longest path: two in each
// block, the stem and the head.
func (n Network) Depth() int {
	depth := 2
	for _, blocks := range n.Blocks {
		depth += 2 * blocks
	}
	return depth
}

// String returns the name under which people know the network, such as
// "ResNet-18, width 64". Networks of one name may differ, see Equal.
func (n Network) String() string {
	name := fmt.Sprintf("ResNet-%d, width %d", n.Depth(), n.Width)
	if n.Hidden > 0 {
		name += fmt.Sprintf(", %d hidden units", n.Hidden)
	}
	return name
}

// Equal reports whether both have the same layers.
func (n Network) Equal(other Network) bool {
	return slices.Equal(n.Blocks, other.Blocks) && n.Width == other.Width && n.Hidden == other.Hidden
}

// Validate returns an error that names the first field out of range.
func (n Network) Validate() error {
	c := Config{Network: n}
	for i := range table {
		if s := &table[i]; strings.HasPrefix(s.Field, "Network.") {
			if err := s.check(&c); err != nil {
				return err
			}
		}
	}
	return nil
}

func (n Network) validateBlocks() error {
	if len(n.Blocks) < 1 || len(n.Blocks) > MaxStages {
		return fault.Errorf("run", "network has %d stages, want 1 to %d", len(n.Blocks), MaxStages)
	}
	for i, blocks := range n.Blocks {
		if blocks < 1 || blocks > MaxBlocks {
			return fault.Errorf("run", "stage %d has %d blocks, want 1 to %d", i+1, blocks, MaxBlocks)
		}
	}
	return nil
}

// A Config is everything that decides a run's numbers, besides its pictures and
// the checkpoint it starts from: the same Config on the same backend gives the
// same weights.
type Config struct {
	Task           Task
	Network        Network
	Side           int // Side of the network's input in pixels, at least 8.
	Epochs         int
	BatchSize      int // Examples of a step. Pretext takes BatchSize/4 pictures in all four turns.
	LearningRate   float64
	Momentum       float64 // Nesterov, in [0, 1).
	WeightDecay    float64 // Of convolution and dense weights only.
	Schedule       Schedule
	WarmupEpochs   float64 // The learning rate rises linearly to LearningRate over these.
	LabelsPerClass int     // Labelled pictures used of each class; 0 means all.
	FirstStage     int     // Stem and stages below this one stay frozen. 0 trains all; stages+1 only the head.
	ScaledCrop     int     // Side of a random crop that is scaled back to Side; 0 means none. It hides JPEG's cue from pretext runs. Evaluations take the central crop.
	PadCrop        int     // Random crop after padding by this many pixels; 0 means none.
	Flip           bool    // Mirror half of the pictures.
	Seed           uint64

	// Fields that came later are left out of JSON where they are zero, so that the
	// configuration of an older run keeps its sum, see checkpoint.Origin.

	CentralCrop    int     `json:",omitzero"` // Side of the central crop that is scaled back of all pictures, instead of ScaledCrop; 0 means none.
	OneTurn        bool    `json:",omitzero"` // Pretext: a picture in one turn drawn anew each epoch, not in all four.
	LabelSmoothing float64 `json:",omitzero"` // Share of each label that is spread over all classes, in [0, 1).
	AverageDecay   float64 `json:",omitzero"` // Of the moving average of the weights that is evaluated and kept, in [0, 1); 0 takes the weights themselves.
	StageDecay     float64 `json:",omitzero"` // The rate of each part is this times that of the part above it, in (0, 1]; 0 is 1.
	EvaluateEvery  int     `json:",omitzero"` // Epochs from one evaluation to the next; 0 is 1. The last epoch is always evaluated.
	FreshStage     int     `json:",omitzero"` // Transfer: stages from this one on start from random weights; 0 keeps all that the checkpoint has.
	CarryOver      bool    `json:",omitzero"` // What fills no batch of an epoch begins the next, so that all pictures are seen equally often; false leaves it out, as older runs do.
}

// HeadAlone is what people write for the first stage that leaves only the head to
// learn, whatever the network. WithNetwork replaces it.
const HeadAlone = -1

// WithNetwork returns c for a network.
func (c Config) WithNetwork(n Network) Config {
	c.Network = n
	if c.FirstStage == HeadAlone {
		c.FirstStage = len(n.Blocks) + 1
	}
	return c
}

// Crop returns the side of the central crop that evaluations scale back to Side, so
// that they show things as large as training does (Touvron et al. 2019,
// https://arxiv.org/abs/1906.06423, measure what a difference costs); 0 for none.
func (c Config) Crop() int { return max(c.ScaledCrop, c.CentralCrop) }

// Kept returns how many stages of a network a transfer takes from the checkpoint.
func (c Config) Kept() int {
	if c.FreshStage == 0 {
		return len(c.Network.Blocks)
	}
	return c.FreshStage - 1
}

// Default returns a Config of which each field works for the task: a network and
// a length that a lesson has time for.
func Default(task Task) Config {
	c := Config{
		Task:         task,
		Network:      Network{Blocks: []int{1, 1, 1}, Width: 16},
		Side:         32,
		Epochs:       10,
		BatchSize:    32,
		LearningRate: 0.05,
		Momentum:     0.9,
		WeightDecay:  5e-4,
		Schedule:     Cosine,
		WarmupEpochs: 0.5,
		Flip:         true,
		CarryOver:    true,
		Seed:         1,
	}
	if task == Pretext {
		c.BatchSize, c.ScaledCrop = 64, 28
		return c
	}
	// Few labels are what a head start is worth most for.
	c.Epochs, c.LabelsPerClass, c.PadCrop = 20, 10, 4
	if task == Transfer {
		c.LearningRate = 0.02
	}
	return c
}

// Validate returns an error that names the first setting out of range and what it
// may be, or else the settings that exclude each other.
func (c Config) Validate() error {
	for i := range table {
		if err := table[i].check(&c); err != nil {
			return err
		}
	}
	switch {
	case c.Task == Pretext && !c.OneTurn && c.BatchSize%4 != 0:
		return fault.Errorf("run", "batch is %d, want a multiple of 4, one for each turn", c.BatchSize)
	case c.FreshStage != 0 && c.FreshStage < c.FirstStage:
		return fault.Errorf("run", "stages from %d on start from random weights, and those below %d stay as they are: nothing would teach what is between", c.FreshStage, c.FirstStage)
	case c.CentralCrop != 0 && (c.ScaledCrop != 0 || c.PadCrop != 0):
		return fault.New("run", "a central crop excludes a scaled and a padded one, which are drawn at random")
	}
	return nil
}
