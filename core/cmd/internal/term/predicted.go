package term

import (
	"encoding/json"
	"fmt"
	"strings"

	"quarterturn/core/checkpoint"
	"quarterturn/core/internal/printable"
	"quarterturn/core/rotation"
	"quarterturn/core/run"
)

// PrintTurns prints a row for each turn and a column for each class, or only the
// likeliest classes where there are many.
func PrintTurns(t *Terminal, file string, m *checkpoint.Model, turns [rotation.Turns]run.Guess) {
	fmt.Fprintln(t.Out, printable.Text(file))
	fmt.Fprintf(t.Out, "  %-14s %s\n", "turned by", "the model believes")
	for k, guess := range turns {
		var cells []string
		for i, p := range guess {
			cells = append(cells, fmt.Sprintf("%s %5.1f %%", printable.Text(m.Classes[i]), 100*p))
		}
		best := 0
		for i, p := range guess {
			if p > guess[best] {
				best = i
			}
		}
		if len(cells) > rotation.Turns {
			cells = []string{cells[best]}
		}
		mark := "  "
		if m.Task == run.Pretext {
			mark = map[bool]string{true: "✓ ", false: "✗ "}[best == k]
		}
		fmt.Fprintf(t.Out, "  %-14s %s%s\n", fmt.Sprintf("%d°", rotation.Degrees(k)), mark, strings.Join(cells, "   "))
	}
}

// PrintTurnsJSON writes the same as an object.
func PrintTurnsJSON(t *Terminal, file string, m *checkpoint.Model, turns [rotation.Turns]run.Guess) error {
	type turn struct {
		Degrees       int       `json:"degrees"` // Counter-clockwise.
		Probabilities run.Guess `json:"probabilities"`
	}
	result := struct {
		File    string   `json:"file"`
		Task    run.Task `json:"task"`
		Classes []string `json:"classes"`
		Turns   []turn   `json:"turns"`
	}{File: file, Task: m.Task, Classes: m.Classes}
	for k, guess := range turns {
		result.Turns = append(result.Turns, turn{rotation.Degrees(k), guess})
	}
	return json.NewEncoder(t.Out).Encode(result)
}
