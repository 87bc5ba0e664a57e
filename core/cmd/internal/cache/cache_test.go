package cache

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"quarterturn/core/dataset"
	"quarterturn/core/train"
)

// testdata is real pictures, some of which cannot be read.
const testdata = "../../../dataset/testdata"

// counting is a cache in a new folder that counts how often it decodes, and says that
// each time took two seconds.
type counting struct {
	Cache
	decoded int
	clock   time.Time
	said    []string
}

func newCounting(t *testing.T) *counting {
	c := &counting{clock: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	c.Cache = Cache{
		Dir: filepath.Join(t.TempDir(), "cache"), Most: UsualMost, Slow: UsualSlow,
		Say: func(line string) { c.said = append(c.said, line) },
		Now: func() time.Time { c.clock = c.clock.Add(time.Hour); return c.clock },
	}
	c.open = func(path string, o dataset.Options) (*dataset.Set, error) { c.decoded++; return dataset.Open(path, o) }
	return c
}

// folder is a copy of some pictures, in two classes.
func folder(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for i, name := range []string{"exif-F-6.jpg", "made-31x33.png", "gif-5bpp.gif", "made-truncated-half.jpg", "jpeg-gray.jpg"} {
		b, err := os.ReadFile(filepath.Join(testdata, name))
		if err != nil {
			t.Fatal(err)
		}
		class := filepath.Join(root, []string{"cat", "dog"}[i%2])
		if err := errors.Join(os.MkdirAll(class, 0o755), os.WriteFile(filepath.Join(class, name), b, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// TestKeptIsWhatWasDecoded: the second time nothing is decoded, and the set is the same
// in all that a run takes of it and that people are told.
func TestKeptIsWhatWasDecoded(t *testing.T) {
	c, root := newCounting(t), folder(t)
	options := dataset.Options{Side: 16, Seed: 1}
	first, err := c.Open(root, options)
	if err != nil || c.decoded != 1 || len(c.said) != 1 || !strings.Contains(c.said[0], c.Dir) || !strings.Contains(c.said[0], "--cache none") {
		t.Fatalf("%v, decoded %d times, said %q", err, c.decoded, c.said)
	}
	again, err := c.Open(root, options)
	if err != nil || c.decoded != 1 || len(c.said) != 1 {
		t.Errorf("%v, decoded %d times, said %q", err, c.decoded, c.said)
	}
	if !reflect.DeepEqual(first, again) || train.Fingerprint(first) != train.Fingerprint(again) || len(again.Problems) != 1 {
		t.Errorf("kept were\n%+v\ndecoded\n%+v", again, first)
	}
}

// TestAnotherSourceIsDecoded: each change of bytes, names or options is seen, and a
// damaged file of the cache is as if it were not there.
func TestAnotherSourceIsDecoded(t *testing.T) {
	for name, change := range map[string]func(root string, o *dataset.Options, kept string) error{
		"another byte": func(root string, _ *dataset.Options, _ string) error {
			path := filepath.Join(root, "cat", "jpeg-gray.jpg")
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return os.WriteFile(path, append(b, 0), 0o600)
		},
		"another name": func(root string, _ *dataset.Options, _ string) error {
			return os.Rename(filepath.Join(root, "cat"), filepath.Join(root, "lynx"))
		},
		"another side":     func(_ string, o *dataset.Options, _ string) error { o.Side = 8; return nil },
		"another seed":     func(_ string, o *dataset.Options, _ string) error { o.Seed = 2; return nil },
		"another hold-out": func(_ string, o *dataset.Options, _ string) error { o.HoldOut = -1; return nil },
		"a flipped bit": func(_ string, _ *dataset.Options, kept string) error {
			b, err := os.ReadFile(kept)
			if err != nil {
				return err
			}
			b[len(b)/2] ^= 1
			return os.WriteFile(kept, b, 0o600)
		},
		"cut short": func(_ string, _ *dataset.Options, kept string) error { return os.Truncate(kept, 1000) },
	} {
		t.Run(name, func(t *testing.T) {
			c, root := newCounting(t), folder(t)
			options := dataset.Options{Side: 16, Seed: 1}
			if _, err := c.Open(root, options); err != nil {
				t.Fatal(err)
			}
			files, _ := filepath.Glob(filepath.Join(c.Dir, "*"))
			if len(files) != 1 {
				t.Fatalf("the cache has %q", files)
			}
			if err := change(root, &options, files[0]); err != nil {
				t.Fatal(err)
			}
			want, err := dataset.Open(root, options)
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.Open(root, options)
			if err != nil || c.decoded != 2 || !reflect.DeepEqual(got, want) {
				t.Errorf("%v, decoded %d times, want twice, to the same", err, c.decoded)
			}
		})
	}
}

// TestOldestGoFirst: within the limit are the sets that were of use last.
func TestOldestGoFirst(t *testing.T) {
	c, roots := newCounting(t), []string{folder(t), folder(t), folder(t)}
	for i, root := range roots { // Else they are the same to the cache.
		if err := os.WriteFile(filepath.Join(root, "a"+strings.Repeat("b", i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	options := dataset.Options{Side: 16, Seed: 1}
	open := func(i, decoded int) {
		t.Helper()
		before := c.decoded
		if _, err := c.Open(roots[i], options); err != nil || c.decoded-before != decoded {
			t.Errorf("set %d: %v, decoded %d times, want %d", i, err, c.decoded-before, decoded)
		}
	}
	open(0, 1)
	files, _ := filepath.Glob(filepath.Join(c.Dir, "*"))
	info, err := os.Stat(files[0])
	if err != nil {
		t.Fatal(err)
	}
	c.Most = 2*info.Size() + 100
	open(1, 1)
	for i, path := range files { // By the clock of the test, as of the file system.
		_ = os.Chtimes(path, time.Time{}, c.clock.Add(time.Duration(i)-time.Hour))
	}
	open(0, 0) // Used again: set 1 is the oldest.
	all, _ := filepath.Glob(filepath.Join(c.Dir, "*"))
	for _, path := range all {
		if path != files[0] {
			_ = os.Chtimes(path, time.Time{}, c.clock.Add(-24*time.Hour))
		}
	}
	open(2, 1)
	open(0, 0)
	open(1, 1)
}

// TestNothingHangsOnTheCache: where it cannot be written, and for what decodes fast, the
// pictures are there all the same.
func TestNothingHangsOnTheCache(t *testing.T) {
	c, root := newCounting(t), folder(t)
	if err := os.WriteFile(c.Dir, []byte("a file where the folder would be"), 0o600); err != nil {
		t.Fatal(err)
	}
	if set, err := c.Open(root, dataset.Options{Side: 16}); err != nil || set.Train.Len() == 0 || len(c.said) != 1 || !strings.Contains(c.said[0], "could not be kept") {
		t.Errorf("%v, said %q", err, c.said)
	}
	fast := newCounting(t)
	fast.Slow = 48 * time.Hour
	if _, err := fast.Open(root, dataset.Options{Side: 16}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(fast.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what decodes fast was kept: %v", err)
	}
	if _, err := fast.Open(filepath.Join(root, "none"), dataset.Options{}); err == nil {
		t.Error("a source that is not there was opened")
	}
}

func FuzzDecode(f *testing.F) {
	set, err := dataset.Open(testdata, dataset.Options{Side: 2})
	if err != nil {
		f.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := encode(&b, set); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(version + "\xff\xff\xff\xff{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		set, err := decode(bytes.NewReader(b), int64(len(b)))
		if err == nil && errors.Join(set.Train.Validate(), set.Test.Validate()) != nil {
			t.Error("what does not fit together was read")
		}
	})
}
