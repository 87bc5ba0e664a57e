package lab

import (
	"slices"

	"quarterturn/core/dataset"
	"quarterturn/core/run"
)

// A collection is the pictures that the person has chosen, each under an ID that
// is never given to another one.
type collection struct {
	name    string
	classes []string
	items   []item
	next    int         // ID of the next item.
	taken   map[int]int // Pictures taken in by class, removed ones too.
	changes int         // How often anything of it was changed: what is made of it holds until then.
	leaves  []leaf      // Of previews that are kept, by their pictures' IDs,
	fresh   []run.Thumb // and previews that are not yet.
}

// An item is one picture.
type item struct {
	id     int
	name   string
	class  int    // Index of classes, or -1.
	test   bool   // Belongs to the validation set.
	pixels []byte // [Side, Side, 3]
}

// clear empties the collection; IDs go on.
func (c *collection) clear(name string) {
	*c = collection{name: name, next: c.next, changes: c.changes + 1}
}

// class returns the index of a class, adding it if it is new; -1 for "".
func (c *collection) class(name string) int {
	if name == "" {
		return -1
	}
	i := slices.Index(c.classes, name)
	if i < 0 {
		i = len(c.classes)
		c.classes = append(c.classes, name)
		c.changes++
	}
	return i
}

// add takes over a picture and returns its ID.
func (c *collection) add(it item) int {
	it.id = c.next
	c.next++
	if c.taken == nil {
		c.taken = map[int]int{}
	}
	c.taken[it.class]++
	c.items = append(c.items, it)
	c.changes++
	return it.id
}

// holdOutEvery makes one picture in so many of each class a validation picture,
// where its source does not say which are.
const holdOutEvery = 5

// isHeldOut decides for the next picture of a class, by how many came before. So
// a picture never changes sides, in however many steps the pictures come.
func (c *collection) isHeldOut(class int) bool {
	return c.taken[class]%holdOutEvery == holdOutEvery-1
}

func (c *collection) find(id int) *item {
	i, ok := slices.BinarySearchFunc(c.items, id, func(it item, id int) int { return it.id - id })
	if !ok {
		return nil
	}
	return &c.items[i]
}

// remove takes pictures out and returns the IDs of those that were there.
func (c *collection) remove(ids []int) (removed []int) {
	c.items = slices.DeleteFunc(c.items, func(it item) bool {
		gone := slices.Contains(ids, it.id)
		if gone {
			removed = append(removed, it.id)
		}
		return gone
	})
	c.changes += len(removed)
	return removed
}

// set returns the collection as training and validation pictures.
func (c *collection) set() *dataset.Set {
	s := &dataset.Set{Train: c.empty(), Test: c.empty()}
	for _, it := range c.items {
		p := s.Train
		if it.test {
			p = s.Test
		}
		p.Pixels = append(p.Pixels, it.pixels...)
		p.Labels = append(p.Labels, int32(it.class))
	}
	return s
}

// all returns the collection as one set of pictures.
func (c *collection) all() *dataset.Pictures {
	p := c.empty()
	for _, it := range c.items {
		p.Pixels = append(p.Pixels, it.pixels...)
		p.Labels = append(p.Labels, int32(it.class))
	}
	return p
}

func (c *collection) empty() *dataset.Pictures {
	return &dataset.Pictures{Side: Side, Classes: c.classes}
}

// changed is the event for pictures that came in.
func (c *collection) changed(replaced bool, added []run.Thumb, problems []run.Problem) run.PicturesChanged {
	for _, t := range added {
		if t.Side > Side { // Others show no more than what is trained on.
			c.fresh = append(c.fresh, t)
		}
	}
	return run.PicturesChanged{
		Set:      c.name,
		Replaced: replaced,
		Classes:  slices.Clone(c.classes),
		Added:    added,
		Problems: problems,
	}
}
