package lab

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"quarterturn/core/checkpoint"
	"quarterturn/core/fault"
	"quarterturn/core/keep"
	"quarterturn/core/keep/files"
	"quarterturn/core/keep/record"
	"quarterturn/core/run"
	"quarterturn/core/train"
)

// A keeper keeps a run while it goes on: from its state the run goes on to the same
// bits, and its final weights stay. What it reads of the trainer it copies between two
// steps; a goroutine encodes and writes that while steps go on, one at a time. A nil
// keeper keeps nothing.
type keeper struct {
	lab     *Lab
	store   *keep.Store
	key     string
	origin  checkpoint.Origin
	trainer *train.Trainer

	history []run.Evaluated
	resumed bool
	wanted  bool         // The present state is to be kept soon.
	saved   keptPosition // Of the newest write that succeeded, or is under way.
	writing chan written // Has the outcome of the write under way; nil where none is.
	tried   time.Time    // When the last write began.
	cost    time.Duration
	failing bool // The last write failed, and that was said.
}

// A keptPosition tells states of a run apart.
type keptPosition struct{ step, evaluated int }

// A written is what a write came to.
type written struct {
	position keptPosition
	bytes    int
	cost     time.Duration // Of the thread that steps need too.
	err      error
}

// breathe is how many times as long as a write takes the run has to itself before
// the next, so that keeping costs a large network a tenth of its time at most.
const breathe = 10

// restore takes the trainer to the state that was kept. There may be none.
func (k *keeper) restore() error {
	k.saved, k.tried = keptPosition{-1, -1}, k.lab.options.Now()
	found, err := k.store.Read(record.State(k.key))
	switch {
	case errors.Is(err, files.ErrMissing):
		return nil
	case errors.Is(err, keep.ErrDamaged):
		k.notice("both copies of the run's state are damaged: it begins anew")
		return nil
	case err != nil:
		return err
	}
	m, s, err := decodeState(found.Bytes)
	if err != nil {
		return err
	}
	if err := s.Origin.Check(k.origin); err != nil {
		return fault.Errorf("lab", "the run cannot go on from what was kept of it: %w", err)
	}
	if err := k.trainer.Restore(m, s); err != nil {
		return err
	}
	k.history, k.resumed, k.saved = s.History, true, k.position()
	if text := found.Notice("the run's state"); text != "" {
		k.notice(text)
		k.saved = keptPosition{-1, -1}
	}
	return nil
}

// decodeState reads the record of a run's state.
func decodeState(b []byte) (*checkpoint.Model, *checkpoint.State, error) {
	parts, err := keep.Split(b, 2)
	if err != nil {
		return nil, nil, err
	}
	m, err := checkpoint.Decode(parts[0])
	if err != nil {
		return nil, nil, err
	}
	s, err := checkpoint.DecodeState(parts[1], m.Config)
	return m, s, err
}

func encodeState(m *checkpoint.Model, s *checkpoint.State) ([]byte, error) {
	model, err := checkpoint.Encode(m)
	if err != nil {
		return nil, err
	}
	state, err := checkpoint.EncodeState(s, m.Config)
	return keep.Join(model, state), err
}

func (k *keeper) position() keptPosition {
	return keptPosition{k.trainer.Steps(), k.trainer.Evaluated()}
}

func (k *keeper) notice(text string) { k.lab.report(run.Noticed{Text: text}) }

// see hears what the run reported.
func (k *keeper) see(e run.Event) {
	if k == nil {
		return
	}
	switch e := e.(type) {
	case run.Started:
		if k.resumed {
			k.lab.report(run.Resumed{Step: k.trainer.Steps(), History: slices.Clone(k.history)})
		}
	case run.Evaluated:
		k.history = append(k.history, e)
		k.wanted = true
	}
}

// attend keeps the run if it is time to. It is called between two steps, and does not
// wait for the disk.
func (k *keeper) attend() {
	if k == nil {
		return
	}
	select {
	case w := <-k.writing:
		k.wrote(w)
	default:
	}
	since := k.lab.options.Now().Sub(k.tried)
	if since < breathe*k.cost || !k.wanted && since < k.lab.options.KeepEvery {
		return
	}
	k.begin()
}

// flush begins to keep the present state, at the latest when the write under way is
// done.
func (k *keeper) flush() {
	if k == nil {
		return
	}
	k.wanted, k.cost = true, 0
	k.begin()
}

// begin begins to write the present state, unless that was done, or another is being
// written.
func (k *keeper) begin() {
	if k.writing != nil {
		return
	}
	k.wanted, k.tried = false, k.lab.options.Now()
	if k.position() == k.saved {
		return
	}
	m, s, err := k.trainer.Checkpoint()
	if err != nil {
		k.wrote(written{err: err})
		return
	}
	s.Origin, s.History = k.origin, slices.Clone(k.history)
	w := written{position: k.position(), cost: k.lab.options.Now().Sub(k.tried)}
	k.saved, k.writing = w.position, make(chan written, 1)
	go k.write(w, m, s)
}

// write encodes and writes a state, on a goroutine of its own.
func (k *keeper) write(w written, m *checkpoint.Model, s *checkpoint.State) {
	before := k.lab.options.Now()
	b, err := encodeState(m, s)
	w.cost += k.lab.options.Now().Sub(before)
	if err == nil {
		err = k.store.Write(record.State(k.key), b)
	}
	w.bytes, w.err = len(b), err
	k.writing <- w
}

// underWay returns the channel of the write under way, or nil.
func (k *keeper) underWay() <-chan written {
	if k == nil {
		return nil
	}
	return k.writing
}

// wrote takes the outcome of a write.
func (k *keeper) wrote(w written) {
	k.writing, k.cost = nil, w.cost
	if w.err == nil {
		k.failing = false
		k.lab.report(run.Kept{Step: w.position.step, Bytes: w.bytes})
		return
	}
	k.saved = keptPosition{-1, -1}
	if !k.failing && !errors.Is(w.err, train.ErrDiverged) { // With that the run ends, and says so.
		k.failing = true
		k.notice(fmt.Sprintf("the run could not be kept at step %d: %s. It goes on, and will be kept when that is possible", k.trainer.Steps(), reasonOf(w.err)))
	}
}

// reasonOf says why a write failed, without the names of records.
func reasonOf(err error) string {
	if errors.Is(err, files.ErrFull) {
		return "there is no room left in what the browser keeps for this page"
	}
	return fault.Reason(err)
}

// wait waits until no write is under way.
func (k *keeper) wait() {
	if k != nil && k.writing != nil {
		k.wrote(<-k.writing)
	}
}

// end keeps the state and the weights that the run ended with, and waits until they
// are written.
func (k *keeper) end() {
	if k == nil {
		return
	}
	k.wait()
	k.begin()
	k.wait()
	if k.failing {
		k.notice("how the run ended could not be kept: it can only go on from an earlier step")
	}
	if err := k.writeModel(); err != nil {
		k.notice("the network that the run ended with could not be kept: " + reasonOf(err))
	}
}

func (k *keeper) writeModel() error {
	m, err := k.trainer.Model()
	if err != nil {
		return err
	}
	b, err := checkpoint.Encode(m)
	if err != nil {
		return err
	}
	return k.store.Write(record.Model(k.key), b)
}
