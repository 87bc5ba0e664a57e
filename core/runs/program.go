package runs

// A Program is what began a run, and on which machine: what people want to know who
// read of the run later. No number depends on it but the time that the run took, and
// runs from before it was written lack it.
type Program struct {
	Version string `json:",omitzero"` // Of Quarterturn, by its commit.
	Go      string `json:",omitzero"` // That built it.
	GoMLX   string `json:",omitzero"`
	CPU     string `json:",omitzero"` // The model.
	Cores   int    `json:",omitzero"` // That the system shows.
	Threads int    `json:",omitzero"` // That run at a time.
}
