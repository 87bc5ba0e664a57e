package stats

import "math"

// An Estimate is a mean of numbers of which several stem from the same run, and
// several from the same picture.
type Estimate struct {
	Value   float64
	Error   float64 // Its standard error.
	Freedom int     // Degrees of freedom of the error, at least 1; 0 where nothing is known of it.
	Rows    int     // Runs,
	Columns int     // and pictures.
}

// mostFreedom is where Student's t is the normal distribution to four digits.
const mostFreedom = 10_000

// Crossed returns the mean of a table [Rows][Columns] whose rows and whose columns are
// both samples of more, such as runs and test pictures: its error is that of other
// runs on other pictures. Rows have equal lengths.
//
// It is the analysis of variance of the crossed design with both factors at random,
// as radiology compares readings by several readers of the same cases: Dorfman,
// Berbaum and Metz 1992 (Investigative Radiology 27, 723–731), with the degrees of
// freedom of Hillis 2007 (Statistics in Medicine 26, 596–619, equation 19). It differs
// twice, each time to the wider side: where rows differ by less than chance within
// the table makes them differ they count as if by that, and the columns' part of the
// error has no more than the columns' degrees of freedom, as Satterthwaite 1946 has it
// (Biometrics Bulletin 2, 110–114). Freedom is rounded down.
//
// One row says nothing of other rows: the error is then that of other columns alone.
func Crossed(table [][]float64) Estimate {
	e := Estimate{Rows: len(table)}
	if e.Rows == 0 || len(table[0]) == 0 {
		return e
	}
	e.Columns = len(table[0])
	rows, columns := means(table)
	e.Value = Mean(rows)
	n, m := float64(e.Rows), float64(e.Columns)
	switch {
	case e.Columns == 1:
		e.Error, e.Freedom = Deviation(rows)/math.Sqrt(n), e.Rows-1
		return e
	case e.Rows == 1:
		e.Error, e.Freedom = Deviation(columns)/math.Sqrt(m), e.Columns-1
		return e
	}
	ofRows, ofColumns := m*square(Deviation(rows)), n*square(Deviation(columns)) // Mean squares.
	rest, restFreedom := residual(table, rows, columns, e.Value), (n-1)*(m-1)
	rowFreedom := n - 1
	if ofRows < rest {
		ofRows, rowFreedom = rest, restFreedom
	}
	more := max(ofColumns-rest, 0)
	e.Error = math.Sqrt((ofRows + more) / (n * m))
	freedom := square(ofRows+more) / (square(ofRows)/rowFreedom + square(more)/(m-1))
	if math.IsNaN(freedom) { // All numbers are the same.
		freedom = n - 1
	}
	e.Freedom = int(max(1, min(freedom, mostFreedom)))
	return e
}

func square(v float64) float64 { return v * v }

// means returns those of the rows and those of the columns.
func means(table [][]float64) (rows, columns []float64) {
	columns = make([]float64, len(table[0]))
	for _, row := range table {
		rows = append(rows, Mean(row))
		for i, v := range row {
			columns[i] += v / float64(len(table))
		}
	}
	return rows, columns
}

// residual is the mean square of what neither row nor column explains.
func residual(table [][]float64, rows, columns []float64, mean float64) float64 {
	var sum float64
	for r, row := range table {
		for c, v := range row {
			sum += square(v - rows[r] - columns[c] + mean)
		}
	}
	return sum / float64((len(rows)-1)*(len(columns)-1))
}

// Interval returns the mean with its 95 % interval.
func (e Estimate) Interval() Interval {
	if e.Freedom == 0 {
		return Interval{e.Value, math.Inf(-1), math.Inf(1)}
	}
	spread := Quantile(e.Freedom) * e.Error
	return Interval{e.Value, e.Value - spread, e.Value + spread}
}

// P returns how often chance alone would bring a mean as far from 0, on either side.
// It is not a number where there is no error to measure it by.
func (e Estimate) P() float64 {
	if e.Freedom == 0 || e.Error < same {
		return math.NaN()
	}
	return 1 - Within(math.Abs(e.Value)/e.Error, e.Freedom)
}

// Margin returns the least difference that can be excluded, on both sides and with an
// error of 5 % each: two things whose difference the mean is are equal within it, by two
// one-sided tests (Schuirmann 1987, Journal of Pharmacokinetics and Biopharmaceutics
// 15, 657–680). It is infinite where nothing is known of the error.
func (e Estimate) Margin() float64 {
	if e.Freedom == 0 {
		return math.Inf(1)
	}
	return math.Abs(e.Value) + quantile(2*Level-1, e.Freedom)*e.Error
}

// Share returns the mean of numbers from 0 to 1 with a 95 % interval that stays within
// them: Wilson's, for as many independent examples as would have the same error,
// less what the error's own uncertainty costs (Korn and Graubard 1998, Survey
// Methodology 24, 193–201; Franco et al. 2019, Journal of Survey Statistics and
// Methodology 7, 334–364, find it the best of eleven). Where all numbers are 0, or all
// are 1, each column counts as one example.
func (e Estimate) Share() Interval {
	if e.Columns == 0 || e.Freedom == 0 {
		return Interval{e.Value, 0, 1}
	}
	n := float64(e.Columns)
	if spread := e.Value * (1 - e.Value); spread > 0 && e.Error > 0 {
		n = spread / square(e.Error) * square(z/Quantile(e.Freedom))
	}
	return wilson(e.Value, n)
}

// OfPictures returns a share of so many pictures whose standard error is known, with its
// 95 % interval. Of an error of 0, which tells nothing, it is Wilson's of the pictures.
func OfPictures(share, standardError float64, pictures int) Interval {
	if standardError == 0 {
		return Wilson(int(math.Round(share*float64(pictures))), pictures)
	}
	return Estimate{Value: share, Error: standardError, Freedom: pictures - 1, Rows: 1, Columns: pictures}.Share()
}

// Clusters returns the mean of a sample of clusters of examples, such as a picture in
// its four turns, each given as its share of right ones. Examples of a cluster may be
// alike, so that it is the clusters that are counted.
func Clusters(shares []float64) Estimate { return Crossed([][]float64{shares}) }
