package dataset

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

// noisyRecords are records that compress badly, as pictures do.
func noisyRecords(n int) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	data := make([]byte, n*RecordSize)
	for i := range data {
		data[i] = byte(random.IntN(256))
	}
	for i := range n {
		data[i*RecordSize] = byte(i % 10)
	}
	return data
}

// TestFlippedBitsAreSeen flips single bits of compressed archives, from beginning to
// end: whatever becomes of the pictures, the damage is said, and Check refuses it.
func TestFlippedBitsAreSeen(t *testing.T) {
	data := noisyRecords(20)
	archive := tarOf(t, file{"cifar-10-batches-bin/data_batch_1.bin", data}, file{"cifar-10-batches-bin/test_batch.bin", data[:RecordSize]})
	for name, whole := range map[string][]byte{"cifar.tar.gz": gzipOf(t, archive), "data_batch_1.bin.gz": gzipOf(t, data)} {
		if set, err := imported(t, Options{}, file{name, whole}); err != nil || len(set.Problems) > 0 || set.Check(0) != nil {
			t.Fatalf("%s undamaged: %v, %v", name, set.Problems, err)
		}
		const flips = 100
		for i := range flips {
			at := 10 + i*(len(whole)-10)/flips // Behind the header, of which the time has no checksum.
			spoilt := append([]byte(nil), whole...)
			spoilt[at] ^= 1 << (i % 8)
			set, _ := imported(t, Options{}, file{name, spoilt})
			if err := set.Check(0.5); len(set.Problems) == 0 || err == nil || !strings.Contains(err.Error(), "trusted") {
				t.Errorf("%s with a flipped bit in byte %d of %d: %d pictures, problems %v, %v", name, at, len(whole), set.Train.Len(), set.Problems, err)
			}
		}
	}
}

// TestFlippedBitsOfAllParts flips bits of small archives, each of a header and a trailer and
// some between, also of a stream within: the damage is said, or the pictures are the same,
// as where it is the time of packing or lies behind the last code.
func TestFlippedBitsOfAllParts(t *testing.T) {
	data := append(records(1), records(1)...)
	plain := tarOf(t, file{"cifar-10-batches-bin/data_batch_1.bin", data}, file{"cifar-10-batches-bin/test_batch.bin", data[:RecordSize]})
	nested := tarOf(t, file{"cifar/data_batch_1.bin", data}, file{"cifar/data_batch_2.bin.gz", gzipOf(t, data)})
	for name, whole := range map[string]file{
		"records in a tar.gz":       {"cifar.tar.gz", gzipOf(t, plain)},
		"compressed records":        {"data_batch_1.bin.gz", gzipOf(t, data)},
		"compressed within a tar":   {"cifar.tar", nested},
		"a limit within the stream": {"data_batch_1.bin.gz", gzipOf(t, append(data, data...))},
	} {
		limits := Limits{Pictures: 3}
		want, err := imported(t, Options{Limits: limits}, whole)
		if err != nil || want.Check(0) != nil {
			t.Fatalf("%s undamaged: %v, %v", name, want.Problems, err)
		}
		first, last := 0, len(whole.data)
		if name == "compressed within a tar" { // A tar has checksums of its headers alone.
			first = bytes.Index(whole.data, []byte("\x1f\x8b"))
			last = first + len(gzipOf(t, data))
		}
		for bit := first * 8; bit < last*8; bit++ {
			const ends = 24 * 8
			if between := bit >= first*8+ends && bit < last*8-ends; between && bit%61 != 0 {
				continue
			}
			spoilt := bytes.Clone(whole.data)
			spoilt[bit/8] ^= 1 << (bit % 8)
			got, _ := imported(t, Options{Limits: limits}, file{whole.name, spoilt})
			same := bytes.Equal(got.Train.Pixels, want.Train.Pixels) && bytes.Equal(got.Test.Pixels, want.Test.Pixels)
			if err := got.Check(0.9); !same && (err == nil || !strings.Contains(err.Error(), "trusted")) {
				t.Fatalf("%s with bit %d of byte %d of %d flipped: %d pictures, problems %v, %v", name, bit%8, bit/8, len(whole.data), got.Train.Len(), got.Problems, err)
			}
		}
	}
}

// TestDamageBehindWhatIsUsed: the checksum of a stream counts although a limit ended its
// use, and that of a zip's file although it is no picture.
func TestDamageBehindWhatIsUsed(t *testing.T) {
	good, many := picture(t), noisyRecords(20)
	packed := gzipOf(t, many)
	packed[len(packed)-6] ^= 1 // Of the checksum.
	inTar := gzipOf(t, tarOf(t, file{"a/1.png", good}, file{"a/2.png", good}, file{"b/3.png", good}))
	inTar[len(inTar)-6] ^= 1
	text := zipOf(t, file{"cat/1.png", good}, file{"dog/1.png", good}, file{"notes", many})
	text[bytes.Index(text, []byte("notes"))+3000] ^= 1
	for _, tt := range []struct {
		name string
		file file
	}{
		{"records", file{"data_batch_1.bin.gz", packed}},
		{"tar", file{"a.tar.gz", inTar}},
		{"records in a tar", file{"a.tar", tarOf(t, file{"data_batch_1.bin.gz", packed})}},
		{"no picture of a zip", file{"a.zip", text}},
		{"zip cut short", file{"a.zip", text[:len(text)-30]}},
	} {
		set, _ := imported(t, Options{Limits: Limits{Pictures: 2}}, tt.file)
		if err := set.Check(0.9); err == nil || !strings.Contains(err.Error(), "trusted") || set.Lost != 1 {
			t.Errorf("%s: %d pictures, %d lost, problems %v, %v", tt.name, set.Train.Len(), set.Lost, set.Problems, err)
		}
	}
}

func TestCheck(t *testing.T) {
	good := picture(t)
	files := []file{{"a/1.png", good}, {"a/2.png", good}, {"b/3.png", good}, {"b/4.png", []byte("not a picture")}}
	set, err := imported(t, Options{}, files...)
	if err != nil {
		t.Fatal(err)
	}
	if set.Lost != 1 {
		t.Errorf("%d are lost, want 1 of %v", set.Lost, set.Problems)
	}
	if err := set.Check(0.25); err != nil {
		t.Errorf("1 of 4 where 25 in 100 may be: %v", err)
	}
	if err := set.Check(0.24); err == nil || !strings.Contains(err.Error(), "1 of 4 pictures cannot be used, more than 24 in 100") || !strings.Contains(err.Error(), "b/4.png") {
		t.Errorf("1 of 4 where 24 in 100 may be: %v", err)
	}
	if err := set.Check(0.07); err == nil || !strings.Contains(err.Error(), "more than 7 in 100") {
		t.Errorf("1 of 4 where 7 in 100 may be: %v", err)
	}
	if err := set.Check(1); err != nil {
		t.Errorf("where all may be: %v", err)
	}
	records := records(40)
	for i := range 20 {
		records[i*RecordSize] = 77
	}
	set, err = imported(t, Options{}, file{"data_batch_1.bin", records})
	if err != nil || set.Lost != 20 {
		t.Errorf("%d are lost, want 20 of 40 records (%v)", set.Lost, err)
	}
}

// TestManyProblemsKeepTheDamage: a list that is full still has the damaged file.
func TestManyProblemsKeepTheDamage(t *testing.T) {
	set, _ := imported(t, Options{Limits: Limits{Problems: 2}}, file{"a/1.png", picture(t)}, file{"1.png", []byte("x")}, file{"2.png", []byte("x")}, file{"3.png", []byte("x")},
		file{"b.tar.gz", gzipOf(t, tarOf(t, file{"c/1.png", picture(t)}))[:60]})
	if len(set.Problems) != 2 || !set.Problems[1].Damaged || set.Lost != 4 {
		t.Errorf("%d lost, %+v", set.Lost, set.Problems)
	}
}

// TestOddArchives: names that are not what they look like, and archives of other kinds,
// are said.
func TestOddArchives(t *testing.T) {
	good := picture(t)
	for _, tt := range []struct {
		name, want string
		file       file
		pictures   int
	}{
		{"out of the archive", "leads out of", file{"a.zip", zipOf(t, file{"../../evil/x.png", good}, file{"cat/1.png", good})}, 1},
		{"absolute", "leads out of", file{"a.tar", tarOf(t, file{"/etc/x.png", good}, file{"cat/1.png", good})}, 1},
		{"Shift-JIS", "not written in UTF-8", file{"a.zip", zipOf(t, file{"\x94\x4c/1.png", good}, file{"cat/1.png", good})}, 2},
		{"bzip2", "bzip2", file{"a.tar.bz2", []byte("BZh91AY&SY")}, 0},
		{"xz", "xz", file{"a.tar.xz", []byte("\xfd7zXZ\x00")}, 0},
		{"7z", "7-Zip", file{"a.7z", []byte("7z\xbc\xaf\x27\x1c")}, 0},
		{"rar", "RAR", file{"a.rar", []byte("Rar!\x1a\x07")}, 0},
		{"zstd", "Zstandard", file{"a.tar.zst", []byte("\x28\xb5\x2f\xfd")}, 0},
		{"zip behind a prefix", "", file{"a.zip", append([]byte("#!/bin/sh\n"), zipOf(t, file{"cat/1.png", good})...)}, 1},
		{"no zip", "not a valid zip", file{"a.zip", []byte("#!/bin/sh\n")}, 0},
		{"encrypted", "encrypted", file{"a.zip", encrypted(zipOf(t, file{"cat/1.png", good}))}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			set, _ := imported(t, Options{}, tt.file)
			if set.Train.Len() != tt.pictures {
				t.Errorf("%d pictures, want %d", set.Train.Len(), tt.pictures)
			}
			said := strings.Join(set.Notices, "\n")
			for _, p := range set.Problems {
				said += "\n" + p.File + ": " + p.Reason
			}
			if tt.want != "" && (!strings.Contains(said, tt.want) || !strings.Contains(said, tt.file.name)) {
				t.Errorf("said %q, want %q of %s", said, tt.want, tt.file.name)
			}
			for _, class := range set.Train.Classes {
				if class == "evil" || strings.ContainsRune(class, '\uFFFD') {
					t.Errorf("the classes are %q", set.Train.Classes)
				}
			}
		})
	}
}

// encrypted sets the flag of encryption of a zip's first file, in both places.
func encrypted(z []byte) []byte {
	const flags = 6
	z[flags] |= 1
	at := strings.Index(string(z), "PK\x01\x02")
	z[at+flags+2] |= 1
	return z
}
