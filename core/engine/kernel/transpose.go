package kernel

// transposeJob transposes matrices that lie one behind the other.
type transposeJob struct {
	dst, src      []float32
	rows, columns int // Of each matrix of src.
	strips        int // Tasks a matrix is cut into.
}

var transposeJobs recycler[transposeJob]

// transposeStrip is how many rows of src a task takes, and transposeBlock how
// many it goes through at a time: what fills a vector of amd64.
const (
	transposeStrip = 64
	transposeBlock = 8
)

// transpose sets dst[m, c, r] = src[m, r, c] for matrices of rows × columns.
func transpose(pool *Pool, dst, src []float32, rows, columns int) {
	if len(src) == 0 {
		return
	}
	j := transposeJobs.get()
	*j = transposeJob{dst, src, rows, columns, ceilDiv(rows, transposeStrip)}
	pool.Run(len(src)/(rows*columns)*j.strips, j)
	transposeJobs.put(j)
}

// Task transposes a strip of a matrix.
func (j *transposeJob) Task(task, _ int) {
	size := j.rows * j.columns
	start := task / j.strips * size
	first := task % j.strips * transposeStrip
	last := min(first+transposeStrip, j.rows)
	dst, src := j.dst[start:][:size], j.src[start:][:size]
	for r := first; r < last; r += transposeBlock {
		transposeRows(dst[r:], src[r*j.columns:], j.rows, j.columns, min(last-r, transposeBlock), j.columns)
	}
}

// transposeRows transposes a few rows of src: dst[c·dstStride+r] =
// src[r·srcStride+c].
func transposeRows(dst, src []float32, dstStride, srcStride, rows, columns int) {
	done := 0
	if rows == transposeBlock {
		done = transposeSquares(dst, src, dstStride, srcStride, columns)
	}
	for c := done; c < columns; c++ {
		out := dst[c*dstStride:][:rows]
		from := src[c:]
		for r := range out {
			out[r] = from[r*srcStride]
		}
	}
}
