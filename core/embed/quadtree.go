package embed

import "math"

// A quadtree divides the plane into squares, each into four, until each holds one
// point, or points that are equal.
type quadtree struct{ cells []cell }

// A cell is a square with the points in it.
type cell struct {
	x, y  float64 // Mean of the points.
	count float64
	side  float64
	first int32 // The first of four children, or 0 for a leaf.
}

// maxDepth ends the division where points differ by less than 2⁻³² of the whole.
const maxDepth = 32

// build replaces the tree by one of points [N, 2]. Cells are reused.
func (t *quadtree) build(points []float64) {
	x, y, half := square(points)
	t.cells = append(t.cells[:0], cell{side: 2 * half})
	for i := 0; i < len(points); i += 2 {
		t.insert(points[i], points[i+1], x, y, half)
	}
}

// square returns the centre and half the side of a square around points.
func square(points []float64) (x, y, half float64) {
	low, high := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for i, v := range points {
		low[i%2] = min(low[i%2], v)
		high[i%2] = max(high[i%2], v)
	}
	return (low[0] + high[0]) / 2, (low[1] + high[1]) / 2, max(high[0]-low[0], high[1]-low[1]) / 2
}

// insert adds a point. x, y and half are of the root's square.
func (t *quadtree) insert(px, py, x, y, half float64) {
	at := int32(0)
	for depth := 0; ; depth++ {
		c := t.cells[at]
		if c.first == 0 && (c.count == 0 || depth == maxDepth || c.x == px && c.y == py) {
			t.cells[at].add(px, py, 1)
			return
		}
		if c.first == 0 {
			t.split(at, x, y)
		}
		t.cells[at].add(px, py, 1)
		half /= 2
		quadrant := quadrantOf(px, py, x, y)
		x += half * float64(quadrant%2*2-1)
		y += half * float64(quadrant/2*2-1)
		at = t.cells[at].first + quadrant
	}
}

// split gives a leaf with centre x, y children, and them what it holds.
func (t *quadtree) split(at int32, x, y float64) {
	c := t.cells[at]
	first := int32(len(t.cells))
	t.cells[at].first = first
	for range 4 {
		t.cells = append(t.cells, cell{side: c.side / 2})
	}
	t.cells[first+quadrantOf(c.x, c.y, x, y)].add(c.x, c.y, c.count)
}

func quadrantOf(px, py, x, y float64) (quadrant int32) {
	if px > x {
		quadrant = 1
	}
	if py > y {
		quadrant += 2
	}
	return quadrant
}

// add moves the mean by count points at one place.
func (c *cell) add(x, y, count float64) {
	c.count += count
	share := count / c.count // Exactly 1 for the first, which leaves x and y as they are.
	c.x += (x - c.x) * share
	c.y += (y - c.y) * share
}

// repel returns the sums over all other points of w²·(difference) and of w for a
// point of the tree, see field. A cell whose side is less than theta times its
// distance acts as if all its points were at their mean.
//
// The point's own cells must be opened down to its leaf, which adds w = 1 and no
// push. They are: a cell's side is at least 1/√2 = 0.707 of the distance of any
// two places in it.
func (t *quadtree) repel(x, y, theta float64) (pushX, pushY, sum float64) {
	var stack [3*maxDepth + 4]int32 // Each level leaves three siblings waiting.
	depth := 1
	for depth > 0 {
		depth--
		c := &t.cells[stack[depth]]
		dx, dy := x-c.x, y-c.y
		d2 := dx*dx + dy*dy
		if c.first != 0 && c.side*c.side >= theta*theta*d2 {
			for child := c.first; child < c.first+4; child++ {
				if t.cells[child].count > 0 {
					stack[depth] = child
					depth++
				}
			}
			continue
		}
		w := 1 / (1 + d2)
		all := c.count * w
		sum += all
		pushX += all * w * dx
		pushY += all * w * dy
	}
	return pushX, pushY, sum - 1
}
