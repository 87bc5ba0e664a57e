package lab

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"quarterturn/assets"
	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/exam"
	"quarterturn/core/measure"
	"quarterturn/core/notebook"
	"quarterturn/core/resnet"
	"quarterturn/core/run"
)

// builtIn is the small built-in network, which guesses turns.
func builtIn(t *testing.T) []byte {
	t.Helper()
	b, err := assets.Model()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// subjectOf is a network as package measure takes it.
func subjectOf(t *testing.T, model []byte) measure.Subject {
	t.Helper()
	m, err := checkpoint.Decode(model)
	if err != nil {
		t.Fatal(err)
	}
	return measure.Subject{Name: "it", Model: m}
}

// mustAnswer returns the one event of a type, of commands that must not fail.
func mustAnswer[E run.Event](t *testing.T, d *desk, commands ...run.Command) E {
	t.Helper()
	events := d.do(commands...)
	if failed := only[run.Failed](t, events); len(failed) > 0 {
		t.Fatal(failed)
	}
	found := only[E](t, events)
	if len(found) == 0 {
		t.Fatalf("%v: no answer of the kind in %d events", commands[len(commands)-1], len(events))
	}
	return found[len(found)-1]
}

// answersOf checks what was asked and returns it for counting.
func answersOf(t *testing.T, a run.Asked) *exam.Answers {
	t.Helper()
	n := len(a.Labels)
	if len(a.IDs)*a.Turns != n || len(a.Guesses) != n || len(a.Sure) != n || len(a.True) != n {
		t.Fatalf("%d IDs in %d turns for %d labels, %d guesses and %d and %d beliefs", len(a.IDs), a.Turns, n, len(a.Guesses), len(a.Sure), len(a.True))
	}
	for i, sure := range a.Sure {
		if sure < a.True[i] || (a.Guesses[i] == a.Labels[i]) != (sure == a.True[i]) {
			t.Errorf("answer %d: %d for %d, sure %v, of the label %v", i, a.Guesses[i], a.Labels[i], sure, a.True[i])
		}
	}
	answers := &exam.Answers{Classes: a.Classes, Turns: a.Turns, Labels: a.Labels, Guesses: a.Guesses}
	if err := answers.Check(); err != nil {
		t.Error(err)
	}
	return answers
}

// TestAsk: of the turns of all photographs the built-in network has as many right as
// Score counts and as measure.Evaluate says, with the same interval.
func TestAsk(t *testing.T) {
	d, model := newDesk(t), builtIn(t)
	scored := mustAnswer[run.Scored](t, d, openPhotographs(t), run.LoadModel{Blob: model}, run.Score{})
	asked := mustAnswer[run.Asked](t, d, run.Ask{Model: model, Of: run.OfAll})
	answers := answersOf(t, asked)
	right, all := answers.Confusion().Right()
	if asked.Task != run.Pretext || asked.Turns != 4 || right != scored.Right || all != scored.All {
		t.Errorf("%d of %d turns are right, the score has %d of %d", right, all, scored.Right, scored.All)
	}
	want, err := measure.Evaluate(context.Background(), d.lab.options.Backend, subjectOf(t, model), d.lab.collection.all(), nil)
	if got := measure.ScoreOf(answers.Score()); err != nil || got != want.Score {
		t.Errorf("asked %v, measured %v, %v", got, want.Score, err)
	}
	test := mustAnswer[run.Asked](t, d, run.Ask{Model: model, Of: run.OfTest})
	for n, id := range test.IDs {
		at := slices.Index(asked.IDs, id)
		if !d.lab.collection.find(id).test || at < 0 || !slices.Equal(test.Guesses[4*n:4*n+4], asked.Guesses[4*at:4*at+4]) {
			t.Fatalf("test picture %d is answered otherwise alone", id)
		}
	}
	if len(test.IDs) != d.lab.collection.set().Test.Len() {
		t.Errorf("%d test pictures", len(test.IDs))
	}
}

// TestAskNames: a run tells at its end what it takes the test pictures for. The file of
// its network, asked in another worker, says the same of the same IDs.
func TestAskNames(t *testing.T) {
	c := run.Default(run.Scratch)
	c.Network, c.Epochs, c.BatchSize, c.LabelsPerClass = run.Network{Blocks: []int{1, 1}, Width: 2}, 2, 10, 4
	first, second := newDesk(t), newDesk(t)
	told := mustAnswer[run.Asked](t, first, photographs(t), run.Start{Config: c})
	evaluated := only[run.Evaluated](t, answered(first))
	right, all := answersOf(t, told).Confusion().Right()
	if last := evaluated[len(evaluated)-1]; all != last.Examples || right != int(last.Accuracy*float64(all)+0.5) {
		t.Errorf("%d of %d are right, the last evaluation is %+v", right, all, last)
	}
	saved := mustAnswer[run.ModelSaved](t, first, run.Save{})
	asked := mustAnswer[run.Asked](t, second, photographs(t), run.Ask{Model: saved.Blob, Of: run.OfTest})
	if !slices.Equal(told.IDs, asked.IDs) || !slices.Equal(told.Guesses, asked.Guesses) || !slices.Equal(told.Labels, asked.Labels) || !slices.Equal(told.Classes, asked.Classes) {
		t.Errorf("the run says %v of %v, its file %v of %v", told.Guesses, told.IDs, asked.Guesses, asked.IDs)
	}
}

// answered returns the events of what a desk did last.
func answered(d *desk) (events []run.Event) {
	for _, a := range d.answers {
		events = append(events, a.Event)
	}
	return events
}

// TestStoppedRunAnswers: a run that was stopped tells what it knows so far, and a second
// Stop ends that too.
func TestStoppedRunAnswers(t *testing.T) {
	for _, stops := range []int{1, 2} {
		d := newDesk(t)
		c := tiny()
		c.Epochs = 50
		d.hook = func(e run.Event) {
			switch e := e.(type) {
			case run.Progress:
				if e.Step == 3 {
					d.post(run.Stop{})
				}
			case run.PhaseChanged:
				if e.Phase == run.Stopped && stops == 2 {
					d.lab.options.Yield = func() { d.post(run.Stop{}) }
				}
			}
		}
		events := d.do(photographs(t), run.Start{Config: c})
		if asked, failed := only[run.Asked](t, events), only[run.Failed](t, events); len(asked) != 2-stops || len(failed) > 0 {
			t.Errorf("stopped %d times, it answered %d times and failed with %v", stops, len(asked), failed)
		}
	}
}

// TestProbe: stage by stage, what measure.Probe finds; and again from what is remembered.
func TestProbe(t *testing.T) {
	d, model := newDesk(t), builtIn(t)
	d.do(openPhotographs(t))
	for _, untrained := range []bool{false, true} {
		command := run.Probe{Model: model, Untrained: untrained, LabelsPerClass: 20, Neighbours: 10, Seed: 3}
		subject := subjectOf(t, model)
		if untrained {
			config := subject.Model.Config
			subject.Model = &checkpoint.Model{Config: config, Side: 32, Weights: checkpoint.Initial(config, 3)}
		}
		p := measure.Probe{Backend: d.lab.options.Backend, LabelsPerClass: 20, Neighbours: 10, Seed: 3}
		want, err := p.Run(context.Background(), subject, d.lab.collection.set())
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			got := mustAnswer[run.Probed](t, d, command)
			if len(only[run.Probed](t, answered(d))) != len(want.Stages) {
				t.Errorf("%d events for %d stages", len(answered(d)), len(want.Stages))
			}
			if got.Untrained != untrained || got.Train != want.Train || got.Test != want.Test || got.Chance != want.Chance || !slices.Equal(got.Stages, stagesOf(want)) {
				t.Errorf("untrained %v: %+v, want %+v", untrained, got, want)
			}
		}
	}
}

func stagesOf(p *measure.Probed) (stages []run.ProbedStage) {
	for _, s := range p.Stages {
		stages = append(stages, run.ProbedStage{
			Name: measure.PartName(s.Stage), Features: s.Features, Neighbours: run.Share(s.Neighbour), Linear: run.Share(s.Linear),
		})
	}
	return stages
}

// TestMap: the first picture and the last one are those of measure.Embedder, and so are
// purity and silhouette. From the last one a map begins again where it was, and ends
// nearer to that than a new one begins.
func TestMap(t *testing.T) {
	d, model := newDesk(t), builtIn(t)
	d.do(openPhotographs(t))
	command := run.Map{Model: model, Pictures: 200, Seed: 5}
	mustAnswer[run.Mapped](t, d, command)
	maps := only[run.Mapped](t, answered(d))
	first, last := maps[0], maps[len(maps)-1]
	if first.TSNE || !last.TSNE || !last.Final || last.Iteration != measure.FirstIterations || len(last.IDs) != 200 {
		t.Fatalf("first %+v, last %+v", first, last)
	}
	for method, got := range map[measure.Method]run.Mapped{measure.PCA: first, measure.TSNE: last} {
		e := measure.Embedder{Backend: d.lab.options.Backend, Stage: -1, Method: method, Exact: true, Iterations: measure.FirstIterations, Seed: 5}
		found, err := e.Run(context.Background(), []measure.Subject{subjectOf(t, model)}, picturesAt(&d.lab.collection, got.IDs))
		if err != nil {
			t.Fatal(err)
		}
		want := found.Models[0]
		if got.Purity != want.InLayout.Purity || got.Silhouette != want.InLayout.Silhouette || got.FeaturePurity != want.InFeatures.Purity ||
			got.FeatureSilhouette != want.InFeatures.Silhouette || got.ChancePurity != found.ChancePurity || got.Stage != want.Stage {
			t.Errorf("%s: %+v, want %+v and %+v", method, got, want.InLayout, want.InFeatures)
		}
		for i, at := range want.Points {
			if got.Points[2*i] != at[0] || got.Points[2*i+1] != at[1] {
				t.Fatalf("%s: picture %d is at %v, want %v", method, i, got.Points[2*i:2*i+2], at)
			}
		}
	}
	command.Warm, command.WarmIDs = last.Points, last.IDs
	warm := mustAnswer[run.Mapped](t, d, command)
	maps = only[run.Mapped](t, answered(d))
	begun, ended, anew := moved(maps[0].Points, last.Points), moved(warm.Points, last.Points), moved(first.Points, last.Points)
	if !maps[0].TSNE || !warm.Final || warm.Iterations != measure.AgainIterations || begun > anew/1000 || ended > anew/2 {
		t.Errorf("from where it was, the map begins %g away and ends %g away after %d steps; a new one begins %g away", begun, ended, warm.Iterations, anew)
	}
}

// TestReportHasMaps: with their marks, their classes and their numbers, and without pictures that are
// gone since.
func TestReportHasMaps(t *testing.T) {
	d, model := newDesk(t), builtIn(t)
	d.do(openPhotographs(t))
	m := mustAnswer[run.Mapped](t, d, run.Map{Model: model, Pictures: 60, Seed: 5})
	base := run.Default(run.Scratch)
	base.Network, base.Epochs = run.Network{Blocks: []int{1}, Width: 4}, 1
	r := trainedByThePage(t, d, notebook.Experiment{ID: 1, Arms: []notebook.Arm{notebook.Scratch}, Labels: []int{4}, Seeds: 1}, base, model)[0]
	c := run.MakeReport{Runs: [][]byte{r.Encode()}, Maps: []run.Drawn{{Title: "a <network>", Labels: run.NoLabels, Mapped: m}}}
	d.do(run.RemovePictures{IDs: m.IDs[:1]})
	html := string(mustAnswer[run.ReportMade](t, d, c).HTML)
	for _, want := range []string{"a &lt;network&gt;", "t-SNE of 59 pictures", "Of 10 neighbours"} {
		if !strings.Contains(html, want) {
			t.Errorf("the report has no %q", want)
		}
	}
	c.Maps[0].Points = c.Maps[0].Points[1:]
	if failed := only[run.Failed](t, d.do(c)); len(failed) != 1 || !strings.Contains(failed[0].Reason, "119 coordinates of 60 pictures") {
		t.Errorf("half a point is answered by %v", failed)
	}
}

func picturesAt(c *collection, ids []int) *dataset.Pictures {
	var items []item
	for _, id := range ids {
		items = append(items, *c.find(id))
	}
	_, p := c.picturesOf(items)
	return p
}

// moved is the mean square by which points differ.
func moved(a, b []float32) (mean float64) {
	for i, v := range a {
		d := float64(v - b[i])
		mean += d * d / float64(len(a))
	}
	return mean
}

// ticking is a clock that goes on by a step whenever somebody looks at it. Helpers of a
// computation look too.
func ticking(step time.Duration) func() time.Time {
	var looks atomic.Int64
	return func() time.Time { return time.Time{}.Add(time.Duration(looks.Add(1)) * step) }
}

// TestMapsGrowSideBySide: all first pictures come before any map is done, and what is
// asked meanwhile is answered. Cancel ends the one that it names.
func TestMapsGrowSideBySide(t *testing.T) {
	d, model := newDesk(t), builtIn(t)
	d.do(openPhotographs(t))
	d.lab.options.Now = ticking(5 * time.Millisecond)
	first := d.given + 1
	d.hook = func(e run.Event) {
		if m, ok := e.(run.Mapped); ok && m.TSNE && d.given == first+3 {
			d.post(run.Cancel{Order: first + 1})
		}
	}
	d.do(run.Map{Model: model, Pictures: 100, Seed: 1}, run.Map{Model: model, Pictures: 100, Stage: 1, Seed: 1},
		run.Map{Model: model, Pictures: 100, Untrained: true, Seed: 1}, run.Ask{Model: model, Of: run.OfTest})
	var order []run.Number // Of first pictures, and of answers that are done.
	finals := map[run.Number]bool{}
	for _, a := range d.answers {
		switch e := a.Event.(type) {
		case run.Mapped:
			finals[a.To] = finals[a.To] || e.Final
			if !e.TSNE {
				order = append(order, a.To-first)
			}
		case run.Done:
			order = append(order, a.To-first)
		case run.Failed:
			t.Error(e)
		}
	}
	if !slices.Equal(order[:4], []run.Number{0, 1, 2, 3}) || order[4] != 1 || len(order) != 7 {
		t.Errorf("first pictures and ends came in the order %v", order)
	}
	if !finals[first] || finals[first+1] || !finals[first+2] {
		t.Errorf("maps that were finished: %v", finals)
	}
	if len(d.lab.queue.open) != 0 {
		t.Errorf("%d orders are still open", len(d.lab.queue.open))
	}
}

// TestExaminationsStop: within each of them, at any moment at which messages come in.
func TestExaminationsStop(t *testing.T) {
	model := builtIn(t)
	for name, command := range map[string]run.Command{
		"ask":   run.Ask{Model: model, Of: run.OfAll},
		"probe": run.Probe{Model: model, LabelsPerClass: 5, Neighbours: 5},
		"map":   run.Map{Model: model, Pictures: 200},
		"look":  run.Look{Model: model, ID: 1, Answer: 3},
	} {
		for _, moment := range []int{0, 3, 40} {
			d := newDesk(t)
			d.do(openPhotographs(t))
			d.lab.options.Now = ticking(yieldEvery)
			yields := 0
			d.lab.options.Yield = func() {
				if yields == moment {
					d.post(run.Stop{})
				}
				yields++
			}
			events := d.do(command)
			if _, done := events[len(events)-1].(run.Done); !done || yields > moment+5 {
				t.Errorf("%s, stopped at the yield %d, went on for %d and ended with %v", name, moment, yields-moment, events[len(events)-1])
			}
			d.lab.options.Yield = func() {}
			mustAnswer[run.Asked](t, d, run.Ask{Model: model, Of: run.OfTest}) // The backend works on.
		}
	}
}

func TestExaminationsRefuse(t *testing.T) {
	model := builtIn(t)
	named := resnet.Config{Network: tiny().Network, Classes: 2}
	other, err := checkpoint.Encode(&checkpoint.Model{Config: named, Task: run.Scratch, Side: Side, Classes: []string{"a", "b"}, Weights: checkpoint.Initial(named, 1)})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name    string
		command run.Command
		want    string
	}{
		{"ask rubbish", run.Ask{Model: []byte("rubbish"), Of: run.OfAll}, "not a safetensors file"},
		{"ask of nothing", run.Ask{Model: model, Of: "half"}, `no part "half"`},
		{"ask other classes", run.Ask{Model: other, Of: run.OfAll}, "classes that are not known"},
		{"probe rubbish", run.Probe{Neighbours: 1}, "not a safetensors file"},
		{"probe by nobody", run.Probe{Model: model}, "0 neighbours"},
		{"map rubbish", run.Map{Pictures: 100}, "not a safetensors file"},
		{"look at nothing", run.Look{Model: model, ID: 99999}, "not there any more"},
		{"look for no answer", run.Look{Model: model, ID: 1, Answer: 4}, "answer 4: the network has 0 to 3"},
		{"map two pictures", run.Map{Model: model, Pictures: 2}, "a map of 2 pictures"},
		{"map too many", run.Map{Model: model, Pictures: MaxMapped + 1}, "a map of 1001 pictures"},
		{"map a stage", run.Map{Model: model, Pictures: 100, Stage: 9}, "by stage 9"},
		{"map from elsewhere", run.Map{Model: model, Pictures: 100, Warm: []float32{1}}, "begins with 1 numbers for 0 pictures"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			failed := only[run.Failed](t, newDesk(t).do(openPhotographs(t), tt.command))
			if len(failed) != 1 || !strings.Contains(failed[0].Reason, tt.want) {
				t.Errorf("answered with %v, want a reason with %q", failed, tt.want)
			}
		})
	}
	failed := only[run.Failed](t, newDesk(t).do(run.Ask{Model: model, Of: run.OfAll}, run.Map{Model: model, Pictures: 100}, run.Probe{Model: model, Neighbours: 3}))
	if len(failed) != 3 {
		t.Errorf("without pictures: %v", failed)
	}
}

// TestSpread: pictures are chosen of all classes alike, test pictures first, by seed
// alone; those without a class only where there are none with one.
func TestSpread(t *testing.T) {
	var c collection
	for i := range 60 {
		name := []string{"", "cats", "dogs", "cats"}[i%4] // 15 in none, 30 cats, 15 dogs.
		c.add(item{class: c.class(name), test: i%5 == 0})
	}
	count := func(items []item) (byClass [3]int, tests int) {
		for _, it := range items {
			byClass[it.class+1]++
			if it.test {
				tests++
			}
		}
		return byClass, tests
	}
	for n, want := range map[int][3]int{8: {0, 4, 4}, 40: {0, 25, 15}, 500: {0, 30, 15}} {
		chosen := c.spread(n, 1)
		byClass, tests := count(chosen)
		if byClass != want || n == 8 && tests < 7 || n == 500 && tests != 9 {
			t.Errorf("of %d: %v, %d for testing, want %v", n, byClass, tests, want)
		}
		if !slices.EqualFunc(chosen, c.spread(n, 1), func(a, b item) bool { return a.id == b.id }) {
			t.Errorf("of %d: not the same again", n)
		}
	}
	if slices.EqualFunc(c.spread(8, 1), c.spread(8, 2), func(a, b item) bool { return a.id == b.id }) {
		t.Error("the seed chooses nothing")
	}
	var nameless collection
	for range 9 {
		nameless.add(item{class: -1})
	}
	if got := len(nameless.spread(5, 1)); got != 5 {
		t.Errorf("%d of pictures without classes", got)
	}
}
