package run

// Keep keeps a record, as the page writes it, in the place of an earlier one of that
// name.
type Keep struct {
	Name string
	Blob []byte
}

// Recall asks for a record, or with an empty name for all that the page wrote: that of no
// run first, then one for each run of which anything is kept.
type Recall struct{ Name string }

// Forget removes all that is kept of a run.
type Forget struct{ Key string }

// LookOn has a worker keep nothing from now on: another tab has the lab.
type LookOn struct{}

// Recalled answers Recall: a record that is there. An empty one says that a run's key is
// taken, and that nothing can be read of what it came to.
type Recalled struct {
	Name string
	Blob []byte
}

// Storing answers Recall of all, at first: where things are kept, and how much room is
// left.
type Storing struct {
	Kind    string // In words.
	Forgets bool   // Nothing outlasts the window.
	Used    int    // Bytes, of Room; 0 where the browser does not say.
	Room    int
}

func (Keep) isCommand()   {}
func (Recall) isCommand() {}
func (Forget) isCommand() {}
func (LookOn) isCommand() {}

func (Recalled) isEvent() {}
func (Storing) isEvent()  {}
