package keep

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"quarterturn/core/keep/files"
	"quarterturn/core/keep/record"
)

// A frail disk breaks as tests want it to.
type frail struct {
	files.Memory
	room   int // Bytes of all files; 0 for no end.
	tear   int // Of the next write only so many bytes arrive, where it is not negative.
	broken error
}

func newFrail() *frail { return &frail{tear: -1} }

func (f *frail) Read(name string) ([]byte, error) {
	if f.broken != nil {
		return nil, f.broken
	}
	return f.Memory.Read(name)
}

func (f *frail) Write(name string, b []byte) error {
	if f.broken != nil {
		return f.broken
	}
	if f.tear >= 0 {
		_ = f.Memory.Write(name, b[:min(f.tear, len(b))])
		f.tear = -1
		return errors.New("the power went")
	}
	used := len(b)
	for other, content := range f.Files {
		if other != name {
			used += len(content)
		}
	}
	if f.room > 0 && used > f.room {
		return fmt.Errorf("%d bytes: %w", used, files.ErrFull)
	}
	return f.Memory.Write(name, b)
}

func mustWrite(t *testing.T, s *Store, name, text string) {
	t.Helper()
	if err := s.Write(name, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, s *Store, name, want string, older bool) {
	t.Helper()
	found, err := s.Read(name)
	if err != nil || string(found.Bytes) != want || found.Older != older {
		t.Errorf("read %q, older %v, %v; want %q, older %v", found.Bytes, found.Older, err, want, older)
	}
}

func TestNewestIsRead(t *testing.T) {
	disk := newFrail()
	s := New(disk)
	if _, err := s.Read("run/a/state"); !errors.Is(err, files.ErrMissing) {
		t.Errorf("reading nothing gave %v", err)
	}
	for i := range 7 {
		if i == 4 {
			s = New(disk) // As after a reload.
		}
		text := strings.Repeat("x", i)
		mustWrite(t, s, "run/a/state", text)
		check(t, s, "run/a/state", text, false)
		check(t, New(disk), "run/a/state", text, false)
	}
	if len(disk.Files) != 2 {
		t.Errorf("the disk has %d files, want 2", len(disk.Files))
	}
}

// TestTornWrites cuts a write off after each number of bytes. What was there before is
// read, and said to be the older one; then a write mends it.
func TestTornWrites(t *testing.T) {
	whole := encodeSlot(2, []byte("third"))
	for n := range len(whole) {
		disk := newFrail()
		s := New(disk)
		mustWrite(t, s, "a", "first")
		mustWrite(t, s, "a", "second")
		disk.tear = n
		if err := s.Write("a", []byte("third")); err == nil {
			t.Fatalf("a write cut off after %d bytes was no error", n)
		}
		s = New(disk)
		check(t, s, "a", "second", n > 0) // Of nothing at all there is nothing to say.
		mustWrite(t, s, "a", "fourth")
		check(t, New(disk), "a", "fourth", false)
	}
}

// TestFlippedBits flips each bit of the newer copy, and of the older.
func TestFlippedBits(t *testing.T) {
	for _, file := range []string{"a.0", "a.1"} {
		for bit := range 8 * len(encodeSlot(0, []byte("second"))) {
			disk := newFrail()
			s := New(disk)
			mustWrite(t, s, "a", "first.")
			mustWrite(t, s, "a", "second")
			disk.Files[file][bit/8] ^= 1 << (bit % 8)
			if file == "a.1" {
				check(t, s, "a", "first.", true)
				continue
			}
			if found, err := s.Read("a"); err != nil || string(found.Bytes) != "second" {
				t.Errorf("bit %d of the older copy: read %q, %v", bit, found.Bytes, err)
			}
		}
	}
}

func TestBothDamaged(t *testing.T) {
	disk := newFrail()
	s := New(disk)
	mustWrite(t, s, "a", "first")
	mustWrite(t, s, "a", "second")
	disk.Files["a.0"], disk.Files["a.1"] = []byte("garbage"), []byte("garbage")
	if _, err := s.Read("a"); !errors.Is(err, ErrDamaged) {
		t.Errorf("reading two damaged copies gave %v", err)
	}
	mustWrite(t, s, "a", "third")
	if found, err := s.Read("a"); err != nil || string(found.Bytes) != "third" {
		t.Errorf("read %q, %v", found.Bytes, err)
	}
}

// TestExchangedSlots are two whole files under each other's names.
func TestExchangedSlots(t *testing.T) {
	disk := newFrail()
	s := New(disk)
	mustWrite(t, s, "a", "first")
	mustWrite(t, s, "a", "second")
	disk.Files["a.0"], disk.Files["a.1"] = disk.Files["a.1"], disk.Files["a.0"]
	if _, err := s.Read("a"); !errors.Is(err, ErrDamaged) {
		t.Errorf("reading exchanged slots gave %v", err)
	}
}

func TestFullDisk(t *testing.T) {
	disk := newFrail()
	disk.room = 2*extraBytes + 20
	s := New(disk)
	mustWrite(t, s, "a", "first")
	mustWrite(t, s, "a", "second")
	if err := s.Write("a", make([]byte, 100)); !errors.Is(err, files.ErrFull) {
		t.Errorf("writing to a full disk gave %v", err)
	}
	check(t, s, "a", "second", false)
	disk.room = 0
	mustWrite(t, s, "a", "third")
	check(t, New(disk), "a", "third", false)
}

func TestBrokenDisk(t *testing.T) {
	disk := newFrail()
	s := New(disk)
	mustWrite(t, s, "a", "first")
	disk.broken = errors.New("no such device")
	if _, err := s.Read("a"); !errors.Is(err, disk.broken) {
		t.Errorf("reading gave %v", err)
	}
	if err := s.Write("b", nil); !errors.Is(err, disk.broken) {
		t.Errorf("writing gave %v", err)
	}
	disk.broken = nil
	check(t, s, "a", "first", false)
}

// TestNewerVersion: what a newer program kept is neither read nor written over, unless
// it is only damage that looks like that.
func TestNewerVersion(t *testing.T) {
	disk := newFrail()
	mustWrite(t, New(disk), "a", "first")
	disk.Files["a.1"] = resealed(encodeSlot(1, []byte("second")), len(magic), slotVersion+1)
	s := New(disk)
	_, err := s.Read("a")
	if !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "newer version of this program") {
		t.Errorf("reading gave %v", err)
	}
	if err := s.Write("a", nil); !errors.Is(err, ErrNewer) {
		t.Errorf("writing gave %v", err)
	}
	disk.Files["a.1"][headerBytes] ^= 1
	check(t, s, "a", "first", true)
}

// resealed changes a byte of a slot and gives it the sum that fits.
func resealed(b []byte, at int, value byte) []byte {
	b[at] = value
	whole := encodeSlot(0, b[headerBytes:len(b)-32])
	copy(whole, b[:headerBytes])
	sum := sumOf(whole[:len(whole)-32])
	return append(whole[:len(whole)-32], sum...)
}

func TestListAndRemove(t *testing.T) {
	disk := newFrail()
	s := New(disk)
	mustWrite(t, s, "run/b/model", "1234")
	mustWrite(t, s, "pictures", "1")
	mustWrite(t, s, "pictures", "12")
	_ = disk.Memory.Write("stranger", nil)
	want := []files.Entry{{Name: "pictures", Bytes: 2*extraBytes + 3}, {Name: "run/b/model", Bytes: extraBytes + 4}}
	if got, err := s.List(); err != nil || !slices.Equal(got, want) {
		t.Errorf("listed %v, %v; want %v", got, err, want)
	}
	for _, name := range []string{"pictures", "run/b/model", "run/c/model"} {
		if err := s.Remove(name); err != nil {
			t.Error(err)
		}
	}
	if got, err := s.List(); err != nil || len(got) != 0 {
		t.Errorf("after removing all it lists %v, %v", got, err)
	}
	mustWrite(t, s, "pictures", "again")
	check(t, s, "pictures", "again", false)
}

func TestNamesOfRecords(t *testing.T) {
	for name, good := range map[string]bool{
		record.Pictures: true, record.State("a-1_Z"): true, record.Model("7"): true,
		"": false, "/": false, "a/": false, "a//b": false, "..": false, "a b": false, "ä": false, "a.0": false, strings.Repeat("a", 201): false,
	} {
		if err := New(&files.Memory{}).Write(name, nil); (err == nil) != good {
			t.Errorf("a record named %q: %v", name, err)
		}
	}
}

func TestNotice(t *testing.T) {
	if got := (Found{}).Notice("it"); got != "" {
		t.Errorf("nothing was damaged, and the notice is %q", got)
	}
	if got, want := (Found{Older: true}).Notice("the pictures"), "the newest copy of the pictures was damaged: the one before it was used"; got != want {
		t.Errorf("the notice is %q, want %q", got, want)
	}
}

func TestParts(t *testing.T) {
	payload := Join([]byte("one"), nil, []byte("three"))
	parts, err := Split(payload, 3)
	if err != nil || string(parts[0]) != "one" || len(parts[1]) != 0 || string(parts[2]) != "three" {
		t.Errorf("split into %q, %v", parts, err)
	}
	for _, n := range []int{0, 2, 4} {
		if parts, err := Split(payload, n); err == nil {
			t.Errorf("split into %d parts %q", n, parts)
		}
	}
}

func FuzzSlot(f *testing.F) {
	f.Add(encodeSlot(3, []byte("payload")))
	f.Add(resealed(encodeSlot(3, []byte("payload")), len(magic), 9))
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := decodeSlot(b)
		if err == nil && s.state == whole && !bytes.Equal(encodeSlot(s.generation, s.payload), b) {
			t.Errorf("%x is whole, and its encoding another", b)
		}
		if s.state != whole && s.payload != nil {
			t.Errorf("%x is not whole and has a payload", b)
		}
	})
}

func FuzzSplit(f *testing.F) {
	f.Add(Join([]byte("one"), nil), 2)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		if parts, err := Split(b, n); err == nil && !bytes.Equal(Join(parts...), b) {
			t.Errorf("%x was split into %x", b, parts)
		}
	})
}
