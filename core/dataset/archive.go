package dataset

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A kind is what a file is, as far as an import has to know.
type kind int

const (
	kindOther   kind = iota
	kindPicture      // Of a format that Decode knows, or that somebody could take for one.
	kindRecords      // CIFAR-10 binary.
	kindNames        // Class names of records.
	kindZip
	kindGzip
	kindTar
	kindOtherArchive // Of a format that is not read, see archiveName.
)

// metaFile is where CIFAR-10's binary distribution keeps its class names.
const metaFile = "batches.meta.txt"

// tarMagic lies at this offset of a tar file.
const (
	tarMagic       = "ustar"
	tarMagicOffset = 257
)

// peekBytes is enough to recognise every kind.
const peekBytes = 512

// kindOf tells what a file is by its name where that is a convention, and by its
// first bytes otherwise.
func kindOf(name string, head []byte) kind {
	name = strings.ToLower(name[strings.LastIndexAny(name, `/\`)+1:])
	switch {
	case name == metaFile:
		return kindNames
	case bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return kindZip
	case isGzip(name, head):
		return kindGzip
	case archiveName(head) != "":
		return kindOtherArchive
	case strings.HasSuffix(name, ".zip"):
		return kindZip // Of which the beginning may be anything, such as a program that unpacks it.
	case isTar(head) || isTarName(name):
		return kindTar
	case isRecordsName(name):
		return kindRecords
	case hasPictureName(name):
		return kindPicture
	}
	if _, err := formatOf(head); err == nil || len(head) > 0 && !errors.Is(err, errNoPicture) {
		return kindPicture
	}
	return kindOther
}

// isGzip recognises a gzip, also one of which a byte of the beginning is spoilt: read as
// records it would be noise. Downloads that are unpacked on their way keep their name.
func isGzip(name string, head []byte) bool {
	if !strings.HasSuffix(name, ".gz") || len(head) < len(gzipMagic) {
		return bytes.HasPrefix(head, []byte(gzipMagic[:2]))
	}
	same := 0
	for i := range gzipMagic {
		if head[i] == gzipMagic[i] {
			same++
		}
	}
	return same >= len(gzipMagic)-1
}

// gzipMagic is how a gzip begins whose method is deflate, the only one.
const gzipMagic = "\x1f\x8b\x08"

// archiveName names the format of an archive that is not read here, for people; empty
// for all other files.
func archiveName(head []byte) string {
	for _, a := range []struct{ magic, name string }{
		{"BZh", "bzip2"}, {"\xfd7zXZ\x00", "xz"}, {"7z\xbc\xaf\x27\x1c", "7-Zip"}, {"Rar!\x1a\x07", "RAR"}, {"\x28\xb5\x2f\xfd", "Zstandard"},
	} {
		if bytes.HasPrefix(head, []byte(a.magic)) {
			return a.name
		}
	}
	return ""
}

// isTarName reports whether a lower-case name is that of a tar, compressed or not.
func isTarName(name string) bool {
	return strings.HasSuffix(name, ".tar") || strings.HasSuffix(name, ".tar.gz") || strings.HasSuffix(name, ".tgz")
}

// isRecordsName reports whether a lower-case name is that of a file of records,
// compressed or not.
func isRecordsName(name string) bool {
	return strings.HasSuffix(name, ".bin") || strings.HasSuffix(name, ".bin.gz")
}

// isTar recognises POSIX and GNU tars; older ones have to be called .tar.
func isTar(head []byte) bool {
	return len(head) >= tarMagicOffset+len(tarMagic) &&
		string(head[tarMagicOffset:][:len(tarMagic)]) == tarMagic
}

// hasPictureName reports whether a lower-case file name promises a picture of a
// format that we read.
func hasPictureName(name string) bool {
	for _, extension := range []string{".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".webp"} {
		if strings.HasSuffix(name, extension) {
			return true
		}
	}
	return false
}

// isJunk reports whether a path is what systems leave in folders and archives.
func isJunk(file string) bool {
	for _, part := range pathParts(file) {
		if strings.HasPrefix(part, ".") || part == "__MACOSX" || part == "Thumbs.db" || part == "desktop.ini" {
			return true
		}
	}
	return false
}

// errBudget ends the reading of an archive that unpacks to more than its limit.
var errBudget = errors.New("unpacks to more than the limit")

// A budget bounds how many bytes are read in all through the readers made of it.
type budget struct{ left int64 }

// reader returns a reader of r that costs budget.
func (b *budget) reader(r io.Reader) io.Reader { return &budgetReader{r, b} }

type budgetReader struct {
	r      io.Reader
	budget *budget
}

func (r *budgetReader) Read(p []byte) (int, error) {
	if r.budget.left <= 0 {
		return 0, errBudget
	}
	if int64(len(p)) > r.budget.left {
		p = p[:r.budget.left]
	}
	n, err := r.r.Read(p)
	r.budget.left -= int64(n)
	return n, err
}

// A visitor is told of each file of an archive. An error ends the walk.
type visitor func(file string, r io.Reader) error

// walkTar visits the files of a tar. Their content is charged to limit as well as
// the tar itself: a sparse file has gigabytes of zeros in a few bytes.
func walkTar(r io.Reader, limit *budget, visit visitor) error {
	archive := tar.NewReader(r)
	for n := 0; ; n++ {
		header, err := archive.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("after %d files: %w", n, err)
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		if err := visit(header.Name, limit.reader(archive)); err != nil {
			return err
		}
	}
}

// walkZip visits the files of a zip. Files that cannot be opened go to broken.
func walkZip(files []*zip.File, limit *budget, visit visitor, broken func(file string, err error)) error {
	for _, file := range files {
		if !file.Mode().IsRegular() {
			continue
		}
		const encryption = 1
		if file.Flags&encryption != 0 {
			broken(file.Name, errEncrypted)
			continue
		}
		content, err := file.Open()
		if err != nil {
			broken(file.Name, err)
			continue
		}
		err = visit(file.Name, limit.reader(content))
		_ = content.Close() // Says no more than reading did.
		if err != nil {
			return err
		}
	}
	return nil
}

// errEncrypted says that a file of a zip needs a password.
var errEncrypted = errors.New("it is encrypted; unpack it with its password first")

// unzip opens a gzip stream and looks at its beginning.
func unzip(r io.Reader, limit *budget) (*bufio.Reader, []byte, error) {
	unpacked, err := gzip.NewReader(r)
	if err != nil {
		return nil, nil, err
	}
	return peek(limit.reader(unpacked))
}

// peek returns r with its first bytes, fewer where it is shorter.
func peek(r io.Reader) (*bufio.Reader, []byte, error) {
	buffered := bufio.NewReaderSize(r, 64<<10)
	head, err := buffered.Peek(peekBytes)
	if err != nil && err != io.EOF {
		return nil, nil, err
	}
	return buffered, head, nil
}
