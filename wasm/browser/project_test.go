//go:build browser && !js

package browser

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"quarterturn/core/checkpoint"
	"quarterturn/core/project"
	"quarterturn/core/runs"
)

// readProject reads a project file, which must be whole, and its only run.
func readProject(p *Page, file string) (*project.Project, project.Run) {
	p.t.Helper()
	b := p.read(file)
	read, err := project.Read(bytes.NewReader(b), int64(len(b)))
	p.check("read a project", err)
	if len(read.Runs) != 1 || len(read.Problems) > 0 {
		p.t.Fatalf("the project has %d runs, and the problems %q", len(read.Runs), read.Problems)
	}
	return read, read.Runs[0]
}

// lastWeights is the sum of the network that a run ended with.
func lastWeights(p *Page, in *project.Project, r project.Run) string {
	p.t.Helper()
	b, err := in.Disk.Read(r.Path()+"/"+runs.LastFile, 1<<30)
	p.check("read the last network", err)
	return checkpoint.Sum(b)
}

// saveProject has the page save everything as one file.
func (p *Page) saveProject() string {
	p.t.Helper()
	p.compareAt("Report")
	return p.Download(func() { p.Click(".project .row .button:nth-child(1)") })
}

// TestProjectGoesRound: a run that the page has begun is ended by the command, and is in
// another browser's page as it then was, to the bit.
func TestProjectGoesRound(t *testing.T) {
	command := filepath.Join(root, "build", "quarterturn")
	if _, err := os.Stat(command); err != nil {
		t.Fatalf("%v: make build makes it", err)
	}
	p := openLab(t, Setting{})
	p.startSmall(30, 4)
	p.WaitText(".strip-value", "%")
	p.Click(`.strip [aria-label^="Pause"]`)
	p.WaitText(".lane-phase", "paused")
	file := p.saveProject()
	_, begun := readProject(p, file)
	if n := len(begun.History); n == 0 || n >= 30 {
		t.Fatalf("the page had evaluated %d times", n)
	}

	out, err := exec.Command(command, "finetune", "--resume", file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	native, ended := readProject(p, file)
	if len(ended.History) != 1+30 || // Before the first epoch, and after each.
		!reflect.DeepEqual(ended.History[:len(begun.History)], begun.History) {
		t.Errorf("the command went on after %d evaluations and ended with %d", len(begun.History), len(ended.History))
	}

	other := openLab(t, Setting{})
	other.compareAt("Report")
	other.Choose("#open-project", file)
	other.compareAt("Runs")
	other.WaitText(".run-line", "finished")
	other.Screenshot("project-opened")
	again, shown := readProject(other, other.saveProject())
	if !reflect.DeepEqual(shown.History, ended.History) {
		t.Error("the page tells another history than the command")
	}
	if got, want := lastWeights(other, again, shown), lastWeights(p, native, ended); got != want {
		t.Errorf("the page has the weights %s, the command %s", got, want)
	}
}

// TestWrongProjectIsExplained opens what is none.
func TestWrongProjectIsExplained(t *testing.T) {
	p := openLab(t, Setting{})
	file := filepath.Join(t.TempDir(), "essay"+project.Extension)
	p.check("write", os.WriteFile(file, []byte(strings.Repeat("not a zip ", 100)), 0o644))
	p.compareAt("Report")
	p.Choose("#open-project", file)
	p.WaitText(".project .notice", "essay"+project.Extension)
	p.Screenshot("project-wrong")
}
