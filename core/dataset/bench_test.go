package dataset

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"testing"
)

// BenchmarkBatch is what a training step asks of this package: 128 pictures of
// 32×32, varied and normalized.
func BenchmarkBatch(b *testing.B) {
	const side, batch = 32, 128
	src, dst := noise(side), make([]byte, side*side*Channels)
	values := make([]float32, len(dst))
	for name, a := range map[string]Augment{"none": {}, "pretext": {Crop: 28, Flip: true}, "label": {Pad: 4, Flip: true}} {
		b.Run("augment="+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for i := range batch {
					a.Apply(dst, src, side, 1, 0, i)
					Normalize(values, dst)
				}
			}
			b.ReportMetric(float64(batch*b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}

// BenchmarkDecode is what an import costs for each picture, to 32 pixels and a
// preview of 256.
func BenchmarkDecode(b *testing.B) {
	for _, width := range []int{32, 640, 4000} {
		var file bytes.Buffer
		if err := jpeg.Encode(&file, quarters(width, width*3/4), nil); err != nil {
			b.Fatal(err)
		}
		for _, sides := range [][]int{{32}, {32, 256}} {
			b.Run(fmt.Sprintf("width=%d/sides=%d", width, len(sides)), func(b *testing.B) {
				for b.Loop() {
					if _, err := DecodeSizes("x", file.Bytes(), Limits{}, sides...); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "images/s")
			})
		}
	}
}
