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
	Unread  []Unread // In place of Files, all of them, where they are many: see manyFiles.
	Failed  []string // Paths that the browser could not read.
	Done    int      // Files read so far, this part included.
	All     int      // Files handed over in all.
}

// Unread is a file whose bytes are still on the browser's side.
type Unread struct {
	Path  string
	Bytes int64
	file  js.Value
}

// IsLast reports whether nothing follows.
func (h Handed) IsLast() bool { return h.Done == h.All }

// Limits of one part: a folder of thousands of photographs is read and passed on
// piece by piece, so that it never lies in the page's memory as a whole.
const (
	partFiles = 100
	partBytes = 16 << 20
)

// Pictures of this many files, or bytes in several of them or in an archive, are handed
// over unread: several workers read and decode them at a time.
const (
	manyFiles = 100
	manyBytes = 4 << 20
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
		files := input.Get("files")
		go func() {
			sources := listed(files, pause)
			read(take.String(), sources, fn)
			input.Set("value", "") // So that choosing the same file again is a change.
		}()
	})
	listen("paste", func(event js.Value) {
		// At once: the browser empties the list afterwards.
		if sources := listed(event.Get("clipboardData").Get("files"), func() {}); len(sources) > 0 {
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

// listed returns the files of a FileList. Between many, rests is called.
func listed(list js.Value, rests func()) []source {
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
		if i%rest == rest-1 {
			rests()
		}
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
		batch, err := await(promised(reader, "readEntries")) // Browsers give at most 100 at a time.
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
	if purpose == "pictures" && len(sources) > 0 {
		handed := unread(sources)
		handed.Purpose = purpose
		if isMuch(handed.Unread) {
			fn(handed)
			return
		}
	}
	readAll(purpose, sources, fn)
}

// unread asks the browser where files are and how large.
func unread(sources []source) Handed {
	h := Handed{Done: len(sources), All: len(sources)}
	for some := range slices.Chunk(sources, rest) {
		for i, file := range settleAll(some) {
			if !file.Truthy() {
				h.Failed = append(h.Failed, some[i].path)
				continue
			}
			some[i].file = file
			h.Unread = append(h.Unread, Unread{Path: some[i].path, Bytes: int64(file.Get("size").Int()), file: file})
		}
		pause()
	}
	return h
}

// settleAll makes files of what only yields them, all at once: each is a way to the
// browser's own process and back. In the place of those that cannot be is null.
func settleAll(sources []source) []js.Value {
	promises := array.New(len(sources))
	for i, s := range sources {
		promises.SetIndex(i, s.promise())
	}
	files := make([]js.Value, len(sources))
	settled, err := await(js.Global().Get("Promise").Call("allSettled", promises))
	for i := range files {
		if files[i] = js.Null(); err == nil {
			files[i] = settled.Index(i).Get("value")
		}
	}
	return files
}

// rest is how many files are looked at before the page gets its turn, a few
// milliseconds.
const rest = 256

// pause lets the browser do what waits.
func pause() {
	done := make(chan struct{})
	After(0, func() { close(done) })
	<-done
}

// isMuch reports whether files are so many or so large that several workers shall
// share them. A single picture is never.
func isMuch(files []Unread) bool {
	bytes := int64(0)
	for _, f := range files {
		bytes += f.Bytes
	}
	return len(files) >= manyFiles || bytes >= manyBytes && (len(files) > 1 || isArchive(files[0].Path))
}

func isArchive(path string) bool {
	path = strings.ToLower(path)
	return slices.ContainsFunc([]string{".zip", ".tar", ".gz", ".tgz", ".bin"}, func(end string) bool { return strings.HasSuffix(path, end) })
}

func readAll(purpose string, sources []source, fn func(Handed)) {
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

// promise is of the file, where that is not there yet.
func (s source) promise() js.Value {
	if s.file.Get("isFile").Truthy() {
		return promised(s.file, "file")
	}
	return s.file
}

func (s source) read() ([]byte, error) {
	file := s.file
	if file.Get("isFile").Truthy() {
		var err error
		if file, err = await(s.promise()); err != nil {
			return nil, err
		}
	}
	buffer, err := await(file.Call("arrayBuffer"))
	if err != nil {
		return nil, err
	}
	return fromBuffer(buffer), nil
}

// promised is the promise of what a method of the old style gives to one of the two callbacks
// that it takes.
func promised(object js.Value, method string) js.Value {
	return js.Global().Get("Promise").New(object.Get(method).Call("bind", object))
}
