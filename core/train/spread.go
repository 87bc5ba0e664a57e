package train

import (
	"runtime"

	"quarterturn/core/fault"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/distributed"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/dtensor"
	"github.com/gomlx/gomlx/ml/model"
)

// A spread lays a graph over several devices: each takes an equal part of the
// batch and a copy of the weights. nil is one device.
//
// It is GoMLX's AutoSharding: the graph is that of the whole batch, and the
// backend's compiler divides it. So the numbers are those of one device but for
// the order of sums, and batch normalization's statistics are of the whole batch,
// not of a device's part as in PyTorch's DistributedDataParallel.
type spread struct {
	mesh   *distributed.DeviceMesh
	batch  *distributed.ShardingSpec // Divides the first axis.
	copies *distributed.ShardingSpec
}

// oneDevice is what a browser has. The worker is built without what divides work
// among several.
const oneDevice = runtime.GOOS == "js"

// newSpread returns a spread over the backend's first devices. 0 and 1 are one
// device.
func newSpread(backend compute.Backend, devices int) (*spread, error) {
	if err := checkDevices(backend, devices); err != nil || devices <= 1 || oneDevice {
		return nil, err
	}
	const axis = "batch"
	mesh, err := distributed.NewDeviceMesh([]int{devices}, []string{axis})
	if err != nil {
		return nil, fault.Errorf("train", "%w", err)
	}
	batch, err := distributed.BuildSpec(mesh).S(axis).Done()
	if err != nil {
		return nil, fault.Errorf("train", "%w", err)
	}
	return &spread{mesh: mesh, batch: batch, copies: distributed.NewReplicatedShardingSpec(mesh)}, nil
}

// checkDevices returns an error unless a run can have that number of devices of a
// backend.
func checkDevices(backend compute.Backend, devices int) error {
	if devices < 0 {
		return fault.Errorf("train", "%d devices: want at least 1", devices)
	}
	if have := backend.NumDevices(); devices > have {
		return fault.Errorf("train", "%d devices: the backend %s has %d", devices, backend.Name(), have)
	}
	return nil
}

// devices returns how many there are.
func (s *spread) devices() int {
	if s == nil {
		return 1
	}
	return s.mesh.NumDevices()
}

// over returns s if it divides a number of examples evenly, and else one device.
func (s *spread) over(examples int) *spread {
	if examples%s.devices() != 0 {
		return nil
	}
	return s
}

// lay has an executor run on the devices; inputs says of each of its inputs
// whether it is divided. All outputs are copied to each device.
func (s *spread) lay(exec *model.Exec, inputs ...*distributed.ShardingSpec) {
	if s != nil && !oneDevice {
		exec.AutoSharding(s.mesh).WithInputShardingSpecs(inputs...).WithOutputShardingSpecs(s.copies)
	}
}

// divided and copied are what lay takes for an input; nil on one device.
func (s *spread) divided() *distributed.ShardingSpec {
	if s == nil {
		return nil
	}
	return s.batch
}

func (s *spread) copied() *distributed.ShardingSpec {
	if s == nil {
		return nil
	}
	return s.copies
}

// call runs an executor on inputs that are laid out as layout says, and returns
// as many outputs as asked for, of the first device. It takes the inputs.
func (s *spread) call(exec *model.Exec, outputs int, inputs []*tensors.Tensor, layout []*distributed.ShardingSpec) ([]*tensors.Tensor, error) {
	defer finalize(inputs...)
	args := make([]any, len(inputs))
	for i, input := range inputs {
		args[i] = input
		if oneDevice || s == nil {
			continue
		}
		parts, err := dtensor.ShardTensor(layout[i], input)
		if err != nil {
			return nil, fault.Errorf("train", "%w", err)
		}
		defer finalize(parts.Shards()...)
		args[i] = parts
	}
	got, err := exec.Call(args...)
	if err != nil {
		return nil, err
	}
	if len(got) != outputs*s.devices() {
		return nil, fault.Errorf("train", "%d outputs of %d devices, want %d of each", len(got), s.devices(), outputs)
	}
	finalize(got[outputs:]...)
	return got[:outputs], nil
}

// value returns what a variable holds on the first device.
func (s *spread) value(v *model.Variable) (*tensors.Tensor, error) {
	if oneDevice || s == nil {
		return v.Value()
	}
	parts, err := v.DistributedValue()
	if err != nil {
		return nil, err
	}
	return parts.Shards()[0], nil
}
