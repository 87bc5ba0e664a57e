package run

import (
	"reflect"
	"strings"
	"testing"
)

func TestLink(t *testing.T) {
	fast := Default(Scratch)
	fast.Epochs, fast.LearningRate, fast.Network, fast.Flip = 5, 0.1, Network{Blocks: []int{2, 2}, Width: 8}, false
	frozen := Default(Transfer)
	frozen.FirstStage, frozen.CentralCrop, frozen.PadCrop, frozen.Seed = 4, 28, 0, 1<<64-1
	for _, tt := range []struct {
		config Config
		want   string
	}{
		{Default(Pretext), "task=pretext"},
		{fast, "task=scratch&blocks=2,2&width=8&epochs=5&rate=0.1&flip=false"},
		{frozen, "task=transfer&first-stage=4&central-crop=28&pad-crop=0&seed=18446744073709551615"},
	} {
		link := tt.config.Link()
		again, err := ParseLink(link, Pretext)
		if link != tt.want || err != nil || !reflect.DeepEqual(again, tt.config) {
			t.Errorf("link %s, want %s; it reads as %+v (%v), want %+v", link, tt.want, again, err, tt.config)
		}
	}
}

func TestParseLink(t *testing.T) {
	for _, tt := range []struct {
		text string
		want func(*Config) // Of the defaults for scratch.
	}{
		{"", func(*Config) {}},
		{"&&epochs=3&", func(c *Config) { c.Epochs = 3 }},
		{"blocks=1%2C1&depth=18", func(c *Config) { c.Network.Blocks = []int{1, 1} }},
		{"depth=18", func(c *Config) { c.Network.Blocks = []int{2, 2, 2, 2} }},
		{"first-stage=-1", func(c *Config) { c.FirstStage = 4 }},
		{"epochs=2&warmup=2", func(c *Config) { c.Epochs, c.WarmupEpochs = 2, 2 }},
	} {
		want := Default(Scratch)
		tt.want(&want)
		if got, err := ParseLink(tt.text, Scratch); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, %v, want %+v", tt.text, got, err, want)
		}
	}
	if got, err := ParseLink("rate=0.3&task=pretext", Scratch); err != nil || got.BatchSize != Default(Pretext).BatchSize || got.LearningRate != 0.3 {
		t.Errorf("a link that names its task: %+v, %v", got, err)
	}
}

func TestParseLinkRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"rate=fast":                         `learning rate is "fast", want a number`,
		"rate=NaN":                          "learning rate is NaN, want 0 to 100",
		"rate=":                             "learning rate is empty",
		"epochs":                            "epochs is empty",
		"epochs=0":                          "epochs is 0, want 1 to 10000",
		"epochs=1&epochs=2":                 "epochs is there twice",
		"epoch=1":                           `is it "epochs"?`,
		"task=guess":                        `task is "guess", want pretext, transfer or scratch`,
		"blocks=1,x":                        "want numbers between commas",
		"width=%4":                          "two hexadecimal digits",
		"width=%\x10\x10":                   "two hexadecimal digits",
		"blocks=" + strings.Repeat("1,", 9): "want numbers",
		"scaled-crop=40":                    "scaled crop is 40, want 0 to 32 pixels",
		"central-crop=28":                   "excludes",
		strings.Repeat("&", MaxLink+1):      "at most 2048",
	} {
		if c, err := ParseLink(text, Scratch); err == nil || !strings.Contains(err.Error(), want) || !reflect.DeepEqual(c, Config{}) {
			t.Errorf("%.30q: %v, want %q", text, err, want)
		}
	}
}

// FuzzParseLink: what is accepted is valid, and its own link reads as the same.
func FuzzParseLink(f *testing.F) {
	for _, text := range []string{"", "task=pretext", "task=scratch&blocks=2,2&rate=1e-05", "seed=18446744073709551615&flip=false", "first-stage=-1&depth=34", "width=%31%36", "weight-decay=-0"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseLink(text, Transfer)
		if err != nil {
			return
		}
		if err := c.Validate(); err != nil {
			t.Fatalf("%q is accepted, and then: %v", text, err)
		}
		again, err := ParseLink(c.Link(), Pretext)
		if err != nil || !reflect.DeepEqual(again, c) {
			t.Fatalf("%q: its link %s reads as %+v (%v), want %+v", text, c.Link(), again, err, c)
		}
	})
}
