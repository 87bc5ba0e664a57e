package term

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"quarterturn/core/internal/printable"
)

// PrintRows writes a table of text whose columns are as wide as their widest cell. All rows
// have as many cells as the first; there is at least one.
func PrintRows(t *Terminal, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, text := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(text))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, text := range row {
			line.WriteString(text + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text)+2))
		}
		fmt.Fprintln(t.Out, printable.Text(strings.TrimRight(line.String(), " ")))
	}
}
