package run

// A run may be computed by several workers together (package collective): all are given
// the same pictures, model, Start and Stop, and the first one, rank 0, everything else.
// It alone reports what happens in the run, and the others end with it.

// MaxWorkers is how many workers a run has at most.
const MaxWorkers = 8

// examplesPerWorker is what a worker has at least of a batch: a step of ResNet-8 has some
// 20 meetings of all workers, however little there is to compute between them. 32 each
// are known to pay; from how few on they do was not measured.
const examplesPerWorker = 8

// Workers returns how many workers a run gains from, of so many that may be idle, if an
// epoch has so many examples. One that trains on features of frozen parts, which are
// computed once, is over before others are started.
func (c Config) Workers(examples, idle int) int {
	still := !c.Flip && c.PadCrop == 0 && c.ScaledCrop == 0
	if c.FirstStage > 0 && still {
		return 1
	}
	return max(1, min(idle, min(c.BatchSize, examples)/examplesPerWorker, MaxWorkers))
}

// ForAllWorkers reports whether all workers of a run are given a command, and not the
// first alone.
func ForAllWorkers(c Command) bool {
	switch c.(type) {
	case UnpackPictures, LoadModel, Start, Stop, Bench:
		return true
	}
	return false
}
