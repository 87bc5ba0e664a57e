package lab

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"quarterturn/core/keep/files"
	"quarterturn/core/keep/record"
	"quarterturn/core/run"
)

// TestRecordsOutliveTheWorker: what one kept another recalls, the book first, and what
// was forgotten is gone with all of its run.
func TestRecordsOutliveTheWorker(t *testing.T) {
	disk := &files.Memory{}
	first := newLife(t, disk)
	first.do(
		run.Keep{Name: record.Run("1"), Blob: []byte("one")}, run.Keep{Name: record.Run("12"), Blob: []byte("twelve")},
		run.Keep{Name: record.Book, Blob: []byte("book")}, run.Keep{Name: record.Model("1"), Blob: []byte("weights")})
	second := newLife(t, disk)
	want := []run.Recalled{{Name: record.Book, Blob: []byte("book")}, {Name: record.Run("1"), Blob: []byte("one")}, {Name: record.Run("12"), Blob: []byte("twelve")}}
	if got := only[run.Recalled](t, second.do(run.Recall{})); !reflect.DeepEqual(got, want) {
		t.Errorf("recalled %q, want %q", got, want)
	}
	if got := only[run.Recalled](t, second.do(run.Recall{Name: record.Model("1")})); len(got) != 1 || string(got[0].Blob) != "weights" {
		t.Errorf("the weights are %q", got)
	}
	second.do(run.Forget{Key: "1"})
	if got := only[run.Recalled](t, second.do(run.Recall{}, run.Recall{Name: record.Model("1")})); len(got) != 2 || got[1].Name != record.Run("12") {
		t.Errorf("after a run was forgotten %q is left", got)
	}
}

// TestDamagedRecordIsSaid and the others come all the same.
func TestDamagedRecordIsSaid(t *testing.T) {
	disk := &files.Memory{}
	l := newLife(t, disk)
	l.do(run.Keep{Name: record.Run("1"), Blob: []byte("one")}, run.Keep{Name: record.Run("2"), Blob: []byte("two")})
	if err := disk.Write(record.Run("1")+".0", []byte("rubbish")); err != nil {
		t.Fatal(err)
	}
	events := newLife(t, disk).do(run.Recall{})
	if got := only[run.Recalled](t, events); len(got) != 2 || len(got[0].Blob) != 0 || string(got[1].Blob) != "two" {
		t.Errorf("recalled %q", got)
	}
	if got := only[run.Noticed](t, events); len(got) != 1 || !strings.Contains(got[0].Text, "damaged") {
		t.Errorf("noticed %q, want that a record is damaged", got)
	}
	if got := only[run.Failed](t, newDesk(t).do(run.Recall{})); len(got) != 1 || !strings.Contains(got[0].Reason, "nothing is kept") {
		t.Errorf("without a store it says %v", got)
	}
}

// TestWhoLooksOnKeepsNothing: neither records nor pictures.
func TestWhoLooksOnKeepsNothing(t *testing.T) {
	disk := &files.Memory{}
	l := newLife(t, disk)
	events := l.do(run.LookOn{}, run.AddPictures{Set: "mine", Replace: true, Files: folder(t, "cats", 2)}, run.Keep{Name: record.Book, Blob: []byte("b")})
	l.lab.album.seen, l.lab.album.since = l.lab.collection.changes, l.lab.options.Now().Add(-time.Hour)
	l.lab.keepPictures()
	if got := only[run.Failed](t, events); len(got) != 1 || !strings.Contains(got[0].Reason, "another tab") || l.lab.album.writing != nil {
		t.Errorf("keeping a record says %v, pictures being written: %v", got, l.lab.album.writing != nil)
	}
}

// TestKeysThatAreTakenAreTold: of a run of which only the state was kept, since its page
// was gone before it wrote more, and of one whose record is damaged. A new run under
// such a key would find what is not its own.
func TestKeysThatAreTakenAreTold(t *testing.T) {
	disk := &files.Memory{}
	l := newLife(t, disk)
	l.do(run.Keep{Name: record.State("7"), Blob: []byte("state")}, run.Keep{Name: record.Run("3"), Blob: []byte("three")})
	if err := disk.Write(record.Run("3")+".0", []byte("rubbish")); err != nil {
		t.Fatal(err)
	}
	got := only[run.Recalled](t, newLife(t, disk).do(run.Recall{}))
	if want := []run.Recalled{{Name: record.Run("3")}, {Name: record.Run("7")}}; !reflect.DeepEqual(got, want) {
		t.Errorf("recalled %q, want %q", got, want)
	}
}
