package project

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"path"

	"quarterturn/core/dataset"
	"quarterturn/core/fault"
	"quarterturn/core/train"
)

// Pictures is a collection in its order, on which the numbers of runs depend.
type Pictures struct {
	Name    string
	Side    int      // Of the pictures, in pixels.
	Classes []string // In the order of their labels.
	Items   []Picture
}

// A Picture is one of a collection.
type Picture struct {
	ID     int    // Names it in a lab.
	Name   string // Where it came from.
	Class  int    // Index of Classes, or -1.
	Part   Part
	Pixels []byte // [Side, Side, 3]
}

// A Part is what a picture is for.
type Part string

// The parts. Pictures to validate by are apart only in runs of the command.
const (
	OfTrain      Part = "train"
	OfTest       Part = "test"
	OfValidation Part = "validation"
)

// PicturesOf returns a set as the collection of a project.
func PicturesOf(name string, set *dataset.Set) *Pictures {
	p := &Pictures{Name: name, Side: set.Train.Side, Classes: set.Train.Classes}
	p.add(set.Train, OfTrain)
	p.add(set.Test, OfTest)
	if set.Validation != nil {
		p.add(set.Validation, OfValidation)
	}
	return p
}

func (p *Pictures) add(from *dataset.Pictures, part Part) {
	for i := range from.Len() {
		p.Items = append(p.Items, Picture{ID: len(p.Items), Name: from.Name(i), Class: int(from.Labels[i]), Part: part, Pixels: from.At(i)})
	}
}

// Set returns the collection as a run has it.
func (p *Pictures) Set() *dataset.Set {
	parts := map[Part]*dataset.Pictures{}
	for _, part := range []Part{OfTrain, OfTest, OfValidation} {
		parts[part] = &dataset.Pictures{Side: p.Side, Classes: p.Classes, Names: []string{}}
	}
	for _, it := range p.Items {
		to := parts[it.Part]
		to.Pixels = append(to.Pixels, it.Pixels...)
		to.Labels = append(to.Labels, int32(it.Class))
		to.Names = append(to.Names, it.Name)
	}
	set := &dataset.Set{Train: parts[OfTrain], Test: parts[OfTest]}
	if parts[OfValidation].Len() > 0 {
		set.Validation = parts[OfValidation]
	}
	return set
}

// Fingerprint is that of what runs take from the collection.
func (p *Pictures) Fingerprint() string { return train.Fingerprint(p.Set()) }

// TestFingerprint is that of its test pictures alone.
func (p *Pictures) TestFingerprint() string { return train.FingerprintOf(p.Set().Test) }

// files returns the path of each picture's file, in their order.
func (p *Pictures) files() []string {
	folders := map[string]int{}
	taken := map[string]int{} // Folders by their classes' slugs.
	classes := make([]string, len(p.Classes))
	for i, name := range p.Classes {
		classes[i] = slug(name)
		if taken[classes[i]]++; taken[classes[i]] > 1 || classes[i] == unlabelled {
			classes[i] = fmt.Sprintf("%s-%d", classes[i], i+1)
		}
	}
	paths := make([]string, len(p.Items))
	for i, it := range p.Items {
		class := unlabelled
		if it.Class >= 0 {
			class = classes[it.Class]
		}
		folder := path.Join(picturesFolder, string(it.Part), class)
		folders[folder]++
		paths[i] = fmt.Sprintf("%s/%05d.png", folder, folders[folder])
	}
	return paths
}

// unlabelled is the folder of pictures without a class.
const unlabelled = "no-class"

// encode returns a picture as PNG.
func (p *Pictures) encode(it Picture) ([]byte, error) {
	picture := image.NewNRGBA(image.Rect(0, 0, p.Side, p.Side))
	if len(it.Pixels) != p.Side*p.Side*dataset.Channels {
		return nil, fault.Errorf("project", "picture %s has %d bytes, want %d", it.Name, len(it.Pixels), p.Side*p.Side*dataset.Channels)
	}
	for i := range p.Side * p.Side {
		copy(picture.Pix[4*i:], it.Pixels[3*i:3*i+3])
		picture.Pix[4*i+3] = 0xff
	}
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed} // Of 32×32 pixels a better one saves nothing.
	err := encoder.Encode(&b, picture)
	return b.Bytes(), err
}

// decode reads the PNG of a picture.
func (p *Pictures) decode(file string, b []byte) ([]byte, error) {
	limits := dataset.Limits{Pixels: int64(p.Side) * int64(p.Side)}
	sizes, err := dataset.DecodeSizes(file, b, limits, p.Side)
	if err != nil {
		return nil, err
	}
	return sizes[0], nil
}
