package durable

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"quarterturn/core/fault"
)

// Limits on a checkpoint that is read.
const (
	MaxFileBytes     = 512 << 20 // ResNet-34 of width 64 has 85 MB of weights.
	maxManifestBytes = 64 << 10
	maxFiles         = 16
)

const (
	manifestName    = "manifest.json"
	manifestVersion = 1
)

// ErrDamaged says that a checkpoint is not as it was saved.
var ErrDamaged = errors.New("damaged")

// damaged returns an error that says what is wrong and wraps ErrDamaged.
func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}

// A manifest lists the files of a checkpoint.
type manifest struct {
	Version int             `json:"version"`
	Step    int             `json:"step"`
	Files   []manifestEntry `json:"files"`
}

type manifestEntry struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // Of the bytes, in hexadecimal.
}

func newManifest(step int, contents []Content) (manifest, error) {
	m := manifest{Version: manifestVersion, Step: step}
	for _, c := range contents {
		if len(c.Bytes) > MaxFileBytes {
			return m, fmt.Errorf("%s has %d MiB, at most %d would be read again", c.Name, len(c.Bytes)>>20, MaxFileBytes>>20)
		}
		m.Files = append(m.Files, manifestEntry{Name: c.Name, Bytes: int64(len(c.Bytes)), SHA256: sum(c.Bytes)})
	}
	return m, nil
}

// encode returns the one way to write the manifest.
func (m manifest) encode() []byte {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil { // Numbers and strings always have an encoding.
		panic("durable: " + err.Error())
	}
	return append(b, '\n')
}

// decodeManifest accepts only bytes that encode writes, so that a changed byte
// is found even where JSON would not mind it.
func decodeManifest(b []byte) (manifest, error) {
	var m manifest
	if err := json.Unmarshal(b, &m); err != nil {
		return m, damaged("its manifest does not parse: %v", err)
	}
	if !bytes.Equal(m.encode(), b) {
		return m, damaged("its manifest is not as it was written")
	}
	if m.Version != manifestVersion {
		return m, fault.Errorf("durable", "manifest of version %d, this program knows %d", m.Version, manifestVersion)
	}
	if len(m.Files) > maxFiles {
		return m, damaged("its manifest lists %d files, want at most %d", len(m.Files), maxFiles)
	}
	for _, f := range m.Files {
		if f.Name != filepath.Base(f.Name) || !filepath.IsLocal(f.Name) || f.Bytes < 0 || f.Bytes > MaxFileBytes {
			return m, damaged("its manifest lists %q of %d bytes", f.Name, f.Bytes)
		}
	}
	return m, nil
}

// Load returns the files of a checkpoint by name, after comparing each with the
// manifest. What is not as it was saved is an error that wraps ErrDamaged and
// says what.
func (d *Dir) Load(c Checkpoint) (map[string][]byte, error) {
	b, err := d.read(c, manifestName, maxManifestBytes)
	if err != nil {
		return nil, err
	}
	m, err := decodeManifest(b)
	if err != nil {
		return nil, err
	}
	if m.Step != c.Step {
		return nil, damaged("its manifest is that of step %d", m.Step)
	}
	contents := map[string][]byte{}
	for _, f := range m.Files {
		if contents[f.Name], err = d.read(c, f.Name, f.Bytes); err != nil {
			return nil, err
		}
		if got := int64(len(contents[f.Name])); got != f.Bytes {
			return nil, damaged("%s has %d bytes, its manifest says %d", f.Name, got, f.Bytes)
		}
		if sum(contents[f.Name]) != f.SHA256 {
			return nil, damaged("%s is not what its manifest says: the SHA-256 differs", f.Name)
		}
	}
	return contents, nil
}

func (d *Dir) read(c Checkpoint, name string, most int64) ([]byte, error) {
	b, err := d.files.Read(filepath.Join(d.folder(c), name), most)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, damaged("%s is missing", name)
	}
	return b, err
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}
