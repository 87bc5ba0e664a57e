package measure

import (
	"encoding/json"
	"math"

	"quarterturn/core/exam"
	"quarterturn/core/fault"
)

// An Embedding is where networks lay the same pictures out in the plane. It is the
// content of an embedding.json.
type Embedding struct {
	Data         string   `json:"data"`  // The caller's to fill in, as is Split.
	Split        string   `json:"split"` // "train" or "test".
	Method       Method   `json:"method"`
	Seed         uint64   `json:"seed"`
	Components   int      `json:"components"`
	Perplexity   float64  `json:"perplexity,omitempty"` // And below, of t-SNE alone.
	Theta        float64  `json:"theta,omitempty"`
	Exact        bool     `json:"exact,omitempty"`
	Iterations   int      `json:"iterations,omitempty"`
	Neighbours   int      `json:"neighbours"`    // That purities are of.
	ChancePurity float64  `json:"chance_purity"` // Of points thrown at random.
	Classes      []string `json:"classes"`
	Labels       []int32  `json:"labels"` // [N], an index of classes or -1.
	Names        []string `json:"names,omitempty"`
	Models       []Layout `json:"models"`
}

// A Layout is how one network lays the pictures out.
type Layout struct {
	Model    string       `json:"model"`
	Network  string       `json:"network"`
	Stage    int          `json:"stage"`
	Features int          `json:"features"`
	Points   [][2]float32 `json:"points"`               // [N]
	Explains []float64    `json:"explains,omitempty"`   // Share of the variance along each axis, of PCA.
	Diverges *float64     `json:"divergence,omitempty"` // In nats, of t-SNE.
	// What the features know, by angles, and what is left of it in the plane. Nil
	// where there are no two classes.
	InFeatures *Clustering `json:"in_features,omitempty"`
	InLayout   *Clustering `json:"in_layout,omitempty"`
}

// A Clustering is how well the pictures of a class keep together.
type Clustering struct {
	Purity     float64 `json:"purity"`     // Mean share of a picture's neighbours that are of its class, 0 to 1.
	Silhouette float64 `json:"silhouette"` // -1 to 1.
}

// A Method is a way to lay features out in the plane.
type Method string

// The methods: t-SNE of the first principal components, or the first two of them.
const (
	TSNE Method = "tsne"
	PCA  Method = "pca"
)

// Limits of an Embedding.
const (
	MaxPoints         = 10_000 // Bounds what one looks at; t-SNE of so many takes minutes.
	MaxEmbeddingBytes = 32 << 20
	maxLayouts        = 64
	maxPlace          = 1e9
)

// Encode returns the JSON.
func (e *Embedding) Encode() ([]byte, error) {
	b, err := json.Marshal(e)
	return append(b, '\n'), err
}

// DecodeEmbedding reads the JSON of an Embedding, which is not trusted.
func DecodeEmbedding(b []byte) (*Embedding, error) {
	if len(b) > MaxEmbeddingBytes {
		return nil, fault.Errorf("measure", "an embedding of %d bytes, want at most %d", len(b), MaxEmbeddingBytes)
	}
	var e Embedding
	if err := json.Unmarshal(b, &e); err != nil {
		return nil, fault.Errorf("measure", "embedding: %w", err)
	}
	return &e, e.check()
}

// check refuses what cannot be drawn.
func (e *Embedding) check() error {
	switch n := len(e.Labels); {
	case n < 1 || n > MaxPoints:
		return fault.Errorf("measure", "an embedding of %d points, want 1 to %d", n, MaxPoints)
	case len(e.Classes) > exam.MaxClasses:
		return fault.Errorf("measure", "an embedding of %d classes, want at most %d", len(e.Classes), exam.MaxClasses)
	case len(e.Models) < 1 || len(e.Models) > maxLayouts:
		return fault.Errorf("measure", "an embedding by %d models, want 1 to %d", len(e.Models), maxLayouts)
	}
	for _, label := range e.Labels {
		if label < -1 || int(label) >= len(e.Classes) {
			return fault.Errorf("measure", "an embedding with label %d of %d classes", label, len(e.Classes))
		}
	}
	for _, l := range e.Models {
		if err := l.check(len(e.Labels)); err != nil {
			return err
		}
	}
	return nil
}

func (l *Layout) check(points int) error {
	if len(l.Points) != points {
		return fault.Errorf("measure", "an embedding with %d points for %d labels", len(l.Points), points)
	}
	for _, at := range l.Points {
		if !(math.Abs(float64(at[0])) < maxPlace && math.Abs(float64(at[1])) < maxPlace) { // Also refuses NaN.
			return fault.Errorf("measure", "an embedding with a point at %v", at)
		}
	}
	return nil
}
