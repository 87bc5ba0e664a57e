package resnet

import (
	"fmt"
	"strings"

	"quarterturn/core/run"
)

// A Role is what a parameter does, which decides its initial value, its layout in
// a file, and whether weight decay applies.
type Role int

// The roles. Mean and Variance are the running statistics of batch
// normalization: state, but not trained by gradients.
const (
	Kernel   Role = iota // [KH, KW, Cin, Cout]
	Scale                // [C]
	Offset               // [C]
	Mean                 // [C]
	Variance             // [C]
	Dense                // [Cin, Cout]
	Bias                 // [Cout]
)

// Trainable reports whether gradients change parameters of the role.
func (r Role) Trainable() bool { return r != Mean && r != Variance }

// Decays reports whether weight decay applies: to convolution and dense weights
// only. Decaying batch normalization's scale and offset pulls each channel
// towards silence without limiting what the network can compute.
func (r Role) Decays() bool { return r == Kernel || r == Dense }

// A Parameter is one named array of a network.
type Parameter struct {
	Name string // torchvision's, such as "layer2.0.downsample.0.weight".
	Role Role
	Dims []int
	Part int // Of the network: 0 stem, k stage k, then the head.
}

// Size returns the number of elements.
func (p Parameter) Size() int {
	size := 1
	for _, d := range p.Dims {
		size *= d
	}
	return size
}

// Path returns the parameter's place in a model store.
func (p Parameter) Path() string { return "/" + strings.ReplaceAll(p.Name, ".", "/") }

// Parameters returns the network's parameters in the order of PyTorch's
// state_dict.
func (c Config) Parameters() []Parameter {
	var b parameterList
	for _, conv := range c.Network.Convolutions() {
		b.part = conv.Part
		name, norm := convNames(conv)
		b.convBN(name, norm, conv)
	}
	b.part = c.Head()
	layers := c.Network.Head(c.Classes)
	for i, layer := range layers {
		name := "fc"
		if len(layers) > 1 {
			name = fmt.Sprintf("fc.%d", 2*i) // PyTorch's Sequential counts the ReLU between them.
		}
		b.dense(name, layer)
	}
	return b.list
}

// convNames returns torchvision's names of a convolution and of the batch
// normalization after it.
func convNames(c run.Convolution) (conv, norm string) {
	prefix := blockPrefix(c.Part, c.Block)
	switch c.Place {
	case run.FirstOfBlock:
		return prefix + "conv1", prefix + "bn1"
	case run.SecondOfBlock:
		return prefix + "conv2", prefix + "bn2"
	case run.Projection:
		return prefix + "downsample.0", prefix + "downsample.1"
	}
	return "conv1", "bn1"
}

func blockPrefix(stage, block int) string { return fmt.Sprintf("layer%d.%d.", stage, block) }

// A parameterList collects parameters while it walks the network.
type parameterList struct {
	list []Parameter
	part int
}

func (b *parameterList) add(name string, role Role, dims ...int) {
	b.list = append(b.list, Parameter{Name: name, Role: role, Dims: dims, Part: b.part})
}

func (b *parameterList) dense(name string, d run.Dense) {
	b.add(name+".weight", Dense, d.In, d.Out)
	b.add(name+".bias", Bias, d.Out)
}

func (b *parameterList) convBN(conv, bn string, c run.Convolution) {
	b.add(conv+".weight", Kernel, c.Kernel, c.Kernel, c.In, c.Out)
	b.add(bn+".weight", Scale, c.Out)
	b.add(bn+".bias", Offset, c.Out)
	b.add(bn+".running_mean", Mean, c.Out)
	b.add(bn+".running_var", Variance, c.Out)
}
