package lab

import (
	"quarterturn/core/dataset"
	"quarterturn/core/fault"
	"quarterturn/core/run"
)

// thumbSide is that of the pictures that people look at: large enough for a
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
	im := importing{lab: l, all: len(c.Files)}
	for i, file := range c.Files {
		im.done = i
		im.file(file)
	}
	im.flush()
	l.report(run.Importing{Done: im.all, All: im.all})
	return nil
}

// An importing brings files into the collection, one after the other.
type importing struct {
	lab       *Lab
	done, all int               // Files; pictures of an archive count as it is read.
	read      int               // Pictures of the current file.
	previews  map[string][]byte // By the picture's name.

	thumbs   []run.Thumb // Not yet reported.
	problems []run.Problem
}

// reportEvery is how many pictures or problems are reported at once.
const reportEvery = 48

// flush reports what has come in since the last report.
func (im *importing) flush() {
	if len(im.thumbs)+len(im.problems) == 0 {
		return
	}
	im.lab.report(im.lab.collection.changed(false, im.thumbs, im.problems))
	im.thumbs, im.problems = nil, nil
	im.lab.options.Yield()
}

// file imports one picture or archive.
func (im *importing) file(f run.File) {
	im.read, im.previews = 0, map[string][]byte{}
	importer, err := dataset.NewImporter(dataset.Options{
		Side:          Side,
		HoldOut:       -1,
		FolderIsClass: true,
		PreviewSide:   thumbSide,
		Each:          im.each,
		Limits:        limits,
	})
	if err != nil {
		im.problems = append(im.problems, run.Problem{File: f.Path, Reason: fault.Reason(err)})
		return
	}
	im.progress(f.Path)
	importer.Add(f.Path, f.Bytes)
	set, err := importer.Finish()
	im.problems = append(im.problems, problemsOf(set, f.Path, err)...)
	im.thumbs = append(im.thumbs, im.take(set)...)
	if len(im.thumbs)+len(im.problems) >= reportEvery {
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

// take moves the imported pictures into the collection.
func (im *importing) take(set *dataset.Set) []run.Thumb {
	c := &im.lab.collection
	var thumbs []run.Thumb
	for _, part := range []*dataset.Pictures{set.Train, set.Test} {
		for i := range part.Len() {
			class := c.class(part.Class(i))
			test := part == set.Test || set.Test.Len() == 0 && c.isHeldOut(class)
			id := c.add(item{name: part.Name(i), class: class, test: test, pixels: part.At(i)})
			thumbs = append(thumbs, run.Thumb{
				ID: id, Name: part.Name(i), Class: class, Test: test,
				Side: thumbSide, Pixels: im.previews[part.Name(i)],
			})
		}
	}
	return thumbs
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
