package train

import (
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/fault"
	"quarterturn/core/resnet"
	"quarterturn/core/rotation"
	"quarterturn/core/run"
)

// An Inspector shows what a network makes of one picture: what it believes, what each
// part leaves of the picture, and which places spoke for an answer. Its methods are for
// one goroutine at a time; they are about the picture that Show was given last.
type Inspector struct {
	net     resnet.Config
	store   *model.Store
	view    *dataset.Augment // How pictures are shown; nil for whole.
	side    int
	stage   int
	parts   *model.Exec // Of an image the logits and what each part leaves,
	cam     *model.Exec // and with an answer the map of Grad-CAM.
	forward *forward

	seen   []byte    // [S, S, 3], as shown.
	image  []float32 // [S, S, 3]
	belief run.Guess
}

// NewInspector returns an Inspector for pictures of side×side pixels, whose GradCAM is of
// a stage, counted from 1. Its owner calls Close.
func NewInspector(backend compute.Backend, m *checkpoint.Model, side, stage int) (*Inspector, error) {
	if stage < 1 || stage > m.Config.Stages() {
		return nil, fault.Errorf("train", "a look at stage %d: the network has stages 1 to %d", stage, m.Config.Stages())
	}
	store, err := storeOf(m)
	if err != nil {
		return nil, err
	}
	v := &Inspector{net: m.Config, store: store, view: viewOf(m, side), side: side, stage: stage, seen: make([]byte, side*side*dataset.Channels)}
	v.image = make([]float32, len(v.seen))
	if v.parts, err = newExec("a look inside", backend, store, v.buildParts); err != nil {
		return nil, err
	}
	if v.cam, err = newExec("Grad-CAM", backend, store, v.buildCAM); err != nil {
		return nil, err
	}
	v.forward, err = newForward(backend, store, m.Config.Classes, []int{side, side, dataset.Channels}, m.Config.Logits)
	return v, err
}

// Close frees the weights and graphs.
func (v *Inspector) Close() {
	for _, exec := range []*model.Exec{v.parts, v.cam, v.forward.exec} {
		exec.Finalize()
	}
	v.store.Finalize()
}

// buildParts is the network with all that its parts leave.
//
//	inputs  [1, S, S, 3]
//	result  logits [1, Classes], and resnet.Config.Features
func (v *Inspector) buildParts(scope *model.Scope, inputs []*graph.Node) []*graph.Node {
	features := v.net.Features(scope, inputs[0], resnet.Evaluation)
	logits := v.net.LogitsFrom(scope, features[v.net.Stages()], v.net.Stages(), resnet.Evaluation)
	return append([]*graph.Node{logits}, features...)
}

// buildCAM is Grad-CAM (Selvaraju et al. 2017, https://arxiv.org/abs/1610.02391, section
// 3): a channel counts by the mean of the answer's gradient over it, and what counts
// against the answer is left out.
//
//	inputs  [1, S, S, 3], and 1 at the answer: [1, Classes]
//	result  [1, H, W], what spoke for the answer, 0 or more
func (v *Inspector) buildCAM(scope *model.Scope, inputs []*graph.Node) []*graph.Node {
	mode := resnet.Mode{PlainNorm: true} // The op that backends have for the other has no gradient.
	features := v.net.Features(scope, inputs[0], mode)[v.stage]
	logits := v.net.LogitsFrom(scope, features, v.stage, mode)
	gradient := graph.Gradient(graph.ReduceAllSum(graph.Mul(logits, inputs[1])), features)[0]
	weights := graph.ReduceAndKeep(gradient, graph.ReduceMean, 1, 2)
	sum := graph.ReduceSum(graph.Mul(weights, features), -1)
	return []*graph.Node{graph.Max(sum, graph.ZerosLike(sum))}
}

// A Sight is what a network makes of a picture.
type Sight struct {
	Pixels []byte    // [S, S, 3], as the network is shown it.
	Belief run.Guess // [Classes]
	Parts  []Maps    // Of the stem, and of each stage.
}

// Maps are what a part leaves of a picture.
type Maps struct {
	Side, Channels int
	Values         []float32 // [Side, Side, Channels], after the last ReLU: 0 or more.
}

// Show looks at a picture [S, S, 3] turned by quarters counter-clockwise. A network that
// wants a central crop sees that.
func (v *Inspector) Show(pixels []byte, quarters int) (*Sight, error) {
	if len(pixels) != len(v.seen) {
		return nil, fault.Errorf("train", "picture of %d bytes, want %d", len(pixels), len(v.seen))
	}
	if v.view != nil {
		cropped := make([]byte, len(pixels))
		v.view.Apply(cropped, pixels, v.side, 0, 0, 0)
		pixels = cropped
	}
	rotation.Turn(v.seen, pixels, v.side, quarters&3)
	dataset.Normalize(v.image, v.seen)
	outputs, err := callFeatures(v.parts, v.image, 1, v.side)
	if err != nil {
		return nil, err
	}
	for _, logit := range outputs[0] {
		if math.IsNaN(float64(logit)) || math.IsInf(float64(logit), 0) {
			return nil, errNotNumbers
		}
	}
	v.belief = softmax(outputs[0])
	s := &Sight{Pixels: append([]byte(nil), v.seen...), Belief: v.belief}
	for part, values := range outputs[1:] {
		s.Parts = append(s.Parts, Maps{Side: sideOf(part, v.side), Channels: v.net.Channels(part), Values: values})
	}
	return s, nil
}

// GradCAM returns where the stage saw what speaks for an answer: [H, W], 0 or more, in the
// answer's logits; and H.
func (v *Inspector) GradCAM(answer int) ([]float32, int, error) {
	if err := v.check(answer); err != nil {
		return nil, 0, err
	}
	chosen := make([]float32, v.net.Classes)
	chosen[answer] = 1
	image := tensors.FromFlatDataAndDimensions(append([]float32(nil), v.image...), 1, v.side, v.side, dataset.Channels)
	input := tensors.FromFlatDataAndDimensions(chosen, 1, len(chosen))
	defer finalize(image, input)
	var outputs []*tensors.Tensor
	var err error
	if panicked := build("Grad-CAM", func() { outputs, err = v.cam.Call(image, input) }); panicked != nil {
		return nil, 0, panicked
	}
	if err != nil {
		return nil, 0, fault.Errorf("train", "Grad-CAM: %w", err)
	}
	defer finalize(outputs...)
	values, err := tensors.CopyFlatData[float32](outputs[0])
	return values, sideOf(v.stage, v.side), err
}

func (v *Inspector) check(answer int) error {
	if answer < 0 || answer >= v.net.Classes {
		return fault.Errorf("train", "answer %d: the network has 0 to %d", answer, v.net.Classes-1)
	}
	if v.belief == nil {
		return fault.New("train", "no picture was shown")
	}
	return nil
}

// Patches that Occlusion lays over a picture: of a quarter of its side, a sixteenth apart.
const (
	patchShare   = 4
	patchesApart = 16
	patchBatch   = 32
)

// Occlusion returns by how much the belief in an answer falls where the picture is covered
// by a grey patch (Zeiler and Fergus 2014, https://arxiv.org/abs/1311.2901, section 4.2):
// for each pixel the mean over the patches that cover it, [S, S], -1 to 1. Before each
// batch it asks between, which may be nil, whether to go on.
func (v *Inspector) Occlusion(answer int, between func() error) ([]float32, error) {
	if err := v.check(answer); err != nil {
		return nil, err
	}
	patches := v.patches()
	sum, count := make([]float32, v.side*v.side), make([]float32, v.side*v.side)
	images := make([]float32, patchBatch*len(v.image))
	for first := 0; first < len(patches); first += patchBatch {
		if between != nil {
			if err := between(); err != nil {
				return nil, err
			}
		}
		some := patches[first:min(first+patchBatch, len(patches))]
		for i, p := range some {
			p.cover(images[i*len(v.image):][:len(v.image)], v.image, v.side)
		}
		logits, err := v.forward.logits(images)
		if err != nil {
			return nil, err
		}
		for i, p := range some {
			fell := v.belief[answer] - softmax(logits[i*v.net.Classes:][:v.net.Classes])[answer]
			p.each(v.side, func(at int) {
				sum[at] += fell
				count[at]++
			})
		}
	}
	for i := range sum {
		sum[i] /= count[i]
	}
	return sum, nil
}

// A patch is a square of a picture.
type patch struct{ left, top, side int }

// patches are those of a picture, the last ones at its edges.
func (v *Inspector) patches() (all []patch) {
	side, step := max(v.side/patchShare, 1), max(v.side/patchesApart, 1)
	var starts []int
	for at := 0; at < v.side-side; at += step {
		starts = append(starts, at)
	}
	starts = append(starts, v.side-side)
	for _, top := range starts {
		for _, left := range starts {
			all = append(all, patch{left, top, side})
		}
	}
	return all
}

// cover writes an image with the patch over it, of the mean colour: 0.
func (p patch) cover(dst, image []float32, side int) {
	copy(dst, image)
	p.each(side, func(at int) { clear(dst[dataset.Channels*at:][:dataset.Channels]) })
}

// each calls fn with the patch's pixels.
func (p patch) each(side int, fn func(at int)) {
	for y := p.top; y < p.top+p.side; y++ {
		for x := p.left; x < p.left+p.side; x++ {
			fn(y*side + x)
		}
	}
}
