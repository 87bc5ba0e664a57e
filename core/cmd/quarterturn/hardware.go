package main

import (
	"flag"
	"fmt"

	"github.com/gomlx/compute"

	"quarterturn/core/train"
)

// A hardware says how a training is laid out on a backend.
type hardware struct {
	Devices   int             `json:",omitempty"` // 0 is 1.
	Precision train.Precision `json:",omitempty"` // Empty is float32.
}

// add registers the flags.
func (h *hardware) add(flags *flag.FlagSet) {
	flags.IntVar(&h.Devices, "devices", 1, "divide each batch among so many `devices` of the backend; the statistics of batch normalization stay those of the whole batch")
	flags.StringVar((*string)(&h.Precision), "precision", string(train.Float32), "`type` of number that a training step's convolutions compute in: float32, or bfloat16 where the backend has it; weights, statistics and loss stay float32")
}

// standard returns h with what is the default left out, so that it is written
// nowhere and runs from before there was a choice go on.
func (h hardware) standard() hardware {
	if h.Devices == 1 {
		h.Devices = 0
	}
	if h.Precision == train.Float32 {
		h.Precision = ""
	}
	return h
}

// check returns an error unless a backend can train so with batches of so many
// examples.
func (h hardware) check(backend compute.Backend, batch int) error {
	if have := backend.NumDevices(); h.Devices > have {
		return usageError{fmt.Errorf("--devices %d: the backend has %d", h.Devices, have)}
	}
	if h.Devices < 0 || h.Devices > 1 && batch%h.Devices != 0 {
		return usageError{fmt.Errorf("--devices %d: a batch of %d examples cannot be divided so: choose a --batch that is a multiple", h.Devices, batch)}
	}
	if err := h.Precision.Check(backend); err != nil {
		return usageError{fmt.Errorf("--precision: %w", err)}
	}
	return nil
}

// options returns what a Trainer is told.
func (h hardware) options() train.Options {
	return train.Options{Devices: h.Devices, Precision: h.Precision}
}
