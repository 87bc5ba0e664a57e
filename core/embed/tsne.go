package embed

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"

	"quarterturn/core/fault"
)

// TSNE arranges rows in the plane so that neighbours stay neighbours. The zero
// TSNE is the usual one.
//
// What it shows is who is near whom. Distances between clusters, their sizes and
// the axes mean nothing, and clusters that one sees may not be there: Purity and
// Silhouette of the features, not of the layout, are the evidence.
//
// Sources: van der Maaten and Hinton, "Visualizing Data using t-SNE", 2008, for
// the objective, the gains and the momentum; van der Maaten, "Accelerating t-SNE
// using Tree-Based Algorithms", 2014; Belkina et al. 2019 for the learning rate;
// Kobak and Berens 2019 for the start.
type TSNE struct {
	// Perplexity is about the number of neighbours that count, at most a third of
	// the rows. 0 is 30, or that third.
	Perplexity float64
	// Theta is how small a group of points must look, its side over its distance,
	// to act as one: 0 to 0.7. 0 is 0.5 unless Exact.
	Theta float64
	// Exact computes every pair, for at most MaxExact rows.
	Exact bool
	// Iterations is the number of steps of gradient descent; 0 is 1,000. In the
	// first quarter, at most 250, the attraction is twelve times as strong.
	Iterations int
	// LearningRate 0 is a forty-eighth of the rows, at least 50.
	LearningRate float64
	// Seed moves each point a little from its start, the first two principal
	// components, so that equal rows come apart.
	Seed uint64
	// Start, if it has rows, is where the points begin, [Rows, 2], as an earlier
	// Layout of rows that have changed since: what stayed as it was stays in its
	// place. The attraction is then twice as strong at first, no more: strays find
	// their cluster, and the order that is there is not drawn into one heap.
	Start Matrix
	Watch Watch
}

// MaxExact bounds the rows for TSNE.Exact: its affinities fill 64 MB then.
const MaxExact = 2000

// MaxTSNE bounds the rows of a TSNE. At 10,000 it takes minutes.
const MaxTSNE = 50_000

// A Layout is a result of TSNE.
type Layout struct {
	Points     Matrix  // [Rows, 2]
	Divergence float64 // Kullback-Leibler, in nats: what the plane could not show.
	Perplexity float64 // As used.
}

// exaggeration is how much stronger the attraction is at first, which lets
// clusters pass through each other.
const exaggeration = 12

// fromLayout is that for points that begin in a layout. Over six epochs of a small
// network, 300 pictures each, the divergence was 0.48 nats with it, 0.52 without,
// 0.52 with 12, and 0.50 where each epoch began with its principal components.
const fromLayout = 2

// Run arranges the rows of x, of which there are at least 4. More than some 50
// columns cost time and bring little: FitPCA first.
func (t TSNE) Run(ctx context.Context, x Matrix) (Layout, error) {
	g, err := t.Begin(ctx, x)
	if err != nil {
		return Layout{}, err
	}
	for g.Done() < g.Iterations() {
		if err := g.Step(ctx); err != nil {
			return Layout{}, err
		}
	}
	return g.Layout(ctx)
}

// Growing is a TSNE on its way, for those who look on.
type Growing struct {
	tsne    TSNE
	descent *descent
	done    int
	watch   func(done int)
}

// Begin is Run before its first step.
func (t TSNE) Begin(ctx context.Context, x Matrix) (*Growing, error) {
	t, err := t.orDefault(x.Rows)
	if err != nil {
		return nil, err
	}
	start, err := t.start(ctx, x)
	if err != nil {
		return nil, err
	}
	p, err := t.affinities(ctx, x)
	if err != nil {
		return nil, err
	}
	return &Growing{tsne: t, descent: newDescent(start, p, t), watch: t.Watch.in(Arranging, t.Iterations)}, nil
}

// Done returns how many steps were taken, of Iterations.
func (g *Growing) Done() int       { return g.done }
func (g *Growing) Iterations() int { return g.tsne.Iterations }

// Step takes a step. After an error, such as that of ctx, there is no way on.
func (g *Growing) Step(ctx context.Context) error {
	if err := g.descent.step(ctx, g.done); err != nil {
		return err
	}
	g.done++
	g.watch(g.done)
	return nil
}

// Points returns where the points are now, [Rows, 2].
func (g *Growing) Points() Matrix { return narrow(g.descent.points) }

// Layout is the result so far.
func (g *Growing) Layout(ctx context.Context) (Layout, error) {
	divergence, err := g.descent.field.divergence(ctx, g.descent.points)
	return Layout{Points: g.Points(), Divergence: divergence, Perplexity: g.tsne.Perplexity}, err
}

// orDefault fills the zero fields and refuses what cannot be.
func (t TSNE) orDefault(rows int) (TSNE, error) {
	if rows < 4 || rows > MaxTSNE {
		return t, fault.Errorf("embed", "t-SNE of %d rows, want 4 to %d", rows, MaxTSNE)
	}
	if t.Exact {
		t.Theta = 0
	} else {
		t.Theta = cmp.Or(t.Theta, 0.5)
	}
	most := float64(rows-1) / 3
	t.Perplexity = cmp.Or(t.Perplexity, min(30, most))
	t.Iterations = cmp.Or(t.Iterations, 1000)
	t.LearningRate = cmp.Or(t.LearningRate, max(float64(rows)/exaggeration/4, 50))
	switch {
	case t.Exact && rows > MaxExact:
		return t, fault.Errorf("embed", "exact t-SNE of %d rows, want at most %d: use the tree (Theta)", rows, MaxExact)
	case !(t.Theta >= 0 && t.Theta <= 0.7): // A group must never look small to its own members, see quadtree.
		return t, fault.Errorf("embed", "Theta is %v, want 0 to 0.7", t.Theta)
	case !(t.Perplexity >= 1 && t.Perplexity <= most):
		return t, fault.Errorf("embed", "a perplexity of %v for %d rows, want 1 to a third of them", t.Perplexity, rows)
	case t.Iterations < 0 || !(t.LearningRate > 0):
		return t, fault.Errorf("embed", "%d iterations at rate %v", t.Iterations, t.LearningRate)
	}
	return t, nil
}

// start returns t.Start, or the first two principal components with a deviation of 1e-4, plus
// a hundredth of that at random: [N, 2].
func (t TSNE) start(ctx context.Context, x Matrix) ([]float64, error) {
	if t.Start.Rows > 0 {
		if t.Start.Rows != x.Rows || t.Start.Cols != 2 {
			return nil, fault.Errorf("embed", "t-SNE of %d rows to start from %d×%d numbers, want %d×2", x.Rows, t.Start.Rows, t.Start.Cols, x.Rows)
		}
		points := make([]float64, len(t.Start.Data))
		widen(points, t.Start.Data)
		return points, nil
	}
	p, err := FitPCA(ctx, x, 2)
	if err != nil {
		return nil, err
	}
	projected, err := p.Project(x)
	if err != nil {
		return nil, err
	}
	const deviation = 1e-4
	scale := deviation / math.Sqrt(p.Variances[0])
	random := rand.New(rand.NewPCG(t.Seed, 0x7e57))
	points := make([]float64, 2*x.Rows)
	for i := range x.Rows {
		for axis := range 2 {
			points[2*i+axis] = random.NormFloat64() * deviation / 100
			if axis < projected.Cols {
				points[2*i+axis] += float64(projected.Row(i)[axis]) * scale
			}
		}
	}
	return points, nil
}

func narrow(points []float64) Matrix {
	m := Matrix{Rows: len(points) / 2, Cols: 2, Data: make([]float32, len(points))}
	for i, v := range points {
		m.Data[i] = float32(v)
	}
	return m
}

// A descent is gradient descent with momentum and a gain for each coordinate,
// which grows while the gradient keeps its sign.
type descent struct {
	field    *field
	points   []float64 // [N, 2]
	velocity []float64
	gain     []float64
	gradient []float64
	rate     float64
	early    int     // Steps with stronger attraction,
	pull     float64 // by so much.
}

func newDescent(start []float64, p affinities, t TSNE) *descent {
	d := &descent{
		field:    newField(p, t.Theta, t.Exact),
		points:   start,
		velocity: make([]float64, len(start)),
		gain:     ones(len(start)),
		gradient: make([]float64, len(start)),
		rate:     t.LearningRate,
		early:    min(250, t.Iterations/4),
		pull:     exaggeration,
	}
	if t.Start.Rows > 0 {
		d.pull = fromLayout
	}
	return d
}

// step moves all points once.
func (d *descent) step(ctx context.Context, step int) error {
	attraction, momentum := 1.0, 0.8
	if step < d.early {
		attraction, momentum = d.pull, 0.5
	}
	if err := d.field.gradient(ctx, d.gradient, d.points, attraction); err != nil {
		return err
	}
	for i, g := range d.gradient {
		if (g > 0) == (d.velocity[i] > 0) {
			d.gain[i] = max(d.gain[i]*0.8, 0.01)
		} else {
			d.gain[i] += 0.2
		}
		d.velocity[i] = momentum*d.velocity[i] - d.rate*d.gain[i]*g
		d.points[i] += d.velocity[i]
	}
	return centre(d.points)
}

// centre moves the points so that their mean is zero.
func centre(points []float64) error {
	var x, y float64
	for i := 0; i < len(points); i += 2 {
		x += points[i]
		y += points[i+1]
	}
	n := float64(len(points) / 2)
	for i := 0; i < len(points); i += 2 {
		points[i] -= x / n
		points[i+1] -= y / n
	}
	if sum := x + y; math.IsNaN(sum) || math.IsInf(sum, 0) {
		return fault.New("embed", "t-SNE flew apart: choose a lower learning rate")
	}
	return nil
}
