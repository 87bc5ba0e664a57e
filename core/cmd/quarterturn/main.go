// Quarterturn trains and tries residual networks that learn by guessing how far a
// picture was turned.
//
// Results go to standard output and progress to standard error. It exits with 0,
// 1 after an error, 2 when it was called wrongly, 3 when a training diverged, and
// 130 or 143 when a signal ended it, after the step in progress was finished and
// saved.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"quarterturn/core/cmd/internal/backends"
	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/durable"
	"quarterturn/core/fault"
	"quarterturn/core/internal/printable"
	"quarterturn/core/run"
	"quarterturn/core/train"
)

// A command is one of the program's verbs.
type command struct {
	name, summary string
	run           func(ctx context.Context, t *term.Terminal, args []string) error
}

var commands = []command{
	{"pretrain", "learn to guess quarter turns from pictures without labels", pretrain},
	{"finetune", "learn to name pictures, from a checkpoint or from scratch", finetune},
	{"compare", "run an experiment: ways to train, label budgets and seeds, with intervals and a verdict", compare},
	{"report", "make a report of runs, wherever they were made", reportRuns},
	{"project", "look into a project file of the page, unpack it, or make one of runs", projectFile},
	{"predict", "tell by how much pictures are turned, or what is in them", predict},
	{"eval", "measure a model on a set of pictures", evaluate},
	{"probe", "measure what each stage of a model knows, without training it", probe},
	{"embed", "lay pictures out in the plane by what models make of them", embedPictures},
	{"export", "write a model for ONNX Runtime and other tools", export},
	{"record", "make a recording of a run for the page to go through", record},
	{"shrink", "write a model for the page, half as large and with a card of what it can do", shrink},
	{"bench", "measure images per second of training and predicting", bench},
}

func main() {
	ctx, interrupted := term.UntilSignal()
	t := &term.Terminal{Out: term.Pipe(os.Stdout), Err: term.Pipe(os.Stderr), Bars: term.IsScreen(os.Stderr), Disk: durable.Disk{}}
	code := exitCode(t, dispatch(ctx, t, os.Args[1:]))
	if s := interrupted(); s != 0 && code != 2 {
		code = 128 + int(s)
	}
	os.Exit(code)
}

// dispatch runs the command that args name.
func dispatch(ctx context.Context, t *term.Terminal, args []string) error {
	if len(args) == 0 {
		usage(t.Err)
		return usageError{errors.New("name a command")}
	}
	name, args := args[0], args[1:]
	switch name {
	case "help", "-h", "-help", "--help":
		if len(args) == 0 {
			usage(t.Out)
			return nil
		}
		name, args = args[0], []string{"--help"}
	}
	var names []string
	for _, c := range commands {
		if c.name == name {
			return c.run(ctx, t, args)
		}
		names = append(names, c.name)
	}
	if near := run.Nearest(name, names); near != "" {
		return usageError{fmt.Errorf("there is no command %q: is it %s? quarterturn help lists them", name, near)}
	}
	return usageError{fmt.Errorf("there is no command %q; quarterturn help lists them", name)}
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "Quarterturn learns to see by guessing how far a picture was turned.")
	fmt.Fprint(w, "\nUsage: quarterturn COMMAND [FLAGS]\n\nCommands:\n")
	for _, c := range commands {
		fmt.Fprintf(w, "  %-9s %s\n", c.name, c.summary)
	}
	fmt.Fprint(w, "\nquarterturn COMMAND --help lists a command's flags.\n")
}

// A usageError is the caller's mistake.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// newFlags returns a command's flag set, whose help is text and then the flags.
func newFlags(t *term.Terminal, name, text string) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // Errors are printed once, by exitCode.
	flags.Usage = func() {
		fmt.Fprintf(t.Out, "Usage: quarterturn %s\n", strings.TrimSpace(text))
		printGroups(t.Out, flags)
	}
	return flags
}

// parse reads args and refuses positional arguments beyond most. All flags are
// listed only where that was asked for: a mistake would be lost above them.
func parse(flags *flag.FlagSet, args []string, most int) error {
	help := flags.Usage
	flags.Usage = func() {} // The package would call it after a mistake, too.
	err := flags.Parse(args)
	flags.Usage = help
	if errors.Is(err, flag.ErrHelp) {
		help()
		return err
	}
	if err != nil {
		if near := nearestFlag(flags, err); near != "" {
			return usageError{fmt.Errorf("%s: %w: is it --%s? See quarterturn %s --help", flags.Name(), err, near, flags.Name())}
		}
		return usageError{fmt.Errorf("%s: %w; see quarterturn %s --help", flags.Name(), err, flags.Name())}
	}
	if flags.NArg() > most {
		return usageError{fmt.Errorf("%s: unexpected argument %q", flags.Name(), flags.Arg(most))}
	}
	return nil
}

// exitCode prints an error in one line and returns the program's exit code.
func exitCode(t *term.Terminal, err error) int {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, context.Canceled): // The command said what it saved.
		return 1
	}
	fmt.Fprintf(t.Err, "quarterturn: %s\n", printable.Lines(fault.Reason(err)))
	switch {
	case errors.As(err, new(usageError)), errors.As(err, new(backends.NameError)):
		return 2
	case errors.Is(err, train.ErrDiverged):
		return 3
	}
	return 1
}
