package train

import (
	"context"
	"errors"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/distributed"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"quarterturn/core/collective"
	"quarterturn/core/fault"
)

// ErrStopped ends a run of which another worker was told to stop. The weights are
// those of the last finished step, on all of them.
var ErrStopped = fault.New("train", "the run was stopped by another of its workers")

// A division is one worker's part of a run that several compute together, each with
// a backend of its own; nil is a run alone. Unlike a spread, which leaves it to a
// compiler to divide one graph of the whole batch, each worker has a graph of its
// rows, and says what is summed: the gradients and the loss. The backend sums the
// statistics of batch normalization. All workers are given the same run, and have
// the same weights after each step, to the bit.
//
// A worker makes and computes its own rows of a batch, and every so many batches of
// an evaluation. What is frozen and kept is computed by each for itself.
type division struct {
	group *collective.Group
	mesh  *distributed.DeviceMesh // The one device of a worker, for GoMLX to build graphs with sums.
}

// newDivision has a batcher make one worker's part of each batch. It returns nil for no
// group, or one of more workers than a batch has pictures: then each computes the whole
// run.
func newDivision(backend compute.Backend, options Options, b *batcher) (*division, error) {
	g := options.Group
	if g == nil || g.Size() == 1 || b.perStep < g.Size() {
		return nil, nil
	}
	if options.Devices > 1 || !backend.Capabilities().Operations[compute.OpTypeAllReduce] {
		return nil, fault.Errorf("train", "a run on %d workers: the backend %s cannot sum over them", g.Size(), backend.Name())
	}
	mesh, err := distributed.NewDeviceMesh([]int{1}, []string{"worker"})
	if err != nil {
		return nil, fault.Errorf("train", "%w", err)
	}
	b.from, b.to = g.Part(b.perStep)
	return &division{g, mesh}, nil
}

// lay has an executor's graphs be those of one worker among others.
func (d *division) lay(exec *model.Exec) {
	if d != nil {
		exec.SPMD(d.mesh)
	}
}

// sum returns the sums of nodes over all workers.
func (d *division) sum(nodes []*graph.Node) []*graph.Node {
	if d == nil {
		return nodes
	}
	return nodes[0].Graph().Distributed().AllReduce(nodes, compute.ReduceOpSum)
}

// share adds up what all workers have.
func (d *division) share(values []float32) error {
	if d == nil {
		return nil
	}
	return d.group.Sum(values)
}

// count returns the sum of a number over all workers.
func (d *division) count(n int) (int, error) {
	sum := []float32{float32(n)}
	err := d.share(sum)
	return int(sum[0]), err
}

// workers returns how many there are.
func (d *division) workers() int {
	if d == nil {
		return 1
	}
	return d.group.Size()
}

// rank returns which of them this is.
func (d *division) rank() int {
	if d == nil {
		return 0
	}
	return d.group.Rank()
}

// errBrokeOff is how a run ends that panics.
var errBrokeOff = fault.New("train", "the run broke off")

// end tells the other workers how a run ended here, if they do not know, so that none
// waits: they end where they next would wait for us.
func (d *division) end(ctx context.Context, err error) {
	switch {
	case d == nil || err == nil || errors.Is(err, collective.ErrRefused):
	case ctx.Err() != nil:
		d.group.Refuse()
	default:
		d.group.Leave()
	}
}

// told returns ErrStopped for what a worker sees of another one's stop.
func (d *division) told(err error) error {
	if errors.Is(err, collective.ErrRefused) {
		return ErrStopped
	}
	return err
}
