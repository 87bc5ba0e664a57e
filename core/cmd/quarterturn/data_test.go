package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"quarterturn/assets"
	"quarterturn/core/checkpoint"
	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/dataset"
	"quarterturn/core/durable"
	"quarterturn/core/resnet"
	"quarterturn/core/run"
)

// recordsOf writes so many built-in photographs as records, under a name.
func recordsOf(t *testing.T, dir, name string, n int) string {
	t.Helper()
	sheets, err := assets.Pictures("photographs")
	if err != nil {
		t.Fatal(err)
	}
	indices := make([]int, n)
	for i := range indices {
		indices[i] = i * sheets.Set.Train.Len() / n
	}
	var b bytes.Buffer
	if err := dataset.WriteCIFAR10(&b, sheets.Set.Train.Subset(indices)); err != nil {
		t.Fatal(err)
	}
	data := b.Bytes()
	if strings.HasSuffix(name, ".gz") {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		data = packed.Bytes()
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestDamagedDataIsNotTrainedOn: neither cut short nor with a flipped bit, unless
// somebody says so; and few broken pictures are.
func TestDamagedDataIsNotTrainedOn(t *testing.T) {
	dir := t.TempDir()
	whole := mustRead(t, recordsOf(t, dir, "data_batch_1.bin.gz", 40))
	flipped := append([]byte(nil), whole...)
	flipped[len(flipped)/2] ^= 4
	train := func(data []byte, flags ...string) (int, string) {
		path := filepath.Join(t.TempDir(), "data_batch_1.bin.gz")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, said := call(t, append([]string{"pretrain", "--blocks", "1", "--width", "2", "--epochs", "1", "--batch", "8", "--data", path, "--out", filepath.Join(t.TempDir(), "run")}, flags...)...)
		return code, said
	}
	if code, said := train(whole); code != 0 {
		t.Fatalf("undamaged: exit code %d, %s", code, said)
	}
	for name, data := range map[string][]byte{"flipped": flipped, "cut short": whole[:len(whole)*2/3]} {
		if code, said := train(data); code != 1 || !strings.Contains(said, "nothing of it can be trusted") || !strings.Contains(said, "--damaged 1") {
			t.Errorf("%s: exit code %d, %s", name, code, said)
		}
	}
	if code, said := train(whole[:len(whole)*2/3], "--damaged", "1"); code != 0 {
		t.Errorf("with --damaged 1: exit code %d, %s", code, said)
	}
}

// TestStrict: one broken picture among two hundred passes, and not with --strict.
func TestStrict(t *testing.T) {
	model, folder := untrainedFile(t, "m.safetensors", 1), filepath.Join(t.TempDir(), "pictures")
	picture := mustRead(t, "../../dataset/testdata/made-31x33.png")
	for i := range 200 {
		class := filepath.Join(folder, []string{"cat", "dog"}[i%2])
		if err := os.MkdirAll(class, 0o755); err != nil {
			t.Fatal(err)
		}
		data := picture
		if i == 7 {
			data = picture[:30]
		}
		if err := os.WriteFile(filepath.Join(class, string(rune('a'+i%26))+string(rune('a'+i/26))+".png"), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if code, _, said := call(t, "eval", "--model", model, "--data", folder, "--hold-out", "0.1"); code != 0 {
		t.Errorf("exit code %d, %s", code, said)
	}
	if code, _, said := call(t, "eval", "--model", model, "--data", folder, "--strict"); code != 1 || !strings.Contains(said, "--strict") || !strings.Contains(said, "1 of 200") {
		t.Errorf("with --strict: exit code %d, %s", code, said)
	}
}

// TestEvalMatchesClassesByName: a classifier of ten classes and pictures of others are
// not compared, and with --map they are.
func TestEvalMatchesClassesByName(t *testing.T) {
	dir := t.TempDir()
	data := recordsOf(t, dir, "cifar-10-batch.bin", 30) // Photographs, called as CIFAR-10's classes are.
	out := filepath.Join(dir, "run")
	mustCall(t, "finetune", "--blocks", "1", "--width", "2", "--epochs", "1", "--batch", "10", "--data", data, "--out", out)
	model := filepath.Join(out, "last.safetensors")
	code, _, said := call(t, "eval", "--model", model, "--data", "photographs")
	if code != 1 || !strings.Contains(said, "airplanes") || !strings.Contains(said, "airplane, automobile") || !strings.Contains(said, "--map") {
		t.Errorf("exit code %d, %s", code, said)
	}
	names := "airplanes=airplane,bonsai=automobile,chandelier=bird,grand_piano=cat,ibis=deer,kangaroo=dog,ketch=frog,laptop=horse,leopards=ship,motorbikes=truck"
	if out := mustCall(t, "eval", "--model", model, "--data", "photographs", "--map", names); !strings.Contains(out, "158 pictures") {
		t.Errorf("mapped it says %s", out)
	}
	if code, _, said := call(t, "eval", "--model", model, "--data", data, "--map", "cat"); code != 2 || !strings.Contains(said, "pairs") {
		t.Errorf("a map that is none: exit code %d, %s", code, said)
	}
}

// TestTestPicturesMatchByName: --test in another order of classes is that of --data, and
// with other classes it is refused.
func TestTestPicturesMatchByName(t *testing.T) {
	dir, picture := t.TempDir(), mustRead(t, "../../dataset/testdata/made-31x33.png")
	numbered := func(folder string, names ...string) string {
		root := filepath.Join(dir, folder)
		if err := os.MkdirAll(root, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if err := os.WriteFile(filepath.Join(root, name), picture, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return root
	}
	data := numbered("data", "00000_0_cat.png", "00001_1_dog.png")
	open := func(test string) (*dataset.Set, error) {
		f := dataFlags{path: data, test: test}
		return f.open(&term.Terminal{Out: io.Discard, Err: io.Discard, Disk: durable.Disk{}}, 8, 1)
	}
	set, err := open(numbered("other-order", "00000_0_dog.png", "00001_1_cat.png"))
	if err != nil || !slices.Equal(set.Test.Classes, []string{"cat", "dog"}) || set.Test.Class(0) != "dog" || set.Test.Labels[0] != 1 {
		t.Errorf("in another order: %+v, %v", set, err)
	}
	if _, err := open(numbered("others", "00000_0_cat.png", "00001_1_eel.png")); err == nil || !strings.Contains(err.Error(), "not known: eel") || !strings.Contains(err.Error(), "known are cat, dog") {
		t.Errorf("of other classes: %v", err)
	}
}

// TestExportSaysWhatItTakesForGranted: as eval and predict do.
func TestExportSaysWhatItTakesForGranted(t *testing.T) {
	model, out := unnamedFile(t), filepath.Join(t.TempDir(), "m.onnx")
	if code, _, said := call(t, "export", "--model", model, "--onnx", out); code != 0 || !strings.Contains(said, "taken for the four turns") {
		t.Errorf("exit code %d, %s", code, said)
	}
	if code, _, said := call(t, "export", "--model", model, "--onnx", out, "--classes", "ant,bee,cow,dog"); code != 0 || strings.Contains(said, "taken for") || !bytes.Contains(mustRead(t, out), []byte("bee")) {
		t.Errorf("with --classes: exit code %d, %s", code, said)
	}
}

// TestEvalSaysWhatItMeasures: all of a file of test records, and of others the share
// that is held out.
func TestEvalSaysWhatItMeasures(t *testing.T) {
	model, dir := untrainedFile(t, "m.safetensors", 1), t.TempDir()
	for name, want := range map[string]string{"test_batch.bin": "all 40 pictures", "data_batch_1.bin": "10 pictures, 0.2 of each class, held out of 40"} {
		code, _, said := call(t, "eval", "--model", model, "--data", recordsOf(t, dir, name, 40))
		if code != 0 || !strings.Contains(said, want) {
			t.Errorf("%s: exit code %d, %s, want %q", name, code, said, want)
		}
	}
}

// TestEvalSaysWhatHasNoLabel: a classifier is measured on pictures that have one.
func TestEvalSaysWhatHasNoLabel(t *testing.T) {
	net := resnet.Config{Network: run.Network{Blocks: []int{1}, Width: 2}, Classes: 2}
	b, err := checkpoint.Encode(&checkpoint.Model{Config: net, Task: run.Scratch, Classes: []string{"cat", "dog"}, Weights: checkpoint.Initial(net, 1)})
	if err != nil {
		t.Fatal(err)
	}
	dir, picture := t.TempDir(), mustRead(t, "../../dataset/testdata/made-31x33.png")
	model := filepath.Join(dir, "m.safetensors")
	for name, data := range map[string][]byte{"m.safetensors": b, "p/test/cat/1.png": picture, "p/test/dog/2.png": picture, "p/test/3.png": picture} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, out, said := call(t, "eval", "--model", model, "--data", filepath.Join(dir, "p"))
	if code != 0 || !strings.Contains(out, "of 2") || !strings.Contains(said, "the 2 with a label of 3 pictures of the test") {
		t.Errorf("exit code %d, %s%s", code, out, said)
	}
}

// TestPredictReadsWithinALimit: a file that never ends, and one that is far too large.
func TestPredictReadsWithinALimit(t *testing.T) {
	model, sparse := untrainedFile(t, "m.safetensors", 1), filepath.Join(t.TempDir(), "sparse.jpg")
	file, err := os.Create(sparse)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Truncate(3 << 30); err != nil {
		t.Fatal(err)
	}
	file.Close()
	for _, path := range []string{sparse, "/dev/zero"} {
		if code, _, said := call(t, "predict", "--model", model, path); code != 1 || !strings.Contains(said, "limit of 64 MiB") || !strings.Contains(said, path) {
			t.Errorf("%s: exit code %d, %s", path, code, said)
		}
	}
}

// TestClassesOfAFileThatDoesNotSay: four logits without a word are taken for turns, and
// that is said; --classes says otherwise.
func TestClassesOfAFileThatDoesNotSay(t *testing.T) {
	model, picture := unnamedFile(t), "../../dataset/testdata/made-31x33.png"
	code, _, said := call(t, "predict", "--model", model, picture)
	if code != 0 || !strings.Contains(said, "taken for the four turns") {
		t.Errorf("exit code %d, %s", code, said)
	}
	code, out, said := call(t, "predict", "--model", model, "--classes", "ant,bee,cow,dog", picture)
	if code != 0 || !strings.Contains(out, "bee") || strings.Contains(said, "taken for") {
		t.Errorf("exit code %d, %s%s", code, out, said)
	}
	if code, _, said := call(t, "predict", "--model", model, "--classes", "ant,bee", picture); code != 2 || !strings.Contains(said, "2 names, the model 4 logits") {
		t.Errorf("too few: exit code %d, %s", code, said)
	}
	if code, _, said := call(t, "predict", "--model", untrainedFile(t, "m.safetensors", 1), "--classes", "a,b,c,d", picture); code != 2 || !strings.Contains(said, "names its classes itself") {
		t.Errorf("of a file that says: exit code %d, %s", code, said)
	}
}

// unnamedFile is a model of four logits that says neither its task nor its classes.
func unnamedFile(t *testing.T) string {
	t.Helper()
	net := resnet.Config{Network: run.Network{Blocks: []int{1}, Width: 4}, Classes: 4}
	b, err := checkpoint.Encode(&checkpoint.Model{Config: net, Weights: checkpoint.Initial(net, 1)})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
