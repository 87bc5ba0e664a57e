// Package kernel computes the numeric work of the engine on plain []float32
// slices: convolutions, matrix products, elementwise arithmetic and reductions.
//
// It decides how a loop is tiled, vectorised and split over goroutines, and it
// must not know what a graph is. Arrays are dense and row-major; activations are
// [N, H, W, C] and convolution weights [KH, KW, Cin, Cout]. C stands for
// channels, R for rows.
//
// Conventions that hold for every function:
//   - Lengths that do not fit are programming errors and panic with a constant
//     string. The caller (package engine) has checked shapes before.
//   - An output may be the very slice of an input where the comment says so; a
//     partial overlap is never allowed. Scratch overlaps nothing, its content
//     before a call does not matter, and after the call it is garbage.
//   - Functions that take a *Pool split their work in a way that depends on the
//     shape alone, and every sum has a fixed order: the result has the same bits
//     for any number of goroutines. It may differ between architectures.
//   - No call allocates in the steady state.
//
// RATIONALE.md says why the loops are cut as they are, with measurements.
package kernel
