package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quarterturn/assets"
	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/dataset"
	"quarterturn/core/durable"
	"quarterturn/core/project"
	"quarterturn/core/runs"
)

// A stopping disk ends ctx when so many checkpoints have been begun on it.
type stopping struct {
	durable.Disk
	left   *int
	cancel context.CancelFunc
}

func (s stopping) MkdirAll(path string) error {
	if strings.HasPrefix(filepath.Base(path), ".writing-step-") {
		if *s.left--; *s.left == 0 {
			s.cancel()
		}
	}
	return s.Disk.MkdirAll(path)
}

// callUntil runs the program until it has begun so many checkpoints.
func callUntil(t *testing.T, checkpoints int, args ...string) (said string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var out, errors bytes.Buffer
	term := &term.Terminal{Out: &out, Err: &errors, Disk: stopping{left: &checkpoints, cancel: cancel}}
	if exitCode(term, dispatch(ctx, term, args)); ctx.Err() == nil {
		t.Fatalf("quarterturn %s was not stopped\n%s", strings.Join(args, " "), errors.String())
	}
	return errors.String()
}

// portable makes folders of some built-in photographs, a network, and the arguments of a
// run that starts from it.
func portable(t *testing.T, dir string) (data string, args func(out string) []string) {
	t.Helper()
	sheets, err := assets.Pictures("photographs")
	if err != nil {
		t.Fatal(err)
	}
	few := dataset.Set{Train: firstOf(sheets.Set.Train, 5), Test: firstOf(sheets.Set.Test, 2)}
	p := project.Project{Pictures: project.PicturesOf("few", &few)}
	if err := p.Unpack(durable.Disk{}, filepath.Join(dir, "data")); err != nil {
		t.Fatal(err)
	}
	data = filepath.Join(dir, "data", "pictures")
	pretext := filepath.Join(dir, "pretext")
	mustCall(t, "pretrain", "--data", data, "--blocks", "1", "--width", "2", "--epochs", "1", "--limit", "10", "--batch", "40", "--validation", "0", "--out", pretext)
	return data, func(out string) []string {
		return []string{"finetune", "--from", filepath.Join(pretext, "last.safetensors"), "--data", data, "--labels-per-class", "4", "--batch", "4", "--epochs", "3",
			"--validation", "0", "--save-every", "1", "--out", filepath.Join(dir, out)}
	}
}

// firstOf returns the first so many pictures of each of three classes.
func firstOf(p *dataset.Pictures, each int) *dataset.Pictures {
	var chosen []int
	count := map[int32]int{}
	for i, label := range p.Labels {
		if count[label]++; label < 3 && count[label] <= each {
			chosen = append(chosen, i)
		}
	}
	return p.Subset(chosen)
}

// TestRunGoesOnInAProject stops a run, packs it, has it go on in the file and be stopped
// again, unpacks that and ends it there: with the weights of the one that nobody stopped.
func TestRunGoesOnInAProject(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	data, args := portable(t, dir)
	mustCall(t, args("straight")...)
	want := runs.Sum(mustRead(t, at("straight/last.safetensors")))

	callUntil(t, 3, args("all/mine")...)
	file := at("lesson.qtproject")
	if out := mustCall(t, "project", "pack", at("all"), file, "--data", data); !strings.HasPrefix(out, "1 run and 21 pictures in ") {
		t.Errorf("pack says %q", out)
	}
	if out := mustCall(t, "project", file); !strings.Contains(out, "15 pictures to learn from and 6 for the test") || !strings.Contains(out, "mine") || !strings.Contains(out, "at step 2") {
		t.Errorf("the project is\n%s", out)
	}
	if err := os.RemoveAll(at("pretext")); err != nil { // The project has the network.
		t.Fatal(err)
	}
	said := callUntil(t, 2, "finetune", "--resume", file)
	if !strings.Contains(said, "go on with: quarterturn finetune --resume "+file+" --run mine") || !strings.Contains(said, file+" has it now") {
		t.Errorf("it said\n%s", said)
	}
	if _, err := os.Stat(at("lesson-unpacked")); !os.IsNotExist(err) {
		t.Errorf("its folder is still there: %v", err)
	}

	mustCall(t, "project", "unpack", file, at("folder"))
	document := at("folder/project.json")
	replace(t, document, bytes.Replace(mustRead(t, document), []byte(`"workers": 1`), []byte(`"workers": 2`), 1))
	if code, _, said := call(t, "finetune", "--resume", at("folder"), "--run", "mine"); code != 0 || !strings.Contains(said, "the page computed it with 2 workers") {
		t.Errorf("exit code %d, %s", code, said)
	}
	if got := runs.Sum(mustRead(t, at("folder/runs/mine/last.safetensors"))); got != want {
		t.Errorf("in the folder it ended with the weights %s, want %s", got, want)
	}
	mustCall(t, "finetune", "--resume", file, "--run", "mine")
	mustCall(t, "project", "unpack", file, at("again"))
	if got := runs.Sum(mustRead(t, at("again/runs/mine/last.safetensors"))); got != want {
		t.Errorf("in the file it ended with the weights %s, want %s", got, want)
	}
	checkReport(t, file, at("folder"), at("report.html"))
}

// checkReport compares the report of a project's file with that of its folder.
func checkReport(t *testing.T, file, folder, report string) {
	t.Helper()
	one := mustCall(t, "report", file, "--out", report, "--json")
	if other := mustCall(t, "report", folder, "--out", report, "--json"); one != other || !strings.Contains(one, `"Arms":["transfer"]`) && !strings.Contains(one, "transfer") {
		t.Errorf("the report of the file is\n%s\nof the folder\n%s", one, other)
	}
	if out := mustCall(t, "eval", "--model", filepath.Join(folder, "runs/mine/last.safetensors"), "--data", file); !strings.Contains(out, "%") {
		t.Errorf("eval by the project's pictures says %q", out)
	}
}

// TestPackedAgainIsTheSame unpacks a project and packs it.
func TestPackedAgainIsTheSame(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	data, args := portable(t, dir)
	callUntil(t, 3, args("mine")...)
	mustCall(t, "project", "pack", at("mine"), at("a.qtproject"), "--data", data)
	mustCall(t, "project", "unpack", at("a.qtproject"), at("folder"))
	mustCall(t, "project", "pack", at("folder"), at("b.qtproject"))
	if !bytes.Equal(mustRead(t, at("a.qtproject")), mustRead(t, at("b.qtproject"))) {
		t.Error("the project unpacked and packed is another one")
	}
}

// TestProjectRefuses says what is wrong, where, and what to do.
func TestProjectRefuses(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	_, args := portable(t, dir)
	callUntil(t, 3, args("mine")...)
	file := at("a.qtproject")
	mustCall(t, "project", "pack", at("mine"), file)
	if err := os.WriteFile(at("b.qtproject"), []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		code int
		said string
		args []string
	}{
		{2, "name a project file", []string{"project"}},
		{2, "pack takes two names", []string{"project", "pack", at("mine")}},
		{2, "is to be a project file: call it", []string{"project", "pack", at("mine"), at("a.zip")}},
		{1, "has no run in it: name the folder of a run", []string{"project", "pack", t.TempDir(), file}},
		{2, "cannot be read", []string{"project", at("none.qtproject")}},
		{1, "it is no project file", []string{"project", at("b.qtproject")}},
		{1, "is not empty", []string{"project", "unpack", file, at("mine")}},
		{2, `has no run "yours"`, []string{"finetune", "--resume", file, "--run", "yours"}},
		{2, "has no run that pretrain could go on with", []string{"pretrain", "--resume", file}},
		{2, "--run names a run of the project", []string{"finetune", "--run", "mine"}},
		{2, "is no project: leave out --run", []string{"finetune", "--resume", at("mine"), "--run", "mine"}},
		{1, "it has no pictures", []string{"compare", "--data", file, "--out", at("c")}},
	} {
		if code, _, said := call(t, tt.args...); code != tt.code || !strings.Contains(said, tt.said) {
			t.Errorf("%q: exit code %d, want %d; %s, want %q", tt.args, code, tt.code, said, tt.said)
		}
	}
}

// TestWorkshopOfAnotherProject leaves what a kill left alone when the file has changed.
func TestWorkshopOfAnotherProject(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	data, args := portable(t, dir)
	callUntil(t, 3, args("mine")...)
	file := at("a.qtproject")
	mustCall(t, "project", "pack", at("mine"), file, "--data", data)
	tt := &term.Terminal{Out: &bytes.Buffer{}, Err: &bytes.Buffer{}, Disk: durable.Disk{}}
	w, err := openWorkshop(tt, file)
	if err != nil {
		t.Fatal(err)
	}
	if code, _, said := call(t, "finetune", "--resume", file); code != 1 || !strings.Contains(said, "another process is at work in it") {
		t.Errorf("beside another it says %d, %s", code, said)
	}
	if err := w.lock.Close(); err != nil { // The process was killed.
		t.Fatal(err)
	}
	before := mustRead(t, file)
	mustCall(t, "project", "pack", at("mine"), file)
	if code, _, said := call(t, "finetune", "--resume", file); code != 2 || !strings.Contains(said, "keep what is in it with quarterturn project pack") {
		t.Errorf("of another project it says %d, %s", code, said)
	}
	replace(t, file, before)
	if code, _, said := call(t, "finetune", "--resume", file); code != 0 || !strings.Contains(said, "which an earlier call left") {
		t.Errorf("after a kill it says %d, %s", code, said)
	}
}
