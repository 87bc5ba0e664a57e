package main

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quarterturn/core/checkpoint"
	"quarterturn/core/resnet"
	"quarterturn/core/run"
)

// TestNamesOfOthers shows names with a terminal's commands in them: of files in a
// zip, and of a checkpoint's classes.
func TestNamesOfOthers(t *testing.T) {
	const name = "bad\x1b[2J.png"
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	for _, file := range []string{name, "notes\x1b[2J.txt"} {
		if f, err := w.Create(file); err != nil {
			t.Fatal(err)
		} else if _, err := f.Write([]byte("no picture")); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	archive, model, picture := filepath.Join(dir, "a.zip"), filepath.Join(dir, "m.safetensors"), filepath.Join(dir, name)
	net := resnet.Config{Network: run.Network{Blocks: []int{1}, Width: 1}, Classes: 2}
	encoded, err := checkpoint.Encode(&checkpoint.Model{
		Config: net, Task: run.Scratch, Side: 8, Classes: []string{"cat\x1b[2J", "dog"}, Weights: checkpoint.Initial(net, 1),
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, b := range map[string][]byte{archive: packed.Bytes(), model: encoded, picture: mustRead(t, "../../dataset/testdata/"+anyPicture(t))} {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"eval", "--model", model, "--data", archive}, {"predict", "--model", model, picture}, {"predict", "--model", model, archive, filepath.Join(dir, "no\x1b")}} {
		_, out, errors := call(t, args...)
		if said := out + errors; strings.Contains(said, "\x1b") || !strings.Contains(said, `\x1b`) {
			t.Errorf("%q printed %q, want the name without its command", args, said)
		}
	}
}
