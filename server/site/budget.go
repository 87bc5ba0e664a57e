package site

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// A Budget is the most bytes that a file may have over the wire, which is its
// brotli form at level Best, by URL path.
type Budget map[string]int

// ParseBudget reads a budget from JSON, as {"/page.wasm": 700000}.
func ParseBudget(text []byte) (Budget, error) {
	var b Budget
	if err := json.Unmarshal(text, &b); err != nil {
		return nil, fmt.Errorf("site: budget: %w", err)
	}
	return b, nil
}

// Check prints the sizes of the files that the budget names, and returns an
// error that names the first one above it or missing.
func (b Budget) Check(m Manifest, w io.Writer) error {
	paths := make([]string, 0, len(b))
	for path := range b {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "bytes of\traw\tgzip\tbrotli\tbudget\t")
	var first error
	for _, path := range paths {
		entry, ok := m.Files[path]
		if ok {
			fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t\n", path, entry.Bytes, entry.Gzip, entry.Brotli, b[path])
		}
		if err := b.checkOne(path, entry, ok); first == nil {
			first = err
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	return first
}

func (b Budget) checkOne(path string, entry Entry, ok bool) error {
	switch limit := b[path]; {
	case !ok:
		return fmt.Errorf("site: budget: there is no %s", path)
	case entry.Quality < Best.Brotli:
		return fmt.Errorf("site: budget: %s is not compressed as for a release: pack with -best", path)
	case entry.Wire() > limit:
		return fmt.Errorf("site: budget: %s has %d bytes over the wire, %d more than its budget: find out why, or raise the budget and say what for",
			path, entry.Wire(), entry.Wire()-limit)
	}
	return nil
}

// Wire returns the bytes that a browser, which knows brotli, fetches.
func (e Entry) Wire() int {
	if e.Brotli > 0 {
		return e.Brotli
	}
	return e.Bytes
}
