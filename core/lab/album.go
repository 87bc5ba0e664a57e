package lab

import (
	"errors"
	"slices"
	"time"

	"quarterturn/core/fault"
	"quarterturn/core/keep"
	"quarterturn/core/keep/files"
	"quarterturn/core/keep/record"
	"quarterturn/core/packed"
	"quarterturn/core/run"
)

// An album is the collection as it is kept: what is trained on in one record, and the
// previews, which are many times larger and never change, in leaves of some of them.
type album struct {
	kept    int           // collection.changes of what is kept, or being written.
	seen    int           // That of the newest change seen,
	since   time.Time     // and when that was.
	writing chan error    // Has the outcome of the write under way; nil where none is.
	begun   time.Time     // Of the last write,
	took    time.Duration // and its time.
	next    int           // Number of the next leaf; 0 where the store was not looked at yet.
	newest  []int         // Numbers of the leaves of the last write.
}

// quiet is how long the collection must not have changed before it is kept: folders
// arrive in parts.
const quiet = 300 * time.Millisecond

// keepPictures begins to keep the collection if it has changed. Where it is too early
// for that it returns a channel that tells when it is not any more.
func (l *Lab) keepPictures() <-chan time.Time {
	a, c := &l.album, &l.collection
	hurry := l.queue.hurried()
	if l.options.Store == nil || l.lookingOn {
		c.fresh = nil
		return nil
	}
	if a.writing != nil || a.kept == c.changes {
		return nil
	}
	now := l.options.Now()
	if a.seen != c.changes {
		a.seen, a.since = c.changes, now
	}
	// A large one that grows is not written again and again.
	wait := max(quiet-now.Sub(a.since), breathe*a.took-now.Sub(a.begun))
	if wait > 0 && !hurry && len(c.fresh) < leafPictures {
		return time.After(wait)
	}
	l.beginAlbum(wait <= 0 || hurry)
	return nil
}

// beginAlbum begins to write the previews that are not kept yet, and with them the
// collection, or only some while it grows.
func (l *Lab) beginAlbum(all bool) {
	a, c := &l.album, &l.collection
	a.writing, a.begun, a.newest = make(chan error, 1), l.options.Now(), nil
	if a.next == 0 {
		a.next = 1 + l.newestLeaf()
	}
	w := writing{store: l.options.Store, first: a.next}
	for len(c.fresh) >= leafPictures || all && len(c.fresh) > 0 {
		n := min(leafPictures, len(c.fresh))
		w.leaves = append(w.leaves, c.fresh[:n:n])
		a.newest = append(a.newest, a.next)
		c.leaves = append(c.leaves, leaf{number: a.next, first: c.fresh[0].ID, last: c.fresh[n-1].ID})
		c.fresh, a.next = c.fresh[n:], a.next+1
	}
	if all {
		a.kept = c.changes
		c.dropLeaves()
		w.pictures, w.valid = c.encode(), slices.Clone(c.leaves)
	}
	go func(done chan<- error) { done <- w.write() }(a.writing)
}

// keptPictures takes the outcome of a write. One that failed is tried again with the
// next change, but for its previews.
func (l *Lab) keptPictures(err error) {
	l.album.writing, l.album.took = nil, l.options.Now().Sub(l.album.begun)
	if err != nil {
		l.collection.leaves = slices.DeleteFunc(l.collection.leaves, func(f leaf) bool { return slices.Contains(l.album.newest, f.number) })
		l.report(run.Noticed{Text: "the pictures could not be kept: " + reasonOf(err)})
	}
}

// restorePictures replaces the collection by what is kept of one.
func (l *Lab) restorePictures() error {
	if l.options.Store == nil {
		return nil
	}
	found, err := l.options.Store.Read(record.Pictures)
	switch {
	case errors.Is(err, files.ErrMissing):
		return nil
	case errors.Is(err, keep.ErrDamaged):
		l.report(run.Noticed{Text: "both copies of the pictures are damaged: they are lost"})
		return nil
	case err != nil:
		return err
	}
	fresh, err := decodeCollection(found.Bytes)
	if err != nil {
		return err
	}
	if text := found.Notice("the pictures"); text != "" {
		l.report(run.Noticed{Text: text})
	}
	fresh.changes = l.collection.changes + 1
	l.collection, l.album.kept = *fresh, fresh.changes
	l.showAll()
	return nil
}

// The kept form of a collection begins with its version.
const (
	albumVersion = 1
	itemBytes    = 8 + 4 + 8 + 1 + pixelBytes // Of a picture without a name.
)

var errAlbum = fault.New("lab", "what is kept of the pictures is damaged")

// encode returns the kept form.
func (c *collection) encode() []byte {
	codec := &packed.Codec{Bytes: make([]byte, 0, 1024+len(c.items)*(itemBytes+64))}
	version := albumVersion
	codec.Int(&version)
	c.fields(codec)
	return codec.Bytes
}

// decodeCollection reads the kept form, which is not trusted. Pixels share its memory.
func decodeCollection(b []byte) (*collection, error) {
	codec := &packed.Codec{Decoding: true, Bytes: b}
	var version int
	codec.Int(&version)
	if codec.Err == nil && version > albumVersion {
		return nil, fault.Errorf("lab", "the pictures: %w", keep.ErrNewer)
	}
	var c collection
	c.fields(codec)
	if codec.Err != nil || version != albumVersion || len(codec.Bytes) > 0 || !c.isPossible() {
		return nil, errAlbum
	}
	return &c, nil
}

// fields moves what is kept of a collection.
func (c *collection) fields(codec *packed.Codec) {
	codec.String(&c.name)
	codec.Strings(&c.classes)
	codec.Int(&c.next)
	taken := make([]int, len(c.classes)+1) // First of no class.
	for class := range taken {
		taken[class] = c.taken[class-1]
	}
	codec.Ints(&taken)
	c.taken = map[int]int{}
	for class, n := range taken {
		c.taken[class-1] = n
	}
	packed.List(codec, &c.leaves, 8, func(codec *packed.Codec, l *leaf) { codec.Int(&l.number) })
	packed.List(codec, &c.items, itemBytes, func(codec *packed.Codec, it *item) {
		codec.Int(&it.id)
		codec.String(&it.name)
		codec.Int(&it.class)
		codec.Bool(&it.test)
		if codec.Decoding {
			it.pixels = codec.Take(pixelBytes)
		} else {
			codec.Bytes = append(codec.Bytes, it.pixels...)
		}
	})
}

// isPossible reports whether decoded fields fit each other.
func (c *collection) isPossible() bool {
	if len(c.taken) != len(c.classes)+1 || len(c.leaves) > len(c.items) {
		return false
	}
	before := -1
	for _, it := range c.items {
		if it.id <= before || it.id >= c.next || it.class < -1 || it.class >= len(c.classes) {
			return false
		}
		before = it.id
	}
	return true
}
