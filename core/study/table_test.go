package study

import (
	"math"
	"slices"
	"strings"
	"testing"
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
		case arm == RandomFrozen:
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
			[]string{"With 20 labels a class transfer was 15.0 points better than scratch (95 % interval 10.7 to 19.3, 3 seeds, p = 0.0044): not chance."}},
		{"the other way round", []string{"scratch", "transfer"},
			slices.Concat(results("transfer", 0, 49, 48, 50), results("scratch", 0, 64, 63, 66)),
			[]string{"With all labels transfer was 15.3 points worse than scratch (95 % interval 13.9 to 16.8, 3 seeds, p = 0.00047): not chance."}},
		{"perhaps chance", []string{"transfer", "scratch"},
			slices.Concat(results("transfer", 1, 60, 50, 40, 55, 45), results("scratch", 1, 45, 55, 42, 48, 50)),
			[]string{"With 1 label a class transfer was 2.0 points better than scratch (95 % interval -8.9 to 12.9, 5 seeds, p = 0.64): this may be chance."}},
		{"one seed, clear of the pictures", []string{"transfer", "scratch"},
			slices.Concat(results("transfer", 5, 60), results("scratch", 5, 40)),
			[]string{"With 5 labels a class transfer was 20.0 points better than scratch (95 % interval 15.7 to 24.2 over the test pictures, one seed): more than the choice of the test pictures explains, but another seed may come out otherwise: only more seeds tell."}},
		{"one seed, nothing", []string{"transfer", "scratch"},
			slices.Concat(results("transfer", 5, 41), results("scratch", 5, 40)),
			[]string{"With 5 labels a class transfer was 1.0 points better than scratch (95 % interval -3.3 to 5.3 over the test pictures, one seed): this may be chance, already by the choice of the test pictures."}},
		{"equal", []string{"transfer-a", "transfer-b"},
			slices.Concat(results("transfer-a", 5, 41, 42), results("transfer-b", 5, 41, 42)),
			[]string{"With 5 labels a class transfer-a and transfer-b were equally good (the same difference with each of 2 seeds, which leaves nothing to test): this may be chance; more seeds would tell."}},
		{"two seeds of the same difference", []string{"transfer", "scratch"},
			slices.Concat(results("transfer", 5, 41, 42), results("scratch", 5, 31, 32)),
			[]string{"With 5 labels a class transfer was 10.0 points better than scratch (the same difference with each of 2 seeds, which leaves nothing to test): this may be chance; more seeds would tell."}},
		{"two seeds that agree all but", []string{"transfer", "scratch"},
			[]Result{{"transfer", 5, 1, 500, 1000}, {"transfer", 5, 2, 501, 1000}, {"scratch", 5, 1, 400, 1000}, {"scratch", 5, 2, 400, 1000}},
			[]string{"With 5 labels a class transfer was 10.0 points better than scratch (95 % interval 9.4 to 10.7, 2 seeds, p = 0.0032): this may be chance; more seeds would tell."}},
		{"tiny, but no chance", []string{"transfer", "scratch"},
			[]Result{
				{"transfer", 5, 1, 50_030, 100_000}, {"transfer", 5, 2, 50_031, 100_000}, {"transfer", 5, 3, 50_032, 100_000},
				{"scratch", 5, 1, 50_000, 100_000}, {"scratch", 5, 2, 50_000, 100_000}, {"scratch", 5, 3, 50_000, 100_000},
			},
			[]string{"With 5 labels a class transfer was 0.031 points better than scratch (95 % interval 0.029 to 0.033, 3 seeds, p = 0.00035): not chance."}},
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
