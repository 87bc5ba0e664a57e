package dataset

import (
	"bytes"
	"slices"
	"testing"
)

// TestZipInParts imports an archive as a whole and in parts, of which none has pictures
// of all classes: what comes in is the same.
func TestZipInParts(t *testing.T) {
	png := picture(t)
	content := zipOf(t,
		file{"all/train/dog/1.png", png}, file{"all/train/cat/2.png", png}, file{"all/train/ibis/3.png", png},
		file{"notes.txt", []byte("x")}, file{"all/test/dog/4.png", png}, file{"all/test/cat/broken.png", []byte("\x89PNG")})
	options := Options{HoldOut: -1, FolderIsClass: true, TestAlone: true}
	whole, err := imported(t, options, file{"a.zip", content})
	if err != nil {
		t.Fatal(err)
	}
	archive, err := OpenZip("a.zip", bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	if archive.Files() != 6 || !archive.IsDivided() {
		t.Errorf("%d files, divided %v, want 6 and true", archive.Files(), archive.IsDivided())
	}
	for size := 1; size <= 6; size++ {
		var got []string
		problems := 0
		for from := 0; from < 6; from += size {
			im, err := NewImporter(options)
			if err != nil {
				t.Fatal(err)
			}
			im.AddPart(archive, from, min(from+size, 6))
			part, _ := im.Finish() // One without a picture is ErrEmpty.
			got = append(got, named(part)...)
			problems += len(part.Problems)
			if !slices.Equal(part.Train.Classes, whole.Train.Classes) {
				t.Errorf("in parts of %d the classes are %q, want %q", size, part.Train.Classes, whole.Train.Classes)
			}
		}
		slices.Sort(got)
		want := named(whole)
		slices.Sort(want)
		if !slices.Equal(got, want) || problems != len(whole.Problems) {
			t.Errorf("parts of %d have %q and %d problems, want %q and %d", size, got, problems, want, len(whole.Problems))
		}
	}
}

// named lists the pictures with their classes and what they are for.
func named(s *Set) []string {
	var list []string
	for name, p := range map[string]*Pictures{"train": s.Train, "test": s.Test} {
		for i := range p.Len() {
			list = append(list, name+" "+p.Class(i)+" "+p.Name(i))
		}
	}
	return list
}

func TestOpenZipRefuses(t *testing.T) {
	if _, err := OpenZip("a.zip", bytes.NewReader([]byte("no")), 2); err == nil {
		t.Error("what is no zip was opened")
	}
}
