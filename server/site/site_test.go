package site

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/andybalholm/brotli"
)

var testRules = []Rule{
	{"/", "index.html"},
	{"/page.wasm", "build/page.wasm"},
	{"/assets/style/*", "assets/style/*.css"},
}

// repository is a small one that testRules fit; secret.txt is named by no rule.
func repository() fstest.MapFS {
	return fstest.MapFS{
		"index.html":             {Data: []byte("<p>Kx7#qZ2@w")}, // Too short to compress.
		"build/page.wasm":        {Data: bytes.Repeat([]byte("\x00asm\x01\x00\x00\x00"), 500)},
		"assets/style/page.css":  {Data: bytes.Repeat([]byte("p { margin: 0 }\n"), 50)},
		"assets/style/print.css": {Data: bytes.Repeat([]byte("p { color: black }\n"), 50)},
		"secret.txt":             {Data: []byte("not public")},
	}
}

func mustPack(t *testing.T, root fs.FS, out string, level Level) Manifest {
	t.Helper()
	manifest, err := Pack(root, testRules, out, level)
	if err != nil {
		t.Fatal(err)
	}
	return manifest
}

func TestPackThenLoad(t *testing.T) {
	out := t.TempDir()
	mustPack(t, repository(), out, Fast)
	site, err := Load(os.DirFS(out))
	if err != nil {
		t.Fatal(err)
	}
	paths := site.Paths()
	slices.Sort(paths)
	want := []string{"/", "/assets/style/page.css", "/assets/style/print.css", "/manifest.json", "/page.wasm"}
	if !slices.Equal(paths, want) {
		t.Errorf("Paths() = %q, want %q", paths, want)
	}
	page, _ := site.File("/page.wasm")
	if page.Type != "application/wasm" {
		t.Errorf("page.wasm has type %q", page.Type)
	}
	if got := unpack(t, brotli.NewReader(bytes.NewReader(page.Brotli))); !bytes.Equal(got, page.Raw) {
		t.Errorf("the brotli form unpacks to %d other bytes", len(got))
	}
	r, err := gzip.NewReader(bytes.NewReader(page.Gzip))
	if err != nil {
		t.Fatal(err)
	}
	if got := unpack(t, r); !bytes.Equal(got, page.Raw) {
		t.Errorf("the gzip form unpacks to %d other bytes", len(got))
	}
	if index, _ := site.File("/"); index.Brotli != nil || index.Gzip != nil {
		t.Error("index.html has compressed forms, which are larger than itself")
	}
}

func unpack(t *testing.T, r io.Reader) []byte {
	t.Helper()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestManifestHasRawSizes(t *testing.T) {
	out := t.TempDir()
	mustPack(t, repository(), out, Fast)
	site, err := Load(os.DirFS(out))
	if err != nil {
		t.Fatal(err)
	}
	file, ok := site.File(ManifestURL)
	if !ok {
		t.Fatal("the manifest is not public; the loader needs it")
	}
	var manifest Manifest
	if err := json.Unmarshal(file.Raw, &manifest); err != nil {
		t.Fatal(err)
	}
	if got, want := manifest.Files["/page.wasm"].Bytes, len(repository()["build/page.wasm"].Data); got != want {
		t.Errorf("the manifest says page.wasm has %d bytes, want %d", got, want)
	}
}

// TestPackAgain checks what a second Pack leaves alone, by spoiling compressed
// files without changing their size: those that are written again are whole.
func TestPackAgain(t *testing.T) {
	const page, style = "page.wasm.br", "assets/style/page.css.br"
	tests := []struct {
		name          string
		first, second Level
		change        string // Source that changes in between.
		rewritten     []string
	}{
		{"nothing changed", Fast, Fast, "", nil},
		{"one file changed", Fast, Fast, "build/page.wasm", []string{page}},
		{"harder", Fast, Best, "", []string{page, style}},
		{"less hard", Best, Fast, "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, root := t.TempDir(), repository()
			mustPack(t, root, out, tt.first)
			spoil(t, out, page)
			spoil(t, out, style)
			if tt.change != "" {
				root[tt.change].Data = append(root[tt.change].Data, "changed"...)
			}
			mustPack(t, root, out, tt.second)
			for _, name := range []string{page, style} {
				if got, want := !isSpoilt(t, out, name), slices.Contains(tt.rewritten, name); got != want {
					t.Errorf("%s written again: %v, want %v", name, got, want)
				}
			}
		})
	}
}

func spoil(t *testing.T, out, name string) {
	t.Helper()
	full := filepath.Join(out, name)
	info, err := os.Stat(full)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, bytes.Repeat([]byte("!"), int(info.Size())), 0o644); err != nil {
		t.Fatal(err)
	}
}

func isSpoilt(t *testing.T, out, name string) bool {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(out, name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Trim(string(data), "!") == ""
}

func TestPackRemovesWhatIsNoLongerPublic(t *testing.T) {
	out, root := t.TempDir(), repository()
	if err := os.WriteFile(filepath.Join(out, ".gitignore"), []byte("*"), 0o644); err != nil {
		t.Fatal(err)
	}
	mustPack(t, root, out, Fast)
	delete(root, "assets/style/print.css")
	mustPack(t, root, out, Fast)
	for name, want := range map[string]bool{
		"assets/style/page.css":     true,
		"assets/style/print.css":    false,
		"assets/style/print.css.br": false,
		".gitignore":                true, // The placeholder of the embedded folder.
	} {
		if _, err := os.Stat(filepath.Join(out, name)); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", name, err == nil, want)
		}
	}
}

func TestPackRefuses(t *testing.T) {
	tests := []struct {
		name  string
		rules []Rule
		want  string
	}{
		{"no such file", []Rule{{"/x.js", "x.js"}}, "no file matches x.js"},
		{"pattern without match", []Rule{{"/*", "pictures/*.png"}}, "no file matches"},
		{"two at one path", []Rule{{"/", "index.html"}, {"/", "build/page.wasm"}}, "both want /"},
		{"unknown type", []Rule{{"/a", "secret.exe"}}, `no Content-Type for ".exe"`},
		{"bad pattern", []Rule{{"/*", "[" + "a"}}, "syntax error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := repository()
			root["secret.exe"] = &fstest.MapFile{Data: []byte("MZ")}
			_, err := Pack(root, tt.rules, t.TempDir(), Fast)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Pack = %v, want an error with %q", err, tt.want)
			}
		})
	}
}

// TestPackedHalfway checks that a folder whose packing failed is refused.
func TestPackedHalfway(t *testing.T) {
	out, root := t.TempDir(), repository()
	mustPack(t, root, out, Fast)
	delete(root, "build/page.wasm")
	if _, err := Pack(root, testRules, out, Fast); err == nil {
		t.Fatal("Pack without a source gives no error")
	}
	// The sources are looked up before the folder is touched: it is still whole.
	if _, err := Load(os.DirFS(out)); err != nil {
		t.Errorf("Load after a Pack that had nothing to do: %v", err)
	}
	root = repository()
	root["assets/style/a.css"] = &fstest.MapFile{Mode: fs.ModeDir}
	if _, err := Pack(root, testRules, out, Fast); err == nil {
		t.Fatal("Pack of an unreadable source gives no error")
	}
	if _, err := Load(os.DirFS(out)); !errors.Is(err, ErrNotBuilt) {
		t.Errorf("Load of a half-packed folder = %v, want ErrNotBuilt", err)
	}
}

func TestLoadRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change func(t *testing.T, out string)
		want   string
	}{
		{"no manifest", func(t *testing.T, out string) { remove(t, out, "manifest.json") }, ErrNotBuilt.Error()},
		{"bad manifest", func(t *testing.T, out string) { write(t, out, "manifest.json", "{") }, "manifest.json"},
		{"file missing", func(t *testing.T, out string) { remove(t, out, "page.wasm") }, "page.wasm"},
		{"brotli missing", func(t *testing.T, out string) { remove(t, out, "page.wasm.br") }, "page.wasm.br"},
		{"gzip cut short", func(t *testing.T, out string) { write(t, out, "page.wasm.gz", "x") }, "page.wasm.gz has 1 bytes"},
		{"other bytes", func(t *testing.T, out string) { write(t, out, "index.html", "<p>kX7#Qz2@W") }, "index.html has hash"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := t.TempDir()
			mustPack(t, repository(), out, Fast)
			tt.change(t, out)
			_, err := Load(os.DirFS(out))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Load = %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func remove(t *testing.T, out, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(out, name)); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, out, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(out, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestPublicRules checks the real list: that everything it names outside build/
// exists, and that its types are known.
func TestPublicRules(t *testing.T) {
	root := os.DirFS("../..")
	for _, rule := range Public {
		if strings.HasPrefix(rule.Source, "build/") {
			continue // Not there before make build.
		}
		files, err := sources(root, []Rule{rule})
		if err != nil {
			t.Error(err)
		}
		for _, source := range files {
			if _, err := contentType(source); err != nil {
				t.Error(err)
			}
		}
	}
}
