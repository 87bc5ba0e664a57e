package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quarterturn/assets"
	"quarterturn/core/cmd/internal/files"
	"quarterturn/core/dataset"
	"quarterturn/core/run"
	"quarterturn/core/runs"
)

// settingsOf returns what a run was told.
func settingsOf(t *testing.T, root string) runs.Spec {
	t.Helper()
	s, err := runs.DecodeSpec(mustRead(t, filepath.Join(root, runs.SpecFile)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestProbes trains each kind of classifier on a stage of a checkpoint and of
// random weights, and reads the model that comes out.
func TestProbes(t *testing.T) {
	dir := t.TempDir()
	pretext := filepath.Join(dir, "pretext")
	mustCall(t, "pretrain", "--blocks", "1,2,1", "--width", "4", "--epochs", "1", "--limit", "40", "--batch", "32", "--out", pretext)
	from := filepath.Join(pretext, "best.safetensors")
	tests := []struct {
		name string
		args []string
		want run.Network
	}{
		{"linear", []string{"--from", from, "--probe", "linear"}, run.Network{Blocks: []int{1, 2, 1}, Width: 4}},
		{"mlp", []string{"--from", from, "--probe", "mlp", "--stage", "2", "--hidden", "8"}, run.Network{Blocks: []int{1, 2}, Width: 4, Hidden: 8}},
		{"conv", []string{"--from", from, "--probe", "conv", "--stage", "1"}, run.Network{Blocks: []int{1, 1}, Width: 4}},
		{"random", []string{"--from", "random-frozen", "--blocks", "1,1", "--width", "4", "--probe", "conv", "--stage", "1"}, run.Network{Blocks: []int{1, 1}, Width: 4}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := filepath.Join(dir, tt.name)
			mustCall(t, with(with([]string{"finetune"}, tt.args...), "--epochs", "2", "--labels-per-class", "5", "--batch", "25", "--out", out)...)
			s := settingsOf(t, out)
			if s.Config.Flip || s.Config.PadCrop != 0 || !s.Config.Network.Equal(tt.want) {
				t.Errorf("settings %+v, want pictures that stay the same and the network %+v", s.Config, tt.want)
			}
			m, err := files.Model("--model", filepath.Join(out, "last.safetensors"))
			if err != nil || !m.Config.Network.Equal(tt.want) {
				t.Fatalf("model %+v, %v", m, err)
			}
			mustCall(t, "eval", "--model", filepath.Join(out, "last.safetensors"))
			mustCall(t, "finetune", "--resume", out) // Has nothing left to do, and finds the same network.
		})
	}
}

func TestFinetuneRefuses(t *testing.T) {
	model := filepath.Join(t.TempDir(), "model.safetensors")
	b, err := assets.Model()
	if err == nil {
		err = os.WriteFile(model, b, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ args, want string }{
		{"--from scratch --probe linear", "random-frozen"},
		{"--from random-frozen --probe guess", "want linear, mlp or conv"},
		{"--from random-frozen --stage 2", "for --probe"},
		{"--from random-frozen --depth 8 --probe linear --stage 4", "stages 1 to 3"},
		{"--from random-frozen --probe linear --first-stage 1", "leave out --first-stage"},
		{"--from scratch --fresh-stage 2", "takes nothing"},
		{"--from random-frozen --first-stage 0", "that is --from scratch"},
		{"--from random-frozen --probe linear --hidden 3", "--probe mlp"},
		{"--from random-frozen --probe mlp --hidden 0", "1 or more"},
		{"--from " + model + " --fresh-stage 1 --first-stage 3", "nothing would teach"},
		{"--preset guess", "lab-10"},
		{"--from " + model + " --probe linear --stage 9", "stages 1 to 3"},
		{"--from " + model + " --label-smoothing 1", "label smoothing"},
	}
	for _, tt := range tests {
		code, _, errors := call(t, append([]string{"finetune", "--out", t.TempDir()}, strings.Fields(tt.args)...)...)
		if code != 2 || !strings.Contains(errors, tt.want) {
			t.Errorf("%s: exit code %d, %q, want 2 and %q", tt.args, code, errors, tt.want)
		}
	}
}

// TestPresets checks that a preset sets what was not given, and nothing else.
func TestPresets(t *testing.T) {
	dir := t.TempDir()
	lab := filepath.Join(dir, "lab")
	mustCall(t, "pretrain", "--preset", "lab-10", "--blocks", "1,1", "--width", "4", "--epochs", "1", "--limit", "40", "--rate", "0.05", "--out", lab)
	got := settingsOf(t, lab).Config
	if !got.OneTurn || got.Schedule != run.Constant || got.ScaledCrop != 0 || got.Flip || got.BatchSize != 128 {
		t.Errorf("%+v is not lab-10", got)
	}
	if got.Epochs != 1 || got.LearningRate != 0.05 || got.Network.Width != 4 || len(got.Network.Blocks) != 2 {
		t.Errorf("%+v is not what was given", got)
	}
	for _, p := range presets {
		for _, command := range []string{"pretrain", "finetune"} {
			if p.settings[command] == nil {
				if code, _, errors := call(t, command, "--preset", p.name); code != 2 || !strings.Contains(errors, command+" has lab-10") {
					t.Errorf("%s --preset %s: exit code %d, %q", command, p.name, code, errors)
				}
				continue
			}
			if code, out, errors := call(t, command, "--preset", p.name, "--width", "0"); code != 2 || !strings.Contains(errors, "width") {
				t.Errorf("%s --preset %s does not parse: %d %s%s", command, p.name, code, out, errors)
			}
			if _, help, _ := call(t, command, "--help"); !strings.Contains(help, p.name+": ") {
				t.Errorf("%s --help does not tell of %s", command, p.name)
			}
		}
	}
}

// TestFlagsKnowTheCheckpoint checks what depends on the network of a checkpoint,
// which need not be like that of the flags' defaults.
func TestFlagsKnowTheCheckpoint(t *testing.T) {
	dir := t.TempDir()
	pretext := filepath.Join(dir, "pretext")
	mustCall(t, "pretrain", "--blocks", "1,1,1,1", "--width", "2", "--epochs", "1", "--limit", "40", "--batch", "32", "--out", pretext)
	from := filepath.Join(pretext, "last.safetensors")
	tests := []struct {
		args  string
		check func(run.Config) bool
	}{
		{"--first-stage 5", func(c run.Config) bool { return c.FirstStage == 5 }},
		{"--first-stage -1", func(c run.Config) bool { return c.FirstStage == 5 }},
		{"--preset lab-10 --epochs 1", func(c run.Config) bool { return c.FirstStage == 5 && c.LearningRate == 0.01 }},
		{"--central-crop 28", func(c run.Config) bool { return c.CentralCrop == 28 && c.PadCrop == 0 }},
		{"--probe linear", func(c run.Config) bool { return c.CentralCrop == 28 }},
	}
	for i, tt := range tests {
		out := filepath.Join(dir, "run", string(rune('a'+i)))
		mustCall(t, append([]string{"finetune", "--from", from, "--labels-per-class", "2", "--epochs", "1", "--out", out}, strings.Fields(tt.args)...)...)
		if c := settingsOf(t, out).Config; !tt.check(c) {
			t.Errorf("%s gives %+v", tt.args, c)
		}
	}
	out := filepath.Join(dir, "small")
	mustCall(t, "finetune", "--preset", "lab-10", "--from", "random-frozen", "--depth", "8", "--width", "2", "--labels-per-class", "2", "--epochs", "1", "--out", out)
	if c := settingsOf(t, out).Config; c.FirstStage != 4 {
		t.Errorf("a preset freezes below stage %d of three", c.FirstStage)
	}
}

// TestOtherTestPictures validates with pictures that --data does not have.
func TestOtherTestPictures(t *testing.T) {
	dir := t.TempDir()
	sheets, err := assets.Pictures("photographs")
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, p *dataset.Pictures) string {
		file, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if err := dataset.WriteCIFAR10(file, p); err != nil {
			t.Fatal(err)
		}
		return file.Name()
	}
	learn, test := write("cifar-10-learn.bin", sheets.Set.Train.Subset([]int{0, 1, 2, 300, 301, 302})), write("cifar-10-held.bin", sheets.Set.Test.Subset([]int{0, 40, 90}))
	out := filepath.Join(dir, "run")
	code, _, said := call(t, "finetune", "--blocks", "1", "--width", "4", "--epochs", "1", "--batch", "3", "--data", learn, "--test", test, "--out", out)
	if code != 0 || !strings.Contains(said, "4 pictures to learn from, 2 to validate with, 3 for the test") {
		t.Errorf("exit code %d, said %q", code, said)
	}
	if got := settingsOf(t, out); got.Test != test {
		t.Errorf("settings have the test pictures %q", got.Test)
	}
	code, _, said = call(t, "finetune", "--data", learn, "--test", "photographs", "--out", filepath.Join(dir, "other"))
	if code != 1 || !strings.Contains(said, "are not those of --data") {
		t.Errorf("other classes: exit code %d, said %q", code, said)
	}
	if code, _, said = call(t, "eval", "--model", filepath.Join(out, "last.safetensors"), "--data", learn, "--test", filepath.Join(dir, "none")); code != 1 || !strings.Contains(said, "--test") {
		t.Errorf("no such file: exit code %d, said %q", code, said)
	}
}
