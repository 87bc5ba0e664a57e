package run

// A Command is a request to a worker. The set is closed. A worker carries
// commands out in order, but for Pause, Resume, Stop, Cancel and Flush, which act on what is
// in progress.
type Command interface{ isCommand() }

// A File is a file's path, as the person's folder or archive names it, and its
// bytes.
type File struct {
	Path  string
	Bytes []byte
}

// AddPictures imports pictures, or archives of them, into the collection. The
// folder a file lies in is its class; a file without one is unlabelled. Files
// that cannot be used are reported as Problems and the rest goes on.
type AddPictures struct {
	Set     string // Name of the collection when Replace starts a new one.
	Replace bool
	Files   []File
}

// OpenPictures replaces the collection by a built-in set, given the files that
// package assets lists for it.
type OpenPictures struct {
	Set   string
	Files []File
}

// RemovePictures takes pictures out of the collection.
type RemovePictures struct{ IDs []int }

// RestorePictures replaces the collection by what was kept of one, under the same IDs;
// nothing is reported but Done where there is none. A collection is kept after each
// change.
type RestorePictures struct{}

// PackPictures asks for the collection as one blob.
type PackPictures struct{}

// UnpackPictures replaces the collection by that of another worker, without
// thumbnails.
type UnpackPictures struct{ Blob []byte }

// LoadModel replaces the model by a safetensors file.
type LoadModel struct {
	Name string
	Blob []byte
}

// Predict asks what the model believes of a picture in its four turns.
type Predict struct{ ID int }

// Score asks for the model's accuracy over the whole collection, each picture in
// its four turns.
type Score struct{}

// Start begins a run on the collection; Transfer starts from the loaded model. A run
// with a key is kept under it while it goes on, and the same Start goes on from what is
// there, to the same bits; see package keep for the names of the records.
type Start struct {
	Config Config
	Key    string // Letters, digits, - and _; "" keeps nothing.
}

// Pause holds the run after its current step and Resume lets it go on. Stop ends
// it, within a step where the backend can; the weights stay those of the last
// finished step.
type (
	Pause  struct{}
	Resume struct{}
	Stop   struct{}
)

// Flush has the run keep its present state at once, within a step where the backend
// can, and a worker that is idle what is new of its collection: the page may be about to
// go.
type Flush struct{}

// Save asks for the run's weights, or the loaded model's when nothing was
// trained. While a run is on it is answered between two steps.
type Save struct{}

// Bench asks for the speed of training and predicting with made-up pictures.
type Bench struct {
	Depth, Width, Batch int
	Steps               int // Steps timed after the warm-up, at least 1.
}

func (AddPictures) isCommand()     {}
func (OpenPictures) isCommand()    {}
func (RemovePictures) isCommand()  {}
func (RestorePictures) isCommand() {}
func (PackPictures) isCommand()    {}
func (UnpackPictures) isCommand()  {}
func (LoadModel) isCommand()       {}
func (Predict) isCommand()         {}
func (Score) isCommand()           {}
func (Start) isCommand()           {}
func (Pause) isCommand()           {}
func (Resume) isCommand()          {}
func (Stop) isCommand()            {}
func (Flush) isCommand()           {}
func (Save) isCommand()            {}
func (Bench) isCommand()           {}
