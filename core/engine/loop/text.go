package loop

import (
	"fmt"
	"strings"
)

// opNames is what opcodes are called in plans and profiles.
var opNames = [opCount]string{
	OpAdd: "add", OpAddScalar: "add-number", OpSub: "sub", OpSubScalar: "sub-number", OpScalarSub: "number-sub",
	OpMul: "mul", OpMulScalar: "mul-number", OpDiv: "div", OpDivScalar: "div-number", OpScalarDiv: "number-div",
	OpMax: "max", OpMaxScalar: "max-number", OpMin: "min", OpMinScalar: "min-number",
	OpNeg: "neg", OpAbs: "abs", OpSign: "sign", OpSqrt: "sqrt", OpRsqrt: "rsqrt", OpExp: "exp", OpLog: "log",
	OpPass: "pass", OpNonNegative: "non-negative",
	OpAffine: "affine", OpAffineReLU: "affine-relu", OpAffineAdd: "affine-add", OpAffineAddReLU: "affine-add-relu",
	OpBilinear: "bilinear", OpPassAffine: "pass-affine", OpPassAffineAdd: "pass-affine-add",
	OpSum: "sum", OpSumSquares: "sum-squares", OpSumProducts: "sum-products",
}

// String returns the opcode's name, such as "affine-relu".
func (o Opcode) String() string { return opNames[o] }

// takesNumber reports whether the second operand is a number.
func (o Opcode) takesNumber() bool {
	switch o {
	case OpAddScalar, OpSubScalar, OpScalarSub, OpMulScalar, OpDivScalar, OpScalarDiv, OpMaxScalar, OpMinScalar:
		return true
	}
	return false
}

// String lists the instructions, as in "t0 = sub r0 r1; s0 s1 = sum-squares t0 r2":
// r is what is read, w what is written, t a register, n a number, s a sum.
func (p *Program) String() string {
	lines := make([]string, len(p.Code))
	for i := range p.Code {
		lines[i] = p.text(&p.Code[i])
	}
	return strings.Join(lines, "; ")
}

func (p *Program) text(i *Instruction) string {
	var b strings.Builder
	switch {
	case i.Op == OpSum:
		fmt.Fprintf(&b, "s%d", i.Dst)
	case i.IsSum():
		fmt.Fprintf(&b, "s%d s%d", i.Dst, i.Second)
	default:
		b.WriteString(p.slot(i.Dst))
	}
	fmt.Fprintf(&b, " = %s", i.Op)
	for _, arg := range i.Args[:operands[i.Op]] {
		b.WriteByte(' ')
		b.WriteString(p.slot(arg))
	}
	if i.Op.takesNumber() {
		fmt.Fprintf(&b, " n%d", i.Args[1])
	}
	return b.String()
}

// slot names a slot.
func (p *Program) slot(s int) string {
	switch reads := len(p.Reads); {
	case s < reads:
		return fmt.Sprintf("r%d", s)
	case s < reads+p.Writes:
		return fmt.Sprintf("w%d", s-reads)
	default:
		return fmt.Sprintf("t%d", s-reads-p.Writes)
	}
}

// maxNamed is how many opcodes Form names before it counts the rest.
const maxNamed = 4

// Form names the opcodes in order, those that follow themselves once, as in
// "affine-relu, sum-squares": loops of one form do the same to their arrays.
func (p *Program) Form() string {
	var names []string
	rest := 0
	for k, i := range p.Code {
		switch {
		case k > 0 && i.Op == p.Code[k-1].Op:
		case len(names) < maxNamed:
			names = append(names, i.Op.String())
		default:
			rest++
		}
	}
	form := strings.Join(names, ", ")
	if rest > 0 {
		form += fmt.Sprintf(" and %d more", rest)
	}
	return form
}
