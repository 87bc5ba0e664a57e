package durable

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
)

// A recorder notes what is asked of a disk, in order.
type recorder struct {
	Disk
	log []string
}

func (r *recorder) note(operation, path string) {
	r.log = append(r.log, operation+" "+filepath.Base(path))
}

func (r *recorder) Create(path string) (File, error) {
	f, err := r.Disk.Create(path)
	r.note("create", path)
	return &recorderFile{f, r, path}, err
}

func (r *recorder) Rename(from, to string) error {
	r.note("rename to", to)
	return r.Disk.Rename(from, to)
}

func (r *recorder) SyncDir(path string) error {
	r.note("sync folder", path)
	return r.Disk.SyncDir(path)
}

type recorderFile struct {
	File
	disk *recorder
	path string
}

func (f *recorderFile) Write(b []byte) (int, error) {
	f.disk.note("write", f.path)
	return f.File.Write(b)
}

func (f *recorderFile) Sync() error {
	f.disk.note("sync", f.path)
	return f.File.Sync()
}

func (f *recorderFile) Close() error {
	f.disk.note("close", f.path)
	return f.File.Close()
}

// TestOrderOfWriting: bytes reach the disk before the name does, and the name before
// anybody is told that they are there.
func TestOrderOfWriting(t *testing.T) {
	r := &recorder{}
	d := mustOpen(t, filepath.Join(t.TempDir(), "run"), r)
	checkLog(t, r, "opening", []string{"sync folder run", "sync folder " + filepath.Base(filepath.Dir(d.root))})
	if err := d.Write("config", []byte("new")); err != nil {
		t.Fatal(err)
	}
	checkLog(t, r, "writing", []string{
		"create .writing-config", "write .writing-config", "sync .writing-config", "close .writing-config",
		"rename to config", "sync folder run",
	})
	c, err := d.Save(7, []Content{{"model", []byte("weights")}})
	if err != nil {
		t.Fatal(err)
	}
	checkLog(t, r, "saving", []string{
		"create model", "write model", "sync model", "close model",
		"create manifest.json", "write manifest.json", "sync manifest.json", "close manifest.json",
		"sync folder .writing-step-00000007", "rename to step-00000007", "sync folder checkpoints",
	})
	if err := d.Publish(c, "model", "last"); err != nil {
		t.Fatal(err)
	}
	checkLog(t, r, "publishing", []string{"rename to last", "sync folder run"})
}

// checkLog compares what was done since the last time.
func checkLog(t *testing.T, r *recorder, what string, want []string) {
	t.Helper()
	if !slices.Equal(r.log, want) {
		t.Errorf("%s did\n%q, want\n%q", what, r.log, want)
	}
	r.log = nil
}

// TestSyncDirAsksTheDisk calls it for a folder that cannot be synced, in /proc: only
// then does an fsync show without a power cut.
func TestSyncDirAsksTheDisk(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("no /proc on " + runtime.GOOS)
	}
	if err := (Disk{}).SyncDir("/proc/self"); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("error %v, want %v", err, syscall.EINVAL)
	}
	if err := (Disk{}).SyncDir(filepath.Join(t.TempDir(), "missing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v, want %v", err, os.ErrNotExist)
	}
}
