package run

// MakeReport asks for what runs came to as one HTML page, with a person's own text.
type MakeReport struct {
	Note string   // About the whole.
	Runs [][]byte // Each a notebook.Run, encoded.
}

// ReportMade answers MakeReport.
type ReportMade struct {
	HTML     []byte
	Problems []string // What is not in it, and why.
}

func (MakeReport) isCommand() {}

func (ReportMade) isEvent() {}
