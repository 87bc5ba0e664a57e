//go:build js && wasm

package web

import (
	"syscall/js"

	"quarterturn/core/fault"
)

// Fetch returns the body of a file of the page's own origin. It blocks the
// goroutine; a status other than 2xx is an error.
func Fetch(path string) ([]byte, error) {
	response, err := ask(path)
	if err != nil {
		return nil, err
	}
	body, err := await(response.Call("arrayBuffer"))
	if err != nil {
		return nil, fault.Errorf("web", "fetching %s: %w", path, err)
	}
	return fromBuffer(body), nil
}

// ask returns the response to a request for a file, whose body is still to come.
func ask(path string) (js.Value, error) {
	response, err := await(js.Global().Call("fetch", path))
	if err != nil {
		return response, fault.Errorf("web", "fetching %s: %w", path, err)
	}
	if !response.Get("ok").Bool() {
		return response, fault.Errorf("web", "fetching %s: the server answered %d", path, response.Get("status").Int())
	}
	return response, nil
}

// FetchCounted is Fetch for a file that takes a while: it tells how many bytes have
// come, after each part of them. A file of more than most bytes is an error, found
// before all of it is held.
func FetchCounted(path string, most int, arrived func(bytes int)) ([]byte, error) {
	response, err := ask(path)
	if err != nil {
		return nil, err
	}
	reader := response.Get("body").Call("getReader")
	var all []byte
	for {
		part, err := await(reader.Call("read"))
		if err != nil {
			return nil, fault.Errorf("web", "fetching %s: it broke off after %d bytes: %w", path, len(all), err)
		}
		if part.Get("done").Bool() {
			return all, nil
		}
		chunk := part.Get("value")
		before := len(all)
		if before+chunk.Length() > most {
			reader.Call("cancel")
			return nil, fault.Errorf("web", "fetching %s: it has more than the %d bytes that it should", path, most)
		}
		all = append(all, make([]byte, chunk.Length())...)
		js.CopyBytesToGo(all[before:], chunk)
		arrived(len(all))
	}
}
