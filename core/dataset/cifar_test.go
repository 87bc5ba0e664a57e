package dataset

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"quarterturn/core/fault"
)

// records returns n records, labelled 0, 1, 2 and so on modulo 10, of noise.
func records(n int) []byte {
	var data []byte
	for i := range n {
		data = append(data, byte(i%10))
		for _, v := range noise(recordSide) {
			data = append(data, v*byte(2*i+1)) // Odd factors keep it noise, and no record repeats another.
		}
	}
	return data
}

func TestReadRecords(t *testing.T) {
	data := records(3)
	// One byte at a time: a reader may return less than it was asked for.
	p, err := readCIFAR10(iotest.OneByteReader(bytes.NewReader(data)))
	if err != nil {
		t.Fatal(err)
	}
	if p.Len() != 3 || p.Class(2) != "bird" || p.Validate() != nil {
		t.Fatalf("%d pictures, the third a %s, %v", p.Len(), p.Class(2), p.Validate())
	}
	plane := data[RecordSize+1:]
	for _, at := range []int{0, 1, 31, 32, 1023} {
		for c := range Channels {
			if got, want := p.At(1)[at*Channels+c], plane[c*1024+at]; got != want {
				t.Errorf("pixel %d, channel %d is %d, want %d", at, c, got, want)
			}
		}
	}
}

func TestReadRecordsErrors(t *testing.T) {
	wrongLabel := records(2)
	wrongLabel[RecordSize] = 10
	broken := errors.New("disk on fire")
	tests := []struct {
		name string
		r    io.Reader
		want string
	}{
		{"cut short", bytes.NewReader(records(2)[:RecordSize+5]), "record 1: cut short after 5 of 3073 bytes"},
		{"a label alone", bytes.NewReader([]byte{3}), "record 0: cut short"},
		{"wrong label", bytes.NewReader(wrongLabel), "record 1: label 10, want 0 to 9"},
		{"reader fails", iotest.ErrReader(broken), "disk on fire"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := readCIFAR10(tt.r)
			if p != nil || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("readCIFAR10 = %v, %v, want an error with %q", p, err, tt.want)
			}
		})
	}
}

func TestWriteCIFAR10RoundTrip(t *testing.T) {
	data := records(12)
	p, err := readCIFAR10(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var back bytes.Buffer
	if err := WriteCIFAR10(&back, p); err != nil || !bytes.Equal(back.Bytes(), data) {
		t.Errorf("what was read is not what is written (%v)", err)
	}
	p.Labels[3] = Unlabelled
	if WriteCIFAR10(io.Discard, p) == nil || WriteCIFAR10(io.Discard, numbered(0)) == nil {
		t.Error("an unlabelled picture or one of 2×2 pixels was written")
	}
}

func TestReadClassNames(t *testing.T) {
	tests := []struct {
		name, text string
		want       int // Names, or 0 for an error.
	}{
		{"as published", "airplane\nautomobile\n\n", 2},
		{"Windows", "cat\r\ndog\r\n", 2},
		{"no line end", "cat", 1},
		{"empty", "\n\n", 0},
		{"too many", strings.Repeat("x\n", 257), 0},
		{"too long", strings.Repeat("x", 65<<10), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			names, err := readClassNames(strings.NewReader(tt.text))
			if len(names) != tt.want || (err == nil) != (tt.want > 0) {
				t.Errorf("%d names %.40q, %v, want %d", len(names), names, err, tt.want)
			}
		})
	}
}

// checkEveryRecord expects each whole record to be visited or called wrong, once.
func checkEveryRecord(t *testing.T, data []byte) {
	t.Helper()
	right, wrong := 0, 0
	err := readRecords(bytes.NewReader(data), len(cifarClasses),
		func(int, byte, []byte) error { right++; return nil }, func(error) error { wrong++; return nil })
	if right+wrong != len(data)/RecordSize || (err == nil) != (len(data)%RecordSize == 0) {
		t.Errorf("%d right and %d wrong records of %d bytes, %v", right, wrong, len(data), err)
	}
}

func FuzzReadRecords(f *testing.F) {
	f.Add(records(1))
	f.Add(records(2)[:RecordSize+1])
	f.Add(append(bytes.Repeat([]byte{10}, RecordSize), records(1)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		checkEveryRecord(t, data)
		p, err := readCIFAR10(bytes.NewReader(data))
		if err != nil {
			return
		}
		var back bytes.Buffer
		if err := WriteCIFAR10(&back, p); err != nil || !bytes.Equal(back.Bytes(), data) {
			t.Errorf("%d bytes do not round trip (%v)", len(data), err)
		}
	})
}

// readCIFAR10 reads records in CIFAR-10's binary format until r ends. A record
// cut short or a label above 9 is an error.
func readCIFAR10(r io.Reader) (*Pictures, error) {
	pictures := &Pictures{Side: recordSide, Classes: slices.Clone(cifarClasses)}
	err := readRecords(r, len(cifarClasses), func(_ int, label byte, pixels []byte) error {
		pictures.add(pixels, int32(label))
		return nil
	}, func(wrong error) error { return wrong })
	if err != nil {
		return nil, fault.Errorf("dataset", "%w", err)
	}
	return pictures, nil
}
