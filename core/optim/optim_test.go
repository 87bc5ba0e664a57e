package optim

import (
	"math"
	"testing"

	"quarterturn/core/run"
)

func TestSchedule(t *testing.T) {
	cosine := Schedule{Kind: run.Cosine, Base: 0.1, Steps: 110, Warmup: 10}
	steps := Schedule{Kind: run.Step, Base: 0.1, Steps: 200}
	cycle := Schedule{Kind: run.OneCycle, Base: 0.5, Steps: 101, Warmup: 7}
	tests := []struct {
		name     string
		schedule Schedule
		step     int
		want     float64
	}{
		{"warm-up begins above 0", cosine, 0, 0.01},
		{"warm-up ends at the base", cosine, 9, 0.1},
		{"cosine begins at the base", cosine, 10, 0.1},
		{"half way is half", cosine, 60, 0.05},
		{"the last step is not quite 0", cosine, 109, 0.1 * (1 + math.Cos(math.Pi*0.99)) / 2},
		{"beyond the end", cosine, 1000, 0.1 * (1 + math.Cos(math.Pi*0.99)) / 2},
		{"before RotNet's first milestone", steps, 59, 0.1},
		{"at it", steps, 60, 0.02},
		{"after the last", steps, 199, 0.1 / 125},
		{"one cycle begins low, without warm-up", cycle, 0, 0.02},
		{"half way up", cycle, 15, 0.26},
		{"peaks at 30 %", cycle, 30, 0.5},
		{"half way down", cycle, 65, 0.250025},
		{"and ends lower", cycle, 100, 0.5e-4},
		{"and stays there", cycle, 1000, 0.5e-4},
		{"constant", Schedule{Kind: run.Constant, Base: 0.3, Steps: 5}, 4, 0.3},
		{"no steps at all", Schedule{Kind: run.Cosine, Base: 0.3}, 0, 0.3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.schedule.At(tt.step); math.Abs(got-tt.want) > 1e-12 {
				t.Errorf("At(%d) = %v, want %v", tt.step, got, tt.want)
			}
		})
	}
}

func TestScheduleOf(t *testing.T) {
	c := run.Config{Schedule: run.Step, LearningRate: 0.3, Epochs: 4, WarmupEpochs: 0.5}
	want := Schedule{Kind: run.Step, Base: 0.3, Steps: 36, Warmup: 5} // 4.5 steps are rounded.
	if got := ScheduleOf(c, 9); got != want {
		t.Errorf("ScheduleOf = %+v, want %+v", got, want)
	}
}
