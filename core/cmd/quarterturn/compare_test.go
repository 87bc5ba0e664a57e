//go:build !js

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/durable"
	"quarterturn/core/run"
	"quarterturn/core/runs"
	"quarterturn/core/study"
	"quarterturn/core/verdict"
)

// tinyExperiment returns the arguments of twelve runs on noise.
func tinyExperiment(pictures, model, out string) []string {
	return []string{
		"--from", model, "--data", pictures, "--side", "8", "--batch", "8", "--pad-crop", "1", "--labels", "4,0", "--seeds", "2",
		"--epochs", "3,2", "--points", "8", "--save-every", "1", "--out", out,
	}
}

// cancelling is a disk that ends ctx when so many files have been made on it.
type cancelling struct {
	durable.Disk
	left   *atomic.Int64
	cancel context.CancelFunc
}

func (c cancelling) Create(path string) (durable.File, error) {
	if c.left.Add(-1) == 0 {
		c.cancel()
	}
	return c.Disk.Create(path)
}

// compareUntil runs compare until it has made so many files, and returns what it
// printed, or where it was stopped what it said.
func compareUntil(t *testing.T, files int64, args ...string) (out string, stopped bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var left atomic.Int64
	left.Store(files)
	var result, said bytes.Buffer
	term := &term.Terminal{Out: &result, Err: &said, Disk: cancelling{left: &left, cancel: cancel}}
	err := compare(ctx, term, args)
	if errors.Is(err, context.Canceled) {
		if !strings.Contains(said.String(), "go on with: quarterturn compare --resume ") {
			t.Fatalf("it does not say how to go on:\n%s", said.String())
		}
		return said.String(), true
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	return result.String(), false
}

// bitsOf returns what must not depend on interruptions: of each run the weights
// and metrics, and all that the report is made of.
func bitsOf(t *testing.T, root string) string {
	t.Helper()
	var all strings.Builder
	folders, err := filepath.Glob(filepath.Join(root, "runs", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range folders {
		fmt.Fprintf(&all, "%s\n%sconfusion %s\n", filepath.Base(run), resultOf(t, run), mustRead(t, filepath.Join(run, "confusion.json")))
	}
	layouts, err := filepath.Glob(filepath.Join(root, "*", "*", "embedding.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range layouts {
		fmt.Fprintln(&all, strings.TrimPrefix(path, root), runs.Sum(mustRead(t, path)))
	}
	return all.String()
}

// TestCompare runs an experiment in one go, and again with an interruption at
// every so many files. Both end with the same bits and the same table, and the
// report from the runs' folders alone has it too.
func TestCompare(t *testing.T) {
	pictures, model, dir := tinyPictures(t), untrainedOfSide(t, 8, "best.safetensors", 1), t.TempDir()
	straight, broken := filepath.Join(dir, "straight"), filepath.Join(dir, "broken")
	table, stopped := compareUntil(t, 0, tinyExperiment(pictures, model, straight)...)
	if stopped || strings.Count(table, "n = 2") != 6 || strings.Count(table, " transfer was ")+strings.Count(table, " transfer and scratch came out ") != 2 {
		t.Fatalf("it printed\n%s", table)
	}
	want := bitsOf(t, straight)
	if n := strings.Count(want, "confusion "); n != 12 {
		t.Fatalf("%d runs, want 12", n)
	}
	if layouts := strings.Count(want, "embedding.json"); layouts != 7 { // The checkpoint's, and each arm's with each budget.
		t.Errorf("%d t-SNE plots, want 7", layouts)
	}
	args, again, interruptions, reports := tinyExperiment(pictures, model, broken), "", 0, 0
	for files, stopped := int64(11), true; stopped; files += 150 {
		if again, stopped = compareUntil(t, files, args...); !stopped {
			continue
		}
		interruptions++
		if said := " of 12 finished, drawn in " + filepath.Join(broken, "report.html"); strings.Contains(again, said) {
			reports += strings.Count(string(mustRead(t, filepath.Join(broken, "report.html"))), "<h1>")
		}
		if interruptions == 1 { // The same command again and --resume are the same.
			args = []string{"--resume", broken, "--points", "8"}
		}
	}
	t.Logf("%d interruptions, %d with a report", interruptions, reports)
	if interruptions < 2 || reports < 1 || reports == interruptions { // Of the first no run was finished.
		t.Errorf("only %d interruptions, %d with a report", interruptions, reports)
	}
	if got := bitsOf(t, broken); got != want {
		t.Errorf("the interrupted experiment ended with\n%swant\n%s", got, want)
	}
	if again != table {
		t.Errorf("the interrupted experiment printed\n%swant\n%s", again, table)
	}
	ordinary := filepath.Join(broken, "runs", "transfer-4-seed2") // As any other, finetune can go on with it.
	result := resultOf(t, ordinary)
	if err := os.RemoveAll(filepath.Join(ordinary, "checkpoints", "step-00000003")); err != nil {
		t.Fatal(err)
	}
	mustCall(t, "finetune", "--resume", ordinary)
	if got := resultOf(t, ordinary); got != result {
		t.Errorf("finetune ended with\n%swant\n%s", got, result)
	}
	folders, _ := filepath.Glob(filepath.Join(broken, "runs", "*"))
	if said := mustCall(t, append([]string{"report", "--out", filepath.Join(dir, "r.html")}, folders...)...); said != table {
		t.Errorf("report printed\n%swant\n%s", said, table)
	}
}

// TestCompareGoesOnWithMoreSeeds: what is there is used, and a run with other
// settings in its place is not overwritten.
func TestCompareGoesOnWithMoreSeeds(t *testing.T) {
	pictures, model, out := tinyPictures(t), untrainedOfSide(t, 8, "m.safetensors", 1), filepath.Join(t.TempDir(), "out")
	args := append(tinyExperiment(pictures, model, out), "--baselines", "scratch", "--points", "0")
	mustCall(t, append([]string{"compare"}, args...)...)
	code, table, said := call(t, append(append([]string{"compare"}, args...), "--seeds", "3", "--json")...)
	if code != 0 || !strings.Contains(said, "28 runs: 2 arms, 2 budgets, 3 seeds; 4 to do") {
		t.Fatalf("exit code %d, %s", code, said)
	}
	var got struct {
		verdict.Table
		Verdicts []string
	}
	if err := json.Unmarshal([]byte(table), &got); err != nil || len(got.Cells) != 4 || len(got.Cells[0].Each) != 3 || len(got.Verdicts) != 2 {
		t.Errorf("%v: the table has cells %+v and verdicts %q", err, got.Cells, got.Verdicts)
	}
	for what, flags := range map[string][]string{"configuration": {"--rate", "0.3"}, "pictures are others": {"--limit", "20"}} {
		code, _, said := call(t, append(append([]string{"compare"}, args...), flags...)...)
		if code != 2 || !strings.Contains(said, what) {
			t.Errorf("%v: exit code %d, %s", flags, code, said)
		}
	}
}

// TestCompareHelpHasAPlan: the experiment in --help is one.
func TestCompareHelpHasAPlan(t *testing.T) {
	_, text, _ := strings.Cut(compareHelp, "\n  {")
	text, _, found := strings.Cut(text, "\n\n")
	p := study.Plan{HoldOut: 0.2, DataSeed: 1, Steps: 100, Settings: run.Default(run.Scratch)}
	if err := p.Decode([]byte("{" + text)); err != nil || !found || len(p.Arms) != 3 || len(p.Arms[1].Settings) == 0 {
		t.Errorf("%v: {%s is read as %+v", err, text, p)
	}
}

// TestCompareGoesOnWithoutFailures: one arm diverges, which is said, and the others
// are compared.
func TestCompareGoesOnWithoutFailures(t *testing.T) {
	dir := t.TempDir()
	file, out := filepath.Join(dir, "experiment.json"), filepath.Join(dir, "out")
	text := fmt.Sprintf(`{"data": %q, "labels": [4], "seeds": 2, "epochs": [30], "settings": {"Side": 8, "BatchSize": 4, "WarmupEpochs": 0, "Network": {"Blocks": [1], "Width": 2}},
		"arms": [{"name": "wild", "from": "scratch", "settings": {"LearningRate": 100, "WeightDecay": 1, "Schedule": "constant"}}, {"name": "a", "from": "scratch"}, {"name": "b", "from": "random-frozen"}]}`, tinyPictures(t))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, table, said := call(t, "compare", "--file", file, "--out", out, "--points", "0")
	if code != 3 || !strings.Contains(said, "wild-4-seed2 failed") || !strings.Contains(said, "2 of 6 runs failed") {
		t.Errorf("exit code %d, %s", code, said)
	}
	if !strings.Contains(table, "With 4 labels a class a ") || strings.Contains(table, "wild") {
		t.Errorf("it printed\n%s", table)
	}
}

// A spoilt disk takes nothing more once it ended ctx.
type spoilt struct{ cancelling }

func (s spoilt) Create(path string) (durable.File, error) {
	f, err := s.cancelling.Create(path)
	if s.left.Load() > 0 || err != nil {
		return f, err
	}
	return nil, errors.Join(errors.New("the disk is spoilt"), f.Close())
}

// TestCompareSaysWhatIsNotSaved: it does not say that all is saved when it is stopped
// and something is not.
func TestCompareSaysWhatIsNotSaved(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var left atomic.Int64
	left.Store(30)
	var said bytes.Buffer
	term := &term.Terminal{Out: &bytes.Buffer{}, Err: &said, Disk: spoilt{cancelling{left: &left, cancel: cancel}}}
	args := tinyExperiment(tinyPictures(t), untrainedOfSide(t, 8, "m.safetensors", 1), filepath.Join(t.TempDir(), "out"))
	err := compare(ctx, term, append(args, "--on-nan", runs.RollBackOnNaN))
	if !errors.Is(err, context.Canceled) || !strings.Contains(said.String(), "the disk is spoilt") || !strings.Contains(said.String(), "but of the runs that failed") {
		t.Errorf("%v: it said\n%s", err, said.String())
	}
	if !strings.HasSuffix(said.String(), " --on-nan rollback\n") { // Else the runs that have not begun would stop.
		t.Errorf("it does not say how to go on:\n%s", said.String())
	}
}

// TestCompareSaysWhichPlotIsMissing: a finished run whose weights are gone has no plot,
// and that is said.
func TestCompareSaysWhichPlotIsMissing(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	mustCall(t, "compare", "--data", tinyPictures(t), "--side", "8", "--blocks", "1", "--width", "1", "--batch", "8", "--pad-crop", "1", "--labels", "4", "--seeds", "1",
		"--epochs", "1", "--warmup", "0", "--baselines", "scratch", "--points", "0", "--out", out)
	weights := filepath.Join(out, "runs", "scratch-4-seed1", "last.safetensors")
	if err := os.Remove(weights); err != nil {
		t.Fatal(err)
	}
	code, _, said := call(t, "compare", "--resume", out, "--points", "8")
	if code != 0 || !strings.Contains(said, "no t-SNE of scratch-4-seed1: ") || !strings.Contains(said, weights) {
		t.Errorf("exit code %d, it said\n%s", code, said)
	}
}

// TestResumeKeepsWhatWasTold: of how runs are kept, only what is given changes.
func TestResumeKeepsWhatWasTold(t *testing.T) {
	k := runs.Keeping{Keep: 1, OnNaN: runs.RollBackOnNaN, SaveEvery: runs.Period{Steps: 5}}
	if !keepAsTold(&k, runs.Keeping{Keep: 7, OnNaN: runs.StopOnNaN}, "keep") || k.Keep != 7 || k.OnNaN != runs.RollBackOnNaN || k.SaveEvery.Steps != 5 {
		t.Errorf("the run goes on with %+v", k)
	}
	if keepAsTold(&k, runs.Keeping{}, "rate") {
		t.Error("the rate says how a run is kept")
	}
}

func TestCompareMistakes(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "e.json")
	if err := os.WriteFile(file, []byte(`{"labels": [0], "arm": 3}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no arms", []string{"--baselines", ""}, 2, "0 arms"},
		{"two checkpoints of one name", []string{"--from", "a", "--from", "b"}, 2, "two arms are called transfer"},
		{"no such baseline", []string{"--baselines", "random"}, 2, `no baseline "random"`},
		{"budgets that are no numbers", []string{"--labels", "all"}, 2, "--labels"},
		{"epochs for other budgets", []string{"--labels", "1,2", "--epochs", "1,2,3"}, 2, "3 numbers of epochs"},
		{"no such checkpoint", []string{"--from", filepath.Join(dir, "none")}, 1, "no such file"},
		{"no such file", []string{"--file", filepath.Join(dir, "none")}, 2, "--file"},
		{"a misspelt file", []string{"--file", file}, 2, `a plan has no "arm": is it "arms"?`},
		{"a flag beside the file", []string{"--file", file, "--rate", "1"}, 2, "leave out --rate"},
		{"nothing to resume", []string{"--resume", dir}, 2, "--resume"},
		{"a flag beside resume", []string{"--resume", dir, "--seeds", "3"}, 2, "leave out --seeds"},
		{"a network beside the checkpoint's", []string{"--from", "a", "--depth", "8"}, 2, "leave out --depth"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out := filepath.Join(dir, "out")
			args := append([]string{"compare"}, tt.args...)
			if tt.args[0] != "--resume" {
				args = append(args, "--out", out)
			}
			code, _, said := call(t, args...)
			if code != tt.code || !strings.Contains(said, tt.want) {
				t.Errorf("exit code %d and %q, want %d and %q", code, said, tt.code, tt.want)
			}
			if durable.Has(durable.Disk{}, out, study.PlanFile) {
				t.Error("a mistake left an experiment behind")
			}
		})
	}
}
