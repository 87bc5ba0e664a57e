package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"

	"quarterturn/core/durable"
	"quarterturn/core/fault"
	"quarterturn/core/study"
)

// Names in the folder of a comparison and of its runs.
const (
	embeddingFile = "embedding.json"
	startsFolder  = "starts" // One folder for each arm with a checkpoint.
)

// embedAll lays the test pictures out by each arm's checkpoint and, for each arm
// and budget, by the network of the first seed. What is there already stays.
func (c *comparison) embedAll(ctx context.Context) error {
	if c.points == 0 {
		return nil
	}
	settings := embedSettings{
		stage: -1, method: "tsne", split: "test", points: c.points, components: 50, neighbours: 10, theta: 0.5, iterations: 1000, seed: c.plan.DataSeed,
	}
	pictures := settings.choose(c.set)
	if pictures.Len() < 4 {
		return nil
	}
	backend, err := openBackend(c.backend)
	if err != nil {
		return err
	}
	defer backend.Finalize()
	calm := *c.terminal
	calm.quiet = true // A line for each of its phases is too much of many models.
	shown := &progress{terminal: &calm}
	defer shown.clear()
	for _, m := range c.shown() {
		path := filepath.Join(m.folder, embeddingFile)
		if _, err := readEmbeddingFile(c.terminal.disk, m.folder); err == nil {
			continue
		}
		model := m.model
		if model.model == nil {
			if model.model, err = readModel("", filepath.Join(m.folder, "last.safetensors")); err != nil {
				fmt.Fprintf(c.terminal.err, "no t-SNE of %s: %s\n", model.name, printableLines(fault.Reason(err)))
				continue
			}
		}
		fmt.Fprintf(c.terminal.err, "t-SNE of %s\n", model.name)
		e := embedder{settings: settings, prober: prober{ctx: ctx, backend: backend, progress: shown}}
		result, err := e.run([]namedModel{model}, pictures)
		if err != nil {
			return fmt.Errorf("t-SNE of %s: %w", model.name, err)
		}
		result.Data, result.Names = c.plan.Data, nil
		if err := c.leave(path, result); err != nil {
			return err
		}
	}
	return nil
}

// A shownModel is one of which the report has a t-SNE plot.
type shownModel struct {
	folder string
	model  namedModel // Without a model it is read from the folder.
}

func (c *comparison) shown() (models []shownModel) {
	for i, a := range c.plan.Arms {
		if a.Trained() {
			models = append(models, shownModel{filepath.Join(c.out, startsFolder, a.Name), namedModel{a.Name + " before", c.starts[i].model}})
		}
	}
	for _, r := range c.runs {
		if r.Seed == c.plan.Seeds[0] && c.isFinished(r) {
			models = append(models, shownModel{c.folder(r), namedModel{name: r.Name}})
		}
	}
	return models
}

func (c *comparison) leave(path string, e *embedding) error {
	b, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return errors.Join(c.terminal.disk.MkdirAll(filepath.Dir(path)), durable.Replace(c.terminal.disk, path, append(b, '\n')))
}

// readEmbeddingFile reads the embedding in a folder.
func readEmbeddingFile(disk durable.Files, folder string) (*embedding, error) {
	b, err := disk.Read(filepath.Join(folder, embeddingFile), maxEmbeddingBytes)
	if err != nil {
		return nil, err
	}
	return decodeEmbedding(b)
}

// decodeEmbedding reads an embedding.json, which is not trusted.
func decodeEmbedding(b []byte) (*embedding, error) {
	var e embedding
	if err := json.Unmarshal(b, &e); err != nil {
		return nil, err
	}
	return &e, e.check()
}

// check refuses what cannot be drawn.
func (e *embedding) check() error {
	const mostModels = 64
	switch n := len(e.Labels); {
	case n < 1 || n > maxPoints:
		return fmt.Errorf("%d points, want 1 to %d", n, maxPoints)
	case len(e.Classes) > study.MaxClasses:
		return fmt.Errorf("%d classes, want at most %d", len(e.Classes), study.MaxClasses)
	case len(e.Models) < 1 || len(e.Models) > mostModels:
		return fmt.Errorf("%d models, want 1 to %d", len(e.Models), mostModels)
	}
	for _, label := range e.Labels {
		if label < -1 || int(label) >= len(e.Classes) {
			return fmt.Errorf("label %d of %d classes", label, len(e.Classes))
		}
	}
	for _, m := range e.Models {
		if len(m.Points) != len(e.Labels) {
			return fmt.Errorf("%d points for %d labels", len(m.Points), len(e.Labels))
		}
		for _, at := range m.Points {
			if !(math.Abs(float64(at[0])) < 1e9 && math.Abs(float64(at[1])) < 1e9) {
				return fmt.Errorf("a point at %v", at)
			}
		}
	}
	return nil
}

// isMissing reports whether a file is not there, which is no damage.
func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
