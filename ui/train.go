package ui

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"
	"github.com/hexops/vecty/event"
	"github.com/hexops/vecty/prop"

	"quarterturn/assets/models"
	"quarterturn/core/fault"
	"quarterturn/core/run"
	"quarterturn/ui/state"
)

// TrainStation chooses what to train and shows the runs.
type TrainStation struct {
	trainProps
	Do Do
}

// trainProps are what TrainStation shows.
type trainProps struct {
	Train    *state.Train
	Runs     *state.Runs
	Pictures *state.Pictures
	Turn     *state.Turn
	Curves   *state.Curves
}

// part is the view as a part of the page.
func (s *TrainStation) part() *Memo { return &Memo{Key: s.trainProps, Body: s.render} }

func (s *TrainStation) render() *vecty.HTML {
	onBoard := s.Runs.OnBoard(s.Train)
	running := slices.ContainsFunc(onBoard, func(r *state.Run) bool { return !r.IsOver() })
	return elem.Div(
		vecty.Markup(vecty.Class("train"), vecty.MarkupIf(running, vecty.Class("busy")), vecty.MarkupIf(len(onBoard) > 0, vecty.Class("ran"))),
		elem.Div(class("cards-slot"), &Memo{
			Key:  string(s.Train.Form.Task) + truth(running),
			Body: func() *vecty.HTML { return s.cards(running) },
		}),
		elem.Div(class("edits-slot"), s.edits(running)),
		elem.Div(class("form-slot"), (&FormView{formProps{
			Form: s.Train.Form, Model: s.Turn.Model, Closed: running || len(onBoard) > 0 && s.Train.Edits == "", Disabled: running,
		}, s.Do}).part()),
		elem.Div(class("start-slot"), (&StartView{startProps{
			Form: s.Train.Form, Running: running, Paused: s.Runs.IsPaused(), Problem: s.Train.Problem,
			Waiting: s.Turn.Loading && s.Train.Form.UsesModel(), Estimate: s.estimate(running),
		}, s.Do}).part()),
		elem.Div(class("board"), s.board(onBoard)),
		elem.Div(class("teaser-slot"), &Memo{Key: "teaser", Body: s.teaser}),
	)
}

// A card says in plain words what a task is.
type card struct {
	task  run.Task
	words string
}

// cards choose the task.
func (s *TrainStation) cards(disabled bool) *vecty.HTML {
	var list vecty.List
	for _, c := range []card{
		{run.Pretext, "Learn to see without labels: guess how far each picture was turned."},
		{run.Transfer, "Start from what the loaded network has learnt, and teach it names."},
		{run.Scratch, "Learn the names from nothing, for comparison."},
	} {
		checked := s.Train.Form.Task == c.task
		list = append(list, elem.Label(
			vecty.Markup(vecty.Class("card"), vecty.MarkupIf(checked, vecty.Class("checked"))),
			elem.Input(vecty.Markup(
				prop.Type(prop.TypeRadio), prop.Name("task"), prop.ID("task-"+string(c.task)), prop.Disabled(disabled),
				prop.Checked(checked),
				event.Change(func(*vecty.Event) {
					s.Do(state.Change{Field: state.FieldTask, Value: string(c.task)})
				}),
			)),
			elem.Span(class("card-title"), swatch(tasked(c.task)), vecty.Text(state.Title(c.task))),
			span("card-words", c.words),
		))
	}
	return elem.FieldSet(
		class("cards"),
		elem.Legend(class("unseen"), vecty.Text("What to train")),
		list,
	)
}

// StartView has the race switch, the estimate and the buttons of the runs.
type StartView struct {
	startProps
	Do Do
}

// startProps are what StartView shows.
type startProps struct {
	Form     state.Form
	Running  bool
	Paused   bool
	Waiting  bool // For the network that a run would start from.
	Problem  string
	Estimate string
}

// part is the view as a part of the page.
func (v *StartView) part() *Memo { return &Memo{Key: v.startProps, Body: v.render} }

func (v *StartView) render() *vecty.HTML {
	pretext := v.Form.Task == run.Pretext
	return elem.Div(
		class("start"),
		elem.Label(
			vecty.Markup(vecty.Class("check"), vecty.MarkupIf(pretext, vecty.Class("off"))),
			elem.Input(vecty.Markup(
				prop.Type(prop.TypeCheckbox), prop.ID("race"), prop.Checked(v.Form.Race), prop.Disabled(v.Running || pretext),
				event.Change(func(e *vecty.Event) {
					v.Do(state.Change{Field: state.FieldRace, Value: truth(e.Target.Get("checked").Bool())})
				}),
			)),
			vecty.Text("Race: transfer against from scratch, at the same time"),
		),
		elem.Div(class("problem-slot"), vecty.If(v.Problem != "", notice(v.Problem))),
		elem.Div(class("row", "start-row"), v.buttons(), elem.Output(class("soft"), vecty.Text(v.Estimate))),
	)
}

func (v *StartView) buttons() *vecty.HTML {
	if !v.Running {
		label := "Start"
		if v.Form.Race {
			label = "Start the race"
		}
		return elem.Div(class("row"), button(v.Do, state.StartRun{}, v.Waiting, "strong", label))
	}
	pause := button(v.Do, state.PauseRun{}, false, "quiet", "Pause")
	if v.Paused {
		pause = button(v.Do, state.ResumeRun{}, false, "strong", "Resume")
	}
	return elem.Div(class("row"), pause, button(v.Do, state.StopRun{}, false, "stop", "Stop"))
}

// estimate says how long the run that could start would take.
func (s *TrainStation) estimate(running bool) string {
	if running || s.Train.Problem != "" {
		return ""
	}
	configs, err := s.Train.Form.Configs(s.Turn.Model)
	if err != nil {
		return state.Sentence(fault.Reason(err))
	}
	var longest time.Duration
	examples := 0
	for _, c := range configs {
		train, test := s.Pictures.Examples(c)
		examples = max(examples, train)
		longest = max(longest, s.Train.Speed.Estimate(c, train, test))
	}
	words := state.Count(examples, "picture") + " an epoch"
	if longest > 0 {
		words += ", about " + state.Span(longest) + " on this device"
		if !s.Train.Speed.Trained {
			words += " (guessed from one prediction)"
		}
	}
	return words + "."
}

// edits says which run the form is a change of, and what has been changed so far.
func (s *TrainStation) edits(running bool) vecty.ComponentOrHTML {
	page := &state.Page{Train: s.Train, Runs: s.Runs, Pictures: s.Pictures, Turn: s.Turn}
	of, changed, ok := page.Edited()
	if !ok || running {
		return nil
	}
	words := "nothing yet. Change one thing, then start."
	if len(changed) > 0 {
		words = strings.Join(changed, ", ") + "."
	}
	if len(changed) > 1 {
		words += " If the result differs, it may be for any of these " + strconv.Itoa(len(changed)) + " reasons."
	}
	return elem.Div(vecty.Markup(vecty.Class("edits"), attribute("role", "status")),
		elem.Span(elem.Strong(vecty.Text("The settings of "+of.Named()+". ")), vecty.Text("Changed so far: "+words)),
		button(s.Do, state.ForgetEdit{}, false, "link", "Start afresh"))
}

// board shows the runs: how each is doing, the charts and the numbers.
func (s *TrainStation) board(runs []*state.Run) vecty.ComponentOrHTML {
	if len(runs) == 0 {
		return paragraph("empty-board", "The curves will grow here: how often the network is right, on pictures it learns from and on pictures it never saw.")
	}
	looks := looksOnBoard(runs)
	var lanes vecty.List
	for i, r := range runs {
		lanes = append(lanes, elem.Div(class("lane-slot"), (&LaneView{laneProps{r, looks[i]}, s.Do}).part()))
	}
	return elem.Div(
		class("runs"),
		elem.Div(class("lanes"), lanes),
		elem.Div(class("charts-slot"), chartsOf("train", s.Curves, runs, looks, s.Do)),
		elem.Div(class("numbers-slot"), &Fold{Key: evaluated(runs), Title: "The numbers behind the curves", Body: func() *vecty.HTML { return table(runs) }}),
	)
}

// LaneView is how one run is doing, and what can be done with what it learnt.
type LaneView struct {
	laneProps
	Do Do
}

// laneProps are what LaneView shows.
type laneProps struct {
	Run  *state.Run
	Look look
}

// part is the view as a part of the page.
func (v *LaneView) part() *Memo { return &Memo{Key: v.laneProps, Body: v.render} }

func (v *LaneView) render() *vecty.HTML {
	l := v.Run
	return elem.Article(
		vecty.Markup(vecty.Class("lane", v.Look.class), attribute("aria-label", l.Title())),
		elem.Div(
			class("lane-head"),
			swatch(v.Look),
			elem.Strong(vecty.Text(l.Title())),
			span("lane-phase", phaseInWords(l)),
			span("lane-best", best(l)),
		),
		bar(float64(l.Newest.Step), float64(l.Started.Steps), "Steps of "+l.Title()),
		elem.Div(class("lane-foot"), paragraph("soft", laneFacts(l)), elem.Div(class("row"), v.actions())),
		elem.Div(class("problem-slot"), vecty.If(l.Problem != "",
			notice(l.Problem, button(v.Do, state.RetryRun{Key: l.Key}, false, "strong", "Go on")))),
	)
}

func (v *LaneView) actions() vecty.MarkupOrChild {
	l := v.Run
	if l.Model == nil {
		return vecty.List(nil)
	}
	use := "Use for prediction"
	if l.Used {
		use = "In use"
	}
	return vecty.List{
		button(v.Do, state.UseModel{Key: l.Key}, l.Used, "strong", use),
		button(v.Do, state.SaveModel{Key: l.Key}, false, "quiet", "Save ("+state.InBytes(len(l.Model.Blob))+")"),
	}
}

func phaseInWords(l *state.Run) string {
	switch {
	case l.Problem != "":
		return "broke off"
	case l.Saving:
		return "writing the network …"
	case l.Stopping:
		return "stopping …"
	case l.Phase == "":
		return "waiting for its turn …"
	case l.Phase == run.Preparing:
		return "preparing …"
	}
	return string(l.Phase)
}

// best writes the newest validation accuracy, the number one looks for.
func best(l *state.Run) string {
	accuracy, ok := l.Accuracy()
	if !ok {
		return ""
	}
	return state.Percent(accuracy, 1)
}

func laneFacts(l *state.Run) string {
	if l.Started.Steps == 0 {
		return l.Config.Network.String()
	}
	facts := "Epoch " + state.Decimal(l.Newest.Epoch, 1) + " of " + strconv.Itoa(l.Config.Epochs) +
		", step " + state.Grouped(l.Newest.Step) + " of " + state.Grouped(l.Started.Steps)
	if l.Newest.ImagesPerSecond > 0 {
		facts += ", " + state.Decimal(l.Newest.ImagesPerSecond, 0) + " images/s"
	}
	if !l.IsOver() && l.Newest.Remaining > 0 {
		facts += ", " + state.Span(l.Newest.Remaining) + " left"
	}
	if l.IsOver() {
		facts += ", " + state.Grouped(l.Started.Parameters) + " weights"
	}
	if elsewhere := l.Elsewhere(); elsewhere != "" {
		facts += ". " + elsewhere + "."
	}
	return facts
}

// teaser leads to a recorded run.
func (s *TrainStation) teaser() *vecty.HTML {
	return elem.Div(
		class("teaser"),
		paragraph("soft", "Too long for a lesson: a recorded run of learning to see, "+state.Count(models.Epochs, "epoch")+
			" to go through, with the network’s beliefs, its stages and its map of pictures."),
		button(s.Do, state.GoTo{Station: state.AtWatch}, false, "quiet", "Watch "+state.Count(models.Epochs, "epoch")),
	)
}
