package site

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// A Rule makes files public: the file Source of the repository at URL. Where
// URL ends in "*", Source is a pattern of path.Match and each match is public
// under its own name.
type Rule struct{ URL, Source string }

// Public is everything the server serves, besides the manifest. Sources below
// build/ are put there by the Makefile.
var Public = []Rule{
	{"/", "index.html"},
	{"/loader.js", "wasm/loader/loader.js"},
	{"/worker.js", "wasm/loader/worker.js"},
	{"/offline.js", "wasm/loader/offline.js"},
	{"/app.webmanifest", "assets/app.webmanifest"},
	{"/wasm_exec.js", "build/wasm_exec.js"},
	{"/page.wasm", "build/page.wasm"},
	{"/worker.wasm", "build/worker.wasm"},
	{"/assets/style/*", "assets/style/*.css"},
	{"/assets/*", "assets/*.svg"},
	{"/assets/models/*", "assets/models/*.safetensors"},
	{"/assets/models/*", "assets/models/*.qtr"},
	{"/assets/models/*", "assets/models/*.md"},
	{"/assets/pictures/photographs/*", "assets/pictures/photographs/*"},
	{"/assets/pictures/emoji/*", "assets/pictures/emoji/*"},
}

// types are the Content-Types by extension. A file with another extension is an
// error when packing, so that nothing becomes public by a loose pattern and no
// browser has to guess.
var types = map[string]string{
	".css":         "text/css; charset=utf-8",
	".html":        "text/html; charset=utf-8",
	".jpg":         "image/jpeg",
	".js":          "text/javascript; charset=utf-8",
	".json":        "application/json",
	".md":          "text/plain; charset=utf-8", // Licences and attributions, to be read in place.
	".png":         "image/png",
	".qtr":         "application/octet-stream", // A recording of package core/recording.
	".safetensors": "application/octet-stream",
	".svg":         "image/svg+xml",
	".tsv":         "text/tab-separated-values; charset=utf-8",
	".txt":         "text/plain; charset=utf-8",
	".wasm":        "application/wasm", // Exactly: a parameter makes compileStreaming refuse it.
	".webmanifest": "application/manifest+json",
	".webp":        "image/webp",
	".zip":         "application/zip",
}

// sources expands rules to the source file of each URL path. A rule that
// matches no file is an error, and so are two files at one path.
func sources(root fs.FS, rules []Rule) (map[string]string, error) {
	all := make(map[string]string)
	for _, rule := range rules {
		matches, err := fs.Glob(root, rule.Source)
		if err != nil {
			return nil, fmt.Errorf("site: rule %s: %w", rule.URL, err)
		}
		if len(matches) == 0 {
			return nil, fmt.Errorf("site: rule %s: no file matches %s: build it first", rule.URL, rule.Source)
		}
		prefix, many := strings.CutSuffix(rule.URL, "*")
		for _, source := range matches {
			url := prefix
			if many {
				url += path.Base(source)
			}
			if other, taken := all[url]; taken {
				return nil, fmt.Errorf("site: %s and %s both want %s", other, source, url)
			}
			all[url] = source
		}
	}
	return all, nil
}

// contentType returns the Content-Type of a source file.
func contentType(source string) (string, error) {
	t, ok := types[path.Ext(source)]
	if !ok {
		return "", fmt.Errorf("site: %s: no Content-Type for %q: add one to list.go if it is meant to be public", source, path.Ext(source))
	}
	return t, nil
}
