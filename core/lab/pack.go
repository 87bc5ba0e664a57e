package lab

import (
	"encoding/binary"

	"quarterturn/core/dataset"
	"quarterturn/core/fault"
)

// A packed collection is, little-endian: the number of classes (4 bytes), each
// class's name behind its length (4 bytes), and for each picture its ID and its label
// (4 bytes each, a label of -1 for none), whether it is for validation (1 byte) and its pixels
// [Side, Side, 3]. It travels between two workers of one page; names of pictures
// and thumbnails stay behind. IDs ascend.

const (
	pixelBytes  = Side * Side * dataset.Channels
	recordBytes = 4 + 4 + 1 + pixelBytes
)

// A pack is the packed collection, which all runs of the same pictures are given.
type pack struct {
	blob    []byte
	changes int // Those of the collection when it was packed.
}

// packed returns the packed collection, made anew where that has changed.
func (l *Lab) packed() []byte {
	if l.pack.blob == nil || l.pack.changes != l.collection.changes {
		l.pack = pack{l.collection.pack(), l.collection.changes}
	}
	return l.pack.blob
}

var errPacked = fault.New("lab", "the packed pictures are damaged")

func (c *collection) pack() []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(c.classes)))
	for _, name := range c.classes {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(name)))
		b = append(b, name...)
	}
	packed := make([]byte, len(b), len(b)+len(c.items)*recordBytes)
	copy(packed, b)
	for _, it := range c.items {
		packed = binary.LittleEndian.AppendUint32(packed, uint32(it.id))
		packed = binary.LittleEndian.AppendUint32(packed, uint32(int32(it.class)))
		test := byte(0)
		if it.test {
			test = 1
		}
		packed = append(append(packed, test), it.pixels...)
	}
	return packed
}

// unpack replaces the collection. The pixels share the memory of b.
func (c *collection) unpack(b []byte) error {
	var fresh collection
	classes, b, ok := cutUint32(b)
	for ; ok && classes > 0; classes-- {
		var length uint32
		if length, b, ok = cutUint32(b); ok && uint64(length) <= uint64(len(b)) {
			fresh.classes = append(fresh.classes, string(b[:length]))
			b = b[length:]
		} else {
			ok = false
		}
	}
	if !ok || len(b)%recordBytes != 0 {
		return errPacked
	}
	for ; len(b) > 0; b = b[recordBytes:] {
		id, class, test := int(int32(binary.LittleEndian.Uint32(b))), int(int32(binary.LittleEndian.Uint32(b[4:]))), b[8]
		if id < fresh.next || class < -1 || class >= len(fresh.classes) || test > 1 {
			return errPacked
		}
		fresh.next = id
		fresh.add(item{class: class, test: test == 1, pixels: b[9:recordBytes:recordBytes]})
	}
	fresh.changes += c.changes
	*c = fresh
	return nil
}

func cutUint32(b []byte) (uint32, []byte, bool) {
	if len(b) < 4 {
		return 0, nil, false
	}
	return binary.LittleEndian.Uint32(b), b[4:], true
}
