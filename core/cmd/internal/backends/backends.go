// Package backends opens what computes by its name: our engine, GoMLX's own backend,
// or, in a build with the tag xla, a device by its XLA plugin.
package backends

import (
	"fmt"
	"strings"

	"github.com/gomlx/compute"

	"quarterturn/core/engine"
	"quarterturn/core/engine/stock"
)

// The kinds of backends, what a name has before its colon.
const (
	Engine = "engine"
	Go     = "go"
	XLA    = "xla"
)

// A NameError says that a backend's name is wrong, not the backend.
type NameError struct{ error }

func (e NameError) Unwrap() error { return e.error }

// Open returns the backend of a name, such as engine:threads=2.
func Open(name string) (compute.Backend, error) {
	kind, config, _ := strings.Cut(name, ":")
	switch kind {
	case Engine:
		return compute.NewWithConfig(engine.Name + ":" + config)
	case Go:
		return stock.New(config)
	case XLA:
		return openXLA(config)
	}
	return nil, NameError{fmt.Errorf("no backend %q, choose engine, go or xla:PLUGIN.so", name)}
}

// About describes a backend for others to read: XLA's own words would say where its
// plugin lies.
func About(backend compute.Backend) string {
	if backend.Name() == XLA {
		return aboutXLA(backend)
	}
	return backend.Description()
}
