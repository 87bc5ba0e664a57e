package ui

import (
	"slices"
	"strconv"

	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"
	"github.com/hexops/vecty/event"
	"github.com/hexops/vecty/prop"

	"quarterturn/core/notebook"
	"quarterturn/core/run"
	"quarterturn/core/verdict"
	"quarterturn/ui/state"
)

// chance is whether differences between arms are more than chance: what is to race, and
// what came of it.
func (s *CompareStation) chance() vecty.ComponentOrHTML {
	asked := &ChanceForm{chanceProps{
		Compare: s.Compare, Form: s.Train.Form, Model: s.Turn.Model, Pictures: s.Pictures, Speed: s.Train.Speed,
	}, s.Do, s.page()}
	return elem.Div(
		class("chance-part"),
		elem.Div(class("chance-form-slot"), &Memo{Key: asked.chanceProps, Body: asked.render}),
		elem.Div(class("chance-found"), s.found()),
	)
}

// ChanceForm asks which arms race, with which labels, and how often.
type ChanceForm struct {
	chanceProps
	Do   Do
	page *state.Page
}

// chanceProps are what ChanceForm shows.
type chanceProps struct {
	Compare  *state.Compare
	Form     state.Form
	Model    *run.ModelChanged
	Pictures *state.Pictures
	Speed    state.Speed
}

func (v *ChanceForm) render() *vecty.HTML {
	c := v.Compare
	plan := v.page.Planned()
	return elem.Div(
		class("chance-form"),
		elem.FieldSet(class("arms"), elem.Legend(vecty.Text("What races, on the same pictures, batches and seeds")), v.arms()),
		elem.Div(class("chance-fields"),
			v.check(state.FieldBudgets, c.Budgets, "Each number of labels per class: "+budgetsInWords(plan.Budgets)),
			elem.Label(class("seeds"), vecty.Text("Seeds "), elem.Input(vecty.Markup(
				prop.Type(prop.TypeNumber), prop.ID("seeds"), prop.Value(c.Seeds), attribute("min", "1"), attribute("max", strconv.Itoa(notebook.MaxSeeds)),
				attribute("inputmode", "numeric"), event.Input(func(e *vecty.Event) {
					v.Do(state.SetExperiment{Field: state.FieldSeeds, Value: e.Target.Get("value").String()})
				}),
			))),
			v.check(state.FieldEarly, c.Early, "Stop as soon as chance is ruled out"),
		),
		elem.Div(class("problem-slot"), vecty.If(c.Problem != "", notice(c.Problem))),
		elem.Div(class("row", "start-row"),
			button(v.Do, state.StartExperiment{}, plan.Problem != "", "strong", "Find out"),
			elem.Output(class("soft"), vecty.Text(plannedInWords(plan)))),
		paragraph("hint", "Epochs, batch and rate are those of the station Train. Each seed draws other weights, other labels and another order; arms of a seed share them."),
	)
}

// arms are the ways to train, to be chosen.
func (v *ChanceForm) arms() (list vecty.List) {
	for _, arm := range v.page.ArmsOffered() {
		chosen := slices.Contains(v.Compare.Arms, arm)
		list = append(list, elem.Label(
			vecty.Markup(vecty.Class("check", "arm")),
			elem.Input(vecty.Markup(
				prop.Type(prop.TypeCheckbox), prop.ID("arm-"+string(arm)), prop.Checked(chosen),
				event.Change(func(*vecty.Event) { v.Do(state.ChooseArm{Arm: arm}) }),
			)),
			elem.Span(elem.Strong(vecty.Text(arm.Title())), span("soft", arm.InWords())),
		))
	}
	return list
}

func (v *ChanceForm) check(field string, on bool, words string) *vecty.HTML {
	return elem.Label(
		class("check"),
		elem.Input(vecty.Markup(
			prop.Type(prop.TypeCheckbox), prop.ID("experiment-"+field), prop.Checked(on),
			event.Change(func(e *vecty.Event) {
				v.Do(state.SetExperiment{Field: field, Value: truth(e.Target.Get("checked").Bool())})
			}),
		)),
		vecty.Text(words),
	)
}

func budgetsInWords(budgets []int) string {
	text := ""
	for i, n := range budgets {
		switch {
		case i > 0 && n == 0:
			text += " and "
		case i > 0:
			text += ", "
		}
		text += verdict.ShortBudget(n)
	}
	return text
}

// plannedInWords says what would be trained, and how long that takes.
func plannedInWords(p state.Planned) string {
	if p.Problem != "" {
		return p.Problem
	}
	words := state.Count(p.Runs, "run")
	if p.Takes > 0 {
		words += ", about " + state.Span(p.Takes) + " on this device"
	}
	return words + "."
}

// found is what the experiment that is shown came to.
func (s *CompareStation) found() vecty.ComponentOrHTML {
	e := s.Runs.Experiment(s.Compare.Shown)
	if e == nil {
		return paragraph("empty-board", "One run of each says little: another seed, and the other one may win. Let several race, and see how far their results lie apart.")
	}
	done, all := s.Runs.Done(e.ID)
	return elem.Div(
		class("found"),
		elem.Div(class("found-head-slot"), &Memo{Key: [5]any{s.Runs.Experiments[0].ID, len(s.Runs.Experiments), e.ID, [2]int{done, all}, e.Ended}, Body: func() *vecty.HTML { return s.foundHead(e, done, all) }}),
		elem.Div(class("findings-slot"), s.later([3]int{e.ID, done, all}, (&Found{s.Do, e, s.Runs.Table(e)}).render)),
	)
}

// foundHead says how far the experiment is, and leads to the others.
func (s *CompareStation) foundHead(e *notebook.Experiment, done, all int) *vecty.HTML {
	var others vecty.List
	for _, other := range s.Runs.Experiments {
		if len(s.Runs.Experiments) > 1 {
			others = append(others, elem.Button(
				vecty.Markup(vecty.Class("segment"), attribute("type", "button"), attribute("aria-pressed", truth(other.ID == e.ID)),
					event.Click(func(*vecty.Event) { s.Do(state.ShowExperiment{ID: other.ID}) })),
				vecty.Text("No. "+strconv.Itoa(other.ID)),
			))
		}
	}
	words := strconv.Itoa(done) + " of " + state.Count(all, "run") + " done"
	if e.Ended {
		words += "; the rest was not needed or given up"
	}
	return elem.Div(
		class("found-head"),
		elem.Div(class("segments", "experiments"), others),
		bar(float64(done), float64(all), "Runs done"),
		elem.Div(class("row"), elem.Output(class("soft"), vecty.Text(words)),
			vecty.If(done < all, button(s.Do, state.EndExperiment{ID: e.ID}, false, "stop", "End it"))),
	)
}
