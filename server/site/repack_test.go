package site

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// TestPackMends lets a second Pack find a folder that something was done to: the
// sources are unchanged, and the site is whole again.
func TestPackMends(t *testing.T) {
	for _, name := range []string{"index.html", "page.wasm", "page.wasm.br", "page.wasm.gz"} {
		for what, spoil := range map[string]func(t *testing.T, out string){
			"missing":   func(t *testing.T, out string) { remove(t, out, name) },
			"cut short": func(t *testing.T, out string) { write(t, out, name, "x") },
		} {
			t.Run(name+" "+what, func(t *testing.T) {
				out := t.TempDir()
				mustPack(t, repository(), out, Fast)
				spoil(t, out)
				mustPack(t, repository(), out, Fast)
				if _, err := Load(os.DirFS(out)); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// TestPackLeavesWhatHasNoForms: a file too short to compress is packed all the same.
func TestPackLeavesWhatHasNoForms(t *testing.T) {
	out := t.TempDir()
	mustPack(t, repository(), out, Fast)
	spoil(t, out, "index.html")
	mustPack(t, repository(), out, Fast)
	if !isSpoilt(t, out, "index.html") {
		t.Error("index.html was written again")
	}
}

// TestPackForgetsForms makes a file incompressible: its old forms would be served.
func TestPackForgetsForms(t *testing.T) {
	out, root := t.TempDir(), repository()
	mustPack(t, root, out, Fast)
	source := rand.New(rand.NewPCG(1, 2))
	for i := range root["build/page.wasm"].Data {
		root["build/page.wasm"].Data[i] = byte(source.Uint32())
	}
	mustPack(t, root, out, Fast)
	for _, name := range []string{"page.wasm.br", "page.wasm.gz"} {
		if _, err := os.Stat(filepath.Join(out, name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v, want it gone", name, err)
		}
	}
}

// TestPackKnowsTypesAnew has a manifest of the time before a type was changed.
func TestPackKnowsTypesAnew(t *testing.T) {
	out := t.TempDir()
	mustPack(t, repository(), out, Fast)
	text, err := os.ReadFile(filepath.Join(out, manifestName))
	if err != nil {
		t.Fatal(err)
	}
	write(t, out, manifestName, strings.ReplaceAll(string(text), "application/wasm", "text/plain"))
	if got := mustPack(t, repository(), out, Fast).Files["/page.wasm"].Type; got != "application/wasm" {
		t.Errorf("page.wasm has type %q", got)
	}
}

// TestPackTellsWhatItCannotWrite has a folder where each file should be.
func TestPackTellsWhatItCannotWrite(t *testing.T) {
	for _, name := range []string{"page.wasm", "page.wasm.br", "page.wasm.gz"} {
		out := t.TempDir()
		if err := os.MkdirAll(filepath.Join(out, name, "x"), 0o755); err != nil {
			t.Fatal(err)
		}
		checkNotPacked(t, out, name)
	}
	out := t.TempDir()
	write(t, out, "assets", "a file, where a folder is to be")
	checkNotPacked(t, out, "assets")
}

func checkNotPacked(t *testing.T, out, name string) {
	t.Helper()
	if _, err := Pack(repository(), testRules, out, Fast); err == nil || !strings.Contains(err.Error(), name) {
		t.Errorf("Pack with %s in its way = %v", name, err)
	}
	if _, err := Load(os.DirFS(out)); !errors.Is(err, ErrNotBuilt) {
		t.Errorf("Load then = %v, want ErrNotBuilt", err)
	}
}

// TestBestIsSmaller compresses words, of which a weak compressor makes less.
func TestBestIsSmaller(t *testing.T) {
	source := rand.New(rand.NewPCG(3, 4))
	var text bytes.Buffer
	for range 20_000 {
		text.WriteString([]string{"stem ", "stage ", "block ", "head ", "logits ", "epoch\n", "step ", "batch "}[source.IntN(8)])
	}
	root := fstest.MapFS{"index.html": {Data: text.Bytes()}}
	sizes := map[Level]Entry{}
	for _, level := range []Level{Fast, Best} {
		m, err := Pack(root, []Rule{{"/", "index.html"}}, t.TempDir(), level)
		if err != nil {
			t.Fatal(err)
		}
		sizes[level] = m.Files["/"]
	}
	fast, best := sizes[Fast], sizes[Best]
	if best.Brotli >= fast.Brotli || best.Gzip >= fast.Gzip {
		t.Errorf("brotli %d at best and %d fast, gzip %d and %d", best.Brotli, fast.Brotli, best.Gzip, fast.Gzip)
	}
	if best.Quality != Best.Brotli || fast.Quality != Fast.Brotli || Fast.Brotli < 1 {
		t.Errorf("qualities %d and %d", best.Quality, fast.Quality)
	}
}

// TestLoadedFiles checks what is said of files: host makes ETags of the sums.
func TestLoadedFiles(t *testing.T) {
	out := t.TempDir()
	mustPack(t, repository(), out, Fast)
	site, err := Load(os.DirFS(out))
	if err != nil {
		t.Fatal(err)
	}
	for path, kind := range map[string]string{"/": "text/html; charset=utf-8", "/page.wasm": "application/wasm", ManifestURL: "application/json"} {
		file, ok := site.File(path)
		if !ok {
			t.Fatalf("there is no %s", path)
		}
		sum := sha256.Sum256(file.Raw)
		if file.Hash != hex.EncodeToString(sum[:]) || file.Type != kind {
			t.Errorf("%s has type %q and hash %s", path, file.Type, file.Hash)
		}
	}
}

// TestLoadTellsWhatItCannotRead: a folder whose manifest cannot be read was built.
func TestLoadTellsWhatItCannotRead(t *testing.T) {
	out := t.TempDir()
	if err := os.Mkdir(filepath.Join(out, manifestName), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(os.DirFS(out)); err == nil || errors.Is(err, ErrNotBuilt) || !strings.Contains(err.Error(), manifestName) {
		t.Errorf("Load = %v, want that the manifest cannot be read", err)
	}
	out = t.TempDir()
	mustPack(t, repository(), out, Fast)
	remove(t, out, "page.wasm")
	if _, err := Load(os.DirFS(out)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Load = %v, want that page.wasm is missing", err)
	}
}
