//go:build xla

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// testPlugin compiles testdata/plugin.c, which has devices and computes nothing,
// against the header in go-xla's module.
func testPlugin(t *testing.T, defines ...string) string {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/gomlx/go-xla").Output()
	if err != nil {
		t.Fatalf("finding go-xla's header: %v", err)
	}
	path := filepath.Join(t.TempDir(), "plugin.so")
	args := append([]string{"-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", path, "-I", filepath.Join(strings.TrimSpace(string(dir)), "pjrt"), "testdata/plugin.c"}, defines...)
	if out, err := exec.Command("gcc", args...).CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v\n%s", err, out)
	}
	return path
}

// aLibrary compiles a shared library that is no plugin.
func aLibrary(t *testing.T) string {
	t.Helper()
	source, path := filepath.Join(t.TempDir(), "l.c"), filepath.Join(t.TempDir(), "l.so")
	if err := os.WriteFile(source, []byte("int f(void) { return 1; }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("gcc", "-shared", "-fPIC", "-o", path, source).CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v\n%s", err, out)
	}
	return path
}

func TestXLARefusesWhatIsNoPlugin(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "plugin.txt")
	if err := os.WriteFile(text, []byte("not a library\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	// An empty search path, so that nothing on this machine can be found by name.
	t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", dir)
	library, other, none := aLibrary(t), testPlugin(t, "-DMAJOR=1"), testPlugin(t, "-DDEVICES=0")
	tests := []struct {
		backend string
		code    int
		want    []string
	}{
		{"xla", 2, []string{"name the plugin's file"}},
		{"xla:", 2, []string{"name the plugin's file"}},
		{"xla:cuda", 2, []string{"there is no file", "cuda", "none is searched for or downloaded"}},
		{"xla:" + dir + "/nowhere.so,tf32=false", 2, []string{"there is no file " + dir + "/nowhere.so"}},
		{"xla:" + dir, 2, []string{dir + " is no file"}},
		{"xla:" + text, 2, []string{text + " is no shared library"}},
		{"xla:" + library, 2, []string{library + " is no PJRT plugin", "GetPjrtApi"}},
		{"xla:" + other, 1, []string{other + " speaks PJRT 1.104"}},
		{"xla:" + none, 1, []string{none + " has no device"}},
	}
	for _, tt := range tests {
		code, out, errors := call(t, "bench", "--backend", tt.backend)
		if code != tt.code || out != "" || strings.Count(errors, "\n") != 1 {
			t.Errorf("--backend %s: exit code %d, output %q, want %d, none and one line of error:\n%s", tt.backend, code, out, tt.code, errors)
		}
		for _, want := range tt.want {
			if !strings.Contains(errors, want) {
				t.Errorf("--backend %s: %q does not say %q", tt.backend, errors, want)
			}
		}
	}
}

// TestXLASaysWhatItFound opens a plugin with four devices, of the right version
// and of an older one.
func TestXLASaysWhatItFound(t *testing.T) {
	four, old := testPlugin(t, "-DDEVICES=4"), testPlugin(t, "-DMINOR=54")
	tests := []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--backend", "xla:" + four}, 1, "XLA, PJRT 0.104; devices: TestDevice(id=0), TestDevice(id=1), TestDevice(id=2), TestDevice(id=3)\n"},
		{[]string{"--backend", "xla:" + old}, 1, "XLA, PJRT 0.54 (older than 0.104"},
		{[]string{"--backend", "xla:" + four, "--devices", "5"}, 2, "--devices 5: the backend has 4"},
		{[]string{"--backend", "xla:" + four, "--devices", "3"}, 2, "--devices 3: a batch of 32 examples cannot be divided so"},
		{[]string{"--backend", "xla:" + four + ",bogus=1"}, 1, "bogus"},
	}
	for _, tt := range tests {
		code, _, errors := call(t, append([]string{"bench"}, tt.args...)...)
		if code != tt.code || !strings.Contains(errors, tt.want) {
			t.Errorf("%q: exit code %d, want %d and %q:\n%s", tt.args, code, tt.code, tt.want, errors)
		}
	}
}

// TestXLAPrograms has XLA's programs of a training step and of an evaluation
// built, on one device, on four and with convolutions in bfloat16. Only a real
// plugin could tell what they compute; see TestXLAParity.
func TestXLAPrograms(t *testing.T) {
	plugin := testPlugin(t, "-DDEVICES=4")
	const (
		whole     = `%arg0: tensor<32x32x32x3xf32>`
		divided   = whole + ` { sdy.sharding = #sdy.sharding<@mesh, [{"batch"}, {}, {}, {}]> }`
		batchNorm = `"stablehlo.batch_norm_training"`
		mesh      = `sdy.mesh @mesh = <["batch"=4]>`
		halves    = `tensor<32x32x32x16xbf16>`
	)
	tests := []struct {
		args       []string
		want, deny []string
	}{
		{nil, []string{whole, batchNorm}, []string{"sdy.", "bf16"}},
		{[]string{"--devices", "4"}, []string{divided, mesh}, []string{"stablehlo.batch_norm", "bf16"}},
		{[]string{"--precision", "bfloat16"}, []string{whole, batchNorm, halves}, []string{"sdy."}},
		{[]string{"--devices", "4", "--precision", "bfloat16"}, []string{divided, mesh, halves}, []string{"stablehlo.batch_norm"}},
	}
	for _, tt := range tests {
		programs := filepath.Join(t.TempDir(), "programs")
		t.Setenv("PLUGIN_PROGRAMS", programs)
		code, _, errors := call(t, append([]string{"bench", "--backend", "xla:" + plugin}, tt.args...)...)
		if code != 1 || !strings.Contains(errors, "the test's plugin computes nothing") {
			t.Fatalf("%q: exit code %d, want 1 and the plugin's error:\n%s", tt.args, code, errors)
		}
		if strings.Contains(errors, "took the weights with it") {
			t.Errorf("%q: the weights, which the plugin still has, were not read back:\n%s", tt.args, errors)
		}
		text := string(mustRead(t, programs))
		for _, want := range tt.want {
			if !strings.Contains(text, want) {
				t.Errorf("%q: the program has no %s", tt.args, want)
			}
		}
		for _, deny := range tt.deny {
			if strings.Contains(text, deny) {
				t.Errorf("%q: the program has %s", tt.args, deny)
			}
		}
	}
}

// TestXLAFailedStep starts a run whose first program fails: it ends with an
// error, and the folder has no checkpoint of weights that never were.
func TestXLAFailedStep(t *testing.T) {
	out := filepath.Join(t.TempDir(), "run")
	code, _, errors := call(t, with([]string{"pretrain"}, append(small, "--batch", "32", "--backend", "xla:"+testPlugin(t), "--out", out)...)...)
	if code != 1 || !strings.Contains(errors, "the test's plugin computes nothing") {
		t.Fatalf("exit code %d, want 1 and the plugin's error:\n%s", code, errors)
	}
	if _, err := os.Stat(filepath.Join(out, "last.safetensors")); err == nil {
		t.Error("the run saved weights")
	}
	if log := mustRead(t, filepath.Join(out, "events.jsonl")); !bytes.Contains(log, []byte("failed")) {
		t.Errorf("the run's log does not say that it failed:\n%s", log)
	}
}
