package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"time"

	"quarterturn/core/checkpoint"
	"quarterturn/core/run"
)

// Settings are what a run is told. They are its config.json, from which --resume
// takes them.
type settings struct {
	Command      []string // As it was given, for people.
	Config       run.Config
	From         string // Checkpoint to start from; empty for random weights.
	Start        string `json:",omitzero"` // Its SHA-256, for people and reports.
	Probe        string `json:",omitzero"` // Of --probe; the stage is in Config.
	Arm          string `json:",omitzero"` // Its name in an experiment.
	Data         string
	Test         string `json:",omitzero"`
	HoldOut      float64
	Limit        int
	Pictures     string `json:",omitzero"` // The fingerprint of all pictures, for reports: those of different data are not compared.
	TestPictures string `json:",omitzero"` // That of the test pictures alone.
	DataSeed     uint64 `json:",omitzero"` // Chooses the pictures held out and those within Limit; 0 for the run's seed.
	Backend      string
	Hardware     hardware
	SaveEvery    period
	Keep         int
	OnNaN        string
}

// dataSeed returns the seed that chooses pictures.
func (s *settings) dataSeed() uint64 { return cmp.Or(s.DataSeed, s.Config.Seed) }

// Values of --on-nan.
const (
	onNaNStop     = "stop"
	onNaNRollBack = "rollback"
)

// addSafety registers the flags that say how a run is kept, which --resume may
// change: no number depends on them but those after a divergence.
func (s *settings) addSafety(flags *flag.FlagSet) {
	s.SaveEvery, s.Keep, s.OnNaN = period{Time: 10 * time.Minute}, 3, onNaNStop
	flags.Var(&s.SaveEvery, "save-every", "save within epochs too, each `time` such as 10m or number of steps such as 500; 0 for at their ends only")
	flags.IntVar(&s.Keep, "keep", s.Keep, "newest `checkpoints` kept, besides the best; 0 for all")
	flags.StringVar(&s.OnNaN, "on-nan", s.OnNaN, "when the loss is no longer a number: stop, or rollback to the last checkpoint and go on at half the learning rate")
}

// check returns an error about a setting that no other check will find.
func (s *settings) check() error {
	if s.OnNaN != onNaNStop && s.OnNaN != onNaNRollBack {
		return fmt.Errorf("--on-nan %q: want %s or %s", s.OnNaN, onNaNStop, onNaNRollBack)
	}
	return nil
}

const maxSettingsBytes = 1 << 20

func (s *settings) encode() ([]byte, error) {
	b, err := json.MarshalIndent(s, "", "  ")
	return append(b, '\n'), err
}

func decodeSettings(b []byte) (settings, error) {
	var s settings
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, err
	}
	return s, errors.Join(s.Config.Validate(), s.check())
}

// origin returns what the numbers of a run come from. The backend's kind counts,
// its configuration, such as the number of threads, does not; precision does, and
// so do devices, whose sums are rounded in another order.
func (s *settings) origin(pictures, start string) (checkpoint.Origin, error) {
	b, err := json.Marshal(struct {
		Backend string
		Config  run.Config
		hardware
	}{kindOf(s.Backend), s.Config, s.Hardware.standard()})
	return checkpoint.Origin{Config: sumOf(b), Pictures: pictures, Start: start}, err
}

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// A period is a time or a number of steps; the zero period is never over.
type period struct {
	Steps int
	Time  time.Duration
}

// over reports whether the period has passed.
func (p period) over(steps int, passed time.Duration) bool {
	return p.Steps > 0 && steps >= p.Steps || p.Time > 0 && passed >= p.Time
}

// String and Set make a period a flag's value.
func (p *period) String() string {
	if p.Time == 0 {
		return strconv.Itoa(p.Steps)
	}
	text := p.Time.String() // Such as 1h0m0s.
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-len("0s")]
		}
	}
	return text
}

func (p *period) Set(text string) error {
	if steps, err := strconv.Atoi(text); err == nil && steps >= 0 {
		*p = period{Steps: steps}
		return nil
	}
	passed, err := time.ParseDuration(text)
	if err != nil || passed <= 0 {
		return errors.New("want a time such as 10m or a number of steps such as 500")
	}
	*p = period{Time: passed}
	return nil
}

// MarshalText and UnmarshalText write it in config.json as in the flag.
func (p period) MarshalText() ([]byte, error)  { return []byte(p.String()), nil }
func (p *period) UnmarshalText(b []byte) error { return p.Set(string(b)) }
