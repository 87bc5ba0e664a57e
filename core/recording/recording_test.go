package recording

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"quarterturn/core/run"
)

// example returns a recording in which no two fields of a kind are equal.
func example() *Recording {
	r := &Recording{
		Made: "a test", Command: "pretrain --epochs 2", Config: run.Default(run.Pretext), Data: "noise",
		Pictures: Pictures{Set: "photographs", Learnt: true, Classes: []string{"bonsai", "ketch"}, Items: []Picture{
			{Name: "a", Class: 1, Test: true}, {Name: "b"}, {Name: "ü", Class: 1},
		}},
		Probe: Probe{Data: "more noise", Train: 7, Test: 5, Neighbours: 3, Chance: 0.5, Stages: []string{"stem", "stage 1"}},
		Map: Map{
			Data: "other noise", Stage: "stage 1", Neighbours: 4, Chance: 0.25, Classes: []string{"bonsai", "ketch"},
			Points: []Point{{Class: 1, Picture: 2}, {Picture: NoPicture}, {Picture: 1}, {Class: 1, Picture: 0}},
		},
	}
	random := rand.New(rand.NewPCG(1, 2))
	for number := range 3 {
		e := Epoch{
			Number: number, Step: 10 * number, LearningRate: random.Float64(), TrainLoss: 2 * random.Float64(), TrainAccuracy: random.Float64(),
			Loss: 2 * random.Float64(), Accuracy: random.Float64(), Examples: 632,
			Purity: random.Float64(), Silhouette: -random.Float64(), Divergence: random.Float64(),
		}
		for range r.Pictures.Items {
			var b Beliefs
			for k := range b {
				b[k], _ = Quantise(probabilities(random))
			}
			e.Beliefs = append(e.Beliefs, b)
		}
		for range r.Probe.Stages {
			e.Stages = append(e.Stages, StageProbe{random.Float64(), random.Float64()})
		}
		for range r.Map.Points {
			e.Places = append(e.Places, Place{uint16(random.Uint32()), uint16(random.Uint32())})
		}
		r.Epochs = append(r.Epochs, e)
	}
	return r
}

// probabilities draws four that sum to 1, from sharp to flat.
func probabilities(random *rand.Rand) (p [Turns]float64) {
	sharpness, sum := 12*random.Float64(), 0.0
	for i := range p {
		p[i] = math.Exp(sharpness * random.NormFloat64())
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

func mustEncode(t testing.TB, r *Recording) []byte {
	t.Helper()
	b, err := Encode(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRoundTrip(t *testing.T) {
	want := example()
	b := mustEncode(t, want)
	got, err := Decode(b)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("after a round trip (error %v):\n%+v\nwant\n%+v", err, got, want)
	}
	if again := mustEncode(t, got); string(again) != string(b) {
		t.Error("the same recording gave other bytes")
	}
}

// TestDamageIsFound flips every bit and cuts at every byte.
func TestDamageIsFound(t *testing.T) {
	b := mustEncode(t, example())
	for i := range b {
		if _, err := Decode(b[:i]); err == nil {
			t.Fatalf("cut to %d of %d bytes: no error", i, len(b))
		}
		for bit := range 8 {
			b[i] ^= 1 << bit
			if _, err := Decode(b); err == nil {
				t.Fatalf("byte %d, bit %d flipped: no error", i, bit)
			}
			b[i] ^= 1 << bit
		}
	}
}

// sealed returns a file of these fields: what a forger would make.
func sealed(fields []byte) []byte {
	b := append(append([]byte(magic), version), fields...)
	return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
}

func TestDecodeSaysWhy(t *testing.T) {
	good := mustEncode(t, example())
	fields := good[headBytes : len(good)-sumBytes]
	other := append([]byte(nil), good...)
	other[len(magic)]++
	for _, tt := range []struct {
		name, want string
		b          []byte
	}{
		{"empty", "no recording", nil},
		{"another file", "no recording", []byte("PK\x03\x04 and so on")},
		{"another version", "version 4", other},
		{"cut", "checksum", good[:len(good)-1]},
		{"cut and sealed", "cut short", sealed(fields[:len(fields)-9])},
		{"longer", "1 bytes too many", sealed(append(append([]byte(nil), fields...), 0))},
		{"a count without end", "of which there are at most", sealed([]byte{0xff, 0xff, 0xff, 0xff})},
		{"too long", "at most", make([]byte, MaxBytes+1)},
	} {
		if _, err := Decode(tt.b); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one with %q", tt.name, err, tt.want)
		}
	}
}

func TestValidateNamesWhatIsWrong(t *testing.T) {
	for name, tt := range map[string]struct {
		want  string
		spoil func(*Recording)
	}{
		"task":            {"task", func(r *Recording) { r.Config.Task = run.Scratch }},
		"config":          {"batch", func(r *Recording) { r.Config.BatchSize = -4 }},
		"no epoch":        {"0 epochs", func(r *Recording) { r.Epochs = nil }},
		"no picture":      {"0 pictures", func(r *Recording) { r.Pictures.Items = nil }},
		"class":           {"picture 1 is of class 2", func(r *Recording) { r.Pictures.Items[1].Class = 2 }},
		"point's class":   {"point 0", func(r *Recording) { r.Map.Points[0].Class = -1 }},
		"point's picture": {"point 2", func(r *Recording) { r.Map.Points[2].Picture = 3 }},
		"order":           {"epoch 2 follows 2", func(r *Recording) { r.Epochs[1].Number = 2 }},
		"beliefs":         {"sum to 254", func(r *Recording) { r.Epochs[1].Beliefs[2] = Beliefs{{254}, {255}, {255}, {255}} }},
		"fewer beliefs":   {"2 beliefs", func(r *Recording) { r.Epochs[0].Beliefs = r.Epochs[0].Beliefs[1:] }},
		"NaN":             {"loss is NaN", func(r *Recording) { r.Epochs[0].Loss = math.NaN() }},
		"accuracy":        {"accuracy is 1.5", func(r *Recording) { r.Epochs[0].Accuracy = 1.5 }},
		"probe":           {"linear probe is -1", func(r *Recording) { r.Epochs[2].Stages[1].Linear = -1 }},
		"silhouette":      {"silhouette", func(r *Recording) { r.Epochs[2].Silhouette = -1.1 }},
	} {
		t.Run(name, func(t *testing.T) {
			r := example()
			tt.spoil(r)
			if _, err := Encode(r); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// TestEncodeKeepsToTheLimit records more than a page should fetch.
func TestEncodeKeepsToTheLimit(t *testing.T) {
	r := example()
	last := r.Epochs[2]
	r.Pictures.Items = make([]Picture, 2000)
	for i := range r.Pictures.Items {
		r.Pictures.Items[i].Name = "a"
	}
	beliefs := make([]Beliefs, 2000)
	for i := range beliefs {
		beliefs[i] = last.Beliefs[0]
	}
	r.Epochs = nil
	for number := range 40 {
		last.Number, last.Beliefs = number, beliefs
		r.Epochs = append(r.Epochs, last)
	}
	if _, err := Encode(r); err == nil || !strings.Contains(err.Error(), "fewer") {
		t.Errorf("error %v, want that there is too much", err)
	}
}

func TestTextsAreBounded(t *testing.T) {
	long := strings.Repeat("x", maxText+1)
	for want, spoil := range map[string]func(*Recording){
		"command of the run has 4097 bytes": func(r *Recording) { r.Command = long },
		"name of a class has 4097 bytes":    func(r *Recording) { r.Map.Classes[1] = long },
		"name of a picture has 4097 bytes":  func(r *Recording) { r.Pictures.Items[2].Name = long },
	} {
		r := example()
		spoil(r)
		if _, err := Encode(r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// FuzzDecode looks for files, behind a right checksum, that panic, or that are
// read as something else than they are.
func FuzzDecode(f *testing.F) {
	good := mustEncode(f, example())
	f.Add(good[headBytes : len(good)-sumBytes])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, fields []byte) {
		b := sealed(fields)
		r, err := Decode(b)
		if err != nil {
			return
		}
		if again := mustEncode(t, r); string(again) != string(b) {
			t.Errorf("a file of %d bytes became one of %d", len(b), len(again))
		}
	})
}

// TestOlderVersionIsRead reads a file from before the field that came last, which lies
// behind the other fields of the configuration.
func TestOlderVersionIsRead(t *testing.T) {
	want := example()
	want.Config.CarryOver = false
	newer := mustEncode(t, want)
	head := codec{}
	head.text(&want.Made)
	head.text(&want.Command)
	head.config(&want.Config)
	at := headBytes + len(head.b) - 1
	older := append(append([]byte(nil), newer[:at]...), newer[at+1:len(newer)-sumBytes]...)
	older[len(magic)] = uncarried
	older = binary.LittleEndian.AppendUint32(older, crc32.ChecksumIEEE(older))
	got, err := Decode(older)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v: read %+v, want %+v", err, got, want)
	}
}
