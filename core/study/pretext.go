package study

import (
	"encoding/json"
	"path/filepath"

	"quarterturn/core/checkpoint"
	"quarterturn/core/fault"
	"quarterturn/core/internal/strict"
	"quarterturn/core/run"
	"quarterturn/core/runs"
)

// Pretext is what an Arm's From says for the networks that the study trains itself to
// guess turns. A file of this name is ./pretext.
const Pretext = "pretext"

// Pretexts are the networks that arms from Pretext begin with: of so many seeds from 1
// on, one after the other for the seeds of the runs. With one network every interval
// hangs on how that came out; with as many as there are seeds each seed is a
// repetition of the whole.
type Pretexts struct {
	Seeds    int
	Settings run.Config // Task and seed are the study's.
}

// pretextsFile is a Pretexts as people write it.
type pretextsFile struct {
	Seeds    int             `json:"seeds"`
	Settings json.RawMessage `json:"settings"`
}

// MarshalJSON writes the settings as people do.
func (p Pretexts) MarshalJSON() ([]byte, error) {
	settings, err := json.Marshal(settingsOf(p.Settings, run.Pretext, "task", "seed"))
	if err != nil {
		return nil, err
	}
	return json.Marshal(pretextsFile{p.Seeds, settings})
}

// UnmarshalJSON reads settings over those of run.Default.
func (p *Pretexts) UnmarshalJSON(b []byte) error {
	var file pretextsFile
	if err := strict.JSON(b, &file); err != nil {
		return fault.Errorf("study", "pretext: %w", err)
	}
	p.Seeds, p.Settings = file.Seeds, run.Default(run.Pretext)
	if len(file.Settings) == 0 {
		return nil
	}
	settings, err := settingsIn(file.Settings)
	if err == nil {
		err = settings.set(&p.Settings)
	}
	if err != nil {
		return fault.Errorf("study", "pretext: settings: %w", err)
	}
	return nil
}

// validatePretext checks that arms from Pretext have networks to begin with.
func (p *Plan) validatePretext() error {
	needed := false
	for _, a := range p.Arms {
		needed = needed || a.From == Pretext
	}
	switch q := p.Pretext; {
	case q == nil && needed:
		return fault.New("study", "an arm begins with a pretext network, and the plan trains none: give it pretext seeds")
	case q == nil:
		return nil
	case q.Seeds < 1 || q.Seeds > len(p.Seeds):
		return fault.Errorf("study", "%d pretext seeds, want 1 to %d, the number of seeds", q.Seeds, len(p.Seeds))
	}
	return p.Pretext.Settings.Validate()
}

// pretextRuns lists the runs of the pretext task.
func (p *Plan) pretextRuns(pictures int) (all []Run) {
	if p.Pretext == nil {
		return nil
	}
	for seed := range uint64(p.Pretext.Seeds) {
		c := p.Pretext.Settings
		c.Task, c.Seed, c.LabelsPerClass = run.Pretext, seed+1, 0
		examples := pictures * 4
		if c.OneTurn {
			examples = pictures
		}
		all = append(all, Run{Name: pretextName(seed + 1), Part: OfPretext, Arm: -1, Seed: seed + 1, Config: c, Steps: c.Epochs * run.StepsPerEpoch(examples, c.BatchSize)})
	}
	return all
}

// pretextOf returns the seed of the pretext network that a run of an arm begins with,
// where n is the place of its own seed among the plan's; 0 for none.
func (p *Plan) pretextOf(a Arm, n int) uint64 {
	if a.From != Pretext || p.Pretext == nil {
		return 0
	}
	return uint64(n%p.Pretext.Seeds) + 1
}

// pretextFile is where the network of a pretext run is, once it is finished.
func (s *Study) pretextFile(seed uint64) string {
	return filepath.Join(s.FolderOf(Run{Name: pretextName(seed), Part: OfPretext}), "last.safetensors")
}

// A begun is what a run begins with: a file and its sum, both empty for random weights.
type begun struct {
	path, sum string
	bytes     []byte // Of a network of the study's own; else the arm's Start has it decoded.
}

// begins returns what a run begins with. It is an error where that is a network of the
// study's own that is not there yet.
func (s *Study) begins(r Run) (begun, error) {
	switch {
	case r.Arm < 0 || !s.Plan.Arms[r.Arm].Trained():
		return begun{}, nil
	case r.Pretext == 0:
		a := s.Plan.Arms[r.Arm]
		return begun{path: a.From, sum: a.SHA256}, nil
	}
	path := s.pretextFile(r.Pretext)
	b, err := s.Disk.Read(path, checkpoint.MaxBytes)
	return begun{path, runs.Sum(b), b}, err
}

// modelOf returns the model that a run begins with, nil for random weights.
func (s *Study) modelOf(r Run, with begun) (*checkpoint.Model, error) {
	if with.bytes == nil {
		if r.Arm < 0 {
			return nil, nil
		}
		return s.Starts[r.Arm].Model, nil
	}
	m, err := checkpoint.Decode(with.bytes)
	if err != nil {
		return nil, fault.Errorf("study", "%s: %w", with.path, err)
	}
	return m, nil
}
