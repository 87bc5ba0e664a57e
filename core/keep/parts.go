package keep

import (
	"encoding/binary"

	"quarterturn/core/fault"
)

// Join returns one payload of several parts: each behind its length, 8 bytes
// little-endian.
func Join(parts ...[]byte) []byte {
	size := 0
	for _, p := range parts {
		size += 8 + len(p)
	}
	b := make([]byte, 0, size)
	for _, p := range parts {
		b = append(binary.LittleEndian.AppendUint64(b, uint64(len(p))), p...)
	}
	return b
}

// Split returns the n parts that Join made a payload of. They share its memory.
func Split(payload []byte, n int) ([][]byte, error) {
	var parts [][]byte
	for len(payload) >= 8 && len(parts) < n {
		length := binary.LittleEndian.Uint64(payload)
		if payload = payload[8:]; length > uint64(len(payload)) {
			break
		}
		parts = append(parts, payload[:length:length])
		payload = payload[length:]
	}
	if len(parts) != n || len(payload) > 0 {
		return nil, fault.Errorf("keep", "a record does not consist of %d parts", n)
	}
	return parts, nil
}
