package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/run"
	"quarterturn/core/runs"
	"quarterturn/core/train"
)

var pretrainHelp = `pretrain --data PICTURES --out runs/NAME [FLAGS]
       quarterturn pretrain --resume runs/NAME

Learns to guess by which quarter turn a picture was turned (RotNet), which needs
no labels. Each picture is seen in its four turns in one batch, after a random
crop, scaled back, and a mirroring.

--preset sets flags together, which others given beside it change:
` + presetHelp("pretrain") + `
` + builtInHelp

// pretrain is the command.
func pretrain(ctx context.Context, t *terminal, args []string) error {
	config := run.Default(run.Pretext)
	config.Network, _ = run.NetworkOfDepth(18, 64)
	config.BatchSize, config.LearningRate = 128, 0.1
	l := learning{name: "pretrain"}
	defer l.job.Close()
	if err := l.parse(t, pretrainHelp, config, args); err != nil {
		return err
	}
	return l.run(ctx, t)
}

var finetuneHelp = `finetune --from CHECKPOINT|scratch|random-frozen --data PICTURES --out runs/NAME [FLAGS]
       quarterturn finetune --resume runs/NAME

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
func finetune(ctx context.Context, t *terminal, args []string) error {
	config := run.Default(run.Scratch)
	config.Network, _ = run.NetworkOfDepth(18, 64)
	config.BatchSize, config.LearningRate = 128, 0.1
	l := learning{name: "finetune"}
	defer l.job.Close()
	if err := l.parse(t, finetuneHelp, config, args); err != nil {
		return err
	}
	return l.run(ctx, t)
}

// A learning is one call of pretrain or finetune.
type learning struct {
	name  string // The command's.
	job   runs.Job
	probe probeFlags
}

// parse takes the settings from the flags or, for --resume, from the run.
func (l *learning) parse(t *terminal, help string, defaults run.Config, args []string) error {
	flags := newFlags(t, l.name, help)
	s := &l.job.Spec
	var config configFlags
	var data dataFlags
	config.add(flags, defaults)
	data.add(flags)
	addKeeping(flags, &s.Keeping)
	addHardware(flags, &s.Hardware)
	backend := backendFlag(flags)
	flags.StringVar(&l.job.Folder, "out", "", "`folder` for the run's files, new or empty (default runs/NAME-TIME)")
	resume := flags.String("resume", "", "go on with the run in a `folder`; its settings are in its config.json")
	if l.name == "finetune" {
		flags.StringVar(&s.From, "from", scratch, "`checkpoint` to start from, or scratch or random-frozen")
		flags.IntVar(&config.config.LabelsPerClass, "labels-per-class", 0, "labelled pictures used of each class; 0 for all")
		flags.IntVar(&config.config.FirstStage, "first-stage", 0, "freeze the stem and the stages below this `stage`; 0 trains all, -1 only the head")
		flags.IntVar(&config.config.FreshStage, "fresh-stage", 0, "start stages from this `stage` on from random weights; 0 takes all from the checkpoint")
		flags.Float64Var(&config.config.StageDecay, "stage-decay", 0, "`factor` by which the rate falls from each part to the one below, such as 0.5; 0 for the same rate")
		flags.IntVar(&config.config.CentralCrop, "central-crop", 0, "side in `pixels` of a central crop that is scaled back, of all pictures, instead of a random one; 0 for none")
		l.probe.add(flags)
	} else {
		flags.BoolVar(&config.config.OneTurn, "one-turn", false, "show each picture in one turn drawn anew each epoch, not in all four")
	}
	preset := addPreset(flags, l.name)
	if err := parse(flags, args, 0); err != nil {
		return err
	}
	if err := checkKeeping(s.Keeping); err != nil {
		return err
	}
	l.job.Disk = t.disk
	if *resume != "" {
		return l.resume(*resume, flags)
	}
	s.Command, s.Backend = os.Args[1:], *backend
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	decided, err := preset.apply(flags, given)
	if err != nil {
		return err
	}
	s.Data, s.Test, s.HoldOut, s.Limit = data.path, data.test, data.holdOut, data.limit
	if !given["data"] {
		config.forBuiltIn(decided)
	}
	if l.job.Folder == "" {
		l.job.Folder = "runs/" + l.name + time.Now().Format("-20060102-150405")
	}
	return l.setTask(&config, given)
}

// What --from says for random weights, all of which learn or only the head.
const (
	scratch      = "scratch"
	randomFrozen = "random-frozen"
)

// setTask settles what is learned and reads the model to start from, which
// decides the network: flags given for it are refused.
func (l *learning) setTask(config *configFlags, given map[string]bool) error {
	s := &l.job.Spec
	l.probe.still(&config.config, given)
	if given["central-crop"] && !given["pad-crop"] {
		config.config.PadCrop = 0 // Else finetune's default.
	}
	var err error
	if l.name == "pretrain" || s.From == scratch || s.From == randomFrozen {
		if s.Config, err = config.build(); err != nil || l.name == "pretrain" {
			return err
		}
		return l.setRandom(given)
	}
	for _, name := range []string{"depth", "width", "blocks"} {
		if given[name] {
			return usageError{fmt.Errorf("finetune: the checkpoint decides the network: leave out --%s, or start with --from %s", name, scratch)}
		}
	}
	if err := l.readStart(); err != nil {
		return err
	}
	network := l.job.From.Config.Network
	network.Hidden = 0 // Part of the head, which is fresh.
	config.fixed, config.config.Task = &network, run.Transfer
	if s.Config, err = config.build(); err != nil {
		return err
	}
	if from := l.job.From; l.probe.kind != "" && s.Config.Crop() == 0 && s.Config.PadCrop == 0 && !given["central-crop"] && !given["scaled-crop"] {
		s.Config.CentralCrop = from.Crop * s.Config.Side / max(from.Side, 1) // Features of what the checkpoint learned to look at.
	}
	return l.probe.settle(s, given)
}

// setRandom settles a run that starts from random weights.
func (l *learning) setRandom(given map[string]bool) error {
	s := &l.job.Spec
	if given["fresh-stage"] {
		return usageError{fmt.Errorf("finetune: --fresh-stage says what not to take from a checkpoint, and --from %s takes nothing", s.From)}
	}
	if s.From == randomFrozen && given["first-stage"] && s.Config.FirstStage == 0 {
		return usageError{fmt.Errorf("finetune: --first-stage 0 trains all of the random weights: that is --from %s", scratch)}
	}
	if s.From == randomFrozen && !given["first-stage"] {
		s.Config.FirstStage = len(s.Config.Network.Blocks) + 1
	}
	if l.probe.kind != "" && s.From == scratch {
		return usageError{fmt.Errorf("finetune: --probe looks at features that stay: name a checkpoint with --from, or %s", randomFrozen)}
	}
	s.From = ""
	return l.probe.settle(s, given)
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
		case f.Name == "resume" || keepAsTold(&spec.Keeping, given, f.Name):
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
	from := l.job.Spec.From
	b, err := readCheckpoint("--from", from)
	if err != nil {
		return err
	}
	l.job.Start = runs.Sum(b)
	if l.job.From, err = checkpoint.Decode(b); err != nil {
		return fmt.Errorf("--from %s: %w", from, err)
	}
	return nil
}

// run trains and leaves everything in the run's folder.
func (l *learning) run(ctx context.Context, t *terminal) error {
	s := &l.job.Spec
	if !l.job.IsResumed() && runs.HasRun(t.disk, l.job.Folder) {
		return usageError{fmt.Errorf("%s has a run in it already; go on with --resume %s or choose another --out", l.job.Folder, l.job.Folder)}
	}
	backend, err := t.openBackend(s.Backend)
	if err != nil {
		return err
	}
	if err := checkHardware(s.Hardware, backend, s.Config.BatchSize); err != nil {
		return err
	}
	data := dataFlags{path: s.Data, test: s.Test, turns: s.Config.Task == run.Pretext, holdOut: s.HoldOut, limit: s.Limit}
	set, err := data.open(t, s.Config.Side, s.ChoosesBy())
	if err != nil {
		return err
	}
	describe(t, set, s.Config.Task)
	watch := newWatch(t)
	l.job.Report, l.job.Say, l.job.Draw = watch.see, watch.say, drawCurves
	outcome, err := l.job.Run(ctx, backend, set, train.Fingerprint(set))
	watch.close()
	return l.end(t, outcome, err)
}

// describe says how many pictures there are. Naming is validated by those with a
// label.
func describe(t *terminal, set *dataset.Set, task run.Task) {
	n := set.Test.Len()
	if task != run.Pretext {
		n = len(set.Test.Labelled())
	}
	validation := fmt.Sprintf("%d to validate with", n)
	if n == 0 {
		validation = "no pictures to validate with"
	}
	fmt.Fprintf(t.err, "%d pictures to learn from, %s, %d classes\n", set.Train.Len(), validation, len(set.Train.Classes))
}

// end says what came out and where everything is.
func (l *learning) end(t *terminal, o runs.Outcome, failure error) error {
	switch folder := l.job.Folder; {
	case errors.Is(failure, context.Canceled):
		fmt.Fprintf(t.err, "stopped after step %d; go on with: quarterturn %s --resume %s\n", o.Step, l.name, folder)
	case failure != nil && o.Saved != "":
		fmt.Fprintf(t.err, "%s, in %s\n", o.Saved, folder)
	case failure == nil:
		_, failure = fmt.Fprintf(t.out, "%s; files in %s\n", outcome(o.Last), folder)
	}
	return failure
}

// outcome says what came out of a run.
func outcome(last run.Evaluated) string {
	if last.Examples == 0 {
		return "trained, without pictures to validate with"
	}
	return fmt.Sprintf("accuracy %.2f %% of %d, loss %.4f nats", 100*last.Accuracy, last.Examples, last.Loss)
}
