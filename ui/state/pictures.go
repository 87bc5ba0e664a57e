package state

import (
	"path"
	"slices"
	"sort"

	"quarterturn/core/run"
)

// NoPicture is the ID of no picture.
const NoPicture = -1

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
	turned  map[int]int   // By ID, quarter turns counter-clockwise by which the person turned it.
	version int           // Counts the changes of what the worker has.
	looking bool          // The worker looks for what was kept of the collection.
	early   *Fetched      // The set that opens if there is nothing, which came before that was known.
	gather  gather        // The import that several workers share.
}

// A Shelf is the pictures of one class. A shelf that did not change stays the
// same pointer, which tells its component that there is nothing to do.
type Shelf struct {
	Class    int
	Title    string
	Pictures []run.Thumb
	Train    int // Of Pictures, those to learn from; the others are for validation.
	Chosen   int // ID, when the chosen picture is of this shelf; otherwise NoPicture.
}

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
	back    run.Command // What takes a correction back.
}

type undoKind int

const (
	noUndo undoKind = iota
	undoRemoval
	undoJoin
	undoReplacement
	undoCorrection
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
		p.turned = nil
		p.thumbs, p.hidden, p.Problems, p.Shelves, p.Chosen = nil, nil, nil, nil, NoPicture
		p.undo = slices.DeleteFunc(slices.Clone(p.undo), func(s undoStep) bool { return s.kind != undoReplacement })
	}
	p.Set, p.Classes = e.Set, e.Classes
	p.Problems = append(slices.Clone(p.Problems), e.Problems...)
	grown := !e.Replaced && len(e.Removed) == 0 && len(e.Changed) == 0 && p.isAfter(e.Added)
	p.thumbs = append(p.thumbs, e.Added...) // Earlier states see no more than they had.
	byID := func(a, b run.Thumb) int { return a.ID - b.ID }
	if !grown && !slices.IsSortedFunc(p.thumbs, byID) {
		p.thumbs = slices.SortedStableFunc(slices.Values(p.thumbs), byID)
	}
	if len(e.Removed) > 0 {
		p = p.without(e.Removed)
	}
	if len(e.Changed) > 0 {
		p = p.corrected(e.Changed)
	}
	p.Failure = ""
	switch c := order.Command.(type) {
	case run.OpenPictures:
		p = *p.openedOrNot(c)
	case run.RestorePictures:
		p = p.restored(e)
	}
	if len(e.Added) > 0 && order.batch > 0 {
		p = p.joined(order.batch, e.Added)
	}
	if grown {
		p = p.shelved(e.Added)
	} else {
		p = p.arranged()
	}
	if isImport(order.Command) && p.expect && len(e.Added) > 0 {
		p, p.expect = p.chosen(e.Added[0].ID), false
	}
	return p.chosenAtAll()
}

// restored notes that the collection is what the last visit left. The page has no copy
// of what it was made of.
func (p Pictures) restored(e run.PicturesChanged) Pictures {
	p.looking, p.early, p.Opening, p.sources, p.lost, p.BuiltIn = false, nil, "", nil, true, ""
	if i := slices.Index(Sets(), Asset(e.Set)); i >= 0 {
		p.BuiltIn = Sets()[i]
	}
	return p
}

// isImport reports whether a command brings in what the person gave.
func isImport(c run.Command) bool {
	switch c.(type) {
	case run.AddPictures, run.TakePictures:
		return true
	}
	return false
}

// isAfter reports whether pictures come after those that are there, in order.
func (p *Pictures) isAfter(added []run.Thumb) bool {
	last := NoPicture
	if n := len(p.thumbs); n > 0 {
		last = p.thumbs[n-1].ID
	}
	for _, t := range added {
		if t.ID <= last {
			return false
		}
		last = t.ID
	}
	return true
}

// shelved returns p with more pictures on its shelves. It looks at no others: ten
// thousand come in a few dozen at a time.
func (p Pictures) shelved(added []run.Thumb) Pictures {
	p.Shelves = slices.Clone(p.Shelves)
	fresh := map[int]*Shelf{}
	for _, t := range added {
		if t.Class < -1 || t.Class >= len(p.Classes) {
			continue
		}
		shelf := fresh[t.Class]
		if shelf == nil {
			shelf = &Shelf{Class: t.Class, Title: p.title(t.Class), Chosen: NoPicture}
			i, ok := p.shelfOf(t.Class)
			if ok {
				*shelf = *p.Shelves[i]
				p.Shelves[i] = shelf
			} else {
				p.Shelves = slices.Insert(p.Shelves, i, shelf)
			}
			fresh[t.Class] = shelf
		}
		shelf.add(t, p.Chosen) // Earlier states see no more than they had.
		p.Count++
	}
	return p
}

// shelfOf returns where the shelf of a class is, or would be.
func (p *Pictures) shelfOf(class int) (int, bool) {
	return slices.BinarySearchFunc(p.Shelves, class, func(s *Shelf, class int) int { return s.Class - class })
}

// title names the shelf of a class.
func (p *Pictures) title(class int) string {
	if class < 0 {
		return "Without a class"
	}
	return Readable(p.Classes[class])
}

// chosen returns p with a picture chosen, and the shelves that this concerns.
func (p Pictures) chosen(id int) Pictures {
	p.Shelves = slices.Clone(p.Shelves)
	t, there := p.Find(id)
	for i, s := range p.Shelves {
		chosen := NoPicture
		if there && s.Class == t.Class {
			chosen = id
		}
		if s.Chosen != chosen {
			other := *s
			other.Chosen = chosen
			p.Shelves[i] = &other
		}
	}
	p.Chosen = id
	return p
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
	hidden := make(map[int]bool, len(p.hidden))
	for _, id := range p.hidden {
		hidden[id] = true
	}
	shelves := make([]*Shelf, len(p.Classes)+1)
	for i := range shelves {
		shelves[i] = &Shelf{Class: i - 1, Chosen: NoPicture}
	}
	p.Count = 0
	for _, t := range p.thumbs {
		if hidden[t.ID] || t.Class+1 < 0 || t.Class+1 >= len(shelves) {
			continue
		}
		shelves[t.Class+1].add(t, p.Chosen)
		p.Count++
	}
	p.Shelves = nil
	for _, shelf := range shelves {
		if len(shelf.Pictures) == 0 {
			continue
		}
		shelf.Title = p.title(shelf.Class)
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
// about it changed.
func (s *Shelf) reusing(before []*Shelf) *Shelf {
	i := slices.IndexFunc(before, func(b *Shelf) bool { return b.Class == s.Class })
	if i < 0 {
		return s
	}
	old := before[i]
	sameID := func(a, b run.Thumb) bool { return a.ID == b.ID }
	if s.Title == old.Title && s.Chosen == old.Chosen && slices.EqualFunc(s.Pictures, old.Pictures, sameID) {
		return old
	}
	return s
}

// place returns where the chosen picture stands on the shelf, -1 when on another.
func (s *Shelf) place() int {
	i, ok := slices.BinarySearchFunc(s.Pictures, s.Chosen, func(t run.Thumb, id int) int { return t.ID - id })
	if !ok {
		return -1
	}
	return i
}

// chosenAtAll returns p with a picture chosen if there is one: the set's opener
// before others, a sharp one before a blurred one, and one that no network learns
// from before one that it may have seen.
func (p Pictures) chosenAtAll() Pictures {
	if _, ok := p.Find(p.Chosen); ok && !slices.Contains(p.hidden, p.Chosen) {
		return p
	}
	chosen := NoPicture
	opener, best := p.BuiltIn.Opener(), -1
	for _, shelf := range p.Shelves {
		for _, t := range shelf.Pictures {
			if worth := worthOpening(t, opener != "" && t.Name == opener); worth > best {
				chosen, best = t.ID, worth
			}
		}
	}
	return p.chosen(chosen)
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
		return p.chosen(id)
	}
	return p
}

// step chooses the picture that lies by places further on the shelves. At either
// end it stays.
func (p Pictures) step(by int) Pictures {
	place, before := 0, 0
	for _, shelf := range p.Shelves {
		if at := shelf.place(); at >= 0 {
			place = before + at
		}
		before += len(shelf.Pictures)
	}
	place = min(max(place+by, 0), before-1)
	for _, shelf := range p.Shelves {
		if n := len(shelf.Pictures); place >= n {
			place -= n
			continue
		}
		return p.choose(shelf.Pictures[place].ID)
	}
	return p
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

// rebuild returns the effects that make the worker's collection again. Pictures
// that were removed from it come back: their IDs were those of the old one.
func (p Pictures) rebuild() (Pictures, []Effect) {
	var effects []Effect
	p.gather.parts = nil
	for _, command := range p.sources {
		if c, ok := command.(run.DecodePictures); ok {
			p.gather = p.gather.with(c.Sources, 0, 0)
			continue
		}
		effects = append(effects, Send{To: Lab, Command: command})
	}
	return p, effects
}
