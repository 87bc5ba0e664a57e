//go:build !js

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quarterturn/core/durable"
	"quarterturn/core/measure"
	"quarterturn/core/run"
	"quarterturn/core/study"
)

// A fakeRun is what a run's folder holds, as far as a report looks at it.
type fakeRun struct {
	folder string
	change func(*settings) // Nil for a run from scratch of 2 epochs with seed 1.
	epochs int             // Evaluated; 0 is all.
	right  int             // Of 100, in the end.
}

// make writes the folder.
func (f fakeRun) make(t *testing.T, root string) string {
	t.Helper()
	s := settings{Config: run.Default(run.Scratch), Data: "pictures", OnNaN: onNaNStop, Backend: "engine", Command: []string{"finetune", "--out", "a b"}}
	s.Config.Epochs = 2
	if f.change != nil {
		f.change(&s)
	}
	config, err := s.encode()
	if err != nil {
		t.Fatal(err)
	}
	if f.epochs == 0 {
		f.epochs = s.Config.Epochs
	}
	var metrics strings.Builder
	for epoch := range f.epochs + 1 {
		line, err := json.Marshal(metricsLine{Epoch: epoch, Step: 3 * epoch, Loss: 2, Accuracy: float64(f.right) / 100, Examples: 100})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&metrics, "%s\n", line)
	}
	confusion, err := (&measure.Confusion{Classes: []string{"cat", "dog"}, Counts: [][]int{{f.right, 100 - f.right}, {0, 0}}}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(root, f.folder)
	writeFiles(t, folder, map[string]string{configFile: string(config), "metrics.jsonl": metrics.String(), confusionFile: string(confusion)})
	return folder
}

func writeFiles(t *testing.T, folder string, files map[string]string) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func withSeed(seed uint64, labels int, more ...func(*settings)) func(*settings) {
	return func(s *settings) {
		s.Config.Seed, s.Config.LabelsPerClass = seed, labels
		for _, f := range more {
			f(s)
		}
	}
}

func transferred(s *settings) {
	s.From, s.Config.Task = "elsewhere/pretext/best.safetensors", run.Transfer
}

// TestReportGroupsRuns: runs that finetune made one by one become arms and
// budgets, what is of no use is said, and the page has it all.
func TestReportGroupsRuns(t *testing.T) {
	root := t.TempDir()
	var folders []string
	for _, f := range []fakeRun{
		{"s1", withSeed(1, 20), 0, 40}, {"s2", withSeed(2, 20), 0, 42}, {"s3", withSeed(3, 20), 0, 41},
		{"t1", withSeed(1, 20, transferred), 0, 60}, {"t2", withSeed(2, 20, transferred), 0, 63}, {"t3", withSeed(3, 20, transferred), 0, 61},
		{"frozen", withSeed(1, 20, func(s *settings) { s.Config.FirstStage = 4 }), 0, 30},
		{"longer", withSeed(1, 0, func(s *settings) { s.Config.Epochs, s.Config.EvaluateEvery = 5, 2 }), 0, 70}, // The same arm with more labels.
		{"again", withSeed(1, 20), 0, 40},
		{"halfway", withSeed(4, 20), 1, 41},
		{"turns", func(s *settings) { s.Config = run.Default(run.Pretext) }, 4, 77},
	} {
		folders = append(folders, f.make(t, root))
	}
	damaged := fakeRun{"damaged", withSeed(5, 20), 0, 41}.make(t, root)
	writeFiles(t, damaged, map[string]string{"metrics.jsonl": `{"epoch":0,"accuracy":7}`})
	mixed := fakeRun{"mixed", withSeed(6, 20), 0, 39}.make(t, root)
	writeFiles(t, mixed, map[string]string{confusionFile: `{"classes":["cat","dog"],"counts":[[1,2],[3,4]]}`})
	page := filepath.Join(root, "r.html")
	code, out, said := call(t, append([]string{"report", "--out", page, damaged, mixed, filepath.Join(root, "nothing")}, folders...)...)
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, said)
	}
	for _, want := range []string{
		"labels a class  transfer", "61.3 % (57.5 to 65.1, n = 3)", "40.5 % (38.4 to 42.6, n = 4)", "70.0 % (60.4 to 78.1, n = 1)",
		"With 20 labels a class transfer was 20.3 points better than scratch (95 % interval 18.9 to 21.8, 3 seeds, p = 0.00027): not chance.",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it printed\n%swant %q", out, want)
		}
	}
	html := string(mustRead(t, page))
	for _, want := range []string{
		"again has the settings of ", "halfway is not finished: it is at epoch 1 of 2", "turns is not finished: it is at epoch 4 of 10", "damaged: metrics.jsonl, line 1",
		"nothing has no run in it", "confusion.json of " + mixed + " is left out: it counts 5 of 10 as right, the last evaluation 39 of 100",
	} {
		if !strings.Contains(said, want) || !strings.Contains(html, want) {
			t.Errorf("%q is not said, or not in the page:\n%s", want, said)
		}
	}
	for _, want := range []string{"Guessing turns", "quarterturn finetune --out &#39;a b&#39;", "random-frozen", "elsewhere/pretext/best.safetensors"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page has no %q", want)
		}
	}
}

// TestReportTellsArmsApart: arms of one name get what they differ by.
func TestReportTellsArmsApart(t *testing.T) {
	root := t.TempDir()
	var folders []string
	for i, change := range []func(*settings){
		transferred,
		func(s *settings) { transferred(s); s.From, s.Start = "elsewhere/crop/best.safetensors", "ab" },
		func(s *settings) { transferred(s); s.From, s.Start, s.Config.Seed = "here/best.safetensors", "ab", 2 }, // The same.
		func(s *settings) { s.Config.LearningRate = 0.5 },
		func(*settings) {},
		func(s *settings) { s.Config.Epochs = 9 }, // As the one before, of the same budget and seed.
		func(s *settings) { s.Config.PadCrop = 1 },
	} {
		folders = append(folders, fakeRun{fmt.Sprint("r", i), change, 0, 50}.make(t, root))
	}
	_, out, said := call(t, append([]string{"report", "--json", "--out", filepath.Join(root, "r.html")}, folders...)...)
	var table study.Table
	if err := json.Unmarshal([]byte(out), &table); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	want := "transfer (from pretext/best.safetensors)|transfer (from crop/best.safetensors)|" +
		"scratch (epochs 2, learning rate 0.5, pad crop 4)|scratch (epochs 2, learning rate 0.05, pad crop 4)|" +
		"scratch (epochs 9, learning rate 0.05, pad crop 4)|scratch (epochs 2, learning rate 0.05, pad crop 1)"
	if got := strings.Join(table.Arms, "|"); got != want {
		t.Errorf("the arms are\n%s, want\n%s", got, want)
	}
}

// TestReportComparesLikeWithLike: runs on other pictures are left out, and said.
func TestReportComparesLikeWithLike(t *testing.T) {
	root := t.TempDir()
	a, b := fakeRun{"a", withSeed(1, 5), 0, 50}.make(t, root), fakeRun{"b", withSeed(2, 5), 0, 51}.make(t, root)
	other := fakeRun{"other", withSeed(3, 5), 0, 52}.make(t, root)
	writeFiles(t, other, map[string]string{confusionFile: `{"classes":["a","b","c"],"counts":[[52,48,0],[0,0,0],[0,0,0]]}`})
	code, out, said := call(t, "report", a, b, other, "--out", filepath.Join(root, "r.html"))
	if code != 0 || !strings.Contains(out, "n = 2") || !strings.Contains(said, "other was measured on 100 test pictures of 3 classes, the others on 100 test pictures of 2 classes") {
		t.Errorf("exit code %d, it printed %s and %s", code, out, said)
	}
}

// TestReportTellsDataApart: as many pictures of classes of the same names need not be
// the same, and others among those learnt from make no repetition.
func TestReportTellsDataApart(t *testing.T) {
	root := t.TempDir()
	of := func(all, test string) func(*settings) {
		return func(s *settings) { s.Pictures, s.TestPictures = all, test }
	}
	var folders []string
	for _, f := range []fakeRun{
		{"older", withSeed(1, 5), 0, 49}, // Its pictures are not known.
		{"a", withSeed(2, 5, of("1", "t")), 0, 50}, {"b", withSeed(3, 5, of("1", "t")), 0, 51},
		{"other", withSeed(4, 5, of("2", "u")), 0, 52},
		{"more", withSeed(2, 5, of("3", "t")), 0, 53},
		{"larger", withSeed(5, 5, of("4", "v"), func(s *settings) { s.Config.Side = 96 }), 0, 54},
	} {
		folders = append(folders, f.make(t, root))
	}
	classes := fakeRun{"classes", withSeed(6, 5), 0, 55}.make(t, root)
	writeFiles(t, classes, map[string]string{confusionFile: `{"classes":["bat","dog"],"counts":[[55,45],[0,0]]}`})
	code, out, said := call(t, append(append([]string{"report"}, folders...), classes, "--out", filepath.Join(root, "r.html"))...)
	if code != 0 || !strings.Contains(out, "n = 3") || !strings.Contains(out, "54.0 % ") {
		t.Errorf("exit code %d, it printed %s", code, out)
	}
	for _, want := range []string{
		"other was measured on 100 test pictures of 2 classes too, but on other ones than the others: make",
		"classes was measured on 100 test pictures of 2 classes too, but of other classes than the others: make",
		"more has the settings of " + filepath.Join(root, "a") + ", but other pictures: make",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("it said\n%swant %q", said, want)
		}
	}
}

// TestReportOfADamagedComparison: a file in the place of a folder costs what would be
// in it, not the report.
func TestReportOfADamagedComparison(t *testing.T) {
	root := t.TempDir()
	fakeRun{"e/runs/s1", withSeed(1, 5), 0, 50}.make(t, root)
	writeFiles(t, filepath.Join(root, "e"), map[string]string{experimentFile: "{}", startsFolder: ""})
	writeFiles(t, filepath.Join(root, "f"), map[string]string{experimentFile: "{}", "runs": ""})
	code, out, said := call(t, "report", filepath.Join(root, "e"), filepath.Join(root, "f"), "--out", filepath.Join(root, "r.html"))
	if code != 0 || !strings.Contains(out, "n = 1") {
		t.Errorf("exit code %d, it printed %s and %s", code, out, said)
	}
	for _, path := range []string{filepath.Join(root, "e", startsFolder), filepath.Join(root, "f", "runs")} {
		if !strings.Contains(said, "left out: ") || !strings.Contains(said, path) {
			t.Errorf("nothing is said of %s: %s", path, said)
		}
	}
}

func TestFactsSayHowPicturesAreVaried(t *testing.T) {
	c := run.Config{CentralCrop: 28, OneTurn: true, StageDecay: 0.5}
	if got := variation(c); !strings.Contains(got, "central crop 28") || !strings.Contains(got, "one turn") {
		t.Errorf("variation: %s", got)
	}
	if got := trainedParts(c); !strings.Contains(got, "0.5 times") {
		t.Errorf("trains: %s", got)
	}
}

func TestReportMistakes(t *testing.T) {
	if code, _, said := call(t, "report"); code != 2 || !strings.Contains(said, "name the folders") {
		t.Errorf("exit code %d, %q", code, said)
	}
	page := filepath.Join(t.TempDir(), "r.html")
	if code, _, said := call(t, "report", t.TempDir(), "--out", page); code != 1 || !strings.Contains(said, "there is no run to report on") {
		t.Errorf("exit code %d, %q", code, said)
	}
	if _, err := os.Stat(page); !os.IsNotExist(err) {
		t.Errorf("there is a report of nothing (%v)", err)
	}
}

func FuzzReadMetrics(f *testing.F) {
	f.Add([]byte(`{"epoch":0,"step":0,"train_loss":0,"train_accuracy":0,"loss":1.5,"accuracy":0.5,"examples":10,"seconds":1}` + "\n"))
	f.Add([]byte("{\"epoch\":0}\n{\"epoch\":1}\n{\"epoch\":1}"))
	f.Add([]byte(`{"epoch":1e9}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		history, err := readMetrics(b)
		if err != nil {
			return
		}
		for _, e := range history {
			if right := rightOf(e); right < 0 || right > e.Examples {
				t.Errorf("%+v has %d right", e, right)
			}
		}
	})
}

// TestRecordsOfWhatIsThere: the files that finetune leaves are read back.
func TestRecordsOfWhatIsThere(t *testing.T) {
	out := filepath.Join(t.TempDir(), "run")
	mustCall(t, "finetune", "--data", tinyPictures(t), "--side", "8", "--blocks", "1", "--width", "2", "--batch", "8", "--epochs", "2", "--pad-crop", "1", "--out", out)
	r, err := readRunRecord(durable.Disk{}, out)
	if err != nil || !r.finished || len(r.history) != 3 || r.confusion == nil || len(r.notes) > 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	if s := r.settings; len(s.Pictures) != 64 || len(s.TestPictures) != 64 || s.Pictures == s.TestPictures {
		t.Errorf("the fingerprints of all and of the test pictures are %q and %q", s.Pictures, s.TestPictures)
	}
	if right, all := r.confusion.Right(); all != 8 || right != rightOf(r.last()) {
		t.Errorf("the confusion matrix has %d of %d right, the last evaluation is %+v", right, all, r.last())
	}
}
