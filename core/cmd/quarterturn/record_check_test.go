package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestRecordLooksAheadOfItsWork checks that what cannot become a file is refused
// before any network is looked at.
func TestRecordLooksAheadOfItsWork(t *testing.T) {
	root, folder := recordable(t, "0"), t.TempDir()
	file := filepath.Join(folder, "file")
	writeFiles(t, folder, map[string]string{"file": "x"})
	for _, tt := range []struct {
		want string
		code int
		out  string
		more []string
	}{
		{"is a folder", 2, folder, nil},
		{"--out " + filepath.Join(file, "a.qtr"), 2, filepath.Join(file, "a.qtr"), nil},
		{"part 3 to lay out by", 2, filepath.Join(folder, "a.qtr"), []string{"--stage", "3"}},
		{"part -2 to lay out by", 2, filepath.Join(folder, "a.qtr"), []string{"--stage", "-2"}},
		{"description of the pictures has 5000 bytes", 1, filepath.Join(folder, "a.qtr"), []string{"--learnt-from", strings.Repeat("x", 5000)}},
	} {
		code, _, message := call(t, append(recordArgs(root, tt.out), tt.more...)...)
		if code != tt.code || !strings.Contains(message, tt.want) || strings.Contains(message, "epoch 0 of") {
			t.Errorf("exit code %d, %.300q, want %d, %q, and no epoch that was measured", code, message, tt.code, tt.want)
		}
	}
}
