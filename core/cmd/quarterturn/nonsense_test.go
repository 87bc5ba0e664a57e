package main

import "testing"

// TestNonsenseIsRefused: numbers that nothing could be done with are mistakes of the
// flag, said before anything is opened.
func TestNonsenseIsRefused(t *testing.T) {
	for _, args := range [][]string{
		{"pretrain", "--hold-out", "7"}, {"finetune", "--hold-out", "-3"}, {"eval", "--hold-out", "NaN"}, {"pretrain", "--limit", "-1"}, {"pretrain", "--keep", "-5"},
		{"finetune", "--labels-per-class", "many"},
	} {
		if code, _, said := call(t, args...); code != 2 {
			t.Errorf("%v: exit code %d, %s", args, code, said)
		}
	}
}
