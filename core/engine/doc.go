// Package engine is a GoMLX backend that makes the training of convolutional
// networks fast on a CPU, natively and in a browser tab. It implements
// compute.Backend for float32 graphs, with the integer and bool ops around them.
//
// A graph is compiled into a plan once and then run many times:
//
//	ops → nodes        function.go, ops_*.go, batchnorm.go: shapes, lowering
//	nodes → nodes      simplify.go, fold.go: patterns of the autodiff, constants
//	nodes → tasks      fuse.go, schedule.go: what is stored, what one loop computes
//	tasks → steps      coder.go, form.go: programs of package loop
//	                   steps_*.go, convolution.go: kernels and everything else
//	steps → memory     inplace.go, arena.go: every intermediate gets a place by its lifetime
//	execution          execute.go: the steps in order, each parallel inside
//
// Nodes end with compilation: steps know values, which are memory. compile, in
// plan.go, lists all passes in order.
//
// The one invariant to know: a plan does the same arithmetic in the same order
// whatever the number of threads, so the same inputs give the same bits on one
// architecture.
//
// Words: a node is a value of the graph, a step is one piece of work of the
// plan, a loop is a step that runs a chain of elementwise ops over blocks that
// stay in the first-level cache (package loop). Shapes are [N, H, W, C] as elsewhere.
package engine
