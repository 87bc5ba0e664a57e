//go:build !amd64

package kernel

const tileColumns = 8

func (t *tileProduct) run()  { t.runReference() }
func (t *tileGradient) run() { t.runReference() }
