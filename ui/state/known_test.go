package state

import (
	"strings"
	"testing"

	"quarterturn/core/run"
)

// looking is the opened page at a part of the station Compare.
func looking(t *testing.T, part ComparePart) (Page, []Effect) {
	t.Helper()
	return playOn(opened(t), nil, ShowCompare{part})
}

// TestFirstLookStartsTheAnalyst: it gets the pictures, and is asked for the map first.
func TestFirstLookStartsTheAnalyst(t *testing.T) {
	page, effects := looking(t, OfKnown)
	if start, ok := find[StartWorker](effects); !ok || start.Worker != Analyst || !strings.HasSuffix(sent(effects, Lab), "PackPictures") {
		t.Fatalf("the first look has the effects %v", effects)
	}
	page, effects = playOn(page, nil, says{Lab, run.PicturesPacked{Blob: []byte("pictures")}})
	if got, want := sent(effects, Analyst), "UnpackPictures Map Probe Probe"; got != want {
		t.Fatalf("the analyst was sent %q, want %q", got, want)
	}
	_ = page
}
