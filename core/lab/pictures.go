package lab

import (
	"quarterturn/core/dataset"
	"quarterturn/core/fault"
	"quarterturn/core/run"
)

// thumbSide is the most that the pictures have which people look at: large enough for a
// projector, small enough for a thousand of them.
const thumbSide = 128

// limits keep an import within a tab's memory, which a browser ends without a
// word when it is full: a camera's 50 megapixels while they are decoded, and
// 60 kB for each picture that is kept, its preview included.
var limits = dataset.Limits{Pixels: 52 << 20, Pictures: 20_000, TotalBytes: 2 << 30}

// addPictures imports files. What came in is reported a few dozen pictures at a
// time: the page draws after each report.
func (l *Lab) addPictures(c run.AddPictures) error {
	if c.Replace {
		l.collection.clear(c.Set)
		l.report(l.collection.changed(true, nil, nil))
	}
	im := importing{lab: l, all: len(c.Files), side: thumbSide, pass: func(pictures []decoded, problems []run.Problem) {
		l.report(l.collection.changed(false, l.collection.take(pictures), problems))
	}}
	for i, file := range c.Files {
		im.done = i
		im.file(file)
	}
	im.flush()
	l.report(run.Importing{Done: im.all, All: im.all})
	return nil
}

// An importing decodes files, one after the other.
type importing struct {
	lab       *Lab
	side      int                            // Of previews, at most.
	pass      func([]decoded, []run.Problem) // Where pictures go.
	done, all int                            // Files; pictures of an archive count as it is read.
	read      int                            // Pictures of the current file.
	previews  map[string][]byte              // By the picture's name.
	pictures  []decoded                      // Not yet passed on.
	problems  []run.Problem
}

// passEvery is how many pictures or problems are passed on at once.
const passEvery = 48

// flush passes on what has come in since the last time.
func (im *importing) flush() {
	for len(im.pictures)+len(im.problems) > 0 {
		n := min(len(im.pictures), passEvery) // An archive comes in as a whole.
		im.pass(im.pictures[:n], im.problems)
		im.pictures, im.problems = im.pictures[n:], nil
		im.lab.options.Yield()
	}
}

// file imports one picture or archive.
func (im *importing) file(f run.File) {
	im.imports(f.Path, dataset.Options{}, func(importer *dataset.Importer) { importer.Add(f.Path, f.Bytes) },
		func(set *dataset.Set) bool { return set.Test.Len() > 0 })
}

// part imports files of a zip.
func (im *importing) part(z *dataset.Zip, path string, from, to int) {
	im.imports(path, dataset.Options{TestAlone: true}, func(importer *dataset.Importer) { importer.AddPart(z, from, to) },
		func(*dataset.Set) bool { return z.IsDivided() })
}

// imports imports what add gives to an importer. isDivided tells of what came whether
// its source said which pictures are for validation.
func (im *importing) imports(path string, o dataset.Options, add func(*dataset.Importer), isDivided func(*dataset.Set) bool) {
	im.read, im.previews = 0, map[string][]byte{}
	o.Side, o.HoldOut, o.FolderIsClass = Side, -1, true
	o.PreviewSide, o.Each, o.Limits = im.side, im.each, limits
	importer, err := dataset.NewImporter(o)
	if err != nil {
		im.problems = append(im.problems, run.Problem{File: path, Reason: fault.Reason(err)})
		return
	}
	im.progress(path)
	add(importer)
	set, err := importer.Finish()
	im.problems = append(im.problems, problemsOf(set, path, err)...)
	im.take(set, isDivided(set))
	if len(im.pictures)+len(im.problems) >= passEvery {
		im.flush()
	}
}

// each keeps the preview of a picture; dataset calls it as it goes through an
// archive.
func (im *importing) each(p dataset.Picture) error {
	im.previews[p.File] = append([]byte(nil), p.Preview...)
	im.read++
	if im.read%16 == 0 { // Often enough to move, seldom enough to cost nothing.
		im.progress(p.File)
	}
	return nil
}

func (im *importing) progress(file string) {
	seen := im.done + im.read
	im.lab.report(run.Importing{File: file, Done: seen, All: max(im.all, seen)})
	im.lab.options.Yield()
}

// take takes the pictures of a set.
func (im *importing) take(set *dataset.Set, divided bool) {
	for _, part := range []*dataset.Pictures{set.Train, set.Test} {
		use := undecided
		if divided && part == set.Test {
			use = toValidate
		} else if divided {
			use = toLearn
		}
		for i := range part.Len() {
			im.pictures = append(im.pictures, decoded{
				name: part.Name(i), class: part.Class(i), use: use, pixels: part.At(i), preview: im.previews[part.Name(i)],
			})
		}
	}
}

// problemsOf lists what went wrong with a file, for people.
func problemsOf(set *dataset.Set, file string, err error) []run.Problem {
	var problems []run.Problem
	for _, p := range set.Problems {
		problems = append(problems, run.Problem{File: p.File, Reason: p.Reason})
	}
	for _, notice := range set.Notices {
		problems = append(problems, run.Problem{File: file, Reason: notice})
	}
	if err != nil && len(problems) == 0 {
		problems = append(problems, run.Problem{File: file, Reason: fault.Reason(err)})
	}
	return problems
}

// openPictures replaces the collection by a built-in set.
func (l *Lab) openPictures(c run.OpenPictures) error {
	sheets, err := dataset.ReadSheets(func(name string) ([]byte, error) {
		for _, f := range c.Files {
			if f.Path == name {
				return f.Bytes, nil
			}
		}
		if name == dataset.SheetPreview {
			return nil, nil
		}
		return nil, fault.Errorf("lab", "the set %s has no %s", c.Set, name)
	})
	if err != nil {
		return err
	}
	if sheets.Set.Train.Side != Side {
		return fault.New("lab", "the set's pictures have another side than the network")
	}
	l.collection.clear(c.Set)
	l.collection.classes = sheets.Set.Train.Classes
	thumbs := l.addSheet(sheets.Set.Train, false, sheets)
	thumbs = append(thumbs, l.addSheet(sheets.Set.Test, true, nil)...)
	l.report(l.collection.changed(true, thumbs, nil))
	return nil
}

// addSheet takes in the pictures of one sheet, with larger thumbnails where the
// set has them.
func (l *Lab) addSheet(p *dataset.Pictures, test bool, previews *dataset.Sheets) []run.Thumb {
	var thumbs []run.Thumb
	for i := range p.Len() {
		class := int(p.Labels[i])
		id := l.collection.add(item{name: p.Name(i), class: class, test: test, pixels: p.At(i)})
		thumb := run.Thumb{ID: id, Name: p.Name(i), Class: class, Test: test, Side: p.Side, Pixels: p.At(i)}
		if previews != nil && previews.Preview[i] >= 0 {
			thumb.Side, thumb.Pixels = previews.Previews.Side, previews.Previews.At(previews.Preview[i])
		}
		thumbs = append(thumbs, thumb)
	}
	return thumbs
}
