package measure

import (
	"bytes"
	"testing"

	"quarterturn/core/exam"
)

func TestConfusion(t *testing.T) {
	c := exam.NewConfusion([]string{"cat", "dog"}, []int32{0, 0, 1, 1, 1}, []int32{0, 1, 1, 1, 0})
	b, err := EncodeConfusion(c)
	if err != nil {
		t.Fatal(err)
	}
	again, err := DecodeConfusion(b)
	if err != nil {
		t.Fatal(err)
	}
	if right, all := again.Right(); right != 3 || all != 5 {
		t.Errorf("%d of %d right, want 3 of 5", right, all)
	}
	if err := again.Add(c); err != nil || again.Counts[0][1] != 2 || again.Counts[1][1] != 4 {
		t.Errorf("the sum is %v (%v)", again.Counts, err)
	}
	if again.Add(&exam.Confusion{Classes: []string{"dog", "cat"}}) == nil {
		t.Error("other classes were added")
	}
}

func FuzzDecodeConfusion(f *testing.F) {
	for _, text := range []string{
		`{"classes":["a","b"],"counts":[[1,2],[3,4]]}`, `{"classes":["a","b"],"counts":[[1,2]]}`, `{"classes":["a","b"],"counts":[[1,-2],[3,4]]}`,
		`{"classes":["a","b"],"counts":[[1],[3,4]]}`, `{"classes":[],"counts":[]}`, `{"classes":["a","b"],"counts":[[1,2],[3,4]],"x":1}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := DecodeConfusion(b)
		if err != nil {
			return
		}
		right, all := c.Right()
		if right < 0 || right > all {
			t.Errorf("%d of %d right", right, all)
		}
		encoded, err := EncodeConfusion(c)
		if err != nil {
			t.Fatal(err)
		}
		again, err := DecodeConfusion(encoded)
		if err != nil {
			t.Fatal(err)
		}
		if twice, _ := EncodeConfusion(again); !bytes.Equal(twice, encoded) {
			t.Errorf("%s became %s", encoded, twice)
		}
	})
}
