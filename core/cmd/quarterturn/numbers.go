package main

import (
	"errors"
	"strconv"
)

// A share is a flag's fraction, 0 to 1.
type share float64

func (s *share) String() string { return strconv.FormatFloat(float64(*s), 'g', -1, 64) }

func (s *share) Set(text string) error {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || !(x >= 0 && x <= 1) { // Also refuses NaN.
		return errors.New("want a number from 0 to 1")
	}
	*s = share(x)
	return nil
}

// A count is a flag's number of things, which may be none.
type count int

func (c *count) String() string { return strconv.Itoa(int(*c)) }

func (c *count) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return errors.New("want a whole number from 0 up")
	}
	*c = count(n)
	return nil
}
