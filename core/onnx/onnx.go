// Package onnx writes networks as ONNX models, which ONNX Runtime and most other
// tools for deployment read.
//
// The graph is the network in evaluation mode, in torchvision's layouts and names:
// images [N, C, H, W], and weights as initializers that are called what they are
// in the checkpoint. Everything that the checkpoint says about itself is in the
// model's metadata_props, by the same keys.
//
// Models are of opset 17, IR version 8, which ONNX Runtime reads since 1.12 of
// 2022.
package onnx

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/fault"
	"quarterturn/core/run"
)

// The versions that models are written in.
const (
	Opset     = 17
	irVersion = 8
)

// Names of the graph's input and of its first output.
const (
	inputName  = "images"
	logitsName = "logits"
)

// Keys of metadata_props besides the checkpoint's own.
const (
	keyInput = "quarterturn.input" // "unit" for values from 0 to 1, or "normalized".
	keyMean  = "quarterturn.mean"  // A JSON list, in the order of the channels.
	keyStd   = "quarterturn.std"   // The same.
)

// maxBytes is where protocol buffers end; a network's graph, without its weights,
// is far smaller than the room left for it.
const (
	maxBytes   = 2<<30 - 1
	maxWeights = maxBytes - 64<<20
)

// Options say what a model takes and returns.
type Options struct {
	// Normalized models take pictures as dataset.Normalize leaves them and as the
	// checkpoint's network does in PyTorch. Others take RGB from 0 to 1, as
	// torchvision's ToTensor returns it, and normalize first.
	Normalized bool

	// Features adds an output for each part before the head, "stem" and "stage1"
	// and so on: the mean of each channel over rows and columns, as
	// train.Extraction returns it.
	Features bool
}

// A Value is what a model takes or returns, float32.
type Value struct {
	Name string
	Dims []string // Numbers, or names of what may be any number.
	Doc  string   // What it is, for people.
}

// Values returns a model's input and its outputs, of which the first is the
// logits.
//
//	images  [N, 3, S, S]  S is the model's side; any H, W where it does not know it
//	logits  [N, Classes]
//	stem    [N, C]        and those of the stages, with Options.Features
func Values(m *checkpoint.Model, o Options) (input Value, outputs []Value) {
	side := []string{"H", "W"}
	if m.Side > 0 {
		side = []string{strconv.Itoa(m.Side), strconv.Itoa(m.Side)}
	}
	input = Value{inputName, append([]string{"N", strconv.Itoa(dataset.Channels)}, side...), "RGB from 0 to 1"}
	if o.Normalized {
		input.Doc = "RGB, normalized: (value from 0 to 1 - mean) / std"
	}
	outputs = []Value{{logitsName, []string{"N", strconv.Itoa(m.Config.Classes)}, "beliefs before softmax"}}
	for part := 0; part <= m.Config.Stages() && o.Features; part++ {
		dims := []string{"N", strconv.Itoa(m.Config.Channels(part))}
		outputs = append(outputs, Value{partName(part), dims, "mean of each channel over rows and columns"})
	}
	return input, outputs
}

// Encode returns the model as an ONNX file. The same model and options give the
// same bytes. Weights that are not the network's are an error, and so are more
// than protocol buffers hold, 2 GiB.
func Encode(m *checkpoint.Model, o Options) ([]byte, error) {
	if err := m.Config.Validate(); err != nil {
		return nil, err
	}
	var weights int64
	for _, p := range m.Config.Parameters() {
		weights += 4 * int64(p.Size())
	}
	if weights > maxWeights {
		return nil, fault.Errorf("onnx", "the weights of %v take %d MiB, and a file holds less than 2 GiB", m.Config.Network, weights>>20)
	}
	if err := m.Check(); err != nil {
		return nil, err
	}
	metadata, err := metadataOf(m, o)
	if err != nil {
		return nil, err
	}
	var file message
	file.number(modelIRVersion, irVersion)
	file.text(modelProducer, "quarterturn")
	file.text(modelDoc, docOf(m, o))
	file.message(modelGraph, graphOf(m, o))
	var opset message
	opset.number(opsetVersion, Opset)
	file.message(modelOpset, opset)
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		file.message(modelMetadata, entry(key, metadata[key]))
	}
	return file, nil
}

// metadataOf returns what the checkpoint says about itself, and what the input is.
func metadataOf(m *checkpoint.Model, o Options) (map[string]string, error) {
	metadata, err := m.Metadata()
	if err != nil {
		return nil, err
	}
	for key, values := range map[string][dataset.Channels]float64{keyMean: dataset.Mean, keyStd: dataset.Std} {
		text, err := json.Marshal(values)
		if err != nil {
			return nil, fault.Errorf("onnx", "%s: %w", key, err)
		}
		metadata[key] = string(text)
	}
	metadata[keyInput] = "unit"
	if o.Normalized {
		metadata[keyInput] = "normalized"
	}
	return metadata, nil
}

// docOf tells a person who opens the file what it is.
func docOf(m *checkpoint.Model, o Options) string {
	input, outputs := Values(m, o)
	doc := fmt.Sprintf("%v, by Quarterturn. ", m.Config.Network)
	if m.Task == run.Pretext {
		doc += "It guesses by which quarter turn a picture was turned, counter-clockwise. "
	}
	for _, v := range append([]Value{input}, outputs...) {
		doc += fmt.Sprintf("%s: %s. ", v, v.Doc)
	}
	return doc + "The names of the logits and what else is known are in the metadata."
}

// String returns the value as in "images [N, 3, 32, 32]".
func (v Value) String() string { return fmt.Sprintf("%s [%s]", v.Name, strings.Join(v.Dims, ", ")) }

// message returns the value as a ValueInfoProto.
func (v Value) message() (m message) {
	var shape, tensor, kind message
	for _, d := range v.Dims {
		var dim message
		if n, err := strconv.Atoi(d); err == nil {
			dim.number(dimValue, int64(n))
		} else {
			dim.text(dimName, d)
		}
		shape.message(shapeDim, dim)
	}
	tensor.number(tensorTypeElement, float32s)
	tensor.message(tensorTypeShape, shape)
	kind.message(typeTensor, tensor)
	m.text(valueName, v.Name)
	m.message(valueType, kind)
	m.text(valueDoc, v.Doc)
	return m
}
