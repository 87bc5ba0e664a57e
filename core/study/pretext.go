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
		all = append(all, Run{Name: pretextName(seed + 1), Part: OfPretext, Arm: -1, Seed: seed + 1, Config: c, Steps: c.Epochs * stepsOf(examples, c.BatchSize)})
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

// startOf returns what a run begins with: the model, nil for random weights, with its
// file and the file's sum.
func (s *Study) startOf(r Run) (m *checkpoint.Model, path, sum string, err error) {
	switch {
	case r.Arm < 0:
		return nil, "", "", nil
	case r.Pretext == 0:
		if a := s.Plan.Arms[r.Arm]; a.Trained() {
			path, sum = a.From, a.SHA256
		}
		return s.Starts[r.Arm].Model, path, sum, nil
	}
	path = s.pretextFile(r.Pretext)
	b, err := s.Disk.Read(path, checkpoint.MaxBytes)
	if err != nil {
		return nil, path, "", err
	}
	if m, err = checkpoint.Decode(b); err != nil {
		return nil, path, "", fault.Errorf("study", "%s: %w", path, err)
	}
	return m, path, runs.Sum(b), nil
}
