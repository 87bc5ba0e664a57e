package wire

import (
	"encoding/binary"
	"math"
	"time"

	"quarterturn/core/fault"
	"quarterturn/core/run"
)

// A codec writes fields to a frame or, when decoding, takes them off one. After
// the first field that is cut short or malformed it yields zeros, so a message is
// checked once, at its end.
type codec struct {
	decoding bool
	frame    []byte // What was written, or what is left to read.
	err      error
}

// take returns the next n bytes of a frame that is being decoded, or nil.
func (c *codec) take(n int) []byte {
	if len(c.frame) < n {
		c.fail(errShort)
		return nil
	}
	b := c.frame[:n:n]
	c.frame = c.frame[n:]
	return b
}

func (c *codec) fail(err error) {
	if c.err == nil {
		c.err = err
	}
	c.frame = nil
}

func (c *codec) uint64(p *uint64) {
	if !c.decoding {
		c.frame = binary.LittleEndian.AppendUint64(c.frame, *p)
		return
	}
	if b := c.take(8); b != nil {
		*p = binary.LittleEndian.Uint64(b)
	}
}

func (c *codec) number(p *run.Number) { c.uint64((*uint64)(p)) }

// integer moves any signed 64-bit quantity.
func integer[T ~int | ~int64](c *codec, p *T) {
	v := uint64(*p)
	c.uint64(&v)
	if T(v) != T(int64(v)) || int64(T(v)) != int64(v) { // An int of 32 bits cannot hold it.
		c.fail(fault.New("wire", "number out of range"))
		return
	}
	*p = T(v)
}

func (c *codec) int(p *int)                { integer(c, p) }
func (c *codec) duration(p *time.Duration) { integer(c, p) }

func (c *codec) float64(p *float64) {
	v := math.Float64bits(*p)
	c.uint64(&v)
	*p = math.Float64frombits(v)
}

func (c *codec) bool(p *bool) {
	if !c.decoding {
		var b byte
		if *p {
			b = 1
		}
		c.frame = append(c.frame, b)
		return
	}
	if b := c.take(1); b != nil {
		if b[0] > 1 {
			c.fail(fault.New("wire", "truth value is neither 0 nor 1"))
			return
		}
		*p = b[0] == 1
	}
}

// count moves the length of a list whose elements take at least least bytes
// each, and refuses one that the rest of the frame cannot hold.
func (c *codec) count(n, least int) int {
	if !c.decoding {
		c.frame = binary.LittleEndian.AppendUint32(c.frame, uint32(n))
		return n
	}
	b := c.take(4)
	if b == nil {
		return 0
	}
	v := uint64(binary.LittleEndian.Uint32(b))
	if v*uint64(least) > uint64(len(c.frame)) {
		c.fail(errShort)
		return 0
	}
	return int(v)
}

// bytes moves a byte string; what is decoded shares the frame's memory.
func (c *codec) bytes(p *[]byte) {
	n := c.count(len(*p), 1)
	if !c.decoding {
		c.frame = append(c.frame, *p...)
		return
	}
	*p = c.take(n)
}

func text[T ~string](c *codec, p *T) {
	b := []byte(*p)
	c.bytes(&b)
	*p = T(b)
}

func (c *codec) string(p *string) { text(c, p) }

// list moves the elements of a slice, each with field; least is the smallest
// number of bytes that field writes.
func list[T any](c *codec, p *[]T, least int, field func(*codec, *T)) {
	n := c.count(len(*p), least)
	if c.decoding {
		*p = nil
		if n > 0 {
			*p = make([]T, n)
		}
	}
	for i := range *p {
		field(c, &(*p)[i])
	}
}

func (c *codec) ints(p *[]int)       { list(c, p, 8, (*codec).int) }
func (c *codec) strings(p *[]string) { list(c, p, 4, (*codec).string) }

func (c *codec) float32s(p *[]float32) { list(c, p, 4, (*codec).float32) }

func (c *codec) int32s(p *[]int32) { list(c, p, 4, (*codec).int32) }

func (c *codec) int32(p *int32) {
	if !c.decoding {
		c.frame = binary.LittleEndian.AppendUint32(c.frame, uint32(*p))
		return
	}
	if b := c.take(4); b != nil {
		*p = int32(binary.LittleEndian.Uint32(b))
	}
}

func (c *codec) float32(p *float32) {
	if !c.decoding {
		c.frame = binary.LittleEndian.AppendUint32(c.frame, math.Float32bits(*p))
		return
	}
	if b := c.take(4); b != nil {
		*p = math.Float32frombits(binary.LittleEndian.Uint32(b))
	}
}
