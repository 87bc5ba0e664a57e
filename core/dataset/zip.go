package dataset

import (
	"archive/zip"
	"errors"
	"io"

	"quarterturn/core/fault"
)

// A Zip is an archive that several importers read a part of each, such as those of
// several workers. The classes of all parts are those of the whole.
//
// It reads its directory once and may be used again and again, by one goroutine at a
// time.
type Zip struct {
	name    string
	archive *zip.Reader
	origins []origin // Of all pictures, by their names.
	tally   tally
}

// OpenZip reads the directory of a zip. Its path is as for Importer.Add. Errors are
// for people.
func OpenZip(file string, r io.ReaderAt, size int64) (*Zip, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fault.Errorf("dataset", "%w", err)
	}
	z := &Zip{name: file, archive: archive}
	seen := map[origin]bool{}
	im := &Importer{} // Of which the notices are not wanted here.
	for _, entry := range archive.File {
		name := entry.Name
		if !entry.Mode().IsRegular() || isJunk(name) || leadsOut(name) || kindOf(name, nil) != kindPicture {
			continue
		}
		z.tally.picture(name)
		if o, _ := place(im.inUTF8(file, name)); !seen[o] {
			seen[o] = true
			z.origins = append(z.origins, o)
		}
	}
	return z, nil
}

// Files returns how many files the archive has, of any kind.
func (z *Zip) Files() int { return len(z.archive.File) }

// IsDivided reports whether some of the pictures, and not all of them, are for testing,
// as their names say.
func (z *Zip) IsDivided() bool { return z.tally.test > 0 && z.tally.train > 0 }

// AddPart is Add for the files from to to-1 of a zip. Options.TestAlone has to be set,
// since a part may have nothing but pictures for testing; whether these are ordinary
// ones is what IsDivided says. It panics where there are no such files.
func (im *Importer) AddPart(z *Zip, from, to int) {
	if im.stop != nil {
		return
	}
	for _, o := range z.origins {
		if _, ok := im.index[o]; !ok {
			im.index[o] = int32(len(im.origins))
			im.origins = append(im.origins, o)
		}
	}
	im.end(z.name, im.walkZip(z.name, z.archive.File[from:to]))
}

// walkZip takes files of a zip.
func (im *Importer) walkZip(file string, files []*zip.File) error {
	return walkZip(files, &im.budget, func(inner string, r io.Reader) error {
		lost := im.set.Lost
		err := im.finish(r, lost, im.take(file, inner, r))
		if errors.As(err, new(brokenFile)) && !errors.Is(err, errBudget) { // The next one has a stream of its own.
			im.end(file+"/"+inner, err)
			return nil
		}
		return err
	}, func(inner string, err error) { im.end(file+"/"+inner, err) })
}
