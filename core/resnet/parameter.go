package resnet

import (
	"fmt"
	"strings"
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

	reduction int // How much smaller than the picture the output is, for Kernel.
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
	b := parameterList{reduction: 1}
	in := c.Network.Width
	b.convBN("conv1", "bn1", 3, 3, in)
	for stage, blocks := range c.Network.Blocks {
		b.part = stage + 1
		for block := range blocks {
			out := c.Channels(b.part)
			b.basicBlock(fmt.Sprintf("layer%d.%d.", b.part, block), in, out, stride(stage, block))
			in = out
		}
	}
	b.part = c.Head()
	if hidden := c.Network.Hidden; hidden > 0 {
		b.dense("fc.0", in, hidden)
		b.dense("fc.2", hidden, c.Classes)
	} else {
		b.dense("fc", in, c.Classes)
	}
	return b.list
}

// stride is 2 where a stage after the first begins.
func stride(stage, block int) int {
	if stage > 0 && block == 0 {
		return 2
	}
	return 1
}

// projects reports whether a block's shortcut needs a 1×1 convolution, because
// the shape changes.
func projects(in, out, stride int) bool { return stride != 1 || in != out }

// A parameterList collects parameters while it walks the network.
type parameterList struct {
	list            []Parameter
	part, reduction int
}

func (b *parameterList) add(name string, role Role, dims ...int) {
	b.list = append(b.list, Parameter{Name: name, Role: role, Dims: dims, Part: b.part, reduction: b.reduction})
}

func (b *parameterList) dense(name string, in, out int) {
	b.add(name+".weight", Dense, in, out)
	b.add(name+".bias", Bias, out)
}

func (b *parameterList) convBN(conv, bn string, kernel, in, out int) {
	b.add(conv+".weight", Kernel, kernel, kernel, in, out)
	b.add(bn+".weight", Scale, out)
	b.add(bn+".bias", Offset, out)
	b.add(bn+".running_mean", Mean, out)
	b.add(bn+".running_var", Variance, out)
}

func (b *parameterList) basicBlock(prefix string, in, out, stride int) {
	b.reduction *= stride
	b.convBN(prefix+"conv1", prefix+"bn1", 3, in, out)
	b.convBN(prefix+"conv2", prefix+"bn2", 3, out, out)
	if projects(in, out, stride) {
		b.convBN(prefix+"downsample.0", prefix+"downsample.1", 1, in, out)
	}
}
