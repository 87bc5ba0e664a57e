package run

// A Split is a part of the pictures.
type Split string

// The splits. Validation pictures of a collection are its test pictures.
const (
	OfTest Split = "test"
	OfAll  Split = "all"
)

// Ask asks what a network, a safetensors file, takes the pictures of the collection for.
type Ask struct {
	Model []byte
	Of    Split
}

// Asked answers Ask, and at its end Start, for the test pictures. A network that guesses
// turns is shown each picture in its four turns, one after the other, another each
// picture that has a class.
type Asked struct {
	Task    Task
	Of      Split
	Classes []string  // That labels and guesses are indices of; of a pretext run the turns.
	Turns   int       // Examples of each picture: 1, or 4.
	IDs     []int     // [Pictures] In the collection, which packed pictures keep.
	Labels  []int32   // [Pictures·Turns]
	Guesses []int32   // [Pictures·Turns]
	Sure    []float32 // [Pictures·Turns] Belief in the guess.
	True    []float32 // [Pictures·Turns] Belief in the label.
}

// Probe asks what each stage of a network knows of classes, by a linear classifier on its
// features and by the nearest neighbours; see measure.Probe.
type Probe struct {
	Model          []byte
	Untrained      bool // The same network with random weights in its place.
	LabelsPerClass int  // Training pictures of each class whose label is used; 0 for all.
	Neighbours     int
	Seed           uint64
}

// Probed answers Probe, with one more stage each time.
type Probed struct {
	Untrained   bool
	Train, Test int     // Pictures with labels to learn from, and to be tested on.
	Chance      float64 // Of naming always the commonest class.
	Stages      []ProbedStage
}

// A ProbedStage is what one stage knows.
type ProbedStage struct {
	Name               string
	Features           int
	Neighbours, Linear Share
}

// Map asks where a network lays pictures out in the plane. The same pictures are chosen
// for all networks of a collection.
type Map struct {
	Model    []byte
	Pictures int // At most so many, of all classes alike.
	Stage    int // Whose features, counted from 1; 0 for the last.
	Seed     uint64
	// Warm is where t-SNE begins, as Mapped had it for the same pictures: few steps follow
	// from there, and Mapped leaves out the principal components. It is not used where
	// there are other pictures now.
	Warm      []float32 // [2·Pictures]
	WarmIDs   []int     // [Pictures]
	Untrained bool      // The same network with random weights in its place.
}

// Mapped answers Map: the first two principal components at once, then t-SNE as it grows;
// latest wins but for the last one.
type Mapped struct {
	TSNE                  bool
	Iteration, Iterations int
	Stage                 int
	IDs                   []int
	Points                []float32 // [2·len(IDs)]
	Purity, Silhouette    float64   // Of the layout, where pictures have at least two classes; else 0.
	FeaturePurity         float64   // Of the features themselves,
	FeatureSilhouette     float64
	ChancePurity          float64 // and of points thrown at random.
	Final                 bool
}

// Examining says how far Ask, Probe, Map or Look has come with something that takes long;
// latest wins.
type Examining struct {
	Doing     string // For people.
	Done, All int
}

// MovePictures puts pictures of the collection into a class, which may be a new one, or
// into none where its name is empty. TurnPictures turns them by quarters counter-clockwise,
// exactly. Both are answered by PicturesChanged with the pictures that are not as they
// were, and undone by the same command the other way.
type (
	MovePictures struct {
		IDs   []int
		Class string
	}
	TurnPictures struct {
		IDs      []int
		Quarters int
	}
)

// MaxClassName bounds the name of a class, in bytes, that MovePictures makes.
const MaxClassName = 200

// Cancel ends the order of a number as Stop does the newest, whether it is being
// carried out or waits. It has no answer.
type Cancel struct{ Order Number }

func (Ask) isCommand()          {}
func (Probe) isCommand()        {}
func (Map) isCommand()          {}
func (Cancel) isCommand()       {}
func (MovePictures) isCommand() {}
func (TurnPictures) isCommand() {}

func (Asked) isEvent()     {}
func (Probed) isEvent()    {}
func (Mapped) isEvent()    {}
func (Examining) isEvent() {}
