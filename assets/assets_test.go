package assets

import (
	"crypto/sha256"
	"io/fs"
	"strings"
	"testing"

	"quarterturn/assets/pictures"
	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/engine"
	"quarterturn/core/train"
)

func TestPicturesAreWhatTheListSays(t *testing.T) {
	for _, want := range pictures.Sets() {
		t.Run(want.Name, func(t *testing.T) {
			sheets, err := Pictures(want.Name)
			if err != nil {
				t.Fatal(err)
			}
			set := sheets.Set
			if set.Train.Len() != want.Train || set.Test.Len() != want.Test {
				t.Errorf("%d training and %d test pictures, the list says %d and %d", set.Train.Len(), set.Test.Len(), want.Train, want.Test)
			}
			for part, p := range map[string]*dataset.Pictures{"train": set.Train, "test": set.Test, "preview": sheets.Previews} {
				checkPart(t, part, p)
			}
			checkApart(t, set)
			checkPreviews(t, sheets)
		})
	}
}

// checkPart checks that a part is well formed, that each class is in it, and
// that no picture is a blank tile.
func checkPart(t *testing.T, part string, p *dataset.Pictures) {
	t.Helper()
	if err := p.Validate(); err != nil {
		t.Errorf("%s: %v", part, err)
	}
	perClass, _ := p.Counts()
	for label, n := range perClass {
		if n == 0 {
			t.Errorf("%s: no picture of %s", part, p.Classes[label])
		}
	}
	for i := range p.Len() {
		if blank(p.At(i)) {
			t.Errorf("%s: picture %d (%s) is of one colour", part, i, p.Name(i))
		}
	}
}

func blank(pixels []byte) bool {
	return strings.Count(string(pixels), string(pixels[:1])) == len(pixels)
}

// checkApart checks that no test picture is among those trained on.
func checkApart(t *testing.T, set *dataset.Set) {
	t.Helper()
	seen := make(map[[32]byte]string)
	for i := range set.Train.Len() {
		seen[sha256.Sum256(set.Train.At(i))] = set.Train.Name(i)
	}
	for i := range set.Test.Len() {
		if train, ok := seen[sha256.Sum256(set.Test.At(i))]; ok {
			t.Errorf("test picture %s is training picture %s", set.Test.Name(i), train)
		}
	}
}

// checkPreviews checks that a preview shows its picture: scaled to the same
// side, the two differ by what Lanczos and Catmull-Rom, and the preview's
// compression, do differently. The mean over a picture is 2 to 8 of 255 there,
// and 40 and more between two pictures of a class.
func checkPreviews(t *testing.T, sheets *dataset.Sheets) {
	t.Helper()
	const tolerance = 16
	train, previews := sheets.Set.Train, sheets.Previews
	for i, tile := range sheets.Preview {
		if tile < 0 {
			continue
		}
		small := dataset.Resize(previews.At(tile), previews.Side, train.Side)
		if got := meanDifference(small, train.At(i)); got > tolerance {
			t.Errorf("preview %d differs from picture %d (%s) by %.1f a byte, tolerance %d", tile, i, train.Name(i), got, tolerance)
		}
	}
}

func meanDifference(a, b []byte) float64 {
	sum := 0
	for i := range a {
		sum += max(int(a[i])-int(b[i]), int(b[i])-int(a[i]))
	}
	return float64(sum) / float64(len(a))
}

// TestSize keeps both sets at what a page should ask of a school's network.
func TestSize(t *testing.T) {
	const limit = 3_000_000
	total := int64(0)
	err := fs.WalkDir(Files, "pictures", func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	if err != nil || total > limit {
		t.Errorf("%d bytes embedded (error %v), want at most %d", total, err, limit)
	}
}

func TestFilesAreThere(t *testing.T) {
	for _, set := range pictures.Sets() {
		for _, file := range set.Files() {
			if data, err := Files.ReadFile(file); err != nil || len(data) == 0 {
				t.Errorf("%s: %d bytes, %v", file, len(data), err)
			}
		}
	}
}

// TestLeftOutIsOut checks the pictures that must not be shipped.
func TestLeftOutIsOut(t *testing.T) {
	list, err := Files.ReadFile("pictures/photographs/left-out.tsv")
	if err != nil {
		t.Fatal(err)
	}
	index, err := Files.ReadFile("pictures/photographs/" + dataset.SheetIndex)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(list)), "\n")[1:]
	if len(lines) == 0 {
		t.Error("left-out.tsv is empty")
	}
	for _, line := range lines {
		source, _, _ := strings.Cut(line, "\t")
		if strings.Contains(string(index), "\t"+source+"\t") {
			t.Errorf("%s is in the set", source)
		}
	}
}

func TestPicturesRefusesUnknownName(t *testing.T) {
	for _, name := range []string{"", "cats", "../photographs", "photographs/"} {
		if _, err := Pictures(name); err == nil {
			t.Errorf("Pictures(%q) gave a set", name)
		}
	}
}

// TestModelSeesTurns checks that the built-in model guesses turns of the built-in
// photographs better than chance. Of 632 guesses at 25 %, more than 35 % do not
// happen: it is nearly six standard deviations.
func TestModelSeesTurns(t *testing.T) {
	b, err := Model()
	if err != nil {
		t.Fatal(err)
	}
	m, err := checkpoint.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	sheets, err := Pictures(pictures.Default)
	if err != nil {
		t.Fatal(err)
	}
	backend, err := engine.New(engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := train.Evaluate(backend, m, sheets.Set.Test, func(int, int) error { return nil })
	if err != nil || e.Accuracy < 0.35 {
		t.Errorf("accuracy %.3f of %d (error %v), want above 0.35", e.Accuracy, e.Examples, err)
	}
}
