package main

import (
	"bufio"
	"cmp"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"quarterturn/core/runs"
)

// version is of which commit the program is: the Makefile has the linker set it, by
// git describe.
var version string

// thisProgram is what begins a run here.
func thisProgram() runs.Program {
	p := runs.Program{Version: version, Go: runtime.Version(), CPU: runtime.GOARCH, Threads: runtime.GOMAXPROCS(0)}
	if info, ok := debug.ReadBuildInfo(); ok {
		p.Version = cmp.Or(p.Version, versionIn(info), "unknown")
		for _, m := range info.Deps {
			if m.Path == "github.com/gomlx/gomlx" {
				p.GoMLX = m.Version
			}
		}
	}
	if f, err := os.Open("/proc/cpuinfo"); err == nil {
		p.CPU = cmp.Or(cpuModel(f), p.CPU)
		_ = f.Close()
	}
	return p
}

// versionIn is what the Go command knew of the version: the commit that it built, or
// the module's version that it fetched.
func versionIn(info *debug.BuildInfo) string {
	var revision, modified string
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			revision = s.Value
		case "vcs.modified":
			if s.Value == "true" {
				modified = "-dirty"
			}
		}
	}
	if revision != "" {
		return revision + modified
	}
	if info.Main.Version == "(devel)" {
		return ""
	}
	return info.Main.Version
}

// cpuModel returns the name of the first processor in Linux's list of them, which
// has one on most machines.
func cpuModel(list io.Reader) string {
	lines := bufio.NewScanner(list)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		if strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
