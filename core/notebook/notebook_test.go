package notebook

import (
	"slices"
	"strings"
	"testing"

	"quarterturn/core/exam"
	"quarterturn/core/run"
	"quarterturn/core/verdict"
)

// TestArmsAreValid: each arm of a network is a configuration that can be run, and is known
// again by it as far as it can be told.
func TestArmsAreValid(t *testing.T) {
	base := run.Default(run.Transfer)
	for _, a := range Arms(base.Network) {
		c := a.Config(base)
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", a, err)
		}
		if a.stage(probePrefix) == 0 && ArmOf(c) != a {
			t.Errorf("%s is known as %s", a, ArmOf(c))
		}
		if a.Title() == string(a) || a.InWords() == Pretext.InWords() {
			t.Errorf("%s has no name", a)
		}
		if a.UsesModel() != (c.Task == run.Transfer) {
			t.Errorf("%s uses a model: %v, its task is %s", a, a.UsesModel(), c.Task)
		}
	}
	if got := ArmOf(run.Default(run.Pretext)); got != Pretext {
		t.Errorf("a pretext run is %s", got)
	}
}

func TestPlanHasPairsEarly(t *testing.T) {
	e := Experiment{ID: 3, Arms: []Arm{Transfer, Scratch}, Labels: []int{2, 0}, Seeds: 2}
	runs, err := e.Plan(run.Default(run.Transfer), func(labels int) int {
		if labels == 0 {
			return 400
		}
		return 10 * labels
	})
	if err != nil || len(runs) != 8 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	var order []string
	for _, r := range runs {
		order = append(order, string(r.Arm)[:1]+string(rune('0'+r.Config.LabelsPerClass))+string(rune('0'+r.Config.Seed)))
	}
	if want := strings.Fields("t21 s21 t22 s22 t01 s01 t02 s02"); !slices.Equal(order, want) {
		t.Errorf("in the order %v, want %v", order, want)
	}
	// 20 epochs of 100 pictures in batches of 32 are 60 steps.
	if few, many := runs[0].Config.Epochs, runs[4].Config.Epochs; few != 60 || many != run.FewestEpochs {
		t.Errorf("%d epochs of few labels and %d of all", few, many)
	}
}

func TestPlanRefuses(t *testing.T) {
	for want, e := range map[string]Experiment{
		"0 seeds":          {Arms: []Arm{Scratch}, Labels: []int{0}},
		"at least one arm": {Labels: []int{0}, Seeds: 1},
	} {
		if _, err := e.Plan(run.Default(run.Transfer), func(int) int { return 10 }); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestChanges(t *testing.T) {
	c := run.Default(run.Transfer)
	a := &Run{Arm: Transfer, Config: c, Pictures: Source{"photographs", "1"}, From: Source{"small", "x"}}
	more := c
	more.LabelsPerClass, more.Seed = 0, 2
	for _, tt := range []struct {
		after *Run
		want  []string
	}{
		{&Run{Arm: Transfer, Config: c, Pictures: a.Pictures, From: a.From}, nil},
		{&Run{Arm: Transfer, Config: more, Pictures: a.Pictures, From: a.From}, []string{"labels per class 10 → all", "seed 1 → 2"}},
		{&Run{Arm: Scratch, Config: Scratch.Config(c), Pictures: a.Pictures}, []string{"Transfer → From scratch"}},
		{&Run{Arm: Transfer, Config: c, Pictures: Source{"photographs", "2"}, From: Source{"strong", "y"}}, []string{"other pictures", "network to start from small → strong"}},
		{&Run{Arm: Transfer, Config: c, Pictures: Source{Name: "photographs"}, From: a.From}, nil}, // Not begun yet.
	} {
		if got := Changes(a, tt.after); !slices.Equal(got, tt.want) {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

// TestDecidedIsStricter: a difference that is just no chance is not decided for somebody
// who may look three times.
func TestDecidedIsStricter(t *testing.T) {
	e := Experiment{ID: 1, Arms: []Arm{Transfer, Scratch}, Labels: []int{5}, Seeds: 5}
	made := func(rights [][2]int) (runs []*Run) {
		for i, r := range rights {
			for k, arm := range e.Arms {
				a := &exam.Answers{Classes: []string{"a", "b"}, Turns: 1, Labels: make([]int32, 60), Guesses: make([]int32, 60)}
				for n := r[k]; n < 60; n++ {
					a.Guesses[n] = 1
				}
				c := run.Default(run.Transfer)
				c.LabelsPerClass, c.Seed = 5, uint64(i+1)
				runs = append(runs, &Run{Experiment: 1, Arm: arm, Config: c, Phase: run.Finished, Answers: a})
			}
		}
		return runs
	}
	clear := made([][2]int{{50, 20}, {51, 20}, {50, 21}})
	if table := e.Table(clear); !e.IsDecided(table) {
		t.Errorf("half of the pictures apart is not decided: %s", e.Findings(table)[0].Verdict())
	}
	e.Labels = []int{5, 10}
	if e.IsDecided(e.Table(clear)) {
		t.Error("decided before the second budget")
	}
	e.Labels = []int{5}
	near := e.Table(made([][2]int{{25, 20}, {25, 20}, {25, 20}}))
	c := e.Findings(near)[0]
	if e.IsDecided(near) || !c.IsClear() {
		t.Errorf("decided: %v, clear %v: %s", e.IsDecided(near), c.IsClear(), c.Verdict())
	}
}

// TestVerdictSpeaksOfArms: what is a name in files is words in a sentence, and the others
// are called as the terminal calls them.
func TestVerdictSpeaksOfArms(t *testing.T) {
	c := verdict.Comparison{A: string(Transfer), B: string(RandomFeatures), Labels: 5, Seeds: 1}
	if got := (Experiment{}).Verdict(c); !strings.Contains(got, "transfer and random features came out the same") {
		t.Errorf("it says %q", got)
	}
	c.B = string(Scratch)
	if got := (Experiment{}).Verdict(c); got != c.Verdict() {
		t.Errorf("it says %q, the terminal %q", got, c.Verdict())
	}
}
