package fault

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"testing"
)

func TestReason(t *testing.T) {
	inner := Errorf("resnet", "width is %d", 0)
	tests := []struct {
		name         string
		err          error
		text, reason string
	}{
		{"none", nil, "<nil>", ""},
		{"constant", New("lab", "there is no model"), "lab: there is no model", "there is no model"},
		{"formatted", inner, "resnet: width is 0", "width is 0"},
		{"of another kind", io.ErrUnexpectedEOF, "unexpected EOF", "unexpected EOF"},
		{"fault in fault", Errorf("train", "building stage 1: %w", inner), "train: building stage 1: resnet: width is 0", "building stage 1: width is 0"},
		{"behind another kind", fmt.Errorf("run 3: %w", inner), "run 3: resnet: width is 0", "run 3: width is 0"},
		{"other kind in a fault", Errorf("dataset", "%w", &fs.PathError{Op: "open", Path: "a", Err: fs.ErrNotExist}), "dataset: open a: file does not exist", "open a: file does not exist"},
		{"joined", errors.Join(New("a", "x"), New("b", "y")), "a: x\nb: y", "x\ny"},
		{"joined, the same twice", errors.Join(New("a", "x"), New("a", "x")), "a: x\na: x", "x\nx"},
		{"two in one format", fmt.Errorf("%w, then %w", New("a", "x"), New("b", "y")), "a: x, then b: y", "x, then y"},
		{"two in another order", fmt.Errorf("%[2]w, then %[1]w", New("a", "x"), New("b", "y")), "b: y, then a: x", "b: y, then x"}, // Nothing is lost.
		{"empty", fmt.Errorf("%w", New("a", "")), "a: ", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := fmt.Sprint(tt.err); got != tt.text {
				t.Errorf("Error() = %q, want %q", got, tt.text)
			}
			if got := Reason(tt.err); got != tt.reason {
				t.Errorf("Reason(%q) = %q, want %q", tt.err, got, tt.reason)
			}
		})
	}
}

func TestIs(t *testing.T) {
	sentinel := New("train", "diverged")
	if err := Errorf("train", "step 3: %w", sentinel); !errors.Is(err, sentinel) {
		t.Errorf("%v is not %v", err, sentinel)
	}
}
