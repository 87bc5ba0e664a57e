package resnet

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"

	"quarterturn/core/run"
)

// A Mode says which parts of the network learn.
type Mode struct {
	Training  bool // Batch statistics and running averages are updated.
	FirstPart int  // Parts below it are frozen: used as in evaluation, without gradients.

	// Convolve is what convolutions and their gradients compute in: BFloat16 for
	// mixed precision, or 0 for float32. Parameters, batch normalization, sums,
	// the head and the logits stay float32.
	Convolve dtypes.DType
	// PlainNorm writes batch normalization out of sums and products instead of
	// using the backend's ops. It is for steps that are divided among devices: a
	// compiler that divides sums need not know how to divide the whole op.
	PlainNorm bool
	// Batch is how many examples the statistics of batch normalization are of in
	// training, where a backend takes them of more than the graph has; 0 is those.
	Batch int
	// Newness is the weight of the batch in the running statistics, a scalar; nil is
	// PyTorch's 0.1.
	Newness *graph.Node
}

// Evaluation uses the running statistics and changes nothing.
var Evaluation = Mode{}

// Logits returns the network's unnormalized beliefs.
//
//	images  [N, H, W, 3]
//	result  [N, Classes]
//
// The store of scope holds the network's parameters, see Parameters.
func (c Config) Logits(scope *model.Scope, images *graph.Node, mode Mode) *graph.Node {
	return c.head(scope, last(c.Features(scope, images, mode)), mode)
}

// LogitsFrom is Logits from a part's features on.
//
//	x       [N, H, W, Channels(part)], what part leaves
//	result  [N, Classes]
func (c Config) LogitsFrom(scope *model.Scope, x *graph.Node, part int, mode Mode) *graph.Node {
	b := builder{scope: scope, mode: mode}
	return c.head(scope, last(c.stages(&b, x, part+1)), mode)
}

func last(features []*graph.Node) *graph.Node { return features[len(features)-1] }

// head pools features [N, H, W, C] and classifies them: [N, Classes].
func (c Config) head(scope *model.Scope, features *graph.Node, mode Mode) *graph.Node {
	x := Pool(features)
	if mode.Training && mode.FirstPart >= c.Head() {
		x = graph.StopGradient(x)
	}
	if c.Network.Hidden == 0 {
		return dense(scope, x, "fc")
	}
	return dense(scope, activation.Relu(dense(scope, x, "fc.0")), "fc.2")
}

// dense is x·weight + bias: [N, Cin] to [N, Cout].
func dense(scope *model.Scope, x *graph.Node, name string) *graph.Node {
	weight := variable(scope, name+".weight").NodeValue(x.Graph())
	bias := variable(scope, name+".bias").NodeValue(x.Graph())
	return graph.Add(graph.Dot(x, weight).Product(), graph.InsertAxes(bias, 0))
}

// Features returns what each part before the head leaves: first the stem's
// activations, then each stage's.
//
//	images     [N, H, W, 3]
//	result[0]  [N, H, W, Width]
//	result[k]  [N, ⌈H/2^(k-1)⌉, ⌈W/2^(k-1)⌉, Width·2^(k-1)]
func (c Config) Features(scope *model.Scope, images *graph.Node, mode Mode) []*graph.Node {
	b := builder{scope: scope, mode: mode}
	x := activation.Relu(b.convBN(images, "conv1", "bn1", 1))
	return c.stages(&b, x, 1)
}

// stages continues from x, what the part before the stage first leaves, and
// returns x and what each stage leaves.
func (c Config) stages(b *builder, x *graph.Node, first int) []*graph.Node {
	features := []*graph.Node{x}
	for stage := first; stage <= c.Stages(); stage++ {
		b.enter(stage, &x)
		for block := range c.Network.Blocks[stage-1] {
			x = b.basicBlock(x, blockPrefix(stage, block), c.Channels(stage), c.Stride(stage, block))
		}
		features = append(features, x)
	}
	return features
}

// Pool averages over rows and columns: [N, H, W, C] to [N, C].
func Pool(x *graph.Node) *graph.Node { return graph.ReduceMean(x, 1, 2) }

// A builder adds one part of the network after another to a graph.
type builder struct {
	scope *model.Scope
	mode  Mode
	part  int
}

// enter moves on to a part. Between the last frozen part and the first that
// learns, gradients stop.
func (b *builder) enter(part int, x **graph.Node) {
	b.part = part
	if b.mode.Training && part == b.mode.FirstPart {
		*x = graph.StopGradient(*x)
	}
}

// basicBlock is conv-BN-ReLU-conv-BN plus a shortcut, then ReLU.
//
//	x       [N, H, W, Cin]
//	result  [N, ⌈H/stride⌉, ⌈W/stride⌉, channels]
//
// Where the shape changes, the shortcut is a 1×1 projection (the paper's option
// B; its CIFAR networks use the parameter-free option A). B is what torchvision
// has, whose checkpoints we share.
func (b *builder) basicBlock(x *graph.Node, prefix string, channels, stride int) *graph.Node {
	shortcut := x
	if run.Projects(x.Shape().Dim(-1), channels, stride) {
		shortcut = b.convBN(x, prefix+"downsample.0", prefix+"downsample.1", stride)
	}
	y := activation.Relu(b.convBN(x, prefix+"conv1", prefix+"bn1", stride))
	y = b.convBN(y, prefix+"conv2", prefix+"bn2", 1)
	return activation.Relu(graph.Add(y, shortcut))
}

// convBN is a convolution without bias, which the offset of the batch
// normalization after it would make redundant.
func (b *builder) convBN(x *graph.Node, conv, bn string, stride int) *graph.Node {
	kernel := variable(b.scope, conv+".weight").NodeValue(x.Graph())
	// Half the kernel on each side at any stride: PyTorch's padding, not TensorFlow's SAME.
	half := kernel.Shape().Dim(0) / 2
	y := graph.Convolve(b.lower(x), b.lower(kernel)).
		Strides(stride).
		PaddingPerDim([][2]int{{half, half}, {half, half}}).
		Done()
	return b.batchNorm(graph.ConvertDType(y, x.DType()), bn)
}

// lower converts what a convolution reads to the type that it computes in.
func (b *builder) lower(x *graph.Node) *graph.Node {
	if b.mode.Convolve == dtypes.InvalidDType {
		return x
	}
	return graph.ConvertDType(x, b.mode.Convolve)
}

// variable returns the store's variable for a parameter's name.
func variable(scope *model.Scope, name string) *model.Variable {
	path := Parameter{Name: name}.Path()
	v := scope.Store().GetVariable(path)
	if v == nil {
		exceptions.Panicf("resnet: the store has no %s; fill it from Config.Parameters first", path)
	}
	return v
}
