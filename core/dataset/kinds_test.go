package dataset

import (
	"bytes"
	"fmt"
	"io"
	"testing"
)

// TestKindOf has each name and each beginning by which a file is known.
func TestKindOf(t *testing.T) {
	tar := make([]byte, peekBytes)
	copy(tar[tarMagicOffset:], tarMagic)
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
		{"a", tar, kindTar},
		{"a", tar[:tarMagicOffset+len(tarMagic)], kindTar},
		{"a", tar[:tarMagicOffset+len(tarMagic)-1], kindOther},
		{"a.tar", []byte("old"), kindTar},
		{"a.TAR.gz", []byte("old"), kindTar},
		{"a.tgz", []byte("old"), kindTar},
		{"test_batch.bin", []byte{6}, kindRecords},
		{"test_batch.bin.gz", []byte{6}, kindRecords},
		{"a.txt", []byte("words"), kindOther},
		{"a.txt", nil, kindOther},
		{"a.zip", []byte("words"), kindOther},
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
