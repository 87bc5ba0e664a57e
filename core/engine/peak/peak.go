// Package peak measures how many multiply-adds a machine does when nothing but
// its arithmetic is in the way: a loop on registers, without memory. What a
// benchmark reached is told as a share of it, so that figures of two machines, or
// of two minutes of a noisy one, can be compared.
package peak

import (
	"sync"
	"time"
)

// GFLOPS returns the multiply-adds that so many threads did at the same time, in
// 10⁹ operations per second, of which a multiply-add is two. It measures rounds
// for a duration and counts each thread's best, since what makes a round slower
// is other programs. It uses the widest vectors that package kernel uses on this
// platform. Under js there is one thread.
func GFLOPS(threads int, duration time.Duration, now func() time.Time) float64 {
	rates := make([]float64, max(threads, 1))
	var all sync.WaitGroup
	for i := range rates {
		all.Go(func() { rates[i] = best(duration, now) })
	}
	all.Wait()
	var sum float64
	for _, rate := range rates {
		sum += rate
	}
	return sum
}

// roundLength is how often the loop runs between two looks at the clock: about a
// millisecond, of which a browser's clock tells a tenth.
const roundLength = 1 << 19

func best(duration time.Duration, now func() time.Time) (rate float64) {
	for start := now(); ; {
		before := now()
		operations := loop(roundLength)
		after := now()
		if took := after.Sub(before); took > 0 {
			rate = max(rate, float64(operations)/float64(took.Nanoseconds()))
		}
		if after.Sub(start) >= duration {
			return rate
		}
	}
}

// scalarLoop does n rounds of eight sums, one number each, which do not wait for
// one another, and returns the number of operations.
func scalarLoop(n int) (operations int) {
	const x, y = 0.999, 1e-3
	var a, b, c, d, e, f, g, h float32
	for range n {
		a = a*x + y
		b = b*x + y
		c = c*x + y
		d = d*x + y
		e = e*x + y
		f = f*x + y
		g = g*x + y
		h = h*x + y
	}
	if a+b+c+d+e+f+g+h < 0 { // Never, but the compiler does not know, and keeps the sums.
		return 0
	}
	return n * 8 * 2
}
