package kernel

import "unsafe"

// gradientJob computes a weight gradient: for each tap, the transpose of the
// input pixels it sees times the gradients of the pixels it feeds. A task is a
// panel of output channels and a part of the window, a row of taps or one tap,
// so no two tasks add to the same place.
//
// A task takes output rows in blocks. Per block it packs its columns of gradOut
// once, then multiplies with each tap's pixels, read in place: pixels a tap would
// take from the border are left out by runs that begin later or end earlier.
type gradientJob struct {
	Conv
	outHeight, outWidth int
	panels              int // Tasks along output channels.
	parts               int // Tasks along the window: KernelHeight or all taps.
	taps                int // Taps of a part.
	blockRows           int // Output rows of a block, counted over the whole batch.
	narrow              bool
	window              int // Floats per pixel of the copy that narrow inputs need.

	gradWeights, in, gradOut []float32
	scratch                  []float32
}

var gradientJobs recycler[gradientJob]

// blockPixels is how many pixels a block has at least, if there are so many:
// their 16 columns of gradOut take 16 KiB of the first-level cache, and loading
// and storing the sums of a tile costs little against 256 steps.
const blockPixels = 256

// The window is split further where there would be few tasks, and not at all
// where the panels are many: each task packs its columns of gradOut for itself.
const (
	fewTasks  = 8
	manyTasks = 16
)

func newGradientJob(c Conv) gradientJob {
	j := gradientJob{Conv: c, outHeight: c.OutHeight(), outWidth: c.OutWidth()}
	j.panels = ceilDiv(c.OutChannels, tileColumns)
	j.parts, j.taps = c.KernelHeight, c.KernelWidth
	// A tile of one tap would be mostly waste, and reach past the last pixel.
	j.narrow = c.InChannels < tileRows
	switch {
	case j.narrow:
	case j.panels*j.parts < fewTasks:
		j.parts, j.taps = c.KernelHeight*c.KernelWidth, 1
	case j.panels >= manyTasks:
		j.parts, j.taps = 1, c.KernelHeight*c.KernelWidth
	}
	j.blockRows = max(1, min(blockPixels/max(j.outWidth, 1), c.Batch*j.outHeight))
	if j.narrow {
		j.window = roundUp(roundUp(c.KernelWidth*c.InChannels, tileRows), 4)
	}
	return j
}

// packs reports whether the columns of a panel are copied: where there are
// spare ones, and where rows are so far apart that they would fall on a few sets
// of the first-level cache.
func (j *gradientJob) packs() bool {
	return j.OutChannels%tileColumns != 0 || j.OutChannels > 2*tileColumns
}

// gradientScratch is a worker's scratch.
type gradientScratch struct {
	panel  []float32 // Packed columns of gradOut, [pixels, tileColumns].
	window []float32 // Copied windows of a narrow input, [pixels, window].
	edge   []float32 // A tile that does not fit gradWeights.
	runs   []run
}

const runFloats = int(unsafe.Sizeof(run{}) / 4)

// scratchFloats returns the scratch length of a worker.
func (j *gradientJob) scratchFloats() int {
	pixels := j.blockRows * j.outWidth
	n := tileRows*tileColumns + roundUp(j.blockRows*runFloats, 16) + roundUp(pixels*j.window, 16)
	if j.packs() {
		n += pixels * tileColumns
	}
	return n + 16
}

// divide returns the parts of a worker's scratch.
func (j *gradientJob) divide(worker int) gradientScratch {
	n := j.scratchFloats()
	s := j.scratch[worker*n:][:n]
	take := func(n int) []float32 {
		part := s[:n:n]
		s = s[roundUp(n, 16):]
		return part
	}
	var g gradientScratch
	pixels := j.blockRows * j.outWidth
	g.edge = take(tileRows * tileColumns)
	g.runs = unsafe.Slice((*run)(unsafe.Pointer(unsafe.SliceData(take(j.blockRows*runFloats)))), j.blockRows)
	g.window = take(pixels * j.window)
	if j.packs() {
		g.panel = take(pixels * tileColumns)
	}
	return g
}

// Task computes the gradient of a part of the window for a panel of channels.
func (j *gradientJob) Task(task, worker int) {
	s := j.divide(worker)
	column := task / j.parts * tileColumns
	columns := min(tileColumns, j.OutChannels-column)
	firstTap := task % j.parts * j.taps
	rows := j.taps * j.InChannels
	grad := j.gradWeights[firstTap*j.InChannels*j.OutChannels+column:]
	for r := range rows {
		clear(grad[r*j.OutChannels:][:columns])
	}
	for first := 0; first < j.Batch*j.outHeight && j.outWidth > 0; first += j.blockRows {
		last := min(first+j.blockRows, j.Batch*j.outHeight)
		t := j.gradients(&s, first, last, column, columns)
		if j.narrow {
			j.copyWindows(&s, first, last, firstTap/j.KernelWidth)
			s.runs[0] = run{0, 0, int32((last - first) * j.outWidth)}
			t.count, t.a, t.aStep = 1, &s.window[0], j.window
			j.multiply(&s, t, grad, rows, columns)
			continue
		}
		for tap := range j.taps {
			if t.count, t.a = j.findRuns(&s, first, last, firstTap+tap, t.bStep); t.count > 0 {
				t.aStep = j.StrideWidth * j.InChannels
				j.multiply(&s, t, grad[tap*j.InChannels*j.OutChannels:], j.InChannels, columns)
			}
		}
	}
}

// gradients returns tiles whose b is the columns of gradOut of some output rows,
// packed if need be.
func (j *gradientJob) gradients(s *gradientScratch, first, last, column, columns int) tileGradient {
	b := j.gradOut[first*j.outWidth*j.OutChannels+column:]
	if !j.packs() {
		return tileGradient{b: &b[0], runs: &s.runs[0], bStep: j.OutChannels, cStep: j.OutChannels}
	}
	packPanel(s.panel[:(last-first)*j.outWidth*tileColumns], b, j.OutChannels, columns)
	return tileGradient{b: &s.panel[0], runs: &s.runs[0], bStep: tileColumns, cStep: j.OutChannels}
}

// findRuns lists, for the output rows first to last, the pixels for which a tap
// lies inside the input. The runs count from the pixel returned.
func (j *gradientJob) findRuns(s *gradientScratch, first, last, tap, bStep int) (int, *float32) {
	dy, dx := tap/j.KernelWidth-j.PadTop, tap%j.KernelWidth-j.PadLeft
	from := max(0, ceilDiv(-dx, j.StrideWidth))
	to := min(j.outWidth, floorDiv(j.Width-1-dx, j.StrideWidth)+1)
	if from >= to {
		return 0, nil
	}
	base := first / j.outHeight * j.Height * j.Width * j.InChannels // The first image.
	count := 0
	for row := first; row < last; row++ {
		n, y := row/j.outHeight, row%j.outHeight*j.StrideHeight+dy
		if y < 0 || y >= j.Height {
			continue
		}
		a := ((n*j.Height+y)*j.Width+from*j.StrideWidth+dx)*j.InChannels - base
		b := ((row-first)*j.outWidth + from) * bStep
		s.runs[count] = run{int32(a), int32(b), int32(to - from)}
		count++
	}
	if count == 0 {
		return 0, nil
	}
	return count, &j.in[base]
}

// multiply adds a block's share to rows of the gradient.
func (j *gradientJob) multiply(s *gradientScratch, t tileGradient, grad []float32, rows, columns int) {
	row := 0
	a := t.a
	run := func(tiles, height int) {
		if tiles > 0 {
			t.a, t.c, t.tiles, t.rows = at(a, row), &grad[row*j.OutChannels], tiles, height
			t.run()
			row += tiles * height
		}
	}
	if columns == tileColumns {
		tall, short := cutRows(rows)
		run(tall, tileRows)
		run(short, shortRows)
	}
	for row < rows {
		// The last tile reaches back over rows that are done, so as not to read
		// past the input; a copied window has room behind instead.
		first := row
		if !j.narrow {
			first = min(row, rows-tileRows)
		}
		clear(s.edge)
		e := t
		e.a, e.c, e.cStep, e.tiles, e.rows = at(a, first), &s.edge[0], tileColumns, 1, tileRows
		e.run()
		for ; row < min(first+tileRows, rows); row++ {
			dst := grad[row*j.OutChannels:][:columns]
			Add(dst, dst, s.edge[(row-first)*tileColumns:][:columns])
		}
	}
}

// copyWindows copies what a row of taps sees from each pixel of some output rows,
// with zeros from outside the input. The floats behind are anything: a tile turns
// them into rows that nobody reads.
func (j *gradientJob) copyWindows(s *gradientScratch, first, last, tapRow int) {
	dst := s.window
	width := j.KernelWidth * j.InChannels
	for row := first; row < last; row++ {
		n, y := row/j.outHeight, row%j.outHeight*j.StrideHeight+tapRow-j.PadTop
		var src []float32 // The input row, empty outside of the input.
		if y >= 0 && y < j.Height {
			src = j.in[(n*j.Height+y)*j.Width*j.InChannels:][:j.Width*j.InChannels]
		}
		for x := range j.outWidth {
			copyWindow(dst[:j.window], src, (x*j.StrideWidth-j.PadLeft)*j.InChannels, width)
			dst = dst[j.window:]
		}
	}
}

// copyWindow copies src[start:start+width] to dst, with zeros for what there is
// not. It does not use copy: at a dozen floats the calls would cost more.
func copyWindow(dst, src []float32, start, width int) {
	if start >= 0 && start+len(dst) <= len(src) {
		for src = src[start:]; len(dst) >= 4; dst, src = dst[4:], src[4:] {
			*(*[4]float32)(dst) = *(*[4]float32)(src)
		}
		return
	}
	for i := range dst {
		dst[i] = 0
		if k := start + i; i < width && k >= 0 && k < len(src) {
			dst[i] = src[k]
		}
	}
}

func floorDiv(n, d int) int {
	if n < 0 {
		return -ceilDiv(-n, d)
	}
	return n / d
}
