package files

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quarterturn/assets"
	"quarterturn/core/durable"
)

func TestModel(t *testing.T) {
	folder := t.TempDir()
	b, err := assets.Model()
	if err != nil {
		t.Fatal(err)
	}
	best := filepath.Join(folder, "best.safetensors")
	if err := Write(durable.Disk{}, best, b); err != nil {
		t.Fatal(err)
	}
	if m, err := Model("--model", best); err != nil || m.Config.Classes != 4 {
		t.Errorf("%v, %v", m, err)
	}
	rubbish := filepath.Join(folder, "deep", "rubbish") // Folders are made.
	if err := Write(durable.Disk{}, rubbish, []byte("rubbish")); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(folder, "none"): "no such file",
		folder:                        "did you mean " + best,
		filepath.Dir(rubbish):         "name a .safetensors file",
		rubbish:                       "not a safetensors file",
	} {
		if _, err := Model("--model", path); err == nil || !strings.Contains(err.Error(), want) || strings.Count(err.Error(), path+":") != 1 {
			t.Errorf("%s: error %v, want the path once and %q", path, err, want)
		}
	}
}

func TestMayReplace(t *testing.T) {
	folder := t.TempDir()
	model, out := filepath.Join(folder, "m"), filepath.Join(folder, "out")
	for _, path := range []string{model, out} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{
		out: "", filepath.Join(folder, "new"): "", folder: "is a folder", model: "the --model itself",
		filepath.Join(folder, "none", "x"): "make it first", os.DevNull: "no plain file",
	} {
		err := MayReplace(path, model)
		if (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("MayReplace(%s) = %v, want %q", path, err, want)
		}
	}
}
