package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"quarterturn/core/dataset"
	"quarterturn/core/embed"
	"quarterturn/core/train"
)

const embedHelp = `embed --model FILE[,FILE...] --data PICTURES --out FOLDER [--method tsne|pca] [--stage K]

Lays pictures out in the plane by what a stage of each network makes of them, and
measures how well the classes keep together. Writes embedding.json, embedding.svg
and embedding.png.`

// embedSettings are what an embedding is told.
type embedSettings struct {
	stage      int
	method     string
	split      string
	points     int
	components int
	neighbours int
	perplexity float64
	theta      float64
	exact      bool
	iterations int
	seed       uint64
	untrained  bool
	thumbnails bool
	out        string
}

// maxPoints bounds what one looks at; t-SNE of so many takes minutes.
const maxPoints = 10_000

func (s *embedSettings) add(flags *flag.FlagSet) {
	flags.IntVar(&s.stage, "stage", -1, "`part` whose features are laid out: 0 is the stem, -1 the last stage")
	flags.StringVar(&s.method, "method", "tsne", "tsne, or pca for the first two principal components")
	flags.StringVar(&s.split, "split", "test", "test or train pictures")
	flags.IntVar(&s.points, "points", 2000, fmt.Sprintf("lay out at most so many `pictures`, chosen by the seed; up to %d", maxPoints))
	flags.IntVar(&s.components, "components", 50, "principal `components` that t-SNE is given")
	flags.IntVar(&s.neighbours, "neighbours", 10, "`pictures` that purity looks at around each")
	flags.Float64Var(&s.perplexity, "perplexity", 0, "`neighbours` that count in t-SNE, about; 0 for 30, or fewer where there are few pictures")
	flags.Float64Var(&s.theta, "theta", 0.5, "how coarsely t-SNE takes far points together, to 0.7")
	flags.BoolVar(&s.exact, "exact", false, fmt.Sprintf("compute all pairs in t-SNE, for up to %d pictures", embed.MaxExact))
	flags.IntVar(&s.iterations, "iterations", 1000, "`steps` of t-SNE")
	flags.Uint64Var(&s.seed, "seed", 1, "seed of t-SNE and of what is drawn")
	flags.BoolVar(&s.untrained, "untrained", false, "also lay out the first network with the weights it would start from")
	flags.BoolVar(&s.thumbnails, "thumbnails", false, "draw the pictures into embedding.png where there is room")
	flags.StringVar(&s.out, "out", "", "`folder` to write to; made if it is not there")
}

func (s *embedSettings) check() error {
	switch {
	case s.out == "":
		return errors.New("embed: name a folder for the result with --out")
	case s.method != "tsne" && s.method != "pca":
		return fmt.Errorf("embed: no method %q, choose tsne or pca", s.method)
	case s.split != "test" && s.split != "train":
		return fmt.Errorf("embed: no split %q, choose test or train", s.split)
	case s.points < 4 || s.points > maxPoints:
		return fmt.Errorf("embed: %d points, want 4 to %d", s.points, maxPoints)
	case s.components < 2 || s.neighbours < 1 || s.iterations < 1:
		return errors.New("embed: --components is at least 2, --neighbours and --iterations at least 1")
	case s.exact && s.points > embed.MaxExact:
		s.points = embed.MaxExact
	}
	return nil
}

// embedPictures is the command embed.
func embedPictures(ctx context.Context, t *terminal, args []string) error {
	flags := newFlags(t, "embed", embedHelp)
	modelPaths := flags.String("model", "", "safetensors `files` of the models, between commas")
	var data dataFlags
	data.add(flags)
	var settings embedSettings
	settings.add(flags)
	backendName := backendFlag(flags)
	if err := parse(flags, args, 0); err != nil {
		return err
	}
	if *modelPaths == "" {
		return usageError{errors.New("embed: name a --model, or several between commas")}
	}
	if err := settings.check(); err != nil {
		return usageError{err}
	}
	from := sources{models: strings.Split(*modelPaths, ","), untrained: settings.untrained, backend: *backendName, data: &data, seed: settings.seed}
	models, backend, set, err := from.open(t)
	if err != nil {
		return err
	}
	shown := &progress{terminal: t}
	e := embedder{settings: settings, prober: prober{ctx: ctx, backend: backend, progress: shown}}
	result, err := e.run(models, settings.choose(set))
	shown.clear()
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(t.err, "stopped; nothing was written")
	}
	if err != nil {
		return err
	}
	result.Data = data.path
	if err := result.write(settings.out, e.pictures, settings.thumbnails); err != nil {
		return err
	}
	return result.print(t, settings.out)
}

// choose draws the pictures to lay out, in their order.
func (s *embedSettings) choose(set *dataset.Set) *dataset.Pictures {
	pictures := set.Test
	if s.split == "train" {
		pictures = set.Train
	}
	if s.points >= pictures.Len() {
		return pictures
	}
	chosen := dataset.Order(s.seed, 0, pictures.Len())[:s.points]
	slices.Sort(chosen)
	return pictures.Subset(chosen)
}

// An embedding is the content of embedding.json.
type embedding struct {
	Data         string        `json:"data"`
	Split        string        `json:"split"`
	Method       string        `json:"method"`
	Seed         uint64        `json:"seed"`
	Components   int           `json:"components"`
	Perplexity   float64       `json:"perplexity,omitempty"` // And below, of t-SNE alone.
	Theta        float64       `json:"theta,omitempty"`
	Exact        bool          `json:"exact,omitempty"`
	Iterations   int           `json:"iterations,omitempty"`
	Neighbours   int           `json:"neighbours"`    // That purities are of.
	ChancePurity float64       `json:"chance_purity"` // Of points thrown at random.
	Classes      []string      `json:"classes"`
	Labels       []int32       `json:"labels"` // [N], an index of classes or -1.
	Names        []string      `json:"names,omitempty"`
	Models       []modelLayout `json:"models"`
}

// A modelLayout is how one network lays the pictures out.
type modelLayout struct {
	Model    string       `json:"model"`
	Network  string       `json:"network"`
	Stage    int          `json:"stage"`
	Features int          `json:"features"`
	Points   [][2]float32 `json:"points"`               // [N]
	Explains []float64    `json:"explains,omitempty"`   // Share of the variance along each axis, of PCA.
	Diverges *float64     `json:"divergence,omitempty"` // In nats, of t-SNE.
	// What the features know, by angles, and what is left of it in the plane. Nil
	// where there are no two classes.
	InFeatures *togetherness `json:"in_features,omitempty"`
	InLayout   *togetherness `json:"in_layout,omitempty"`
}

// A togetherness is how well classes keep together.
type togetherness struct {
	Purity     float64 `json:"purity"`     // Mean share of a picture's neighbours that are of its class, 0 to 1.
	Silhouette float64 `json:"silhouette"` // -1 to 1.
}

// An embedder lays the same pictures out by several networks.
type embedder struct {
	prober
	settings embedSettings
	pictures *dataset.Pictures
}

func (e *embedder) run(models []namedModel, pictures *dataset.Pictures) (*embedding, error) {
	if pictures.Len() < 4 {
		return nil, fmt.Errorf("embed: %d pictures are too few to lay out: at least 4 are needed", pictures.Len())
	}
	e.pictures = pictures
	e.settings.neighbours = min(e.settings.neighbours, pictures.Len()-1)
	s := e.settings
	result := &embedding{
		Split: s.split, Method: s.method, Seed: s.seed, Components: s.components, Neighbours: s.neighbours,
		ChancePurity: embed.ChancePurity(pictures.Labels), Classes: pictures.Classes, Labels: pictures.Labels, Names: pictures.Names,
	}
	if s.method == "tsne" {
		result.Perplexity, result.Iterations, result.Exact = s.perplexity, s.iterations, s.exact
		if !s.exact {
			result.Theta = s.theta
		}
	}
	for _, m := range models {
		e.progress.about(m.name)
		layout, err := e.layout(m, result)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.name, err)
		}
		result.Models = append(result.Models, layout)
	}
	return result, nil
}

// layout embeds the pictures by one network.
func (e *embedder) layout(m namedModel, result *embedding) (modelLayout, error) {
	stage := e.settings.stage
	if stage < 0 {
		stage = m.model.Config.Stages()
	}
	layout := modelLayout{Model: m.name, Network: m.model.Config.Network.String(), Stage: stage}
	features, err := e.extract(train.Extraction{Parts: []int{stage}}, m.model, e.pictures, "features")
	if err != nil {
		return layout, err
	}
	layout.Features = features[0].Cols
	angles := features[0].Unit() // As for the neighbours of a probe: how strongly a picture excites all channels says little.
	points, err := e.arrange(angles, &layout, result)
	if err != nil {
		return layout, err
	}
	for i := range points.Rows {
		layout.Points = append(layout.Points, [2]float32(points.Row(i)))
	}
	if layout.InFeatures, err = e.together(angles); err != nil {
		return layout, err
	}
	layout.InLayout, err = e.together(points)
	return layout, err
}

// arrange returns the places of the pictures in the plane.
func (e *embedder) arrange(features embed.Matrix, layout *modelLayout, result *embedding) (embed.Matrix, error) {
	components := e.settings.components
	if e.settings.method == "pca" {
		components = 2
	}
	pca, err := embed.FitPCA(e.ctx, features, components)
	if err != nil {
		return embed.Matrix{}, err
	}
	reduced, err := pca.Project(features)
	if err != nil {
		return embed.Matrix{}, err
	}
	if e.settings.method == "pca" {
		for _, variance := range pca.Variances {
			layout.Explains = append(layout.Explains, variance/pca.Total)
		}
		return inPlane(reduced), nil
	}
	tsne := embed.TSNE{
		Perplexity: e.settings.perplexity, Theta: e.settings.theta, Exact: e.settings.exact,
		Iterations: e.settings.iterations, Seed: e.settings.seed, Watch: e.progress.watch,
	}
	arranged, err := tsne.Run(e.ctx, reduced)
	layout.Diverges, result.Perplexity = &arranged.Divergence, arranged.Perplexity
	return arranged.Points, err
}

// inPlane gives rows of one number a second, 0.
func inPlane(m embed.Matrix) embed.Matrix {
	if m.Cols == 2 {
		return m
	}
	plane := embed.Matrix{Rows: m.Rows, Cols: 2, Data: make([]float32, 2*m.Rows)}
	for i := range m.Rows {
		plane.Data[2*i] = m.Row(i)[0]
	}
	return plane
}

// together measures classes among rows, if there are two.
func (e *embedder) together(x embed.Matrix) (*togetherness, error) {
	if !hasTwoClasses(e.pictures.Labels) {
		return nil, nil
	}
	found, err := embed.NearestOthers(e.ctx, x, e.settings.neighbours, e.progress.watch)
	if err != nil {
		return nil, err
	}
	const sample = 2000 // Its error is below 0.01.
	silhouette, err := embed.Silhouette(e.ctx, x, e.pictures.Labels, sample, e.settings.seed, e.progress.watch)
	return &togetherness{found.Purity(e.pictures.Labels), silhouette}, err
}

func hasTwoClasses(labels []int32) bool {
	seen := map[int32]bool{}
	for _, label := range labels {
		if label != dataset.Unlabelled {
			seen[label] = true
		}
	}
	return len(seen) > 1
}

// write makes the files of an embedding.
func (r *embedding) write(folder string, pictures *dataset.Pictures, thumbnails bool) error {
	description, err := json.Marshal(r)
	if err != nil {
		return err
	}
	drawing := newScatter(r)
	var vector, pixels bytes.Buffer
	if err := drawing.writeSVG(&vector); err != nil {
		return err
	}
	if thumbnails {
		drawing.pictures = pictures
	}
	if err := drawing.writePNG(&pixels); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	var failed []error
	for name, content := range map[string][]byte{
		"embedding.json": append(description, '\n'), "embedding.svg": vector.Bytes(), "embedding.png": pixels.Bytes(),
	} {
		failed = append(failed, os.WriteFile(filepath.Join(folder, name), content, 0o644))
	}
	return errors.Join(failed...)
}

// print writes the numbers for people.
func (r *embedding) print(t *terminal, folder string) error {
	for _, m := range r.Models {
		fmt.Fprintf(t.out, "%s, %s, %s\n", m.Model, m.Network, partName(m.Stage))
		if m.InFeatures == nil {
			fmt.Fprintln(t.out, "  no two classes: there is nothing to compare the clusters with")
			continue
		}
		for _, line := range []struct {
			where string
			*togetherness
		}{{"features", m.InFeatures}, {r.Method, m.InLayout}} {
			fmt.Fprintf(t.out, "  %-9s purity %.3f (chance %.3f), silhouette %+.3f\n", line.where, line.Purity, r.ChancePurity, line.Silhouette)
		}
	}
	_, err := fmt.Fprintf(t.out, "%d pictures, %d neighbours; drawn in %s\n", len(r.Labels), r.Neighbours, filepath.Join(folder, "embedding.png"))
	return err
}
