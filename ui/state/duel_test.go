package state

import (
	"slices"
	"strings"
	"testing"

	"quarterturn/core/run"
)

// duelling is the opened page with so many pictures, of which the first two are hard, in a
// game, which has one of them.
func duelling(t *testing.T, pictures int, number uint64) Page {
	t.Helper()
	var thumbs []run.Thumb
	for i := range pictures {
		name := "picture " + string(rune('a'+i))
		thumbs = append(thumbs, run.Thumb{ID: 100 + i, Name: name, Class: -1, Side: hardSide, Pixels: duelPicture(i)})
	}
	page, _ := playOn(opened(t), nil, says{Lab, run.PicturesChanged{Set: "mine", Replaced: true, Added: thumbs}}, StartDuel{number})
	return page
}

// duelPicture is grey, or a disc, or bright at its top.
func duelPicture(i int) []byte {
	pixels := make([]byte, 3*hardSide*hardSide)
	for at := range pixels {
		x, y := float64(at/3%hardSide)-7.5, float64(at/3/hardSide)-7.5
		switch {
		case i == 0:
			pixels[at] = 128
		case i == 1 && x*x+y*y < 30:
			pixels[at] = 200
		case i > 1:
			pixels[at] = byte(255 - 16*(at/3/hardSide))
		}
	}
	return pixels
}

// predicts is the network's belief that each turn is another quarter than it is, by so many.
func predicts(page Page, off int) Message {
	e := run.Predicted{ID: page.Turn.Picture.ID}
	for k := range e.Turns {
		e.Turns[k] = make(run.Guess, 4)
		e.Turns[k][(k+off)&3] = 1
	}
	return says{Lab, e}
}

// TestDuel plays a game: the network answers after the person, both are counted, and what
// is hard is said.
func TestDuel(t *testing.T) {
	page := duelling(t, 20, 7)
	if !page.Duel.On || len(page.Duel.Rounds) != duelRounds {
		t.Fatalf("the game is %+v, alarm %q", page.Duel, page.Alarm)
	}
	hard := 0
	for i := range duelRounds {
		r := page.Duel.Round()
		if page.Turn.Picture.ID != r.Picture {
			t.Fatalf("round %d is about picture %d, and %d is chosen", i, r.Picture, page.Turn.Picture.ID)
		}
		if early, _ := playOn(page, nil, NextRound{}); early.Duel.At != i {
			t.Error("a round is over before it was played")
		}
		page, _ = playOn(page, nil, predicts(page, i%2))
		if page.Duel.Round().Network != NoGuess {
			t.Fatal("the network answers before the person")
		}
		page, _ = playOn(page, nil, GuessTurn{r.Turns}, GuessTurn{r.Turns + 1}) // The second is too late.
		r = page.Duel.Round()
		if r.Person != r.Turns || r.Network != (r.Turns+i%2)&3 || r.InWords() == "" || page.Said != r.InWords() {
			t.Errorf("round %d came to %+v, said is %q", i, r, page.Said)
		}
		if r.Hard != "" {
			hard++
			if !strings.Contains(r.InWords(), "A hard one by its pixels: ") {
				t.Errorf("of a hard one it says %q", r.InWords())
			}
		}
		page, _ = playOn(page, nil, NextRound{})
	}
	person, network := page.Duel.Score()
	longest, short := page.Duel.Streaks()
	if person != 10 || network != 5 || longest != 10 || short != 1 || hard != 1 || page.Duel.Round() != nil || !strings.Contains(page.Said, "over") {
		t.Errorf("it ended %d to %d, streaks %d and %d, with %d hard ones, and says %q", person, network, longest, short, hard, page.Said)
	}
	if page, _ = playOn(page, nil, EndDuel{}); page.Duel.On {
		t.Error("it does not end")
	}
}

// TestDuelIsDealtByItsNumber: the same game for all who have the pictures, another for
// another number.
func TestDuelIsDealtByItsNumber(t *testing.T) {
	same := func(a, b Round) bool { return a.Picture == b.Picture && a.Turns == b.Turns }
	one, again, other := duelling(t, 20, 3).Duel.Rounds, duelling(t, 20, 3).Duel.Rounds, duelling(t, 20, 4).Duel.Rounds
	if !slices.EqualFunc(one, again, same) || slices.EqualFunc(one, other, same) {
		t.Error("games of the same number differ, or of another do not")
	}
	turns := map[int]bool{}
	for number := range uint64(20) {
		for _, r := range duelling(t, 20, number).Duel.Rounds {
			turns[r.Turns] = true
		}
	}
	if len(turns) != 4 {
		t.Errorf("of the turns only %v are played", turns)
	}
	if page := duelling(t, 5, 1); page.Duel.On || !strings.Contains(page.Alarm, "there are 5") {
		t.Errorf("with five pictures it plays, or says %q", page.Alarm)
	}
}

// TestShowOfHands: the most votes are the guess, what is no number counts for nothing.
func TestShowOfHands(t *testing.T) {
	page := duelling(t, 20, 1)
	page, _ = playOn(page, nil, ToggleHands{}, CountVotes{})
	if !page.Duel.Round().IsOpen() {
		t.Error("nobody voted, and that counts")
	}
	page, _ = playOn(page, nil, SetVotes{0, "3"}, SetVotes{2, "11"}, SetVotes{3, "x"}, SetVotes{1, "-5"}, SetVotes{2, "12"}, CountVotes{})
	if page.Duel.Round().Person != 2 || page.Duel.Votes != [4]int{3, 0, 12, 0} {
		t.Errorf("the votes %v are the guess %d", page.Duel.Votes, page.Duel.Round().Person)
	}
}
