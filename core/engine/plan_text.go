package engine

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"quarterturn/core/engine/loop"
)

// String prints the plan, a line for each step: what it does, what it reads and
// what it writes.
//
//	in3        the memory of parameter 3
//	out2       that of output 2
//	out2=in3   the same, which is that of parameter 3 if it is donated
//	a7{0:64}   a range of the arena, numbered as they appear, in bytes
//
// What depends on the platform or on the number of threads stands in braces.
func (p *plan) String() string {
	t := planText{plan: p, ranges: map[*block]int{}}
	fmt.Fprintf(&t.lines, "%d steps, %d inputs, %d outputs, {%d} bytes of arena\n", len(p.steps), len(p.inputs), len(p.outputs), 8*p.arenaWords)
	for i, s := range p.steps {
		if i == p.interruptible() {
			t.lines.WriteString("not interrupted from here on\n")
		}
		fmt.Fprintf(&t.lines, "%3d %s\n", i, t.step(s))
	}
	return t.lines.String()
}

// planText is a plan while it is printed.
type planText struct {
	*plan
	lines  strings.Builder
	ranges map[*block]int // Numbers of the blocks seen so far.
}

func (t *planText) step(s planned) string {
	if l, ok := s.step.(*loopStep); ok {
		return t.loop(l)
	}
	return fmt.Sprintf("%s ← %s → %s", s.named, t.values("", s.reads), t.values("", s.writes))
}

// loop prints the program, and under which names it has which values.
func (t *planText) loop(l *loopStep) string {
	var in []string
	for i, v := range l.reads {
		name := "r" + strconv.Itoa(i)
		if access := l.Reads[i].Access; access != loop.Full {
			name += " " + access.String()
		}
		in = append(in, name+" "+t.value(v))
	}
	for i, n := range l.numbers {
		text := strconv.FormatFloat(float64(n.constant), 'g', -1, 32)
		if n.value != nil {
			text = t.value(n.value)
		}
		in = append(in, fmt.Sprintf("n%d %s", i, text))
	}
	out := t.values("w", l.writes)
	if len(l.writes) > 0 && len(l.sums) > 0 {
		out += ", "
	}
	return fmt.Sprintf("loop %s ← %s → %s", l.Program.String(), strings.Join(in, ", "), out+t.values("s", l.sums))
}

// values prints values, named by a letter and their number if there is one.
func (t *planText) values(letter string, values []*value) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = t.value(v)
		if letter != "" {
			texts[i] = letter + strconv.Itoa(i) + " " + texts[i]
		}
	}
	return strings.Join(texts, ", ")
}

// value prints a shape and where it is.
func (t *planText) value(v *value) string {
	shape := shapeText(v.shape)
	switch v = v.owner(); v.place {
	case placeInput:
		return fmt.Sprintf("%s in%d", shape, v.number)
	case placeOutput:
		if in := t.pairs[v.number]; in >= 0 {
			return fmt.Sprintf("%s out%d=in%d", shape, v.number, in)
		}
		return fmt.Sprintf("%s out%d", shape, v.number)
	case placeConstant:
		return shape + " constant"
	}
	number, ok := t.ranges[v.block]
	if !ok {
		number = len(t.ranges)
		t.ranges[v.block] = number
	}
	return fmt.Sprintf("%s a%d{%d:%d}", shape, number, 8*v.block.offset, 8*(v.block.offset+v.block.words))
}

// shapeText prints dimensions, after the dtype unless it is float32.
func shapeText(s shapes.Shape) string {
	text := fmt.Sprint(s.Dimensions)
	if s.DType == dtypes.Float32 {
		return text
	}
	return strings.ToLower(s.DType.String()) + text
}
