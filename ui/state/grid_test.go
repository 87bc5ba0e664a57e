package state

import (
	"testing"

	"quarterturn/core/run"
)

// shelf is a view of 640 of the pixels of narrow shelves: four columns of 59 pixels.
func shelf(top float64) Viewed { return Viewed{Top: top, Height: 640, Width: 248, Rem: 16} }

// many is a page with n pictures in two classes, the first of which has a third.
func many(n int) Page {
	page, _ := play(Fetched{What: Sets()[0], Files: []run.File{{}}},
		says{Lab, run.PicturesChanged{Replaced: true, Classes: []string{"a", "b"}, Added: append(thumbs(0, n/3, 0), thumbs(n/3, n-n/3, 1)...)}})
	return page
}

// settle applies what effects ask for soon, and returns how often it had to.
func settle(page Page, effects []Effect) (Page, int) {
	times := 0
	for {
		soon, ok := find[Soon](effects)
		if !ok {
			return page, times
		}
		page, effects = page.Apply(soon.Message)
		times++
	}
}

// isBuilt reports whether the grid has the picture of an ID.
func isBuilt(page Page, id int) bool {
	for _, strip := range page.Grid.Strips {
		for _, row := range strip.Rows {
			pictures, _ := page.Grid.Row(strip.Shelf, row)
			for _, t := range pictures {
				if t.ID == id {
					return true
				}
			}
		}
	}
	return false
}

// built counts the pictures that the grid has.
func built(page Page) int {
	n := 0
	for _, strip := range page.Grid.Strips {
		for _, row := range strip.Rows {
			pictures, _ := page.Grid.Row(strip.Shelf, row)
			n += len(pictures)
		}
	}
	return n
}

// TestGridBuildsWhatIsSeen scrolls through ten thousand pictures, as far as the end at
// once: what is seen is built, a few at a time, and never many.
func TestGridBuildsWhatIsSeen(t *testing.T) {
	page := many(10_000)
	const chosen = 3
	page, _ = playOn(page, nil, Choose{chosen})
	page, effects := page.Apply(shelf(-300))
	if n := built(page); n == 0 || n > builtAtOnce+4 {
		t.Errorf("%d pictures are built at once, want at most %d", n, builtAtOnce)
	}
	page, times := settle(page, effects)
	if !isBuilt(page, 0) || isBuilt(page, 200) || times < 1 {
		t.Errorf("the first is built: %v, the 200th: %v, in %d steps more", isBuilt(page, 0), isBuilt(page, 200), times)
	}
	if want := 10_000.0 / 4 * 63; page.Grid.Height < want || page.Grid.Height > want+200 {
		t.Errorf("the shelves are %v high, want about %v", page.Grid.Height, want)
	}
	for _, top := range []float64{1000, 50_000, page.Grid.Height - 640} {
		page, effects = page.Apply(shelf(top))
		page, _ = settle(page, effects)
		if n := built(page); n < 40 || n > 120 {
			t.Errorf("at %v %d pictures are built, want some 80", top, n)
		}
		if !isBuilt(page, chosen) {
			t.Errorf("at %v the chosen picture is not built: the Tab key would not find it", top)
		}
	}
	if !isBuilt(page, 9999) {
		t.Error("at the end the last picture is not built")
	}
	before := page
	page, effects = page.Apply(shelf(page.Grid.Height - 641))
	if page.Grid != before.Grid || len(effects) > 0 {
		t.Error("a pixel makes another grid")
	}
	if page.Pictures != before.Pictures {
		t.Error("scrolling changes the collection")
	}
}

func TestGridWithoutAView(t *testing.T) {
	page, effects := playOn(many(30), nil, Viewed{}, Viewed{Top: 1, Height: 1, Width: 1e9, Rem: 16})
	if page.Grid != nil || len(effects) > 0 {
		t.Errorf("shelves that nobody sees have the grid %v", page.Grid)
	}
	page, _ = play(shelf(0)) // No pictures yet.
	if page.Grid == nil || built(page) != 0 {
		t.Errorf("without pictures the grid is %v", page.Grid)
	}
}

// TestStrides moves by keyboard in four columns: 10 pictures of a class, then 20.
func TestStrides(t *testing.T) {
	tests := []struct {
		from   int
		stride Stride
		want   int
	}{
		{1, Stride{1, OneRow}, 5},
		{5, Stride{-1, OneRow}, 1},
		{1, Stride{-1, OneRow}, 1},
		{7, Stride{1, OneRow}, 9}, // The last row has two.
		{9, Stride{1, OneRow}, 11},
		{11, Stride{-1, OneRow}, 9},
		{13, Stride{-1, ToTheEnd}, 0},
		{13, Stride{1, ToTheEnd}, 29},
		{1, Stride{1, OneScreen}, 27},
		{29, Stride{-1, OneScreen}, 3},
	}
	for _, tt := range tests {
		page, _ := playOn(many(30), nil, shelf(0), Choose{tt.from}, tt.stride)
		if got := page.Pictures.Chosen; got != tt.want {
			t.Errorf("%+v from %d leads to %d, want %d", tt.stride, tt.from, got, tt.want)
		}
	}
	page, _ := play(shelf(0), Stride{1, OneRow})
	if page.Pictures.Chosen != NoPicture {
		t.Error("without pictures one is chosen")
	}
}

// TestPicturesThatComeLookAtNoOthers: shelves that get nothing stay the same, and those
// that do have what they would have if all came at once.
func TestPicturesThatComeLookAtNoOthers(t *testing.T) {
	page := many(30)
	before := page.Pictures.Shelves
	page, _ = playOn(page, nil, handOver("a.zip"), says{Lab, run.PicturesChanged{
		Classes: []string{"a", "b", "c"}, Added: append(thumbs(30, 4, 1), thumbs(34, 2, 2)...),
	}})
	shelves := page.Pictures.Shelves
	if len(shelves) != 3 || shelves[0].Class != 0 || len(shelves[1].Pictures) != 24 || len(shelves[2].Pictures) != 2 {
		t.Fatalf("the shelves are %v", shelves)
	}
	if len(before[1].Pictures) != 20 {
		t.Error("an earlier state sees more than it had")
	}
	whole := page.Pictures.arranged()
	for i, s := range shelves {
		if w := whole.Shelves[i]; s != w {
			t.Errorf("shelf %d differs from one made anew: %v, %v", i, s, w)
		}
	}
	if page.Pictures.Count != 36 || page.Pictures.Chosen != 30 {
		t.Errorf("%d pictures, %d chosen, want 36 and 30", page.Pictures.Count, page.Pictures.Chosen)
	}
}
