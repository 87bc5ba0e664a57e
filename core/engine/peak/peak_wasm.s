//go:build wasm && goexperiment.simd

#include "textflag.h"

#define START(value, sum) \
	F32Const $(value); \
	F32x4Splat; \
	Set      sum

// SUM adds the product of V10, which changes with each round, and a constant.
#define SUM(factor, sum) \
	Get      sum; \
	Get      V10; \
	Get      factor; \
	F32x4Mul; \
	F32x4Add; \
	Set      sum

#define ADD(sum) \
	Get sum; \
	F32x4Add

// Eight sums: enough that none waits for itself, only its addition being in the
// way to the next round, and few enough that a browser's compiler keeps them in
// registers (ten measured 25 GFLOPS in Chromium 156 where eight give 59). The
// factors differ, V10 decays, and the sums end up in the result, or the compiler
// would compute less than is asked for.

// func vectorLoop(n int, result *[4]float32)
TEXT ·vectorLoop(SB), NOSPLIT, $0-16
	I64Load n+0(FP)
	Set     R0
	START(1.0, V10)
	START(0.9999999, V11)
	START(2.0, V12)
	START(3.0, V13)
	Block
	Loop
	Get      V10
	Get      V11
	F32x4Mul
	Set      V10
	SUM(V12, V0)
	SUM(V13, V1)
	SUM(V12, V2)
	SUM(V13, V3)
	SUM(V12, V4)
	SUM(V13, V5)
	SUM(V12, V6)
	SUM(V13, V7)
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
