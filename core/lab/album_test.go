package lab

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"quarterturn/core/keep"
	"quarterturn/core/keep/files"
	"quarterturn/core/keep/record"
	"quarterturn/core/packed"
	"quarterturn/core/run"
)

// keepNow has the collection kept, as an idle worker does that is told to hurry.
func (l *life) keepNow() {
	l.t.Helper()
	l.post(run.Flush{})
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for l.lab.album.kept != l.lab.collection.changes || l.lab.album.writing != nil {
		if l.lab.rest(ctx); ctx.Err() != nil {
			l.t.Fatal("the pictures are not kept")
		}
	}
}

// shown joins the thumbs that were reported.
func shown(t *testing.T, events []run.Event) (thumbs []run.Thumb, last run.PicturesChanged) {
	t.Helper()
	for i, e := range only[run.PicturesChanged](t, events) {
		if e.Replaced != (i == 0) {
			t.Errorf("report %d replaces the others: %v", i, e.Replaced)
		}
		thumbs, last = append(thumbs, e.Added...), e
	}
	return thumbs, last
}

// TestPicturesAreRestored: to the same IDs, names, classes and sides, as if the worker
// had never ended.
func TestPicturesAreRestored(t *testing.T) {
	disk := &files.Memory{}
	l := newLife(t, disk)
	if events := l.live(run.RestorePictures{}); len(events) != 1 {
		t.Errorf("of nothing it restored %v", events)
	}
	added := map[int]run.Thumb{}
	l.hook = func(e run.Event) {
		if e, ok := e.(run.PicturesChanged); ok {
			for _, thumb := range e.Added {
				added[thumb.ID] = thumb
			}
		}
	}
	l.live(openPhotographs(t))
	l.keepNow()
	l.live(run.AddPictures{Files: append(folder(t, "cats", 3), run.File{Path: "stray.png", Bytes: picture(t, 9)})}, run.RemovePictures{IDs: []int{0, 5, 700}})
	l.keepNow()
	second := newLife(t, disk)
	thumbs, last := shown(t, second.live(run.RestorePictures{}))
	if len(thumbs) != len(l.lab.collection.items) || last.Set != l.lab.collection.name || !slices.Equal(last.Classes, l.lab.collection.classes) {
		t.Errorf("%d pictures of %q in the classes %v came back, of %d", len(thumbs), last.Set, last.Classes, len(l.lab.collection.items))
	}
	large := 0
	for i, it := range l.lab.collection.items {
		want := run.Thumb{ID: it.id, Name: it.name, Class: it.class, Test: it.test, Side: Side, Pixels: it.pixels}
		if seen := added[it.id]; seen.Side > Side {
			large++
			want.Side, want.Pixels = seen.Side, seen.Pixels
		}
		if !reflect.DeepEqual(thumbs[i], want) {
			t.Fatalf("picture %d came back as %+v, want %+v", i, thumbs[i], want)
		}
	}
	if large < 300 { // In more than one leaf.
		t.Errorf("%d pictures have large previews", large)
	}
	more := run.AddPictures{Files: folder(t, "cats", 4)}
	for _, each := range []*life{l, second} {
		each.live(more)
	}
	first, again := l.lab.collection, second.lab.collection
	first.changes, again.changes = 0, 0
	if !reflect.DeepEqual(leafNumbers(first.leaves), leafNumbers(again.leaves)) {
		t.Errorf("its leaves are %v, and were %v", again.leaves, first.leaves)
	}
	first.leaves, again.leaves = nil, nil
	if !reflect.DeepEqual(first, again) {
		t.Error("what comes in afterwards has other IDs or sides than without the end of the worker")
	}
}

// TestPicturesOfOtherWorkersAreNotKept: who only unpacks them is no collection's owner.
func TestPicturesOfOtherWorkersAreNotKept(t *testing.T) {
	disk := &files.Memory{}
	l := newLife(t, disk)
	l.live(photographs(t))
	l.keepNow()
	if files, _ := disk.List(); len(files) > 0 {
		t.Errorf("it kept %v", files)
	}
}

// TestPicturesAreKeptInQuiet: not before the collection has not changed for a while, and
// not before the time that it took has passed several times.
func TestPicturesAreKeptInQuiet(t *testing.T) {
	l := newLife(t, &files.Memory{})
	now := time.Unix(0, 0)
	l.lab.options.Now = func() time.Time { return now }
	add := func() { l.lab.collection.add(item{class: -1, pixels: make([]byte, pixelBytes)}) }
	begins := func() bool {
		l.lab.keepPictures()
		if l.lab.album.writing == nil {
			return false
		}
		now = now.Add(time.Second) // So long does it take.
		l.lab.keptPictures(<-l.lab.album.writing)
		return true
	}
	for _, tt := range []struct {
		changes bool
		after   time.Duration
		want    bool
	}{
		{false, time.Hour, false}, {true, 0, false}, {false, quiet / 2, false}, {true, quiet / 2, false}, {false, quiet, true}, {false, time.Hour, false},
		{true, 0, false}, {false, quiet, true}, {true, time.Second, false}, {false, 2 * time.Second, false}, {false, 10 * time.Second, true},
	} {
		if tt.changes {
			add()
		}
		now = now.Add(tt.after)
		if got := begins(); got != tt.want {
			t.Errorf("%+v: it began to keep: %v", tt, got)
		}
	}
}

func TestPicturesThatCannotBeKept(t *testing.T) {
	l := newLife(t, fullDisk{&files.Memory{}, func() bool { return true }})
	l.live(openPhotographs(t))
	l.answers = nil
	l.keepNow()
	if len(l.answers) != 1 || l.answers[0].To != 0 || !strings.Contains(l.answers[0].Event.(run.Noticed).Text, "the pictures could not be kept: there is no room") {
		t.Errorf("it said %v", l.answers)
	}
}

// TestDamagedPictures flips a bit of the copies.
func TestDamagedPictures(t *testing.T) {
	disk := &files.Memory{}
	l := newLife(t, disk)
	l.live(openPhotographs(t))
	l.keepNow()
	l.live(run.RemovePictures{IDs: []int{4}})
	l.keepNow()
	damage(t, disk, "pictures.1")
	l = newLife(t, disk)
	events := l.live(run.RestorePictures{})
	if said := only[run.Noticed](t, events); len(said) != 1 || said[0].Text != "the newest copy of the pictures was damaged: the one before it was used" || l.lab.collection.find(4) == nil {
		t.Errorf("it said %v", said)
	}
	damage(t, disk, "pictures.0")
	events = newLife(t, disk).live(run.RestorePictures{})
	if said := only[run.Noticed](t, events); len(said) != 1 || !strings.Contains(said[0].Text, "both copies") || len(events) != 2 {
		t.Errorf("of two damaged copies it made %v", events)
	}
}

func TestNewerPicturesAreRefused(t *testing.T) {
	var codec packed.Codec
	version := albumVersion + 1
	codec.Int(&version)
	if _, err := decodeCollection(codec.Bytes); !errors.Is(err, keep.ErrNewer) {
		t.Errorf("pictures of a newer version: %v", err)
	}
}

// TestPackedOnce: all runs are given the same bytes until the collection changes.
func TestPackedOnce(t *testing.T) {
	d := newDesk(t)
	d.do(run.AddPictures{Files: folder(t, "cats", 3)})
	pack := func() []byte { return only[run.PicturesPacked](t, d.do(run.PackPictures{}))[0].Blob }
	first := pack()
	if again := pack(); &first[0] != &again[0] {
		t.Error("it was packed again")
	}
	for _, change := range []run.Command{
		run.RemovePictures{IDs: []int{1}}, run.AddPictures{Files: folder(t, "dogs", 1)},
		run.UnpackPictures{Blob: first}, run.AddPictures{Replace: true, Set: "none"},
	} {
		before := pack()
		d.do(change)
		if after := pack(); bytes.Equal(before, after) {
			t.Errorf("after %T it is the old one", change)
		}
	}
}

func FuzzDecodeCollection(f *testing.F) {
	var c collection
	c.clear("pets")
	c.class("cats")
	c.add(item{name: "a", class: 0, test: true, pixels: make([]byte, pixelBytes)})
	c.add(item{name: "b", class: -1, pixels: make([]byte, pixelBytes)})
	c.leaves = []leaf{{number: 4}}
	f.Add(c.encode())
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := decodeCollection(b)
		if err == nil && !bytes.Equal(c.encode(), b) {
			t.Errorf("%d bytes decoded and encoded are other ones", len(b))
		}
	})
}

func leafNumbers(leaves []leaf) (numbers []int) {
	for _, l := range leaves {
		numbers = append(numbers, l.number)
	}
	return numbers
}

// TestLeavesOfOtherCollections: a collection never finds previews of another, though
// both count their pictures from 0, and what is of no use any more is removed.
func TestLeavesOfOtherCollections(t *testing.T) {
	disk := &files.Memory{}
	l := newLife(t, disk)
	l.live(openPhotographs(t))
	l.keepNow()
	if numbers := leavesOn(t, disk); len(numbers) < 2 {
		t.Fatalf("the leaves %v are kept, want some", numbers)
	}
	l = newLife(t, disk) // Which does not care for what is kept.
	thumbs, _ := shown(t, l.live(run.AddPictures{Replace: true, Set: "pets", Files: folder(t, "cats", 3)}))
	l.keepNow()
	if got, want := leavesOn(t, disk), leafNumbers(l.lab.collection.leaves); len(want) != 1 || !slices.Equal(got, want) {
		t.Errorf("the leaves %v are kept, want %v", got, want)
	}
	restored, _ := shown(t, newLife(t, disk).live(run.RestorePictures{}))
	if !reflect.DeepEqual(restored, thumbs) || thumbs[0].Side <= Side {
		t.Errorf("other previews came back than were kept: %d of side %d, want %d of side %d", len(restored), restored[0].Side, len(thumbs), thumbs[0].Side)
	}
	l.live(run.RemovePictures{IDs: []int{0, 1, 2}})
	l.keepNow()
	if got := leavesOn(t, disk); len(got) != 0 {
		t.Errorf("of no pictures the leaves %v are kept", got)
	}
}

// leavesOn returns the numbers of the leaves on a disk.
func leavesOn(t *testing.T, disk files.Disk) (numbers []int) {
	t.Helper()
	entries, err := keep.New(disk).List()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if number, ok := record.LeafOf(e.Name); ok {
			numbers = append(numbers, number)
		}
	}
	return numbers
}

// TestLeafIsLost: its pictures come back all the same, and it is said.
func TestLeafIsLost(t *testing.T) {
	disk := &files.Memory{}
	l := newLife(t, disk)
	l.live(run.AddPictures{Files: folder(t, "cats", 3)})
	l.keepNow()
	damage(t, disk, record.Leaf(1)+".0")
	l = newLife(t, disk)
	events := l.live(run.RestorePictures{})
	thumbs, _ := shown(t, events)
	if said := only[run.Noticed](t, events); len(said) != 1 || !strings.Contains(said[0].Text, "some previews are lost") || len(thumbs) != 3 || thumbs[2].Side != Side {
		t.Errorf("it said %v and showed %d pictures", said, len(thumbs))
	}
}

// TestGrowingCollection: while it grows only full leaves are written.
func TestGrowingCollection(t *testing.T) {
	disk := &files.Memory{}
	l := newLife(t, disk)
	for n := range leafPictures + 2 {
		c := &l.lab.collection
		c.changed(false, c.take([]decoded{{pixels: make([]byte, pixelBytes), preview: make([]byte, 3*64*64)}}), nil)
		if l.lab.keepPictures(); (l.lab.album.writing != nil) != (n == leafPictures-1) {
			t.Fatalf("with %d pictures it writes: %v", n+1, l.lab.album.writing != nil)
		}
		if w := l.lab.album.writing; w != nil {
			l.lab.keptPictures(<-w)
		}
	}
	if entries, _ := keep.New(disk).List(); len(entries) != 1 {
		t.Errorf("while it grows there are the records %v", entries)
	}
	l.keepNow()
	if entries, _ := keep.New(disk).List(); len(entries) != 3 {
		t.Errorf("at last there are the records %v", entries)
	}
}

func FuzzDecodeLeaf(f *testing.F) {
	f.Add(encodeLeaf([]run.Thumb{{ID: 3, Pixels: make([]byte, 3*64*64)}, {ID: 7, Pixels: make([]byte, 3)}}))
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, b []byte) {
		thumbs, err := decodeLeaf(b)
		if err == nil && !bytes.Equal(encodeLeaf(thumbs), b) {
			t.Errorf("%d bytes decoded and encoded are other ones", len(b))
		}
	})
}
