package files

import (
	"slices"
	"sync"
)

// A Memory is a Disk that lasts as long as the program: for windows that may not keep
// anything. The zero Memory is empty.
type Memory struct {
	mutex sync.Mutex
	Files map[string][]byte // By name, with their bytes.
}

// Read returns a copy of a file.
func (m *Memory) Read(name string) ([]byte, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	b, ok := m.Files[name]
	if !ok {
		return nil, ErrMissing
	}
	return slices.Clone(b), nil
}

// Write keeps a copy of b.
func (m *Memory) Write(name string, b []byte) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.Files == nil {
		m.Files = map[string][]byte{}
	}
	m.Files[name] = slices.Clone(b)
	return nil
}

// Remove forgets a file.
func (m *Memory) Remove(name string) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	delete(m.Files, name)
	return nil
}

// List returns all files.
func (m *Memory) List() ([]Entry, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	var entries []Entry
	for name, b := range m.Files {
		entries = append(entries, Entry{Name: name, Bytes: len(b)})
	}
	return entries, nil
}
