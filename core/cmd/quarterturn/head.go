package main

import (
	"flag"
	"fmt"

	"quarterturn/core/run"
	"quarterturn/core/runs"
)

// probeFlags put a small classifier in the place of a network's upper stages.
type probeFlags struct {
	kind   string
	stage  int
	hidden int
}

// Values of --probe.
const (
	linearProbe = "linear"
	mlpProbe    = "mlp"
	convProbe   = "conv"
)

func (f *probeFlags) add(flags *flag.FlagSet) {
	flags.StringVar(&f.kind, "probe", "", "train only a classifier on a stage's features: linear, mlp or conv")
	flags.IntVar(&f.stage, "stage", 0, "`stage` whose features --probe reads; 0 for the last")
	flags.IntVar(&f.hidden, "hidden", 256, "`units` of the hidden layer of --probe mlp")
}

// still turns off what would vary pictures, unless it was asked for: features of
// pictures that stay the same are computed once.
func (f *probeFlags) still(c *run.Config, given map[string]bool) {
	if f.kind == "" {
		return
	}
	if !given["flip"] {
		c.Flip = false
	}
	if !given["pad-crop"] {
		c.PadCrop = 0
	}
}

// settle makes the network of s one that ends behind the stage, with the
// classifier as its head: a head of one layer or of two, or a stage of one block
// that starts afresh. All of these are networks that checkpoints can hold.
func (f *probeFlags) settle(s *runs.Spec, given map[string]bool) error {
	if f.kind == "" {
		if given["stage"] || given["hidden"] {
			return usageError{fmt.Errorf("finetune: --stage and --hidden are for --probe")}
		}
		return nil
	}
	if given["first-stage"] || given["fresh-stage"] {
		return usageError{fmt.Errorf("finetune: --probe decides what stays: leave out --first-stage and --fresh-stage, and name the --stage")}
	}
	if given["hidden"] && (f.kind != mlpProbe || f.hidden < 1) {
		return usageError{fmt.Errorf("finetune: --hidden %d: want 1 or more, and --probe %s", f.hidden, mlpProbe)}
	}
	c := &s.Config
	stages := len(c.Network.Blocks)
	if f.stage == 0 {
		f.stage = stages
	}
	if f.stage < 1 || f.stage > stages {
		return usageError{fmt.Errorf("finetune: --stage %d: the network has stages 1 to %d", f.stage, stages)}
	}
	c.Network.Blocks = append([]int(nil), c.Network.Blocks[:f.stage]...)
	switch f.kind {
	case linearProbe:
	case mlpProbe:
		c.Network.Hidden = f.hidden
	case convProbe:
		c.Network.Blocks = append(c.Network.Blocks, 1)
	default:
		return usageError{fmt.Errorf("finetune: --probe %q: want %s, %s or %s", f.kind, linearProbe, mlpProbe, convProbe)}
	}
	c.FirstStage = f.stage + 1
	if c.Task == run.Transfer {
		c.FreshStage = f.stage + 1
	}
	s.Probe = f.kind
	if err := c.Validate(); err != nil {
		return usageError{err}
	}
	return nil
}
