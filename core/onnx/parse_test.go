package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// A parsed message has its fields by number, in the order of the file.
type parsed map[protowire.Number][]field

// A field is a number, or bytes that may be a message, a string or floats.
type field struct {
	number uint64
	bytes  []byte
}

// parse reads a message as any reader of protocol buffers would.
func parse(t *testing.T, b []byte) parsed {
	t.Helper()
	m := parsed{}
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		b = b[n:]
		var f field
		switch kind {
		case protowire.VarintType:
			f.number, n = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var bits uint32
			bits, n = protowire.ConsumeFixed32(b)
			f.number = uint64(bits)
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(b)
		default:
			t.Fatalf("field %d has wire type %d, which ONNX does not use here", number, kind)
		}
		if n < 0 {
			t.Fatalf("field %d: %v", number, protowire.ParseError(n))
		}
		m[number] = append(m[number], f)
		b = b[n:]
	}
	return m
}

// text returns a string field that is there once, or "".
func (m parsed) text(field protowire.Number) string {
	if len(m[field]) != 1 {
		return ""
	}
	return string(m[field][0].bytes)
}

func (m parsed) texts(field protowire.Number) (all []string) {
	for _, f := range m[field] {
		all = append(all, string(f.bytes))
	}
	return all
}

func (m parsed) numbers(field protowire.Number) (all []uint64) {
	for _, f := range m[field] {
		all = append(all, f.number)
	}
	return all
}

// within parses the messages of a field.
func (m parsed) within(t *testing.T, field protowire.Number) (all []parsed) {
	t.Helper()
	for _, f := range m[field] {
		all = append(all, parse(t, f.bytes))
	}
	return all
}

// floats reads raw_data.
func (f field) floats() []float32 {
	values := make([]float32, len(f.bytes)/4)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(f.bytes[4*i:]))
	}
	return values
}

// describeValue writes a ValueInfoProto as in "images [N 3 32 32] float32".
func describeValue(t *testing.T, m parsed) string {
	t.Helper()
	kind := m.within(t, valueType)[0].within(t, typeTensor)[0]
	var dims []string
	for _, d := range kind.within(t, tensorTypeShape)[0].within(t, shapeDim) {
		if name := d.text(dimName); name != "" {
			dims = append(dims, name)
		} else {
			dims = append(dims, fmt.Sprint(d.numbers(dimValue)[0]))
		}
	}
	return fmt.Sprintf("%s %v %s", m.text(valueName), dims, typeName(kind.numbers(tensorTypeElement)))
}

func typeName(types []uint64) string {
	if len(types) == 1 && types[0] == float32s {
		return "float32"
	}
	return fmt.Sprint("type ", types)
}

// describeNode writes a NodeProto as in "relu = Relu(bn1)".
func describeNode(t *testing.T, m parsed) string {
	t.Helper()
	arguments := m.texts(nodeInput)
	for _, a := range m.within(t, nodeAttribute) {
		var value any
		switch kind := a.numbers(attributeType)[0]; kind {
		case isFloat:
			value = math.Float32frombits(uint32(a.numbers(attributeFloat)[0]))
		case isInt:
			value = a.numbers(attributeInt)[0]
		case isInts:
			value = a.numbers(attributeInts)
		default:
			t.Fatalf("attribute of type %d", kind)
		}
		arguments = append(arguments, fmt.Sprintf("%s=%v", a.text(attributeName), value))
	}
	return fmt.Sprintf("%s = %s(%s)", strings.Join(m.texts(nodeOutput), ", "), m.text(nodeOp), strings.Join(arguments, ", "))
}
