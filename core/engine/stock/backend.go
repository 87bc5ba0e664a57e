// Package stock is GoMLX's pure Go backend with the batch-normalization ops it
// lacks, so that a network that uses them has one implementation on every
// backend. It is portable, complete and slow: the reference that package engine
// is compared with, and what `-backend go` selects.
//
// Values, closures and executables are the stock backend's own. Backend,
// builder, functions and buffers are wrapped, because the graph library
// compares a buffer's backend with the one it was told to use.
package stock

import (
	"fmt"

	"quarterturn/core/fault"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
)

// New returns the stock backend. The config is gobackend's: comma-separated
// options such as "parallelism=2", or nothing.
func New(config string) (compute.Backend, error) {
	inner, err := gobackend.New(config)
	if err != nil {
		return nil, fault.Errorf("stock", "%w", err)
	}
	return &backend{inner}, nil
}

// A backend adds the batch-normalization ops to the embedded one.
type backend struct{ compute.Backend }

// Capabilities adds the three ops to what the embedded backend lists.
func (b *backend) Capabilities() compute.Capabilities {
	capabilities := b.Backend.Capabilities().Clone()
	for _, op := range []compute.OpType{
		compute.OpTypeBatchNormForTraining,
		compute.OpTypeBatchNormForInference,
		compute.OpTypeBatchNormGradient,
	} {
		capabilities.Operations[op] = true
	}
	return capabilities
}

func (b *backend) Builder(name string) compute.Builder {
	inner := b.Backend.Builder(name)
	w := &builder{Builder: inner, backend: b}
	w.main = &function{Function: inner.Main(), builder: w}
	return w
}

func (b *backend) BufferFromFlatData(device compute.DeviceNum, flat any, shape shapes.Shape) (compute.Buffer, error) {
	inner, err := b.Backend.BufferFromFlatData(device, flat, shape)
	if err != nil {
		return nil, err
	}
	return &buffer{inner, b}, nil
}

func (b *backend) NewSharedBuffer(device compute.DeviceNum, shape shapes.Shape) (compute.Buffer, any, error) {
	inner, flat, err := b.Backend.NewSharedBuffer(device, shape)
	if err != nil {
		return nil, nil, err
	}
	return &buffer{inner, b}, flat, nil
}

// A buffer is the embedded one under the wrapping backend's name.
type buffer struct {
	compute.Buffer
	backend *backend
}

func (b *buffer) Backend() compute.Backend { return b.backend }

func (b *buffer) CopyToDevice(device compute.DeviceNum) (compute.Buffer, error) {
	inner, err := b.Buffer.CopyToDevice(device)
	if err != nil {
		return nil, err
	}
	return &buffer{inner, b.backend}, nil
}

var errForeign = fault.New("stock", "value of another backend")

// An executable translates buffers on the way in and out.
type executable struct {
	compute.Executable
	backend *backend
}

func (e *executable) Execute(inputs []compute.Buffer, donate []bool, device compute.DeviceNum) ([]compute.Buffer, error) {
	inner := make([]compute.Buffer, len(inputs))
	for i, input := range inputs {
		b, ok := input.(*buffer)
		if !ok {
			return nil, fmt.Errorf("input %d: %w", i, errForeign)
		}
		inner[i] = b.Buffer
	}
	outputs, err := e.Executable.Execute(inner, donate, device)
	if err != nil {
		return nil, err
	}
	for i, output := range outputs {
		outputs[i] = &buffer{output, e.backend}
	}
	return outputs, nil
}
