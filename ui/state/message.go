package state

import (
	"quarterturn/core/notebook"
	"quarterturn/core/run"
)

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

// Gathered is files that the person handed over and that workers are to read: many, or
// large ones.
type Gathered struct {
	Sources []run.Source // By path, ascending.
	Failed  []string     // Paths that the browser could not read.
}

// What the person does with pictures.
type (
	OpenSet struct{ Asset Asset } // Replaces the collection by a built-in set.
	SetJoin struct{ Join bool }   // Whether new pictures join the collection or replace it.
	Choose  struct{ ID int }      // Makes a picture the one that Turn shows.
	Step    struct{ By int }      // Chooses the next (1) or the previous (-1) picture.
	Stride  struct {              // Chooses the picture so many units further on, or back.
		By int
		Of Unit
	}
	RemoveChosen    struct{}              // Takes the chosen picture out, for the moment.
	Undo            struct{}              // Takes back the last removal or replacement.
	Reveal          struct{}              // Builds more of the thumbnails that are seen; see the effect Soon.
	DismissProblems struct{}              // Closes the list of broken files.
	ScoreSet        struct{}              // Has the model guess every picture.
	StopScore       struct{}              // Is content with what was scored so far.
	ToggleUndone    struct{}              // Turns the pictures of Turn back by the guesses, or not.
	UseBuiltIn      struct{ Asset Asset } // Predicts with a network that came along.
	RestartLab      struct{}              // Replaces the lab's worker, which died.
	RetryRun        struct{ Key string }  // Has a run that broke off go on.
)

// What the person does with runs.
type (
	Change    struct{ Field, Value string } // Sets a field of the form; see the Field constants.
	StartRun  struct{}
	PauseRun  struct{ Key string } // Here and below, without a key all runs at work.
	ResumeRun struct{ Key string }
	StopRun   struct{ Key string }
	SaveModel struct{ Key string } // Downloads what a run learnt.
	UseModel  struct{ Key string } // Predicts with what a run learnt.
)

// What the person does with the runs that are kept.
type (
	Rename      struct{ Key, Name string }
	Annotate    struct{ Key, Note string }
	AnnotateAll struct{ Note string } // The text about the whole.
	Pin         struct{ Key string }  // Keeps a run at the top, or no longer.
	Hide        struct{ Key string }  // Takes a run out of the charts, or back.
	DeleteRun   struct{ Key string }
	UndeleteRun struct{}             // Brings the newest deleted run back.
	RunAgain    struct{ Key string } // With the same seed, which gives the same numbers.
	EditRun     struct{ Key string } // Writes its settings into the form, to change one.
)

// What the person does at the station Compare.
type (
	ShowCompare     struct{ Part ComparePart }
	ChooseArm       struct{ Arm notebook.Arm }    // Or no longer.
	SetExperiment   struct{ Field, Value string } // See the Field constants of Compare.
	StartExperiment struct{}
	EndExperiment   struct{ ID int } // The runs of it that have not begun are given up.
	ShowExperiment  struct{ ID int }
	SortRuns        struct{ By Column }  // Again: the other way round.
	PickRun         struct{ Key string } // For the overlay, or no longer.
)

// What the person does in the parts "What does it know?" and "Mistakes".
type (
	// SetSubject has a network looked at in the place of another, or beside the others
	// where At is their number; without a key that of the place is taken away.
	SetSubject struct {
		At  int
		Key string
	}
	SetMap struct {
		Field MapField
		Value string
	}
	PointAt       struct{ ID int }    // Points at a picture on all maps, or at NoPicture.
	PickPictures  struct{ IDs []int } // Lists them.
	TogglePicture struct{ ID int }    // Lists it, or no longer.
	Examine       struct{ Key string }
	ShowOdd       struct{ On bool } // The odd ones out, or the matrix.
	ChooseCell    struct{ Cell Cell }
	CloseCell     struct{}
	ZoomMatrix    struct{ By int }
	ListMore      struct{} // Shows more pictures of a list.
	MovePicture   struct{ ID, Class int }
	TurnPicture   struct{ ID, Turns int } // Quarter turns counter-clockwise.
	LeaveOut      struct{ ID int }        // Takes a picture out, for the moment.
	LookAgain     struct{}                // Asks again what is of other pictures or failed.

	// dismissAnalyst says that a minute went by since a visit.
	dismissAnalyst struct{ visit int }
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

// What the person takes out of the page, and what it shall forget.
type (
	SaveProject struct{} // Downloads everything as a project file.
	FreeSpace   struct{} // Drops the weights of earlier runs.
)

// What becomes of what is kept.
type (
	Held      struct{ Mine bool } // This tab has the lab, or another has it.
	RecallNow struct{}            // Reads what was kept, if that has not begun.
	KeepNow   struct{}            // Writes what has changed.
	Hidden    struct{}            // The page is hidden or left.
	TakeOver  struct{}            // Takes the lab from the tab that has it.

	NewVersion  struct{ Here bool } // There is a newer version of the page, or the person wants none now.
	TakeVersion struct{}            // The person wants it.
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
func (Stride) isMessage()          {}
func (Gathered) isMessage()        {}
func (Viewed) isMessage()          {}
func (Reveal) isMessage()          {}
func (DismissProblems) isMessage() {}
func (ScoreSet) isMessage()        {}
func (StopScore) isMessage()       {}
func (ToggleUndone) isMessage()    {}
func (UseBuiltIn) isMessage()      {}
func (RestartLab) isMessage()      {}
func (RetryRun) isMessage()        {}
func (Change) isMessage()          {}
func (StartRun) isMessage()        {}
func (PauseRun) isMessage()        {}
func (ResumeRun) isMessage()       {}
func (StopRun) isMessage()         {}
func (SaveModel) isMessage()       {}
func (UseModel) isMessage()        {}
func (Rename) isMessage()          {}
func (Annotate) isMessage()        {}
func (AnnotateAll) isMessage()     {}
func (Pin) isMessage()             {}
func (Hide) isMessage()            {}
func (DeleteRun) isMessage()       {}
func (UndeleteRun) isMessage()     {}
func (RunAgain) isMessage()        {}
func (EditRun) isMessage()         {}
func (ShowCompare) isMessage()     {}
func (ChooseArm) isMessage()       {}
func (SetExperiment) isMessage()   {}
func (StartExperiment) isMessage() {}
func (EndExperiment) isMessage()   {}
func (ShowExperiment) isMessage()  {}
func (SortRuns) isMessage()        {}
func (PickRun) isMessage()         {}
func (SetSubject) isMessage()      {}
func (SetMap) isMessage()          {}
func (PointAt) isMessage()         {}
func (PickPictures) isMessage()    {}
func (TogglePicture) isMessage()   {}
func (Examine) isMessage()         {}
func (ShowOdd) isMessage()         {}
func (ChooseCell) isMessage()      {}
func (CloseCell) isMessage()       {}
func (ZoomMatrix) isMessage()      {}
func (ListMore) isMessage()        {}
func (MovePicture) isMessage()     {}
func (TurnPicture) isMessage()     {}
func (LeaveOut) isMessage()        {}
func (LookAgain) isMessage()       {}
func (dismissAnalyst) isMessage()  {}
func (SaveProject) isMessage()     {}
func (FreeSpace) isMessage()       {}
func (Held) isMessage()            {}
func (RecallNow) isMessage()       {}
func (KeepNow) isMessage()         {}
func (Hidden) isMessage()          {}
func (TakeOver) isMessage()        {}
func (NewVersion) isMessage()      {}
func (TakeVersion) isMessage()     {}
func (Seek) isMessage()            {}
func (SeekBy) isMessage()          {}
func (Play) isMessage()            {}
func (ChoosePoint) isMessage()     {}
func (Tick) isMessage()            {}
func (GoTo) isMessage()            {}
func (NextTheme) isMessage()       {}
func (ToggleProjector) isMessage() {}
