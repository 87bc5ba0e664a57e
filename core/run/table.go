package run

import "math"

// Settings returns the table of what a Config decides. Validate, the flags, the
// page's form, the files that people write, links and reports are made from it. A
// setting stands behind those that its range hangs on.
func Settings() []*Setting {
	all := make([]*Setting, len(table))
	for i := range table {
		all[i] = &table[i]
	}
	return all
}

var table = []Setting{
	{
		Name: "task", Field: "Task", Label: "task", Kind: Choice, Choices: []string{string(Pretext), string(Transfer), string(Scratch)},
		Help:  "`task` that is learnt",
		place: func(c *Config) any { return (*string)(&c.Task) },
	},
	{
		Name: "depth", Label: "network", Kind: Choice, Choices: []string{"8", "10", "14", "18", "20", "34"},
		Help:  "weighted layers of the `network`",
		Hint:  "Layers with weights. Deeper is slower.",
		place: func(c *Config) any { return &c.Network },
	},
	{
		Name: "blocks", Field: "Network.Blocks", Label: "blocks of the stages", Kind: List,
		Help:  "`blocks` of each stage, such as 2,2,2,2, instead of --depth",
		place: func(c *Config) any { return &c.Network.Blocks },
	},
	{
		Name: "width", Field: "Network.Width", Label: "width", Unit: "channels", least: 1, most: bound{number: MaxWidth},
		Help:  "`channels` of the first stage",
		Hint:  "Channels of the first stage. Twice as many, four times as slow.",
		place: func(c *Config) any { return &c.Network.Width },
	},
	{
		Name: "hidden", Field: "Network.Hidden", Label: "hidden layer", Unit: "units", most: bound{number: MaxHidden}, Zero: "none", Rare: true,
		Help:  "`units` of a hidden layer before the head",
		place: func(c *Config) any { return &c.Network.Hidden },
	},
	{
		Name: "side", Field: "Side", Label: "picture side", Unit: "pixels", least: 8, most: bound{number: MaxSide},
		Help:  "side of the network's input in `pixels`",
		place: func(c *Config) any { return &c.Side },
	},
	{
		Name: "epochs", Field: "Epochs", Label: "epochs", least: 1, most: bound{number: MaxEpochs},
		Help:  "`passes` over the training pictures",
		Hint:  "How often it sees every picture.",
		place: func(c *Config) any { return &c.Epochs },
	},
	{
		Name: "labels-per-class", Field: "LabelsPerClass", Label: "labels per class", most: bound{number: math.MaxInt32}, Zero: "all", Tasks: naming,
		Help:  "labelled `pictures` used of each class",
		Hint:  "Named pictures it may use; 0 is all. Few show what transfer is worth.",
		place: func(c *Config) any { return &c.LabelsPerClass },
	},
	{
		Name: "batch", Field: "BatchSize", Label: "batch", Unit: "examples", least: 2, most: bound{number: MaxBatch}, // Batch normalization has no variance of one example.
		Help:  "`examples` of a step; in pretraining a picture in its four turns is four",
		Hint:  "Pictures of one step. More are steadier and slower.",
		place: func(c *Config) any { return &c.BatchSize },
	},
	{
		Name: "rate", Field: "LearningRate", Label: "learning rate", Kind: Decimal, most: bound{number: 100},
		Help:  "highest learning `rate`",
		Hint:  "Size of a step. Too large and it diverges.",
		place: func(c *Config) any { return &c.LearningRate },
	},
	{
		Name: "schedule", Field: "Schedule", Label: "schedule", Kind: Choice, Choices: []string{string(Cosine), string(OneCycle), string(Step), string(Constant)},
		Help:  "`course` of the learning rate",
		place: func(c *Config) any { return (*string)(&c.Schedule) },
	},
	{
		Name: "warmup", Field: "WarmupEpochs", Label: "warm-up", Unit: "epochs", Kind: Decimal,
		most:  bound{of: func(c *Config) float64 { return float64(c.Epochs) }, words: "all of them"},
		Help:  "`epochs` over which the rate rises to --rate",
		place: func(c *Config) any { return &c.WarmupEpochs },
	},
	{
		Name: "momentum", Field: "Momentum", Label: "momentum", Kind: Decimal, most: bound{number: 0.9999},
		Help:  "Nesterov `momentum`",
		place: func(c *Config) any { return &c.Momentum },
	},
	{
		Name: "weight-decay", Field: "WeightDecay", Label: "weight decay", Kind: Decimal, most: bound{number: 1},
		Help:  "weight `decay` of convolutions and the head",
		place: func(c *Config) any { return &c.WeightDecay },
	},
	{
		Name: "first-stage", Field: "FirstStage", Label: "first stage", Zero: "none", Rare: true, Tasks: naming,
		most:  bound{of: ofStages, words: "the one behind the last or -1 (the head alone)"},
		Help:  "freeze the stem and the stages below this `stage`",
		Hint:  "What a transfer leaves as it was learnt.",
		place: func(c *Config) any { return &c.FirstStage },
	},
	{
		Name: "fresh-stage", Field: "FreshStage", Label: "fresh stage", Zero: "none, which takes all from the checkpoint", Rare: true, Tasks: []Task{Transfer},
		most:  bound{of: ofStages, words: "the one behind the last"},
		Help:  "start stages from this `stage` on from random weights",
		place: func(c *Config) any { return &c.FreshStage },
	},
	{
		Name: "stage-decay", Field: "StageDecay", Label: "stage decay", Kind: Decimal, most: bound{number: 1}, Zero: "the same rate", Rare: true, Tasks: naming,
		Help:  "`factor` by which the rate falls from each part to the one below, such as 0.5",
		place: func(c *Config) any { return &c.StageDecay },
	},
	{
		Name: "scaled-crop", Field: "ScaledCrop", Label: "scaled crop", Unit: "pixels", most: ofSide, Zero: "none", Rare: true,
		Help:  "side in `pixels` of a random crop that is scaled back, and of the central one in evaluations",
		place: func(c *Config) any { return &c.ScaledCrop },
	},
	{
		Name: "central-crop", Field: "CentralCrop", Label: "central crop", Unit: "pixels", most: ofSide, Zero: "none", Rare: true, Tasks: naming,
		Help:  "side in `pixels` of a central crop that is scaled back, of all pictures, instead of a random one",
		place: func(c *Config) any { return &c.CentralCrop },
	},
	{
		Name: "pad-crop", Field: "PadCrop", Label: "padded crop", Unit: "pixels", Zero: "none", Rare: true,
		most:  bound{of: func(c *Config) float64 { return float64(c.Side / 2) }, words: "half of --side"},
		Help:  "random shift by up to so many `pixels`",
		place: func(c *Config) any { return &c.PadCrop },
	},
	{
		Name: "flip", Field: "Flip", Label: "mirroring", Kind: Truth,
		Help:  "mirror half of the pictures",
		place: func(c *Config) any { return &c.Flip },
	},
	{
		Name: "one-turn", Field: "OneTurn", Label: "one turn an epoch", Kind: Truth, Rare: true, Tasks: []Task{Pretext},
		Help:  "show each picture in one turn drawn anew each epoch, not in all four",
		place: func(c *Config) any { return &c.OneTurn },
	},
	{
		Name: "label-smoothing", Field: "LabelSmoothing", Label: "label smoothing", Kind: Decimal, most: bound{number: 0.99}, Zero: "none", Rare: true,
		Help:  "`share` of each label that is spread over all classes",
		place: func(c *Config) any { return &c.LabelSmoothing },
	},
	{
		Name: "average", Field: "AverageDecay", Label: "average's decay", Kind: Decimal, most: bound{number: 0.999999}, Zero: "none", Rare: true,
		Help:  "`decay` of the moving average of the weights that is evaluated and kept, such as 0.999",
		place: func(c *Config) any { return &c.AverageDecay },
	},
	{
		Name: "evaluate-every", Field: "EvaluateEvery", Label: "epochs between evaluations", most: bound{number: MaxEpochs}, Zero: "1", Rare: true,
		Help:  "`epochs` from one evaluation and checkpoint to the next, for many short ones",
		place: func(c *Config) any { return &c.EvaluateEvery },
	},
	{
		Name: "carry-over", Field: "CarryOver", Label: "carry pictures over", Kind: Truth, Rare: true,
		Help:  "begin an epoch, which is the whole batches that its pictures fill, with those that filled none before, so that all are seen equally often",
		place: func(c *Config) any { return &c.CarryOver },
	},
	{
		Name: "seed", Field: "Seed", Label: "seed", Kind: Seed,
		Help:  "`seed` of weights, order and variations",
		Hint:  "Another number, another run of chance.",
		place: func(c *Config) any { return &c.Seed },
	},
}

// The tasks that name what is in a picture.
var naming = []Task{Transfer, Scratch}

// Ranges that several settings have.
var ofSide = bound{of: func(c *Config) float64 { return float64(c.Side) }, words: "--side"}

func ofStages(c *Config) float64 { return float64(len(c.Network.Blocks) + 1) }
