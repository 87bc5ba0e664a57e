package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"quarterturn/core/cmd/internal/cache"
	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/dataset"
)

// noCache is what --cache says for no cache.
const noCache = "none"

// cacheFlag is that of where decoded pictures are kept; empty for the usual place.
func cacheFlag(flags *flag.FlagSet, dir *string) {
	flags.StringVar(dir, "cache", "", "`folder` of decoded pictures, kept where decoding takes a second or more; none keeps nothing (default quarterturn in your cache folder)")
}

// openKept is dataset.Open by the cache in a folder, if there is to be one.
func openKept(t *term.Terminal, dir, path string, options dataset.Options) (*dataset.Set, error) {
	if dir == "" {
		if usual, err := os.UserCacheDir(); err == nil {
			dir = filepath.Join(usual, "quarterturn")
		} else {
			dir = noCache // Nobody's home, as in a container.
		}
	}
	if dir == noCache {
		return dataset.Open(path, options)
	}
	c := cache.Cache{Dir: dir, Most: cache.UsualMost, Slow: cache.UsualSlow, Say: func(line string) { fmt.Fprintln(t.Err, line) }}
	return c.Open(path, options)
}
