package measure

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute"

	"quarterturn/core/dataset"
	"quarterturn/core/embed"
	"quarterturn/core/fault"
	"quarterturn/core/train"
)

// An Embedder lays pictures out in the plane by what a stage of a network makes of
// them, and measures how well the classes keep together.
type Embedder struct {
	Backend  compute.Backend
	Progress Progress

	Stage      int     // Whose features are laid out: 0 is the stem, -1 the last stage.
	Method     Method  // Empty is TSNE.
	Components int     // Principal components that t-SNE is given; 0 is 50.
	Neighbours int     // That purity looks at around each picture; 0 is 10.
	Perplexity float64 // Neighbours that count in t-SNE, about; 0 for 30, or fewer where there are few pictures.
	Theta      float64 // How coarsely t-SNE takes far points together, to 0.7.
	Exact      bool    // All pairs in t-SNE, for up to embed.MaxExact pictures.
	Iterations int     // Of t-SNE; 0 is 1000.
	Seed       uint64
}

// What an Embedder does where nothing else is said.
const (
	DefaultComponents = 50
	DefaultNeighbours = 10
	DefaultIterations = 1000
)

// FewestPoints is the least number of pictures that can be laid out.
const FewestPoints = 4

// Sample draws at most n pictures by seed, in their order.
func Sample(pictures *dataset.Pictures, n int, seed uint64) *dataset.Pictures {
	if n >= pictures.Len() {
		return pictures
	}
	chosen := dataset.Order(seed, 0, pictures.Len())[:max(n, 0)]
	slices.Sort(chosen)
	return pictures.Subset(chosen)
}

// Run lays the same pictures out by each network.
func (e Embedder) Run(ctx context.Context, subjects []Subject, pictures *dataset.Pictures) (*Embedding, error) {
	if pictures.Len() < FewestPoints {
		return nil, fault.Errorf("measure", "%d pictures are too few to lay out: at least %d are needed", pictures.Len(), FewestPoints)
	}
	e = e.settled(pictures)
	result := e.describe(pictures)
	for _, s := range subjects {
		layout, perplexity, err := e.layOut(ctx, s, pictures)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
		if e.Method == TSNE {
			result.Perplexity = perplexity
		}
		result.Models = append(result.Models, layout)
	}
	return result, nil
}

// settled is e with its defaults.
func (e Embedder) settled(pictures *dataset.Pictures) Embedder {
	set := func(p *int, value int) {
		if *p == 0 {
			*p = value
		}
	}
	set(&e.Components, DefaultComponents)
	set(&e.Neighbours, DefaultNeighbours)
	set(&e.Iterations, DefaultIterations)
	if e.Method == "" {
		e.Method = TSNE
	}
	e.Neighbours = min(e.Neighbours, pictures.Len()-1)
	return e
}

// describe is the result before any network was looked at.
func (e Embedder) describe(pictures *dataset.Pictures) *Embedding {
	result := &Embedding{
		Method: e.Method, Seed: e.Seed, Components: e.Components, Neighbours: e.Neighbours,
		ChancePurity: embed.ChancePurity(pictures.Labels), Classes: pictures.Classes, Labels: pictures.Labels, Names: pictures.Names,
	}
	if e.Method == TSNE {
		result.Iterations, result.Exact = e.Iterations, e.Exact
		if !e.Exact {
			result.Theta = e.Theta
		}
	}
	return result
}

// layOut embeds the pictures by one network, and returns the perplexity used.
func (e Embedder) layOut(ctx context.Context, s Subject, pictures *dataset.Pictures) (layout Layout, perplexity float64, err error) {
	layout = Layout{Model: s.Name, Network: s.Model.Config.Network.String(), Stage: e.Stage}
	if e.Stage < 0 {
		layout.Stage = s.Model.Config.Stages()
	}
	watch := e.Progress.about(s.Name)
	features, err := sees{backend: e.Backend, watch: watch, phase: "features"}.extract(ctx, train.Extraction{Parts: []int{layout.Stage}}, s, pictures)
	if err != nil {
		return layout, 0, err
	}
	layout.Features = features[0].Cols
	angles := features[0].Unit() // As for the neighbours of a probe: how strongly a picture excites all channels says little.
	points, perplexity, err := e.arrange(ctx, angles, &layout, watch)
	if err != nil {
		return layout, 0, err
	}
	for i := range points.Rows {
		layout.Points = append(layout.Points, [2]float32(points.Row(i)))
	}
	if !hasTwoClasses(pictures.Labels) {
		return layout, perplexity, nil
	}
	if layout.InFeatures, err = e.clustering(ctx, angles, pictures.Labels, watch); err != nil {
		return layout, 0, err
	}
	layout.InLayout, err = e.clustering(ctx, points, pictures.Labels, watch)
	return layout, perplexity, err
}

// arrange returns the places of the pictures in the plane, and fills in what the
// method knows of them.
func (e Embedder) arrange(ctx context.Context, features embed.Matrix, layout *Layout, watch embed.Watch) (embed.Matrix, float64, error) {
	if e.Method == PCA {
		pca, reduced, err := principal(ctx, features, 2)
		if err != nil {
			return embed.Matrix{}, 0, err
		}
		for _, variance := range pca.Variances {
			layout.Explains = append(layout.Explains, variance/pca.Total)
		}
		return inPlane(reduced), 0, nil
	}
	arranged, err := arrangement{e.Components, embed.TSNE{
		Perplexity: e.Perplexity, Theta: e.Theta, Exact: e.Exact, Iterations: e.Iterations, Seed: e.Seed, Watch: watch,
	}}.run(ctx, features)
	layout.Diverges = &arranged.Divergence
	return arranged.Points, arranged.Perplexity, err
}

// An arrangement is t-SNE of the first principal components, which take away noise
// and most of the time (van der Maaten and Hinton 2008, section 4.2).
type arrangement struct {
	components int
	embed.TSNE
}

func (a arrangement) run(ctx context.Context, features embed.Matrix) (embed.Layout, error) {
	_, reduced, err := principal(ctx, features, a.components)
	if err != nil {
		return embed.Layout{}, err
	}
	return a.TSNE.Run(ctx, reduced)
}

// principal projects features on their first principal components.
func principal(ctx context.Context, features embed.Matrix, components int) (*embed.PCA, embed.Matrix, error) {
	pca, err := embed.FitPCA(ctx, features, components)
	if err != nil {
		return nil, embed.Matrix{}, err
	}
	reduced, err := pca.Project(features)
	return pca, reduced, err
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

// clustering measures classes among rows.
func (e Embedder) clustering(ctx context.Context, x embed.Matrix, labels []int32, watch embed.Watch) (*Clustering, error) {
	found, err := embed.NearestOthers(ctx, x, e.Neighbours, watch)
	if err != nil {
		return nil, err
	}
	const sample = 2000 // Its error is below 0.01.
	silhouette, err := embed.Silhouette(ctx, x, labels, sample, e.Seed, watch)
	return &Clustering{found.Purity(labels), silhouette}, err
}
