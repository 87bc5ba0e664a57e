package lab

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"
	"strings"
	"testing"

	"quarterturn/core/checkpoint"
	"quarterturn/core/internal/parity"
	"quarterturn/core/resnet"
	"quarterturn/core/run"
)

// A desk is a Lab with a listener, driven from the test's goroutine.
type desk struct {
	t       *testing.T
	lab     *Lab
	given   run.Number // Of the newest order.
	answers []run.Answer
	hook    func(run.Event) // Called with each event.
}

func newDesk(t *testing.T) *desk {
	d := &desk{t: t}
	d.lab = New(Options{Backend: parity.Backend(t), Report: func(a run.Answer) {
		d.answers = append(d.answers, a)
		if d.hook != nil {
			d.hook(a.Event)
		}
	}})
	return d
}

// post gives the lab a command, and returns its number.
func (d *desk) post(c run.Command) run.Number {
	d.given++
	d.lab.Post(run.Order{Number: d.given, Command: c})
	return d.given
}

// do carries commands out and returns the events they caused.
func (d *desk) do(commands ...run.Command) (events []run.Event) {
	d.t.Helper()
	d.answers = nil
	for _, c := range commands {
		d.post(c)
	}
	for {
		o, ok := d.lab.queue.pop(func(queued) bool { return true })
		if !ok {
			break
		}
		d.lab.answer(context.Background(), o)
	}
	for _, a := range d.answers {
		events = append(events, a.Event)
	}
	return events
}

func only[E run.Event](t *testing.T, events []run.Event) (found []E) {
	t.Helper()
	for _, e := range events {
		if e, ok := e.(E); ok {
			found = append(found, e)
		}
	}
	return found
}

// picture is a PNG whose top is bright, so that its turns can be told apart.
func picture(t *testing.T, tint uint8) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 40, 40))
	for y := range 40 {
		for x := range 40 {
			m.Set(x, y, color.RGBA{uint8(255 - 6*y), tint, uint8(x * 6), 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func folder(t *testing.T, class string, n int) []run.File {
	t.Helper()
	var files []run.File
	for i := range n {
		files = append(files, run.File{Path: class + "/" + string(rune('a'+i)) + ".png", Bytes: picture(t, uint8(20*i))})
	}
	return files
}

func tiny() run.Config {
	c := run.Default(run.Scratch)
	c.Network, c.Epochs, c.BatchSize = run.Network{Blocks: []int{1}, Width: 2}, 2, 4
	return c
}

func TestAddPictures(t *testing.T) {
	d := newDesk(t)
	files := append(folder(t, "cats", 5), folder(t, "dogs", 5)...)
	files = append(files, run.File{Path: "dogs/broken.png", Bytes: []byte("\x89PNG\r\n\x1a\nnothing")}, run.File{Path: "dogs/empty.jpg"})
	events := d.do(run.AddPictures{Set: "pets", Replace: true, Files: files})
	var thumbs []run.Thumb
	var problems []run.Problem
	for _, e := range only[run.PicturesChanged](t, events) {
		thumbs = append(thumbs, e.Added...)
		problems = append(problems, e.Problems...)
	}
	if len(thumbs) != 10 || len(problems) != 2 {
		t.Fatalf("%d pictures and %d problems %v, want 10 and 2", len(thumbs), len(problems), problems)
	}
	tested := 0
	for _, th := range thumbs {
		if len(th.Pixels) != th.Side*th.Side*3 {
			t.Errorf("%s: %d bytes for side %d", th.Name, len(th.Pixels), th.Side)
		}
		if th.Test {
			tested++
		}
	}
	if tested != 2 { // The fifth of each class.
		t.Errorf("%d pictures held out, want 2", tested)
	}
	if got := d.lab.collection.classes; !slices.Equal(got, []string{"cats", "dogs"}) {
		t.Errorf("classes %v", got)
	}
	if problems[0].File != "dogs/broken.png" || problems[0].Reason == "" {
		t.Errorf("first problem %+v does not name the broken file", problems[0])
	}
	removed := only[run.PicturesChanged](t, d.do(run.RemovePictures{IDs: []int{thumbs[3].ID, 999}}))
	if len(removed) != 1 || !slices.Equal(removed[0].Removed, []int{thumbs[3].ID}) {
		t.Errorf("removing reported %+v", removed)
	}
}

func TestTrainSaveLoadPredict(t *testing.T) {
	d := newDesk(t)
	d.do(run.AddPictures{Set: "pets", Files: append(folder(t, "cats", 10), folder(t, "dogs", 10)...)})
	events := d.do(run.Start{Config: tiny()})
	phases := only[run.PhaseChanged](t, events)
	if len(phases) != 3 || phases[2].Phase != run.Finished {
		t.Fatalf("phases %v in %v", phases, only[run.Failed](t, events))
	}
	if got := len(only[run.Evaluated](t, events)); got != 3 { // Before the first epoch and after both.
		t.Errorf("%d evaluations, want 3", got)
	}
	if got, want := len(only[run.Progress](t, events)), 2*(16/4); got != want {
		t.Errorf("%d steps, want %d", got, want)
	}
	saved := only[run.ModelSaved](t, d.do(run.Save{}))
	if len(saved) != 1 || !strings.Contains(saved[0].Name, "scratch-resnet4-w2") {
		t.Fatalf("saved %+v", saved)
	}
	loaded := only[run.ModelChanged](t, d.do(run.LoadModel{Name: "mine", Blob: saved[0].Blob}))
	if len(loaded) != 1 || !slices.Equal(loaded[0].Classes, []string{"cats", "dogs"}) {
		t.Fatalf("loaded %+v", loaded)
	}
	checkPrediction(t, d, 2)
}

func checkPrediction(t *testing.T, d *desk, classes int) {
	t.Helper()
	events := d.do(run.Predict{ID: d.lab.collection.items[0].id})
	predicted := only[run.Predicted](t, events)
	if len(predicted) != 1 {
		t.Fatalf("prediction answered with %v", events)
	}
	for k, guess := range predicted[0].Turns {
		var sum float64
		for _, p := range guess {
			sum += float64(p)
		}
		if len(guess) != classes || math.Abs(sum-1) > 1e-5 {
			t.Errorf("turn %d: %v does not sum to 1", k, guess)
		}
	}
}

func pretextModel(t *testing.T, config resnet.Config) []byte {
	t.Helper()
	m := &checkpoint.Model{Config: config, Task: run.Pretext, Side: Side, Classes: checkpoint.TurnNames(), Weights: checkpoint.Initial(config, 3)}
	b, err := checkpoint.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestTransferInAnotherWorker moves the pictures and the model as the page does.
func TestTransferInAnotherWorker(t *testing.T) {
	config := resnet.Config{Network: tiny().Network, Classes: 4}
	model := run.LoadModel{Name: "pretext", Blob: pretextModel(t, config)}
	first, second := newDesk(t), newDesk(t)
	first.do(run.AddPictures{Files: append(folder(t, "cats", 6), folder(t, "dogs", 6)...)}, model)
	checkPrediction(t, first, 4)
	packed := only[run.PicturesPacked](t, first.do(run.PackPictures{}))[0]
	transfer := tiny()
	transfer.Task = run.Transfer
	events := second.do(run.UnpackPictures(packed), model, run.Start{Config: transfer})
	if failed := only[run.Failed](t, events); len(failed) > 0 {
		t.Fatal(failed)
	}
	if got, want := only[run.Started](t, events)[0].TrainExamples, 8; got != want { // 10 of 12 for training, in steps of 4.
		t.Errorf("%d examples an epoch, want %d", got, want)
	}
}

// TestStopAndPause stops from within a step's event, as a message that is
// delivered between two steps would.
func TestStopAndPause(t *testing.T) {
	d := newDesk(t)
	d.do(run.AddPictures{Files: append(folder(t, "cats", 10), folder(t, "dogs", 10)...)})
	d.hook = func(e run.Event) {
		switch e := e.(type) {
		case run.Progress:
			if e.Step == 2 {
				d.post(run.Pause{})
			}
			if e.Step == 5 {
				d.post(run.Stop{})
			}
		case run.PhaseChanged:
			if e.Phase == run.Paused {
				d.post(run.Resume{})
			}
		}
	}
	var phases []run.Phase
	events := d.do(run.Start{Config: tiny()})
	for _, e := range only[run.PhaseChanged](t, events) {
		phases = append(phases, e.Phase)
	}
	want := []run.Phase{run.Preparing, run.Training, run.Paused, run.Training, run.Stopped}
	if !slices.Equal(phases, want) {
		t.Errorf("phases %v, want %v", phases, want)
	}
	if steps := only[run.Progress](t, events); steps[len(steps)-1].Step != 5 {
		t.Errorf("stopped after step %d, want 5", steps[len(steps)-1].Step)
	}
	d.hook = nil
	if saved := only[run.ModelSaved](t, d.do(run.Save{})); len(saved) != 1 {
		t.Error("a stopped run's weights were not saved")
	}
}

func TestScore(t *testing.T) {
	d := newDesk(t)
	config := resnet.Config{Network: tiny().Network, Classes: 4}
	events := d.do(
		run.AddPictures{Files: folder(t, "cats", 20)},
		run.LoadModel{Blob: pretextModel(t, config)},
		run.Score{},
	)
	scores := only[run.Scored](t, events)
	last := scores[len(scores)-1]
	if len(scores) < 3 || last.Seen != 80 || last.All != 80 || last.Right < 0 || last.Right > 80 {
		t.Errorf("scores %v, want a running count up to 80", scores)
	}
}

func TestFailuresAreSentences(t *testing.T) {
	broken := tiny()
	broken.Epochs = 0
	tests := []struct {
		name    string
		command run.Command
		want    string
	}{
		{"predict without a model", run.Predict{}, "no model yet"},
		{"save nothing", run.Save{}, "no model yet"},
		{"start without pictures", run.Start{Config: tiny()}, "at least two classes"},
		{"start out of range", run.Start{Config: broken}, "epochs is 0"},
		{"load rubbish", run.LoadModel{Blob: []byte("rubbish")}, "not a safetensors file"},
		{"unpack rubbish", run.UnpackPictures{Blob: []byte{1, 0, 0, 0}}, "damaged"},
		{"open nothing", run.OpenPictures{Set: "emoji"}, "emoji has no"},
		{"bench nothing", run.Bench{Depth: 9}, "no network has depth 9"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			failed := only[run.Failed](t, newDesk(t).do(tt.command))
			if len(failed) != 1 || !strings.Contains(failed[0].Reason, tt.want) {
				t.Errorf("answered with %v, want a reason with %q", failed, tt.want)
			}
		})
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var got []run.Answer
	l := New(Options{Backend: parity.Backend(t), Report: func(a run.Answer) {
		got = append(got, a)
		if len(got) == 2 {
			cancel()
		}
	}})
	l.Post(run.Order{Number: 5, Command: run.Save{}})
	l.Run(ctx)
	if _, ok := got[0].Event.(run.Ready); !ok || got[0].To != 0 || len(got) != 2 || got[1].To != 5 {
		t.Errorf("answers %v, want Ready and one failure of order 5", got)
	}
}

// TestEachOrderIsAnsweredByItsNumber: of every kind, and at last by Done or Failed,
// once.
func TestEachOrderIsAnsweredByItsNumber(t *testing.T) {
	d := newDesk(t)
	config := resnet.Config{Network: tiny().Network, Classes: 4}
	d.do(
		run.AddPictures{Set: "pets", Replace: true, Files: append(folder(t, "cats", 10), folder(t, "dogs", 10)...)},
		run.LoadModel{Name: "m", Blob: pretextModel(t, config)}, run.LoadModel{Name: "bad"}, run.Predict{}, run.Predict{ID: 99}, run.Score{},
		run.RemovePictures{IDs: []int{1}}, run.PackPictures{}, run.Start{Config: tiny()}, run.UnpackPictures{Blob: []byte{1, 0, 0, 0}}, run.Save{},
	)
	at, last := run.Number(1), map[run.Number]run.Event{}
	for _, a := range d.answers {
		if a.To < at {
			t.Errorf("%T answers order %d after %d was answered", a.Event, a.To, at)
		}
		at = a.To
		switch last[a.To].(type) {
		case run.Done, run.Failed:
			t.Errorf("%T answers order %d behind its end", a.Event, a.To)
		}
		last[a.To] = a.Event
	}
	for n := run.Number(1); n <= d.given; n++ {
		want := n != 3 && n != 10 // Rubbish is refused.
		if _, done := last[n].(run.Done); done != want {
			t.Errorf("order %d ends with %#v", n, last[n])
		}
	}
}

// TestPredictionThatFailsDuringAScoring names itself; the scoring goes on.
func TestPredictionThatFailsDuringAScoring(t *testing.T) {
	d := newDesk(t)
	config := resnet.Config{Network: tiny().Network, Classes: 4}
	d.do(run.AddPictures{Files: folder(t, "cats", 20)}, run.LoadModel{Blob: pretextModel(t, config)})
	var good, bad run.Number
	d.hook = func(e run.Event) {
		if e, ok := e.(run.Scored); ok && e.Seen > 0 && bad == 0 {
			d.lab.collection.items[0].pixels = nil // As if its memory were gone.
			bad, good = d.post(run.Predict{ID: d.lab.collection.items[0].id}), d.post(run.Predict{ID: d.lab.collection.items[1].id})
		}
	}
	d.do(run.Score{})
	score := bad - 1
	var failed, predicted, scored []run.Number
	for _, a := range d.answers {
		switch a.Event.(type) {
		case run.Failed:
			failed = append(failed, a.To)
		case run.Predicted:
			predicted = append(predicted, a.To)
		case run.Done:
			scored = append(scored, a.To)
		}
	}
	if !slices.Equal(failed, []run.Number{bad}) || !slices.Equal(predicted, []run.Number{good}) || scored[len(scored)-1] != score {
		t.Errorf("order %d was scoring, %d could not be predicted and %d could; failed %v, predicted %v, done %v", score, bad, good, failed, predicted, scored)
	}
}

func FuzzUnpack(f *testing.F) {
	var c collection
	c.class("cats")
	c.add(item{class: 0, test: true, pixels: make([]byte, pixelBytes)})
	c.add(item{class: -1, pixels: make([]byte, pixelBytes)})
	f.Add(c.pack())
	f.Add([]byte{0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		var c collection
		if err := c.unpack(b); err != nil {
			return
		}
		if again := c.pack(); !bytes.Equal(again, b) {
			t.Errorf("%d bytes unpacked and packed are %d other ones", len(b), len(again))
		}
	})
}
