package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/gomlx/compute"
	"github.com/schollz/progressbar/v3"

	"quarterturn/core/fault"
	"quarterturn/core/measure"
	"quarterturn/core/run"
	"quarterturn/core/study"
)

// train does all runs that are not finished, several at a time. A run that fails
// does not keep the others from going on: failed says which did. err is for what
// ends everything.
func (c *comparison) train(ctx context.Context) (failed, err error) {
	c.board = newBoard(c.terminal, c.runs)
	var todo []study.Run
	for _, r := range c.runs {
		if c.isFinished(r) {
			c.board.finish(r.Name)
		} else {
			todo = append(todo, r)
		}
	}
	c.board.begin(fmt.Sprintf("%s: %s, %s, %s; %d to do, %d at a time\n", study.Count(len(c.runs), "run"), study.Count(len(c.plan.Arms), "arm"),
		study.Count(len(c.plan.Labels), "budget"), study.Count(len(c.plan.Seeds), "seed"), len(todo), c.parallel))
	problems := c.trainEach(ctx, todo)
	c.board.close()
	if ctx.Err() != nil {
		return nil, c.stopped(ctx.Err(), errors.Join(problems...))
	}
	if len(problems) > 0 {
		failed = fmt.Errorf("%d of %d runs failed: %w", len(problems), len(c.runs), errors.Join(problems...))
	}
	return failed, nil
}

// openBackends opens one for each run at a time. The first says what it found.
func (c *comparison) openBackends() error {
	open := c.terminal.openBackend
	for range c.parallel {
		backend, err := open(c.threaded())
		if err != nil {
			return err
		}
		c.backends = append(c.backends, backend)
		open = openBackend
	}
	for _, r := range c.runs {
		if err := c.safety.Hardware.check(c.backends[0], r.Config.BatchSize); err != nil {
			return err
		}
	}
	return nil
}

func (c *comparison) closeBackends() {
	for _, backend := range c.backends {
		backend.Finalize()
	}
	c.backends = nil
}

// trainEach hands runs out to as many goroutines as there are runs at a time.
func (c *comparison) trainEach(ctx context.Context, todo []study.Run) (problems []error) {
	var workers sync.WaitGroup
	var mu sync.Mutex
	next := make(chan study.Run)
	for _, backend := range c.backends {
		workers.Go(func() {
			for r := range next {
				err := c.trainOne(ctx, backend, r)
				if err != nil && !errors.Is(err, context.Canceled) { // Such as what could not be saved when it was stopped.
					c.board.printf("%s failed: %s\n", r.Name, printableLines(fault.Reason(err)))
					mu.Lock()
					problems = append(problems, fmt.Errorf("%s: %w", r.Name, err))
					mu.Unlock()
				}
			}
		})
	}
	for _, r := range todo {
		select {
		case next <- r:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
	}
	close(next)
	workers.Wait()
	return problems
}

// trainOne does a run, or goes on with it.
func (c *comparison) trainOne(ctx context.Context, backend compute.Backend, r study.Run) error {
	l := learning{
		name: "finetune", settings: c.settings(r), out: c.folder(r),
		from: c.starts[r.Arm].model, start: c.plan.Arms[r.Arm].SHA256,
		also: func(e run.Event) { c.board.see(r.Name, e) },
	}
	defer l.close()
	if hasRun(l.out) {
		var err error
		if l.files, l.settings, err = openRunDir(c.terminal.disk, l.out); err != nil {
			return err
		}
		l.resumed = true
		c.keepAsTold(&l.settings)
	}
	var outcome bytes.Buffer
	t := &terminal{out: &outcome, err: &prefixed{board: c.board, name: r.Name}, quiet: true, disk: c.terminal.disk}
	if err := l.learn(ctx, t, backend, c.set, c.pictures); err != nil {
		return err
	}
	c.board.finished(r.Name, outcome.String())
	return nil
}

// keepAsTold gives a run that is there what this call was told of how runs are kept.
// The rest stays as it was.
func (c *comparison) keepAsTold(s *settings) {
	if c.given["save-every"] {
		s.SaveEvery = c.safety.SaveEvery
	}
	if c.given["keep"] {
		s.Keep = c.safety.Keep
	}
	if c.given["on-nan"] {
		s.OnNaN = c.safety.OnNaN
	}
}

// isFinished reports whether everything that a run leaves behind is there. The
// confusion matrix is the last of it, if there is one of so many classes. What it
// holds does not matter: another try would come to the same.
func (c *comparison) isFinished(r study.Run) bool {
	found, err := readRunRecord(c.terminal.disk, c.folder(r))
	return err == nil && found.finished &&
		(len(c.set.Test.Classes) > measure.MaxClasses || hasFile(c.terminal.disk, c.folder(r), confusionFile))
}

// howFlags are the flags that --resume needs beside the folder, since they are not the
// experiment's but decide its numbers.
func (c *comparison) howFlags() (flags string) {
	if c.backend != engineKind {
		flags += " --backend " + quoted([]string{c.backend})
	}
	h := c.safety.Hardware.standard()
	if h.Devices != 0 {
		flags += fmt.Sprintf(" --devices %d", h.Devices)
	}
	if h.Precision != "" {
		flags += fmt.Sprintf(" --precision %s", h.Precision)
	}
	if c.safety.OnNaN != onNaNStop {
		flags += " --on-nan " + c.safety.OnNaN // For the runs that have not begun.
	}
	return flags
}

// stopped says how to go on, and returns why it stopped. What failed was said already.
func (c *comparison) stopped(reason, failed error) error {
	if errors.Is(reason, context.Canceled) {
		saved := "everything is saved"
		if failed != nil {
			saved = "everything is saved but of the runs that failed, see above"
		}
		fmt.Fprintf(c.terminal.err, "stopped, %s; go on with: quarterturn compare --resume %s%s\n", saved, c.out, c.howFlags())
	}
	return reason
}

// A board shows how far all runs are. Its methods may be called from any
// goroutine.
type board struct {
	mu       sync.Mutex
	terminal *terminal
	steps    map[string]int // Done of each run.
	lengths  map[string]int
	done     int // Runs.
	total    int // Steps of all runs.
	before   int // Steps done before this call.
	began    time.Time
	said     time.Time
	bar      *progressbar.ProgressBar // Nil where err is not a screen.
}

func newBoard(t *terminal, runs []study.Run) *board {
	b := &board{terminal: t, steps: map[string]int{}, lengths: map[string]int{}}
	for _, r := range runs {
		b.lengths[r.Name] = r.Steps
		b.total += r.Steps
	}
	return b
}

// begin counts time from now on.
func (b *board) begin(text string) {
	fmt.Fprint(b.terminal.err, text)
	b.before = b.sum()
	b.began, b.said = time.Now(), time.Now()
	b.bar = b.terminal.newBar(b.total)
}

func (b *board) sum() (steps int) {
	for _, n := range b.steps {
		steps += n
	}
	return steps
}

// finish counts a run as done.
func (b *board) finish(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.steps[name] = b.lengths[name]
	b.done++
}

// finished says what came out of a run.
func (b *board) finished(name, outcome string) {
	b.finish(name)
	b.printf("%s: %s", name, outcome)
}

// see takes an event of a run.
func (b *board) see(name string, e run.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
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
	status := fmt.Sprintf("%d of %d runs  %s left", b.done, len(b.lengths), left(b.remaining(sum)))
	if b.bar != nil {
		b.bar.Describe(status)
		_ = b.bar.Set(sum)
	} else if time.Since(b.said) >= plainEvery {
		b.said = time.Now()
		fmt.Fprintln(b.terminal.err, status)
	}
}

// remaining supposes that steps go on taking as long as they did. Later budgets'
// runs evaluate less often, so that it errs on the long side.
func (b *board) remaining(sum int) time.Duration {
	done := max(sum-b.before, 1)
	return time.Duration(float64(time.Since(b.began)) / float64(done) * float64(b.total-sum))
}

// printf prints lines for a person, in the place of the bar.
func (b *board) printf(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bar != nil {
		_ = b.bar.Clear()
	}
	fmt.Fprintf(b.terminal.err, format, args...)
	b.said = time.Now()
}

func (b *board) close() {
	if b.bar != nil {
		_ = b.bar.Clear()
	}
}

// A prefixed writer puts a run's name before each line.
type prefixed struct {
	board *board
	name  string
	rest  []byte // Without its end.
}

var _ io.Writer = (*prefixed)(nil)

func (p *prefixed) Write(b []byte) (int, error) {
	p.rest = append(p.rest, b...)
	for {
		line, rest, whole := bytes.Cut(p.rest, []byte("\n"))
		if !whole {
			return len(b), nil
		}
		p.board.printf("%s: %s\n", p.name, line)
		p.rest = bytes.Clone(rest)
	}
}
