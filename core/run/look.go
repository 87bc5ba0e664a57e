package run

// Look asks what a network, a safetensors file, makes of one picture of the collection:
// what it believes, what each of its parts leaves of the picture, and which places spoke
// for an answer.
type Look struct {
	Model     []byte
	Untrained bool // The same network with random weights in its place.
	Seed      uint64
	ID        int
	Quarters  int // By which the picture is turned, counter-clockwise.
	Answer    int // That is to be explained; ItsGuess for what the network takes it for.
}

// ItsGuess is the answer that a network gives.
const ItsGuess = -1

// Looked answers Look at once, and Explained as soon as it is computed.
type Looked struct {
	ID, Quarters int
	Task         Task
	Classes      []string  // That the network tells apart; of a pretext network the turns.
	Belief       []float32 // [Classes]
	Side         int
	Pixels       []byte    // [Side, Side, 3], as the network is shown the picture.
	KernelSide   int       // Of the stem's kernels,
	Kernels      []float32 // [KernelSide, KernelSide, 3, Channels of the stem]
	Parts        []PartMaps
}

// PartMaps are what a part of a network leaves of a picture: a map for each channel.
type PartMaps struct {
	Name           string // Such as "stage 2".
	Side, Channels int
	Most           float32 // What 255 stands for.
	Values         []byte  // [Channels, Side, Side]
}

// Explained says which places spoke for an answer.
type Explained struct {
	Answer    int
	Stage     string    // Whose maps Grad-CAM is of.
	CAMSide   int       // Of those.
	CAM       []float32 // [CAMSide, CAMSide], 0 or more, in the answer's logits.
	Occlusion []float32 // [Side, Side], by how much the belief falls where a grey patch lies, -1 to 1.
}

// MaxLook bounds the values that Looked has of maps: ResNet-34 of width 64 has 215,000.
const MaxLook = 1 << 22

func (Look) isCommand() {}

func (Looked) isEvent()    {}
func (Explained) isEvent() {}
