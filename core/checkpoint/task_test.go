package checkpoint

import (
	"slices"
	"testing"

	"quarterturn/core/resnet"
	"quarterturn/core/run"
)

// TestFilesThatDoNotSayTheirTask checks that one place decides what such a file is
// for, so that the page and the command take it for the same.
func TestFilesThatDoNotSayTheirTask(t *testing.T) {
	tests := []struct {
		name    string
		task    run.Task
		logits  int
		classes []string
		want    run.Task
		names   []string
	}{
		{"four logits", "", 4, nil, run.Pretext, TurnNames()},
		{"four named classes", "", 4, []string{"ant", "bee", "cat", "dog"}, run.Scratch, []string{"ant", "bee", "cat", "dog"}},
		{"three logits", "", 3, nil, run.Scratch, []string{"class 0", "class 1", "class 2"}},
		{"says so, without names", run.Transfer, 4, nil, run.Transfer, []string{"class 0", "class 1", "class 2", "class 3"}},
		{"pretext, without names", run.Pretext, 4, nil, run.Pretext, TurnNames()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			config := resnet.Config{Network: run.Network{Blocks: []int{1}, Width: 4}, Classes: tt.logits}
			b, err := Encode(&Model{Config: config, Task: tt.task, Side: 32, Classes: tt.classes, Weights: Initial(config, 1)})
			if err != nil {
				t.Fatal(err)
			}
			m, err := Decode(b)
			if err != nil {
				t.Fatal(err)
			}
			if m.Task != tt.want || !slices.Equal(m.Classes, tt.names) {
				t.Errorf("decoded as %q of %q, want %q of %q", m.Task, m.Classes, tt.want, tt.names)
			}
		})
	}
}
