package run

import (
	"strings"

	"quarterturn/core/fault"
)

// MaxLink bounds the bytes of a link's settings. All of them need some 500.
const MaxLink = 2048

// Link writes the settings of c that differ from the defaults of its task as the
// query of a link, such as "task=scratch&epochs=20&rate=0.1". The names are those of
// Settings, and no character needs an escape there.
func (c Config) Link() string {
	usual := Default(c.Task)
	parts := []string{"task=" + string(c.Task)}
	for i := range table {
		s := &table[i]
		if s.Field == "" || s.Name == "task" {
			continue
		}
		if text := s.Text(&c); text != s.Text(&usual) {
			parts = append(parts, s.Name+"="+text)
		}
	}
	return strings.Join(parts, "&")
}

// ParseLink reads what Link wrote, or somebody by hand: what it leaves out is as
// Default has it for its task, or for the given one where it names none. The Config
// that it returns is valid. Errors name the setting that is wrong.
func ParseLink(text string, task Task) (Config, error) {
	given, err := splitLink(text)
	if err != nil {
		return Config{}, err
	}
	if name, ok := given["task"]; ok {
		task = Task(name)
	}
	c := Default(task)
	for i := range table { // In its order, so that --blocks is over --depth here too.
		if value, ok := given[table[i].Name]; ok {
			if err := table[i].Set(&c, value); err != nil {
				return Config{}, err
			}
		}
	}
	c = c.WithNetwork(c.Network)
	if err := c.Validate(); err != nil {
		return Config{}, err
	}
	return c, nil
}

// splitLink returns the values of a query by the names of their settings.
func splitLink(text string) (map[string]string, error) {
	if len(text) > MaxLink {
		return nil, fault.Errorf("run", "a link's settings have %d letters, want at most %d", len(text), MaxLink)
	}
	given := map[string]string{}
	for part := range strings.SplitSeq(text, "&") {
		if part == "" {
			continue
		}
		name, escaped, _ := strings.Cut(part, "=")
		s, err := Find(name)
		if err != nil {
			return nil, err
		}
		if _, ok := given[name]; ok {
			return nil, fault.Errorf("run", "%s is there twice", s.Label)
		}
		if given[name], err = unescape(escaped); err != nil {
			return nil, fault.Errorf("run", "%s is %q, %w", s.Label, escaped, err)
		}
	}
	return given, nil
}

// unescape replaces %2C and the like, by which some programs write commas in links.
// Package net/url would do, which nothing else in the page needs.
func unescape(text string) (string, error) {
	var b []byte
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			b = append(b, text[i])
			continue
		}
		if i+2 >= len(text) {
			return "", errEscape
		}
		high, low := digit(text[i+1]), digit(text[i+2])
		if high < 0 || low < 0 {
			return "", errEscape
		}
		b = append(b, byte(high<<4|low))
		i += 2
	}
	return string(b), nil
}

var errEscape = fault.New("run", "want two hexadecimal digits behind %")

// digit returns the value of a hexadecimal digit, or -1.
func digit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}
