package term

import (
	"fmt"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"quarterturn/core/fault"
	"quarterturn/core/internal/printable"
	"quarterturn/core/run"
	"quarterturn/core/runs"
	"quarterturn/core/study"
)

// A Board shows how far all runs are. It is a study.Watcher.
type Board struct {
	mu       sync.Mutex
	terminal *Terminal
	steps    map[string]int // Done of each run.
	lengths  map[string]int
	done     int // Runs.
	total    int // Steps of all runs.
	before   int // Steps done before this call.
	ahead    foresight
	said     time.Time
	bar      *progressbar.ProgressBar // Nil where err is not a screen.
}

// NewBoard returns a Board for runs.
func NewBoard(t *Terminal, runs []study.Run) *Board {
	b := &Board{terminal: t, steps: map[string]int{}, lengths: map[string]int{}}
	for _, r := range runs {
		b.lengths[r.Name] = r.Steps
		b.total += r.Steps
	}
	return b
}

// Begin shows the runs from now on.
func (b *Board) Begin(text string) {
	fmt.Fprint(b.terminal.Err, text)
	b.before = b.sum()
	b.said = time.Now()
	b.bar = b.terminal.NewBar(b.total)
}

func (b *Board) sum() (steps int) {
	for _, n := range b.steps {
		steps += n
	}
	return steps
}

// Finished counts a run as done, and says what came out of it now.
func (b *Board) Finished(r study.Run, outcome *runs.Outcome) {
	b.mu.Lock()
	b.steps[r.Name] = b.lengths[r.Name]
	b.done++
	b.mu.Unlock()
	if outcome != nil {
		b.printf("%s: %s\n", r.Name, Outcome(*outcome))
	}
}

// Failed says that a run broke off.
func (b *Board) Failed(r study.Run, err error) {
	b.printf("%s failed: %s\n", r.Name, printable.Lines(fault.Reason(err)))
}

// Note prints a line about all of them.
func (b *Board) Note(line string) { b.printf("%s\n", printable.Lines(line)) }

// Say prints a line about a run.
func (b *Board) Say(r study.Run, line string) { b.printf("%s: %s\n", r.Name, printable.Lines(line)) }

// Event takes an event of a run.
func (b *Board) Event(r study.Run, e run.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	name := r.Name
	switch e := e.(type) {
	case run.Progress:
		if _, known := b.steps[name]; !known {
			b.before += e.Step - 1 // It goes on from there.
		}
		b.steps[name] = e.Step
	default:
		return
	}
	sum := b.sum()
	status := fmt.Sprintf("%d of %d runs", b.done, len(b.lengths))
	if left, ok := b.ahead.left(time.Now(), sum-b.before, b.total-sum); ok {
		status += "  " + Left(left) + " left"
	}
	if b.bar != nil {
		b.bar.Describe(status)
		_ = b.bar.Set(sum)
	} else if time.Since(b.said) >= plainEvery {
		b.said = time.Now()
		fmt.Fprintln(b.terminal.Err, status)
	}
}

// printf prints lines for a person, in the place of the bar.
func (b *Board) printf(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bar != nil {
		_ = b.bar.Clear()
	}
	fmt.Fprintf(b.terminal.Err, format, args...)
	b.said = time.Now()
}

// Close takes the bar away.
func (b *Board) Close() {
	if b.bar != nil {
		_ = b.bar.Clear()
	}
}
