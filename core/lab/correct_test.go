package lab

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"quarterturn/core/rotation"
	"quarterturn/core/run"
)

// TestMovePictures moves photographs to another class, to a new one, to none and back:
// what is packed then is what was packed first, but for the name that is now known.
func TestMovePictures(t *testing.T) {
	d := newDesk(t)
	d.do(openPhotographs(t))
	c := &d.lab.collection
	known := slices.Clone(c.classes)
	first, second := c.items[0], c.items[200]
	before := bytes.Clone(d.lab.packed())
	for _, to := range []string{known[second.class], "", "mislabelled"} {
		events := only[run.PicturesChanged](t, d.do(run.MovePictures{IDs: []int{first.id, second.id, 99999}, Class: to}))
		if len(events) != 1 {
			t.Fatalf("moving to %q answered %v", to, events)
		}
		class := slices.Index(events[0].Classes, to)
		want := []run.Change{{ID: first.id, Class: class}, {ID: second.id, Class: class}}
		if to == known[second.class] {
			want = want[:1] // The other one is there already.
		}
		if !slices.Equal(events[0].Changed, want) || c.find(first.id).class != class || c.find(first.id).test != first.test {
			t.Errorf("moving to %q answered %+v, want %v; the picture is %+v", to, events[0], want, c.find(first.id).class)
		}
	}
	d.do(run.MovePictures{IDs: []int{first.id}, Class: known[first.class]}, run.MovePictures{IDs: []int{second.id}, Class: known[second.class]})
	if !slices.Equal(c.classes, append(known, "mislabelled")) {
		t.Errorf("classes %q", c.classes)
	}
	c.classes = known
	if !bytes.Equal(c.pack(), before) {
		t.Error("the pictures are not as they were")
	}
	for _, name := range []string{strings.Repeat("n", run.MaxClassName+1), "\xff"} {
		if failed := only[run.Failed](t, d.do(run.MovePictures{Class: name})); len(failed) != 1 {
			t.Errorf("a class was called %q", name)
		}
	}
}

// TestTurnPictures turns a photograph a quarter and back. What was packed before keeps
// the picture as it was.
func TestTurnPictures(t *testing.T) {
	d := newDesk(t)
	d.do(openPhotographs(t))
	it := d.lab.collection.items[7]
	packed, upright := d.lab.packed(), bytes.Clone(it.pixels)
	before := bytes.Clone(packed)
	turned := make([]byte, len(upright))
	rotation.Turn(turned, upright, Side, 1)
	events := only[run.PicturesChanged](t, d.do(run.TurnPictures{IDs: []int{it.id}, Quarters: 5}))
	if want := []run.Change{{ID: it.id, Class: it.class, Quarters: 1}}; len(events) != 1 || !slices.Equal(events[0].Changed, want) {
		t.Errorf("turning answered %+v, want %v", events, want)
	}
	if !bytes.Equal(d.lab.collection.find(it.id).pixels, turned) || !bytes.Equal(packed, before) {
		t.Error("the picture is not turned, or was within what is packed already")
	}
	if bytes.Equal(d.lab.packed(), before) {
		t.Error("what is packed anew has the picture as it was")
	}
	d.do(run.TurnPictures{IDs: []int{it.id}, Quarters: -1})
	if !bytes.Equal(d.lab.packed(), before) {
		t.Error("the pictures are not as they were")
	}
	if events := only[run.PicturesChanged](t, d.do(run.TurnPictures{IDs: []int{it.id}, Quarters: 4})); len(events[0].Changed) != 0 {
		t.Errorf("no turn at all is a change: %v", events)
	}
}
