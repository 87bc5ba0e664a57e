package assets

import (
	"os"
	"testing"

	"quarterturn/assets/models"
	"quarterturn/assets/pictures"
	"quarterturn/core/checkpoint"
	"quarterturn/core/recording"
	"quarterturn/core/run"
)

func mustReadFile(t *testing.T, f models.File) []byte {
	t.Helper()
	b, err := os.ReadFile(f.Path())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestModelFilesAreSmall keeps what is fetched at what a school's network should
// be asked for, and the sizes that the page shows beforehand true.
func TestModelFilesAreSmall(t *testing.T) {
	for _, tt := range []struct {
		file  models.File
		limit int
	}{{models.Small, 1_500_000}, {models.Strong, 6_000_000}, {models.Recording, 1_000_000}} {
		n := len(mustReadFile(t, tt.file))
		if n > tt.limit {
			t.Errorf("%s has %d bytes, at most %d are allowed", tt.file.Name, n, tt.limit)
		}
		if n != tt.file.Bytes {
			t.Errorf("%s has %d bytes: say so in models.go, where it is %d", tt.file.Name, n, tt.file.Bytes)
		}
	}
}

// TestModelsHaveCards checks that each model is for the page and says what a
// person should know of it.
func TestModelsHaveCards(t *testing.T) {
	for _, file := range []models.File{models.Small, models.Strong} {
		m, err := checkpoint.Decode(mustReadFile(t, file))
		if err != nil {
			t.Fatalf("%s: %v", file.Name, err)
		}
		if m.Task != run.Pretext || m.Side != 32 {
			t.Errorf("%s is of task %q for side %d, want one that guesses turns of 32×32 pixels", file.Name, m.Task, m.Side)
		}
		c := m.Card
		if c.Data == "" || c.Command == "" || c.Licence == "" || c.Parameters == 0 || len(c.Scores) < 3 || len(c.Probe.Stages) != m.Config.Stages()+1 {
			t.Errorf("%s: the card lacks something: %+v; quarterturn shrink makes it", file.Name, c)
		}
		if len(c.Scores) > 0 && m.Accuracy != c.Scores[0].Right.Accuracy {
			t.Errorf("%s: the file says %.2f %%, its card %.2f %% of %s", file.Name, 100*m.Accuracy, 100*c.Scores[0].Right.Accuracy, c.Scores[0].Pictures)
		}
		for _, s := range c.Scores {
			if s.Right.Accuracy < 0.3 {
				t.Errorf("%s: %.1f %% right of %s, where chance is 25 %%", file.Name, 100*s.Right.Accuracy, s.Pictures)
			}
		}
	}
}

// TestRecordingIsOfTheBuiltInPictures checks that the page finds the pictures that
// the recording is about, and that its network learnt something.
func TestRecordingIsOfTheBuiltInPictures(t *testing.T) {
	r, err := recording.Decode(mustReadFile(t, models.Recording))
	if err != nil {
		t.Fatal(err)
	}
	if r.Pictures.Set != pictures.Default {
		t.Errorf("it is about the set %q, want the one that opens with the page", r.Pictures.Set)
	}
	sheets, err := Pictures(r.Pictures.Set)
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, name := range append(sheets.Set.Train.Names, sheets.Set.Test.Names...) {
		there[name] = true
	}
	for _, p := range r.Pictures.Items {
		if !there[p.Name] {
			t.Errorf("%s is not in the set %s", p.Name, r.Pictures.Set)
		}
	}
	first, last := r.Epochs[0], r.Epochs[len(r.Epochs)-1]
	if first.Number != 0 || last.Number != r.Config.Epochs || last.Number != models.Epochs || last.Accuracy < first.Accuracy+0.1 {
		t.Errorf("epochs %d to %d of %d, accuracy %.3f to %.3f, and models.go says %d epochs",
			first.Number, last.Number, r.Config.Epochs, first.Accuracy, last.Accuracy, models.Epochs)
	}
}
