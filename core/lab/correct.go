package lab

import (
	"unicode/utf8"

	"quarterturn/core/fault"
	"quarterturn/core/rotation"
	"quarterturn/core/run"
)

// movePictures puts pictures into another class. On which side of validation they are
// stays, so that what a run was tested with does not become what another learns from.
func (l *Lab) movePictures(c run.MovePictures) error {
	if len(c.Class) > run.MaxClassName || !utf8.ValidString(c.Class) {
		return fault.Errorf("lab", "the name of a class has %d bytes, want text of at most %d", len(c.Class), run.MaxClassName)
	}
	class := l.collection.class(c.Class)
	l.correct(c.IDs, func(it *item) (run.Change, bool) {
		was := it.class
		it.class = class
		return run.Change{ID: it.id, Class: class}, was != class
	})
	return nil
}

// turnPictures turns pictures.
func (l *Lab) turnPictures(c run.TurnPictures) error {
	quarters := c.Quarters & (rotation.Turns - 1)
	l.correct(c.IDs, func(it *item) (run.Change, bool) {
		turned := make([]byte, len(it.pixels)) // What was packed has the memory of the old ones.
		rotation.Turn(turned, it.pixels, Side, quarters)
		it.pixels = turned
		return run.Change{ID: it.id, Class: it.class, Quarters: quarters}, quarters != rotation.Upright
	})
	return nil
}

// correct changes the pictures that there are of some IDs and reports those which are
// not as they were.
func (l *Lab) correct(ids []int, change func(*item) (run.Change, bool)) {
	c := &l.collection
	var changes []run.Change
	for _, id := range ids {
		it := c.find(id)
		if it == nil {
			continue // Removed in the meantime.
		}
		if changed, ok := change(it); ok {
			changes = append(changes, changed)
		}
	}
	c.changes += len(changes)
	e := c.changed(false, nil, nil)
	e.Changed = changes
	l.report(e)
}
