package main

import (
	"errors"
	"flag"
	"fmt"
	"strconv"

	"quarterturn/core/dataset"
)

// addValidation adds the flag of commands that learn.
func (f *dataFlags) addValidation(flags *flag.FlagSet) {
	f.validation = dataset.DefaultValidation
	flags.Var((*validationShare)(&f.validation), "validation",
		"`share` of each class's training pictures kept to choose by: the best epoch, rates; the test pictures are then looked at once, at the end. 0 chooses by the test pictures")
}

// A validationShare is the flag's value.
type validationShare float64

func (s *validationShare) String() string { return strconv.FormatFloat(float64(*s), 'g', -1, 64) }

func (s *validationShare) Set(text string) error {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return errors.New("want a number")
	}
	if !dataset.IsValidationShare(x) {
		return fmt.Errorf("want 0 to %v", dataset.LargestValidation)
	}
	*s = validationShare(x)
	return nil
}
