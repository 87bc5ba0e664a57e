package site

import (
	"bytes"
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
