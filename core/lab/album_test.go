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
	disk := &keep.Memory{}
	l := newLife(t, disk)
	if events := l.live(run.RestorePictures{}); len(events) != 1 {
		t.Errorf("of nothing it restored %v", events)
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
	for i, it := range l.lab.collection.items {
		want := run.Thumb{ID: it.id, Name: it.name, Class: it.class, Test: it.test, Side: Side, Pixels: it.pixels}
		if !reflect.DeepEqual(thumbs[i], want) {
			t.Fatalf("picture %d came back as %+v, want %+v", i, thumbs[i], want)
		}
	}
	more := run.AddPictures{Files: folder(t, "cats", 4)}
	for _, each := range []*life{l, second} {
		each.live(more)
	}
	first, again := l.lab.collection, second.lab.collection
	first.changes, again.changes = 0, 0
	if !reflect.DeepEqual(first, again) {
		t.Error("what comes in afterwards has other IDs or sides than without the end of the worker")
	}
}

// TestPicturesOfOtherWorkersAreNotKept: who only unpacks them is no collection's owner.
func TestPicturesOfOtherWorkersAreNotKept(t *testing.T) {
	disk := &keep.Memory{}
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
	l := newLife(t, &keep.Memory{})
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
	l := newLife(t, fullDisk{&keep.Memory{}, func() bool { return true }})
	l.live(openPhotographs(t))
	l.answers = nil
	l.keepNow()
	if len(l.answers) != 1 || l.answers[0].To != 0 || !strings.Contains(l.answers[0].Event.(run.Noticed).Text, "the pictures could not be kept: there is no room") {
		t.Errorf("it said %v", l.answers)
	}
}

// TestDamagedPictures flips a bit of the copies.
func TestDamagedPictures(t *testing.T) {
	disk := &keep.Memory{}
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
	f.Add(c.encode())
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := decodeCollection(b)
		if err == nil && !bytes.Equal(c.encode(), b) {
			t.Errorf("%d bytes decoded and encoded are other ones", len(b))
		}
	})
}
