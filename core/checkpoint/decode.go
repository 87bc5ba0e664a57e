package checkpoint

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"

	"github.com/nlpodyssey/safetensors"

	"quarterturn/core/fault"
	"quarterturn/core/resnet"
	"quarterturn/core/run"
)

// Limits on a file. The largest network that a person would load, ResNet-34 of
// width 64, has 218 tensors, a header of 20 kB and 85 MB of weights.
const (
	MaxBytes       = 512 << 20
	maxHeaderBytes = 1 << 20
	maxNoteBytes   = 64 << 10
)

// Decode reads a model from a safetensors file. The network's size is read off
// the shapes, so that files from PyTorch need no metadata.
//
// It refuses, with a reason: files that are cut short or too long, headers over
// 1 MiB, names that occur twice, tensors that overlap or leave gaps, other types
// than float32 and float16, shapes that fit no network, weights that are not
// finite, and missing or unknown tensors.
func Decode(b []byte) (*Model, error) {
	if err := checkHeader(b); err != nil {
		return nil, err
	}
	file, err := safetensors.Deserialize(b)
	if err != nil {
		return nil, fault.Errorf("checkpoint", "the file is damaged or cut short: %w", err)
	}
	_, header, err := safetensors.ReadMetadata(b)
	if err != nil {
		return nil, fault.Errorf("checkpoint", "%w", err)
	}
	config, err := configOf(header.Tensors())
	if err != nil {
		return nil, err
	}
	m := &Model{Config: config, Weights: Weights{}}
	if err := m.readWeights(file); err != nil {
		return nil, err
	}
	return m, m.readMetadata(header.Metadata())
}

// checkHeader bounds the header and looks for names that occur twice, which the
// library would let pass: of two tensors with one name it keeps the last.
func checkHeader(b []byte) error {
	if len(b) > MaxBytes {
		return fault.Errorf("checkpoint", "file has %d MiB, at most %d are read", len(b)>>20, MaxBytes>>20)
	}
	if len(b) < 8 {
		return fault.New("checkpoint", "not a safetensors file: shorter than 8 bytes")
	}
	size := binary.LittleEndian.Uint64(b)
	if size > maxHeaderBytes || size > uint64(len(b)-8) {
		return fault.Errorf("checkpoint", "not a safetensors file: its header claims %d bytes of %d", size, len(b)-8)
	}
	return checkNames(json.NewDecoder(strings.NewReader(string(b[8 : 8+size]))))
}

func checkNames(d *json.Decoder) error {
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return fault.New("checkpoint", "not a safetensors file: its header is no JSON object")
	}
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return fault.Errorf("checkpoint", "header: %w", err)
		}
		name, _ := token.(string)
		if seen[name] {
			return fault.Errorf("checkpoint", "tensor %q occurs twice", name)
		}
		seen[name] = true
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return fault.Errorf("checkpoint", "header of %q: %w", name, err)
		}
	}
	return nil
}

// configOf reads the network's size off the shapes of its stem, its blocks'
// names and its head.
func configOf(tensors map[string]*safetensors.TensorInfo) (resnet.Config, error) {
	var config resnet.Config
	stem, head := tensors["conv1.weight"], tensors["fc.weight"]
	if hidden := tensors["fc.0.weight"]; hidden != nil && len(hidden.Shape) == 2 {
		config.Network.Hidden = int(min(hidden.Shape[0], run.MaxHidden+1))
		head = tensors["fc.2.weight"]
	}
	if stem == nil || head == nil || len(stem.Shape) != 4 || len(head.Shape) != 2 {
		return config, fault.New("checkpoint", "no conv1.weight and fc.weight of a residual network")
	}
	config.Network.Width = int(min(stem.Shape[0], run.MaxWidth+1))
	config.Classes = int(min(head.Shape[0], resnet.MaxClasses+1))
	for stage := 1; stage <= run.MaxStages+1; stage++ {
		blocks := 0
		for blocks <= run.MaxBlocks && tensors[fmt.Sprintf("layer%d.%d.conv1.weight", stage, blocks)] != nil {
			blocks++
		}
		if blocks == 0 {
			break
		}
		config.Network.Blocks = append(config.Network.Blocks, blocks)
	}
	if err := config.Validate(); err != nil {
		return config, fault.Errorf("checkpoint", "%w", err)
	}
	return config, checkTensors(config, tensors)
}

// checkTensors compares the file's tensors with the network's parameters, before
// any weight is read.
func checkTensors(config resnet.Config, tensors map[string]*safetensors.TensorInfo) error {
	known := 0
	for _, p := range config.Parameters() {
		info := tensors[p.Name]
		if info == nil {
			return fault.Errorf("checkpoint", "%s is missing", p.Name)
		}
		known++
		if want := torchDims(p); fmt.Sprint(info.Shape) != fmt.Sprint(want) {
			return fault.Errorf("checkpoint", "%s has shape %v, want %v", p.Name, info.Shape, want)
		}
		if info.DType != safetensors.F32 && info.DType != safetensors.F16 {
			return fault.Errorf("checkpoint", "%s has type %v, want F32 or F16", p.Name, info.DType)
		}
	}
	for name, info := range tensors {
		if strings.HasSuffix(name, ".num_batches_tracked") && len(info.Shape) == 0 {
			known++
		}
	}
	if known != len(tensors) {
		return fault.Errorf("checkpoint", "%d tensors do not belong to %v", len(tensors)-known, config.Network)
	}
	return nil
}

func (m *Model) readWeights(file safetensors.SafeTensors) error {
	for _, p := range m.Config.Parameters() {
		tensor, _ := file.Tensor(p.Name)
		values := unpack(tensor.DType(), tensor.Data())
		for _, v := range values {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				return fault.Errorf("checkpoint", "%s has a value that is not finite: the training had diverged", p.Name)
			}
			if p.Role == resnet.Variance && v < 0 {
				return fault.Errorf("checkpoint", "%s has the negative variance %v: the file is damaged", p.Name, v)
			}
		}
		m.Weights[p.Name] = FromTorch(p, values)
	}
	return nil
}

func unpack(dtype safetensors.DType, b []byte) []float32 {
	values := make([]float32, len(b)/int(dtype.Size()))
	for i := range values {
		if dtype == safetensors.F16 {
			values[i] = floatFromHalf(binary.LittleEndian.Uint16(b[2*i:]))
		} else {
			values[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
	}
	return values
}

// readMetadata takes what the file says about itself. What is missing stays
// unknown; what is there has to make sense.
func (m *Model) readMetadata(metadata map[string]string) error {
	m.Task = run.Task(metadata[keyTask])
	switch m.Task {
	case "", run.Pretext, run.Transfer, run.Scratch:
	default:
		return fault.Errorf("checkpoint", "unknown task %q", m.Task)
	}
	if text := metadata[keyClasses]; text != "" {
		if err := json.Unmarshal([]byte(text), &m.Classes); err != nil {
			return fault.Errorf("checkpoint", "class names: %w", err)
		}
		for i, name := range m.Classes {
			m.Classes[i] = printable(name)
		}
	}
	if m.Note = metadata[keyNote]; len(m.Note) > maxNoteBytes {
		return fault.Errorf("checkpoint", "note of %d bytes, at most %d", len(m.Note), maxNoteBytes)
	}
	var err error
	if m.Card, err = decodeCard(metadata[keyCard]); err != nil {
		return err
	}
	m.Side = number(metadata[keySide], run.MaxSide)
	if m.Crop = number(metadata[keyCrop], run.MaxSide); m.Crop > m.Side {
		return fault.Errorf("checkpoint", "a crop of %d pixels from pictures of %d", m.Crop, m.Side)
	}
	m.Steps = number(metadata[keySteps], math.MaxInt32)
	accuracy, err := strconv.ParseFloat(metadata[keyAccuracy], 64)
	if err == nil && accuracy >= 0 && accuracy <= 1 {
		m.Accuracy = accuracy
	}
	if m.Task == run.Pretext && m.Config.Classes != len(TurnNames()) {
		return fault.Errorf("checkpoint", "a pretext model has 4 logits, this has %d", m.Config.Classes)
	}
	if err := m.Check(); err != nil {
		return err
	}
	m.settle()
	return nil
}

// settle decides what a file from elsewhere does not say: four logits without
// names are taken for the four turns, all others for classes.
func (m *Model) settle() {
	if m.Task == "" {
		m.Task = run.Scratch
		if m.Config.Classes == len(TurnNames()) && len(m.Classes) == 0 {
			m.Task = run.Pretext
			m.Assumed = "the file does not say what its four logits are: they are taken for the four turns"
		}
	}
	if len(m.Classes) > 0 {
		return
	}
	if m.Task == run.Pretext {
		m.Classes = TurnNames()
		return
	}
	m.Assumed = "the file does not name its classes, which are called class 0 and so on"
	for i := range m.Config.Classes {
		m.Classes = append(m.Classes, "class "+strconv.Itoa(i))
	}
}

// maxNameRunes is more than a class's name needs and less than breaks a page.
const maxNameRunes = 64

// printable shortens a name from a file and replaces what would move a
// terminal's cursor or break a line.
func printable(name string) string { return shortened(name, maxNameRunes) }

// shortened is printable for texts of up to most runes.
func shortened(text string, most int) string {
	runes := []rune(text)
	if len(runes) > most {
		runes = append(runes[:most-1], '…')
	}
	for i, r := range runes {
		if !unicode.IsPrint(r) {
			runes[i] = '\uFFFD'
		}
	}
	return string(runes)
}

// number reads a count that a person is told but nothing depends on; what is not
// one is 0.
func number(text string, most int) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > most {
		return 0
	}
	return n
}
