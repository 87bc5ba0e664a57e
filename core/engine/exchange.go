package engine

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"quarterturn/core/collective"
	"quarterturn/core/engine/kernel"
	"quarterturn/core/fault"
)

// A graph that is built as SPMD is of one rank of Options.Group: all ranks run the
// same graph, each on its rows of a batch. What all rows decide goes through
// exchanges: AllReduce, and the statistics of batch normalization in training, which
// are of all ranks' rows, as are the means that its gradient subtracts. All else is
// of the rank's own rows: BatchNormGradient's gradScale and gradOffset too, so that
// each gradient is a sum over ranks that AllReduce takes.
//
// Ranks may have different numbers of rows. Exchanges keep the order in which the
// graph has them, whatever is fused around them.

// DistributedSPMD makes the graph one of a group's rank, which has one device.
func (b *builder) DistributedSPMD(devices int) error {
	if b.backend.options.Group == nil || devices != 1 {
		return fault.Errorf("engine", "a graph for %d devices: %w", devices, compute.ErrNotImplemented)
	}
	b.grouped = true
	return nil
}

// AllReduce sums float32 values over the ranks, all operands in one exchange. The
// one device of a rank is the only group of replicas.
func (f *Function) AllReduce(operands []compute.Value, reduction compute.ReduceOpType, replicas [][]int) ([]compute.Value, error) {
	if !f.builder.grouped || reduction != compute.ReduceOpSum || len(replicas) != 1 || len(replicas[0]) != 1 {
		return nil, fault.Errorf("engine", "AllReduce but for sums over a group: %w", compute.ErrNotImplemented)
	}
	nodes, err := f.take("AllReduce", operands...)
	if err != nil {
		return nil, err
	}
	for _, n := range nodes {
		if n.shape.DType != dtypes.Float32 {
			return nil, fault.Errorf("engine", "AllReduce of %s: only float32: %w", n.shape, compute.ErrNotImplemented)
		}
	}
	results := make([]compute.Value, len(nodes))
	for i, part := range f.exchange(joining{join: joinSums}, nodes...) {
		results[i] = part
	}
	return results, nil
}

// A joining is what becomes of the ranks' values.
type joining struct {
	join  join
	count int // How many values stand behind each of the rank's.
}

type join int

const (
	joinSums    join = iota // Their sums.
	joinMeans               // Sums over so many values of each rank: their means.
	joinMoments             // Means, and behind them biased variances, of so many values: those of all together.
)

var joinNames = map[join]string{joinSums: "sums", joinMeans: "means", joinMoments: "moments"}

// exchange adds an exchange of nodes, and returns a node for each of them with what
// becomes of it.
func (f *Function) exchange(how joining, nodes ...*node) []*node {
	total := 0
	for _, n := range nodes {
		total += n.size()
	}
	all := f.add(&node{op: opExchange, shape: shapes.Make(dtypes.Float32, total), inputs: nodes, data: how})
	parts := make([]*node, len(nodes))
	at := 0
	for i, n := range nodes {
		parts[i] = f.add(&node{op: opPart, shape: n.shape, inputs: []*node{all}, data: at})
		at += n.size()
	}
	return parts
}

// An exchangeStep joins values with those of the other ranks. Where that fails the
// execution does.
type exchangeStep struct {
	how joining
	in  []*value
	out *value
}

func (p *planner) exchangeStep(n *node) step {
	p.lastExchange = len(p.steps)
	return &exchangeStep{how: n.data.(joining), in: p.each(n.inputs, p.use), out: p.make(n)}
}

func (s *exchangeStep) form() string { return "exchange " + joinNames[s.how.join] }

func (s *exchangeStep) run(x *execution) {
	out := s.out.floats[:0]
	for _, v := range s.in {
		out = append(out, v.floats...)
	}
	x.failed = s.joined(x.backend, out)
}

// joined replaces the rank's values by what becomes of them.
func (s *exchangeStep) joined(b *Backend, values []float32) error {
	g := b.options.Group
	switch s.how.join {
	case joinMeans:
		return b.exchanged.means(g, values, s.how.count)
	case joinMoments:
		return b.exchanged.moments(g, values, s.how.count)
	}
	return g.Sum(values)
}

// A joiner has the memory for exchanges that are more than sums.
type joiner struct{ records []float32 }

// means replaces sums over count values by the means over all ranks' values.
func (j *joiner) means(g *collective.Group, sums []float32, count int) error {
	j.records = append(append(j.records[:0], sums...), float32(count))
	if err := g.Sum(j.records); err != nil {
		return err
	}
	all := j.records[len(sums)]
	for i := range sums {
		sums[i] = j.records[i] / max(all, 1)
	}
	return nil
}

// moments replaces means and variances over count values by those over all ranks'
// values (Chan, Golub and LeVeque 1979, "Updating formulae and a pairwise
// algorithm for computing sample variances"): nothing cancels however far
// the means are from 0. Each rank has a record of its own among zeros in what is
// summed, so that all know all.
func (j *joiner) moments(g *collective.Group, values []float32, count int) error {
	record := 1 + len(values)
	j.records = append(j.records[:0], make([]float32, g.Size()*record)...)
	own := j.records[g.Rank()*record:][:record]
	own[0] = float32(count)
	copy(own[1:], values)
	if err := g.Sum(j.records); err != nil {
		return err
	}
	kernel.PoolMoments(values, j.records)
	return nil
}
