package engine

import (
	"math"

	"github.com/gomlx/compute/dtypes"
)

// A lane reads and writes single values of any dtype as an int64 or a float64,
// by position. It is for the ops that are not worth a loop per dtype: one that
// has two arithmetics, of integers and of floats, does for all.
//
// Integers wrap around as their type does. A uint64 goes through int64 with the
// same bits: sums, products and bit ops come out right, and those where the sign
// matters ask isUnsigned. Bool is 0 or 1.
type lane struct {
	dtype dtypes.DType
	bytes []byte
}

func newLane(dtype dtypes.DType, bytes []byte) lane { return lane{dtype, bytes} }

func (l lane) isFloat() bool { return l.dtype == dtypes.Float32 || l.dtype == dtypes.Float64 }

// int returns value i of an integer or bool lane, or truncates a float.
func (l lane) int(i int) int64 {
	switch l.dtype {
	case dtypes.Bool, dtypes.Uint8:
		return int64(l.bytes[i])
	case dtypes.Int8:
		return int64(int8(l.bytes[i]))
	case dtypes.Int16:
		return int64(typed[int16](l.bytes)[i])
	case dtypes.Uint16:
		return int64(typed[uint16](l.bytes)[i])
	case dtypes.Int32:
		return int64(typed[int32](l.bytes)[i])
	case dtypes.Uint32:
		return int64(typed[uint32](l.bytes)[i])
	case dtypes.Int64, dtypes.Uint64:
		return typed[int64](l.bytes)[i]
	}
	return int64(l.float(i))
}

// float returns value i as a float64.
func (l lane) float(i int) float64 {
	switch l.dtype {
	case dtypes.Float32:
		return float64(typed[float32](l.bytes)[i])
	case dtypes.Float64:
		return typed[float64](l.bytes)[i]
	case dtypes.Uint64:
		return float64(typed[uint64](l.bytes)[i])
	}
	return float64(l.int(i))
}

// setInt writes the low bits of v.
func (l lane) setInt(i int, v int64) {
	switch l.dtype {
	case dtypes.Bool:
		l.bytes[i] = 0
		if v != 0 {
			l.bytes[i] = 1
		}
	case dtypes.Int8, dtypes.Uint8:
		l.bytes[i] = byte(v)
	case dtypes.Int16, dtypes.Uint16:
		typed[int16](l.bytes)[i] = int16(v)
	case dtypes.Int32, dtypes.Uint32:
		typed[int32](l.bytes)[i] = int32(v)
	case dtypes.Int64, dtypes.Uint64:
		typed[int64](l.bytes)[i] = v
	default:
		l.setFloat(i, float64(v))
	}
}

// setFloat writes v, rounded to the lane's float type. Into an integer lane it
// truncates, saturating at the ends of the type, with 0 for NaN: what Go leaves
// to the platform is fixed here.
func (l lane) setFloat(i int, v float64) {
	switch l.dtype {
	case dtypes.Float32:
		typed[float32](l.bytes)[i] = float32(v)
		return
	case dtypes.Float64:
		typed[float64](l.bytes)[i] = v
		return
	case dtypes.Bool:
		l.bytes[i] = 0
		if v != 0 {
			l.bytes[i] = 1
		}
		return
	}
	low, high := integerRange(l.dtype)
	switch {
	case v != v:
		l.setInt(i, 0)
	case v <= low:
		l.setInt(i, int64(low))
	case v >= high && l.dtype == dtypes.Uint64:
		l.setInt(i, -1)
	case v >= high && l.dtype == dtypes.Int64:
		l.setInt(i, math.MaxInt64)
	case v >= high:
		l.setInt(i, int64(high))
	case l.dtype == dtypes.Uint64:
		typed[uint64](l.bytes)[i] = uint64(v)
	default:
		l.setInt(i, int64(v))
	}
}

// integerRange returns the least and greatest value of an integer type, as
// floats; the greatest of the 64-bit types is one too much.
func integerRange(dtype dtypes.DType) (low, high float64) {
	bits := dtype.Size() * 8
	if dtype.IsUnsigned() {
		high = math.Ldexp(1, bits)
	} else {
		high = math.Ldexp(1, bits-1)
		low = -high
	}
	if bits < 64 {
		high--
	}
	return low, high
}
