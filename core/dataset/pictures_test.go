package dataset

import (
	"bytes"
	"reflect"
	"slices"
	"testing"
)

// numbered returns pictures of 2×2 pixels whose bytes are all their index.
func numbered(labels ...int32) *Pictures {
	p := &Pictures{Side: 2, Classes: []string{"cat", "dog"}, Names: []string{}}
	for i, label := range labels {
		p.add(bytes.Repeat([]byte{byte(i)}, p.Size()), label)
		p.Names = append(p.Names, string(rune('a'+i)))
	}
	return p
}

func TestSubset(t *testing.T) {
	p := numbered(0, 1, Unlabelled, 1)
	s := p.Subset([]int{3, 0, 3})
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	if got, want := s.Labels, []int32{1, 0, 1}; !slices.Equal(got, want) {
		t.Errorf("labels %v, want %v", got, want)
	}
	if got := []byte{s.At(0)[0], s.At(1)[0], s.At(2)[0]}; !bytes.Equal(got, []byte{3, 0, 3}) {
		t.Errorf("pictures %v, want 3, 0, 3", got)
	}
	s.At(0)[0] = 99
	if p.At(3)[0] == 99 || s.Name(1) != "a" {
		t.Error("a subset shares pixels or lost its names")
	}
}

// TestPart: both parts lie where all lay, and neither grows into the other.
func TestPart(t *testing.T) {
	p, all := numbered(0, 1, Unlabelled, 1, 0), numbered(0, 1, Unlabelled, 1, 0)
	first := &p.Pixels[0]
	q := p.part([]int{1, 3, 4}, []int{0, 2})
	for _, tt := range []struct {
		got  *Pictures
		want *Pictures
	}{{p, all.Subset([]int{1, 3, 4})}, {q, all.Subset([]int{0, 2})}} {
		if !reflect.DeepEqual(tt.got.Labels, tt.want.Labels) || !bytes.Equal(tt.got.Pixels, tt.want.Pixels) || !slices.Equal(tt.got.Names, tt.want.Names) {
			t.Errorf("%+v, want %+v", tt.got, tt.want)
		}
		if cap(tt.got.Pixels) != len(tt.got.Pixels) {
			t.Errorf("%d bytes of pixels have room for %d", len(tt.got.Pixels), cap(tt.got.Pixels))
		}
	}
	if &p.Pixels[0] != first || &p.Pixels[:cap(p.Pixels)][0] != first {
		t.Error("the pictures were copied")
	}
	before := bytes.Clone(q.Pixels)
	p.add(make([]byte, p.Size()), 0)
	if !bytes.Equal(q.Pixels, before) {
		t.Error("a picture more went over those of the other part")
	}
}

func TestAppendMatchesClassesByName(t *testing.T) {
	p := numbered(0, 1)
	q := numbered(0, 1, Unlabelled)
	q.Classes = []string{"dog", "eel"}
	if err := p.Append(q); err != nil {
		t.Fatal(err)
	}
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	if want := []string{"cat", "dog", "eel"}; !slices.Equal(p.Classes, want) {
		t.Errorf("classes %v, want %v", p.Classes, want)
	}
	if want := []int32{0, 1, 1, 2, Unlabelled}; !slices.Equal(p.Labels, want) {
		t.Errorf("labels %v, want %v", p.Labels, want)
	}
	if p.Class(3) != "eel" || p.Class(4) != "" || p.Name(4) != "c" {
		t.Errorf("class %q and %q, name %q", p.Class(3), p.Class(4), p.Name(4))
	}
	if err := p.Append(&Pictures{Side: 3}); err == nil {
		t.Error("pictures of another side were appended")
	}
}

func TestAppendKeepsNamesAligned(t *testing.T) {
	p := numbered(0)
	p.Names = nil
	if err := p.Append(numbered(1)); err != nil {
		t.Fatal(err)
	}
	if want := []string{"", "a"}; !slices.Equal(p.Names, want) {
		t.Errorf("names %q, want %q", p.Names, want)
	}
}

func TestCounts(t *testing.T) {
	p := numbered(0, 1, Unlabelled, 1)
	perClass, unlabelled := p.Counts()
	if !slices.Equal(perClass, []int{1, 2}) || unlabelled != 1 {
		t.Errorf("Counts() = %v, %d, want [1 2], 1", perClass, unlabelled)
	}
	if got, want := p.Labelled(), []int{0, 1, 3}; !slices.Equal(got, want) {
		t.Errorf("Labelled() = %v, want %v", got, want)
	}
}

func TestValidate(t *testing.T) {
	tests := []struct {
		name   string
		damage func(p *Pictures)
	}{
		{"side 0", func(p *Pictures) { p.Side = 0 }},
		{"side too large", func(p *Pictures) { p.Side = MaxSide + 1 }},
		{"pixels short", func(p *Pictures) { p.Pixels = p.Pixels[1:] }},
		{"names short", func(p *Pictures) { p.Names = p.Names[1:] }},
		{"label too large", func(p *Pictures) { p.Labels[0] = 2 }},
		{"label below -1", func(p *Pictures) { p.Labels[0] = -2 }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := numbered(0, 1)
			if err := p.Validate(); err != nil {
				t.Fatal(err)
			}
			tt.damage(p)
			if p.Validate() == nil {
				t.Error("Validate() = nil")
			}
		})
	}
}
