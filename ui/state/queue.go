package state

import (
	"slices"

	"quarterturn/core/run"
)

// A queue has the workers of runs: one for each run at work, as many as the device has
// cores, or several where cores would be idle. A worker whose run is over takes the next
// one; where none waits it is ended, so that runs that are over hold no memory.
type queue struct {
	cores  int
	shares bool // A run may have several workers.
	slots  []slot
	packs  []pack
	next   WorkerID // Of the newest worker.
}

// A slot is a worker of runs, or several that compute them together.
type slot struct {
	worker WorkerID
	size   int            // Workers.
	key    string         // Of the run at work; empty between two.
	stamp  int            // Of the pictures that it holds; 0 for none.
	model  *run.LoadModel // That it holds.
}

// A pack is pictures as they go to workers. The page keeps it while a run that waits
// needs it.
type pack struct {
	stamp int
	blob  []byte
}

// fewestSlots are the runs that go at the same time on a device of one core too: a race
// is one only if both are seen to move.
const fewestSlots = 2

// mostSlots bounds the memory of a device with many cores.
const mostSlots = 8

func (q queue) limit() int { return min(max(q.cores, fewestSlots), mostSlots) }

// of returns the slot that a run is at, or nil.
func (q queue) of(key string) *slot {
	for i := range q.slots {
		if q.slots[i].key == key {
			return &q.slots[i]
		}
	}
	return nil
}

// at returns the slot of a worker, or nil.
func (q queue) at(worker WorkerID) *slot {
	for i := range q.slots {
		if q.slots[i].worker == worker {
			return &q.slots[i]
		}
	}
	return nil
}

// packed returns the pictures of a stamp, or nil.
func (q queue) packed(stamp int) []byte {
	for _, p := range q.packs {
		if p.stamp == stamp {
			return p.blob
		}
	}
	return nil
}

// with returns q with a pack more.
func (q queue) with(p pack) queue {
	if q.packed(p.stamp) == nil {
		q.packs = append(slices.Clip(q.packs), p)
	}
	return q
}

// busy counts the workers of runs at work.
func (q queue) busy() (n int) {
	for _, s := range q.slots {
		if s.key != "" {
			n += s.size
		}
	}
	return n
}

// size returns how many workers a run gets that may have its share of the idle cores, or
// had some already: with as many it comes to the same bits. examples are those of an
// epoch, and waiting counts the runs whose turn has not come, with this one.
func (q queue) size(r *Run, examples, waiting int) int {
	switch {
	case !q.shares:
		return 1
	case r.Workers > 0:
		return min(r.Workers, run.MaxWorkers)
	}
	return r.Config.Workers(examples, (q.cores-q.busy())/max(waiting, 1))
}

// free returns the place of a slot for the next run, which may be a new one; false where
// all are at work. One of another size makes room.
func (q queue) free(size int) (queue, int, []Effect, bool) {
	q.slots = slices.Clone(q.slots)
	if i := slices.IndexFunc(q.slots, func(s slot) bool { return s.key == "" && s.size == size }); i >= 0 {
		return q, i, nil, true
	}
	q, effects := q.idle()
	if len(q.slots) >= q.limit() {
		return q, 0, effects, false
	}
	q.next++
	q.slots = append(q.slots, slot{worker: q.next, size: size})
	return q, len(q.slots) - 1, effects, true
}

// launch returns the effects that have a slot's worker begin a run, and what it holds
// then.
func (s slot) launch(r *Run, pictures []byte) (slot, []Effect) {
	var effects []Effect
	switch {
	case s.stamp > 0:
	case s.size > 1:
		effects = append(effects, StartGroup{s.worker, s.size})
	default:
		effects = append(effects, StartWorker{s.worker})
	}
	if s.stamp != r.stamp {
		effects = append(effects, Send{To: s.worker, Command: run.UnpackPictures{Blob: pictures}})
	}
	if r.from != nil && !sameFile(s.model, r.from) {
		effects = append(effects, Send{To: s.worker, Command: *r.from})
		s.model = r.from
	}
	s.key, s.stamp = r.Key, r.stamp
	return s, append(effects, Send{To: s.worker, Command: run.Start{Config: r.Config, Key: r.Key}})
}

// left returns q once the run of a key is over or gone. ended says that its worker is
// gone too.
func (q queue) left(key string, ended bool) queue {
	q.slots = slices.Clone(q.slots)
	for i := range q.slots {
		if q.slots[i].key == key {
			q.slots[i].key = ""
			if ended {
				q.slots = slices.Delete(q.slots, i, i+1)
			}
			break
		}
	}
	return q
}

// idle ends the workers that have nothing to do.
func (q queue) idle() (queue, []Effect) {
	var effects []Effect
	q.slots = slices.DeleteFunc(slices.Clone(q.slots), func(s slot) bool {
		if s.key != "" {
			return false
		}
		effects = append(effects, EndWorker{s.worker})
		return true
	})
	return q, effects
}

// scheduled has the runs that wait begin where there is a worker for them, and asks for
// their pictures first.
func (p Page) scheduled() (Page, []Effect) {
	runs := *p.Runs
	var effects []Effect
	waits, unpacked := false, false
	for _, r := range runs.All {
		if !r.IsWaiting() || runs.queue.of(r.Key) != nil || r.needsNetwork() {
			continue
		}
		if r.stamp == 0 {
			waits, unpacked = true, true
			continue
		}
		examples, _ := p.Pictures.Examples(r.Config)
		size := runs.queue.size(r, examples, runs.Waiting())
		q, i, more, ok := runs.queue.free(size)
		runs.queue, effects = q, append(effects, more...)
		if !ok {
			waits = true
			continue
		}
		q.slots[i], more = q.slots[i].launch(r, q.packed(r.stamp))
		runs, effects = runs.with(r.Key, func(r *Run) { r.Workers = size }), append(effects, more...)
	}
	if !waits {
		var more []Effect
		runs.queue.packs = nil
		runs.queue, more = runs.queue.idle()
		effects = append(effects, more...)
	}
	if unpacked && !awaits[run.PackPictures](p.ledger) && p.Lab.Problem == "" {
		effects = append(effects, Send{To: Lab, Command: run.PackPictures{}})
	}
	p.Runs = &runs
	return p, effects
}

// handOut gives packed pictures to the runs that wait for them.
func (r Runs) handOut(blob []byte, stamp int) Runs {
	r.queue = r.queue.with(pack{stamp, blob})
	r.All = slices.Clone(r.All)
	for i, one := range r.All {
		if one.stamp == 0 && one.IsWaiting() {
			with := *one
			with.stamp = stamp
			r.All[i] = &with
		}
	}
	return r
}

// unpacked ends the wait for pictures that do not come.
func (r Runs) unpacked(reason string) Runs {
	r.All = slices.Clone(r.All)
	for i, one := range r.All {
		if one.stamp == 0 && one.IsWaiting() {
			without := *one
			without.Problem = reason
			r.All[i] = &without
		}
	}
	return r
}
