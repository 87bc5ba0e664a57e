package state

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"quarterturn/core/fault"
	"quarterturn/core/notebook"
	"quarterturn/core/run"
	"quarterturn/core/verdict"
)

// A ComparePart is what the station Compare shows.
type ComparePart string

// The parts, in their order.
const (
	OfRuns     ComparePart = "runs"
	OfChance   ComparePart = "chance"
	OfKnown    ComparePart = "known"
	OfInside   ComparePart = "inside"
	OfMistakes ComparePart = "mistakes"
	OfReport   ComparePart = "report"
)

// A ComparePlace is how a part presents itself.
type ComparePlace struct {
	Part  ComparePart
	Title string
}

// CompareParts are the parts from left to right.
func CompareParts() []ComparePlace {
	return []ComparePlace{
		{OfRuns, "Runs"}, {OfChance, "Is it chance?"}, {OfKnown, "What does it know?"}, {OfInside, "Look inside"}, {OfMistakes, "Mistakes"}, {OfReport, "Report"},
	}
}

// Fields of an experiment's form, as SetExperiment gives them.
const (
	FieldSeeds   = "seeds"
	FieldBudgets = "budgets" // "all" for each number of labels that the pictures allow.
	FieldEarly   = "early"
)

// Compare is the station Compare.
type Compare struct {
	Part ComparePart

	// The next experiment.
	Arms    []notebook.Arm
	Seeds   string
	Budgets bool // Each number of labels, not that of the form alone.
	Early   bool // Ends as soon as it is decided.
	Problem string

	Shown  int // ID of the experiment that is shown; 0 for none.
	Sort   Column
	Upward bool
	Picked []string // Keys of the runs that are overlaid; none is those that are not hidden.

	Curves   *Curves
	Open     string // Key of the run of which all that can be done is shown; empty for none.
	Unfolded []int  // Experiments whose runs are shown one by one.
	built    int    // Lines of the table that are there, of bound that may be.
	bound    int
	growing  bool // A GrowRuns is on its way.
}

func newCompare() *Compare {
	return &Compare{
		Part: OfRuns, Arms: []notebook.Arm{notebook.Transfer, notebook.Scratch}, Seeds: "5", Early: true, Sort: ByOrder, Upward: true, Curves: &Curves{}, bound: mostLinesAtOnce,
	}
}

// A Column is what the table of runs is sorted by.
type Column string

// The columns.
const (
	ByOrder    Column = "order"
	ByName     Column = "name"
	ByAccuracy Column = "accuracy"
	ByLoss     Column = "loss"
	ByLabels   Column = "labels"
	BySeed     Column = "seed"
	ByTime     Column = "time"
)

// applyCompare applies what the person does at the station Compare.
func (p Page) applyCompare(message Message) (Page, []Effect) {
	c := *p.Compare
	switch m := message.(type) {
	case ShowCompare:
		c.Part = m.Part
		p.View.Station = AtCompare
	case ChooseArm:
		c = c.chosen(m.Arm)
	case SetExperiment:
		c = c.set(m.Field, m.Value)
	case StartExperiment:
		return p.startExperiment()
	case EndExperiment:
		return p.endExperiment(m.ID)
	case ShowExperiment:
		c.Shown = m.ID
	case SortRuns:
		c.Upward = c.Sort != m.By || !c.Upward
		c.Sort = m.By
	case PickRun:
		c.Picked = toggled(c.Picked, m.Key)
	}
	p.Compare = &c
	return p, nil
}

// toggled takes an item out of a list or puts it in.
func toggled[T comparable](list []T, item T) []T {
	if i := slices.Index(list, item); i >= 0 {
		return slices.Delete(slices.Clone(list), i, i+1)
	}
	return append(slices.Clip(list), item)
}

func (c Compare) chosen(arm notebook.Arm) Compare {
	c.Arms, c.Problem = toggled(c.Arms, arm), ""
	return c
}

func (c Compare) set(field, value string) Compare {
	c.Problem = ""
	switch field {
	case FieldSeeds:
		c.Seeds = value
	case FieldBudgets:
		c.Budgets = value == "true"
	case FieldEarly:
		c.Early = value == "true"
	}
	return c
}

// ArmsOffered are the arms that the loaded network, or without one that of the form, has.
func (p *Page) ArmsOffered() []notebook.Arm {
	n := run.Default(run.Transfer).Network
	if p.Turn.Model != nil {
		n = p.Turn.Model.Network
	}
	return notebook.Arms(n)
}

// startExperiment plans the runs of the form of the station.
func (p Page) startExperiment() (Page, []Effect) {
	c := *p.Compare
	p.Compare = &c
	e, fresh, err := p.experiment()
	if problem := p.ready(); problem != "" {
		err = fault.New("state", problem)
	}
	if err != nil {
		c.Problem = Sentence(fault.Reason(err))
		p.Said = c.Problem
		return p, nil
	}
	runs := *p.Runs
	runs.Experiments = append(slices.Clip(runs.Experiments), e)
	p.Runs, c.Shown, c.Problem, c.Part = &runs, e.ID, "", OfChance
	p.Said = Count(len(fresh), "run") + " planned."
	return p.plan(fresh)
}

// experiment makes an experiment of what is written.
func (p Page) experiment() (notebook.Experiment, []*Run, error) {
	c := p.Compare
	e := notebook.Experiment{ID: p.Runs.lastExperiment() + 1, Early: c.Early}
	for _, arm := range p.ArmsOffered() { // In their order.
		if slices.Contains(c.Arms, arm) {
			e.Arms = append(e.Arms, arm)
		}
	}
	seeds, err := strconv.Atoi(c.Seeds)
	if err != nil {
		return e, nil, fault.Errorf("state", "the number of seeds is %q, want 1 to %d", c.Seeds, notebook.MaxSeeds)
	}
	e.Seeds = seeds
	base, err := p.base()
	if err != nil {
		return e, nil, err
	}
	e.Labels = []int{base.LabelsPerClass}
	if c.Budgets {
		e.Labels = notebook.BudgetsFor(p.Pictures.largestClass())
	}
	planned, err := e.Plan(base, func(labels int) int {
		with := base
		with.LabelsPerClass = labels
		train, _ := p.Pictures.Examples(with)
		return train
	})
	if err != nil {
		return e, nil, err
	}
	return e, wrapped(planned), enough(p.Pictures, []run.Config{base})
}

// Planned is what the form of the station would begin.
type Planned struct {
	Budgets []int // That each number of labels would be.
	Runs    int
	Takes   time.Duration // About, on this device; 0 where nothing is known.
	Problem string        // Why it cannot begin.
}

// Planned returns what would begin.
func (p *Page) Planned() Planned {
	planned := Planned{Budgets: notebook.BudgetsFor(p.Pictures.largestClass())}
	_, runs, err := p.experiment()
	if err != nil {
		planned.Problem = Sentence(fault.Reason(err))
		return planned
	}
	planned.Runs = len(runs)
	for _, r := range runs {
		train, test := p.Pictures.Examples(r.Config)
		planned.Takes += p.Train.Speed.Estimate(r.Config, train, test)
	}
	planned.Takes /= time.Duration(p.Runs.queue.limit())
	return planned
}

// Done counts the runs of an experiment that are over, and all.
func (r *Runs) Done(experiment int) (done, all int) {
	for _, one := range r.Of(experiment) {
		all++
		if one.IsOver() && !one.Saving && (one.Answers != nil || one.Phase != run.Finished) {
			done++
		}
	}
	return done, all
}

func wrapped(planned []notebook.Run) (all []*Run) {
	for _, r := range planned {
		all = append(all, &Run{Run: r})
	}
	return all
}

// base is the configuration of a transfer as the form of the station Train has it.
func (p Page) base() (run.Config, error) {
	form := p.Train.Form
	if form.Task != run.Transfer {
		form = form.with(FieldTask, string(run.Transfer))
	}
	form.Race = false
	configs, err := form.Configs(p.Turn.Model)
	if err != nil {
		return run.Config{}, err
	}
	return configs[0], nil
}

// largestClass counts the pictures that the largest class has to learn from.
func (p *Pictures) largestClass() (most int) {
	for _, s := range p.Shelves {
		if s.Class >= 0 {
			most = max(most, s.Train)
		}
	}
	return most
}

// endExperiment gives up the runs that have not begun, and stops those at work.
func (p Page) endExperiment(id int) (Page, []Effect) {
	var effects []Effect
	p.Runs = p.Runs.ended(id)
	for _, r := range p.Runs.Of(id) {
		if !r.IsOver() {
			var more []Effect
			p, more = p.stopRuns(r.Key)
			effects = append(effects, more...)
		}
	}
	return p, effects
}

// ended marks an experiment as ended.
func (r Runs) ended(id int) *Runs {
	r.Experiments = slices.Clone(r.Experiments)
	if e := r.Experiment(id); e != nil {
		e.Ended = true
	}
	return &r
}

// decided ends an experiment whose run just ended, if that was asked for and there is
// nothing left to learn from more seeds.
func (p Page) decided(key string) (Page, []Effect) {
	r := p.Runs.Find(key)
	if r == nil || r.Experiment == 0 {
		return p, nil
	}
	e := p.Runs.Experiment(r.Experiment)
	if e == nil || !e.Early || e.Ended || !e.IsDecided(p.Runs.Table(e)) {
		return p, nil
	}
	p.Said = "Decided: chance is ruled out, and the other seeds are not needed."
	return p.endExperiment(e.ID)
}

// Table is what an experiment came to so far.
func (r *Runs) Table(e *notebook.Experiment) *verdict.Table {
	var of []*notebook.Run
	for _, one := range r.Of(e.ID) {
		of = append(of, &one.Run)
	}
	return e.Table(of)
}

// Sorted returns the runs in the order of the table: pinned ones first.
func (p *Page) Sorted() []*Run {
	all := slices.Clone(p.Runs.All)
	slices.SortStableFunc(all, func(a, b *Run) int {
		if a.Pinned != b.Pinned {
			return cmp.Compare(truth(b.Pinned), truth(a.Pinned))
		}
		c := p.Compare.Sort.compare(a, b)
		if !p.Compare.Upward {
			c = -c
		}
		return c
	})
	return all
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// compare orders two runs by a column. What has no number yet is the smallest.
func (c Column) compare(a, b *Run) int {
	switch c {
	case ByName:
		return cmp.Compare(a.Title(), b.Title())
	case ByAccuracy:
		return cmp.Compare(newest(a, -1, func(e run.Evaluated) float64 { return e.Accuracy }), newest(b, -1, func(e run.Evaluated) float64 { return e.Accuracy }))
	case ByLoss:
		return cmp.Compare(newest(a, -1, func(e run.Evaluated) float64 { return e.Loss }), newest(b, -1, func(e run.Evaluated) float64 { return e.Loss }))
	case ByLabels:
		return verdict.CompareBudgets(a.Config.LabelsPerClass, b.Config.LabelsPerClass)
	case BySeed:
		return cmp.Compare(a.Config.Seed, b.Config.Seed)
	case ByTime:
		return cmp.Compare(a.Took(), b.Took())
	}
	return cmp.Compare(order(a.Key), order(b.Key))
}

func newest(r *Run, none float64, of func(run.Evaluated) float64) float64 {
	if e, ok := r.Last(); ok {
		return of(e)
	}
	return none
}
