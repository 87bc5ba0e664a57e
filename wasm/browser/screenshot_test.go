//go:build browser && !js

package browser

import (
	"net/http"
	"testing"
)

// TestScreenshots walks through the page's states in each setting. With make
// screenshots it leaves a picture of each; without, it checks that they can be
// reached.
func TestScreenshots(t *testing.T) {
	for name, setting := range Settings {
		t.Run(name, func(t *testing.T) {
			p := Open(t, Serve(t), setting)
			p.WaitPrediction()
			p.Screenshot("start-" + name)
		})
		t.Run(name+" with a problem", func(t *testing.T) {
			p := Open(t, ServeChanged(t, func(path string, r *http.Response) {
				if path == "/worker.wasm" {
					Replace(r, http.StatusNotFound, nil)
				}
			}), setting)
			p.Expect("404")
			p.Wait("#problem")
			p.Screenshot("problem-" + name)
		})
	}
}
