package wire

import "quarterturn/core/run"

func (c *codec) keep(m *run.Keep) {
	c.String(&m.Name)
	c.Blob(&m.Blob)
}

func (c *codec) recalled(m *run.Recalled) {
	c.String(&m.Name)
	c.Blob(&m.Blob)
}

func (c *codec) storing(m *run.Storing) {
	c.String(&m.Kind)
	c.Bool(&m.Forgets)
	c.Int(&m.Used)
	c.Int(&m.Room)
}
