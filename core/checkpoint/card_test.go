package checkpoint

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"quarterturn/core/run"
)

func sampleCard() run.Card {
	return run.Card{
		Data: "noise", Command: "quarterturn pretrain", Seed: 1 << 63, Licence: "Apache-2.0", Parameters: 77,
		Scores: []run.CardScore{{Pictures: "test pictures", Examples: 4000, Right: run.Share{Accuracy: 0.72, Low: 0.7, High: 0.74}}},
		Probe: run.CardProbe{
			Pictures: "photographs", Train: 608, Test: 158, Neighbours: 20, Chance: 0.1,
			Stages: []run.CardStage{{Stage: "stem", Neighbours: run.Share{Accuracy: 0.4, Low: 0.3, High: 0.5}, Linear: run.Share{High: 1}}},
		},
	}
}

func TestCardRoundTrip(t *testing.T) {
	want := sample()
	want.Card = sampleCard()
	got, err := Decode(encoded(t, want))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("came back as %+v, %v", got, err)
	}
}

// TestNoCardNoBytes: runs that go on must end with the bytes they always had.
func TestNoCardNoBytes(t *testing.T) {
	if b := encoded(t, sample()); strings.Contains(string(b), keyCard) {
		t.Error("a model without a card has one in its file")
	}
}

func TestCardIsNotTrusted(t *testing.T) {
	for name, text := range map[string]string{
		"no JSON":           `{"Data":`,
		"another type":      `{"Data":3}`,
		"too long":          `{"Data":"` + strings.Repeat("x", maxCardBytes) + `"}`,
		"too many scores":   `{"Scores":[` + strings.Repeat("{},", maxCardRows) + `{}]}`,
		"accuracy above 1":  `{"Scores":[{"Right":{"Accuracy":2,"High":1}}]}`,
		"interval":          `{"Scores":[{"Right":{"Accuracy":0.5,"Low":0.6,"High":1}}]}`,
		"many stages":       `{"Probe":{"Stages":[` + strings.Repeat("{},", maxCardRows) + `{}]}}`,
		"low below 0":       `{"Scores":[{"Right":{"Accuracy":0.5,"Low":-0.1,"High":1}}]}`,
		"high below":        `{"Scores":[{"Right":{"Accuracy":0.5,"Low":0.4,"High":0.45}}]}`,
		"high above 1":      `{"Scores":[{"Right":{"Accuracy":0.5,"High":1.1}}]}`,
		"neighbours":        `{"Probe":{"Stages":[{"Neighbours":{"Accuracy":2,"High":1}}]}}`,
		"linear":            `{"Probe":{"Stages":[{"Linear":{"Accuracy":2,"High":1}}]}}`,
		"parameters":        `{"Parameters":-1}`,
		"huge count":        `{"Parameters":2147483648}`,
		"negative count":    `{"Probe":{"Train":-1}}`,
		"negative test":     `{"Probe":{"Test":-1}}`,
		"negative voters":   `{"Probe":{"Neighbours":-1}}`,
		"negative pictures": `{"Scores":[{"Examples":-1}]}`,
		"chance":            `{"Probe":{"Chance":-0.1}}`,
	} {
		if c, err := decodeCard(text); err == nil {
			t.Errorf("%s: taken as %+v", name, c)
		}
	}
	c, err := decodeCard(`{"Data":"a\u001b[2Jb` + strings.Repeat("y", 3000) + `"}`)
	if err != nil || strings.ContainsRune(c.Data, '\x1b') || len([]rune(c.Data)) != maxCardRunes {
		t.Errorf("a text that moves cursors, and is too long, was read as %d runes (error %v)", len([]rune(c.Data)), err)
	}
}

// TestCardTextsArePrintable changes each text of a card to one that moves cursors.
func TestCardTextsArePrintable(t *testing.T) {
	const bad, want = "a\x1b[2J", "a\uFFFD[2J"
	c := run.Card{
		Data: bad, Command: bad, Licence: bad,
		Scores: []run.CardScore{{Pictures: bad}},
		Probe:  run.CardProbe{Pictures: bad, Stages: []run.CardStage{{Stage: bad}}},
	}
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeCard(string(b))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{got.Data, got.Command, got.Licence, got.Scores[0].Pictures, got.Probe.Pictures, got.Probe.Stages[0].Stage} {
		if text != want {
			t.Errorf("a text of the card was read as %q, want %q", text, want)
		}
	}
}
