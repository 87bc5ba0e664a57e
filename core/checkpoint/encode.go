package checkpoint

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/nlpodyssey/safetensors"

	"quarterturn/core/fault"
	"quarterturn/core/resnet"
)

// Keys of the file's __metadata__.
const (
	keyTask     = "quarterturn.task"
	keySide     = "quarterturn.side"
	keyCrop     = "quarterturn.crop"
	keyClasses  = "quarterturn.classes" // A JSON list.
	keySteps    = "quarterturn.steps"
	keyAccuracy = "quarterturn.accuracy"
	keyNote     = "quarterturn.note"
)

// Encode returns the model as one safetensors file with float32 weights. The
// same model gives the same bytes.
func Encode(m *Model) ([]byte, error) { return encode(m, safetensors.F32) }

// EncodeHalf returns the model with weights rounded to float16: half the bytes,
// for a model that travels with the page.
func EncodeHalf(m *Model) ([]byte, error) { return encode(m, safetensors.F16) }

func encode(m *Model, dtype safetensors.DType) ([]byte, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	tensors := map[string]view{}
	for _, p := range m.Config.Parameters() {
		dims, values := ToTorch(p, m.Weights[p.Name])
		tensors[p.Name] = view{dtype: dtype, dims: dims, data: pack(dtype, values)}
		if p.Role == resnet.Mean {
			name := strings.TrimSuffix(p.Name, "running_mean") + "num_batches_tracked"
			// PyTorch keeps it in each batch normalization and its strict loading asks for it.
			tensors[name] = view{dtype: safetensors.I64, dims: []uint64{}, data: binary.LittleEndian.AppendUint64(nil, uint64(m.Steps))}
		}
	}
	metadata, err := m.Metadata()
	if err != nil {
		return nil, err
	}
	b, err := safetensors.Serialize(tensors, metadata)
	if err != nil {
		return nil, fault.Errorf("checkpoint", "%w", err)
	}
	return b, nil
}

// Metadata returns what a file says of the model besides its weights, by keys that
// begin with "quarterturn.".
func (m *Model) Metadata() (map[string]string, error) {
	classes, err := json.Marshal(m.Classes)
	if err != nil {
		return nil, fault.Errorf("checkpoint", "class names: %w", err)
	}
	metadata := map[string]string{
		keyTask:     string(m.Task),
		keySide:     strconv.Itoa(m.Side),
		keyClasses:  string(classes),
		keySteps:    strconv.Itoa(m.Steps),
		keyAccuracy: strconv.FormatFloat(m.Accuracy, 'g', -1, 64),
		keyNote:     m.Note,
	}
	if m.Crop != 0 {
		metadata[keyCrop] = strconv.Itoa(m.Crop)
	}
	return metadata, encodeCard(m.Card, metadata)
}

// A view is a tensor about to be written. The library's own type takes a tensor
// without dimensions to be empty instead of a scalar.
type view struct {
	dtype safetensors.DType
	dims  []uint64
	data  []byte
}

func (v view) DType() safetensors.DType { return v.dtype }
func (v view) Shape() []uint64          { return v.dims }
func (v view) Data() []byte             { return v.data }
func (v view) DataLen() uint64          { return uint64(len(v.data)) }

func pack(dtype safetensors.DType, values []float32) []byte {
	b := make([]byte, 0, len(values)*int(dtype.Size()))
	for _, v := range values {
		if dtype == safetensors.F16 {
			b = binary.LittleEndian.AppendUint16(b, halfFromFloat(v))
		} else {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
	}
	return b
}
