package dataset_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"

	"quarterturn/core/dataset"
)

// Files come one at a time where there is no file system. Their folders are the
// classes, and what cannot be used does not stop the rest.
func ExampleImporter() {
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		fmt.Println(err)
	}
	im, err := dataset.NewImporter(dataset.Options{HoldOut: -1})
	if err != nil {
		fmt.Println(err)
		return
	}
	im.Add("pets/cat/1.png", picture.Bytes())
	im.Add("pets/dog/1.png", picture.Bytes())
	im.Add("pets/dog/2.heic", []byte("\x00\x00\x00\x18ftypheic"))
	set, err := im.Finish()
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range set.Train.Len() {
		fmt.Println(set.Train.Name(i), "is a", set.Train.Class(i))
	}
	for _, problem := range set.Problems {
		fmt.Println(problem.File+":", problem.Reason)
	}
	// Output:
	// pets/cat/1.png is a cat
	// pets/dog/1.png is a dog
	// pets/dog/2.heic: HEIC pictures are not read here; save it as JPEG or PNG
}

func ExampleBudget() {
	labels := []int32{0, 0, 0, 1, 1, 1, dataset.Unlabelled}
	for _, perClass := range []int{1, 2, 0} {
		fmt.Println(len(dataset.Budget(labels, perClass, 1)))
	}
	// Output:
	// 2
	// 4
	// 6
}
