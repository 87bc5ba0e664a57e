//go:build browser && !js

package browser

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkImport measures what it takes to bring many pictures into the page: the
// time, the longest task of the page's thread, and memory, at the end and of the
// page's process at its peak. It prints a JSON line for each way. PICTURES sets how
// many.
func BenchmarkImport(b *testing.B) {
	n := setting(b, "PICTURES", 2000)
	ways := []struct {
		name  string
		files func() string
	}{
		{"photos in a folder", func() string { return Many{Count: n, Photo: true}.Folder(b) }},
		{"photos in a zip", func() string { return Many{Count: n, Photo: true}.Zip(b) }},
		{"small in a folder", func() string { return Many{Count: n}.Folder(b) }},
		{"small in a zip", func() string { return Many{Count: n}.Zip(b) }},
	}
	for b.Loop() {
		for _, way := range ways {
			line := measureImport(b, way.files(), n)
			line.Way = way.name
			if err := json.NewEncoder(os.Stdout).Encode(line); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// An importLine is what an import took.
type importLine struct {
	Way            string  `json:"way"`
	Pictures       int     `json:"pictures"`
	Seconds        float64 `json:"seconds"`
	LongestTaskMS  int64   `json:"longest_task_ms"`
	LongTasks      int     `json:"tasks_over_50_ms"`
	PageMB         float64 `json:"page_mb"`
	WorkersMB      float64 `json:"workers_mb"`
	ProcessPeakMB  float64 `json:"process_peak_mb"`
	ProcessStartMB float64 `json:"process_start_mb"`
}

// measureImport opens a page and drops what is to be imported on it.
func measureImport(b *testing.B, files string, n int) importLine {
	p := Open(b, Serve(b), Setting{})
	p.Patience = 5 * time.Minute
	p.WaitPrediction()
	time.Sleep(2 * time.Second) // The page goes on with its shelves.
	p.Click("#join")
	before := p.processPeak()
	Eval[bool](p, `(longTasks.length = 0, true)`)
	start := time.Now()
	p.Drop(".stations", files)
	p.WaitText(".count", grouped(n)+" picture")
	p.WaitGone(".progress")
	line := importLine{Pictures: n, Seconds: time.Since(start).Seconds(), ProcessPeakMB: p.processPeak(), ProcessStartMB: before}
	time.Sleep(time.Second)
	for _, task := range p.LongTasks() {
		line.LongTasks++
		line.LongestTaskMS = max(line.LongestTaskMS, task.Milliseconds())
	}
	line.PageMB, line.WorkersMB = p.memory()
	return line
}

// grouped writes a number of pictures as the page does.
func grouped(n int) string {
	text := strconv.Itoa(n)
	if n < 1000 {
		return text
	}
	return text[:len(text)-3] + "," + text[len(text)-3:]
}

// memory returns what the page's realm and its workers hold, in megabytes.
func (p *Page) memory() (page, workers float64) {
	p.t.Helper()
	type part struct {
		Bytes       float64 `json:"bytes"`
		Attribution []struct {
			Scope string `json:"scope"`
		} `json:"attribution"`
	}
	for _, part := range Eval[[]part](p, `performance.measureUserAgentSpecificMemory().then((m) => m.breakdown)`) {
		inWorker := slices.ContainsFunc(part.Attribution, func(a struct {
			Scope string `json:"scope"`
		}) bool {
			return a.Scope == "DedicatedWorkerGlobalScope"
		})
		if inWorker {
			workers += part.Bytes / 1e6
		} else {
			page += part.Bytes / 1e6
		}
	}
	return page, workers
}

// processPeak returns the most memory that the process of the page has held so far,
// the browser's own code included, in megabytes.
func (p *Page) processPeak() float64 {
	p.t.Helper()
	most := 0.0
	entries, err := os.ReadDir("/proc")
	p.check("list processes", err)
	for _, entry := range entries {
		command, err := os.ReadFile("/proc/" + entry.Name() + "/cmdline")
		if err != nil || !strings.Contains(string(command), "--type=renderer") || !strings.Contains(string(command), p.profile) {
			continue
		}
		status, err := os.ReadFile("/proc/" + entry.Name() + "/status")
		if err != nil {
			continue
		}
		var kB float64
		if _, rest, ok := strings.Cut(string(status), "VmHWM:"); ok {
			fmt.Sscan(rest, &kB)
		}
		most = max(most, kB/1e3)
	}
	return most
}
