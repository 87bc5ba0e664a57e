package main

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"quarterturn/core/dataset"
)

// An index tells where the pictures of a collection came from.
type index struct {
	record map[string]string // Source of the record "file#position".
	tile   map[string]tile   // Tile of a source.
	sheets map[string]image.Image
}

// A tile is a place in a sheet of 64-pixel tiles.
type tile struct {
	sheet    string
	position int
}

const (
	tileSide    = 64
	tileColumns = 16
)

// readIndex reads a collection's index.tsv.
func readIndex(file string) (*index, error) {
	lines, err := readTable(file, 5)
	if err != nil {
		return nil, err
	}
	x := &index{record: make(map[string]string), tile: make(map[string]tile), sheets: make(map[string]image.Image)}
	for _, fields := range lines {
		position, err := strconv.Atoi(fields[1])
		if err != nil {
			return nil, fmt.Errorf("%s: position %q", file, fields[1])
		}
		if strings.HasPrefix(fields[0], "sheet-") {
			x.tile[fields[4]] = tile{fields[0], position}
			continue
		}
		x.record[fmt.Sprintf("%s#%d", fields[0], position)] = fields[4]
	}
	return x, nil
}

// readLeftOut reads which sources are left out. No file means none.
func readLeftOut(file string) (map[string]bool, error) {
	if _, err := os.Stat(file); os.IsNotExist(err) {
		return nil, nil
	}
	lines, err := readTable(file, 2)
	left := make(map[string]bool)
	for _, fields := range lines {
		left[fields[0]] = true
	}
	return left, err
}

// readTable reads tab-separated lines below a line of column names.
func readTable(file string, columns int) ([][]string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var lines [][]string
	for n, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		fields := strings.Split(line, "\t")
		if len(fields) != columns {
			return nil, fmt.Errorf("%s: line %d: %d columns, want %d", file, n+1, len(fields), columns)
		}
		if n > 0 {
			lines = append(lines, fields)
		}
	}
	return lines, nil
}

// choose returns the pictures that are not left out, by class and within it in
// the collection's order, named by their sources: neighbours then look alike,
// which compresses better.
func (x *index) choose(p *dataset.Pictures, left map[string]bool) *dataset.Pictures {
	var chosen []int
	for i := range p.Len() {
		p.Names[i] = x.record[p.Names[i]]
		if !left[p.Names[i]] {
			chosen = append(chosen, i)
		}
	}
	slices.SortStableFunc(chosen, func(a, b int) int { return cmp.Compare(p.Class(a), p.Class(b)) })
	return p.Subset(chosen)
}

// previews returns tiles for the first pictures of each class that have one, and
// the tile of each picture, or -1.
func (x *index) previews(p *dataset.Pictures, from string, perClass int) (*dataset.Pictures, []int, error) {
	previews := &dataset.Pictures{Side: tileSide}
	tiles := make([]int, p.Len())
	had := make(map[int32]int)
	for i := range p.Len() {
		at, ok := x.tile[p.Name(i)]
		tiles[i] = -1
		if !ok || had[p.Labels[i]] == perClass {
			continue
		}
		pixels, err := x.readTile(filepath.Join(from, at.sheet), at.position)
		if err != nil {
			return nil, nil, err
		}
		had[p.Labels[i]]++
		tiles[i] = previews.Len()
		previews.Pixels = append(previews.Pixels, pixels...)
		previews.Labels = append(previews.Labels, dataset.Unlabelled)
	}
	return previews, tiles, nil
}

// readTile returns a tile on white.
func (x *index) readTile(file string, position int) ([]byte, error) {
	if x.sheets[file] == nil {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if x.sheets[file], err = png.Decode(bytes.NewReader(data)); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	square := image.NewRGBA(image.Rect(0, 0, tileSide, tileSide))
	draw.Draw(square, square.Bounds(), image.White, image.Point{}, draw.Src)
	at := image.Pt(position%tileColumns*tileSide, position/tileColumns*tileSide)
	draw.Draw(square, square.Bounds(), x.sheets[file], at, draw.Over)
	var pixels []byte
	for i := 0; i < len(square.Pix); i += 4 {
		pixels = append(pixels, square.Pix[i:i+3]...)
	}
	return pixels, nil
}
