package kernel

// packJob packs all weights of a window, a panel a task.
type packJob windowJob

// Task packs a panel.
func (p *packJob) Task(panel, _ int) {
	j := (*windowJob)(p)
	rowLength := j.width * j.srcChannels
	n := j.height * rowLength * tileColumns
	j.pack(j.packed[panel*n:][:n], panel, 0, j.height, 0, rowLength)
}

// pack copies the weights of window rows row to row+rows, floats start to end of
// each, and the channels of a panel, into dst [rows·(end-start), tileColumns].
func (j *windowJob) pack(dst []float32, panel, row, rows, start, end int) {
	column := panel * tileColumns
	columns := min(tileColumns, j.outChannels-column)
	for i := row; i < row+rows; i++ {
		for k := start; k < end; {
			place := k / j.srcChannels
			channel := k - place*j.srcChannels
			n := min(end-k, j.srcChannels-channel)
			tap := (j.firstTap + i*j.tapY + place*j.tapX) * j.srcChannels * j.outChannels
			if j.transposed {
				packTransposed(dst[:n*tileColumns], j.weights[tap+column*j.srcChannels+channel:], j.srcChannels, columns)
			} else {
				packPanel(dst[:n*tileColumns], j.weights[tap+channel*j.outChannels+column:], j.outChannels, columns)
			}
			dst = dst[n*tileColumns:]
			k += n
		}
	}
}

// packPanel copies columns of a matrix whose rows are stride apart into dst
// [R, tileColumns] and fills up with zeros.
func packPanel(dst, src []float32, stride, columns int) {
	if columns == tileColumns {
		copyPanel(dst, src, stride)
		return
	}
	for r := range len(dst) / tileColumns {
		row := dst[r*tileColumns:][:tileColumns]
		clear(row[copy(row, src[r*stride:][:columns]):])
	}
}

// packTransposed is packPanel for a matrix stored by columns, which are stride
// apart.
func packTransposed(dst, src []float32, stride, columns int) {
	rows := len(dst) / tileColumns
	if columns < tileColumns {
		clear(dst)
	}
	for c := 0; c < columns; c += transposeBlock {
		n := min(columns-c, transposeBlock)
		transposeRows(dst[c:], src[c*stride:], tileColumns, stride, n, rows)
	}
}
