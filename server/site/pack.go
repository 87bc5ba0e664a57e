package site

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/andybalholm/brotli"
)

// A Level is how hard Pack compresses. Level Best takes about a minute for a
// 15 MB module, Fast about a second, which is what a second `make run` has.
type Level struct{ Brotli, Gzip int }

var (
	Fast = Level{Brotli: 4, Gzip: 5}
	Best = Level{Brotli: brotli.BestCompression, Gzip: gzip.BestCompression}
)

// Pack makes out a packed folder of what rules name below root. It compresses
// only files whose bytes changed, or which were compressed less hard before,
// and removes what no rule names any more. Names that start with a dot stay.
//
// The manifest is removed first and written last, so that a folder left half
// done is refused by Load.
func Pack(root fs.FS, rules []Rule, out string, level Level) (Manifest, error) {
	all, err := sources(root, rules)
	if err != nil {
		return Manifest{}, err
	}
	old := takeManifest(out)
	manifest := Manifest{Files: make(map[string]Entry, len(all))}
	keep := map[string]bool{manifestName: true}
	for url, source := range all {
		entry, err := packFile(root, source, filepath.Join(out, filepath.FromSlash(packedName(url))), old.Files[url], level)
		if err != nil {
			return Manifest{}, err
		}
		manifest.Files[url] = entry
		for _, suffix := range []string{"", ".br", ".gz"} {
			keep[packedName(url)+suffix] = true
		}
	}
	if err := prune(out, keep); err != nil {
		return Manifest{}, err
	}
	text, err := json.MarshalIndent(manifest, "", "\t")
	if err != nil {
		return Manifest{}, fmt.Errorf("site: %w", err)
	}
	return manifest, os.WriteFile(filepath.Join(out, manifestName), append(text, '\n'), 0o644)
}

// takeManifest reads the manifest of an earlier Pack and removes it. One that
// is missing or does not parse is empty: everything is then packed anew.
func takeManifest(out string) Manifest {
	name := filepath.Join(out, manifestName)
	var old Manifest
	if text, err := os.ReadFile(name); err == nil && json.Unmarshal(text, &old) != nil {
		old = Manifest{}
	}
	os.Remove(name) // Missing is fine.
	return old
}

// packFile writes one file and its compressed forms, unless old says that they
// are there already, and returns its entry.
func packFile(root fs.FS, source, target string, old Entry, level Level) (Entry, error) {
	raw, err := fs.ReadFile(root, source)
	if err != nil {
		return Entry{}, fmt.Errorf("site: %w", err)
	}
	kind, err := contentType(source)
	if err != nil {
		return Entry{}, err
	}
	entry := Entry{Type: kind, Bytes: len(raw), Quality: level.Brotli, SHA256: hash(raw)}
	if old.Type == kind && old.SHA256 == entry.SHA256 && old.Quality >= level.Brotli && isPacked(target, old) {
		return old, nil
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return Entry{}, fmt.Errorf("site: %w", err)
	}
	if err := os.WriteFile(target, raw, 0o644); err != nil {
		return Entry{}, fmt.Errorf("site: %w", err)
	}
	if entry.Brotli, err = writeCompressed(target+".br", raw, brotliWriter(level)); err != nil {
		return Entry{}, err
	}
	entry.Gzip, err = writeCompressed(target+".gz", raw, gzipWriter(level))
	return entry, err
}

// isPacked reports whether the files of an entry are there with their sizes. It
// need not hash them: Load does.
func isPacked(target string, entry Entry) bool {
	return hasSize(target, entry.Bytes) &&
		(entry.Brotli == 0 || hasSize(target+".br", entry.Brotli)) &&
		(entry.Gzip == 0 || hasSize(target+".gz", entry.Gzip))
}

func hasSize(name string, size int) bool {
	info, err := os.Stat(name)
	return err == nil && info.Size() == int64(size)
}

type compressor func(io.Writer) (io.WriteCloser, error)

// brotliWriter compresses with the largest window that browsers accept, 16 MiB:
// a module repeats itself over more than the usual 4.
func brotliWriter(level Level) compressor {
	return func(w io.Writer) (io.WriteCloser, error) {
		return brotli.NewWriterOptions(w, brotli.WriterOptions{Quality: level.Brotli, LGWin: 24}), nil
	}
}

func gzipWriter(level Level) compressor {
	return func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriterLevel(w, level.Gzip) }
}

// writeCompressed writes a compressed form and returns its size. A form that
// saves less than a twentieth, as of a JPEG, is not written: its size is 0.
func writeCompressed(name string, raw []byte, compress compressor) (int, error) {
	var packed bytes.Buffer
	w, err := compress(&packed)
	if err != nil {
		return 0, fmt.Errorf("site: %s: %w", name, err)
	}
	if _, err := w.Write(raw); err != nil {
		return 0, fmt.Errorf("site: %s: %w", name, err)
	}
	if err := w.Close(); err != nil {
		return 0, fmt.Errorf("site: %s: %w", name, err)
	}
	if packed.Len() > len(raw)-len(raw)/20 {
		os.Remove(name) // Of an earlier Pack; missing is fine.
		return 0, nil
	}
	return packed.Len(), os.WriteFile(name, packed.Bytes(), 0o644)
}

// prune removes the files below out that are not in keep, by slash path, and
// whose names do not start with a dot.
func prune(out string, keep map[string]bool) error {
	return filepath.WalkDir(out, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name()[0] == '.' {
			return err
		}
		rel, err := filepath.Rel(out, name)
		if err != nil || keep[filepath.ToSlash(rel)] {
			return err
		}
		return os.Remove(name)
	})
}
