package runs

import (
	"testing"
	"time"
)

// TestTimingOf: what a run did between a start and a stop is counted, what it did not
// is not, and of what was killed only what its events tell.
func TestTimingOf(t *testing.T) {
	line := func(minute int, event string) string {
		return time.Date(2026, 11, 27, 10, minute, 0, 0, time.UTC).Format(`{"time":"`+time.RFC3339Nano+`","step":1,"event":"`) + event + "\"}\n"
	}
	for _, tt := range []struct {
		name    string
		events  string
		worked  int // Minutes.
		last    int
		atLeast bool
	}{
		{"finished", line(0, "started") + line(9, "finished"), 9, 9, false},
		{"stopped", line(0, "started") + line(5, "stopped") + line(20, "resumed") + line(22, "finished"), 7, 22, false},
		{"killed", line(0, "started") + line(3, "not saved") + line(20, "resumed") + line(22, "finished"), 5, 22, true},
		{"at work", line(0, "started") + line(4, "rolled back"), 4, 4, true},
		{"started", line(0, "started"), 0, 0, true},
		{"torn off", line(0, "started") + `{"time":"20` + line(3, "resumed") + line(4, "resumed") + line(6, "finished"), 2, 6, true},
		{"clock set back", line(0, "started") + line(9, "finished") + line(5, "resumed") + line(20, "finished"), 9, 20, true},
		{"of another program", line(0, "started") + `{"moment":1}` + "\n" + line(2, "stopped"), 2, 2, true},
	} {
		got := timingOf([]byte(tt.events))
		if got.Worked != time.Duration(tt.worked)*time.Minute || got.Begun.Minute() != 0 || got.Ended.Minute() != tt.last || got.AtLeast != tt.atLeast {
			t.Errorf("%s: %+v, want %d minutes up to %d, at least: %v", tt.name, got, tt.worked, tt.last, tt.atLeast)
		}
	}
	if got := timingOf(nil); got != (Timing{}) {
		t.Errorf("of nothing: %+v", got)
	}
}
