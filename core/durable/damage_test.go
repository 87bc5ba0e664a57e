//go:build !js

// Node takes minutes for what these thousands of files need, and runs the same code.

package durable

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// TestDamageIsFound changes bits of the files of a checkpoint and cuts them, 2,000
// times, and each time has to be told or to get the bytes that were saved.
func TestDamageIsFound(t *testing.T) {
	d := mustOpen(t, t.TempDir(), hasty{})
	c := mustSave(t, d, 7)
	source := rand.New(rand.NewPCG(2, 3))
	names := []string{"model", "state", "empty", manifestName}
	for trial := range 2000 {
		path := filepath.Join(d.folder(c), names[source.IntN(len(names))])
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		what, bad := damage(source, good)
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Load(c); !errors.Is(err, ErrDamaged) {
			t.Fatalf("trial %d: %s of %s: error %v, want %v", trial, what, filepath.Base(path), err, ErrDamaged)
		}
		if err := os.WriteFile(path, good, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	checkLoad(t, d, c)
}

// damage returns other bytes, and what was done to them.
func damage(source *rand.Rand, good []byte) (what string, bad []byte) {
	if len(good) == 0 || source.IntN(4) == 0 {
		return "a byte more", append(bytes.Clone(good), byte(source.Uint32()))
	}
	if source.IntN(3) == 0 {
		n := source.IntN(len(good))
		return fmt.Sprintf("cut to %d bytes", n), good[:n]
	}
	bad = bytes.Clone(good)
	bit := source.IntN(8 * len(bad))
	bad[bit/8] ^= 1 << (bit % 8)
	return fmt.Sprintf("flip of bit %d", bit), bad
}
