package runs

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// A Period is a time or a number of steps; the zero Period is never over.
type Period struct {
	Steps int
	Time  time.Duration
}

// Over reports whether the period has passed.
func (p Period) Over(steps int, passed time.Duration) bool {
	return p.Steps > 0 && steps >= p.Steps || p.Time > 0 && passed >= p.Time
}

// String writes a Period as Set reads it.
func (p *Period) String() string {
	if p.Time == 0 {
		return strconv.Itoa(p.Steps)
	}
	text := p.Time.String() // Such as 1h0m0s.
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-len("0s")]
		}
	}
	return text
}

// Set reads a time such as 10m or a number of steps such as 500.
func (p *Period) Set(text string) error {
	if steps, err := strconv.Atoi(text); err == nil && steps >= 0 {
		*p = Period{Steps: steps}
		return nil
	}
	passed, err := time.ParseDuration(text)
	if err != nil || passed <= 0 {
		return errors.New("want a time such as 10m or a number of steps such as 500")
	}
	*p = Period{Time: passed}
	return nil
}

// MarshalText and UnmarshalText write it in config.json as in the flag.
func (p Period) MarshalText() ([]byte, error)  { return []byte(p.String()), nil }
func (p *Period) UnmarshalText(b []byte) error { return p.Set(string(b)) }
