package strict

import "testing"

func TestJSON(t *testing.T) {
	for text, ok := range map[string]bool{
		`{"A": 1}`:         true,
		"{\"A\": 1}\n":     true,
		`{"A": 1, "B": 2}`: false,
		`{"A": 1} 2`:       false,
		`{"A": 1}}`:        false,
		`{"A": "x"}`:       false,
		``:                 false,
	} {
		var into struct{ A int }
		if err := JSON([]byte(text), &into); (err == nil) != ok || ok && into.A != 1 {
			t.Errorf("JSON(%q) = %v, %+v", text, err, into)
		}
	}
}
