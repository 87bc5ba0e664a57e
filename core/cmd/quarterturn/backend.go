package main

import (
	"flag"
	"fmt"
	"strings"

	"github.com/gomlx/compute"

	"quarterturn/core/engine/stock"
)

// backendFlag adds the choice of what computes.
func backendFlag(flags *flag.FlagSet) *string {
	return flags.String("backend", "go", "what computes: `go`, GoMLX's own backend, optionally with a config such as go:parallelism=2")
}

// openBackend returns the backend that a flag names.
func openBackend(name string) (compute.Backend, error) {
	kind, config, _ := strings.Cut(name, ":")
	switch kind {
	case "go":
		return stock.New(config)
	}
	return nil, usageError{fmt.Errorf("no backend %q, choose go", name)}
}
