// Gen makes the built-in picture sets of assets/pictures from the collections
// they are taken from:
//
//	go run ./assets/pictures/internal/gen -from DIR -to assets/pictures
//
// DIR has a folder per collection with train-32.bin.gz and test-32.bin.gz
// (CIFAR-10's binary format), batches.meta.txt, index.tsv (file, position,
// label, class, source) and sheet-64-CLASS.png (tiles of 64 pixels, 16 a row).
//
// Pictures named in a set's left-out.tsv are left out. Sheets of 32 pixels are
// stored without loss, because the network learns from them and loss leaves a
// trace of the direction; previews are for people only and lossy. Go's packages
// read WebP but do not write it, so ImageMagick's convert with libwebp does; what
// it wrote without loss is read back and compared. ImageMagick 6.9.11 with
// libwebp 1.2.4 made the files that are checked in.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"quarterturn/core/dataset"
)

// A source says which collection a set is made of.
type source struct {
	set, collection string
	previews        int // Training pictures per class that get a preview.
	license         string
}

// The numbers of previews keep both sets together below 3 MB.
var sources = []source{
	{"photographs", "caltech101-10", 32, "LICENSE.txt"},
	{"emoji", "fluent-emoji", 24, "LICENSE"},
}

func main() {
	from := flag.String("from", "", "folder of the collections")
	to := flag.String("to", "assets/pictures", "folder of the sets")
	flag.Parse()
	for _, s := range sources {
		if err := build(s, filepath.Join(*from, s.collection), filepath.Join(*to, s.set)); err != nil {
			fmt.Fprintf(os.Stderr, "gen: %s: %v\n", s.set, err)
			os.Exit(1)
		}
	}
}

// build makes one set.
func build(s source, from, to string) error {
	index, err := readIndex(filepath.Join(from, "index.tsv"))
	if err != nil {
		return err
	}
	left, err := readLeftOut(filepath.Join(to, "left-out.tsv"))
	if err != nil {
		return err
	}
	set, err := dataset.Open(from, dataset.Options{})
	if err != nil {
		return err
	}
	train := index.choose(set.Train, left)
	test := index.choose(set.Test, left)
	previews, tile, err := index.previews(train, from, s.previews)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d train, %d test, %d previews, %d left out\n", s.set, train.Len(), test.Len(), previews.Len(), len(left))
	if err := writeIndex(filepath.Join(to, dataset.SheetIndex), train, test, tile); err != nil {
		return err
	}
	if err := writeLossless(filepath.Join(to, dataset.SheetTrain), train); err != nil {
		return err
	}
	if err := writeLossless(filepath.Join(to, dataset.SheetTest), test); err != nil {
		return err
	}
	if err := writeLossy(filepath.Join(to, dataset.SheetPreview), previews); err != nil {
		return err
	}
	return copyFile(filepath.Join(to, "LICENSE.txt"), filepath.Join(from, s.license))
}

func copyFile(to, from string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o644)
}
