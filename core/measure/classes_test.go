package measure

import (
	"slices"
	"strings"
	"testing"

	"quarterturn/core/dataset"
)

func TestNamed(t *testing.T) {
	p := &dataset.Pictures{Side: 1, Classes: []string{"dog", "cat", "nothing"}, Labels: []int32{0, 1, dataset.Unlabelled, 0}, Pixels: make([]byte, 12)}
	same, err := Named(p, p.Classes, nil)
	if err != nil || same != p {
		t.Errorf("of the same classes they are others: %v", err)
	}
	got, err := Named(p, []string{"bird", "cat", "dog"}, nil)
	if err != nil || !slices.Equal(got.Labels, []int32{2, 1, dataset.Unlabelled, 2}) || got.Classes[2] != "dog" {
		t.Errorf("in another order: %+v, %v", got, err)
	}
	if _, err := Named(p, []string{"kitten", "dog"}, nil); err == nil || !strings.Contains(err.Error(), "not known: cat.") || !strings.Contains(err.Error(), "kitten, dog") {
		t.Errorf("of another name: %v", err)
	}
	got, err = Named(p, []string{"kitten", "dog"}, map[string]string{"cat": "kitten"})
	if err != nil || !slices.Equal(got.Labels, []int32{1, 0, dataset.Unlabelled, 1}) {
		t.Errorf("renamed: %+v, %v", got, err)
	}
	if _, err := Named(p, []string{"cat", "dog"}, map[string]string{"kat": "cat"}); err == nil || !strings.Contains(err.Error(), "called kat: theirs are dog, cat, nothing; known are cat, dog") {
		t.Errorf("a class that is not there is renamed: %v", err)
	}
	if !slices.Equal(p.Labels, []int32{0, 1, dataset.Unlabelled, 0}) {
		t.Error("the pictures themselves were changed")
	}
}
