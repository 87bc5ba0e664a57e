package run

import (
	"slices"
	"strconv"
	"strings"
)

// Text returns the setting's value in c.
func (s *Setting) Text(c *Config) string {
	switch v := s.place(c).(type) {
	case *int:
		return strconv.Itoa(*v)
	case *uint64:
		return strconv.FormatUint(*v, 10)
	case *float64:
		return strconv.FormatFloat(*v, 'g', -1, 64)
	case *bool:
		return strconv.FormatBool(*v)
	case *string:
		return *v
	case *[]int:
		return listText(*v)
	case *Network:
		if depth := v.Depth(); len(v.Blocks) > 0 && slices.Equal(depths[depth], v.Blocks) {
			return strconv.Itoa(depth)
		}
	}
	return "" // A network that has no name.
}

func listText(list []int) string {
	var b []byte
	for i, n := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(n), 10)
	}
	return string(b)
}

// Set reads the setting from text into c. It takes what is of the right kind; whether
// it is in range is for Validate to say, when the settings that the range hangs on are
// known. Its error names the setting and what is wanted, and leaves c as it was.
func (s *Setting) Set(c *Config, text string) error {
	text = strings.TrimSpace(text)
	if s.set(c, text) {
		return nil
	}
	if text == "" {
		return s.wrong("empty", "")
	}
	return s.wrong(strconv.Quote(text), "")
}

// set reports whether text is of the right kind.
func (s *Setting) set(c *Config, text string) bool {
	var err error
	switch v := s.place(c).(type) {
	case *int:
		var n int
		if n, err = strconv.Atoi(text); err == nil {
			*v = n
		}
	case *uint64:
		var n uint64
		if n, err = strconv.ParseUint(text, 10, 64); err == nil {
			*v = n
		}
	case *float64:
		var x float64
		if x, err = strconv.ParseFloat(text, 64); err == nil {
			*v = x
		}
	case *bool:
		*v = text == "true" || text == "1"
		return *v || text == "false" || text == "0"
	case *string:
		*v = text
	case *[]int:
		var list []int
		if list, err = parseList(text); err == nil {
			*v = list
		}
	case *Network:
		depth, _ := strconv.Atoi(text) // 0 has no blocks either.
		blocks, ok := depths[depth]
		if ok {
			v.Blocks = slices.Clone(blocks)
		}
		return ok
	}
	return err == nil
}

// parseList reads numbers between commas.
func parseList(text string) ([]int, error) {
	var list []int
	for more := true; more; {
		var field string
		field, text, more = strings.Cut(text, ",")
		n, err := strconv.Atoi(strings.TrimSpace(field))
		if err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, nil
}
