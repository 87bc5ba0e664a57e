package wire

import "quarterturn/core/run"

func (c *codec) ask(m *run.Ask) {
	c.bytes(&m.Model)
	text(c, &m.Of)
}

func (c *codec) asked(m *run.Asked) {
	text(c, &m.Task)
	text(c, &m.Of)
	c.strings(&m.Classes)
	c.int(&m.Turns)
	c.ints(&m.IDs)
	c.int32s(&m.Labels)
	c.int32s(&m.Guesses)
	c.float32s(&m.Sure)
	c.float32s(&m.True)
}

func (c *codec) probe(m *run.Probe) {
	c.bytes(&m.Model)
	c.bool(&m.Untrained)
	c.int(&m.LabelsPerClass)
	c.int(&m.Neighbours)
	c.uint64(&m.Seed)
}

func (c *codec) probed(m *run.Probed) {
	c.bool(&m.Untrained)
	c.int(&m.Train)
	c.int(&m.Test)
	c.float64(&m.Chance)
	list(c, &m.Stages, 4+8+6*8, func(c *codec, s *run.ProbedStage) {
		c.string(&s.Name)
		c.int(&s.Features)
		c.share(&s.Neighbours)
		c.share(&s.Linear)
	})
}

func (c *codec) mapping(m *run.Map) {
	c.bytes(&m.Model)
	c.int(&m.Pictures)
	c.int(&m.Stage)
	c.uint64(&m.Seed)
	c.float32s(&m.Warm)
	c.ints(&m.WarmIDs)
	c.bool(&m.Untrained)
}

func (c *codec) mapped(m *run.Mapped) {
	c.bool(&m.TSNE)
	c.int(&m.Iteration)
	c.int(&m.Iterations)
	c.int(&m.Stage)
	c.ints(&m.IDs)
	c.float32s(&m.Points)
	c.float64(&m.Purity)
	c.float64(&m.Silhouette)
	c.float64(&m.FeaturePurity)
	c.float64(&m.FeatureSilhouette)
	c.float64(&m.ChancePurity)
	c.bool(&m.Final)
}

func (c *codec) examining(m *run.Examining) {
	c.string(&m.Doing)
	c.int(&m.Done)
	c.int(&m.All)
}
