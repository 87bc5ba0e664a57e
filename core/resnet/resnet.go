// Package resnet builds the computation graph of CIFAR-style residual networks.
//
// The networks are those of He et al., "Deep Residual Learning for Image
// Recognition" (2015), section 4.2, https://arxiv.org/abs/1512.03385: a 3×3 stem,
// stages of basic blocks, global average pooling and a dense head, with a hidden
// layer before it if asked for: PyTorch's Sequential(Linear, ReLU, Linear) in the
// place of fc. Stage k has
// width·2^k channels and, but for the first, halves the resolution. Blocks of
// [3,3,3] and width 16 are the paper's ResNet-20; [2,2,2,2] and width 64 are
// ResNet-18 with the small stem that is usual for CIFAR.
//
// Activations are [N, H, W, C], kernels [KH, KW, Cin, Cout]. A network's parts
// are counted from the input: part 0 is the stem, part k is stage k, and the part
// after the last stage is the head. Functions that take a *graph.Node or a
// *model.Scope panic on misuse, as graph building does in GoMLX; package train
// turns those panics into errors.
package resnet

import (
	"quarterturn/core/fault"
	"quarterturn/core/run"
)

// Config fixes the size of a network. The zero Config is invalid.
type Config struct {
	Network run.Network
	Classes int // Length of the logits, at least 2.
}

// MaxClasses bounds the head: more classes than any set of pictures that fits a
// tab has.
const MaxClasses = 10_000

// Validate returns an error that names the first field out of range.
func (c Config) Validate() error {
	if err := c.Network.Validate(); err != nil {
		return err
	}
	if c.Classes < 2 || c.Classes > MaxClasses {
		return fault.Errorf("resnet", "%d classes, want 2 to %d", c.Classes, MaxClasses)
	}
	return nil
}

// Stages returns the number of stages.
func (c Config) Stages() int { return len(c.Network.Blocks) }

// Head returns the part number of the head.
func (c Config) Head() int { return c.Stages() + 1 }

// Channels returns the number of channels that part leaves; the head's is that of
// the features it reads.
func (c Config) Channels(part int) int { return c.Network.Channels(part) }

// Stride returns the stride of a block, counted from 0, of stage k, as its first
// convolution and its projection have it: 2 where a stage after the first begins.
func (c Config) Stride(stage, block int) int { return c.Network.Stride(stage, block) }

// MultiplyAdds returns the multiplications with addition that one picture of
// side×side pixels takes, going forward: see run.Network.MultiplyAdds.
func (c Config) MultiplyAdds(side int) int64 { return c.Network.MultiplyAdds(side, c.Classes) }
