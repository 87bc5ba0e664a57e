package state

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"
)

func TestCSVIsReadByOthers(t *testing.T) {
	rows := [][]string{{"Run", "Loss (nats)"}, {`the "best", so far`, "0.25"}, {"two\r\nlines", ""}, {"straße", "−1"}}
	reader := csv.NewReader(bytes.NewReader(CSV(rows)))
	got, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		want := slices.Clone(row)
		for j := range want {
			want[j] = strings.ReplaceAll(want[j], "\r\n", "\n") // As the reader does inside of quotes.
		}
		if !slices.Equal(got[i], want) {
			t.Errorf("row %d is %q, want %q", i, got[i], want)
		}
	}
}

func TestChartsAreSavedUnderTheirNames(t *testing.T) {
	page := opened(t)
	page, effects := page.Apply(SaveChart{Mark: "accuracy", Name: "quarterturn-accuracy", PNG: true})
	if want := (Draw{"accuracy", "quarterturn-accuracy.png", true}); len(effects) != 1 || effects[0] != want {
		t.Errorf("the effects are %v, want %v", effects, want)
	}
	if page.Said != "Saved as quarterturn-accuracy.png." {
		t.Errorf("it says %q", page.Said)
	}
	_, effects = page.Apply(SaveTable{Name: "quarterturn-accuracy", Rows: [][]string{{"Epoch"}, {"1"}}})
	if d, ok := effects[0].(Download); !ok || d.Name != "quarterturn-accuracy.csv" || string(d.Bytes) != "Epoch\r\n1\r\n" {
		t.Errorf("the effect is %v", effects[0])
	}
	page, _ = page.Apply(Undrawn{Reason: "no canvas"})
	if page.Alarm != "The chart could not be saved: No canvas." {
		t.Errorf("the alarm is %q", page.Alarm)
	}
}
