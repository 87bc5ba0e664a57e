package engine_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestFilesOfTheDocumentation wants every file that the package comment names to
// exist: a stranger begins there. A name may be a pattern.
func TestFilesOfTheDocumentation(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`[\w*]+\.go\b`).FindAllString(string(text), -1)
	if len(names) < 10 {
		t.Errorf("the comment names %v only", names)
	}
	for _, name := range names {
		if found, err := filepath.Glob(name); err != nil || len(found) == 0 {
			t.Errorf("the package comment names %s, which does not exist", name)
		}
	}
}
