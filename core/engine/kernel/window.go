package kernel

import "unsafe"

// A window slides over an image and multiplies what it sees by weights: the
// common part of a convolution's forward pass and of each phase of its input
// gradient. Output pixel (y, x) of image n sees source rows y·stepY-top+i, i <
// height, and source columns x·stepX-left+j, j < width; places outside the
// source are zero.
type window struct {
	batch, srcHeight, srcWidth, srcChannels int
	height, width, stepY, stepX             int
	top, left                               int // May be negative: the window starts inside.

	// Output pixel (y, x) of image n is at
	// outStart + n·outImage + y·outRow + x·outPixel.
	outHeight, outWidth, outChannels     int
	outStart, outImage, outRow, outPixel int

	// The weights of window place (i, j) are the matrix [srcChannels,
	// outChannels] of tap firstTap + i·tapY + j·tapX, stored [outChannels,
	// srcChannels] if transposed.
	firstTap, tapY, tapX int
	transposed           bool
}

// blockRows bounds the rows of packed weights a tile is multiplied by at a
// time: with 16 columns 384 rows are 24 KiB, which leaves room in a 32 KiB
// first-level cache for the six rows of the source.
const blockRows = 384

// bandPixels is how many output pixels a task handles at least, if there are so
// many: packing a block of weights is then done once for some 85 tiles.
const bandPixels = 512

// bandFloats bounds the copied source of a band, at 4 MiB.
const bandFloats = 1 << 20

// A band is what a task covers: whole images, or some rows of one image.
type band struct{ images, rows int }

// band returns the size of the bands that w is cut into.
func (w *window) band() band {
	pixels := w.outHeight * w.outWidth
	if pixels >= bandPixels {
		rows := max(1, bandPixels/max(w.outWidth, 1))
		return band{1, even(w.outHeight, rows)}
	}
	images := ceilDiv(bandPixels, max(pixels, 1))
	images = min(images, max(1, bandFloats/max(w.copiedHeight(w.outHeight)*w.copiedWidth()*w.srcChannels, 1)))
	return band{even(w.batch, images), w.outHeight}
}

// count returns how many bands of a size w has.
func (w *window) count(b band) int {
	return ceilDiv(w.batch, b.images) * ceilDiv(w.outHeight, max(b.rows, 1))
}

// copiedHeight returns how many source rows so many output rows see.
func (w *window) copiedHeight(rows int) int { return (rows-1)*w.stepY + w.height }

// copiedWidth returns how many source columns a row of outputs sees.
func (w *window) copiedWidth() int { return (w.outWidth-1)*w.stepX + w.width }

// inside reports whether no window sees anything outside of the source, which
// can then be read in place.
func (w *window) inside() bool {
	return w.top <= 0 && w.left <= 0 &&
		w.copiedHeight(w.outHeight)-w.top <= w.srcHeight && w.copiedWidth()-w.left <= w.srcWidth
}

// empty reports whether the sums have no terms, or there are no sums.
func (w *window) empty() bool {
	return w.height*w.width*w.srcChannels == 0 || w.batch*w.outHeight*w.outWidth*w.outChannels == 0
}

// prepackedBands is the number of bands from which on all weights are packed
// beforehand. With fewer, packing a block at a time, just before it is used,
// saves writing and reading them once more (9 MB in the last stage of
// ResNet-18).
const prepackedBands = 3

// packedFloats returns the length of all packed weights, 0 if they are packed as
// they are needed.
func (w *window) packedFloats() int {
	if w.empty() || w.count(w.band()) < prepackedBands {
		return 0
	}
	return roundUp(w.outChannels, tileColumns) * w.height * w.width * w.srcChannels
}

// scratchFloats returns the scratch length of run.
func (w *window) scratchFloats(threads int) int {
	return roundUp(w.packedFloats(), 16) + threads*w.layout().total
}

// layout is how a worker's scratch is divided, in floats.
type layout struct {
	source int // The band's source, copied with its border.
	panel  int // A packed block of weights, unless all are packed.
	edge   int // Output of a last panel with columns to spare.
	pixels int // Output pixels of a band, rounded up to whole tiles: the length of a table of tileProduct.
	total  int
}

func (w *window) layout() layout {
	var l layout
	if w.empty() {
		return l
	}
	b := w.band()
	l.pixels = roundUp(b.images*b.rows*w.outWidth, tileRows)
	if !w.inside() {
		l.source = b.images * w.copiedHeight(b.rows) * w.copiedWidth() * w.srcChannels
	}
	if w.packedFloats() == 0 {
		l.panel = min(blockRows, w.height*w.width*w.srcChannels) * tileColumns
	}
	if w.outChannels%tileColumns != 0 {
		l.edge = l.pixels * tileColumns
	}
	// 16 floats, a cache line, between parts and workers.
	l.total = roundUp(l.source, 16) + roundUp(l.panel, 16) + 3*roundUp(l.pixels, 16) + roundUp(l.edge, 16) + 16
	return l
}

// even returns the size of equal parts of n that are no larger than most.
func even(n, most int) int { return ceilDiv(n, max(1, ceilDiv(n, most))) }

func ceilDiv(n, d int) int { return (n + d - 1) / d }

func roundUp(n, multiple int) int { return ceilDiv(n, multiple) * multiple }

// windowJob runs a window over bands and groups of weight panels.
type windowJob struct {
	window
	size          band
	layout        layout
	bandsPerImage int // Bands that an image, or a group of them, is cut into.
	groups        int // Panel groups a band's work is cut into.
	groupPanels   int
	out, source   []float32
	weights       []float32
	packed        []float32 // [panels, rows of a panel, tileColumns] or nil.
	scratch       []float32
	workers       []windowWorker
}

// windowWorker is a goroutine's own scratch and what it holds at the moment.
type windowWorker struct {
	loaded       int // 1 + the band that source and tables are of, 0 for none.
	image, row   int // First of the band.
	images, rows int // Of the band.
	tiles        int
	a            []float32 // What aRows points into.
	source       []float32
	panel        []float32
	edge         []float32
	aRows, cRows []int32
	edgeRows     []int32
}

var windowJobs recycler[windowJob]

// With manyBands a task takes all panels. With fewer, the bands alone might not
// keep the goroutines busy, and it takes panelGroup of them.
const (
	manyBands  = 16
	panelGroup = 4
)

// run computes the window's output.
func (w *window) run(pool *Pool, out, source, weights, scratch []float32) {
	if w.empty() {
		w.zero(out)
		return
	}
	j := windowJobs.get()
	workers := j.workers
	*j = windowJob{window: *w, size: w.band(), layout: w.layout(), out: out, source: source, weights: weights, scratch: scratch}
	panels, bands := ceilDiv(w.outChannels, tileColumns), w.count(j.size)
	j.bandsPerImage = ceilDiv(w.outHeight, j.size.rows)
	j.groupPanels = panels
	if bands < manyBands {
		j.groupPanels = min(panels, panelGroup)
	}
	j.groups = ceilDiv(panels, j.groupPanels)
	if n := w.packedFloats(); n > 0 {
		j.packed, j.scratch = scratch[:n], scratch[roundUp(n, 16):]
		pool.Run(panels, (*packJob)(j))
	}
	j.workers = j.assign(workers, pool.Threads())
	pool.Run(bands*j.groups, j)
	j.release()
}

// release gives j back, keeping the memory of its workers.
func (j *windowJob) release() {
	workers := j.workers
	clear(workers)
	*j = windowJob{workers: workers[:0]}
	windowJobs.pool.Put(j)
}

// assign divides the scratch among so many workers.
func (j *windowJob) assign(workers []windowWorker, threads int) []windowWorker {
	workers = workers[:0]
	for n := range threads {
		workers = append(workers, windowWorker{})
		s := j.scratch[n*j.layout.total:][:j.layout.total]
		take := func(n int) []float32 {
			part := s[:n:n]
			s = s[roundUp(n, 16):]
			return part
		}
		w := &workers[n]
		w.source, w.panel, w.edge = take(j.layout.source), take(j.layout.panel), take(j.layout.edge)
		w.aRows, w.cRows, w.edgeRows = ints(take(j.layout.pixels)), ints(take(j.layout.pixels)), ints(take(j.layout.pixels))
	}
	return workers
}

// ints returns the memory of a as int32: scratch is []float32 for the arena's
// sake, and both have four bytes and the same alignment.
func ints(a []float32) []int32 {
	if len(a) == 0 {
		return nil
	}
	return unsafe.Slice((*int32)(unsafe.Pointer(&a[0])), len(a))
}

// Task multiplies a band by a group of panels.
func (j *windowJob) Task(task, worker int) {
	w := &j.workers[worker]
	if n := task / j.groups; w.loaded != n+1 {
		j.load(w, n)
	}
	group := task % j.groups
	first := group * j.groupPanels
	for panel := first; panel < min(first+j.groupPanels, ceilDiv(j.outChannels, tileColumns)); panel++ {
		j.multiply(w, panel)
	}
}

// load makes w hold band n.
func (j *windowJob) load(w *windowWorker, n int) {
	w.loaded = n + 1
	w.image, w.row = n/j.bandsPerImage*j.size.images, n%j.bandsPerImage*j.size.rows
	w.images, w.rows = min(j.size.images, j.batch-w.image), min(j.size.rows, j.outHeight-w.row)
	pixels := w.images * w.rows * j.outWidth
	w.tiles = ceilDiv(pixels, tileRows)
	rowFloats := j.copiedWidth() * j.srcChannels
	imageFloats := j.copiedHeight(w.rows) * rowFloats
	if j.layout.source == 0 {
		rowFloats, imageFloats = j.srcWidth*j.srcChannels, j.srcHeight*j.srcWidth*j.srcChannels
		w.a = j.source[w.image*imageFloats+(w.row*j.stepY-j.top)*rowFloats-j.left*j.srcChannels:]
	} else {
		j.copySource(w)
		w.a = w.source
	}
	j.tabulate(w, imageFloats, rowFloats)
}

// tabulate fills the tables of the band's pixels. The last tile repeats the last
// pixel.
func (j *windowJob) tabulate(w *windowWorker, imageFloats, rowFloats int) {
	i := 0
	for n := range w.images {
		for y := range w.rows {
			a := n*imageFloats + y*j.stepY*rowFloats
			c := n*j.outImage + y*j.outRow
			for range j.outWidth {
				w.aRows[i], w.cRows[i] = int32(a), int32(c)
				a += j.stepX * j.srcChannels
				c += j.outPixel
				i++
			}
		}
	}
	for ; i < w.tiles*tileRows; i++ {
		w.aRows[i], w.cRows[i] = w.aRows[i-1], w.cRows[i-1]
	}
	if j.layout.edge > 0 {
		for i := range w.tiles * tileRows {
			w.edgeRows[i] = int32(i * tileColumns)
		}
	}
}

// copySource copies the band's source with its border of zeros.
func (j *windowJob) copySource(w *windowWorker) {
	rows, channels := j.copiedHeight(w.rows), j.srcChannels
	width := j.copiedWidth() * channels
	// Columns from to to of the copy lie inside the source.
	from := min(max(j.left, 0)*channels, width)
	to := max(min((j.srcWidth+j.left)*channels, width), from)
	dst := w.source
	for n := range w.images {
		for i := range rows {
			y := w.row*j.stepY - j.top + i
			row := dst[:width]
			dst = dst[width:]
			if y < 0 || y >= j.srcHeight || from == to {
				clear(row)
				continue
			}
			clear(row[:from])
			start := (((w.image+n)*j.srcHeight+y)*j.srcWidth - j.left) * channels
			copy(row[from:to], j.source[start+from:start+to])
			clear(row[to:])
		}
	}
}

// multiply computes the channels of a panel for the band that w holds.
func (j *windowJob) multiply(w *windowWorker, panel int) {
	column := panel * tileColumns
	columns := min(tileColumns, j.outChannels-column)
	c := j.out[j.outStart+w.image*j.outImage+w.row*j.outRow+column:]
	t := tileProduct{c: &c[0], aRows: &w.aRows[0], cRows: &w.cRows[0]}
	if columns < tileColumns {
		t.c, t.cRows = &w.edge[0], &w.edgeRows[0]
	}
	rowLength := j.width * j.srcChannels
	t.stride = j.copiedWidth() * j.srcChannels
	if j.layout.source == 0 {
		t.stride = j.srcWidth * j.srcChannels
	}
	pieces := ceilDiv(rowLength, blockRows)
	for row := 0; row < j.height; {
		rows := 1
		if pieces == 1 {
			rows = min(j.height-row, blockRows/rowLength)
		}
		for piece := range pieces {
			start, end := piece*rowLength/pieces, (piece+1)*rowLength/pieces
			t.a = &w.a[row*t.stride+start]
			t.b = j.block(w, panel, row, rows, start, end)
			t.tiles, t.segments, t.length = w.tiles, rows, end-start
			t.run()
			t.accumulate = 1
		}
		row += rows
	}
	if columns < tileColumns {
		j.copyEdge(w, c, columns)
	}
}

// block returns the packed weights of a panel for floats start to end of window
// rows row to row+rows.
func (j *windowJob) block(w *windowWorker, panel, row, rows, start, end int) *float32 {
	if j.packed != nil {
		rowLength := j.width * j.srcChannels
		return &j.packed[((panel*j.height+row)*rowLength+start)*tileColumns]
	}
	j.pack(w.panel, panel, row, rows, start, end)
	return &w.panel[0]
}

// copyEdge moves the columns of a last panel that exist to the output.
func (j *windowJob) copyEdge(w *windowWorker, c []float32, columns int) {
	for i, row := range w.cRows[:w.images*w.rows*j.outWidth] {
		copy(c[row:][:columns], w.edge[i*tileColumns:])
	}
}

// zero clears the output pixels of the window.
func (w *window) zero(out []float32) {
	for n := range w.batch {
		for y := range w.outHeight {
			row := w.outStart + n*w.outImage + y*w.outRow
			for x := range w.outWidth {
				clear(out[row+x*w.outPixel:][:w.outChannels])
			}
		}
	}
}
