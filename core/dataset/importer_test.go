package dataset

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// A file is a part of an archive or a folder.
type file struct {
	name string
	data []byte
}

func zipOf(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		part, err := w.Create(f.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(f.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarOf(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f.name, Mode: 0o644, Size: int64(len(f.data))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(f.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipOf(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// picture is a small PNG.
func picture(t testing.TB) []byte { return asPNG(t, quarters(6, 5), exif(1)) }

// imported adds files to a new Importer that holds nothing out.
func imported(t testing.TB, options Options, files ...file) (*Set, error) {
	t.Helper()
	if options.HoldOut == 0 {
		options.HoldOut = -1
	}
	im, err := NewImporter(options)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		im.Add(f.name, f.data)
	}
	set, err := im.Finish()
	for _, p := range []*Pictures{set.Train, set.Test} {
		if invalid := p.Validate(); invalid != nil {
			t.Fatal(invalid)
		}
	}
	return set, err
}

// animals are files of every kind that an import meets in a folder.
func animals(t testing.TB) []file {
	good := picture(t)
	return []file{
		{"pets/readme.txt", []byte("my pets")},
		{"pets/.DS_Store", []byte("junk")},
		{"pets/cat/1.png", good},
		{"pets/cat/broken.jpg", good[:40]},
		{"pets/dog/2.jpg", good},
		{"pets/dog/no extension", good},
		{"__MACOSX/pets/dog/._2.jpg", []byte("junk")},
		{"pets/dog/more.zip", zipOf(t, file{"x.png", good})},
	}
}

// TestImport gives the same files loose, zipped and in tars: the result is the same.
func TestImport(t *testing.T) {
	files := animals(t)
	for name, given := range map[string][]file{
		"zip":                      {{"pets.zip", zipOf(t, files...)}},
		"tar":                      {{"pets.tar", tarOf(t, files...)}},
		"tar.gz":                   {{"pets.tar.gz", gzipOf(t, tarOf(t, files...))}},
		"tgz":                      {{"pets.tgz", gzipOf(t, tarOf(t, files...))}},
		"a name that says nothing": {{"download", gzipOf(t, tarOf(t, files...))}},
	} {
		t.Run(name, func(t *testing.T) {
			set, err := imported(t, Options{}, given...)
			if err != nil {
				t.Fatal(err)
			}
			if want := []string{"cat", "dog"}; !slices.Equal(set.Train.Classes, want) {
				t.Errorf("classes %q, want %q", set.Train.Classes, want)
			}
			if want := []int32{0, 1, 1}; !slices.Equal(set.Train.Labels, want) {
				t.Errorf("labels %v, want %v", set.Train.Labels, want)
			}
			archive := given[0].name
			if want := archive + "/pets/cat/1.png"; set.Train.Name(0) != want {
				t.Errorf("name %q, want %q", set.Train.Name(0), want)
			}
			if len(set.Problems) != 2 {
				t.Fatalf("problems %v, want 2", set.Problems)
			}
			checkProblem(t, set.Problems[0], archive+"/pets/cat/broken.jpg", "broken PNG")
			checkProblem(t, set.Problems[1], archive+"/pets/dog/more.zip", "archive within an archive")
			if len(set.Notices) != 1 || !strings.Contains(set.Notices[0], "1 file is no picture and was left out: ") {
				t.Errorf("notices %q", set.Notices)
			}
		})
	}
}

func TestImportLooseFiles(t *testing.T) {
	set, err := imported(t, Options{}, animals(t)...)
	if err != nil {
		t.Fatal(err)
	}
	// A zip that somebody chose is opened; its picture has no folder, so no class.
	if want := []int32{0, 1, 1, Unlabelled}; !slices.Equal(set.Train.Labels, want) {
		t.Errorf("labels %v, want %v", set.Train.Labels, want)
	}
}

func TestImportSplits(t *testing.T) {
	good := picture(t)
	set, err := imported(t, Options{}, file{"x.zip", zipOf(t,
		file{"d/train/cat/1.png", good}, file{"d/train/dog/1.png", good}, file{"d/val/dog/2.png", good})})
	if err != nil || set.Train.Len() != 2 || set.Test.Len() != 1 || set.Test.Class(0) != "dog" || set.HeldOut {
		t.Errorf("%d training and %d test pictures, held out %v, %v", set.Train.Len(), set.Test.Len(), set.HeldOut, err)
	}
	set, err = imported(t, Options{}, file{"test.zip", zipOf(t, file{"test/cat/1.png", good}, file{"test/dog/1.png", good})})
	if err != nil || set.Train.Len() != 2 || set.Test.Len() != 0 {
		t.Errorf("a set that is all for testing: %d training and %d test pictures, %v", set.Train.Len(), set.Test.Len(), err)
	}
}

func TestImportHoldsOut(t *testing.T) {
	var files []file
	for i := range 20 {
		files = append(files, file{fmt.Sprintf("x/%s/%d.png", []string{"cat", "dog"}[i%2], i), picture(t)})
	}
	a, err := imported(t, Options{HoldOut: 0.3, Seed: 1}, files...)
	if err != nil {
		t.Fatal(err)
	}
	perClass, _ := a.Test.Counts()
	if !a.HeldOut || !slices.Equal(perClass, []int{3, 3}) || a.Train.Len() != 14 {
		t.Errorf("held out %v: %v per class, %d left", a.HeldOut, perClass, a.Train.Len())
	}
	for i := range a.Test.Len() {
		if slices.Contains(a.Train.Names, a.Test.Name(i)) {
			t.Errorf("%s is in both parts", a.Test.Name(i))
		}
	}
	b, _ := imported(t, Options{HoldOut: 0.3, Seed: 1}, files...)
	c, _ := imported(t, Options{HoldOut: 0.3, Seed: 2}, files...)
	if !slices.Equal(a.Test.Names, b.Test.Names) || slices.Equal(a.Test.Names, c.Test.Names) {
		t.Error("what is held out does not follow from the seed alone")
	}
}

func TestFolderIsClass(t *testing.T) {
	set, err := imported(t, Options{FolderIsClass: true}, file{"cats/1.png", picture(t)})
	if err != nil || set.Train.Class(0) != "cats" {
		t.Errorf("class %q, %v, want cats", set.Train.Class(0), err)
	}
}

func TestImportRecords(t *testing.T) {
	data := records(3)
	meta := file{"b/batches.meta.txt", []byte("zero\none\ntwo\n")}
	wrong := records(3)
	wrong[RecordSize] = 200
	tests := []struct {
		name        string
		files       []file
		train, test int
		class       string // Of the first training picture.
		problem     string
	}{
		{"names first", []file{meta, {"b/data_batch_1.bin", data}, {"b/test_batch.bin", data[:RecordSize]}}, 3, 1, "zero", ""},
		{"names last", []file{{"b/data_batch_1.bin", data}, meta}, 3, 0, "zero", ""},
		{"no names", []file{{"data_batch_1.bin", data}}, 3, 0, "airplane", ""},
		{"compressed", []file{{"train.bin.gz", gzipOf(t, data)}}, 3, 0, "class 0", ""},
		{"called CIFAR-10", []file{{"cifar-10-train.bin.gz", gzipOf(t, data)}}, 3, 0, "airplane", ""},
		{"called CIFAR-100", []file{{"cifar-100/train.bin", data}}, 3, 0, "class 0", ""},
		{"official archive", []file{{"cifar-10-binary.tar.gz", gzipOf(t, tarOf(t,
			file{"b/data_batch_1.bin", data}, meta, file{"b/readme.html", []byte("<html>")}, file{"b/test_batch.bin", data}))}}, 3, 3, "zero", ""},
		{"compressed in a zip", []file{{"x.zip", zipOf(t, file{"a.bin.gz", gzipOf(t, data)})}}, 3, 0, "class 0", ""},
		{"wrong label", []file{{"a.bin", wrong}}, 2, 0, "class 0", "record 1: label 200, want 0 to 9"},
		{"cut short", []file{{"a.bin", data[:2*RecordSize+9]}}, 2, 0, "class 0", "record 2: cut short"},
		{"more labels than names", []file{{"b/batches.meta.txt", []byte("zero\none\n")}, {"a.bin", data}}, 3, 0, "zero", "records with label 2"},
		{"cut gzip", []file{{"a.bin.gz", gzipOf(t, data)[:5000]}}, 1, 0, "class 0", "cut short"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set, err := imported(t, Options{}, tt.files...)
			if err != nil {
				t.Fatal(err)
			}
			if set.Train.Len() != tt.train || set.Test.Len() != tt.test || set.Train.Class(0) != tt.class {
				t.Errorf("%d training and %d test pictures, the first a %s, want %d, %d, %s (%v)",
					set.Train.Len(), set.Test.Len(), set.Train.Class(0), tt.train, tt.test, tt.class, set.Problems)
			}
			checkOnlyProblem(t, set, tt.problem)
		})
	}
}

// TestImportWrongLabels expects the records between those with wrong labels, under
// their own numbers, and a list of problems that is no longer than a person reads.
func TestImportWrongLabels(t *testing.T) {
	data := records(30)
	for i := 0; i < 30; i += 3 {
		data[i*RecordSize] = byte(10 + i)
	}
	set, err := imported(t, Options{HoldOut: -1}, file{"a.bin", append(data, 1)})
	if err != nil || set.Train.Len() != 20 || set.Train.Name(2) != "a.bin#4" || set.Train.Class(2) != "class 4" {
		t.Fatalf("%d pictures, %v, want 20 of which the third is record 4", set.Train.Len(), err)
	}
	if len(set.Problems) != 7 {
		t.Fatalf("problems %v, want five labels, their number and the last record", set.Problems)
	}
	checkProblem(t, set.Problems[4], "a.bin", "record 12: label 22, want 0 to 9")
	checkProblem(t, set.Problems[5], "a.bin", "10 records in all")
	checkProblem(t, set.Problems[6], "a.bin", "record 30: cut short after 1 of 3073 bytes")
}

func checkOnlyProblem(t *testing.T, set *Set, want string) {
	t.Helper()
	switch {
	case want == "" && len(set.Problems) > 0:
		t.Errorf("problems %v, want none", set.Problems)
	case want != "" && (len(set.Problems) != 1 || !strings.Contains(set.Problems[0].Reason, want)):
		t.Errorf("problems %v, want one with %q", set.Problems, want)
	}
}

// TestImportBrokenArchives cuts and spoils archives. What was whole before the
// damage is kept, and the problem names the file.
func TestImportBrokenArchives(t *testing.T) {
	good := picture(t)
	files := []file{{"p/cat/1.png", good}, {"p/dog/2.png", good}, {"p/dog/3.png", good}}
	packed := tarOf(t, files...)
	compressed := gzipOf(t, packed)
	spoilt := zipOf(t, files...)
	at := bytes.Index(spoilt, []byte("p/dog/2.png")) + 11 + 30
	spoilt[at] ^= 0xff
	tests := []struct {
		name  string
		file  file
		least int
	}{
		{"tar cut in a file", file{"a.tar", packed[:2*512+512*((len(good)+511)/512)+100]}, 1},
		{"gzip cut", file{"a.tar.gz", compressed[:len(compressed)/2]}, 0},
		{"gzip of nothing", file{"a.tar.gz", compressed[:10]}, 0},
		{"not a tar", file{"a.tar", bytes.Repeat([]byte("no"), 600)}, 0},
		{"zip cut", file{"a.zip", zipOf(t, files...)[:200]}, 0},
		{"zip with a spoilt file", file{"a.zip", spoilt}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set, err := imported(t, Options{}, tt.file)
			if (err == nil) != (set.Train.Len() > 0) || set.Train.Len() < tt.least {
				t.Errorf("%d pictures, %v, want at least %d", set.Train.Len(), err, tt.least)
			}
			if len(set.Problems) != 1 || !strings.HasPrefix(set.Problems[0].File, tt.file.name) || set.Problems[0].Reason == "" {
				t.Errorf("problems %v, want one of %s", set.Problems, tt.file.name)
			}
		})
	}
}

// TestImportLimits unpacks more than is allowed, in each way there is.
func TestImportLimits(t *testing.T) {
	zeros := make([]byte, 1<<20)
	many := make([]file, 20)
	for i := range many {
		many[i] = file{fmt.Sprintf("%d.png", i), picture(t)}
	}
	var bombs []file // Each within the limit, and within the tar, that all together pass.
	for i := range 9 {
		bombs = append(bombs, file{fmt.Sprintf("%d.bin.gz", i), gzipOf(t, zeros[:10*RecordSize])})
	}
	tests := []struct {
		name   string
		limits Limits
		file   file
		want   string
	}{
		{"gzip bomb", Limits{TotalBytes: 1 << 16}, file{"a.tar.gz", gzipOf(t, tarOf(t, file{"x.txt", zeros}, many[0]))}, "unpacks to more"},
		{"records bomb", Limits{TotalBytes: 1 << 16}, file{"a.bin.gz", gzipOf(t, zeros)}, "unpacks to more"},
		{"zip bomb", Limits{TotalBytes: 1 << 16}, file{"a.zip", zipOf(t, file{"x.png", zeros})}, "unpacks to more"},
		{"bombs in a tar", Limits{TotalBytes: 1 << 16}, file{"a.tar", tarOf(t, bombs...)}, "unpacks to more"},
		{"files in a zip", Limits{TotalBytes: 1 << 9}, file{"a.zip", zipOf(t, many...)}, "unpacks to more"},
		{"large file in a zip", Limits{FileBytes: 1 << 16}, file{"a.zip", zipOf(t, file{"x.png", zeros})}, "more than the limit of 65536"},
		{"large file", Limits{FileBytes: 1 << 16}, file{"x.png", zeros}, "more than the limit of 65536"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set, _ := imported(t, Options{Limits: tt.limits}, tt.file)
			checkOnlyProblem(t, set, tt.want)
		})
	}
	t.Run("pictures", func(t *testing.T) {
		set, err := imported(t, Options{Limits: Limits{Pictures: 5}}, file{"a.zip", zipOf(t, many...)}, many[0])
		if err != nil || set.Train.Len() != 5 || len(set.Notices) != 1 || len(set.Problems) != 0 {
			t.Errorf("%d pictures, %v, %q, %v, want 5 and a notice", set.Train.Len(), err, set.Notices, set.Problems)
		}
	})
	t.Run("problems", func(t *testing.T) {
		bad := make([]file, 9)
		for i := range bad {
			bad[i] = file{fmt.Sprintf("%d.png", i), []byte("no")}
		}
		set, _ := imported(t, Options{Limits: Limits{Problems: 2}}, bad...)
		if len(set.Problems) != 2 || len(set.Notices) != 1 || !strings.HasPrefix(set.Notices[0], "7 more") {
			t.Errorf("problems %v, notices %q", set.Problems, set.Notices)
		}
	})
}

func TestImportEach(t *testing.T) {
	var seen []string
	options := Options{Side: 4, PreviewSide: 7, Each: func(p Picture) error {
		seen = append(seen, p.File)
		side := map[string]int{"a.zip/1.png": 5, "b.bin#0": 7}[p.File] // The first is no larger.
		if len(p.Pixels) != 4*4*Channels || len(p.Preview) != side*side*Channels {
			t.Errorf("%s: %d and %d bytes", p.File, len(p.Pixels), len(p.Preview))
		}
		return nil
	}}
	_, err := imported(t, options, file{"a.zip", zipOf(t, file{"1.png", picture(t)})}, file{"b.bin", records(1)})
	if want := []string{"a.zip/1.png", "b.bin#0"}; err != nil || !slices.Equal(seen, want) {
		t.Errorf("saw %q, %v, want %q", seen, err, want)
	}
}

func TestImportEachStops(t *testing.T) {
	stop := errors.New("stop")
	calls := 0
	options := Options{Each: func(Picture) error { calls++; return stop }}
	set, err := imported(t, options, file{"a.tar", tarOf(t, file{"1.png", picture(t)}, file{"2.png", picture(t)})},
		file{"b.bin", records(3)}, file{"3.png", picture(t)})
	if !errors.Is(err, stop) || calls != 1 || len(set.Problems) != 0 {
		t.Errorf("%d calls, %v, problems %v, want one call and its error", calls, err, set.Problems)
	}
}

func TestImportOfNothing(t *testing.T) {
	set, err := imported(t, Options{}, file{"a.txt", []byte("hello")})
	if !errors.Is(err, ErrEmpty) || set == nil || len(set.Notices) != 1 {
		t.Errorf("%v, %v, want ErrEmpty and a notice", set, err)
	}
	for _, options := range []Options{{Side: -1}, {Side: MaxSide + 1}, {PreviewSide: -1}, {HoldOut: 1.5}} {
		if _, err := NewImporter(options); err == nil {
			t.Errorf("%+v was accepted", options)
		}
	}
}

// FuzzImport takes any bytes as each kind of file. Limits are small, so that an
// allocation that follows a length in the bytes shows as a crash or a long run.
func FuzzImport(f *testing.F) {
	good := picture(f)
	files := []file{{"cat/1.png", good}, {"x/data.bin", records(1)}, {"batches.meta.txt", []byte("a\nb")}}
	f.Add("a.zip", zipOf(f, files...))
	f.Add("a.tar", tarOf(f, files...))
	f.Add("a.tgz", gzipOf(f, tarOf(f, files...)))
	f.Add("a.bin.gz", gzipOf(f, records(1)))
	f.Add("a/b.png", good)
	f.Add("a.bin", append(bytes.Repeat([]byte{200}, RecordSize), records(1)...))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		set, err := imported(t, Options{Side: 3, Limits: Limits{Pixels: 1 << 12, FileBytes: 1 << 16, TotalBytes: 1 << 20}}, file{name, data})
		if (err == nil) != (set.Train.Len()+set.Test.Len() > 0) {
			t.Errorf("%d pictures, %v", set.Train.Len()+set.Test.Len(), err)
		}
	})
}
