package onnx

import (
	"encoding/binary"
	"math"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// The fields of ONNX's messages that are written, by the numbers that onnx.proto
// gives them, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
const (
	modelIRVersion = 1
	modelProducer  = 2
	modelDoc       = 6
	modelGraph     = 7
	modelOpset     = 8
	modelMetadata  = 14

	opsetVersion = 2 // Its domain, 1, is left empty: ONNX's own operators.

	entryKey   = 1
	entryValue = 2

	graphNode        = 1
	graphName        = 2
	graphInitializer = 5
	graphInput       = 11
	graphOutput      = 12

	nodeInput     = 1
	nodeOutput    = 2
	nodeName      = 3
	nodeOp        = 4
	nodeAttribute = 5

	attributeName  = 1
	attributeFloat = 2
	attributeInt   = 3
	attributeInts  = 8
	attributeType  = 20

	tensorDims = 1
	tensorType = 2
	tensorName = 8
	tensorRaw  = 9

	valueName = 1
	valueType = 2
	valueDoc  = 3

	typeTensor = 1

	tensorTypeElement = 1
	tensorTypeShape   = 2

	shapeDim = 1

	dimValue = 1
	dimName  = 2
)

// Values of ONNX's enumerations.
const (
	isFloat = 1 // AttributeProto.type.
	isInt   = 2
	isInts  = 7

	float32s = 1 // TensorProto.DataType.
)

// A message is a protocol buffer message under construction.
type message []byte

func (m *message) number(field protowire.Number, v int64) {
	*m = protowire.AppendTag(*m, field, protowire.VarintType)
	*m = protowire.AppendVarint(*m, uint64(v))
}

func (m *message) float(field protowire.Number, v float32) {
	*m = protowire.AppendTag(*m, field, protowire.Fixed32Type)
	*m = protowire.AppendFixed32(*m, math.Float32bits(v))
}

// text adds a string. What is not UTF-8 is replaced: readers refuse it.
func (m *message) text(field protowire.Number, s string) {
	*m = protowire.AppendTag(*m, field, protowire.BytesType)
	*m = protowire.AppendString(*m, strings.ToValidUTF8(s, "\uFFFD"))
}

func (m *message) message(field protowire.Number, inner message) {
	*m = protowire.AppendTag(*m, field, protowire.BytesType)
	*m = protowire.AppendBytes(*m, inner)
}

// floats adds values as little-endian bytes, as TensorProto's raw_data has them.
func (m *message) floats(field protowire.Number, values []float32) {
	*m = protowire.AppendTag(*m, field, protowire.BytesType)
	*m = protowire.AppendVarint(*m, uint64(4*len(values)))
	for _, v := range values {
		*m = binary.LittleEndian.AppendUint32(*m, math.Float32bits(v))
	}
}

// entry returns a StringStringEntryProto.
func entry(key, value string) (m message) {
	m.text(entryKey, key)
	m.text(entryValue, value)
	return m
}

// tensor returns a TensorProto of float32 values.
func tensor(name string, dims []uint64, values []float32) (m message) {
	for _, d := range dims {
		m.number(tensorDims, int64(d))
	}
	m.number(tensorType, float32s)
	m.text(tensorName, name)
	m.floats(tensorRaw, values)
	return m
}

// ints returns an AttributeProto of integers.
func ints(name string, values ...int) (m message) {
	m.text(attributeName, name)
	for _, v := range values {
		m.number(attributeInts, int64(v))
	}
	m.number(attributeType, isInts)
	return m
}

// integer returns an AttributeProto of one integer.
func integer(name string, v int) (m message) {
	m.text(attributeName, name)
	m.number(attributeInt, int64(v))
	m.number(attributeType, isInt)
	return m
}

// float returns an AttributeProto of one float32.
func float(name string, v float32) (m message) {
	m.text(attributeName, name)
	m.float(attributeFloat, v)
	m.number(attributeType, isFloat)
	return m
}
