package durable

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"quarterturn/core/fault"
)

// Names of checkpoints. Replaced is one that gave its name to a newer checkpoint
// of the same step and is still there because something went wrong since; aside is
// one that SetAside took out.
const (
	prefix   = "step-"
	replaced = ".replaced"
	aside    = "aside-"
)

// A Checkpoint is one that is on the disk, whole or damaged.
type Checkpoint struct {
	Step int
	name string
}

// A Content is a file of a checkpoint.
type Content struct {
	Name  string // No folder in it.
	Bytes []byte
}

func (d *Dir) folder(c Checkpoint) string { return d.Path(filepath.Join(checkpoints, c.name)) }

// String returns the name of the checkpoint's folder.
func (c Checkpoint) String() string { return c.name }

// Save writes a checkpoint. When it returns an error, the earlier ones are
// as they were; when it does not, the new one survives a power cut. A checkpoint
// of the same step is replaced.
func (d *Dir) Save(step int, contents []Content) (Checkpoint, error) {
	c := Checkpoint{Step: step, name: fmt.Sprintf("%s%08d", prefix, step)}
	temporary := d.Path(filepath.Join(checkpoints, writing+c.name))
	err := d.fill(temporary, step, contents)
	if err == nil {
		err = d.move(temporary, c)
	}
	if err != nil {
		_ = d.files.RemoveAll(temporary) // Makes room; else the next Open does it.
		return c, fault.Errorf("durable", "saving %s: %w", c, err)
	}
	return c, nil
}

// fill writes the folder of a checkpoint and waits until the disk has it: the
// manifest last, and then the folder's own list of names.
func (d *Dir) fill(folder string, step int, contents []Content) error {
	manifest, err := newManifest(step, contents)
	if err != nil {
		return err
	}
	if err := d.files.RemoveAll(folder); err != nil {
		return err
	}
	if err := d.files.MkdirAll(folder); err != nil {
		return err
	}
	for _, content := range contents {
		if err := create(d.files, filepath.Join(folder, content.Name), content.Bytes); err != nil {
			return err
		}
	}
	if err := create(d.files, filepath.Join(folder, manifestName), manifest.encode()); err != nil {
		return err
	}
	return d.files.SyncDir(folder)
}

// move gives a finished folder the checkpoint's name. No rename replaces a folder
// that is not empty, so one that has the name steps aside first, under a name by
// which Checkpoints still finds it.
func (d *Dir) move(folder string, c Checkpoint) error {
	final := d.folder(c)
	old := Checkpoint{Step: c.Step, name: c.name + replaced}
	again := d.exists(final)
	if again {
		if err := errors.Join(d.remove(old), d.files.Rename(final, d.folder(old))); err != nil {
			return err
		}
	}
	if err := d.files.Rename(folder, final); err != nil {
		if again {
			return errors.Join(err, d.files.Rename(d.folder(old), final))
		}
		return err
	}
	if err := d.files.SyncDir(filepath.Dir(final)); err != nil {
		return err
	}
	if again {
		_ = d.remove(old) // Prune would do it too.
	}
	return nil
}

// remove takes a checkpoint away. It vanishes by a rename, so that none is ever
// found half removed.
func (d *Dir) remove(c Checkpoint) error {
	if !d.exists(d.folder(c)) {
		return nil
	}
	doomed := d.Path(filepath.Join(checkpoints, removing+c.name))
	if err := d.files.RemoveAll(doomed); err != nil {
		return err
	}
	if err := d.files.Rename(d.folder(c), doomed); err != nil {
		return err
	}
	return d.files.RemoveAll(doomed)
}

// Checkpoints lists what is there, newest first. Whether one is whole only Load
// tells.
func (d *Dir) Checkpoints() ([]Checkpoint, error) {
	names, err := d.files.List(d.Path(checkpoints))
	if err != nil {
		return nil, fault.Errorf("durable", "%w", err)
	}
	var found []Checkpoint
	for _, name := range names {
		digits := strings.TrimSuffix(strings.TrimPrefix(name, prefix), replaced)
		step, err := strconv.ParseUint(digits, 10, 31)
		if strings.HasPrefix(name, prefix) && err == nil {
			found = append(found, Checkpoint{Step: int(step), name: name})
		}
	}
	slices.SortFunc(found, func(a, b Checkpoint) int {
		if a.Step != b.Step {
			return b.Step - a.Step
		}
		return len(a.name) - len(b.name) // A replaced one is older.
	})
	return found, nil
}

// Prune removes checkpoints but for those of the newest so many steps and of the
// step keep. Fewer than one keeps all. Call it after a Save that went well.
func (d *Dir) Prune(newest, keep int) error {
	found, err := d.Checkpoints()
	if err != nil || newest < 1 {
		return err
	}
	var failures []error
	steps := 0
	for i, c := range found {
		again := i > 0 && found[i-1].Step == c.Step // The one that it was replaced by is safe.
		if !again {
			steps++
		}
		if again || steps > newest && c.Step != keep {
			failures = append(failures, d.remove(c))
		}
	}
	if err := errors.Join(failures...); err != nil {
		return fault.Errorf("durable", "removing old checkpoints: %w", err)
	}
	return nil
}

// SetAside renames a checkpoint that is no good, so that it no longer counts and a
// person can still look at it.
func (d *Dir) SetAside(c Checkpoint) error {
	to := d.Path(filepath.Join(checkpoints, aside+c.name))
	if err := d.files.RemoveAll(to); err != nil {
		return fault.Errorf("durable", "%w", err)
	}
	if err := d.files.Rename(d.folder(c), to); err != nil {
		return fault.Errorf("durable", "setting %s aside: %w", c, err)
	}
	return nil
}

// IsCheckpoint reports whether a folder is called as Save calls one.
func IsCheckpoint(name string) bool {
	digits, ok := strings.CutPrefix(name, prefix)
	step, err := strconv.ParseUint(digits, 10, 31)
	return ok && err == nil && name == fmt.Sprintf("%s%08d", prefix, step)
}
