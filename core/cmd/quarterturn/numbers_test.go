package main

import "testing"

func TestNumbers(t *testing.T) {
	for _, tt := range []struct {
		text         string
		share, count string // "" where it is refused.
	}{
		{"0", "0", "0"}, {"1", "1", "1"}, {"0.25", "0.25", ""}, {"7", "", "7"}, {"-3", "", ""}, {"NaN", "", ""}, {"Inf", "", ""}, {"", "", ""}, {"x", "", ""},
	} {
		var s share
		var c count
		if err := s.Set(tt.text); (err == nil) != (tt.share != "") || err == nil && s.String() != tt.share {
			t.Errorf("a share of %q is %v, %v, want %q", tt.text, s, err, tt.share)
		}
		if err := c.Set(tt.text); (err == nil) != (tt.count != "") || err == nil && c.String() != tt.count {
			t.Errorf("a count of %q is %v, %v, want %q", tt.text, c, err, tt.count)
		}
	}
}

// TestNonsenseIsRefused: numbers that nothing could be done with are mistakes of the
// flag, said before anything is opened.
func TestNonsenseIsRefused(t *testing.T) {
	for _, args := range [][]string{
		{"pretrain", "--hold-out", "7"}, {"finetune", "--hold-out", "-3"}, {"eval", "--hold-out", "NaN"}, {"pretrain", "--limit", "-1"}, {"pretrain", "--keep", "-5"},
		{"finetune", "--labels-per-class", "many"},
	} {
		if code, _, said := call(t, args...); code != 2 {
			t.Errorf("%v: exit code %d, %s", args, code, said)
		}
	}
}
