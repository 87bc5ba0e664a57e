package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"image"
	_ "image/png"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/durable"
	"quarterturn/core/run"
)

// TestMain lets the test binary stand in for the program, for tests that send it
// signals.
func TestMain(m *testing.M) {
	if os.Getenv("QUARTERTURN_MAIN") != "" {
		main()
		return
	}
	cache, err := os.MkdirTemp("", "quarterturn-cache") // Not the tester's own.
	if err != nil {
		panic(err)
	}
	_ = os.Setenv("XDG_CACHE_HOME", cache)
	code := m.Run()
	_ = os.RemoveAll(cache)
	for _, folder := range recordings {
		_ = os.RemoveAll(filepath.Dir(folder))
	}
	os.Exit(code)
}

// call runs the program in this process and returns its exit code and output.
func call(t *testing.T, args ...string) (code int, out, errors string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	term := &term.Terminal{Out: &stdout, Err: &stderr, Disk: durable.Disk{}}
	code = exitCode(term, dispatch(context.Background(), term, args))
	return code, stdout.String(), stderr.String()
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mustCall(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errors := call(t, args...)
	if code != 0 {
		t.Fatalf("quarterturn %s: exit code %d\n%s", strings.Join(args, " "), code, errors)
	}
	return out
}

// small is a network and a length that a test has time for.
var small = []string{"--blocks", "1,1", "--width", "4", "--epochs", "2", "--limit", "120"}

func with(args []string, more ...string) []string {
	return append(append([]string(nil), args...), more...)
}

// TestFromPretrainToPredict takes the way of a researcher: pretrain, finetune from
// the checkpoint, measure, predict.
func TestFromPretrainToPredict(t *testing.T) {
	dir := t.TempDir()
	pretext, transfer := filepath.Join(dir, "pretext"), filepath.Join(dir, "transfer")
	out := mustCall(t, append([]string{"pretrain"}, with(small, "--batch", "32", "--out", pretext)...)...)
	if !strings.Contains(out, "accuracy") || !strings.Contains(out, pretext) {
		t.Errorf("pretrain printed %q, want its accuracy and where the files are", out)
	}
	checkRunDir(t, pretext, 2)
	model := filepath.Join(pretext, "best.safetensors")
	mustCall(t, "finetune", "--from", model, "--epochs", "1", "--limit", "120", "--batch", "30", "--labels-per-class", "5", "--first-stage", "2", "--out", transfer)
	checkRunDir(t, transfer, 1)
	checkEval(t, model)
	checkPredict(t, model)
}

func checkRunDir(t *testing.T, dir string, epochs int) {
	t.Helper()
	for _, name := range []string{"config.json", "curves.svg", "last.safetensors", "best.safetensors", "checkpoints/step-00000000/manifest.json"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	f, err := os.Open(filepath.Join(dir, "curves.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, format, err := image.Decode(f); format != "png" {
		t.Errorf("curves.png: %v", err)
	}
	checkMetrics(t, dir, epochs)
}

// checkMetrics compares both tables: one line before the first epoch and one for
// each.
func checkMetrics(t *testing.T, dir string, epochs int) {
	t.Helper()
	lines, err := os.ReadFile(filepath.Join(dir, "metrics.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile(filepath.Join(dir, "metrics.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(table)).ReadAll()
	if err != nil || len(rows) != epochs+2 {
		t.Fatalf("metrics.csv has %d rows (%v), want a header and %d", len(rows), err, epochs+1)
	}
	for i, line := range bytes.Split(bytes.TrimSpace(lines), []byte("\n")) {
		var m struct {
			Epoch int
			Loss  float64
		}
		if err := json.Unmarshal(line, &m); err != nil {
			t.Fatal(err)
		}
		if m.Epoch != i || m.Loss <= 0 || rows[i+1][4] != strconv.FormatFloat(m.Loss, 'g', 8, 64) {
			t.Errorf("line %d is %+v, the table has %v", i, m, rows[i+1])
		}
	}
}

func checkEval(t *testing.T, model string) {
	t.Helper()
	var got struct{ Accuracy, Low, High, Loss, Examples float64 }
	if err := json.Unmarshal([]byte(mustCall(t, "eval", "--model", model, "--json")), &got); err != nil {
		t.Fatal(err)
	}
	if got.Low > got.Accuracy || got.Accuracy > got.High || got.Examples != 4*158 {
		t.Errorf("eval printed %+v, want an interval around the accuracy of 632 turns", got)
	}
}

func checkPredict(t *testing.T, model string) {
	t.Helper()
	picture := "../../dataset/testdata/" + anyPicture(t)
	var got struct {
		Task  run.Task
		Turns []struct {
			Degrees       int
			Probabilities []float64
		}
	}
	if err := json.Unmarshal([]byte(mustCall(t, "predict", picture, "--json", "--model", model)), &got); err != nil {
		t.Fatal(err)
	}
	if got.Task != run.Pretext || len(got.Turns) != 4 || got.Turns[1].Degrees != 90 {
		t.Errorf("predict printed %+v", got)
	}
	for _, turn := range got.Turns {
		var sum float64
		for _, p := range turn.Probabilities {
			sum += p
		}
		if math.Abs(sum-1) > 1e-5 {
			t.Errorf("probabilities at %d° sum to %v", turn.Degrees, sum)
		}
	}
	if text := mustCall(t, "predict", "--model", model, picture); strings.Count(text, "°") < 8 {
		t.Errorf("the table does not show four turns:\n%s", text)
	}
}

// anyPicture returns the name of a JPEG in the data set's test files.
func anyPicture(t *testing.T) string {
	t.Helper()
	found, err := filepath.Glob("../../dataset/testdata/*.jpg")
	if err != nil || len(found) == 0 {
		t.Fatalf("no JPEG among the test files (%v)", err)
	}
	return filepath.Base(found[0])
}

func TestMistakes(t *testing.T) {
	dir := t.TempDir()
	rubbish, run := filepath.Join(dir, "rubbish.safetensors"), t.TempDir()
	for _, path := range []string{rubbish, filepath.Join(run, "best.safetensors")} {
		if err := os.WriteFile(path, []byte("rubbish!"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name string
		args []string
		code int
		want string
	}{
		{"nothing", nil, 2, "name a command"},
		{"unknown command", []string{"pretain"}, 2, `no command "pretain"`},
		{"unknown flag", []string{"pretrain", "--epoch", "3"}, 2, "-epoch"},
		{"argument too many", []string{"bench", "8"}, 2, `unexpected argument "8"`},
		{"no such depth", []string{"pretrain", "--depth", "9"}, 2, "want 8, 10, 14, 18, 20 or 34"},
		{"blocks that are no numbers", []string{"pretrain", "--blocks", "a"}, 2, "2,2,2,2"},
		{"batch not of four", []string{"pretrain", "--batch", "30"}, 2, "multiple of 4"},
		{"no such backend", []string{"bench", "--backend", "gpu"}, 2, `no backend "gpu"`},
		{"no such data", []string{"pretrain", "--data", filepath.Join(dir, "none")}, 1, "--data: stat " + filepath.Join(dir, "none")},
		{"no such start", []string{"finetune", "--from", filepath.Join(dir, "none")}, 1, "--from " + filepath.Join(dir, "none") + ": no such file"},
		{"no such model", []string{"eval", "--model", filepath.Join(dir, "none")}, 1, "--model " + filepath.Join(dir, "none") + ": no such file"},
		{"a folder", []string{"probe", "--model", t.TempDir()}, 1, "this is a folder: name a .safetensors file"},
		{"a run's folder", []string{"eval", "--model", run}, 1, "--model " + run + ": this is a folder: did you mean " + filepath.Join(run, "best.safetensors") + "?"},
		{"side of the built-in pictures", []string{"pretrain", "--side", "16", "--scaled-crop", "0"}, 2, "the built-in pictures need side 32, and this is 16"},
		{"a network beside the checkpoint's", []string{"finetune", "--from", rubbish, "--depth", "8"}, 2, "the checkpoint decides the network: leave out --depth"},
		{"a width beside the checkpoint's", []string{"finetune", "--from", rubbish, "--width", "8"}, 2, "leave out --width"},
		{"blocks beside the checkpoint's", []string{"finetune", "--from", rubbish, "--blocks", "1,1"}, 2, "leave out --blocks"},
		{"no model", []string{"finetune", "--from", rubbish}, 1, "not a safetensors file"},
		{"predict nothing", []string{"predict"}, 2, "name a picture"},
		{"eval nothing", []string{"eval"}, 2, "name a --model"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, _, errors := call(t, tt.args...)
			if code != tt.code || !strings.Contains(errors, tt.want) {
				t.Errorf("exit code %d and %q, want %d and %q", code, errors, tt.code, tt.want)
			}
		})
	}
}

// TestMistakeInFlag expects one line, which all flags below it would hide.
func TestMistakeInFlag(t *testing.T) {
	for _, args := range [][]string{{"--epoch", "3"}, {"--epochs", "three"}} {
		code, out, errors := call(t, append([]string{"pretrain"}, args...)...)
		if code != 2 || out != "" || strings.Count(errors, "\n") != 1 || !strings.Contains(errors, args[0][1:]) || !strings.HasSuffix(errors, "ee quarterturn pretrain --help\n") {
			t.Errorf("%v: exit code %d, %q on standard output and %q on standard error, want the mistake alone", args, code, out, errors)
		}
	}
}

func TestRunDirIsNotOverwritten(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, errors := call(t, append([]string{"pretrain", "--out", dir}, small...)...)
	if code != 2 || !strings.Contains(errors, "has a run in it already") {
		t.Errorf("exit code %d, %q", code, errors)
	}
}

// TestDefaultsFollowThePictures reads the flags alone: the built-in pictures are
// few, others are taken for many.
func TestDefaultsFollowThePictures(t *testing.T) {
	small, _ := run.NetworkOfDepth(8, 16)
	narrow, _ := run.NetworkOfDepth(10, 16)
	large, _ := run.NetworkOfDepth(18, 64)
	tests := []struct {
		args    []string
		network run.Network
		batch   int
		rate    float64
	}{
		{nil, small, 64, 0.05},
		{[]string{"--depth", "10", "--batch", "32"}, narrow, 32, 0.05},
		{[]string{"--rate", "0.2"}, small, 64, 0.2},
		{[]string{"--data", "somewhere"}, large, 128, 0.1},
		{[]string{"--data", "somewhere", "--rate", "0.2"}, large, 128, 0.2},
	}
	for _, tt := range tests {
		for _, name := range []string{"pretrain", "finetune"} {
			l := learning{name: name}
			if err := l.parse(&term.Terminal{}, "", tt.args); err != nil {
				t.Fatal(err)
			}
			if c := l.job.Spec.Config; c.Network.String() != tt.network.String() || c.BatchSize != tt.batch || c.LearningRate != tt.rate {
				t.Errorf("%s %v: %v, batch %d, rate %v, want %v, %d, %v", name, tt.args, c.Network, c.BatchSize, c.LearningRate, tt.network, tt.batch, tt.rate)
			}
		}
	}
	if help := mustCall(t, "pretrain", "--help"); !strings.Contains(help, "--depth is 8, --width 16, --batch 64 and --rate 0.05") {
		t.Errorf("--help does not tell:\n%.900s", help)
	}
}

// TestNothingToValidateWith looks for figures that nothing was measured for.
func TestNothingToValidateWith(t *testing.T) {
	root := filepath.Join(t.TempDir(), "run")
	code, out, errors := call(t, append(tinyRun(tinyPictures(t), root), "--hold-out", "0", "--validation", "0")...)
	if code != 0 || !strings.Contains(errors, "40 pictures to learn from, no pictures to validate with, 2 classes") {
		t.Fatalf("exit code %d, %s, want it to say that there is nothing to validate with", code, errors)
	}
	if strings.Contains(errors, "before training") || strings.Contains(errors, "; validation ") || strings.Count(errors, "epoch ") != 3 {
		t.Errorf("it shows what was not measured:\n%s", errors)
	}
	if strings.Contains(out, "accuracy") || !strings.Contains(out, root) {
		t.Errorf("the result is %q, want only where the files are", out)
	}
	if !bytes.Equal(mustRead(t, filepath.Join(root, "best.safetensors")), mustRead(t, filepath.Join(root, "last.safetensors"))) {
		t.Error("best.safetensors is not the newest, and nothing tells that another is better")
	}
	code, out, errors = call(t, "eval", "--model", filepath.Join(root, "best.safetensors"), "--data", tinyPictures(t), "--hold-out", "0")
	if code != 1 || out != "" || !strings.Contains(errors, "of 0 test pictures none can be measured with") {
		t.Errorf("eval: exit code %d, %q, %q, want it to say that there are no test pictures", code, out, errors)
	}
}

func TestDivergenceExits3(t *testing.T) {
	args := []string{"finetune", "--blocks", "1", "--width", "2", "--limit", "100", "--batch", "10", "--epochs", "40",
		"--rate", "100", "--weight-decay", "1", "--schedule", "constant", "--warmup", "0", "--out", filepath.Join(t.TempDir(), "run")}
	if code, _, errors := call(t, args...); code != 3 || !strings.Contains(errors, "lower learning rate") {
		t.Errorf("exit code %d, %q, want 3 and advice", code, errors)
	}
}
