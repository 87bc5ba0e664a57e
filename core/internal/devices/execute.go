package devices

import (
	"bytes"

	"quarterturn/core/fault"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// An executable runs the embedded one on the values of all devices.
type executable struct {
	compute.Executable
	backend *Backend
	devices int
	divided []bool
}

func (e *executable) Execute(inputs []compute.Buffer, donate []bool, device compute.DeviceNum) ([]compute.Buffer, error) {
	if e.backend.Fail != nil {
		if e.backend.FailuresTake {
			kill(inputs, donate)
		}
		return nil, e.backend.Fail
	}
	whole, err := e.join(inputs)
	if err != nil {
		return nil, err
	}
	results, err := e.Executable.Execute(whole, nil, 0)
	if err != nil {
		return nil, err
	}
	kill(inputs, donate)
	if e.devices == 1 {
		for i, r := range results {
			results[i] = &buffer{r, e.backend, device}
		}
		return results, nil
	}
	e.backend.Runs++
	return e.copy(results)
}

// kill ends donated buffers.
func kill(inputs []compute.Buffer, donate []bool) {
	for i, donated := range donate {
		if donated {
			_ = inputs[i].Finalize()
		}
	}
}

// join puts the parts of each parameter together.
func (e *executable) join(inputs []compute.Buffer) ([]compute.Buffer, error) {
	names, wanted := e.Inputs()
	if len(inputs) != len(wanted)*e.devices {
		return nil, fault.Errorf("devices", "%d inputs for %d parameters on %d devices", len(inputs), len(wanted), e.devices)
	}
	whole := make([]compute.Buffer, len(wanted))
	for i := range wanted {
		var all []byte
		for d := range e.devices {
			b, ok := inputs[d*len(wanted)+i].(*buffer)
			if !ok || e.devices > 1 && int(b.device) != d {
				return nil, fault.Errorf("devices", "input %s of device %d is not there", names[i], d)
			}
			flat, _, err := read(b.Buffer)
			if err != nil {
				return nil, fault.Errorf("devices", "input %s of device %d: %w", names[i], d, err)
			}
			part := dtypes.UnsafeByteSliceFromAny(flat)
			switch {
			case e.divided[i] || d == 0:
				all = append(all, part...)
			case !bytes.Equal(part, all):
				return nil, fault.Errorf("devices", "input %s of device %d differs from device 0's", names[i], d)
			}
		}
		if len(all) != int(wanted[i].ByteSize()) {
			return nil, fault.Errorf("devices", "input %s has %d bytes on all devices, want %s", names[i], len(all), wanted[i])
		}
		flat := dtypes.MakeAnySlice(wanted[i].DType, wanted[i].Size())
		copy(dtypes.UnsafeByteSliceFromAny(flat), all)
		var err error
		if whole[i], err = e.backend.Backend.BufferFromFlatData(0, flat, wanted[i]); err != nil {
			return nil, err
		}
	}
	return whole, nil
}

// copy gives each device all results, in the order device by device.
func (e *executable) copy(results []compute.Buffer) ([]compute.Buffer, error) {
	var outputs []compute.Buffer
	for d := range e.devices {
		for _, r := range results {
			flat, shape, err := read(r)
			if err != nil {
				return nil, err
			}
			output, err := e.backend.BufferFromFlatData(compute.DeviceNum(d), flat, shape)
			if err != nil {
				return nil, err
			}
			outputs = append(outputs, output)
		}
	}
	return outputs, nil
}

// read returns a copy of a buffer's values.
func read(b compute.Buffer) (any, shapes.Shape, error) {
	shape, err := b.Shape()
	if err != nil {
		return nil, shape, err
	}
	flat := dtypes.MakeAnySlice(shape.DType, shape.Size())
	return flat, shape, b.ToFlatData(flat)
}
