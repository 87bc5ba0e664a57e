package dataset

import (
	"slices"
	"strings"
	"testing"
)

// TestForeignNames: bytes that are no UTF-8 are written out, letters stay, and one notice
// tells of an archive, however many names it has.
func TestForeignNames(t *testing.T) {
	good := picture(t)
	set, err := imported(t, Options{}, file{"a.zip", zipOf(t, file{"\x94ü\x4c/1.png", good}, file{"\x94ü\x4c/2.png", good}, file{"Köln/1.png", good})})
	if err != nil || !slices.Equal(set.Train.Classes, []string{"%94üL", "Köln"}) {
		t.Errorf("the classes are %q, %v", set.Train.Classes, err)
	}
	if len(set.Notices) != 1 || !strings.Contains(set.Notices[0], "%94üL/1.png") {
		t.Errorf("the notices are %q, want one", set.Notices)
	}
}

// TestNamesThatLeadOut: also with the separators of another system. A class with dots
// in its name is none of them.
func TestNamesThatLeadOut(t *testing.T) {
	for name, want := range map[string]bool{"../a": true, `cat\..\a`: true, "cat/../a": true, "/etc/a": true, "cat/a": false, "..cat/a": false, "cat../a": false} {
		if leadsOut(name) != want {
			t.Errorf("%q leads out: %v", name, !want)
		}
	}
}

// TestTestAlone: a source of test pictures alone is divided, unless it is to stay whole.
func TestTestAlone(t *testing.T) {
	source := file{"test_batch.bin", records(10)}
	for i := range 10 {
		source.data[i*RecordSize] = 3 // Of one class, from which two can be held out.
	}
	for alone, want := range map[bool][2]int{false: {8, 2}, true: {0, 10}} {
		im, err := NewImporter(Options{HoldOut: 0.2, TestAlone: alone})
		if err != nil {
			t.Fatal(err)
		}
		im.Add(source.name, source.data)
		set, err := im.Finish()
		if err != nil || [2]int{set.Train.Len(), set.Test.Len()} != want || set.HeldOut == alone {
			t.Errorf("alone %v: %d to learn from and %d test pictures (%v), want %v", alone, set.Train.Len(), set.Test.Len(), err, want)
		}
	}
}

// TestNamesOfClassesThatCannotBeRead are told, and the classes are then numbers.
func TestNamesOfClassesThatCannotBeRead(t *testing.T) {
	set, err := imported(t, Options{}, file{"a/batches.meta.txt", []byte("\n")}, file{"a/b.bin", records(3)})
	if err != nil || len(set.Problems) != 1 || set.Problems[0].File != "a/batches.meta.txt" || set.Train.Class(0) != "class 0" {
		t.Errorf("problems %v, the first of class %s, %v", set.Problems, set.Train.Class(0), err)
	}
}
