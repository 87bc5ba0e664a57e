package keep

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"

	"quarterturn/core/fault"
)

// A slot is, little-endian:
//
//	magic       8 bytes
//	version     4 bytes
//	generation  8 bytes; the slot with the higher one is newer
//	length      8 bytes, of the payload
//	payload
//	SHA-256    32 bytes, of everything before
//
// In every version the first two and the last are where they are here, so that what a
// newer program wrote is not taken for damage.
const (
	magic       = "QTkept\r\n" // The line end shows who went over it as if it were text.
	slotVersion = 1
	headerBytes = len(magic) + 4 + 8 + 8
	extraBytes  = headerBytes + sha256.Size
)

// A slotState is what can be said of a slot.
type slotState int

const (
	absent slotState = iota
	damaged
	whole
)

type slot struct {
	state      slotState
	generation uint64 // Of a damaged slot what its header says, or the highest where it says nothing.
	payload    []byte
}

func encodeSlot(generation uint64, payload []byte) []byte {
	b := make([]byte, 0, len(payload)+extraBytes)
	b = append(b, magic...)
	b = binary.LittleEndian.AppendUint32(b, slotVersion)
	b = binary.LittleEndian.AppendUint64(b, generation)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(payload)))
	b = append(b, payload...)
	return append(b, sumOf(b)...)
}

func sumOf(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:]
}

// decodeSlot reads a slot, whose payload shares b's memory. It is ErrNewer for a whole
// one of a version that it does not know; nothing else is an error.
func decodeSlot(b []byte) (slot, error) {
	if len(b) == 0 { // A file that was made, and died before anything was in it.
		return slot{}, nil
	}
	s := slot{state: damaged, generation: ^uint64(0)}
	if len(b) < extraBytes || string(b[:len(magic)]) != magic {
		return s, nil
	}
	body, sum := b[:len(b)-sha256.Size], b[len(b)-sha256.Size:]
	header := b[len(magic):headerBytes]
	version, generation, length := binary.LittleEndian.Uint32(header), binary.LittleEndian.Uint64(header[4:]), binary.LittleEndian.Uint64(header[12:])
	intact := bytes.Equal(sum, sumOf(body))
	if version != slotVersion {
		if intact && version > slotVersion {
			return s, fault.Errorf("keep", "version %d of its format, this program knows %d: %w", version, slotVersion, ErrNewer)
		}
		return s, nil
	}
	s.generation = generation
	if intact && length == uint64(len(body)-headerBytes) {
		s.state, s.payload = whole, body[headerBytes:len(body):len(body)]
	}
	return s, nil
}
