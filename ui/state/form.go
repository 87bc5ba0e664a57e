package state

import (
	"errors"
	"slices"
	"strings"

	"quarterturn/core/run"
)

// Names of the form's fields, as Change gives them. The first two are choices of
// their own, the others settings by their names in package run.
const (
	FieldTask       = "task"
	FieldRace       = "race"
	FieldEpochs     = "epochs"
	FieldLabels     = "labels-per-class"
	FieldBatch      = "batch"
	FieldRate       = "rate"
	FieldFirstStage = "first-stage"
	FieldSeed       = "seed"
	FieldDepth      = "depth"
	FieldWidth      = "width"
)

// fields are the settings that the form asks for, in its order.
var fields = [...]string{FieldEpochs, FieldLabels, FieldBatch, FieldRate, FieldFirstStage, FieldSeed, FieldDepth, FieldWidth}

func indexOf(field string) int { return slices.Index(fields[:], field) }

// Form is what the person has written about the next run, as text: it may not be
// a number yet.
type Form struct {
	Task    run.Task
	Race    bool // Transfer and scratch at the same time, on the same pictures.
	written [len(fields)]string
	base    *run.Config // That of a run of which one thing is to be changed; nil for the defaults.
}

// Depths are the networks that the form offers.
var Depths = []int{8, 14, 20, 18}

// NewForm returns the form for a task with the defaults of package run.
func NewForm(task run.Task) Form {
	f := Form{Task: task}
	for i, name := range fields {
		f.written[i] = run.Lookup(name).Default(task)
	}
	return f
}

// Text returns what is written in a field, or "" if the form has no such field.
func (f Form) Text(field string) string {
	if i := indexOf(field); i >= 0 {
		return f.written[i]
	}
	return ""
}

// with returns the form with a field set. Another task brings its own batch and
// learning rate; the rest of what was written stays.
func (f Form) with(field, value string) Form {
	switch field {
	case FieldTask:
		fresh := NewForm(run.Task(value))
		f.Task = fresh.Task
		f.Race = f.Race && f.Task != run.Pretext
		return f.with(FieldBatch, fresh.Text(FieldBatch)).with(FieldRate, fresh.Text(FieldRate))
	case FieldRace:
		f.Race = value == "true" && f.Task != run.Pretext
	default:
		if i := indexOf(field); i >= 0 {
			f.written[i] = value
		}
	}
	return f
}

// Tasks returns the runs that Start begins, in the order of their lanes.
func (f Form) Tasks() []run.Task {
	if f.Race {
		return []run.Task{run.Transfer, run.Scratch}
	}
	return []run.Task{f.Task}
}

// UsesModel reports whether a run starts from the loaded model, whose network is
// then also that of the run it races.
func (f Form) UsesModel() bool { return f.Race || f.Task == run.Transfer }

// Configs returns the configs of the runs that Start begins. Errors are for the
// person: they name the field as the page does.
func (f Form) Configs(model *run.ModelChanged) ([]run.Config, error) {
	var configs []run.Config
	for _, task := range f.Tasks() {
		c, err := f.config(task, model)
		if err != nil {
			return nil, err
		}
		if err := c.Validate(); err != nil {
			return nil, err
		}
		configs = append(configs, c)
	}
	return configs, nil
}

// config reads the form for one task.
func (f Form) config(task run.Task, model *run.ModelChanged) (run.Config, error) {
	c := f.start(task)
	for i, name := range fields {
		s := run.Lookup(name)
		text := f.written[i]
		if !f.decides(s, task) || f.base != nil && text == s.Text(&c) {
			continue
		}
		if s.Kind == run.Decimal {
			text = strings.Replace(text, ",", ".", 1) // As half of the world writes it.
		}
		if err := s.Set(&c, text); err != nil {
			return c, err
		}
	}
	c.WarmupEpochs = min(c.WarmupEpochs, float64(c.Epochs))
	if !f.UsesModel() {
		return c, nil
	}
	if model == nil {
		return c, errors.New("transfer needs a network to start from: wait until one is loaded, or load a file")
	}
	if !isPartOf(c.Network, model.Network) || f.base == nil {
		c.Network = model.Network
	}
	c.Side = model.Side
	return c, nil
}

// start returns what the written settings are set in.
func (f Form) start(task run.Task) run.Config {
	if f.base != nil && f.base.Task == task {
		return *f.base
	}
	return run.Default(task)
}

// isPartOf reports whether a network is the first stages of another, as a probe's is.
func isPartOf(part, whole run.Network) bool {
	n := len(part.Blocks)
	return part.Width == whole.Width && n <= len(whole.Blocks) && slices.Equal(part.Blocks, whole.Blocks[:n])
}

// decides reports whether what is written about a setting counts for a task. The
// network is the model's where there is one. In a race the task that is not the
// form's own keeps its default learning rate: a network that starts from nothing
// needs larger steps than one that only has to adapt.
func (f Form) decides(s *run.Setting, task run.Task) bool {
	switch s.Name {
	case FieldDepth, FieldWidth:
		return !f.UsesModel()
	case FieldRate:
		return task == f.Task
	case FieldFirstStage:
		return task == run.Transfer
	}
	return s.MattersTo(task)
}

// formOf returns the form that asks for a run as it was configured.
func formOf(c run.Config) Form {
	f := Form{Task: c.Task, base: &c}
	for i, name := range fields {
		f.written[i] = run.Lookup(name).Text(&c)
	}
	return f
}
