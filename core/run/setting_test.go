package run

import (
	"reflect"
	"strconv"
	"strings"
	"testing"
)

var tasks = []Task{Pretext, Transfer, Scratch}

// leaves lists the fields of a struct, those of structs in it as "Network.Width".
func leaves(t reflect.Type, prefix string) (names []string) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Type.Kind() == reflect.Struct {
			names = append(names, leaves(f.Type, prefix+f.Name+".")...)
			continue
		}
		names = append(names, prefix+f.Name)
	}
	return names
}

// field returns the field of a path such as "Network.Width".
func field(c *Config, path string) reflect.Value {
	v := reflect.ValueOf(c).Elem()
	for name := range strings.SplitSeq(path, ".") {
		v = v.FieldByName(name)
	}
	return v
}

// TestTableHasEachField checks that no field of Config is forgotten, none is there
// twice, and that each row sets the field that it names.
func TestTableHasEachField(t *testing.T) {
	rows := map[string]int{}
	for _, s := range Settings() {
		if s.Field == "" {
			continue
		}
		rows[s.Field]++
		c := Default(Transfer)
		before := Default(Transfer)
		other := map[Kind]string{Truth: "true", Choice: anotherChoice(s), List: "3,3"}[s.Kind]
		if s.Kind == Truth && s.Text(&c) == "true" {
			other = "false"
		}
		if other == "" {
			other = "7"
		}
		if err := s.Set(&c, other); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
		if reflect.DeepEqual(field(&c, s.Field).Interface(), field(&before, s.Field).Interface()) || s.Text(&c) != other {
			t.Errorf("%s = %s leaves %s as it was, or reads as %s", s.Name, other, s.Field, s.Text(&c))
		}
		field(&c, s.Field).Set(field(&before, s.Field))
		if !reflect.DeepEqual(c, before) {
			t.Errorf("%s changes more than %s", s.Name, s.Field)
		}
	}
	for _, name := range leaves(reflect.TypeFor[Config](), "") {
		if rows[name] != 1 {
			t.Errorf("the table has %s %d times, want once", name, rows[name])
		}
		delete(rows, name)
	}
	for name := range rows {
		t.Errorf("the table has %s, and Config has not", name)
	}
}

// anotherChoice is one that is no default.
func anotherChoice(s *Setting) string {
	if s.Kind != Choice {
		return ""
	}
	return s.Choices[len(s.Choices)-1]
}

// TestTableIsWhole checks what each row needs to be a flag, a field and a fact.
func TestTableIsWhole(t *testing.T) {
	names := map[string]bool{}
	for _, s := range Settings() {
		if names[s.Name] || s.Name != strings.ToLower(s.Name) || s.Label == "" {
			t.Errorf("%q, %q: want a name of its own in lower case, and a label", s.Name, s.Label)
		}
		names[s.Name] = true
		if quotes := strings.Count(s.Help, "`"); (s.Kind == Truth) != (quotes == 0) || quotes != 0 && quotes != 2 {
			t.Errorf("%s: its help quotes %d times, want one word that stands for the value, and none for a truth: %s", s.Name, quotes, s.Help)
		}
		if (s.Kind == Choice) != (len(s.Choices) > 1) {
			t.Errorf("%s: choices %v", s.Name, s.Choices)
		}
		for _, task := range tasks {
			c := Default(task)
			least, most, ok := s.Range(&c)
			if number := s.Kind == Whole || s.Kind == Decimal; ok != (number && s.Field != "") {
				t.Errorf("%s: range %v to %v, %v", s.Name, least, most, ok)
			}
			if s.Default(task) != s.Text(&c) {
				t.Errorf("%s: default %s for %s", s.Name, s.Default(task), task)
			}
			if err := s.Set(&c, s.Text(&c)); err != nil || !reflect.DeepEqual(c, Default(task)) {
				t.Errorf("%s of %s read and set is %+v, %v", s.Name, task, c, err)
			}
		}
		if s.Zero != "" && s.least != 0 {
			t.Errorf("%s: 0 is %s, and not allowed", s.Name, s.Zero)
		}
	}
}

func TestSet(t *testing.T) {
	tests := []struct{ name, text, want string }{ // want is the text afterwards, or the error.
		{"epochs", " 12 ", "12"},
		{"epochs", "many", `epochs is "many", want a whole number, such as 10`},
		{"epochs", "1.5", `epochs is "1.5", want a whole number`},
		{"epochs", "99999999999999999999", "want a whole number"},
		{"rate", " ", "learning rate is empty, want a number, such as 0.05"},
		{"rate", "1e-3", "0.001"},
		{"flip", "0", "false"},
		{"flip", "perhaps", "want true or false"},
		{"schedule", "step", "step"},
		{"blocks", "2, 2,1", "2,2,1"},
		{"blocks", "2,", "want numbers between commas"},
		{"depth", "18", "18"},
		{"depth", "9", `network is "9", want 8, 10, 14, 18, 20 or 34`},
		{"seed", "18446744073709551615", "18446744073709551615"},
		{"seed", "-1", "from 0 up"},
	}
	for _, tt := range tests {
		s, err := Find(tt.name)
		if err != nil {
			t.Fatal(err)
		}
		c := Default(Scratch)
		if err := s.Set(&c, tt.text); err != nil && !strings.Contains(err.Error(), tt.want) || err == nil && s.Text(&c) != tt.want {
			t.Errorf("%s = %q gives %q, %v, want %q", tt.name, tt.text, s.Text(&c), err, tt.want)
		}
	}
}

func TestDepthOfOtherBlocks(t *testing.T) {
	s, _ := Find("depth")
	for _, blocks := range [][]int{nil, {2, 1}, {1, 1, 2}} {
		if got := s.Text(&Config{Network: Network{Blocks: blocks}}); got != "" {
			t.Errorf("blocks %v have the name %q", blocks, got)
		}
	}
}

// TestRangesFollowOtherSettings checks the ranges that others decide.
func TestRangesFollowOtherSettings(t *testing.T) {
	c := Default(Scratch)
	c.Side, c.Epochs, c.Network.Blocks = 64, 3, []int{1, 1}
	for name, want := range map[string]float64{"scaled-crop": 64, "central-crop": 64, "pad-crop": 32, "first-stage": 3, "fresh-stage": 3, "warmup": 3, "momentum": 0.9999} {
		s, err := Find(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, most, ok := s.Range(&c); !ok || most != want {
			t.Errorf("%s is at most %v, want %v", name, most, want)
		}
	}
}

func TestBounds(t *testing.T) {
	scratch := Default(Scratch)
	for name, want := range map[string][2]string{"width": {"1", "512"}, "labels-per-class": {"0", ""}, "seed": {"0", ""}, "momentum": {"0", "0.9999"}, "warmup": {"0", "20"}, "flip": {}, "depth": {}} {
		s, err := Find(name)
		if err != nil {
			t.Fatal(err)
		}
		if least, most := s.Bounds(&scratch); [2]string{least, most} != want {
			t.Errorf("%s: %q to %q, want %q", name, least, most, want)
		}
	}
}

func TestUsage(t *testing.T) {
	for name, want := range map[string]string{
		"epochs":           "`passes` over the training pictures; 1 to 10000",
		"labels-per-class": "labelled `pictures` used of each class; 0 or more, 0 for all",
		"schedule":         "`course` of the learning rate: cosine, onecycle, step or constant",
		"pad-crop":         "random shift by up to so many `pixels`; 0 to half of --side, 0 for none",
		"flip":             "mirror half of the pictures",
		"seed":             "`seed` of weights, order and variations",
	} {
		if s, err := Find(name); err != nil || s.Usage() != want {
			t.Errorf("%s: %v, usage %q, want %q", name, err, s.Usage(), want)
		}
	}
}

func TestFind(t *testing.T) {
	for name, want := range map[string]string{
		"raet": `is it "rate"?`, "warm-up": `is it "warmup"?`, "Epochs": `is it "epochs"?`, "FirstStage": `is it "first-stage"?`, "colour": `no setting "colour"`, "": `no setting ""`,
		strings.Repeat("rate", 1000): "no setting",
	} {
		if s, err := Find(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20s: %v, %v, want %q", name, s, err, want)
		}
	}
	for name, want := range map[string]string{"LearningRate": "rate", "batchsize": "batch", "Network.Width": "width"} {
		if s := OfField(name); s == nil || s.Name != want {
			t.Errorf("the field %s is %v, want %s", name, s, want)
		}
	}
	if s := OfField(""); s != nil {
		t.Errorf("no field is %s", s.Name)
	}
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "ab", 2}, {"rate", "rate", 0}, {"raet", "rate", 1}, {"rat", "rate", 1}, {"seed", "side", 2}, {"kitten", "sitting", 3}} {
		if got := distance(tt.a, tt.b); got != tt.want {
			t.Errorf("distance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestDescribe(t *testing.T) {
	c := Default(Scratch)
	c.LabelsPerClass, c.Network.Width, c.WarmupEpochs, c.AverageDecay = 0, 1, 0.5, 0.99
	var lines []string
	for _, d := range Describe(c) {
		lines = append(lines, d.Label+": "+d.Words)
	}
	want := []string{
		"task: scratch", "blocks of the stages: 1, 1, 1", "width: 1 channel", "picture side: 32 pixels", "epochs: 20", "labels per class: all", "batch: 32 examples",
		"learning rate: 0.05", "schedule: cosine", "warm-up: 0.5 epochs", "momentum: 0.9", "weight decay: 0.0005", "padded crop: 4 pixels",
		"mirroring: yes", "average's decay: 0.99", "carry pictures over: yes", "seed: 1",
	}
	if !reflect.DeepEqual(lines, want) {
		t.Errorf("described as\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}

// TestFailedSetChangesNothing: what is not of the kind leaves the Config as it was.
func TestFailedSetChangesNothing(t *testing.T) {
	for _, s := range Settings() {
		c := Default(Transfer)
		if s.Kind == Choice && s.Field != "" || s.Kind == Truth {
			continue // Any text is a name, for Validate to refuse.
		}
		if err := s.Set(&c, "x"); err == nil || !reflect.DeepEqual(c, Default(Transfer)) {
			t.Errorf("%s: %v, %+v", s.Name, err, c)
		}
	}
}

// TestDepthsAreNamed: the choices of depth are the networks that have a name.
func TestDepthsAreNamed(t *testing.T) {
	s := Lookup("depth")
	if len(s.Choices) != len(depths) || s.Want() != namedDepths {
		t.Errorf("choices %v, want those of %v", s.Choices, depths)
	}
	for _, depth := range s.Choices {
		c := Default(Scratch)
		if err := s.Set(&c, depth); err != nil || strconv.Itoa(c.Network.Depth()) != depth || c.Network.Width != 16 {
			t.Errorf("depth %s: %+v, %v", depth, c.Network, err)
		}
	}
}

func TestWithNetwork(t *testing.T) {
	c := Default(Transfer)
	c.FirstStage = HeadAlone
	if got := c.WithNetwork(Network{Blocks: []int{1, 1}, Width: 3}); got.FirstStage != 3 || got.Network.Width != 3 {
		t.Errorf("%+v", got)
	}
	c.FirstStage = 1
	if got := c.WithNetwork(Network{Blocks: []int{1, 1}, Width: 3}); got.FirstStage != 1 {
		t.Errorf("%+v", got)
	}
}
