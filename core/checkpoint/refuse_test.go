package checkpoint

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/nlpodyssey/safetensors"

	"quarterturn/core/resnet"
	"quarterturn/core/run"
)

// A content is what a file has in it, to be changed.
type content struct {
	tensors  map[string]view
	metadata map[string]string
}

// rewritten returns a file like b but for a change, well formed all the same.
func rewritten(t testing.TB, b []byte, change func(c content)) []byte {
	t.Helper()
	file, err := safetensors.Deserialize(b)
	if err != nil {
		t.Fatal(err)
	}
	_, header, err := safetensors.ReadMetadata(b)
	if err != nil {
		t.Fatal(err)
	}
	c := content{map[string]view{}, maps.Clone(header.Metadata())}
	for _, tensor := range file.Tensors() {
		v := tensor.TensorView
		c.tensors[tensor.Name] = view{dtype: v.DType(), dims: v.Shape(), data: v.Data()}
	}
	change(c)
	b, err = safetensors.Serialize(c.tensors, c.metadata)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// zeros is a tensor of float32.
func zeros(dims ...uint64) view {
	size := uint64(4)
	for _, d := range dims {
		size *= d
	}
	return view{dtype: safetensors.F32, dims: dims, data: make([]byte, size)}
}

// TestDecodeRefusesWhatMakesNoSense has files that are well formed, each with one
// thing wrong. The reason is in the test: a later check may refuse the file too, and
// would blame something else.
func TestDecodeRefusesWhatMakesNoSense(t *testing.T) {
	tests := []struct {
		name   string
		change func(c content)
		want   string
	}{
		{"no stem", func(c content) { delete(c.tensors, "conv1.weight") }, "no conv1.weight and fc.weight"},
		{"no head", func(c content) { delete(c.tensors, "fc.weight") }, "no conv1.weight and fc.weight"},
		{"flat stem", func(c content) { c.tensors["conv1.weight"] = zeros(3) }, "no conv1.weight and fc.weight"},
		{"flat head", func(c content) { c.tensors["fc.weight"] = zeros(4) }, "no conv1.weight and fc.weight"},
		{"too wide", func(c content) { c.tensors["conv1.weight"] = zeros(run.MaxWidth+1, 3, 3, 3) }, "width"},
		{"too many classes", func(c content) { c.tensors["fc.weight"] = zeros(resnet.MaxClasses+1, 6) }, "classes, want 2 to"},
		{"too many hidden units", func(c content) {
			c.tensors["fc.0.weight"], c.tensors["fc.2.weight"] = zeros(run.MaxHidden+1, 6), zeros(4, 1)
		}, "hidden"},
		{"too many stages", func(c content) {
			for stage := range run.MaxStages + 1 {
				c.tensors[fmt.Sprintf("layer%d.0.conv1.weight", stage+1)] = zeros(1)
			}
		}, "7 stages, want 1 to 6"},
		{"too many blocks", func(c content) {
			for block := range run.MaxBlocks + 1 {
				c.tensors[fmt.Sprintf("layer1.%d.conv1.weight", block)] = zeros(1)
			}
		}, "65 blocks, want 1 to 64"},
		{"a tensor more", func(c content) { c.tensors["stranger"] = zeros(1) }, "1 tensors do not belong"},
		{"a scalar more", func(c content) { c.tensors["stranger"] = zeros([]uint64{}...) }, "1 tensors do not belong"},
		{"a count that is none", func(c content) { c.tensors["bn1.num_batches_tracked"] = zeros(2) }, "1 tensors do not belong"},
		{"class names no list", func(c content) { c.metadata[keyClasses] = `{"a":1}` }, "class names: "},
		{"class names too few", func(c content) { c.metadata[keyClasses] = `["a"]` }, "1 class names for 4 logits"},
		{"a long note", func(c content) { c.metadata[keyNote] = strings.Repeat("x", maxNoteBytes+1) }, "note of 65537 bytes"},
		{"card", func(c content) { c.metadata[keyCard] = `{"Data":3}` }, "card: "},
		{"crop larger than the picture", func(c content) { c.metadata[keyCrop] = "33" }, "a crop of 33 pixels from pictures of 32"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Decode(rewritten(t, encoded(t, sample()), tt.change))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q in it", err, tt.want)
			}
		})
	}
}

// TestDecodeSaysWhy has files whose first fault must be the one that is told.
func TestDecodeSaysWhy(t *testing.T) {
	good := encoded(t, sample())
	infinite, three := sample(), sample()
	infinite.Weights["bn1.weight"][0] = float32(math.Inf(-1))
	negative := sample()
	negative.Weights["bn1.running_var"][0] = -1
	three.Config.Classes, three.Classes = 3, nil
	three.Weights = Initial(three.Config, 1)
	for want, b := range map[string][]byte{
		"the file is damaged or cut short":       good[:len(good)-1],
		"its header claims 1048577 bytes":        file("{"+strings.Repeat(" ", maxHeaderBytes-1)+"}", 0),
		"its header claims 3 bytes of 2":         append(binary.LittleEndian.AppendUint64(nil, 3), "{}"...),
		"header: ":                               file(`{"a":{} "b":{}}`, 0),
		`header of "a": `:                        file(`{"a":{"dtype"`, 0),
		"bn1.weight has a value that is not fin": encoded(t, infinite),
		"bn1.running_var has the negative var":   encoded(t, negative),
		"a pretext model has 4 logits":           encoded(t, three),
	} {
		if _, err := Decode(b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}

func TestDecodeRefusesHugeFiles(t *testing.T) {
	if runtime.GOOS == "js" {
		t.Skip("half a gigabyte, which only a machine's own memory gives without touching it")
	}
	b := make([]byte, MaxBytes+1)
	copy(b, file("{}", 0))
	if _, err := Decode(b[:MaxBytes]); err == nil || strings.Contains(err.Error(), "MiB") {
		t.Errorf("the largest file: error %v, want another", err)
	}
	for _, err := range []error{second(Decode(b)), second(DecodeState(b, sample().Config))} {
		if err == nil || !strings.Contains(err.Error(), "file has 512 MiB") {
			t.Errorf("error %v, want that the file is too large", err)
		}
	}
}

// TestDecodeRefusesAFlatHiddenLayer: it is none.
func TestDecodeRefusesAFlatHiddenLayer(t *testing.T) {
	m := sample()
	m.Config.Network.Hidden = 5
	m.Weights = Initial(m.Config, 1)
	b := rewritten(t, encoded(t, m), func(c content) { c.tensors["fc.0.weight"] = zeros(5) })
	if _, err := Decode(b); err == nil || !strings.Contains(err.Error(), "no conv1.weight and fc.weight") {
		t.Errorf("error %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

// TestDecodeWithoutMetadata reads what PyTorch would have written.
func TestDecodeWithoutMetadata(t *testing.T) {
	b := rewritten(t, encoded(t, sample()), func(c content) {
		clear(c.metadata)
		for name := range c.tensors {
			if strings.HasSuffix(name, "num_batches_tracked") {
				delete(c.tensors, name) // As before PyTorch 0.4.1.
			}
		}
	})
	got, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	want := sample()
	want = &Model{Config: want.Config, Task: run.Pretext, Classes: TurnNames(), Assumed: got.Assumed, Weights: want.Weights}
	if !strings.Contains(got.Assumed, "four turns") {
		t.Errorf("it is not said what was assumed: %q", got.Assumed)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("decoded as %+v", got)
	}
}

// TestNumbersThatMakeNoSense: people are told them and nothing depends on them.
func TestNumbersThatMakeNoSense(t *testing.T) {
	for _, text := range []string{"", "x", "-1", "-0.5", "2147483648", "1e999", "NaN", "1.5"} {
		b := rewritten(t, encoded(t, sample()), func(c content) {
			delete(c.metadata, keyCrop)
			for _, key := range []string{keySide, keySteps, keyAccuracy} {
				c.metadata[key] = text
			}
		})
		m, err := Decode(b)
		if err != nil || m.Side != 0 || m.Steps != 0 || m.Accuracy != 0 {
			t.Errorf("%q: read as %+v, %v, want 0", text, m, err)
		}
	}
	if number("7", 7) != 7 || number("8", 7) != 0 || number("0", 7) != 0 {
		t.Error("the limit of a number is not the largest that counts")
	}
}

// TestWhatPyTorchAsksFor looks for the counts of batches without which
// load_state_dict(strict=True) refuses a file, and for a key too many.
func TestWhatPyTorchAsksFor(t *testing.T) {
	m := sample()
	m.Crop = 0
	rewritten(t, encoded(t, m), func(c content) {
		count, ok := c.tensors["layer2.1.bn2.num_batches_tracked"]
		if !ok || count.dtype != safetensors.I64 || len(count.dims) != 0 || binary.LittleEndian.Uint64(count.data) != 12 {
			t.Errorf("layer2.1.bn2.num_batches_tracked is %+v, want the scalar 12", count)
		}
		if crop, ok := c.metadata[keyCrop]; ok {
			t.Errorf("a model of whole pictures has the crop %q", crop)
		}
	})
}

// TestDecodeTakesWhatIsAtALimit has each number at the last that may be.
func TestDecodeTakesWhatIsAtALimit(t *testing.T) {
	m := sample()
	m.Accuracy, m.Note, m.Crop = 1, strings.Repeat("x", maxNoteBytes), m.Side
	m.Classes = []string{strings.Repeat("d", maxNameRunes), "b", "c", "d"}
	m.Weights["bn1.running_var"][0] = 0 // A channel that was dead.
	m.Card = run.Card{Data: "noise", Parameters: math.MaxInt32, Scores: make([]run.CardScore, maxCardRows)}
	m.Card.Probe.Stages = make([]run.CardStage, maxCardRows)
	got, err := Decode(encoded(t, m))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, m) {
		t.Errorf("came back as %+v", got)
	}
	if _, err := decodeCard("{" + strings.Repeat(" ", maxCardBytes-2) + "}"); err != nil {
		t.Errorf("the longest card: %v", err)
	}
	if err := checkHeader(file("{"+strings.Repeat(" ", maxHeaderBytes-2)+"}", 0)); err != nil {
		t.Errorf("the longest header: %v", err)
	}
}

func TestEncodeRefuses(t *testing.T) {
	for want, change := range map[string]func(m *Model){
		"2 class names for 4 logits": func(m *Model) { m.Classes = []string{"a", "b"} },
		"classes, want 2 to":         func(m *Model) { m.Config.Classes, m.Classes = 1, nil },
		"width":                      func(m *Model) { m.Config.Network.Width = 0 },
		"card: ":                     func(m *Model) { m.Card.Data, m.Card.Probe.Chance = "noise", math.NaN() },
	} {
		m := sample()
		change(m)
		if _, err := Encode(m); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}

func TestClone(t *testing.T) {
	m := sample()
	c := m.Clone()
	if !reflect.DeepEqual(c, m) {
		t.Errorf("cloned as %+v", c)
	}
	c.Weights["fc.bias"][0]++
	delete(c.Weights, "fc.weight")
	if !reflect.DeepEqual(m, sample()) {
		t.Error("a change of the clone changed the original")
	}
}

// TestTransferSaysWhereItIsFrom checks what goes along, and the classes.
func TestTransferSaysWhereItIsFrom(t *testing.T) {
	m := sample()
	fresh, err := m.Transfer(m.Config.Network, 1, run.Transfer, []string{"cat", "dog"}, 9)
	if err != nil {
		t.Fatal(err)
	}
	if fresh.Side != m.Side || fresh.Crop != m.Crop || fresh.Note != m.Note || fresh.Task != run.Transfer {
		t.Errorf("transferred as side %d, crop %d, %q, %q", fresh.Side, fresh.Crop, fresh.Note, fresh.Task)
	}
	if fresh.Steps != 0 || fresh.Accuracy != 0 {
		t.Errorf("what is still to be trained has %d steps and accuracy %v", fresh.Steps, fresh.Accuracy)
	}
	if _, err := m.Transfer(m.Config.Network, 1, run.Transfer, []string{"cat"}, 9); err == nil {
		t.Error("one class was taken")
	}
}

// TestPositionCheck has one number out of its range at a time.
func TestPositionCheck(t *testing.T) {
	good := Position{Step: 12, Evaluated: 10, Rollbacks: 1, EpochLoss: 0.5, EpochRight: 5, EpochExamples: 64}
	tooMany := math.MaxInt32
	tooMany++ // Not a constant, which would not fit where int has 32 bits.
	for name, change := range map[string]func(p *Position){
		"nothing evaluated":        func(p *Position) { p.Evaluated = -1 },
		"evaluated now":            func(p *Position) { p.Evaluated = 12 },
		"as many as may be":        func(p *Position) { p.Step, p.EpochExamples, p.Rollbacks = math.MaxInt32, math.MaxInt32, math.MaxInt32 },
		"all right":                func(p *Position) { p.EpochRight = 64 },
		"-step":                    func(p *Position) { p.Step = -1 },
		"-step, before any":        func(p *Position) { p.Step, p.Evaluated = -1, -1 },
		"-evaluated":               func(p *Position) { p.Evaluated = -2 },
		"-evaluated ahead":         func(p *Position) { p.Evaluated = 13 },
		"-rollbacks":               func(p *Position) { p.Rollbacks = -1 },
		"-right":                   func(p *Position) { p.EpochRight = -1 },
		"-more right than seen":    func(p *Position) { p.EpochRight = 65 },
		"-examples":                func(p *Position) { p.EpochRight, p.EpochExamples = -2, -1 },
		"-step too large":          func(p *Position) { p.Step = tooMany },
		"-rollbacks too large":     func(p *Position) { p.Rollbacks = tooMany },
		"-examples too large":      func(p *Position) { p.EpochExamples = tooMany },
		"-loss that is no number":  func(p *Position) { p.EpochLoss = math.NaN() },
		"-loss that has no bounds": func(p *Position) { p.EpochLoss = math.Inf(-1) },
	} {
		p := good
		change(&p)
		if err := p.check(); (err == nil) == strings.HasPrefix(name, "-") {
			t.Errorf("%s: %+v: error %v", name, p, err)
		}
	}
}

func TestDecodeStateRefusesWhatMakesNoSense(t *testing.T) {
	half := func(v view) view {
		v.dtype, v.data = safetensors.F16, v.data[:len(v.data)/2]
		return v
	}
	tests := []struct {
		name   string
		change func(c content)
		want   string
	}{
		{"no header", func(c content) { delete(c.metadata, keyState) }, "no state of a run"},
		{"of a later version", func(c content) { c.metadata[keyState] = `{"Version":2}` }, "state of version 2"},
		{"position", func(c content) { c.metadata[keyState] = `{"Version":1,"Position":{"Evaluated":-2}}` }, "impossible"},
		{"velocity of another shape", func(c content) { c.tensors["velocity.fc.bias"] = zeros(2, 2) }, "velocity.fc.bias is"},
		{"velocity of another type", func(c content) { c.tensors["velocity.fc.bias"] = half(c.tensors["velocity.fc.bias"]) }, "velocity.fc.bias is"},
		{"velocity of nothing", func(c content) { c.tensors["velocity.stranger"] = zeros(1) }, "checkpoint: 1 tensors velocity.…"},
		{"raw of another shape", func(c content) { c.tensors["raw.bn1.running_mean"] = zeros(4) }, "raw.bn1.running_mean is"},
		{"raw of nothing", func(c content) { c.tensors["raw.stranger"] = zeros(1) }, "checkpoint: 1 tensors raw.…"},
		{"no history", func(c content) { delete(c.tensors, historyName) }, "history is"},
		{"flat history", func(c content) { c.tensors[historyName] = doubles(8) }, "history is"},
		{"narrow history", func(c content) { c.tensors[historyName] = doubles(1, 7) }, "history is"},
		{"history of another type", func(c content) { c.tensors[historyName] = zeros(1, 8) }, "history is"},
		{"history of a number that int would not hold", func(c content) { c.tensors[historyName] = doubles(1, 8, 1<<53+2) }, "has the number"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := DecodeState(rewritten(t, encodedState(t, sampleState()), tt.change), sample().Config)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q in it", err, tt.want)
			}
		})
	}
	b := encodedState(t, sampleState())
	if _, err := DecodeState(b[:len(b)-1], sample().Config); err == nil || !strings.Contains(err.Error(), "not a safetensors file") {
		t.Errorf("cut short: error %v", err)
	}
}

// doubles is a tensor of up to two dimensions, whose first numbers are given.
func doubles(rows uint64, more ...uint64) view {
	v := view{dtype: safetensors.F64, dims: []uint64{rows}}
	size := rows
	if len(more) > 0 {
		v.dims = append(v.dims, more[0])
		size *= more[0]
	}
	v.data = make([]byte, 8*size)
	if len(more) > 1 {
		binary.LittleEndian.PutUint64(v.data, math.Float64bits(float64(more[1])))
	}
	return v
}

// TestDecodeStateTakesTheLongestHistory, with the largest number that is exact.
func TestDecodeStateTakesTheLongestHistory(t *testing.T) {
	s := sampleState()
	s.History = make([]run.Evaluated, run.MaxEpochs+1)
	s.History[0].Elapsed = 1 << 53
	got, err := DecodeState(encodedState(t, s), sample().Config)
	if err != nil || !reflect.DeepEqual(got, s) {
		t.Errorf("a history of %d evaluations came back otherwise, %v", len(s.History), err)
	}
}

func TestEncodeStateRefuses(t *testing.T) {
	for want, change := range map[string]func(s *State){
		"velocity.fc.bias has 1 numbers, want 4":     func(s *State) { s.Velocities["fc.bias"] = []float32{1} },
		"raw.bn1.running_mean has 1 numbers, want 3": func(s *State) { s.Raw["bn1.running_mean"] = []float32{1} },
		"state: ": func(s *State) { s.Position.EpochLoss = math.Inf(1) },
	} {
		s := sampleState()
		change(s)
		if _, err := EncodeState(s, sample().Config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}

// TestHalfKeepsWhatIsNoNumber, which Decode refuses later, with a reason.
func TestHalfKeepsWhatIsNoNumber(t *testing.T) {
	for _, v := range []float32{float32(math.NaN()), float32(math.Copysign(math.NaN(), -1))} {
		if back := floatFromHalf(halfFromFloat(v)); !math.IsNaN(float64(back)) {
			t.Errorf("NaN came back as %v", back)
		}
	}
	b := encoded(t, sample())
	if !bytes.Equal(rewritten(t, b, func(content) {}), b) {
		t.Error("a file written again has other bytes: the tests here would not test what they say")
	}
}
