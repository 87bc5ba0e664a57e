package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"quarterturn/core/cmd/internal/draw"
	"quarterturn/core/cmd/internal/files"
	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/dataset"
	"quarterturn/core/durable"
	"quarterturn/core/embed"
	"quarterturn/core/measure"
)

const embedHelp = `embed --model FILE[,FILE...] --data PICTURES --out FOLDER|FILE [--method tsne|pca] [--stage K]

Lays pictures out in the plane by what a stage of each network makes of them, and
measures how well the classes keep together. Writes embedding.json, .svg, .png and
.pdf into the folder; where --out ends in one of these, that file alone.`

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
	flags.BoolVar(&s.thumbnails, "thumbnails", false, "draw the pictures into PNG and PDF where there is room")
	flags.StringVar(&s.out, "out", "", "`folder` to write to, made if it is not there, or a file .pdf, .svg, .png or .json")
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
func embedPictures(ctx context.Context, t *term.Terminal, args []string) error {
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
	s.Progress = l.progress.At
	result, err := s.Run(ctx, all, pictures)
	if err := l.done(err); err != nil {
		return err
	}
	result.Data, result.Split = l.data.path, s.split
	if !s.thumbnails {
		pictures = nil
	}
	drawn, err := writeEmbedding(result, s.out, pictures)
	if err != nil {
		return err
	}
	return term.PrintEmbedding(t, result, drawn)
}

// choose draws the pictures to lay out.
func (s *embedSettings) choose(set *dataset.Set) *dataset.Pictures {
	if s.split == "train" {
		return measure.Sample(set.Train, s.points, s.Seed)
	}
	return measure.Sample(set.Test, s.points, s.Seed)
}

// writeEmbedding makes the files of an embedding, or the one that out names, and
// returns where it is drawn.
func writeEmbedding(e *measure.Embedding, out string, pictures *dataset.Pictures) (string, error) {
	description, err := e.Encode()
	if err != nil {
		return "", err
	}
	all, err := draw.Embedding(e, pictures)
	if err != nil {
		return "", err
	}
	all = append(all, durable.Content{Name: "embedding.json", Bytes: description})
	for _, f := range all {
		if filepath.Ext(f.Name) == strings.ToLower(filepath.Ext(out)) {
			if err := files.Write(durable.Disk{}, out, f.Bytes); err != nil {
				return "", files.InFlag("--out", out, err)
			}
			return out, nil
		}
	}
	err = os.MkdirAll(out, 0o755)
	for _, f := range all {
		err = errors.Join(err, os.WriteFile(filepath.Join(out, f.Name), f.Bytes, 0o644))
	}
	return filepath.Join(out, "embedding.png"), err
}
