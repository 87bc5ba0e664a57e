package wire

import (
	"quarterturn/core/packed"
	"quarterturn/core/run"
)

func (c *codec) exportProject(m *run.ExportProject) {
	c.String(&m.MadeBy)
	c.Blob(&m.Book)
	c.blobs(&m.Runs)
	c.blobs(&m.Networks)
}

func (c *codec) projectExported(m *run.ProjectExported) {
	c.Blob(&m.Blob)
	c.Strings(&m.Problems)
}

func (c *codec) importProject(m *run.ImportProject) {
	packed.List(c, &m.Files, 8, (*codec).file)
	c.Int(&m.First)
	c.Bool(&m.Pictures)
}

func (c *codec) projectImported(m *run.ProjectImported) {
	c.String(&m.MadeBy)
	c.Blob(&m.Book)
	c.blobs(&m.Runs)
	c.Strings(&m.Problems)
}

func (c *codec) blobs(m *[][]byte) {
	packed.List(c, m, 4, func(c *codec, b *[]byte) { c.Blob(b) })
}
