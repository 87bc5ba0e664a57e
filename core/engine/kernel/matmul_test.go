package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func checkMatMul(t *testing.T, pool *Pool, m MatMul, seed uint64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 3))
	a, b := random(rng, m.Rows*m.Inner), random(rng, m.Inner*m.Columns)
	out, want := newGuarded(m.Rows*m.Columns), make([]float32, m.Rows*m.Columns)
	scratch := random(rng, m.ScratchFloats(pool.Threads()))
	m.Run(pool, out.data, a.data, b.data, scratch.data)
	matMulReference(m, want, a.data, b.data)
	name := fmt.Sprintf("%+v", m)
	checkNear(t, name, out.data, want, sumTolerance(m.Inner))
	checkGuards(t, name, out, a, b, scratch)
}

func TestMatMulMatchesReference(t *testing.T) {
	pool := NewPool(2)
	defer pool.Close()
	rng := rand.New(rand.NewPCG(5, 5))
	sizes := []int{0, 1, 2, 3, 7, 10, 16, 33, 64, 100, 513}
	pick := func() int { return sizes[rng.IntN(len(sizes))] }
	for i := range 200 {
		m := MatMul{pick(), pick(), pick(), i&1 == 0, i&2 == 0}
		checkMatMul(t, pool, m, uint64(i))
	}
}

func BenchmarkMatMul(b *testing.B) {
	for _, m := range []MatMul{{32, 10, 512, false, false}, {512, 10, 32, true, false}, {1024, 1024, 1024, false, false}} {
		rng := rand.New(rand.NewPCG(5, 5))
		x, y, out := random(rng, m.Rows*m.Inner).data, random(rng, m.Inner*m.Columns).data, make([]float32, m.Rows*m.Columns)
		scratch := make([]float32, m.ScratchFloats(1))
		b.Run(fmt.Sprintf("rows=%d/columns=%d/inner=%d", m.Rows, m.Columns, m.Inner), func(b *testing.B) {
			benchmarkFLOPs(b, m.FLOPs(), func() { m.Run(nil, out, x, y, scratch) })
		})
	}
}
