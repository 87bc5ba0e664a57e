package durable

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

func mustOpen(t testing.TB, root string, files Files) *Dir {
	t.Helper()
	d, err := Open(root, files)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// contentsOf returns what a test saves at a step.
func contentsOf(step int) []Content {
	source := rand.New(rand.NewPCG(1, uint64(step)))
	weights := make([]byte, 300)
	for i := range weights {
		weights[i] = byte(source.Uint32())
	}
	return []Content{{"model", weights}, {"state", fmt.Appendf(nil, "state of step %d", step)}, {"empty", nil}}
}

func mustSave(t testing.TB, d *Dir, step int) Checkpoint {
	t.Helper()
	c, err := d.Save(step, contentsOf(step))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// checkLoad compares a checkpoint with what was saved at its step.
func checkLoad(t testing.TB, d *Dir, c Checkpoint) {
	t.Helper()
	got, err := d.Load(c)
	if err != nil {
		t.Fatalf("%v: %v", c, err)
	}
	for _, want := range contentsOf(c.Step) {
		if !bytes.Equal(got[want.Name], want.Bytes) {
			t.Errorf("%v: %s came back as %q, want %q", c, want.Name, got[want.Name], want.Bytes)
		}
	}
}

func stepsOf(t testing.TB, d *Dir) (steps []int) {
	t.Helper()
	found, err := d.Checkpoints()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range found {
		steps = append(steps, c.Step)
	}
	return steps
}

func TestSaveLoadPrune(t *testing.T) {
	d := mustOpen(t, filepath.Join(t.TempDir(), "runs", "a"), Disk{})
	for _, step := range []int{0, 3, 20, 20, 100, 123456789} {
		checkLoad(t, d, mustSave(t, d, step))
	}
	if got, want := stepsOf(t, d), []int{123456789, 100, 20, 3, 0}; !reflect.DeepEqual(got, want) {
		t.Errorf("steps %v, want %v", got, want)
	}
	if err := d.Prune(0, 0); err != nil || len(stepsOf(t, d)) != 5 {
		t.Errorf("pruning to 0 left %v (%v), want all", stepsOf(t, d), err)
	}
	if err := d.Prune(2, 3); err != nil {
		t.Fatal(err)
	}
	if got, want := stepsOf(t, d), []int{123456789, 100, 3}; !reflect.DeepEqual(got, want) {
		t.Errorf("after pruning: steps %v, want %v", got, want)
	}
}

// TestPublish checks that a name in the run's folder follows the checkpoint, and
// outlives it.
func TestPublish(t *testing.T) {
	for name, files := range map[string]Files{"links": Disk{}, "copies": withoutLinks{}} {
		d := mustOpen(t, t.TempDir(), files)
		for _, step := range []int{1, 1, 2} {
			if err := d.Publish(mustSave(t, d, step), "model", "last"); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got, err := d.Read("last", 1000)
			if err != nil || !bytes.Equal(got, contentsOf(step)[0].Bytes) {
				t.Errorf("%s: step %d was published as %q, %v", name, step, got, err)
			}
		}
		mustSave(t, d, 3)
		if err := d.Prune(1, -1); err != nil {
			t.Fatal(err)
		}
		if got, err := d.Read("last", 1000); err != nil || !bytes.Equal(got, contentsOf(2)[0].Bytes) {
			t.Errorf("%s: after pruning last is %q, %v", name, got, err)
		}
		checkTidy(t, d)
	}
}

type withoutLinks struct{ Disk }

func (withoutLinks) Link(string, string) error { return errors.New("this disk has no links") }

// checkTidy looks for what should not be left over.
func checkTidy(t testing.TB, d *Dir) {
	t.Helper()
	for _, folder := range []string{d.root, d.Path(checkpoints)} {
		names, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range names {
			if name := entry.Name(); strings.HasPrefix(name, ".") && name != lockName || strings.HasSuffix(name, replaced) {
				t.Errorf("%s is left over in %s", name, folder)
			}
		}
	}
}

// TestLock opens a folder twice. A lock belongs to an open file, so one process
// can stand for two.
func TestLock(t *testing.T) {
	switch runtime.GOOS {
	case "linux", "darwin", "freebsd", "netbsd", "openbsd", "dragonfly":
	default:
		t.Skip("no locks on " + runtime.GOOS)
	}
	root := t.TempDir()
	d := mustOpen(t, root, Disk{})
	if _, err := Open(root, Disk{}); !errors.Is(err, ErrInUse) {
		t.Errorf("opened twice: error %v, want %v", err, ErrInUse)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, root, Disk{})
}

// TestSetAside checks that a checkpoint no longer counts but is there.
func TestSetAside(t *testing.T) {
	d := mustOpen(t, t.TempDir(), Disk{})
	mustSave(t, d, 1)
	for range 2 { // The second replaces the first.
		if err := d.SetAside(mustSave(t, d, 2)); err != nil {
			t.Fatal(err)
		}
	}
	if got := stepsOf(t, d); !reflect.DeepEqual(got, []int{1}) {
		t.Errorf("steps %v, want only 1", got)
	}
	if _, err := os.Stat(d.Path("checkpoints/aside-step-00000002/model")); err != nil {
		t.Error(err)
	}
}

// TestLoadRefuses has manifests that are well formed and lie.
func TestLoadRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change func(*manifest)
	}{
		{"a way out of the folder", func(m *manifest) { m.Files[0].Name = "../secret" }},
		{"a folder", func(m *manifest) { m.Files[0].Name = ".." }},
		{"no name", func(m *manifest) { m.Files[0].Name = "" }},
		{"a file of 2^60 bytes", func(m *manifest) { m.Files[0].Bytes = 1 << 60 }},
		{"a negative length", func(m *manifest) { m.Files[0].Bytes = -1 }},
		{"a file that is not there", func(m *manifest) { m.Files[0].Name = "other" }},
		{"many files", func(m *manifest) { m.Files = append(m.Files, make([]manifestEntry, maxFiles)...) }},
		{"another step", func(m *manifest) { m.Step = 8 }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := mustOpen(t, t.TempDir(), Disk{})
			c := mustSave(t, d, 7)
			m, err := newManifest(7, contentsOf(7))
			if err != nil {
				t.Fatal(err)
			}
			tt.change(&m)
			if err := os.WriteFile(filepath.Join(d.folder(c), manifestName), m.encode(), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := d.Load(c); !errors.Is(err, ErrDamaged) {
				t.Errorf("error %v, want %v", err, ErrDamaged)
			}
		})
	}
}

// TestLaterVersionIsNotDamage keeps an old program from setting a newer one's
// checkpoints aside.
func TestLaterVersionIsNotDamage(t *testing.T) {
	_, err := decodeManifest(manifest{Version: manifestVersion + 1}.encode())
	if err == nil || errors.Is(err, ErrDamaged) {
		t.Errorf("error %v, want one that is not %v", err, ErrDamaged)
	}
}

// FuzzManifest looks for panics, and for manifests that encode as other bytes.
func FuzzManifest(f *testing.F) {
	m, err := newManifest(7, contentsOf(7))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(m.encode())
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := decodeManifest(b); err == nil && !bytes.Equal(m.encode(), b) {
			t.Errorf("%q was read as %+v", b, m)
		}
	})
}

// TestReadRefusesWhatIsNoFile reads a folder; a pipe, which would make it wait for
// ever, is refused by the same line.
func TestReadRefusesWhatIsNoFile(t *testing.T) {
	if _, err := (Disk{}).Read(t.TempDir(), 1<<20); !errors.Is(err, ErrDamaged) {
		t.Errorf("error %v, want that it is no plain file", err)
	}
}
