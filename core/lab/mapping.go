package lab

import (
	"context"
	"slices"
	"time"

	"quarterturn/core/dataset"
	"quarterturn/core/embed"
	"quarterturn/core/fault"
	"quarterturn/core/measure"
	"quarterturn/core/run"
)

// MaxMapped bounds the pictures of a Map: exact t-SNE takes the square of it.
const MaxMapped = 1000

// An unfinished order goes on behind those that wait: several maps grow side by side,
// and whoever clicks on something else is answered meanwhile.
type unfinished struct{ rest func() error }

func (*unfinished) Error() string { return "lab: there is more to do" }

// A mapping is Map at work.
type mapping struct {
	*examination
	ids    []int
	grown  *measure.Mapping
	warm   bool
	showed time.Time     // When the newest event was told,
	took   time.Duration // and how long it took to make.
}

// lay reports where a network lays pictures out.
func (l *Lab) lay(ctx context.Context, c run.Map) error {
	e, err := l.examine(ctx, c.Model)
	if err != nil {
		return err
	}
	if err := checkMap(c, len(e.subject.Model.Config.Network.Blocks)); err != nil {
		return err
	}
	if c.Untrained {
		e.forget(c.Seed)
	}
	ids, pictures := l.collection.picturesOf(l.collection.spread(c.Pictures, c.Seed))
	m := mapping{examination: e, ids: ids, warm: slices.Equal(ids, c.WarmIDs)}
	mapper := measure.Mapper{Backend: l.options.Backend, Memory: l.memory, Progress: e.tell, Stage: c.Stage, Seed: c.Seed}
	if c.Stage == 0 {
		mapper.Stage = -1
	}
	if m.warm {
		mapper.Start = embed.Matrix{Rows: len(ids), Cols: 2, Data: c.Warm}
	}
	if m.grown, err = mapper.Begin(e.ctx, e.subject, pictures); err != nil {
		return e.end(err)
	}
	if !m.warm {
		if err := m.show(m.grown.First, run.Mapped{}); err != nil {
			return e.end(err)
		}
	}
	return &unfinished{m.grow}
}

func checkMap(c run.Map, stages int) error {
	switch {
	case c.Pictures < measure.FewestPoints || c.Pictures > MaxMapped:
		return fault.Errorf("lab", "a map of %d pictures, want %d to %d", c.Pictures, measure.FewestPoints, MaxMapped)
	case c.Stage < 0 || c.Stage > stages:
		return fault.Errorf("lab", "a map by stage %d: the network has stages 1 to %d", c.Stage, stages)
	case len(c.Warm) != 2*len(c.WarmIDs):
		return fault.Errorf("lab", "a map that begins with %d numbers for %d pictures", len(c.Warm), len(c.WarmIDs))
	}
	return nil
}

// slice is how long a map grows before others have their turn.
const slice = 100 * time.Millisecond

// grow takes steps of t-SNE.
func (m *mapping) grow() error {
	for began := m.now(); ; {
		last, err := m.grown.Grow(m.ctx)
		if err != nil {
			return m.end(err)
		}
		done, all := m.grown.Steps()
		if now := m.now(); last || now.Sub(m.showed) >= max(tellEvery, 4*m.took) { // Showing takes a fifth of the time at most.
			err := m.show(m.grown.Points(), run.Mapped{TSNE: true, Iteration: done, Iterations: all, Final: last})
			if last || err != nil {
				return m.end(err)
			}
		}
		if m.now().Sub(began) >= slice && m.lab.queue.waits() {
			return &unfinished{m.grow}
		}
	}
}

func (m *mapping) now() time.Time { return m.lab.options.Now() }

// show fills an event in and reports it.
func (m *mapping) show(points embed.Matrix, e run.Mapped) error {
	began := m.now()
	e.Stage, e.IDs, e.Points, e.ChancePurity = m.grown.Stage, m.ids, points.Data, m.grown.ChancePurity
	if in := m.grown.InFeatures; in != nil {
		e.FeaturePurity, e.FeatureSilhouette = in.Purity, in.Silhouette
	}
	in, err := m.grown.InLayout(m.ctx, points)
	if err != nil {
		return err
	}
	if in != nil {
		e.Purity, e.Silhouette = in.Purity, in.Silhouette
	}
	m.lab.report(e)
	m.showed = m.now()
	m.took = m.showed.Sub(began)
	return nil
}

// spread chooses at most n items by seed: of each class as many, as far as there are,
// test pictures before those that may have been learnt from. Items without a class are
// chosen where there are no two classes to tell apart.
func (c *collection) spread(n int, seed uint64) []item {
	byClass := make([][]int, len(c.classes)+1) // Those without a class are last.
	for _, test := range []bool{true, false} {
		for _, i := range dataset.Order(seed, 0, len(c.items)) {
			it := c.items[i]
			class := (it.class + len(byClass)) % len(byClass)
			if it.test == test {
				byClass[class] = append(byClass[class], i)
			}
		}
	}
	named := slices.DeleteFunc(slices.Clone(byClass[:len(c.classes)]), func(items []int) bool { return len(items) == 0 })
	if len(named) >= 2 {
		byClass = named
	}
	return c.itemsAt(inTurn(byClass, n))
}

// inTurn takes from each list in turn until there are n, and returns them in order.
func inTurn(lists [][]int, n int) (taken []int) {
	for round := 0; ; round++ {
		before := len(taken)
		for _, list := range lists {
			if round < len(list) && len(taken) < n {
				taken = append(taken, list[round])
			}
		}
		if len(taken) == before {
			slices.Sort(taken)
			return taken
		}
	}
}

func (c *collection) itemsAt(indices []int) []item {
	items := make([]item, len(indices))
	for i, at := range indices {
		items[i] = c.items[at]
	}
	return items
}
