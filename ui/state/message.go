package state

import "quarterturn/core/run"

// A Message is something that happened: a worker reported, the browser answered
// or the person did something. The set is closed.
type Message interface{ isMessage() }

// Reports of the workers.
type (
	// Heard is what a worker answered.
	Heard struct {
		From   WorkerID
		Answer run.Answer
	}

	// Died says that a worker will send nothing more.
	Died struct {
		Worker WorkerID
		Reason string // A sentence.
	}
)

// Answers of the browser.
type (
	// Fetched answers the effect Fetch.
	Fetched struct {
		What    Asset
		Files   []run.File
		Problem string // Why there are no files; otherwise empty.
	}

	// Fetching says how far the fetching of a large asset is.
	Fetching struct {
		What Asset
		Done int // Bytes of What.Bytes().
	}

	// Handed is a part of what the person dropped, pasted or chose.
	Handed struct {
		Model  bool // Meant as a model, not as pictures.
		Files  []run.File
		Failed []string // Paths that the browser could not read.
		Done   int      // Files read, this part included.
		All    int      // Files handed over.
	}
)

// What the person does with pictures.
type (
	OpenSet         struct{ Asset Asset }     // Replaces the collection by a built-in set.
	SetJoin         struct{ Join bool }       // Whether new pictures join the collection or replace it.
	Choose          struct{ ID int }          // Makes a picture the one that Turn shows.
	Step            struct{ By int }          // Chooses the next (1) or the previous (-1) picture.
	RemoveChosen    struct{}                  // Takes the chosen picture out, for the moment.
	Undo            struct{}                  // Takes back the last removal or replacement.
	ShowMore        struct{ Class int }       // Shows more thumbnails of a class.
	Reveal          struct{}                  // Shows the first thumbnails of the next class; see the effect Soon.
	DismissProblems struct{}                  // Closes the list of broken files.
	ScoreSet        struct{}                  // Has the model guess every picture.
	StopScore       struct{}                  // Is content with what was scored so far.
	ToggleUndone    struct{}                  // Turns the pictures of Turn back by the guesses, or not.
	UseBuiltIn      struct{ Asset Asset }     // Predicts with a network that came along.
	RestartWorker   struct{ Worker WorkerID } // Replaces a worker that died.
)

// What the person does with runs.
type (
	Change    struct{ Field, Value string } // Sets a field of the form; see the Field constants.
	StartRun  struct{}
	PauseRun  struct{}
	ResumeRun struct{}
	StopRun   struct{}
	SaveModel struct{ Lane WorkerID } // Downloads what a run learnt.
	UseModel  struct{ Lane WorkerID } // Predicts with what a run learnt.
)

// What the person does with a recording.
type (
	Seek        struct{ To int }    // Shows the epoch of that index, and holds there.
	SeekBy      struct{ By int }    // Shows one so many further on.
	Play        struct{}            // Goes through the epochs by itself, or holds.
	ChoosePoint struct{ Index int } // Chooses the picture that lies there.

	// Tick says that it is time for the next epoch.
	Tick struct{ of int }
)

// What the person does with the page.
type (
	GoTo            struct{ Station Station }
	NextTheme       struct{}
	ToggleProjector struct{}
)

func (Heard) isMessage()           {}
func (Died) isMessage()            {}
func (Fetched) isMessage()         {}
func (Fetching) isMessage()        {}
func (Handed) isMessage()          {}
func (OpenSet) isMessage()         {}
func (SetJoin) isMessage()         {}
func (Choose) isMessage()          {}
func (Step) isMessage()            {}
func (RemoveChosen) isMessage()    {}
func (Undo) isMessage()            {}
func (ShowMore) isMessage()        {}
func (Reveal) isMessage()          {}
func (DismissProblems) isMessage() {}
func (ScoreSet) isMessage()        {}
func (StopScore) isMessage()       {}
func (ToggleUndone) isMessage()    {}
func (UseBuiltIn) isMessage()      {}
func (RestartWorker) isMessage()   {}
func (Change) isMessage()          {}
func (StartRun) isMessage()        {}
func (PauseRun) isMessage()        {}
func (ResumeRun) isMessage()       {}
func (StopRun) isMessage()         {}
func (SaveModel) isMessage()       {}
func (UseModel) isMessage()        {}
func (Seek) isMessage()            {}
func (SeekBy) isMessage()          {}
func (Play) isMessage()            {}
func (ChoosePoint) isMessage()     {}
func (Tick) isMessage()            {}
func (GoTo) isMessage()            {}
func (NextTheme) isMessage()       {}
func (ToggleProjector) isMessage() {}
