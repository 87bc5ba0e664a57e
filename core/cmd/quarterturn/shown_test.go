package main

import (
	"strings"
	"testing"

	"github.com/gomlx/compute"
)

// TestShownCommand checks that what is shown to others names nobody's folders.

// elsewhere is a backend that says where its plugin lies.
type elsewhere struct{ compute.Backend }

func (elsewhere) Name() string        { return xlaKind }
func (elsewhere) Description() string { return "xla:/disk/me/p.so - PJRT (/disk/me/p.so)" }

func TestShownBackendDoesNotSayWhereThePluginLies(t *testing.T) {
	if shown := shownBackend(elsewhere{}); strings.Contains(shown, "/disk") {
		t.Errorf("it is shown as %q", shown)
	}
}
