package checkpoint

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"quarterturn/core/resnet"
	"quarterturn/core/run"
)

func sample() *Model {
	config := resnet.Config{Network: run.Network{Blocks: []int{1, 2}, Width: 3}, Classes: 4}
	return &Model{
		Config: config, Task: run.Pretext, Side: 32, Crop: 28, Classes: TurnNames(), Weights: Initial(config, 5),
		Steps: 12, Accuracy: 0.75, Note: "a test's",
	}
}

func encoded(t testing.TB, m *Model) []byte {
	t.Helper()
	b, err := Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRoundTrip(t *testing.T) {
	want := sample()
	b := encoded(t, want)
	got, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("came back as %+v", got)
	}
	if again := encoded(t, got); !bytes.Equal(again, b) {
		t.Error("the same model gave other bytes")
	}
}

// TestHalf allows float16's rounding: half a unit in the 11th binary digit.
func TestHalf(t *testing.T) {
	want := sample()
	b, err := EncodeHalf(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range want.Weights {
		for i, v := range values {
			if diff := math.Abs(float64(got.Weights[name][i] - v)); diff > math.Abs(float64(v))/2048+1e-7 {
				t.Fatalf("%s[%d] is %v, was %v", name, i, got.Weights[name][i], v)
			}
		}
	}
}

// TestHalfIsExact widens every float16 and rounds it back.
func TestHalfIsExact(t *testing.T) {
	for h := range 1 << 16 {
		f := floatFromHalf(uint16(h))
		if math.IsNaN(float64(f)) {
			continue
		}
		if back := halfFromFloat(f); back != uint16(h) {
			t.Fatalf("%#04x is %v, which rounds to %#04x", h, f, back)
		}
	}
}

func TestHalfRounds(t *testing.T) {
	tests := []struct {
		in   float32
		want uint16
	}{
		{1 + 1./2048, 0x3c00},        // A tie goes to the even 1.
		{1 + 3./2048, 0x3c02},        // And to the even 1 + 2/1024.
		{1 + 1./2048 + 1e-6, 0x3c01}, // Above the tie.
		{65519, 0x7bff},              // The largest that rounds down to 65504.
		{65520, 0x7c00},              // Infinity.
		{1.0 / (1 << 25), 0},         // Half the smallest, to even.
		{1.5 / (1 << 24), 2},         // A tie between 1 and 2 units.
		{float32(math.Inf(-1)), 0xfc00},
	}
	for _, tt := range tests {
		if got := halfFromFloat(tt.in); got != tt.want {
			t.Errorf("halfFromFloat(%v) = %#04x, want %#04x", tt.in, got, tt.want)
		}
	}
}

// TestLayout checks PyTorch's order by the formula that defines it.
func TestLayout(t *testing.T) {
	p := resnet.Parameter{Role: resnet.Kernel, Dims: []int{2, 3, 4, 5}} // KH, KW, Cin, Cout.
	values := make([]float32, p.Size())
	for i := range values {
		values[i] = float32(i)
	}
	dims, laid := ToTorch(p, values)
	if !slices.Equal(dims, []uint64{5, 4, 2, 3}) {
		t.Fatalf("dimensions %v", dims)
	}
	for out := range 5 {
		for in := range 4 {
			for y := range 2 {
				for x := range 3 {
					got := laid[((out*4+in)*2+y)*3+x]
					if want := values[((y*3+x)*4+in)*5+out]; got != want {
						t.Fatalf("[%d,%d,%d,%d] is %v, want %v", out, in, y, x, got, want)
					}
				}
			}
		}
	}
	if !slices.Equal(FromTorch(p, laid), values) {
		t.Error("FromTorch does not undo ToTorch")
	}
}

func TestTransfer(t *testing.T) {
	m := sample()
	fresh, err := m.Transfer(m.Config.Network, 2, run.Transfer, []string{"cat", "dog", "ibis"}, 9)
	if err != nil {
		t.Fatal(err)
	}
	if err := fresh.Check(); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(fresh.Weights["layer2.1.conv2.weight"], m.Weights["layer2.1.conv2.weight"]) {
		t.Error("a stage's weights changed")
	}
	if len(fresh.Weights["fc.weight"]) != 6*3 {
		t.Errorf("head has %d weights, want 18", len(fresh.Weights["fc.weight"]))
	}
}

// TestTransferKeepsStages takes one of two stages, and puts another on top.
func TestTransferKeepsStages(t *testing.T) {
	m := sample()
	net := run.Network{Blocks: []int{1, 1, 1}, Width: 3, Hidden: 5}
	fresh, err := m.Transfer(net, 1, run.Transfer, []string{"cat", "dog"}, 9)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(fresh.Weights["layer1.0.conv2.weight"], m.Weights["layer1.0.conv2.weight"]) {
		t.Error("what was to be kept changed")
	}
	if slices.Equal(fresh.Weights["layer2.0.conv1.weight"], m.Weights["layer2.0.conv1.weight"]) {
		t.Error("what was to start afresh was kept")
	}
	if got, err := Decode(encoded(t, fresh)); err != nil || !reflect.DeepEqual(got, fresh) {
		t.Errorf("with a hidden layer it came back as %+v, %v", got, err)
	}
	for _, net := range []run.Network{{Blocks: []int{1, 1}, Width: 3}, {Blocks: []int{1, 2}, Width: 4}, {Blocks: []int{1}, Width: 3}} {
		if _, err := m.Transfer(net, 2, run.Transfer, []string{"cat", "dog"}, 9); err == nil {
			t.Errorf("%v takes two stages from %v", net.Blocks, m.Config.Network.Blocks)
		}
	}
}

// file writes a safetensors file from a header and a number of data bytes.
func file(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

func TestDecodeRefuses(t *testing.T) {
	good := encoded(t, sample())
	tests := []struct {
		name  string
		bytes []byte
		want  string
	}{
		{"nothing", nil, "shorter than 8 bytes"},
		{"huge header", binary.LittleEndian.AppendUint64(nil, 1<<62), "header claims"},
		{"header beyond the file", append(binary.LittleEndian.AppendUint64(nil, 1000), '{'), "header claims"},
		{"no JSON", file("what?", 0), "no JSON object"},
		{"JSON cut short", file(`{"a":{"dtype"`, 0), "header"},
		{"list", file(`[]`, 0), "no JSON object"},
		{"name twice", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4), `"a" occurs twice`},
		{"overlap", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}`, 6), "offset"},
		{"gap", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8), "offset"},
		{"size overflows", file(`{"a":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,4]}}`, 4), "checkpoint"},
		{"another network", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4), "no conv1.weight"},
		{"cut short", good[:len(good)-1], "buffer"},
		{"longer", append(slices.Clone(good), 0), "buffer"},
		{"wrong shape", bytes.Replace(good, []byte(`"shape":[3,3,3,3]`), []byte(`"shape":[3,9,3,1]`), 1), "shape"},
		{"wrong type", bytes.Replace(good, []byte(`"dtype":"F32","shape":[4]`), []byte(`"dtype":"U32","shape":[4]`), 1), "type"},
		{"missing tensor", bytes.Replace(good, []byte(`"layer2.1.bn1.bias"`), []byte(`"layer2.1.bn9.bias"`), 1), "layer2.1.bn1.bias is missing"},
		{"unknown task", bytes.Replace(good, []byte(`"pretext"`), []byte(`"poetess"`), 1), "unknown task"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := Decode(tt.bytes)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Decode = %v, %v, want an error with %q", m, err, tt.want)
			}
		})
	}
}

func TestDecodeRefusesNaN(t *testing.T) {
	m := sample()
	m.Weights["layer1.0.bn1.weight"][1] = float32(math.NaN())
	if _, err := Decode(encoded(t, m)); err == nil || !strings.Contains(err.Error(), "layer1.0.bn1.weight") {
		t.Errorf("error %v does not name the array", err)
	}
}

func TestDecodeRefusesNegativeVariance(t *testing.T) {
	m := sample()
	m.Weights["bn1.running_var"][2] = -5
	if _, err := Decode(encoded(t, m)); err == nil || !strings.Contains(err.Error(), "bn1.running_var") {
		t.Errorf("error %v does not name the array", err)
	}
}

func TestClassNamesArePrintable(t *testing.T) {
	m := sample()
	m.Classes = []string{"a\x1b[31m", "b\nc", strings.Repeat("d", 1000), "e"}
	got, err := Decode(encoded(t, m))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"a\uFFFD[31m", "b\uFFFDc", strings.Repeat("d", 63) + "…", "e"}
	if !slices.Equal(got.Classes, want) {
		t.Errorf("classes %q, want %q", got.Classes, want)
	}
}

func TestEncodeRefusesWrongWeights(t *testing.T) {
	m := sample()
	m.Weights = maps.Clone(m.Weights)
	m.Weights["fc.bias"] = nil
	if _, err := Encode(m); err == nil || !strings.Contains(err.Error(), "fc.bias") {
		t.Errorf("error %v does not name the array", err)
	}
}

// FuzzDecode checks that no file makes Decode panic, and that what it accepts
// can be written and read again.
func FuzzDecode(f *testing.F) {
	f.Add(encoded(f, sample()))
	f.Add(file(`{"a":{"dtype":"F32","shape":[0,4294967296],"data_offsets":[0,0]}}`, 0))
	f.Add(file(`{"__metadata__":{"quarterturn.classes":"[null]"}}`, 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Decode(b)
		if err != nil {
			return
		}
		again, err := Decode(encoded(t, m))
		if err != nil || fmt.Sprint(again) != fmt.Sprint(m) {
			t.Errorf("written again it is %v, %v", again, err)
		}
	})
}
