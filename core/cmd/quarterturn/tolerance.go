package main

import (
	"flag"
	"fmt"

	"quarterturn/core/cmd/internal/values"
	"quarterturn/core/dataset"
)

// mostDamaged is the share of pictures that may be unusable where nothing else is said.
const mostDamaged = 0.01

// A tolerance is how much of the pictures may be unusable. The zero tolerance is
// mostDamaged.
type tolerance struct {
	share  *float64
	strict bool
}

func (l *tolerance) add(flags *flag.FlagSet) {
	l.share = new(float64)
	*l.share = mostDamaged
	flags.Var((*values.Share)(l.share), "damaged", "`share` of the pictures that may be unusable; damaged archives only pass with 1")
	flags.BoolVar(&l.strict, "strict", false, "end where any picture cannot be used")
}

// check returns an error where more is lost than may be.
func (l tolerance) check(flag, path string, set *dataset.Set) error {
	share := mostDamaged
	if l.share != nil {
		share = *l.share
	}
	if l.strict {
		share = 0
	}
	err := set.Check(share)
	switch {
	case err == nil:
		return nil
	case l.strict:
		return fmt.Errorf("%s %s: %w (--strict)", flag, path, err)
	}
	return fmt.Errorf("%s %s: %w. Get it again, or mend it; --damaged 1 takes what can be read", flag, path, err)
}
