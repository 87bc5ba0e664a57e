//go:build js && wasm

package ui

import (
	"strings"
	"testing"

	"quarterturn/core/run"
	"quarterturn/ui/state"
)

// rendersAnew reports whether a station is rendered anew from one page to the next.
func rendersAnew(before, after state.Page, station state.Station) bool {
	old, next := (&App{Page: before}).part(station), (&App{Page: after}).part(station)
	return !next.SkipRender(old)
}

// play is a page after messages.
func play(messages ...state.Message) state.Page {
	page, _ := state.New(state.RecalledView("", ""), state.Device{})
	for _, m := range messages {
		page, _ = page.Apply(m)
	}
	return page
}

// TestStationsAreRenderedWhenTheirStateChanged and not otherwise: of each message,
// which stations show something else.
func TestStationsAreRenderedWhenTheirStateChanged(t *testing.T) {
	tests := []struct {
		name    string
		before  []state.Message
		message state.Message
		changed string
	}{
		{"another theme", nil, state.NextTheme{}, ""},
		{"a field of the form", nil, state.Change{Field: state.FieldEpochs, Value: "3"}, "train"},
		{"a problem is closed", nil, state.DismissProblems{}, "pictures train"},
		{"turned back", nil, state.ToggleUndone{}, "pictures turn train"},
		{"turned back, while a recording is watched", []state.Message{state.GoTo{Station: state.AtWatch}}, state.ToggleUndone{}, "watch"},
		{"to the recording", nil, state.GoTo{Station: state.AtWatch}, "watch"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := play(tt.before...)
			after, _ := before.Apply(tt.message)
			var changed []string
			for _, place := range state.Places() {
				if rendersAnew(before, after, place.Station) {
					changed = append(changed, string(place.Station))
				}
			}
			if got := strings.Join(changed, " "); got != tt.changed {
				t.Errorf("rendered anew: %q, want %q", got, tt.changed)
			}
		})
	}
}

// TestChartsAreDrawnAnewForANewStep: runs that did not change are the same.
func TestChartsAreDrawnAnewForANewStep(t *testing.T) {
	a, b := &state.Run{}, &state.Run{Used: true}
	key := func(runs ...*state.Run) any { return chartsOf("", nil, runs, nil, nil).Key }
	drawn := key(a, b)
	if key(a, b) != drawn {
		t.Error("the same runs are drawn anew")
	}
	moved := *b
	if key(a, &moved) == drawn || key(a) == drawn {
		t.Error("a run that changed is not drawn")
	}
}

func TestModelInWords(t *testing.T) {
	scored := &run.ModelChanged{Name: "small", Network: run.Network{Blocks: []int{1, 1, 1}, Width: 16}, Side: 32, Accuracy: 0.5,
		Card: run.Card{Scores: []run.CardScore{{Pictures: "photographs", Right: run.Share{Accuracy: 0.754}}, {Pictures: "emoji", Right: run.Share{Accuracy: 0.383}}}}}
	plain := *scored
	plain.Card = run.Card{}
	tests := []struct {
		name        string
		turn        state.Turn
		title, says string
	}{
		{"none", state.Turn{}, "No network is loaded", ""},
		{"on its way", state.Turn{Loading: true}, "Loading the network …", ""},
		{"with a card", state.Turn{Model: scored}, "small", "75.4 % of turns right (photographs), 38.3 % (emoji)"},
		{"without", state.Turn{Model: &plain}, "small", "50.0 % right on its validation set"},
	}
	for _, tt := range tests {
		v := ModelView{modelProps: modelProps{Turn: &tt.turn, Lab: &state.LabStatus{Backend: "SIMD"}}}
		title, says := v.words()
		if title != tt.title || !strings.Contains(says, tt.says) {
			t.Errorf("%s: %q, %q, want %q, %q", tt.name, title, says, tt.title, tt.says)
		}
	}
}

// TestEstimateSaysWhatIsWrong: a form that cannot be read has no estimate but the
// reason.
func TestEstimateSaysWhatIsWrong(t *testing.T) {
	page := play(state.Change{Field: state.FieldTask, Value: string(run.Scratch)}, state.Change{Field: state.FieldEpochs, Value: "many"})
	s := TrainStation{trainProps: trainProps{Train: page.Train, Runs: page.Runs, Pictures: page.Pictures, Turn: page.Turn}}
	if got := s.estimate(false); !strings.Contains(got, "Epochs is “many”") && !strings.Contains(got, `Epochs is "many"`) {
		t.Errorf("the estimate is %q", got)
	}
	if got := s.estimate(true); got != "" {
		t.Errorf("while a run goes on the estimate is %q", got)
	}
}

func TestShelfCount(t *testing.T) {
	for want, shelf := range map[string]state.Shelf{
		"3":                      {Pictures: make([]run.Thumb, 3), Train: 3},
		"3, of which 1 to check": {Pictures: make([]run.Thumb, 3), Train: 2},
		"2":                      {Pictures: make([]run.Thumb, 2)}, // All of them to check.
	} {
		if got := shelfCount(&shelf); got != want {
			t.Errorf("shelfCount = %q, want %q", got, want)
		}
	}
}
