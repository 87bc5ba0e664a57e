package cache

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"

	"quarterturn/core/dataset"
)

// A file is, in this order: version, the length of the header as a little-endian
// uint32, the header as JSON, the pixels of the training and of the test pictures, and
// the SHA-256 of all that.

// version begins each file. It changes whenever pictures are decoded otherwise.
const version = "quarterturn pictures 1\n"

// maxHeader bounds the header: a million long names.
const maxHeader = 256 << 20

// A header is a set without its pixels.
type header struct {
	Side        int
	Classes     []string
	Train, Test part
	HeldOut     bool
	Lost        int
	Problems    []dataset.Problem
	Notices     []string
}

// A part is some pictures without their pixels.
type part struct {
	Labels []int32
	Names  []string
}

func headerOf(s *dataset.Set) header {
	return header{
		Side: s.Train.Side, Classes: s.Train.Classes, HeldOut: s.HeldOut, Lost: s.Lost, Problems: s.Problems, Notices: s.Notices,
		Train: part{s.Train.Labels, s.Train.Names}, Test: part{s.Test.Labels, s.Test.Names},
	}
}

// write writes a set under a name that appears once it is whole, and returns its size.
func write(path string, s *dataset.Set) (size int64, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return 0, err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path))
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name()) // Where it has not got its name.
	size, err = encode(f, s)
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, err
	}
	return size, os.Rename(f.Name(), path)
}

func encode(to io.Writer, s *dataset.Set) (size int64, err error) {
	text, err := json.Marshal(headerOf(s))
	if err != nil {
		return 0, err
	}
	buffered, sum := bufio.NewWriterSize(to, 1<<20), sha256.New()
	w := io.MultiWriter(buffered, sum)
	for _, b := range [][]byte{[]byte(version), binary.LittleEndian.AppendUint32(nil, uint32(len(text))), text, s.Train.Pixels, s.Test.Pixels} {
		if _, err := w.Write(b); err != nil {
			return 0, err
		}
		size += int64(len(b))
	}
	_, err = buffered.Write(sum.Sum(nil))
	return size + sha256.Size, errors.Join(err, buffered.Flush())
}

// read reads what write wrote.
func read(path string) (*dataset.Set, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return decode(bufio.NewReaderSize(f, 1<<20), info.Size())
}

// decode reads a file of so many bytes, for more than which nothing is allocated.
func decode(from io.Reader, size int64) (*dataset.Set, error) {
	r := reader{from: from, left: size, sum: sha256.New()}
	if begins, err := r.take(int64(len(version))); err != nil || string(begins) != version {
		return nil, fmt.Errorf("not of this version: %w", err)
	}
	n, err := r.take(4)
	if err != nil {
		return nil, err
	}
	text, err := r.take(min(int64(binary.LittleEndian.Uint32(n)), maxHeader+1))
	if err != nil || len(text) > maxHeader {
		return nil, errors.Join(err, errors.New("no header"))
	}
	var h header
	if err := json.Unmarshal(text, &h); err != nil {
		return nil, err
	}
	set := &dataset.Set{HeldOut: h.HeldOut, Lost: h.Lost, Problems: h.Problems, Notices: h.Notices}
	if set.Train, err = r.pictures(h, h.Train); err != nil {
		return nil, err
	}
	if set.Test, err = r.pictures(h, h.Test); err != nil {
		return nil, err
	}
	want := r.sum.Sum(nil)
	if got, err := r.take(sha256.Size); err != nil || !bytes.Equal(got, want) || r.left != 0 {
		return nil, errors.Join(err, errors.New("another checksum"))
	}
	return set, nil
}

// A reader takes pieces of a file and adds them up.
type reader struct {
	from io.Reader
	left int64
	sum  hash.Hash
}

func (r *reader) take(n int64) ([]byte, error) {
	if n < 0 || n > r.left {
		return nil, io.ErrUnexpectedEOF
	}
	r.left -= n
	b := make([]byte, n)
	if _, err := io.ReadFull(r.from, b); err != nil {
		return nil, err
	}
	r.sum.Write(b)
	return b, nil
}

// pictures reads the pixels of a part.
func (r *reader) pictures(h header, p part) (*dataset.Pictures, error) {
	if h.Side < 1 || h.Side > dataset.MaxSide {
		return nil, fmt.Errorf("pictures of side %d", h.Side)
	}
	all := &dataset.Pictures{Side: h.Side, Classes: append([]string(nil), h.Classes...), Labels: p.Labels, Names: p.Names}
	var err error
	if all.Pixels, err = r.take(int64(len(p.Labels)) * int64(all.Size())); err != nil {
		return nil, err
	}
	return all, all.Validate()
}
