package main

import (
	"cmp"
	"fmt"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"quarterturn/assets/pictures"
	"quarterturn/core/checkpoint"
	"quarterturn/core/embed"
	"quarterturn/core/optim"
	"quarterturn/core/recording"
	"quarterturn/core/train"
)

// mapNeighbours are those that a layout's purity looks at, as embed's.
const mapNeighbours = 10

// describe fills in what all epochs share.
func (r *recorder) describe(data *dataFlags) {
	s := &r.recorded.settings
	r.result = recording.Recording{
		Made:     fmt.Sprintf("quarterturn record, %s %s/%s, %s", runtime.Version(), runtime.GOOS, runtime.GOARCH, shownBackend(r.backend)),
		Command:  shownCommand(s.Command),
		Config:   s.Config,
		Data:     cmp.Or(r.settings.learntFrom, titleOf(s.Data)),
		Pictures: recording.Pictures{Set: r.settings.set, Learnt: s.Data == r.settings.set, Classes: r.asked.Classes},
	}
	for i := range r.asked.Len() {
		r.result.Pictures.Items = append(r.result.Pictures.Items, recording.Picture{
			Name: r.asked.Name(i), Class: int(r.asked.Labels[i]), Test: i >= r.asked.Len()-r.tests,
		})
	}
	r.describeMap(data)
	r.describeProbe()
}

// titleOf names pictures: a built-in set by its title, others by the last part of
// their path.
func titleOf(data string) string {
	if set, ok := pictures.Find(data); ok {
		title, _, _ := strings.Cut(set.Title, ":")
		return title + " (built in)"
	}
	return filepath.Base(data)
}

func (r *recorder) describeMap(data *dataFlags) {
	m := &r.result.Map
	m.Stage = partName(r.stage())
	m.Data, m.Classes = cmp.Or(r.settings.probedWith, titleOf(data.path)), r.laid.Classes
	m.Neighbours = min(mapNeighbours, r.laid.Len()-1)
	m.Chance = embed.ChancePurity(r.laid.Labels)
	at := map[string]int{}
	if data.path == r.settings.set {
		for i, p := range r.result.Pictures.Items {
			at[p.Name] = i
		}
	}
	for i, label := range r.laid.Labels {
		point := recording.Point{Class: int(label), Picture: recording.NoPicture}
		if picture, ok := at[r.laid.Name(i)]; ok {
			point.Picture = picture
		}
		m.Points = append(m.Points, point)
	}
}

// describeProbe says what the stages are probed with.
func (r *recorder) describeProbe() {
	test := r.set.Test.Subset(r.set.Test.Labelled())
	learnt := len(r.set.Train.Labelled())
	r.result.Probe = recording.Probe{
		Data: r.result.Map.Data, Train: learnt, Test: test.Len(),
		Neighbours: min(r.settings.neighbours, learnt), Chance: commonest(r.set.Train.Labels, test.Labels),
	}
	for part := range len(r.recorded.settings.Config.Network.Blocks) + 1 {
		r.result.Probe.Stages = append(r.result.Probe.Stages, partName(part))
	}
}

// epoch measures the network of one epoch.
func (r *recorder) epoch(e recordedEpoch) error {
	model, state, err := r.recorded.load(e.checkpoint)
	if err != nil {
		return err
	}
	measured := e.recorded()
	if e.Step > 0 {
		schedule := optim.ScheduleOf(r.recorded.settings.Config, r.recorded.perEpoch)
		measured.LearningRate = math.Ldexp(schedule.At(e.Step-1), -state.Position.Rollbacks)
	}
	if measured.Beliefs, err = r.beliefs(model); err != nil {
		return err
	}
	if measured.Stages, err = r.probe(model); err != nil {
		return err
	}
	if err := r.layOut(model, &measured); err != nil {
		return err
	}
	r.result.Epochs = append(r.result.Epochs, measured)
	return nil
}

// beliefs asks the network about all pictures in their four turns.
func (r *recorder) beliefs(m *checkpoint.Model) ([]recording.Beliefs, error) {
	predictor, err := train.NewPredictor(r.backend, m, r.asked.Side)
	if err != nil {
		return nil, err
	}
	defer predictor.Close()
	all := make([]recording.Beliefs, r.asked.Len())
	for i := range all {
		r.progress.at("asking about pictures", i, len(all))
		if err := r.ctx.Err(); err != nil {
			return nil, err
		}
		guesses, err := predictor.Turns(r.asked.At(i))
		if err != nil {
			return nil, err
		}
		for k, guess := range guesses {
			var p [recording.Turns]float64
			for j := range p {
				p[j] = float64(guess[j])
			}
			if all[i][k], err = recording.Quantise(p); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// probe measures what each stage knows.
func (r *recorder) probe(m *checkpoint.Model) ([]recording.StageProbe, error) {
	result, err := r.prober.run(namedModel{r.progress.prefix, m}, r.set)
	if err != nil {
		return nil, err
	}
	var stages []recording.StageProbe
	for _, s := range result.Stages {
		stages = append(stages, recording.StageProbe{Neighbours: s.Neighbour.Accuracy, Linear: s.Linear.Accuracy})
	}
	return stages, nil
}

// stage is the part whose features are laid out.
func (r *recorder) stage() int {
	if r.settings.stage < 0 {
		return len(r.recorded.settings.Config.Network.Blocks)
	}
	return r.settings.stage
}

// layOut arranges the pictures by a stage's features, from where the epoch before
// left them.
func (r *recorder) layOut(m *checkpoint.Model, e *recording.Epoch) error {
	features, err := r.extract(train.Extraction{Parts: []int{r.stage()}}, m, r.laid, "features of the layout")
	if err != nil {
		return err
	}
	angles := features[0].Unit()
	found, err := embed.NearestOthers(r.ctx, angles, r.result.Map.Neighbours, r.progress.watch)
	if err != nil {
		return err
	}
	e.Purity = found.Purity(r.laid.Labels)
	if e.Silhouette, err = embed.Silhouette(r.ctx, angles, r.laid.Labels, 0, 0, r.progress.watch); err != nil {
		return err
	}
	layout, err := r.arrange(angles)
	if err != nil {
		return err
	}
	e.Divergence = max(layout.Divergence, 0) // Rounding of a perfect one.
	r.layouts = append(r.layouts, layout.Points.Data)
	return nil
}

// layoutComponents are the principal components that t-SNE is given, as embed's.
const layoutComponents = 50

func (r *recorder) arrange(angles embed.Matrix) (embed.Layout, error) {
	pca, err := embed.FitPCA(r.ctx, angles, layoutComponents)
	if err != nil {
		return embed.Layout{}, err
	}
	reduced, err := pca.Project(angles)
	if err != nil {
		return embed.Layout{}, err
	}
	tsne := embed.TSNE{Iterations: r.settings.iterations, Seed: r.settings.seed, Watch: r.progress.watch, Exact: angles.Rows <= embed.MaxExact}
	if n := len(r.layouts); n > 0 {
		tsne.Start = embed.Matrix{Rows: angles.Rows, Cols: 2, Data: slices.Clone(r.layouts[n-1])}
		tsne.Iterations /= 2
	}
	return tsne.Run(r.ctx, reduced)
}

// print says what came out.
func (r *recorder) print(t *terminal, size int) error {
	first, last := r.result.Epochs[0], r.result.Epochs[len(r.result.Epochs)-1]
	fmt.Fprintf(t.out, "%s, %d epochs of %s: rotation accuracy %.1f %% to %.1f %%\n",
		r.result.Config.Network, last.Number, r.result.Data, 100*first.Accuracy, 100*last.Accuracy)
	fmt.Fprintf(t.out, "  %d pictures asked about, %d laid out by %s: purity %.3f to %.3f (chance %.3f), silhouette %+.3f to %+.3f\n",
		len(r.result.Pictures.Items), len(r.result.Map.Points), r.result.Map.Stage,
		first.Purity, last.Purity, r.result.Map.Chance, first.Silhouette, last.Silhouette)
	for i, name := range r.result.Probe.Stages {
		fmt.Fprintf(t.out, "  %-9s neighbours %.1f %% to %.1f %%, linear probe %.1f %% to %.1f %% (chance %.1f %%)\n",
			name, 100*first.Stages[i].Neighbours, 100*last.Stages[i].Neighbours, 100*first.Stages[i].Linear, 100*last.Stages[i].Linear, 100*r.result.Probe.Chance)
	}
	_, err := fmt.Fprintf(t.out, "%d bytes in %s\n", size, r.settings.out)
	return err
}
