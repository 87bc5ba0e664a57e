package run

// This file is the one table of what a network consists of. Parameters, graphs and
// estimates of time are made from it.

// A Place is where in a network a convolution stands.
type Place int

// The places. A block has both 3×3 convolutions, and a projection where it changes
// the shape.
const (
	Stem Place = iota
	FirstOfBlock
	SecondOfBlock
	Projection
)

// A Convolution is one of a network's, of a square kernel, without bias and with
// half the kernel of padding on each side.
type Convolution struct {
	Place     Place
	Part      int // 0 is the stem, k is stage k.
	Block     int // Of the stage, from 0.
	Kernel    int // Its side.
	In, Out   int // Channels.
	Stride    int
	Reduction int // How many times smaller than the picture's the side of the output is, rounded up.
}

// Convolutions returns the convolutions in the order in which PyTorch lists them.
func (n Network) Convolutions() []Convolution {
	in, reduction := n.Width, 1
	list := []Convolution{{Place: Stem, Kernel: 3, In: 3, Out: in, Stride: 1, Reduction: 1}}
	for stage, blocks := range n.Blocks {
		part := stage + 1
		for block := range blocks {
			out, stride := n.Channels(part), n.Stride(part, block)
			reduction *= stride
			add := func(place Place, kernel, in, stride int) {
				list = append(list, Convolution{place, part, block, kernel, in, out, stride, reduction})
			}
			add(FirstOfBlock, 3, in, stride)
			add(SecondOfBlock, 3, out, 1)
			if Projects(in, out, stride) {
				add(Projection, 1, in, stride)
			}
			in = out
		}
	}
	return list
}

// Channels returns the number of channels that a part leaves; the head's, after
// the last stage, is that of the features it reads.
func (n Network) Channels(part int) int {
	stage := min(max(part-1, 0), len(n.Blocks)-1)
	return n.Width << stage
}

// Stride returns the stride of a block, counted from 0, of stage k, as its first
// convolution and its projection have it: 2 where a stage after the first begins.
func (n Network) Stride(stage, block int) int {
	if stage > 1 && block == 0 {
		return 2
	}
	return 1
}

// Projects reports whether a block's shortcut needs a 1×1 convolution, because the
// shape changes.
func Projects(in, out, stride int) bool { return stride != 1 || in != out }

// A Dense is a layer of the head, with a bias.
type Dense struct{ In, Out int }

// Head returns the dense layers of a head for so many classes: one, or two with
// the hidden units between them.
func (n Network) Head(classes int) []Dense {
	in := n.Channels(len(n.Blocks))
	if n.Hidden > 0 {
		return []Dense{{in, n.Hidden}, {n.Hidden, classes}}
	}
	return []Dense{{in, classes}}
}

// MultiplyAdds returns the multiplications with addition that the convolutions
// and the head take for one picture of side×side pixels, going forward. A
// training step takes about three times as many: the gradients of the input and
// of the weights cost as much as the forward pass each.
func (n Network) MultiplyAdds(side, classes int) int64 {
	var total int64
	for _, c := range n.Convolutions() {
		out := int64((side + c.Reduction - 1) / c.Reduction)
		total += out * out * int64(c.Kernel*c.Kernel) * int64(c.In) * int64(c.Out)
	}
	for _, d := range n.Head(classes) {
		total += int64(d.In) * int64(d.Out)
	}
	return total
}
