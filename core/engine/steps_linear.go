package engine

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"

	"quarterturn/core/engine/kernel"
)

// A convolutionStep runs a convolution of package kernel.
type convolutionStep struct {
	convolution
	out, a, b, scratch *value
}

func (p *planner) convolutionStep(n *node) step {
	c := n.data.(convolution)
	return &convolutionStep{
		convolution: c,
		out:         p.make(n), a: p.use(n.inputs[0]), b: p.use(n.inputs[1]),
		scratch: p.scratch(c.scratchFloats(p.backend.pool.Threads())),
	}
}

func (s *convolutionStep) form() string {
	window := fmt.Sprintf("%d×%d", s.KernelHeight, s.KernelWidth)
	if s.StrideHeight != 1 || s.StrideWidth != 1 {
		window += fmt.Sprintf(" by %d×%d", s.StrideHeight, s.StrideWidth)
	}
	return withKernel("convolution "+s.pass.String()+" "+window, s.kernelForm())
}

// withKernel appends how the kernel goes about it, the platform's part in braces.
func withKernel(form string, k kernel.Form) string {
	if k.Way != "" {
		form += ", " + k.Way
	}
	return form + " {" + k.Tiling + "}"
}

func (s *convolutionStep) flops() int { return s.FLOPs() }

func (s *convolutionStep) run(x *execution) {
	s.convolution.run(x.backend.pool, s.out.floats, s.a.floats, s.b.floats, s.scratch.floats)
}

// A matMulStep runs the products of a matMul.
type matMulStep struct {
	matMul
	dtype              dtypes.DType
	out, a, b, scratch *value
}

func (p *planner) matMulStep(n *node) step {
	m := n.data.(matMul)
	s := &matMulStep{
		matMul: m, dtype: n.shape.DType,
		out: p.make(n), a: p.use(n.inputs[0]), b: p.use(n.inputs[1]),
	}
	if s.dtype == dtypes.Float32 {
		s.scratch = p.scratch(m.ScratchFloats(p.backend.pool.Threads()))
	}
	return s
}

func (s *matMulStep) form() string {
	if s.dtype != dtypes.Float32 {
		return "value by value MatMul"
	}
	return withKernel("matrix product", s.MatMul.Form())
}

func (s *matMulStep) flops() int { return s.batch * s.FLOPs() }

func (s *matMulStep) run(x *execution) {
	if s.dtype != dtypes.Float32 {
		s.runSlowly()
		return
	}
	a, b, out := s.Rows*s.Inner, s.Inner*s.Columns, s.Rows*s.Columns
	for i := range s.batch {
		s.Run(x.backend.pool, s.out.floats[i*out:][:out], s.a.floats[i*a:][:a], s.b.floats[i*b:][:b], s.scratch.floats)
	}
}

// runSlowly multiplies any dtype, by definition.
func (s *matMulStep) runSlowly() {
	a, b, out := newLane(s.dtype, s.a.memory), newLane(s.dtype, s.b.memory), newLane(s.dtype, s.out.memory)
	rowStep, innerStepA := s.Inner, 1
	if s.TransposeA {
		rowStep, innerStepA = 1, s.Rows
	}
	innerStepB, columnStep := s.Columns, 1
	if s.TransposeB {
		innerStepB, columnStep = 1, s.Inner
	}
	for i := range s.batch * s.Rows * s.Columns {
		batch, row, column := i/(s.Rows*s.Columns), i/s.Columns%s.Rows, i%s.Columns
		atA := batch*s.Rows*s.Inner + row*rowStep
		atB := batch*s.Inner*s.Columns + column*columnStep
		multiplyAdd(out, i, s.Inner, a, atA, innerStepA, b, atB, innerStepB)
	}
}

// multiplyAdd sets out[i] = Σ a[atA + k·stepA]·b[atB + k·stepB] over k < count.
func multiplyAdd(out lane, i, count int, a lane, atA, stepA int, b lane, atB, stepB int) {
	if out.isFloat() {
		var sum float64
		for k := range count {
			sum += a.float(atA+k*stepA) * b.float(atB+k*stepB)
		}
		out.setFloat(i, sum)
		return
	}
	var sum int64
	for k := range count {
		sum += a.int(atA+k*stepA) * b.int(atB+k*stepB)
	}
	out.setInt(i, sum)
}
