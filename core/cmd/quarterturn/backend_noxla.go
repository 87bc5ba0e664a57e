//go:build !xla

package main

import (
	"errors"

	"github.com/gomlx/compute"
)

const xlaHelp = "a device with an XLA plugin (PJRT), in a build by make build-xla"

// openXLA stands in where XLA, which needs cgo, is not built in.
func openXLA(string) (compute.Backend, error) {
	return nil, usageError{errors.New("--backend xla: this build has no XLA: make build-xla builds build/quarterturn-xla, which has")}
}

// aboutXLA is never called: there is no such backend.
func aboutXLA(compute.Backend) string { return "" }
