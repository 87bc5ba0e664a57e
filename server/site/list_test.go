package site

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// isPublic reports whether a rule makes a file of the repository public at its own
// path, or at its name alone.
func isPublic(url string) bool {
	for _, rule := range Public {
		prefix, many := strings.CutSuffix(rule.URL, "*")
		if !many && rule.URL == url {
			return true
		}
		matches, _ := path.Match(path.Base(rule.Source), path.Base(url))
		if many && matches && prefix+path.Base(url) == url {
			return true
		}
	}
	return false
}

// TestWhatThePageAsksForIsPublic reads the page and its loader: a rule that is gone
// would show in a browser alone.
func TestWhatThePageAsksForIsPublic(t *testing.T) {
	urls := []string{"/"}
	for file, pattern := range map[string]string{
		"index.html":            `(?:src|href)="([^":#]+)"`,
		"wasm/loader/loader.js": `"([a-z_]+\.(?:wasm|js))"`,
		"wasm/loader/worker.js": `"([a-z_]+\.(?:wasm|js))"`,
		"wasm/page/group_js.go": `"([a-z_]+\.(?:wasm|js))"`,
	} {
		text, err := os.ReadFile("../../" + file)
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1)
		if len(found) == 0 {
			t.Errorf("%s asks for nothing: the test does not understand it any more", file)
		}
		for _, match := range found {
			urls = append(urls, "/"+match[1])
		}
	}
	for _, pattern := range []string{"assets/*.svg", "assets/models/*.*t*", "assets/models/*.md", "assets/pictures/*/*.*"} {
		files, err := fs.Glob(os.DirFS("../.."), pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %q, %v", pattern, files, err)
		}
		for _, file := range files {
			if path.Ext(file) != ".go" {
				urls = append(urls, "/"+file)
			}
		}
	}
	for _, url := range urls {
		if !isPublic(url) {
			t.Errorf("%s is not public", url)
		}
	}
	if isPublic("/go.mod") || isPublic("/assets/models/models.go") {
		t.Error("everything is public")
	}
}
