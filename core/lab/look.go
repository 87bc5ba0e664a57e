package lab

import (
	"context"
	"slices"

	"quarterturn/core/fault"
	"quarterturn/core/measure"
	"quarterturn/core/run"
	"quarterturn/core/train"
)

// explainedStage is whose maps Grad-CAM is of, where there are so many stages: of 32 pixels
// it has 8×8 places, and the ones behind it fewer.
const explainedStage = 3

// look reports what a network makes of a picture, and then what spoke for an answer.
func (l *Lab) look(ctx context.Context, c run.Look) error {
	e, err := l.examine(ctx, c.Model)
	if err != nil {
		return err
	}
	if c.Untrained {
		e.forget(c.Seed)
	}
	it := l.collection.find(c.ID)
	if it == nil {
		return fault.New("lab", "the picture is not there any more")
	}
	m := e.subject.Model
	stage := min(explainedStage, m.Config.Stages())
	inspector, err := train.NewInspector(l.options.Backend, m, Side, stage)
	if err != nil {
		return err
	}
	defer inspector.Close()
	sight, err := inspector.Show(it.pixels, c.Quarters)
	if err != nil {
		return err
	}
	looked, err := lookedOf(sight)
	if err != nil {
		return err
	}
	stem := m.Config.Parameters()[0]
	looked.ID, looked.Quarters, looked.Task, looked.Classes = c.ID, c.Quarters, m.Task, slices.Clone(m.Classes)
	looked.KernelSide, looked.Kernels = stem.Dims[0], slices.Clone(m.Weights[stem.Name])
	l.report(looked)
	answer := c.Answer
	if answer == run.ItsGuess {
		answer = slices.Index(sight.Belief, slices.Max(sight.Belief))
	}
	return e.end(l.explain(e.ctx, inspector, run.Explained{Answer: answer, Stage: measure.PartName(stage)}))
}

// explain reports what spoke for an answer.
func (l *Lab) explain(ctx context.Context, inspector *train.Inspector, e run.Explained) (err error) {
	l.options.Yield() // What was seen is on its way, and who saw enough may say so.
	if err := ctx.Err(); err != nil {
		return err
	}
	if e.CAM, e.CAMSide, err = inspector.GradCAM(e.Answer); err != nil {
		return err
	}
	if e.Occlusion, err = inspector.Occlusion(e.Answer, ctx.Err); err != nil {
		return err
	}
	l.report(e)
	return nil
}

// lookedOf is a sight as it travels: the maps of each channel as bytes.
func lookedOf(s *train.Sight) (looked run.Looked, err error) {
	looked.Side, looked.Pixels, looked.Belief = Side, s.Pixels, slices.Clone(s.Belief)
	all := 0
	for part, maps := range s.Parts {
		if all += len(maps.Values); all > run.MaxLook {
			return looked, fault.Errorf("lab", "the network leaves more than %d values of a picture: it is too wide to be shown", run.MaxLook)
		}
		looked.Parts = append(looked.Parts, partMaps(measure.PartName(part), maps))
	}
	return looked, nil
}

func partMaps(name string, m train.Maps) run.PartMaps {
	p := run.PartMaps{Name: name, Side: m.Side, Channels: m.Channels, Most: slices.Max(m.Values), Values: make([]byte, len(m.Values))}
	if p.Most <= 0 {
		return p
	}
	size := m.Side * m.Side
	for at := range size {
		for channel := range m.Channels {
			p.Values[channel*size+at] = byte(255*m.Values[at*m.Channels+channel]/p.Most + 0.5)
		}
	}
	return p
}
