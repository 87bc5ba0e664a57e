package kernel

import "unsafe"

// gradientJob computes a weight gradient: for each tap, the transpose of the
// input pixels it sees times the gradients of the pixels it feeds, summed over
// all output pixels.
//
// A task goes through some rows of output pixels in blocks. Per block it takes
// the columns of gradOut a panel at a time, packed, and multiplies them with each
// tap's pixels, read in place: pixels a tap would take from the border are left
// out by runs that begin later or end earlier.
//
// Few output channels mean many pixels and few weights: tasks then share out the
// pixels and each has a gradient of its own, added up in the end. With many
// channels tasks share out the panels.
type gradientJob struct {
	Conv
	outHeight, outWidth int
	panels              int
	blockRows           int // Output rows of a block, counted over the whole batch.
	groups, groupRows   int // Groups of output rows with a gradient each.
	taskPanels          int // Panels a task takes.
	narrow              bool
	window              int // Floats per pixel of the copy that narrow inputs need.

	gradWeights, in, gradOut []float32
	partial                  []float32 // [groups, weights]
	scratch                  []float32
}

var gradientJobs recycler[gradientJob]

const (
	// blockPixels is how many pixels a block has at least, if there are so many:
	// their 16 columns of gradOut take 16 KiB of the first-level cache, and
	// loading and storing the sums of a tile costs little against 256 steps.
	blockPixels = 256

	// maxGroups and partialFloats (4 MiB) bound the gradients of groups.
	maxGroups     = 16
	partialFloats = 1 << 20

	// manyPanels are tasks enough.
	manyPanels = 8
)

func newGradientJob(c Conv) gradientJob {
	j := gradientJob{Conv: c, outHeight: c.OutHeight(), outWidth: c.OutWidth()}
	rows := c.Batch * j.outHeight
	j.panels = ceilDiv(c.OutChannels, tileColumns)
	j.blockRows = max(1, min(blockPixels/max(j.outWidth, 1), rows))
	blocks := ceilDiv(rows, j.blockRows)
	j.groups, j.taskPanels = 1, 1
	if n := min(maxGroups, blocks, partialFloats/max(c.weightLen(), 1)); j.panels < manyPanels && n > 1 {
		j.groups, j.taskPanels = n, j.panels
	}
	j.groupRows = ceilDiv(blocks, j.groups) * j.blockRows
	j.groups = ceilDiv(rows, max(j.groupRows, 1))
	// A tile of one tap would be mostly waste, and reach past the last pixel.
	if j.narrow = c.InChannels < tileRows; j.narrow {
		j.window = roundUp(roundUp(c.KernelHeight*c.KernelWidth*c.InChannels, tileRows)+3, 4)
	}
	return j
}

// packs reports whether the columns of a panel are copied: unless they are all
// there is.
func (j *gradientJob) packs() bool { return j.OutChannels != tileColumns }

// gradientScratch is a worker's scratch.
type gradientScratch struct {
	panel  []float32 // Packed columns of gradOut, [pixels, tileColumns].
	window []float32 // Copied windows of a narrow input, [pixels, window].
	edge   []float32 // A tile that does not fit the gradient.
	runs   []run
}

const runFloats = int(unsafe.Sizeof(run{}) / 4)

// workerFloats returns the scratch length of a worker.
func (j *gradientJob) workerFloats() int {
	pixels := j.blockRows * j.outWidth
	n := tileRows*tileColumns + roundUp(j.blockRows*runFloats, 16) + roundUp(pixels*j.window, 16)
	if j.packs() {
		n += pixels * tileColumns
	}
	return n + 16
}

// partialLen returns the length of the groups' gradients: none if there is one
// group, which adds to gradWeights.
func (j *gradientJob) partialLen() int {
	if j.groups <= 1 {
		return 0
	}
	return j.groups * j.weightLen()
}

// scratchFloats returns the scratch length of run.
func (j *gradientJob) scratchFloats(threads int) int {
	return roundUp(j.partialLen(), 16) + threads*j.workerFloats()
}

// run computes the gradient.
func (j *gradientJob) run(pool *Pool) {
	n := j.partialLen()
	j.partial, j.scratch = j.scratch[:n], j.scratch[roundUp(n, 16):]
	if j.groups == 0 || j.outWidth == 0 {
		clear(j.gradWeights)
		return
	}
	pool.Run(j.groups*ceilDiv(j.panels, j.taskPanels), j)
	if n > 0 {
		copy(j.gradWeights, j.partial)
		for start := len(j.gradWeights); start < n; start += len(j.gradWeights) {
			Add(j.gradWeights, j.gradWeights, j.partial[start:][:len(j.gradWeights)])
		}
	}
}

// divide returns the parts of a worker's scratch.
func (j *gradientJob) divide(worker int) gradientScratch {
	n := j.workerFloats()
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

// Task computes the gradient of some panels of channels from a group of rows.
func (j *gradientJob) Task(task, worker int) {
	s := j.divide(worker)
	tasks := ceilDiv(j.panels, j.taskPanels)
	group, firstPanel := task/tasks, task%tasks*j.taskPanels
	lastPanel := min(firstPanel+j.taskPanels, j.panels)
	grad := j.gradWeights
	if j.groups > 1 {
		grad = j.partial[group*len(grad):][:len(grad)]
	}
	column, end := firstPanel*tileColumns, min(lastPanel*tileColumns, j.OutChannels)
	for row := 0; row < len(grad); row += j.OutChannels {
		clear(grad[row+column : row+end])
	}
	rows := min((group+1)*j.groupRows, j.Batch*j.outHeight)
	for first := group * j.groupRows; first < rows; first += j.blockRows {
		last := min(first+j.blockRows, rows)
		if j.narrow {
			j.copyWindows(&s, first, last)
		}
		for panel := firstPanel; panel < lastPanel; panel++ {
			j.addBlock(&s, grad, first, last, panel*tileColumns)
		}
	}
}

// addBlock adds the share of output rows first to last to the gradient of a
// panel.
func (j *gradientJob) addBlock(s *gradientScratch, grad []float32, first, last, column int) {
	columns := min(tileColumns, j.OutChannels-column)
	t := j.gradients(s, first, last, column, columns)
	if j.narrow {
		s.runs[0] = run{0, 0, int32((last - first) * j.outWidth)}
		t.count, t.a, t.aStep = 1, &s.window[0], j.window
		j.multiply(s, t, grad[column:], j.KernelHeight*j.KernelWidth*j.InChannels, columns)
		return
	}
	t.aStep = j.StrideWidth * j.InChannels
	for tap := range j.KernelHeight * j.KernelWidth {
		if t.count, t.a = j.findRuns(s, first, last, tap); t.count > 0 {
			j.multiply(s, t, grad[tap*j.InChannels*j.OutChannels+column:], j.InChannels, columns)
		}
	}
}

// gradients returns tiles whose b is the columns of gradOut of some output rows,
// packed if need be.
func (j *gradientJob) gradients(s *gradientScratch, first, last, column, columns int) tileGradient {
	b := j.gradOut[first*j.outWidth*j.OutChannels+column:]
	if j.packs() {
		packPanel(s.panel[:(last-first)*j.outWidth*tileColumns], b, j.OutChannels, columns)
		b = s.panel
	}
	return tileGradient{b: &b[0], runs: &s.runs[0], cStep: j.OutChannels}
}

// findRuns lists, for the output rows first to last, the pixels for which a tap
// lies inside the input. The runs count from the pixel returned.
func (j *gradientJob) findRuns(s *gradientScratch, first, last, tap int) (int, *float32) {
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
		b := ((row-first)*j.outWidth + from) * tileColumns
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

// copyWindows copies what the window sees from each pixel of some output rows,
// with zeros from outside the input. The floats behind are anything: a tile turns
// them into rows that nobody reads.
func (j *gradientJob) copyWindows(s *gradientScratch, first, last int) {
	dst := s.window
	width := j.KernelWidth * j.InChannels
	for row := first; row < last; row++ {
		for i := range j.KernelHeight {
			n, y := row/j.outHeight, row%j.outHeight*j.StrideHeight+i-j.PadTop
			var src []float32 // The input row, empty outside of the input.
			if y >= 0 && y < j.Height {
				src = j.in[(n*j.Height+y)*j.Width*j.InChannels:][:j.Width*j.InChannels]
			}
			for x := range j.outWidth {
				to := dst[x*j.window+i*width:][:roundUp(width, 4)]
				copyWindow(to, src, (x*j.StrideWidth-j.PadLeft)*j.InChannels, width)
			}
		}
		dst = dst[j.outWidth*j.window:]
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
