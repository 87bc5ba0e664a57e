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

	"quarterturn/core/cmd/internal/backends"
	"quarterturn/core/cmd/internal/draw"
	"quarterturn/core/cmd/internal/files"
	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/measure"
	"quarterturn/core/run"
	"quarterturn/core/runs"
	"quarterturn/core/study"
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

Before the runs that count, each arm and budget tries the same few learning rates
(--rates), and pictures held out for validation choose one: no test picture does.
--views adds an arm for each network that trains nothing: it reads the features of
several stages (--stages) by a linear classifier, averaged over views of each picture.

--pretext-seeds trains several networks to begin with in the place of one --from, and
deals them out among the seeds: then the intervals know what another pretext run would
have come to.

Each run is a folder as finetune makes it, in runs/NAME/runs. The same command
again, or --resume, goes on with what is not finished, to the same bits; so does
the same command with more seeds, budgets or arms.

--file takes what experiment.json in the folder is. It may leave out what is as
the flags have it, and an arm may have settings of its own, named as the flags of finetune:

  {"data": "cifar-10-binary.tar.gz", "labels": [20, 0], "seeds": 5, "arms": [
    {"name": "all", "from": "runs/pretext/best.safetensors"},
    {"name": "top", "from": "runs/pretext/best.safetensors", "settings": {"first-stage": 3}},
    {"name": "fresh", "from": "scratch", "settings": {"rate": 0.2}}]}

Length: without --epochs, each run takes about --steps steps, but at least ` +
	strconv.Itoa(run.FewestEpochs) + ` and at
most ` + strconv.Itoa(run.MostEpochs) + ` passes over its pictures: an epoch of few labels is a step or two.

--preset sets flags together, which others given beside it change:
` + presetHelp("compare") + `
` + builtInHelp

// A comparison is one call of compare.
type comparison struct {
	study.Study
	terminal  *term.Terminal
	described bool            // The plan is from a file.
	given     map[string]bool // The flags.
	backend   string          // As the flag has it; Told has that of one run at a time.
	parallel  int
	points    int // Of an embedding; 0 for none.
	asJSON    bool
	how       reading
	backends  []compute.Backend // One for each run at a time.
}

// compare is the command.
func compare(ctx context.Context, t *term.Terminal, args []string) error {
	c := comparison{terminal: t}
	c.Disk, c.Draw = t.Disk, draw.Curves
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
	lock, err := c.Claim()
	if errors.Is(err, study.ErrOther) {
		return usageError{fmt.Errorf("%w, with --out", err)}
	}
	if err != nil {
		return err
	}
	defer lock.Close()
	failed, err := c.train(ctx)
	if err != nil {
		return c.stopped(err, failed)
	}
	c.closeBackends() // The plots have all cores.
	if err := c.layOut(ctx); err != nil {
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
	rates        string
	pretext      pretextFlags
	reading      readingFlags
	backend      *string
	data         dataFlags
	settings     settingFlags
}

// Flags that say how an experiment is carried out and kept, not what it is.
var howFlags = []string{"file", "resume", "out", "parallel", "backend", "points", "json", "save-every", "keep", "on-nan", "devices", "precision", "damaged", "strict", "cache"}

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
	flags.StringVar(&f.rates, "rates", "", "learning `rates` between commas, of which the validation pictures choose one for each arm and budget (default a ninth of --rate, a third, itself and three times it, unless --rate is given)")
	f.pretext.add(flags)
	f.reading.add(flags)
	f.data.add(flags)
	f.data.addValidation(flags)
	usual, _ := wish{task: run.Scratch}.config()
	f.settings.add(flags, usual, ofArms)
	addKeeping(flags, &c.Told.Keeping)
	addHardware(flags, &c.Told.Hardware)
	flags.StringVar(&c.Folder, "out", "", "`folder` for the experiment (default runs/compare-TIME)")
	flags.IntVar(&c.parallel, "parallel", 0, "`runs` at a time, which share the cores; 0 for as many as there are cores, up to 8")
	flags.IntVar(&c.points, "points", 1000, "test `pictures` in the t-SNE plots; 0 for no plots")
	flags.BoolVar(&c.asJSON, "json", false, "print the table as JSON")
	f.backend = backendFlag(flags)
	return flags, &f
}

// ofArms reports whether compare has a flag for a setting: not for what the plan has
// lists of, nor for what an arm alone may differ by.
func ofArms(s *run.Setting) bool {
	return s.Tasks == nil && !slices.Contains([]string{"epochs", "seed", "evaluate-every"}, s.Name)
}

func (c *comparison) parse(args []string) error {
	flags, f := c.flags()
	c.Told.Command, c.Told.Program = append([]string{"compare"}, args...), thisProgram()
	if err := parse(flags, args, 0); err != nil {
		return err
	}
	c.backend, c.how = *f.backend, f.data.how
	if _, err := f.reading.reading(flags, "compare"); err != nil {
		return err
	}
	given := map[string]bool{}
	flags.Visit(func(g *flag.Flag) { given[g.Name] = true })
	c.given = given
	if err := c.checkFlags(f, given); err != nil {
		return usageError{err}
	}
	switch {
	case f.resume != "":
		c.Folder, c.described = f.resume, true
		return c.readPlan(filepath.Join(f.resume, study.PlanFile), "--resume")
	case f.file != "":
		c.described = true
		if err := c.readPlan(f.file, "--file"); err != nil {
			return err
		}
	default:
		if err := f.plan(&c.Plan, given); err != nil {
			return usageError{err}
		}
	}
	if c.Folder == "" {
		c.Folder = "runs/compare" + time.Now().Format("-20060102-150405")
	}
	return nil
}

func (c *comparison) checkFlags(f *compareFlags, given map[string]bool) error {
	if c.parallel < 0 || c.points < 0 || c.points > measure.MaxPoints {
		return fmt.Errorf("compare: --parallel is 0 or more, --points 0 to %d", measure.MaxPoints)
	}
	if f.resume != "" && (f.file != "" || c.Folder != "") {
		return errors.New("compare: --resume goes on in its own folder, with the experiment that is in it: leave out --file and --out")
	}
	if f.resume == "" && f.file == "" {
		return c.Told.Check()
	}
	for name := range given {
		if !slices.Contains(howFlags, name) {
			return fmt.Errorf("compare: the experiment is described in a file already: leave out --%s, or change the file", name)
		}
	}
	return c.Told.Check()
}

// prepare reads the checkpoints and the pictures, and lists the runs.
func (c *comparison) prepare() error {
	var err error
	c.Starts, err = c.Plan.Begin(func(path string) ([]byte, error) { return files.Checkpoint("--from", path) })
	if err != nil {
		return err
	}
	if !c.described {
		c.Starts = c.Plan.AddBaselines(c.Starts)
	}
	data := dataFlags{path: c.Plan.Data, test: c.Plan.Test, holdOut: c.Plan.HoldOut, validation: c.Plan.Validation, limit: c.Plan.Limit, how: c.how}
	if c.Set, err = data.open(c.terminal, c.Plan.Settings.Side, c.Plan.DataSeed); err != nil {
		return err
	}
	term.Describe(c.terminal, c.Set, run.Scratch)
	if len(c.Set.Test.Labelled()) == 0 {
		return errors.New("compare: there are no labelled pictures to compare on: hold some out with --hold-out")
	}
	if err := c.Prepare(); err != nil {
		return usageError{err}
	}
	c.parallel = min(c.atATime(), len(c.All()))
	c.Told.Backend = c.threaded()
	c.Retold = func(k *runs.Keeping) {
		for name := range c.given {
			keepAsTold(k, c.Told.Keeping, name)
		}
	}
	return nil
}

// atATime returns how many runs share the cores.
func (c *comparison) atATime() int {
	switch {
	case c.parallel > 0:
		return c.parallel
	case runs.BackendKind(c.backend) == backends.Engine:
		return min(runtime.GOMAXPROCS(0), 8) // Each has its activations in memory.
	}
	return 1
}

// threaded returns the backend of one of the runs at a time.
func (c *comparison) threaded() string {
	if c.backend != backends.Engine {
		return c.backend
	}
	return fmt.Sprintf("%s:threads=%d", backends.Engine, max(runtime.GOMAXPROCS(0)/c.parallel, 1))
}
