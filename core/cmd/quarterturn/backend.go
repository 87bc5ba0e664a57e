package main

import (
	"flag"
	"fmt"

	"github.com/gomlx/compute"

	"quarterturn/core/cmd/internal/backends"
	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/internal/printable"
	"quarterturn/core/runs"
)

// backendFlag adds the choice of what computes.
func backendFlag(flags *flag.FlagSet) *string {
	return flags.String("backend", backends.Engine, "what computes: `engine`, ours, or go, GoMLX's own, each optionally with a config such as engine:threads=2; or xla:PLUGIN.so, on "+backends.XLAHelp)
}

// openBackend opens a backend and says what was found, where the name does not.
func openBackend(t *term.Terminal, name string) (compute.Backend, error) {
	backend, err := backends.Open(name)
	if err == nil && runs.BackendKind(name) == backends.XLA {
		fmt.Fprintln(t.Err, printable.Text(backends.About(backend)))
	}
	return backend, err
}
