package kernel

// transposeJob transposes matrices that lie one behind the other.
type transposeJob struct {
	dst, src      []float32
	rows, columns int // Of each matrix of src.
	strips        int // Tasks a matrix is cut into.
}

var transposeJobs recycler[transposeJob]

// transposeStrip is how many rows of src a task takes, and transposeBlock how
// many it goes through at a time, in squares.
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
		rows := min(last-r, transposeBlock)
		done := 0
		if rows == transposeBlock {
			done = transposeSquares(dst[r:], src[r*j.columns:], j.rows, j.columns, j.columns)
		}
		for c := done; c < j.columns; c += transposeBlock {
			j.block(dst, src, r, c, rows, min(j.columns-c, transposeBlock))
		}
	}
}

// block transposes rows × columns elements from (r, c).
func (j *transposeJob) block(dst, src []float32, r, c, rows, columns int) {
	for i := range columns {
		out := dst[(c+i)*j.rows+r:][:rows]
		from := src[r*j.columns+c+i:]
		for k := range out {
			out[k] = from[k*j.columns]
		}
	}
}
