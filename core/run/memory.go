package run

// What a run takes of a worker's memory, as measured in Chromium 156 with the built-in
// photographs (wasm/browser, BenchmarkMemory): 63 MiB for ResNet-8 of width 16 at batch
// 32, 112 for ResNet-18 of that width, and 818 of width 64. The collector's slack is in
// these numbers, and a tenth to be on the safe side.
const (
	idleBytes       = 32 << 20 // The program and its graphs.
	stepCopies      = 3.5      // Of the activations of a step.
	evaluatedAtOnce = 64       // Examples,
	evaluatedLayers = 4        // and layers that are there at a time.
	weightCopies    = 14       // Weights, velocities, gradients, and the copies while they are kept.
	averageCopies   = 5        // Besides, where the run keeps averages.
	pictureCopies   = 4        // As they came, as they are trained on, and slack.
)

// MemoryBytes estimates how many bytes of a worker's memory a run on so many pictures
// takes, training and test pictures together. It is above the truth by a tenth, and at
// most by half.
func (c Config) MemoryBytes(pictures, classes int) int {
	all, largest := c.activations()
	step := stepCopies * float64(c.BatchSize) * float64(all)
	evaluation := evaluatedAtOnce * evaluatedLayers * float64(largest)
	weights := weightCopies
	if c.AverageDecay > 0 {
		weights += averageCopies
	}
	numbers := max(step, evaluation) + float64(weights*c.Network.parameters(classes)) + float64(c.keptFeatures(pictures))
	return idleBytes + int(4*numbers) + pictureCopies*pictures*c.Side*c.Side*3
}

// activations returns how many numbers the convolutions leave of one picture in all, and
// at most.
func (c Config) activations() (all, largest int) {
	for _, l := range c.Network.Convolutions() {
		side := (c.Side + l.Reduction - 1) / l.Reduction
		all += side * side * l.Out
		largest = max(largest, side*side*l.Out)
	}
	return all, largest
}

// keptFeatures returns how many numbers a run keeps of its pictures whose lower parts
// stay and which are not varied.
func (c Config) keptFeatures(pictures int) int {
	part := c.FirstStage - 1
	if part < 0 || part >= len(c.Network.Blocks) || c.Flip || c.PadCrop > 0 || c.ScaledCrop > 0 {
		return 0
	}
	side := c.Side
	for range part - 1 {
		side = (side + 1) / 2
	}
	const most = 1 << 28 // More is computed at each step.
	if n := pictures * side * side * c.Network.Channels(part); n <= most {
		return n
	}
	return 0
}

// parameters returns how many numbers the network consists of.
func (n Network) parameters(classes int) (total int) {
	for _, l := range n.Convolutions() {
		total += l.Kernel*l.Kernel*l.In*l.Out + 4*l.Out // And those of the normalization behind it.
	}
	for _, d := range n.Head(classes) {
		total += (d.In + 1) * d.Out
	}
	return total
}

// Within returns c with the largest batch and then the largest width that takes at most
// so many bytes, halving each, or false where none does.
func (c Config) Within(bytes, pictures, classes int) (Config, bool) {
	const leastBatch, leastWidth = 16, 4
	for c.MemoryBytes(pictures, classes) > bytes {
		switch {
		case c.BatchSize >= 2*leastBatch && c.BatchSize%8 == 0: // A multiple of 4, for pretext runs.
			c.BatchSize /= 2
		case c.Network.Width >= 2*leastWidth:
			c.Network.Width /= 2
		default:
			return c, false
		}
	}
	return c, true
}
