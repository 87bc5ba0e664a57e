package run

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// A Value is the place of a setting in a Config, read and set as text; it is a
// flag.Value. Set takes what is of the right kind; whether it is in range is for
// Validate to say, when the settings that the range hangs on are known. Its errors
// say what is wanted and leave the name of the setting to the caller.
//
// Package encoding/json reads and writes it as the number, truth, text or list that
// it is.
type Value interface {
	String() string
	Set(text string) error
}

// The kinds of values, each a view of a field.
type (
	whole   int
	seed    uint64
	decimal float64
	truth   bool
	word    string // One of a setting's choices.
	list    []int
	depth   Network // Sets the blocks and leaves the rest.
)

func (v *whole) String() string   { return strconv.Itoa(int(*v)) }
func (v *seed) String() string    { return strconv.FormatUint(uint64(*v), 10) }
func (v *decimal) String() string { return strconv.FormatFloat(float64(*v), 'g', -1, 64) }
func (v *truth) String() string   { return strconv.FormatBool(bool(*v)) }
func (v *word) String() string    { return string(*v) }

func (v *list) String() string {
	var parts []string
	for _, n := range *v {
		parts = append(parts, strconv.Itoa(n))
	}
	return strings.Join(parts, ",")
}

// String returns the number of layers of a network that has a name by it, else
// nothing.
func (v *depth) String() string {
	n := Network(*v).Depth()
	if !slices.Equal(depths[n], v.Blocks) || len(v.Blocks) == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (v *whole) Set(text string) error {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		return errors.New("want " + Whole.Want())
	}
	*v = whole(n)
	return nil
}

func (v *seed) Set(text string) error {
	n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return errors.New("want " + Seed.Want())
	}
	*v = seed(n)
	return nil
}

func (v *decimal) Set(text string) error {
	x, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil {
		return errors.New("want " + Decimal.Want())
	}
	*v = decimal(x)
	return nil
}

func (v *truth) Set(text string) error {
	b, err := strconv.ParseBool(strings.TrimSpace(text))
	if err != nil {
		return errors.New("want " + Truth.Want())
	}
	*v = truth(b)
	return nil
}

// IsBoolFlag lets package flag take the name alone for true.
func (*truth) IsBoolFlag() bool { return true }

func (v *word) Set(text string) error {
	*v = word(strings.TrimSpace(text))
	return nil
}

func (v *list) Set(text string) error {
	var numbers []int
	for field := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(field))
		if err != nil {
			return errors.New("want " + List.Want())
		}
		numbers = append(numbers, n)
	}
	*v = numbers
	return nil
}

func (v *depth) Set(text string) error {
	n, _ := strconv.Atoi(strings.TrimSpace(text))
	blocks, ok := depths[n]
	if !ok {
		return errors.New("want " + namedDepths)
	}
	v.Blocks = slices.Clone(blocks)
	return nil
}

// UnmarshalJSON takes the number as JSON has it.
func (v *depth) UnmarshalJSON(b []byte) error { return v.Set(string(b)) }
