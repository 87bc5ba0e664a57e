//go:build browser && !js

package browser

import (
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"quarterturn/core/run"
)

// BenchmarkWorker measures training and prediction inside a Worker, where a
// person's runs are. It prints what the native command prints with --json: one
// line for each phase. DEPTH, WIDTH, BATCH and STEPS set the network.
//
// The worker keeps the time: run it with -benchtime 1x.
func BenchmarkWorker(b *testing.B) {
	command := run.Bench{
		Depth: setting(b, "DEPTH", 8),
		Width: setting(b, "WIDTH", 16),
		Batch: setting(b, "BATCH", 32),
		Steps: setting(b, "STEPS", 9),
	}
	p := OpenBare(b)
	p.Patience = 9 * time.Minute
	w := p.StartWorker()
	backend := Await[run.Ready](w).Backend
	lines := json.NewEncoder(os.Stdout)
	for b.Loop() {
		w.Send(command)
		for range 2 { // Training, then predicting.
			result := Await[run.Benched](w)
			b.ReportMetric(result.ImagesPerSecond, result.Phase+"-images/s")
			if err := lines.Encode(newBenchLine(backend, result)); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkGroup measures training on one worker and on two that compute the run
// together, in ROUNDS turns (4), and prints a JSON line: the best of each in images/s by
// the median step, their ratio, and that of each turn. On two cores that nothing else
// uses they agree.
func BenchmarkGroup(b *testing.B) {
	command := run.Bench{
		Depth: setting(b, "DEPTH", 8),
		Width: setting(b, "WIDTH", 16),
		Batch: setting(b, "GROUP_BATCH", 64),
		Steps: setting(b, "STEPS", 9),
	}
	p := OpenBare(b)
	p.Patience = 9 * time.Minute
	alone := []*Worker{p.StartWorker()}
	group := p.StartGroup(2)
	for b.Loop() {
		best := groupLine{Depth: command.Depth, Width: command.Width, Batch: command.Batch, Platform: "js/wasm"}
		for range setting(b, "ROUNDS", 4) {
			one, two := trainingRate(alone, command), trainingRate(group, command)
			best.Ratios = append(best.Ratios, two/one)
			best.OneWorker, best.TwoWorkers = max(best.OneWorker, one), max(best.TwoWorkers, two)
		}
		best.Ratio = best.TwoWorkers / best.OneWorker
		b.ReportMetric(best.Ratio, "ratio")
		if err := json.NewEncoder(os.Stdout).Encode(best); err != nil {
			b.Fatal(err)
		}
	}
}

// A groupLine is what two workers make of one run.
type groupLine struct {
	Platform   string    `json:"platform"`
	Depth      int       `json:"depth"`
	Width      int       `json:"width"`
	Batch      int       `json:"batch"`
	OneWorker  float64   `json:"images_per_second_1_worker"`
	TwoWorkers float64   `json:"images_per_second_2_workers"`
	Ratio      float64   `json:"ratio"`
	Ratios     []float64 `json:"ratio_of_each_turn"`
}

// trainingRate has workers measure and returns what the first of them says of
// training.
func trainingRate(workers []*Worker, command run.Bench) (rate float64) {
	for _, w := range workers {
		w.Send(command)
	}
	for _, w := range workers {
		for range 2 { // Training, then predicting.
			if result := Await[run.Benched](w); result.Phase == "train" && w == workers[0] {
				rate = result.ImagesPerSecond
			}
		}
		Await[run.Done](w)
	}
	return rate
}

// BenchmarkFirstPrediction measures the time from opening the page to its first
// prediction: once with an empty cache, and then with a warm one. It prints both
// as a JSON line, in milliseconds, the latter as the median of STEPS.
func BenchmarkFirstPrediction(b *testing.B) {
	p := Open(b, Serve(b), Setting{})
	cold := p.FirstPrediction()
	for b.Loop() {
		var warm []time.Duration
		for range setting(b, "STEPS", 9) {
			time.Sleep(2 * time.Second) // The page goes on with its shelves; a person would not reload it then.
			p.Reload()
			warm = append(warm, p.FirstPrediction())
		}
		slices.Sort(warm)
		median := warm[len(warm)/2]
		b.ReportMetric(float64(median.Milliseconds()), "ms-warm")
		line := map[string]int64{"first_prediction_cold_ms": cold.Milliseconds(), "first_prediction_warm_ms": median.Milliseconds()}
		if err := json.NewEncoder(os.Stdout).Encode(line); err != nil {
			b.Fatal(err)
		}
	}
}

// A benchLine has the fields of the native command's lines, so that one reader
// takes both.
type benchLine struct {
	Backend         string  `json:"backend"`
	Platform        string  `json:"platform"`
	Threads         int     `json:"threads"`
	Depth           int     `json:"depth"`
	Width           int     `json:"width"`
	Batch           int     `json:"batch"`
	Phase           string  `json:"phase"`
	ImagesPerSecond float64 `json:"images_per_second"`
	GFLOPS          float64 `json:"gflops"`
	PercentOfPeak   float64 `json:"percent_of_peak,omitempty"`
}

func newBenchLine(backend string, r run.Benched) benchLine {
	line := benchLine{
		Backend: backend, Platform: "js/wasm", Threads: 1, // A worker is one thread.
		Depth: r.Depth, Width: r.Width, Batch: r.Batch, Phase: r.Phase,
		ImagesPerSecond: r.ImagesPerSecond, GFLOPS: r.GFLOPS,
	}
	if r.PeakGFLOPS > 0 {
		line.PercentOfPeak = 100 * r.GFLOPS / r.PeakGFLOPS
	}
	return line
}

func setting(b *testing.B, name string, otherwise int) int {
	b.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatalf("%s=%q: want a number", name, text)
	}
	return n
}

// BenchmarkMemory measures what a run takes of a worker's memory, which never shrinks,
// and prints it beside what package run estimates, as a JSON line in bytes. DEPTH, WIDTH
// and BATCH set the network.
func BenchmarkMemory(b *testing.B) {
	network, err := run.NetworkOfDepth(setting(b, "DEPTH", 8), setting(b, "WIDTH", 16))
	if err != nil {
		b.Fatal(err)
	}
	c := run.Default(run.Scratch)
	c.Network, c.BatchSize, c.Epochs, c.LabelsPerClass = network, setting(b, "BATCH", 32), 2, setting(b, "BATCH", 32)/8
	for b.Loop() {
		bytes, estimate := measureMemory(b, c)
		b.ReportMetric(float64(bytes)/(1<<20), "MiB")
		line := map[string]int{"depth": network.Depth(), "width": network.Width, "batch": c.BatchSize, "bytes": bytes, "estimate": estimate}
		if err := json.NewEncoder(os.Stdout).Encode(line); err != nil {
			b.Fatal(err)
		}
	}
}

// tellMemory lets a worker say how large its memory is.
const tellMemory = `const instantiate = WebAssembly.instantiate;
WebAssembly.instantiate = async (...args) => (globalThis.program = await instantiate(...args));
addEventListener("message", ({data}) => { if (data === "memory") postMessage({memory: program.exports.mem.buffer.byteLength}); })`

// measureMemory lets a worker carry a run out on the built-in photographs, and returns
// how large its memory has become.
func measureMemory(t testing.TB, c run.Config) (bytes, estimate int) {
	p := openBare(t, tellMemory)
	p.Patience = 9 * time.Minute
	w := p.StartWorker()
	w.Send(openPhotographs(p))
	pictures := len(Await[run.PicturesChanged](w).Added)
	w.Send(run.Start{Config: c, Key: "a-1"})
	for Await[run.PhaseChanged](w).Phase != run.Finished {
	}
	bytes = Eval[int](p, `new Promise((resolve) => {
		`+w.js+`.worker.addEventListener("message", ({data}) => { if (data.memory) resolve(data.memory); });
		`+w.js+`.worker.postMessage("memory");
	})`)
	return bytes, c.MemoryBytes(pictures, 10)
}
