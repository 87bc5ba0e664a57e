package chart

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestDocumentStandsAlone(t *testing.T) {
	plot := Plot{Left: 44, Top: 12, Right: 448, Bottom: 200, X: Scale{High: 2}, Y: Scale{High: 100}}
	curve := Extract{Markup: `<path fill="none" stroke="#0072b2" d="` + plot.Path([]Point{{0, 10}, {1, 60}, {2, 80}}) + `"/>`, Width: 460, Height: 230}
	tests := []struct {
		name     string
		document Document
	}{
		{"no legend", Document{Title: "Loss", More: " in nats, over epochs", Body: curve}},
		{"a legend", Document{Title: "Accuracy", More: " in %", Body: curve, Legend: []Entry{{curve, "Transfer"}, {curve, "From scratch"}, {Extract{}, "none"}}}},
		{"names of people", Document{Title: `<b> & "me"` + "\x00\xff", Body: curve, Legend: []Entry{{curve, "a < b & c > d" + strings.Repeat(" and so on", 20)}}}},
		{"nothing", Document{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			svg := tt.document.SVG()
			texts := 0
			decoder := xml.NewDecoder(strings.NewReader(svg))
			for {
				token, err := decoder.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("%v in\n%s", err, svg)
				}
				if start, ok := token.(xml.StartElement); ok && start.Name.Local == "text" {
					texts++
				}
			}
			if want := 2 + len(tt.document.Legend); texts != want {
				t.Errorf("%d texts, want the title, what it is over, and %d of the legend", texts, want-2)
			}
			width, height := tt.document.Size()
			if width < tt.document.Body.Width || height < tt.document.Body.Height {
				t.Errorf("it is %v × %v, smaller than what is in it", width, height)
			}
		})
	}
}
