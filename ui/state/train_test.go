package state

import (
	"slices"
	"strings"
	"testing"
	"time"

	"quarterturn/core/run"
)

func TestFormBecomesConfigs(t *testing.T) {
	model := &run.ModelChanged{Network: network(t), Side: 24}
	tests := []struct {
		name  string
		form  Form
		model *run.ModelChanged
		tasks []run.Task
		err   string
	}{
		{"pretext", NewForm(run.Pretext), nil, []run.Task{run.Pretext}, ""},
		{"scratch", NewForm(run.Scratch), nil, []run.Task{run.Scratch}, ""},
		{"transfer", NewForm(run.Transfer), model, []run.Task{run.Transfer}, ""},
		{"race", NewForm(run.Scratch).with(FieldRace, "true"), model, []run.Task{run.Transfer, run.Scratch}, ""},
		{"transfer from nothing", NewForm(run.Transfer), nil, nil, "needs a network"},
		{"not a number", NewForm(run.Scratch).with(FieldEpochs, "many"), nil, nil, `epochs is "many", want a whole number`},
		{"empty", NewForm(run.Scratch).with(FieldRate, " "), nil, nil, "learning rate is empty, want a number"},
		{"out of range", NewForm(run.Scratch).with(FieldBatch, "1"), nil, nil, "batch is 1, want 2"},
		{"no such depth", NewForm(run.Scratch).with(FieldDepth, "9"), nil, nil, `network is "9", want 8, 10`},
		{"pretext in uneven batches", NewForm(run.Pretext).with(FieldBatch, "30"), nil, nil, "multiple of 4"},
		{"comma for a point", NewForm(run.Scratch).with(FieldRate, "0,1"), nil, []run.Task{run.Scratch}, ""},
		{"few epochs", NewForm(run.Scratch).with(FieldEpochs, "1"), nil, []run.Task{run.Scratch}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			configs, err := tt.form.Configs(tt.model)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("the error is %v, want one with %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(configs) != len(tt.tasks) {
				t.Fatalf("%d configs, want %d", len(configs), len(tt.tasks))
			}
			for i, c := range configs {
				if c.Task != tt.tasks[i] {
					t.Errorf("config %d is for %q, want %q", i, c.Task, tt.tasks[i])
				}
				if tt.form.UsesModel() && (c.Side != 24 || c.Network.Depth() != 8) {
					t.Errorf("config %d is for %v at %d pixels, want the model's network", i, c.Network, c.Side)
				}
			}
		})
	}
}

func TestTaskBringsItsRateAndKeepsTheRest(t *testing.T) {
	form := NewForm(run.Transfer).with(FieldEpochs, "3").with(FieldRace, "true").with(FieldTask, string(run.Pretext))
	if want := NewForm(run.Pretext); form.Text(FieldRate) != want.Text(FieldRate) || form.Text(FieldBatch) != want.Text(FieldBatch) {
		t.Errorf("the form is %v, want the rate and the batch of %v", form, want)
	}
	if epochs := form.Text(FieldEpochs); epochs != "3" || form.Race {
		t.Errorf("epochs %s, race %v, want 3 and no race of pretext", epochs, form.Race)
	}
}

// race starts a race on the opened page and returns its two lanes' workers.
func race(t *testing.T) (page Page, effects []Effect) {
	t.Helper()
	return playOn(opened(t), nil,
		Change{FieldRace, "true"}, Change{FieldEpochs, "2"}, StartRun{},
		says{Lab, run.PicturesPacked{Blob: []byte("packed")}})
}

func TestRaceHasAWorkerForEachRun(t *testing.T) {
	page, effects := race(t)
	if got, want := sent(effects, Lab), "PackPictures"; !strings.HasSuffix(got, want) {
		t.Errorf("the lab was sent %q, want %q at last", got, want)
	}
	if got, want := sent(effects, 1), "UnpackPictures LoadModel Start"; got != want {
		t.Errorf("the transfer's worker was sent %q, want %q", got, want)
	}
	if got, want := sent(effects, 2), "UnpackPictures Start"; got != want {
		t.Errorf("the worker from scratch was sent %q, want %q", got, want)
	}
	if !page.Runs.IsBusy() || page.View.Station != AtTrain {
		t.Errorf("running %v at %q, want true at the station Train", page.Runs.IsBusy(), page.View.Station)
	}
	again, effects := page.Apply(StartRun{})
	if _, started := find[StartWorker](effects); started || len(again.Runs.All) != 4 || again.Runs.Waiting() != 2 {
		t.Errorf("a second race has %d runs in all, of which %d wait", len(again.Runs.All), again.Runs.Waiting())
	}
}

func TestRunFromStartToModel(t *testing.T) {
	page, _ := race(t)
	page, _ = playOn(page, nil,
		says{1, run.PhaseChanged{Phase: run.Preparing}},
		says{1, run.Started{Steps: 4, TestExamples: 3}},
		says{1, run.PhaseChanged{Phase: run.Training}},
		says{1, run.Evaluated{Epoch: 0, Loss: 0.7, Accuracy: 0.5}},
		says{1, run.Progress{Step: 1, Epoch: 0.5, Loss: 0.6, Accuracy: 0.5, ImagesPerSecond: 100}},
		says{1, run.Progress{Step: 2, Epoch: 1, Loss: 0.5, Accuracy: 0.75, ImagesPerSecond: 100}},
		says{1, run.Evaluated{Epoch: 1, Step: 2, TrainLoss: 0.55, Loss: 0.6, Accuracy: 0.66}})
	lane := page.Runs.All[0]
	if got := len(lane.TrainLoss.Points()); got != 2 {
		t.Errorf("the training curve has %d points, want 2", got)
	}
	if got := lane.TestAccuracy(); len(got) != 2 || got[1].X != 1 || got[1].Y != 0.66 {
		t.Errorf("the validation curve is %v, want its second point at (1, 0.66)", got)
	}
	if lane.Classes != 2 {
		t.Errorf("the lane has %d classes, want 2", lane.Classes)
	}
	if !page.Train.Speed.Trained {
		t.Error("the speed was not learnt from the run")
	}
	page, effects := playOn(page, nil, says{1, run.PhaseChanged{Phase: run.Finished}})
	if got := sent(effects, 1); got != "Save" {
		t.Fatalf("a finished run was sent %q, want Save", got)
	}
	page, effects = playOn(page, nil, says{1, run.ModelSaved{Name: "t.safetensors", Blob: []byte("weights")}})
	if end, ok := find[EndWorker](effects); !ok || end.Worker != 1 {
		t.Errorf("effects are %v, want the run's worker to end", effects)
	}
	_, effects = page.Apply(SaveModel{"1"})
	if d, ok := find[Download](effects); !ok || d.Name != "t.safetensors" || string(d.Bytes) != "weights" {
		t.Errorf("effects are %v, want a download", effects)
	}
	page, effects = page.Apply(UseModel{"1"})
	if got := sent(effects, Lab); got != "LoadModel" || !page.Runs.All[0].Used {
		t.Errorf("the lab was sent %q, want LoadModel", got)
	}
}

func TestPauseResumeStop(t *testing.T) {
	page, _ := race(t)
	page, _ = playOn(page, nil,
		says{1, run.PhaseChanged{Phase: run.Training}}, says{1, run.Progress{Step: 1}},
		says{2, run.PhaseChanged{Phase: run.Preparing}})
	page, effects := page.Apply(PauseRun{})
	if got := sent(effects, 1); got != "Pause" {
		t.Errorf("the running lane was sent %q, want Pause", got)
	}
	page, _ = playOn(page, nil, says{1, run.PhaseChanged{Phase: run.Paused}})
	if page.Runs.IsPaused() {
		t.Error("all runs count as paused while one prepares")
	}
	page, effects = page.Apply(ResumeRun{})
	if got := sent(effects, 1) + sent(effects, 2); got != "Resume" {
		t.Errorf("resuming sent %q, want Resume to the paused lane", got)
	}
	page, effects = page.Apply(StopRun{})
	if got := sent(effects, 1); got != "Stop" {
		t.Errorf("the running lane was sent %q, want Stop", got)
	}
	if end, ok := find[EndWorker](effects); !ok || end.Worker != 2 || page.Runs.All[1].Phase != run.Stopped {
		t.Errorf("the lane that prepares was not ended: %v", effects)
	}
	page, effects = playOn(page, nil, says{1, run.PhaseChanged{Phase: run.Stopped}})
	if got := sent(effects, 1); got != "Save" || page.Runs.IsBusy() {
		t.Errorf("a stopped run was sent %q, running %v, want Save and false", got, page.Runs.IsBusy())
	}
}

// TestRunThatDiedGoesOn: by itself the first time, and the second time when it is asked
// to.
func TestRunThatDiedGoesOn(t *testing.T) {
	page, _ := race(t)
	page, effects := playOn(page, nil, says{2, run.Progress{Step: 9, Epoch: 1, Loss: 1}}, Died{2, "the worker ran out of memory"})
	if got := page.Runs.All[1].Problem; got != "" || sent(effects, Lab) != "PackPictures" {
		t.Errorf("a run whose worker died has the problem %q, and the lab was sent %q", got, sent(effects, Lab))
	}
	page, effects = playOn(page, nil, says{Lab, run.PicturesPacked{Blob: []byte("pictures")}})
	if got, want := sent(effects, 3), "UnpackPictures Start"; got != want {
		t.Errorf("the new worker was sent %q, want %q", got, want)
	}
	page, effects = playOn(page, nil, Died{3, "the worker ran out of memory"})
	if got := page.Runs.All[1].Problem; got != "The worker ran out of memory." || len(sent(effects, 4)) > 0 {
		t.Errorf("the second time its problem is %q", got)
	}
	if page.Runs.All[0].Problem != "" {
		t.Error("the other run has a problem too")
	}
	page, effects = page.Apply(RetryRun{"2"})
	if got := sent(effects, Lab); got != "PackPictures" || !page.Runs.IsBusy() {
		t.Errorf("sent %q, running %v, want the pictures asked for anew", got, page.Runs.IsBusy())
	}
	page, effects = playOn(page, nil, says{Lab, run.PicturesPacked{Blob: []byte("pictures")}})
	if got, want := sent(effects, 4), "UnpackPictures Start"; got != want {
		t.Errorf("the new worker was sent %q, want %q", got, want)
	}
}

func TestStartSaysWhatIsMissing(t *testing.T) {
	page := opened(t)
	page, _ = playOn(page, nil, says{Lab, run.PicturesChanged{Replaced: true, Added: thumbs(0, 6, -1)}})
	page, effects := page.Apply(StartRun{})
	if len(effects) != 0 || !strings.Contains(page.Train.Problem, "at least 2 classes") {
		t.Errorf("the problem is %q, effects %v", page.Train.Problem, effects)
	}
	page, _ = page.Apply(Change{FieldTask, string(run.Pretext)})
	page, effects = page.Apply(StartRun{})
	if page.Train.Problem != "" || sent(effects, Lab) != "PackPictures" {
		t.Errorf("pretext on unlabelled pictures: %q, sent %q", page.Train.Problem, sent(effects, Lab))
	}
}

func TestLabThatDiesWhilePackingEndsTheStart(t *testing.T) {
	page, _ := playOn(opened(t), nil, StartRun{}, Died{Lab, "gone"})
	if page.Runs.IsBusy() || page.Runs.All[0].Problem == "" {
		t.Errorf("running %v, problem %q", page.Runs.IsBusy(), page.Runs.All[0].Problem)
	}
}

func TestEstimate(t *testing.T) {
	c := run.Default(run.Scratch)
	c.Epochs = 2
	var s Speed
	if got := s.Estimate(c, 100, 10); got != 0 {
		t.Errorf("an estimate without a measurement is %v, want 0", got)
	}
	s = s.trained(c, 50)
	// 50 pictures a second: 2 epochs of 100 take 4 s; predicting costs a third, so
	// 2·10 more pictures take 2·10/150 s.
	want := 4*time.Second + time.Second*20/150
	if got := s.Estimate(c, 100, 10); (got - want).Abs() > time.Millisecond {
		t.Errorf("the estimate is %v, want %v", got, want)
	}
}

func TestExamples(t *testing.T) {
	page := opened(t) // 5 and 3 pictures to learn from, 1 and 1 to check.
	c := run.Default(run.Scratch)
	if train, test := page.Pictures.Examples(c); train != 8 || test != 2 {
		t.Errorf("Examples = %d, %d, want 8, 2", train, test)
	}
	c.LabelsPerClass = 4
	if train, _ := page.Pictures.Examples(c); train != 7 {
		t.Errorf("Examples with 4 labels per class = %d, want 7", train)
	}
	if train, _ := page.Pictures.Examples(run.Default(run.Pretext)); train != 32 {
		t.Errorf("Examples of pretext = %d, want all 8 pictures in 4 turns", train)
	}
}

func TestSpeedIsNotThatOfTheFirstPrediction(t *testing.T) {
	page := opened(t)
	id := page.Turn.Picture.ID
	page, effects := playOn(page, nil, says{Lab, run.Predicted{ID: id, Turns: guesses(0, 1, 2, 3), Took: time.Minute}})
	if got := sent(effects, Lab); got != "Predict" || page.Turn.Predicted == nil {
		t.Fatalf("after the first prediction the lab was sent %q, want Predict", got)
	}
	page, effects = playOn(page, nil, says{Lab, run.Predicted{ID: id, Turns: guesses(0, 1, 2, 3), Took: time.Second}})
	if got := sent(effects, Lab); got != "" {
		t.Errorf("after the second prediction the lab was sent %q", got)
	}
	if want := 4 * forwardFLOPs(network(t), 32); page.Train.Speed.PerSecond != want {
		t.Errorf("the speed is %v FLOPs per second, want %v", page.Train.Speed.PerSecond, want)
	}
}

// TestAnswersFindTheirRun: what a run's worker says of it after its weights is not taken
// for the next one's.
func TestAnswersFindTheirRun(t *testing.T) {
	page, _ := playOn(opened(t), nil, Change{FieldTask, "scratch"}, StartRun{}, StartRun{}, StartRun{}, says{Lab, run.PicturesPacked{Blob: []byte("packed")}})
	start := page.ledger.open[slices.IndexFunc(page.ledger.open, func(a asked) bool { _, ok := a.Command.(run.Start); return ok && a.worker == 1 })].Number
	page, effects := playOn(page, nil,
		Heard{1, run.Answer{To: start, Event: run.PhaseChanged{Phase: run.Training}}}, Heard{1, run.Answer{To: start, Event: run.PhaseChanged{Phase: run.Finished}}},
		says{1, run.ModelSaved{SHA256: "a", Blob: []byte("w")}})
	if sent(effects, 1) != "Save" {
		t.Errorf("before the run has said all its worker was sent %q", sent(effects, 1))
	}
	page, effects = playOn(page, nil,
		Heard{1, run.Answer{To: start, Event: run.Asked{Turns: 1, Labels: []int32{0}, Guesses: []int32{0}}}}, Heard{1, run.Answer{To: start, Event: run.Done{}}})
	if page.Runs.All[0].Answers == nil || page.Runs.All[2].Answers != nil || sent(effects, 1) != "Start" {
		t.Errorf("the answers are of run %v, the worker was sent %q", page.Runs.All[2].Answers, sent(effects, 1))
	}
}

// TestTooMuchMemoryIsRefused with the number and what would fit, which then does.
func TestTooMuchMemoryIsRefused(t *testing.T) {
	page, _ := playOn(opened(t), nil, Change{FieldTask, "scratch"}, Change{FieldDepth, "18"}, Change{FieldWidth, "64"}, Change{FieldBatch, "512"}, StartRun{})
	if !strings.Contains(page.Train.Problem, "GB of memory") || !strings.Contains(page.Train.Problem, "batch ") || len(page.Runs.All) != 0 {
		t.Fatalf("the page says %q and has %d runs", page.Train.Problem, len(page.Runs.All))
	}
	page, _ = playOn(page, nil, Change{FieldBatch, "32"}, StartRun{})
	if page.Train.Problem != "" || len(page.Runs.All) != 1 {
		t.Errorf("a smaller batch is refused: %q", page.Train.Problem)
	}
}
