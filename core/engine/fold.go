package engine

import (
	"slices"

	"github.com/gomlx/compute"
)

// maxFoldedSize is how many values a folded constant may have. Larger ones would
// cost more memory than their computation costs time.
const maxFoldedSize = 1 << 16

// foldConstants computes what depends on constants alone, once, and makes the
// results constants. Broadcasts stay: loops read through them for nothing.
func foldConstants(b *Backend, f *Function) error {
	if f.folded {
		return nil
	}
	known := make([]bool, len(f.nodes))
	folds := func(n *node) bool {
		return known[n.id] && n.op != compute.OpTypeConstant && n.op != compute.OpTypeBroadcastInDim && n.size() <= maxFoldedSize
	}
	var results []*node
	needs := func(n *node) {
		if folds(n) && !slices.Contains(results, n) {
			results = append(results, n)
		}
	}
	for _, n := range f.nodes {
		known[n.id] = n.op == compute.OpTypeConstant ||
			len(n.inputs) > 0 && n.op != opExchange && !slices.ContainsFunc(n.inputs, func(in *node) bool { return !known[in.id] })
		if !folds(n) {
			for _, input := range n.inputs {
				needs(input)
			}
		}
	}
	for _, n := range f.outputs {
		needs(n)
	}
	if len(results) == 0 {
		return nil
	}
	return evaluate(b, f, results)
}

// evaluate computes nodes that need no parameter, and turns them into constants.
func evaluate(b *Backend, f *Function, results []*node) error {
	part := &Function{builder: f.builder, nodes: f.nodes, outputs: results, folded: true}
	p, err := compile(b, part)
	if err != nil {
		return err
	}
	outputs, err := newExecutable(b, part, p).Execute(nil, nil, 0)
	if err != nil {
		return err
	}
	for _, n := range f.nodes {
		n.plan = notes{}
	}
	for i, n := range results {
		n.op, n.inputs, n.axes, n.data = compute.OpTypeConstant, nil, nil, nil
		n.constant = outputs[i].(*buffer).memory
		if n.constant == nil {
			n.constant = []uint64{}
		}
	}
	return nil
}
