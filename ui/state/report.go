package state

import (
	"slices"
	"strconv"
	"strings"

	"quarterturn/core/run"
)

// heard applies what a worker answered. What nobody waits for any more is passed
// over: it was asked of a worker that is gone, or something else is wanted since.
func (p Page) heard(m Heard) (Page, []Effect) {
	order, ok := p.ledger.find(m.From, m.Answer.To)
	if !ok {
		return p, nil
	}
	p.ledger = p.ledger.closed(m.Answer)
	switch {
	case order.about != nil && order.about.Kind == weighs:
		return p.weighed(order.about, m.Answer.Event)
	case m.From == Analyst:
		return p.heardAnalyst(order, m.Answer.Event)
	case m.From != Lab:
		return p.heardRun(order, m.Answer.Event)
	}
	if next, effects, ok := p.heardPaper(order, m.Answer.Event); ok {
		return next, effects
	}
	switch e := m.Answer.Event.(type) {
	case run.Failed:
		switch c := order.Command.(type) {
		case run.RestorePictures:
			return p.notice("The pictures of the last visit cannot be read: " + e.Reason).unrestored()
		case run.Recall:
			if c.Name == "" {
				return p.unrecalled(e.Reason), nil
			}
			return p.notice("What was kept cannot be read: " + e.Reason).recallDone(c)
		}
		return p.labFailed(order, Sentence(e.Reason)).settled(nil)
	case run.Done:
		switch c := order.Command.(type) {
		case run.Recall:
			return p.recallDone(c)
		case run.RestorePictures:
			return p.unrestored()
		}
		return p.labDone(order).settled(nil)
	case run.Recalled:
		return p.recalledOne(e)
	case run.Storing:
		keeping := *p.Keeping
		keeping.Storing = &e
		p.Keeping = &keeping
		return p, nil
	case run.Noticed:
		return p.notice(e.Text), nil
	}
	return p.heardLab(order, m.Answer.Event)
}

// heardLab applies an event of the worker that holds collection and model.
func (p Page) heardLab(order asked, event run.Event) (Page, []Effect) {
	pictures, turn, train := *p.Pictures, *p.Turn, *p.Train
	var effects []Effect
	switch e := event.(type) {
	case run.Ready:
		p.Lab = &LabStatus{Backend: e.Backend}
	case run.Importing:
		pictures.Importing = &e
	case run.PicturesChanged:
		turn, p.ledger = turn.unscored(p.ledger)
		pictures = pictures.changed(order, e)
		p.Said = changeInWords(e)
		if slices.ContainsFunc(e.Changed, isTurned) {
			effects = append(effects, Repaint{})
			turn.Picture = nil // It looks different now.
		}
		if e.Replaced {
			effects = append(effects, Repaint{})
			turn.Picture = nil // The same ID may be another picture now.
			var more []Effect
			p, more = p.forgotten()
			effects = append(effects, more...)
		}
	case run.PicturesPacked:
		if p.ledger.changesAfter(order.Number) {
			return p, []Effect{Send{To: Lab, Command: run.PackPictures{}}}
		}
		runs := p.Runs.handOut(e.Blob, pictures.version)
		p.Runs = &runs
		p, effects = p.scheduled()
		p, more := p.given(e.Blob)
		return p, append(effects, more...)
	case run.ModelChanged:
		if file, ok := order.Command.(run.LoadModel); ok {
			turn, p.ledger = turn.accepted(e, file).unscored(p.ledger)
			p.Alarm, p.Said = "", "Network loaded: "+e.Name+"."
		}
	case run.Predicted:
		turn = turn.answered(e)
		if !train.Speed.Warm { // Once more, to know how fast it is.
			effects = []Effect{Send{To: Lab, Command: run.Predict{ID: e.ID}}}
		}
		train.Speed = train.Speed.predicted(turn.Model, e.Took)
		p.Train = &train
		var more []Effect
		p, more = p.recall()
		effects = append(effects, more...)
		if !p.offline {
			p.offline = true
			effects = append(effects, KeepOffline{}) // Not before: it fetches everything.
		}
	case run.ReportMade:
		p, effects = p.reportMade(e)
	case run.Scored:
		turn.Score = e
		if e.Seen == e.All {
			p.Said = scoreInWords(e)
		}
	}
	p.Pictures, p.Turn, p.Train = &pictures, &turn, &train
	return p.settled(effects)
}

// labDone applies the end of something that the lab carried out.
func (p Page) labDone(order asked) Page {
	switch c := order.Command.(type) {
	case run.AddPictures:
		p = p.imported("")
	case run.Score:
		turn := *p.Turn
		turn.Scoring = false
		p.Turn = &turn
	case run.Predict:
		turn := p.Turn.unanswered(c.ID, "The picture is no longer there.")
		p.Turn = &turn
	}
	return p
}

// imported ends one import, perhaps with a failure; others may go on.
func (p Page) imported(failure string) Page {
	pictures := *p.Pictures
	if !awaits[run.AddPictures](p.ledger) {
		pictures.Importing = nil
	}
	if failure != "" {
		pictures.Failure = failure
	}
	p.Pictures = &pictures
	return p
}

// labFailed applies that the lab could not do what it was asked.
func (p Page) labFailed(order asked, reason string) Page {
	turn, train := *p.Turn, *p.Train
	switch c := order.Command.(type) {
	case run.AddPictures, run.RemovePictures, run.TakePictures:
		p = p.imported(reason)
	case run.OpenPictures:
		p = p.imported(reason)
		p.Pictures = p.Pictures.openedOrNot(c)
	case run.LoadModel:
		p.Alarm = "The network could not be loaded. " + reason
	case run.PackPictures:
		runs := p.Runs.unpacked(reason)
		p.Runs = &runs
	case run.Score:
		turn.Scoring = false
		p.Alarm = "The set could not be scored. " + reason
	case run.Predict:
		turn = turn.unanswered(c.ID, reason)
	case run.MakeReport:
		p.Writeup = p.Writeup.unwritten(reason)
	case run.Keep:
		keeping := *p.Keeping
		keeping.Problem = reason
		p.Keeping = &keeping
	default:
		p.Alarm = reason
	}
	p.Turn, p.Train, p.Said = &turn, &train, reason
	return p
}

// inWords says what is worth hearing of an event; most steps are not.
func (r *Run) inWords(event run.Event) string {
	title := r.Title()
	switch e := event.(type) {
	case run.Evaluated:
		return title + ", epoch " + strconv.Itoa(e.Epoch) + " of " + strconv.Itoa(r.Config.Epochs) +
			": validation accuracy " + Percent(e.Accuracy, 0) + "."
	case run.PhaseChanged:
		return title + ": " + string(e.Phase) + "."
	case run.Failed:
		return title + ": " + r.Problem
	}
	return ""
}

func changeInWords(e run.PicturesChanged) string {
	words := ""
	if len(e.Added) > 0 {
		words = Count(len(e.Added), "picture") + " added."
	}
	if len(e.Changed) > 0 {
		words = Count(len(e.Changed), "picture") + " changed."
	}
	if len(e.Problems) > 0 {
		words += " " + Count(len(e.Problems), "file") + " could not be used."
	}
	return words
}

func scoreInWords(e run.Scored) string {
	if e.Seen == 0 {
		return ""
	}
	return "Right in " + Percent(float64(e.Right)/float64(e.Seen), 0) + " of " + Count(e.Seen, "turned picture") + "."
}

// died applies the end of a worker.
func (p Page) died(m Died) (Page, []Effect) {
	reason := Sentence(m.Reason)
	p.Said = reason
	p.ledger = p.ledger.forget(func(a asked) bool { return a.worker == m.Worker })
	if m.Worker == Analyst {
		return p.analystDied(reason), nil
	}
	if m.Worker != Lab {
		return p.runDied(m.Worker, reason)
	}
	pictures, turn := *p.Pictures, *p.Turn
	pictures.Importing, pictures.gather.parts = nil, nil
	turn.Scoring = false
	runs := p.Runs.unpacked("The pictures could not be handed to the run, because their worker stopped. Restart it and start again.")
	p.Lab, p.Writeup = &LabStatus{Problem: reason}, p.Writeup.unwritten(reason)
	p.Pictures, p.Turn, p.Runs = &pictures, &turn, &runs
	return p, nil
}

// runDied has a run whose worker ended begin again where it was kept, once. The second
// time the person is told.
func (p Page) runDied(worker WorkerID, reason string) (Page, []Effect) {
	s := p.Runs.queue.at(worker)
	if s == nil {
		return p, nil
	}
	key := s.key
	runs := p.Runs.with(key, func(r *Run) {
		r.crashes++
		r.Saving, r.Stopping = false, false
		switch {
		case r.crashes > 1:
			r.Problem = reason
		case !r.IsOver() || r.Model == nil:
			r.Phase, r.stamp = "", 0 // Its pictures are packed anew.
			p.Said = r.Title() + ": its worker stopped, and it goes on in another."
		}
	})
	p.Runs = &runs
	return p.released(key, true, nil)
}

// restart replaces the lab's worker that died by a new one that knows as much as the page
// kept.
func (p Page) restart() (Page, []Effect) {
	pictures, turn := *p.Pictures, *p.Turn
	effects := []Effect{StartWorker{Lab}}
	if turn.loaded != nil {
		var more []Effect
		turn, more = turn.offer(turn.loaded)
		effects = append(effects, more...)
	} else {
		turn.fetching = true
		effects = append(effects, Fetch{Model})
	}
	pictures.undo, pictures.joins, pictures.looking = nil, nil, true
	p.Lab, p.Pictures, p.Turn = &LabStatus{}, &pictures, &turn
	p.Said = "The worker is started again."
	return p, append(effects, Send{To: Lab, Command: run.RestorePictures{}})
}

// unrestored opens what there is instead where no collection was kept: what the page has
// a copy of, or else the first set.
func (p Page) unrestored() (Page, []Effect) {
	pictures := *p.Pictures
	p.Pictures = &pictures
	if !pictures.looking {
		return p, nil
	}
	early := pictures.early
	pictures.looking, pictures.early = false, nil
	if len(pictures.sources) > 0 {
		var effects []Effect
		pictures, effects = pictures.rebuild()
		return p, effects
	}
	if early != nil {
		return p.fetched(*early)
	}
	if pictures.lost {
		pictures.Failure = "Your pictures were too many for the page to keep a copy. Please add them again."
	}
	if pictures.Opening == "" {
		pictures.Opening = Sets()[0]
		return p, []Effect{Fetch{Sets()[0]}}
	}
	return p, nil
}

// fetched applies the arrival of an asset.
func (p Page) fetched(m Fetched) (Page, []Effect) {
	if m.What == Recording {
		return p.recorded(m)
	}
	pictures, turn := *p.Pictures, *p.Turn
	var effects []Effect
	problem := Sentence(m.Problem)
	switch {
	case m.What == Model && (problem != "" || len(m.Files) == 0):
		turn.fetching = false
		turn.Failure = "The built-in network could not be fetched. " + problem + " You can load a network from a file."
	case m.What == Model:
		turn.fetching, turn.original = false, &run.LoadModel{Name: m.What.Title(), Blob: m.Files[0].Bytes}
		turn, effects = turn.offer(turn.original)
	case m.What == Strong:
		turn, effects = turn.fetched(m)
	case m.What != pictures.Opening: // The person has asked for another set since.
	case pictures.looking:
		pictures.early = &m
	case problem != "":
		pictures.Opening = ""
		pictures.Failure = m.What.Title() + " could not be fetched. " + problem
	default:
		pictures, effects = pictures.opened(m.What, m.Files)
	}
	p.Pictures, p.Turn = &pictures, &turn
	return p, effects
}

// fetching applies how far the fetching of an asset is.
func (p Page) fetching(m Fetching) (Page, []Effect) {
	if m.What == Strong && p.Turn.Fetching != nil {
		turn := *p.Turn
		turn.Fetching = &m
		p.Turn = &turn
	}
	if m.What == Recording && p.Watch.Fetching != nil {
		watch := *p.Watch
		watch.Fetching = &m
		p.Watch = &watch
	}
	return p, nil
}

// isModel reports whether what was dropped is a network and not a picture.
func isModel(m Handed) bool {
	return m.All == 1 && len(m.Files) == 1 && strings.HasSuffix(strings.ToLower(m.Files[0].Path), ".safetensors")
}

// handed applies the arrival of files that the person gave.
func (p Page) handed(m Handed) (Page, []Effect) {
	if m.Model || isModel(m) {
		if len(m.Files) == 0 {
			p.Alarm = "The browser could not read the file. Choose it again."
			return p, nil
		}
		turn, effects := p.Turn.offer(&run.LoadModel{Name: m.Files[0].Path, Blob: m.Files[0].Bytes})
		p.Turn, p.Alarm = &turn, "" // It was about the network before, if any.
		return p, effects
	}
	if isProject(m) {
		return p.openProject(m.Files)
	}
	pictures, effects := p.Pictures.handed(m)
	p.Pictures = &pictures
	return p, effects
}
