package run

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"quarterturn/core/fault"
)

// A Setting is one thing that a Config decides: under which name people write it,
// what it may be and what it means. Settings returns the table of all.
type Setting struct {
	Name    string   // On the command line, in links and in files that people write, such as "rate".
	Field   string   // In Config and its JSON, such as "LearningRate" or "Network.Width"; empty for a shorthand of another setting.
	Label   string   // In sentences, such as "learning rate".
	Unit    string   // Of its number, in the plural, such as "pixels"; empty where the label says it.
	Help    string   // What it decides, for a list of flags: the word in back quotes stands for its value.
	Hint    string   // The same for somebody who meets the word in the page's form; empty where the form does not ask.
	Kind    Kind     // What its value is.
	Choices []string // Of a Choice.
	Zero    string   // What 0 stands for, such as "all"; empty where it is a number like others.
	Rare    bool     // Few runs have it: Describe leaves out what is 0 or false.
	Tasks   []Task   // Those that it makes a difference to; nil for all.

	least float64
	most  bound

	// Where it is in a Config: an *int, *uint64, *float64, *bool, *string or *[]int,
	// or for the depth, which sets the blocks, a *Network.
	place func(*Config) any
}

// A Kind is what the value of a setting is.
type Kind int

// The kinds of values.
const (
	Whole Kind = iota
	Decimal
	Truth
	Choice
	List
	Seed
)

// A bound is the most that a setting may be: a number, or what others decide.
type bound struct {
	number float64
	of     func(*Config) float64 // Instead.
	words  string                // What of is, for a list of flags.
}

// Default returns the value that the setting has for a task, see package run's
// Default.
func (s *Setting) Default(task Task) string {
	c := Default(task)
	return s.Text(&c)
}

// Want says what a value of the setting's kind is.
func (s *Setting) Want() string {
	if s.Kind == Choice {
		return inWords(s.Choices)
	}
	return wants[s.Kind]
}

var wants = [...]string{
	Whole: "a whole number, such as 10", Decimal: "a number, such as 0.05", Truth: "true or false",
	List: "numbers between commas, such as 2,2,2,2", Seed: "a whole number from 0 up, such as 1",
}

// wrong returns the error that the setting is something else than it may be, which
// "" leaves to Want.
func (s *Setting) wrong(is, want string) error {
	if want == "" {
		want = s.Want()
	}
	return fault.Errorf("run", "%s is %s, want %s", s.Label, is, want)
}

// MattersTo reports whether the setting makes a difference to a task.
func (s *Setting) MattersTo(task Task) bool { return s.Tasks == nil || slices.Contains(s.Tasks, task) }

// Range returns the least and the most that a number may be, given the rest of c.
// ok is false for what has no range.
func (s *Setting) Range(c *Config) (least, most float64, ok bool) {
	if s.most.of != nil {
		return s.least, s.most.of(c), true
	}
	return s.least, s.most.number, s.most.number != 0
}

// Bounds returns the range as text for a form, "" where there is no bound that
// anybody would meet.
func (s *Setting) Bounds(c *Config) (least, most string) {
	low, high, ok := s.Range(c)
	if ok || s.Kind == Seed {
		least = number(low)
	}
	if ok && high < math.MaxInt32 {
		most = number(high)
	}
	return least, most
}

// Usage returns what a list of flags says of the setting: its help, what it may be
// and what 0 stands for.
func (s *Setting) Usage() string {
	text := s.Help
	switch {
	case s.Kind == Choice:
		text += ": " + inWords(s.Choices)
	case s.most.words != "":
		text += ", " + number(s.least) + " to " + s.most.words
	case s.most.number != 0:
		text += ", " + between(s.least, s.most.number)
	}
	if s.Zero != "" {
		text += "; 0 for " + s.Zero
	}
	return text
}

// check returns an error if the value in c cannot be.
func (s *Setting) check(c *Config) error {
	var value float64
	switch v := s.place(c).(type) {
	case *string:
		if !slices.Contains(s.Choices, *v) {
			return s.wrong(strconv.Quote(*v), "")
		}
	case *[]int:
		return c.Network.validateBlocks()
	case *int:
		value = float64(*v)
	case *float64:
		value = *v
	}
	least, most, ok := s.Range(c)
	if !ok || value >= least && value <= most { // Also refuses NaN.
		return nil
	}
	return s.wrong(number(value), strings.TrimSpace(between(least, most)+" "+s.Unit))
}

// between says a range in words.
func between(least, most float64) string {
	end := " or more"
	if most < math.MaxInt32 {
		end = " to " + number(most)
	}
	return number(least) + end
}

func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// inWords lists what may be chosen: "a, b or c".
func inWords(choices []string) (text string) {
	for i, choice := range choices {
		switch i {
		case 0:
		case len(choices) - 1:
			text += " or "
		default:
			text += ", "
		}
		text += choice
	}
	return text
}

// Lookup returns the setting of a name, or nil.
func Lookup(name string) *Setting {
	for i := range table {
		if table[i].Name == name {
			return &table[i]
		}
	}
	return nil
}

// Find returns the setting of a name that somebody wrote. Its error suggests the one
// that may have been meant.
func Find(name string) (*Setting, error) {
	if s := Lookup(name); s != nil {
		return s, nil
	}
	var names []string
	for i := range table {
		names = append(names, table[i].Name)
	}
	if near := Nearest(name, names); near != "" {
		return nil, fault.Errorf("run", "there is no setting %q: is it %q?", name, near)
	}
	return nil, fault.Errorf("run", "there is no setting %q", name)
}

// OfField returns the setting that a field of Config is, or nil. Case does not
// matter, as it does not to package encoding/json.
func OfField(field string) *Setting {
	for i := range table {
		if strings.EqualFold(table[i].Field, field) && field != "" {
			return &table[i]
		}
	}
	return nil
}

// A Described is a setting with its value in words, such as "28 pixels".
type Described struct {
	*Setting
	Words string
}

// Describe lists the settings of c that make a difference to its task, in the
// table's order, without the rare ones that are not used.
func Describe(c Config) (all []Described) {
	for i := range table {
		s := &table[i]
		if text := s.Text(&c); s.Field != "" && s.MattersTo(c.Task) && !(s.Rare && isNone(text)) {
			all = append(all, Described{s, s.inWords(text)})
		}
	}
	return all
}

func isNone(text string) bool { return text == "0" || text == "false" }

func (s *Setting) inWords(text string) string {
	switch {
	case text == "0" && s.Zero != "":
		return s.Zero
	case s.Kind == Truth:
		return map[string]string{"true": "yes", "false": "no"}[text]
	case s.Kind == List:
		return strings.ReplaceAll(text, ",", ", ")
	case s.Unit == "":
		return text
	case text == "1":
		return text + " " + strings.TrimSuffix(s.Unit, "s")
	}
	return text + " " + s.Unit
}
