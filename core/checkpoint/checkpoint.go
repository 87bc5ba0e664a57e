// Package checkpoint turns networks into safetensors files and back.
//
// Names and layouts are torchvision's, kernels [Cout, Cin, KH, KW] and the head
// [Classes, Cin], so that PyTorch's load_state_dict(strict=True) takes a file
// of ours and we take one of PyTorch's. What PyTorch has no place for is in the
// file's __metadata__, under names that begin with "quarterturn.".
//
// A State is what a run needs besides its network to go on to the same bits, and
// has a file of its own.
//
// Files are not trusted: sizes are checked before anything is allocated for
// them, and what does not fit the network that the shapes describe is refused
// with a reason. Where the bytes live is the caller's business.
package checkpoint

import (
	"slices"

	"quarterturn/core/fault"
	"quarterturn/core/resnet"
	"quarterturn/core/run"
)

// A Model is a network with its weights and what they were trained for.
type Model struct {
	Config   resnet.Config
	Task     run.Task // What it was trained for. Decode settles it where the file does not say.
	Side     int      // Side of the pictures it was trained on, in pixels.
	Crop     int      // Side of the central crop that it wants scaled back to Side; 0 for whole pictures.
	Classes  []string // Names of the logits, in order. Decode makes some where the file has none.
	Assumed  string   // What Decode took for granted where the file does not say, for people; empty where it says.
	Weights  Weights
	Steps    int      // Optimizer steps behind the weights.
	Accuracy float64  // On its validation set, with a card that of the card's first score, 0 to 1; 0 when unknown.
	Note     string   // Where it came from, for people.
	Card     run.Card // What is known of it; most have none.
}

// Weights are a network's arrays by parameter name, laid out as package resnet
// has them: kernels [KH, KW, Cin, Cout], the head [Cin, Classes].
type Weights map[string][]float32

// Initial returns the weights of an untrained network.
func Initial(config resnet.Config, seed uint64) Weights {
	w := Weights{}
	for _, p := range config.Parameters() {
		w[p.Name] = p.Initial(seed)
	}
	return w
}

// Transfer returns a model of another network that has this one's stem and its
// first kept stages, and untrained stages above and head for other classes. The
// arrays that both share are not copied. It is an error when the networks differ
// in what is kept.
func (m *Model) Transfer(net run.Network, kept int, task run.Task, classes []string, seed uint64) (*Model, error) {
	have := m.Config.Network
	if net.Width != have.Width || kept > min(len(net.Blocks), len(have.Blocks)) || !slices.Equal(net.Blocks[:kept], have.Blocks[:kept]) {
		return nil, fault.Errorf("checkpoint", "a network of width %d and blocks %v cannot take %d stages from one of width %d and blocks %v",
			net.Width, net.Blocks, kept, have.Width, have.Blocks)
	}
	config := resnet.Config{Network: net, Classes: len(classes)}
	fresh := &Model{Config: config, Task: task, Side: m.Side, Crop: m.Crop, Classes: classes, Weights: Weights{}, Note: m.Note}
	for _, p := range config.Parameters() {
		if p.Part > kept {
			fresh.Weights[p.Name] = p.Initial(seed)
		} else {
			fresh.Weights[p.Name] = m.Weights[p.Name]
		}
	}
	return fresh, config.Validate()
}

// Clone returns a model whose arrays are its own.
func (m *Model) Clone() *Model {
	c := *m
	c.Weights = Weights{}
	for name, values := range m.Weights {
		c.Weights[name] = append([]float32(nil), values...)
	}
	return &c
}

// TurnNames are the classes of a pretext model: how far a picture was turned
// counter-clockwise.
func TurnNames() []string { return []string{"0°", "90°", "180°", "270°"} }

// Check returns an error unless the weights are exactly the network's, and the
// names of the classes, if there are any, as many as its logits.
func (m *Model) Check() error {
	if err := m.Config.Validate(); err != nil {
		return err
	}
	for _, p := range m.Config.Parameters() {
		if got := len(m.Weights[p.Name]); got != p.Size() {
			return fault.Errorf("checkpoint", "%s has %d numbers, want %d", p.Name, got, p.Size())
		}
	}
	if n := len(m.Classes); n != 0 && n != m.Config.Classes {
		return fault.Errorf("checkpoint", "%d class names for %d logits", n, m.Config.Classes)
	}
	return nil
}
