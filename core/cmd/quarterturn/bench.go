package main

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"

	"quarterturn/core/run"
	"quarterturn/core/runs"
	"quarterturn/core/train"
)

const benchHelp = `bench [--depth 8 --width 16 --batch 32] [--json]

Measures images per second of a training step and of a prediction, on 32×32
pictures of noise with four classes: the work that docs of other frameworks time.`

// bench is the command.
func bench(_ context.Context, t *terminal, args []string) error {
	flags := newFlags(t, "bench", benchHelp)
	var b run.Bench
	flags.IntVar(&b.Depth, "depth", 8, "weighted layers of the `network`")
	flags.IntVar(&b.Width, "width", 16, "`channels` of the first stage")
	flags.IntVar(&b.Batch, "batch", 32, "`examples` of a step")
	flags.IntVar(&b.Steps, "steps", 9, "`steps` timed, of which the median counts")
	asJSON := flags.Bool("json", false, "print JSON lines")
	var h runs.Hardware
	addHardware(flags, &h)
	backendName := backendFlag(flags)
	if err := parse(flags, args, 0); err != nil {
		return err
	}
	backend, err := t.openBackend(*backendName)
	if err != nil {
		return err
	}
	if err := checkHardware(h, backend, b.Batch); err != nil {
		return err
	}
	results, err := train.Measure(backend, b, h.Options())
	if err != nil {
		return err
	}
	for _, r := range results {
		if runs.BackendKind(*backendName) == xlaKind {
			r.PeakGFLOPS = 0 // It is the processor's, and says nothing of a device.
		}
		if err := printBench(t, *backendName, h.Standard(), r, *asJSON); err != nil {
			return err
		}
	}
	return nil
}

func printBench(t *terminal, backend string, h runs.Hardware, r run.Benched, asJSON bool) error {
	if !asJSON {
		share := ""
		if r.PeakGFLOPS > 0 {
			share = fmt.Sprintf(", %.0f %% of the machine's multiply-adds", percentOfPeak(r))
		}
		_, err := fmt.Fprintf(t.out, "%-7s depth %d, width %d, batch %d: %s images/s, %.2f GFLOPS%s\n",
			r.Phase, r.Depth, r.Width, r.Batch, rate(r.ImagesPerSecond), r.GFLOPS, share)
		return err
	}
	return json.NewEncoder(t.out).Encode(struct {
		Backend         string  `json:"backend"`
		Platform        string  `json:"platform"`
		Threads         int     `json:"threads"`
		Devices         int     `json:"devices,omitempty"`
		Precision       string  `json:"precision,omitempty"`
		Depth           int     `json:"depth"`
		Width           int     `json:"width"`
		Batch           int     `json:"batch"`
		Phase           string  `json:"phase"`
		ImagesPerSecond float64 `json:"images_per_second"`
		GFLOPS          float64 `json:"gflops"`
		PeakGFLOPS      float64 `json:"peak_gflops,omitempty"`
		PercentOfPeak   float64 `json:"percent_of_peak,omitempty"`
	}{backend, runtime.GOOS + "/" + runtime.GOARCH, runtime.GOMAXPROCS(0), h.Devices, string(h.Precision), r.Depth, r.Width, r.Batch, r.Phase, r.ImagesPerSecond, r.GFLOPS, r.PeakGFLOPS, percentOfPeak(r)})
}

// percentOfPeak is 0 where the peak is not known.
func percentOfPeak(r run.Benched) float64 {
	if r.PeakGFLOPS == 0 {
		return 0
	}
	return 100 * r.GFLOPS / r.PeakGFLOPS
}
