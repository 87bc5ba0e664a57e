package host

import (
	"strings"
	"testing"

	"quarterturn/server/site"
)

var someHash = strings.Repeat("0", 64)

func TestChoose(t *testing.T) {
	full := &site.File{Hash: someHash, Raw: []byte("raw"), Brotli: []byte("br"), Gzip: []byte("gz")}
	plain := &site.File{Hash: someHash, Raw: []byte("raw")}
	tests := []struct {
		name   string
		file   *site.File
		accept []string
		want   string
	}{
		{"no header", full, nil, identity},
		{"empty header", full, []string{""}, identity},
		{"a browser's", full, []string{"gzip, deflate, br, zstd"}, "br"},
		{"gzip alone", full, []string{"gzip"}, "gzip"},
		{"old name of gzip", full, []string{"x-gzip"}, "gzip"},
		{"upper case", full, []string{"BR"}, "br"},
		{"two header lines", full, []string{"gzip", "br"}, "br"},
		{"gzip preferred", full, []string{"br;q=0.5, gzip;q=0.8"}, "gzip"},
		{"weights of 1 and 0", full, []string{"br;q=0, gzip;q=1, identity;q=0.9"}, "gzip"},
		{"identity preferred", full, []string{"br;q=0.5, identity"}, identity},
		{"as good as identity", full, []string{"br, identity"}, "br"},
		{"brotli refused", full, []string{"br;q=0, gzip"}, "gzip"},
		{"refused in three digits", full, []string{"br;q=0.000, gzip;q=0.001"}, "gzip"},
		{"spaces", full, []string{" br ; Q = 0.9 ,gzip ; q=0.1"}, "br"},
		{"any", full, []string{"*"}, "br"},
		{"any but brotli", full, []string{"*, br;q=0"}, "gzip"},
		{"any refused", full, []string{"*;q=0"}, identity}, // There is nothing better to send.
		{"identity refused", full, []string{"identity;q=0, gzip;q=0.1"}, "gzip"},
		{"unknown", full, []string{"zstd, compress"}, identity},
		{"weight is no number", full, []string{"br;q=high, gzip"}, "gzip"},
		{"weight above 1", full, []string{"br;q=2, gzip"}, "gzip"},
		{"weight is NaN", full, []string{"br;q=NaN, gzip"}, "gzip"},
		{"other parameter", full, []string{"br;level=1, gzip"}, "gzip"},
		{"part of a name", full, []string{"brotli, gzipped"}, identity},
		{"no compressed forms", plain, []string{"br, gzip"}, identity},
		{"no compressed forms, identity refused", plain, []string{"br, identity;q=0"}, identity},
	}
	forms := map[string]string{identity: "raw", "br": "br", "gzip": "gz"}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := newPage(tt.file).choose(tt.accept)
			if got.coding != tt.want || string(got.body) != forms[tt.want] {
				t.Errorf("choose(%q) = %s, %q, want %s", tt.accept, got.coding, got.body, tt.want)
			}
		})
	}
}

// FuzzChoose checks that a coding is sent only to clients that name it or "*".
func FuzzChoose(f *testing.F) {
	f.Add("gzip, deflate, br")
	f.Add("br;q=0, *;q=0.1")
	f.Add(";;,,q=,*;q=-1")
	file := &site.File{Hash: someHash, Raw: []byte("raw"), Brotli: []byte("br"), Gzip: []byte("gz")}
	f.Fuzz(func(t *testing.T, accept string) {
		coding := newPage(file).choose([]string{accept}).coding
		if coding != identity && !strings.Contains(strings.ToLower(accept), coding) && !strings.Contains(accept, "*") {
			t.Errorf("choose(%q) = %s", accept, coding)
		}
	})
}
