package dataset

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"quarterturn/core/fault"
)

// Open reads the pictures of a directory or a file. What it is shows from its
// content:
//
//	a picture set           see below
//	a .zip, .tar, .tar.gz   of one
//	a .bin, .bin.gz         records in CIFAR-10's binary format
//	a picture               a set of one
//
// A directory with .bin or .bin.gz files, or with CIFAR-10's folder
// cifar-10-batches-bin, is read as records: those with "test" in their name are
// for testing, and batches.meta.txt names the classes. Pictures and archives
// beside them are left aside, which a notice says.
//
// In any other directory every picture file is read, at any depth. The first
// folder below those that all pictures share names the class, except train and
// test (or val), which divide the set. Pictures without such a folder are
// unlabelled, unless their names are of the form 00017_6_frog.jpg (position,
// label, class). A directory that holds nothing but one archive is that archive.
//
// The set is there even with an error: its Problems say which files could not be
// used, and why.
func Open(path string, options Options) (*Set, error) {
	im, err := NewImporter(options)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fault.Errorf("dataset", "%w", err)
	}
	if info.IsDir() {
		err = im.addDirectory(os.DirFS(path))
	} else {
		err = im.addFile(os.DirFS(filepath.Dir(path)), filepath.Base(path))
	}
	if err != nil {
		return nil, fault.Errorf("dataset", "%s: %w", path, err)
	}
	set, err := im.Finish()
	if errors.Is(err, ErrEmpty) {
		return set, fmt.Errorf("%w in %s%s", err, path, because(set, filepath.Base(path)))
	}
	return set, err
}

// because gives the first reason for an empty set. Of the file that was chosen,
// whose name the reader knows already, the reason is enough.
func because(set *Set, chosen string) string {
	switch {
	case len(set.Problems) > 0 && set.Problems[0].File == chosen:
		return ": " + set.Problems[0].Reason
	case len(set.Problems) > 0:
		return ": " + set.Problems[0].File + ": " + set.Problems[0].Reason
	case len(set.Notices) > 0:
		return ": " + set.Notices[0]
	}
	return ""
}

// addDirectory reads what Open says about directories.
func (im *Importer) addDirectory(fsys fs.FS) error {
	if nested, err := fs.Sub(fsys, "cifar-10-batches-bin"); err == nil {
		if found, err := listing(nested); err == nil && len(found.records) > 0 {
			fsys = nested
		}
	}
	found, err := listing(fsys)
	if err != nil {
		return err
	}
	if len(found.records) > 0 {
		return im.addRecordFiles(fsys, found)
	}
	if err := im.addFolder(fsys); err != nil {
		return err
	}
	if len(im.origins) > 0 || len(found.archives) != 1 {
		im.aside(found.archives, "the pictures")
		return nil
	}
	im.notice("the pictures are those of %s", found.archives[0])
	return im.addFile(fsys, found.archives[0])
}

// contents are the files of a directory, by what an import has to know.
type contents struct {
	records, archives, pictures []string // Names, ascending.
	names                       bool     // There is a batches.meta.txt.
}

// listing sorts the files of a directory by their names.
func listing(fsys fs.FS) (contents, error) {
	var c contents
	entries, err := fs.ReadDir(fsys, ".")
	for _, entry := range entries {
		name := strings.ToLower(entry.Name())
		switch {
		case entry.IsDir() || isJunk(name):
		case isRecordsName(name):
			c.records = append(c.records, entry.Name())
		case isArchiveName(name):
			c.archives = append(c.archives, entry.Name())
		case hasPictureName(name):
			c.pictures = append(c.pictures, entry.Name())
		case name == metaFile:
			c.names = true
		}
	}
	return c, err
}

// isArchiveName reports whether a lower-case name is that of an archive, which is read or
// not.
func isArchiveName(name string) bool {
	return isTarName(name) || slices.Contains([]string{".zip", ".bz2", ".tbz2", ".xz", ".txz", ".7z", ".rar", ".zst"}, path.Ext(name))
}

// addRecordFiles reads the binary files of a directory, names first: they say
// which labels are valid.
func (im *Importer) addRecordFiles(fsys fs.FS, found contents) error {
	files := found.records
	im.reserve(recordsIn(fsys, files))
	if found.names {
		files = append([]string{metaFile}, files...)
	}
	for _, file := range files {
		if err := im.addFile(fsys, file); err != nil {
			return err
		}
	}
	im.aside(append(found.archives, found.pictures...), "the .bin files")
	return nil
}

// aside says which files besides those used were left out.
func (im *Importer) aside(files []string, used string) {
	const named = 3
	switch n := len(files); {
	case n == 0:
	case n > named:
		im.notice("%s were read; %d files beside them were not", used, n)
	default:
		im.notice("%s were read; %s beside them was not: name it to read it", used, strings.Join(files, ", "))
	}
}

// A tally counts pictures to come: those to learn from, and those for the test.
type tally struct{ train, test int }

// picture counts a file if it is called a picture.
func (t *tally) picture(file string) {
	if !hasPictureName(strings.ToLower(file)) {
		return
	}
	if _, test := place(file); test {
		t.test++
		return
	}
	t.train++
}

// reserve makes room for more pictures, or as many as may be: grown bit by bit, their
// pixels would be held twice and copied many times.
func (im *Importer) reserve(t tally) {
	left := im.options.Limits.Pictures - im.set.Train.Len() - im.set.Test.Len()
	t.train = max(0, min(t.train, left))
	im.set.Train.reserve(t.train)
	im.set.Test.reserve(max(0, min(t.test, left-t.train)))
}

// picturesBelow counts the pictures of a file system by their names.
func picturesBelow(fsys fs.FS) (t tally) {
	_ = fs.WalkDir(fsys, ".", func(file string, entry fs.DirEntry, err error) error { // What cannot be read is said by addFolder.
		if err == nil && entry.Type().IsRegular() {
			t.picture(file)
		}
		return nil
	})
	return t
}

// recordsIn counts the records of files that are not compressed.
func recordsIn(fsys fs.FS, files []string) (t tally) {
	for _, file := range files {
		info, err := fs.Stat(fsys, file)
		if err != nil || !strings.HasSuffix(strings.ToLower(file), ".bin") {
			continue
		}
		n := int(min(info.Size()/RecordSize, math.MaxInt32))
		if isTestRecords(file) {
			t.test += n
		} else {
			t.train += n
		}
	}
	return t
}

// addFolder reads every picture below the root of fsys. Symbolic links are not
// followed.
func (im *Importer) addFolder(fsys fs.FS) error {
	im.reserve(picturesBelow(fsys))
	return fs.WalkDir(fsys, ".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case im.stop != nil:
			return fs.SkipAll
		case err != nil && file == ".":
			return err
		case err != nil:
			im.problem(file, fault.Reason(err))
			return nil
		case file != "." && isJunk(path.Base(file)):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !entry.Type().IsRegular() || isArchiveName(strings.ToLower(file)):
			return nil
		}
		if err := im.addFile(fsys, file); err != nil {
			im.problem(file, fault.Reason(err))
		}
		return nil
	})
}

// addFile reads one file of a file system, of which no more is held than a
// picture. The error is of opening it; all else becomes a Problem.
func (im *Importer) addFile(fsys fs.FS, name string) error {
	file, err := fsys.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	buffered, head, err := peek(file)
	if err != nil {
		return err
	}
	switch kindOf(name, head) {
	case kindZip:
		return im.addZipFile(file, name)
	case kindGzip, kindTar:
		im.addStream(name, buffered)
	default:
		im.end(name, im.take("", name, buffered))
	}
	return nil
}

// addZipFile reads a zip, which has its table of contents at the end.
func (im *Importer) addZipFile(file fs.File, name string) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if at, ok := file.(interface {
		ReadAt(p []byte, offset int64) (int, error)
	}); ok {
		im.addZip(name, at, info.Size())
		return nil
	}
	im.problem(name, "a zip in a file system that reads from front to back only")
	return nil
}
