package state

import (
	"reflect"
	"strings"
	"testing"

	"quarterturn/core/fault"
	"quarterturn/core/run"
)

// TestFormIsOfTheTable checks that each field is a setting with a hint, begins with
// its default and sets it.
func TestFormIsOfTheTable(t *testing.T) {
	other := map[string]string{FieldDepth: "14", FieldRate: "0.7"}
	for _, name := range fields {
		s := run.Lookup(name)
		if s == nil || s.Hint == "" {
			t.Errorf("%s: want a setting with a hint", name)
			continue
		}
		for _, task := range []run.Task{run.Pretext, run.Transfer, run.Scratch} {
			form := NewForm(task)
			if got, want := form.Text(name), s.Default(task); got != want {
				t.Errorf("%s of %s begins with %q, want %q", name, task, got, want)
			}
			text := other[name]
			if text == "" {
				text = "4"
			}
			model := &run.ModelChanged{Network: run.Default(task).Network, Side: 32}
			configs, err := form.with(name, text).Configs(model)
			if err != nil {
				t.Fatalf("%s = %s for %s: %v", name, text, task, err)
			}
			want := run.Default(task)
			if form.decides(s, task) {
				if err := s.Set(&want, text); err != nil {
					t.Fatal(err)
				}
			}
			if !reflect.DeepEqual(configs[0], want) {
				t.Errorf("%s = %s for %s gives %+v, want %+v", name, text, task, configs[0], want)
			}
		}
	}
	if text := NewForm(run.Scratch).with("colour", "red").Text("colour"); text != "" {
		t.Errorf("a field that the form has not is %q", text)
	}
}

// TestDisabledFieldsAreNotRead: what a person cannot mend is not held against them.
func TestDisabledFieldsAreNotRead(t *testing.T) {
	model := &run.ModelChanged{Network: run.Network{Blocks: []int{1, 1}, Width: 4}, Side: 32}
	if _, err := NewForm(run.Transfer).with(FieldWidth, "wide").Configs(model); err != nil {
		t.Errorf("the width of a network that the model decides: %v", err)
	}
	configs, err := NewForm(run.Transfer).with(FieldLabels, "many").with(FieldTask, string(run.Pretext)).Configs(nil)
	if err != nil || configs[0].LabelsPerClass != 0 {
		t.Errorf("labels of a task without any: %v", err)
	}
}

// TestFormsErrorsAreForPeople: they name the field by its label, and what it may be.
func TestFormsErrorsAreForPeople(t *testing.T) {
	for _, tt := range []struct{ field, text, want string }{
		{FieldSeed, "-5", `Seed is "-5", want a whole number from 0 up, such as 1.`},
		{FieldEpochs, "", "Epochs is empty, want a whole number, such as 10."},
		{FieldBatch, "1", "Batch is 1, want 2 to 4096 examples."},
		{FieldRate, "0,0,1", `Learning rate is "0.0,1", want a number, such as 0.05.`},
		{FieldLabels, "-1", "Labels per class is -1, want 0 or more."},
	} {
		_, err := NewForm(run.Scratch).with(tt.field, tt.text).Configs(nil)
		if got := Sentence(fault.Reason(err)); got != tt.want {
			t.Errorf("%s %q: %q, want %q", tt.field, tt.text, got, tt.want)
		}
	}
	if got := Capital(""); got != "" || Capital("élan") != "Élan" || strings.ToLower(Capital("a")) != "a" {
		t.Errorf("capitals of nothing: %q", got)
	}
}
