package verdict

import (
	"fmt"
	"slices"
)

// OneRun says what one run of each would have had somebody believe of a comparison: the
// least and the most that a seed shows, and what the first one does. It is empty below
// two seeds.
func (t *Table) OneRun(c Comparison) string {
	differences := t.pairs(c)
	if len(differences) < 2 {
		return ""
	}
	least, most := slices.Min(differences), slices.Max(differences)
	text := fmt.Sprintf("One run of each would have said anything from %s to %s", better(least), better(most))
	if least == most {
		text = "One run of each would have said " + better(least)
	}
	return text + fmt.Sprintf("; the first seed says %s.", better(differences[0]))
}

// pairs are the differences of the runs that share a seed, by seed.
func (t *Table) pairs(c Comparison) (all []float64) {
	a, b := t.Cell(c.A, c.Labels), t.Cell(c.B, c.Labels)
	if a == nil || b == nil {
		return nil
	}
	for i, seed := range a.Seeds {
		if at := slices.Index(b.Seeds, seed); at >= 0 {
			all = append(all, a.Each[i]-b.Each[at])
		}
	}
	return all
}

// better writes a difference in points.
func better(d float64) string {
	switch text := fmt.Sprintf("%.1f", 100*d); {
	case text == "0.0" || text == "-0.0":
		return "the same"
	case d < 0:
		return text[1:] + " points worse"
	default:
		return text + " points better"
	}
}
