package engine_test

import (
	"bufio"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"testing"
)

var update = flag.Bool("update", false, "write golden files anew")

const curveFile = "testdata/curve.golden"

// TestCurve trains for 200 steps on batches that take turns, and compares each
// loss with the golden file, which was written on amd64 with vectors. Platforms
// round products differently (a fused multiply-add or not) and add them up in
// other orders, which training may amplify; 1e-3 is what two platforms may differ
// by at most. The largest difference seen is 1.7e-7, on js/wasm.
func TestCurve(t *testing.T) {
	net := network{blocks: []int{1, 1}, width: 8, classes: 4, size: 8, batch: 16}
	trainer := newTrainer(newEngine(t, 2), net, 11)
	var images [][]float32
	for seed := range uint64(8) {
		batch, _ := examples(rand.New(rand.NewPCG(seed, 12)), net)
		images = append(images, batch)
	}
	var losses []float64
	for step := range 200 {
		trainer.images = images[step%len(images)]
		loss, err := trainer.step(0.02)
		if err != nil {
			t.Fatal(err)
		}
		losses = append(losses, float64(loss))
	}
	if *update {
		writeCurve(t, losses)
	}
	want := readCurve(t)
	if len(want) != len(losses) {
		t.Fatalf("%s has %d losses, want %d", curveFile, len(want), len(losses))
	}
	largest := 0.0
	for step, loss := range losses {
		diff := math.Abs(loss - want[step])
		if largest = max(largest, diff); !(diff < 1e-3) {
			t.Fatalf("loss of step %d is %v, %s has %v", step, loss, curveFile, want[step])
		}
	}
	if last := losses[len(losses)-1]; last > losses[0]/2 {
		t.Errorf("the loss went from %v to %v, want it halved", losses[0], last)
	}
	t.Logf("%s/%s: largest difference %.2g", runtime.GOOS, runtime.GOARCH, largest)
}

func writeCurve(t *testing.T, losses []float64) {
	t.Helper()
	var text []byte
	for _, loss := range losses {
		text = fmt.Appendf(text, "%.7f\n", loss)
	}
	if err := os.WriteFile(curveFile, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func readCurve(t *testing.T) []float64 {
	t.Helper()
	file, err := os.Open(curveFile)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var losses []float64
	for lines := bufio.NewScanner(file); lines.Scan(); {
		loss, err := strconv.ParseFloat(lines.Text(), 64)
		if err != nil {
			t.Fatal(err)
		}
		losses = append(losses, loss)
	}
	return losses
}
