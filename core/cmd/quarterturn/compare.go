package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"quarterturn/assets/pictures"
	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/experiment"
	"quarterturn/core/run"
	"quarterturn/core/rundir"
	"quarterturn/core/train"
)

var compareHelp = `compare --from [NAME=]CHECKPOINT --data PICTURES --labels 20,100,0 --seeds 5 --out runs/NAME [FLAGS]
       quarterturn compare --file experiment.json --out runs/NAME
       quarterturn compare --resume runs/NAME

Runs a whole experiment: ways to train, called arms, each with several budgets of
labels and several seeds. An arm starts from a checkpoint (--from, once for each), or is a
baseline: scratch, or random-frozen, which trains only the head of a network that has
learnt nothing. It ends in a table with means and 95 % intervals, a paired test
over seeds and a verdict in words, and leaves report.html.

Each run is a folder as finetune makes it, in runs/NAME/runs. The same command
again, or --resume, goes on with what is not finished, to the same bits; so does
the same command with more seeds, budgets or arms. experiment.json in the folder is
what --file takes: there an arm may have settings of its own.

Length: without --epochs, each run takes about --steps steps, but at least ` +
	strconv.Itoa(experiment.FewestEpochs) + ` and at
most ` + strconv.Itoa(experiment.MostEpochs) + ` passes over its pictures: an epoch of few labels is a step or two.

` + builtInHelp

const experimentFile = "experiment.json"

// A comparison is one call of compare.
type comparison struct {
	terminal *terminal
	plan     experiment.Plan
	safety   settings // Of all runs: how they are kept.
	command  []string
	out      string
	backend  string
	parallel int
	points   int // Of an embedding; 0 for none.
	asJSON   bool

	starts   []start // Of the plan's arms.
	set      *dataset.Set
	pictures string // The set's fingerprint.
	runs     []experiment.Run
	board    *board
}

// A start is what an arm begins with.
type start struct {
	model   *checkpoint.Model // Nil for random weights.
	network run.Network
}

// compare is the command.
func compare(ctx context.Context, t *terminal, args []string) error {
	c := comparison{terminal: t}
	if err := c.parse(args); err != nil {
		return err
	}
	if err := c.prepare(); err != nil {
		return err
	}
	lock, err := c.claim()
	if err != nil {
		return err
	}
	defer lock.Close()
	failed, err := c.train(ctx)
	if err != nil {
		return err
	}
	if err := c.embedAll(ctx); err != nil {
		return c.stopped(err)
	}
	return errors.Join(c.conclude(), failed)
}

// compareFlags are what the flags say.
type compareFlags struct {
	file, resume string
	from         []string
	baselines    string
	labels       string
	seeds        int
	steps        int
	epochs       string
	data         dataFlags
	config       configFlags
}

// Flags that say how an experiment is carried out and kept, not what it is.
var howFlags = []string{"file", "resume", "out", "parallel", "backend", "points", "json", "save-every", "keep", "on-nan"}

func (c *comparison) flags() (*flag.FlagSet, *compareFlags) {
	var f compareFlags
	flags := newFlags(c.terminal, "compare", compareHelp)
	flags.StringVar(&f.file, "file", "", "`experiment` as JSON, in the place of the flags that say what it is")
	flags.StringVar(&f.resume, "resume", "", "go on with the experiment in a `folder`")
	flags.Func("from", "an arm that starts from a checkpoint, `[NAME=]FILE`; give several, or several between commas, each with a name", func(v string) error {
		f.from = append(f.from, strings.Split(v, ",")...)
		return nil
	})
	flags.StringVar(&f.baselines, "baselines", experiment.Scratch+","+experiment.RandomFrozen, "`arms` that start from random weights: scratch, random-frozen or both")
	flags.StringVar(&f.labels, "labels", "", "`budgets`: labelled pictures of each class, between commas; 0 for all (default 20,100,0, or 5,20,0 of the built-in pictures)")
	flags.IntVar(&f.seeds, "seeds", 5, "`runs` of each arm and budget, with seeds from 1 on")
	flags.IntVar(&f.steps, "steps", 1000, "about so many `steps` for each run")
	flags.StringVar(&f.epochs, "epochs", "", "`passes` over the pictures instead: one number, or one for each budget between commas")
	f.data.add(flags)
	inherited := flag.NewFlagSet("", flag.ContinueOnError)
	f.config.add(inherited, largeDefaults())
	inherited.VisitAll(func(g *flag.Flag) {
		if !slices.Contains([]string{"epochs", "seed", "evaluate-every"}, g.Name) { // The plan's.
			flags.Var(g.Value, g.Name, g.Usage)
		}
	})
	c.safety.addSafety(flags)
	flags.StringVar(&c.out, "out", "", "`folder` for the experiment (default runs/compare-TIME)")
	flags.IntVar(&c.parallel, "parallel", 0, "`runs` at a time, which share the cores; 0 for as many as there are cores, up to 8")
	flags.IntVar(&c.points, "points", 1000, "test `pictures` in the t-SNE plots; 0 for no plots")
	flags.BoolVar(&c.asJSON, "json", false, "print the table as JSON")
	flags.StringVar(&c.backend, "backend", "engine", "what computes: `engine`, ours, or go, GoMLX's own")
	return flags, &f
}

// largeDefaults are finetune's settings for pictures of one's own.
func largeDefaults() run.Config {
	config := run.Default(run.Scratch)
	config.Network, _ = run.NetworkOfDepth(18, 64)
	config.BatchSize, config.LearningRate, config.LabelsPerClass = 128, 0.1, 0
	return config
}

func (c *comparison) parse(args []string) error {
	flags, f := c.flags()
	c.command = append([]string{"compare"}, args...)
	if err := parse(flags, args, 0); err != nil {
		return err
	}
	given := map[string]bool{}
	flags.Visit(func(g *flag.Flag) { given[g.Name] = true })
	if err := c.checkFlags(f, given); err != nil {
		return usageError{err}
	}
	switch {
	case f.resume != "":
		c.out = f.resume
		return c.readPlan(filepath.Join(f.resume, experimentFile), "--resume")
	case f.file != "":
		if err := c.readPlan(f.file, "--file"); err != nil {
			return err
		}
	default:
		if err := f.plan(&c.plan, given); err != nil {
			return usageError{err}
		}
	}
	if c.out == "" {
		c.out = "runs/compare" + time.Now().Format("-20060102-150405")
	}
	return nil
}

func (c *comparison) checkFlags(f *compareFlags, given map[string]bool) error {
	if c.parallel < 0 || c.points < 0 || c.points > maxPoints {
		return fmt.Errorf("compare: --parallel is 0 or more, --points 0 to %d", maxPoints)
	}
	if f.resume != "" && (f.file != "" || c.out != "") {
		return errors.New("compare: --resume goes on in its own folder, with the experiment that is in it: leave out --file and --out")
	}
	if f.resume == "" && f.file == "" {
		return c.safety.check()
	}
	for name := range given {
		if !slices.Contains(howFlags, name) {
			return fmt.Errorf("compare: the experiment is described in a file already: leave out --%s, or change the file", name)
		}
	}
	return c.safety.check()
}

// readPlan reads an experiment's file.
func (c *comparison) readPlan(path, name string) error {
	b, err := c.terminal.disk.Read(path, experiment.MaxBytes)
	if err != nil {
		return usageError{inFlag(name, path, err)}
	}
	var about struct{ Data string }
	_ = json.Unmarshal(b, &about) // Mistakes are said below.
	f := compareFlags{data: dataFlags{path: about.Data, holdOut: dataset.DefaultHoldOut}, seeds: 5, steps: 1000}
	if about.Data == "" {
		f.data.path = pictures.Default
	}
	f.config.add(flag.NewFlagSet("", flag.ContinueOnError), largeDefaults())
	if err := f.defaults(&c.plan, map[string]bool{}); err != nil {
		return err
	}
	if err := c.plan.Decode(b); err != nil {
		return usageError{fmt.Errorf("%s %s: %w", name, path, err)}
	}
	return nil
}

// plan makes the plan that the flags describe.
func (f *compareFlags) plan(p *experiment.Plan, given map[string]bool) error {
	if err := f.defaults(p, given); err != nil {
		return err
	}
	var err error
	if f.labels != "" {
		if p.Labels, err = numbers("--labels", f.labels); err != nil {
			return err
		}
	}
	if f.epochs != "" {
		p.Steps = 0
		if p.Epochs, err = numbers("--epochs", f.epochs); err != nil {
			return err
		}
	}
	if p.Arms, err = f.arms(); err != nil {
		return err
	}
	for _, name := range []string{"depth", "width", "blocks"} {
		if given[name] && len(f.from) > 0 {
			return fmt.Errorf("compare: the checkpoint decides the network: leave out --%s", name)
		}
	}
	return p.Validate()
}

// defaults fills in what a file may leave out.
func (f *compareFlags) defaults(p *experiment.Plan, given map[string]bool) error {
	p.Labels = []int{20, 100, 0}
	if slices.Contains(builtIn(), f.data.path) {
		f.config.forBuiltIn(given)
		p.Labels = []int{5, 20, 0}
	}
	var err error
	p.Settings, err = f.config.build()
	p.Data, p.Test, p.HoldOut, p.Limit, p.DataSeed = f.data.path, f.data.test, f.data.holdOut, f.data.limit, 1
	p.Seeds, p.Steps = experiment.FirstSeeds(f.seeds), f.steps
	return err
}

func numbers(flag, text string) (list []int, err error) {
	for field := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(field))
		if err != nil {
			return nil, fmt.Errorf("compare: %s %q: want numbers between commas, such as 20,100,0", flag, text)
		}
		list = append(list, n)
	}
	return list, nil
}

// arms makes those of --from and --baselines.
func (f *compareFlags) arms() (arms []experiment.Arm, err error) {
	for _, from := range f.from {
		name, path, named := strings.Cut(from, "=")
		if !named {
			name, path = "transfer", from
		}
		arms = append(arms, experiment.Arm{Name: name, From: path})
	}
	for name := range strings.SplitSeq(f.baselines, ",") {
		switch name = strings.TrimSpace(name); name {
		case "":
		case experiment.Scratch, experiment.RandomFrozen:
			arms = append(arms, experiment.Arm{Name: name, From: name})
		default:
			return nil, fmt.Errorf("compare: no baseline %q, choose scratch, random-frozen or both", name)
		}
	}
	return arms, nil
}

// prepare reads the checkpoints and the pictures, and lists the runs.
func (c *comparison) prepare() error {
	if err := c.readStarts(); err != nil {
		return err
	}
	data := dataFlags{path: c.plan.Data, test: c.plan.Test, holdOut: c.plan.HoldOut, limit: c.plan.Limit}
	var err error
	if c.set, err = data.open(c.terminal, c.plan.Settings.Side, c.plan.DataSeed); err != nil {
		return err
	}
	describe(c.terminal, c.set, run.Scratch)
	if len(c.set.Test.Labelled()) == 0 {
		return errors.New("compare: there are no labelled pictures to compare on: hold some out with --hold-out")
	}
	c.pictures = train.Fingerprint(c.set)
	var networks []run.Network
	for _, s := range c.starts {
		networks = append(networks, s.network)
	}
	labelsOf := c.set.Train.Labels
	c.runs, err = c.plan.Runs(networks, func(labels int) int { return len(dataset.Budget(labelsOf, labels, 1)) })
	if err != nil {
		return usageError{err}
	}
	c.parallel = min(c.atATime(), len(c.runs))
	return nil
}

// atATime returns how many runs share the cores.
func (c *comparison) atATime() int {
	switch {
	case c.parallel > 0:
		return c.parallel
	case strings.HasPrefix(c.backend, "engine"):
		return min(runtime.GOMAXPROCS(0), 8) // Each has its activations in memory.
	}
	return 1
}

// threaded returns the backend of one of the runs at a time.
func (c *comparison) threaded() string {
	if c.backend != "engine" {
		return c.backend
	}
	return fmt.Sprintf("engine:threads=%d", max(runtime.GOMAXPROCS(0)/c.parallel, 1))
}

// readStarts reads the arms' checkpoints. An arm without one has the network that it
// names, else that of the first checkpoint, so that the two differ by the start alone.
func (c *comparison) readStarts() error {
	var first *run.Network
	c.starts = make([]start, len(c.plan.Arms))
	for i := range c.plan.Arms {
		a := &c.plan.Arms[i]
		if !a.Trained() {
			continue
		}
		b, err := readCheckpoint("--from", a.From)
		if err != nil {
			return err
		}
		sum := sumOf(b)
		if a.SHA256 != "" && a.SHA256 != sum {
			return fmt.Errorf("arm %s: %s is not the checkpoint that it was: its SHA-256 is %s, want %s", a.Name, a.From, sum, a.SHA256)
		}
		a.SHA256 = sum
		m, err := checkpoint.Decode(b)
		if err != nil {
			return fmt.Errorf("--from %s: %w", a.From, err)
		}
		network := m.Config.Network
		network.Hidden = 0 // Part of the head, which is fresh.
		c.starts[i] = start{m, network}
		if first == nil {
			first = &network
		}
	}
	for i, a := range c.plan.Arms {
		switch {
		case a.Network != nil:
			c.starts[i].network = *a.Network
		case a.Trained():
		case first != nil:
			c.starts[i].network = *first
		default:
			c.starts[i].network = c.plan.Settings.Network
		}
	}
	return nil
}

// claim takes the folder for this process and leaves the plan in it. What is there
// must be of the same experiment.
func (c *comparison) claim() (io.Closer, error) {
	disk := c.terminal.disk
	if err := disk.MkdirAll(c.out); err != nil {
		return nil, err
	}
	lock, err := disk.Lock(filepath.Join(c.out, ".lock"))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.out, err)
	}
	if err := errors.Join(c.checkPlan(), c.checkRuns()); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, c.writePlan()
}

// checkPlan compares with the plan that is in the folder.
func (c *comparison) checkPlan() error {
	path := filepath.Join(c.out, experimentFile)
	b, err := c.terminal.disk.Read(path, experiment.MaxBytes)
	if err != nil { // There is none, or nothing to compare with.
		return nil
	}
	var there experiment.Plan
	if err := there.Decode(b); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := there.Extends(&c.plan); err != nil {
		return usageError{fmt.Errorf("%s has another experiment: %w; choose another --out", c.out, err)}
	}
	return nil
}

// checkRuns compares the runs that are there with those of the plan.
func (c *comparison) checkRuns() error {
	for _, r := range c.runs {
		b, err := c.terminal.disk.Read(filepath.Join(c.folder(r), configFile), maxSettingsBytes)
		if err != nil {
			continue // Not begun. What cannot be read is said when the run's turn comes.
		}
		there, err := decodeSettings(b)
		if err != nil {
			continue
		}
		if what := there.differs(c.settings(r)); what != "" {
			return usageError{fmt.Errorf("%s has a run with another %s: choose another --out, or go on with --resume %s", c.folder(r), what, c.out)}
		}
	}
	return nil
}

// differs names the first thing in which the numbers of two runs may differ.
func (s settings) differs(other settings) string {
	kind, _, _ := strings.Cut(s.Backend, ":")
	otherKind, _, _ := strings.Cut(other.Backend, ":")
	for _, f := range []struct {
		what string
		a, b any
	}{
		{"configuration", s.Config, other.Config},
		{"start", s.From, other.From},
		{"set of pictures", []any{s.Data, s.Test, s.HoldOut, s.Limit, s.DataSeed}, []any{other.Data, other.Test, other.HoldOut, other.Limit, other.DataSeed}},
		{"backend", kind, otherKind},
	} {
		if fmt.Sprintf("%+v", f.a) != fmt.Sprintf("%+v", f.b) {
			return f.what
		}
	}
	return ""
}

func (c *comparison) writePlan() error {
	b, err := json.MarshalIndent(c.plan, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(c.out, experimentFile)
	if there, err := c.terminal.disk.Read(path, experiment.MaxBytes); err == nil && bytes.Equal(there, append(b, '\n')) {
		return nil
	}
	if err := rundir.Replace(c.terminal.disk, path, append(b, '\n')); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

func (c *comparison) folder(r experiment.Run) string { return filepath.Join(c.out, "runs", r.Name) }

// settings returns what a run is told.
func (c *comparison) settings(r experiment.Run) settings {
	s := c.safety
	arm := c.plan.Arms[r.Arm]
	s.Command, s.Config, s.Arm = c.command, r.Config, arm.Name
	if arm.Trained() {
		s.From = arm.From
	}
	s.Data, s.Test, s.HoldOut, s.Limit, s.DataSeed = c.plan.Data, c.plan.Test, c.plan.HoldOut, c.plan.Limit, c.plan.DataSeed
	s.Backend = c.threaded()
	return s
}
