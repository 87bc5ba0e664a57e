package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// bootstrap is the simple reference of Crossed: rows and columns are drawn again,
// each with replacement and independently of the other (Owen 2007, the pigeonhole
// bootstrap, Annals of Applied Statistics 1, 386–411). It returns the standard error.
func bootstrap(table [][]float64, draws int, seed uint64) float64 {
	random := rand.New(rand.NewPCG(seed, 0))
	n, m := len(table), len(table[0])
	means := make([]float64, draws)
	columns := make([]int, m)
	for d := range means {
		for i := range columns {
			columns[i] = random.IntN(m)
		}
		for range n {
			row := table[random.IntN(n)]
			for _, c := range columns {
				means[d] += row[c] / float64(n*m)
			}
		}
	}
	return Deviation(means)
}

// runs makes a table of what so many networks get right of so many pictures: both
// have an ability of their own, and each pair is a toss.
func runs(random *rand.Rand, rows, columns int, ofRows, ofColumns, offset float64) [][]float64 {
	difficulty := make([]float64, columns)
	for i := range difficulty {
		difficulty[i] = ofColumns * random.NormFloat64()
	}
	table := make([][]float64, rows)
	for r := range table {
		skill := ofRows * random.NormFloat64()
		for c := range columns {
			right := 0.0
			if random.Float64() < 1/(1+math.Exp(-(offset+skill+difficulty[c]))) {
				right = 1
			}
			table[r] = append(table[r], right)
		}
	}
	return table
}

// TestCrossedAgainstABootstrap: with 20 runs and 200 pictures the error in closed form
// is that of the bootstrap. The bootstrap counts what is within the table up to three
// times (Owen 2007, theorem 3), and the table's own numbers are a sample: 20 %.
func TestCrossedAgainstABootstrap(t *testing.T) {
	for name, spread := range map[string][2]float64{"runs differ": {1, 0.2}, "pictures differ": {0.1, 2}, "both": {0.7, 1.5}} {
		table := runs(rand.New(rand.NewPCG(1, 2)), 20, 200, spread[0], spread[1], 0.5)
		want, got := bootstrap(table, 4000, 3), Crossed(table).Error
		if math.Abs(got/want-1) > 0.2 {
			t.Errorf("%s: the error is %.4f, of the bootstrap %.4f", name, got, want)
		}
	}
}

// TestIntervalsCover counts how often the interval holds the truth, over 1,000
// experiments of five runs and 75 pictures. The deviation of such a count is 0.7 % where
// 95 % is right; Student's interval over the runs alone holds it in about half.
func TestIntervalsCover(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 5))
	var truth float64 // By many runs and pictures.
	const worlds = 400_000
	for range worlds {
		truth += 1 / (1 + math.Exp(-(0.5 + 0.2*random.NormFloat64() + 4*random.NormFloat64()))) / worlds
	}
	within := func(i Interval) int {
		if i.Low <= truth && truth <= i.High {
			return 1
		}
		return 0
	}
	const experiments = 1000
	var crossed, share, seeds int
	for range experiments {
		table := runs(random, 5, 75, 0.2, 4, 0.5)
		e := Crossed(table)
		crossed, share = crossed+within(e.Interval()), share+within(e.Share())
		rows, _ := means(table)
		seeds += within(MeanInterval(rows))
	}
	for name, held := range map[string]int{"Interval": crossed, "Share": share} {
		if held < 930 || held > 985 {
			t.Errorf("%s holds the truth in %d of %d", name, held, experiments)
		}
	}
	t.Logf("of %d intervals %d hold the truth, of shares %d, over seeds alone %d", experiments, crossed, share, seeds)
	if seeds > 700 {
		t.Errorf("an interval over seeds holds it in %d of %d: the test has lost its point", seeds, experiments)
	}
}

// TestCrossedByHand: three runs and two pictures. Rows' means are 1, 2 and 3, columns'
// 1.5 and 2.5; nothing is left. Mean squares: rows 2·1 = 2, columns 3·0.5 = 1.5, rest 0.
func TestCrossedByHand(t *testing.T) {
	e := Crossed([][]float64{{0.5, 1.5}, {1.5, 2.5}, {2.5, 3.5}})
	if e.Value != 2 || math.Abs(e.Error-math.Sqrt(3.5/6)) > 1e-12 {
		t.Errorf("%+v, want 2 with an error of √(3.5/6)", e)
	}
	if e.Freedom != 2 { // (2 + 1.5)² / (2²/2 + 1.5²/1) = 2.88.
		t.Errorf("%d degrees of freedom, want 2", e.Freedom)
	}
}

func TestCrossedAtTheEdges(t *testing.T) {
	if e := Crossed(nil); e.Interval().High != math.Inf(1) || !math.IsNaN(e.P()) || e.Share() != (Interval{0, 0, 1}) || !math.IsInf(e.Margin(), 1) {
		t.Errorf("nothing: %+v", e)
	}
	if e := Crossed([][]float64{{1}}); e.Freedom != 0 || e.Share().Low != 0 {
		t.Errorf("one number: %+v %+v", e, e.Share())
	}
	alike := func(a, b Interval) bool { return a.Value == b.Value && math.Abs(a.Low-b.Low)+math.Abs(a.High-b.High) < 1e-12 }
	if e := Crossed([][]float64{{3}, {4}, {5}}); !alike(e.Interval(), MeanInterval([]float64{3, 4, 5})) {
		t.Errorf("one picture: %+v, want the interval over runs", e.Interval())
	}
	if e := Crossed([][]float64{{3, 4, 5}}); !alike(e.Interval(), MeanInterval([]float64{3, 4, 5})) {
		t.Errorf("one run: %+v, want the interval over pictures", e.Interval())
	}
	if e := Crossed([][]float64{{1, 1, 1}, {1, 1, 1}}); !math.IsNaN(e.P()) || e.Share() != Wilson(3, 3) {
		t.Errorf("all right: p %v, %+v, want Wilson's interval of three pictures", e.P(), e.Share())
	}
}

// TestClustersOfTurns: four turns of a picture that are all right or all wrong tell no
// more than one; independent ones tell four times as much.
func TestClustersOfTurns(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 7))
	var alike, apart []float64
	right := 0
	for range 1000 {
		var turns float64
		for range 4 {
			if random.Float64() < 0.85 {
				turns += 0.25
				right++
			}
		}
		apart = append(apart, turns)
		whole := 0.0
		if random.Float64() < 0.85 {
			whole = 1
		}
		alike = append(alike, whole)
	}
	width := func(i Interval) float64 { return i.High - i.Low }
	independent := Wilson(right, 4000)
	if got := Clusters(apart).Share(); math.Abs(width(got)/width(independent)-1) > 0.06 {
		t.Errorf("independent turns: %+v, want about %+v", got, independent)
	}
	if got := Clusters(alike).Share(); width(got) < 1.8*width(independent) {
		t.Errorf("turns that go together: %+v, want about twice as wide as %+v", got, independent)
	}
}

// TestMargin: mean 1, error 0.5, a thousand degrees: 1 + 1.646·0.5.
func TestMargin(t *testing.T) {
	e := Estimate{Value: -1, Error: 0.5, Freedom: 1000, Rows: 2, Columns: 2}
	if got := e.Margin(); math.Abs(got-1.8232) > 1e-3 {
		t.Errorf("equal within %v, want 1.823", got)
	}
}

// TestHolm compares with R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") is 0.03, 0.06,
// 0.06, 0.02.
func TestHolm(t *testing.T) {
	nan := math.NaN()
	for _, tt := range []struct{ ps, want []float64 }{
		{[]float64{0.01, 0.04, 0.03, 0.005}, []float64{0.03, 0.06, 0.06, 0.02}},
		{[]float64{0.5, nan, 0.6}, []float64{1, nan, 1}},
		{[]float64{0.038}, []float64{0.038}},
		{nil, nil},
	} {
		for i, got := range Holm(tt.ps) {
			if math.Abs(got-tt.want[i]) > 1e-12 || math.IsNaN(got) != math.IsNaN(tt.want[i]) {
				t.Errorf("Holm(%v)[%d] = %v, want %v", tt.ps, i, got, tt.want[i])
			}
		}
	}
}
