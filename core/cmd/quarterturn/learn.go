package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"quarterturn/core/checkpoint"
	"quarterturn/core/cmd/internal/draw"
	"quarterturn/core/cmd/internal/files"
	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/run"
	"quarterturn/core/runs"
	"quarterturn/core/train"
)

var pretrainHelp = `pretrain --data PICTURES --out runs/NAME [FLAGS]
       quarterturn pretrain --resume runs/NAME
       quarterturn pretrain --resume FILE.qtproject [--run NAME]

Learns to guess by which quarter turn a picture was turned (RotNet), which needs
no labels. Each picture is seen in its four turns in one batch, after a random
crop, scaled back, and a mirroring.

--preset sets flags together, which others given beside it change:
` + presetHelp("pretrain") + `
` + builtInHelp

// pretrain is the command.
func pretrain(ctx context.Context, t *term.Terminal, args []string) error {
	l := learning{name: "pretrain"}
	defer l.job.Close()
	if err := l.parse(t, pretrainHelp, args); err != nil {
		return err
	}
	return l.run(ctx, t)
}

var finetuneHelp = `finetune --from CHECKPOINT|scratch|random-frozen --data PICTURES --out runs/NAME [FLAGS]
       quarterturn finetune --resume runs/NAME
       quarterturn finetune --resume FILE.qtproject [--run NAME]

Learns to name what is in a picture. From a checkpoint it keeps the network and
its weights and gives it a fresh head; --first-stage freezes what lies below, and
--fresh-stage takes fewer stages from the checkpoint. From scratch it starts with
random weights; random-frozen trains only a head on those, which is what a
checkpoint's features have to beat.

--probe puts a classifier on the features of --stage, which stay as they are and
are computed once: linear on their means, mlp with a hidden layer on these, or
conv, a fresh stage on their maps, as RotNet's. Pictures are then not varied,
unless --flip or --pad-crop ask for it.

--preset sets flags together, which others given beside it change:
` + presetHelp("finetune") + `
` + builtInHelp

// finetune is the command.
func finetune(ctx context.Context, t *term.Terminal, args []string) error {
	l := learning{name: "finetune"}
	defer l.job.Close()
	if err := l.parse(t, finetuneHelp, args); err != nil {
		return err
	}
	return l.run(ctx, t)
}

// A learning is one call of pretrain or finetune.
type learning struct {
	name  string // The command's.
	job   runs.Job
	probe probeFlags
	how   reading // Of this call, also where it goes on with a run.

	workshop *workshop // Of a project file; nil without one.
	shown    string    // The run as --resume names it; empty for its folder.
}

// learnFlags are what the flags say that is not in a run's Spec.
type learnFlags struct {
	*flag.FlagSet
	settings settingFlags
	data     dataFlags
	backend  *string
	preset   string
	resume   string
	run      string
	named    map[string]bool // Those that were given.
}

// flags registers the command's flags.
func (l *learning) flags(t *term.Terminal, help string) *learnFlags {
	s := &l.job.Spec
	f := &learnFlags{FlagSet: newFlags(t, l.name, help), named: map[string]bool{}}
	usual, _ := wish{task: l.task()}.config()
	tasks := []run.Task{run.Pretext}
	if l.name == "finetune" {
		tasks = []run.Task{run.Transfer, run.Scratch}
		f.StringVar(&s.From, "from", scratch, "`checkpoint` to start from, or scratch or random-frozen")
		l.probe.add(f.FlagSet)
	}
	f.settings.add(f.FlagSet, usual, mattersTo(tasks...))
	f.data.add(f.FlagSet)
	f.data.addValidation(f.FlagSet)
	addKeeping(f.FlagSet, &s.Keeping)
	addHardware(f.FlagSet, &s.Hardware)
	f.backend = backendFlag(f.FlagSet)
	f.StringVar(&l.job.Folder, "out", "", "`folder` for the run's files, new or empty (default runs/NAME-TIME)")
	f.StringVar(&f.resume, "resume", "", "go on with the run in a `folder`, whose settings are in its config.json, or with one of a project; a project's file is written anew at the end")
	f.StringVar(&f.run, "run", "", "`name` of the run to go on with, where --resume is a project")
	f.StringVar(&f.preset, "preset", "", "a `name` for several flags: lab-10, lab-30-resnet34 or recipe")
	return f
}

// task is what the command learns where no checkpoint is given.
func (l *learning) task() run.Task {
	if l.name == "pretrain" {
		return run.Pretext
	}
	return run.Scratch
}

// parse takes the settings from the flags or, for --resume, from the run.
func (l *learning) parse(t *term.Terminal, help string, args []string) error {
	f := l.flags(t, help)
	if err := parse(f.FlagSet, args, 0); err != nil {
		return err
	}
	s := &l.job.Spec
	if err := checkKeeping(s.Keeping); err != nil {
		return err
	}
	l.job.Disk, l.how = t.Disk, f.data.how
	if f.resume != "" {
		return l.goOn(t, f)
	}
	if f.run != "" {
		return usageError{fmt.Errorf("%s: --run names a run of the project that --resume names", l.name)}
	}
	f.Visit(func(g *flag.Flag) { f.named[g.Name] = true })
	s.Command, s.Backend, s.Program = os.Args[1:], *f.backend, thisProgram()
	s.Data, s.Test, s.HoldOut, s.Limit = f.data.path, f.data.test, f.data.holdOut, f.data.limit
	s.Validation = f.data.validation
	if l.job.Folder == "" {
		l.job.Folder = "runs/" + l.name + time.Now().Format("-20060102-150405")
	}
	return l.settle(f)
}

// What --from says for random weights, all of which learn or only the head.
const (
	scratch      = "scratch"
	randomFrozen = "random-frozen"
)

// settle decides the configuration, and what the run starts from.
func (l *learning) settle(f *learnFlags) error {
	s := &l.job.Spec
	preset, err := presetOf(f.preset, l.name)
	if err != nil {
		return err
	}
	w := wish{
		task: l.task(), builtIn: !f.named["data"], preset: preset,
		probe: l.probe.kind != "", frozen: s.From == randomFrozen, given: f.settings.given,
	}
	if s.Config, err = w.config(); err != nil {
		return err
	}
	switch {
	case l.name == "pretrain":
	case s.From == scratch || s.From == randomFrozen:
		err = l.checkRandom(w)
		s.From = ""
	default:
		err = l.startFrom(w)
	}
	if err != nil {
		return err
	}
	if s.Config, err = settled(s.Config); err != nil || l.name == "pretrain" {
		return err
	}
	return l.probe.settle(s, f.named)
}

// startFrom reads the checkpoint to start from. It decides the network, for which flags
// are refused, and what a probe looks at.
func (l *learning) startFrom(w wish) error {
	for _, name := range []string{"depth", "width", "blocks"} {
		if _, ok := w.given[name]; ok {
			return usageError{fmt.Errorf("finetune: the checkpoint decides the network: leave out --%s, or start with --from %s", name, scratch)}
		}
	}
	if err := l.readStart(); err != nil {
		return err
	}
	c, from := &l.job.Spec.Config, l.job.From
	c.Task, c.Network = run.Transfer, from.Config.Network
	c.Network.Hidden = 0 // Part of the head, which is fresh.
	if w.probe && c.Crop() == 0 && c.PadCrop == 0 && w.given["central-crop"] == "" && w.given["scaled-crop"] == "" {
		c.CentralCrop = from.Crop * c.Side / max(from.Side, 1) // Features of what the checkpoint learned to look at.
	}
	return nil
}

// checkRandom refuses what makes no sense of random weights.
func (l *learning) checkRandom(w wish) error {
	from := l.job.Spec.From
	switch {
	case w.given["fresh-stage"] != "":
		return usageError{fmt.Errorf("finetune: --fresh-stage says what not to take from a checkpoint, and --from %s takes nothing", from)}
	case w.frozen && l.job.Spec.Config.FirstStage == 0:
		return usageError{fmt.Errorf("finetune: --first-stage 0 trains all of the random weights: that is --from %s", scratch)}
	case w.probe && from == scratch:
		return usageError{fmt.Errorf("finetune: --probe looks at features that stay: name a checkpoint with --from, or %s", randomFrozen)}
	}
	return nil
}

// goOn finds the run to go on with.
func (l *learning) goOn(t *term.Terminal, f *learnFlags) error {
	root := f.resume
	if isProject(t.Disk, root) {
		var err error
		if root, err = l.resumeProject(t, f.resume, f.run); err != nil {
			return err
		}
	} else if f.run != "" {
		return usageError{fmt.Errorf("%s is no project: leave out --run", root)}
	}
	err := l.resume(root, f.FlagSet)
	if err != nil && l.workshop != nil {
		return errors.Join(err, l.workshop.lock.Close())
	}
	return err
}

// resume takes the settings of a run. Flags may change how it is kept, and
// nothing that its numbers depend on.
func (l *learning) resume(root string, flags *flag.FlagSet) error {
	given := l.job.Spec.Keeping
	if !runs.HasRun(l.job.Disk, root) {
		return usageError{fmt.Errorf("%s has no run in it: there is no %s", root, runs.SpecFile)}
	}
	l.job.Folder = root
	if err := l.job.Resume(); err != nil {
		return err
	}
	spec := &l.job.Spec
	var refused error
	flags.Visit(func(f *flag.Flag) {
		switch name := f.Value.String(); {
		case f.Name == "resume" || f.Name == "run" || f.Name == "damaged" || f.Name == "strict" || f.Name == "cache" || keepAsTold(&spec.Keeping, given, f.Name):
		case f.Name == "backend" && runs.BackendKind(name) == runs.BackendKind(spec.Backend):
			spec.Backend = name // Such as a plugin that is elsewhere now.
		case f.Name == "backend":
			refused = usageError{fmt.Errorf("--resume goes on with the backend %s: leave out --backend, or give another configuration of it", runs.BackendKind(spec.Backend))}
		default:
			refused = usageError{fmt.Errorf("--resume goes on with the settings in %s: leave out --%s", filepath.Join(root, runs.SpecFile), f.Name)}
		}
	})
	if refused != nil {
		return refused
	}
	if of := commandOf(spec.Config.Task); of != l.name {
		return usageError{fmt.Errorf("the run in %s is one of %s: quarterturn %s --resume %s", root, of, of, root)}
	}
	if spec.From != "" {
		return l.readStart()
	}
	return nil
}

// commandOf returns the name of the command that learns a task.
func commandOf(task run.Task) string {
	if task == run.Pretext {
		return "pretrain"
	}
	return "finetune"
}

// readStart reads the model to start from.
func (l *learning) readStart() error {
	from := ownNetwork(l.job.Disk, l.job.Folder, l.job.Spec.From)
	b, err := files.Checkpoint("--from", from)
	if err != nil {
		return err
	}
	l.job.Start = runs.Sum(b)
	if l.job.From, err = checkpoint.Decode(b); err != nil {
		return fmt.Errorf("--from %s: %w", from, err)
	}
	return nil
}

// run trains and leaves everything in the run's folder, and in the project that the run
// is one of.
func (l *learning) run(ctx context.Context, t *term.Terminal) error {
	err := l.train(ctx, t)
	if l.workshop == nil {
		return err
	}
	l.job.Close() // Its files are to be read.
	return l.workshop.close(t, err)
}

func (l *learning) train(ctx context.Context, t *term.Terminal) error {
	s := &l.job.Spec
	if !l.job.IsResumed() && runs.HasRun(t.Disk, l.job.Folder) {
		return usageError{fmt.Errorf("%s has a run in it already; go on with --resume %s or choose another --out", l.job.Folder, l.job.Folder)}
	}
	if !l.job.IsResumed() {
		if err := runs.Vacant(t.Disk, l.job.Folder); err != nil {
			return usageError{fmt.Errorf("--out: %w", err)}
		}
	}
	backend, err := openBackend(t, s.Backend)
	if err != nil {
		return err
	}
	if err := checkHardware(s.Hardware, backend, s.Config.BatchSize); err != nil {
		return err
	}
	data := dataFlags{path: s.Data, test: s.Test, turns: s.Config.Task == run.Pretext, holdOut: s.HoldOut, validation: s.Validation, limit: s.Limit, how: l.how, run: l.job.Folder}
	set, err := data.open(t, s.Config.Side, s.ChoosesBy())
	if err != nil {
		return err
	}
	term.Describe(t, set, s.Config.Task)
	if s.Config.Task != run.Pretext {
		sayBudget(t, set, s.Config.LabelsPerClass)
	}
	watch := term.NewWatch(t)
	l.job.Report, l.job.Say, l.job.Draw = watch.See, watch.Say, draw.Curves
	outcome, err := l.job.Run(ctx, backend, set, train.Fingerprint(set))
	watch.Close()
	return l.end(t, outcome, err)
}

// end says what came out and where everything is.
func (l *learning) end(t *term.Terminal, o runs.Outcome, failure error) error {
	switch folder := l.job.Folder; {
	case errors.Is(failure, context.Canceled):
		fmt.Fprintf(t.Err, "stopped after step %d; go on with: quarterturn %s --resume %s\n", o.Step, l.name, cmp.Or(l.shown, folder))
	case failure != nil && o.Saved != "":
		fmt.Fprintf(t.Err, "%s, in %s\n", o.Saved, folder)
	case failure == nil && o.Failed():
		return fmt.Errorf("the run ended at a loss of %.4g nats, where guessing blindly has %.2f: it has learnt nothing. Start again with a lower --rate; the best of its epochs is %s",
			o.Last.Loss, o.Blind, filepath.Join(folder, "best.safetensors"))
	case failure == nil:
		if l.workshop != nil {
			folder = l.workshop.file
		}
		_, failure = fmt.Fprintf(t.Out, "%s; files in %s\n", term.Outcome(o), folder)
	}
	return failure
}
