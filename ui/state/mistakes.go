package state

import (
	"cmp"
	"slices"

	"quarterturn/core/exam"
	"quarterturn/core/run"
	"quarterturn/core/stats"
)

// Mistakes is the part "Mistakes" of the station Compare.
type Mistakes struct {
	Subject string // Key of the network whose mistakes are shown; empty for the newest.
	Odd     bool   // Shows the odd ones out, not the matrix.
	Cell    Cell   // Of the matrix, whose pictures are shown.
	Open    bool   // A cell is chosen.
	Zoom    int    // Steps by which the matrix is larger than it need be.
	Many    int    // Pictures that are listed.
}

func newMistakes() *Mistakes { return &Mistakes{Many: listedAtFirst} }

// Pictures that a list shows at first, and more at a time.
const (
	listedAtFirst = 24
	listedMore    = 48
)

// MostZoom bounds Zoom.
const MostZoom = 3

// A Cell of a confusion matrix is pictures of a class that were taken for a class.
type Cell struct{ Label, Guess int }

// applyMistakes applies what the person does in the part "Mistakes".
func (p Page) applyMistakes(message Message) (Page, []Effect) {
	k := *p.Mistakes
	switch m := message.(type) {
	case Examine:
		k.Subject, k.Open, k.Many = m.Key, false, listedAtFirst
	case ShowOdd:
		k.Odd, k.Many = m.On, listedAtFirst
	case ChooseCell:
		k.Cell, k.Open, k.Many = m.Cell, true, listedAtFirst
	case CloseCell:
		k.Open = false
	case ZoomMatrix:
		k.Zoom = min(max(k.Zoom+m.By, 0), MostZoom)
	case ListMore:
		k.Many += listedMore
	}
	p.Mistakes = &k
	return p, nil
}

// Examined returns the key of the network whose mistakes are shown.
func (p *Page) Examined() string {
	if _, ok := p.Subject(p.Mistakes.Subject); ok {
		return p.Mistakes.Subject
	}
	return p.newest()
}

// AskOf is the question what a network takes pictures for.
func AskOf(key string, of run.Split) Question { return Question{Kind: Asks, Subject: key, Of: of} }

func (p *Page) wantedOfMistakes() []Question {
	key := p.Examined()
	if p.Mistakes.Odd {
		return []Question{AskOf(key, run.OfAll)}
	}
	if r := p.Runs.Find(key); r != nil && r.Asked != nil {
		return nil // It was asked at its end.
	}
	return []Question{AskOf(key, run.OfTest)}
}

// Answers returns what is known of how a network takes the test pictures: of a run what it
// was asked at its end.
func (p *Page) Answers(key string) (*run.Asked, *Finding) {
	if r := p.Runs.Find(key); r != nil && r.Asked != nil {
		return r.Asked, nil
	}
	f := p.Findings.Find(AskOf(key, run.OfTest))
	if f == nil {
		return nil, nil
	}
	return f.Asked, f
}

// Confusion counts answers.
func Confusion(a *run.Asked) *exam.Confusion {
	return exam.NewConfusion(a.Classes, a.Labels, a.Guesses)
}

// ScoreOf is the share of right answers with its interval over pictures.
func ScoreOf(a *run.Asked) stats.Interval {
	return (&exam.Answers{Classes: a.Classes, Turns: a.Turns, Labels: a.Labels, Guesses: a.Guesses}).Score()
}

// A ClassScore is how many pictures of a class were known.
type ClassScore struct {
	Class      int
	Right, All int
	Share      stats.Interval // Wilson's.
}

// ByClass returns the scores of classes of which there are pictures.
func ByClass(c *exam.Confusion) (scores []ClassScore) {
	for i, row := range c.Counts {
		s := ClassScore{Class: i, Right: row[i]}
		for _, n := range row {
			s.All += n
		}
		if s.All > 0 {
			s.Share = stats.Wilson(s.Right, s.All)
			scores = append(scores, s)
		}
	}
	return scores
}

// A Mix is one class taken for another, so often.
type Mix struct {
	Cell
	Count, All int // All are the pictures of the class.
}

// MixUps returns the most frequent confusions, at most so many.
func MixUps(c *exam.Confusion, most int) (all []Mix) {
	for i, row := range c.Counts {
		sum := 0
		for _, n := range row {
			sum += n
		}
		for j, n := range row {
			if i != j && n > 0 {
				all = append(all, Mix{Cell{i, j}, n, sum})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Mix) int { return cmp.Compare(b.Count, a.Count) })
	return all[:min(len(all), most)]
}

// An Example is an answer about a picture.
type Example struct {
	ID           int
	Turn         int // Quarter turns counter-clockwise in which it was shown.
	Label, Guess int
	Sure, True   float64 // Belief in the guess, and in the label.
}

// Examples returns the answers of a cell, the most confident ones first.
func Examples(a *run.Asked, cell Cell) (all []Example) {
	for i := range a.Labels {
		if e := example(a, i); e.Label == cell.Label && e.Guess == cell.Guess {
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(a, b Example) int { return cmp.Compare(b.Sure, a.Sure) })
	return all
}

func example(a *run.Asked, i int) Example {
	return Example{
		ID: a.IDs[i/a.Turns], Turn: i % a.Turns, Label: int(a.Labels[i]), Guess: int(a.Guesses[i]),
		Sure: float64(a.Sure[i]), True: float64(a.True[i]),
	}
}

// An Odd is a picture about which a network is sure, and of another opinion than the
// collection.
type Odd struct {
	ID           int
	Label, Guess int     // Of a network that names pictures.
	Turned       int     // Of one that guesses turns: quarter turns counter-clockwise by which the picture seems to lie.
	Sure         float64 // Of its opinion.
	Oddity       float64 // By how much it prefers its opinion to the collection's, 0 to 1.
}

// OddOnes ranks the pictures about which a network disagrees, the oddest first.
func OddOnes(a *run.Asked) (all []Odd) {
	for i := range a.IDs {
		odd := named(a, i)
		if a.Turns == turns {
			odd = turned(a, i)
		}
		if odd.Oddity > 0 {
			all = append(all, odd)
		}
	}
	slices.SortStableFunc(all, func(a, b Odd) int { return cmp.Compare(b.Oddity, a.Oddity) })
	return all
}

// named is how odd a picture is by its name.
func named(a *run.Asked, i int) Odd {
	e := example(a, i)
	odd := Odd{ID: e.ID, Label: e.Label, Guess: e.Guess, Sure: e.Sure}
	if e.Guess != e.Label {
		odd.Oddity = e.Sure - e.True
	}
	return odd
}

// turned is how odd a picture is by the way it lies. One that lies turned is guessed to be
// turned by as much more, whichever way it is shown: so all four guesses speak.
func turned(a *run.Asked, i int) Odd {
	odd := Odd{ID: a.IDs[i]}
	var sure, gain [turns]float64
	for k := range turns {
		e := example(a, turns*i+k)
		by := (e.Guess - e.Label + turns) % turns
		sure[by] += e.Sure / turns
		gain[by] += (e.Sure - e.True) / turns
	}
	for by := 1; by < turns; by++ {
		if gain[by] > odd.Oddity {
			odd.Turned, odd.Sure, odd.Oddity = by, sure[by], gain[by]
		}
	}
	return odd
}
