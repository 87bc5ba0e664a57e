//go:build js && wasm

package web

import (
	"strings"
	"sync"
	"syscall/js"

	"quarterturn/core/fault"
	"quarterturn/core/keep/files"
)

// A Disk is what the browser keeps for the page's origin, alike for the page and for its
// workers: files of its own (OPFS), a database (IndexedDB) where it has no such files or
// cannot replace them at once, or memory where it forbids both. A file is replaced when
// all of it is there, so that who is ended in the middle of that leaves the old one.
//
// It is opened when it is first used. Its methods block the goroutine.
type Disk struct {
	once sync.Once
	files.Disk
	kind    string
	forgets bool
}

// folderName is that of the folder and of the database.
const folderName = "quarterturn"

// NewDisk returns the Disk.
func NewDisk() *Disk { return &Disk{} }

// Kind says for people where things are kept, and for how long.
func (d *Disk) Kind() string {
	d.open()
	return d.kind
}

// Forgets reports that nothing outlasts the window.
func (d *Disk) Forgets() bool {
	d.open()
	return d.forgets
}

// Read implements files.Disk.
func (d *Disk) Read(name string) ([]byte, error) { d.open(); return d.Disk.Read(name) }

// Write implements files.Disk.
func (d *Disk) Write(name string, b []byte) error { d.open(); return d.Disk.Write(name, b) }

// Remove implements files.Disk.
func (d *Disk) Remove(name string) error { d.open(); return d.Disk.Remove(name) }

// List implements files.Disk.
func (d *Disk) List() ([]files.Entry, error) { d.open(); return d.Disk.List() }

// open chooses the best of what there is.
func (d *Disk) open() {
	d.once.Do(func() {
		folder, err := openFolder()
		if err == nil {
			d.Disk, d.kind = folder, "kept by this browser on this computer (a private window forgets it when it is closed)"
			return
		}
		database, noDatabase := openDatabase()
		if noDatabase == nil {
			d.Disk, d.kind = database, "kept in this browser's database on this computer"
			if isNamed(err, "SecurityError") { // Firefox, in a private window.
				d.kind, d.forgets = "this window forgets when it is closed: it is a private one", true
			}
			return
		}
		d.Disk, d.forgets = &files.Memory{}, true
		d.kind = "this window forgets: the browser allows it to keep nothing (" + fault.Reason(noDatabase) + ")"
	})
}

// storage is navigator.storage, which is missing where the page is not secure: over
// plain HTTP from another computer.
func storage() (js.Value, error) {
	s := js.Global().Get("navigator").Get("storage")
	if !s.Truthy() {
		return s, fault.New("web", "the browser has no storage for pages that come over plain HTTP")
	}
	return s, nil
}

// Estimate returns how many bytes the browser keeps for the page's origin, and how many
// it would.
func Estimate() (usage, quota int, err error) {
	s, err := storage()
	if err != nil {
		return 0, 0, err
	}
	e, err := await(s.Call("estimate"))
	if err != nil {
		return 0, 0, fault.Errorf("web", "estimating what is kept: %w", err)
	}
	return e.Get("usage").Int(), e.Get("quota").Int(), nil
}

// Persist asks the browser not to clear what it keeps for the page when the disk becomes
// full, and reports whether it agreed. It may ask the person; workers cannot call it.
func Persist() bool {
	s, err := storage()
	if err != nil || s.Get("persist").Type() != js.TypeFunction {
		return false
	}
	granted, err := await(s.Call("persist"))
	return err == nil && granted.Bool()
}

// A folder is a Disk of files in OPFS.
type folder struct{ handle js.Value }

// openFolder returns the folder, if files in it can be replaced at once. Safari before 26
// can only write into files.
func openFolder() (*folder, error) {
	s, err := storage()
	if err != nil {
		return nil, err
	}
	handle := js.Global().Get("FileSystemFileHandle")
	if s.Get("getDirectory").Type() != js.TypeFunction || !handle.Truthy() || handle.Get("prototype").Get("createWritable").Type() != js.TypeFunction {
		return nil, fault.New("web", "the browser has no files of the page's own")
	}
	top, err := await(s.Call("getDirectory"))
	if err != nil {
		return nil, err
	}
	own, err := await(top.Call("getDirectoryHandle", folderName, map[string]any{"create": true}))
	if err != nil {
		return nil, err
	}
	return &folder{own}, nil
}

// File names have no slashes.
var (
	toFileName   = strings.NewReplacer("/", "+")
	fromFileName = strings.NewReplacer("+", "/")
)

func (f *folder) Read(name string) ([]byte, error) {
	handle, err := await(f.handle.Call("getFileHandle", toFileName.Replace(name)))
	if err != nil {
		return nil, diskError("reading", name, err)
	}
	file, err := await(handle.Call("getFile"))
	if err != nil {
		return nil, diskError("reading", name, err)
	}
	if size := file.Get("size").Int(); size > files.MaxBytes {
		return nil, fault.Errorf("web", "%s has %d bytes, want at most %d", name, size, files.MaxBytes)
	}
	buffer, err := await(file.Call("arrayBuffer"))
	if err != nil {
		return nil, diskError("reading", name, err)
	}
	return fromBuffer(buffer), nil
}

func (f *folder) Write(name string, b []byte) error {
	handle, err := await(f.handle.Call("getFileHandle", toFileName.Replace(name), map[string]any{"create": true}))
	if err != nil {
		return diskError("writing", name, err)
	}
	writable, err := await(handle.Call("createWritable"))
	if err != nil {
		return diskError("writing", name, err)
	}
	buffer := toBuffer(b)
	_, err = await(writable.Call("write", buffer))
	useUp(buffer)
	if err != nil {
		_, _ = await(writable.Call("abort")) // The file stays as it was, whatever comes of that.
		return diskError("writing", name, err)
	}
	if _, err = await(writable.Call("close")); err != nil {
		return diskError("writing", name, err)
	}
	return nil
}

func (f *folder) Remove(name string) error {
	_, err := await(f.handle.Call("removeEntry", toFileName.Replace(name)))
	if err != nil && !isNamed(err, notFound) {
		return diskError("removing", name, err)
	}
	return nil
}

func (f *folder) List() ([]files.Entry, error) {
	var entries []files.Entry
	var promises []js.Value // Promises of them: all are looked up at once.
	handles := f.handle.Call("values")
	for {
		next, err := await(handles.Call("next"))
		if err != nil {
			return nil, diskError("listing", folderName, err)
		}
		if next.Get("done").Bool() {
			break
		}
		handle := next.Get("value")
		if handle.Get("kind").String() == "file" {
			entries = append(entries, files.Entry{Name: fromFileName.Replace(handle.Get("name").String())})
			promises = append(promises, handle.Call("getFile"))
		}
	}
	for i, promise := range promises {
		if file, err := await(promise); err == nil { // Else it was removed meanwhile.
			entries[i].Bytes = file.Get("size").Int()
		}
	}
	return entries, nil
}

// Names of what browsers reject with.
const (
	notFound = "NotFoundError"
	overFull = "QuotaExceededError"
)

// diskError returns an error that package keep understands.
func diskError(doing, name string, err error) error {
	switch {
	case isNamed(err, notFound):
		return files.ErrMissing
	case isNamed(err, overFull):
		return fault.Errorf("web", "%s %s: %w", doing, name, files.ErrFull)
	}
	return fault.Errorf("web", "%s %s: %w", doing, name, err)
}
