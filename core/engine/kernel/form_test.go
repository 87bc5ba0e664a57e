package kernel

import "testing"

// TestForms has the convolutions of ResNet-8, width 16, at batch 32. Tilings begin
// with the platform's tile and are not looked at further.
func TestForms(t *testing.T) {
	conv := func(side, in, out, kernel, stride int) Conv {
		pad := kernel / 2
		return Conv{Batch: 32, Height: side, Width: side, InChannels: in, OutChannels: out, KernelHeight: kernel, KernelWidth: kernel,
			StrideHeight: stride, StrideWidth: stride, PadTop: pad, PadBottom: pad, PadLeft: pad, PadRight: pad}
	}
	tests := []struct {
		name string
		got  Form
		way  string
	}{
		{"3×3 at 32", conv(32, 16, 16, 3, 1).ForwardForm(), "bordered copy, packed"},
		{"its input gradient", conv(32, 16, 16, 3, 1).InputGradientForm(), "bordered copy, packed"},
		{"its weight gradient", conv(32, 16, 16, 3, 1).WeightGradientForm(), ""},
		{"3×3 to 16", conv(32, 16, 32, 3, 2).InputGradientForm(), "4 phases, bordered copy, packed"},
		{"1×1 to 16", conv(32, 16, 32, 1, 2).ForwardForm(), "in place, packed"},
		{"no channels", conv(32, 0, 32, 1, 2).ForwardForm(), "nothing"},
		{"the head", MatMul{Rows: 32, Columns: 10, Inner: 64}.Form(), "in place, packed by block"},
		{"its weight gradient", MatMul{Rows: 64, Columns: 10, Inner: 32, TransposeA: true}.Form(), "transposed first, in place, packed by block"},
	}
	for _, tt := range tests {
		if tt.got.Way != tt.way {
			t.Errorf("%s: %q, want %q", tt.name, tt.got.Way, tt.way)
		}
		if len(tt.got.Tiling) < len(tileSize) || tt.got.Tiling[:len(tileSize)] != tileSize {
			t.Errorf("%s: tiling %q does not begin with the tile %s", tt.name, tt.got.Tiling, tileSize)
		}
	}
}
