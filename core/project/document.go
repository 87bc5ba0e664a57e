package project

import (
	"encoding/json"
	"math"
	"slices"
	"time"

	"quarterturn/core/chart"
	"quarterturn/core/dataset"
	"quarterturn/core/exam"
	"quarterturn/core/fault"
	"quarterturn/core/notebook"
	"quarterturn/core/run"
)

// format is that of what is written. A later one may add what this program passes over,
// and has another number only where it would be misunderstood.
const format = 1

// Limits of a document.
const (
	maxDocumentBytes = 64 << 20
	maxRuns          = 10_000
	maxPictures      = 200_000
	maxTextBytes     = 64 << 10
)

// A document is project.json.
type document struct {
	Format      int                   `json:"format"`
	MadeBy      string                `json:"made_by"`
	Note        string                `json:"note,omitempty"`
	Pictures    *documentPictures     `json:"pictures,omitempty"`
	Experiments []notebook.Experiment `json:"experiments,omitempty"`
	Runs        []documentRun         `json:"runs"`
	Copies      map[string]string     `json:"copies,omitempty"` // Files that are not in the zip, by which one they are equal to.
}

type documentPictures struct {
	Name    string            `json:"name"`
	Side    int               `json:"side"`
	Classes []string          `json:"classes"`
	Items   []documentPicture `json:"items"` // In the order that counts.
}

type documentPicture struct {
	File  string `json:"file"`
	Name  string `json:"name"`
	Class *int   `json:"class"` // Index of Classes; null for none.
	Part  Part   `json:"part"`
	ID    int    `json:"id"`
}

// A documentRun is what a run's folder does not say.
type documentRun struct {
	Folder     string        `json:"folder"`
	Key        string        `json:"key"`
	Name       string        `json:"name,omitempty"`
	Note       string        `json:"note,omitempty"`
	Pinned     bool          `json:"pinned,omitempty"`
	Hidden     bool          `json:"hidden,omitempty"`
	Experiment int           `json:"experiment,omitempty"`
	Arm        notebook.Arm  `json:"arm"`
	From       documentFrom  `json:"from,omitzero"`
	Pictures   documentFrom  `json:"pictures,omitzero"`
	Classes    int           `json:"classes,omitempty"`
	Workers    int           `json:"workers,omitempty"`
	Began      time.Time     `json:"began,omitzero"`
	Backend    string        `json:"backend,omitempty"`
	Phase      run.Phase     `json:"phase,omitempty"`
	Problem    string        `json:"problem,omitempty"`
	Of         string        `json:"repeats,omitempty"`
	Seconds    float64       `json:"seconds,omitempty"` // For people: how long it took.
	Batch      int           `json:"batch,omitempty"`   // Together with the next, what it set out to do.
	Started    documentPlan  `json:"plan,omitzero"`
	Newest     documentStep  `json:"newest,omitzero"`
	Loss       documentCurve `json:"train_loss,omitzero"`
	Accuracy   documentCurve `json:"train_accuracy,omitzero"`
	Weights    string        `json:"weights,omitempty"` // SHA-256 of its network.
}

type documentFrom struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

type documentPlan struct {
	StepsPerEpoch int `json:"steps_per_epoch"`
	Steps         int `json:"steps"`
	TrainExamples int `json:"train_examples"`
	TestExamples  int `json:"test_examples"`
	Parameters    int `json:"parameters"`
}

type documentStep struct {
	Step            int     `json:"step"`
	Epoch           float64 `json:"epoch"`
	Loss            float64 `json:"loss"`
	Accuracy        float64 `json:"accuracy"`
	LearningRate    float64 `json:"learning_rate"`
	ImagesPerSecond float64 `json:"images_per_second"`
}

// A documentCurve is a chart.Series, thinned as that is.
type documentCurve struct {
	Points [][2]float64 `json:"points"`
	Each   int          `json:"each"`
	Last   int          `json:"last"`
}

// describe returns the document of a project but for its copies.
func (p *Project) describe() document {
	d := document{Format: format, MadeBy: p.MadeBy, Note: p.Note, Experiments: p.Experiments, Runs: []documentRun{}}
	if p.Pictures != nil {
		d.Pictures = p.Pictures.describe()
	}
	for i := range p.Runs {
		d.Runs = append(d.Runs, p.Runs[i].describe())
	}
	return d
}

func (p *Pictures) describe() *documentPictures {
	d := &documentPictures{Name: p.Name, Side: p.Side, Classes: slices.Concat([]string{}, p.Classes), Items: []documentPicture{}}
	for i, file := range p.files() {
		it := &p.Items[i]
		entry := documentPicture{File: file, Name: it.Name, Part: it.Part, ID: it.ID}
		if it.Class >= 0 {
			entry.Class = &it.Class
		}
		d.Items = append(d.Items, entry)
	}
	return d
}

func (r *Run) describe() documentRun {
	s, n := r.Started, r.Newest
	d := documentRun{
		Folder: r.Folder, Key: r.Key, Name: r.Name, Note: r.Note, Pinned: r.Pinned, Hidden: r.Hidden, Experiment: r.Experiment, Arm: r.Arm,
		From: documentFrom(r.From), Pictures: documentFrom(r.Pictures), Classes: r.Classes, Backend: r.Backend, Phase: r.Phase, Problem: r.Problem,
		Of: r.Of, Workers: r.Workers, Seconds: r.Took().Seconds(), Batch: s.Config.BatchSize,
		Started: documentPlan{s.StepsPerEpoch, s.Steps, s.TrainExamples, s.TestExamples, s.Parameters},
		Newest:  documentStep{n.Step, number(n.Epoch), number(n.Loss), number(n.Accuracy), number(n.LearningRate), number(n.ImagesPerSecond)},
		Loss:    describeCurve(r.TrainLoss), Accuracy: describeCurve(r.TrainAccuracy), Weights: r.Weights,
	}
	if !r.Began.IsZero() {
		d.Began = r.Began.UTC().Truncate(time.Millisecond)
	}
	return d
}

func describeCurve(s chart.Series) (d documentCurve) {
	for _, p := range s.Points() {
		d.Points = append(d.Points, [2]float64{p.X, p.Y})
	}
	if d.Points != nil {
		d.Each, d.Last = s.Resolution()
	}
	return d
}

// number is v, or 0 for what JSON has no way to write: a run that diverged has losses that
// are no numbers.
func number(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}

// finite returns the evaluations of which every number is one.
func finite(history []run.Evaluated) []run.Evaluated {
	return slices.DeleteFunc(slices.Clone(history), func(e run.Evaluated) bool {
		sum := e.Loss + e.TrainLoss + e.Accuracy + e.TrainAccuracy
		return math.IsNaN(sum) || math.IsInf(sum, 0)
	})
}

// decodeDocument reads project.json.
func decodeDocument(b []byte) (*document, error) {
	var version struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(b, &version); err != nil {
		return nil, fault.Errorf("project", "%s cannot be read: %w", DocumentFile, err)
	}
	switch {
	case version.Format > format:
		return nil, fault.Errorf("project", "made by a newer Quarterturn (format %d): this one reads format %d; open it with that one", version.Format, format)
	case version.Format < format:
		return nil, fault.Errorf("project", "%s is not that of a project: it has no format", DocumentFile)
	}
	var d document
	if err := json.Unmarshal(b, &d); err != nil {
		return nil, fault.Errorf("project", "%s cannot be read: %w", DocumentFile, err)
	}
	return &d, d.check()
}

// check returns an error about the first thing in a document that cannot be.
func (d *document) check() error {
	if len(d.Runs) > maxRuns {
		return fault.Errorf("project", "%d runs, want at most %d", len(d.Runs), maxRuns)
	}
	texts := []string{d.MadeBy, d.Note}
	for i := range d.Runs {
		r := &d.Runs[i]
		if err := checkName(r.Folder); err != nil {
			return fault.Errorf("project", "run %d: %w", i+1, err)
		}
		if r.Workers > run.MaxWorkers {
			return fault.Errorf("project", "run %s has %d workers, want at most %d", r.Folder, r.Workers, run.MaxWorkers)
		}
		if r.Classes < 0 || r.Workers < 0 || r.Newest.Step < 0 || r.Batch < 0 || r.Started.StepsPerEpoch < 0 || r.Started.Steps < 0 {
			return fault.Errorf("project", "run %s counts below 0", r.Folder)
		}
		if len(r.Loss.Points) > chart.Limit || len(r.Accuracy.Points) > chart.Limit {
			return fault.Errorf("project", "run %s has a curve of more than %d points", r.Folder, chart.Limit)
		}
		texts = append(texts, r.Key, r.Name, r.Note, string(r.Arm), r.From.Name, r.From.SHA256, r.Pictures.Name, r.Pictures.SHA256, r.Backend, string(r.Phase), r.Problem, r.Of, r.Weights)
	}
	for _, text := range texts {
		if len(text) > maxTextBytes {
			return fault.Errorf("project", "a text of %d bytes, want at most %d", len(text), maxTextBytes)
		}
	}
	if d.Pictures != nil {
		return d.Pictures.check()
	}
	return nil
}

func (d *documentPictures) check() error {
	switch {
	case d.Side < 1 || d.Side > dataset.MaxSide:
		return fault.Errorf("project", "pictures of side %d, want 1 to %d", d.Side, dataset.MaxSide)
	case len(d.Classes) > exam.MaxClasses:
		return fault.Errorf("project", "%d classes, want at most %d", len(d.Classes), exam.MaxClasses)
	case len(d.Items) > maxPictures:
		return fault.Errorf("project", "%d pictures, want at most %d", len(d.Items), maxPictures)
	case int64(len(d.Items))*int64(d.Side)*int64(d.Side)*dataset.Channels > MaxBytes:
		return fault.Errorf("project", "%d pictures of side %d are more than %d MiB", len(d.Items), d.Side, MaxBytes>>20)
	}
	files, ids := map[string]bool{}, map[int]bool{}
	for _, it := range d.Items {
		switch {
		case !isPicturePath(it.File):
			return fault.Errorf("project", "%.100q cannot be the file of a picture", it.File)
		case files[it.File] || ids[it.ID]:
			return fault.Errorf("project", "picture %s is there twice", it.File)
		case it.Class != nil && (*it.Class < 0 || *it.Class >= len(d.Classes)):
			return fault.Errorf("project", "picture %s has class %d of %d", it.File, *it.Class, len(d.Classes))
		case it.Part != OfTrain && it.Part != OfTest && it.Part != OfValidation:
			return fault.Errorf("project", "picture %s is for %.20q, want %s, %s or %s", it.File, it.Part, OfTrain, OfTest, OfValidation)
		}
		files[it.File], ids[it.ID] = true, true
	}
	return nil
}

// notebook returns what the document says of a run with a configuration.
func (d *documentRun) notebook(c run.Config) notebook.Run {
	r := notebook.Run{
		Key: d.Key, Name: d.Name, Note: d.Note, Pinned: d.Pinned, Hidden: d.Hidden, Experiment: d.Experiment, Arm: d.Arm, Config: c,
		From: notebook.Source(d.From), Pictures: notebook.Source(d.Pictures), Classes: d.Classes, Began: d.Began, Backend: d.Backend,
		Phase: d.Phase, Problem: d.Problem, Of: d.Of, Weights: d.Weights, Workers: d.Workers,
		Newest: run.Progress{
			Step: d.Newest.Step, Epoch: d.Newest.Epoch, Loss: d.Newest.Loss, Accuracy: d.Newest.Accuracy,
			LearningRate: d.Newest.LearningRate, ImagesPerSecond: d.Newest.ImagesPerSecond,
		},
		TrainLoss: d.Loss.series(), TrainAccuracy: d.Accuracy.series(),
	}
	if s := d.Started; s.Steps > 0 {
		r.Started = run.Started{Config: c, StepsPerEpoch: s.StepsPerEpoch, Steps: s.Steps, TrainExamples: s.TrainExamples, TestExamples: s.TestExamples, Parameters: s.Parameters}
		r.Started.Config.BatchSize = d.Batch
	}
	return r
}

func (d *documentCurve) series() chart.Series {
	if len(d.Points) == 0 {
		return chart.Series{}
	}
	points := make([]chart.Point, len(d.Points))
	for i, p := range d.Points {
		points[i] = chart.Point{X: p[0], Y: p[1]}
	}
	return chart.Restored(points, d.Each, d.Last)
}
