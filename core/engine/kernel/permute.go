package kernel

// Permute copies a into dst with its axes in another order.
//
//	a    [dims[0], dims[1], dims[2], dims[3]]
//	dst  [dims[order[0]], dims[order[1]], dims[order[2]], dims[order[3]]]
//
// order is a permutation of 0 to 3. Arrays of fewer axes have leading dimensions
// of 1.
func Permute(dst, a []float32, dims, order [4]int) {
	var seen [4]bool
	for _, axis := range order {
		if axis < 0 || axis > 3 || seen[axis] {
			panic("kernel: order of axes is not a permutation")
		}
		seen[axis] = true
	}
	if n := dims[0] * dims[1] * dims[2] * dims[3]; len(dst) != n || len(a) != n {
		panic("kernel: permuted array has the wrong length")
	}
	permuteReference(dst, a, dims, order)
}

// permuteReference is Permute by definition.
func permuteReference(dst, a []float32, dims, order [4]int) {
	strides := [4]int{dims[1] * dims[2] * dims[3], dims[2] * dims[3], dims[3], 1}
	i := 0
	for w := range dims[order[0]] {
		for x := range dims[order[1]] {
			for y := range dims[order[2]] {
				from := w*strides[order[0]] + x*strides[order[1]] + y*strides[order[2]]
				for range dims[order[3]] {
					dst[i] = a[from]
					from += strides[order[3]]
					i++
				}
			}
		}
	}
}
