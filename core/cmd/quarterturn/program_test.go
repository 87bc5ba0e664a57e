package main

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"quarterturn/core/runs"
)

// TestRunSaysWhatMadeIt: a run's config.json has the program and the machine.
func TestRunSaysWhatMadeIt(t *testing.T) {
	spec, err := runs.DecodeSpec(mustRead(t, filepath.Join(recordable(t, "1"), "config.json")))
	if err != nil {
		t.Fatal(err)
	}
	p := spec.Program
	if p.Version == "" || p.Go != runtime.Version() || p.CPU == "" || p.Threads < 1 {
		t.Errorf("the run was made by %+v", p)
	}
}

// TestVersionIsLinkedIn builds the command as the Makefile does and asks the program
// for the version that it got.
func TestVersionIsLinkedIn(t *testing.T) {
	makefile := string(mustRead(t, "../../../Makefile"))
	if !strings.Contains(makefile, "-X main.version=") {
		t.Error("the Makefile sets no main.version")
	}
	file := filepath.Join(t.TempDir(), "quarterturn")
	if out, err := exec.Command("go", "build", "-ldflags=-X main.version=abc-dirty", "-o", file, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	out := filepath.Join(t.TempDir(), "run")
	if printed, err := exec.Command(file, "pretrain", "--limit", "8", "--epochs", "1", "--width", "1", "--out", out).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, printed)
	}
	if spec, err := runs.DecodeSpec(mustRead(t, filepath.Join(out, "config.json"))); err != nil || spec.Program.Version != "abc-dirty" {
		t.Errorf("%+v, %v", spec.Program, err)
	}
}

func TestVersionIn(t *testing.T) {
	setting := func(key, value string) debug.BuildSetting { return debug.BuildSetting{Key: key, Value: value} }
	for want, info := range map[string]*debug.BuildInfo{
		"":          {Main: debug.Module{Version: "(devel)"}},
		"v1.2.3":    {Main: debug.Module{Version: "v1.2.3"}},
		"abc":       {Main: debug.Module{Version: "(devel)"}, Settings: []debug.BuildSetting{setting("vcs.revision", "abc"), setting("vcs.modified", "false")}},
		"abc-dirty": {Settings: []debug.BuildSetting{setting("vcs.revision", "abc"), setting("vcs.modified", "true")}},
	} {
		if got := versionIn(info); got != want {
			t.Errorf("%+v is version %q, want %q", info, got, want)
		}
	}
}

func TestCPUModel(t *testing.T) {
	for list, want := range map[string]string{
		"processor\t: 0\nmodel name\t: A CPU: fast\n\nprocessor\t: 1\nmodel name\t: another\n": "A CPU: fast",
		"processor\t: 0\nCPU architecture: 8\n":                                                "",
	} {
		if got := cpuModel(strings.NewReader(list)); got != want {
			t.Errorf("the processor is %q, want %q", got, want)
		}
	}
}
