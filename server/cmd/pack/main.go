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
	root := flag.String("root", ".", "`folder` of the repository")
	out := flag.String("out", "server/embedded/files", "`folder` to pack into")
	best := flag.Bool("best", false, "compress as hard as possible; takes a minute")
	budget := flag.String("budget", "", "print the sizes of what this JSON `file` names, and fail above them")
	flag.Parse()
	level := site.Fast
	if *best {
		level = site.Best
	}
	manifest, err := site.Pack(os.DirFS(*root), site.Public, *out, level)
	if err == nil && *budget != "" {
		err = check(manifest, *budget)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
	var raw, wire int
	for _, entry := range manifest.Files {
		raw += entry.Bytes
		wire += entry.Wire()
	}
	fmt.Printf("packed %d files into %s: %d bytes, %d over the wire\n", len(manifest.Files), *out, raw, wire)
}

func check(manifest site.Manifest, name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	budget, err := site.ParseBudget(text)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return budget.Check(manifest, os.Stdout)
}
