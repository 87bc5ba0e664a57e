package lab

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/embed"
	"quarterturn/core/fault"
	"quarterturn/core/measure"
	"quarterturn/core/rotation"
	"quarterturn/core/run"
	"quarterturn/core/train"
)

// memoryBytes is what the features of networks that were looked at may take: those of
// 10,000 pictures by ResNet-18 of width 64 are 40 MB.
const memoryBytes = 64 << 20

// tellEvery is how often an examination says how far it is.
const tellEvery = 100 * time.Millisecond

// An examination is Ask, Probe or Map at work.
type examination struct {
	lab     *Lab
	ctx     context.Context // Done when it was stopped; see attentive.
	subject measure.Subject
	told    time.Time
}

// examine reads the network that is to be looked at.
func (l *Lab) examine(ctx context.Context, model []byte) (*examination, error) {
	m, err := checkpoint.Decode(model)
	if err != nil {
		return nil, err
	}
	subject := measure.Subject{Name: "the network", Model: m, Sum: checkpoint.Sum(model)}
	return &examination{lab: l, ctx: &attentive{Context: ctx, yield: l.options.Yield, now: l.options.Now}, subject: subject}, nil
}

// forget replaces the network's weights by random ones.
func (e *examination) forget(seed uint64) {
	m := e.subject.Model
	e.subject = measure.Subject{
		Name:  "the untrained network",
		Model: &checkpoint.Model{Config: m.Config, Side: m.Side, Weights: checkpoint.Initial(m.Config, seed)},
		Sum:   fmt.Sprintf("%v untrained, of side %d, seed %d", m.Config, m.Side, seed),
	}
}

// end returns the error that an examination ends with: none for one that was stopped.
func (e *examination) end(err error) error {
	if e.ctx.Err() != nil {
		return nil
	}
	return err
}

// tell is the measure.Progress of an examination.
func (e *examination) tell(_ string, r embed.Report) {
	if now := e.lab.options.Now(); now.Sub(e.told) >= tellEvery {
		e.told = now
		e.lab.report(run.Examining{Doing: string(r.Phase), Done: r.Done, All: r.Total})
	}
}

// attentive is a context that lets messages in, one of which may end it, whenever it
// is asked whether it is done: that is often in everything that takes long.
type attentive struct {
	context.Context
	yield func()
	now   func() time.Time

	mutex sync.Mutex // Helpers of a computation ask too. Who finds it locked need not yield.
	last  time.Time
}

// yieldEvery bounds by how much Stop is late, and what yielding costs.
const yieldEvery = 10 * time.Millisecond

func (a *attentive) Err() error {
	if a.mutex.TryLock() {
		defer a.mutex.Unlock()
		if now := a.now(); now.Sub(a.last) >= yieldEvery {
			a.yield()
			a.last = a.now()
		}
	}
	return a.Context.Err()
}

// ask reports what a network takes pictures for.
func (l *Lab) ask(ctx context.Context, c run.Ask) error {
	e, err := l.examine(ctx, c.Model)
	if err != nil {
		return err
	}
	if c.Of != run.OfTest && c.Of != run.OfAll {
		return fault.Errorf("lab", "there is no part %q of the pictures", c.Of)
	}
	m := e.subject.Model
	ids, pictures := l.collection.asked(m.Task, func(it item) bool { return c.Of == run.OfAll || it.test })
	if m.Task != run.Pretext {
		if pictures, err = measure.Named(pictures, m.Classes, nil); err != nil {
			return err
		}
	}
	if pictures.Len() == 0 {
		return fault.New("lab", "there are no pictures to ask about")
	}
	predictor, err := train.NewPredictor(l.options.Backend, m, Side)
	if err != nil {
		return err
	}
	defer predictor.Close()
	all := turnsOf(m.Task) * pictures.Len()
	answers, err := predictor.Answers(m.Task, pictures, func(seen int) error {
		e.tell("", embed.Report{Phase: "asking the network", Done: seen, Total: all})
		return e.ctx.Err()
	})
	if err != nil {
		return e.end(err)
	}
	l.report(askedOf(m.Task, c.Of, m.Classes, ids, answers))
	return nil
}

// asked returns pictures that wanted chooses, and their IDs: of those without a class
// only what guesses turns can be asked.
func (c *collection) asked(task run.Task, wanted func(item) bool) ([]int, *dataset.Pictures) {
	var chosen []item
	for _, it := range c.items {
		if wanted(it) && (task == run.Pretext || it.class >= 0) {
			chosen = append(chosen, it)
		}
	}
	return c.picturesOf(chosen)
}

// picturesOf returns items as pictures, and their IDs.
func (c *collection) picturesOf(items []item) ([]int, *dataset.Pictures) {
	ids, p := make([]int, len(items)), c.empty()
	for i, it := range items {
		ids[i] = it.id
		p.Pixels = append(p.Pixels, it.pixels...)
		p.Labels = append(p.Labels, int32(it.class))
	}
	return ids, p
}

func turnsOf(task run.Task) int {
	if task == run.Pretext {
		return rotation.Turns
	}
	return 1
}

func askedOf(task run.Task, of run.Split, classes []string, ids []int, a *train.Answers) run.Asked {
	return run.Asked{
		Task: task, Of: of, Classes: slices.Clone(classes), Turns: turnsOf(task), IDs: ids,
		Labels: a.Labels, Guesses: a.Guesses, Sure: a.Sure, True: a.True,
	}
}

// answerTests reports, at the end of a run, what its network takes the test pictures
// for. Another Stop ends that.
func (r *running) answerTests(parent context.Context, c run.Config) error {
	if !r.lab.leads() {
		return nil
	}
	g := r.lab.queue.renew(r.gate)
	defer g.finish()
	ctx := g.context(parent)
	answers, err := r.trainer.Answers(ctx)
	if err != nil || len(answers.Labels) == 0 {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	ids, _ := r.lab.collection.asked(c.Task, func(it item) bool { return it.test })
	r.lab.report(askedOf(c.Task, run.OfTest, r.trainer.Classes(), ids, answers))
	return nil
}

// probe reports what each stage of a network knows, stage by stage.
func (l *Lab) probe(ctx context.Context, c run.Probe) error {
	e, err := l.examine(ctx, c.Model)
	if err != nil {
		return err
	}
	if c.Neighbours < 1 || c.LabelsPerClass < 0 {
		return fault.Errorf("lab", "a probe by %d neighbours and %d labels of each class", c.Neighbours, c.LabelsPerClass)
	}
	if c.Untrained {
		e.forget(c.Seed)
	}
	p := measure.Probe{
		Backend: l.options.Backend, Progress: e.tell, Memory: l.memory,
		LabelsPerClass: c.LabelsPerClass, Neighbours: c.Neighbours, Seed: c.Seed,
		Each: func(p *measure.Probed) { l.report(probedOf(c.Untrained, p)) },
	}
	_, err = p.Run(e.ctx, e.subject, l.collection.set())
	return e.end(err)
}

func probedOf(untrained bool, p *measure.Probed) run.Probed {
	probed := run.Probed{Untrained: untrained, Train: p.Train, Test: p.Test, Chance: p.Chance}
	for _, s := range p.Stages {
		probed.Stages = append(probed.Stages, run.ProbedStage{
			Name: measure.PartName(s.Stage), Features: s.Features, Neighbours: run.Share(s.Neighbour), Linear: run.Share(s.Linear),
		})
	}
	return probed
}
