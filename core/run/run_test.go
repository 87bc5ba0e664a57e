package run

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

func TestDefaultIsValid(t *testing.T) {
	for _, task := range []Task{Pretext, Transfer, Scratch} {
		if err := Default(task).Validate(); err != nil {
			t.Errorf("%s: %v", task, err)
		}
	}
}

func TestNetworkOfDepth(t *testing.T) {
	for depth := range depths {
		n, err := NetworkOfDepth(depth, 16)
		if err != nil || n.Depth() != depth || n.Validate() != nil {
			t.Errorf("depth %d: %v, %v", depth, n, err)
		}
	}
	if _, err := NetworkOfDepth(9, 16); err == nil {
		t.Error("a network of depth 9 was returned")
	}
	n, _ := NetworkOfDepth(8, 16)
	n.Blocks[0] = 5
	if again, _ := NetworkOfDepth(8, 16); again.Blocks[0] != 1 {
		t.Error("changing a returned network changed the next one")
	}
}

func TestValidateNamesTheField(t *testing.T) {
	tests := []struct {
		change func(*Config)
		want   string
	}{
		{func(c *Config) { c.Task = "guess" }, "task"},
		{func(c *Config) { c.Schedule = "" }, "schedule"},
		{func(c *Config) { c.Network.Blocks = nil }, "stages"},
		{func(c *Config) { c.Network.Blocks = []int{1, 65} }, "stage 2"},
		{func(c *Config) { c.Network.Width = 0 }, "width"},
		{func(c *Config) { c.Side = 1000 }, "side"},
		{func(c *Config) { c.Epochs = 0 }, "epochs"},
		{func(c *Config) { c.BatchSize = 62 }, "multiple of 4"},
		{func(c *Config) { c.BatchSize = 1 << 20 }, "batch"},
		{func(c *Config) { c.LabelsPerClass = -1 }, "labels per class"},
		{func(c *Config) { c.FirstStage = 5 }, "first stage"},
		{func(c *Config) { c.ScaledCrop = 33 }, "scaled crop"},
		{func(c *Config) { c.FreshStage, c.FirstStage = 1, 3 }, "nothing would teach"},
		{func(c *Config) { c.CentralCrop = 33 }, "central crop"},
		{func(c *Config) { c.CentralCrop = 28 }, "excludes"},
		{func(c *Config) { c.PadCrop = 17 }, "padded crop"},
		{func(c *Config) { c.LearningRate = math.NaN() }, "learning rate"},
		{func(c *Config) { c.Momentum = 1 }, "momentum"},
		{func(c *Config) { c.WeightDecay = -1 }, "weight decay"},
		{func(c *Config) { c.WarmupEpochs = 11 }, "warm-up"},
		{func(c *Config) { c.LabelSmoothing = 1 }, "label smoothing"},
		{func(c *Config) { c.AverageDecay = 1 }, "average's decay"},
		{func(c *Config) { c.StageDecay = 1.5 }, "stage decay"},
		{func(c *Config) { c.EvaluateEvery = -1 }, "between evaluations"},
		{func(c *Config) { c.FreshStage = 5 }, "fresh stage"},
		{func(c *Config) { c.Network.Hidden = -1 }, "hidden"},
	}
	for _, tt := range tests {
		c := Default(Pretext)
		tt.change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v does not name %q", err, tt.want)
		}
	}
}

// TestJSONOfOlderRuns checks that a configuration without the fields that came
// later is written as it was: --resume compares its sum.
func TestJSONOfOlderRuns(t *testing.T) {
	const want = `{"Task":"pretext","Network":{"Blocks":[1,1,1],"Width":16},"Side":32,"Epochs":10,"BatchSize":64,` +
		`"LearningRate":0.05,"Momentum":0.9,"WeightDecay":0.0005,"Schedule":"cosine","WarmupEpochs":0.5,"LabelsPerClass":0,` +
		`"FirstStage":0,"ScaledCrop":28,"PadCrop":0,"Flip":true,"Seed":1}`
	older := Default(Pretext)
	older.CarryOver = false
	got, err := json.Marshal(older)
	if err != nil || string(got) != want {
		t.Errorf("error %v, JSON %s, want %s", err, got, want)
	}
}

func TestNetworksOfOneName(t *testing.T) {
	a, b := Network{Blocks: []int{2, 1}, Width: 8}, Network{Blocks: []int{1, 2}, Width: 8}
	if a.String() != b.String() || a.Equal(b) || !a.Equal(Network{Blocks: []int{2, 1}, Width: 8}) {
		t.Errorf("%v and %v: equal %v", a.Blocks, b.Blocks, a.Equal(b))
	}
}

func TestLatestWins(t *testing.T) {
	if !LatestWins(Progress{}) || LatestWins(Evaluated{}) || LatestWins(PhaseChanged{}) {
		t.Error("only progress may be skipped")
	}
}
