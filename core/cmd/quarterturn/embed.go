package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"quarterturn/core/dataset"
	"quarterturn/core/embed"
	"quarterturn/core/figure/raster"
	"quarterturn/core/measure"
)

const embedHelp = `embed --model FILE[,FILE...] --data PICTURES --out FOLDER [--method tsne|pca] [--stage K]

Lays pictures out in the plane by what a stage of each network makes of them, and
measures how well the classes keep together. Writes embedding.json, embedding.svg
and embedding.png.`

// embedSettings are what an embedding is told.
type embedSettings struct {
	measure.Embedder
	models     string
	split      string
	points     int
	untrained  bool
	thumbnails bool
	out        string
}

func (s *embedSettings) add(flags *flag.FlagSet) {
	flags.StringVar(&s.models, "model", "", "safetensors `files` of the models, between commas")
	flags.IntVar(&s.Stage, "stage", -1, "`part` whose features are laid out: 0 is the stem, -1 the last stage")
	flags.StringVar((*string)(&s.Method), "method", string(measure.TSNE), "tsne, or pca for the first two principal components")
	flags.StringVar(&s.split, "split", "test", "test or train pictures")
	flags.IntVar(&s.points, "points", 2000, fmt.Sprintf("lay out at most so many `pictures`, chosen by the seed; up to %d", measure.MaxPoints))
	flags.IntVar(&s.Components, "components", measure.DefaultComponents, "principal `components` that t-SNE is given")
	flags.IntVar(&s.Neighbours, "neighbours", measure.DefaultNeighbours, "`pictures` that purity looks at around each")
	flags.Float64Var(&s.Perplexity, "perplexity", 0, "`neighbours` that count in t-SNE, about; 0 for 30, or fewer where there are few pictures")
	flags.Float64Var(&s.Theta, "theta", 0.5, "how coarsely t-SNE takes far points together, to 0.7")
	flags.BoolVar(&s.Exact, "exact", false, fmt.Sprintf("compute all pairs in t-SNE, for up to %d pictures", embed.MaxExact))
	flags.IntVar(&s.Iterations, "iterations", measure.DefaultIterations, "`steps` of t-SNE")
	flags.Uint64Var(&s.Seed, "seed", 1, "seed of t-SNE and of what is drawn")
	flags.BoolVar(&s.untrained, "untrained", false, "also lay out the first network with the weights it would start from")
	flags.BoolVar(&s.thumbnails, "thumbnails", false, "draw the pictures into embedding.png where there is room")
	flags.StringVar(&s.out, "out", "", "`folder` to write to; made if it is not there")
}

func (s *embedSettings) check() error {
	switch {
	case s.models == "":
		return errors.New("embed: name a --model, or several between commas")
	case s.out == "":
		return errors.New("embed: name a folder for the result with --out")
	case s.Method != measure.TSNE && s.Method != measure.PCA:
		return fmt.Errorf("embed: no method %q, choose tsne or pca", s.Method)
	case s.split != "test" && s.split != "train":
		return fmt.Errorf("embed: no split %q, choose test or train", s.split)
	case s.points < measure.FewestPoints || s.points > measure.MaxPoints:
		return fmt.Errorf("embed: %d points, want %d to %d", s.points, measure.FewestPoints, measure.MaxPoints)
	case s.Components < 2 || s.Neighbours < 1 || s.Iterations < 1:
		return errors.New("embed: --components is at least 2, --neighbours and --iterations at least 1")
	case s.Exact && s.points > embed.MaxExact:
		s.points = embed.MaxExact
	}
	return nil
}

// embedPictures is the command embed.
func embedPictures(ctx context.Context, t *terminal, args []string) error {
	l := newLook(t, "embed", embedHelp)
	var s embedSettings
	s.add(l.flags)
	if err := parse(l.flags, args, 0); err != nil {
		return err
	}
	if err := s.check(); err != nil {
		return usageError{err}
	}
	all, side, err := subjects(strings.Split(s.models, ","), s.untrained, s.Seed)
	if err != nil {
		return err
	}
	if s.Backend, err = l.open(); err != nil {
		return err
	}
	set, err := l.data.open(t, side, s.Seed)
	if err != nil {
		return err
	}
	pictures := s.choose(set)
	s.Progress = l.progress.at
	result, err := s.Run(ctx, all, pictures)
	if err := l.done(err); err != nil {
		return err
	}
	result.Data, result.Split = l.data.path, s.split
	if err := writeEmbedding(result, s.out, pictures, s.thumbnails); err != nil {
		return err
	}
	return printEmbedding(t, result, s.out)
}

// choose draws the pictures to lay out.
func (s *embedSettings) choose(set *dataset.Set) *dataset.Pictures {
	if s.split == "train" {
		return measure.Sample(set.Train, s.points, s.Seed)
	}
	return measure.Sample(set.Test, s.points, s.Seed)
}

// writeEmbedding makes the files of an embedding.
func writeEmbedding(e *measure.Embedding, folder string, pictures *dataset.Pictures, thumbnails bool) error {
	description, err := e.Encode()
	if err != nil {
		return err
	}
	drawing := scatterOf(e)
	vector := drawing.Scene().SVG()
	if thumbnails {
		showPictures(drawing, pictures, e.Seed)
	}
	pixels, err := raster.PNG(drawing.Scene(), pngScale)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	var failed []error
	for name, content := range map[string][]byte{
		"embedding.json": description, "embedding.svg": []byte(vector), "embedding.png": pixels,
	} {
		failed = append(failed, os.WriteFile(filepath.Join(folder, name), content, 0o644))
	}
	return errors.Join(failed...)
}

// printEmbedding writes the numbers for people.
func printEmbedding(t *terminal, e *measure.Embedding, folder string) error {
	for _, m := range e.Models {
		fmt.Fprintf(t.out, "%s, %s, %s\n", m.Model, m.Network, measure.PartName(m.Stage))
		if m.InFeatures == nil {
			fmt.Fprintln(t.out, "  no two classes: there is nothing to compare the clusters with")
			continue
		}
		for _, line := range []struct {
			where string
			*measure.Clustering
		}{{"features", m.InFeatures}, {string(e.Method), m.InLayout}} {
			fmt.Fprintf(t.out, "  %-9s purity %.3f (chance %.3f), silhouette %+.3f\n", line.where, line.Purity, e.ChancePurity, line.Silhouette)
		}
	}
	_, err := fmt.Fprintf(t.out, "%d pictures, %d neighbours; drawn in %s\n", len(e.Labels), e.Neighbours, filepath.Join(folder, "embedding.png"))
	return err
}
