package engine

import (
	"sync"
	"unsafe"

	"quarterturn/core/fault"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// A buffer is a value in memory that the client owns: an input, or an output.
// Its memory is ordinary Go memory, which the client may read and write in place
// (Data).
type buffer struct {
	backend *Backend
	shape   shapes.Shape
	memory  []uint64 // nil once finalized or donated.
	live    bool
	given   int // How often it is an input of the running execution.
}

var _ compute.Buffer = (*buffer)(nil)

func (b *Backend) newBuffer(shape shapes.Shape) *buffer {
	return &buffer{backend: b, shape: shape, memory: b.memory.get(wordsOf(shape)), live: true}
}

// wordsOf returns how many 8-byte words a value of a shape takes.
func wordsOf(shape shapes.Shape) int { return (int(shape.ByteSize()) + 7) / 8 }

// BufferFromFlatData copies flat, a slice of shape's Go type, into a new buffer.
func (b *Backend) BufferFromFlatData(device compute.DeviceNum, flat any, shape shapes.Shape) (compute.Buffer, error) {
	if err := b.checkShape(device, shape); err != nil {
		return nil, err
	}
	if err := checkFlat(flat, shape); err != nil {
		return nil, err
	}
	created := b.newBuffer(shape.Clone())
	copy(created.bytes(), dtypes.UnsafeByteSliceFromAny(flat))
	return created, nil
}

// HasSharedBuffers returns true: buffers are Go memory.
func (b *Backend) HasSharedBuffers() bool { return true }

// NewSharedBuffer returns a zeroed buffer and the slice of its values.
func (b *Backend) NewSharedBuffer(device compute.DeviceNum, shape shapes.Shape) (compute.Buffer, any, error) {
	if err := b.checkShape(device, shape); err != nil {
		return nil, nil, err
	}
	created := b.newBuffer(shape.Clone())
	clear(created.memory)
	return created, created.flat(), nil
}

func (b *Backend) checkShape(device compute.DeviceNum, shape shapes.Shape) error {
	switch {
	case device != 0:
		return fault.Errorf("engine", "device %d: there is only device 0", device)
	case b.IsFinalized():
		return fault.Errorf("engine", "backend was finalized")
	case !supportedDTypes[shape.DType]:
		return fault.Errorf("engine", "dtype %s: %w", shape.DType, compute.ErrNotImplemented)
	}
	for _, dim := range shape.Dimensions {
		if dim < 0 {
			return fault.Errorf("engine", "dynamic shape %s: %w", shape, compute.ErrNotImplemented)
		}
	}
	return nil
}

// checkFlat returns an error unless flat is a slice of as many values of the type
// as shape has. A shape without values goes with nil too.
func checkFlat(flat any, shape shapes.Shape) error {
	if flat == nil && shape.Size() == 0 {
		return nil
	}
	if dtype, length := flatType(flat); dtype != shape.DType || length != shape.Size() {
		return fault.Errorf("engine", "%d values of %T for a buffer of shape %s", length, flat, shape)
	}
	return nil
}

// bytes returns the buffer's memory without the padding to whole words.
func (b *buffer) bytes() []byte { return bytesOf(b.memory, int(b.shape.ByteSize())) }

// flat returns the buffer's values as a slice of its Go type.
func (b *buffer) flat() any {
	if b.shape.Size() == 0 {
		return dtypes.MakeAnySlice(b.shape.DType, 0)
	}
	return dtypes.UnsafeAnySliceFromBytes(unsafe.Pointer(unsafe.SliceData(b.memory)), b.shape.DType, b.shape.Size())
}

func (b *buffer) Backend() compute.Backend { return b.backend }

// Finalize gives the memory back for later buffers. More than one call is
// harmless.
func (b *buffer) Finalize() error {
	if b.live {
		b.live = false
		b.backend.memory.put(b.memory)
		b.memory = nil
	}
	return nil
}

func (b *buffer) Shape() (shapes.Shape, error) { return b.shape, b.check() }

func (b *buffer) DeviceNum() (compute.DeviceNum, error) { return 0, b.check() }

func (b *buffer) check() error {
	if !b.live {
		return fault.Errorf("engine", "buffer of shape %s was finalized or donated", b.shape)
	}
	return nil
}

func (b *buffer) ToFlatData(flat any) error {
	if err := b.check(); err != nil {
		return err
	}
	if err := checkFlat(flat, b.shape); err != nil {
		return err
	}
	copy(dtypes.UnsafeByteSliceFromAny(flat), b.bytes())
	return nil
}

func (b *buffer) Data() (any, error) {
	if err := b.check(); err != nil {
		return nil, err
	}
	return b.flat(), nil
}

func (b *buffer) CopyToDevice(device compute.DeviceNum) (compute.Buffer, error) {
	return nil, fault.Errorf("engine", "copy to device %d: there is only device 0", device)
}

// A recycler keeps the memory of finalized buffers for new ones of the same
// size: a training step makes the same buffers again and again, and memory that
// WebAssembly once took it never gives back.
type recycler struct {
	mu    sync.Mutex
	free  map[int][][]uint64 // By length in words.
	words int                // In free, all together.
}

// maxFreeWords bounds what the recycler keeps, 64 MiB: the images of a few
// batches. Weights and momenta do not pass through it, they are updated in
// place.
const maxFreeWords = 64 << 20 / 8

func (r *recycler) get(words int) []uint64 {
	r.mu.Lock()
	list := r.free[words]
	if len(list) == 0 {
		r.mu.Unlock()
		return make([]uint64, words)
	}
	defer r.mu.Unlock()
	last := len(list) - 1
	memory := list[last]
	list[last] = nil
	r.free[words] = list[:last]
	r.words -= words
	return memory
}

func (r *recycler) put(memory []uint64) {
	words := len(memory)
	r.mu.Lock()
	defer r.mu.Unlock()
	if words == 0 || r.words+words > maxFreeWords {
		return
	}
	if r.free == nil {
		r.free = map[int][][]uint64{}
	}
	r.free[words] = append(r.free[words], memory)
	r.words += words
}

func (r *recycler) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.free, r.words = nil, 0
}
