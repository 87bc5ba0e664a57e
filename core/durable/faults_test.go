//go:build !js

// Node takes minutes for what these thousands of files need, and runs the same code.

package durable

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// A hasty disk does not wait for its bytes to be safe, which takes most of the
// time of a test that does not cut the power.
type hasty struct{ Disk }

func (hasty) SyncDir(string) error { return nil }

func (hasty) Create(path string) (File, error) {
	f, err := Disk{}.Create(path)
	return hastyFile{f}, err
}

type hastyFile struct{ File }

func (hastyFile) Sync() error { return nil }

// A faulty disk lets one operation fail, or all from then on.
type faulty struct {
	hasty
	after int // Operations that still succeed.
	dead  bool
	err   error
	hit   string // The operation that failed first.
	told  bool   // Its caller has been asked for its error.
}

// fault counts an operation and returns the error if it is to fail.
func (f *faulty) fault(operation, path string) error {
	f.after--
	if f.after == -1 {
		f.hit = operation + " " + filepath.Base(path)
	}
	if f.after == -1 || f.after < 0 && f.dead {
		return f.err
	}
	return nil
}

func (f *faulty) MkdirAll(path string) error {
	return firstOf(f.fault("mkdir", path), func() error { return f.hasty.MkdirAll(path) })
}

func (f *faulty) Rename(from, to string) error {
	return firstOf(f.fault("rename", to), func() error { return f.hasty.Rename(from, to) })
}

func (f *faulty) Link(from, to string) error {
	return firstOf(f.fault("link", to), func() error { return f.hasty.Link(from, to) })
}

func (f *faulty) RemoveAll(path string) error {
	return firstOf(f.fault("remove", path), func() error { return f.hasty.RemoveAll(path) })
}

func (f *faulty) SyncDir(path string) error {
	return firstOf(f.fault("fsync of folder", path), func() error { return f.hasty.SyncDir(path) })
}

func (f *faulty) Create(path string) (File, error) {
	if err := f.fault("create", path); err != nil {
		return nil, err
	}
	file, err := f.hasty.Create(path)
	return &faultyFile{file, f, path}, err
}

func (f *faulty) Append(path string) (File, error) {
	if err := f.fault("append", path); err != nil {
		return nil, err
	}
	file, err := f.hasty.Append(path)
	return &faultyFile{file, f, path}, err
}

func firstOf(err error, do func() error) error {
	if err != nil {
		return err
	}
	return do()
}

type faultyFile struct {
	File
	disk *faulty
	path string
}

// Write gets half of the bytes onto a disk that is full, as real ones do.
func (f *faultyFile) Write(b []byte) (int, error) {
	if err := f.disk.fault("write", f.path); err != nil {
		n, _ := f.File.Write(b[:len(b)/2])
		return n, err
	}
	return f.File.Write(b)
}

func (f *faultyFile) Sync() error {
	return firstOf(f.disk.fault("fsync", f.path), f.File.Sync)
}

func (f *faultyFile) Close() error {
	return errors.Join(f.disk.fault("close", f.path), f.File.Close())
}

var _ io.WriteCloser = (*faultyFile)(nil)

// TestEveryFaultLeavesTheLastCheckpoint lets each operation of saving and pruning
// fail in turn: by itself, as on a full disk, or with all after it, as when the
// program is killed there. The next process finds the checkpoint that was there or
// the new one, whole, as its newest, nothing damaged, and can save.
func TestEveryFaultLeavesTheLastCheckpoint(t *testing.T) {
	for _, again := range []bool{false, true} { // A step that is saved a second time, as after its evaluation.
		for _, dead := range []bool{false, true} {
			for _, kind := range []error{syscall.ENOSPC, syscall.EIO} {
				hits := map[string]bool{}
				for after := 0; ; after++ {
					f := &faulty{after: after, dead: dead, err: kind}
					if tryFault(t, f, again, dead); f.hit == "" {
						break
					}
					hits[f.hit] = true
				}
				for _, operation := range []string{"write model", "write manifest.json", "fsync state", "fsync of folder checkpoints", "rename step-00000002"} {
					if !hits[operation] {
						t.Errorf("%q did not fail: nothing was tested; these did: %v", operation, hits)
					}
				}
			}
		}
	}
}

func tryFault(t *testing.T, f *faulty, again, dead bool) {
	t.Helper()
	root := t.TempDir()
	before := mustOpen(t, root, hasty{})
	mustSave(t, before, 1)
	if again {
		mustSave(t, before, 2)
	}
	_ = before.Close()

	d := &Dir{root: root, files: f}
	c, err := d.Save(2, contentsOf(2))
	checkTold(t, f, err, ".removing-step-00000002.replaced") // Of the old one; Prune would do it too.
	if err == nil {
		checkLoad(t, d, c)
		checkTold(t, f, d.Publish(c, "model", "last"), "remove .writing-last", "link .writing-last") // It copies then.
		checkTold(t, f, d.Prune(1, -1))
	} else if !dead {
		checkUndone(t, d)
	}
	checkTold(t, f, d.Write("metrics", []byte("new")))

	after := mustOpen(t, root, hasty{})
	defer after.Close()
	found, err := after.Checkpoints()
	if err != nil || len(found) == 0 {
		t.Fatalf("%s failed: no checkpoint is left (%v)", f.hit, err)
	}
	if again && found[0].Step != 2 {
		t.Errorf("%s failed: the newest step is %d, want 2, which was there before", f.hit, found[0].Step)
	}
	for _, c := range found {
		checkLoad(t, after, c)
	}
	checkLoad(t, after, mustSave(t, after, 3))
	if err := after.Prune(1, -1); err != nil {
		t.Errorf("%s failed, and then pruning: %v", f.hit, err)
	}
	checkTidy(t, after)
	if steps := stepsOf(t, after); !slices.Equal(steps, []int{3}) {
		t.Errorf("%s failed: steps %v are left, want 3", f.hit, steps)
	}
}

// checkTold looks at what a call returned: the first operation to fail is its error,
// and nothing else is, unless it is done on one of the names, where failing does not
// matter.
func checkTold(t *testing.T, f *faulty, err error, harmless ...string) {
	t.Helper()
	if err != nil && (!errors.Is(err, f.err) || errors.Is(err, fs.ErrNotExist)) {
		t.Errorf("%s failed: error %v, want %v alone", f.hit, err, f.err)
	}
	if err == nil && f.hit != "" && !f.told && !slices.ContainsFunc(harmless, func(name string) bool { return strings.HasSuffix(f.hit, name) }) {
		t.Errorf("%s failed and nobody was told", f.hit)
	}
	f.told = f.told || f.hit != ""
}

// checkUndone looks for what a Save that failed should have taken away, or put back.
func checkUndone(t *testing.T, d *Dir) {
	t.Helper()
	names, err := d.files.List(d.Path(checkpoints))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasPrefix(name, writing) || strings.HasSuffix(name, replaced) && !slices.Contains(names, strings.TrimSuffix(name, replaced)) {
			t.Errorf("after a Save that failed there is %s: %v", name, names)
		}
	}
}

// TestEveryFaultOfOpeningIsTold lets each operation of opening fail, where something
// is to be cleared away. The folder is free for the next process then.
func TestEveryFaultOfOpeningIsTold(t *testing.T) {
	for after := 0; ; after++ {
		root := t.TempDir()
		for _, name := range []string{".writing-metrics", "checkpoints/.writing-step-00000001", "checkpoints/.removing-step-00000002"} {
			if err := (Disk{}).MkdirAll(filepath.Join(root, name)); err != nil {
				t.Fatal(err)
			}
		}
		f := &faulty{after: after, err: syscall.EIO}
		d, err := Open(root, f)
		checkTold(t, f, err)
		if err == nil {
			checkTidy(t, d)
			_ = d.Close()
		}
		if f.hit == "" {
			if after < 5 {
				t.Errorf("opening took %d operations: nothing was cleared away", after)
			}
			return
		}
		checkTidy(t, mustOpen(t, root, hasty{}))
	}
}

// TestEveryFaultLeavesTheFile lets each operation of replacing a file fail.
func TestEveryFaultLeavesTheFile(t *testing.T) {
	for _, dead := range []bool{false, true} {
		for after := 0; ; after++ {
			root := t.TempDir()
			d := mustOpen(t, root, hasty{})
			if err := d.Write("config", []byte("old")); err != nil {
				t.Fatal(err)
			}
			f := &faulty{after: after, dead: dead, err: syscall.ENOSPC}
			err := (&Dir{root: root, files: f}).Write("config", []byte("new"))
			if f.hit == "" {
				if err != nil {
					t.Fatal(err)
				}
				break
			}
			checkTold(t, f, err)
			if !dead {
				checkTidy(t, d)
			}
			if got, err := d.Read("config", 10); err != nil || string(got) != "old" && string(got) != "new" {
				t.Errorf("%s failed: the file holds %q, %v", f.hit, got, err)
			}
		}
	}
}

func TestEveryFaultOfAppendingIsTold(t *testing.T) {
	for after := 0; ; after++ {
		f := &faulty{after: 1 << 30, err: syscall.ENOSPC}
		d := mustOpen(t, t.TempDir(), f)
		f.after = after
		err := errors.Join(d.Append("log", []byte("a")), d.Append("log", []byte("b")))
		checkTold(t, f, err)
		if f.hit == "" {
			if got, err := d.Read("log", 10); err != nil || string(got) != "a\nb\n" {
				t.Errorf("the file holds %q (%v), want two lines", got, err)
			}
			return
		}
	}
}

// A curt disk takes half of the bytes and says nothing.
type curt struct{ hasty }

func (c curt) Create(path string) (File, error) {
	f, err := c.hasty.Create(path)
	return curtFile{f}, err
}

type curtFile struct{ File }

func (f curtFile) Write(b []byte) (int, error) { return f.File.Write(b[:len(b)/2]) }

func TestHalfAWriteIsTold(t *testing.T) {
	d := mustOpen(t, t.TempDir(), curt{})
	if err := d.Write("config", []byte("new")); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("error %v, want %v", err, io.ErrShortWrite)
	}
	if _, err := d.Read("config", 10); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("half of a file has its name: %v", err)
	}
}
