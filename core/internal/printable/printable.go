// Package printable writes text of others, such as a name in an archive, a class of
// a checkpoint or a path, so that whoever reads it sees what it is.
package printable

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Text writes text so that it cannot move a terminal's cursor, clear its screen or
// turn the direction of reading, as HTML could too: what strconv.IsPrint refuses stands as an escape. Other
// text is left as it is.
func Text(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1: // Not UTF-8: some terminals take such bytes as commands.
			quoted := strconv.Quote(text[:1])
			b.WriteString(quoted[1 : len(quoted)-1])
		case strconv.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
		text = text[size:]
	}
	return b.String()
}

// Lines is Text for text whose line ends are ours.
func Lines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = Text(line)
	}
	return strings.Join(lines, "\n")
}
