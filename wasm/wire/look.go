package wire

import (
	"quarterturn/core/packed"
	"quarterturn/core/run"
)

func (c *codec) look(m *run.Look) {
	c.Blob(&m.Model)
	c.Bool(&m.Untrained)
	c.Uint64(&m.Seed)
	c.Int(&m.ID)
	c.Int(&m.Quarters)
	c.Int(&m.Answer)
}

func (c *codec) looked(m *run.Looked) {
	c.Int(&m.ID)
	c.Int(&m.Quarters)
	packed.Text(&c.Codec, &m.Task)
	c.Strings(&m.Classes)
	c.Float32s(&m.Belief)
	c.Int(&m.Side)
	c.Blob(&m.Pixels)
	c.Int(&m.KernelSide)
	c.Float32s(&m.Kernels)
	packed.List(c, &m.Parts, partBytes, (*codec).partMaps)
}

// partBytes is the least the maps of a part take: two integers, a number and two counts.
const partBytes = 2*8 + 4 + 2*4

func (c *codec) partMaps(m *run.PartMaps) {
	c.String(&m.Name)
	c.Int(&m.Side)
	c.Int(&m.Channels)
	c.Float32(&m.Most)
	c.Blob(&m.Values)
}

func (c *codec) explained(m *run.Explained) {
	c.Int(&m.Answer)
	c.String(&m.Stage)
	c.Int(&m.CAMSide)
	c.Float32s(&m.CAM)
	c.Float32s(&m.Occlusion)
}
