package main

import (
	"context"
	"errors"

	"quarterturn/core/cmd/internal/backends"
	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/run"
	"quarterturn/core/runs"
	"quarterturn/core/train"
)

const benchHelp = `bench [--depth 8 --width 16 --batch 32] [--profile] [--plan] [--json]

Measures images per second of a training step and of a prediction, on 32×32
pictures of noise with four classes: the work that docs of other frameworks time.
--profile says where the time goes, by what the engine's steps do and how, and
--plan prints these steps.`

// bench is the command.
func bench(_ context.Context, t *term.Terminal, args []string) error {
	flags := newFlags(t, "bench", benchHelp)
	var b run.Bench
	flags.IntVar(&b.Depth, "depth", 8, "weighted layers of the `network`")
	flags.IntVar(&b.Width, "width", 16, "`channels` of the first stage")
	flags.IntVar(&b.Batch, "batch", 32, "`examples` of a step")
	flags.IntVar(&b.Steps, "steps", 9, "`steps` timed, of which the median counts")
	var out term.BenchPrinter
	flags.BoolVar(&out.JSON, "json", false, "print JSON lines")
	flags.BoolVar(&out.Profile, "profile", false, "print the time of each form of step, the longest first")
	flags.BoolVar(&out.Plan, "plan", false, "print the steps, with what they read and write")
	var h runs.Hardware
	addHardware(flags, &h)
	backendName := backendFlag(flags)
	if err := parse(flags, args, 0); err != nil {
		return err
	}
	if kind := runs.BackendKind(*backendName); out.Looks() && kind != backends.Engine {
		return usageError{errors.New("--profile and --plan look into the backend engine; there is nothing to see of " + kind)}
	}
	backend, err := openBackend(t, *backendName)
	if err != nil {
		return err
	}
	if err := checkHardware(h, backend, b.Batch); err != nil {
		return err
	}
	out.LookInto(backend)
	results, err := train.MeasureAround(backend, b, h.Options(), out.Around)
	if err != nil {
		return err
	}
	for _, r := range results {
		if runs.BackendKind(*backendName) == backends.XLA {
			r.PeakGFLOPS = 0 // It is the processor's, and says nothing of a device.
		}
		if err := out.Print(t, *backendName, h.Standard(), r, b.Steps); err != nil {
			return err
		}
	}
	return nil
}
