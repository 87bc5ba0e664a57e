package printable

import "testing"

func TestText(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", ""},
		{`C:\cats\'1'.png`, `C:\cats\'1'.png`},
		{"Katze 猫 é 🐱", "Katze 猫 é 🐱"},
		{"bad\x1b[2J.png", `bad\x1b[2J.png`},
		{"line\nend\r\a\x00\x7f", `line\nend\r\a\x00\x7f`},
		{"\u009b2J", `\u009b2J`},           // The escape sequence's one-character form.
		{"\x9b2J", `\x9b2J`},               // The same as a byte.
		{"\u202egnp.exe", `\u202egnp.exe`}, // Written from right to left.
		{"\ufffd", "\ufffd"},
	}
	for _, tt := range tests {
		if got := Text(tt.text); got != tt.want {
			t.Errorf("Text(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
	if got := Lines("one\ntwo\x1b"); got != "one\ntwo\\x1b" {
		t.Errorf("Lines gives %q", got)
	}
}
