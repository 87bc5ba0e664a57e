package kernel

import (
	"math/rand/v2"
	"testing"
)

func TestTransposeMatchesDefinition(t *testing.T) {
	pool := NewPool(2)
	defer pool.Close()
	rng := rand.New(rand.NewPCG(4, 4))
	for _, shape := range [][3]int{{0, 3, 3}, {1, 1, 1}, {3, 1, 40}, {2, 40, 1}, {9, 16, 32}, {4, 65, 17}, {1, 130, 70}} {
		matrices, rows, columns := shape[0], shape[1], shape[2]
		src, dst := random(rng, matrices*rows*columns), newGuarded(matrices*rows*columns)
		transpose(pool, dst.data, src.data, rows, columns)
		for i, x := range dst.data {
			m, c, r := i/(rows*columns), i/rows%columns, i%rows
			if want := src.data[(m*rows+r)*columns+c]; x != want {
				t.Fatalf("%v: [%d, %d, %d] is %v, want %v", shape, m, c, r, x, want)
			}
		}
		checkGuards(t, "transpose", src, dst)
	}
}

func BenchmarkTranspose(b *testing.B) {
	src, dst := make([]float32, 9*512*512), make([]float32, 9*512*512)
	b.SetBytes(int64(4 * len(src)))
	for b.Loop() {
		transpose(nil, dst, src, 512, 512)
	}
}
