package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// TestCheckpointsAreThoseOfSave has names near theirs.
func TestCheckpointsAreThoseOfSave(t *testing.T) {
	d := mustOpen(t, t.TempDir(), Disk{})
	for _, name := range []string{"7", "00000007", "step-", "step-x", "step--1", "step-2147483648", "aside-step-00000001", "step-1.old", ".replaced", "Step-1"} {
		if err := os.Mkdir(d.Path(filepath.Join(checkpoints, name)), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if got := stepsOf(t, d); len(got) > 0 {
		t.Errorf("steps %v, want none", got)
	}
	mustSave(t, d, 3)
	if got := stepsOf(t, d); !slices.Equal(got, []int{3}) {
		t.Errorf("steps %v, want 3", got)
	}
}

// TestAFolderThatIsGoneIsTold: else a run would go on with nothing to go back to.
func TestAFolderThatIsGoneIsTold(t *testing.T) {
	d := mustOpen(t, t.TempDir(), Disk{})
	mustSave(t, d, 1)
	if err := os.RemoveAll(d.Path(checkpoints)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Checkpoints(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("listing: error %v, want %v", err, fs.ErrNotExist)
	}
	if err := d.Prune(1, -1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("pruning: error %v, want %v", err, fs.ErrNotExist)
	}
	if err := d.SetAside(Checkpoint{1, "step-00000001"}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("setting aside: error %v, want %v", err, fs.ErrNotExist)
	}
	if err := d.Publish(Checkpoint{1, "step-00000001"}, "model", "last"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("publishing: error %v, want %v", err, fs.ErrNotExist)
	}
}

// An unlisted disk does not say what is in a folder.
type unlisted struct{ Disk }

func (unlisted) List(string) ([]string, error) { return nil, fs.ErrPermission }

func TestAFolderThatIsNotListedIsTold(t *testing.T) {
	root := t.TempDir()
	if _, err := Open(root, unlisted{}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("opening: error %v, want %v", err, fs.ErrPermission)
	}
	if Has(unlisted{}, root, lockName) {
		t.Error("a folder that is not listed has a file")
	}
	mustOpen(t, root, Disk{}) // The one that failed let go of it.
	if !Has(Disk{}, root, lockName) || Has(Disk{}, root, "other") {
		t.Errorf("the folder has %s: %v; other: %v", lockName, Has(Disk{}, root, lockName), Has(Disk{}, root, "other"))
	}
}

// TestPruneDoesNotCountWhatIsReplaced has a checkpoint twice, as after a kill.
func TestPruneDoesNotCountWhatIsReplaced(t *testing.T) {
	d := mustOpen(t, t.TempDir(), Disk{})
	mustSave(t, d, 1)
	c := mustSave(t, d, 2)
	if err := os.Rename(d.folder(c), d.folder(c)+replaced); err != nil {
		t.Fatal(err)
	}
	if got := stepsOf(t, d); !slices.Equal(got, []int{2, 1}) {
		t.Errorf("a replaced checkpoint without its successor: steps %v, want 2 and 1", got)
	}
	mustSave(t, d, 2)
	if err := d.Prune(2, -1); err != nil {
		t.Fatal(err)
	}
	if got := stepsOf(t, d); !slices.Equal(got, []int{2, 1}) {
		t.Errorf("steps %v, want 2 and 1", got)
	}
	checkTidy(t, d)
}

// TestManifestLimits has manifests at their limits and one beyond.
func TestManifestLimits(t *testing.T) {
	entry := func(bytes int64) manifestEntry { return manifestEntry{Name: "model", Bytes: bytes} }
	for name, files := range map[string][]manifestEntry{
		"no file":            nil,
		"an empty file":      {entry(0)},
		"the largest file":   {entry(MaxFileBytes)},
		"-a larger one":      {entry(MaxFileBytes + 1)},
		"as many as may be":  slices.Repeat([]manifestEntry{entry(1)}, maxFiles),
		"-one more":          slices.Repeat([]manifestEntry{entry(1)}, maxFiles+1),
		"-in another folder": {{Name: "a/b"}},
		"-the folder above":  {{Name: ".."}},
	} {
		_, err := decodeManifest(manifest{Version: manifestVersion, Files: files}.encode())
		if bad := name[0] == '-'; bad != errors.Is(err, ErrDamaged) || !bad && err != nil {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestLoadOfALaterVersion: what it lists means something else, perhaps.
func TestLoadOfALaterVersion(t *testing.T) {
	d := mustOpen(t, t.TempDir(), Disk{})
	c := mustSave(t, d, 7)
	m, err := newManifest(7, contentsOf(7))
	if err != nil {
		t.Fatal(err)
	}
	m.Version++
	if err := os.WriteFile(filepath.Join(d.folder(c), manifestName), m.encode(), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Load(c); err == nil || errors.Is(err, ErrDamaged) {
		t.Errorf("error %v, want that it is of a later version", err)
	}
}

// TestReadIsBounded: a file may grow behind our back.
func TestReadIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := (Disk{}).Read(path, 5); err != nil || string(got) != "12345" {
		t.Errorf("as long as may be: %q, %v", got, err)
	}
	if got, err := (Disk{}).Read(path, 4); !errors.Is(err, ErrDamaged) {
		t.Errorf("longer than may be: %q, %v", got, err)
	}
}

// TestReadClosesFiles counts them: a run of days reads thousands.
func TestReadClosesFiles(t *testing.T) {
	const folder = "/proc/self/fd"
	before, err := os.ReadDir(folder)
	if err != nil {
		t.Skip("no " + folder)
	}
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if _, err := (Disk{}).Read(path, 1); err != nil {
			t.Fatal(err)
		}
	}
	if after, err := os.ReadDir(folder); err != nil || len(after) > len(before)+50 {
		t.Errorf("%d files are open after 100 were read, %d before (%v)", len(after), len(before), err)
	}
}

func TestLockTellsWhatItCannotOpen(t *testing.T) {
	if _, err := (Disk{}).Lock(filepath.Join(t.TempDir(), "missing", lockName)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want %v", err, fs.ErrNotExist)
	}
}

// TestSaveRefusesHugeFiles: Load would, when it is too late.
func TestSaveRefusesHugeFiles(t *testing.T) {
	if runtime.GOOS == "js" {
		t.Skip("half a gigabyte, which only a machine's own memory gives without touching it")
	}
	d := mustOpen(t, t.TempDir(), Disk{})
	if _, err := d.Save(1, []Content{{"model", make([]byte, MaxFileBytes+1)}}); err == nil || !strings.Contains(err.Error(), "model has 512 MiB") {
		t.Errorf("error %v", err)
	}
	if got := stepsOf(t, d); len(got) > 0 {
		t.Errorf("steps %v, want none", got)
	}
}
