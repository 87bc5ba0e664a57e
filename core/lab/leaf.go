package lab

import (
	"errors"
	"slices"

	"quarterturn/core/fault"
	"quarterturn/core/keep"
	"quarterturn/core/keep/record"
	"quarterturn/core/packed"
	"quarterturn/core/run"
)

// A leaf is a record of previews of consecutive pictures, of which some may be gone.
type leaf struct {
	number      int // Of its record: never that of another's, so that no collection finds another's previews.
	first, last int // IDs.
}

// leafPictures is how many previews a leaf has at most: 12 MB of large ones.
const leafPictures = 256

// newestLeaf returns the highest number of a leaf in the store; 0 for none.
func (l *Lab) newestLeaf() (newest int) {
	entries, err := l.options.Store.List()
	if err != nil {
		return 0 // Then nothing can be written either.
	}
	for _, e := range entries {
		if number, ok := record.LeafOf(e.Name); ok {
			newest = max(newest, number)
		}
	}
	return newest
}

// dropLeaves forgets the leaves of which no picture is there any more.
func (c *collection) dropLeaves() {
	c.leaves = slices.DeleteFunc(c.leaves, func(l leaf) bool {
		i, _ := slices.BinarySearchFunc(c.items, l.first, func(it item, id int) int { return it.id - id })
		return i == len(c.items) || c.items[i].id > l.last
	})
}

// A writing is what is written of an album at one time.
type writing struct {
	store    *keep.Store
	leaves   [][]run.Thumb
	first    int    // Number of the first of them.
	pictures []byte // Nil while there will be more.
	valid    []leaf // With pictures: all others in the store are of no use.
}

// write writes leaves before the collection that names them, and then removes those that
// none does.
func (w *writing) write() error {
	for i, thumbs := range w.leaves {
		if err := w.store.Write(record.Leaf(w.first+i), encodeLeaf(thumbs)); err != nil {
			return err
		}
	}
	if w.pictures == nil {
		return nil
	}
	if err := w.store.Write(record.Pictures, w.pictures); err != nil {
		return err
	}
	entries, err := w.store.List()
	if err != nil {
		return err
	}
	for _, e := range entries {
		number, ok := record.LeafOf(e.Name)
		if ok && !slices.ContainsFunc(w.valid, func(l leaf) bool { return l.number == number }) {
			err = errors.Join(err, w.store.Remove(e.Name))
		}
	}
	return err
}

// showAll reports all pictures of the collection as new ones, with the previews that are
// kept.
func (l *Lab) showAll() {
	c := &l.collection
	show := showing{lab: l, replaced: true}
	for i := range c.leaves {
		previews := l.readLeaf(&c.leaves[i])
		show.upTo(c.leaves[i].last, previews)
	}
	show.upTo(c.next, nil)
	show.flush()
}

// A showing goes through the items of a collection.
type showing struct {
	lab      *Lab
	at       int // Items shown.
	thumbs   []run.Thumb
	replaced bool
}

// upTo shows the items up to an ID, with previews by ID, or as they are trained on.
func (s *showing) upTo(last int, previews map[int]run.Thumb) {
	items := s.lab.collection.items
	for ; s.at < len(items) && items[s.at].id <= last; s.at++ {
		it := items[s.at]
		thumb := run.Thumb{ID: it.id, Name: it.name, Class: it.class, Test: it.test, Side: Side, Pixels: it.pixels}
		if p, ok := previews[it.id]; ok {
			thumb.Side, thumb.Pixels = p.Side, p.Pixels
		}
		if s.thumbs = append(s.thumbs, thumb); len(s.thumbs) == leafPictures {
			s.flush()
		}
	}
}

func (s *showing) flush() {
	if len(s.thumbs) == 0 && !s.replaced {
		return
	}
	c := &s.lab.collection
	s.lab.report(run.PicturesChanged{Set: c.name, Replaced: s.replaced, Classes: slices.Clone(c.classes), Added: s.thumbs})
	s.lab.options.Yield()
	s.thumbs, s.replaced = nil, false
}

// readLeaf returns previews by the IDs of their pictures, and notes in the leaf which it
// has. Without it people see what is trained on.
func (l *Lab) readLeaf(f *leaf) map[int]run.Thumb {
	found, err := l.options.Store.Read(record.Leaf(f.number))
	var thumbs []run.Thumb
	if err == nil {
		thumbs, err = decodeLeaf(found.Bytes)
	}
	if err != nil {
		l.report(run.Noticed{Text: "some previews are lost, and their pictures are shown as small as they are trained on: " + fault.Reason(err)})
		return nil
	}
	previews := make(map[int]run.Thumb, len(thumbs))
	for _, t := range thumbs {
		previews[t.ID] = t
	}
	f.first, f.last = thumbs[0].ID, thumbs[len(thumbs)-1].ID
	return previews
}

const leafVersion = 1

var errLeaf = fault.New("lab", "what is kept of the previews is damaged")

// encodeLeaf returns previews as bytes.
func encodeLeaf(thumbs []run.Thumb) []byte {
	size := 16
	for _, t := range thumbs {
		size += previewBytes + len(t.Pixels)
	}
	codec := &packed.Codec{Bytes: make([]byte, 0, size)}
	version := leafVersion
	codec.Int(&version)
	packed.List(codec, &thumbs, previewBytes, preview)
	return codec.Bytes
}

// decodeLeaf reads previews, which are not trusted: at least one, their IDs rising.
func decodeLeaf(b []byte) (thumbs []run.Thumb, err error) {
	codec := &packed.Codec{Decoding: true, Bytes: b}
	var version int
	codec.Int(&version)
	if codec.Err == nil && version > leafVersion {
		return nil, keep.ErrNewer
	}
	packed.List(codec, &thumbs, previewBytes, preview)
	if codec.Err != nil || version != leafVersion || len(codec.Bytes) > 0 || len(thumbs) == 0 {
		return nil, errLeaf
	}
	before := -1
	for _, t := range thumbs {
		if t.ID <= before || t.Side == 0 || !isPreview(t.Pixels) {
			return nil, errLeaf
		}
		before = t.ID
	}
	return thumbs, nil
}

// previewBytes is what a preview takes besides its pixels.
const previewBytes = 8 + 4

func preview(codec *packed.Codec, t *run.Thumb) {
	codec.Int(&t.ID)
	codec.Blob(&t.Pixels)
	t.Side = sideOf(t.Pixels)
}
