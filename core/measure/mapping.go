package measure

import (
	"context"

	"github.com/gomlx/compute"

	"quarterturn/core/dataset"
	"quarterturn/core/embed"
	"quarterturn/core/fault"
	"quarterturn/core/train"
)

// A Mapper lays pictures out by a network as an Embedder does, for somebody who looks
// on: the principal components are there at once, and t-SNE grows out of them, or out
// of where the pictures were before.
type Mapper struct {
	Backend  compute.Backend
	Progress Progress
	Memory   *Memory // Of features; nil for none.

	Stage      int          // Whose features are laid out: 0 is the stem, -1 the last stage.
	Iterations int          // Of t-SNE; 0 is as many as FirstIterations, or, from Start, AgainIterations.
	Start      embed.Matrix // [Pictures, 2], an earlier layout of them to begin in; empty for none.
	Seed       uint64
}

// The steps of t-SNE where nothing else is said: from the principal components, and
// from an earlier layout.
const (
	FirstIterations = 500
	AgainIterations = 150
)

// A Mapping is a map as it grows.
type Mapping struct {
	Stage        int
	First        embed.Matrix // [Pictures, 2], the first two principal components.
	InFeatures   *Clustering  // Nil where there are no two classes.
	ChancePurity float64

	mapper  Mapper
	labels  []int32
	reduced embed.Matrix // What t-SNE is given.
	growing *embed.Growing
	watch   embed.Watch
}

// Begin makes the first picture.
func (m Mapper) Begin(ctx context.Context, s Subject, pictures *dataset.Pictures) (*Mapping, error) {
	if pictures.Len() < FewestPoints {
		return nil, fault.Errorf("measure", "%d pictures are too few to lay out: at least %d are needed", pictures.Len(), FewestPoints)
	}
	p := &Mapping{
		Stage: m.Stage, ChancePurity: embed.ChancePurity(pictures.Labels),
		mapper: m, labels: pictures.Labels, watch: m.Progress.about(s.Name),
	}
	if m.Stage < 0 {
		p.Stage = s.Model.Config.Stages()
	}
	eye := sees{m.Backend, p.watch, "features", m.Memory}
	features, err := eye.extract(ctx, train.Extraction{Parts: []int{p.Stage}}, s, pictures)
	if err != nil {
		return nil, err
	}
	angles := features[0].Unit()
	if _, p.reduced, err = principal(ctx, angles, DefaultComponents); err != nil {
		return nil, err
	}
	p.First = firstTwo(p.reduced)
	p.InFeatures, err = p.clustering(ctx, angles)
	return p, err
}

// firstTwo returns the first two columns, the second of zeros where there is one.
func firstTwo(m embed.Matrix) embed.Matrix {
	plane := embed.Matrix{Rows: m.Rows, Cols: 2, Data: make([]float32, 0, 2*m.Rows)}
	for i := range m.Rows {
		row := append(m.Row(i), 0)
		plane.Data = append(plane.Data, row[:2]...)
	}
	return plane
}

// Grow takes a step of t-SNE, the first of which takes longer, and reports whether it
// was the last.
func (p *Mapping) Grow(ctx context.Context) (last bool, err error) {
	if p.growing == nil {
		t := embed.TSNE{
			Exact: p.reduced.Rows <= embed.MaxExact, Iterations: p.mapper.Iterations, Start: p.mapper.Start, Seed: p.mapper.Seed, Watch: p.watch,
		}
		if t.Iterations == 0 {
			t.Iterations = FirstIterations
			if t.Start.Rows > 0 {
				t.Iterations = AgainIterations
			}
		}
		if p.growing, err = t.Begin(ctx, p.reduced); err != nil {
			return false, err
		}
	}
	if err := p.growing.Step(ctx); err != nil {
		return false, err
	}
	return p.growing.Done() == p.growing.Iterations(), nil
}

// Steps returns how many were taken, of how many, once Grow was called.
func (p *Mapping) Steps() (done, all int) { return p.growing.Done(), p.growing.Iterations() }

// Points returns where t-SNE has the pictures now, [Pictures, 2], once Grow was called.
func (p *Mapping) Points() embed.Matrix { return p.growing.Points() }

// InLayout measures how well classes keep together among points, nil where there are
// no two classes.
func (p *Mapping) InLayout(ctx context.Context, points embed.Matrix) (*Clustering, error) {
	return p.clustering(ctx, points)
}

func (p *Mapping) clustering(ctx context.Context, x embed.Matrix) (*Clustering, error) {
	if !hasTwoClasses(p.labels) {
		return nil, nil
	}
	return Embedder{Neighbours: min(DefaultNeighbours, x.Rows-1), Seed: p.mapper.Seed}.clustering(ctx, x, p.labels, p.watch)
}
