package main

import (
	"flag"
	"fmt"

	"quarterturn/core/cmd/internal/values"
	"quarterturn/core/dataset"
)

// mostDamaged is the share of pictures that may be unusable where nothing else is said.
const mostDamaged = 0.01

// A reading is how pictures are read: how much of them may be unusable, and where they
// are kept once they are decoded. The zero reading is the usual.
type reading struct {
	share  *float64 // Nil for mostDamaged.
	strict bool
	cache  string // See openKept.
}

func (r *reading) add(flags *flag.FlagSet) {
	r.share = new(float64)
	*r.share = mostDamaged
	flags.Var((*values.Share)(r.share), "damaged", "`share` of the pictures that may be unusable; damaged archives only pass with 1")
	flags.BoolVar(&r.strict, "strict", false, "end where any picture cannot be used")
	cacheFlag(flags, &r.cache)
}

// check returns an error where more is lost than may be.
func (r reading) check(flag, path string, set *dataset.Set) error {
	share := mostDamaged
	if r.share != nil {
		share = *r.share
	}
	if r.strict {
		share = 0
	}
	err := set.Check(share)
	switch {
	case err == nil:
		return nil
	case r.strict:
		return fmt.Errorf("%s %s: %w (--strict)", flag, path, err)
	}
	return fmt.Errorf("%s %s: %w. Get it again, or mend it; --damaged 1 takes what can be read", flag, path, err)
}
