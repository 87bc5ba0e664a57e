// Package embedded holds the packed site that is built into the server.
//
// An embedding cannot reach the folders above it, so the build packs the site into
// files/ here (make build, command server/cmd/pack). A fresh clone has only the
// placeholder there: everything compiles and is vetted, and the server says
// that its page was not built in.
package embedded

import (
	"embed"
	"io/fs"
)

// "all:" because the placeholder's name starts with a dot and go:embed wants at
// least one file.
//
//go:embed all:files
var files embed.FS

// Files returns the packed site, which site.Load reads.
func Files() fs.FS {
	sub, err := fs.Sub(files, "files")
	if err != nil {
		panic("embedded: files is no valid path") // A constant: cannot happen.
	}
	return sub
}
