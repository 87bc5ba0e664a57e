// Package state is what the page knows and how that changes.
//
// Apply takes one message, such as an event of a worker or a click, and returns
// the new state with the effects that the program around it carries out. It is
// the only code that changes the state; it does no input or output and never
// blocks, so all of the page's behaviour is tested without a browser.
//
// The parts of a Page are pointers to values that are never changed in place: a
// part that is the same pointer as before is the same, which is how components
// know that they need not render.
package state

import (
	"slices"

	"quarterturn/core/recording"
	"quarterturn/core/run"
)

// Page is all that the page knows.
type Page struct {
	Lab      *LabStatus
	Pictures *Pictures
	Grid     *Grid // How the pictures' shelves are shown; nil before they were seen.
	Turn     *Turn
	Train    *Train
	Runs     *Runs
	Compare  *Compare
	Known    *Known
	Duel     *Duel
	Inside   *Inside
	Mistakes *Mistakes
	Findings *Findings
	Writeup  *Writeup
	Keeping  *Keeping
	Paper    *Paper
	Watch    *Watch
	View     View
	Said     string // Latest news for those who listen rather than look.
	Alarm    string // A problem that belongs to no station; empty when there is none.
	Newer    bool   // The server has a newer version of the page, which is there.

	ledger  ledger
	screen  screen
	offline bool // The browser was asked to keep the page.
}

// LabStatus is how the worker that holds collection and model is doing.
type LabStatus struct {
	Backend string // What computes, in words; empty until the worker is ready.
	Problem string // Why it died; empty while it lives.
}

// A Device is what the page runs on.
type Device struct {
	Cores  int  // Workers that it can keep busy; 0 where it does not say.
	Shares bool // Workers may have memory together, and so compute a run together.
}

// recallAfter is when the runs of earlier visits are read at the latest, in milliseconds:
// the first prediction comes before them.
const recallAfter = 2500

// New returns the state of a page that just opened, and what it needs.
func New(view View, device Device) (Page, []Effect) {
	page := Page{
		Lab:      &LabStatus{},
		Pictures: &Pictures{Chosen: NoPicture, Opening: Sets()[0], Join: true, looking: true},
		Turn:     &Turn{Loading: true, fetching: true},
		Train:    &Train{Form: NewForm(run.Transfer)},
		Runs:     &Runs{queue: queue{cores: device.Cores, shares: device.Shares}},
		Compare:  newCompare(),
		Known:    newKnown(),
		Duel:     &Duel{Number: 1},
		Inside:   newInside(),
		Mistakes: newMistakes(),
		Findings: &Findings{},
		Writeup:  &Writeup{},
		Keeping:  &Keeping{},
		Paper:    &Paper{},
		Watch:    &Watch{Item: recording.NoPicture},
		View:     view,
	}
	effects := []Effect{
		Dress{view}, Hold{}, StartWorker{Lab}, Send{To: Lab, Command: run.RestorePictures{}},
		Fetch{Model}, Fetch{Sets()[0]}, After{recallAfter, RecallNow{}},
	}
	page.ledger = page.ledger.enter(effects)
	return page, effects
}

// Apply returns the state after a message, and what has to be done about it.
func (p Page) Apply(message Message) (Page, []Effect) {
	next, effects := p.apply(message)
	next, effects = next.gathering(p.Said, effects)
	if isOfGrid(message) || next.Pictures != p.Pictures {
		next, effects = next.revealed(effects)
	}
	next, effects = next.answeredDuel().grown(effects)
	next, more := next.noted()
	effects = append(effects, more...)
	next.ledger = next.ledger.enter(effects)
	next, effects = next.attending(effects)
	turn := *next.Turn
	turn.Loading = turn.fetching || awaits[run.LoadModel](next.ledger)
	next.Turn = &turn
	if turn == *p.Turn {
		next.Turn = p.Turn // An import reports a hundred times that nothing changed here.
	}
	return next, effects
}

func (p Page) apply(message Message) (Page, []Effect) {
	switch m := message.(type) {
	case Heard:
		if m.From < Lab {
			return p.heardHelper(m), nil
		}
		return p.heard(m)
	case Died:
		if m.Worker < Lab {
			return p.helperDied(m), nil
		}
		return p.died(m)
	case RestartLab:
		return p.restart()
	case Fetched:
		return p.fetched(m)
	case Fetching:
		return p.fetching(m)
	case Handed:
		return p.handed(m)
	case Gathered:
		return p.gathered(m), nil
	case Viewed:
		p.screen = p.screen.viewed(m)
		return p, nil
	case Reveal:
		p.screen.revealing = false
		return p, nil
	case GoTo:
		return p.goTo(m.Station)
	case Seek, SeekBy, Play, Tick, ChoosePoint:
		return p.watched(message)
	case NextTheme, ToggleProjector:
		return p.dress(message)
	case Change, StartRun, PauseRun, ResumeRun, StopRun, SaveModel, UseModel:
		return p.applyRun(message)
	case Held:
		return p.held(m)
	case RecallNow:
		return p.recall()
	case KeepNow:
		return p.keepNow()
	case Hidden:
		return p.hidden()
	case NewVersion:
		p.Newer = m.Here
		return p, nil
	case TakeVersion:
		p.Newer = false
		p, effects := p.hidden() // What is at work is kept first.
		return p, append(effects, TakeNewVersion{})
	case TakeOver:
		return p, []Effect{Hold{Steal: true}}
	case SetLog, SetTraining, ToggleCurve:
		return p.applyCurves(message)
	case OpenRun, FoldExperiment, ShowMoreRuns, GrowRuns, ForgetEdit, ToggleStrip:
		return p.applyOverview(message)
	case SaveReport:
		return p.saveReport()
	case SaveChart, SaveTable, Undrawn:
		return p.applyPaper(message)
	case SaveProject, FreeSpace:
		return p.applyProject(message)
	case RetryRun:
		return p.retry(m.Key)
	case Rename, Annotate, AnnotateAll, Pin, Hide, DeleteRun, UndeleteRun, RunAgain, EditRun:
		return p.applyNotebook(message)
	case ShowCompare, ChooseArm, SetExperiment, StartExperiment, EndExperiment, ShowExperiment, SortRuns, PickRun:
		return p.applyCompare(message)
	case SetSubject, SetMap, PointAt, PickPictures, TogglePicture:
		return p.applyKnown(message)
	case Examine, ShowOdd, ChooseCell, CloseCell, ZoomMatrix, ListMore:
		return p.applyMistakes(message)
	case StartDuel, GuessTurn, NextRound, EndDuel, ToggleHands, SetVotes, CountVotes:
		return p.applyDuel(message)
	case SetInside, ChooseChannel, LookInside:
		return p.applyInside(message)
	case LookAgain:
		return p.lookAgain(), nil
	case dismissAnalyst:
		return p.dismissed(m.visit)
	}
	return p.applyPictures(message)
}

// applyPictures is Apply for what the person does with pictures.
func (p Page) applyPictures(message Message) (Page, []Effect) {
	pictures, turn := *p.Pictures, *p.Turn
	var effects []Effect
	switch m := message.(type) {
	case OpenSet:
		pictures.Opening, pictures.Failure = m.Asset, ""
		effects = []Effect{Fetch{m.Asset}}
	case SetJoin:
		pictures.Join = m.Join
	case Choose:
		pictures = pictures.choose(m.ID)
		p.View.Station = AtTurn
	case Step:
		pictures = pictures.step(m.By)
	case RemoveChosen:
		pictures = pictures.remove(pictures.Chosen)
		turn, p.ledger = turn.unscored(p.ledger)
		p.Said = "Removed. Undo brings it back."
	case LeaveOut:
		pictures = pictures.remove(m.ID)
		turn, p.ledger = turn.unscored(p.ledger)
		p.Said = "Left out. Undo brings it back."
	case MovePicture, TurnPicture:
		pictures, effects = pictures.correct(message)
	case Undo:
		pictures, effects = pictures.undone()
		turn, p.ledger = turn.unscored(p.ledger)
		p.Said = "Undone."
	case Stride:
		pictures = pictures.stride(m, p.screen.view)
	case DismissProblems:
		pictures.Problems, pictures.Failure, p.Alarm = nil, "", ""
	case ScoreSet:
		pictures, effects = pictures.flush()
		turn.Score, turn.Scoring = run.Scored{}, true
		p.ledger = p.ledger.forget(isTo[run.Score]) // One that was stopped counts no more.
		effects = append(effects, Send{To: Lab, Command: run.Score{}})
	case StopScore:
		turn.Scoring = false
		effects = []Effect{Send{To: Lab, Command: run.Stop{}}}
	case ToggleUndone:
		turn.Undone = !turn.Undone
	case UseBuiltIn:
		turn, effects = turn.use(m.Asset)
		p.Alarm = ""
	}
	p.Pictures, p.Turn = &pictures, &turn
	return p.settled(effects)
}

// settled brings Turn in line with the chosen picture and asks for what it lacks.
func (p Page) settled(effects []Effect) (Page, []Effect) {
	turn := p.Turn.showing(p.Pictures)
	var more []Effect
	if !awaits[run.Predict](p.ledger) {
		more = turn.ask(effects)
	}
	p.Turn = &turn
	p.Watch = p.Watch.showing(turn.Picture)
	return p, append(effects, more...)
}

// applyRun is Apply for what the person does with runs.
func (p Page) applyRun(message Message) (Page, []Effect) {
	switch m := message.(type) {
	case Change:
		train := *p.Train
		train.Form, train.Problem = train.Form.with(m.Field, m.Value), ""
		p.Train = &train
	case StartRun:
		return p.startRun()
	case PauseRun:
		return p, p.pauseRuns(m.Key)
	case ResumeRun:
		return p.resumeRuns(m.Key)
	case StopRun:
		return p.stopRuns(m.Key)
	case SaveModel:
		r := p.Runs.Find(m.Key)
		if r != nil && r.Model == nil && r.Weights != "" {
			return p.fetchWeights(m.Key, toSave)
		}
		if r != nil && r.Model != nil {
			p.Said = "Saved as " + r.Model.Name + "."
			return p, []Effect{Download{r.Model.Name, r.Model.Blob}}
		}
	case UseModel:
		return p.useModel(m.Key)
	}
	return p, nil
}

// useModel gives what a run learnt to the lab, to predict with and to start from.
func (p Page) useModel(key string) (Page, []Effect) {
	r := p.Runs.Find(key)
	if r != nil && r.Model == nil && r.Weights != "" {
		return p.fetchWeights(key, toUse)
	}
	if r == nil || r.Model == nil {
		return p, nil
	}
	turn, effects := p.Turn.offer(&run.LoadModel{Name: r.Model.Name, Blob: r.Model.Blob})
	runs := *p.Runs
	runs.All = slices.Clone(runs.All)
	for i, one := range runs.All {
		if one.Used != (one.Key == key) {
			marked := *one
			marked.Used = one.Key == key
			runs.All[i] = &marked
		}
	}
	p.Turn, p.Runs, p.Alarm = &turn, &runs, ""
	p.View.Station = AtTurn
	return p, effects
}

// dress applies what the person does with the page's looks.
func (p Page) dress(message Message) (Page, []Effect) {
	switch message.(type) {
	case NextTheme:
		p.View.Theme = p.View.Theme.Next()
	case ToggleProjector:
		p.View.Projector = !p.View.Projector
	}
	return p, []Effect{
		Dress{p.View},
		Remember{KeyTheme, string(p.View.Theme)},
		Remember{KeyProjector, p.View.projectorValue()},
	}
}
