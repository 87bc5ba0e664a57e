package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quarterturn/core/checkpoint"
	"quarterturn/core/onnx"
)

// TestExport: the file is the one of package onnx, whose tests run it, and the
// command says how to call it.
func TestExport(t *testing.T) {
	model := untrainedFile(t, "m.safetensors", 1, 1)
	m, err := checkpoint.Decode(mustRead(t, model))
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "m.onnx")
	for _, tt := range []struct {
		flags   []string
		options onnx.Options
		says    []string
	}{
		{nil, onnx.Options{}, []string{out, "images [N, 3, 32, 32]: RGB from 0 to 1", "logits [N, 4]"}},
		{[]string{"--normalized"}, onnx.Options{Normalized: true}, []string{"(value from 0 to 1 - mean) / std"}},
		{[]string{"--features"}, onnx.Options{Features: true}, []string{"stem [N, 4]", "stage2 [N, 8]"}},
	} {
		said := mustCall(t, append([]string{"export", "--model", model, "--onnx", out}, tt.flags...)...)
		want, err := onnx.Encode(m, tt.options)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(mustRead(t, out), want) {
			t.Errorf("%v: the file is not that of %+v", tt.flags, tt.options)
		}
		for _, text := range tt.says {
			if !strings.Contains(said, text) {
				t.Errorf("%v: it said %q, want %q in it", tt.flags, said, text)
			}
		}
	}
}

// TestExportOnFullDisk: what was there stays, and nothing is left beside it.
func TestExportOnFullDisk(t *testing.T) {
	model := untrainedFile(t, "m.safetensors", 1)
	folder := t.TempDir()
	out := filepath.Join(folder, "m.onnx")
	if err := os.WriteFile(out, []byte("earlier"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, said := callOn(fullDisk{}, "export", "--model", model, "--onnx", out)
	if code != 1 || !strings.Contains(said, "--onnx "+out+": no space left on device") {
		t.Errorf("exit code %d and %q, want 1 and a full disk", code, said)
	}
	if got := string(mustRead(t, out)); got != "earlier" {
		t.Errorf("the file holds %q, want what was there", got)
	}
	if names, _ := os.ReadDir(folder); len(names) != 1 {
		t.Errorf("%d files in the folder, want 1", len(names))
	}
}

func TestExportMistakes(t *testing.T) {
	model := untrainedFile(t, "m.safetensors", 1)
	folder := t.TempDir()
	out := filepath.Join(folder, "m.onnx")
	linked := filepath.Join(folder, "linked")
	if err := os.Symlink(model, linked); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"nothing", nil, 2, "name a --model"},
		{"nothing to write", []string{"--model", model}, 2, "with --onnx"},
		{"no model", []string{"--model", out, "--onnx", out}, 1, "--model " + out + ": no such file"},
		{"not a model", []string{"--model", "export_test.go", "--onnx", out}, 1, "not a safetensors file"},
		{"onto the model", []string{"--model", model, "--onnx", model}, 2, "the --model itself"},
		{"onto a link", []string{"--model", model, "--onnx", linked}, 2, "no plain file"},
		{"onto a folder", []string{"--model", model, "--onnx", folder}, 2, "this is a folder"},
		{"into no folder", []string{"--model", model, "--onnx", filepath.Join(folder, "a", "m.onnx")}, 2, "there is no folder"},
		{"one argument more", []string{"--model", model, "--onnx", out, "more"}, 2, `unexpected argument "more"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, _, said := call(t, append([]string{"export"}, tt.args...)...)
			if code != tt.code || !strings.Contains(said, tt.want) {
				t.Errorf("exit code %d and %q, want %d and %q", code, said, tt.code, tt.want)
			}
			if _, err := os.Stat(out); err == nil {
				t.Error("it wrote a file")
			}
		})
	}
}
