package state

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// TestIndexHasTheStations compares the static frame, which is there before any
// program, with the stations that package ui renders.
func TestIndexHasTheStations(t *testing.T) {
	index, err := os.ReadFile("../../index.html")
	if err != nil {
		t.Fatal(err)
	}
	section := regexp.MustCompile(`<section id="(\w+)" class="station station-(\w+)(?: station-wide)?" aria-labelledby="heading-(\w+)">\s*` +
		`<div class="station-head"><h2 id="heading-\w+"><span class="number" aria-hidden="true">(\d+)</span>(\w+)</h2><p class="question">([^<]+)</p></div>`)
	var got []Place
	for _, m := range section.FindAllStringSubmatch(string(index), -1) {
		if m[1] != m[2] || m[1] != m[3] {
			t.Errorf("the section %s has the class and heading of %s and %s", m[1], m[2], m[3])
		}
		got = append(got, Place{Station(m[1]), m[4], m[5], m[6]})
	}
	if want := Places(); !slices.Equal(got, want) {
		t.Errorf("index.html has the stations\n%+v, want\n%+v", got, want)
	}
}
