package strided

import (
	"reflect"
	"slices"
	"testing"
)

func TestCollapsed(t *testing.T) {
	tests := []struct {
		name     string
		in, want Layout
	}{
		{"dense axes join", Dense([]int{2, 3, 4}), Layout{Dims: []int{24}, Strides: []int{1}}},
		{"axes of one go", Dense([]int{1, 5, 1}), Layout{Dims: []int{5}, Strides: []int{1}}},
		{"a scalar keeps an axis", Dense(nil), Layout{Dims: []int{1}, Strides: []int{1}}},
		{"a row for each of six", Layout{Dims: []int{2, 3, 4}, Strides: []int{0, 0, 1}}, Layout{Dims: []int{6, 4}, Strides: []int{0, 1}}},
		{"a transposition stays", Layout{Dims: []int{3, 2}, Strides: []int{1, 3}, Offset: 7}, Layout{Dims: []int{3, 2}, Strides: []int{1, 3}, Offset: 7}},
		{"backwards", Layout{Dims: []int{4}, Strides: []int{-1}, Offset: 3}, Layout{Dims: []int{4}, Strides: []int{-1}, Offset: 3}},
	}
	for _, tt := range tests {
		if got := tt.in.Collapsed(); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

// offsets lists where the positions of a layout are, by definition.
func offsets(l Layout) []int {
	at := []int{l.Offset}
	for axis, dim := range l.Dims {
		var next []int
		for _, offset := range at {
			for i := range dim {
				next = append(next, offset+i*l.Strides[axis])
			}
		}
		at = next
	}
	return at
}

var layouts = []Layout{
	Dense([]int{2, 3, 4}),
	{Dims: []int{2, 3, 4}, Strides: []int{12, 1, 3}},
	{Dims: []int{3, 4}, Strides: []int{4, -1}, Offset: 3},
	{Dims: []int{2, 5}, Strides: []int{10, 2}, Offset: 1},
	{Dims: []int{24}, Strides: []int{1}},
}

// TestGather begins at each position, as the blocks of a loop do.
func TestGather(t *testing.T) {
	from := make([]int32, 32)
	for i := range from {
		from[i] = int32(i)
	}
	repeated := Layout{Dims: []int{4, 3}, Strides: []int{0, 1}, Offset: 2}
	for _, l := range append(layouts, repeated) {
		at := offsets(l)
		for start := range at {
			got := make([]int32, len(at)-start)
			Gather(l, got, from, start)
			for i, x := range got {
				if int(x) != at[start+i] {
					t.Fatalf("%+v from %d: position %d is at %d, want %d", l, start, start+i, x, at[start+i])
				}
			}
		}
	}
}

func TestScatter(t *testing.T) {
	for _, l := range layouts {
		at := offsets(l)
		from, got, want := make([]int32, len(at)), make([]int32, 32), make([]int32, 32)
		for i := range from {
			from[i] = int32(i) + 1
			want[at[i]] = from[i]
		}
		if Scatter(l, got, from); !slices.Equal(got, want) {
			t.Errorf("%+v: %v, want %v", l, got, want)
		}
	}
}
