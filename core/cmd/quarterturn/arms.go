package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"quarterturn/core/run"
	"quarterturn/core/study"
)

// An arm is a group of runs that differ by budget, seed and length alone.
type arm struct {
	name    string // Unlike that of all other arms.
	base    string // What it is called where that is enough.
	key     run.Config
	records []*runRecord
}

// group finds the arms. Runs whose settings agree but for budget, seed and length
// are one arm; if it then has two runs of one budget and seed, length tells apart too.
func (e *evidence) group() {
	groups := e.groupBy(false)
	if slices.ContainsFunc(groups, hasTwoLengths) {
		groups = e.groupBy(true)
	}
	slices.SortStableFunc(groups, func(a, b *arm) int { return int(a.kind() - b.kind()) })
	nameApart(groups)
	for _, a := range groups {
		slices.SortStableFunc(a.records, func(x, y *runRecord) int {
			c, d := x.settings.Config, y.settings.Config
			return cmp.Or(study.CompareBudgets(c.LabelsPerClass, d.LabelsPerClass), cmp.Compare(c.Seed, d.Seed))
		})
		a.dropRepeats(e)
	}
	e.arms = groups
}

func (e *evidence) groupBy(length bool) (arms []*arm) {
	byKey := map[string]*arm{}
	for _, r := range e.records {
		s := r.settings
		config := armConfig(s.Config, length)
		key := fmt.Sprintf("%q %q %+v %d", s.Arm, s.start(), config, s.Limit)
		if byKey[key] == nil {
			name := printable(r.armName())
			byKey[key] = &arm{name: name, base: name, key: config}
			arms = append(arms, byKey[key])
		}
		byKey[key].records = append(byKey[key].records, r)
	}
	return arms
}

// start tells apart what runs begin with: by its sum, since the same checkpoint has
// other paths elsewhere, or for older runs by its path.
func (s *settings) start() string { return cmp.Or(s.Start, s.From) }

// armConfig clears what runs of one arm differ by.
func armConfig(c run.Config, length bool) run.Config {
	c.Seed, c.LabelsPerClass, c.EvaluateEvery = 0, 0, 0
	if !length {
		c.Epochs, c.WarmupEpochs = 0, 0
	}
	return c
}

// armName is what a run's arm is called, if that is enough to tell it apart.
func (r *runRecord) armName() string {
	s := r.settings
	switch {
	case s.Arm != "":
		return s.Arm
	case s.From != "":
		return "transfer"
	case s.Config.FirstStage > len(s.Config.Network.Blocks):
		return study.RandomFrozen
	}
	return study.Scratch
}

// kind tells what an arm knows before it sees labels.
func (a *arm) kind() study.Kind {
	s := a.records[0].settings
	switch {
	case s.From != "":
		return study.Pretrained
	case s.Config.FirstStage > 0:
		return study.Frozen
	}
	return study.Fresh
}

// hasTwoLengths reports whether an arm has runs of one budget and seed that differ
// by their length.
func hasTwoLengths(a *arm) bool {
	seen := map[[2]uint64]int{}
	for _, r := range a.records {
		c := r.settings.Config
		key := [2]uint64{uint64(c.LabelsPerClass), c.Seed}
		if epochs, there := seen[key]; there && epochs != c.Epochs {
			return true
		}
		seen[key] = c.Epochs
	}
	return false
}

// dropRepeats leaves out runs that an earlier one is the same as.
func (a *arm) dropRepeats(e *evidence) {
	seen := map[[2]uint64]*runRecord{}
	a.records = slices.DeleteFunc(a.records, func(r *runRecord) bool {
		key := [2]uint64{uint64(r.settings.Config.LabelsPerClass), r.settings.Config.Seed}
		if first, there := seen[key]; there {
			but := ""
			if mine, its := r.settings.Pictures, first.settings.Pictures; mine != "" && its != "" && mine != its {
				but = ", but other pictures: make a report of its own"
			}
			e.note("left out: %s has the settings of %s%s", r.folder, first.folder, but)
			return true
		}
		seen[key] = r
		return false
	})
}

// nameApart gives arms of the same name what they differ by, or else a number.
func nameApart(arms []*arm) {
	count := map[string]int{}
	for _, a := range arms {
		count[a.name]++
	}
	used := map[string]bool{}
	for _, a := range arms {
		if count[a.name] > 1 {
			a.name = a.name + " (" + a.details(arms) + ")"
		}
		for base, n := a.name, 2; used[a.name]; n++ {
			a.name = fmt.Sprintf("%s #%d", base, n)
		}
		used[a.name] = true
	}
}

// details lists settings of an arm that its namesakes do not all share.
func (a *arm) details(arms []*arm) string {
	mine := a.described()
	var differ []string
	for i, text := range mine {
		if slices.ContainsFunc(arms, func(b *arm) bool { return b.base == a.base && b.described()[i] != text }) {
			differ = append(differ, text)
		}
	}
	if len(differ) == 0 {
		return "on other pictures"
	}
	return printable(strings.Join(differ, ", "))
}

// described are the settings that tell arms apart, each with its name.
func (a *arm) described() []string {
	s := a.records[0].settings
	from := "random weights"
	if s.From != "" {
		from = "from " + filepath.Base(filepath.Dir(s.From)) + "/" + filepath.Base(s.From)
	}
	all := []string{from, s.Config.Network.String(), fmt.Sprintf("limit %d", s.Limit)}
	config := reflect.ValueOf(a.key)
	for i := range config.NumField() {
		if name := config.Type().Field(i).Name; name != "Network" {
			all = append(all, fmt.Sprintf("%s %v", inLetters(name), config.Field(i)))
		}
	}
	return all
}

// inLetters writes the name of a field as words, such as "learning rate".
func inLetters(field string) string {
	var words strings.Builder
	for i, r := range field {
		if unicode.IsUpper(r) && i > 0 {
			words.WriteByte(' ')
		}
		words.WriteRune(unicode.ToLower(r))
	}
	return words.String()
}
