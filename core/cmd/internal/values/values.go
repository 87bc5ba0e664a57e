// Package values are kinds of flags: their values are checked as they are read.
package values

import (
	"errors"
	"strconv"
)

// A Share is a flag's fraction, 0 to 1.
type Share float64

func (s *Share) String() string { return strconv.FormatFloat(float64(*s), 'g', -1, 64) }

func (s *Share) Set(text string) error {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || !(x >= 0 && x <= 1) { // Also refuses NaN.
		return errors.New("want a number from 0 to 1")
	}
	*s = Share(x)
	return nil
}

// A Number is a flag's number of things, of which there is at least one.
type Number int

func (n *Number) String() string { return strconv.Itoa(int(*n)) }

func (n *Number) Set(text string) error {
	x, err := strconv.Atoi(text)
	if err != nil || x < 1 {
		return errors.New("want a whole number from 1 up")
	}
	*n = Number(x)
	return nil
}

// A Count is a flag's number of things, which may be none.
type Count int

func (c *Count) String() string { return strconv.Itoa(int(*c)) }

func (c *Count) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return errors.New("want a whole number from 0 up")
	}
	*c = Count(n)
	return nil
}
