// Package measure finds out what a network knows, without training it further:
// how many pictures it gets right, what each of its stages knows of classes, how
// it lays pictures out in the plane, what it takes for what, and how all of that
// came about over the epochs of a run.
//
// The same pictures, network and seed give the same numbers, wherever they are
// measured. Accuracies, shares and purities are fractions, 0 to 1. Everything
// that takes long is told by a Progress, and ends with the error of its context.
package measure

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"

	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/embed"
	"quarterturn/core/train"
)

// A Subject is a network with what to call it.
type Subject struct {
	Name  string
	Model *checkpoint.Model
	Sum   string // By which a Memory knows the network; empty for one that it is not to remember.
}

// A Progress is told how far a phase of looking at a subject, or a part of one, is.
// Nil is told nothing.
type Progress func(subject string, r embed.Report)

// about is p for a subject, as package embed takes it.
func (p Progress) about(subject string) embed.Watch {
	return func(r embed.Report) {
		if p != nil {
			p(subject, r)
		}
	}
}

// PartName is what people call a part of a network: 0 is the stem, k stage k.
func PartName(part int) string {
	if part == 0 {
		return "stem"
	}
	return fmt.Sprintf("stage %d", part)
}

// sees takes features by a backend.
type sees struct {
	backend compute.Backend
	watch   embed.Watch
	phase   embed.Phase
	memory  *Memory // Nil for none.
}

// extract takes features as matrices, one for each part of e.
func (s sees) extract(ctx context.Context, e train.Extraction, subject Subject, pictures *dataset.Pictures) ([]embed.Matrix, error) {
	m := subject.Model
	e.Between = func(done int) error {
		s.watch(embed.Report{Phase: s.phase, Done: done, Total: pictures.Len()})
		return ctx.Err()
	}
	features, err := s.memory.extract(s.backend, e, subject, pictures)
	if err != nil {
		return nil, err
	}
	matrices := make([]embed.Matrix, len(features))
	for i, part := range e.Parts {
		if matrices[i], err = embed.NewMatrix(features[i], e.Width(m.Config, part, pictures.Side)); err != nil {
			return nil, err
		}
	}
	return matrices, nil
}

// hasTwoClasses reports whether labels are of at least two classes.
func hasTwoClasses(labels []int32) bool {
	first := int32(dataset.Unlabelled)
	for _, label := range labels {
		switch {
		case label == dataset.Unlabelled || label == first:
		case first == dataset.Unlabelled:
			first = label
		default:
			return true
		}
	}
	return false
}
