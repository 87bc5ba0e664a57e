package values

import "testing"

func TestNumbers(t *testing.T) {
	for _, tt := range []struct {
		text         string
		share, count string // "" where it is refused.
	}{
		{"0", "0", "0"}, {"1", "1", "1"}, {"0.25", "0.25", ""}, {"7", "", "7"}, {"-3", "", ""}, {"NaN", "", ""}, {"Inf", "", ""}, {"", "", ""}, {"x", "", ""},
	} {
		var s Share
		var c Count
		if err := s.Set(tt.text); (err == nil) != (tt.share != "") || err == nil && s.String() != tt.share {
			t.Errorf("a share of %q is %v, %v, want %q", tt.text, s, err, tt.share)
		}
		if err := c.Set(tt.text); (err == nil) != (tt.count != "") || err == nil && c.String() != tt.count {
			t.Errorf("a count of %q is %v, %v, want %q", tt.text, c, err, tt.count)
		}
	}
}
