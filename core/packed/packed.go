// Package packed turns values into bytes and back: integers and floats as 8 bytes, or 4
// where they have no more, little-endian, byte strings and lists behind a 4-byte count.
// One function for each type both writes and reads it, so that the two directions
// cannot drift apart, and every value has exactly one encoding.
//
// Bytes that are read are not trusted: a count is checked against the bytes that are left
// before anything is allocated for it.
package packed

import (
	"encoding/binary"
	"math"
	"time"

	"quarterturn/core/fault"
)

// ErrShort says that bytes end before the value does.
var ErrShort = fault.New("packed", "it is cut short")

// A Codec writes fields to bytes or, when decoding, takes them off them. After
// the first field that is cut short or malformed it yields zeros, so a message is
// checked once, at its end.
type Codec struct {
	Decoding bool
	Bytes    []byte // What was written, or what is left to read.
	Err      error
}

// Take returns the next n bytes of a frame that is being decoded, or nil.
func (c *Codec) Take(n int) []byte {
	if len(c.Bytes) < n {
		c.Fail(ErrShort)
		return nil
	}
	b := c.Bytes[:n:n]
	c.Bytes = c.Bytes[n:]
	return b
}

// Reads reports whether the codec decodes.
func (c *Codec) Reads() bool { return c.Decoding }

// Fail ends decoding with an error, unless it has ended before.
func (c *Codec) Fail(err error) {
	if c.Err == nil {
		c.Err = err
	}
	c.Bytes = nil
}

// Uint64 moves an unsigned number.
func (c *Codec) Uint64(p *uint64) {
	if !c.Decoding {
		c.Bytes = binary.LittleEndian.AppendUint64(c.Bytes, *p)
		return
	}
	if b := c.Take(8); b != nil {
		*p = binary.LittleEndian.Uint64(b)
	}
}

// Integer moves any signed 64-bit quantity.
func Integer[T ~int | ~int64](c *Codec, p *T) {
	v := uint64(*p)
	c.Uint64(&v)
	if T(v) != T(int64(v)) || int64(T(v)) != int64(v) { // An int of 32 bits cannot hold it.
		c.Fail(fault.New("packed", "number out of range"))
		return
	}
	*p = T(v)
}

// Int moves a number.
func (c *Codec) Int(p *int)                { Integer(c, p) }
func (c *Codec) Duration(p *time.Duration) { Integer(c, p) }

// Float64 moves a number.
func (c *Codec) Float64(p *float64) {
	v := math.Float64bits(*p)
	c.Uint64(&v)
	*p = math.Float64frombits(v)
}

// Bool moves a truth value.
func (c *Codec) Bool(p *bool) {
	if !c.Decoding {
		var b byte
		if *p {
			b = 1
		}
		c.Bytes = append(c.Bytes, b)
		return
	}
	if b := c.Take(1); b != nil {
		if b[0] > 1 {
			c.Fail(fault.New("packed", "truth value is neither 0 nor 1"))
			return
		}
		*p = b[0] == 1
	}
}

// Count moves the length of a list whose elements take at least least bytes
// each, and refuses one that the rest of the frame cannot hold.
func (c *Codec) Count(n, least int) int {
	if !c.Decoding {
		c.Bytes = binary.LittleEndian.AppendUint32(c.Bytes, uint32(n))
		return n
	}
	b := c.Take(4)
	if b == nil {
		return 0
	}
	v := uint64(binary.LittleEndian.Uint32(b))
	if v*uint64(least) > uint64(len(c.Bytes)) {
		c.Fail(ErrShort)
		return 0
	}
	return int(v)
}

// Blob moves a byte string; what is decoded shares the frame's memory.
func (c *Codec) Blob(p *[]byte) {
	n := c.Count(len(*p), 1)
	if !c.Decoding {
		c.Bytes = append(c.Bytes, *p...)
		return
	}
	*p = c.Take(n)
}

func Text[T ~string](c *Codec, p *T) {
	b := []byte(*p)
	c.Blob(&b)
	*p = T(b)
}

func (c *Codec) String(p *string) { Text(c, p) }

// List moves the elements of a slice, each with field; least is the smallest
// number of bytes that field writes.
func List[C interface {
	Count(n, least int) int
	Reads() bool
}, T any](c C, p *[]T, least int, field func(C, *T)) {
	n := c.Count(len(*p), least)
	if c.Reads() {
		*p = nil
		if n > 0 {
			*p = make([]T, n)
		}
	}
	for i := range *p {
		field(c, &(*p)[i])
	}
}

// Ints moves a list of numbers.
func (c *Codec) Ints(p *[]int)       { List(c, p, 8, (*Codec).Int) }
func (c *Codec) Strings(p *[]string) { List(c, p, 4, (*Codec).String) }

// Float32s moves a list of numbers.
func (c *Codec) Float32s(p *[]float32) { List(c, p, 4, (*Codec).Float32) }

// Int32s moves a list of numbers.
func (c *Codec) Int32s(p *[]int32) { List(c, p, 4, (*Codec).Int32) }

// Int32 moves a number.
func (c *Codec) Int32(p *int32) {
	if !c.Decoding {
		c.Bytes = binary.LittleEndian.AppendUint32(c.Bytes, uint32(*p))
		return
	}
	if b := c.Take(4); b != nil {
		*p = int32(binary.LittleEndian.Uint32(b))
	}
}

// Float32 moves a number.
func (c *Codec) Float32(p *float32) {
	if !c.Decoding {
		c.Bytes = binary.LittleEndian.AppendUint32(c.Bytes, math.Float32bits(*p))
		return
	}
	if b := c.Take(4); b != nil {
		*p = math.Float32frombits(binary.LittleEndian.Uint32(b))
	}
}
