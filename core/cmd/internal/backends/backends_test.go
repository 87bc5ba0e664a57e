package backends

import (
	"strings"
	"testing"

	"github.com/gomlx/compute"
)

// elsewhere is a backend that says where its plugin lies.
type elsewhere struct{ compute.Backend }

func (elsewhere) Name() string        { return XLA }
func (elsewhere) Description() string { return "xla:/disk/me/p.so - PJRT (/disk/me/p.so)" }

func TestShownBackendDoesNotSayWhereThePluginLies(t *testing.T) {
	if shown := About(elsewhere{}); strings.Contains(shown, "/disk") {
		t.Errorf("it is shown as %q", shown)
	}
}
