package state

import (
	"cmp"
	"slices"
	"strconv"

	"quarterturn/core/run"
)

// Duel is a game: people say first by how much a picture is turned, then the network. It
// lies over the stations while it is on.
type Duel struct {
	On     bool
	Number uint64 // Of the game: the same pictures in the same turns for all who have the same set.
	Hands  bool   // A class votes, and the most votes are its guess.
	Votes  [4]int // So far, in this round.
	Rounds []Round
	At     int // Index of the round that is played; len(Rounds) at the end.
}

// A Round is one picture of a duel.
type Round struct {
	Picture int    // ID.
	Turns   int    // Quarters by which it is turned, counter-clockwise.
	Hard    string // Why it can hardly be known; empty where it can.
	Person  int    // The guess, or NoGuess,
	Network int    // and the network's, which follows it.
	Belief  run.Guess
}

// NoGuess is that of who has not guessed yet.
const NoGuess = -1

// IsOpen reports whether a round waits for the person's guess.
func (r *Round) IsOpen() bool { return r.Person == NoGuess }

// Sizes of a game.
const (
	duelRounds = 10
	hardRounds = 2
	mostVotes  = 999
)

// What the person does in a duel.
type (
	StartDuel   struct{ Number uint64 }
	GuessTurn   struct{ Turns int }
	NextRound   struct{}
	EndDuel     struct{}
	ToggleHands struct{}
	SetVotes    struct {
		Turns int
		Value string
	}
	CountVotes struct{}
)

func (StartDuel) isMessage()   {}
func (GuessTurn) isMessage()   {}
func (NextRound) isMessage()   {}
func (EndDuel) isMessage()     {}
func (ToggleHands) isMessage() {}
func (SetVotes) isMessage()    {}
func (CountVotes) isMessage()  {}

// Round returns the one that is played; nil at the end.
func (d *Duel) Round() *Round {
	if !d.On || d.At >= len(d.Rounds) {
		return nil
	}
	return &d.Rounds[d.At]
}

// applyDuel applies what the person does in a duel.
func (p Page) applyDuel(message Message) (Page, []Effect) {
	d := *p.Duel
	p.Duel = &d
	switch m := message.(type) {
	case StartDuel:
		return p.startDuel(m.Number)
	case EndDuel:
		d.On, d.Rounds = false, nil
	case ToggleHands:
		d.Hands, d.Votes = !d.Hands, [4]int{}
	case SetVotes:
		if n, err := strconv.Atoi(m.Value); err == nil || m.Value == "" {
			d.Votes[m.Turns&3] = min(max(n, 0), mostVotes)
		}
	case CountVotes:
		if most := slices.Max(d.Votes[:]); most > 0 {
			return p.guessed(slices.Index(d.Votes[:], most))
		}
	case GuessTurn:
		return p.guessed(m.Turns & 3)
	case NextRound:
		if r := d.Round(); r != nil && !r.IsOpen() {
			d.At, d.Votes = d.At+1, [4]int{}
			return p.showRound()
		}
	}
	return p, nil
}

// startDuel deals the pictures of a game.
func (p Page) startDuel(number uint64) (Page, []Effect) {
	d := Duel{Number: max(number, 1), Hands: p.Duel.Hands}
	d.Rounds = p.Pictures.dealt(d.Number)
	p.Duel = &d
	switch {
	case !p.Turn.GuessesTurns():
		p.Alarm = "The network names pictures, and guesses no turns: choose a built-in one to play against."
		return p, nil
	case len(d.Rounds) < duelRounds:
		p.Alarm = "A game takes " + strconv.Itoa(duelRounds) + " pictures, and there are " + strconv.Itoa(len(d.Rounds)) + "."
		return p, nil
	}
	d.On = true
	return p.showRound()
}

// showRound has the network look at the round's picture, which it tells after the person.
func (p Page) showRound() (Page, []Effect) {
	r := p.Duel.Round()
	if r == nil {
		person, network := p.Duel.Score()
		p.Said = "The game is over: you " + strconv.Itoa(person) + ", the network " + strconv.Itoa(network) + "."
		return p, nil
	}
	p.Said = "Round " + strconv.Itoa(p.Duel.At+1) + " of " + strconv.Itoa(len(p.Duel.Rounds)) + ". Which side is up?"
	pictures := p.Pictures.choose(r.Picture)
	p.Pictures = &pictures
	return p.settled(nil)
}

// guessed takes the person's guess, and the network's if that is known by now.
func (p Page) guessed(turns int) (Page, []Effect) {
	r := p.Duel.Round()
	if r == nil || !r.IsOpen() {
		return p, nil
	}
	d := p.Duel.with(func(r *Round) { r.Person = turns })
	p.Duel = &d
	return p.answeredDuel(), nil
}

func (d Duel) with(change func(*Round)) Duel {
	d.Rounds = slices.Clone(d.Rounds)
	change(&d.Rounds[d.At])
	return d
}

// answeredDuel gives a round what the network says of its picture, once the person has
// said something.
func (p Page) answeredDuel() Page {
	r, t := p.Duel.Round(), p.Turn
	if r == nil || r.IsOpen() || r.Network != NoGuess || t.Picture == nil || t.Predicted == nil || t.Picture.ID != r.Picture || !t.GuessesTurns() {
		return p
	}
	belief := t.Predicted.Turns[r.Turns]
	d := p.Duel.with(func(r *Round) { r.Network, r.Belief = most(belief), belief })
	p.Duel = &d
	p.Said = d.Rounds[d.At].InWords()
	return p
}

// InWords says what came of a round.
func (r *Round) InWords() string {
	if r.IsOpen() || r.Network == NoGuess {
		return ""
	}
	words := map[[2]bool]string{
		{true, true}: "Both right: ", {true, false}: "You are right, the network is not: ",
		{false, true}: "The network is right, you are not: ", {false, false}: "Both wrong: ",
	}[[2]bool{r.Person == r.Turns, r.Network == r.Turns}] + "it was turned by " + Degrees(r.Turns) + "."
	if r.Hard != "" {
		words += " A hard one by its pixels: " + r.Hard
	}
	return words
}

// Score counts what was right so far.
func (d *Duel) Score() (person, network int) {
	for _, r := range d.Rounds {
		person += truth(!r.IsOpen() && r.Person == r.Turns)
		network += truth(r.Network == r.Turns)
	}
	return person, network
}

// Streaks are the longest runs of right answers.
func (d *Duel) Streaks() (person, network int) {
	longest := func(right func(Round) bool) (most int) {
		now := 0
		for _, r := range d.Rounds {
			now = (now + 1) * truth(right(r))
			most = max(most, now)
		}
		return most
	}
	return longest(func(r Round) bool { return r.Person == r.Turns }), longest(func(r Round) bool { return r.Network == r.Turns })
}

// dealt chooses the pictures of a game and their turns, by its number and the pictures'
// names: some that are hard, where there are such, among the others.
func (p *Pictures) dealt(number uint64) (rounds []Round) {
	var easy, hard []Round
	for _, t := range p.thumbs {
		if slices.Contains(p.hidden, t.ID) {
			continue
		}
		r := Round{Picture: t.ID, Turns: int(shuffled(number, t.Name+"?") & 3), Hard: whyHard(t), Person: NoGuess, Network: NoGuess}
		if r.Hard == "" {
			easy = append(easy, r)
		} else {
			hard = append(hard, r)
		}
	}
	name := func(r Round) string { t, _ := p.Find(r.Picture); return t.Name }
	order := func(a, b Round) int {
		return cmp.Or(cmp.Compare(shuffled(number, name(a)), shuffled(number, name(b))), a.Picture-b.Picture)
	}
	slices.SortFunc(easy, order)
	slices.SortFunc(hard, order)
	some := min((len(hard)+1)/2, hardRounds) // Not all of few, or each game would have the same.
	hard = hard[:max(some, min(len(hard), duelRounds-len(easy)))]
	rounds = append(hard, easy[:min(len(easy), duelRounds-len(hard))]...)
	slices.SortFunc(rounds, order)
	return rounds
}

// shuffled is a number that looks random, by FNV-1a of a name and the finalizer of
// MurmurHash3, which spreads it over all bits.
func shuffled(number uint64, name string) uint64 {
	h := uint64(14695981039346656037) ^ number
	for _, b := range []byte(name) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// When a picture is taken for one of which it can hardly be known how it is turned: if its pixels
// are nearly alike, or differ from those of the turned picture by a small share of what
// they differ among each other.
const (
	hardSide     = 16 // Pixels in a row that are looked at.
	hardContrast = 6  // Mean difference from the mean, of 255.
	hardLikeness = 0.35
)

// whyHard says why it can hardly be known how a picture is turned; empty where it can.
func whyHard(t run.Thumb) string {
	if t.Side < hardSide || len(t.Pixels) != 3*t.Side*t.Side {
		return ""
	}
	at := func(x, y, c int) float64 {
		scale := func(v int) int { return (2*v + 1) * t.Side / (2 * hardSide) }
		return float64(t.Pixels[3*(scale(y)*t.Side+scale(x))+c])
	}
	var mean, contrast float64
	var turned [3]float64 // By one, two and three quarters.
	each := func(do func(x, y, c int)) {
		for i := range 3 * hardSide * hardSide {
			do(i/3%hardSide, i/3/hardSide, i%3)
		}
	}
	each(func(x, y, c int) { mean += at(x, y, c) / (3 * hardSide * hardSide) })
	each(func(x, y, c int) {
		v, end := at(x, y, c), hardSide-1
		contrast += abs(v-mean) / (3 * hardSide * hardSide)
		for i, u := range [3]float64{at(end-y, x, c), at(end-x, end-y, c), at(y, end-x, c)} {
			turned[i] += abs(v-u) / (3 * hardSide * hardSide)
		}
	})
	least := slices.Min(turned[:])
	switch {
	case contrast < hardContrast:
		return "there is hardly anything to see in it."
	case least < hardLikeness*contrast:
		return "turned by " + Degrees(slices.Index(turned[:], least)+1) + " it looks much the same. The pixels of both differ by " +
			Percent(least/contrast, 0) + " of what they differ from their mean."
	}
	return ""
}

func abs(v float64) float64 { return max(v, -v) }
