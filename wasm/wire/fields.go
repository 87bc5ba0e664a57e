package wire

import (
	"quarterturn/core/packed"
	"quarterturn/core/run"
)

// Tags are never reused: a number that was given up stays unused.
var events = []message[run.Event]{
	entry[run.Event](1, func(c *codec, m *run.Ready) { c.String(&m.Backend) }),
	entry[run.Event](2, (*codec).picturesChanged),
	entry[run.Event](3, (*codec).importing),
	entry[run.Event](4, func(c *codec, m *run.PicturesPacked) { c.Blob(&m.Blob) }),
	entry[run.Event](5, (*codec).modelChanged),
	entry[run.Event](6, (*codec).predicted),
	entry[run.Event](7, (*codec).scored),
	entry[run.Event](8, func(c *codec, m *run.PhaseChanged) { packed.Text(&c.Codec, &m.Phase) }),
	entry[run.Event](9, (*codec).started),
	entry[run.Event](10, (*codec).progress),
	entry[run.Event](11, (*codec).evaluated),
	entry[run.Event](12, (*codec).modelSaved),
	entry[run.Event](13, (*codec).benched),
	entry[run.Event](14, func(c *codec, m *run.Failed) { c.String(&m.Reason) }),
	entry[run.Event](15, func(*codec, *run.Done) {}),
	entry[run.Event](16, (*codec).asked),
	entry[run.Event](17, (*codec).probed),
	entry[run.Event](18, (*codec).mapped),
	entry[run.Event](20, (*codec).resumed),
	entry[run.Event](21, func(c *codec, m *run.Kept) { c.Int(&m.Step); c.Int(&m.Bytes) }),
	entry[run.Event](22, func(c *codec, m *run.Noticed) { c.String(&m.Text) }),
	entry[run.Event](24, (*codec).examining),
	entry[run.Event](30, func(c *codec, m *run.ArchiveListed) { c.Int(&m.Files) }),
	entry[run.Event](31, func(c *codec, m *run.PicturesDecoded) { c.Blob(&m.Blob) }),
	entry[run.Event](36, func(c *codec, m *run.ReportMade) { c.Blob(&m.HTML); c.Strings(&m.Problems) }),
	entry[run.Event](40, (*codec).recalled),
	entry[run.Event](41, (*codec).storing),
	entry[run.Event](50, (*codec).projectExported),
	entry[run.Event](51, (*codec).projectImported),
	entry[run.Event](60, (*codec).looked),
	entry[run.Event](61, (*codec).explained),
}

var commands = []message[run.Command]{
	entry[run.Command](1, (*codec).addPictures),
	entry[run.Command](2, (*codec).openPictures),
	entry[run.Command](3, func(c *codec, m *run.RemovePictures) { c.Ints(&m.IDs) }),
	entry[run.Command](4, func(*codec, *run.PackPictures) {}),
	entry[run.Command](5, func(c *codec, m *run.UnpackPictures) { c.Blob(&m.Blob) }),
	entry[run.Command](6, (*codec).loadModel),
	entry[run.Command](7, func(c *codec, m *run.Predict) { c.Int(&m.ID) }),
	entry[run.Command](8, func(*codec, *run.Score) {}),
	entry[run.Command](9, func(c *codec, m *run.Start) { c.config(&m.Config); c.String(&m.Key) }),
	entry[run.Command](10, func(*codec, *run.Pause) {}),
	entry[run.Command](11, func(*codec, *run.Resume) {}),
	entry[run.Command](12, func(*codec, *run.Stop) {}),
	entry[run.Command](13, func(*codec, *run.Save) {}),
	entry[run.Command](14, (*codec).bench),
	entry[run.Command](15, (*codec).ask),
	entry[run.Command](16, (*codec).probe),
	entry[run.Command](17, (*codec).mapping),
	entry[run.Command](20, func(*codec, *run.Flush) {}),
	entry[run.Command](21, func(*codec, *run.RestorePictures) {}),
	entry[run.Command](24, func(c *codec, m *run.Cancel) { c.number(&m.Order) }),
	entry[run.Command](25, func(c *codec, m *run.MovePictures) { c.Ints(&m.IDs); c.String(&m.Class) }),
	entry[run.Command](26, func(c *codec, m *run.TurnPictures) { c.Ints(&m.IDs); c.Int(&m.Quarters) }),
	entry[run.Command](30, func(c *codec, m *run.ListArchive) { c.source(&m.Source) }),
	entry[run.Command](31, (*codec).decodePictures),
	entry[run.Command](32, func(c *codec, m *run.TakePictures) { c.Blob(&m.Blob) }),
	entry[run.Command](36, (*codec).makeReport),
	entry[run.Command](40, (*codec).keep),
	entry[run.Command](41, func(c *codec, m *run.Recall) { c.String(&m.Name) }),
	entry[run.Command](42, func(c *codec, m *run.Forget) { c.String(&m.Key) }),
	entry[run.Command](43, func(*codec, *run.LookOn) {}),
	entry[run.Command](50, (*codec).exportProject),
	entry[run.Command](51, (*codec).importProject),
	entry[run.Command](60, (*codec).look),
}

func (c *codec) network(m *run.Network) {
	c.Ints(&m.Blocks)
	c.Int(&m.Width)
	c.Int(&m.Hidden)
}

func (c *codec) config(m *run.Config) {
	packed.Text(&c.Codec, &m.Task)
	c.network(&m.Network)
	c.Int(&m.Side)
	c.Int(&m.Epochs)
	c.Int(&m.BatchSize)
	c.Float64(&m.LearningRate)
	c.Float64(&m.Momentum)
	c.Float64(&m.WeightDecay)
	packed.Text(&c.Codec, &m.Schedule)
	c.Float64(&m.WarmupEpochs)
	c.Int(&m.LabelsPerClass)
	c.Int(&m.FirstStage)
	c.Int(&m.ScaledCrop)
	c.Int(&m.PadCrop)
	c.Bool(&m.Flip)
	c.Uint64(&m.Seed)
	c.Int(&m.CentralCrop)
	c.Bool(&m.OneTurn)
	c.Float64(&m.LabelSmoothing)
	c.Float64(&m.AverageDecay)
	c.Float64(&m.StageDecay)
	c.Int(&m.EvaluateEvery)
	c.Int(&m.FreshStage)
	c.Bool(&m.CarryOver)
}

func (c *codec) thumb(m *run.Thumb) {
	c.Int(&m.ID)
	c.String(&m.Name)
	c.Int(&m.Class)
	c.Bool(&m.Test)
	c.Int(&m.Side)
	c.Blob(&m.Pixels)
}

// thumbBytes is the least a thumb takes: three integers, a truth value and two
// counts.
const thumbBytes = 3*8 + 1 + 2*4

func (c *codec) problem(m *run.Problem) {
	c.String(&m.File)
	c.String(&m.Reason)
}

func (c *codec) picturesChanged(m *run.PicturesChanged) {
	c.String(&m.Set)
	c.Bool(&m.Replaced)
	c.Strings(&m.Classes)
	packed.List(c, &m.Added, thumbBytes, (*codec).thumb)
	c.Ints(&m.Removed)
	packed.List(c, &m.Changed, 3*8, (*codec).change)
	packed.List(c, &m.Problems, 8, (*codec).problem)
}

func (c *codec) importing(m *run.Importing) {
	c.String(&m.File)
	c.Int(&m.Done)
	c.Int(&m.All)
}

func (c *codec) modelChanged(m *run.ModelChanged) {
	c.String(&m.Name)
	packed.Text(&c.Codec, &m.Task)
	c.network(&m.Network)
	c.Int(&m.Side)
	c.Strings(&m.Classes)
	c.Float64(&m.Accuracy)
	c.String(&m.Note)
	c.String(&m.SHA256)
	c.card(&m.Card)
}

func (c *codec) card(m *run.Card) {
	c.String(&m.Data)
	c.String(&m.Command)
	c.Uint64(&m.Seed)
	c.String(&m.Licence)
	c.Int(&m.Parameters)
	packed.List(c, &m.Scores, 4+4*8, func(c *codec, s *run.CardScore) {
		c.String(&s.Pictures)
		c.Int(&s.Examples)
		c.share(&s.Right)
	})
	c.String(&m.Probe.Pictures)
	c.Int(&m.Probe.Train)
	c.Int(&m.Probe.Test)
	c.Int(&m.Probe.Neighbours)
	c.Float64(&m.Probe.Chance)
	packed.List(c, &m.Probe.Stages, 4+6*8, func(c *codec, s *run.CardStage) {
		c.String(&s.Stage)
		c.share(&s.Neighbours)
		c.share(&s.Linear)
	})
}

func (c *codec) share(s *run.Share) {
	c.Float64(&s.Accuracy)
	c.Float64(&s.Low)
	c.Float64(&s.High)
}

func (c *codec) guess(m *run.Guess) {
	values := []float32(*m)
	packed.List(c, &values, 4, (*codec).Float32)
	*m = values
}

func (c *codec) predicted(m *run.Predicted) {
	c.Int(&m.ID)
	for k := range m.Turns {
		c.guess(&m.Turns[k])
	}
	c.Duration(&m.Took)
}

func (c *codec) scored(m *run.Scored) {
	c.Int(&m.Seen)
	c.Int(&m.Right)
	c.Int(&m.All)
	c.Float64(&m.StandardError)
}

func (c *codec) started(m *run.Started) {
	c.config(&m.Config)
	c.Int(&m.StepsPerEpoch)
	c.Int(&m.Steps)
	c.Int(&m.TrainExamples)
	c.Int(&m.TestExamples)
	c.Int(&m.Parameters)
	c.String(&m.Pictures)
}

func (c *codec) resumed(m *run.Resumed) {
	c.Int(&m.Step)
	packed.List(c, &m.History, evaluatedBytes, (*codec).evaluated)
}

// evaluatedBytes is what an evaluation takes: twelve numbers.
const evaluatedBytes = 12 * 8

func (c *codec) progress(m *run.Progress) {
	c.Int(&m.Step)
	c.Float64(&m.Epoch)
	c.Float64(&m.Loss)
	c.Float64(&m.Accuracy)
	c.Float64(&m.LearningRate)
	c.Float64(&m.ImagesPerSecond)
	c.Duration(&m.Remaining)
}

func (c *codec) evaluated(m *run.Evaluated) {
	c.Int(&m.Epoch)
	c.Int(&m.Step)
	c.Float64(&m.TrainLoss)
	c.Float64(&m.TrainAccuracy)
	c.Float64(&m.Loss)
	c.Float64(&m.Accuracy)
	c.Int(&m.Examples)
	c.Duration(&m.Elapsed)
	c.Float64(&m.StandardError)
	c.Float64(&m.LearningRate)
	c.Duration(&m.Training)
	c.Float64(&m.ImagesPerSecond)
}

func (c *codec) modelSaved(m *run.ModelSaved) {
	c.String(&m.Name)
	c.String(&m.SHA256)
	c.Blob(&m.Blob)
}

func (c *codec) benched(m *run.Benched) {
	c.Int(&m.Depth)
	c.Int(&m.Width)
	c.Int(&m.Batch)
	c.String(&m.Phase)
	c.Float64(&m.ImagesPerSecond)
	c.Float64(&m.GFLOPS)
	c.Float64(&m.PeakGFLOPS)
}

func (c *codec) file(m *run.File) {
	c.String(&m.Path)
	c.Blob(&m.Bytes)
}

func (c *codec) addPictures(m *run.AddPictures) {
	c.String(&m.Set)
	c.Bool(&m.Replace)
	packed.List(c, &m.Files, 8, (*codec).file)
}

func (c *codec) source(m *run.Source) {
	c.String(&m.Path)
	packed.Integer(&c.Codec, &m.Bytes)
	c.Int(&m.Key)
}

func (c *codec) decodePictures(m *run.DecodePictures) {
	packed.List(c, &m.Sources, 4+8+8, (*codec).source)
	c.Int(&m.From)
	c.Int(&m.To)
	c.Int(&m.PreviewSide)
}

func (c *codec) openPictures(m *run.OpenPictures) {
	c.String(&m.Set)
	packed.List(c, &m.Files, 8, (*codec).file)
}

func (c *codec) loadModel(m *run.LoadModel) {
	c.String(&m.Name)
	c.Blob(&m.Blob)
}

func (c *codec) bench(m *run.Bench) {
	c.Int(&m.Depth)
	c.Int(&m.Width)
	c.Int(&m.Batch)
	c.Int(&m.Steps)
}

func (c *codec) makeReport(m *run.MakeReport) {
	c.String(&m.Note)
	packed.List(c, &m.Runs, 4, (*codec).Blob)
	packed.List(c, &m.Maps, drawnBytes, func(c *codec, d *run.Drawn) {
		c.String(&d.Title)
		c.Int(&d.Labels)
		c.mapped(&d.Mapped)
	})
}

// drawnBytes is the least a map takes: nine numbers, two truth values and three counts.
const drawnBytes = 9*8 + 2 + 3*4
