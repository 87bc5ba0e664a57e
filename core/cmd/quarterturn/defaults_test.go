package main

import (
	"flag"
	"reflect"
	"strings"
	"testing"

	"quarterturn/core/run"
)

// TestLayers: the built-in pictures are over run.Default, a preset over them, what a
// probe or a start needs over the preset, and what was given over all.
func TestLayers(t *testing.T) {
	recipe, err := presetOf("recipe", "finetune")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		wish wish
		want string // Of depth, width, batch, rate, labels, flip, pad-crop, first-stage.
	}{
		{"pictures of one's own", wish{task: run.Scratch}, "18 64 128 0.1 0 true 4 0"},
		{"pretext", wish{task: run.Pretext}, "18 64 128 0.1 0 true 0 0"},
		{"ours", wish{task: run.Scratch, builtIn: true}, "8 16 64 0.05 0 true 4 0"},
		{"a preset on ours", wish{task: run.Scratch, builtIn: true, preset: recipe}, "10 24 64 0.02 0 true 4 0"},
		{"a probe under a preset", wish{task: run.Scratch, preset: recipe, probe: true}, "10 24 64 0.02 0 false 0 0"},
		{"a probe of pictures that vary", wish{task: run.Scratch, probe: true, given: layer{"flip": "true", "pad-crop": "2"}}, "18 64 128 0.1 0 true 2 0"},
		{"a central crop", wish{task: run.Scratch, given: layer{"central-crop": "28"}}, "18 64 128 0.1 0 true 0 0"},
		{"random weights that stay", wish{task: run.Scratch, frozen: true}, "18 64 128 0.1 0 true 4 -1"},
		{"some of them", wish{task: run.Scratch, frozen: true, given: layer{"first-stage": "2"}}, "18 64 128 0.1 0 true 4 2"},
		{"given over all", wish{task: run.Scratch, builtIn: true, preset: recipe, given: layer{"depth": "14", "rate": "1", "labels-per-class": "5"}}, "14 24 64 1 5 true 4 0"},
		{"blocks over depth", wish{task: run.Scratch, preset: recipe, given: layer{"blocks": "1", "depth": "34"}}, " 24 64 0.02 0 true 4 0"},
	} {
		c, err := tt.wish.config()
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, name := range strings.Fields("depth width batch rate labels-per-class flip pad-crop first-stage") {
			got = append(got, run.Lookup(name).Text(&c))
		}
		if text := strings.Join(got, " "); text != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, text, tt.want)
		}
		if s, err := settled(c); err != nil || s.FirstStage < 0 {
			t.Errorf("%s: settled with first stage %d, %v", tt.name, s.FirstStage, err)
		}
	}
}

// TestLayersAreOfTheTable: no layer names a setting or a flag of readings that there is not,
// or a value that it cannot have.
func TestLayersAreOfTheTable(t *testing.T) {
	layers := []layer{manyPictures, fewPictures, stillPictures}
	for _, p := range presets {
		for command, l := range p.settings {
			if again, err := presetOf(p.name, command); err != nil || !reflect.DeepEqual(again, l) {
				t.Errorf("preset %s of %s is %v, %v", p.name, command, again, err)
			}
			layers = append(layers, l)
		}
	}
	readings := flag.NewFlagSet("", flag.ContinueOnError)
	new(readingFlags).add(readings)
	for _, l := range layers {
		for name, text := range l {
			if readings.Lookup(name) != nil {
				if err := readings.Set(name, text); err != nil {
					t.Error(err)
				}
				continue
			}
			s, err := run.Find(name)
			if err != nil {
				t.Error(err)
				continue
			}
			c := run.Default(run.Scratch)
			if err := s.Set(&c, text); err != nil {
				t.Error(err)
			}
		}
	}
	if _, err := presetOf("guess", "finetune"); err == nil {
		t.Error("there is a preset that nobody made")
	}
}
