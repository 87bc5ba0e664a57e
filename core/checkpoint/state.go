package checkpoint

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/nlpodyssey/safetensors"

	"quarterturn/core/fault"
	"quarterturn/core/resnet"
	"quarterturn/core/run"
)

// A State is what a run needs besides the Model of the same step to go on to the
// same bits.
type State struct {
	Position   Position
	Origin     Origin
	Velocities Weights         // Of the weights that learn, laid out as those; empty without momentum.
	Raw        Weights         // The weights themselves where the Model has their moving averages; else empty.
	History    []run.Evaluated // All so far, in order.
}

// A Position is how far a run has come.
type Position struct {
	Step      int // Optimizer steps finished.
	Evaluated int // Step of the last evaluation; -1 before the first.
	Rollbacks int // Times that the learning rate was halved.

	// Sums over the examples of the epoch in progress.
	EpochLoss     float64 // In nats.
	EpochRight    int
	EpochExamples int
}

// Names in the file of a state.
const (
	keyState       = "quarterturn.state" // A JSON object.
	velocityPrefix = "velocity."
	rawPrefix      = "raw."
	historyName    = "history" // float64 [Evaluations, historyColumns]
)

// stateHeader is the JSON object.
type stateHeader struct {
	Version  int
	Position Position
	Origin   Origin
}

const stateVersion = 1

// EncodeState returns a state as one safetensors file. Velocities and raw weights
// have their parameter's name, behind "velocity." and "raw.", and PyTorch's
// layout. The same state gives the same bytes.
func EncodeState(s *State, net resnet.Config) ([]byte, error) {
	header, err := json.Marshal(stateHeader{Version: stateVersion, Position: s.Position, Origin: s.Origin})
	if err != nil {
		return nil, fault.Errorf("checkpoint", "state: %w", err)
	}
	tensors := map[string]view{historyName: historyView(s.History)}
	if err := errors.Join(addViews(tensors, velocityPrefix, s.Velocities, net), addViews(tensors, rawPrefix, s.Raw, net)); err != nil {
		return nil, err
	}
	b, err := safetensors.Serialize(tensors, map[string]string{keyState: string(header)})
	if err != nil {
		return nil, fault.Errorf("checkpoint", "state: %w", err)
	}
	return b, nil
}

// addViews adds the arrays that there are of a network's parameters.
func addViews(tensors map[string]view, prefix string, arrays Weights, net resnet.Config) error {
	for _, p := range net.Parameters() {
		values, ok := arrays[p.Name]
		if !ok {
			continue
		}
		if len(values) != p.Size() {
			return fault.Errorf("checkpoint", "%s%s has %d numbers, want %d", prefix, p.Name, len(values), p.Size())
		}
		dims, laid := ToTorch(p, values)
		tensors[prefix+p.Name] = view{dtype: safetensors.F32, dims: dims, data: pack(safetensors.F32, laid)}
	}
	return nil
}

// DecodeState reads the state of a run of a network. It refuses what Decode does:
// sizes beyond the limits, tensors that do not fit, values that are not finite.
func DecodeState(b []byte, net resnet.Config) (*State, error) {
	if err := checkHeader(b); err != nil {
		return nil, err
	}
	file, err := safetensors.Deserialize(b)
	if err != nil {
		return nil, fault.Errorf("checkpoint", "not a safetensors file: %w", err)
	}
	_, metadata, err := safetensors.ReadMetadata(b)
	if err != nil {
		return nil, fault.Errorf("checkpoint", "%w", err)
	}
	var header stateHeader
	if err := json.Unmarshal([]byte(metadata.Metadata()[keyState]), &header); err != nil {
		return nil, fault.Errorf("checkpoint", "no state of a run: %w", err)
	}
	if header.Version != stateVersion {
		return nil, fault.Errorf("checkpoint", "state of version %d, this program knows %d", header.Version, stateVersion)
	}
	s := &State{Position: header.Position, Origin: header.Origin}
	if err := s.Position.check(); err != nil {
		return nil, err
	}
	if s.Velocities, err = readArrays(file, velocityPrefix, net); err != nil {
		return nil, err
	}
	if s.Raw, err = readArrays(file, rawPrefix, net); err != nil {
		return nil, err
	}
	s.History, err = readHistory(file)
	return s, err
}

func (p Position) check() error {
	const most = math.MaxInt32
	for _, n := range []int{p.Step, p.Evaluated + 1, p.Rollbacks, p.EpochRight, p.EpochExamples} {
		if n < 0 || n > most {
			return fault.Errorf("checkpoint", "position %+v is impossible", p)
		}
	}
	if p.Evaluated > p.Step || p.EpochRight > p.EpochExamples || !finite(p.EpochLoss) {
		return fault.Errorf("checkpoint", "position %+v is impossible", p)
	}
	return nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// readArrays reads the arrays of a network's parameters whose names in the file
// begin with prefix, and refuses others that do.
func readArrays(file safetensors.SafeTensors, prefix string, net resnet.Config) (Weights, error) {
	arrays := Weights{}
	for _, p := range net.Parameters() {
		tensor, ok := file.Tensor(prefix + p.Name)
		if !ok {
			continue
		}
		if tensor.DType() != safetensors.F32 || fmt.Sprint(tensor.Shape()) != fmt.Sprint(torchDims(p)) {
			return nil, fault.Errorf("checkpoint", "%s%s is %v %v, want F32 %v", prefix, p.Name, tensor.DType(), tensor.Shape(), torchDims(p))
		}
		values := unpack(safetensors.F32, tensor.Data())
		for _, v := range values {
			if !finite(float64(v)) {
				return nil, fault.Errorf("checkpoint", "%s%s has a value that is not finite", prefix, p.Name)
			}
		}
		arrays[p.Name] = FromTorch(p, values)
	}
	known := len(arrays)
	for _, name := range file.Names() {
		if strings.HasPrefix(name, prefix) {
			known--
		}
	}
	if known != 0 {
		return nil, fault.Errorf("checkpoint", "%d tensors %s… do not belong to %v", -known, prefix, net.Network)
	}
	return arrays, nil
}

// historyColumns are an evaluation's numbers. All of them are exact as float64. Earlier
// versions had the first of them, at least oldColumns.
const (
	historyColumns = 12
	oldColumns     = 8
)

func historyView(history []run.Evaluated) view {
	var data []byte
	for _, e := range history {
		for _, v := range [historyColumns]float64{
			float64(e.Epoch), float64(e.Step), e.TrainLoss, e.TrainAccuracy,
			e.Loss, e.Accuracy, float64(e.Examples), float64(e.Elapsed),
			e.StandardError, e.LearningRate, float64(e.Training), e.ImagesPerSecond,
		} {
			data = binary.LittleEndian.AppendUint64(data, math.Float64bits(v))
		}
	}
	return view{dtype: safetensors.F64, dims: []uint64{uint64(len(history)), historyColumns}, data: data}
}

// plausible reports whether a column of the history can have a value. Those that count
// are whole; a loss can be anything while a run diverges.
func plausible(column int, v float64) bool {
	const epoch, step, examples, elapsed, training = 0, 1, 6, 7, 10
	switch column {
	case epoch, step, examples, elapsed, training:
		return math.Abs(v) <= 1<<53 // NaN is not.
	}
	return finite(v)
}

func readHistory(file safetensors.SafeTensors) ([]run.Evaluated, error) {
	tensor, ok := file.Tensor(historyName)
	shape := tensor.Shape()
	if !ok || tensor.DType() != safetensors.F64 || len(shape) != 2 || shape[1] < oldColumns || shape[1] > historyColumns || shape[0] > run.MaxEpochs+1 {
		return nil, fault.Errorf("checkpoint", "history is %v %v, want F64 [Evaluations, %d]", tensor.DType(), shape, historyColumns)
	}
	var history []run.Evaluated
	columns := int(shape[1])
	for row := range int(shape[0]) {
		var v [historyColumns]float64
		for i := range columns {
			v[i] = math.Float64frombits(binary.LittleEndian.Uint64(tensor.Data()[8*(row*columns+i):]))
			if !plausible(i, v[i]) {
				return nil, fault.Errorf("checkpoint", "history of evaluation %d has the number %v", row, v[i])
			}
		}
		history = append(history, run.Evaluated{
			Epoch: int(v[0]), Step: int(v[1]), TrainLoss: v[2], TrainAccuracy: v[3],
			Loss: v[4], Accuracy: v[5], Examples: int(v[6]), Elapsed: time.Duration(v[7]),
			StandardError: v[8], LearningRate: v[9], Training: time.Duration(v[10]), ImagesPerSecond: v[11],
		})
	}
	return history, nil
}
