package runs

import (
	"github.com/gomlx/compute"

	"quarterturn/core/fault"
	"quarterturn/core/train"
)

// A Hardware says how a training is laid out on a backend.
type Hardware struct {
	Devices   int             `json:",omitempty"` // 0 is 1.
	Precision train.Precision `json:",omitempty"` // Empty is float32.
}

// Standard returns h with what is the default left out, so that it is written
// nowhere and runs from before there was a choice go on.
func (h Hardware) Standard() Hardware {
	if h.Devices == 1 {
		h.Devices = 0
	}
	if h.Precision == train.Float32 {
		h.Precision = ""
	}
	return h
}

// Check returns an error unless a backend can train so with batches of so many
// examples.
func (h Hardware) Check(backend compute.Backend, batch int) error {
	if have := backend.NumDevices(); h.Devices > have {
		return fault.Errorf("runs", "devices %d: the backend has %d", h.Devices, have)
	}
	if h.Devices < 0 || h.Devices > 1 && batch%h.Devices != 0 {
		return fault.Errorf("runs", "devices %d: a batch of %d examples cannot be divided so: choose a batch that is a multiple", h.Devices, batch)
	}
	if err := h.Precision.Check(backend); err != nil {
		return fault.Errorf("runs", "precision: %w", err)
	}
	return nil
}

// Options returns what a Trainer is told.
func (h Hardware) Options() train.Options {
	return train.Options{Devices: h.Devices, Precision: h.Precision}
}
