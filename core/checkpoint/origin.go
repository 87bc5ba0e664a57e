package checkpoint

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"quarterturn/core/fault"
	"quarterturn/core/run"
)

// An Origin says by SHA-256, in hexadecimal, what a run's numbers come from.
type Origin struct {
	Config   string // What the run was told, and what computes it.
	Pictures string
	Start    string // The checkpoint that it began with; empty for random weights.
}

// Check returns an error that says in what the run that goes on differs from
// what it was.
func (o Origin) Check(now Origin) error {
	switch {
	case o.Config != now.Config:
		return fault.New("checkpoint", "the configuration is not the one that the run was started with")
	case o.Pictures != now.Pictures:
		return fault.New("checkpoint", "the pictures are not those that the run was started with: pixels, labels or order differ")
	case o.Start != now.Start:
		return fault.New("checkpoint", "the checkpoint to start from is not the one that the run was started with")
	}
	return nil
}

// Told is what decides a run's numbers besides its pictures and its start. The
// backend's kind counts, its configuration, such as the number of threads, does not;
// precision does, and so do devices, whose sums are rounded in another order.
type Told struct {
	Backend   string // Its kind.
	Config    run.Config
	Devices   int    `json:",omitempty"` // 0 for one.
	Precision string `json:",omitempty"` // Empty for float32.
}

// Origin returns that of a run which was told so, given the sums of its pictures and of
// the checkpoint that it starts from.
func (t Told) Origin(pictures, start string) (Origin, error) {
	b, err := json.Marshal(t)
	if err != nil {
		return Origin{}, fault.Errorf("checkpoint", "origin of a run: %w", err)
	}
	return Origin{Config: Sum(b), Pictures: pictures, Start: start}, nil
}

// Sum is the SHA-256 of bytes, in hexadecimal.
func Sum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
