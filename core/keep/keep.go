// Package keep keeps named records on a disk that may fail, fill up or be damaged:
// the pictures, settings and runs of a lab in a browser.
//
// Each record lies in two slots, and a write replaces the older one, so that whatever
// happens to it the newest whole copy stays. A slot says how new it is and ends with
// the SHA-256 of itself; what does not fit it was damaged, and Read says so.
//
// A record has one writer at a time: a Store remembers which of the slots is the older
// one. Any number may read.
package keep

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"sync"

	"quarterturn/core/fault"
	"quarterturn/core/keep/files"
)

// MaxBytes bounds a record. ResNet-34 of width 64 and the state of its run are 260 MB.
const MaxBytes = files.MaxBytes - extraBytes

// Errors that callers tell apart.
var (
	ErrDamaged = errors.New("both copies are damaged")
	ErrNewer   = errors.New("it was kept by a newer version of this program: open it with that one")
)

// A Store keeps records on a disk. Its methods may be called by several goroutines.
type Store struct {
	disk  files.Disk
	mutex sync.Mutex
	next  map[string]uint64 // Generation of the next write of the records that were read or written.
}

// New returns a Store of what is on a disk.
func New(disk files.Disk) *Store { return &Store{disk: disk, next: map[string]uint64{}} }

// Found is a record as Read returns it.
type Found struct {
	Bytes []byte
	Older bool // The newest copy was damaged: this is the one before it.
}

// Notice returns what people are told of a damaged copy of what was read, such as "the
// pictures", or "" where nothing was damaged.
func (f Found) Notice(what string) string {
	if !f.Older {
		return ""
	}
	return "the newest copy of " + what + " was damaged: the one before it was used"
}

// Read returns the newest whole copy of a record. It is ErrMissing where there is none,
// ErrDamaged where there are some of which none is whole, and ErrNewer where one is of
// a format that this program does not know.
func (s *Store) Read(name string) (Found, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	newest, other, err := s.look(name)
	if err != nil {
		return Found{}, naming(name, err)
	}
	switch {
	case newest.state == whole:
		return Found{Bytes: newest.payload, Older: other.state == damaged && other.generation >= newest.generation}, nil
	case newest.state == damaged || other.state == damaged:
		return Found{}, naming(name, ErrDamaged)
	}
	return Found{}, naming(name, files.ErrMissing)
}

// Write keeps a record in the place of its older copy. After an error the newer one is
// as it was.
func (s *Store) Write(name string, payload []byte) error {
	if err := CheckName(name); err != nil {
		return err
	}
	if len(payload) > MaxBytes {
		return fault.Errorf("keep", "%s has %d bytes, want at most %d", name, len(payload), MaxBytes)
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	generation, known := s.next[name]
	if !known {
		if _, _, err := s.look(name); err != nil {
			return naming(name, err)
		}
		generation = s.next[name]
	}
	if err := s.disk.Write(fileOf(name, generation), encodeSlot(generation, payload)); err != nil {
		return naming(name, err)
	}
	s.next[name] = generation + 1
	return nil
}

// Remove removes a record, if it is there.
func (s *Store) Remove(name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	next := s.next[name]
	delete(s.next, name)
	// The older copy first, where that is known: so it is never taken for the newest.
	for _, generation := range []uint64{next, next + 1} {
		if err := s.disk.Remove(fileOf(name, generation)); err != nil {
			return naming(name, err)
		}
	}
	return nil
}

// List returns all records by their names, whole or not.
func (s *Store) List() ([]files.Entry, error) {
	found, err := s.disk.List()
	if err != nil {
		return nil, fault.Errorf("keep", "listing what is kept: %w", err)
	}
	sizes := map[string]int{}
	for _, f := range found {
		if name, ok := recordOf(f.Name); ok {
			sizes[name] += f.Bytes
		}
	}
	var records []files.Entry
	for name, bytes := range sizes {
		records = append(records, files.Entry{Name: name, Bytes: bytes})
	}
	slices.SortFunc(records, func(a, b files.Entry) int { return cmp.Compare(a.Name, b.Name) })
	return records, nil
}

// look reads both slots, the newest whole one first, and notes which generation the
// next write has.
func (s *Store) look(name string) (newest, other slot, err error) {
	if err := CheckName(name); err != nil {
		return slot{}, slot{}, err
	}
	var slots [2]slot
	for i := range slots {
		if slots[i], err = s.readSlot(fileOf(name, uint64(i)), uint64(i)); err != nil {
			return slot{}, slot{}, err
		}
	}
	newest, other = slots[0], slots[1]
	if other.state == whole && (newest.state != whole || newest.generation < other.generation) {
		newest, other = other, newest
	}
	s.next[name] = 0 // Where nothing is whole both slots are free.
	if newest.state == whole {
		s.next[name] = newest.generation + 1
	}
	return newest, other, nil
}

// readSlot reads the slot of even or of odd generations.
func (s *Store) readSlot(file string, parity uint64) (slot, error) {
	b, err := s.disk.Read(file)
	if errors.Is(err, files.ErrMissing) {
		return slot{}, nil
	}
	if err != nil {
		return slot{}, err
	}
	found, err := decodeSlot(b)
	if found.state == whole && found.generation%2 != parity {
		found.state = damaged // Somebody else put it there.
	}
	return found, err
}

func naming(name string, err error) error { return fault.Errorf("keep", "%s: %w", name, err) }

// fileOf returns the file of a record's generation.
func fileOf(name string, generation uint64) string {
	return name + [2]string{".0", ".1"}[generation%2]
}

// recordOf returns the record that a file is a slot of.
func recordOf(file string) (name string, ok bool) {
	for _, end := range []string{".0", ".1"} {
		if name, ok = strings.CutSuffix(file, end); ok {
			return name, CheckName(name) == nil
		}
	}
	return "", false
}
