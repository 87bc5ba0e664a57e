package draw

import (
	"strings"
	"testing"

	"quarterturn/core/measure"
)

func TestPanelName(t *testing.T) {
	for path, want := range map[string]string{
		"m.safetensors":            "m.safetensors, stem",
		"/runs/a/best.safetensors": "a/best.safetensors, stem",
		strings.Repeat("long/", 3) + strings.Repeat("ö", 60): "…" + strings.Repeat("ö", 39) + ", stem",
	} {
		if got := panelName(measure.Layout{Model: path}); got != want {
			t.Errorf("panelName(%q) = %q, want %q", path, got, want)
		}
	}
}
