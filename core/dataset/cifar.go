package dataset

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"quarterturn/core/fault"
)

// RecordSize is the length in bytes of a record in CIFAR-10's binary format: one
// label, then 32×32 planes of red, green and blue, each row by row.
// https://www.cs.toronto.edu/~kriz/cifar.html
const RecordSize = 1 + recordPlane*Channels

const (
	recordSide  = 32
	recordPlane = recordSide * recordSide
)

// isCIFARName reports whether a path is of a file of CIFAR-10's binary distribution, or
// says CIFAR-10 itself.
func isCIFARName(file string) bool {
	file = strings.ReplaceAll(strings.ToLower(file), "cifar-", "cifar")
	name := path.Base(file)
	return strings.HasPrefix(name, "data_batch_") || strings.HasPrefix(name, "test_batch") ||
		strings.Contains(strings.ReplaceAll(file, "cifar100", ""), "cifar10") // The other has classes of its own.
}

// isTestRecords reports whether a file of records is one for testing.
func isTestRecords(file string) bool {
	return strings.Contains(strings.ToLower(path.Base(file)), "test")
}

// cifarClasses are CIFAR-10's, in the order of its labels. They name the labels
// of its binary files that come without a batches.meta.txt.
var cifarClasses = []string{
	"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
}

// readRecords calls visit for each record of r, whose labels are below classes.
// The pixels, [32, 32, 3], are valid during the call. A record with another label
// goes to wrong instead: all records have one length, so that the next begins
// where it would have. An error of visit or wrong ends the reading and is returned
// as it is.
func readRecords(r io.Reader, classes int, visit func(i int, label byte, pixels []byte) error, wrong func(error) error) error {
	var (
		record [RecordSize]byte
		pixels [recordPlane * Channels]byte
	)
	for i := 0; ; i++ {
		n, err := io.ReadFull(r, record[:])
		switch {
		case err == io.EOF:
			return nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return shortRecord{i, n}
		case err != nil:
			return fmt.Errorf("record %d: %w", i, err)
		case int(record[0]) >= classes:
			if err := wrong(fmt.Errorf("record %d: label %d, want 0 to %d", i, record[0], classes-1)); err != nil {
				return err
			}
			continue
		}
		interleave(pixels[:], record[1:])
		if err := visit(i, record[0], pixels[:]); err != nil {
			return err
		}
	}
}

// A shortRecord is a record that ends before it should.
type shortRecord struct{ record, bytes int }

func (e shortRecord) Error() string {
	return fmt.Sprintf("record %d: cut short after %d of %d bytes", e.record, e.bytes, RecordSize)
}

func (e shortRecord) Unwrap() error { return io.ErrUnexpectedEOF }

// WriteCIFAR10 writes 32×32 pictures as CIFAR-10 records. Pictures of another
// side, unlabelled ones and labels above 255 are errors.
func WriteCIFAR10(w io.Writer, p *Pictures) error {
	if p.Side != recordSide {
		return fault.Errorf("dataset", "write records: side is %d, want %d", p.Side, recordSide)
	}
	var record [RecordSize]byte
	for i, label := range p.Labels {
		if label < 0 || label > 255 {
			return fault.Errorf("dataset", "write records: picture %d: label %d, want 0 to 255", i, label)
		}
		record[0] = byte(label)
		planes(record[1:], p.At(i))
		if _, err := w.Write(record[:]); err != nil {
			return fault.Errorf("dataset", "write records: %w", err)
		}
	}
	return nil
}

// interleave turns planes [3, 32, 32] into pixels [32, 32, 3].
func interleave(pixels, planes []byte) {
	for i := range recordPlane {
		pixels[i*Channels] = planes[i]
		pixels[i*Channels+1] = planes[recordPlane+i]
		pixels[i*Channels+2] = planes[2*recordPlane+i]
	}
}

// planes turns pixels [32, 32, 3] into planes [3, 32, 32].
func planes(planes, pixels []byte) {
	for i := range recordPlane {
		planes[i] = pixels[i*Channels]
		planes[recordPlane+i] = pixels[i*Channels+1]
		planes[2*recordPlane+i] = pixels[i*Channels+2]
	}
}

// readClassNames reads a batches.meta.txt: one class a line, empty lines at the
// end. A label is a byte, so 256 names are enough for anybody.
func readClassNames(r io.Reader) ([]string, error) {
	const limit = 64 << 10
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if len(data) > limit {
		return nil, errors.New("a list of class names of more than 64 kB")
	}
	var names []string
	for line := range bytes.Lines(data) {
		if name := strings.TrimSpace(string(line)); name != "" {
			names = append(names, name)
		}
	}
	if len(names) == 0 || len(names) > 256 {
		return nil, fmt.Errorf("%d class names, want 1 to 256", len(names))
	}
	return names, nil
}
