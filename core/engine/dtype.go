package engine

import (
	"unsafe"

	"github.com/gomlx/compute/dtypes"
)

// supportedDTypes are the types of values. Everything is tuned for Float32; the
// others go through slow generic code (lane.go), which is enough for labels,
// counters, random bits and shapes.
var supportedDTypes = map[dtypes.DType]bool{
	dtypes.Float32: true, dtypes.Float64: true, dtypes.Bool: true,
	dtypes.Int8: true, dtypes.Int16: true, dtypes.Int32: true, dtypes.Int64: true,
	dtypes.Uint8: true, dtypes.Uint16: true, dtypes.Uint32: true, dtypes.Uint64: true,
}

// flatType returns the dtype and length of a slice of a supported type, and
// InvalidDType of anything else.
func flatType(flat any) (dtypes.DType, int) {
	switch s := flat.(type) {
	case []float32:
		return dtypes.Float32, len(s)
	case []float64:
		return dtypes.Float64, len(s)
	case []bool:
		return dtypes.Bool, len(s)
	case []int8:
		return dtypes.Int8, len(s)
	case []int16:
		return dtypes.Int16, len(s)
	case []int32:
		return dtypes.Int32, len(s)
	case []int64:
		return dtypes.Int64, len(s)
	case []int: // Go's int is 64 bits on every platform we build for, wasm included.
		return dtypes.Int64, len(s)
	case []uint8:
		return dtypes.Uint8, len(s)
	case []uint16:
		return dtypes.Uint16, len(s)
	case []uint32:
		return dtypes.Uint32, len(s)
	case []uint64:
		return dtypes.Uint64, len(s)
	}
	return dtypes.InvalidDType, 0
}

// bytesOf returns the first n bytes of memory.
func bytesOf(memory []uint64, n int) []byte {
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(memory))), n)[:n:n]
}

// typed returns bytes as the values they hold. Memory of values is aligned to 8
// bytes at least.
func typed[T any](bytes []byte) []T {
	var zero T
	n := len(bytes) / int(unsafe.Sizeof(zero))
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(bytes))), n)
}
