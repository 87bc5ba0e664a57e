//go:build browser && !js

package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestDuel plays the first game by the keyboard, a round by a show of hands, and takes the
// card away. Another browser plays the same ten.
func TestDuel(t *testing.T) {
	p := openLab(t, Setting{})
	p.Click(".score .button:nth-last-child(2)") // Duel.
	p.WaitText(".duel-round", "Round 1 of 10")
	p.Until(`document.querySelector(".duel-picture canvas").dataset.painted`)
	p.photograph("duel-open")
	first := p.Attribute(".duel-picture canvas", "data-picture")
	for range 9 {
		p.Press("2")
		p.Wait(".duel-said")
		p.Screenshot("duel-said")
		p.Press(kb.Enter)
		p.Wait(".duel-guess:not(:disabled)")
	}
	p.Click("#duel-hands")
	p.Fill("#votes-0", "4")
	p.Fill("#votes-3", "17")
	p.photograph("duel-hands")
	p.Click(".duel-votes .strong")
	p.Wait(".duel-said")
	p.photograph("duel-answered")
	p.Click(".duel-words .strong")
	p.WaitText(".duel-end figcaption", "of 10")
	if n := Eval[int](p, `document.querySelectorAll(".card-right, .card-wrong").length`); n != 20 {
		t.Errorf("the card has %d squares, want 20", n)
	}
	p.photograph("duel-end")
	card := p.read(p.Download(func() { p.Click(`.duel-end .export:nth-child(1)`) }))
	if !strings.HasPrefix(string(card), "\x89PNG") {
		t.Errorf("the card is %q", card[:min(len(card), 20)])
	}
	p.Click(".duel-end .quiet") // The same again.
	p.WaitText(".duel-round", "Round 1 of 10")
	if again := p.Attribute(".duel-picture canvas", "data-picture"); again != first {
		t.Errorf("the same game begins with picture %s, and began with %s", again, first)
	}
	p.Press(kb.Escape)
	p.WaitGone(".duel")
}
