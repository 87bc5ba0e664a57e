package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"quarterturn/core/runs"
	"quarterturn/core/train"
)

func TestHardwareFlags(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"devices that are not there", []string{"bench", "--devices", "2"}, "--devices 2: the backend has 1"},
		{"no devices", []string{"bench", "--devices", "-1"}, "flag -devices: want a whole number from 1 up"},
		{"zero devices", []string{"pretrain", "--devices", "0"}, "flag -devices: want a whole number from 1 up"},
		{"devices of a run", []string{"pretrain", "--devices", "2"}, "--devices 2: the backend has 1"},
		{"a precision that is not there", []string{"bench", "--precision", "bfloat16"}, "--precision: the backend quarterturn has no bfloat16, only float32"},
		{"unknown precision", []string{"finetune", "--precision", "half"}, `no precision "half": want float32 or bfloat16`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if code, _, said := call(t, tt.args...); code != 2 || !strings.Contains(said, tt.want) {
				t.Errorf("exit code %d and %q, want 2 and %q", code, said, tt.want)
			}
		})
	}
}

// TestBFloat16OnGo trains with convolutions in bfloat16 where a CPU has them.
func TestBFloat16OnGo(t *testing.T) {
	out := filepath.Join(t.TempDir(), "run")
	mustCall(t, append(tinyRun(tinyPictures(t), out), "--backend", "go", "--precision", "bfloat16")...)
	var s runs.Spec
	if err := json.Unmarshal(mustRead(t, filepath.Join(out, "config.json")), &s); err != nil || s.Hardware.Precision != train.BFloat16 {
		t.Errorf("config.json says %+v (%v), want %s", s.Hardware, err, train.BFloat16)
	}
}

// TestResumeOnAnotherConfiguration resumes a run that has finished already: with
// another number of threads it is the same run, on another backend it is not.
func TestResumeOnAnotherConfiguration(t *testing.T) {
	out := filepath.Join(t.TempDir(), "run")
	mustCall(t, tinyRun(tinyPictures(t), out)...)
	mustCall(t, "pretrain", "--resume", out, "--backend", "engine:threads=1")
	if code, _, said := call(t, "pretrain", "--resume", out, "--backend", "go"); code != 2 || !strings.Contains(said, "--resume goes on with the backend engine") {
		t.Errorf("exit code %d and %q, want 2 and the backend to go on with", code, said)
	}
}
