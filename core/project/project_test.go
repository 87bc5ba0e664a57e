package project

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"quarterturn/assets"
	"quarterturn/core/chart"
	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/durable"
	"quarterturn/core/exam"
	"quarterturn/core/notebook"
	"quarterturn/core/resnet"
	"quarterturn/core/run"
	"quarterturn/core/train"
)

// few are some of the built-in photographs, among them one without a class, in an order
// that is not that of their classes.
func few(t testing.TB) *Pictures {
	t.Helper()
	sheets, err := assets.Pictures("photographs")
	if err != nil {
		t.Fatal(err)
	}
	set := &dataset.Set{Train: sheets.Set.Train.Subset([]int{200, 0, 100, 1, 300}), Test: sheets.Set.Test.Subset([]int{70, 3})}
	set.Train.Labels[2] = dataset.Unlabelled
	p := PicturesOf("Photographs", set)
	for i := range p.Items {
		p.Items[i].ID = 10 + 2*i
	}
	return p
}

// network returns the file of a small network and that of a state of its training.
func network(t testing.TB, seed uint64, steps int) (model, state []byte) {
	t.Helper()
	c := resnet.Config{Network: run.Network{Blocks: []int{1}, Width: 1}, Classes: 10}
	m := &checkpoint.Model{Config: c, Task: run.Transfer, Side: 32, Weights: checkpoint.Initial(c, seed), Steps: steps}
	model, err := checkpoint.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	state, err = checkpoint.EncodeState(&checkpoint.State{Position: checkpoint.Position{Step: steps}, History: history()}, c)
	if err != nil {
		t.Fatal(err)
	}
	return model, state
}

func history() []run.Evaluated {
	return []run.Evaluated{
		{Loss: 2, Accuracy: 0.5, Examples: 2, Elapsed: time.Second},
		{Epoch: 1, Step: 2, TrainLoss: 1, TrainAccuracy: 0.25, Loss: 1.5, Accuracy: 0.5, Examples: 2, Elapsed: time.Second, LearningRate: 0.125, Training: time.Minute, ImagesPerSecond: 90},
	}
}

// whole returns a project that has something of everything.
func whole(t testing.TB) *Project {
	t.Helper()
	p := &Project{MadeBy: "a test", Note: "lesson", Pictures: few(t), Experiments: []notebook.Experiment{{ID: 3, Arms: []notebook.Arm{notebook.Transfer}, Labels: []int{5, 0}, Seeds: 2}}}
	from, _ := network(t, 7, 0)
	p.AddNetwork(from)
	c := run.Default(run.Transfer)
	c.Network, c.Epochs = run.Network{Blocks: []int{1}, Width: 1}, 4
	var loss chart.Series
	for i := range 900 {
		loss = loss.With(float64(i)/900, 1/float64(i+1))
	}
	r := notebook.Run{
		Key: "5", Name: "Café / 1", Note: "with\nlines", Pinned: true, Hidden: true, Experiment: 3, Arm: notebook.Transfer, Config: c,
		From: notebook.Source{Name: "small", SHA256: checkpoint.Sum(from)}, Pictures: notebook.Source{Name: "Photographs", SHA256: p.Pictures.Fingerprint()},
		Classes: 10, Workers: 2, Began: time.UnixMilli(1_700_000_000_123).UTC(), Backend: "SIMD", Phase: run.Paused, Of: "4",
		Started: run.Started{Config: c, StepsPerEpoch: 2, Steps: 8, TrainExamples: 4, TestExamples: 2, Parameters: 9},
		Newest:  run.Progress{Step: 3, Epoch: 1.5, Loss: 1, Accuracy: 0.25, LearningRate: 0.5, ImagesPerSecond: 80},
		History: history(), TrainLoss: loss, TrainAccuracy: loss,
		Answers: &exam.Answers{Classes: p.Pictures.Classes, Turns: 1, Labels: []int32{1, 2}, Guesses: []int32{1, 3}},
	}
	checkFilled(t, r)
	model, state := network(t, 1, 3)
	p.Add(r, Kept{Backend: "engine", Model: model, State: state})
	last, _ := network(t, 2, 8)
	p.Add(notebook.Run{Key: "6", Arm: notebook.Scratch, Config: run.Default(run.Scratch), Phase: run.Stopped}, Kept{Backend: "engine", Last: last})
	if len(p.Problems) > 0 {
		t.Fatal(p.Problems)
	}
	return p
}

// checkFilled makes sure that a run has something in every field that a project is to
// keep. A run that is not over has neither a problem nor weights to be compared by.
func checkFilled(t testing.TB, r notebook.Run) {
	t.Helper()
	v := reflect.ValueOf(r)
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; v.Field(i).IsZero() && !slices.Contains([]string{"Problem", "Weights", "Bytes"}, name) {
			t.Fatalf("the test's run has no %s", name)
		}
	}
}

func encoded(t testing.TB, p *Project) []byte {
	t.Helper()
	b, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func decoded(t testing.TB, b []byte) *Project {
	t.Helper()
	p, err := Read(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestProjectComesBack by way of a zip and of a folder, and is written to the same bytes.
func TestProjectComesBack(t *testing.T) {
	p := whole(t)
	b := encoded(t, p)
	if !bytes.Equal(b, encoded(t, whole(t))) {
		t.Error("the same project has other bytes the second time")
	}
	got := decoded(t, b)
	if len(got.Problems) > 0 || got.MadeBy != p.MadeBy || got.Note != p.Note || !reflect.DeepEqual(got.Experiments, p.Experiments) || len(got.Runs) != 2 {
		t.Fatalf("%s, %q, %+v, %d runs, %q", got.MadeBy, got.Note, got.Experiments, len(got.Runs), got.Problems)
	}
	if !reflect.DeepEqual(got.Pictures, p.Pictures) || got.Pictures.Fingerprint() != train.Fingerprint(p.Pictures.Set()) {
		t.Error("the pictures came back as others")
	}
	if !reflect.DeepEqual(got.Runs[0], p.Runs[0]) {
		t.Errorf("came back as\n%.1500v, want\n%.1500v", got.Runs[0], p.Runs[0])
	}
	_, state := network(t, 1, 3)
	if last, _ := network(t, 2, 8); got.Runs[1].Weights != checkpoint.Sum(last) || got.Runs[0].Weights != "" {
		t.Errorf("the networks are %q and %q", got.Runs[0].Weights, got.Runs[1].Weights)
	}
	if there, err := got.Disk.Read("runs/001-caf-1/checkpoints/step-00000003/state.safetensors", MaxBytes); err != nil || !bytes.Equal(there, state) {
		t.Errorf("the state came back as another, %v", err)
	}
	if !bytes.Equal(encoded(t, got), b) {
		t.Error("what came back is written to other bytes")
	}
	var disk durable.Memory
	if err := got.Unpack(&disk, "folder"); err != nil {
		t.Fatal(err)
	}
	folder, err := ReadFolder(&disk, "folder")
	if err != nil || !bytes.Equal(encoded(t, folder), b) {
		t.Errorf("from its folder it has other bytes, %v", err)
	}
	if pictures, err := ReadPictures(&disk, "folder"); err != nil || !reflect.DeepEqual(pictures, p.Pictures) {
		t.Errorf("the pictures of the folder are others, %v", err)
	}
}

// TestWeightsAreThereOnce although an unpacked project has them under two names.
func TestWeightsAreThereOnce(t *testing.T) {
	b := encoded(t, whole(t))
	archive, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range archive.File {
		if strings.HasSuffix(f.Name, "last.safetensors") {
			names = append(names, f.Name)
		}
	}
	if want := []string{"runs/002-from-scratch/last.safetensors"}; !slices.Equal(names, want) {
		t.Errorf("the zip has %q, want %q", names, want)
	}
}

// remade returns a project's zip of which change has changed an entry, or left one out.
func remade(t testing.TB, b []byte, change func(h *zip.FileHeader, content []byte) []byte, more ...*zip.FileHeader) []byte {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	put := func(h *zip.FileHeader, content []byte) {
		to, err := w.CreateHeader(&zip.FileHeader{Name: h.Name, Method: h.Method, ExternalAttrs: h.ExternalAttrs, CreatorVersion: h.CreatorVersion})
		if err == nil {
			_, err = to.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range archive.File {
		content, err := read(f)
		if err != nil {
			t.Fatal(err)
		}
		if content = change(&f.FileHeader, content); content != nil {
			put(&f.FileHeader, content)
		}
	}
	for _, h := range more {
		put(h, []byte("x"))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func asItIs(_ *zip.FileHeader, content []byte) []byte { return content }

// documentWith changes a project's document.
func documentWith(change func(d *document)) func(*zip.FileHeader, []byte) []byte {
	return func(h *zip.FileHeader, content []byte) []byte {
		if h.Name != DocumentFile {
			return content
		}
		var d document
		if err := json.Unmarshal(content, &d); err != nil {
			panic(err)
		}
		change(&d)
		b, err := json.Marshal(d)
		if err != nil {
			panic(err)
		}
		return b
	}
}

// TestRefused are zips that nobody writes who means well, or that are of another time.
func TestRefused(t *testing.T) {
	b := encoded(t, whole(t))
	link := &zip.FileHeader{Name: "pictures/train/link/1.png"}
	link.SetMode(fs.ModeSymlink | 0o777)
	huge := bytes.Clone(b) // Its first entry claims 3 GiB.
	at := bytes.Index(huge, []byte("PK\x01\x02"))
	copy(huge[at+24:], []byte{0, 0, 0, 0xc0})
	for said, b := range map[string][]byte{
		"made by a newer Quarterturn (format 2): this one reads format 1": remade(t, b, documentWith(func(d *document) { d.Format = 2 })),
		"it has no format":                        remade(t, b, documentWith(func(d *document) { d.Format = 0 })),
		"there is no project.json in it":          remade(t, b, documentless),
		"project.json cannot be read":             remade(t, b, func(h *zip.FileHeader, c []byte) []byte { return bytes.TrimSuffix(c, []byte("}\n")) }),
		"leads out of it":                         remade(t, b, asItIs, &zip.FileHeader{Name: "../../.profile"}),
		`leads out of it: "/etc/passwd"`:          remade(t, b, asItIs, &zip.FileHeader{Name: "/etc/passwd"}),
		`leads out of it: "runs\\x\\config.json"`: remade(t, b, asItIs, &zip.FileHeader{Name: `runs\x\config.json`}),
		"two files called":                        remade(t, b, asItIs, &zip.FileHeader{Name: "Project.JSON"}),
		"is a link or no plain file":              remade(t, b, asItIs, link),
		"unpacks to more than 2048 MiB":           huge,
		"or is cut short":                         b[:len(b)-100],
		"cannot be the name of its folder":        remade(t, b, documentWith(func(d *document) { d.Runs[0].Folder = "../x" })),
		"cannot be the file of a picture":         remade(t, b, documentWith(func(d *document) { d.Pictures.Items[0].File = "pictures/../../a.png" })),
		"is there twice":                          remade(t, b, documentWith(func(d *document) { d.Pictures.Items[0].ID = d.Pictures.Items[1].ID })),
		"has class 99 of 10":                      remade(t, b, documentWith(func(d *document) { *d.Pictures.Items[0].Class = 99 })),
		"pictures of side 0":                      remade(t, b, documentWith(func(d *document) { d.Pictures.Side = 0 })),
		"is for \"play\"":                         remade(t, b, documentWith(func(d *document) { d.Pictures.Items[0].Part = "play" })),
		"a text of 65537 bytes":                   remade(t, b, documentWith(func(d *document) { d.Note = strings.Repeat("n", maxTextBytes+1) })),
		"has 99 workers":                          remade(t, b, documentWith(func(d *document) { d.Runs[0].Workers = 99 })),
		"a curve of more than":                    remade(t, b, documentWith(func(d *document) { d.Runs[0].Loss.Points = make([][2]float64, chart.Limit+1) })),
	} {
		_, err := Read(bytes.NewReader(b), int64(len(b)))
		if err == nil || !strings.Contains(err.Error(), said) {
			t.Errorf("it says %v, want %s", err, said)
		}
	}
}

func documentless(h *zip.FileHeader, content []byte) []byte {
	if h.Name == DocumentFile {
		return nil
	}
	return content
}

// TestDamageIsNamed damages one part at a time. The others are there.
func TestDamageIsNamed(t *testing.T) {
	b := encoded(t, whole(t))
	for name, want := range map[string]struct {
		said      string
		runs      int
		pictures  int
		goesOn    bool
		ownAnswer bool
	}{
		"runs/001-caf-1/config.json":                                 {"run 001-caf-1 is left out", 1, 7, false, false},
		"runs/001-caf-1/answers.json":                                {"runs/001-caf-1/answers.json is damaged, and left out", 2, 7, true, false},
		"runs/001-caf-1/checkpoints/step-00000003/state.safetensors": {"checkpoint step-00000003 of runs/001-caf-1 cannot be used", 2, 7, false, true},
		"runs/001-caf-1/checkpoints/step-00000003/manifest.json":     {"manifest.json is missing", 2, 7, false, true},
		"pictures/train/airplanes/00002.png":                         {"picture pictures/train/airplanes/00002.png is left out", 2, 6, true, true},
		"runs/002-from-scratch/last.safetensors":                     {"runs/002-from-scratch/last.safetensors is damaged", 2, 7, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			spoilt := bytes.Clone(b)
			at := bytes.Index(spoilt, []byte(name)) + len(name) + 30 // Behind the header's extra field.
			if strings.HasSuffix(name, ".safetensors") {
				at += 200
			}
			spoilt[at] ^= 0x55
			p, err := Read(bytes.NewReader(spoilt), int64(len(spoilt)))
			if err != nil {
				t.Fatal(err)
			}
			if said := strings.Join(p.Problems, "\n"); !strings.Contains(said, want.said) {
				t.Errorf("it says %q, want %q", said, want.said)
			}
			if len(p.Runs) != want.runs || len(p.Pictures.Items) != want.pictures {
				t.Errorf("%d runs and %d pictures, want %d and %d", len(p.Runs), len(p.Pictures.Items), want.runs, want.pictures)
			}
			if _, err := p.AllPictures(); (err == nil) != (want.pictures == 7) {
				t.Errorf("all pictures: %v", err)
			}
			if want.runs == 2 && (p.Runs[0].Answers != nil) != want.ownAnswer {
				t.Errorf("the answers are %+v", p.Runs[0].Answers)
			}
		})
	}
}

// TestOthersFilesArePassedOver and what a later version adds to the document.
func TestOthersFilesArePassedOver(t *testing.T) {
	b := encoded(t, whole(t))
	more := remade(t, b, func(h *zip.FileHeader, c []byte) []byte {
		if h.Name == DocumentFile {
			return bytes.Replace(c, []byte("{"), []byte(`{"later": [1],`), 1)
		}
		return c
	}, &zip.FileHeader{Name: "notes.txt"}, &zip.FileHeader{Name: "runs/001-caf-1/.lock"})
	if p := decoded(t, more); len(p.Problems) > 0 || !bytes.Equal(encoded(t, p), b) {
		t.Errorf("it says %q", p.Problems)
	}
}

// TestDivergedRunIsWritten although its losses are no numbers.
func TestDivergedRunIsWritten(t *testing.T) {
	zero := 0.0
	nan := zero / zero
	p := &Project{}
	c := run.Default(run.Scratch)
	p.Add(notebook.Run{Arm: notebook.Scratch, Config: c, Problem: "diverged", Newest: run.Progress{Step: 2, Loss: nan}, History: append(history(), run.Evaluated{Epoch: 2, Loss: nan})}, Kept{Backend: "engine"})
	got := decoded(t, encoded(t, p))
	if len(got.Runs) != 1 || len(got.Runs[0].History) != 2 || got.Runs[0].Problem != "diverged" || got.Runs[0].Newest.Loss != 0 {
		t.Errorf("it came back as %+v, %q", got.Runs, got.Problems)
	}
}

// FuzzRead checks that any bytes are read or refused, and that what was read once is
// written to the same bytes again and again.
func FuzzRead(f *testing.F) {
	b := encoded(f, whole(f))
	f.Add(b)
	f.Add(remade(f, b, documentless))
	f.Add(remade(f, b, documentWith(func(d *document) { d.Runs[0].Folder = "002-from-scratch" })))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := Read(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		first, err := p.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again := decoded(t, first)
		if second, err := again.Encode(); err != nil || !bytes.Equal(first, second) {
			t.Errorf("read again it is written to other bytes, %v", err)
		}
	})
}

// FuzzDocument is FuzzRead for the document alone, which a zip's checksums hide.
func FuzzDocument(f *testing.F) {
	b := encoded(f, whole(f))
	archive, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		f.Fatal(err)
	}
	files := map[string][]byte{}
	for _, e := range archive.File {
		if files[e.Name], err = read(e); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(files[DocumentFile])
	f.Add([]byte(`{"format": 1, "runs": [{"folder": "001-caf-1"}, {"folder": "001-caf-1"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p := &Project{}
		for name, b := range files {
			p.Disk.Put(name, b)
		}
		p.Disk.Put(DocumentFile, text)
		if p.decode() != nil {
			return
		}
		first, err := p.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, encoded(t, decoded(t, first))) {
			t.Error("read again it is written to other bytes")
		}
	})
}
