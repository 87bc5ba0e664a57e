package notebook

import (
	"fmt"
	"strconv"
	"strings"

	"quarterturn/core/run"
	"quarterturn/core/verdict"
)

// An Arm is a way to come to a network that names pictures: what it knows before, and
// how much of it may still learn. Its text names it in files and tables.
type Arm string

// The arms that every network has. RandomFeatures is a head on a network that learnt
// nothing: what is left of "pretraining" without the training.
const (
	Pretext        Arm = "pretext" // Guesses turns: nothing to be compared with the rest.
	Transfer       Arm = "transfer"
	Scratch        Arm = "scratch"
	RandomFeatures Arm = "random-frozen"
)

// Of arms with a stage, the text before it.
const (
	frozenPrefix = "frozen-"
	probePrefix  = "probe-"
)

// Frozen is transfer with the stem and the first stages left as they were learnt.
func Frozen(stages int) Arm { return Arm(frozenPrefix + strconv.Itoa(stages)) }

// Probe is a head on what a stage of the pretrained network, counted from 1, makes of
// pictures: the stages behind it are not there, and nothing but the head learns.
func Probe(stage int) Arm { return Arm(probePrefix + strconv.Itoa(stage)) }

// Arms returns those that can race with a network.
func Arms(n run.Network) []Arm {
	all := []Arm{Transfer, Scratch, RandomFeatures}
	for stages := 1; stages <= len(n.Blocks); stages++ {
		all = append(all, Frozen(stages))
	}
	for stage := 1; stage < len(n.Blocks); stage++ { // That of the last one is Frozen already.
		all = append(all, Probe(stage))
	}
	return all
}

// ArmOf returns what a run by itself is, by its settings.
func ArmOf(c run.Config) Arm {
	switch {
	case c.Task == run.Pretext:
		return Pretext
	case c.Task == run.Scratch && c.FirstStage > len(c.Network.Blocks):
		return RandomFeatures
	case c.Task == run.Scratch:
		return Scratch
	case c.FirstStage > 1:
		return Frozen(c.FirstStage - 1)
	}
	return Transfer
}

// stage takes an arm with a stage apart; 0 for others.
func (a Arm) stage(prefix string) int {
	rest, ok := strings.CutPrefix(string(a), prefix)
	n, err := strconv.Atoi(rest)
	if !ok || err != nil || n < 1 || n > run.MaxStages {
		return 0
	}
	return n
}

// Title names an arm for people.
func (a Arm) Title() string {
	if n := a.stage(frozenPrefix); n > 0 {
		return fmt.Sprintf("Frozen to stage %d", n)
	}
	if n := a.stage(probePrefix); n > 0 {
		return fmt.Sprintf("Probe of stage %d", n)
	}
	switch a {
	case Pretext:
		return "Pretext"
	case Transfer:
		return "Transfer"
	case Scratch:
		return "From scratch"
	case RandomFeatures:
		return "Random features"
	}
	return string(a)
}

// InWords says what an arm does.
func (a Arm) InWords() string {
	if n := a.stage(frozenPrefix); n > 0 {
		return fmt.Sprintf("transfer in which the stem and stages up to %d stay as they were learnt", n)
	}
	if n := a.stage(probePrefix); n > 0 {
		return fmt.Sprintf("only a head learns, on what stage %d of the pretrained network sees", n)
	}
	switch a {
	case Transfer:
		return "starts from what the loaded network has learnt; all of it goes on learning"
	case Scratch:
		return "the same network, from random weights"
	case RandomFeatures:
		return "only a head learns, on a network that learnt nothing"
	}
	return "guesses turns"
}

// UsesModel reports whether an arm starts from a pretrained network.
func (a Arm) UsesModel() bool { return a != Pretext && a != Scratch && a != RandomFeatures }

// Kind is what an arm's network knows before it sees labels.
func (a Arm) Kind() verdict.Kind {
	switch a {
	case Scratch, Pretext:
		return verdict.Fresh
	case RandomFeatures:
		return verdict.Frozen
	}
	return verdict.Pretrained
}

// Config returns base, which is that of a transfer from a network, for the arm. Where
// nothing but a head learns pictures are not varied, so that what is below is computed
// once. Who starts from nothing takes the larger steps that it needs.
func (a Arm) Config(base run.Config) run.Config {
	c := base
	c.Task, c.FirstStage = run.Transfer, 0
	stages := len(c.Network.Blocks)
	switch n := max(a.stage(frozenPrefix), a.stage(probePrefix)); {
	case a == Scratch:
		c.Task, c.LearningRate = run.Scratch, scratchRate(base)
	case a == RandomFeatures:
		c.Task, c.FirstStage = run.Scratch, stages+1
	case a.stage(probePrefix) > 0:
		c.Network.Blocks = c.Network.Blocks[:min(n, stages):min(n, stages)]
		c.FirstStage = len(c.Network.Blocks) + 1
	case n > 0:
		c.FirstStage = min(n, stages) + 1
	}
	if c.FirstStage > len(c.Network.Blocks) {
		c.PadCrop, c.ScaledCrop, c.Flip = 0, 0, false
		c.LearningRate = run.Default(run.Scratch).LearningRate
	}
	return c
}

// scratchRate is the rate from random weights: as many times that of a transfer as by
// default.
func scratchRate(base run.Config) float64 {
	return base.LearningRate * run.Default(run.Scratch).LearningRate / run.Default(run.Transfer).LearningRate
}
