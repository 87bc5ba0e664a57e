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
	place func(*Config) Value
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

// Want says what a value of the kind is.
func (k Kind) Want() string {
	return [...]string{
		Whole: "a whole number, such as 10", Decimal: "a number, such as 0.05", Truth: "true or false", Choice: "a name",
		List: "numbers between commas, such as 2,2,2,2", Seed: "a whole number from 0 up, such as 1",
	}[k]
}

// A bound is the most that a setting may be, given the others.
type bound struct {
	of    func(*Config) float64 // Nil for none.
	words string                // For a list of flags, where others decide it.
}

func atMost(most float64) bound { return bound{of: func(*Config) float64 { return most }} }

// Value returns the place of the setting in c.
func (s *Setting) Value(c *Config) Value { return s.place(c) }

// Text returns the setting's value in c.
func (s *Setting) Text(c Config) string { return s.place(&c).String() }

// Default returns the value that the setting has for a task, see package run's
// Default.
func (s *Setting) Default(task Task) string { return s.Text(Default(task)) }

// Set reads the setting from text into c. Its error names the setting.
func (s *Setting) Set(c *Config, text string) error {
	err := s.place(c).Set(text)
	switch {
	case err == nil:
		return nil
	case strings.TrimSpace(text) == "":
		return fault.Errorf("run", "%s is empty, %w", s.Label, err)
	}
	return fault.Errorf("run", "%s is %q, %w", s.Label, text, err)
}

// MattersTo reports whether the setting makes a difference to a task.
func (s *Setting) MattersTo(task Task) bool { return s.Tasks == nil || slices.Contains(s.Tasks, task) }

// Range returns the least and the most that a number may be, given the rest of c.
// ok is false for what has no range.
func (s *Setting) Range(c Config) (least, most float64, ok bool) {
	if s.most.of == nil {
		return 0, 0, false
	}
	return s.least, s.most.of(&c), true
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
	case s.most.of != nil:
		text += ", " + between(s.least, s.most.of(&Config{}))
	}
	if s.Zero != "" {
		text += "; 0 for " + s.Zero
	}
	return text
}

// check returns an error if the value in c cannot be.
func (s *Setting) check(c *Config) error {
	value := s.place(c)
	switch v := value.(type) {
	case *word:
		if !slices.Contains(s.Choices, string(*v)) {
			return fault.Errorf("run", "%s is %q, want %s", s.Label, *v, inWords(s.Choices))
		}
	case *whole:
		return s.inRange(c, float64(*v))
	case *decimal:
		return s.inRange(c, float64(*v))
	case *list:
		return c.Network.validateBlocks()
	}
	return nil
}

func (s *Setting) inRange(c *Config, value float64) error {
	most := s.most.of(c)
	if value >= s.least && value <= most { // Also refuses NaN.
		return nil
	}
	want := between(s.least, most)
	if s.Unit != "" {
		want += " " + s.Unit
	}
	return fault.Errorf("run", "%s is %s, want %s", s.Label, number(value), want)
}

// between says a range in words.
func between(least, most float64) string {
	if most >= math.MaxInt32 {
		return number(least) + " or more"
	}
	return number(least) + " to " + number(most)
}

func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// inWords lists what may be chosen: "a, b or c".
func inWords(choices []string) string {
	last := len(choices) - 1
	if last < 1 {
		return strings.Join(choices, "")
	}
	return strings.Join(choices[:last], ", ") + " or " + choices[last]
}

// Find returns the setting of a name. Its error suggests the one that may have
// been meant.
func Find(name string) (*Setting, error) {
	var names []string
	for i := range table {
		if table[i].Name == name {
			return &table[i], nil
		}
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
		if text := s.Text(c); s.Field != "" && s.MattersTo(c.Task) && !(s.Rare && isNone(text)) {
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
