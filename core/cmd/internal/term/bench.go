package term

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/gomlx/compute"

	"quarterturn/core/engine"
	"quarterturn/core/run"
	"quarterturn/core/runs"
)

// A BenchPrinter prints what was measured, and collects what the engine says of
// it if that was asked for.
type BenchPrinter struct {
	JSON, Profile, Plan bool

	engine   *engine.Backend // nil if nothing is to be collected.
	profiles map[string]*engine.Profile
}

// Looks reports whether the backend is to be looked into.
func (p *BenchPrinter) Looks() bool { return p.Profile || p.Plan }

// LookInto notes the engine if it is to be looked into.
func (p *BenchPrinter) LookInto(backend compute.Backend) {
	if p.Looks() {
		p.engine, _ = backend.(*engine.Backend)
		p.profiles = map[string]*engine.Profile{}
	}
}

// Around runs the timed steps of a phase.
func (p *BenchPrinter) Around(phase string, timed func() error) error {
	if p.engine == nil {
		return timed()
	}
	p.engine.StartProfile()
	err := timed()
	p.profiles[phase] = p.engine.StopProfile()
	return err
}

// Print writes what was measured of a phase of so many steps on a backend.
func (p *BenchPrinter) Print(t *Terminal, backend string, h runs.Hardware, r run.Benched, steps int) error {
	line := newBenchLine(backend, h, r)
	profile := p.profiles[line.Phase]
	if p.JSON {
		if p.Profile {
			line.Profile = formLines(profile, steps, line.PeakGFLOPS)
		}
		if p.Plan {
			line.Plans = profile.Plans()
		}
		return json.NewEncoder(t.Out).Encode(line)
	}
	text := line.String()
	if p.Profile {
		text += profile.Table(steps, line.PeakGFLOPS)
	}
	if p.Plan {
		text += strings.Join(profile.Plans(), "")
	}
	_, err := fmt.Fprint(t.Out, text)
	return err
}

// A BenchLine is what was measured of a phase, as --json prints it.
type BenchLine struct {
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
	Profile         []FormLine `json:"profile,omitempty"`
	Plans           []string   `json:"plans,omitempty"`
}

func newBenchLine(backend string, h runs.Hardware, r run.Benched) BenchLine {
	return BenchLine{
		Backend: backend, Platform: runtime.GOOS + "/" + runtime.GOARCH, Threads: runtime.GOMAXPROCS(0),
		Devices: h.Devices, Precision: string(h.Precision),
		Depth: r.Depth, Width: r.Width, Batch: r.Batch, Phase: r.Phase,
		ImagesPerSecond: r.ImagesPerSecond, GFLOPS: r.GFLOPS,
		PeakGFLOPS: r.PeakGFLOPS, PercentOfPeak: percentOf(r.PeakGFLOPS, r.GFLOPS),
	}
}

// String is the line for people.
func (l BenchLine) String() string {
	share := ""
	if l.PeakGFLOPS > 0 {
		share = fmt.Sprintf(", %.0f %% of the machine's multiply-adds", l.PercentOfPeak)
	}
	return fmt.Sprintf("%-7s depth %d, width %d, batch %d: %s images/s, %.2f GFLOPS%s\n",
		l.Phase, l.Depth, l.Width, l.Batch, Rate(l.ImagesPerSecond), l.GFLOPS, share)
}

// A FormLine is what the steps of one form took, in each of the timed steps.
type FormLine struct {
	Form          string  `json:"form"`
	Steps         int     `json:"steps"`
	Milliseconds  float64 `json:"milliseconds"`
	Percent       float64 `json:"percent"`
	GFLOPS        float64 `json:"gflops,omitempty"`
	PercentOfPeak float64 `json:"percent_of_peak,omitempty"`
}

func formLines(p *engine.Profile, steps int, peakGFLOPS float64) []FormLine {
	var lines []FormLine
	for _, e := range p.Entries() {
		lines = append(lines, FormLine{
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
