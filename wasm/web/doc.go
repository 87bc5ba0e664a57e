// Package web is the browser as Go types: workers and their ports, fetching,
// files, downloads, canvases, stored settings, and what the browser keeps.
//
// It is the only package, besides the two programs of the browser, that speaks
// syscall/js, and no js.Value appears in what it exports. Bytes cross the border
// in one copy, and what is posted between threads is transferred, not cloned.
//
// Functions that wait block the calling goroutine, never the event loop: call
// them from a goroutine, not from a callback. Callbacks that this package makes
// run on the event loop and must not block.
package web
