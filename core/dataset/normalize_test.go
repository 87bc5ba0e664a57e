package dataset

import (
	"math"
	"testing"
)

// TestNormalizeMatchesFormula allows the one rounding to float32: half a unit in
// the last place of values below 4.
func TestNormalizeMatchesFormula(t *testing.T) {
	const tolerance = 4. / (1 << 24)
	pixels := make([]byte, 256*Channels)
	for i := range pixels {
		pixels[i] = byte(i / Channels)
	}
	got := make([]float32, len(pixels))
	Normalize(got, pixels)
	for i, v := range got {
		want := (float64(i/Channels)/255 - Mean[i%Channels]) / Std[i%Channels]
		if math.Abs(float64(v)-want) > tolerance {
			t.Errorf("value %d of channel %d is %v, want %v", i/Channels, i%Channels, v, want)
		}
	}
}

func TestFill(t *testing.T) {
	p := numbered(0, 1, 0)
	size := p.Size()
	batch, labels := make([]float32, 2*size), make([]int32, 2)
	p.Fill(batch, labels, []int{2, 1})
	want := make([]float32, size)
	for n, i := range []int{2, 1} {
		Normalize(want, p.At(i))
		for j := range want {
			if batch[n*size+j] != want[j] {
				t.Fatalf("value %d of picture %d is %v, want %v", j, n, batch[n*size+j], want[j])
			}
		}
	}
	if labels[0] != 0 || labels[1] != 1 {
		t.Errorf("labels %v, want [0 1]", labels)
	}
	p.Fill(batch, nil, []int{0, 0}) // Labels need not be wanted.
}

// Fill writes a batch of the pictures at indices as Normalize sees them, with
// their labels.
//
//	dst     [len(indices), S, S, 3]
//	labels  [len(indices)], or nil if they are not wanted
//
// It allocates nothing, and panics where a length or an index does not fit.
func (p *Pictures) Fill(dst []float32, labels []int32, indices []int) {
	size := p.Size()
	if len(dst) != len(indices)*size || labels != nil && len(labels) != len(indices) {
		panic("dataset: fill: lengths differ")
	}
	for n, i := range indices {
		Normalize(dst[n*size:(n+1)*size], p.At(i))
		if labels != nil {
			labels[n] = p.Labels[i]
		}
	}
}
