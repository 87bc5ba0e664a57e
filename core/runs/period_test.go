package runs

import (
	"testing"
	"time"
)

func TestPeriod(t *testing.T) {
	tests := []struct {
		text string
		want Period
	}{
		{"0", Period{}},
		{"500", Period{Steps: 500}},
		{"10m", Period{Time: 10 * time.Minute}},
		{"1h", Period{Time: time.Hour}},
		{"1h30m", Period{Time: 90 * time.Minute}},
		{"1h0m5s", Period{Time: time.Hour + 5*time.Second}},
		{"10s", Period{Time: 10 * time.Second}},
		{"100ms", Period{Time: 100 * time.Millisecond}},
	}
	for _, tt := range tests {
		var got Period
		if err := got.Set(tt.text); err != nil || got != tt.want {
			t.Errorf("%s is %+v (%v), want %+v", tt.text, got, err, tt.want)
		}
		if text := got.String(); text != tt.text {
			t.Errorf("%+v is written %s, want %s", got, text, tt.text)
		}
	}
	for _, text := range []string{"", "-1", "-5m", "0s", "often"} {
		if err := new(Period).Set(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
