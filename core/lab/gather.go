package lab

import (
	"io"

	"quarterturn/core/dataset"
	"quarterturn/core/fault"
	"quarterturn/core/run"
)

// opened is a zip whose directory was read: what comes next is another part of it.
type opened struct {
	key int
	zip *dataset.Zip
}

// zip opens a zip, or returns it again.
func (l *Lab) zip(s run.Source) (*dataset.Zip, error) {
	if l.opened.zip != nil && l.opened.key == s.Key {
		return l.opened.zip, nil
	}
	r, err := l.source(s)
	if err != nil {
		return nil, err
	}
	z, err := dataset.OpenZip(s.Path, &blocks{r: r, size: s.Bytes}, s.Bytes)
	if err != nil {
		return nil, err
	}
	l.opened = opened{s.Key, z}
	return z, nil
}

func (l *Lab) source(s run.Source) (io.ReaderAt, error) {
	if l.options.Open == nil {
		return nil, fault.New("lab", "there are no files to read here")
	}
	return l.options.Open(s.Key)
}

// listArchive reads the directory of a zip.
func (l *Lab) listArchive(c run.ListArchive) error {
	z, err := l.zip(c.Source)
	if err != nil {
		return err
	}
	l.report(run.ArchiveListed{Files: z.Files()})
	return nil
}

// decodePictures decodes files for the collection of another worker.
func (l *Lab) decodePictures(c run.DecodePictures) error {
	if c.PreviewSide < 1 || c.PreviewSide > thumbSide {
		return fault.Errorf("lab", "previews of %d pixels, want 1 to %d", c.PreviewSide, thumbSide)
	}
	im := importing{lab: l, all: len(c.Sources), side: c.PreviewSide, pass: func(pictures []decoded, problems []run.Problem) {
		l.report(run.PicturesDecoded{Blob: encodeDecoded(pictures, problems)})
	}}
	for i, s := range c.Sources {
		im.done = i
		if err := im.source(s, c.From, c.To); err != nil {
			im.problems = append(im.problems, run.Problem{File: s.Path, Reason: fault.Reason(err)})
		}
	}
	im.flush()
	return nil
}

// source imports a file, or files of a zip.
func (im *importing) source(s run.Source, from, to int) error {
	if to > 0 {
		z, err := im.lab.zip(s)
		if err != nil {
			return err
		}
		if from < 0 || from > to || to > z.Files() {
			return fault.Errorf("lab", "there are %d files, none from %d to %d", z.Files(), from, to)
		}
		im.part(z, s.Path, from, to)
		return nil
	}
	if s.Bytes > limits.TotalBytes {
		return fault.Errorf("lab", "it has %d bytes, more than the limit of %d", s.Bytes, limits.TotalBytes)
	}
	r, err := im.lab.source(s)
	if err != nil {
		return err
	}
	content := make([]byte, s.Bytes)
	if _, err := r.ReadAt(content, 0); err != nil && err != io.EOF {
		return err
	}
	im.file(run.File{Path: s.Path, Bytes: content})
	return nil
}

// takePictures has what another worker decoded join the collection.
func (l *Lab) takePictures(c run.TakePictures) error {
	pictures, problems, err := decodeDecoded(c.Blob)
	if err != nil {
		return err
	}
	if room := max(0, limits.Pictures-len(l.collection.items)); len(pictures) > room {
		problems = append(problems, run.Problem{
			File:   pictures[room].name,
			Reason: fault.Reason(fault.Errorf("lab", "the limit of %d pictures was reached; it and the next ones were left out", limits.Pictures)),
		})
		pictures = pictures[:room]
	}
	l.report(l.collection.changed(false, l.collection.take(pictures), problems))
	return nil
}

// blockBytes is what blocks reads at once, a few times what a picture of an archive has.
const blockBytes = 1 << 20

// blocks reads a file a block at a time and keeps the last two: a zip is read in steps
// of a few bytes, of which each would be a request to the browser.
type blocks struct {
	r    io.ReaderAt
	size int64
	held [2]block
}

type block struct {
	at    int64
	bytes []byte // Nil for none.
}

// ReadAt implements io.ReaderAt, for one goroutine at a time.
func (b *blocks) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fault.New("lab", "there is nothing before a file's beginning")
	}
	done := 0
	for done < len(p) {
		at := off + int64(done)
		if at >= b.size {
			return done, io.EOF
		}
		content, err := b.block(at - at%blockBytes)
		if err != nil {
			return done, err
		}
		done += copy(p[done:], content[at%blockBytes:])
	}
	return done, nil
}

// block returns the block that begins at a place.
func (b *blocks) block(at int64) ([]byte, error) {
	for i, held := range b.held {
		if held.bytes != nil && held.at == at {
			b.held[0], b.held[i] = held, b.held[0]
			return held.bytes, nil
		}
	}
	content := make([]byte, min(blockBytes, b.size-at))
	if n, err := b.r.ReadAt(content, at); n < len(content) {
		if err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	b.held = [2]block{{at, content}, b.held[0]}
	return content, nil
}
