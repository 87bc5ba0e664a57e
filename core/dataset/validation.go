package dataset

import "math"

// HoldOutValidation moves a share, 0 to 1, of each class's training pictures to
// Validation, so that what is chosen while learning, such as rates and the best epoch,
// is not chosen by the test pictures. Train is changed in place. Nothing else is drawn by the seed as these are.
// Classes keep pictures to learn from as in Split. With a share of 0 none move.
func (s *Set) HoldOutValidation(share float64, seed uint64) {
	if !(share > 0) {
		return
	}
	train, held := Split(s.Train.Labels, share, mix(seed^purposeValidation))
	s.Validation = s.Train.part(train, held)
}

// Validating returns the pictures that a run is validated with: the test pictures
// where there are none of their own.
func (s *Set) Validating() *Pictures {
	if s.Validation != nil {
		return s.Validation
	}
	return s.Test
}

// DefaultValidation is the share of the training pictures held out for validation where
// nothing else is said.
const DefaultValidation = 0.1

// LargestValidation is the share beyond which a run would learn from fewer pictures
// than it is validated with.
const LargestValidation = 0.5

// IsValidationShare reports whether a share of the training pictures can be held out
// for validation.
func IsValidationShare(share float64) bool {
	return !math.IsNaN(share) && share >= 0 && share <= LargestValidation
}
