package exam

import (
	"fmt"

	"quarterturn/core/fault"
)

// A Confusion counts how the test pictures of each class were named.
type Confusion struct {
	Classes []string `json:"classes"`
	Counts  [][]int  `json:"counts"` // [Classes of the pictures][Classes they were named]
}

// Limits of a Confusion.
const (
	MaxClasses = 1000
	maxCount   = 1 << 40
)

// NewConfusion counts guesses against labels, both indices of classes.
func NewConfusion(classes []string, labels, guesses []int32) *Confusion {
	c := &Confusion{Classes: classes, Counts: make([][]int, len(classes))}
	for i := range c.Counts {
		c.Counts[i] = make([]int, len(classes))
	}
	for i, label := range labels {
		c.Counts[label][guesses[i]]++
	}
	return c
}

// Check returns an error unless the counts are such as answers give.
func (c *Confusion) Check() error {
	n := len(c.Classes)
	if n < 2 || n > MaxClasses {
		return fault.Errorf("exam", "a confusion matrix of %d classes, want 2 to %d", n, MaxClasses)
	}
	if len(c.Counts) != n {
		return fault.Errorf("exam", "a confusion matrix of %d rows for %d classes", len(c.Counts), n)
	}
	for i, row := range c.Counts {
		if len(row) != n {
			return fault.Errorf("exam", "row %d of the confusion matrix has %d numbers for %d classes", i+1, len(row), n)
		}
		for _, count := range row {
			if count < 0 || count > maxCount {
				return fault.Errorf("exam", "row %d of the confusion matrix counts %d", i+1, count)
			}
		}
	}
	return nil
}

// Right returns how many pictures were named correctly, of how many.
func (c *Confusion) Right() (right, examples int) {
	for i, row := range c.Counts {
		right += row[i]
		for _, count := range row {
			examples += count
		}
	}
	return right, examples
}

// Add adds the counts of another run on the same classes.
func (c *Confusion) Add(d *Confusion) error {
	if fmt.Sprint(c.Classes) != fmt.Sprint(d.Classes) {
		return fault.New("exam", "the confusion matrices are of different classes")
	}
	for i, row := range d.Counts {
		for j, count := range row {
			c.Counts[i][j] += count
		}
	}
	return nil
}
