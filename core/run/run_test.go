package run

import (
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
		{func(c *Config) { c.PadCrop = 17 }, "padded crop"},
		{func(c *Config) { c.LearningRate = math.NaN() }, "learning rate"},
		{func(c *Config) { c.Momentum = 1 }, "momentum"},
		{func(c *Config) { c.WeightDecay = -1 }, "weight decay"},
		{func(c *Config) { c.WarmupEpochs = 11 }, "warm-up"},
	}
	for _, tt := range tests {
		c := Default(Pretext)
		tt.change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v does not name %q", err, tt.want)
		}
	}
}

func TestLatestWins(t *testing.T) {
	if !LatestWins(Progress{}) || LatestWins(Evaluated{}) || LatestWins(PhaseChanged{}) {
		t.Error("only progress may be skipped")
	}
}
