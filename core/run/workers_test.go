package run

import "testing"

func TestWorkers(t *testing.T) {
	pretext, head := Default(Pretext), Default(Transfer)
	head.FirstStage, head.Flip, head.PadCrop = 4, false, 0
	tests := []struct {
		name           string
		config         Config
		examples, idle int
		want           int
	}{
		{"a batch of 64 on two cores", pretext, 3000, 2, 2},
		{"on 16", pretext, 3000, 16, 8},
		{"on one that is busy", pretext, 3000, 0, 1},
		{"few pictures", pretext, 20, 8, 2},
		{"a batch of 32", Default(Scratch), 300, 8, 4},
		{"frozen features", head, 300, 8, 1},
	}
	for _, tt := range tests {
		if got := tt.config.Workers(tt.examples, tt.idle); got != tt.want {
			t.Errorf("%s: %d workers, want %d", tt.name, got, tt.want)
		}
	}
}
