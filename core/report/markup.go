package report

// html returns the page.
func (v *view) html() string {
	w := &markup{}
	w.WriteString(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
`)
	w.tag("title", v.Title)
	w.WriteString("<style>" + v.Style + "</style>\n<svg class=\"defs\" aria-hidden=\"true\"><defs>" + v.Markers + "</defs></svg>\n<main>\n<header>\n")
	w.tag("h1", v.Title)
	for _, line := range v.Summary {
		w.tag("p", line)
	}
	w.WriteString("</header>\n")
	v.writeWords(w)
	v.writeVerdicts(w)
	v.writeAccuracies(w)
	if len(v.Curves) > 0 {
		w.section("", "How training went", func() {
			w.few(len(v.Curves), mostDrawn, "drawings", func() { w.figures("two", v.Curves) })
		})
	}
	v.writePlots(w)
	v.writeMatrices(w)
	if v.Rotations != nil {
		w.section("", "The pretext task", func() { w.figures("one", []*drawing{v.Rotations}) })
	}
	v.writeFacts(w)
	if len(v.Notes) > 0 {
		w.section("", "Left out", func() { w.list(v.Notes) })
	}
	w.WriteString("</main>\n</html>\n")
	return w.String()
}

// How much a section shows at once. A budget of three arms and seven numbers of labels has 21
// comparisons and as many matrices: more than anybody reads on the way to the rest.
const (
	mostVerdicts = 7
	mostDrawn    = 6
)

func (v *view) writeWords(w *markup) {
	if len(v.Words) == 0 {
		return
	}
	w.section("words", "Notes", func() {
		for _, words := range v.Words {
			if words.Title != "" {
				w.tag("h3", words.Title)
			}
			w.tag("p", words.Text)
		}
	})
}

func (v *view) writeVerdicts(w *markup) {
	if len(v.Verdicts) == 0 {
		return
	}
	w.section("", "What came of it", func() {
		if v.Budgets != nil { // One sentence for each budget and pair: what they say together comes first.
			w.figures("one", []*drawing{v.Budgets})
		}
		w.few(len(v.Verdicts), mostVerdicts, "comparisons in words", func() {
			w.within("ul", "verdicts", func() {
				for _, one := range v.Verdicts {
					kind := "li.open"
					if one.Clear {
						kind = "li.clear"
					}
					w.tag(kind, one.Text)
				}
			})
		})
	})
}

// onPairs says how the table of pairs was made.
const onPairs = "Differences of runs of the same seed on the same pictures. Both are taken as samples, by the analysis of variance that compares readings of the same cases by several readers (Dorfman, Berbaum and Metz 1992; Hillis 2007). Two-sided; “equal within” is by two one-sided tests at 5 % each. Each p is for its pair alone: of twenty pairs that do not differ, one will show p < 0.05. The verdicts above are corrected for their number (Holm 1979)."

func (v *view) writeAccuracies(w *markup) {
	if v.Accuracies == nil {
		return
	}
	w.section("", "Accuracy", func() {
		w.grid(v.Accuracies)
		for _, rule := range v.Rules {
			w.tag("p.soft", rule)
		}
		if v.Pairs != nil {
			w.fold("All pairs", func() {
				w.grid(v.Pairs)
				w.tag("p.soft", onPairs)
			})
		}
		if v.Budgets != nil && len(v.Verdicts) == 0 {
			w.figures("one", []*drawing{v.Budgets})
		}
	})
}

// onPlots says what the layouts are.
const onPlots = "Pictures whose features are alike lie close together. The networks never saw these places, only the numbers below say whether classes keep together: the share of each picture’s nearest neighbours that are of its class, and the silhouette, from −1 to 1."

func (v *view) writePlots(w *markup) {
	if len(v.Plots) == 0 {
		return
	}
	w.section("", "What the networks make of pictures", func() {
		w.tag("p", onPlots)
		for _, p := range v.Plots {
			w.tag("h3.row", p.Title)
			w.legend(p.Legend)
			w.figures("three", p.Figures)
		}
		if v.PlotScores != nil {
			w.fold("The numbers as a table", func() { w.grid(v.PlotScores) })
		}
	})
}

func (v *view) writeMatrices(w *markup) {
	if len(v.Matrices) == 0 {
		return
	}
	w.section("", "What is taken for what", func() {
		w.few(len(v.Matrices), mostDrawn, "drawings", func() { w.within("div", "three", func() { v.eachMatrix(w) }) })
	})
}

func (v *view) eachMatrix(w *markup) {
	for _, m := range v.Matrices {
		w.WriteString("<div>")
		w.figure(&m.drawing)
		if text := m.inWords(); text != "" {
			w.tag("p.soft", text)
		}
		w.WriteString("</div>")
	}
}

func (v *view) writeFacts(w *markup) {
	w.section("", "To do it again", func() {
		for _, arm := range v.Arms {
			w.facts(arm)
		}
		w.facts(v.Facts)
		if v.Runs != nil {
			w.fold("All runs", func() { w.grid(v.Runs) })
		}
	})
}
