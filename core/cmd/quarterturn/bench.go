package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/gomlx/compute"

	"quarterturn/core/engine"
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
func bench(_ context.Context, t *terminal, args []string) error {
	flags := newFlags(t, "bench", benchHelp)
	var b run.Bench
	flags.IntVar(&b.Depth, "depth", 8, "weighted layers of the `network`")
	flags.IntVar(&b.Width, "width", 16, "`channels` of the first stage")
	flags.IntVar(&b.Batch, "batch", 32, "`examples` of a step")
	flags.IntVar(&b.Steps, "steps", 9, "`steps` timed, of which the median counts")
	var out benchPrinter
	flags.BoolVar(&out.json, "json", false, "print JSON lines")
	flags.BoolVar(&out.profile, "profile", false, "print the time of each form of step, the longest first")
	flags.BoolVar(&out.plan, "plan", false, "print the steps, with what they read and write")
	var h runs.Hardware
	addHardware(flags, &h)
	backendName := backendFlag(flags)
	if err := parse(flags, args, 0); err != nil {
		return err
	}
	if kind := runs.BackendKind(*backendName); out.looks() && kind != engineKind {
		return usageError{errors.New("--profile and --plan look into the backend engine; there is nothing to see of " + kind)}
	}
	backend, err := t.openBackend(*backendName)
	if err != nil {
		return err
	}
	if err := checkHardware(h, backend, b.Batch); err != nil {
		return err
	}
	out.lookInto(backend)
	results, err := train.MeasureAround(backend, b, h.Options(), out.around)
	if err != nil {
		return err
	}
	for _, r := range results {
		if runs.BackendKind(*backendName) == xlaKind {
			r.PeakGFLOPS = 0 // It is the processor's, and says nothing of a device.
		}
		if err := out.print(t, newBenchLine(*backendName, h.Standard(), r), b.Steps); err != nil {
			return err
		}
	}
	return nil
}

// A benchPrinter prints what was measured, and collects what the engine says of
// it if that was asked for.
type benchPrinter struct {
	json, profile, plan bool
	engine              *engine.Backend // nil if nothing is to be collected.
	profiles            map[string]*engine.Profile
}

func (p *benchPrinter) looks() bool { return p.profile || p.plan }

// lookInto notes the engine if it is to be looked into.
func (p *benchPrinter) lookInto(backend compute.Backend) {
	if p.looks() {
		p.engine, _ = backend.(*engine.Backend)
		p.profiles = map[string]*engine.Profile{}
	}
}

// around runs the timed steps of a phase.
func (p *benchPrinter) around(phase string, timed func() error) error {
	if p.engine == nil {
		return timed()
	}
	p.engine.StartProfile()
	err := timed()
	p.profiles[phase] = p.engine.StopProfile()
	return err
}

func (p *benchPrinter) print(t *terminal, line benchLine, steps int) error {
	profile := p.profiles[line.Phase]
	if p.json {
		if p.profile {
			line.Profile = formLines(profile, steps, line.PeakGFLOPS)
		}
		if p.plan {
			line.Plans = profile.Plans()
		}
		return json.NewEncoder(t.out).Encode(line)
	}
	text := line.String()
	if p.profile {
		text += profile.Table(steps, line.PeakGFLOPS)
	}
	if p.plan {
		text += strings.Join(profile.Plans(), "")
	}
	_, err := fmt.Fprint(t.out, text)
	return err
}

// A benchLine is what was measured of a phase, as --json prints it.
type benchLine struct {
	Backend         string     `json:"backend"`
	Platform        string     `json:"platform"`
	Threads         int        `json:"threads"`
	Devices         int        `json:"devices,omitempty"`
	Precision       string     `json:"precision,omitempty"`
	Depth           int        `json:"depth"`
	Width           int        `json:"width"`
	Batch           int        `json:"batch"`
	Phase           string     `json:"phase"`
	ImagesPerSecond float64    `json:"images_per_second"`
	GFLOPS          float64    `json:"gflops"`
	PeakGFLOPS      float64    `json:"peak_gflops,omitempty"`
	PercentOfPeak   float64    `json:"percent_of_peak,omitempty"`
	Profile         []formLine `json:"profile,omitempty"`
	Plans           []string   `json:"plans,omitempty"`
}

func newBenchLine(backend string, h runs.Hardware, r run.Benched) benchLine {
	return benchLine{
		Backend: backend, Platform: runtime.GOOS + "/" + runtime.GOARCH, Threads: runtime.GOMAXPROCS(0),
		Devices: h.Devices, Precision: string(h.Precision),
		Depth: r.Depth, Width: r.Width, Batch: r.Batch, Phase: r.Phase,
		ImagesPerSecond: r.ImagesPerSecond, GFLOPS: r.GFLOPS,
		PeakGFLOPS: r.PeakGFLOPS, PercentOfPeak: percentOf(r.PeakGFLOPS, r.GFLOPS),
	}
}

// String is the line for people.
func (l benchLine) String() string {
	share := ""
	if l.PeakGFLOPS > 0 {
		share = fmt.Sprintf(", %.0f %% of the machine's multiply-adds", l.PercentOfPeak)
	}
	return fmt.Sprintf("%-7s depth %d, width %d, batch %d: %s images/s, %.2f GFLOPS%s\n",
		l.Phase, l.Depth, l.Width, l.Batch, rate(l.ImagesPerSecond), l.GFLOPS, share)
}

// A formLine is what the steps of one form took, in each of the timed steps.
type formLine struct {
	Form          string  `json:"form"`
	Steps         int     `json:"steps"`
	Milliseconds  float64 `json:"milliseconds"`
	Percent       float64 `json:"percent"`
	GFLOPS        float64 `json:"gflops,omitempty"`
	PercentOfPeak float64 `json:"percent_of_peak,omitempty"`
}

func formLines(p *engine.Profile, steps int, peakGFLOPS float64) []formLine {
	var lines []formLine
	for _, e := range p.Entries() {
		lines = append(lines, formLine{
			Form: e.Form, Steps: e.Steps / steps,
			Milliseconds: float64(e.Time) / float64(time.Millisecond) / float64(steps),
			Percent:      percentOf(float64(p.Time()), float64(e.Time)),
			GFLOPS:       e.GFLOPS(), PercentOfPeak: percentOf(peakGFLOPS, e.GFLOPS()),
		})
	}
	return lines
}

// percentOf returns how much of the whole a part is, 0 where the whole is not known.
func percentOf(whole, part float64) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * part / whole
}
