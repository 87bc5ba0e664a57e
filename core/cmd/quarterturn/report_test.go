//go:build !js

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quarterturn/core/verdict"
)

func writeFiles(t *testing.T, folder string, files map[string]string) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestReport: runs that finetune made one by one become a table, a verdict and a page.
func TestReport(t *testing.T) {
	pictures, root := tinyPictures(t), t.TempDir()
	var folders []string
	for _, seed := range []string{"1", "2"} {
		folder := filepath.Join(root, "s"+seed)
		mustCall(t, "finetune", "--data", pictures, "--side", "8", "--blocks", "1", "--width", "1", "--batch", "8", "--epochs", "1", "--pad-crop", "1", "--test", pictures, "--seed", seed, "--out", folder)
		folders = append(folders, folder)
	}
	page := filepath.Join(root, "r.html")
	code, out, said := call(t, append([]string{"report", "--out", page, filepath.Join(root, "nothing")}, folders...)...)
	if code != 0 || !strings.Contains(out, "labels a class  scratch") || !strings.Contains(out, "n = 2") || !strings.Contains(said, "nothing has no run in it") || !strings.Contains(said, page) {
		t.Errorf("exit code %d, it printed\n%s and\n%s", code, out, said)
	}
	if html := string(mustRead(t, page)); !strings.Contains(html, "nothing has no run in it") {
		t.Error("the page has not what was said")
	}
	var table struct {
		verdict.Table
		Notes []string
	}
	if err := json.Unmarshal([]byte(mustCall(t, append([]string{"report", "--json", "--out", page}, folders...)...)), &table); err != nil || len(table.Cells) != 1 || len(table.Cells[0].Each) != 2 {
		t.Errorf("as JSON: %v, %+v", err, table)
	}
}

func TestReportMistakes(t *testing.T) {
	if code, _, said := call(t, "report"); code != 2 || !strings.Contains(said, "name the folders") {
		t.Errorf("exit code %d, %q", code, said)
	}
	page := filepath.Join(t.TempDir(), "r.html")
	if code, _, said := call(t, "report", t.TempDir(), "--out", page); code != 1 || !strings.Contains(said, "there is no run to report on") {
		t.Errorf("exit code %d, %q", code, said)
	}
	if _, err := os.Stat(page); !os.IsNotExist(err) {
		t.Errorf("there is a report of nothing (%v)", err)
	}
}
