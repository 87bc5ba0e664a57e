package loop

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"quarterturn/core/engine/kernel"
	"quarterturn/core/engine/strided"
)

// run executes a program once on so many threads, and returns what it writes and
// sums up.
func run(p Program, threads int, reads [][]float32, numbers ...float32) (writes, sums [][]float32) {
	l := New(p)
	pool := kernel.NewPool(threads)
	defer pool.Close()
	for range p.Writes {
		writes = append(writes, make([]float32, p.Size))
	}
	for _, length := range p.Sums {
		sums = append(sums, make([]float32, length))
	}
	partials := make([]float32, l.PartialFloats())
	for i := range partials {
		partials[i] = float32(math.NaN()) // Of any content.
	}
	l.Run(pool, make(Scratch, pool.Threads()), &Arrays{Reads: reads, Writes: writes, Sums: sums, Numbers: numbers, Partials: partials})
	return writes, sums
}

// TestReads adds an array read in each way to one of the loop's own positions.
// Sizes are below, at and above blocks and chunks.
func TestReads(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 1))
	for _, rows := range []int{1, 30, 128, 5000} {
		const row = 8
		size := rows * row
		tests := []struct {
			access Access
			layout strided.Layout
			length int
			at     func(i int) int
		}{
			{Full, strided.Dense([]int{rows, row}), size, func(i int) int { return i }},
			{Fill, strided.Layout{Dims: []int{rows, row}, Strides: []int{0, 0}}, 1, func(int) int { return 0 }},
			{Tile, strided.Layout{Dims: []int{rows, row}, Strides: []int{0, 1}}, row, func(i int) int { return i % row }},
			{Strided, strided.Layout{Dims: []int{rows, row}, Strides: []int{1, 0}}, rows, func(i int) int { return i / row }},
		}
		for _, tt := range tests {
			if rows == 1 && tt.access != Fill {
				continue // One row reads as an array, one value as a fill.
			}
			r := Broadcast(tt.length, tt.layout)
			if r.Access != tt.access {
				t.Errorf("%d rows, layout %+v: read %s, want %s", rows, tt.layout, r.Access, tt.access)
			}
			x, y := someFloats(rng, size), someFloats(rng, tt.length)
			writes, _ := run(Program{Size: size, Reads: []Read{{}, r}, Writes: 1,
				Code: []Instruction{{Op: OpAdd, Dst: 2, Args: [5]int{0, 1}}}}, 2, [][]float32{x, y})
			for i, got := range writes[0] {
				if want := x[i] + y[tt.at(i)]; got != want {
					t.Fatalf("%d rows, %s: position %d is %v, want %v", rows, tt.access, i, got, want)
				}
			}
		}
	}
}

// TestTilesOfTwoLengths has rows that a second tile does not divide: it is read by
// strides then, with the same result.
func TestTilesOfTwoLengths(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 2))
	const size = 6 * 2000
	six, four := someFloats(rng, 6), someFloats(rng, 4)
	tile := func(n int) Read {
		return Broadcast(n, strided.Layout{Dims: []int{size / n, n}, Strides: []int{0, 1}})
	}
	writes, _ := run(Program{Size: size, Reads: []Read{tile(6), tile(4)}, Writes: 1,
		Code: []Instruction{{Op: OpMul, Dst: 2, Args: [5]int{0, 1}}}}, 1, [][]float32{six, four})
	for i, got := range writes[0] {
		if want := six[i%6] * four[i%4]; got != want {
			t.Fatalf("position %d is %v, want %v", i, got, want)
		}
	}
}

// TestInstructions runs each opcode on arrays that span several blocks, through a
// register, and compares with its definition. Roots, exponentials and logarithms
// are approximations, within two units of the last place; the rest is exact.
func TestInstructions(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 3))
	const size, n = 3000, 0.75
	reads := make([][]float32, 5)
	for i := range reads {
		reads[i] = someFloats(rng, size)
	}
	f := func(of func(float64) float64) func(v [5]float32) float32 {
		return func(v [5]float32) float32 { return float32(of(float64(v[0]))) }
	}
	type v = [5]float32
	want := map[Opcode]func(v) float32{
		OpAdd: func(x v) float32 { return x[0] + x[1] }, OpAddScalar: func(x v) float32 { return x[0] + n },
		OpSub: func(x v) float32 { return x[0] - x[1] }, OpSubScalar: func(x v) float32 { return x[0] - n },
		OpScalarSub: func(x v) float32 { return n - x[0] },
		OpMul:       func(x v) float32 { return x[0] * x[1] }, OpMulScalar: func(x v) float32 { return x[0] * n },
		OpDiv: func(x v) float32 { return x[0] / x[1] }, OpDivScalar: func(x v) float32 { return x[0] / n },
		OpScalarDiv: func(x v) float32 { return n / x[0] },
		OpMax:       func(x v) float32 { return max(x[0], x[1]) }, OpMaxScalar: func(x v) float32 { return max(x[0], n) },
		OpMin: func(x v) float32 { return min(x[0], x[1]) }, OpMinScalar: func(x v) float32 { return min(x[0], n) },
		OpNeg: func(x v) float32 { return -x[0] }, OpAbs: f(math.Abs), OpSqrt: f(math.Sqrt), OpExp: f(math.Exp), OpLog: f(math.Log),
		OpRsqrt: f(func(x float64) float64 { return 1 / math.Sqrt(x) }),
		OpSign: func(x v) float32 {
			switch {
			case x[0] > 0:
				return 1
			case x[0] < 0:
				return -1
			}
			return x[0]
		},
		OpPass:        func(x v) float32 { return passed(x[0], x[1]) },
		OpNonNegative: func(x v) float32 { return passed(1, x[0]) },
		OpAffine:      func(x v) float32 { return float32(x[0]*x[1]) + x[2] },
		OpAffineReLU:  func(x v) float32 { return max(float32(x[0]*x[1])+x[2], 0) },
		OpAffineAdd:   func(x v) float32 { return float32(x[0]*x[1]) + x[2] + x[3] },
		OpAffineAddReLU: func(x v) float32 {
			return max(float32(x[0]*x[1])+x[2]+x[3], 0)
		},
		OpBilinear:      func(x v) float32 { return float32(x[0]*x[1]) + (float32(x[2]*x[3]) + x[4]) },
		OpPassAffine:    func(x v) float32 { return passed(x[0], float32(x[1]*x[2])+x[3]) },
		OpPassAffineAdd: func(x v) float32 { return passed(x[0], float32(x[1]*x[2])+x[3]+x[4]) },
	}
	for op := range OpSum {
		if want[op] == nil {
			t.Errorf("%s has no definition here", op)
			continue
		}
		code := Instruction{Op: op, Dst: 6, Args: [5]int{0, 1, 2, 3, 4}}
		if op.takesNumber() {
			code.Args[1] = 0
		}
		p := Program{Size: size, Reads: make([]Read, 5), Writes: 1, Numbers: 1, Registers: 1, Code: []Instruction{code, {Op: OpNeg, Dst: 5, Args: [5]int{6}}}}
		writes, _ := run(p, 2, reads, n)
		for i, got := range writes[0] {
			expect := -want[op](v{reads[0][i], reads[1][i], reads[2][i], reads[3][i], reads[4][i]})
			if got != expect && (got == got || expect == expect) && !(math.Abs(float64(got-expect)) <= 2.5e-7*math.Abs(float64(expect))) {
				t.Fatalf("%s at %d of %v is %v, want %v", op, i, reads[0][i], -got, -expect)
			}
		}
	}
}

// TestSums takes all three sums over columns and one over everything. In float64
// the differences are a few roundings of float32 lanes of some hundred terms.
func TestSums(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 4))
	for _, rows := range []int{1, 7, 700, 20_000} {
		const row = 12
		size := rows * row
		reads := [][]float32{someFloats(rng, size), someFloats(rng, size), someFloats(rng, size)}
		p := Program{Size: size, Row: row, Reads: make([]Read, 3), Sums: []int{row, row, row, row, 1}, Code: []Instruction{
			{Op: OpSumSquares, Dst: 0, Second: 1, Args: [5]int{0, 1}},
			{Op: OpSumProducts, Dst: 2, Second: 3, Args: [5]int{0, 1, 2}},
			{Op: OpSum, Dst: 4, Args: [5]int{2}},
		}}
		_, sums := run(p, 1, reads)
		want := [5][]float64{make([]float64, row), make([]float64, row), make([]float64, row), make([]float64, row), make([]float64, 1)}
		for i := range size {
			a, b, c := float64(reads[0][i]), float64(reads[1][i]), float64(reads[2][i])
			for k, x := range []float64{a - b, (a - b) * (a - b), a, a * (b - c)} {
				want[k][i%row] += x
			}
			want[4][0] += c
		}
		for k := range want {
			for c, got := range sums[k] {
				if diff := math.Abs(float64(got) - want[k][c]); !(diff < 1e-5*float64(rows+10)) {
					t.Errorf("%d rows: sum %d, column %d is %v, want %v", rows, k, c, got, want[k][c])
				}
			}
		}
		for threads := 2; threads <= 3; threads++ {
			if _, again := run(p, threads, reads); !slices.EqualFunc(sums, again, slices.Equal[[]float32]) {
				t.Errorf("%d rows: other bits from %d threads", rows, threads)
			}
		}
	}
}

func TestMayOverwrite(t *testing.T) {
	l := New(Program{Size: 100, Reads: []Read{{}, {}, Broadcast(1, strided.Layout{Dims: []int{100}, Strides: []int{0}})}, Writes: 2, Code: []Instruction{
		{Op: OpAdd, Dst: 3, Args: [5]int{0, 2}},
		{Op: OpMul, Dst: 4, Args: [5]int{1, 1}},
	}})
	tests := []struct {
		r, w int
		want bool
	}{
		{0, 0, true},  // Read by the instruction that writes.
		{0, 1, true},  // Read before.
		{1, 0, false}, // Read after.
		{1, 1, true},
		{2, 1, false}, // One value.
	}
	for _, tt := range tests {
		if got := l.MayOverwrite(tt.r, tt.w); got != tt.want {
			t.Errorf("write %d over read %d: %v, want %v", tt.w, tt.r, got, tt.want)
		}
	}
}

// TestRunDoesNotAllocate, but for the scratch of the first time.
func TestRunDoesNotAllocate(t *testing.T) {
	x, y := make([]float32, 5000), make([]float32, 5000)
	l := New(Program{Size: 5000, Reads: []Read{{}}, Writes: 1, Code: []Instruction{{Op: OpNeg, Dst: 1}}})
	arrays := &Arrays{Reads: [][]float32{x}, Writes: [][]float32{y}}
	scratch := make(Scratch, 1)
	if n := testing.AllocsPerRun(10, func() { l.Run(nil, scratch, arrays) }); n != 0 {
		t.Errorf("%v allocations a run, want none", n)
	}
}

// TestText has each kind of operand, and a form of more than four opcodes.
func TestText(t *testing.T) {
	p := &Program{Reads: make([]Read, 2), Writes: 1, Numbers: 1, Registers: 1, Sums: []int{1, 1, 1}, Code: []Instruction{
		{Op: OpMulScalar, Dst: 3, Args: [5]int{1, 0}},
		{Op: OpAffineReLU, Dst: 2, Args: [5]int{0, 3, 1}},
		{Op: OpSumSquares, Dst: 0, Second: 1, Args: [5]int{2, 0}},
		{Op: OpSum, Dst: 2, Args: [5]int{2}},
	}}
	if got, want := p.String(), "t0 = mul-number r1 n0; w0 = affine-relu r0 t0 r1; s0 s1 = sum-squares w0 r0; s2 = sum w0"; got != want {
		t.Errorf("the program is %q, want %q", got, want)
	}
	if got, want := p.Form(), "mul-number, affine-relu, sum-squares, sum"; got != want {
		t.Errorf("its form is %q, want %q", got, want)
	}
	p.Code = append(p.Code, p.Code[3], p.Code[0], p.Code[1])
	if got, want := p.Form(), "mul-number, affine-relu, sum-squares, sum and 2 more"; got != want {
		t.Errorf("its form is %q, want %q", got, want)
	}
	for op := range opCount {
		if op.String() == "" {
			t.Errorf("opcode %d has no name", op)
		}
	}
}
