//go:build !xla

package main

import (
	"strings"
	"testing"
)

func TestWithoutXLA(t *testing.T) {
	code, _, said := call(t, "bench", "--backend", "xla:/plugin.so")
	if code != 2 || !strings.Contains(said, "make build-xla") {
		t.Errorf("exit code %d and %q, want 2 and how to build with XLA", code, said)
	}
}
