package dataset

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// TestKindOf has each name and each beginning by which a file is known.
func TestKindOf(t *testing.T) {
	block := make([]byte, peekBytes)
	copy(block[tarMagicOffset:], tarMagic)
	tests := []struct {
		name string
		head []byte
		want kind
	}{
		{"batches.meta.txt", []byte("airplane"), kindNames},
		{"a/Batches.Meta.txt", nil, kindNames},
		{"a", []byte("PK\x03\x04..."), kindZip},
		{"empty.jpg", []byte("PK\x05\x06..."), kindZip},
		{"a.bin", []byte("\x1f\x8b..."), kindGzip},
		{"a", block, kindTar},
		{"a", block[:tarMagicOffset+len(tarMagic)], kindTar},
		{"a", block[:tarMagicOffset+len(tarMagic)-1], kindOther},
		{"a.tar", []byte("old"), kindTar},
		{"a.TAR.gz", []byte("old"), kindTar},
		{"a.tgz", []byte("old"), kindTar},
		{"test_batch.bin", []byte{6}, kindRecords},
		{"test_batch.bin.gz", []byte{6}, kindRecords},
		{"a.txt", []byte("words"), kindOther},
		{"a.txt", nil, kindOther},
		{"a.zip", []byte("words"), kindZip},
		{"folder.jpg/readme", []byte("words"), kindOther},
		{`folder.jpg\readme`, []byte("words"), kindOther},
		{"photo", []byte("\x89PNG\r\n\x1a\n"), kindPicture},
	}
	for _, extension := range []string{".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".webp", ".JPG"} {
		tests = append(tests, struct {
			name string
			head []byte
			want kind
		}{"picture" + extension, []byte("words"), kindPicture}) // It says what is wrong with it.
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s %.8q", tt.name, bytes.Trim(tt.head, "\x00")), func(t *testing.T) {
			if got := kindOf(tt.name, tt.head); got != tt.want {
				t.Errorf("kind %v, want %v", got, tt.want)
			}
		})
	}
}

func TestIsJunk(t *testing.T) {
	for file, want := range map[string]bool{
		"cat/a.jpg": false, "./cat/../a.jpg": false, "Thumbs.db.jpg": false,
		".DS_Store": true, "cat/.a.jpg": true, "__MACOSX/cat/a.jpg": true, "cat/Thumbs.db": true, `cat\desktop.ini`: true,
	} {
		if got := isJunk(file); got != want {
			t.Errorf("isJunk(%q) = %v", file, got)
		}
	}
}

// TestBudgetIsExact: what is read with one call counts too.
func TestBudgetIsExact(t *testing.T) {
	limit := &budget{left: 7}
	for _, want := range []int{5, 2, 0} { // Two readers share it.
		b := make([]byte, 5)
		n, err := io.ReadFull(limit.reader(bytes.NewReader(make([]byte, 100))), b)
		if n != want || (n < 5) != (err != nil) || n == 0 && err != errBudget {
			t.Errorf("read %d bytes (%v), want %d", n, err, want)
		}
	}
	if limit.left != 0 {
		t.Errorf("%d bytes are left", limit.left)
	}
}

func TestContainersOfSomethingElse(t *testing.T) {
	for head, want := range map[string]string{
		"RIFF....WAVEfmt ":     errNoPicture.Error(),
		"FORM....WEBPVP8 ":     errNoPicture.Error(),
		"RIFF....WEB":          errNoPicture.Error(),
		"<?xml version":        "SVG",
		"\xff\x0a......":       "JPEG XL",
		"\x00\x00\x00\x0cJXL ": "JPEG XL",
	} {
		if _, err := formatOf([]byte(head)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q in it", head, err, want)
		}
	}
	if _, err := formatOf([]byte("RIFF....WEBPVP8X....")); err != nil { // Its flags are cut off: decoding says so.
		t.Errorf("a WebP that is cut short: %v", err)
	}
}

// TestWalkTarVisitsFilesAlone: folders and links have no picture in them.
func TestWalkTarVisitsFilesAlone(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, header := range []tar.Header{
		{Name: "cat/", Typeflag: tar.TypeDir, Mode: 0o755},
		{Name: "cat/a.jpg", Typeflag: tar.TypeReg, Mode: 0o644},
		{Name: "cat/link.jpg", Typeflag: tar.TypeSymlink, Linkname: "a.jpg"},
		{Name: "cat/hard.jpg", Typeflag: tar.TypeLink, Linkname: "cat/a.jpg"},
		{Name: "cat/pipe.jpg", Typeflag: tar.TypeFifo},
	} {
		if err := w.WriteHeader(&header); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var visited []string
	err := walkTar(&b, &budget{left: 1 << 20}, func(file string, _ io.Reader) error { visited = append(visited, file); return nil })
	if err != nil || !slices.Equal(visited, []string{"cat/a.jpg"}) {
		t.Errorf("visited %q, %v", visited, err)
	}
}

// TestWalkZipGoesOn has a folder, a file of an unknown compression and one that is
// whole.
func TestWalkZipGoesOn(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, header := range []zip.FileHeader{{Name: "cat/"}, {Name: "cat/strange.jpg", Method: 99}, {Name: "cat/a.jpg"}} {
		if _, err := w.CreateRaw(&header); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var visited, strange []string
	archive, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	err = walkZip(archive.File, &budget{left: 1 << 20},
		func(file string, _ io.Reader) error { visited = append(visited, file); return nil },
		func(file string, err error) { strange = append(strange, fmt.Sprintf("%s: %v", file, err)) })
	if err != nil || !slices.Equal(visited, []string{"cat/a.jpg"}) || !slices.Equal(strange, []string{"cat/strange.jpg: zip: unsupported compression algorithm"}) {
		t.Errorf("visited %q, could not open %q, %v", visited, strange, err)
	}
}

func TestWhatCannotBeReadIsTold(t *testing.T) {
	if _, _, err := peek(broken{}); err != errBroken {
		t.Errorf("peek: error %v, want %v", err, errBroken)
	}
	if _, _, err := unzip(strings.NewReader("\x1f\x8bno gzip"), &budget{left: 100}); err == nil {
		t.Error("unzip takes what is no gzip")
	}
	if _, head, err := peek(strings.NewReader("short")); err != nil || string(head) != "short" {
		t.Errorf("peek at five bytes: %q, %v", head, err)
	}
}

func TestPicturesOfNothing(t *testing.T) {
	for size, header := range map[string]string{"0×5": "\x00\x00\x05\x00", "5×0": "\x05\x00\x00\x00"} {
		_, err := Decode("a.gif", []byte("GIF89a"+header+"\x00\x00\x00"), 8)
		if err == nil || !strings.Contains(err.Error(), size+" pixels: nothing to see") {
			t.Errorf("%s: error %v", size, err)
		}
	}
}

// TestScansAreCounted in a JPEG alone, and by both bytes of their marker.
func TestScansAreCounted(t *testing.T) {
	scans := func(n int, marker string) []byte { return bytes.Repeat([]byte(marker), n) }
	for name, tt := range map[string]struct {
		format string
		data   []byte
		ok     bool
	}{
		"as many as may be": {"JPEG", scans(maxScans, "\xff\xda"), true},
		"one more":          {"JPEG", scans(maxScans+1, "\xff\xda"), false},
		"other markers":     {"JPEG", scans(2*maxScans, "\xff\xd9"), true},
		"other bytes":       {"JPEG", scans(2*maxScans, "\x00\xda"), true},
		"of a PNG":          {"PNG", scans(2*maxScans, "\xff\xda"), true},
	} {
		if err := checkScans(format{name: tt.format}, tt.data); (err == nil) != tt.ok {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
