package run_test

import (
	"reflect"
	"testing"

	"quarterturn/core/run"
)

// TestConvolutions lists those of a network with every place in it.
func TestConvolutions(t *testing.T) {
	got := run.Network{Blocks: []int{1, 2}, Width: 16}.Convolutions()
	want := []run.Convolution{
		{run.Stem, 0, 0, 3, 3, 16, 1, 1},
		{run.FirstOfBlock, 1, 0, 3, 16, 16, 1, 1},
		{run.SecondOfBlock, 1, 0, 3, 16, 16, 1, 1},
		{run.FirstOfBlock, 2, 0, 3, 16, 32, 2, 2},
		{run.SecondOfBlock, 2, 0, 3, 32, 32, 1, 2},
		{run.Projection, 2, 0, 1, 16, 32, 2, 2},
		{run.FirstOfBlock, 2, 1, 3, 32, 32, 1, 2},
		{run.SecondOfBlock, 2, 1, 3, 32, 32, 1, 2},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the convolutions are\n%+v, want\n%+v", got, want)
	}
}

// TestMultiplyAdds counts ResNet-8's by hand: of width 16 at 32×32, stage 1 has two
// convolutions 16→16 at 32², stage 2 has 16→32 and 32→32 at 16², stage 3 has 32→64
// and 64→64 at 8², and both of these a projection.
func TestMultiplyAdds(t *testing.T) {
	network := run.Network{Blocks: []int{1, 1, 1}, Width: 16}
	convolutions := int64(9*(1024*(3*16+16*16+16*16)+256*(16*32+32*32)+64*(32*64+64*64)) + 256*16*32 + 64*32*64)
	tests := []struct {
		hidden, classes int
		want            int64
	}{{0, 0, convolutions}, {0, 10, convolutions + 64*10}, {100, 10, convolutions + 64*100 + 100*10}}
	for _, tt := range tests {
		network.Hidden = tt.hidden
		if got := network.MultiplyAdds(32, tt.classes); got != tt.want {
			t.Errorf("%d hidden units, %d classes: %d, want %d", tt.hidden, tt.classes, got, tt.want)
		}
	}
	network.Hidden = 0
	if odd, even := network.MultiplyAdds(31, 10), network.MultiplyAdds(32, 10); odd >= even || odd < even*9/10 {
		t.Errorf("side 31 takes %d, side 32 %d: halves are rounded up", odd, even)
	}
}
