package main

import (
	"flag"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"quarterturn/assets"
	"quarterturn/assets/pictures"
	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/cmd/internal/values"
	"quarterturn/core/dataset"
	"quarterturn/core/internal/printable"
	"quarterturn/core/measure"
	"quarterturn/core/project"
)

// dataFlags say which pictures to use.
type dataFlags struct {
	path  string
	test  string
	turns bool // Classes do not matter.

	testAlone bool // All of a source that has test pictures alone is for the test.
	how       reading
	holdOut   float64

	validation float64 // Of commands that learn.

	limit int

	run string // Folder of the run that goes on, whose pictures may be those of its project.
}

func (f *dataFlags) add(flags *flag.FlagSet) {
	flags.StringVar(&f.path, "data", pictures.Default,
		"`pictures`: a folder or archive (CIFAR-10's binary format, or a folder for each class), a project, or a built-in set: "+strings.Join(builtIn(), ", "))
	flags.StringVar(&f.test, "test", "", "test `pictures`, as for --data, in the place of those that --data has")
	f.holdOut = dataset.DefaultHoldOut
	flags.Var((*values.Share)(&f.holdOut), "hold-out", "`share` of each class kept as test pictures, where the data has none")
	f.how.add(flags)
	flags.Var((*values.Count)(&f.limit), "limit", "use only so many training `pictures`, chosen by the seed; 0 for all")
}

// builtIn lists the names of the sets that the program brings along.
func builtIn() (names []string) {
	for _, set := range pictures.Sets() {
		names = append(names, set.Name)
	}
	return names
}

// open reads the pictures and tells what could not be used.
func (f *dataFlags) open(t *term.Terminal, side int, seed uint64) (*dataset.Set, error) {
	if f.path == project.OwnPictures {
		return f.ownPictures(t, side)
	}
	options := dataset.Options{Side: side, HoldOut: holdOutOption(f.holdOut), Seed: seed, TestAlone: f.testAlone}
	if f.test != "" {
		options.HoldOut = -1
	}
	set, err := readSet(t, "--data", f.path, options, f.how)
	if err != nil {
		return nil, err
	}
	if f.test != "" {
		if err := f.replaceTest(t, set); err != nil {
			return nil, err
		}
	}
	if set.Validation == nil {
		set.HoldOutValidation(f.validation, seed)
	}
	if f.limit > 0 && f.limit < set.Train.Len() {
		chosen := dataset.Order(seed, 0, set.Train.Len())[:f.limit]
		slices.Sort(chosen)
		set.Train = set.Train.Subset(chosen)
	}
	return set, nil
}

// replaceTest takes the test pictures from --test: those that it calls so, or all
// where it does not divide them.
func (f *dataFlags) replaceTest(t *term.Terminal, set *dataset.Set) error {
	other, err := readSet(t, "--test", f.test, dataset.Options{Side: set.Train.Side, HoldOut: -1}, f.how)
	if err != nil {
		return err
	}
	test := other.Test
	if test.Len() == 0 {
		test = other.Train
	}
	if !f.turns {
		if test, err = measure.Named(test, set.Train.Classes, nil); err != nil {
			return fmt.Errorf("--test %s: its classes are not those of --data: %w. Rename its folders", f.test, err)
		}
	}
	set.Test = test
	return nil
}

// sayBudget says where fewer labels are there than were asked for.
func sayBudget(t *term.Terminal, set *dataset.Set, labels int) {
	if largest := dataset.LargestClass(set.Train.Labels); labels > largest {
		fmt.Fprintf(t.Err, "%d labels a class were asked for, and no class has more than %d: all are used\n", labels, largest)
	}
}

// inWords lists classes, of many the first few.
func inWords(classes []string) string {
	const shown = 10
	if len(classes) == 0 {
		return "none"
	}
	text := printable.Text(strings.Join(classes[:min(shown, len(classes))], ", "))
	if len(classes) > shown {
		text += fmt.Sprintf(" and %d more", len(classes)-shown)
	}
	return text
}

// readSet reads the pictures that a flag names and tells what could not be used.
func readSet(t *term.Terminal, flag, path string, options dataset.Options, how reading) (*dataset.Set, error) {
	set, err := read(t, flag, path, options, how.cache)
	if err != nil {
		return nil, err
	}
	const shown = 10
	for i, p := range set.Problems {
		if i == shown {
			fmt.Fprintf(t.Err, "problems not shown: %d\n", len(set.Problems)-shown)
			break
		}
		fmt.Fprintf(t.Err, "%s: %s\n", printable.Text(p.File), printable.Text(p.Reason))
	}
	for _, notice := range set.Notices {
		fmt.Fprintln(t.Err, printable.Text(notice))
	}
	return set, how.check(flag, path, set)
}

// gcWhileReading is the garbage collector's percentage while pictures are read: 100,000
// small ones take a third more than their pixels, instead of as much again.
const gcWhileReading = 20

// manyPixels are so many bytes that the percentage stays: as much garbage as pixels would
// lie about while a run learns.
const manyPixels = 64 << 20

func read(t *term.Terminal, flag, path string, options dataset.Options, cache string) (*dataset.Set, error) {
	if isProject(t.Disk, path) {
		return readPictures(t, flag, path, options.Side)
	}
	if slices.Contains(builtIn(), path) {
		sheets, err := assets.Pictures(path)
		if err != nil {
			return nil, err
		}
		if got := sheets.Set.Train.Side; got != options.Side {
			return nil, usageError{fmt.Errorf("the built-in pictures need side %d, and this is %d: pictures of your own, given with --data, take any side", got, options.Side)}
		}
		return sheets.Set, nil
	}
	// A decoder's garbage is many times the pixels that stay.
	before := debug.SetGCPercent(gcWhileReading)
	set, err := openKept(t, cache, path, options)
	if err != nil || len(set.Train.Pixels)+len(set.Test.Pixels) < manyPixels {
		debug.SetGCPercent(before)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return set, nil
}

// holdOutOption translates a share: dataset takes 0 for its default and a
// negative one for none.
func holdOutOption(share float64) float64 {
	if share == 0 {
		return -1
	}
	return share
}
