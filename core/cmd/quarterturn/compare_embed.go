package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"quarterturn/core/durable"
	"quarterturn/core/fault"
	"quarterturn/core/measure"
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
	pictures := measure.Sample(c.set.Test, c.points, c.plan.DataSeed)
	if pictures.Len() < measure.FewestPoints {
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
		if model.Model == nil {
			if model.Model, err = readModel("", filepath.Join(m.folder, "last.safetensors")); err != nil {
				fmt.Fprintf(c.terminal.err, "no t-SNE of %s: %s\n", model.Name, printableLines(fault.Reason(err)))
				continue
			}
		}
		fmt.Fprintf(c.terminal.err, "t-SNE of %s\n", model.Name)
		result, err := measure.Embedder{Backend: backend, Progress: shown.at, Stage: -1, Theta: 0.5, Seed: c.plan.DataSeed}.
			Run(ctx, []measure.Subject{model}, pictures)
		if err != nil {
			return fmt.Errorf("t-SNE of %s: %w", model.Name, err)
		}
		result.Data, result.Split, result.Names = c.plan.Data, "test", nil
		if err := c.leave(path, result); err != nil {
			return err
		}
	}
	return nil
}

// A shownModel is one of which the report has a t-SNE plot.
type shownModel struct {
	folder string
	model  measure.Subject // Without a model it is read from the folder.
}

func (c *comparison) shown() (models []shownModel) {
	for i, a := range c.plan.Arms {
		if a.Trained() {
			models = append(models, shownModel{filepath.Join(c.out, startsFolder, a.Name), measure.Subject{Name: a.Name + " before", Model: c.starts[i].model}})
		}
	}
	for _, r := range c.runs {
		if r.Seed == c.plan.Seeds[0] && c.isFinished(r) {
			models = append(models, shownModel{c.folder(r), measure.Subject{Name: r.Name}})
		}
	}
	return models
}

func (c *comparison) leave(path string, e *measure.Embedding) error {
	b, err := e.Encode()
	if err != nil {
		return err
	}
	return errors.Join(c.terminal.disk.MkdirAll(filepath.Dir(path)), durable.Replace(c.terminal.disk, path, b))
}

// readEmbeddingFile reads the embedding in a folder.
func readEmbeddingFile(disk durable.Files, folder string) (*measure.Embedding, error) {
	b, err := disk.Read(filepath.Join(folder, embeddingFile), measure.MaxEmbeddingBytes)
	if err != nil {
		return nil, err
	}
	return measure.DecodeEmbedding(b)
}

// isMissing reports whether a file is not there, which is no damage.
func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
