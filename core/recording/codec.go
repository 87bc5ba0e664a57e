package recording

import (
	"encoding/binary"
	"hash/crc32"
	"math"

	"quarterturn/core/fault"
	"quarterturn/core/run"
)

// A recording's file is, little-endian:
//
//	"QTREC"     5 bytes
//	version     1 byte
//	the fields  as codec.recording goes through them
//	CRC-32      4 bytes, IEEE, of all before it
//
// Counts and texts' lengths are uint32, numbers float64, whole numbers int64, a
// belief 4 bytes, a place 2 uint16. There is no compression inside: servers
// compress what they send, and the page need not link what undoes it.
const (
	magic   = "QTREC"
	version = 3 // 1 lacked what run.Config got later.

	// uncarried is read too: it lacks run.Config.CarryOver, which no run had.
	uncarried = 2

	headBytes = len(magic) + 1
	sumBytes  = 4
)

var (
	errShort   = fault.New("recording", "the file is cut short")
	errDamaged = fault.New("recording", "the file is damaged: its checksum does not fit")
)

// Encode returns the recording as a file of at most MaxBytes. The same recording
// gives the same bytes.
func Encode(r *Recording) ([]byte, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	c := codec{b: append([]byte(magic), version)}
	c.recording(r)
	if c.err != nil {
		return nil, c.err
	}
	b := binary.LittleEndian.AppendUint32(c.b, crc32.ChecksumIEEE(c.b))
	if len(b) > MaxBytes {
		return nil, fault.Errorf("recording", "%d bytes, %d more than a page should fetch: record fewer epochs, pictures or points", len(b), len(b)-MaxBytes)
	}
	return b, nil
}

// Decode reads a recording. It refuses, with a reason, what is too long, cut
// short, damaged, of another version, or does not fit together, and allocates no
// more than a small multiple of the file.
func Decode(b []byte) (*Recording, error) {
	switch {
	case len(b) > MaxBytes:
		return nil, fault.Errorf("recording", "%d bytes, at most %d are read", len(b), MaxBytes)
	case len(b) < headBytes || string(b[:len(magic)]) != magic:
		return nil, fault.New("recording", "this is no recording of a run")
	case b[len(magic)] != version && b[len(magic)] != uncarried:
		return nil, fault.Errorf("recording", "version %d, and this program reads version %d: get the program that came with it", b[len(magic)], version)
	case len(b) < headBytes+sumBytes:
		return nil, errShort
	}
	fields, sum := b[headBytes:len(b)-sumBytes], b[len(b)-sumBytes:]
	if crc32.ChecksumIEEE(b[:len(b)-sumBytes]) != binary.LittleEndian.Uint32(sum) {
		return nil, errDamaged
	}
	r := &Recording{}
	c := codec{decoding: true, version: b[len(magic)], b: fields}
	c.recording(r)
	if c.err == nil && len(c.b) > 0 {
		c.err = fault.Errorf("recording", "%d bytes too many", len(c.b))
	}
	if c.err != nil {
		return nil, c.err
	}
	return r, r.Validate()
}

// A codec writes fields or, when decoding, takes them off. After the first that
// is cut short or malformed it yields zeros, so that a file is checked once, at
// its end.
type codec struct {
	decoding bool
	version  byte   // That is decoded; 0 is the newest.
	b        []byte // What was written, or what is left to read.
	err      error
}

// recording goes through all fields. Their order is the format.
func (c *codec) recording(r *Recording) {
	c.text(&r.Made)
	c.text(&r.Command)
	c.config(&r.Config)
	c.text(&r.Data)
	c.pictures(&r.Pictures)
	c.probe(&r.Probe)
	c.layout(&r.Map)
	list(c, &r.Epochs, MaxEpochs, epochBytes, func(c *codec, e *Epoch) { c.epoch(e, r) })
}

// config goes through all fields of a configuration. A test fails for one that is
// missing here.
func (c *codec) config(m *run.Config) {
	c.text((*string)(&m.Task))
	list(c, &m.Network.Blocks, run.MaxStages, 8, (*codec).int)
	c.int(&m.Network.Width)
	c.int(&m.Side)
	c.int(&m.Epochs)
	c.int(&m.BatchSize)
	c.float(&m.LearningRate)
	c.float(&m.Momentum)
	c.float(&m.WeightDecay)
	c.text((*string)(&m.Schedule))
	c.float(&m.WarmupEpochs)
	c.int(&m.LabelsPerClass)
	c.int(&m.FirstStage)
	c.int(&m.ScaledCrop)
	c.int(&m.PadCrop)
	c.bool(&m.Flip)
	c.uint64(&m.Seed)
	c.int(&m.Network.Hidden)
	c.int(&m.CentralCrop)
	c.bool(&m.OneTurn)
	c.float(&m.LabelSmoothing)
	c.float(&m.AverageDecay)
	c.float(&m.StageDecay)
	c.int(&m.EvaluateEvery)
	c.int(&m.FreshStage)
	if c.version != uncarried {
		c.bool(&m.CarryOver)
	}
}

func (c *codec) pictures(p *Pictures) {
	c.text(&p.Set)
	c.bool(&p.Learnt)
	list(c, &p.Classes, MaxClasses, 4, (*codec).text)
	list(c, &p.Items, MaxPictures, 4+8+1, func(c *codec, i *Picture) {
		c.text(&i.Name)
		c.int(&i.Class)
		c.bool(&i.Test)
	})
}

func (c *codec) probe(p *Probe) {
	c.text(&p.Data)
	c.int(&p.Train)
	c.int(&p.Test)
	c.int(&p.Neighbours)
	c.float(&p.Chance)
	list(c, &p.Stages, MaxStages, 4, (*codec).text)
}

func (c *codec) layout(m *Map) {
	c.text(&m.Data)
	c.text(&m.Stage)
	c.int(&m.Neighbours)
	c.float(&m.Chance)
	list(c, &m.Classes, MaxClasses, 4, (*codec).text)
	list(c, &m.Points, MaxPoints, 16, func(c *codec, p *Point) {
		c.int(&p.Class)
		c.int(&p.Picture)
	})
}

// epochBytes is the least that an epoch takes: its numbers.
const epochBytes = 11 * 8

// epoch goes through one epoch of r, whose head is known by then.
func (c *codec) epoch(e *Epoch, r *Recording) {
	c.int(&e.Number)
	c.int(&e.Step)
	c.float(&e.LearningRate)
	c.float(&e.TrainLoss)
	c.float(&e.TrainAccuracy)
	c.float(&e.Loss)
	c.float(&e.Accuracy)
	c.int(&e.Examples)
	fixed(c, &e.Beliefs, len(r.Pictures.Items), Turns*Turns, func(c *codec, b *Beliefs) {
		for k := range b {
			c.raw(b[k][:])
		}
	})
	fixed(c, &e.Stages, len(r.Probe.Stages), 16, func(c *codec, s *StageProbe) {
		c.float(&s.Neighbours)
		c.float(&s.Linear)
	})
	fixed(c, &e.Places, len(r.Map.Points), 4, func(c *codec, p *Place) {
		c.uint16(&p.X)
		c.uint16(&p.Y)
	})
	c.float(&e.Purity)
	c.float(&e.Silhouette)
	c.float(&e.Divergence)
}

// list moves the elements of a slice, at most most of them and each of at least
// least bytes, behind their number. An empty one is nil.
func list[T any](c *codec, p *[]T, most, least int, field func(*codec, *T)) {
	n := c.count(len(*p), most)
	fixed(c, p, n, least, field)
}

// fixed moves n elements whose number is known. It refuses a number that the rest
// of the file cannot hold, before it makes room for them.
func fixed[T any](c *codec, p *[]T, n, least int, field func(*codec, *T)) {
	if c.decoding {
		*p = nil
		if n*least > len(c.b) {
			c.fail(errShort)
		}
		if n == 0 || c.err != nil {
			return
		}
		*p = make([]T, n)
	}
	for i := range *p {
		field(c, &(*p)[i])
	}
}

func (c *codec) count(n, most int) int {
	v := uint32(n)
	if b := c.move(4); b != nil {
		if c.decoding {
			v = binary.LittleEndian.Uint32(b)
		} else {
			binary.LittleEndian.PutUint32(b, v)
		}
	}
	if c.err != nil || uint64(v) > uint64(most) {
		c.fail(fault.Errorf("recording", "%d of something of which there are at most %d", v, most))
		return 0
	}
	return int(v)
}

func (c *codec) text(p *string) {
	n := c.count(len(*p), maxText)
	b := c.move(n)
	if c.decoding {
		*p = string(b)
		return
	}
	copy(b, *p)
}

func (c *codec) int(p *int) {
	v := uint64(int64(*p))
	c.uint64(&v)
	if int64(int(int64(v))) != int64(v) { // An int of 32 bits cannot hold it.
		c.fail(fault.Errorf("recording", "the number %d is out of range", int64(v)))
		return
	}
	*p = int(int64(v))
}

func (c *codec) float(p *float64) {
	v := math.Float64bits(*p)
	c.uint64(&v)
	*p = math.Float64frombits(v)
}

func (c *codec) uint64(p *uint64) {
	b := c.move(8)
	switch {
	case b == nil:
	case c.decoding:
		*p = binary.LittleEndian.Uint64(b)
	default:
		binary.LittleEndian.PutUint64(b, *p)
	}
}

func (c *codec) uint16(p *uint16) {
	b := c.move(2)
	switch {
	case b == nil:
	case c.decoding:
		*p = binary.LittleEndian.Uint16(b)
	default:
		binary.LittleEndian.PutUint16(b, *p)
	}
}

func (c *codec) bool(p *bool) {
	v := [1]byte{}
	if *p {
		v[0] = 1
	}
	c.raw(v[:])
	if v[0] > 1 {
		c.fail(fault.New("recording", "a truth value is neither 0 nor 1"))
	}
	*p = v[0] == 1
}

// raw moves bytes as they are.
func (c *codec) raw(p []byte) {
	b := c.move(len(p))
	switch {
	case b == nil:
	case c.decoding:
		copy(p, b)
	default:
		copy(b, p)
	}
}

// move returns the next n bytes, to be read when decoding, else to be filled; nil
// where there are none.
func (c *codec) move(n int) []byte {
	if c.err != nil {
		return nil
	}
	if !c.decoding {
		c.b = append(c.b, make([]byte, n)...)
		return c.b[len(c.b)-n:]
	}
	if len(c.b) < n {
		c.fail(errShort)
		return nil
	}
	b := c.b[:n:n]
	c.b = c.b[n:]
	return b
}

func (c *codec) fail(err error) {
	if c.err == nil {
		c.err = err
	}
	if c.decoding {
		c.b = nil
	}
}
