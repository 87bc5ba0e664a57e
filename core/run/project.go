package run

// ExportProject asks for the notebook, the pictures and all that is kept of runs as one
// project file. What is not given is taken from what is kept.
type ExportProject struct {
	MadeBy   string
	Book     []byte   // A notebook.Book, encoded.
	Runs     [][]byte // Its runs, each a notebook.Run, encoded.
	Networks [][]byte // Model files that the page holds: those that could not be kept, perhaps.
}

// ProjectExported answers ExportProject.
type ProjectExported struct {
	Blob     []byte
	Problems []string // What is not in it, and why, for people.
}

// ImportProject brings in a project file, or the files of run folders under their paths,
// and keeps the state and the network of each run under a new key: First as a decimal
// number, and those that follow it.
type ImportProject struct {
	Files    []File
	First    int
	Pictures bool // The project's pictures, if it has any, replace the collection.
}

// ProjectImported answers ImportProject, after PicturesChanged if the collection was
// replaced. Nothing of the notebook is kept yet.
type ProjectImported struct {
	MadeBy   string
	Book     []byte   // A notebook.Book, encoded, with the new keys.
	Runs     [][]byte // Its runs, in their order, each a notebook.Run, encoded.
	Problems []string // What of it cannot be used, for people.
}

func (ExportProject) isCommand() {}
func (ImportProject) isCommand() {}

func (ProjectExported) isEvent() {}
func (ProjectImported) isEvent() {}
