// Package fault makes errors of two parts: the place that reports one, for those
// who work on the program, and the reason, for whoever uses it.
//
// Error returns both, as in "dataset: record 7: label 12, want 0 to 9". Reason
// returns what a person is told, "record 7: label 12, want 0 to 9", at whatever
// depth of wrapping the places are: nobody needs a list of them to take away.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// A fault is an error with the package that reports it.
type fault struct {
	place  string
	reason error
}

// New returns an error with a constant reason.
func New(place, reason string) error { return &fault{place, errors.New(reason)} }

// Errorf returns an error whose reason is formatted, and wraps, as by fmt.Errorf.
func Errorf(place, format string, args ...any) error {
	return &fault{place, fmt.Errorf(format, args...)}
}

func (f *fault) Error() string { return f.place + ": " + f.reason.Error() }

func (f *fault) Unwrap() error { return f.reason }

// Reason returns the text of err without places, or "" for nil.
//
// Errors of other kinds in between, such as fmt's, are kept: in their text that of
// the errors which they wrap is replaced by its reason.
func Reason(err error) string {
	switch e := err.(type) {
	case nil:
		return ""
	case *fault:
		return Reason(e.reason)
	case interface{ Unwrap() error }:
		return without(err.Error(), e.Unwrap())
	case interface{ Unwrap() []error }:
		return without(err.Error(), e.Unwrap()...)
	}
	return err.Error()
}

// without replaces the texts of wrapped errors, which text has in this order, by
// their reasons.
func without(text string, wrapped ...error) string {
	var b strings.Builder
	for _, err := range wrapped {
		if err == nil {
			continue
		}
		before, after, found := strings.Cut(text, err.Error())
		if !found { // Not in order, or not in the text at all.
			continue
		}
		b.WriteString(before)
		b.WriteString(Reason(err))
		text = after
	}
	return b.String() + text
}
