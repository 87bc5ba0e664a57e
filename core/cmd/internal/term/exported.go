package term

import (
	"fmt"
	"slices"
	"strings"

	"quarterturn/core/checkpoint"
	"quarterturn/core/internal/printable"
	"quarterturn/core/onnx"
)

// PrintExport says what was written and how to call it.
func PrintExport(t *Terminal, out string, m *checkpoint.Model, o onnx.Options, bytes int) error {
	input, outputs := onnx.Values(m, o)
	fmt.Fprintf(t.Out, "%s: %v, ONNX opset %d, %.1f MB\n", printable.Text(out), m.Config.Network, onnx.Opset, float64(bytes)/1e6)
	fmt.Fprintf(t.Out, "  input   %v: %s\n", input, input.Doc)
	for _, v := range outputs {
		fmt.Fprintf(t.Out, "  output  %v: %s\n", v, v.Doc)
	}
	if m.Crop != 0 && m.Crop != m.Side {
		fmt.Fprintf(t.Out, "  it learnt to look at the central %d of %d pixels, scaled back: crop pictures so before\n", m.Crop, m.Side)
	}
	if len(m.Classes) == 0 {
		return nil
	}
	const listed = 10
	names := slices.Clone(m.Classes)
	if more := len(names) - listed; more > 0 {
		names = append(names[:listed], fmt.Sprintf("and %d more", more))
	}
	_, err := fmt.Fprintf(t.Out, "  logits are of %s\n", printable.Text(strings.Join(names, ", ")))
	return err
}
