package verdict

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"quarterturn/core/exam"
)

// results makes one for each accuracy in hundredths, of 1,000 pictures, with
// seeds from 1.
func results(arm string, labels int, hundredths ...int) (all []Result) {
	for i, h := range hundredths {
		all = append(all, Result{Arm: arm, Labels: labels, Seed: uint64(i + 1), Right: 10 * h, Examples: 1000})
	}
	return all
}

func TestSummarize(t *testing.T) {
	all := slices.Concat(
		results("scratch", 0, 80, 82), results("transfer", 0, 81, 82),
		results("transfer", 20, 63, 64, 65), results("scratch", 20, 50, 48, 49, 99), results("random", 20, 30),
	)
	all = append(all, Result{Arm: "random", Labels: 20, Seed: 1, Right: 0, Examples: 1000}) // A repetition.
	table := Summarize([]string{"transfer", "scratch", "random"}, all)
	if !slices.Equal(table.Labels, []int{20, 0}) || len(table.Cells) != 5 || len(table.Comparisons) != 4 {
		t.Fatalf("budgets %v, %d cells, %d comparisons", table.Labels, len(table.Cells), len(table.Comparisons))
	}
	transfer, random := table.Cell("transfer", 20), table.Cell("random", 20)
	if math.Abs(transfer.Accuracy.Value-0.64) > 1e-9 || math.Abs(transfer.Accuracy.High-0.64-0.01*4.3027/math.Sqrt(3)) > 1e-6 || transfer.Over != OverSeeds {
		t.Errorf("transfer: %+v", transfer)
	}
	if random.Over != OverPictures || math.Abs(random.Accuracy.Value-0.3) > 1e-9 || random.Accuracy.Low < 0.27 || random.Accuracy.High > 0.33 {
		t.Errorf("one seed: %+v, want Wilson's interval of 300 of 1,000", random)
	}
	// 480 of 1,000 is the closest to a half, where Wilson's interval is widest.
	if spread := table.PictureSpread(); math.Abs(spread-0.0309) > 1e-4 {
		t.Errorf("the choice of the pictures is said to be worth %v", spread)
	}
	if table.Cell("random", 0) != nil {
		t.Error("there is a cell without results")
	}
	// Pairs are of the three seeds that both have: 13, 16 and 16 points.
	c := table.Comparisons[0]
	if c.A != "transfer" || c.B != "scratch" || c.Seeds != 3 || math.Abs(c.Difference.Value-0.15) > 1e-9 || c.P == nil || !c.IsClear() {
		t.Errorf("%+v", c)
	}
	if c := table.Comparisons[1]; c.Seeds != 1 || c.P != nil || c.Over != OverPictures {
		t.Errorf("one seed: %+v", c)
	}
}

func TestCompareBudgets(t *testing.T) {
	labels := []int{0, 100, 1, 20, 2}
	if slices.SortFunc(labels, CompareBudgets); !slices.Equal(labels, []int{1, 2, 20, 100, 0}) {
		t.Errorf("%v", labels)
	}
}

func TestVerdicts(t *testing.T) {
	kind := func(arm string) Kind {
		switch {
		case strings.HasPrefix(arm, "transfer"):
			return Pretrained
		case arm == "random-frozen":
			return Frozen
		}
		return Fresh
	}
	tests := []struct {
		name    string
		arms    []string
		results []Result
		want    []string
	}{
		{"clear, and no more said of what learnt nothing", []string{"transfer", "scratch", "random-frozen"},
			slices.Concat(results("transfer", 20, 63, 64, 65), results("scratch", 20, 50, 48, 49), results("random-frozen", 20, 30, 30, 31)),
			[]string{"With 20 labels a class transfer was 15.0 points better than scratch (95 % interval 10.7 to 19.3 over seeds alone, 3 seeds, p = 0.0044): not chance."}},
		{"the other way round", []string{"scratch", "transfer"},
			slices.Concat(results("transfer", 0, 49, 48, 50), results("scratch", 0, 64, 63, 66)),
			[]string{"With all labels transfer was 15.3 points worse than scratch (95 % interval 13.9 to 16.8 over seeds alone, 3 seeds, p = 0.00047): not chance."}},
		{"perhaps chance", []string{"transfer", "scratch"},
			slices.Concat(results("transfer", 1, 60, 50, 40, 55, 45), results("scratch", 1, 45, 55, 42, 48, 50)),
			[]string{"With 1 label a class transfer was 2.0 points better than scratch (95 % interval -8.9 to 12.9 over seeds alone, 5 seeds, p = 0.64): this may be chance, and is at most 10.4 points either way."}},
		{"one seed, clear of the pictures", []string{"transfer", "scratch"},
			slices.Concat(results("transfer", 5, 60), results("scratch", 5, 40)),
			[]string{"With 5 labels a class transfer was 20.0 points better than scratch (95 % interval 15.7 to 24.2 over the test pictures, one seed): more than the choice of the test pictures explains, but another seed may come out otherwise: only more seeds tell."}},
		{"one seed, nothing", []string{"transfer", "scratch"},
			slices.Concat(results("transfer", 5, 41), results("scratch", 5, 40)),
			[]string{"With 5 labels a class transfer was 1.0 points better than scratch (95 % interval -3.3 to 5.3 over the test pictures, one seed): this may be chance, already by the choice of the test pictures."}},
		{"equal", []string{"transfer-a", "transfer-b"},
			slices.Concat(results("transfer-a", 5, 41, 42), results("transfer-b", 5, 41, 42)),
			[]string{"With 5 labels a class transfer-a and transfer-b came out the same (the same difference with each of 2 seeds, which leaves nothing to test): this may be chance; more seeds would tell."}},
		{"two seeds of the same difference", []string{"transfer", "scratch"},
			slices.Concat(results("transfer", 5, 41, 42), results("scratch", 5, 31, 32)),
			[]string{"With 5 labels a class transfer was 10.0 points better than scratch (the same difference with each of 2 seeds, which leaves nothing to test): this may be chance; more seeds would tell."}},
		{"two seeds that agree all but", []string{"transfer", "scratch"},
			[]Result{{Arm: "transfer", Labels: 5, Seed: 1, Right: 500, Examples: 1000}, {Arm: "transfer", Labels: 5, Seed: 2, Right: 501, Examples: 1000}, {Arm: "scratch", Labels: 5, Seed: 1, Right: 400, Examples: 1000}, {Arm: "scratch", Labels: 5, Seed: 2, Right: 400, Examples: 1000}},
			[]string{"With 5 labels a class transfer was 10.0 points better than scratch (95 % interval 9.4 to 10.7 over seeds alone, 2 seeds, p = 0.0032): but 2 seeds may agree by chance; more would tell."}},
		{"tiny, but no chance", []string{"transfer", "scratch"},
			[]Result{
				{Arm: "transfer", Labels: 5, Seed: 1, Right: 50_030, Examples: 100_000}, {Arm: "transfer", Labels: 5, Seed: 2, Right: 50_031, Examples: 100_000}, {Arm: "transfer", Labels: 5, Seed: 3, Right: 50_032, Examples: 100_000},
				{Arm: "scratch", Labels: 5, Seed: 1, Right: 50_000, Examples: 100_000}, {Arm: "scratch", Labels: 5, Seed: 2, Right: 50_000, Examples: 100_000}, {Arm: "scratch", Labels: 5, Seed: 3, Right: 50_000, Examples: 100_000},
			},
			[]string{"With 5 labels a class transfer was 0.031 points better than scratch (95 % interval 0.029 to 0.033 over seeds alone, 3 seeds, p = 0.00035): not chance."}},
	}
	for _, tt := range tests {
		var got []string
		for _, c := range Summarize(tt.arms, tt.results).Findings(kind) {
			got = append(got, c.Verdict())
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n%q, want\n%q", tt.name, got, tt.want)
		}
	}
}

// answering makes results of runs with seeds from 1: each string has a digit for each
// picture, 1 where it was named rightly.
func answering(arm, pretext string, runs ...string) (all []Result) {
	for i, run := range runs {
		a := &exam.Answers{Classes: []string{"cat", "dog"}, Turns: 1}
		for _, digit := range run {
			a.Labels, a.Guesses = append(a.Labels, 1), append(a.Guesses, digit-'0')
		}
		right, examples := a.Confusion().Right()
		all = append(all, Result{Arm: arm, Seed: uint64(i + 1), Right: right, Examples: examples, Answers: a, Pretext: pretext})
	}
	return all
}

// TestPicturesAreAmongWhatChanceDecides: five seeds agree that of 75 pictures one arm
// has two more than the other. But 18 of the pictures are such that one arm names them
// and the other does not, 10 to 8: on other pictures it might be the other way round.
func TestPicturesAreAmongWhatChanceDecides(t *testing.T) {
	both := strings.Repeat("1", 47)
	a := both + strings.Repeat("1", 10) + strings.Repeat("0", 18)
	b := both + strings.Repeat("0", 10) + strings.Repeat("1", 8) + strings.Repeat("0", 10)
	luck := func(run string, n int) string { return run[:65] + strings.Repeat("1", n) + run[65+n:] }
	all := slices.Concat(
		answering("transfer", "x", luck(a, 0), luck(a, 1), luck(a, 0), luck(a, 1), luck(a, 0)),
		answering("scratch", "", luck(b, 0), luck(b, 0), luck(b, 1), luck(b, 1), luck(b, 0)),
	)
	kind := func(arm string) Kind { return map[string]Kind{"transfer": Pretrained, "scratch": Fresh}[arm] }
	table := Summarize([]string{"transfer", "scratch"}, all)
	c := table.Findings(kind)[0]
	if c.Over != OverBoth || c.IsClear() || c.Difference.Low > -0.06 || c.Difference.High < 0.1 {
		t.Errorf("%+v: %s", c, c.Verdict())
	}
	var alone []Result
	for _, r := range all {
		r.Answers = nil
		alone = append(alone, r)
	}
	if c := Summarize([]string{"transfer", "scratch"}, alone).Findings(kind)[0]; !c.IsClear() || !strings.Contains(c.Verdict(), "over seeds alone") {
		t.Errorf("over seeds alone it is %s: the test has lost its point", c.Verdict())
	}
	if cell := table.Cell("transfer", 0); cell.Over != OverBoth || cell.Accuracy.High-cell.Accuracy.Low < 0.15 || table.PictureSpread() != 0 {
		t.Errorf("transfer is %+v, want an interval as of 75 pictures", cell)
	}
	if got := table.OnePretext(); !slices.Equal(got, []string{"transfer"}) {
		t.Errorf("of one pretext run are %v", got)
	}
}

// TestSeedsOfAPretextRunAreOne: four runs of two pretext networks are two.
func TestSeedsOfAPretextRunAreOne(t *testing.T) {
	runs := []string{"1110", "1110", "1000", "1000"}
	all := answering("transfer", "x", runs...)
	all[2].Pretext, all[3].Pretext = "y", "y"
	cell := Summarize([]string{"transfer"}, all).Cell("transfer", 0)
	two := Summarize([]string{"transfer"}, answering("transfer", "x", "1110", "1000")).Cell("transfer", 0)
	if cell.Accuracy != two.Accuracy || cell.Pretext != 2 || len(cell.Seeds) != 4 {
		t.Errorf("%+v, want the interval of two runs, %+v", cell, two.Accuracy)
	}
}

// TestVerdictsAreCorrected: 20 arms of which none is any better. One of the p is below
// 0.05, and no verdict says so.
func TestVerdictsAreCorrected(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var arms []string
	var all []Result
	for i := range 20 {
		arms = append(arms, fmt.Sprint("transfer", i))
		var runs []string
		for range 5 {
			var run strings.Builder
			for range 100 {
				run.WriteString(fmt.Sprint(random.IntN(2)))
			}
			runs = append(runs, run.String())
		}
		all = append(all, answering(arms[i], arms[i], runs...)...)
	}
	small := 0
	found := Summarize(arms, all).Findings(func(string) Kind { return Pretrained })
	for _, c := range found {
		if *c.P < 0.05 {
			small++
		}
		if c.IsClear() || c.Tests != 190 || !strings.Contains(c.Verdict(), "of 190 comparisons p = ") {
			t.Errorf("%s", c.Verdict())
		}
	}
	if small == 0 || len(found) != 190 {
		t.Errorf("%d of %d p are below 0.05: the test has lost its point", small, len(found))
	}
}
