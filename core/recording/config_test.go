package recording

import (
	"reflect"
	"strings"
	"testing"

	"quarterturn/core/run"
)

// filled returns a configuration in which no field, of no struct in it, is zero.
func filled(t *testing.T) run.Config {
	t.Helper()
	var c run.Config
	next := 0
	fill(t, reflect.ValueOf(&c).Elem(), &next)
	return c
}

// fill gives each field a value that no other of its kind has, but for truth
// values, which are true.
func fill(t *testing.T, v reflect.Value, next *int) {
	t.Helper()
	*next++
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range v.Fields() {
			fill(t, field, next)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(t, v.Index(i), next)
		}
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int:
		v.SetInt(int64(*next))
	case reflect.Uint64:
		v.SetUint(uint64(*next))
	case reflect.Float64:
		v.SetFloat(float64(*next) + 0.5)
	case reflect.String:
		v.SetString(strings.Repeat("x", *next))
	default:
		t.Fatalf("run.Config has got a %v: say here how to fill it, and in codec.config how to write it", v.Type())
	}
}

// TestEveryFieldOfTheConfigIsKept fails for a field that codec.config forgets.
func TestEveryFieldOfTheConfigIsKept(t *testing.T) {
	want := filled(t)
	var w codec
	w.config(&want)
	r := codec{decoding: true, b: w.b}
	var got run.Config
	r.config(&got)
	if w.err != nil || r.err != nil || len(r.b) > 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("after a round trip (errors %v, %v, %d bytes left):\n%+v\nwant\n%+v", w.err, r.err, len(r.b), got, want)
	}
}

// TestWhatIsWrittenIsRead records runs that are only valid together with a field
// that came later.
func TestWhatIsWrittenIsRead(t *testing.T) {
	for name, set := range map[string]func(*run.Config){
		"one turn, and a batch that four do not divide": func(c *run.Config) { c.OneTurn, c.BatchSize = true, 50 },
		"a central crop": func(c *run.Config) { c.ScaledCrop, c.CentralCrop = 0, 28 },
		"a hidden layer": func(c *run.Config) { c.Network.Hidden = 64 },
	} {
		want := example()
		set(&want.Config)
		got, err := Decode(mustEncode(t, want))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !reflect.DeepEqual(got.Config, want.Config) {
			t.Errorf("%s: read %+v, want %+v", name, got.Config, want.Config)
		}
	}
}
