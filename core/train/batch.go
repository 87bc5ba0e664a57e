package train

import (
	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/fault"
	"quarterturn/core/internal/ahead"
	"quarterturn/core/rotation"
	"quarterturn/core/run"
)

// A batcher turns pictures into batches: the examples of step n are a pure
// function of the seed and n.
type batcher struct {
	pictures *dataset.Pictures
	augment  *dataset.Augment // Nil leaves pictures as they are.
	turns    int              // 4 for the pretext task, where each picture is four examples; else 1.
	oneTurn  bool             // Training pictures are one example each, in a turn drawn anew each epoch.
	features []float32        // [pictures, …] in the place of pixels, where a part below is frozen; else nil.
	perStep  int              // Pictures of a step.
	from, to int              // Those of them that are made here: all, or one worker's part.
	carries  bool             // What fills no batch of an epoch begins the next.
	seed     uint64

	order     []int // Of orderPass.
	orderPass int
	current   batch
	varied    []byte // [S, S, 3], one picture after augmentation.
	turned    []byte // [S, S, 3], and turned.
}

// A batch is the examples of one step. Its slices are reused by the next.
type batch struct {
	images []float32 // [N, S, S, 3], or [N, …] of features
	labels []int32   // [N]
}

// setBatches chooses the pictures that the run learns from and is tested on.
func (t *Trainer) setBatches(set *dataset.Set) error {
	train := set.Train
	if train.Side != t.config.Side {
		return fault.Errorf("train", "pictures have side %d, the run asks for %d", train.Side, t.config.Side)
	}
	turns := rotation.Turns
	t.classes = checkpoint.TurnNames()
	if t.config.Task != run.Pretext {
		turns = 1
		t.classes = train.Classes
		train = train.Subset(dataset.Budget(train.Labels, t.config.LabelsPerClass, t.config.Seed))
		if len(t.classes) < 2 {
			return fault.New("train", "naming pictures needs at least two classes: put each class's pictures into a folder of its own")
		}
	}
	if train.Len()*turns < 2 {
		return fault.Errorf("train", "%d pictures to learn from are too few", train.Len())
	}
	augment := &dataset.Augment{Pad: t.config.PadCrop, Crop: t.config.Crop(), Centre: t.config.CentralCrop != 0, Flip: t.config.Flip}
	if err := augment.Validate(train.Side); err != nil {
		return err
	}
	testTurns := turns
	if t.config.OneTurn {
		turns = 1
	}
	t.train = newBatcher(train, turns, t.config.BatchSize, t.config.Seed)
	t.train.augment, t.train.oneTurn = augment, t.config.OneTurn && t.config.Task == run.Pretext
	t.train.carries = t.config.CarryOver
	t.setTests(set, testTurns)
	return nil
}

// setTests chooses the pictures that validate and those of the test, which share the
// graph of one size of batches.
func (t *Trainer) setTests(set *dataset.Set, turns int) {
	tester := func(p *dataset.Pictures) *batcher {
		if t.config.Task != run.Pretext {
			p = p.Subset(p.Labelled())
		}
		b := newBatcher(p, turns, t.config.BatchSize, 0)
		b.augment = centre(t.config.Crop(), p.Side)
		return b
	}
	t.test = tester(set.Validating())
	t.exam = t.test
	if set.Validation != nil {
		t.exam = tester(set.Test)
		t.test.perStep = max(t.test.perStep, t.exam.perStep)
		t.exam.perStep = t.test.perStep
	}
}

// centre returns what shows the middle of a picture; nil for all of it.
func centre(crop, side int) *dataset.Augment {
	if crop == 0 || crop == side {
		return nil
	}
	return &dataset.Augment{Crop: crop, Centre: true}
}

// viewOf returns how a model wants pictures of a side shown; nil for whole.
func viewOf(m *checkpoint.Model, side int) *dataset.Augment {
	if m.Side == 0 {
		return nil
	}
	return centre(m.Crop*side/m.Side, side)
}

func newBatcher(pictures *dataset.Pictures, turns, examples int, seed uint64) *batcher {
	perStep := min(max(examples/turns, 1), max(pictures.Len(), 1))
	return &batcher{
		pictures:  pictures,
		turns:     turns,
		perStep:   perStep,
		to:        perStep,
		seed:      seed,
		orderPass: -1,
		varied:    make([]byte, pictures.Size()),
		turned:    make([]byte, pictures.Size()),
	}
}

// twin returns a batcher of the same batches that shares no memory in which they
// are made.
func (b *batcher) twin() *batcher {
	c := *b
	c.order, c.orderPass, c.current = nil, -1, batch{}
	c.varied, c.turned = make([]byte, len(b.varied)), make([]byte, len(b.turned))
	return &c
}

// trainingBatch returns the examples of the next step. A backend with memory of
// its own computes elsewhere, on a GPU say, which would stand still while a batch
// is made: there the next one is made meanwhile. On the CPU the two would only
// share the cores.
func (t *Trainer) trainingBatch() batch {
	if t.backend.HasSharedBuffers() {
		return t.train.batch(t.steps)
	}
	if t.batches == nil {
		t.batches = ahead.New(t.train.batch, t.train.twin().batch)
	}
	return t.batches.Get(t.steps)
}

// len returns the number of examples of all pictures.
func (b *batcher) len() int { return b.pictures.Len() * b.turns }

// examples returns the number of examples of a full step.
func (b *batcher) examples() int { return b.perStep * b.turns }

// steps returns the number of full steps of an epoch. Pictures beyond them begin the
// next, or, in older runs, wait for an epoch whose order brings them forward.
func (b *batcher) steps() int { return b.pictures.Len() / b.perStep }

// place returns which picture of which pass over them all is the k-th of a step. With
// pictures carried over the passes are one row that is cut into steps, and a pass is no
// whole number of them.
func (b *batcher) place(step, k int) (pass, at int) {
	if b.carries {
		at = step*b.perStep + k
		return at / b.pictures.Len(), at % b.pictures.Len()
	}
	return step / b.steps(), step%b.steps()*b.perStep + k
}

// batch returns the examples of a training step, counted from 0.
// In a run of several workers they are this one's part of them.
func (b *batcher) batch(step int) batch {
	b.reset()
	for k := b.from; k < b.to; k++ {
		pass, at := b.place(step, k)
		if pass != b.orderPass {
			b.order, b.orderPass = dataset.Order(b.seed, pass, b.pictures.Len()), pass
		}
		i := b.order[at]
		switch {
		case b.features != nil:
			b.addFeatures(i)
		case b.oneTurn:
			b.augment.Apply(b.varied, b.pictures.At(i), b.pictures.Side, b.seed, pass, i)
			k := dataset.Turn(b.seed, pass, i)
			rotation.Turn(b.turned, b.varied, b.pictures.Side, k)
			b.append(b.turned, int32(k))
		default:
			b.augment.Apply(b.varied, b.pictures.At(i), b.pictures.Side, b.seed, pass, i)
			b.add(b.varied, b.pictures.Labels[i])
		}
	}
	return b.current
}

// window returns the examples of the pictures from first on, at most a step's.
// Nothing but the picture decides how it is varied. It is empty behind the last.
func (b *batcher) window(first int) batch {
	b.reset()
	for i := first; i < min(first+b.perStep, b.pictures.Len()); i++ {
		switch {
		case b.features != nil:
			b.addFeatures(i)
		case b.augment != nil:
			b.augment.Apply(b.varied, b.pictures.At(i), b.pictures.Side, b.seed, 0, i)
			b.add(b.varied, b.pictures.Labels[i])
		default:
			b.add(b.pictures.At(i), b.pictures.Labels[i])
		}
	}
	return b.current
}

// labelsOf returns the labels of a window's examples.
func (b *batcher) labelsOf(first int) (labels []int32) {
	for i := first; i < min(first+b.perStep, b.pictures.Len()); i++ {
		if b.turns == 1 {
			labels = append(labels, b.pictures.Labels[i])
			continue
		}
		for k := range b.turns {
			labels = append(labels, int32(k))
		}
	}
	return labels
}

func (b *batcher) reset() {
	b.current.images = b.current.images[:0]
	b.current.labels = b.current.labels[:0]
}

// add appends a picture: as it is with its label, or in its four turns with
// theirs.
func (b *batcher) add(pixels []byte, label int32) {
	if b.turns == 1 {
		b.append(pixels, label)
		return
	}
	for k := range b.turns {
		rotation.Turn(b.turned, pixels, b.pictures.Side, k)
		b.append(b.turned, int32(k))
	}
}

// addFeatures appends a picture's features with its label.
func (b *batcher) addFeatures(i int) {
	size := len(b.features) / b.pictures.Len()
	b.current.images = append(b.current.images, b.features[i*size:(i+1)*size]...)
	b.current.labels = append(b.current.labels, b.pictures.Labels[i])
}

func (b *batcher) append(pixels []byte, label int32) {
	n := len(b.current.images)
	b.current.images = grow(b.current.images, len(pixels))
	dataset.Normalize(b.current.images[n:], pixels)
	b.current.labels = append(b.current.labels, label)
}

// grow lengthens s by n elements of any value.
func grow(s []float32, n int) []float32 {
	if cap(s)-len(s) >= n {
		return s[:len(s)+n]
	}
	return append(s, make([]float32, n)...)
}
