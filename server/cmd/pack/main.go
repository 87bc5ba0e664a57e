// Command pack gathers the public files of a repository into one folder, with
// brotli and gzip forms and a manifest of sizes and hashes. The list is in
// server/site. The Makefile calls it before it builds the server.
package main

import (
	"flag"
	"fmt"
	"os"

	"quarterturn/server/site"
)

func main() {
	root := flag.String("root", ".", "folder of the repository")
	out := flag.String("out", "server/embedded/files", "folder to pack into")
	best := flag.Bool("best", false, "compress as hard as possible; takes a minute")
	flag.Parse()
	level := site.Fast
	if *best {
		level = site.Best
	}
	manifest, err := site.Pack(os.DirFS(*root), site.Public, *out, level)
	if err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
	var raw, packed int
	for _, entry := range manifest.Files {
		raw += entry.Bytes
		packed += smallest(entry)
	}
	fmt.Printf("packed %d files into %s: %d bytes, %d over the wire\n", len(manifest.Files), *out, raw, packed)
}

// smallest returns the bytes a browser with brotli fetches for a file.
func smallest(e site.Entry) int {
	if e.Brotli > 0 {
		return e.Brotli
	}
	return e.Bytes
}
