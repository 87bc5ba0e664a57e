package kernel

import "math"

// Softmax turns rows of logits into probabilities; logits and dst are [R, C],
// dst may be logits. The maximum of a row is taken off first, so no finite
// logit overflows.
func Softmax(dst, logits []float32, classes int) {
	checkLengths(dst, logits, logits)
	if classes < 1 || len(logits)%classes != 0 {
		panic("kernel: logits are not rows of classes")
	}
	for ; len(logits) > 0; dst, logits = dst[classes:], logits[classes:] {
		greatest := MaxOf(logits[:classes])
		var total float64
		for i, x := range logits[:classes] {
			e := math.Exp(float64(x - greatest))
			total += e
			dst[i] = float32(e)
		}
		MulScalar(dst[:classes], dst[:classes], float32(1/total))
	}
}
