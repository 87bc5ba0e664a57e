package state

import (
	"slices"
	"strconv"
	"strings"

	"quarterturn/core/run"
)

// Inside is the part "Look inside" of the station Compare: what a network makes of the
// chosen picture.
type Inside struct {
	Subject string // Key of the network; empty for the newest.
	Turns   int    // Quarters by which the picture is turned, counter-clockwise.
	Answer  int    // That is explained, or run.ItsGuess.
	Over    Overlay
	Mix     int // How much of what lies over the picture is seen, in percent.
	Part    int // Whose channel may lie over the picture: 0 for the stem, k for stage k,
	Channel int // and which.
}

func newInside() *Inside { return &Inside{Answer: run.ItsGuess, Over: ByOcclusion, Mix: 75} }

// An Overlay is what lies over the picture.
type Overlay string

// The overlays.
const (
	ByOcclusion Overlay = "occlusion" // By how much the belief falls where a patch lies.
	ByGradCAM   Overlay = "gradcam"   // What a stage found that speaks for the answer.
	ByChannel   Overlay = "channel"   // Where one channel answers.
)

// An InsideField is what SetInside sets.
type InsideField string

// The fields.
const (
	InsideSubject InsideField = "subject"
	InsideTurns   InsideField = "turns"
	InsideAnswer  InsideField = "answer"
	InsideOver    InsideField = "over"
	InsideMix     InsideField = "mix"
)

// What the person does in the part "Look inside".
type (
	SetInside struct {
		Field InsideField
		Value string
	}
	ChooseChannel struct{ Part, Channel int } // Lays it over the picture.
	LookInside    struct{ Turns int }         // Of the network of the station Turn, by its picture.
)

func (SetInside) isMessage()     {}
func (ChooseChannel) isMessage() {}
func (LookInside) isMessage()    {}

// applyInside applies what the person does in the part "Look inside".
func (p Page) applyInside(message Message) (Page, []Effect) {
	k := *p.Inside
	switch m := message.(type) {
	case SetInside:
		k = k.set(m.Field, m.Value)
	case ChooseChannel:
		k.Over, k.Part, k.Channel = ByChannel, max(m.Part, 0), max(m.Channel, 0)
	case LookInside:
		k.Subject, k.Turns, k.Answer = Loaded, m.Turns&3, run.ItsGuess
		compare := *p.Compare
		compare.Part = OfInside
		p.Compare, p.View.Station = &compare, AtCompare
	}
	p.Inside = &k
	return p, nil
}

func (k Inside) set(field InsideField, value string) Inside {
	n, err := strconv.Atoi(value)
	switch {
	case field == InsideSubject:
		k.Subject, k.Answer = value, run.ItsGuess
	case field == InsideOver && slices.Contains([]Overlay{ByOcclusion, ByGradCAM, ByChannel}, Overlay(value)):
		k.Over = Overlay(value)
	case err != nil:
	case field == InsideTurns:
		k.Turns, k.Answer = n&3, run.ItsGuess
	case field == InsideAnswer:
		k.Answer = max(n, run.ItsGuess)
	case field == InsideMix:
		k.Mix = min(max(n, 0), 100)
	}
	return k
}

// LookedInto returns the key of the network that is looked into.
func (p *Page) LookedInto() string {
	if _, ok := p.Subject(p.Inside.Subject); ok {
		return p.Inside.Subject
	}
	return p.newest()
}

// LookOf is the question what a network makes of the chosen picture; false where there is
// no picture or no such network. Answers that the network does not know are its guess.
func (p *Page) LookOf() (Question, bool) {
	s, ok := p.Subject(p.LookedInto())
	if !ok || !p.Pictures.Holds(p.Pictures.Chosen) {
		return Question{}, false
	}
	return Question{Kind: Looks, Subject: s.Key, Picture: p.Pictures.Chosen, Turns: p.Inside.Turns, Answer: p.Inside.Answer}, true
}

// Seen returns what is known of what the network makes of the chosen picture; nil before.
func (p *Page) Seen() *Finding {
	q, ok := p.LookOf()
	if !ok {
		return nil
	}
	return p.Findings.Find(q)
}

// Painting names what was seen, so that no two sights have the same name.
func (f *Finding) Painting() string {
	return strings.Join([]string{f.Subject, strconv.Itoa(f.Picture), strconv.Itoa(f.Turns), f.weights, strconv.Itoa(f.stamp)}, "/")
}

// OverPainting names what lies over the picture; empty while that is not known.
func (k *Inside) OverPainting(f *Finding) string {
	switch {
	case k.Over == ByChannel:
		return strings.Join([]string{string(k.Over), strconv.Itoa(k.Part), strconv.Itoa(k.Channel), f.Painting()}, "/")
	case f.Explained == nil:
		return ""
	}
	return strings.Join([]string{string(k.Over), strconv.Itoa(f.Explained.Answer), f.explained, f.Painting()}, "/")
}

func (p *Page) wantedOfInside() []Question {
	if q, ok := p.LookOf(); ok {
		return []Question{q}
	}
	return nil
}

// mostLooks bounds the looks that are remembered: those of a wide network are 200 kB each.
const mostLooks = 16

// lighter returns f without the oldest looks beyond those that are remembered.
func (f Findings) lighter() Findings {
	looks := 0
	for _, one := range f.all {
		if one.Kind == Looks {
			looks++
		}
	}
	return f.without(func(one *Finding) bool {
		if one.Kind != Looks || looks <= mostLooks {
			return false
		}
		looks--
		return true
	})
}

// answersOf names what a network that was looked into tells apart.
func answersOf(l *run.Looked) (names []string) {
	for i := range l.Belief {
		switch {
		case l.Task == run.Pretext:
			names = append(names, Degrees(i))
		case i < len(l.Classes):
			names = append(names, Readable(l.Classes[i]))
		default:
			names = append(names, "class "+strconv.Itoa(i+1))
		}
	}
	return names
}

// InsideBeliefs are the answers of a network, the surest first, at most so many. Of a
// pretext network they are in their order.
func InsideBeliefs(l *run.Looked, atMost int) (all []Belief) {
	for i, name := range answersOf(l) {
		all = append(all, Belief{Answer: i, Label: name, Probability: float64(l.Belief[i]), True: l.Task == run.Pretext && i == l.Quarters})
	}
	if len(all) == 0 {
		return nil
	}
	all[most(l.Belief)].Guessed = true
	if l.Task != run.Pretext {
		slices.SortStableFunc(all, func(a, b Belief) int { return sign(b.Probability - a.Probability) })
	}
	return all[:min(len(all), atMost)]
}

func sign(v float64) int {
	switch {
	case v < 0:
		return -1
	case v > 0:
		return 1
	}
	return 0
}

// ExplainedInWords says what covering the picture does to the belief in the answer.
func ExplainedInWords(l *run.Looked, e *run.Explained) string {
	names := answersOf(l)
	if e == nil || e.Answer >= len(names) || len(e.Occlusion) == 0 {
		return ""
	}
	belief := float64(l.Belief[e.Answer])
	fell := float64(slices.Max(e.Occlusion))
	words := "It believes “" + names[e.Answer] + "” with " + Percent(belief, 0) + ". "
	if fell < 0.005 {
		return words + "No single patch lowers that: what speaks for it is in many places, or the rest is enough."
	}
	return words + "Where a grey patch lowers that most, " + Percent(max(belief-fell, 0), 0) + " is left, on average over the patches that cover the place."
}
