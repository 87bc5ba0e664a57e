package wire

import (
	"quarterturn/core/packed"
	"quarterturn/core/run"
)

func (c *codec) ask(m *run.Ask) {
	c.Blob(&m.Model)
	packed.Text(&c.Codec, &m.Of)
}

func (c *codec) asked(m *run.Asked) {
	packed.Text(&c.Codec, &m.Task)
	packed.Text(&c.Codec, &m.Of)
	c.Strings(&m.Classes)
	c.Int(&m.Turns)
	c.Ints(&m.IDs)
	c.Int32s(&m.Labels)
	c.Int32s(&m.Guesses)
	c.Float32s(&m.Sure)
	c.Float32s(&m.True)
}

func (c *codec) probe(m *run.Probe) {
	c.Blob(&m.Model)
	c.Bool(&m.Untrained)
	c.Int(&m.LabelsPerClass)
	c.Int(&m.Neighbours)
	c.Uint64(&m.Seed)
}

func (c *codec) probed(m *run.Probed) {
	c.Bool(&m.Untrained)
	c.Int(&m.Train)
	c.Int(&m.Test)
	c.Float64(&m.Chance)
	packed.List(c, &m.Stages, 4+8+6*8, func(c *codec, s *run.ProbedStage) {
		c.String(&s.Name)
		c.Int(&s.Features)
		c.share(&s.Neighbours)
		c.share(&s.Linear)
	})
}

func (c *codec) mapping(m *run.Map) {
	c.Blob(&m.Model)
	c.Int(&m.Pictures)
	c.Int(&m.Stage)
	c.Uint64(&m.Seed)
	c.Float32s(&m.Warm)
	c.Ints(&m.WarmIDs)
	c.Bool(&m.Untrained)
}

func (c *codec) mapped(m *run.Mapped) {
	c.Bool(&m.TSNE)
	c.Int(&m.Iteration)
	c.Int(&m.Iterations)
	c.Int(&m.Stage)
	c.Ints(&m.IDs)
	c.Float32s(&m.Points)
	c.Float64(&m.Purity)
	c.Float64(&m.Silhouette)
	c.Float64(&m.FeaturePurity)
	c.Float64(&m.FeatureSilhouette)
	c.Float64(&m.ChancePurity)
	c.Bool(&m.Final)
}

func (c *codec) examining(m *run.Examining) {
	c.String(&m.Doing)
	c.Int(&m.Done)
	c.Int(&m.All)
}

func (c *codec) change(m *run.Change) {
	c.Int(&m.ID)
	c.Int(&m.Class)
	c.Int(&m.Quarters)
}
