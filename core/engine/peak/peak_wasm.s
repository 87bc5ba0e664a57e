//go:build wasm && goexperiment.simd

#include "textflag.h"

#define START(value, sum) \
	F32Const $(value); \
	F32x4Splat; \
	Set      sum

// SUM adds V8 times the sum to it. The factor is so small that sums stay finite.
#define SUM(sum) \
	Get      sum; \
	Get      V8; \
	Get      sum; \
	F32x4Mul; \
	F32x4Add; \
	Set      sum

#define ADD(sum) \
	Get sum; \
	F32x4Add

// Eight sums, enough that none waits for itself. They begin differently and end
// up in the result, or V8 would take them for one or for none.

// func vectorLoop(n int, result *[4]float32)
TEXT ·vectorLoop(SB), NOSPLIT, $0-16
	I64Load n+0(FP)
	Set     R0
	START(1.0, V0)
	START(2.0, V1)
	START(3.0, V2)
	START(4.0, V3)
	START(5.0, V4)
	START(6.0, V5)
	START(7.0, V6)
	START(8.0, V7)
	START(1e-12, V8)
	Block
	Loop
	SUM(V0)
	SUM(V1)
	SUM(V2)
	SUM(V3)
	SUM(V4)
	SUM(V5)
	SUM(V6)
	SUM(V7)
	Get     R0
	I64Const $-1
	I64Add
	Tee     R0
	I64Eqz
	BrIf    $1
	Br      $0
	End
	End
	I64Load result+8(FP)
	I32WrapI64
	Get     V0
	ADD(V1)
	ADD(V2)
	ADD(V3)
	ADD(V4)
	ADD(V5)
	ADD(V6)
	ADD(V7)
	V128Store $0
	RET
