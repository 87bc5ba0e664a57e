package measure

import (
	"context"
	"fmt"

	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/embed"
	"quarterturn/core/fault"
	"quarterturn/core/recording"
	"quarterturn/core/run"
	"quarterturn/core/train"
)

// A Recorder makes a recording of a pretext run: for each of its epochs what the
// network believed of some pictures, what its stages knew of classes, and where it
// laid pictures out.
//
// t-SNE of each epoch begins in the layout of the one before, so that a point moves
// because the network changed its mind.
type Recorder struct {
	Probe      Probe // How stages are probed, and by which backend; its Progress is told of the rest too.
	Stage      int   // Whose features are laid out: 0 is the stem, -1 the last stage.
	Iterations int   // Of t-SNE in the first epoch; half as many in those that follow.
}

// An Epoch is an evaluation of the run to be recorded.
type Epoch struct {
	run.Evaluated

	// Load returns the network after the epoch, and the learning rate of its last
	// step, 0 before the first.
	Load func() (m *checkpoint.Model, rate float64, err error)
}

// Material is what the networks are shown.
type Material struct {
	Asked     *dataset.Pictures // What they are asked about, in its four turns.
	AskedTest int               // The last so many of Asked are test pictures.
	AskedSet  string            // The built-in set that they are of.
	Probed    *dataset.Set      // What the stages are probed with.
	ProbedOf  string            // What that is, for people.
	SameSet   bool              // Probed is of the same pictures as Asked, under the same names.
	Laid      *dataset.Pictures // What is laid out; see Lay.
}

// Lay chooses n pictures to lay out: test pictures, and training pictures where
// those are too few. All need a class to be coloured by.
func Lay(set *dataset.Set, n int, seed uint64) (*dataset.Pictures, error) {
	test, learn := set.Test.Subset(set.Test.Labelled()), set.Train.Subset(set.Train.Labelled())
	laid := Sample(test, n, seed)
	if err := laid.Append(Sample(learn, n-laid.Len(), seed)); err != nil {
		return nil, err
	}
	if laid.Len() < FewestPoints || !hasTwoClasses(laid.Labels) {
		return nil, fault.Errorf("measure", "%d pictures with a class to lay out: put the pictures of each of at least two classes into a folder of its own", laid.Len())
	}
	return laid, nil
}

// CheckStage returns an error unless the network has the part to lay out by.
func (r Recorder) CheckStage(n run.Network) error {
	if most := len(n.Blocks); r.Stage < -1 || r.Stage > most {
		return fault.Errorf("measure", "part %d to lay out by: the run's network has the parts 0, its stem, to %d", r.Stage, most)
	}
	return nil
}

// Record looks at the network of each epoch. into says what the run was, and is
// filled in. What cannot become a file is refused before any network is looked at.
func (r Recorder) Record(ctx context.Context, into *recording.Recording, material Material, epochs []Epoch) error {
	film := filming{Recorder: r, Material: material, result: into}
	if err := r.CheckStage(into.Config.Network); err != nil {
		return err
	}
	film.describe()
	if err := film.rehearse(epochs); err != nil {
		return err
	}
	for _, e := range epochs {
		if err := film.shoot(ctx, e, fmt.Sprintf("epoch %d of %d", e.Epoch, epochs[len(epochs)-1].Epoch)); err != nil {
			return fmt.Errorf("epoch %d: %w", e.Epoch, err)
		}
	}
	frame := recording.FrameOf(film.layouts...)
	for i := range into.Epochs {
		into.Epochs[i].Places = frame.Places(film.layouts[i])
	}
	return nil
}

// A filming is a Recorder at work.
type filming struct {
	Recorder
	Material
	result  *recording.Recording
	layouts [][]float32 // [Epochs][Points, 2]
}

// mapNeighbours are those that a layout's purity looks at.
const mapNeighbours = DefaultNeighbours

// part is the one whose features are laid out.
func (f *filming) part() int {
	if f.Stage < 0 {
		return len(f.result.Config.Network.Blocks)
	}
	return f.Stage
}

// describe fills in what all epochs share.
func (f *filming) describe() {
	p := &f.result.Pictures
	p.Set, p.Classes, p.Items = f.AskedSet, f.Asked.Classes, nil
	for i := range f.Asked.Len() {
		p.Items = append(p.Items, recording.Picture{
			Name: f.Asked.Name(i), Class: int(f.Asked.Labels[i]), Test: i >= f.Asked.Len()-f.AskedTest,
		})
	}
	f.describeMap()
	f.describeProbe()
}

// describeMap says which pictures are laid out, and which of them are asked about
// too.
func (f *filming) describeMap() {
	f.result.Map = recording.Map{
		Stage: PartName(f.part()), Data: f.ProbedOf, Classes: f.Laid.Classes,
		Neighbours: min(mapNeighbours, f.Laid.Len()-1), Chance: embed.ChancePurity(f.Laid.Labels),
	}
	at := map[string]int{}
	if f.SameSet {
		for i, p := range f.result.Pictures.Items {
			at[p.Name] = i
		}
	}
	for i, label := range f.Laid.Labels {
		point := recording.Point{Class: int(label), Picture: recording.NoPicture}
		if picture, ok := at[f.Laid.Name(i)]; ok {
			point.Picture = picture
		}
		f.result.Map.Points = append(f.result.Map.Points, point)
	}
}

// describeProbe says what the stages are probed with.
func (f *filming) describeProbe() {
	test := f.Probed.Test.Subset(f.Probed.Test.Labelled())
	learnt := len(f.Probed.Train.Labelled())
	f.result.Probe = recording.Probe{
		Data: f.ProbedOf, Train: learnt, Test: test.Len(),
		Neighbours: min(f.Probe.Neighbours, learnt), Chance: commonest(f.Probed.Train.Labels, test.Labels),
	}
	for part := range len(f.result.Config.Network.Blocks) + 1 {
		f.result.Probe.Stages = append(f.result.Probe.Stages, PartName(part))
	}
}

// rehearse encodes the recording as if nothing had been seen in any epoch. It is as
// long as the real one, and has all of it that could be refused: measuring takes
// minutes, which should not be in vain.
func (f *filming) rehearse(epochs []Epoch) error {
	_, err := draft(f.result, epochs)
	return err
}

func draft(r *recording.Recording, epochs []Epoch) ([]byte, error) {
	empty := *r
	beliefs := make([]recording.Beliefs, len(r.Pictures.Items))
	for i := range beliefs {
		for k := range beliefs[i] {
			beliefs[i][k][0] = 255
		}
	}
	empty.Epochs = nil
	for _, e := range epochs {
		epoch := e.known()
		epoch.Beliefs, epoch.Stages, epoch.Places = beliefs, make([]recording.StageProbe, len(r.Probe.Stages)), make([]recording.Place, len(r.Map.Points))
		empty.Epochs = append(empty.Epochs, epoch)
	}
	return recording.Encode(&empty)
}

// known is what is known of an epoch before its network is looked at.
func (e Epoch) known() recording.Epoch {
	return recording.Epoch{
		Number: e.Epoch, Step: e.Step, TrainLoss: e.TrainLoss, TrainAccuracy: e.TrainAccuracy,
		Loss: e.Loss, Accuracy: e.Accuracy, Examples: e.Examples,
	}
}

// shoot measures the network of one epoch.
func (f *filming) shoot(ctx context.Context, e Epoch, subject string) error {
	model, rate, err := e.Load()
	if err != nil {
		return err
	}
	seen := e.known()
	seen.LearningRate = rate
	watch := f.Probe.Progress.about(subject)
	if seen.Beliefs, err = f.beliefs(ctx, model, watch); err != nil {
		return err
	}
	probed, err := f.Probe.Run(ctx, Subject{Name: subject, Model: model}, f.Probed)
	if err != nil {
		return err
	}
	for _, s := range probed.Stages {
		seen.Stages = append(seen.Stages, recording.StageProbe{Neighbours: s.Neighbour.Accuracy, Linear: s.Linear.Accuracy})
	}
	if err := f.layOut(ctx, model, &seen, watch); err != nil {
		return err
	}
	f.result.Epochs = append(f.result.Epochs, seen)
	return nil
}

// beliefs asks the network about all pictures in their four turns.
func (f *filming) beliefs(ctx context.Context, m *checkpoint.Model, watch embed.Watch) ([]recording.Beliefs, error) {
	predictor, err := train.NewPredictor(f.Probe.Backend, m, f.Asked.Side)
	if err != nil {
		return nil, err
	}
	defer predictor.Close()
	all := make([]recording.Beliefs, f.Asked.Len())
	for i := range all {
		watch(embed.Report{Phase: "asking about pictures", Done: i, Total: len(all)})
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		guesses, err := predictor.Turns(f.Asked.At(i))
		if err != nil {
			return nil, err
		}
		if all[i], err = quantised(guesses); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func quantised(guesses [recording.Turns]run.Guess) (b recording.Beliefs, err error) {
	for k, guess := range guesses {
		var p [recording.Turns]float64
		for j := range p {
			p[j] = float64(guess[j])
		}
		if b[k], err = recording.Quantise(p); err != nil {
			return b, err
		}
	}
	return b, nil
}

// layOut arranges the pictures by a stage's features, from where the epoch before
// left them.
func (f *filming) layOut(ctx context.Context, m *checkpoint.Model, e *recording.Epoch, watch embed.Watch) error {
	features, err := sees{backend: f.Probe.Backend, watch: watch, phase: "features of the layout"}.extract(ctx, train.Extraction{Parts: []int{f.part()}}, Subject{Model: m}, f.Laid)
	if err != nil {
		return err
	}
	angles := features[0].Unit()
	found, err := embed.NearestOthers(ctx, angles, f.result.Map.Neighbours, watch)
	if err != nil {
		return err
	}
	e.Purity = found.Purity(f.Laid.Labels)
	if e.Silhouette, err = embed.Silhouette(ctx, angles, f.Laid.Labels, 0, 0, watch); err != nil {
		return err
	}
	layout, err := f.arrangement(angles, watch).run(ctx, angles)
	if err != nil {
		return err
	}
	e.Divergence = max(layout.Divergence, 0) // Rounding of a perfect one.
	f.layouts = append(f.layouts, layout.Points.Data)
	return nil
}

// arrangement begins where the last one ended.
func (f *filming) arrangement(angles embed.Matrix, watch embed.Watch) arrangement {
	a := arrangement{DefaultComponents, embed.TSNE{Iterations: f.Iterations, Seed: f.Probe.Seed, Watch: watch, Exact: angles.Rows <= embed.MaxExact}}
	if n := len(f.layouts); n > 0 {
		a.Start = embed.Matrix{Rows: angles.Rows, Cols: 2, Data: append([]float32(nil), f.layouts[n-1]...)}
		a.Iterations /= 2
	}
	return a
}
