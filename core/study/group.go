package study

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"quarterturn/core/internal/printable"
	"quarterturn/core/run"
	"quarterturn/core/runs"
	"quarterturn/core/verdict"
)

// A Group is the runs of one way to train: they differ by budget, seed and length
// alone.
type Group struct {
	Name    string         // Unlike that of all other groups.
	base    string         // What it is called where that is enough.
	Shared  run.Config     // What all have; where they differ it is zero.
	Records []*runs.Record // By budget and seed.
}

// group finds the arms. Runs whose settings agree but for budget, seed and length
// are one arm; if it then has two runs of one budget and seed, length tells apart too.
func (e *Evidence) group() {
	groups := e.groupBy(false)
	if slices.ContainsFunc(groups, hasTwoLengths) {
		groups = e.groupBy(true)
	}
	slices.SortStableFunc(groups, func(a, b *Group) int { return int(a.Kind() - b.Kind()) })
	nameApart(groups)
	for _, a := range groups {
		slices.SortStableFunc(a.Records, func(x, y *runs.Record) int {
			c, d := x.Spec.Config, y.Spec.Config
			return cmp.Or(verdict.CompareBudgets(c.LabelsPerClass, d.LabelsPerClass), cmp.Compare(c.Seed, d.Seed))
		})
		a.dropRepeats(e)
	}
	e.Groups = groups
}

func (e *Evidence) groupBy(length bool) (arms []*Group) {
	byKey := map[string]*Group{}
	for _, r := range e.Records {
		s := r.Spec
		config, begins := sharedOf(s.Config, length), s.Begins()
		if s.PretextSeed != 0 { // Another network for each seed.
			begins = Pretext
		}
		if len(s.Rates) > 0 { // Each budget has its own.
			config.LearningRate = 0
		}
		key := fmt.Sprintf("%q %q %+v %d %v", s.Arm, begins, config, s.Limit, s.Rates)
		if byKey[key] == nil {
			name := printable.Text(nameOf(r))
			byKey[key] = &Group{Name: name, base: name, Shared: config}
			arms = append(arms, byKey[key])
		}
		byKey[key].Records = append(byKey[key].Records, r)
	}
	return arms
}

// sharedOf clears what runs of one arm differ by.
func sharedOf(c run.Config, length bool) run.Config {
	c.Seed, c.LabelsPerClass, c.EvaluateEvery = 0, 0, 0
	if !length {
		c.Epochs, c.WarmupEpochs = 0, 0
	}
	return c
}

// nameOf is what a run's group is called, if that is enough to tell it apart.
func nameOf(r *runs.Record) string {
	s := r.Spec
	switch {
	case s.Arm != "":
		return s.Arm
	case s.From != "":
		return "transfer"
	case s.Config.FirstStage > len(s.Config.Network.Blocks):
		return RandomFrozen
	}
	return Scratch
}

// Kind is what the network of a group knows before it sees labels.
func (a *Group) Kind() verdict.Kind {
	s := a.Records[0].Spec
	switch {
	case s.From != "":
		return verdict.Pretrained
	case s.Config.FirstStage > 0:
		return verdict.Frozen
	}
	return verdict.Fresh
}

// hasTwoLengths reports whether an arm has runs of one budget and seed that differ
// by their length.
func hasTwoLengths(a *Group) bool {
	seen := map[[2]uint64]int{}
	for _, r := range a.Records {
		c := r.Spec.Config
		key := [2]uint64{uint64(c.LabelsPerClass), c.Seed}
		if epochs, there := seen[key]; there && epochs != c.Epochs {
			return true
		}
		seen[key] = c.Epochs
	}
	return false
}

// dropRepeats leaves out runs that an earlier one is the same as.
func (a *Group) dropRepeats(e *Evidence) {
	seen := map[[2]uint64]*runs.Record{}
	a.Records = slices.DeleteFunc(a.Records, func(r *runs.Record) bool {
		key := [2]uint64{uint64(r.Spec.Config.LabelsPerClass), r.Spec.Config.Seed}
		if first, there := seen[key]; there {
			but := ""
			if mine, its := r.Spec.Pictures, first.Spec.Pictures; mine != "" && its != "" && mine != its {
				but = ", but other pictures: make a report of its own"
			}
			e.note("left out: %s has the settings of %s%s", r.Folder, first.Folder, but)
			return true
		}
		seen[key] = r
		return false
	})
}

// nameApart gives arms of the same name what they differ by, or else a number.
func nameApart(arms []*Group) {
	count := map[string]int{}
	for _, a := range arms {
		count[a.Name]++
	}
	used := map[string]bool{}
	for _, a := range arms {
		if count[a.Name] > 1 {
			a.Name = a.Name + " (" + a.details(arms) + ")"
		}
		for base, n := a.Name, 2; used[a.Name]; n++ {
			a.Name = fmt.Sprintf("%s #%d", base, n)
		}
		used[a.Name] = true
	}
}

// details lists settings of an arm that its namesakes do not all share.
func (a *Group) details(arms []*Group) string {
	mine := a.described()
	var differ []string
	for i, text := range mine {
		if slices.ContainsFunc(arms, func(b *Group) bool { return b.base == a.base && b.described()[i] != text }) {
			differ = append(differ, text)
		}
	}
	if len(differ) == 0 {
		return "on other pictures"
	}
	return printable.Text(strings.Join(differ, ", "))
}

// described are the settings that tell arms apart, each with its name.
func (a *Group) described() []string {
	s := a.Records[0].Spec
	from := "random weights"
	if s.From != "" {
		from = "from " + filepath.Base(filepath.Dir(s.From)) + "/" + filepath.Base(s.From)
	}
	all := []string{from, s.Config.Network.String(), fmt.Sprintf("limit %d", s.Limit)}
	for _, setting := range run.Settings() {
		if setting.Field != "" && !strings.HasPrefix(setting.Field, "Network.") {
			all = append(all, setting.Label+" "+setting.Text(&a.Shared))
		}
	}
	return all
}
