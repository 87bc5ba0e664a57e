package runs

import (
	"fmt"
	"math"
	"path/filepath"

	"quarterturn/core/durable"
	"quarterturn/core/exam"
	"quarterturn/core/fault"
	"quarterturn/core/measure"
	"quarterturn/core/run"
)

// A Record is what a run's folder tells without its pictures and weights.
type Record struct {
	Folder    string
	Spec      Spec
	History   []run.Evaluated
	Finished  bool               // The last epoch was evaluated.
	Answers   *exam.Answers      // To the test pictures; nil without them, as of earlier versions.
	Timing    Timing             // When it was at work.
	Confusion *exam.Confusion    // Nil without one.
	Embedding *measure.Embedding // Nil without one.
	Notes     []string           // About what could not be used.
}

// Files that a finished run may have, besides those of its Keeper.
const (
	AnswersFile   = "answers.json"
	ConfusionFile = "confusion.json"
	EmbeddingFile = "embedding.json" // How its network lays the test pictures out.
)

const maxMetricsBytes = 16 << 20

// Read reads a run's folder. Only what tells nothing at all is an error.
func Read(disk durable.Files, folder string) (*Record, error) {
	b, err := disk.Read(filepath.Join(folder, SpecFile), MaxSpecBytes)
	if durable.IsMissing(err) {
		return nil, fault.Errorf("runs", "%s has no run in it: there is no %s", folder, SpecFile)
	}
	if err != nil {
		return nil, fault.Errorf("runs", "%s: %w", folder, err)
	}
	r := &Record{Folder: folder}
	if r.Spec, err = DecodeSpec(b); err != nil {
		return nil, fault.Errorf("runs", "%s: %s does not hold the settings of a run: %w", folder, SpecFile, err)
	}
	r.readTiming(disk)
	b, err = disk.Read(filepath.Join(folder, "metrics.jsonl"), maxMetricsBytes)
	if durable.IsMissing(err) {
		return r, nil // Not begun.
	}
	if err != nil {
		return nil, fault.Errorf("runs", "%s: %w", folder, err)
	}
	if r.History, err = readMetrics(b); err != nil {
		return nil, fault.Errorf("runs", "%s: %w", folder, err)
	}
	if n := len(r.History); n > 0 {
		r.Finished = r.History[n-1].Epoch >= r.Spec.Config.Epochs
	}
	r.readAnswers(disk)
	r.readConfusion(disk)
	r.readEmbedding(disk)
	return r, nil
}

// Last returns the newest evaluation.
func (r *Record) Last() run.Evaluated {
	if len(r.History) == 0 {
		return run.Evaluated{}
	}
	return r.History[len(r.History)-1]
}

// IsApart reports whether the test pictures are others than those that validated.
func (r *Record) IsApart() bool { return r.Spec.Validation > 0 }

// Tested returns how many of the test examples the network that the run ended with got
// right, of how many.
func (r *Record) Tested() (right, examples int) {
	switch {
	case r.Answers != nil:
		return r.Answers.Confusion().Right()
	case r.IsApart(): // Its evaluations are of other pictures.
		return 0, 0
	}
	return RightOf(r.Last()), r.Last().Examples
}

// mayDiffer are so many of 100 pictures that the answers and the last evaluation may
// count differently: each is a pass over the pictures of its own, which some devices
// round in another order.
const mayDiffer = 1

// agree returns an error unless a count of right ones is about that of the last
// evaluation, where both are of the same pictures.
func (r *Record) agree(right, examples int) error {
	last := r.Last()
	differ := max(right-RightOf(last), RightOf(last)-right)
	if r.IsApart() || examples == last.Examples && 100*differ <= mayDiffer*examples {
		return nil
	}
	return fault.Errorf("runs", "it counts %d of %d as right, the last evaluation %d of %d", right, examples, RightOf(last), last.Examples)
}

// readAnswers reads the answers to the test pictures.
func (r *Record) readAnswers(disk durable.Files) {
	b, err := disk.Read(filepath.Join(r.Folder, AnswersFile), measure.MaxAnswersBytes)
	if durable.IsMissing(err) {
		return
	}
	var a *exam.Answers
	if err == nil {
		a, err = measure.DecodeAnswers(b)
	}
	if err == nil {
		err = r.agree(a.Confusion().Right())
	}
	if err != nil {
		r.leaveOut(AnswersFile, err)
		return
	}
	r.Answers = a
}

// readConfusion reads the confusion matrix, which must be of the answers, or of the
// last evaluation.
func (r *Record) readConfusion(disk durable.Files) {
	b, err := disk.Read(filepath.Join(r.Folder, ConfusionFile), measure.MaxConfusionBytes)
	if durable.IsMissing(err) {
		return
	}
	var c *exam.Confusion
	if err == nil {
		c, err = measure.DecodeConfusion(b)
	}
	if err == nil {
		err = r.agree(c.Right())
	}
	if err != nil {
		r.leaveOut(ConfusionFile, err)
		return
	}
	r.Confusion = c
}

// leaveOut notes that a file cannot be used.
func (r *Record) leaveOut(file string, reason error) {
	r.Notes = append(r.Notes, fmt.Sprintf("%s of %s is left out: %s", file, r.Folder, fault.Reason(reason)))
}

// RightOf returns how many examples an evaluation found right.
func RightOf(e run.Evaluated) int { return int(math.Round(e.Accuracy * float64(e.Examples))) }

// readEmbedding reads how the run's network lays pictures out.
func (r *Record) readEmbedding(disk durable.Files) {
	e, err := ReadEmbedding(disk, r.Folder)
	if durable.IsMissing(err) {
		return
	}
	if err != nil {
		r.leaveOut(EmbeddingFile, err)
		return
	}
	r.Embedding = e
}

// ReadEmbedding reads the embedding in a folder.
func ReadEmbedding(disk durable.Files, folder string) (*measure.Embedding, error) {
	b, err := disk.Read(filepath.Join(folder, EmbeddingFile), measure.MaxEmbeddingBytes)
	if err != nil {
		return nil, err
	}
	return measure.DecodeEmbedding(b)
}
