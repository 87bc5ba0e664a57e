// Package site decides which bytes are public.
//
// The list is in list.go. Pack copies what it names into one folder, with
// compressed forms beside each file and a manifest; Load reads that folder back.
// A path that is not in the manifest does not exist.
package site

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// ManifestURL is where the manifest itself is public. The page's loader reads
// the raw sizes there: Content-Length counts compressed bytes.
const ManifestURL = "/manifest.json"

// manifestName is the manifest's file in the packed folder.
const manifestName = "manifest.json"

// ErrNotBuilt says that a folder holds no packed site.
var ErrNotBuilt = errors.New("site: no manifest.json")

// A Manifest lists a packed site by URL path.
type Manifest struct {
	Files map[string]Entry `json:"files"`
}

// An Entry describes one public file. Sizes are in bytes; the size of a
// compressed form is 0 where it would not be worth its place.
type Entry struct {
	Type    string `json:"type"` // Content-Type, exactly as served.
	Bytes   int    `json:"bytes"`
	Brotli  int    `json:"brotli,omitempty"`
	Gzip    int    `json:"gzip,omitempty"`
	Quality int    `json:"quality"` // Brotli's, so that a better one is not thrown away.
	SHA256  string `json:"sha256"`  // Of the raw bytes, in hexadecimal.
}

// A File is one public file in its forms. Brotli and Gzip are nil where the raw
// bytes are as good. The slices must not be changed.
type File struct {
	Type   string // Content-Type.
	Hash   string // SHA-256 of Raw, in hexadecimal.
	Raw    []byte
	Brotli []byte
	Gzip   []byte
}

// A Site is a set of public files by URL path. It does not change once loaded.
type Site struct{ files map[string]*File }

// File returns the file at a URL path, exactly as written in the request line.
func (s *Site) File(path string) (*File, bool) {
	f, ok := s.files[path]
	return f, ok
}

// Paths returns the URL paths of all files, in no order.
func (s *Site) Paths() []string {
	paths := make([]string, 0, len(s.files))
	for path := range s.files {
		paths = append(paths, path)
	}
	return paths
}

// Load reads a packed folder. It returns an error that wraps ErrNotBuilt if
// there is no manifest, and one that names the file if the folder and its
// manifest disagree: a half-written folder must not be served.
func Load(folder fs.FS) (*Site, error) {
	text, err := fs.ReadFile(folder, manifestName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotBuilt
	}
	if err != nil {
		return nil, fmt.Errorf("site: %w", err)
	}
	var manifest Manifest
	if err := json.Unmarshal(text, &manifest); err != nil {
		return nil, fmt.Errorf("site: %s: %w", manifestName, err)
	}
	site := &Site{files: make(map[string]*File, len(manifest.Files)+1)}
	for path, entry := range manifest.Files {
		file, err := load(folder, packedName(path), entry)
		if err != nil {
			return nil, err
		}
		site.files[path] = file
	}
	site.files[ManifestURL] = &File{Type: "application/json", Hash: hash(text), Raw: text}
	return site, nil
}

func load(folder fs.FS, name string, entry Entry) (*File, error) {
	file := &File{Type: entry.Type, Hash: entry.SHA256}
	var err error
	if file.Raw, err = readSized(folder, name, entry.Bytes); err != nil {
		return nil, err
	}
	if got := hash(file.Raw); got != entry.SHA256 {
		return nil, fmt.Errorf("site: %s has hash %.12s, its manifest says %.12s: pack it again", name, got, entry.SHA256)
	}
	if entry.Brotli > 0 {
		if file.Brotli, err = readSized(folder, name+".br", entry.Brotli); err != nil {
			return nil, err
		}
	}
	if entry.Gzip > 0 {
		if file.Gzip, err = readSized(folder, name+".gz", entry.Gzip); err != nil {
			return nil, err
		}
	}
	return file, nil
}

func readSized(folder fs.FS, name string, size int) ([]byte, error) {
	data, err := fs.ReadFile(folder, name)
	if err != nil {
		return nil, fmt.Errorf("site: %w", err)
	}
	if len(data) != size {
		return nil, fmt.Errorf("site: %s has %d bytes, its manifest says %d: pack it again", name, len(data), size)
	}
	return data, nil
}

// packedName is the file of a URL path in the packed folder.
func packedName(path string) string {
	if path == "/" {
		return "index.html"
	}
	return strings.TrimPrefix(path, "/")
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
