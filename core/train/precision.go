package train

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"quarterturn/core/fault"
)

// A Precision is what a training step's convolutions compute in. Weights,
// statistics, sums over the batch, the loss and the update are always float32.
type Precision string

// Precisions. BFloat16 has float32's range with 8 bits of mantissa, so that
// gradients need no scaling; devices with matrix units are several times faster
// at it.
const (
	Float32  Precision = "float32" // As is the empty Precision.
	BFloat16 Precision = "bfloat16"
)

// dtype returns what resnet.Mode.Convolve is for a precision, or an error if the
// backend has no such numbers.
func (p Precision) dtype(backend compute.Backend) (dtypes.DType, error) {
	switch p {
	case "", Float32:
		return dtypes.InvalidDType, nil
	case BFloat16:
		if !backend.Capabilities().DTypes[dtypes.BFloat16] {
			return 0, fault.Errorf("train", "the backend %s has no %s, only %s", backend.Name(), p, Float32)
		}
		return dtypes.BFloat16, nil
	}
	return 0, fault.Errorf("train", "no precision %q: want %s or %s", p, Float32, BFloat16)
}

// Check returns an error unless a backend can compute in a precision.
func (p Precision) Check(backend compute.Backend) error {
	_, err := p.dtype(backend)
	return err
}
