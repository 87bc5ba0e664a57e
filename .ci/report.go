// Command report makes `go test -json` readable. It prints each package's
// result, the output of the tests that failed and the reason of those that were
// skipped, and keeps the counts in a file:
//
//	go test -json ./... | go run .ci/report.go -keep build/test/native.json
//	go run .ci/report.go -total build/test
//
// It exits with 1 if a test failed, or a package did not build.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// An event is one line of `go test -json`; see `go doc test2json`.
type event struct {
	Action  string
	Package string
	Test    string // Empty for the package itself.
	Output  string
}

// counts are tests, subtests included, and packages that broke outside a test.
type counts struct{ Passed, Failed, Skipped int }

func main() {
	keep := flag.String("keep", "", "read events from stdin and keep the counts in this `file`")
	total := flag.String("total", "", "print the sum of the counts kept in this `folder`")
	flag.Parse()
	var (
		c   counts
		err error
	)
	if *total != "" {
		c, err = sum(*total)
		fmt.Printf("%d passed, %d failed\n", c.Passed, c.Failed)
	} else {
		c = report(os.Stdin, os.Stdout)
		err = save(c, *keep)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
	}
	if err != nil || c.Failed > 0 {
		os.Exit(1)
	}
}

// report prints events as they come and returns the counts.
func report(r io.Reader, w io.Writer) counts {
	var c counts
	outputs := make(map[string]*strings.Builder) // Of running tests, by package and test.
	broken := make(map[string]bool)              // Packages with a failed test.
	skips := make(skips)
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Fprintf(w, "%s\n", lines.Bytes()) // Not ours: the compiler or the linker speaks.
			continue
		}
		key := e.Package + " " + e.Test
		switch {
		case e.Action == "build-output" || e.Action == "output" && e.Test == "":
			if e.Output != "PASS\n" {
				io.WriteString(w, e.Output)
			}
		case e.Action == "output":
			if outputs[key] == nil {
				outputs[key] = new(strings.Builder)
			}
			outputs[key].WriteString(e.Output)
		case e.Action == "pass" && e.Test != "":
			c.Passed++
			delete(outputs, key)
		case e.Action == "skip" && e.Test != "":
			c.Skipped++
			skips.add(e, outputs[key])
			delete(outputs, key)
		case e.Action == "pass" || e.Action == "skip":
			skips.print(w, e.Package)
		case e.Action == "fail" && e.Test != "":
			c.Failed++
			broken[e.Package] = true
			if outputs[key] != nil {
				io.WriteString(w, outputs[key].String())
			}
			delete(outputs, key)
		case e.Action == "fail" && !broken[e.Package]:
			c.Failed++ // It did not build, or died outside a test.
			flush(w, e.Package, outputs)
			skips.print(w, e.Package)
		case e.Action == "fail":
			skips.print(w, e.Package)
		}
	}
	return c
}

// flush prints what the unfinished tests of a package have said.
func flush(w io.Writer, pkg string, outputs map[string]*strings.Builder) {
	for key, output := range outputs {
		if strings.HasPrefix(key, pkg+" ") {
			io.WriteString(w, output.String())
			delete(outputs, key)
		}
	}
}

// skips are the skipped tests by package and top-level test. A conformance suite
// may skip a hundred subtests for one reason, so they share a line.
type skips map[string]map[string]*skipped

type skipped struct {
	tests  int
	reason string // Of the first.
}

func (s skips) add(e event, output *strings.Builder) {
	top, _, _ := strings.Cut(e.Test, "/")
	if s[e.Package] == nil {
		s[e.Package] = make(map[string]*skipped)
	}
	if s[e.Package][top] == nil {
		s[e.Package][top] = &skipped{reason: reason(output)}
	}
	s[e.Package][top].tests++
}

func (s skips) print(w io.Writer, pkg string) {
	for top, skipped := range s[pkg] {
		fmt.Fprintf(w, "skipped: %s %s, %d tests: %s\n", pkg, top, skipped.tests, skipped.reason)
	}
	delete(s, pkg)
}

// reason is what a skipped test said, without the lines that announce it.
func reason(output *strings.Builder) string {
	if output == nil {
		return ""
	}
	var said []string
	for line := range strings.Lines(output.String()) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "===") && !strings.HasPrefix(line, "---") {
			said = append(said, line)
		}
	}
	return strings.Join(said, " ")
}

func save(c counts, name string) error {
	text, err := json.Marshal(c)
	if err != nil || name == "" {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o644)
}

// sum adds up the counts kept in a folder. None at all is an error: then no
// tests ran.
func sum(folder string) (counts, error) {
	var all counts
	names, _ := filepath.Glob(filepath.Join(folder, "*.json"))
	if len(names) == 0 {
		return all, fmt.Errorf("no counts in %s", folder)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return all, err
		}
		var c counts
		if err := json.Unmarshal(text, &c); err != nil {
			return all, fmt.Errorf("%s: %w", name, err)
		}
		all = counts{all.Passed + c.Passed, all.Failed + c.Failed, all.Skipped + c.Skipped}
	}
	return all, nil
}
