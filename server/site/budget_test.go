package site

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

func TestBudget(t *testing.T) {
	best := Best.Brotli
	tests := []struct {
		name   string
		budget string
		files  map[string]Entry
		want   string // In the error; "" for none.
	}{
		{"below", `{"/a": 10}`, map[string]Entry{"/a": {Bytes: 100, Brotli: 9, Quality: best}}, ""},
		{"at", `{"/a": 10}`, map[string]Entry{"/a": {Bytes: 100, Brotli: 10, Quality: best}}, ""},
		{"above", `{"/a": 10}`, map[string]Entry{"/a": {Bytes: 100, Brotli: 12, Quality: best}}, "12 bytes over the wire, 2 more"},
		{"without brotli form", `{"/a": 10}`, map[string]Entry{"/a": {Bytes: 11, Quality: best}}, "11 bytes"},
		{"missing", `{"/a": 10}`, nil, "there is no /a"},
		{"second one above", `{"/a": 10, "/b": 1}`, map[string]Entry{"/a": {Brotli: 1, Quality: best}, "/b": {Brotli: 2, Quality: best}}, "/b has 2"},
		{"not at its best", `{"/a": 10}`, map[string]Entry{"/a": {Brotli: 1, Quality: Fast.Brotli}}, "pack with -best"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			budget, err := ParseBudget([]byte(tt.budget))
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			err = budget.Check(Manifest{Files: tt.files}, &out)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Check = %v, want %q in it", err, tt.want)
			}
			for path := range tt.files {
				if !strings.Contains(out.String(), path) {
					t.Errorf("%s is not in the table:\n%s", path, &out)
				}
			}
		})
	}
}

func TestBudgetThatDoesNotParse(t *testing.T) {
	if _, err := ParseBudget([]byte(`["/a"]`)); err == nil {
		t.Error("a list is taken for a budget")
	}
}

// TestBudgetTable checks that files come in order, under what the numbers are, and
// that the first of several faults is told.
func TestBudgetTable(t *testing.T) {
	budget := Budget{"/c": 5, "/a": 10, "/d": 1, "/b": 1}
	entry := func(raw int) Entry { return Entry{Bytes: raw, Gzip: raw - 1, Brotli: raw - 2, Quality: Best.Brotli} }
	var out bytes.Buffer
	err := budget.Check(Manifest{Files: map[string]Entry{"/a": entry(9), "/c": entry(12), "/d": entry(30)}}, &out)
	if err == nil || !strings.Contains(err.Error(), "there is no /b") {
		t.Errorf("error %v, want that there is no /b", err)
	}
	var got []string
	for line := range strings.Lines(out.String()) {
		got = append(got, strings.Join(strings.Fields(line), " "))
	}
	want := []string{"bytes of raw gzip brotli budget", "/a 9 8 7 10", "/c 12 11 10 5", "/d 30 29 28 1"}
	if !slices.Equal(got, want) {
		t.Errorf("printed %q, want %q", got, want)
	}
	if err := budget.Check(Manifest{}, full{}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("a table that could not be printed: error %v", err)
	}
}

// A full disk.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
