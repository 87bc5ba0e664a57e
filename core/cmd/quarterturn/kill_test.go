//go:build !js

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"quarterturn/core/cmd/internal/files"
	"quarterturn/core/durable"
	"quarterturn/core/runs"
)

// program returns the program as a process of its own.
func program(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), "QUARTERTURN_MAIN=1")
	return cmd
}

// TestReadersMayLeave: a program whose output nobody reads any more, as behind head,
// goes on to the end of its run.
func TestReadersMayLeave(t *testing.T) {
	out := filepath.Join(t.TempDir(), "run")
	program := program("pretrain", "--out", out, "--blocks", "1,1", "--width", "4", "--epochs", "3")
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	program.Stdout, program.Stderr = write, write // As 2>&1 has it.
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	lines := bufio.NewScanner(read)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "before training") {
	}
	read.Close()
	if err := program.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	if r, err := runs.Read(durable.Disk{}, out); err != nil || !r.Finished || r.Answers == nil {
		t.Errorf("the run is at epoch %d, %v", r.Last().Epoch, err)
	}
}

// TestSignalsSave interrupts a real process during its first epoch.
func TestSignalsSave(t *testing.T) {
	for _, tt := range []struct {
		signal syscall.Signal
		code   int
	}{{syscall.SIGINT, 130}, {syscall.SIGTERM, 143}} {
		out := filepath.Join(t.TempDir(), "run")
		program := program("pretrain", "--out", out, "--blocks", "1,1", "--width", "4", "--epochs", "1000")
		said, err := program.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := program.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(said)
		for lines.Scan() && !strings.HasPrefix(lines.Text(), "before training") {
		}
		if err := program.Process.Signal(tt.signal); err != nil {
			t.Fatal(err)
		}
		rest, _ := io.ReadAll(said)
		_ = program.Wait()
		if code := program.ProcessState.ExitCode(); code != tt.code {
			t.Errorf("%v: exit code %d, want %d; it said %s", tt.signal, code, tt.code, rest)
		}
		if _, err := files.Model("", filepath.Join(out, "last.safetensors")); err != nil {
			t.Errorf("%v: %v", tt.signal, err)
		}
	}
}

// TestSecondSignalEndsAtOnce interrupts a process again and again whose first
// evaluation and step take far longer than this test may.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	program := program("pretrain", "--out", filepath.Join(t.TempDir(), "run"), "--blocks", "9,9,9", "--width", "128", "--batch", "512")
	said, err := program.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	defer time.AfterFunc(time.Minute, func() { _ = program.Process.Kill() }).Stop()
	lines := bufio.NewScanner(said)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "ResNet-56") {
	}
	for {
		if err := program.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		if !lines.Scan() { // The first signal is answered in words, the second is not.
			break
		}
	}
	_ = program.Wait()
	status, ok := program.ProcessState.Sys().(syscall.WaitStatus)
	if !ok || status.Signal() != syscall.SIGINT {
		t.Errorf("it ended with %v, want to be ended by the second signal", program.ProcessState)
	}
}

// usualKills is how many processes TestKills kills where nobody asks for more. That a
// run ends the same after any interruption is tested by package runs; this is that a
// process does.
var usualKills = 30

// kills is how many processes TestKills kills; `make soak` asks for more.
func kills(t *testing.T) int {
	text := os.Getenv("QUARTERTURN_KILLS")
	if text == "" {
		return usualKills
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("QUARTERTURN_KILLS: %v", err)
	}
	return n
}

// TestKills kills runs that save after each step, at random moments, and starts
// them again as a script would. All of them end with the bytes of a run that was
// left alone.
func TestKills(t *testing.T) {
	pictures := tinyPictures(t)
	straight := filepath.Join(t.TempDir(), "straight")
	before := time.Now()
	if said, err := program(tinyRun(pictures, straight)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	life := time.Since(before)
	want := resultOf(t, straight)
	var left, resumed atomic.Int64
	left.Store(int64(kills(t)))
	t.Run("chains", func(t *testing.T) {
		const chains = 2
		for chain := range chains {
			t.Run(fmt.Sprint(chain), func(t *testing.T) {
				t.Parallel()
				source := rand.New(rand.NewPCG(1, uint64(chain)))
				for left.Load() > 0 {
					out := filepath.Join(t.TempDir(), "run")
					resumed.Add(runKilling(t, source, life, &left, tinyRun(pictures, out), out))
					if got := resultOf(t, out); got != want {
						t.Fatalf("a run that was killed ended with\n%swant\n%s", got, want)
					}
				}
			})
		}
	})
	t.Logf("%d runs went on from a checkpoint, after %d kills", resumed.Load(), kills(t))
	if resumed.Load() < int64(kills(t))/4 {
		t.Errorf("only %d runs went on from a checkpoint: the kills came too early to test anything", resumed.Load())
	}
}

// runKilling starts a run again and again until it comes to its end, and returns
// how often it went on from a checkpoint.
func runKilling(t *testing.T, source *rand.Rand, life time.Duration, left *atomic.Int64, start []string, out string) (resumed int64) {
	t.Helper()
	for {
		args := start
		if runs.HasRun(durable.Disk{}, out) {
			args = []string{"pretrain", "--resume", out}
		}
		var said bytes.Buffer
		cmd := program(args...)
		cmd.Stderr = &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if left.Add(-1) >= 0 {
			time.AfterFunc(time.Duration(source.Int64N(int64(life))), func() { _ = cmd.Process.Kill() })
		}
		err := cmd.Wait()
		if strings.Contains(said.String(), "going on from step") {
			resumed++
		}
		if strings.Contains(said.String(), "cannot be used") {
			t.Errorf("a kill damaged a checkpoint: %s", said.String())
		}
		if err == nil {
			return resumed
		}
		if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
			t.Fatalf("%v: %s", err, said.String())
		}
	}
}
