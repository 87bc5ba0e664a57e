package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"quarterturn/core/checkpoint"
	"quarterturn/core/run"
	"quarterturn/core/train"
)

const pretrainHelp = `pretrain --data PICTURES --out runs/NAME [FLAGS]

Learns to guess by which quarter turn a picture was turned (RotNet), which needs
no labels. Each picture is seen in its four turns in one batch, after a random
crop, scaled back, and a mirroring.`

// pretrain is the command.
func pretrain(ctx context.Context, t *terminal, args []string) error {
	config := run.Default(run.Pretext)
	config.Network, _ = run.NetworkOfDepth(18, 64)
	config.BatchSize, config.LearningRate = 128, 0.1
	l := learning{task: run.Pretext}
	if err := l.parse(t, "pretrain", pretrainHelp, config, args); err != nil {
		return err
	}
	return l.run(ctx, t, nil)
}

const finetuneHelp = `finetune --from CHECKPOINT|scratch --data PICTURES --out runs/NAME [FLAGS]

Learns to name what is in a picture. From a checkpoint it keeps the network and
its weights and gives it a fresh head; --first-stage freezes what lies below. From
scratch it starts with random weights.`

// finetune is the command.
func finetune(ctx context.Context, t *terminal, args []string) error {
	config := run.Default(run.Scratch)
	config.Network, _ = run.NetworkOfDepth(18, 64)
	config.BatchSize, config.LearningRate = 128, 0.1
	l := learning{task: run.Transfer}
	if err := l.parse(t, "finetune", finetuneHelp, config, args); err != nil {
		return err
	}
	if l.from == "scratch" {
		l.config.Task = run.Scratch
		return l.run(ctx, t, nil)
	}
	from, err := readModel(l.from)
	if err != nil {
		return err
	}
	l.config.Network = from.Config.Network
	if err := l.config.Validate(); err != nil { // --first-stage may lie beyond this network's.
		return usageError{err}
	}
	return l.run(ctx, t, from)
}

// A learning is one call of pretrain or finetune.
type learning struct {
	task    run.Task
	from    string
	config  run.Config
	data    dataFlags
	backend string
	out     string
}

func (l *learning) parse(t *terminal, name, help string, defaults run.Config, args []string) error {
	flags := newFlags(t, name, help)
	var config configFlags
	config.add(flags, defaults)
	l.data.add(flags)
	backend := backendFlag(flags)
	flags.StringVar(&l.out, "out", "", "`folder` for the run's files, new or empty (default runs/NAME-TIME)")
	if l.task == run.Transfer {
		flags.StringVar(&l.from, "from", "scratch", "`checkpoint` to start from, or scratch")
		flags.IntVar(&config.config.LabelsPerClass, "labels-per-class", 0, "labelled pictures used of each class; 0 for all")
		flags.IntVar(&config.config.FirstStage, "first-stage", 0, "freeze the stem and the stages below this `stage`; 0 trains all")
	}
	if err := parse(flags, args, 0); err != nil {
		return err
	}
	var err error
	l.backend = *backend
	l.config, err = config.build()
	l.config.Task = l.task
	if l.out == "" {
		l.out = "runs/" + name + time.Now().Format("-20060102-150405")
	}
	return err
}

// run trains and leaves everything in the run's folder.
func (l *learning) run(ctx context.Context, t *terminal, from *checkpoint.Model) error {
	backend, err := openBackend(l.backend)
	if err != nil {
		return err
	}
	set, err := l.data.open(t, l.config.Side, l.config.Seed)
	if err != nil {
		return err
	}
	fmt.Fprintf(t.err, "%d pictures to learn from, %d to validate with, %d classes\n", set.Train.Len(), set.Test.Len(), len(set.Train.Classes))
	trainer, err := train.New(backend, l.config, set, from, train.Options{})
	if err != nil {
		return err
	}
	dir, err := createRunDir(l.out, l.config, os.Args[1:])
	if err != nil {
		return err
	}
	watch := newWatch(t, dir, trainer)
	err = trainer.Run(ctx, watch.see)
	return l.end(t, dir, watch, trainer, err)
}

// end saves the last state and says where everything is.
func (l *learning) end(t *terminal, dir *runDir, w *watch, trainer *train.Trainer, failure error) error {
	w.close()
	if failure != nil && !errors.Is(failure, context.Canceled) {
		return errors.Join(failure, w.err)
	}
	if err := errors.Join(w.err, dir.saveLast(trainer)); err != nil {
		return err
	}
	if failure != nil {
		fmt.Fprintf(t.err, "stopped after step %d; the weights are in %s\n", trainer.Steps(), dir.path("last.safetensors"))
		return failure
	}
	last := trainer.Last()
	fmt.Fprintf(t.out, "accuracy %.2f %% of %d, loss %.4f nats; files in %s\n", 100*last.Accuracy, last.Examples, last.Loss, dir.root)
	return nil
}

// readModel reads a checkpoint file.
func readModel(path string) (*checkpoint.Model, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > checkpoint.MaxBytes {
		return nil, fmt.Errorf("%s: %d MiB are more than any checkpoint has", path, info.Size()>>20)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m, err := checkpoint.Decode(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}
