package resnet

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
)

// Initial returns a parameter's value before training, a pure function of the
// parameter's name and the seed: networks that share a part start alike in it.
//
// Kernels are normal with variance 2/(KH·KW·Cout), which keeps the gradients'
// size on the way back (He et al. 2015, https://arxiv.org/abs/1502.01852, section
// 2.2; torchvision's "fan_out"). The head is uniform in ±1/√Cin, PyTorch's
// default for a linear layer. Batch normalization starts as the identity.
func (p Parameter) Initial(seed uint64) []float32 {
	values := make([]float32, p.Size())
	switch p.Role {
	case Scale, Variance:
		for i := range values {
			values[i] = 1
		}
	case Kernel:
		p.fillNormal(values, seed)
	case Dense:
		p.fillUniform(values, seed, p.Dims[0])
	case Bias:
		// The fan-in of the bias is not in its shape; zero is as good a start.
	}
	return values
}

func (p Parameter) random(seed uint64) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(p.Name))
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

func (p Parameter) fillNormal(values []float32, seed uint64) {
	random := p.random(seed)
	deviation := math.Sqrt(2 / float64(p.Dims[0]*p.Dims[1]*p.Dims[3]))
	for i := range values {
		values[i] = float32(random.NormFloat64() * deviation)
	}
}

func (p Parameter) fillUniform(values []float32, seed uint64, fanIn int) {
	random := p.random(seed)
	bound := 1 / math.Sqrt(float64(fanIn))
	for i := range values {
		values[i] = float32((2*random.Float64() - 1) * bound)
	}
}
