package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"github.com/gomlx/compute"

	"quarterturn/core/checkpoint"
	"quarterturn/core/cmd/internal/files"
	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/dataset"
	"quarterturn/core/measure"
)

// A look is what the commands that look at networks have in common: pictures, a
// backend and somebody who watches.
type look struct {
	terminal *term.Terminal
	flags    *flag.FlagSet
	data     dataFlags
	backend  *string
	progress *term.Progress
}

// newLook registers the common flags of a command.
func newLook(t *term.Terminal, name, help string) *look {
	l := &look{terminal: t, flags: newFlags(t, name, help), progress: &term.Progress{Terminal: t}}
	l.data.add(l.flags)
	l.backend = backendFlag(l.flags)
	return l
}

// open opens the backend.
func (l *look) open() (compute.Backend, error) { return openBackend(l.terminal, *l.backend) }

// done clears the progress and says that a look which was stopped left nothing.
func (l *look) done(err error) error {
	l.progress.Clear()
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(l.terminal.Err, "stopped; nothing was written")
	}
	return err
}

// subjects reads models, all for pictures of one side. If it is asked for, one that
// has learnt nothing, of the first's network, is the last of them.
func subjects(paths []string, untrained bool, seed uint64) (all []measure.Subject, side int, err error) {
	for _, path := range paths {
		m, err := files.Model("--model", path)
		if err != nil {
			return nil, 0, err
		}
		all = append(all, measure.Subject{Name: path, Model: m})
	}
	first := all[0]
	side = sideOf(first.Model)
	for _, s := range all {
		if got := sideOf(s.Model); got != side {
			return nil, 0, fmt.Errorf("%s was trained on pictures of side %d, %s of %d: take them one by one", s.Name, got, first.Name, side)
		}
	}
	if untrained {
		m := &checkpoint.Model{Config: first.Model.Config, Side: first.Model.Side, Weights: checkpoint.Initial(first.Model.Config, seed)}
		all = append(all, measure.Subject{Name: "untrained", Model: m})
	}
	return all, side, nil
}

// sideOf returns the side of the pictures that a model is shown.
func sideOf(m *checkpoint.Model) int {
	if m.Side == 0 {
		return dataset.DefaultSide
	}
	return m.Side
}
