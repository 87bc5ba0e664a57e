package state

import (
	"path"
	"slices"
	"sort"

	"quarterturn/core/run"
)

// NoPicture is the ID of no picture.
const NoPicture = -1

// Thumbnails that a shelf shows at first, and more at a time. Building a hundred
// takes Chromium some 20 ms, so the shelves are revealed one after the other, and
// a whole collection of thousands never.
const (
	shownAtFirst = 12
	shownMore    = 48
)

// Pictures is the station Pictures: the collection as the page shows it.
type Pictures struct {
	Set       string
	BuiltIn   Asset // Of the collection as it was opened; empty for the person's own.
	Classes   []string
	Shelves   []*Shelf
	Count     int // Pictures that are shown or could be.
	Chosen    int // ID of the picture that Turn shows, or NoPicture.
	Join      bool
	Opening   Asset // Being fetched; empty when nothing is.
	Importing *run.Importing
	Reading   *Handed // Files that the browser still reads, without their bytes.
	Problems  []run.Problem
	Failure   string // Why a set could not be opened.

	thumbs  []run.Thumb   // Of the collection, ascending by ID, including those that are hidden.
	hidden  []int         // IDs taken out that the worker still has, so that Undo is free.
	undo    []undoStep    // What Undo takes back, latest last.
	sources []run.Command // What the collection was made from, to make it again.
	expect  bool          // The first picture of the next import shall be chosen.
	lost    bool          // There were too many sources to keep.
	joins   []undoStep    // Take back imports of which nothing has come in yet.
	imports int           // Imports that joined so far.
	joining bool          // What is handed over now is a part of the last of them.
	version int           // Counts the changes of what the worker has.
}

// A Shelf is the pictures of one class. A shelf that did not change stays the
// same pointer, which tells its component that there is nothing to do.
type Shelf struct {
	Class    int
	Title    string
	Pictures []run.Thumb
	Train    int // Of Pictures, those to learn from; the others are for validation.
	Shown    int
	Chosen   int // ID, when the chosen picture is of this shelf; otherwise NoPicture.
}

// Visible returns the pictures that the shelf shows.
func (s *Shelf) Visible() []run.Thumb { return s.Pictures[:min(s.Shown, len(s.Pictures))] }

// An undoStep takes back a removal, takes out what joined the collection, or brings
// back what a collection was made of before it was replaced.
type undoStep struct {
	kind    undoKind
	words   string
	removed int           // Of a removal.
	came    []int         // IDs of what joined.
	number  int           // Of the import that joined, from 1.
	kept    int           // Sources before something joined.
	chosen  int           // ID before something joined.
	sources []run.Command // Of what was replaced.
	builtIn Asset
}

type undoKind int

const (
	noUndo undoKind = iota
	undoRemoval
	undoJoin
	undoReplacement
)

// UndoWords says what Undo would take back, empty when there is nothing.
func (p *Pictures) UndoWords() string {
	if len(p.undo) == 0 {
		return ""
	}
	return p.undo[len(p.undo)-1].words
}

// Find returns the picture of that ID.
func (p *Pictures) Find(id int) (run.Thumb, bool) {
	i := sort.Search(len(p.thumbs), func(i int) bool { return p.thumbs[i].ID >= id })
	if i == len(p.thumbs) || p.thumbs[i].ID != id {
		return run.Thumb{}, false
	}
	return p.thumbs[i], true
}

// teaching returns how many classes have pictures to learn from.
func (p *Pictures) teaching() int {
	classes := 0
	for _, shelf := range p.Shelves {
		if shelf.Class >= 0 && shelf.Train > 0 {
			classes++
		}
	}
	return classes
}

// changed takes over what the worker says its collection holds after a command.
func (p Pictures) changed(order asked, e run.PicturesChanged) Pictures {
	p.version++
	if e.Replaced {
		p.thumbs, p.hidden, p.Problems, p.Shelves, p.Chosen = nil, nil, nil, nil, NoPicture
		p.undo = slices.DeleteFunc(slices.Clone(p.undo), func(s undoStep) bool { return s.kind != undoReplacement })
	}
	p.Set, p.Classes = e.Set, e.Classes
	p.Problems = append(slices.Clone(p.Problems), e.Problems...)
	p.thumbs = append(p.thumbs, e.Added...) // Earlier states see no more than they had.
	byID := func(a, b run.Thumb) int { return a.ID - b.ID }
	if !slices.IsSortedFunc(p.thumbs, byID) {
		p.thumbs = slices.SortedStableFunc(slices.Values(p.thumbs), byID)
	}
	if len(e.Removed) > 0 {
		p = p.without(e.Removed)
	}
	p.Failure = ""
	if c, ok := order.Command.(run.OpenPictures); ok {
		p = *p.openedOrNot(c)
	}
	if len(e.Added) > 0 && order.batch > 0 {
		p = p.joined(order.batch, e.Added)
	}
	if _, ok := order.Command.(run.AddPictures); ok && p.expect && len(e.Added) > 0 {
		p.Chosen, p.expect = e.Added[0].ID, false
	}
	return p.arranged().chosenAtAll()
}

// openedOrNot says that a set is no longer being opened.
func (p Pictures) openedOrNot(c run.OpenPictures) *Pictures {
	if p.Opening == Asset(c.Set) {
		p.Opening = ""
	}
	return &p
}

// without forgets pictures that the worker no longer has.
func (p Pictures) without(ids []int) Pictures {
	gone := make(map[int]bool, len(ids)) // An undone import can be thousands.
	for _, id := range ids {
		gone[id] = true
	}
	p.thumbs = slices.DeleteFunc(slices.Clone(p.thumbs), func(t run.Thumb) bool { return gone[t.ID] })
	p.hidden = slices.DeleteFunc(slices.Clone(p.hidden), func(id int) bool { return gone[id] })
	return p
}

// arranged returns p with its shelves built anew: pictures without a class first,
// because they are the person's own, then class by class.
func (p Pictures) arranged() Pictures {
	before := p.Shelves
	shelves := make([]*Shelf, len(p.Classes)+1)
	for i := range shelves {
		shelves[i] = &Shelf{Class: i - 1, Chosen: NoPicture}
	}
	p.Count = 0
	for _, t := range p.thumbs {
		if slices.Contains(p.hidden, t.ID) || t.Class+1 < 0 || t.Class+1 >= len(shelves) {
			continue
		}
		shelf := shelves[t.Class+1]
		shelf.add(t, p.Chosen)
		p.Count++
	}
	p.Shelves = nil
	for i, shelf := range shelves {
		if len(shelf.Pictures) == 0 {
			continue
		}
		shelf.Title = "Without a class"
		if i > 0 {
			shelf.Title = Readable(p.Classes[i-1])
		}
		p.Shelves = append(p.Shelves, shelf.reusing(before))
	}
	return p
}

func (s *Shelf) add(t run.Thumb, chosen int) {
	if t.ID == chosen {
		s.Chosen = chosen
	}
	if !t.Test {
		s.Train++
	}
	s.Pictures = append(s.Pictures, t)
}

// reusing returns the shelf of the same class among those of before if nothing
// about it changed, and otherwise s with as many pictures shown as that had.
func (s *Shelf) reusing(before []*Shelf) *Shelf {
	i := slices.IndexFunc(before, func(b *Shelf) bool { return b.Class == s.Class })
	if i < 0 {
		return s
	}
	old := before[i]
	s.Shown = old.Shown
	if s.Shown > 0 {
		s.Shown = max(s.Shown, s.place()+1)
	}
	sameID := func(a, b run.Thumb) bool { return a.ID == b.ID }
	if s.Title == old.Title && s.Shown == old.Shown && s.Chosen == old.Chosen && slices.EqualFunc(s.Pictures, old.Pictures, sameID) {
		return old
	}
	return s
}

// place returns where the chosen picture stands on the shelf, -1 when on another.
func (s *Shelf) place() int {
	return slices.IndexFunc(s.Pictures, func(t run.Thumb) bool { return t.ID == s.Chosen })
}

// chosenAtAll returns p with a picture chosen if there is one: the set's opener
// before others, a sharp one before a blurred one, and one that no network learns
// from before one that it may have seen.
func (p Pictures) chosenAtAll() Pictures {
	if _, ok := p.Find(p.Chosen); ok && !slices.Contains(p.hidden, p.Chosen) {
		return p
	}
	p.Chosen = NoPicture
	opener, best := p.BuiltIn.Opener(), -1
	for _, shelf := range p.Shelves {
		for _, t := range shelf.Pictures {
			if worth := worthOpening(t, opener != "" && t.Name == opener); worth > best {
				p.Chosen, best = t.ID, worth
			}
		}
	}
	return p.arranged()
}

// worthOpening orders pictures by how well they do as the first one to be seen.
func worthOpening(t run.Thumb, opens bool) int {
	worth := 2 * t.Side
	if t.Test {
		worth++
	}
	if opens {
		worth += 1 << 20 // More than any side.
	}
	return worth
}

// choose makes a picture the chosen one, if it is there.
func (p Pictures) choose(id int) Pictures {
	if _, ok := p.Find(id); ok && !slices.Contains(p.hidden, id) {
		p.Chosen = id
	}
	return p.arranged()
}

// step chooses the picture that lies by places further on the shelves. At either
// end it stays.
func (p Pictures) step(by int) Pictures {
	var ids []int
	for _, shelf := range p.Shelves {
		for _, t := range shelf.Pictures {
			ids = append(ids, t.ID)
		}
	}
	if len(ids) == 0 {
		return p
	}
	place := max(0, slices.Index(ids, p.Chosen)) + by
	return p.choose(ids[min(max(place, 0), len(ids)-1)])
}

// remove hides a picture; the worker is told when it matters, see flush.
func (p Pictures) remove(id int) Pictures {
	t, ok := p.Find(id)
	if !ok || slices.Contains(p.hidden, id) {
		return p
	}
	if id == p.Chosen {
		next := p.step(1)
		if next.Chosen == id {
			next = p.step(-1)
		}
		p.Chosen = next.Chosen
	}
	p.hidden = append(slices.Clone(p.hidden), id)
	p.undo = append(slices.Clone(p.undo), undoStep{kind: undoRemoval, words: "removed " + path.Base(t.Name), removed: id})
	return p.arranged().chosenAtAll()
}

// flush returns what the worker has to be told before it counts its pictures, and
// p without the removals that can no longer be taken back.
func (p Pictures) flush() (Pictures, []Effect) {
	if len(p.hidden) == 0 {
		return p, nil
	}
	p.undo = slices.DeleteFunc(slices.Clone(p.undo), func(s undoStep) bool { return s.kind == undoRemoval })
	return p, []Effect{Send{To: Lab, Command: run.RemovePictures{IDs: p.hidden}}}
}

// reveal lets the first shelf that shows nothing show its first pictures, up to
// the chosen one at least, and asks to go on while there are others.
func (p Pictures) reveal() (Pictures, []Effect) {
	i := slices.IndexFunc(p.Shelves, func(s *Shelf) bool { return s.Shown == 0 })
	if i < 0 {
		return p, nil
	}
	shelf := *p.Shelves[i]
	shelf.Shown = max(shownAtFirst, shelf.place()+1)
	p.Shelves = slices.Clone(p.Shelves)
	p.Shelves[i] = &shelf
	return p, []Effect{Soon{Reveal{}}}
}

// showMore lets the shelf of a class show more.
func (p Pictures) showMore(class int) Pictures {
	p.Shelves = slices.Clone(p.Shelves)
	for i, shelf := range p.Shelves {
		if shelf.Class == class {
			wider := *shelf
			wider.Shown += shownMore
			p.Shelves[i] = &wider
		}
	}
	return p
}

// rebuild returns the effects that make the worker's collection again. Pictures
// that were removed from it come back: their IDs were those of the old one.
func (p *Pictures) rebuild() []Effect {
	var effects []Effect
	for _, command := range p.sources {
		effects = append(effects, Send{To: Lab, Command: command})
	}
	return effects
}
