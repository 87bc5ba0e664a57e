package project

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"

	"quarterturn/core/durable"
	"quarterturn/core/fault"
	"quarterturn/core/runs"
)

// Limits of an archive.
const (
	MaxBytes   = 2 << 30 // Packed or unpacked.
	maxEntries = maxPictures + maxRuns*maxRunFiles
	// A run has a dozen files and a few checkpoints of three.
	maxRunFiles = 200
	maxName     = 150
)

// A file of a project.
type file struct {
	path  string
	bytes []byte
}

// Write writes the project as a zip.
func (p *Project) Write(w io.Writer) error {
	files, err := p.files(true)
	if err != nil {
		return err
	}
	archive := zip.NewWriter(w)
	for _, f := range files {
		header := &zip.FileHeader{Name: f.path, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC), Method: zip.Deflate}
		if e := path.Ext(f.path); e == ".safetensors" || e == ".png" || e == ".pdf" {
			header.Method = zip.Store // What does not become smaller: weights by a twelfth, in seconds.
		}
		to, err := archive.CreateHeader(header)
		if err != nil {
			return fault.Errorf("project", "%s: %w", f.path, err)
		}
		if _, err := to.Write(f.bytes); err != nil {
			return fault.Errorf("project", "%s: %w", f.path, err)
		}
	}
	return archive.Close()
}

// Encode returns the project as the bytes of a zip.
func (p *Project) Encode() ([]byte, error) {
	var b bytes.Buffer
	err := p.Write(&b)
	return b.Bytes(), err
}

// Unpack writes the project as the files of a folder, which may have none.
func (p *Project) Unpack(disk durable.Files, folder string) error {
	if err := runs.Vacant(disk, folder); err != nil {
		return err
	}
	files, err := p.files(false)
	if err != nil {
		return err
	}
	slices.Reverse(files) // The document last: without it the folder is none of a project.
	for _, f := range files {
		to := path.Join(folder, f.path)
		if err := disk.MkdirAll(path.Dir(to)); err != nil {
			return fault.Errorf("project", "unpacking: %w", err)
		}
		if err := write(disk, to, f.bytes); err != nil {
			return fault.Errorf("project", "unpacking %s: %w", to, err)
		}
	}
	return nil
}

// write makes a file, and does not wait for the disk: there are thousands, and the zip is
// still there.
func write(disk durable.Files, to string, b []byte) error {
	f, err := disk.Create(to)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Close())
}

// files returns all files, the document first, then in the order of their paths. Packed,
// networks that a checkpoint has too are there once.
func (p *Project) files(packed bool) ([]file, error) {
	d := p.describe()
	var all []file
	if p.Pictures != nil {
		for i, name := range p.Pictures.files() {
			b, err := p.Pictures.encode(p.Pictures.Items[i])
			if err != nil {
				return nil, err
			}
			all = append(all, file{name, b})
		}
	}
	for _, name := range p.Disk.Paths() {
		if !isKnown(name) || packed && d.isCopy(&p.Disk, name) {
			continue
		}
		b, err := p.Disk.Read(name, MaxBytes)
		if err != nil {
			return nil, err
		}
		all = append(all, file{name, b})
	}
	slices.SortFunc(all, func(a, b file) int { return strings.Compare(a.path, b.path) })
	text, err := json.MarshalIndent(d, "", " ")
	if err != nil {
		return nil, fault.Errorf("project", "%s: %w", DocumentFile, err)
	}
	return slices.Insert(all, 0, file{DocumentFile, append(text, '\n')}), nil
}

// isCopy reports whether a file is the network of one of its run's checkpoints by another
// name, which the document then says.
func (d *document) isCopy(disk *durable.Memory, name string) bool {
	if !mayBeCopy(name) {
		return false
	}
	b, err := disk.Read(name, MaxBytes)
	if err != nil {
		return false
	}
	for _, from := range runs.FilesIn(disk, path.Dir(name)) {
		from = path.Join(path.Dir(name), from)
		if other, err := disk.Read(from, MaxBytes); err == nil && !mayBeCopy(from) && bytes.Equal(b, other) {
			if d.Copies == nil {
				d.Copies = map[string]string{}
			}
			d.Copies[name] = from
			return true
		}
	}
	return false
}

// mayBeCopy reports whether a path is one of the newest or the best network of a run.
func mayBeCopy(name string) bool {
	parts := strings.Split(name, "/")
	return len(parts) == 3 && parts[0] == RunsFolder && (parts[2] == runs.LastFile || parts[2] == runs.BestFile)
}

// unzip reads the files of an archive. Damaged ones are left out, and said.
func unzip(r io.ReaderAt, size int64) (disk *durable.Memory, problems []string, err error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, nil, fault.Errorf("project", "it is no project file, or is cut short: %w", err)
	}
	if err := checkEntries(archive.File); err != nil {
		return nil, nil, err
	}
	disk = &durable.Memory{}
	for _, entry := range archive.File {
		if !isKnown(entry.Name) {
			continue // Somebody's own, or a later version's.
		}
		b, err := read(entry)
		if err != nil {
			problems = append(problems, entry.Name+" is damaged, and left out: "+fault.Reason(err))
			continue
		}
		disk.Put(entry.Name, b)
	}
	return disk, problems, nil
}

// checkEntries looks at names and sizes before anything is read.
func checkEntries(entries []*zip.File) error {
	if len(entries) > maxEntries {
		return fault.Errorf("project", "it has %d files, want at most %d", len(entries), maxEntries)
	}
	left := uint64(MaxBytes)
	names := map[string]bool{}
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name, "/")
		folded := strings.ToLower(name) // Some disks do not tell them apart.
		switch {
		case !fs.ValidPath(name) || strings.ContainsAny(name, `\:`):
			return fault.Errorf("project", "it has a file whose name leads out of it: %.100q", e.Name)
		case names[folded]:
			return fault.Errorf("project", "it has two files called %.100q", e.Name)
		case !e.Mode().IsRegular() && !e.Mode().IsDir():
			return fault.Errorf("project", "%.100q is a link or no plain file", e.Name)
		case e.UncompressedSize64 > left:
			return fault.Errorf("project", "it unpacks to more than %d MiB", MaxBytes>>20)
		}
		names[folded] = true
		left -= e.UncompressedSize64
	}
	return nil
}

// inflation is how many bytes deflate makes of one at most.
const inflation = 1032

// read reads an entry, of which no more is allocated than its packed bytes can hold.
func read(e *zip.File) ([]byte, error) {
	if e.UncompressedSize64/inflation > e.CompressedSize64+1 {
		return nil, fault.Errorf("project", "%d bytes cannot be packed in %d", e.UncompressedSize64, e.CompressedSize64)
	}
	content, err := e.Open()
	if err != nil {
		return nil, err
	}
	defer content.Close()
	var b bytes.Buffer
	b.Grow(int(e.UncompressedSize64) + bytes.MinRead)
	n, err := b.ReadFrom(io.LimitReader(content, int64(e.UncompressedSize64)+1))
	if err == nil && uint64(n) != e.UncompressedSize64 {
		err = io.ErrUnexpectedEOF
	}
	return b.Bytes(), err
}

// checkName returns an error unless a name is one of a folder.
func checkName(name string) error {
	if name == "" || len(name) > maxName || name[0] == '.' || strings.ContainsAny(name, `/\:*?"<>|`) ||
		strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return fault.Errorf("project", "%.100q cannot be the name of its folder", name)
	}
	return nil
}

// isKnown reports whether a path is one of a project's files.
func isKnown(name string) bool {
	if name == DocumentFile || isPicturePath(name) {
		return true
	}
	if IsNetwork(name) {
		return true
	}
	rest, ok := strings.CutPrefix(name, RunsFolder+"/")
	folder, rest, _ := strings.Cut(rest, "/")
	return ok && checkName(folder) == nil && runs.IsFile(rest)
}

// IsNetwork reports whether a path is one that Network returns.
func IsNetwork(name string) bool {
	sum, ok := strings.CutPrefix(name, modelsFolder+"/")
	sum, is := strings.CutSuffix(sum, ".safetensors")
	return ok && is && len(sum) == 64 && strings.Trim(sum, "0123456789abcdef") == ""
}

// isPicturePath reports whether a path is one of a picture.
func isPicturePath(name string) bool {
	parts := strings.Split(name, "/")
	if len(parts) != 4 || parts[0] != picturesFolder || path.Ext(name) != ".png" {
		return false
	}
	return !slices.ContainsFunc(parts, func(part string) bool { return checkName(part) != nil })
}
