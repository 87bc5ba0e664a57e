package term

import (
	"fmt"

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
	PrintRows(t, rows)
	for _, rule := range table.Rules() {
		fmt.Fprintln(t.Out, printable.Text(rule))
	}
}
