// Package wire turns commands and events into frames and back.
//
// A frame is a version byte, a tag byte that names the message, and the
// message's fields in the order of its function in fields.go: integers and
// floats as 8 bytes little-endian, byte strings and lists behind a 4-byte count.
// Every message has exactly one encoding, so that Encode(Decode(frame)) is frame.
//
// Frames come from another realm and are not trusted: a count is checked against
// the bytes that are left before anything is allocated for it.
package wire

import (
	"quarterturn/core/fault"
	"quarterturn/core/run"
)

// Version is the first byte of every frame. Page and worker are built together,
// so a frame of another version means that a browser mixed two builds in its
// cache.
const Version = 1

var (
	errShort    = fault.New("wire", "frame is cut short")
	errTrailing = fault.New("wire", "frame has bytes after its last field")
)

// EncodeEvent returns the frame of an event. It panics with a constant string if
// the event's type has no tag, which a test rules out.
func EncodeEvent(e run.Event) []byte { return encode(events, e) }

// DecodeEvent returns the event of a frame. Byte slices in it share the frame's
// memory.
func DecodeEvent(frame []byte) (run.Event, error) { return decode(events, frame) }

// EncodeCommand returns the frame of a command, as EncodeEvent does of an event.
func EncodeCommand(m run.Command) []byte { return encode(commands, m) }

// DecodeCommand returns the command of a frame. Byte slices in it share the
// frame's memory.
func DecodeCommand(frame []byte) (run.Command, error) { return decode(commands, frame) }

// A message joins a tag to a type and its fields. I is run.Event or run.Command.
type message[I any] struct {
	tag    byte
	encode func(*codec, I) bool // False if the value has another type.
	decode func(*codec) I
}

// entry makes the message of type M, whose fields function both writes and
// reads, so that the two directions cannot drift apart.
func entry[I, M any](tag byte, fields func(*codec, *M)) message[I] {
	return message[I]{
		tag: tag,
		encode: func(c *codec, value I) bool {
			m, ok := any(value).(M)
			if ok {
				c.frame = append(c.frame, Version, tag)
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

func encode[I any](table []message[I], value I) []byte {
	var c codec
	for _, m := range table {
		if m.encode(&c, value) {
			return c.frame
		}
	}
	panic("wire: message type without a tag")
}

func decode[I any](table []message[I], frame []byte) (I, error) {
	var none I
	if len(frame) < 2 {
		return none, errShort
	}
	if frame[0] != Version {
		return none, fault.Errorf("wire", "frame has version %d, want %d: reload the page", frame[0], Version)
	}
	for _, m := range table {
		if m.tag == frame[1] {
			c := codec{decoding: true, frame: frame[2:]}
			value := m.decode(&c)
			if c.err == nil && len(c.frame) > 0 {
				c.err = errTrailing
			}
			if c.err != nil {
				return none, c.err
			}
			return value, nil
		}
	}
	return none, fault.Errorf("wire", "unknown tag %d", frame[1])
}
