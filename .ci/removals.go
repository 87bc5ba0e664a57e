// Command removals looks for code that no test of its package needs: it takes one
// thing away at a time, runs the package's tests, and prints what they did not notice.
//
//	go run .ci/removals.go ./core/durable ./core/checkpoint
//
// Taken away are: a statement; what an if does, and its being conditional; each
// part of a condition; an element of a literal; the error that is returned. No kept
// tool for Go does it (gremlins, which `make mutate` runs too, only changes
// operators), and a missing fsync or limit is found by nothing else.
//
// Files stay as they are: the compiler reads the changed one in their place
// (go help build, -overlay). What does not compile is not counted, and tests that
// no longer end have noticed it. It exits with 1 if a package fails unchanged.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// A removal replaces the bytes of a file from one offset to another.
type removal struct {
	from, to int
	with     string
	what     string
}

var only = flag.String("files", "", "change only files whose names match this `regexp`")

func main() {
	flag.Parse()
	failed := false
	for _, pkg := range flag.Args() {
		if err := try(pkg); err != nil {
			fmt.Fprintf(os.Stderr, "removals: %s: %v\n", pkg, err)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}

// try makes each removal of a package and prints those that its tests pass with.
func try(pkg string) error {
	if out, err := tests(pkg, ""); err != nil {
		return fmt.Errorf("its tests fail as it is: %w\n%s", err, out)
	}
	files, err := filesOf(pkg)
	if err != nil {
		return err
	}
	noticed, passed := 0, 0
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		removals, err := find(name, source)
		if err != nil {
			return err
		}
		for _, r := range removals {
			out, err := withRemoval(pkg, name, source, r)
			switch {
			case err == nil:
				passed++
				line := 1 + strings.Count(string(source[:r.from]), "\n")
				fmt.Printf("%s/%s:%d: without %s: %s\n", strings.TrimPrefix(pkg, "./"), filepath.Base(name), line, r.what, oneLine(source[r.from:r.to]))
			case !strings.Contains(out, "[build failed]"):
				noticed++
			}
		}
	}
	fmt.Printf("%s: of %d removals the tests noticed %d\n", pkg, noticed+passed, noticed)
	return nil
}

// filesOf returns the paths of a package's files for this system, without tests.
func filesOf(pkg string) (files []string, err error) {
	out, err := exec.Command("go", "list", "-f", `{{$dir := .Dir}}{{range .GoFiles}}{{$dir}}/{{.}}{{"\n"}}{{end}}`, pkg).Output()
	if err != nil {
		return nil, err
	}
	wanted, err := regexp.Compile(*only)
	if err != nil {
		return nil, err
	}
	for _, name := range strings.Fields(string(out)) {
		if wanted.MatchString(filepath.Base(name)) {
			files = append(files, name)
		}
	}
	return files, nil
}

// withRemoval runs a package's tests with one removal.
func withRemoval(pkg, name string, source []byte, r removal) (out string, err error) {
	folder, err := os.MkdirTemp("", "removals")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(folder)
	changed, overlay := filepath.Join(folder, "changed.go"), filepath.Join(folder, "overlay.json")
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {name: changed}})
	if err != nil {
		return "", err
	}
	text := string(source[:r.from]) + r.with + string(source[r.to:])
	if err := os.WriteFile(changed, []byte(text), 0o600); err != nil {
		return "", err
	}
	if err := os.WriteFile(overlay, replace, 0o600); err != nil {
		return "", err
	}
	return tests(pkg, overlay)
}

func tests(pkg, overlay string) (out string, err error) {
	b, err := exec.Command("go", "test", "-short", "-failfast", "-vet=off", "-timeout", "1m", "-overlay", overlay, pkg).CombinedOutput()
	return string(b), err
}

func oneLine(source []byte) string {
	line := strings.Join(strings.Fields(string(source)), " ")
	if len(line) > 100 {
		return line[:100] + "…"
	}
	return line
}

// A finder collects the removals of a file.
type finder struct {
	file   *token.File
	source string
	found  []removal
}

func find(name string, source []byte) ([]removal, error) {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, name, source, 0)
	if err != nil {
		return nil, err
	}
	f := &finder{file: set.File(tree.Pos()), source: string(source)}
	var functions []*ast.FuncType // Around the node, from the outside.
	var path []ast.Node
	ast.Inspect(tree, func(n ast.Node) bool {
		if n == nil {
			if functionOf(path[len(path)-1]) != nil {
				functions = functions[:len(functions)-1]
			}
			path = path[:len(path)-1]
			return true
		}
		path = append(path, n)
		if t := functionOf(n); t != nil {
			functions = append(functions, t)
		}
		f.node(n, functions)
		return true
	})
	return f.found, nil
}

func functionOf(n ast.Node) *ast.FuncType {
	switch n := n.(type) {
	case *ast.FuncDecl:
		return n.Type
	case *ast.FuncLit:
		return n.Type
	}
	return nil
}

func (f *finder) node(n ast.Node, functions []*ast.FuncType) {
	switch n := n.(type) {
	case *ast.BlockStmt:
		f.statements(n.List)
	case *ast.CaseClause:
		f.statements(n.Body)
	case *ast.IfStmt:
		f.add(n.Cond, "(false && (%s))", "what it does if")
		f.add(n.Cond, "(true || (%s))", "the condition")
	case *ast.BinaryExpr:
		if with, ok := map[token.Token]string{token.LOR: "(false && (%s))", token.LAND: "(true || (%s))"}[n.Op]; ok {
			f.add(n.X, with, "the part")
			f.add(n.Y, with, "the part")
		}
	case *ast.CompositeLit:
		for _, element := range n.Elts {
			f.element(element)
		}
	case *ast.ReturnStmt:
		f.returned(n, functions[len(functions)-1])
	}
}

// statements takes each out that can be. It stays in the text, in a function that
// nobody calls, so that what it alone uses does not count as unused.
func (f *finder) statements(list []ast.Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.ExprStmt, *ast.IncDecStmt, *ast.SendStmt, *ast.DeferStmt, *ast.GoStmt:
			f.add(s, "_ = func() { %s }", "the statement")
		case *ast.AssignStmt:
			if s.Tok != token.DEFINE {
				f.add(s, "_ = func() { %s }", "the statement")
			}
		}
	}
}

// element takes one out of a literal, with the comma behind it.
func (f *finder) element(n ast.Node) {
	from, to := f.file.Offset(n.Pos()), f.file.Offset(n.End())
	if strings.HasPrefix(f.source[to:], ",") {
		to++
	}
	f.found = append(f.found, removal{from: from, to: to, what: "the element"})
}

// returned has a function return no error, if it returns a value for each result.
func (f *finder) returned(n *ast.ReturnStmt, function *ast.FuncType) {
	if function.Results == nil || len(n.Results) == 0 || len(n.Results) != function.Results.NumFields() {
		return
	}
	kind, _ := function.Results.List[len(function.Results.List)-1].Type.(*ast.Ident)
	last := n.Results[len(n.Results)-1]
	if value, ok := last.(*ast.Ident); kind != nil && kind.Name == "error" && !(ok && value.Name == "nil") {
		f.add(last, "func() error { _ = func() error { return %s }; return nil }()", "the error")
	}
}

func (f *finder) add(n ast.Node, with, what string) {
	from, to := f.file.Offset(n.Pos()), f.file.Offset(n.End())
	f.found = append(f.found, removal{from, to, strings.Replace(with, "%s", f.source[from:to], 1), what})
}
