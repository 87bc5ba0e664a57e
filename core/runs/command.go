package runs

import (
	"slices"
	"strings"
)

// separators are what separates the parts of a path, here or on the machine that
// a run comes from.
const separators = `/\`

// Shown writes the run's command for others to read: of a path it shows the last
// part, for the rest says only how somebody's disk is laid out.
func (s *Spec) Shown() string {
	shown := []string{"quarterturn"}
	for _, arg := range s.Command {
		flag, value := "", arg
		name, after, given := strings.Cut(arg, "=")
		if given && strings.HasPrefix(name, "-") && !strings.ContainsAny(name, separators) {
			flag, value = name+"=", after
		}
		shown = append(shown, flag+shownValue(value))
	}
	return strings.Join(shown, " ")
}

// shownValue shortens the paths in a value: it is one, or names a backend, whose
// configuration may have several.
func shownValue(value string) string {
	kind, config, given := strings.Cut(value, ":")
	if !given || !slices.Contains([]string{"engine", "go", "xla"}, kind) {
		return lastPart(value)
	}
	options := strings.Split(config, ",")
	for i, option := range options {
		name, of, given := strings.Cut(option, "=")
		if given && !strings.ContainsAny(name, separators) {
			options[i] = name + "=" + lastPart(of)
		} else {
			options[i] = lastPart(option)
		}
	}
	return kind + ":" + strings.Join(options, ",")
}

// lastPart returns what is behind the last separator of a path but those at its
// end; what is no path it returns as it is.
func lastPart(path string) string {
	path = strings.TrimRight(path, separators)
	return path[strings.LastIndexAny(path, separators)+1:]
}

// Quoted writes arguments so that a shell takes them for what they are.
func Quoted(args []string) string {
	var words []string
	for _, arg := range args {
		if arg == "" || strings.ContainsAny(arg, " \t\n'\"\\$`*?[](){}<>|&;#~!") {
			arg = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
		}
		words = append(words, arg)
	}
	return strings.Join(words, " ")
}
