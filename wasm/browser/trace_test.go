//go:build browser && !js

package browser

import (
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/tracing"
)

// A traced is what a thread did at one go. Processor is the time without that in which
// other programs of the machine were at work.
type traced struct{ Took, Processor time.Duration }

// traceTasks returns the tasks of the page's thread while do runs, the longest by the
// processor first.
func (p *Page) traceTasks(do func()) []traced {
	p.t.Helper()
	t := &trace{done: make(chan struct{})}
	p.record.tell(t.hear)
	defer p.record.tell(nil)
	call(p, tracing.Start, tracing.StartParams{
		TransferMode: tracing.StartTransferModeReportEvents,
		TraceConfig:  &tracing.TraceConfig{IncludedCategories: []string{"disabled-by-default-devtools.timeline"}, ExcludedCategories: []string{"*"}},
	})
	do()
	call(p, tracing.End, cdp.Empty{})
	select {
	case <-t.done:
	case <-time.After(p.Patience):
		p.t.Fatal("browser: the trace did not come")
	}
	return t.tasks()
}

// A trace collects events of the browser's protocol.
type trace struct {
	mu     sync.Mutex
	events []traceEvent
	done   chan struct{}
}

// A traceEvent has the fields of Chromium's trace format, with times in microseconds.
type traceEvent struct {
	Name      string  `json:"name"`
	Phase     string  `json:"ph"`
	Process   int     `json:"pid"`
	Thread    int     `json:"tid"`
	Duration  float64 `json:"dur"`
	Processor float64 `json:"tdur"`
	Args      struct {
		Name string `json:"name"`
	} `json:"args"`
}

func (t *trace) hear(event any) {
	switch e := event.(type) {
	case *tracing.EventDataCollected:
		t.mu.Lock()
		defer t.mu.Unlock()
		for _, raw := range e.Value {
			var event traceEvent
			if json.Unmarshal([]byte(raw), &event) == nil {
				t.events = append(t.events, event)
			}
		}
	case *tracing.EventTracingComplete:
		close(t.done)
	}
}

// tasks returns what the renderers' main threads did.
func (t *trace) tasks() []traced {
	t.mu.Lock()
	defer t.mu.Unlock()
	type thread struct{ process, thread int }
	main := map[thread]bool{}
	for _, e := range t.events {
		if e.Name == "thread_name" && e.Args.Name == "CrRendererMain" {
			main[thread{e.Process, e.Thread}] = true
		}
	}
	var tasks []traced
	for _, e := range t.events {
		if e.Name == "RunTask" && main[thread{e.Process, e.Thread}] {
			tasks = append(tasks, traced{microseconds(e.Duration), microseconds(e.Processor)})
		}
	}
	slices.SortFunc(tasks, func(a, b traced) int { return int(b.Processor - a.Processor) })
	return tasks
}

func microseconds(us float64) time.Duration { return time.Duration(us * float64(time.Microsecond)) }

// tell has fn hear the events too; nil ends that.
func (r *record) tell(fn func(any)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.also = fn
}
