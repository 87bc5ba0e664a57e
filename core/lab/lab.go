// Package lab carries out the commands of one worker: it keeps a collection of
// pictures and a model, predicts, trains, and reports events. It knows neither
// where commands come from nor who listens; in the browser package wasm/worker
// joins it to messages.
//
// Post takes a command from anywhere and never blocks. Run carries commands out
// one after the other on one goroutine, the only one that touches the collection,
// the model and the backend. Pause, Resume, Stop and Flush do not queue: Pause holds the
// run in progress after its current step, Stop ends it within the step, Flush keeps it.
package lab

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/gomlx/compute"

	"quarterturn/core/checkpoint"
	"quarterturn/core/collective"
	"quarterturn/core/fault"
	"quarterturn/core/keep"
	"quarterturn/core/measure"
	"quarterturn/core/run"
	"quarterturn/core/train"
)

// Side is that of the pictures the networks see, in pixels.
const Side = 32

// Options are what a main decides.
type Options struct {
	Backend     compute.Backend
	BackendName string // For people.
	BackendKind string // By which runs know what computed them, as the command names it; "" is Backend's own name.
	// Report is called with each answer on Run's goroutine; it must not block.
	Report func(run.Answer)
	// Yield, if not nil, is called often during long work, so that an event loop
	// can deliver messages.
	Yield func()
	Now   func() time.Time // Nil means time.Now.
	// Group, if not nil, is the workers with which this one computes its runs; the
	// Backend has it too. See workers.go.
	Group *collective.Group
	// Store is where runs with a key are kept; nil keeps nothing.
	Store *keep.Store
	// Storing says where that is, and how much room there is; nil says nothing.
	Storing func() run.Storing
	// KeepEvery is how often a run is kept between its evaluations; 0 is 5 seconds.
	KeepEvery time.Duration
	// Open returns a file by its key, see run.Source. Nil where there are none.
	Open func(key int) (io.ReaderAt, error)
}

// defaultKeepEvery is what a run loses at most to a worker that is killed.
const defaultKeepEvery = 5 * time.Second

// A Lab is a worker's state.
type Lab struct {
	options    Options
	queue      queue
	collection collection
	album      album
	pack       pack
	model      *checkpoint.Model
	modelSum   string // The SHA-256 of its file.
	predictor  *train.Predictor
	trainer    *train.Trainer
	answering  run.Number // The order that events answer.
	lookingOn  bool       // Another tab keeps things.
	opened     opened     // The zip that was read last.
	memory     *measure.Memory
}

// New returns a Lab without pictures or a model.
func New(options Options) *Lab {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Yield == nil {
		options.Yield = func() {}
	}
	if options.BackendKind == "" && options.Backend != nil {
		options.BackendKind = options.Backend.Name()
	}
	if options.KeepEvery == 0 {
		options.KeepEvery = defaultKeepEvery
	}
	steps, _ := options.Backend.(interrupter)
	return &Lab{options: options, queue: newQueue(steps), memory: measure.NewMemory(memoryBytes)}
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
	for ctx.Err() == nil {
		if order, ok := l.queue.pop(func(queued) bool { return true }); ok {
			l.answer(ctx, order)
			continue
		}
		l.rest(ctx)
	}
}

// rest keeps what is new of the collection, and waits until there may be more to do.
func (l *Lab) rest(ctx context.Context) {
	wait := l.keepPictures()
	select {
	case <-l.queue.filled:
	case err := <-l.album.writing:
		l.keptPictures(err)
	case <-wait:
	case <-ctx.Done():
	}
}

// answer carries out an order while another may be waiting for the rest of its
// answers.
func (l *Lab) answer(ctx context.Context, o queued) {
	before := l.answering
	defer func() { l.answering = before }()
	l.answering = o.Number
	err := l.carryOut(ctx, o)
	if unfinished, ok := errors.AsType[*unfinished](err); ok {
		l.queue.again(o, unfinished.rest)
		return
	}
	l.queue.end(o)
	if err != nil {
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
		o.gate.begin()
		defer o.gate.finish()
	}
	defer func() {
		if r := recover(); r != nil {
			err = fault.Errorf("lab", "%T broke off: %v", o.Command, r)
		}
	}()
	if o.rest != nil {
		return o.rest()
	}
	if isOfRecords(o.Command) {
		return l.carryOutRecords(o.Command)
	}
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
	case run.MovePictures:
		return l.movePictures(c)
	case run.TurnPictures:
		return l.turnPictures(c)
	case run.PackPictures:
		l.report(run.PicturesPacked{Blob: l.packed()})
		return nil
	case run.UnpackPictures:
		err := l.collection.unpack(c.Blob)
		l.album.kept = l.collection.changes // By the worker that they came from.
		return err
	case run.RestorePictures:
		return l.restorePictures()
	case run.MakeReport:
		return l.makeReport(c)
	case run.ExportProject:
		return l.exportProject(c)
	case run.ImportProject:
		return l.importProject(c)
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
		return l.start(ctx, c, o.gate)
	case run.Save:
		return l.save()
	case run.Bench:
		return l.bench(c)
	case run.Ask:
		return l.ask(o.gate.context(ctx), c)
	case run.Probe:
		return l.probe(o.gate.context(ctx), c)
	case run.Map:
		return l.lay(o.gate.context(ctx), c)
	case run.Look:
		return l.look(o.gate.context(ctx), c)
	}
	return fault.Errorf("lab", "no way to carry out %T", o.Command)
}
