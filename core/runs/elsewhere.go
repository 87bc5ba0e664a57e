package runs

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"quarterturn/core/checkpoint"
	"quarterturn/core/durable"
	"quarterturn/core/exam"
	"quarterturn/core/fault"
	"quarterturn/core/run"
)

// An Elsewhere is a run that was not trained by a Job, such as one of the page: what a
// Job would have left of it.
type Elsewhere struct {
	Spec    Spec
	History []run.Evaluated
	Answers *exam.Answers // Nil where the test pictures were not looked at.
	Model   []byte        // Of the state it goes on from, and with State the rest of that; both nil where it cannot.
	State   []byte
	Last    []byte // The network it ended with; nil for Model.
}

// The newest network of a run, in its folder, and the best.
const (
	LastFile = "last.safetensors"
	BestFile = "best.safetensors"
)

// Leave writes the folder of the run as its Keeper would have, and of what it can the
// rest, after an error about a part.
func (e *Elsewhere) Leave(disk durable.Files, folder string) (failed error) {
	description, err := e.Spec.Encode()
	if err != nil {
		return err
	}
	dir, err := durable.Open(folder, disk)
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, dir.Close()) }()
	if err := dir.Write(SpecFile, description); err != nil {
		return err
	}
	if len(e.History) > 0 {
		err = writeMetrics(dir, e.History)
	}
	if e.Answers != nil {
		err = errors.Join(err, writeAnswers(dir, e.Spec.Config.Task, e.Answers))
	}
	return errors.Join(err, e.leaveNetwork(dir))
}

func (e *Elsewhere) leaveNetwork(dir *durable.Dir) error {
	last := e.Last
	if e.State != nil {
		m, err := checkpoint.Decode(e.Model)
		if err == nil {
			_, err = checkpoint.DecodeState(e.State, m.Config)
		}
		if err == nil {
			_, err = dir.Save(m.Steps, []durable.Content{{Name: modelFile, Bytes: e.Model}, {Name: stateFile, Bytes: e.State}})
		}
		if err != nil {
			return fault.Errorf("runs", "its state cannot be used: %w", err)
		}
		if last == nil {
			last = e.Model
		}
	}
	if last == nil {
		return nil
	}
	return dir.Write(LastFile, last)
}

// A Position is a checkpoint as the bytes of its files.
type Position struct {
	Step         int
	Model, State []byte
	Notes        []string // Which newer ones are damaged.
}

// Newest returns of the run in a folder the newest checkpoint that is whole, or one without
// a State where there is none.
func Newest(disk durable.Files, folder string) (at Position, err error) {
	dir, err := durable.Open(folder, disk)
	if err != nil {
		return at, err
	}
	defer func() { err = errors.Join(err, dir.Close()) }()
	found, err := dir.Checkpoints()
	if err != nil {
		return at, err
	}
	for _, c := range found {
		contents, err := dir.Load(c)
		if err == nil {
			_, _, err = decode(contents)
		}
		if err == nil {
			at.Step, at.Model, at.State = c.Step, contents[modelFile], contents[stateFile]
			return at, nil
		}
		at.Notes = append(at.Notes, fmt.Sprintf("checkpoint %v of %s cannot be used: %s", c, folder, fault.Reason(err)))
	}
	return at, nil
}

// Files of a run that others have a use for, besides its checkpoints. Not those of a
// process at work, nor what it set aside.
var ownFiles = []string{
	SpecFile, "metrics.jsonl", "metrics.csv", eventsFile, AnswersFile, ConfusionFile, EmbeddingFile,
	LastFile, BestFile,
}

const (
	checkpointsFolder = "checkpoints"
	manifestFile      = "manifest.json"
)

// IsFile reports whether a path, with slashes, is one of a file in a run's folder that
// FilesIn lists.
func IsFile(name string) bool {
	if slices.Contains(ownFiles, name) {
		return true
	}
	parts := strings.Split(name, "/")
	return len(parts) == 3 && parts[0] == checkpointsFolder && durable.IsCheckpoint(parts[1]) &&
		slices.Contains([]string{modelFile, stateFile, manifestFile}, parts[2])
}

// FilesIn lists the files of a run's folder, whole or not, with slashes.
func FilesIn(disk durable.Files, folder string) (files []string) {
	for _, name := range ownFiles {
		if durable.Has(disk, folder, name) {
			files = append(files, name)
		}
	}
	found, _ := disk.List(filepath.Join(folder, checkpointsFolder)) // A run that has not begun has none.
	for _, name := range found {
		for _, file := range []string{modelFile, stateFile, manifestFile} {
			if p := path.Join(checkpointsFolder, name, file); IsFile(p) && durable.Has(disk, filepath.Join(folder, checkpointsFolder, name), file) {
				files = append(files, p)
			}
		}
	}
	return files
}
