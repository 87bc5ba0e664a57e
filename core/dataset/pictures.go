// Package dataset reads labelled pictures and serves them in batches.
//
// It decides what the pixels of a picture are: how a file of any format, size
// and orientation becomes a square of Side×Side RGB pixels, which class it
// belongs to, which pictures are held out, in which order an epoch visits them
// and how they are varied. It knows nothing about networks.
//
// Pixels stay uint8, [N, S, S, 3], until a batch is filled: the 50,000 training
// pictures of CIFAR-10 are then 154 MB instead of 614 MB of float32, out of the
// at most 4 GB that wasm32 can address.
//
// Whatever is random here is a pure function of a seed and of what it is asked
// for, never of what was asked before, so that a run which was interrupted goes
// on with the same numbers.
//
// Every byte read here is untrusted. Sizes are bounded before memory is
// allocated, and a file that cannot be used becomes a Problem while the rest of
// the import goes on.
package dataset

import (
	"slices"

	"quarterturn/core/fault"
)

// Channels is the number of bytes per pixel: red, green, blue.
const Channels = 3

// Unlabelled is the label of a picture that belongs to no class.
const Unlabelled = -1

// MaxSide bounds Pictures.Side. The resampling arithmetic of Augment is exact in
// 32 bits up to here.
const MaxSide = 2048

// Pictures is a set of square RGB pictures in memory.
//
// A Pictures may be read by several goroutines at a time; methods that change it
// need it alone.
type Pictures struct {
	Side    int      // S, 1 to MaxSide.
	Pixels  []byte   // [N, S, S, 3], each picture row by row from the top left.
	Labels  []int32  // [N], an index of Classes or Unlabelled.
	Classes []string // Names of the classes, in the order of their labels.
	Names   []string // [N], where each picture came from; nil where that is not known.
}

// Len returns the number of pictures N.
func (p *Pictures) Len() int { return len(p.Labels) }

// Size returns the number of bytes of a picture, S·S·3.
func (p *Pictures) Size() int { return p.Side * p.Side * Channels }

// At returns the pixels of picture i, [S, S, 3]. They belong to p.
func (p *Pictures) At(i int) []byte {
	size := p.Size()
	return p.Pixels[i*size : (i+1)*size : (i+1)*size]
}

// Name returns where picture i came from, or "" if that is not known.
func (p *Pictures) Name(i int) string {
	if p.Names == nil {
		return ""
	}
	return p.Names[i]
}

// Class returns the name of the class of picture i, or "" if it has none.
func (p *Pictures) Class(i int) string {
	if label := p.Labels[i]; label != Unlabelled {
		return p.Classes[label]
	}
	return ""
}

// Counts returns the number of pictures in each class, and of those in none.
func (p *Pictures) Counts() (perClass []int, unlabelled int) {
	perClass = make([]int, len(p.Classes))
	for _, label := range p.Labels {
		if label == Unlabelled {
			unlabelled++
			continue
		}
		perClass[label]++
	}
	return perClass, unlabelled
}

// Subset returns copies of the pictures at indices, in that order. It panics on
// an index out of range.
func (p *Pictures) Subset(indices []int) *Pictures {
	s := &Pictures{
		Side:    p.Side,
		Pixels:  make([]byte, 0, len(indices)*p.Size()),
		Labels:  make([]int32, 0, len(indices)),
		Classes: slices.Clone(p.Classes),
	}
	for _, i := range indices {
		s.add(p.At(i), p.Labels[i])
	}
	if p.Names != nil {
		s.Names = make([]string, 0, len(indices))
		for _, i := range indices {
			s.Names = append(s.Names, p.Names[i])
		}
	}
	return s
}

// Labelled returns the indices of the pictures that have a class.
func (p *Pictures) Labelled() []int {
	var indices []int
	for i, label := range p.Labels {
		if label != Unlabelled {
			indices = append(indices, i)
		}
	}
	return indices
}

// Append adds copies of the pictures of q. Classes are matched by name, and
// those that p lacks are added behind its own, so labels already given stay
// valid. Pictures of another side are an error.
func (p *Pictures) Append(q *Pictures) error {
	if p.Side != q.Side {
		return fault.Errorf("dataset", "append: side %d to side %d, want the same", q.Side, p.Side)
	}
	label := make([]int32, len(q.Classes))
	for i, class := range q.Classes {
		at := slices.Index(p.Classes, class)
		if at < 0 {
			at = len(p.Classes)
			p.Classes = append(p.Classes, class)
		}
		label[i] = int32(at)
	}
	p.appendNames(q)
	for i, l := range q.Labels {
		if l != Unlabelled {
			l = label[l]
		}
		p.add(q.At(i), l)
	}
	return nil
}

// appendNames keeps Names as long as Labels will be, if either side has names.
func (p *Pictures) appendNames(q *Pictures) {
	if p.Names == nil && q.Names == nil {
		return
	}
	if p.Names == nil {
		p.Names = make([]string, p.Len())
	}
	for i := range q.Len() {
		p.Names = append(p.Names, q.Name(i))
	}
}

// Validate returns an error that names the first thing that does not fit
// together. Whatever this package returns is valid.
func (p *Pictures) Validate() error {
	if p.Side < 1 || p.Side > MaxSide {
		return fault.Errorf("dataset", "side is %d, want 1 to %d", p.Side, MaxSide)
	}
	if want := p.Len() * p.Size(); len(p.Pixels) != want {
		return fault.Errorf("dataset", "%d bytes of pixels, want %d for %d pictures", len(p.Pixels), want, p.Len())
	}
	if p.Names != nil && len(p.Names) != p.Len() {
		return fault.Errorf("dataset", "%d names for %d pictures", len(p.Names), p.Len())
	}
	for i, label := range p.Labels {
		if label < Unlabelled || int(label) >= len(p.Classes) {
			return fault.Errorf("dataset", "picture %d: label %d, want -1 to %d", i, label, len(p.Classes)-1)
		}
	}
	return nil
}

// reserve makes room for n more pictures.
func (p *Pictures) reserve(n int) {
	p.Pixels = slices.Grow(p.Pixels, n*p.Size())
	p.Labels = slices.Grow(p.Labels, n)
	p.Names = slices.Grow(p.Names, n)
}

// add appends one picture. The caller looks after Names.
func (p *Pictures) add(pixels []byte, label int32) {
	p.Pixels = append(p.Pixels, pixels...)
	p.Labels = append(p.Labels, label)
}

// part takes the pictures at held out of p and returns them. Kept and held together are all
// of p, and both ascend. They share the memory that p had, behind one another: of a large
// set there is no room for copies that stay.
func (p *Pictures) part(kept, held []int) *Pictures {
	from, n := slices.Concat(kept, held), len(kept)
	labels, names := p.Labels, p.Names
	p.Labels = make([]int32, len(from))
	if names != nil {
		p.Names = make([]string, len(from))
	}
	for to, i := range from {
		p.Labels[to] = labels[i]
		if names != nil {
			p.Names[to] = names[i]
		}
	}
	p.permute(from)
	q := &Pictures{Side: p.Side, Classes: slices.Clone(p.Classes), Pixels: slices.Clip(p.Pixels[n*p.Size():]), Labels: slices.Clip(p.Labels[n:])}
	p.Pixels, p.Labels = slices.Clip(p.Pixels[:n*p.Size()]), slices.Clip(p.Labels[:n])
	if names != nil {
		p.Names, q.Names = slices.Clip(p.Names[:n]), slices.Clip(p.Names[n:])
	}
	return q
}

// permute moves the pixels of picture from[i] to picture i, for all at once. It follows
// the cycles of the permutation, with room for one picture.
func (p *Pictures) permute(from []int) {
	done, held := make([]bool, len(from)), make([]byte, p.Size())
	for first := range from {
		if done[first] {
			continue
		}
		copy(held, p.At(first))
		at := first
		for ; from[at] != first; at = from[at] {
			copy(p.At(at), p.At(from[at]))
			done[at] = true
		}
		copy(p.At(at), held)
		done[at] = true
	}
}
