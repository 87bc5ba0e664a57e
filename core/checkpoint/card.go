package checkpoint

import (
	"encoding/json"
	"math"

	"quarterturn/core/fault"
	"quarterturn/core/run"
)

// keyCard is where a file's __metadata__ has the model's card, a JSON object.
const keyCard = "quarterturn.card"

// Limits of a card.
const (
	maxCardBytes = 64 << 10
	maxCardRows  = 64
	maxCardRunes = 2000 // Of one text.
)

// encodeCard adds a card to a file's metadata. A model without one has the bytes
// that it had before there were cards.
func encodeCard(c run.Card, metadata map[string]string) error {
	if c.IsZero() {
		return nil
	}
	b, err := json.Marshal(c)
	if err != nil {
		return fault.Errorf("checkpoint", "card: %w", err)
	}
	metadata[keyCard] = string(b)
	return nil
}

// decodeCard reads a card. It is for people, who would be misled by one that
// makes no sense: such a file is refused.
func decodeCard(text string) (c run.Card, err error) {
	if text == "" {
		return c, nil
	}
	if len(text) > maxCardBytes {
		return c, fault.Errorf("checkpoint", "card of %d bytes, at most %d", len(text), maxCardBytes)
	}
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return c, fault.Errorf("checkpoint", "card: %w", err)
	}
	if len(c.Scores) > maxCardRows || len(c.Probe.Stages) > maxCardRows {
		return c, fault.Errorf("checkpoint", "card of %d scores and %d stages, at most %d", len(c.Scores), len(c.Probe.Stages), maxCardRows)
	}
	for _, p := range textsOf(&c) {
		*p = shortened(*p, maxCardRunes)
	}
	return c, checkCard(c)
}

func textsOf(c *run.Card) []*string {
	texts := []*string{&c.Data, &c.Command, &c.Licence, &c.Probe.Pictures}
	for i := range c.Scores {
		texts = append(texts, &c.Scores[i].Pictures)
	}
	for i := range c.Probe.Stages {
		texts = append(texts, &c.Probe.Stages[i].Stage)
	}
	return texts
}

func checkCard(c run.Card) error {
	counts := []int{c.Parameters, c.Probe.Train, c.Probe.Test, c.Probe.Neighbours}
	shares := []run.Share{{Low: 0, Accuracy: c.Probe.Chance, High: 1}}
	for _, s := range c.Scores {
		counts, shares = append(counts, s.Examples), append(shares, s.Right)
	}
	for _, s := range c.Probe.Stages {
		shares = append(shares, s.Neighbours, s.Linear)
	}
	for _, n := range counts {
		if n < 0 || n > math.MaxInt32 {
			return fault.Errorf("checkpoint", "card with the count %d", n)
		}
	}
	for _, s := range shares {
		if !(0 <= s.Low && s.Low <= s.Accuracy && s.Accuracy <= s.High && s.High <= 1) {
			return fault.Errorf("checkpoint", "card with the share %v, from %v to %v", s.Accuracy, s.Low, s.High)
		}
	}
	return nil
}
