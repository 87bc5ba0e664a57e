// Package wire turns commands and events into frames and back.
//
// A frame is a version byte, a tag byte that names the message, the 8-byte number of
// the command that it is or answers, and the message's fields in the order of its function in fields.go: integers and
// floats as 8 bytes little-endian, byte strings and lists behind a 4-byte count.
// Every message has exactly one encoding, so that Encode(Decode(frame)) is frame.
//
// Frames come from another realm and are not trusted: a count is checked against
// the bytes that are left before anything is allocated for it.
package wire

import (
	"quarterturn/core/fault"
	"quarterturn/core/packed"
	"quarterturn/core/run"
)

// Version is the first byte of every frame. Page and worker are built together,
// so a frame of another version means that a browser mixed two builds in its
// cache.
const Version = 4

var (
	errTrailing = fault.New("wire", "frame has bytes after its last field")
)

// EncodeAnswer returns the frame of an answer. It panics with a constant string if
// the event's type has no tag, which a test rules out.
func EncodeAnswer(a run.Answer) []byte { return encode(events, a.To, a.Event) }

// DecodeAnswer returns the answer of a frame. Byte slices in it share the frame's
// memory.
func DecodeAnswer(frame []byte) (run.Answer, error) {
	to, event, err := decode(events, frame)
	return run.Answer{To: to, Event: event}, err
}

// EncodeOrder returns the frame of an order, as EncodeAnswer does of an answer.
func EncodeOrder(o run.Order) []byte { return encode(commands, o.Number, o.Command) }

// DecodeOrder returns the order of a frame. Byte slices in it share the frame's
// memory. Where the command cannot be read, its number may be all the same.
func DecodeOrder(frame []byte) (run.Order, error) {
	number, command, err := decode(commands, frame)
	return run.Order{Number: number, Command: command}, err
}

// A codec moves the fields of messages.
type codec struct{ packed.Codec }

func (c *codec) number(p *run.Number) { c.Uint64((*uint64)(p)) }

// A message joins a tag to a type and its fields. I is run.Event or run.Command.
type message[I any] struct {
	tag    byte
	encode func(*codec, run.Number, I) bool // False if the value has another type.
	decode func(*codec) I
}

// entry makes the message of type M, whose fields function both writes and
// reads, so that the two directions cannot drift apart.
func entry[I, M any](tag byte, fields func(*codec, *M)) message[I] {
	return message[I]{
		tag: tag,
		encode: func(c *codec, number run.Number, value I) bool {
			m, ok := any(value).(M)
			if ok {
				c.Bytes = append(c.Bytes, Version, tag)
				c.number(&number)
				fields(c, &m)
			}
			return ok
		},
		decode: func(c *codec) I {
			var m M
			fields(c, &m)
			return any(m).(I)
		},
	}
}

func encode[I any](table []message[I], number run.Number, value I) []byte {
	var c codec
	for _, m := range table {
		if m.encode(&c, number, value) {
			return c.Bytes
		}
	}
	panic("wire: message type without a tag")
}

func decode[I any](table []message[I], frame []byte) (number run.Number, value I, err error) {
	var none I
	if len(frame) < 2 {
		return 0, none, packed.ErrShort
	}
	if frame[0] != Version {
		return 0, none, fault.Errorf("wire", "frame has version %d, want %d: reload the page", frame[0], Version)
	}
	c := codec{packed.Codec{Decoding: true, Bytes: frame[2:]}}
	c.number(&number)
	for _, m := range table {
		if m.tag == frame[1] {
			value = m.decode(&c)
			if c.Err == nil && len(c.Bytes) > 0 {
				c.Err = errTrailing
			}
			if c.Err != nil {
				return number, none, c.Err
			}
			return number, value, nil
		}
	}
	return number, none, fault.Errorf("wire", "unknown tag %d", frame[1])
}
