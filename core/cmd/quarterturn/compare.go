package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gomlx/compute"

	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/measure"
	"quarterturn/core/run"
	"quarterturn/core/study"
	"quarterturn/core/train"
)

var compareHelp = `compare --from [NAME=]CHECKPOINT --data PICTURES --labels 20,100,0 --seeds 5 --out runs/NAME [FLAGS]
       quarterturn compare --file experiment.json --out runs/NAME
       quarterturn compare --resume runs/NAME

Runs a whole experiment: ways to train, called arms, each with several budgets of
labels and several seeds. An arm starts from a checkpoint (--from, once for each), or is a
baseline: scratch, or random-frozen, which trains only the head of a network that has
learnt nothing. Checkpoints of another network than the first have baselines of
their own. It ends in a table with means and 95 % intervals, a paired test
over seeds and a verdict in words, and leaves report.html.

Each run is a folder as finetune makes it, in runs/NAME/runs. The same command
again, or --resume, goes on with what is not finished, to the same bits; so does
the same command with more seeds, budgets or arms.

--file takes what experiment.json in the folder is. It may leave out what is as
the flags have it, and an arm may have settings of its own, named as in a run's config.json:

  {"data": "cifar-10-binary.tar.gz", "labels": [20, 0], "seeds": 5, "arms": [
    {"name": "all", "from": "runs/pretext/best.safetensors"},
    {"name": "top", "from": "runs/pretext/best.safetensors", "settings": {"FirstStage": 3}},
    {"name": "fresh", "from": "scratch", "settings": {"LearningRate": 0.2}}]}

Length: without --epochs, each run takes about --steps steps, but at least ` +
	strconv.Itoa(study.FewestEpochs) + ` and at
most ` + strconv.Itoa(study.MostEpochs) + ` passes over its pictures: an epoch of few labels is a step or two.

` + builtInHelp

const experimentFile = "experiment.json"

// A comparison is one call of compare.
type comparison struct {
	terminal  *terminal
	plan      study.Plan
	safety    settings // Of all runs: how they are kept.
	command   []string
	described bool            // The plan is from a file.
	given     map[string]bool // The flags.
	out       string
	backend   string
	parallel  int
	points    int // Of an embedding; 0 for none.
	asJSON    bool

	starts   []start // Of the plan's arms.
	set      *dataset.Set
	pictures string // The set's fingerprint.
	runs     []study.Run
	backends []compute.Backend // One for each run at a time.
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
	defer c.closeBackends()
	if err := c.openBackends(); err != nil {
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
	c.closeBackends() // The plots have all cores.
	if err := c.embedAll(ctx); err != nil {
		return c.stopped(err, failed)
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
	backend      *string
	data         dataFlags
	config       configFlags
}

// Flags that say how an experiment is carried out and kept, not what it is.
var howFlags = []string{"file", "resume", "out", "parallel", "backend", "points", "json", "save-every", "keep", "on-nan", "devices", "precision"}

func (c *comparison) flags() (*flag.FlagSet, *compareFlags) {
	var f compareFlags
	flags := newFlags(c.terminal, "compare", compareHelp)
	flags.StringVar(&f.file, "file", "", "`experiment` as JSON, in the place of the flags that say what it is")
	flags.StringVar(&f.resume, "resume", "", "go on with the experiment in a `folder`")
	flags.Func("from", "an arm that starts from a checkpoint, `[NAME=]FILE`; give several, or several between commas, each with a name", func(v string) error {
		f.from = append(f.from, strings.Split(v, ",")...)
		return nil
	})
	flags.StringVar(&f.baselines, "baselines", study.Scratch+","+study.RandomFrozen, "`arms` that start from random weights: scratch, random-frozen or both")
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
	c.safety.Hardware.add(flags)
	flags.StringVar(&c.out, "out", "", "`folder` for the experiment (default runs/compare-TIME)")
	flags.IntVar(&c.parallel, "parallel", 0, "`runs` at a time, which share the cores; 0 for as many as there are cores, up to 8")
	flags.IntVar(&c.points, "points", 1000, "test `pictures` in the t-SNE plots; 0 for no plots")
	flags.BoolVar(&c.asJSON, "json", false, "print the table as JSON")
	f.backend = backendFlag(flags)
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
	c.backend = *f.backend
	given := map[string]bool{}
	flags.Visit(func(g *flag.Flag) { given[g.Name] = true })
	c.given = given
	if err := c.checkFlags(f, given); err != nil {
		return usageError{err}
	}
	switch {
	case f.resume != "":
		c.out, c.described = f.resume, true
		return c.readPlan(filepath.Join(f.resume, experimentFile), "--resume")
	case f.file != "":
		c.described = true
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
	if c.parallel < 0 || c.points < 0 || c.points > measure.MaxPoints {
		return fmt.Errorf("compare: --parallel is 0 or more, --points 0 to %d", measure.MaxPoints)
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

// prepare reads the checkpoints and the pictures, and lists the runs.
func (c *comparison) prepare() error {
	if err := c.readStarts(); err != nil {
		return err
	}
	if !c.described {
		c.addBaselines()
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
	case kindOf(c.backend) == engineKind:
		return min(runtime.GOMAXPROCS(0), 8) // Each has its activations in memory.
	}
	return 1
}

// threaded returns the backend of one of the runs at a time.
func (c *comparison) threaded() string {
	if c.backend != engineKind {
		return c.backend
	}
	return fmt.Sprintf("%s:threads=%d", engineKind, max(runtime.GOMAXPROCS(0)/c.parallel, 1))
}

// addBaselines gives each network that a checkpoint has beside the first's baselines
// of its own, such as scratch-NAME for that of the arm NAME.
func (c *comparison) addBaselines() {
	var seen []run.Network
	baselines := slices.DeleteFunc(slices.Clone(c.plan.Arms), study.Arm.Trained)
	for i, a := range c.plan.Arms {
		network := c.starts[i].network
		if !a.Trained() || slices.ContainsFunc(seen, network.Equal) {
			continue
		}
		if seen = append(seen, network); len(seen) == 1 {
			continue // It has those without a name.
		}
		for _, b := range baselines {
			c.plan.Arms = append(c.plan.Arms, study.Arm{Name: b.Name + "-" + a.Name, From: b.From, Network: &network})
			c.starts = append(c.starts, start{network: network})
		}
	}
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
