package measure

import (
	"context"

	"github.com/gomlx/compute"

	"quarterturn/core/dataset"
	"quarterturn/core/embed"
	"quarterturn/core/fault"
	"quarterturn/core/run"
	"quarterturn/core/train"
)

// A Probe measures what each stage of a network knows about classes: by the
// nearest neighbours of each test picture among the training pictures, and by a
// linear classifier on the stage's features.
type Probe struct {
	Backend  compute.Backend
	Progress Progress
	Memory   *Memory       // Of features; nil for none.
	Each     func(*Probed) // Called with the result so far at each stage; nil is fine.

	LabelsPerClass int    // Training pictures of each class whose label is used, chosen by Seed; 0 for all.
	Draws          int    // Times that the labels are drawn, with seeds from Seed on; 0 is 1.
	Neighbours     int    // Training pictures that vote on a test picture, at least 1.
	Cells          int    // Rows and columns of cells in which each channel is averaged; 0 is 1, the whole.
	Seed           uint64 // Chooses the labels used.

	Reading *Reading // Several stages read at once, besides each by itself; nil for none.
}

// A Probed is what was measured of one network.
type Probed struct {
	Model          string        `json:"model"`
	Network        string        `json:"network"`
	Data           string        `json:"data"` // The caller's to fill in.
	Seed           uint64        `json:"seed"`
	LabelsPerClass int           `json:"labels_per_class"` // 0 for all.
	Draws          int           `json:"draws"`            // Of the labels.
	Train          int           `json:"train"`            // Pictures with labels to learn from, in a draw,
	Test           int           `json:"test"`             // and to be tested on.
	Neighbours     int           `json:"neighbours"`
	Cells          int           `json:"cells"`
	Classes        int           `json:"classes"`
	Chance         float64       `json:"chance"` // Of naming always the commonest class of all training pictures.
	Stages         []ProbedStage `json:"stages"`
	Reading        *Read         `json:"reading,omitempty"` // Nil where it was not asked for.
}

// A Read is how a Reading did.
type Read struct {
	Reading
	Features int   `json:"features"`
	Linear   Score `json:"linear"`
}

// A ProbedStage is what was measured of one stage.
type ProbedStage struct {
	Stage     int   `json:"stage"` // 0 is the stem.
	Features  int   `json:"features"`
	Neighbour Score `json:"neighbours"`
	Linear    Score `json:"linear"`
}

// Run measures a network on the pictures of a set that have a class. The result is
// an error where EnoughToProbe returns one.
func (p Probe) Run(ctx context.Context, s Subject, set *dataset.Set) (*Probed, error) {
	if err := EnoughToProbe(set); err != nil {
		return nil, err
	}
	if p.Reading != nil {
		if err := p.Reading.Check(s.Model.Config.Stages()); err != nil {
			return nil, err
		}
	}
	p.Draws, p.Cells = max(p.Draws, 1), max(p.Cells, 1)
	task := probing{Probe: p, subject: s, test: set.Test.Subset(set.Test.Labelled())}
	task.draw(set.Train)
	drawn := len(task.draws[0])
	result := &Probed{
		Model: s.Name, Network: s.Model.Config.Network.String(), Seed: p.Seed,
		LabelsPerClass: p.LabelsPerClass, Draws: p.Draws, Train: drawn, Test: task.test.Len(),
		Neighbours: min(p.Neighbours, drawn), Cells: p.Cells,
		Classes: len(set.Train.Classes), Chance: commonest(set.Train.Labels, task.test.Labels),
	}
	known, asked, err := task.features(ctx)
	if err != nil {
		return nil, err
	}
	for part := range known {
		stage, err := task.stage(ctx, part, known[part], asked[part])
		if err != nil {
			return nil, fault.Errorf("measure", "%s: %w", PartName(part), err)
		}
		result.Stages = append(result.Stages, stage)
		if p.Each != nil {
			p.Each(result)
		}
	}
	if p.Reading != nil {
		result.Reading, err = task.read(ctx, *p.Reading)
	}
	return result, err
}

// EnoughToProbe returns an error unless there are training and test pictures of at
// least two classes.
func EnoughToProbe(set *dataset.Set) error {
	learn, test, classes := len(set.Train.Labelled()), len(set.Test.Labelled()), len(set.Train.Classes)
	if learn == 0 || test == 0 || classes < 2 {
		return fault.Errorf("measure", "%d training and %d test pictures of %d classes: put each class's pictures into a folder of its own", learn, test, classes)
	}
	return nil
}

// A probing is a Probe at work.
type probing struct {
	Probe
	subject Subject
	learn   *dataset.Pictures // Those whose label any draw uses.
	draws   [][]int           // Of each draw, the indices in learn.
	test    *dataset.Pictures
}

// draw chooses the pictures whose labels are used.
func (p *probing) draw(pictures *dataset.Pictures) {
	at := map[int]int{} // By index in pictures, the index in learn.
	var all []int
	for i := range p.Draws {
		drawn := dataset.Budget(pictures.Labels, p.LabelsPerClass, p.Seed+uint64(i))
		for n, index := range drawn {
			if _, there := at[index]; !there {
				at[index] = len(all)
				all = append(all, index)
			}
			drawn[n] = at[index]
		}
		p.draws = append(p.draws, drawn)
	}
	p.learn = pictures.Subset(all)
}

// features returns those of all parts, of the pictures learnt from and of those
// asked about.
func (p *probing) features(ctx context.Context) (known, asked []embed.Matrix, err error) {
	extraction := train.Extraction{Cells: p.Cells}
	for part := range p.subject.Model.Config.Head() {
		extraction.Parts = append(extraction.Parts, part)
	}
	eye := sees{p.Backend, p.Progress.about(p.subject.Name), "features of the training pictures", p.Memory}
	if known, err = eye.extract(ctx, extraction, p.subject, p.learn); err != nil {
		return nil, nil, err
	}
	eye.phase = "features of the test pictures"
	asked, err = eye.extract(ctx, extraction, p.subject, p.test)
	return known, asked, err
}

// stage measures one stage by its features of the training and test pictures.
func (p *probing) stage(ctx context.Context, part int, known, asked embed.Matrix) (ProbedStage, error) {
	var near, linear [][]int32
	for _, drawn := range p.draws {
		one := drawnStage{watch: p.Progress.about(p.subject.Name + ", " + PartName(part)), known: known.Pick(drawn), asked: asked, labels: p.labels(drawn), classes: len(p.learn.Classes)}
		voted, err := one.vote(ctx, min(p.Neighbours, len(p.draws[0])))
		if err != nil {
			return ProbedStage{}, err
		}
		guessed, err := one.fit(ctx)
		if err != nil {
			return ProbedStage{}, err
		}
		near, linear = append(near, voted), append(linear, guessed)
	}
	return ProbedStage{Stage: part, Features: known.Cols, Neighbour: NewScore(p.test.Labels, near...), Linear: NewScore(p.test.Labels, linear...)}, nil
}

// read measures a reading of several stages.
func (p *probing) read(ctx context.Context, r Reading) (*Read, error) {
	by := sees{backend: p.Backend, watch: p.Progress.about(p.subject.Name), phase: "views of the training pictures"}
	known, err := r.features(ctx, by, p.subject, p.learn)
	if err != nil {
		return nil, err
	}
	by.phase = "views of the test pictures"
	asked, err := r.features(ctx, by, p.subject, p.test)
	if err != nil {
		return nil, err
	}
	var draws [][]int32
	for _, drawn := range p.draws {
		classifier, err := r.fit(ctx, known.Pick(drawn), p.labels(drawn), len(p.learn.Classes), by.watch)
		if err != nil {
			return nil, err
		}
		guesses, err := classifier.Predict(asked)
		if err != nil {
			return nil, err
		}
		draws = append(draws, guesses)
	}
	r.Stages = r.of(p.subject.Model.Config.Stages())
	return &Read{r, known.Cols, NewScore(p.test.Labels, draws...)}, nil
}

// labels returns those of a draw.
func (p *probing) labels(drawn []int) []int32 {
	labels := make([]int32, len(drawn))
	for i, index := range drawn {
		labels[i] = p.learn.Labels[index]
	}
	return labels
}

// A drawnStage is a stage's features with the labels of one draw.
type drawnStage struct {
	watch        embed.Watch
	known, asked embed.Matrix
	labels       []int32 // Of known.
	classes      int
}

// vote guesses by the nearest neighbours.
func (d drawnStage) vote(ctx context.Context, neighbours int) ([]int32, error) {
	found, err := embed.Nearest(ctx, d.known.Unit(), d.asked.Unit(), neighbours, d.watch)
	if err != nil {
		return nil, err
	}
	return found.Vote(d.labels, d.classes), nil
}

// fit guesses by a linear classifier.
func (d drawnStage) fit(ctx context.Context) ([]int32, error) {
	classifier, err := embed.Probe{Watch: d.watch}.Fit(ctx, d.known, d.labels, d.classes)
	if err != nil {
		return nil, err
	}
	return classifier.Predict(d.asked)
}

// commonest is the accuracy of always naming the class that most of the pictures
// learnt from have.
func commonest(learnt, tested []int32) float64 {
	counts := map[int32]int{}
	best := int32(dataset.Unlabelled)
	for _, label := range learnt {
		if label == dataset.Unlabelled {
			continue
		}
		counts[label]++
		if n := counts[label]; n > counts[best] || n == counts[best] && label < best {
			best = label
		}
	}
	right := 0
	for _, label := range tested {
		if label == best {
			right++
		}
	}
	return float64(right) / float64(len(tested))
}

// Card is the result as it stands on a model's card; pictures names what was probed
// with, for people.
func (p *Probed) Card(pictures string) run.CardProbe {
	card := run.CardProbe{Pictures: pictures, Train: p.Train, Test: p.Test, Neighbours: p.Neighbours, Chance: p.Chance}
	for _, s := range p.Stages {
		card.Stages = append(card.Stages, run.CardStage{Stage: PartName(s.Stage), Neighbours: run.Share(s.Neighbour), Linear: run.Share(s.Linear)})
	}
	return card
}
