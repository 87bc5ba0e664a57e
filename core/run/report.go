package run

// MakeReport asks for what runs came to as one HTML page, with a person's own text.
type MakeReport struct {
	Note string   // About the whole.
	Runs [][]byte // Each a notebook.Run, encoded.
	Maps []Drawn
}

// A Drawn is where a network lays pictures of the collection out.
type Drawn struct {
	Title  string // The network's, for people.
	Labels int    // Per class, from which it learnt; 0 for all, NoLabels for none.
	Mapped
}

// NoLabels is the budget of networks that learnt without labels.
const NoLabels = -1

// ReportMade answers MakeReport.
type ReportMade struct {
	HTML     []byte
	Problems []string // What is not in it, and why.
}

func (MakeReport) isCommand() {}

func (ReportMade) isEvent() {}
