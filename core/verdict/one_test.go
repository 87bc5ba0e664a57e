package verdict

import "testing"

func TestOneRun(t *testing.T) {
	var results []Result
	for seed, right := range [][2]int{{30, 40}, {60, 40}, {50, 40}} {
		results = append(results,
			Result{Arm: "transfer", Labels: 5, Seed: uint64(seed + 1), Right: right[0], Examples: 100},
			Result{Arm: "scratch", Labels: 5, Seed: uint64(seed + 1), Right: right[1], Examples: 100})
	}
	table := Summarize([]string{"transfer", "scratch"}, results)
	want := "One run of each would have said anything from 10.0 points worse to 20.0 points better; the first seed says 10.0 points worse."
	if got := table.OneRun(table.Comparisons[0]); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	one := Summarize([]string{"transfer", "scratch"}, results[:2])
	if got := one.OneRun(one.Comparisons[0]); got != "" {
		t.Errorf("of one seed %q", got)
	}
}
