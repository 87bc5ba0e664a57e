package state

import (
	"maps"
	"path"
	"slices"
	"sort"

	"quarterturn/core/rotation"
	"quarterturn/core/run"
)

// correct applies what the person decides about a picture that was found odd. The lab
// changes it, so that the next run learns from what was decided.
func (p Pictures) correct(message Message) (Pictures, []Effect) {
	switch m := message.(type) {
	case MovePicture:
		t, ok := p.Find(m.ID)
		if !ok || m.Class < 0 || m.Class >= len(p.Classes) || m.Class == t.Class {
			return p, nil
		}
		from := ""
		if t.Class >= 0 && t.Class < len(p.Classes) {
			from = p.Classes[t.Class]
		}
		ids := []int{m.ID}
		return p.corrects("moved "+path.Base(t.Name), run.MovePictures{IDs: ids, Class: p.Classes[m.Class]}, run.MovePictures{IDs: ids, Class: from})
	case TurnPicture:
		t, ok := p.Find(m.ID)
		quarters := m.Turns & (rotation.Turns - 1)
		if !ok || quarters == rotation.Upright {
			return p, nil
		}
		ids := []int{m.ID}
		return p.corrects("turned "+path.Base(t.Name), run.TurnPictures{IDs: ids, Quarters: quarters}, run.TurnPictures{IDs: ids, Quarters: rotation.Turns - quarters})
	}
	return p, nil
}

// corrects has the lab change pictures, in such a way that it can be undone.
func (p Pictures) corrects(words string, forth, back run.Command) (Pictures, []Effect) {
	p.undo = append(slices.Clone(p.undo), undoStep{kind: undoCorrection, words: words, back: back})
	return p, []Effect{Send{To: Lab, Command: forth}}
}

// corrected takes over what became of pictures.
func (p Pictures) corrected(changes []run.Change) Pictures {
	p.thumbs, p.turned = slices.Clone(p.thumbs), maps.Clone(p.turned)
	if p.turned == nil {
		p.turned = map[int]int{}
	}
	for _, c := range changes {
		i := sort.Search(len(p.thumbs), func(i int) bool { return p.thumbs[i].ID >= c.ID })
		if i == len(p.thumbs) || p.thumbs[i].ID != c.ID {
			continue
		}
		t := &p.thumbs[i]
		t.Class = c.Class
		if quarters := c.Quarters & (rotation.Turns - 1); quarters != rotation.Upright && len(t.Pixels) == 3*t.Side*t.Side {
			turned := make([]byte, len(t.Pixels))
			rotation.Turn(turned, t.Pixels, t.Side, quarters)
			t.Pixels = turned
			p.turned[c.ID] = (p.turned[c.ID] + quarters) % rotation.Turns
		}
	}
	return p
}

// isTurned reports whether pictures were turned, so that they look different.
func isTurned(c run.Change) bool { return c.Quarters != rotation.Upright }

// Turned returns by how many quarter turns a picture was turned by the person.
func (p *Pictures) Turned(id int) int { return p.turned[id] }
