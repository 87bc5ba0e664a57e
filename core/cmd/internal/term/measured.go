package term

import (
	"encoding/json"
	"fmt"

	"quarterturn/core/measure"
	"quarterturn/core/recording"
	"quarterturn/core/run"
	"quarterturn/core/verdict"
)

// PrintEvaluation writes a line, or a JSON object.
func PrintEvaluation(t *Terminal, e measure.Evaluation, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(t.Out).Encode(map[string]any{
			"accuracy": e.Accuracy, "low": e.Low, "high": e.High, "loss": e.Loss, "examples": e.Examples, "pictures": e.Pictures,
		})
	}
	of := verdict.Count(e.Pictures, "picture")
	if turns := e.Examples / e.Pictures; turns > 1 {
		of = fmt.Sprintf("%d, %s in %d turns", e.Examples, of, turns)
	}
	_, err := fmt.Fprintf(t.Out, "accuracy %.2f %% (95 %% interval over pictures %.2f to %.2f) of %s, loss %.4f nats\n",
		100*e.Accuracy, 100*e.Low, 100*e.High, of, e.Loss)
	return err
}

// PrintProbed writes a table, or the JSON object.
func PrintProbed(t *Terminal, r *measure.Probed, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(t.Out).Encode(r)
	}
	drawn, over := "", ""
	if r.Draws > 1 {
		drawn, over = fmt.Sprintf(", drawn %d times", r.Draws), " over draws and pictures"
	}
	fmt.Fprintf(t.Out, "%s, %s: %d pictures with labels%s, tested on %d\n", r.Model, r.Network, r.Train, drawn, r.Test)
	fmt.Fprintf(t.Out, "  %-9s %9s  %-25s  %s\n", "", "features", fmt.Sprintf("%d nearest neighbours", r.Neighbours), "linear probe (95 % interval"+over+")")
	for _, s := range r.Stages {
		fmt.Fprintf(t.Out, "  %-9s %9d  %-25s  %v\n", measure.PartName(s.Stage), s.Features, s.Neighbour, s.Linear)
	}
	if read := r.Reading; read != nil {
		fmt.Fprintf(t.Out, "  %-9s %9d  %-25s  %v\n", read.Stages, read.Features, "read together, "+verdict.Count(read.Views, "view"), read.Linear)
	}
	_, err := fmt.Fprintf(t.Out, "  %-9s %9s  %5.1f %%\n", "chance", "", 100*r.Chance)
	return err
}

// PrintEmbedding writes the numbers for people, and where they are drawn.
func PrintEmbedding(t *Terminal, e *measure.Embedding, drawn string) error {
	for _, m := range e.Models {
		fmt.Fprintf(t.Out, "%s, %s, %s\n", m.Model, m.Network, measure.PartName(m.Stage))
		if m.InFeatures == nil {
			fmt.Fprintln(t.Out, "  no two classes: there is nothing to compare the clusters with")
			continue
		}
		for _, line := range []struct {
			where string
			*measure.Clustering
		}{{"features", m.InFeatures}, {string(e.Method), m.InLayout}} {
			fmt.Fprintf(t.Out, "  %-9s purity %.3f (chance %.3f), silhouette %+.3f\n", line.where, line.Purity, e.ChancePurity, line.Silhouette)
		}
	}
	_, err := fmt.Fprintf(t.Out, "%d pictures, %d neighbours; drawn in %s\n", len(e.Labels), e.Neighbours, drawn)
	return err
}

// PrintRecording says what came out.
func PrintRecording(t *Terminal, r *recording.Recording, where string) error {
	first, last := r.Epochs[0], r.Epochs[len(r.Epochs)-1]
	fmt.Fprintf(t.Out, "%s, %d epochs of %s: rotation accuracy %.1f %% to %.1f %%\n",
		r.Config.Network, last.Number, r.Data, 100*first.Accuracy, 100*last.Accuracy)
	fmt.Fprintf(t.Out, "  %d pictures asked about, %d laid out by %s: purity %.3f to %.3f (chance %.3f), silhouette %+.3f to %+.3f\n",
		len(r.Pictures.Items), len(r.Map.Points), r.Map.Stage, first.Purity, last.Purity, r.Map.Chance, first.Silhouette, last.Silhouette)
	for i, name := range r.Probe.Stages {
		fmt.Fprintf(t.Out, "  %-9s neighbours %.1f %% to %.1f %%, linear probe %.1f %% to %.1f %% (chance %.1f %%)\n",
			name, 100*first.Stages[i].Neighbours, 100*last.Stages[i].Neighbours, 100*first.Stages[i].Linear, 100*last.Stages[i].Linear, 100*r.Probe.Chance)
	}
	_, err := fmt.Fprintln(t.Out, where)
	return err
}

// PrintCard writes a card for people.
func PrintCard(t *Terminal, c run.Card, title string) error {
	fmt.Fprintf(t.Out, "%s\n  learnt from %s, %d trained numbers\n  %s\n  licence %s\n", title, c.Data, c.Parameters, c.Command, c.Licence)
	for _, s := range c.Scores {
		fmt.Fprintf(t.Out, "  %-50s %v of %d turns\n", s.Pictures, measure.Score(s.Right), s.Examples)
	}
	fmt.Fprintf(t.Out, "  what the stages know of %s, by %d neighbours and by a linear probe:\n", c.Probe.Pictures, c.Probe.Neighbours)
	for _, s := range c.Probe.Stages {
		fmt.Fprintf(t.Out, "  %-9s %-25v  %v\n", s.Stage, measure.Score(s.Neighbours), measure.Score(s.Linear))
	}
	_, err := fmt.Fprintf(t.Out, "  %-9s %5.1f %%\n", "chance", 100*c.Probe.Chance)
	return err
}
