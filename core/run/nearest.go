package run

import "strings"

// Nearest returns the name that somebody who wrote text may have meant, or "" if
// none is near: at most a third of its letters are wrong, missing or too many.
func Nearest(text string, names []string) string {
	best, least := "", 0
	for _, name := range names {
		if len(text) > 2*len(name) {
			continue // Also bounds the work that a long text could make.
		}
		d := distance(strings.ToLower(text), name)
		if d <= max(len(name)/3, 1) && (best == "" || d < least) {
			best, least = name, d
		}
	}
	return best
}

// distance is Levenshtein's of the bytes, where two neighbours that are swapped
// count as one mistake (optimal string alignment).
func distance(a, b string) int {
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			wrong := 1
			if a[i] == b[j] {
				wrong = 0
			}
			next[j+1] = min(row[j]+wrong, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
