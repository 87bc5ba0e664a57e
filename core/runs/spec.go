// Package runs keeps runs: what each is told, what it leaves on the disk, and how it
// goes on from there to the same bits, whatever ended it.
//
// A Job trains one run in a folder. Its Keeper hears the run's events and writes
// checkpoints, tables and curves by package durable; what is there is read back as a
// Record, without pictures or weights. Disk, clock and who is told come from the
// caller.
package runs

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/fault"
	"quarterturn/core/internal/strict"
	"quarterturn/core/measure"
	"quarterturn/core/run"
)

// A Spec is what a run is told. It is its config.json, from which it goes on.
type Spec struct {
	Command      []string // As it was given, for people.
	Config       run.Config
	From         string    // Checkpoint to start from; empty for random weights.
	Start        string    `json:",omitzero"` // Its SHA-256, for people and reports.
	Probe        string    `json:",omitzero"` // The kind of classifier on features that stay; the stage is in Config.
	Arm          string    `json:",omitzero"` // Its name in an experiment.
	Rates        []float64 `json:",omitzero"` // Of which trials chose the learning rate, in an experiment; nil where it was given.
	PretextSeed  uint64    `json:",omitzero"` // That of the network which it starts from, where an experiment trained several.
	Data         string
	Test         string `json:",omitzero"`
	HoldOut      float64
	Validation   float64 `json:",omitzero"` // Share of the training pictures that validates; 0 where the test pictures do.
	Limit        int
	Pictures     string `json:",omitzero"` // The fingerprint of all pictures, for reports: those of different data are not compared.
	TestPictures string `json:",omitzero"` // That of the test pictures alone.
	DataSeed     uint64 `json:",omitzero"` // Chooses the pictures held out and those within Limit; 0 for the run's seed.
	Backend      string
	Hardware     Hardware
	Reading      *measure.Reading `json:",omitzero"` // Nothing is trained, see Job.Read; nil of runs that train.
	Program      Program          `json:",omitzero"` // That began it, for reports.
	Keeping
}

// Keeping says how a run is kept. No number depends on it but those after a
// divergence.
type Keeping struct {
	SaveEvery Period // Within epochs too; never over for at their ends only.
	Keep      int    // Newest checkpoints kept, besides the best; 0 for all.
	OnNaN     string // StopOnNaN or RollBackOnNaN.
}

// What a run does when its loss is no longer a number.
const (
	StopOnNaN     = "stop"
	RollBackOnNaN = "rollback" // To the last checkpoint, and on at half the learning rate.
)

// DefaultKeeping is how a run is kept where nothing else is said.
func DefaultKeeping() Keeping {
	return Keeping{SaveEvery: Period{Time: 10 * time.Minute}, Keep: 3, OnNaN: StopOnNaN}
}

// Check returns an error that names what cannot be.
func (k Keeping) Check() error {
	if k.OnNaN != StopOnNaN && k.OnNaN != RollBackOnNaN {
		return fault.Errorf("runs", "on-nan is %q, want %s or %s", k.OnNaN, StopOnNaN, RollBackOnNaN)
	}
	return nil
}

// SpecFile is the name of a Spec in its run's folder, and MaxSpecBytes bounds it.
const (
	SpecFile     = "config.json"
	MaxSpecBytes = 1 << 20
)

// ChoosesBy returns the seed that chooses pictures.
func (s *Spec) ChoosesBy() uint64 { return cmp.Or(s.DataSeed, s.Config.Seed) }

// Begins tells apart what runs begin with: by the checkpoint's sum, since the same
// one has other paths elsewhere, or for older runs by its path.
func (s *Spec) Begins() string { return cmp.Or(s.Start, s.From) }

// Encode returns the JSON.
func (s *Spec) Encode() ([]byte, error) {
	b, err := json.MarshalIndent(s, "", "  ")
	return append(b, '\n'), err
}

// DecodeSpec reads the JSON of a Spec, which is not trusted.
func DecodeSpec(b []byte) (Spec, error) {
	var s Spec
	if len(b) > MaxSpecBytes {
		return s, fault.Errorf("runs", "settings of %d bytes, want at most %d", len(b), MaxSpecBytes)
	}
	if err := strict.JSON(b, &s); err != nil {
		return s, fault.Errorf("runs", "%w", err)
	}
	if !dataset.IsValidationShare(s.Validation) {
		return s, fault.Errorf("runs", "validation is %v, want 0 to %v", s.Validation, dataset.LargestValidation)
	}
	return s, errors.Join(s.Config.Validate(), s.Check())
}

// Origin returns what the numbers of a run come from, given the sums of its pictures
// and of the checkpoint that it starts from.
func (s *Spec) Origin(pictures, start string) (checkpoint.Origin, error) {
	hardware := s.Hardware.Standard()
	told := checkpoint.Told{Backend: BackendKind(s.Backend), Config: s.Config, Devices: hardware.Devices, Precision: string(hardware.Precision)}
	return told.Origin(pictures, start)
}

// Sum is the SHA-256 of bytes, in hexadecimal.
func Sum(b []byte) string { return checkpoint.Sum(b) }

// BackendKind returns the kind of a backend's name, such as engine:threads=2: its
// configuration, such as the number of threads or the place of a plugin, changes no
// number, or should not.
func BackendKind(name string) string {
	kind, _, _ := strings.Cut(name, ":")
	return kind
}

// Differs names the first thing in which the numbers of two runs may differ, or is
// empty.
func (s *Spec) Differs(other *Spec) string {
	for _, f := range []struct {
		what string
		a, b any
	}{
		{"configuration", s.Config, other.Config},
		{"start", s.Begins(), other.Begins()},
		{"set of pictures", s.chosen(), other.chosen()},
		{"way of reading features", s.reads(), other.reads()},
		{"backend", BackendKind(s.Backend), BackendKind(other.Backend)},
		{"precision or number of devices", s.Hardware.Standard(), other.Hardware.Standard()},
	} {
		if fmt.Sprintf("%+v", f.a) != fmt.Sprintf("%+v", f.b) {
			return f.what
		}
	}
	return ""
}

// reads is the run's Reading in words, empty without one.
func (s *Spec) reads() string {
	if s.Reading == nil {
		return ""
	}
	return fmt.Sprintf("%+v", *s.Reading)
}

// chosen is what decides which pictures a run has.
func (s *Spec) chosen() []any {
	return []any{s.Data, s.Test, s.HoldOut, s.Validation, s.Limit, s.DataSeed}
}
