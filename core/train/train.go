// Package train runs training: the pretext task, transfer from a checkpoint, and
// from scratch. It takes optimizer steps, evaluates after each epoch, can be
// stopped and continued between any two steps, and reports events to whoever
// listens.
//
// The numbers of a run are a pure function of its Config, its pictures, the model
// it starts from and the backend. Images are float32 [N, S, S, 3], normalized;
// losses are in nats. Graph building panics inside this package and comes out of
// it as errors.
package train

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"

	"quarterturn/core/checkpoint"
	"quarterturn/core/collective"
	"quarterturn/core/dataset"
	"quarterturn/core/fault"
	"quarterturn/core/internal/ahead"
	"quarterturn/core/optim"
	"quarterturn/core/resnet"
	"quarterturn/core/run"
)

// ErrDiverged ends a run whose loss is no longer a finite number.
var ErrDiverged = errors.New("the loss is no longer a number: start again with a lower learning rate")

// Options are what a main decides for a run.
type Options struct {
	// Yield, if not nil, is called between steps and between the batches of an
	// evaluation. In a browser this is where messages get in; while a run is
	// paused it blocks.
	Yield func()
	// Now tells the time; nil means time.Now.
	Now func() time.Time
	// Devices is over how many of the backend's devices a batch is divided, which
	// must divide it evenly. 0 is 1.
	Devices int
	// Group, if not nil, is the workers that compute this run together, of which this
	// one is a rank: all are given the same run. The backend must have the same Group.
	// Rank 0's events are those to show.
	Group *collective.Group
	// Precision is that of training steps; evaluations are in float32.
	Precision Precision
}

// A Trainer is a run in progress. Its methods are for one goroutine at a time.
type Trainer struct {
	config   run.Config
	options  Options
	net      resnet.Config
	backend  compute.Backend
	store    *model.Store
	spread   *spread
	division *division
	held     []heldVariable // By the step in progress.
	train    *batcher
	batches  *ahead.Maker[batch] // Nil where each is made when it is used.
	test     *batcher            // Of the pictures that validate.
	stepMode resnet.Mode         // How a step uses the network.
	norms    *norms              // Nil before the first evaluation.
	exam     *batcher            // Of the test pictures; test itself where these validate.
	schedule optim.Schedule
	step     *model.Exec
	forward  *forward
	classes  []string
	note     string
	frozen   *frozen  // Nil where the network sees pictures.
	average  *average // Nil where the weights themselves are kept.

	steps     int  // Optimizer steps finished.
	rollbacks int  // Times that the learning rate was halved.
	diverged  bool // Checkpoint found a number that is not finite.
	started   bool // Started was reported.
	evaluated int  // Steps at the last evaluation, -1 before the first.
	epoch     tally
	pace      pace
	last      run.Evaluated
}

// New prepares a run on the pictures of set. Transfer needs the model to start
// from; the other tasks start from random weights and from must be nil.
func New(backend compute.Backend, config run.Config, set *dataset.Set, from *checkpoint.Model, options Options) (*Trainer, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	t := &Trainer{config: config, options: options, pace: pace{now: options.Now}, evaluated: -1}
	if err := t.setBatches(set); err != nil {
		return nil, err
	}
	var err error
	if t.division, err = newDivision(backend, options, t.train); err != nil {
		return nil, err
	}
	start, err := t.startingModel(from)
	if err != nil {
		return nil, err
	}
	t.net, t.note = start.Config, start.Note
	if start, err = t.settleFrozen(backend, start); err != nil {
		return nil, err
	}
	if t.store, err = storeOf(start); err != nil {
		return nil, err
	}
	t.schedule = optim.ScheduleOf(config, t.train.steps())
	return t, t.buildGraphs(backend)
}

// startingModel returns the weights before the first step.
func (t *Trainer) startingModel(from *checkpoint.Model) (*checkpoint.Model, error) {
	c := t.config
	if c.Task == run.Transfer {
		if from == nil {
			return nil, fault.New("train", "transfer needs a model to start from")
		}
		return from.Transfer(c.Network, c.Kept(), c.Task, t.classes, c.Seed)
	}
	if from != nil {
		return nil, fault.Errorf("train", "%s starts from random weights, not from a model", c.Task)
	}
	net := resnet.Config{Network: c.Network, Classes: len(t.classes)}
	return &checkpoint.Model{Config: net, Weights: checkpoint.Initial(net, c.Seed)}, net.Validate()
}

// Run takes optimizer steps until the configured number is reached, ctx is done
// or a step fails. It calls report on this goroutine; report must not block.
//
// Run returns ctx.Err() when it was stopped. The weights are then those of the
// last finished step, and calling Run again continues from it to the same
// numbers as a run that was not stopped. One that another worker of the Group
// stopped ends with ErrStopped, in the same state.
func (t *Trainer) Run(ctx context.Context, report func(run.Event)) error {
	err := error(errBrokeOff)
	defer func() { t.division.end(ctx, err) }()
	err = t.run(ctx, report)
	return t.division.told(err)
}

// run is Run, but for what other workers are told.
func (t *Trainer) run(ctx context.Context, report func(run.Event)) error {
	t.pace.restart()
	if err := t.cacheFrozen(ctx); err != nil {
		return err
	}
	if !t.started {
		t.started = true
		report(t.describe())
	}
	for {
		if t.EvaluationIsDue() && t.evaluated != t.steps {
			if err := t.evaluate(ctx, report); err != nil {
				return err
			}
		}
		if t.diverged {
			return fault.Errorf("train", "step %d: %w", t.steps, ErrDiverged)
		}
		if t.steps == t.schedule.Steps {
			return nil
		}
		if err := t.pauseOrStop(ctx); err != nil {
			return err
		}
		if err := t.takeStep(ctx, report); err != nil {
			return err
		}
	}
}

// EvaluationIsDue reports whether the run is evaluated where it stands.
func (t *Trainer) EvaluationIsDue() bool {
	epoch, within := t.steps/t.train.steps(), t.steps%t.train.steps()
	return within == 0 && (epoch%max(t.config.EvaluateEvery, 1) == 0 || t.steps == t.schedule.Steps)
}

// pauseOrStop lets messages in and returns ctx.Err().
func (t *Trainer) pauseOrStop(ctx context.Context) error {
	if t.options.Yield != nil {
		before := t.options.Now()
		t.options.Yield()
		t.pace.skip(t.options.Now().Sub(before)) // A pause is not the network's time.
	}
	return ctx.Err()
}

func (t *Trainer) takeStep(ctx context.Context, report func(run.Event)) error {
	rate := t.rate()
	batch := t.trainingBatch()
	loss, logits, err := t.callStep(batch, rate)
	if err != nil {
		if ctx.Err() != nil && !errors.Is(err, errLost) && !errors.Is(err, collective.ErrRefused) {
			return ctx.Err() // The step was given up because of it.
		}
		return fault.Errorf("train", "step %d: %w", t.steps+1, err)
	}
	t.steps++
	right, err := t.division.count(countRight(logits, batch.labels, t.net.Classes))
	if err != nil {
		return fault.Errorf("train", "after step %d: %w", t.steps, err)
	}
	if !isFinite(loss) {
		return fault.Errorf("train", "step %d: %w", t.steps, ErrDiverged)
	}
	examples := t.train.examples()
	t.epoch.add(loss, right, examples)
	t.pace.step(examples)
	t.tell(report, run.Progress{
		Step:            t.steps,
		Epoch:           float64(t.steps) / float64(t.train.steps()),
		Loss:            loss,
		Accuracy:        float64(right) / float64(examples),
		LearningRate:    rate,
		ImagesPerSecond: t.pace.rate(),
		Remaining:       t.pace.remaining(t.schedule.Steps-t.steps, t.evaluationsLeft()),
	})
	return nil
}

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// evaluationsLeft counts those still to come.
func (t *Trainer) evaluationsLeft() int {
	every := max(t.config.EvaluateEvery, 1)
	return (t.config.Epochs+every-1)/every - t.steps/t.train.steps()/every
}

// tell reports an event. What the listener does with it, such as saving, is not
// the network's time.
func (t *Trainer) tell(report func(run.Event), e run.Event) {
	before := t.options.Now()
	report(e)
	t.pace.skip(t.options.Now().Sub(before))
}

func (t *Trainer) describe() run.Started {
	c := t.config
	c.BatchSize = t.train.examples() // What it came down to, for few pictures.
	return run.Started{
		Config:        c,
		StepsPerEpoch: t.train.steps(),
		Steps:         t.schedule.Steps,
		TrainExamples: t.train.steps() * t.train.examples(),
		TestExamples:  t.test.len(),
		Parameters:    t.trainedNumbers(),
	}
}

// Model returns a copy of the network as of the last finished step, with the
// moving averages of its weights where the run keeps those.
func (t *Trainer) Model() (*checkpoint.Model, error) {
	path := resnet.Parameter.Path
	if t.average != nil {
		path = averagePath
	}
	weights, err := weightsOf(t.store, t.net, path)
	if err != nil {
		return nil, err
	}
	return &checkpoint.Model{
		Config:   t.net,
		Task:     t.config.Task,
		Side:     t.config.Side,
		Crop:     t.config.Crop(),
		Classes:  t.classes,
		Weights:  weights,
		Steps:    t.steps,
		Accuracy: t.last.Accuracy,
		Note:     t.note,
	}, nil
}

// Steps returns the number of optimizer steps finished.
func (t *Trainer) Steps() int { return t.steps }

// Evaluated returns the step of the newest evaluation, -1 before the first.
func (t *Trainer) Evaluated() int { return t.evaluated }

// Last returns the newest evaluation.
func (t *Trainer) Last() run.Evaluated { return t.last }
