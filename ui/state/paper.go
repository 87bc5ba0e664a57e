package state

import "strings"

// What the person takes away of charts.
type (
	// SaveChart saves the chart whose exports have that mark, as the page shows it.
	SaveChart struct {
		Mark string
		Name string // Of the file, without its ending.
		PNG  bool   // Otherwise SVG.
	}

	// SaveTable saves numbers as CSV. The first row names the columns with their units.
	SaveTable struct {
		Name string // Of the file, without its ending.
		Rows [][]string
	}

	// Undrawn says that a chart could not be saved.
	Undrawn struct{ Reason string }
)

// Draw gives the person a chart of the page as a file, and answers with Undrawn if that
// cannot be done.
type Draw struct {
	Mark string // Of its exports.
	Name string
	PNG  bool
}

func (SaveChart) isMessage() {}
func (SaveTable) isMessage() {}
func (Undrawn) isMessage()   {}
func (Draw) isEffect()       {}

// applyPaper applies what the person takes away of charts.
func (p Page) applyPaper(message Message) (Page, []Effect) {
	switch m := message.(type) {
	case SaveChart:
		ending := ".svg"
		if m.PNG {
			ending = ".png"
		}
		p.Said = "Saved as " + m.Name + ending + "."
		return p, []Effect{Draw{m.Mark, m.Name + ending, m.PNG}}
	case SaveTable:
		p.Said = "Saved as " + m.Name + ".csv."
		return p, []Effect{Download{m.Name + ".csv", CSV(m.Rows)}}
	case Undrawn:
		p.Alarm = "The chart could not be saved: " + Sentence(m.Reason)
		p.Said = p.Alarm
	}
	return p, nil
}

// CSV writes rows as RFC 4180 has them.
func CSV(rows [][]string) []byte {
	var b []byte
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				b = append(b, ',')
			}
			if strings.ContainsAny(cell, ",\"\r\n") {
				cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
			}
			b = append(b, cell...)
		}
		b = append(b, '\r', '\n')
	}
	return b
}
