package state

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"quarterturn/core/run"
)

// Names of the form's fields, as Change gives them.
const (
	FieldTask       = "task"
	FieldRace       = "race"
	FieldEpochs     = "epochs"
	FieldBatch      = "batch"
	FieldRate       = "rate"
	FieldLabels     = "labels"
	FieldFirstStage = "stage"
	FieldDepth      = "depth"
	FieldWidth      = "width"
	FieldSeed       = "seed"
)

// Form is what the person has written about the next run, as text: it may not be
// a number yet.
type Form struct {
	Task       run.Task
	Race       bool // Transfer and scratch at the same time, on the same pictures.
	Epochs     string
	Batch      string
	Rate       string
	Labels     string
	FirstStage string
	Depth      string
	Width      string
	Seed       string
}

// Depths are the networks that the form offers.
var Depths = []int{8, 14, 20, 18}

// NewForm returns the form for a task with the defaults of package run.
func NewForm(task run.Task) Form {
	c := run.Default(task)
	return Form{
		Task:       task,
		Epochs:     strconv.Itoa(c.Epochs),
		Batch:      strconv.Itoa(c.BatchSize),
		Rate:       strconv.FormatFloat(c.LearningRate, 'g', -1, 64),
		Labels:     strconv.Itoa(c.LabelsPerClass),
		FirstStage: strconv.Itoa(c.FirstStage),
		Depth:      strconv.Itoa(c.Network.Depth()),
		Width:      strconv.Itoa(c.Network.Width),
		Seed:       strconv.FormatUint(c.Seed, 10),
	}
}

// with returns the form with a field set. Another task brings its own batch and
// learning rate; the rest of what was written stays.
func (f Form) with(field, value string) Form {
	switch field {
	case FieldTask:
		fresh := NewForm(run.Task(value))
		f.Task, f.Batch, f.Rate = fresh.Task, fresh.Batch, fresh.Rate
		f.Race = f.Race && f.Task != run.Pretext
	case FieldRace:
		f.Race = value == "true" && f.Task != run.Pretext
	case FieldEpochs:
		f.Epochs = value
	case FieldBatch:
		f.Batch = value
	case FieldRate:
		f.Rate = value
	case FieldLabels:
		f.Labels = value
	case FieldFirstStage:
		f.FirstStage = value
	case FieldDepth:
		f.Depth = value
	case FieldWidth:
		f.Width = value
	case FieldSeed:
		f.Seed = value
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

// config reads the form for one task. In a race the task that is not the form's
// own keeps its default learning rate: a network that starts from nothing needs
// larger steps than one that only has to adapt.
func (f Form) config(task run.Task, model *run.ModelChanged) (run.Config, error) {
	c := run.Default(task)
	r := fieldReader{}
	c.Epochs = r.whole("Epochs", f.Epochs)
	c.BatchSize = r.whole("Batch", f.Batch)
	c.LabelsPerClass = r.whole("Labels per class", f.Labels)
	c.Seed = uint64(max(0, r.whole("Seed", f.Seed)))
	if task == f.Task {
		c.LearningRate = r.decimal("Learning rate", f.Rate)
	}
	if task == run.Transfer {
		c.FirstStage = r.whole("First trained stage", f.FirstStage)
	}
	depth, width := r.whole("Depth", f.Depth), r.whole("Width", f.Width)
	if r.err != nil {
		return c, r.err
	}
	c.WarmupEpochs = min(c.WarmupEpochs, float64(c.Epochs))
	if !f.UsesModel() {
		var err error
		c.Network, err = run.NetworkOfDepth(depth, width)
		return c, err
	}
	if model == nil {
		return c, errors.New("transfer needs a network to start from: wait until one is loaded, or load a file")
	}
	c.Network, c.Side = model.Network, model.Side
	return c, nil
}

// A fieldReader reads numbers and keeps the first error.
type fieldReader struct{ err error }

func (r *fieldReader) whole(name, text string) int {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		r.fail(name, text, "a whole number, such as 10")
	}
	return n
}

// decimal takes a comma for a point, as half of the world writes it.
func (r *fieldReader) decimal(name, text string) float64 {
	v, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(text), ",", ".", 1), 64)
	if err != nil {
		r.fail(name, text, "a number, such as 0.05")
	}
	return v
}

func (r *fieldReader) fail(name, text, want string) {
	switch {
	case r.err != nil:
	case strings.TrimSpace(text) == "":
		r.err = fmt.Errorf("%s is empty: write %s", name, want)
	default:
		r.err = fmt.Errorf("%s is %q: write %s", name, text, want)
	}
}
