// Package devices makes one backend look like several devices, for tests of what
// runs on more than one. Like an accelerator's, its buffers are not the caller's
// memory, each belongs to a device, and donated ones are dead after a step.
//
// A graph for several devices is run as what it means: the parts of each input
// are put together, the embedded backend runs the graph of the whole batch, and
// each device gets the outputs. Copies of an input that differ between devices
// are an error. How a real compiler divides the work is not shown by this.
package devices

import (
	"errors"
	"fmt"

	"quarterturn/core/fault"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
)

// A Backend is several devices. Only axis 0 of a value can be divided, and only
// among all of them.
type Backend struct {
	compute.Backend
	count int

	// Fail, if not nil, is what executions end with, instead of outputs.
	Fail error
	// FailuresTake kills donated buffers in executions that fail, too.
	FailuresTake bool
	// Runs counts the executions on several devices.
	Runs int
}

// New returns a backend of so many devices that computes with inner.
func New(inner compute.Backend, count int) *Backend { return &Backend{Backend: inner, count: count} }

// NumDevices returns how many devices there are.
func (b *Backend) NumDevices() int { return b.count }

// HasSharedBuffers returns false.
func (b *Backend) HasSharedBuffers() bool { return false }

// NewSharedBuffer returns an error.
func (b *Backend) NewSharedBuffer(compute.DeviceNum, shapes.Shape) (compute.Buffer, any, error) {
	return nil, nil, fault.New("devices", "no shared buffers")
}

// BufferFromFlatData copies values to a device.
func (b *Backend) BufferFromFlatData(device compute.DeviceNum, flat any, shape shapes.Shape) (compute.Buffer, error) {
	if int(device) >= b.count {
		return nil, fault.Errorf("devices", "device %d of %d", device, b.count)
	}
	inner, err := b.Backend.BufferFromFlatData(0, flat, shape)
	if err != nil {
		return nil, err
	}
	return &buffer{inner, b, device}, nil
}

// Builder returns a builder of graphs for one device or for all.
func (b *Backend) Builder(name string) compute.Builder {
	inner := b.Backend.Builder(name)
	w := &builder{Builder: inner, backend: b, devices: 1}
	w.main = &function{Function: inner.Main(), builder: w}
	return w
}

// A buffer is the embedded one on one of the devices.
type buffer struct {
	compute.Buffer
	backend *Backend
	device  compute.DeviceNum
}

func (b *buffer) Backend() compute.Backend { return b.backend }

func (b *buffer) DeviceNum() (compute.DeviceNum, error) { return b.device, nil }

func (b *buffer) Data() (any, error) { return nil, fault.New("devices", "no shared buffers") }

func (b *buffer) CopyToDevice(device compute.DeviceNum) (compute.Buffer, error) {
	if device == b.device {
		return nil, fault.Errorf("devices", "copy from device %d to itself", device)
	}
	flat, shape, err := read(b.Buffer)
	if err != nil {
		return nil, err
	}
	return b.backend.BufferFromFlatData(device, flat, shape)
}

// A builder remembers how the values of a graph lie on the devices.
type builder struct {
	compute.Builder
	backend *Backend
	main    *function
	devices int
}

func (b *builder) Main() compute.Function { return b.main }

func (b *builder) DistributedAutoSharding(meshes ...compute.Mesh) error {
	if len(meshes) != 1 || len(meshes[0].AxesSizes) != 1 || meshes[0].AxesSizes[0] > b.backend.count {
		return fault.Errorf("devices", "meshes %+v: want one with one axis of at most %d", meshes, b.backend.count)
	}
	b.devices = meshes[0].AxesSizes[0]
	return nil
}

func (b *builder) DeviceAssignment(devices ...compute.DeviceNum) error {
	for i, device := range devices {
		if int(device) != i {
			return fault.Errorf("devices", "assignment %v: want the first ones in order", devices)
		}
	}
	return nil
}

func (b *builder) Compile() (compute.Executable, error) {
	inner, err := b.Builder.Compile()
	if err != nil {
		return nil, err
	}
	return &executable{Executable: inner, backend: b.backend, devices: b.devices, divided: b.main.divided}, nil
}

// A function is the embedded one without the layout of its values.
type function struct {
	compute.Function
	builder *builder
	divided []bool // Of each parameter: axis 0 is divided.
}

func (f *function) Builder() compute.Builder { return f.builder }

func (f *function) Parameter(name string, shape shapes.Shape, spec *compute.ShardingSpec) (compute.Value, error) {
	divided, err := dividesBatch(spec)
	if err != nil {
		return nil, fault.Errorf("devices", "parameter %s: %w", name, err)
	}
	f.divided = append(f.divided, divided)
	return f.Function.Parameter(name, shape, nil)
}

func (f *function) Return(outputs []compute.Value, specs []*compute.ShardingSpec) error {
	if f.builder.devices > 1 && len(specs) != len(outputs) {
		return fault.Errorf("devices", "layouts of %d of %d outputs", len(specs), len(outputs))
	}
	for i, spec := range specs {
		if divided, err := dividesBatch(spec); err != nil || divided {
			return fault.Errorf("devices", "output %d is divided: %w", i, errors.Join(err, compute.ErrNotImplemented))
		}
	}
	return f.Function.Return(outputs, nil)
}

// dividesBatch returns whether axis 0 is divided, and refuses other axes.
func dividesBatch(spec *compute.ShardingSpec) (divided bool, err error) {
	if spec == nil {
		return false, nil
	}
	for axis, names := range spec.Axes {
		if len(names) > 0 && axis > 0 {
			return false, fmt.Errorf("axis %d is divided: %w", axis, compute.ErrNotImplemented)
		}
		divided = divided || len(names) > 0
	}
	return divided, nil
}
