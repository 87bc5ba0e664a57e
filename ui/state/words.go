package state

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Percent writes a fraction, 0 to 1, as a percentage with that many decimals.
func Percent(fraction float64, decimals int) string {
	if math.IsNaN(fraction) {
		return "–"
	}
	return strconv.FormatFloat(100*fraction, 'f', decimals, 64) + " %"
}

// Decimal writes a number with that many decimals.
func Decimal(v float64, decimals int) string {
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

// Count writes a number of things with the noun in the right number: "1 picture",
// "1,200 pictures". The plural is the noun with an s.
func Count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return Grouped(n) + " " + noun
}

// Grouped writes a number that is not negative with commas between thousands.
func Grouped(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Span writes a duration in the two largest units that matter: "12 s", "3 min 20 s",
// "2 h 5 min".
func Span(d time.Duration) string {
	seconds := int(d.Round(time.Second) / time.Second)
	switch {
	case seconds < 1:
		return "less than 1 s"
	case seconds < 60:
		return strconv.Itoa(seconds) + " s"
	case seconds < 600:
		return join(seconds/60, "min", seconds%60, "s")
	case seconds < 3600:
		return strconv.Itoa((seconds+30)/60) + " min"
	}
	return join(seconds/3600, "h", seconds%3600/60, "min")
}

func join(large int, largeUnit string, small int, smallUnit string) string {
	text := strconv.Itoa(large) + " " + largeUnit
	if small > 0 {
		text += " " + strconv.Itoa(small) + " " + smallUnit
	}
	return text
}

// InBytes writes a size in kB, MB or GB.
func InBytes(bytes int) string {
	if bytes < 100_000 {
		return Decimal(float64(bytes)/1e3, 0) + " kB"
	}
	if bytes < 1_000_000_000 {
		return Decimal(float64(bytes)/1e6, 1) + " MB"
	}
	return Decimal(float64(bytes)/1e9, 1) + " GB"
}

// Sentence turns a reason, as fault.Reason returns it, into a sentence with a
// capital and a full stop.
func Sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	text = Capital(text)
	if !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "!") && !strings.HasSuffix(text, "?") {
		text += "."
	}
	return text
}

// Capital returns text with a capital at its beginning.
func Capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return text
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// Readable turns a class's name, which is a folder's name as a rule, into words.
func Readable(class string) string {
	return strings.TrimSpace(strings.NewReplacer("_", " ", "-", " ").Replace(class))
}
