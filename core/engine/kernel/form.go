package kernel

import (
	"fmt"
	"strings"
)

// A Form says how a kernel goes about a shape, for those who read plans.
type Form struct {
	// Way is the same on every platform: what is read in place, copied or packed.
	Way string
	// Tiling is what the platform's registers make of it: the size of tiles
	// first, as in "6×16".
	Tiling string
}

var tileSize = fmt.Sprintf("%d×%d", tileRows, tileColumns)

// ForwardForm returns how Forward computes.
func (c Conv) ForwardForm() Form {
	w := c.forwardWindow()
	return w.form()
}

// InputGradientForm returns how InputGradient computes: of several phases, the
// first.
func (c Conv) InputGradientForm() Form {
	w := c.phase(0, 0)
	f := w.form()
	if n := c.StrideHeight * c.StrideWidth; n > 1 {
		f.Way = fmt.Sprintf("%d phases, %s", n, f.Way)
	}
	return f
}

// WeightGradientForm returns how WeightGradient computes. Whether windows are
// copied, and in how many groups it sums, is a matter of tiles.
func (c Conv) WeightGradientForm() Form {
	j := newGradientJob(c)
	parts := []string{tileSize}
	if j.narrow {
		parts = append(parts, "windows copied")
	}
	if j.packs() {
		parts = append(parts, "packed by block")
	}
	if j.groups > 1 {
		parts = append(parts, fmt.Sprintf("%d groups", j.groups))
	}
	return Form{Tiling: strings.Join(parts, ", ")}
}

// Form returns how Run computes.
func (m MatMul) Form() Form {
	w := m.window()
	f := w.form()
	if m.TransposeA {
		f.Way = "transposed first, " + f.Way
	}
	return f
}

// form returns how run goes about w.
func (w *window) form() Form {
	if w.empty() {
		return Form{Way: "nothing", Tiling: tileSize}
	}
	way := "bordered copy"
	if w.inside() {
		way = "in place"
	}
	if w.packedFloats() > 0 {
		way += ", packed"
	} else {
		way += ", packed by block"
	}
	return Form{Way: way, Tiling: tileSize}
}
