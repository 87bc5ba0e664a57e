package study

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"quarterturn/core/checkpoint"
	"quarterturn/core/durable"
	"quarterturn/core/fault"
	"quarterturn/core/measure"
	"quarterturn/core/runs"
)

// LayOut lays at most so many test pictures out by each arm's checkpoint and, for
// each arm and budget, by the network of the first seed. What is there already
// stays. say hears of each network, and why one is left out.
func (s *Study) LayOut(ctx context.Context, by measure.Embedder, points int, say func(line string)) error {
	pictures := measure.Sample(s.Set.Test, points, s.Plan.DataSeed)
	if pictures.Len() < measure.FewestPoints {
		return nil
	}
	by.Stage, by.Theta, by.Seed = -1, 0.5, s.Plan.DataSeed
	for _, l := range s.laidOut() {
		if _, err := runs.ReadEmbedding(s.Disk, l.folder); err == nil {
			continue
		}
		if l.Model == nil {
			var err error
			if l.Model, err = s.newest(l.folder); err != nil {
				say(fmt.Sprintf("no t-SNE of %s: %s", l.Name, fault.Reason(err)))
				continue
			}
		}
		say("t-SNE of " + l.Name)
		result, err := by.Run(ctx, []measure.Subject{l.Subject}, pictures)
		if err != nil {
			return fmt.Errorf("t-SNE of %s: %w", l.Name, err)
		}
		result.Data, result.Split, result.Names = s.Plan.Data, "test", nil
		if err := s.leave(l.folder, result); err != nil {
			return err
		}
	}
	return nil
}

// A laidOut is a network of which there is a layout in a folder. One without a model
// has it in the folder.
type laidOut struct {
	measure.Subject
	folder string
}

func (s *Study) laidOut() (all []laidOut) {
	for i, a := range s.Plan.Arms {
		if a.Trained() && a.Reading == nil { // What is only read lies as its checkpoint does.
			model := s.Starts[i].Model
			if a.From == Pretext {
				first := Run{Arm: i, Pretext: 1}
				with, _ := s.begins(first) // One that cannot be read is left out later.
				model, _ = s.modelOf(first, with)
			}
			all = append(all, laidOut{measure.Subject{Name: a.Name + " before", Model: model}, filepath.Join(s.Folder, startsFolder, a.Name)})
		}
	}
	for _, r := range s.Runs {
		if r.Seed == s.Plan.Seeds[0] && s.Plan.Arms[r.Arm].Reading == nil && s.IsFinished(r) {
			all = append(all, laidOut{measure.Subject{Name: r.Name}, s.FolderOf(r)})
		}
	}
	return all
}

// newest reads the model that a run ended with.
func (s *Study) newest(folder string) (*checkpoint.Model, error) {
	b, err := s.Disk.Read(filepath.Join(folder, "last.safetensors"), checkpoint.MaxBytes)
	if err != nil {
		return nil, err
	}
	return checkpoint.Decode(b)
}

func (s *Study) leave(folder string, e *measure.Embedding) error {
	b, err := e.Encode()
	if err != nil {
		return err
	}
	return errors.Join(s.Disk.MkdirAll(folder), durable.Replace(s.Disk, filepath.Join(folder, runs.EmbeddingFile), b))
}
