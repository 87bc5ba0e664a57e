package main

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"quarterturn/core/run"
	"quarterturn/core/runs"
)

// TestBenchWithoutPeak checks that a device is not compared with the processor.
func TestBenchWithoutPeak(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		var out bytes.Buffer
		r := run.Benched{Phase: "train", Depth: 8, Width: 16, Batch: 32, ImagesPerSecond: 1000, GFLOPS: 10}
		p := benchPrinter{json: asJSON}
		if err := p.print(&terminal{out: &out}, newBenchLine("xla:plugin.so", runs.Hardware{}, r), 1); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "%") || strings.Contains(out.String(), "peak") {
			t.Errorf("bench prints %q", out.String())
		}
	}
}

var tinyBench = []string{"bench", "--width", "1", "--batch", "4", "--steps", "2"}

// TestBenchProfile looks into a small network: the lines of bench as ever, and
// under each what the time of the phase was spent on.
func TestBenchProfile(t *testing.T) {
	out := mustCall(t, append(tinyBench, "--profile", "--plan")...)
	train, predict, found := strings.Cut(out, "predict depth 8, width 1, batch 4: ")
	if !found || !strings.HasPrefix(train, "train   depth 8, width 1, batch 4: ") {
		t.Fatalf("bench prints\n%s", out)
	}
	for _, want := range []string{"of peak  form\n", "convolution weight gradient 3×3", "not interrupted from here on\n", "→ [4 32 32 1] a"} {
		if !strings.Contains(train, want) {
			t.Errorf("of training bench does not say %q:\n%s", want, train)
		}
	}
	if strings.Contains(predict, "gradient") || !strings.Contains(predict, "loop affine-relu\n") {
		t.Errorf("of predicting bench prints\n%s", predict)
	}
}

func TestBenchProfileJSON(t *testing.T) {
	out := json.NewDecoder(strings.NewReader(mustCall(t, append(tinyBench, "--profile", "--json")...)))
	for _, phase := range []string{"train", "predict"} {
		var line benchLine
		if err := out.Decode(&line); err != nil {
			t.Fatal(err)
		}
		if line.Phase != phase || line.ImagesPerSecond <= 0 || len(line.Profile) < 5 || line.Plans != nil {
			t.Errorf("%s: %+v", phase, line)
		}
		percent := 0.0
		for i, form := range line.Profile {
			percent += form.Percent
			if form.Steps < 1 || i > 0 && form.Milliseconds > line.Profile[i-1].Milliseconds {
				t.Errorf("%s: form %d is %+v, after %+v", phase, i, form, line.Profile[max(i, 1)-1])
			}
			if counted := form.GFLOPS > 0; counted != (form.PercentOfPeak > 0) || counted != (strings.HasPrefix(form.Form, "convolution") || strings.HasPrefix(form.Form, "matrix")) {
				t.Errorf("%s: %+v: rates are of convolutions and matrix products", phase, form)
			}
		}
		if math.Abs(percent-100) > 1e-6 {
			t.Errorf("%s: the shares come to %v %%", phase, percent)
		}
	}
}

func TestBenchLooksIntoTheEngineOnly(t *testing.T) {
	for _, flag := range []string{"--profile", "--plan"} {
		code, out, said := call(t, "bench", flag, "--backend", "go")
		if want := "look into the backend engine; there is nothing to see of go"; code != 2 || out != "" || !strings.Contains(said, want) {
			t.Errorf("bench %s: exit code %d, output %q, %q, want 2, none and %q", flag, code, out, said, want)
		}
	}
}
