package verdict

import (
	"slices"

	"quarterturn/core/stats"
)

// answered reports whether all runs answered the same questions, and it is known how.
func answered(results []Result) bool {
	first := results[0].Answers
	return first != nil && !slices.ContainsFunc(results, func(r Result) bool {
		return r.Answers == nil || r.Answers.Turns != first.Turns || !slices.Equal(r.Answers.Labels, first.Labels)
	})
}

// crossed returns the table [Runs][Pictures] of what runs got right, less what those in
// the same places of another list did, if there is one. Runs that began with the same
// of several pretext networks are one row: another seed of theirs says nothing of
// another pretext run.
func crossed(of, less []Result) [][]float64 {
	rows := make([][]float64, len(of))
	for i, r := range of {
		rows[i] = r.Answers.Shares()
		if less == nil {
			continue
		}
		for j, share := range less[i].Answers.Shares() {
			rows[i][j] -= share
		}
	}
	return merged(rows, of, less)
}

// counted is crossed for runs of which a count is all that is known: one column.
func counted(of, less []Result) [][]float64 {
	rows := make([][]float64, len(of))
	for i, r := range of {
		rows[i] = []float64{r.Accuracy() - less[i].Accuracy()}
	}
	return merged(rows, of, less)
}

// merged takes the mean of rows whose runs began with the same networks, unless all
// did.
func merged(rows [][]float64, of, less []Result) [][]float64 {
	var keys [][2]string
	groups := map[[2]string][][]float64{}
	for i, row := range rows {
		key := [2]string{of[i].Pretext}
		if less != nil {
			key[1] = less[i].Pretext
		}
		if groups[key] == nil {
			keys = append(keys, key)
		}
		groups[key] = append(groups[key], row)
	}
	if len(keys) == 1 {
		return rows
	}
	var all [][]float64
	for _, key := range keys {
		all = append(all, meanRow(groups[key]))
	}
	return all
}

// meanRow returns the mean of each column.
func meanRow(rows [][]float64) []float64 {
	mean := make([]float64, len(rows[0]))
	column := make([]float64, len(rows))
	for i := range mean {
		for r, row := range rows {
			column[r] = row[i]
		}
		mean[i] = stats.Mean(column)
	}
	return mean
}

// differentStarts counts the networks that runs began with.
func differentStarts(results []Result) int {
	seen := map[string]bool{}
	for _, r := range results {
		if r.Pretext != "" {
			seen[r.Pretext] = true
		}
	}
	return len(seen)
}
