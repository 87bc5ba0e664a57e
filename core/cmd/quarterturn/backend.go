package main

import (
	"flag"
	"fmt"
	"strings"

	"github.com/gomlx/compute"

	"quarterturn/core/engine"
	"quarterturn/core/engine/stock"
	"quarterturn/core/internal/printable"
	"quarterturn/core/runs"
)

// Kinds of backends, the part of --backend before the colon.
const (
	engineKind = "engine"
	goKind     = "go"
	xlaKind    = "xla"
)

// backendFlag adds the choice of what computes.
func backendFlag(flags *flag.FlagSet) *string {
	return flags.String("backend", engineKind, "what computes: `engine`, ours, or go, GoMLX's own, each optionally with a config such as engine:threads=2; or xla:PLUGIN.so, on "+xlaHelp)
}

// openBackend returns the backend that a flag names.
func openBackend(name string) (compute.Backend, error) {
	kind, config, _ := strings.Cut(name, ":")
	switch kind {
	case engineKind:
		return compute.NewWithConfig(engine.Name + ":" + config)
	case goKind:
		return stock.New(config)
	case xlaKind:
		return openXLA(config)
	}
	return nil, usageError{fmt.Errorf("no backend %q, choose engine, go or xla:PLUGIN.so", name)}
}

// openBackend opens a backend and says what was found, where the name does not.
func (t *terminal) openBackend(name string) (compute.Backend, error) {
	backend, err := openBackend(name)
	if err == nil && runs.BackendKind(name) == xlaKind {
		fmt.Fprintln(t.err, printable.Text(aboutXLA(backend)))
	}
	return backend, err
}

// shownBackend describes a backend for others to read: XLA's own words would say
// where its plugin lies.
func shownBackend(backend compute.Backend) string {
	if backend.Name() == xlaKind {
		return aboutXLA(backend)
	}
	return backend.Description()
}
