package dataset

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"quarterturn/core/fault"
)

func mapFS(files ...file) fstest.MapFS {
	fsys := make(fstest.MapFS)
	for _, f := range files {
		fsys[f.name] = &fstest.MapFile{Data: f.data}
	}
	return fsys
}

// TestRoomIsMadeOnce: what is counted before it is read is not grown bit by bit, which
// would hold its pixels twice.
func TestRoomIsMadeOnce(t *testing.T) {
	const n = 300
	good := picture(t)
	var pictures []file
	for i := range n {
		pictures = append(pictures, file{fmt.Sprintf("%s/cat/%d.png", []string{"train", "test"}[i%2], i), good})
	}
	for name, files := range map[string][]file{
		"folder":  pictures,
		"zip":     {{"a.zip", zipOf(t, pictures...)}},
		"records": {{"data_batch_1.bin", records(n / 2)}, {"test_batch.bin", records(n / 2)}},
	} {
		im, err := NewImporter(Options{HoldOut: -1})
		if err != nil {
			t.Fatal(err)
		}
		if err := im.addDirectory(mapFS(files...)); err != nil {
			t.Fatal(err)
		}
		for _, p := range []*Pictures{im.set.Train, im.set.Test} {
			const page = 8 << 10 // To which the runtime rounds.
			if p.Len() != n/2 || cap(p.Pixels)-len(p.Pixels) > page {
				t.Errorf("%s: %d pictures, %d bytes of pixels with room for %d", name, p.Len(), len(p.Pixels), cap(p.Pixels))
			}
		}
	}
}

// TestOpenFS reads each layout that Open documents.
func TestOpenFS(t *testing.T) {
	good := picture(t)
	meta := file{"batches.meta.txt", []byte("zero\none\ntwo\n")}
	in := func(folder string, f file) file { return file{folder + "/" + f.name, f.data} }
	tests := []struct {
		name        string
		files       []file
		train, test int
		classes     []string
		notice      string
	}{
		{"folders of classes", []file{{"dog/1.png", good}, {"cat/1.png", good}, {"cat/deep/2.png", good}}, 3, 0, []string{"cat", "dog"}, ""},
		{"train and test", []file{{"train/cat/1.png", good}, {"train/dog/1.png", good}, {"test/cat/2.png", good}}, 2, 1, []string{"cat", "dog"}, ""},
		{"flat", []file{{"1.png", good}, {"2.png", good}}, 2, 0, nil, ""},
		{"numbered names", []file{{"train/00000_1_dog.png", good}, {"train/00001_0_zebra.png", good}, {"test/00000_1_dog.png", good}}, 2, 1, []string{"zebra", "dog"}, ""},
		{"records", []file{meta, {"data_batch_1.bin", records(2)}, {"data_batch_2.bin", records(1)}, {"test_batch.bin", records(1)}}, 3, 1, []string{"zero", "one", "two"}, ""},
		{"records in their folder", []file{in("cifar-10-batches-bin", meta), {"cifar-10-batches-bin/data_batch_1.bin", records(2)}}, 2, 0, []string{"zero", "one", "two"}, ""},
		{"compressed records beside an archive", []file{{"a-test.bin.gz", gzipOf(t, records(1))}, {"a-train.bin.gz", gzipOf(t, records(2))}, {"b.tar.gz", nil}}, 2, 1, []string{"class 0", "class 1"},
			"b.tar.gz beside them was not"},
		{"pictures beside an archive", []file{{"1.png", good}, {"b.zip", zipOf(t, file{"2.png", good})}}, 1, 0, nil, "b.zip beside them was not"},
		{"one archive alone", []file{{"b.zip", zipOf(t, file{"cat/2.png", good}, file{"dog/2.png", good})}, {"README", nil}}, 2, 0, []string{"cat", "dog"}, "those of b.zip"},
		{"hidden files", []file{{".git/1.png", good}, {"a/.thumb.png", good}, {"a/1.png", good}}, 1, 0, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set, err := openFS(mapFS(tt.files...), Options{HoldOut: -1})
			if err != nil {
				t.Fatal(err)
			}
			if set.Train.Len() != tt.train || set.Test.Len() != tt.test || !slices.Equal(set.Train.Classes, tt.classes) {
				t.Errorf("%d training and %d test pictures of %q, want %d, %d, %q", set.Train.Len(), set.Test.Len(), set.Train.Classes, tt.train, tt.test, tt.classes)
			}
			if got := strings.Join(set.Notices, "; "); tt.notice != "" && !strings.Contains(got, tt.notice) {
				t.Errorf("notices %q, want one with %q", got, tt.notice)
			}
			if len(set.Problems) > 0 {
				t.Errorf("problems %v", set.Problems)
			}
		})
	}
}

func TestOpenFSOfArchivesAlone(t *testing.T) {
	set, err := openFS(mapFS(file{"a.zip", zipOf(t)}, file{"b.zip", zipOf(t)}), Options{})
	if !errors.Is(err, ErrEmpty) || len(set.Notices) != 1 || !strings.Contains(set.Notices[0], "a.zip, b.zip") {
		t.Errorf("%v, %v, want a notice that names both", set, err)
	}
}

// TestOpen reads from a real file system: a directory, each kind of file in it,
// and what is not there.
func TestOpen(t *testing.T) {
	dir := t.TempDir()
	good := picture(t)
	for _, f := range []file{
		{"one.png", good},
		{"broken.png", good[:40]},
		{"pets.zip", zipOf(t, file{"pets/cat/1.png", good}, file{"pets/dog/2.png", good})},
		{"pets.tar.gz", gzipOf(t, tarOf(t, file{"pets/cat/1.png", good}, file{"pets/dog/2.png", good}))},
		{"data.bin", records(4)},
		{"cut.zip", zipOf(t, file{"pets/cat/1.png", good})[:200]},
		{"notes.txt", []byte("hello")},
	} {
		if err := os.WriteFile(filepath.Join(dir, f.name), f.data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		path string
		want int    // Pictures,
		err  string // or an error.
	}{
		{"one.png", 1, ""}, {"pets.zip", 2, ""}, {"pets.tar.gz", 2, ""}, {"data.bin", 4, ""}, {".", 4, ""},
		{"broken.png", 0, "broken.png: broken PNG"},
		{"cut.zip", 0, "no pictures found in " + filepath.Join(dir, "cut.zip") + ": zip: not a valid zip file"},
		{"notes.txt", 0, "notes.txt"},
		{"missing", 0, "such file"},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			set, err := Open(filepath.Join(dir, tt.path), Options{HoldOut: -1})
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("error %v, want one with %q", err, tt.err)
				}
				return
			}
			if err != nil || set.Train.Len() != tt.want {
				t.Errorf("%v, %v, want %d pictures", set, err, tt.want)
			}
		})
	}
}

// openFS is Open for a directory in a file system of any kind.
func openFS(fsys fs.FS, options Options) (*Set, error) {
	im, err := NewImporter(options)
	if err != nil {
		return nil, err
	}
	if err := im.addDirectory(fsys); err != nil {
		return nil, fault.Errorf("dataset", "%w", err)
	}
	return im.Finish()
}
