//go:build js && wasm

package web

import (
	"slices"
	"strings"
	"syscall/js"
)

// A File is a file that the person gave to the page.
type File struct {
	Path  string // With its folders where the browser tells them, separated by slashes.
	Bytes []byte
}

// Handed is a part of what the person handed to the page at one time.
type Handed struct {
	Purpose string // data-take of the file chooser, or "pictures" for what was dropped or pasted.
	Files   []File
	Failed  []string // Paths that the browser could not read.
	Done    int      // Files read so far, this part included.
	All     int      // Files handed over in all.
}

// IsLast reports whether nothing follows.
func (h Handed) IsLast() bool { return h.Done == h.All }

// Limits of one part: a folder of thousands of photographs is read and passed on
// piece by piece, so that it never lies in the page's memory as a whole.
const (
	partFiles = 100
	partBytes = 16 << 20
)

// OnFiles has fn called for what the person drops, pastes or chooses, for as long
// as the page lives. Files are read in the background and arrive in parts; the
// choosers are all <input type="file" data-take="…"> of the document, also those
// that come later. While files are dragged over the page, its root element
// carries data-drag="over". fn is called from a goroutine and may block.
func OnFiles(fn func(Handed)) {
	listen("change", func(event js.Value) {
		input := event.Get("target")
		take := input.Get("dataset").Get("take")
		if input.Get("type").String() != "file" || take.Type() != js.TypeString {
			return
		}
		sources := listed(input.Get("files"))
		go func() {
			read(take.String(), sources, fn)
			input.Set("value", "") // So that choosing the same file again is a change.
		}()
	})
	listen("paste", func(event js.Value) {
		if sources := listed(event.Get("clipboardData").Get("files")); len(sources) > 0 {
			event.Call("preventDefault")
			go read("pictures", sources, fn)
		}
	})
	listen("drop", func(event js.Value) {
		event.Call("preventDefault")
		SetRootData("drag", "")
		entries, sources := dropped(event.Get("dataTransfer"))
		go func() {
			for _, entry := range entries {
				sources = append(sources, walk(entry)...)
			}
			read("pictures", sources, fn)
		}()
	})
	listenDrag()
}

// listenDrag marks the page while files are over it and tells the browser that
// they may be dropped here.
func listenDrag() {
	listen("dragover", func(event js.Value) {
		event.Call("preventDefault")
		SetRootData("drag", "over")
	})
	listen("dragleave", func(event js.Value) {
		if !event.Get("relatedTarget").Truthy() { // Otherwise it only moved on to another element.
			SetRootData("drag", "")
		}
	})
}

// A source is a file that is still on the browser's side.
type source struct {
	path string
	file js.Value // A File, or a FileSystemFileEntry that yields one.
}

// listed returns the files of a FileList.
func listed(list js.Value) []source {
	if !list.Truthy() {
		return nil
	}
	sources := make([]source, list.Length())
	for i := range sources {
		file := list.Index(i)
		path := file.Get("webkitRelativePath").String() // Of a folder chooser, otherwise empty.
		if path == "" {
			path = file.Get("name").String()
		}
		sources[i] = source{path: path, file: file}
	}
	return sources
}

// dropped returns what a DataTransfer holds. It must be called within the event:
// the browser empties the list afterwards.
func dropped(transfer js.Value) (entries []js.Value, sources []source) {
	items := transfer.Get("items")
	for i := range items.Length() {
		item := items.Index(i)
		if item.Get("kind").String() != "file" {
			continue
		}
		if entry := item.Call("webkitGetAsEntry"); entry.Truthy() {
			entries = append(entries, entry)
		} else if file := item.Call("getAsFile"); file.Truthy() {
			sources = append(sources, source{path: file.Get("name").String(), file: file})
		}
	}
	return entries, sources
}

// walk returns the files of a dropped file or folder and of the folders in it.
// What cannot be listed is left out; a file that then cannot be read is named.
func walk(entry js.Value) []source {
	if entry.Get("isFile").Bool() {
		path := strings.TrimPrefix(entry.Get("fullPath").String(), "/")
		return []source{{path: path, file: entry}}
	}
	var sources []source
	reader := entry.Call("createReader")
	for {
		batch, err := settle(reader, "readEntries") // Browsers give at most 100 at a time.
		if err != nil || batch.Length() == 0 {
			return sources
		}
		for i := range batch.Length() {
			sources = append(sources, walk(batch.Index(i))...)
		}
	}
}

// read reads the sources and passes them on in parts, in the order of their
// paths: browsers list a folder in any order, and classes shall not depend on it.
func read(purpose string, sources []source, fn func(Handed)) {
	slices.SortStableFunc(sources, func(a, b source) int { return strings.Compare(a.path, b.path) })
	part := Handed{Purpose: purpose, All: len(sources)}
	size := 0
	for i, s := range sources {
		content, err := s.read()
		if err != nil {
			part.Failed = append(part.Failed, s.path)
		} else {
			part.Files = append(part.Files, File{Path: s.path, Bytes: content})
		}
		part.Done, size = i+1, size+len(content)
		if size < partBytes && len(part.Files) < partFiles && !part.IsLast() {
			continue
		}
		fn(part)
		part.Files, part.Failed, size = nil, nil, 0
	}
}

func (s source) read() ([]byte, error) {
	file := s.file
	if file.Get("isFile").Truthy() {
		var err error
		if file, err = settle(file, "file"); err != nil {
			return nil, err
		}
	}
	buffer, err := await(file.Call("arrayBuffer"))
	if err != nil {
		return nil, err
	}
	return fromBuffer(buffer), nil
}

// settle calls a method of the old style that takes two callbacks, and waits for
// one of them.
func settle(object js.Value, method string) (js.Value, error) {
	executor := js.FuncOf(func(_ js.Value, args []js.Value) any {
		object.Call(method, args[0], args[1])
		return nil
	})
	defer executor.Release()
	return await(js.Global().Get("Promise").New(executor))
}
