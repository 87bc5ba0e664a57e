package measure

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/compute"

	"quarterturn/core/dataset"
	"quarterturn/core/embed"
	"quarterturn/core/fault"
	"quarterturn/core/train"
	"quarterturn/core/verdict"
)

// A Reading names pictures by a network that stays as it is, from few labels: a
// linear classifier reads the features of several stages at once, each averaged over
// views of the picture.
//
//	features  of each stage the mean over views of its cells as a vector of length 1,
//	          one stage behind the other: [N, Σ Cells²·C]
//	decay     a tenth of the number of features for each example, see embed.Probe
//
// Length 1 takes away how strongly a picture excites a stage, which says little of
// its class, and lets stages count alike. The decay keeps the variance that is expected
// of a class's logit the same, ten, however many features are read: between a third
// and three times as much it made no difference of a point. All of it was chosen on
// training pictures of CIFAR-10 (docs/results.md). RotNet reads its features with few
// labels by a convolutional classifier instead (Gidaris et al. 2018, section 4.2,
// https://arxiv.org/abs/1803.07728).
type Reading struct {
	Stages ReadStages `json:"stages,omitempty"` // Nil for the last in whole and the one before it in 2×2 cells.
	Views  int        `json:"views"`            // See dataset.Views.
}

// A ReadStage is a stage with the rows and columns of cells in which it is averaged:
// 1, 2 or 4.
type ReadStage struct{ Stage, Cells int }

// ReadStages are the stages that a Reading reads. People write 3x2,4 for stage 3 in
// 2×2 cells and stage 4 as a whole; 0 is the stem.
type ReadStages []ReadStage

// MarshalText writes the stages as people do.
func (s ReadStages) MarshalText() ([]byte, error) {
	var words []string
	for _, r := range s {
		word := strconv.Itoa(r.Stage)
		if r.Cells != 1 {
			word += fmt.Sprintf("x%d", r.Cells)
		}
		words = append(words, word)
	}
	return []byte(strings.Join(words, ",")), nil
}

// UnmarshalText reads what MarshalText writes. Empty text is no stages.
func (s *ReadStages) UnmarshalText(b []byte) error {
	*s = nil
	if len(b) == 0 {
		return nil
	}
	for word := range strings.SplitSeq(string(b), ",") {
		number, cells, divided := strings.Cut(strings.TrimSpace(word), "x")
		if !divided {
			cells = "1"
		}
		stage, err1 := strconv.Atoi(number)
		n, err2 := strconv.Atoi(cells)
		if err1 != nil || err2 != nil || stage < 0 || !slices.Contains([]int{1, 2, 4}, n) {
			return fault.Errorf("measure", "stages %q: want such as 3x2,4 for stage 3 in 2×2 cells and stage 4 as a whole, with 1, 2 or 4 cells", b)
		}
		*s = append(*s, ReadStage{stage, n})
	}
	return nil
}

// String is the text that people write.
func (s ReadStages) String() string {
	b, _ := s.MarshalText() // Has no error.
	return string(b)
}

// of returns the stages read of a network, whose last is given.
func (r Reading) of(last int) ReadStages {
	switch {
	case len(r.Stages) > 0:
		return r.Stages
	case last < 2:
		return ReadStages{{last, 1}}
	}
	return ReadStages{{last - 1, 2}, {last, 1}}
}

// Describe says in words what is read of a network of so many stages.
func (r Reading) Describe(stages int) string {
	return fmt.Sprintf("a linear classifier of stages %v, over %s of each picture", r.of(stages), verdict.Count(r.Views, "view"))
}

// Check returns an error that names what a network of so many stages has not.
func (r Reading) Check(stages int) error {
	for _, s := range r.Stages {
		if s.Stage > stages {
			return fault.Errorf("measure", "reading stage %d: the network has stages 1 to %d, and 0 for the stem", s.Stage, stages)
		}
	}
	_, err := dataset.Views(r.Views, dataset.DefaultSide)
	return err
}

// features returns what is read of pictures, [N, Σ Cells²·C]: what by's memory has, and
// computed where it has not.
func (r Reading) features(ctx context.Context, by sees, s Subject, pictures *dataset.Pictures) (embed.Matrix, error) {
	if by.memory == nil || s.Sum == "" {
		return r.compute(ctx, by, s, pictures)
	}
	name := fmt.Sprintf("%s %v %d", s.Sum, r.of(s.Model.Config.Stages()), r.Views)
	rows, missing := by.memory.find(name, pictures)
	if len(missing) > 0 {
		fresh, err := r.compute(ctx, by, s, pictures.Subset(missing))
		if err != nil {
			return embed.Matrix{}, err
		}
		for n, i := range missing {
			rows[i] = fresh.Row(n)
		}
		by.memory.add(name, pictures, rows, missing)
	}
	return embed.NewMatrix(slices.Concat(rows...), len(rows[0]))
}

// compute is features without a memory.
func (r Reading) compute(ctx context.Context, by sees, s Subject, pictures *dataset.Pictures) (embed.Matrix, error) {
	views, err := dataset.Views(r.Views, pictures.Side)
	if err != nil {
		return embed.Matrix{}, err
	}
	read := r.of(s.Model.Config.Stages())
	extraction := train.Extraction{Cells: 1}
	for _, stage := range read {
		extraction.Parts = append(extraction.Parts, stage.Stage)
		extraction.Cells = max(extraction.Cells, stage.Cells)
	}
	var sum embed.Matrix
	for n, view := range views {
		by.watch(embed.Report{Phase: by.phase, Done: n * pictures.Len(), Total: len(views) * pictures.Len()})
		parts, err := sees{by.backend, func(embed.Report) {}, by.phase, nil}.extract(ctx, extraction, s, pictures.Shown(view))
		if err != nil {
			return embed.Matrix{}, err
		}
		for i, stage := range read {
			parts[i] = coarser(parts[i], extraction.Cells, stage.Cells).Unit()
		}
		sum = plus(sum, beside(parts), 1/float32(len(views)))
	}
	return sum, nil
}

// coarser averages rows of from×from cells of C channels over to×to cells.
func coarser(m embed.Matrix, from, to int) embed.Matrix {
	if from == to {
		return m
	}
	channels, each := m.Cols/(from*from), from/to
	c := embed.Matrix{Rows: m.Rows, Cols: to * to * channels, Data: make([]float32, m.Rows*to*to*channels)}
	for i := range m.Rows {
		row := m.Row(i)
		for cell := range from * from {
			into := c.Row(i)[(cell/from/each*to+cell%from/each)*channels:][:channels]
			for k, v := range row[cell*channels:][:channels] {
				into[k] += v / float32(each*each)
			}
		}
	}
	return c
}

// beside joins matrices of the same rows.
func beside(parts []embed.Matrix) embed.Matrix {
	m := embed.Matrix{Rows: parts[0].Rows}
	for _, p := range parts {
		m.Cols += p.Cols
	}
	m.Data = make([]float32, 0, m.Rows*m.Cols)
	for i := range m.Rows {
		for _, p := range parts {
			m.Data = append(m.Data, p.Row(i)...)
		}
	}
	return m
}

// plus adds scale·m to sum, which is empty at first.
func plus(sum, m embed.Matrix, scale float32) embed.Matrix {
	if sum.Data == nil {
		sum = embed.Matrix{Rows: m.Rows, Cols: m.Cols, Data: make([]float32, len(m.Data))}
	}
	for i, v := range m.Data {
		sum.Data[i] += scale * v
	}
	return sum
}

// fit returns the classifier of what was read of examples with labels.
func (r Reading) fit(ctx context.Context, known embed.Matrix, labels []int32, classes int, watch embed.Watch) (*embed.Classifier, error) {
	const perFeature = 0.1
	decay := perFeature * float64(known.Cols) / float64(max(known.Rows, 1))
	return embed.Probe{Decay: decay, Watch: watch}.Fit(ctx, known, labels, classes)
}

// An Answered is what a Reading took pictures for.
type Answered struct {
	Guesses []int32 // [N]
	Right   int     // Of N.
	Loss    float64 // Mean cross-entropy, in nats; 0 of none.
}

// A Reader is what a Reading is done with.
type Reader struct {
	Backend  compute.Backend
	Progress Progress
	Memory   *Memory // Nil for none.
}

// Read fits the classifier to pictures with labels and names others by it: first those
// that it was fitted to, then each of asked. All pictures have a label. It ends with
// ctx's error.
func (r Reading) Read(ctx context.Context, with Reader, s Subject, learnt *dataset.Pictures, asked ...*dataset.Pictures) ([]Answered, error) {
	if err := r.Check(s.Model.Config.Stages()); err != nil {
		return nil, err
	}
	by := sees{with.Backend, with.Progress.about(s.Name), "views of the training pictures", with.Memory}
	known, err := r.features(ctx, by, s, learnt)
	if err != nil {
		return nil, err
	}
	classifier, err := r.fit(ctx, known, learnt.Labels, len(learnt.Classes), by.watch)
	if err != nil {
		return nil, err
	}
	answered, err := nameAll(classifier, known, learnt.Labels)
	if err != nil {
		return nil, err
	}
	by.phase = "views of the test pictures"
	all := []Answered{answered}
	for _, pictures := range asked {
		if answered, err = r.ask(ctx, by, s, classifier, pictures); err != nil {
			return nil, err
		}
		all = append(all, answered)
	}
	return all, nil
}

// ask names pictures.
func (r Reading) ask(ctx context.Context, by sees, s Subject, c *embed.Classifier, pictures *dataset.Pictures) (Answered, error) {
	if pictures.Len() == 0 {
		return Answered{}, nil
	}
	x, err := r.features(ctx, by, s, pictures)
	if err != nil {
		return Answered{}, err
	}
	return nameAll(c, x, pictures.Labels)
}

// nameAll asks a classifier about rows with labels.
func nameAll(c *embed.Classifier, x embed.Matrix, labels []int32) (Answered, error) {
	logits, err := c.Logits(x)
	if err != nil {
		return Answered{}, err
	}
	answered := Answered{Guesses: make([]int32, x.Rows)}
	for i, label := range labels {
		row := logits[i*c.Classes : (i+1)*c.Classes]
		largest := slices.Max(row)
		var sum float64
		for _, z := range row {
			sum += math.Exp(float64(z - largest))
		}
		answered.Guesses[i] = int32(slices.Index(row, largest))
		answered.Loss += (math.Log(sum) - float64(row[label]-largest)) / float64(x.Rows)
		if answered.Guesses[i] == label {
			answered.Right++
		}
	}
	return answered, nil
}
