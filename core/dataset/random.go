package dataset

import "math/rand/v2"

// The purposes keep the random streams of one seed apart: the order of epoch 3
// must not say anything about the crops of epoch 3.
const (
	purposeOrder = iota + 1
	purposeBudget
	purposeSplit
	purposeAugment
	purposeTurn
	purposeValidation
)

// stream returns a generator that depends on a seed, a purpose and two numbers.
//
// The words are mixed first, because neighbouring seeds are what people and
// loops choose, and PCG starts neighbours close to one another.
func stream(seed uint64, purpose, a, b int) rand.PCG {
	hi := mix(seed ^ mix(uint64(purpose)))
	lo := mix(hi ^ mix(uint64(a)) + mix(^uint64(b)))
	var pcg rand.PCG // By value: rand.NewPCG would allocate for each picture.
	pcg.Seed(hi, lo)
	return pcg
}

// mix is the finalizer of SplitMix64 (Steele, Lea and Flood, "Fast Splittable
// Pseudorandom Number Generators", 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// below returns a number from 0 to n-1, for n from 1 to 1<<31. Its bias is below
// n/2³², which is far under anything an experiment could show.
func below(pcg *rand.PCG, n int) int {
	return int(pcg.Uint64() >> 32 * uint64(n) >> 32)
}

// shuffle permutes indices (Fisher and Yates).
func shuffle(pcg *rand.PCG, indices []int) {
	for i := len(indices) - 1; i > 0; i-- {
		j := below(pcg, i+1)
		indices[i], indices[j] = indices[j], indices[i]
	}
}
