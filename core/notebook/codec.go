package notebook

import (
	"time"

	"quarterturn/core/chart"
	"quarterturn/core/exam"
	"quarterturn/core/fault"
	"quarterturn/core/packed"
	"quarterturn/core/run"
)

// version is the first byte of what is kept. Other versions are refused.
const version = 1

// Encode returns a run as bytes, see Decode.
func (r *Run) Encode() []byte { return encode(r, fieldsOfRun) }

// DecodeRun returns the run of bytes, which are not trusted.
func DecodeRun(b []byte) (*Run, error) {
	r, err := decode(b, "run", fieldsOfRun)
	if err == nil && r.Answers != nil {
		err = r.Answers.Check()
	}
	return r, err
}

// A Book is what a notebook has besides its runs.
type Book struct {
	Note        string
	Keys        []string // Of the runs, in their order. Others that are kept were deleted.
	Experiments []Experiment
}

// Encode returns a book as bytes.
func (b *Book) Encode() []byte { return encode(b, fieldsOfBook) }

// DecodeBook returns the book of bytes, which are not trusted.
func DecodeBook(b []byte) (*Book, error) { return decode(b, "notebook", fieldsOfBook) }

func encode[T any](value *T, fields func(*packed.Codec, *T)) []byte {
	c := packed.Codec{Bytes: []byte{version}}
	fields(&c, value)
	return c.Bytes
}

func decode[T any](b []byte, what string, fields func(*packed.Codec, *T)) (*T, error) {
	if len(b) == 0 {
		return nil, fault.Errorf("notebook", "the %s that was kept is empty", what)
	}
	if b[0] != version {
		return nil, fault.Errorf("notebook", "the %s was kept in format %d by a newer Quarterturn: this one knows format %d", what, b[0], version)
	}
	var value T
	c := packed.Codec{Decoding: true, Bytes: b[1:]}
	fields(&c, &value)
	if c.Err == nil && len(c.Bytes) > 0 {
		c.Err = fault.New("notebook", "it goes on behind its end")
	}
	if c.Err != nil {
		return nil, fault.Errorf("notebook", "the %s that was kept cannot be read: %w", what, c.Err)
	}
	return &value, nil
}

func fieldsOfBook(c *packed.Codec, b *Book) {
	c.String(&b.Note)
	c.Strings(&b.Keys)
	packed.List(c, &b.Experiments, 8+4+4+8+2, func(c *packed.Codec, e *Experiment) {
		c.Int(&e.ID)
		packed.List(c, &e.Arms, 4, packed.Text[Arm])
		c.Ints(&e.Labels)
		c.Int(&e.Seeds)
		c.Bool(&e.Early)
		c.Bool(&e.Ended)
	})
}

func fieldsOfRun(c *packed.Codec, r *Run) {
	for _, text := range []*string{&r.Key, &r.Name, &r.Note, (*string)(&r.Arm), (*string)(&r.Phase), &r.Problem, &r.Of, &r.Backend, &r.Weights} {
		c.String(text)
	}
	c.Bool(&r.Pinned)
	c.Bool(&r.Hidden)
	c.Int(&r.Experiment)
	c.Int(&r.Classes)
	c.Int(&r.Bytes)
	c.Int(&r.Workers)
	source(c, &r.From)
	source(c, &r.Pictures)
	moment(c, &r.Began)
	config(c, &r.Config)
	started(c, r)
	progress(c, &r.Newest)
	packed.List(c, &r.History, 12*8, evaluated)
	series(c, &r.TrainLoss)
	series(c, &r.TrainAccuracy)
	answers(c, &r.Answers)
}

func source(c *packed.Codec, s *Source) {
	c.String(&s.Name)
	c.String(&s.SHA256)
}

// moment moves a time to the millisecond; the zero time is 0.
func moment(c *packed.Codec, t *time.Time) {
	var v int64
	if !t.IsZero() {
		v = t.UnixMilli()
	}
	packed.Integer(c, &v)
	if c.Reads() && v != 0 {
		*t = time.UnixMilli(v)
	}
}

// config moves all settings, by their names: a later version may know more of them, and
// have other defaults.
func config(c *packed.Codec, m *run.Config) {
	var written []string
	for _, s := range run.Settings() {
		if s.Field != "" {
			written = append(written, s.Name, s.Text(m))
		}
	}
	c.Strings(&written)
	if !c.Reads() {
		return
	}
	if len(written) < 2 || len(written)%2 != 0 || written[0] != "task" {
		c.Fail(fault.New("notebook", "the settings have no task"))
		return
	}
	*m = run.Default(run.Task(written[1]))
	for i := 0; i < len(written); i += 2 {
		s, err := run.Find(written[i])
		if err == nil {
			err = s.Set(m, written[i+1])
		}
		if err != nil {
			c.Fail(err)
			return
		}
	}
}

// started moves what a run set out to do. Its configuration differs from the run's by the
// batch alone, which few pictures do not fill.
func started(c *packed.Codec, r *Run) {
	m := &r.Started
	for _, n := range []*int{&m.Config.BatchSize, &m.StepsPerEpoch, &m.Steps, &m.TrainExamples, &m.TestExamples, &m.Parameters} {
		c.Int(n)
	}
	if c.Reads() && m.Steps > 0 {
		batch := m.Config.BatchSize
		m.Config = r.Config
		m.Config.BatchSize = batch
	}
}

func progress(c *packed.Codec, m *run.Progress) {
	c.Int(&m.Step)
	for _, x := range []*float64{&m.Epoch, &m.Loss, &m.Accuracy, &m.LearningRate, &m.ImagesPerSecond} {
		c.Float64(x)
	}
	c.Duration(&m.Remaining)
}

func evaluated(c *packed.Codec, m *run.Evaluated) {
	c.Int(&m.Epoch)
	c.Int(&m.Step)
	c.Int(&m.Examples)
	for _, x := range []*float64{&m.TrainLoss, &m.TrainAccuracy, &m.Loss, &m.Accuracy, &m.StandardError, &m.LearningRate, &m.ImagesPerSecond} {
		c.Float64(x)
	}
	c.Duration(&m.Elapsed)
	c.Duration(&m.Training)
}

// series moves a curve as its points, and how many measurements each stands for.
func series(c *packed.Codec, s *chart.Series) {
	points := s.Points()
	each, last := s.Resolution()
	packed.List(c, &points, 16, func(c *packed.Codec, p *chart.Point) {
		c.Float64(&p.X)
		c.Float64(&p.Y)
	})
	c.Int(&each)
	c.Int(&last)
	if c.Reads() {
		*s = chart.Restored(points, each, last)
	}
}

// answers moves what test pictures were taken for, if that is known.
func answers(c *packed.Codec, a **exam.Answers) {
	there := *a != nil
	c.Bool(&there)
	if !there {
		return
	}
	if c.Reads() {
		*a = &exam.Answers{}
	}
	c.Strings(&(*a).Classes)
	c.Int(&(*a).Turns)
	c.Int32s(&(*a).Labels)
	c.Int32s(&(*a).Guesses)
}
