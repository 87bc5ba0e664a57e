//go:build browser && !js

package browser

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
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

// TestTenThousandPictures: all of them come in, and only those that are seen are built.
func TestTenThousandPictures(t *testing.T) {
	p := openLab(t, Setting{})
	p.Patience = 3 * time.Minute
	p.show(1)
	p.Click("#join")
	p.Drop(".stations", Many{Count: 10000}.Zip(t))
	p.WaitText(".count", "10,000 picture")
	p.WaitGone(".progress")
	if n := p.Count(".pictures canvas"); n == 0 || n > 1000 {
		t.Errorf("%d pictures are built", n)
	}
	p.Screenshot("ten-thousand")
}

// An importLine is what an import took. Processor times are those of the page's own
// thread, whatever else the machine does.
type importLine struct {
	Way           string  `json:"way"`
	Pictures      int     `json:"pictures"`
	Seconds       float64 `json:"seconds"`
	PageSeconds   float64 `json:"page_processor_s"`
	LongestTaskMS float64 `json:"longest_task_ms"`
	LongestBusyMS float64 `json:"longest_task_processor_ms"`
	BusyOver50    int     `json:"tasks_over_50_processor_ms"`
	BeforeMB      float64 `json:"before_mb"`
	PeakMB        float64 `json:"peak_mb"`
	AfterMB       float64 `json:"after_mb"`
}

// measureImport opens a page and drops what is to be imported on it.
func measureImport(b *testing.B, files string, n int) importLine {
	p := Open(b, Serve(b), Setting{})
	p.Patience = 5 * time.Minute
	p.WaitPrediction()
	time.Sleep(2 * time.Second) // The page goes on with its shelves.
	p.Click("#join")
	line := importLine{Pictures: n, BeforeMB: p.held()}
	before := p.processor()
	stop := p.watchHeld(&line.PeakMB)
	tasks := p.traceTasks(func() {
		start := time.Now()
		p.Drop(".stations", files)
		p.WaitText(".count", grouped(n)+" picture")
		p.WaitGone(".progress")
		line.Seconds = time.Since(start).Seconds()
	})
	stop()
	line.PageSeconds = (p.processor() - before).Seconds()
	for _, task := range tasks {
		line.LongestTaskMS = max(line.LongestTaskMS, milliseconds(task.Took))
		line.LongestBusyMS = max(line.LongestBusyMS, milliseconds(task.Processor))
		if task.Processor > 50*time.Millisecond {
			line.BusyOver50++
		}
	}
	time.Sleep(time.Second)
	line.AfterMB = p.held()
	return line
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }

// grouped writes a number of pictures as the page does.
func grouped(n int) string {
	text := strconv.Itoa(n)
	if n < 1000 {
		return text
	}
	return text[:len(text)-3] + "," + text[len(text)-3:]
}

// renderers returns the folders of the page's processes below /proc.
func (p *Page) renderers() []string {
	p.t.Helper()
	commands, err := filepath.Glob("/proc/[0-9]*/cmdline")
	p.check("list processes", err)
	var folders []string
	for _, file := range commands {
		command, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(command), "--type=renderer") && strings.Contains(string(command), p.profile) {
			folders = append(folders, filepath.Dir(file))
		}
	}
	return folders
}

// held returns what the page and its workers hold, in megabytes: all memory of their
// process but files of the system, so with the browser's own of some 60 MB.
func (p *Page) held() float64 {
	p.t.Helper()
	most := 0.0
	for _, folder := range p.renderers() {
		status, err := os.ReadFile(folder + "/status")
		if err != nil {
			continue
		}
		sum := 0.0
		for _, name := range []string{"RssAnon:", "RssShmem:"} {
			var kB float64
			_, rest, _ := strings.Cut(string(status), name)
			fmt.Sscan(rest, &kB)
			sum += kB / 1e3
		}
		most = max(most, sum)
	}
	return most
}

// watchHeld keeps the most that is held until it is stopped.
func (p *Page) watchHeld(most *float64) (stop func()) {
	done, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		for {
			*most = max(*most, p.held())
			select {
			case <-done:
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
	}()
	return func() { close(done); <-over }
}

// processor returns the processor's time that the page's thread has had.
func (p *Page) processor() time.Duration {
	p.t.Helper()
	most := time.Duration(0)
	for _, folder := range p.renderers() {
		stat, err := os.ReadFile(filepath.Join(folder, "task", filepath.Base(folder), "stat"))
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(stat), ") ")
		fields := strings.Fields(rest)
		const userTime, systemTime = 11, 12 // After the name, see proc(5), in hundredths of a second.
		if len(fields) <= systemTime {
			continue
		}
		user, _ := strconv.Atoi(fields[userTime])
		system, _ := strconv.Atoi(fields[systemTime])
		most = max(most, time.Duration(user+system)*10*time.Millisecond)
	}
	return most
}
