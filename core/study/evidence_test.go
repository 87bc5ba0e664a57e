package study

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"quarterturn/core/durable"
	"quarterturn/core/exam"
	"quarterturn/core/measure"
	"quarterturn/core/run"
	"quarterturn/core/runs"
	"quarterturn/core/verdict"
)

// A fakeRun is what a run's folder holds, as far as a report looks at it.
type fakeRun struct {
	folder string
	change func(*runs.Spec) // Nil for a run from scratch of 2 epochs with seed 1.
	epochs int              // Evaluated; 0 is all.
	right  int              // Of 100, in the end.
}

// make writes the folder.
func (f fakeRun) make(t *testing.T, root string) string {
	t.Helper()
	s := runs.Spec{Config: run.Default(run.Scratch), Data: "pictures", Keeping: runs.DefaultKeeping(), Backend: "engine", Command: []string{"finetune", "--out", "a b"}}
	s.Config.Epochs = 2
	if f.change != nil {
		f.change(&s)
	}
	config, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if f.epochs == 0 {
		f.epochs = s.Config.Epochs
	}
	var metrics strings.Builder
	for epoch := range f.epochs + 1 {
		fmt.Fprintf(&metrics, `{"epoch":%d,"step":%d,"loss":2,"accuracy":%v,"examples":100}`+"\n", epoch, 3*epoch, float64(f.right)/100)
	}
	confusion, err := measure.EncodeConfusion(&exam.Confusion{Classes: []string{"cat", "dog"}, Counts: [][]int{{f.right, 100 - f.right}, {0, 0}}})
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(root, f.folder)
	writeFiles(t, folder, map[string]string{runs.SpecFile: string(config), "metrics.jsonl": metrics.String(), runs.ConfusionFile: string(confusion)})
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

func withSeed(seed uint64, labels int, more ...func(*runs.Spec)) func(*runs.Spec) {
	return func(s *runs.Spec) {
		s.Config.Seed, s.Config.LabelsPerClass = seed, labels
		for _, f := range more {
			f(s)
		}
	}
}

func transferred(s *runs.Spec) {
	s.From, s.Config.Task = "elsewhere/pretext/best.safetensors", run.Transfer
}

// TestRunsAreGrouped: runs that finetune made one by one become arms and
// budgets, what is of no use is said, and the page has it all.
func TestRunsAreGrouped(t *testing.T) {
	root := t.TempDir()
	var folders []string
	for _, f := range []fakeRun{
		{"s1", withSeed(1, 20), 0, 40}, {"s2", withSeed(2, 20), 0, 42}, {"s3", withSeed(3, 20), 0, 41},
		{"t1", withSeed(1, 20, transferred), 0, 60}, {"t2", withSeed(2, 20, transferred), 0, 63}, {"t3", withSeed(3, 20, transferred), 0, 61},
		{"frozen", withSeed(1, 20, func(s *runs.Spec) { s.Config.FirstStage = 4 }), 0, 30},
		{"longer", withSeed(1, 0, func(s *runs.Spec) { s.Config.Epochs, s.Config.EvaluateEvery = 5, 2 }), 0, 70}, // The same arm with more labels.
		{"again", withSeed(1, 20), 0, 40},
		{"halfway", withSeed(4, 20), 1, 41},
		{"turns", func(s *runs.Spec) { s.Config = run.Default(run.Pretext) }, 4, 77},
	} {
		folders = append(folders, f.make(t, root))
	}
	damaged := fakeRun{"damaged", withSeed(5, 20), 0, 41}.make(t, root)
	writeFiles(t, damaged, map[string]string{"metrics.jsonl": `{"epoch":0,"accuracy":7}`})
	mixed := fakeRun{"mixed", withSeed(6, 20), 0, 39}.make(t, root)
	writeFiles(t, mixed, map[string]string{runs.ConfusionFile: `{"classes":["cat","dog"],"counts":[[1,2],[3,4]]}`})
	e := Collect(durable.Disk{}, append([]string{damaged, mixed, filepath.Join(root, "nothing")}, folders...))
	table := e.Table()
	for _, want := range []struct{ arm, cell string }{{"transfer", "61.3 % (57.5 to 65.1, n = 3)"}, {"scratch", "40.5 % (38.4 to 42.6, n = 4)"}} {
		if got := table.Cell(want.arm, 20).String(); got != want.cell {
			t.Errorf("%s has %s, want %s", want.arm, got, want.cell)
		}
	}
	if got := table.Cell("scratch", 0).String(); got != "70.0 % (60.4 to 78.1, n = 1)" {
		t.Errorf("scratch with all labels has %s", got)
	}
	said := "With 20 labels a class transfer was 20.3 points better than scratch (95 % interval 18.9 to 21.8 over seeds alone, 3 seeds, p = 0.00027): not chance."
	if !slices.ContainsFunc(e.Findings(table), func(c verdict.Comparison) bool { return c.Verdict() == said }) {
		t.Errorf("the findings are %+v, want %s", e.Findings(table), said)
	}
	notes := strings.Join(e.Notes, "\n")
	for _, want := range []string{
		"again has the settings of ", "halfway is not finished: it is at epoch 1 of 2", "turns is not finished: it is at epoch 4 of 10", "damaged: metrics.jsonl, line 1",
		"nothing has no run in it", "confusion.json of " + mixed + " is left out: it counts 5 of 10 as right, the last evaluation 39 of 100",
	} {
		if !strings.Contains(notes, want) {
			t.Errorf("%q is not said:\n%s", want, notes)
		}
	}
	if len(e.Pretext) != 1 || len(e.Groups) != 3 || e.Groups[0].Kind() != verdict.Pretrained {
		t.Errorf("%d pretext runs, %d groups", len(e.Pretext), len(e.Groups))
	}
}

// TestGroupsAreToldApart: arms of one name get what they differ by.
func TestGroupsAreToldApart(t *testing.T) {
	root := t.TempDir()
	var folders []string
	for i, change := range []func(*runs.Spec){
		transferred,
		func(s *runs.Spec) { transferred(s); s.From, s.Start = "elsewhere/crop/best.safetensors", "ab" },
		func(s *runs.Spec) { transferred(s); s.From, s.Start, s.Config.Seed = "here/best.safetensors", "ab", 2 }, // The same.
		func(s *runs.Spec) { s.Config.LearningRate = 0.5 },
		func(*runs.Spec) {},
		func(s *runs.Spec) { s.Config.Epochs = 9 }, // As the one before, of the same budget and seed.
		func(s *runs.Spec) { s.Config.PadCrop = 1 },
	} {
		folders = append(folders, fakeRun{fmt.Sprint("r", i), change, 0, 50}.make(t, root))
	}
	table := Collect(durable.Disk{}, folders).Table()
	want := "transfer (from pretext/best.safetensors)|transfer (from crop/best.safetensors)|" +
		"scratch (epochs 2, learning rate 0.5, padded crop 4)|scratch (epochs 2, learning rate 0.05, padded crop 4)|" +
		"scratch (epochs 9, learning rate 0.05, padded crop 4)|scratch (epochs 2, learning rate 0.05, padded crop 1)"
	if got := strings.Join(table.Arms, "|"); got != want {
		t.Errorf("the arms are\n%s, want\n%s", got, want)
	}
}

// TestLikeIsComparedWithLike: runs on other pictures are left out, and said.
func TestLikeIsComparedWithLike(t *testing.T) {
	root := t.TempDir()
	a, b := fakeRun{"a", withSeed(1, 5), 0, 50}.make(t, root), fakeRun{"b", withSeed(2, 5), 0, 51}.make(t, root)
	other := fakeRun{"other", withSeed(3, 5), 0, 52}.make(t, root)
	writeFiles(t, other, map[string]string{runs.ConfusionFile: `{"classes":["a","b","c"],"counts":[[52,48,0],[0,0,0],[0,0,0]]}`})
	e := Collect(durable.Disk{}, []string{a, b, other})
	if notes := strings.Join(e.Notes, "\n"); len(e.Records) != 2 || !strings.Contains(notes, "other was measured on 100 test pictures of 3 classes, the others on 100 test pictures of 2 classes") {
		t.Errorf("%d runs are compared, it says %s", len(e.Records), notes)
	}
}

// TestDataIsToldApart: as many pictures of classes of the same names need not be
// the same, and others among those learnt from make no repetition.
func TestDataIsToldApart(t *testing.T) {
	root := t.TempDir()
	of := func(all, test string) func(*runs.Spec) {
		return func(s *runs.Spec) { s.Pictures, s.TestPictures = all, test }
	}
	var folders []string
	for _, f := range []fakeRun{
		{"older", withSeed(1, 5), 0, 49}, // Its pictures are not known.
		{"a", withSeed(2, 5, of("1", "t")), 0, 50}, {"b", withSeed(3, 5, of("1", "t")), 0, 51},
		{"other", withSeed(4, 5, of("2", "u")), 0, 52},
		{"more", withSeed(2, 5, of("3", "t")), 0, 53},
		{"larger", withSeed(5, 5, of("4", "v"), func(s *runs.Spec) { s.Config.Side = 96 }), 0, 54},
	} {
		folders = append(folders, f.make(t, root))
	}
	classes := fakeRun{"classes", withSeed(6, 5), 0, 55}.make(t, root)
	writeFiles(t, classes, map[string]string{runs.ConfusionFile: `{"classes":["bat","dog"],"counts":[[55,45],[0,0]]}`})
	e := Collect(durable.Disk{}, append(folders, classes))
	if got := e.Table().Cells; len(got) != 2 || len(got[0].Each) != 3 || len(got[1].Each) != 1 {
		t.Errorf("the cells are %+v", got)
	}
	said := strings.Join(e.Notes, "\n")
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

// TestCollectFromADamagedStudy: a file in the place of a folder costs what would be
// in it, not the report.
func TestCollectFromADamagedStudy(t *testing.T) {
	root := t.TempDir()
	fakeRun{"e/runs/s1", withSeed(1, 5), 0, 50}.make(t, root)
	writeFiles(t, filepath.Join(root, "e"), map[string]string{PlanFile: "{}", startsFolder: ""})
	writeFiles(t, filepath.Join(root, "f"), map[string]string{PlanFile: "{}", "runs": ""})
	e := Collect(durable.Disk{}, []string{filepath.Join(root, "e"), filepath.Join(root, "f")})
	if len(e.Records) != 1 {
		t.Errorf("%d runs were found, want 1", len(e.Records))
	}
	said := strings.Join(e.Notes, "\n")
	for _, path := range []string{filepath.Join(root, "e", startsFolder), filepath.Join(root, "f", "runs")} {
		if !strings.Contains(said, "left out: ") || !strings.Contains(said, path) {
			t.Errorf("nothing is said of %s: %s", path, said)
		}
	}
}
