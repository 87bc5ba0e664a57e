package dataset

import (
	"bytes"
	"errors"
	"image/png"
	"io/fs"
	"slices"
	"strings"
	"testing"
)

// sheetOf encodes pictures as a sheet.
func sheetOf(t testing.TB, p *Pictures) []byte {
	t.Helper()
	sheet, err := Tiles(p)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, sheet); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// squares returns n pictures of noise.
func squares(n, side int) *Pictures {
	p := &Pictures{Side: side}
	for i := range n {
		pixels := noise(side)
		pixels[0] = byte(i)
		p.add(pixels, Unlabelled)
	}
	return p
}

// sheetFiles are a set of 40 training pictures, two of them with previews, and
// one test picture.
func sheetFiles(t testing.TB) map[string][]byte {
	index := sheetHeader + "\n"
	for i := range 40 {
		class, preview := "dog", "-"
		if i < 2 {
			class, preview = "cat", string(rune('0'+i))
		}
		index += "train\t" + class + "\tsource " + string(rune('A'+i)) + "\t" + preview + "\n"
	}
	index += "test\tdog\tlast\t-\n"
	return map[string][]byte{
		SheetIndex: []byte(index), SheetTrain: sheetOf(t, squares(40, 3)),
		SheetTest: sheetOf(t, squares(1, 3)), SheetPreview: sheetOf(t, squares(2, 5)),
	}
}

func readSheets(files map[string][]byte) (*Sheets, error) {
	return ReadSheets(func(name string) ([]byte, error) {
		data, ok := files[name]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return data, nil
	})
}

func TestReadSheets(t *testing.T) {
	s, err := readSheets(sheetFiles(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []*Pictures{s.Set.Train, s.Set.Test, s.Previews} {
		if err := p.Validate(); err != nil {
			t.Error(err)
		}
	}
	if !bytes.Equal(s.Set.Train.Pixels, squares(40, 3).Pixels) || !bytes.Equal(s.Previews.Pixels, squares(2, 5).Pixels) {
		t.Error("pixels are not those written")
	}
	train := s.Set.Train
	if train.Class(1) != "cat" || train.Class(39) != "dog" || train.Name(2) != "source C" || s.Set.Test.Class(0) != "dog" {
		t.Errorf("classes %q, %q, %q, name %q", train.Class(1), train.Class(39), s.Set.Test.Class(0), train.Name(2))
	}
	if want := []int{0, 1, -1}; !slices.Equal(s.Preview[:3], want) || len(s.Preview) != 40 {
		t.Errorf("previews %v, want %v", s.Preview[:3], want)
	}
}

func TestReadSheetsWithoutPreviews(t *testing.T) {
	files := sheetFiles(t)
	files[SheetPreview] = nil
	s, err := readSheets(files)
	if err != nil || s.Previews.Len() != 0 || s.Preview[0] != -1 || s.Previews.Validate() != nil {
		t.Errorf("%+v, %v, want no previews", s, err)
	}
}

func TestReadSheetsErrors(t *testing.T) {
	tests := []struct {
		name   string
		damage func(files map[string][]byte)
		want   string
	}{
		{"no index", func(f map[string][]byte) { delete(f, SheetIndex) }, "file does not exist"},
		{"no sheet", func(f map[string][]byte) { delete(f, SheetTrain) }, "file does not exist"},
		{"no header", func(f map[string][]byte) { f[SheetIndex] = f[SheetIndex][1:] }, "the first line"},
		{"three columns", func(f map[string][]byte) { f[SheetIndex] = append(f[SheetIndex], "train\ta\tb\n"...) }, "line 43: 3 columns"},
		{"unknown split", func(f map[string][]byte) { f[SheetIndex] = append(f[SheetIndex], "x\ta\tb\t-\n"...) }, "line 43: split"},
		{"preview of a test picture", func(f map[string][]byte) { f[SheetIndex] = append(f[SheetIndex], "test\ta\tb\t2\n"...) }, "line 43: preview"},
		{"preview out of turn", func(f map[string][]byte) { f[SheetIndex] = append(f[SheetIndex], "train\ta\tb\t9\n"...) }, "preview 9 where 2 is next"},
		{"too few tiles", func(f map[string][]byte) { f[SheetTrain] = f[SheetTest] }, "for 40 tiles"},
		{"broken sheet", func(f map[string][]byte) { f[SheetTest] = f[SheetTest][:50] }, "test.webp: broken PNG"},
		{"not a sheet", func(f map[string][]byte) { f[SheetTest] = picture(t) }, "a sheet 6 pixels wide"},
		{"sides differ", func(f map[string][]byte) { f[SheetTest] = f[SheetPreview] }, "tiles of 3 and 5 pixels"},
		{"broken previews", func(f map[string][]byte) { f[SheetPreview] = []byte("x") }, "preview.webp: not a JPEG"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := sheetFiles(t)
			tt.damage(files)
			if _, err := readSheets(files); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
	if _, err := Tiles(&Pictures{Side: 3}); err == nil {
		t.Error("a sheet of nothing was made")
	}
	if _, err := readSheets(nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want that of the file", err)
	}
}

func FuzzReadSheets(f *testing.F) {
	files := sheetFiles(f)
	f.Add(files[SheetIndex], files[SheetTrain])
	f.Add([]byte(sheetHeader+"\ntest\ta\tb\t-\n"), files[SheetTest])
	f.Fuzz(func(t *testing.T, index, sheet []byte) {
		s, err := ReadSheets(func(name string) ([]byte, error) {
			if name == SheetIndex {
				return index, nil
			}
			return sheet, nil
		})
		if err != nil {
			return
		}
		for _, p := range []*Pictures{s.Set.Train, s.Set.Test, s.Previews} {
			if err := p.Validate(); err != nil {
				t.Error(err)
			}
		}
	})
}
