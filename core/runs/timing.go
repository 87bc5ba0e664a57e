package runs

import (
	"bytes"
	"fmt"
	"path/filepath"
	"time"

	"quarterturn/core/durable"
	"quarterturn/core/fault"
	"quarterturn/core/internal/strict"
)

// A Timing is when a run was at work, as its events tell. The zero Timing is that of
// a run without any.
type Timing struct {
	Begun, Ended time.Time     // Its first event and its newest.
	Worked       time.Duration // From each start to the stop that followed.
	AtLeast      bool          // Not all of it is known: it was killed, say, and what it did after the event before is not in Worked.
}

const (
	eventsFile     = "events.jsonl"
	maxEventsBytes = 16 << 20
)

// The events after which a run is at work, and after which it is not.
var (
	begins = map[string]bool{"started": true, "resumed": true}
	ends   = map[string]bool{"stopped": true, "failed": true, "finished": true}
)

// An event is a line of events.jsonl.
type event struct {
	Time  time.Time `json:"time"`
	Step  int       `json:"step"`
	Event string    `json:"event"`
	Text  string    `json:"text"`
}

// readTiming reads when the run was at work.
func (r *Record) readTiming(disk durable.Files) {
	b, err := disk.Read(filepath.Join(r.Folder, eventsFile), maxEventsBytes)
	if durable.IsMissing(err) {
		return
	}
	if err != nil {
		r.Notes = append(r.Notes, fmt.Sprintf("%s of %s is left out: %s", eventsFile, r.Folder, fault.Reason(err)))
		return
	}
	r.Timing = timingOf(b)
}

// timingOf reads lines of events.jsonl, which are not trusted. What cannot be read,
// such as the line that a kill tore off, and where a clock was set back, is passed
// over.
func timingOf(b []byte) (t Timing) {
	working := false
	for line := range bytes.Lines(b) {
		var e event
		if strict.JSON(line, &e) != nil || e.Time.IsZero() || e.Time.Before(t.Ended) {
			t.AtLeast = true
			continue
		}
		switch {
		case t.Begun.IsZero():
			t.Begun = e.Time
		case working && !begins[e.Event]:
			t.Worked += e.Time.Sub(t.Ended)
		case working:
			t.AtLeast = true
		}
		working = (working || begins[e.Event]) && !ends[e.Event]
		t.Ended = e.Time
	}
	t.AtLeast = t.AtLeast || working
	return t
}
