// Package rotation is the pretext task: turn a picture by a quarter, two or
// three, and ask which it was.
//
// Turning is exact. A quarter turn of a square picture is a transpose and a
// flip, so every pixel keeps its value and nothing is interpolated: a network
// that recognised the blur of an interpolation could tell 0° from the other
// turns without looking at the content.
//
// Pictures are uint8 [S, S, 3], row by row from the top left.
//
// The task is that of Gidaris, Singh and Komodakis, "Unsupervised
// Representation Learning by Predicting Image Rotations" (2018), section 3.1.
// https://arxiv.org/abs/1803.07728
package rotation

// Turns is the number of classes of the task.
const Turns = 4

// channels is the number of bytes per pixel: red, green, blue.
const channels = 3

// The labels of the task. Label k is a turn by k·90° counter-clockwise, which is
// the direction of RotNet and of NumPy's rot90.
const (
	Upright    = 0 // 0°
	LeftTurn   = 1 // 90° counter-clockwise: the top points left.
	UpsideDown = 2 // 180°
	RightTurn  = 3 // 270° counter-clockwise, 90° clockwise: the top points right.
)

// Degrees returns the counter-clockwise angle of a label, 0 to 270.
func Degrees(label int) int { return 90 * (label & (Turns - 1)) }

// Turn writes src, turned counter-clockwise by a number of quarters, to dst.
//
//	src  [S, S, 3]
//	dst  [S, S, 3]
//
//	1 quarter:   dst[y, x] = src[x, S-1-y]
//	2 quarters:  dst[y, x] = src[S-1-y, S-1-x]
//	3 quarters:  dst[y, x] = src[S-1-x, y]
//
// quarters counts modulo 4, so -1 is a quarter clockwise. dst and src must not
// overlap. Turn panics where a slice does not have the length of its picture.
func Turn(dst, src []byte, side, quarters int) {
	if n := side * side * channels; len(dst) != n || len(src) != n {
		panic("rotation: slice and side differ")
	}
	quarters &= Turns - 1
	if quarters == Upright {
		copy(dst, src)
		return
	}
	start, right, down := walk(side, quarters)
	to := 0
	for range side {
		from := start
		for range side {
			dst[to] = src[from]
			dst[to+1] = src[from+1]
			dst[to+2] = src[from+2]
			to += channels
			from += right
		}
		start += down
	}
}

// walk returns where in the source a turn starts to read, and how many bytes
// lie between what becomes neighbours in a row and in a column.
func walk(side, quarters int) (start, right, down int) {
	row := side * channels
	switch quarters {
	case LeftTurn: // From the top right corner: down a column, then one column left.
		return row - channels, row, -channels
	case UpsideDown: // From the bottom right corner, backwards.
		return side*row - channels, -channels, -row
	default: // RightTurn, from the bottom left corner: up a column, then one column right.
		return (side - 1) * row, -row, channels
	}
}
