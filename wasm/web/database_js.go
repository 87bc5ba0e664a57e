//go:build js && wasm

package web

import (
	"syscall/js"

	"quarterturn/core/fault"
	"quarterturn/core/keep/files"
)

// A database is a Disk in IndexedDB.
type database struct{ db js.Value }

// Stores of the database, both by names of files. Sizes are apart, so that listing them
// reads no files.
const (
	filesStore = "files" // Uint8Array.
	sizesStore = "sizes" // Number of bytes.
)

func openDatabase() (*database, error) {
	factory := js.Global().Get("indexedDB")
	if !factory.Truthy() {
		return nil, fault.New("web", "it has no database")
	}
	request, err := try(func() js.Value { return factory.Call("open", folderName, 1) })
	if err != nil {
		return nil, err
	}
	upgrade := js.FuncOf(func(js.Value, []js.Value) any {
		for _, name := range []string{filesStore, sizesStore} {
			request.Get("result").Call("createObjectStore", name)
		}
		return nil
	})
	defer upgrade.Release()
	request.Set("onupgradeneeded", upgrade)
	db, err := answer(request, "onsuccess", "onerror", "onblocked")
	if err != nil {
		return nil, err
	}
	return &database{db}, nil
}

// try calls what may throw.
func try(fn func() js.Value) (value js.Value, err error) {
	defer func() {
		if thrown, ok := recover().(js.Error); ok {
			err = rejectionOf([]js.Value{thrown.Value})
		}
	}()
	return fn(), nil
}

// answer waits for one of the events of a request or a transaction. The first of them is
// success.
func answer(of js.Value, events ...string) (js.Value, error) {
	happened := make(chan int, len(events)) // Room for each: no callback ever blocks.
	for i, name := range events {
		callback := js.FuncOf(func(js.Value, []js.Value) any {
			select {
			case happened <- i:
			default:
			}
			return nil
		})
		defer callback.Release()
		of.Set(name, callback)
	}
	first := <-happened
	for _, name := range events {
		of.Set(name, js.Null())
	}
	if first > 0 {
		return js.Undefined(), rejectionOf([]js.Value{of.Get("error")})
	}
	return of.Get("result"), nil
}

// change carries out changes of both stores, or none of them.
func (d *database) change(do func(files, sizes js.Value)) error {
	transaction, err := try(func() js.Value {
		t := d.db.Call("transaction", array.New(filesStore, sizesStore), "readwrite", map[string]any{"durability": "strict"})
		do(t.Call("objectStore", filesStore), t.Call("objectStore", sizesStore))
		return t
	})
	if err != nil {
		return err
	}
	_, err = answer(transaction, "oncomplete", "onabort")
	return err
}

// ask reads from a store.
func (d *database) ask(store, method string, args ...any) (js.Value, error) {
	request, err := try(func() js.Value {
		return d.db.Call("transaction", store).Call("objectStore", store).Call(method, args...)
	})
	if err != nil {
		return request, err
	}
	return answer(request, "onsuccess", "onerror")
}

func (d *database) Read(name string) ([]byte, error) {
	size, err := d.ask(sizesStore, "get", name)
	if err != nil {
		return nil, diskError("reading", name, err)
	}
	if size.Type() != js.TypeNumber {
		return nil, files.ErrMissing
	}
	if size.Int() > files.MaxBytes {
		return nil, fault.Errorf("web", "%s has %d bytes, want at most %d", name, size.Int(), files.MaxBytes)
	}
	file, err := d.ask(filesStore, "get", name)
	if err != nil {
		return nil, diskError("reading", name, err)
	}
	if !file.InstanceOf(uint8Array) {
		return nil, files.ErrMissing
	}
	return fromBuffer(file.Get("buffer")), nil
}

func (d *database) Write(name string, b []byte) error {
	buffer := toBuffer(b)
	defer useUp(buffer)
	content := uint8Array.New(buffer)
	err := d.change(func(files, sizes js.Value) {
		files.Call("put", content, name)
		sizes.Call("put", len(b), name)
	})
	if err != nil {
		return diskError("writing", name, err)
	}
	return nil
}

func (d *database) Remove(name string) error {
	err := d.change(func(files, sizes js.Value) {
		files.Call("delete", name)
		sizes.Call("delete", name)
	})
	if err != nil {
		return diskError("removing", name, err)
	}
	return nil
}

func (d *database) List() ([]files.Entry, error) {
	names, err := d.ask(sizesStore, "getAllKeys")
	if err != nil {
		return nil, diskError("listing", folderName, err)
	}
	sizes, err := d.ask(sizesStore, "getAll")
	if err != nil {
		return nil, diskError("listing", folderName, err)
	}
	var entries []files.Entry
	for i := range min(names.Length(), sizes.Length()) {
		entries = append(entries, files.Entry{Name: names.Index(i).String(), Bytes: sizes.Index(i).Int()})
	}
	return entries, nil
}
