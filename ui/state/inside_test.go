package state

import (
	"strings"
	"testing"

	"quarterturn/core/chart"
	"quarterturn/core/run"
)

func looked(quarters int) run.Looked {
	return run.Looked{
		Quarters: quarters, Task: run.Pretext, Classes: []string{"0°", "90°", "180°", "270°"}, Belief: []float32{0.1, 0.7, 0.15, 0.05}, Side: 2, Pixels: make([]byte, 12),
		KernelSide: 1, Kernels: []float32{1, -1, 0, 0.5, 0, 0}, // Two kernels.
		Parts: []run.PartMaps{{Name: "stem", Side: 2, Channels: 2, Most: 1, Values: []byte{0, 64, 128, 255, 0, 0, 0, 0}}},
	}
}

func explained(answer int) run.Explained {
	return run.Explained{Answer: answer, Stage: "stage 1", CAMSide: 1, CAM: []float32{2}, Occlusion: []float32{0.3, 0, 0, -0.1}}
}

// TestLookInside asks what the loaded network makes of the chosen picture, shows it as it
// comes, and asks again for another turn or answer.
func TestLookInside(t *testing.T) {
	page, effects := asking(t, OfInside)
	if got, want := sent(effects, Analyst), "UnpackPictures Look"; got != want {
		t.Fatalf("the analyst was sent %q, want %q", got, want)
	}
	page, _ = playOn(page, nil, told(t, page, Looks, looked(0)))
	f := page.Seen()
	if f == nil || f.Looked == nil || f.Complete || page.Inside.OverPainting(f) != "" {
		t.Fatalf("before anything is explained it has %+v", f)
	}
	page, _ = playOn(page, nil, told(t, page, Looks, explained(1)), told(t, page, Looks, run.Done{}))
	words := ExplainedInWords(page.Seen().Looked, page.Seen().Explained)
	if want := "It believes “90°” with 70 %. Where a grey patch lowers that most, 40 % is left"; !strings.HasPrefix(words, want) {
		t.Errorf("it says %q, want %q", words, want)
	}
	for _, name := range []string{"picture", "over", "kernels", "stem"} {
		if rgba, width := page.Plane(InsidePlanes + name + "/x"); width == 0 || len(rgba)%(4*width) != 0 || len(rgba) == 0 {
			t.Errorf("%s is painted %d wide in %d bytes", name, width, len(rgba))
		}
	}
	before := page.Inside.OverPainting(page.Seen())
	page, effects = playOn(page, nil, SetInside{InsideAnswer, "2"})
	if got := sent(effects, Analyst); got != "Look" {
		t.Errorf("for another answer the analyst was sent %q", got)
	}
	page, effects = playOn(page, nil, SetInside{InsideTurns, "5"}, SetInside{InsideAnswer, "x"}, SetInside{InsideMix, "120"}, SetInside{InsideOver, "?"})
	if page.Inside.Turns != 1 || page.Inside.Answer != run.ItsGuess || page.Inside.Mix != 100 || page.Inside.Over != ByOcclusion || !strings.Contains(sent(effects, Analyst), "Look") {
		t.Errorf("it is %+v, and the analyst was sent %q", page.Inside, sent(effects, Analyst))
	}
	page, _ = playOn(page, nil, LookInside{})
	if page.Seen() == nil || page.Inside.OverPainting(page.Seen()) != before {
		t.Error("what was seen is not remembered")
	}
	page, _ = playOn(page, nil, ChooseChannel{0, 1})
	if _, width := page.Plane(InsidePlanes + "over/x"); width != overSide || page.Inside.Over != ByChannel {
		t.Errorf("a channel lies %d wide over the picture", width)
	}
	page, _ = playOn(page, nil, ChooseChannel{3, 99})
	if _, width := page.Plane(InsidePlanes + "over/x"); width != 0 {
		t.Error("a channel that is not there is painted")
	}
}

// TestLooksAreForgotten: the oldest ones.
func TestLooksAreForgotten(t *testing.T) {
	f := Findings{}.with(&Finding{Question: Question{Kind: Maps}})
	for i := range mostLooks + 5 {
		f = f.with(&Finding{Question: Question{Kind: Looks, Picture: i}})
	}
	if len(f.all) != mostLooks+1 || f.Find(Question{Kind: Maps}) == nil || f.Find(Question{Kind: Looks, Picture: 4}) != nil || f.Find(Question{Kind: Looks, Picture: 5}) == nil {
		t.Errorf("%d findings are remembered", len(f.all))
	}
}

// TestMosaic finds the tiles that it painted.
func TestMosaic(t *testing.T) {
	for _, tiles := range []int{1, 2, 3, 5, 16, 31, 32, 64, 512} {
		m := MosaicOf(tiles, 3)
		if m.Columns*m.Rows() < tiles || m.Columns*(m.Rows()-1) >= tiles || m.Columns > 2*m.Rows()+1 {
			t.Errorf("%d tiles lie in %d columns and %d rows", tiles, m.Columns, m.Rows())
		}
		rgba := m.painted(func(tile, _, _ int) chart.RGBA { return chart.RGBA(tile)<<8 | 0xff })
		for tile := range tiles {
			x, y := tile%m.Columns*4+1, tile/m.Columns*4+1
			if got := m.At((float64(x)+0.5)/float64(m.Width()), (float64(y)+0.5)/float64(m.Height())); got != tile {
				t.Errorf("of %d tiles %d is found at %d", tiles, tile, got)
			}
			if p := rgba[4*(y*m.Width()+x):]; int(p[1])<<8+int(p[2]) != tile {
				t.Errorf("of %d tiles %d is painted as %v", tiles, tile, p[:4])
			}
		}
		if m.At(-0.1, 0) != -1 || m.At(0, 1.01) != -1 {
			t.Error("there is a tile outside")
		}
	}
}
