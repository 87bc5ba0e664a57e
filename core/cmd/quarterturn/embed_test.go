package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/durable"
	"quarterturn/core/measure"
)

// TestEmbed lays photographs out by two networks, with each method.
func TestEmbed(t *testing.T) {
	models := untrainedFile(t, "a.safetensors", 1, 1) + "," + untrainedFile(t, "b.safetensors", 1)
	for _, method := range []string{"tsne", "pca"} {
		out := filepath.Join(t.TempDir(), method)
		said := mustCall(t, "embed", "--model", models, "--out", out, "--method", method, "--points", "120",
			"--iterations", "60", "--stage", "1", "--thumbnails")
		if strings.Count(said, "purity") != 4 || !strings.Contains(said, "stage 1") || !strings.Contains(said, out) {
			t.Errorf("embed printed\n%s", said)
		}
		e, err := measure.DecodeEmbedding(mustRead(t, filepath.Join(out, "embedding.json")))
		if err != nil || string(e.Method) != method || e.Split != "test" || e.Data != "photographs" || len(e.Labels) != 120 || len(e.Models) != 2 {
			t.Errorf("embedding.json: %v, %+v", err, e)
		}
		checkDrawing(t, out)
	}
}

// checkDrawing decodes both files, whose sizes must have the same proportions.
func checkDrawing(t *testing.T, folder string) {
	t.Helper()
	pixels, err := os.ReadFile(filepath.Join(folder, "embedding.png"))
	if err != nil {
		t.Fatal(err)
	}
	if img, err := png.Decode(bytes.NewReader(pixels)); err != nil || img.Bounds().Dx() < img.Bounds().Dy() {
		t.Errorf("embedding.png: %v, want two panels side by side", err)
	}
	if page := mustRead(t, filepath.Join(folder, "embedding.pdf")); !bytes.HasPrefix(page, []byte("%PDF-")) || !bytes.Contains(page, []byte("/Subtype /Image")) {
		t.Error("embedding.pdf is no PDF with the pictures")
	}
	vector, err := os.ReadFile(filepath.Join(folder, "embedding.svg"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"airplanes", "motorbikes", "a.safetensors", "b.safetensors", "purity"} {
		if !bytes.Contains(vector, []byte(want)) {
			t.Errorf("embedding.svg does not say %q", want)
		}
	}
	decoder := xml.NewDecoder(bytes.NewReader(vector))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("embedding.svg: %v", err)
		}
	}
}

// TestEmbedFile: where --out names a drawing, that is all that is written.
func TestEmbedFile(t *testing.T) {
	for name, begins := range map[string]string{"x.pdf": "%PDF-1.4\n", "x.SVG": "<svg", "x.png": "\x89PNG", "x.json": "{"} {
		folder := filepath.Join(t.TempDir(), "new")
		out := filepath.Join(folder, name)
		said := mustCall(t, "embed", "--model", untrainedFile(t, "m.safetensors", 1), "--out", out, "--method", "pca", "--points", "40")
		if got := mustRead(t, out); !bytes.HasPrefix(got, []byte(begins)) {
			t.Errorf("%s begins with %.9q", name, got)
		}
		if found, err := os.ReadDir(folder); err != nil || len(found) != 1 || !strings.Contains(said, out) {
			t.Errorf("%v, %v; it said\n%s", found, err, said)
		}
	}
}

// TestEmbedUnlabelled: pictures without classes are laid out, and nothing is
// claimed about them.
func TestEmbedUnlabelled(t *testing.T) {
	said := mustCall(t, "embed", "--model", untrainedFile(t, "m.safetensors", 1), "--out", t.TempDir(), "--split", "train",
		"--data", "../../dataset/testdata", "--damaged", "1", "--iterations", "20")
	if !strings.Contains(said, "nothing to compare") {
		t.Errorf("it said\n%s", said)
	}
}

func TestEmbedStopped(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var said bytes.Buffer
	term := &term.Terminal{Out: io.Discard, Err: &said, Disk: durable.Disk{}}
	err := embedPictures(ctx, term, []string{"--model", untrainedFile(t, "m.safetensors", 1), "--out", out})
	if !errors.Is(err, context.Canceled) || !strings.Contains(said.String(), "nothing was written") {
		t.Errorf("stopped, it returned %v and said %q", err, said.String())
	}
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("the folder is there (%v)", err)
	}
}

func TestEmbedMistakes(t *testing.T) {
	model := untrainedFile(t, "m.safetensors", 1)
	other := untrainedOfSide(t, 64, "o.safetensors", 1)
	for _, tt := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"models of two sides", []string{"--model", model + "," + other, "--out", "x"}, 1, "one by one"},
		{"no model", []string{"--out", "x"}, 2, "name a --model"},
		{"no folder", []string{"--model", model}, 2, "--out"},
		{"no such method", []string{"--model", model, "--out", "x", "--method", "umap"}, 2, "tsne or pca"},
		{"no such split", []string{"--model", model, "--out", "x", "--split", "all"}, 2, "test or train"},
		{"too many points", []string{"--model", model, "--out", "x", "--points", "1000000"}, 2, "1000000 points"},
		{"no such stage", []string{"--model", model, "--out", "x", "--stage", "2"}, 1, "stage 2"},
		{"a perplexity for more", []string{"--model", model, "--out", "x", "--perplexity", "80"}, 1, "perplexity"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, _, said := call(t, append([]string{"embed"}, tt.args...)...)
			if code != tt.code || !strings.Contains(said, tt.want) {
				t.Errorf("exit code %d and %q, want %d and %q", code, said, tt.code, tt.want)
			}
		})
	}
	if _, err := os.Stat("x"); !os.IsNotExist(err) {
		t.Errorf("a mistake left a folder (%v)", err)
	}
}
