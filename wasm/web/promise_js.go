//go:build js && wasm

package web

import (
	"errors"
	"syscall/js"
)

// await blocks the goroutine until the promise is settled.
func await(promise js.Value) (js.Value, error) {
	type outcome struct {
		value js.Value
		err   error
	}
	settled := make(chan outcome, 1) // A promise settles once, so neither callback ever blocks.
	onValue := js.FuncOf(func(_ js.Value, args []js.Value) any {
		var value js.Value
		if len(args) > 0 {
			value = args[0]
		}
		settled <- outcome{value: value}
		return nil
	})
	defer onValue.Release()
	onError := js.FuncOf(func(_ js.Value, args []js.Value) any {
		settled <- outcome{err: rejectionOf(args)}
		return nil
	})
	defer onError.Release()
	promise.Call("then", onValue, onError)
	result := <-settled
	return result.value, result.err
}

// A rejection is what a promise was rejected with.
type rejection struct {
	name string // That of an Error or a DOMException, such as "NotFoundError"; or "".
	text string
}

func (r rejection) Error() string { return r.text }

func rejectionOf(args []js.Value) rejection {
	r := rejection{text: reason(args)}
	if len(args) > 0 && args[0].Type() == js.TypeObject && args[0].Get("name").Type() == js.TypeString {
		r.name = args[0].Get("name").String()
	}
	return r
}

// isNamed reports whether an error is a rejection of that name.
func isNamed(err error, name string) bool {
	var r rejection
	return errors.As(err, &r) && r.name == name
}

// reason returns the text of what a promise was rejected with: an Error as a
// rule, but anything can be thrown.
func reason(args []js.Value) string {
	if len(args) == 0 {
		return "no reason given"
	}
	if args[0].Type() == js.TypeObject && args[0].Get("message").Type() == js.TypeString {
		return args[0].Get("message").String()
	}
	return args[0].String()
}
