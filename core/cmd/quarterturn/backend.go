package main

import (
	"flag"
	"fmt"
	"strings"

	"github.com/gomlx/compute"

	"quarterturn/core/engine"
	"quarterturn/core/engine/stock"
)

// backendFlag adds the choice of what computes.
func backendFlag(flags *flag.FlagSet) *string {
	return flags.String("backend", "engine", "what computes: `engine`, ours, or go, GoMLX's own, each optionally with a config such as engine:threads=2")
}

// openBackend returns the backend that a flag names.
func openBackend(name string) (compute.Backend, error) {
	kind, config, _ := strings.Cut(name, ":")
	switch kind {
	case "engine":
		return compute.NewWithConfig(engine.Name + ":" + config)
	case "go":
		return stock.New(config)
	}
	return nil, usageError{fmt.Errorf("no backend %q, choose engine or go", name)}
}
