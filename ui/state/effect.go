package state

import "quarterturn/core/run"

// An Effect is something that the program around the state has to do: start a
// worker, send a command, fetch a file. The set is closed, and carrying one out
// never changes the state but through a Message.
type Effect interface{ isEffect() }

// A WorkerID names a worker for as long as the page lives. A worker that is
// started again keeps its name.
type WorkerID int

// Lab is the worker that holds the collection and the model. Each run gets one of
// its own, from Lab+1 upwards. Those that decode pictures for it are Lab-1 and below.
const Lab WorkerID = 0

// The effects.
type (
	// StartWorker starts a worker, ending an earlier one of that name.
	StartWorker struct{ Worker WorkerID }

	// StartGroup is StartWorker for several that compute runs together. The name is that
	// of the first, whose answers are all that is heard; what is sent to it goes to all
	// whom it concerns, and one that dies takes the others with it.
	StartGroup struct {
		Worker WorkerID
		Size   int
	}

	// EndWorker ends a worker, or a group, at once and frees its memory.
	EndWorker struct{ Worker WorkerID }

	// Send gives a worker a command, at the latest when it is ready. Its answers
	// name it by Number, which Page.Apply fills in.
	Send struct {
		To      WorkerID
		Command run.Command
		Number  run.Number
		batch   int      // Of AddPictures: the import that it is a part of; 0 where Undo does not ask.
		about   *inquiry // What is asked of a network by it; nil for nothing.
	}

	// Fetch fetches the files of an asset and answers with Fetched.
	Fetch struct{ What Asset }

	// Download gives the person a file.
	Download struct {
		Name  string
		Bytes []byte
	}

	// Hold takes the lab for this tab, from another one only if it steals it, and answers
	// with Held, again when another tab takes it.
	Hold struct{ Steal bool }

	// Persist asks the browser not to clear what is kept when its disk becomes full. Some
	// ask the person.
	Persist struct{}
	// KeepOffline has the browser keep the whole page, and tells NewVersion where the server
	// has a newer one. TakeNewVersion loads that.
	KeepOffline    struct{}
	TakeNewVersion struct{}

	// Remember keeps a setting for the next visit.
	Remember struct{ Key, Value string }

	// Dress puts the page in a theme.
	Dress struct{ View View }

	// Soon answers with a message once the page has shown the state as it is: a
	// long piece of work is thus done a frame at a time.
	Soon struct{ Message Message }

	// After answers with a message some time later.
	After struct {
		Milliseconds int
		Message      Message
	}

	// Repaint paints every thumbnail anew: the IDs mean other pictures now.
	Repaint struct{}
)

func (StartWorker) isEffect()    {}
func (StartGroup) isEffect()     {}
func (EndWorker) isEffect()      {}
func (Send) isEffect()           {}
func (Fetch) isEffect()          {}
func (Download) isEffect()       {}
func (KeepOffline) isEffect()    {}
func (TakeNewVersion) isEffect() {}
func (Persist) isEffect()        {}
func (Hold) isEffect()           {}
func (Remember) isEffect()       {}
func (Dress) isEffect()          {}
func (Soon) isEffect()           {}
func (After) isEffect()          {}
func (Repaint) isEffect()        {}
