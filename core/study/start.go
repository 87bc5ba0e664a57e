package study

import (
	"slices"

	"quarterturn/core/checkpoint"
	"quarterturn/core/fault"
	"quarterturn/core/run"
	"quarterturn/core/runs"
)

// A Start is what an arm begins with.
type Start struct {
	Model   *checkpoint.Model // Nil for random weights.
	Network run.Network
}

// Begin reads the arms' checkpoints by their paths, and fills in their sums; one
// whose sum is there already must be the same file. An arm without a checkpoint has
// the network that it names, else that of the first checkpoint, so that the two
// differ by the start alone.
func (p *Plan) Begin(read func(path string) ([]byte, error)) ([]Start, error) {
	starts := make([]Start, len(p.Arms))
	fallback := p.Settings.Network
	for i := range slices.Backward(p.Arms) { // The first checkpoint's network is what stays.
		a := &p.Arms[i]
		if !a.Trained() || a.From == Pretext {
			continue
		}
		b, err := read(a.From)
		if err != nil {
			return nil, err
		}
		if starts[i], err = a.begin(b); err != nil {
			return nil, err
		}
		fallback = starts[i].Network
	}
	if p.Pretext != nil {
		fallback = p.Pretext.Settings.Network
	}
	for i, a := range p.Arms {
		switch {
		case a.From == Pretext:
			starts[i].Network = fallback
		case a.Network != nil:
			starts[i].Network = *a.Network
		case !a.Trained():
			starts[i].Network = fallback
		}
	}
	return starts, nil
}

func (a *Arm) begin(b []byte) (Start, error) {
	sum := runs.Sum(b)
	if a.SHA256 != "" && a.SHA256 != sum {
		return Start{}, fault.Errorf("study", "arm %s: %s is not the checkpoint that it was: its SHA-256 is %s, want %s", a.Name, a.From, sum, a.SHA256)
	}
	a.SHA256 = sum
	m, err := checkpoint.Decode(b)
	if err != nil {
		return Start{}, fault.Errorf("study", "arm %s: %s: %w", a.Name, a.From, err)
	}
	network := m.Config.Network
	network.Hidden = 0 // Part of the head, which is fresh.
	return Start{m, network}, nil
}

// AddBaselines gives each network that a checkpoint has besides the first's baselines
// of its own, such as scratch-NAME for that of the arm NAME, and returns all starts.
func (p *Plan) AddBaselines(starts []Start) []Start {
	var seen []run.Network
	baselines := slices.DeleteFunc(slices.Clone(p.Arms), Arm.Trained)
	for i, a := range p.Arms {
		network := starts[i].Network
		if !a.Trained() || slices.ContainsFunc(seen, network.Equal) {
			continue
		}
		if seen = append(seen, network); len(seen) == 1 {
			continue // It has those without a name.
		}
		for _, b := range baselines {
			p.Arms = append(p.Arms, Arm{Name: b.Name + "-" + a.Name, From: b.From, Network: &network})
			starts = append(starts, Start{Network: network})
		}
	}
	return starts
}
