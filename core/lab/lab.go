// Package lab carries out the commands of one worker: it keeps a collection of
// pictures and a model, predicts, trains, and reports events. It knows neither
// where commands come from nor who listens; in the browser package wasm/worker
// joins it to messages.
//
// Post takes a command from anywhere and never blocks. Run carries commands out
// one after the other on one goroutine, the only one that touches the collection,
// the model and the backend. Pause, Resume and Stop do not queue: Pause holds the
// run in progress after its current step, Stop ends it within the step.
package lab

import (
	"context"
	"io"
	"time"

	"github.com/gomlx/compute"

	"quarterturn/core/checkpoint"
	"quarterturn/core/fault"
	"quarterturn/core/run"
	"quarterturn/core/train"
)

// Side is that of the pictures the networks see, in pixels.
const Side = 32

// Options are what a main decides.
type Options struct {
	Backend     compute.Backend
	BackendName string // For people.
	// Report is called with each answer on Run's goroutine; it must not block.
	Report func(run.Answer)
	// Yield, if not nil, is called often during long work, so that an event loop
	// can deliver messages.
	Yield func()
	Now   func() time.Time // Nil means time.Now.
	// Open returns a file by its key, see run.Source. Nil where there are none.
	Open func(key int) (io.ReaderAt, error)
}

// A Lab is a worker's state.
type Lab struct {
	options    Options
	queue      queue
	collection collection
	model      *checkpoint.Model
	predictor  *train.Predictor
	trainer    *train.Trainer
	answering  run.Number // The order that events answer.
	opened     opened     // The zip that was read last.
}

// New returns a Lab without pictures or a model.
func New(options Options) *Lab {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Yield == nil {
		options.Yield = func() {}
	}
	steps, _ := options.Backend.(interrupter)
	return &Lab{options: options, queue: newQueue(steps)}
}

// Post takes an order. It does not block and may be called by any goroutine.
func (l *Lab) Post(o run.Order) { l.queue.post(o) }

// report answers the order that is being carried out.
func (l *Lab) report(e run.Event) { l.options.Report(run.Answer{To: l.answering, Event: e}) }

// Run reports Ready and carries out orders until ctx is done. Each is answered by
// events that name it, and at last by Done or, if it fails or panics, by Failed; the
// ones after it go on.
func (l *Lab) Run(ctx context.Context) {
	l.report(run.Ready{Backend: l.options.BackendName})
	for {
		order, err := l.queue.take(ctx)
		if err != nil {
			return
		}
		l.answer(ctx, order)
	}
}

// answer carries out an order while another may be waiting for the rest of its
// answers.
func (l *Lab) answer(ctx context.Context, o queued) {
	before := l.answering
	defer func() { l.answering = before }()
	l.answering = o.Number
	if err := l.carryOut(ctx, o); err != nil {
		l.report(run.FailedBy(err))
		return
	}
	l.report(run.Done{})
}

// carryOut is the root of everything a command does: what panics below it, in
// our code or in GoMLX, is an error for the person at the page and not the end of
// the worker.
func (l *Lab) carryOut(ctx context.Context, o queued) (err error) {
	if o.gate != nil {
		defer o.gate.finish()
	}
	defer func() {
		if r := recover(); r != nil {
			err = fault.Errorf("lab", "%T broke off: %v", o.Command, r)
		}
	}()
	switch c := o.Command.(type) {
	case run.AddPictures:
		return l.addPictures(c)
	case run.ListArchive:
		return l.listArchive(c)
	case run.DecodePictures:
		return l.decodePictures(c)
	case run.TakePictures:
		return l.takePictures(c)
	case run.OpenPictures:
		return l.openPictures(c)
	case run.RemovePictures:
		l.report(run.PicturesChanged{Set: l.collection.name, Classes: l.collection.classes, Removed: l.collection.remove(c.IDs)})
		return nil
	case run.PackPictures:
		l.report(run.PicturesPacked{Blob: l.collection.pack()})
		return nil
	case run.UnpackPictures:
		return l.collection.unpack(c.Blob)
	}
	return l.carryOutModel(ctx, o)
}

// carryOutModel carries out the commands that concern the model.
func (l *Lab) carryOutModel(ctx context.Context, o queued) error {
	switch c := o.Command.(type) {
	case run.LoadModel:
		return l.loadModel(c)
	case run.Predict:
		return l.predict(c)
	case run.Score:
		return l.score(o.gate.context(ctx))
	case run.Start:
		return l.start(ctx, c.Config, o.gate)
	case run.Save:
		return l.save()
	case run.Bench:
		return l.bench(c)
	}
	return fault.Errorf("lab", "no way to carry out %T", o.Command)
}
