//go:build js && wasm

package web

import "syscall/js"

// Download gives the person a file with these bytes, as if a link had been
// clicked.
func Download(name string, content []byte) {
	blob := js.Global().Get("Blob").New(
		array.New(toBuffer(content)),
		map[string]any{"type": "application/octet-stream"},
	)
	url := js.Global().Get("URL").Call("createObjectURL", blob)
	link := js.Global().Get("document").Call("createElement", "a")
	link.Set("href", url)
	link.Set("download", name)
	link.Call("click")
	// The browser reads the blob after the click; a minute is ample and still
	// frees the memory of a large model.
	After(60_000, func() { js.Global().Get("URL").Call("revokeObjectURL", url) })
}

// Recall returns a setting that Remember kept, or "" when there is none or the
// browser keeps nothing.
func Recall(key string) (value string) {
	defer func() {
		if recover() != nil { // Access throws where storage is forbidden.
			value = ""
		}
	}()
	stored := js.Global().Get("localStorage").Call("getItem", key)
	if stored.Type() != js.TypeString {
		return ""
	}
	return stored.String()
}

// Remember keeps a setting for the next visit, where the browser allows it.
func Remember(key, value string) {
	defer func() { _ = recover() }() // Forbidden or full: the setting then holds for this visit.
	js.Global().Get("localStorage").Call("setItem", key, value)
}
