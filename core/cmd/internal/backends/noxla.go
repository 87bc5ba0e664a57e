//go:build !xla

package backends

import (
	"errors"

	"github.com/gomlx/compute"
)

// XLAHelp says in a list of flags what XLA is good for here.
const XLAHelp = "a device with an XLA plugin (PJRT), in a build by make build-xla"

// openXLA stands in where XLA, which needs cgo, is not built in.
func openXLA(string) (compute.Backend, error) {
	return nil, NameError{errors.New("--backend xla: this build has no XLA: make build-xla builds build/quarterturn-xla, which has")}
}

// aboutXLA is never called: there is no such backend.
func aboutXLA(compute.Backend) string { return "" }
