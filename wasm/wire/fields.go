package wire

import "quarterturn/core/run"

// Tags are never reused: a number that was given up stays unused.
var events = []message[run.Event]{
	entry[run.Event](1, func(c *codec, m *run.Ready) { c.string(&m.Backend) }),
	entry[run.Event](2, (*codec).picturesChanged),
	entry[run.Event](3, (*codec).importing),
	entry[run.Event](4, func(c *codec, m *run.PicturesPacked) { c.bytes(&m.Blob) }),
	entry[run.Event](5, (*codec).modelChanged),
	entry[run.Event](6, (*codec).predicted),
	entry[run.Event](7, (*codec).scored),
	entry[run.Event](8, func(c *codec, m *run.PhaseChanged) { text(c, &m.Phase) }),
	entry[run.Event](9, (*codec).started),
	entry[run.Event](10, (*codec).progress),
	entry[run.Event](11, (*codec).evaluated),
	entry[run.Event](12, (*codec).modelSaved),
	entry[run.Event](13, (*codec).benched),
	entry[run.Event](14, func(c *codec, m *run.Failed) { c.string(&m.Reason) }),
	entry[run.Event](15, func(*codec, *run.Done) {}),
	entry[run.Event](16, (*codec).asked),
	entry[run.Event](17, (*codec).probed),
	entry[run.Event](18, (*codec).mapped),
	entry[run.Event](19, func(c *codec, m *run.ArchiveListed) { c.int(&m.Files) }),
	entry[run.Event](20, func(c *codec, m *run.PicturesDecoded) { c.bytes(&m.Blob) }),
}

var commands = []message[run.Command]{
	entry[run.Command](1, (*codec).addPictures),
	entry[run.Command](2, (*codec).openPictures),
	entry[run.Command](3, func(c *codec, m *run.RemovePictures) { c.ints(&m.IDs) }),
	entry[run.Command](4, func(*codec, *run.PackPictures) {}),
	entry[run.Command](5, func(c *codec, m *run.UnpackPictures) { c.bytes(&m.Blob) }),
	entry[run.Command](6, (*codec).loadModel),
	entry[run.Command](7, func(c *codec, m *run.Predict) { c.int(&m.ID) }),
	entry[run.Command](8, func(*codec, *run.Score) {}),
	entry[run.Command](9, func(c *codec, m *run.Start) { c.config(&m.Config) }),
	entry[run.Command](10, func(*codec, *run.Pause) {}),
	entry[run.Command](11, func(*codec, *run.Resume) {}),
	entry[run.Command](12, func(*codec, *run.Stop) {}),
	entry[run.Command](13, func(*codec, *run.Save) {}),
	entry[run.Command](14, (*codec).bench),
	entry[run.Command](15, (*codec).ask),
	entry[run.Command](16, (*codec).probe),
	entry[run.Command](17, (*codec).mapping),
	entry[run.Command](18, func(c *codec, m *run.ListArchive) { c.source(&m.Source) }),
	entry[run.Command](19, (*codec).decodePictures),
	entry[run.Command](20, func(c *codec, m *run.TakePictures) { c.bytes(&m.Blob) }),
}

func (c *codec) network(m *run.Network) {
	c.ints(&m.Blocks)
	c.int(&m.Width)
	c.int(&m.Hidden)
}

func (c *codec) config(m *run.Config) {
	text(c, &m.Task)
	c.network(&m.Network)
	c.int(&m.Side)
	c.int(&m.Epochs)
	c.int(&m.BatchSize)
	c.float64(&m.LearningRate)
	c.float64(&m.Momentum)
	c.float64(&m.WeightDecay)
	text(c, &m.Schedule)
	c.float64(&m.WarmupEpochs)
	c.int(&m.LabelsPerClass)
	c.int(&m.FirstStage)
	c.int(&m.ScaledCrop)
	c.int(&m.PadCrop)
	c.bool(&m.Flip)
	c.uint64(&m.Seed)
	c.int(&m.CentralCrop)
	c.bool(&m.OneTurn)
	c.float64(&m.LabelSmoothing)
	c.float64(&m.AverageDecay)
	c.float64(&m.StageDecay)
	c.int(&m.EvaluateEvery)
	c.int(&m.FreshStage)
	c.bool(&m.CarryOver)
}

func (c *codec) thumb(m *run.Thumb) {
	c.int(&m.ID)
	c.string(&m.Name)
	c.int(&m.Class)
	c.bool(&m.Test)
	c.int(&m.Side)
	c.bytes(&m.Pixels)
}

// thumbBytes is the least a thumb takes: three integers, a truth value and two
// counts.
const thumbBytes = 3*8 + 1 + 2*4

func (c *codec) problem(m *run.Problem) {
	c.string(&m.File)
	c.string(&m.Reason)
}

func (c *codec) picturesChanged(m *run.PicturesChanged) {
	c.string(&m.Set)
	c.bool(&m.Replaced)
	c.strings(&m.Classes)
	list(c, &m.Added, thumbBytes, (*codec).thumb)
	c.ints(&m.Removed)
	list(c, &m.Problems, 8, (*codec).problem)
}

func (c *codec) importing(m *run.Importing) {
	c.string(&m.File)
	c.int(&m.Done)
	c.int(&m.All)
}

func (c *codec) modelChanged(m *run.ModelChanged) {
	c.string(&m.Name)
	text(c, &m.Task)
	c.network(&m.Network)
	c.int(&m.Side)
	c.strings(&m.Classes)
	c.float64(&m.Accuracy)
	c.string(&m.Note)
	c.string(&m.SHA256)
	c.card(&m.Card)
}

func (c *codec) card(m *run.Card) {
	c.string(&m.Data)
	c.string(&m.Command)
	c.uint64(&m.Seed)
	c.string(&m.Licence)
	c.int(&m.Parameters)
	list(c, &m.Scores, 4+4*8, func(c *codec, s *run.CardScore) {
		c.string(&s.Pictures)
		c.int(&s.Examples)
		c.share(&s.Right)
	})
	c.string(&m.Probe.Pictures)
	c.int(&m.Probe.Train)
	c.int(&m.Probe.Test)
	c.int(&m.Probe.Neighbours)
	c.float64(&m.Probe.Chance)
	list(c, &m.Probe.Stages, 4+6*8, func(c *codec, s *run.CardStage) {
		c.string(&s.Stage)
		c.share(&s.Neighbours)
		c.share(&s.Linear)
	})
}

func (c *codec) share(s *run.Share) {
	c.float64(&s.Accuracy)
	c.float64(&s.Low)
	c.float64(&s.High)
}

func (c *codec) guess(m *run.Guess) {
	values := []float32(*m)
	list(c, &values, 4, (*codec).float32)
	*m = values
}

func (c *codec) predicted(m *run.Predicted) {
	c.int(&m.ID)
	for k := range m.Turns {
		c.guess(&m.Turns[k])
	}
	c.duration(&m.Took)
}

func (c *codec) scored(m *run.Scored) {
	c.int(&m.Seen)
	c.int(&m.Right)
	c.int(&m.All)
	c.float64(&m.StandardError)
}

func (c *codec) started(m *run.Started) {
	c.config(&m.Config)
	c.int(&m.StepsPerEpoch)
	c.int(&m.Steps)
	c.int(&m.TrainExamples)
	c.int(&m.TestExamples)
	c.int(&m.Parameters)
}

func (c *codec) progress(m *run.Progress) {
	c.int(&m.Step)
	c.float64(&m.Epoch)
	c.float64(&m.Loss)
	c.float64(&m.Accuracy)
	c.float64(&m.LearningRate)
	c.float64(&m.ImagesPerSecond)
	c.duration(&m.Remaining)
}

func (c *codec) evaluated(m *run.Evaluated) {
	c.int(&m.Epoch)
	c.int(&m.Step)
	c.float64(&m.TrainLoss)
	c.float64(&m.TrainAccuracy)
	c.float64(&m.Loss)
	c.float64(&m.Accuracy)
	c.int(&m.Examples)
	c.duration(&m.Elapsed)
	c.float64(&m.StandardError)
	c.float64(&m.LearningRate)
	c.duration(&m.Training)
	c.float64(&m.ImagesPerSecond)
}

func (c *codec) modelSaved(m *run.ModelSaved) {
	c.string(&m.Name)
	c.string(&m.SHA256)
	c.bytes(&m.Blob)
}

func (c *codec) benched(m *run.Benched) {
	c.int(&m.Depth)
	c.int(&m.Width)
	c.int(&m.Batch)
	c.string(&m.Phase)
	c.float64(&m.ImagesPerSecond)
	c.float64(&m.GFLOPS)
	c.float64(&m.PeakGFLOPS)
}

func (c *codec) file(m *run.File) {
	c.string(&m.Path)
	c.bytes(&m.Bytes)
}

func (c *codec) addPictures(m *run.AddPictures) {
	c.string(&m.Set)
	c.bool(&m.Replace)
	list(c, &m.Files, 8, (*codec).file)
}

func (c *codec) source(m *run.Source) {
	c.string(&m.Path)
	integer(c, &m.Bytes)
	c.int(&m.Key)
}

func (c *codec) decodePictures(m *run.DecodePictures) {
	list(c, &m.Sources, 4+8+8, (*codec).source)
	c.int(&m.From)
	c.int(&m.To)
	c.int(&m.PreviewSide)
}

func (c *codec) openPictures(m *run.OpenPictures) {
	c.string(&m.Set)
	list(c, &m.Files, 8, (*codec).file)
}

func (c *codec) loadModel(m *run.LoadModel) {
	c.string(&m.Name)
	c.bytes(&m.Blob)
}

func (c *codec) bench(m *run.Bench) {
	c.int(&m.Depth)
	c.int(&m.Width)
	c.int(&m.Batch)
	c.int(&m.Steps)
}
