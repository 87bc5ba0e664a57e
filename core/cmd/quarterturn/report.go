package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/durable"
	"quarterturn/core/internal/printable"
	"quarterturn/core/report"
	"quarterturn/core/study"
	"quarterturn/core/verdict"
)

const reportHelp = `report RUN... [--out FILE] [--json]

Makes a report of runs wherever they were made, without their pictures: of folders
of finetune and pretrain, of whole comparisons, and of projects. Runs that differ by seed and
labels alone are taken together. Prints the table and the verdict, and writes one
self-contained HTML file.`

// reportRuns is the command report.
func reportRuns(_ context.Context, t *term.Terminal, args []string) error {
	flags := newFlags(t, "report", reportHelp)
	out := flags.String("out", "report.html", "`file` to write")
	asJSON := flags.Bool("json", false, "print the table as JSON")
	folders, err := parseMixed(flags, args)
	if err != nil {
		return err
	}
	if len(folders) == 0 {
		return usageError{errors.New("report: name the folders of runs, or of a comparison")}
	}
	disk, folders, err := withProjects(t, folders)
	if err != nil {
		return err
	}
	return tell(t, study.Collect(disk, folders), *out, *asJSON)
}

// conclude tells what an experiment came to.
func (c *comparison) conclude() error {
	return tell(c.terminal, study.Collect(c.Disk, []string{c.Folder}), c.reportPath(), c.asJSON)
}

func (c *comparison) reportPath() string { return filepath.Join(c.Folder, "report.html") }

// tell prints the table and writes the report.
func tell(t *term.Terminal, e *study.Evidence, path string, asJSON bool) error {
	for _, note := range e.Notes {
		fmt.Fprintln(t.Err, printable.Lines(note))
	}
	if len(e.Records)+len(e.Pretext) == 0 {
		return errors.New("there is no run to report on")
	}
	table := e.Table()
	if err := writeReport(t.Disk, report.Of(e, table), path); err != nil {
		return err
	}
	if asJSON {
		return printFindings(t, e, table)
	}
	term.PrintAccuracies(t, table)
	for _, c := range e.Findings(table) {
		fmt.Fprintln(t.Out, printable.Text(c.Verdict()))
	}
	fmt.Fprintf(t.Err, "drawn in %s\n", path)
	return nil
}

// writeReport writes the page.
func writeReport(disk durable.Files, page *report.Page, path string) error {
	var b bytes.Buffer
	if err := page.Write(&b); err != nil {
		return err
	}
	if err := durable.Replace(disk, path, b.Bytes()); err != nil {
		return fmt.Errorf("writing the report %s: %w", path, err)
	}
	return nil
}

func printFindings(t *term.Terminal, e *study.Evidence, table *verdict.Table) error {
	verdicts := []string{}
	for _, c := range e.Findings(table) {
		verdicts = append(verdicts, c.Verdict())
	}
	return json.NewEncoder(t.Out).Encode(struct {
		*verdict.Table
		Verdicts []string `json:"verdicts"`
		Notes    []string `json:"notes"`
	}{table, verdicts, e.Notes})
}
