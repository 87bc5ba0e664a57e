//go:build js && wasm

package web

import (
	"fmt"
	"syscall/js"
)

// Fetch returns the body of a file of the page's own origin. It blocks the
// goroutine; a status other than 2xx is an error.
func Fetch(path string) ([]byte, error) {
	response, err := await(js.Global().Call("fetch", path))
	if err != nil {
		return nil, fmt.Errorf("web: fetching %s: %w", path, err)
	}
	if !response.Get("ok").Bool() {
		return nil, fmt.Errorf("web: fetching %s: the server answered %d", path, response.Get("status").Int())
	}
	body, err := await(response.Call("arrayBuffer"))
	if err != nil {
		return nil, fmt.Errorf("web: fetching %s: %w", path, err)
	}
	return fromBuffer(body), nil
}
