package durable

import (
	"errors"
	"io/fs"
	"maps"
	"slices"
	"testing"
)

// TestMemoryKeepsWhatADiskKeeps does on both what runs do: checkpoints that are replaced
// and pruned, files that are published, appended to and replaced.
func TestMemoryKeepsWhatADiskKeeps(t *testing.T) {
	var memory Memory
	inMemory, onDisk := mustOpen(t, "runs/one", &memory), mustOpen(t, t.TempDir(), Disk{})
	for _, d := range []*Dir{inMemory, onDisk} {
		for _, step := range []int{1, 2, 3, 3, 5} {
			mustSave(t, d, step)
		}
		found, err := d.Checkpoints()
		err = errors.Join(err, d.Prune(2, 1), d.SetAside(found[1]), d.Write("config.json", []byte("a")), d.Write("config.json", []byte("b")),
			d.Append("events.jsonl", []byte("1")), d.Append("events.jsonl", []byte("2")))
		if err != nil {
			t.Fatal(err)
		}
	}
	if got, want := filesOf(t, inMemory), filesOf(t, onDisk); !maps.Equal(got, want) {
		t.Errorf("in memory there are\n%q, on the disk\n%q", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
	if got, want := stepsOf(t, inMemory), stepsOf(t, onDisk); !slices.Equal(got, want) {
		t.Errorf("in memory there are the steps %v, on the disk %v", got, want)
	}
}

// filesOf returns the files of a run but for locks.
func filesOf(t *testing.T, d *Dir) map[string]string {
	t.Helper()
	all := map[string]string{}
	var visit func(string)
	visit = func(at string) {
		names, err := d.files.List(d.Path(at))
		if b, broken := d.files.Read(d.Path(at), MaxFileBytes); broken == nil {
			all[at] = string(b)
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if name != lockName {
				visit(at + "/" + name)
			}
		}
	}
	visit(".")
	return all
}

// TestMemoryTellsWhatIsNotThere as a disk does.
func TestMemoryTellsWhatIsNotThere(t *testing.T) {
	var m Memory
	m.Put("a/b", []byte("12"))
	_, reading := m.Read("a", 9)
	_, listing := m.List("b")
	for what, err := range map[string]error{"reading": reading, "listing": listing, "renaming": m.Rename("c", "d"), "linking": m.Link("c", "d")} {
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v, want %v", what, err, fs.ErrNotExist)
		}
	}
	if _, err := m.Read("a/b", 1); !errors.Is(err, ErrDamaged) {
		t.Errorf("a file that is too large: %v", err)
	}
}
