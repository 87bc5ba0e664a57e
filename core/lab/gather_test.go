package lab

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"io"
	"reflect"
	"testing"

	"quarterturn/assets"
	"quarterturn/core/dataset"
	"quarterturn/core/run"
)

// manyPhotographs are n files of real pictures in three classes, as PNG.
func manyPhotographs(t testing.TB, n int) []run.File {
	t.Helper()
	sheets, err := assets.Pictures("photographs")
	if err != nil {
		t.Fatal(err)
	}
	p := sheets.Set.Train
	files := make([]run.File, n)
	for i := range files {
		picture := image.NewRGBA(image.Rect(0, 0, p.Side, p.Side))
		for k := range p.Side * p.Side {
			copy(picture.Pix[4*k:], p.At(i)[dataset.Channels*k:][:dataset.Channels])
			picture.Pix[4*k+3] = 0xff
		}
		var b bytes.Buffer
		if err := png.Encode(&b, picture); err != nil {
			t.Fatal(err)
		}
		files[i] = run.File{Path: fmt.Sprintf("mine/%c/%03d.png", 'a'+i%3, i), Bytes: b.Bytes()}
	}
	return files
}

// zipped is files as a zip.
func zipped(t testing.TB, files []run.File) []byte {
	t.Helper()
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	for _, f := range files {
		w, err := archive.Create(f.Path)
		if err == nil {
			_, err = w.Write(f.Bytes)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// carriedOut returns what a lab reports of commands. It has no backend: none is for it.
func carriedOut(t testing.TB, files []run.File, commands ...run.Command) (*Lab, []run.Event) {
	t.Helper()
	var events []run.Event
	l := New(Options{
		Report: func(a run.Answer) { events = append(events, a.Event) },
		Open: func(key int) (io.ReaderAt, error) {
			return bytes.NewReader(files[key].Bytes), nil
		},
	})
	for _, c := range commands {
		if err := l.carryOut(context.Background(), queued{Order: run.Order{Number: 1, Command: c}}); err != nil {
			t.Fatal(err)
		}
	}
	return l, events
}

// decodedBy returns the commands that take in what a helper answers.
func decodedBy(t testing.TB, files []run.File, c run.Command) (takes []run.Command) {
	t.Helper()
	_, events := carriedOut(t, files, c)
	for _, e := range events {
		if d, ok := e.(run.PicturesDecoded); ok {
			takes = append(takes, run.TakePictures(d))
		}
	}
	return takes
}

func sourceOf(files []run.File, key int) run.Source {
	return run.Source{Path: files[key].Path, Bytes: int64(len(files[key].Bytes)), Key: key}
}

// TestHelpersMakeTheSameCollection imports files by one worker, and in parts that others
// decode: pixels, classes, uses and order are the same.
func TestHelpersMakeTheSameCollection(t *testing.T) {
	files := manyPhotographs(t, 100)
	files = append(files, run.File{Path: "mine/a/broken.png", Bytes: []byte("\x89PNG\r\n\x1a\n")})
	alone, _ := carriedOut(t, nil, run.AddPictures{Files: files})
	var takes []run.Command
	for from := 0; from < len(files); from += 40 {
		c := run.DecodePictures{PreviewSide: 64}
		for key := from; key < min(from+40, len(files)); key++ {
			c.Sources = append(c.Sources, sourceOf(files, key))
		}
		takes = append(takes, decodedBy(t, files, c)...)
	}
	shared, events := carriedOut(t, nil, takes...)
	if !reflect.DeepEqual(shared.collection.items, alone.collection.items) || !reflect.DeepEqual(shared.collection.classes, alone.collection.classes) {
		t.Error("the collections differ")
	}
	problems, thumbs := 0, 0
	for _, e := range events {
		if c, ok := e.(run.PicturesChanged); ok {
			problems += len(c.Problems)
			thumbs += len(c.Added)
			for _, thumb := range c.Added {
				if thumb.Side != 32 || len(thumb.Pixels) != 32*32*3 { // No larger than the picture.
					t.Fatalf("the thumbnail of %s has side %d", thumb.Name, thumb.Side)
				}
			}
		}
	}
	if problems != 1 || thumbs != 100 {
		t.Errorf("%d problems and %d thumbnails, want 1 and 100", problems, thumbs)
	}
}

func TestHelpersShareAZip(t *testing.T) {
	files := []run.File{{Path: "many.zip", Bytes: zipped(t, manyPhotographs(t, 70))}}
	alone, _ := carriedOut(t, nil, run.AddPictures{Files: files})
	_, events := carriedOut(t, files, run.ListArchive{Source: sourceOf(files, 0)})
	if want := []run.Event{run.ArchiveListed{Files: 70}}; !reflect.DeepEqual(events, want) {
		t.Fatalf("the archive is listed as %v, want %v", events, want)
	}
	var takes []run.Command
	for from := 0; from < 70; from += 30 {
		takes = append(takes, decodedBy(t, files, run.DecodePictures{
			Sources: []run.Source{sourceOf(files, 0)}, From: from, To: min(from+30, 70), PreviewSide: 64,
		})...)
	}
	shared, _ := carriedOut(t, nil, takes...)
	if !reflect.DeepEqual(shared.collection.items, alone.collection.items) || !reflect.DeepEqual(shared.collection.classes, alone.collection.classes) {
		t.Error("the collections differ")
	}
}

func TestDecodingRefuses(t *testing.T) {
	files := []run.File{{Path: "a.zip", Bytes: zipped(t, manyPhotographs(t, 2))}, {Path: "b.zip", Bytes: []byte("no")}}
	l, _ := carriedOut(t, files)
	for _, c := range []run.Command{
		run.ListArchive{Source: sourceOf(files, 1)},
		run.DecodePictures{PreviewSide: 0},
		run.DecodePictures{PreviewSide: thumbSide + 1},
		run.TakePictures{Blob: []byte("no")},
	} {
		if err := l.carryOut(context.Background(), queued{Order: run.Order{Command: c}}); err == nil {
			t.Errorf("%#v was carried out", c)
		}
	}
	if takes := decodedBy(t, files, run.DecodePictures{Sources: []run.Source{sourceOf(files, 0)}, From: 1, To: 9, PreviewSide: 64}); len(takes) != 1 {
		t.Errorf("%d answers to files that are not there, want one with the problem", len(takes))
	}
}

// TestBlocks reads through blocks as without them.
func TestBlocks(t *testing.T) {
	content := make([]byte, 2*blockBytes+100)
	for i := range content {
		content[i] = byte(i * 7 >> 3)
	}
	b := &blocks{r: bytes.NewReader(content), size: int64(len(content))}
	for _, at := range []int{0, 1, blockBytes - 5, 2 * blockBytes, 17, 2*blockBytes + 90} {
		got, want := make([]byte, 20), make([]byte, 20)
		n, err := b.ReadAt(got, int64(at))
		m, wantErr := bytes.NewReader(content).ReadAt(want, int64(at))
		if n != m || err != wantErr || !bytes.Equal(got, want) {
			t.Errorf("at %d: %d bytes, %v, want %d, %v", at, n, err, m, wantErr)
		}
	}
	short := &blocks{r: bytes.NewReader(content[:50]), size: 100}
	if _, err := short.ReadAt(make([]byte, 10), 60); err != io.ErrUnexpectedEOF {
		t.Errorf("a file that got shorter: %v, want %v", err, io.ErrUnexpectedEOF)
	}
}

func FuzzDecodeDecoded(f *testing.F) {
	pictures := []decoded{{name: "a", class: "b", use: toLearn, pixels: make([]byte, pixelBytes), preview: make([]byte, 4*4*3)}}
	f.Add(encodeDecoded(pictures, []run.Problem{{File: "c", Reason: "d"}}))
	f.Add(encodeDecoded(nil, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		pictures, problems, err := decodeDecoded(b)
		if err != nil {
			return
		}
		if again := encodeDecoded(pictures, problems); !bytes.Equal(again, b) {
			t.Errorf("%x is read as %v and %v, which is written as %x", b, pictures, problems, again)
		}
	})
}
