package main

import (
	"flag"
	"fmt"

	"github.com/gomlx/compute"

	"quarterturn/core/cmd/internal/values"
	"quarterturn/core/runs"
	"quarterturn/core/train"
)

// addKeeping registers the flags that say how a run is kept, which --resume may
// change.
func addKeeping(flags *flag.FlagSet, k *runs.Keeping) {
	*k = runs.DefaultKeeping()
	flags.Var(&k.SaveEvery, "save-every", "save within epochs too, each `time` such as 10m or number of steps such as 500; 0 for at their ends only")
	flags.Var((*values.Count)(&k.Keep), "keep", "newest `checkpoints` kept, besides the best; 0 for all")
	flags.StringVar(&k.OnNaN, "on-nan", k.OnNaN, "when the loss is no longer a number: stop, or rollback to the last checkpoint and go on at half the learning rate")
}

func checkKeeping(k runs.Keeping) error {
	if err := k.Check(); err != nil {
		return usageError{fmt.Errorf("--%w", err)}
	}
	return nil
}

// keepAsTold takes the setting of a flag over from what was told now, and reports
// whether it is one of how runs are kept.
func keepAsTold(k *runs.Keeping, told runs.Keeping, flag string) bool {
	switch flag {
	case "save-every":
		k.SaveEvery = told.SaveEvery
	case "keep":
		k.Keep = told.Keep
	case "on-nan":
		k.OnNaN = told.OnNaN
	default:
		return false
	}
	return true
}

// addHardware registers the flags that say how a training is laid out.
func addHardware(flags *flag.FlagSet, h *runs.Hardware) {
	h.Devices = 1
	flags.Var((*values.Number)(&h.Devices), "devices", "divide each batch among so many `devices` of the backend; the statistics of batch normalization stay those of the whole batch")
	flags.StringVar((*string)(&h.Precision), "precision", string(train.Float32), "`type` of number that a training step's convolutions compute in: float32, or bfloat16 where the backend has it; weights, statistics and loss stay float32")
}

func checkHardware(h runs.Hardware, backend compute.Backend, batch int) error {
	if err := h.Check(backend, batch); err != nil {
		return usageError{fmt.Errorf("--%w", err)}
	}
	return nil
}
