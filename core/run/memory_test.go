package run

import "testing"

// TestMemoryIsThatOfWorkers compares the estimate with what workers in Chromium were
// measured to take, on 766 pictures of ten classes.
func TestMemoryIsThatOfWorkers(t *testing.T) {
	for _, tt := range []struct{ depth, width, batch, bytes int }{
		{8, 16, 32, 66060288},
		{8, 16, 128, 168296448},
		{18, 16, 32, 117440512},
		{18, 16, 64, 185597952},
		{8, 64, 64, 358612992},
		{18, 64, 32, 857210880},
		{18, 64, 64, 1101791232},
		{20, 16, 32, 105381888},
		{34, 16, 32, 187695104},
	} {
		c := Default(Scratch)
		var err error
		if c.Network, err = NetworkOfDepth(tt.depth, tt.width); err != nil {
			t.Fatal(err)
		}
		c.BatchSize = tt.batch
		got := c.MemoryBytes(766, 10)
		if ratio := float64(got) / float64(tt.bytes); ratio < 1 || ratio > 1.5 {
			t.Errorf("%v at batch %d: estimated %d bytes, measured %d: %.2f times as much", c.Network, tt.batch, got, tt.bytes, ratio)
		}
	}
}

func TestMemoryOfMore(t *testing.T) {
	least := Default(Transfer)
	before := least.MemoryBytes(766, 10)
	for name, change := range map[string]func(*Config){
		"width":    func(c *Config) { c.Network.Width *= 2 },
		"batch":    func(c *Config) { c.BatchSize *= 2 },
		"side":     func(c *Config) { c.Side = 64 },
		"averages": func(c *Config) { c.AverageDecay = 0.9 },
		"features": func(c *Config) { c.FirstStage, c.Flip, c.PadCrop = 2, false, 0 },
	} {
		c := least
		change(&c)
		if c.MemoryBytes(766, 10) <= before {
			t.Errorf("with more %s it takes no more", name)
		}
	}
	if least.MemoryBytes(10_000, 10) <= before {
		t.Error("more pictures take no more")
	}
}

func TestWithin(t *testing.T) {
	c := Default(Pretext)
	c.Network.Width, c.BatchSize = 256, 256
	const limit = 500 << 20
	got, ok := c.Within(limit, 766, 4)
	if !ok || got.MemoryBytes(766, 4) > limit || got.Validate() != nil || got.Network.Width == c.Network.Width || got.BatchSize != 16 {
		t.Errorf("within %d bytes it is %+v, %v, which takes %d", limit, got, ok, got.MemoryBytes(766, 4))
	}
	if same, ok := got.Within(limit, 766, 4); !ok || !same.Network.Equal(got.Network) || same.BatchSize != got.BatchSize {
		t.Errorf("what fits became %+v", same)
	}
	if _, ok := c.Within(1<<20, 766, 4); ok {
		t.Error("something fits in a megabyte")
	}
}
