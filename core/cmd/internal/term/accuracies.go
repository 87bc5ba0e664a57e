package term

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"quarterturn/core/internal/printable"
	"quarterturn/core/verdict"
)

// PrintAccuracies writes a row for each budget and a column for each arm.
func PrintAccuracies(t *Terminal, table *verdict.Table) {
	if len(table.Cells) == 0 {
		return
	}
	rows := [][]string{append([]string{"labels a class"}, table.Arms...)}
	for _, labels := range table.Labels {
		row := []string{verdict.ShortBudget(labels)}
		for _, arm := range table.Arms {
			row = append(row, table.Cell(arm, labels).String())
		}
		rows = append(rows, row)
	}
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
	for _, rule := range table.Rules() {
		fmt.Fprintln(t.Out, printable.Text(rule))
	}
}
