//go:build wasm && goexperiment.simd

#include "go_asm.h"
#include "textflag.h"

// The sums of a 2×16 tile are V0 to V3 and V4 to V7, a row of b is V8 to V11, and
// V12 and V13 are elements of a in all lanes.

// SPLAT loads the float at offset bytes behind reg into all lanes of v.
//
// The assembler of Go 1.27.1 does not write the memory argument of
// V128Load32Splat (wasmobj.go lists V128Load alone): alignment and offset, two
// bytes, must follow. Unreachable is assembled to the one byte 0, so two of them
// are that argument and never run. A toolchain that writes the argument itself
// would make the first tile trap, in every test of this package.
//
// It is worth it: F32Load and F32x4Splat are two instructions in x86 too, the
// second on the units that add, and such loops run at 44 GFLOPS where these run
// at 58 (both in assembly on a Zen 4 at 3.7 GHz).
#define SPLAT(reg, offset, v) \
	Get      reg; \
	I32WrapI64; \
	I32Const $offset; \
	I32Add; \
	V128Load32Splat; \
	Unreachable; \
	Unreachable; \
	Set      v

#define SUM(x, y, sum) \
	Get      sum; \
	Get      x; \
	Get      y; \
	F32x4Mul; \
	F32x4Add; \
	Set      sum

// STEP adds the products of elements x of both rows and the row of b at y.
#define STEP(x, y) \
	V128Load (y+0)(R4); \
	Set      V8; \
	V128Load (y+16)(R4); \
	Set      V9; \
	V128Load (y+32)(R4); \
	Set      V10; \
	V128Load (y+48)(R4); \
	Set      V11; \
	SPLAT(R2, x, V12); \
	SUM(V12, V8, V0); \
	SUM(V12, V9, V1); \
	SUM(V12, V10, V2); \
	SUM(V12, V11, V3); \
	SPLAT(R3, x, V13); \
	SUM(V13, V8, V4); \
	SUM(V13, V9, V5); \
	SUM(V13, V10, V6); \
	SUM(V13, V11, V7)

#define ADVANCE(reg, bytes) \
	Get      reg; \
	I64Const bytes; \
	I64Add; \
	Set      reg

// LEAVEIFLAST counts R5 down and leaves the block around the loop at 0. Besides
// counting, it keeps V8 from moving the loads of all four steps to the front, for
// which there are not registers enough.
#define LEAVEIFLAST \
	ADVANCE(R5, $-1); \
	Get R5; \
	I64Eqz; \
	BrIf $1

#define ADD(reg, other) \
	Get reg; \
	Get other; \
	I64Add; \
	Set reg

// ROW sets reg to base + 4·(the int32 at offset in table).
#define ROW(base, table, offset, reg) \
	Get      base; \
	I64Load32S offset(table); \
	I64Const $2; \
	I64Shl; \
	I64Add; \
	Set      reg

#define LOADSUMS(reg, a, b, c, d) \
	V128Load 0(reg); \
	Set      a; \
	V128Load 16(reg); \
	Set      b; \
	V128Load 32(reg); \
	Set      c; \
	V128Load 48(reg); \
	Set      d

// STORE adds the offset by hand: the assembler of Go 1.27 drops that of V128Store.
#define STORE(reg, offset, v) \
	Get      reg; \
	I32WrapI64; \
	I32Const $offset; \
	I32Add; \
	Get      v; \
	V128Store $0

#define STORESUMS(reg, a, b, c, d) \
	STORE(reg, 0, a); \
	STORE(reg, 16, b); \
	STORE(reg, 32, c); \
	STORE(reg, 48, d)

#define ZERO(v) \
	V128Const $0, $0; \
	Set      v

// func multiplySIMD(t *tileProduct)
TEXT ·multiplySIMD(SB), NOSPLIT, $0-8
	MOVD t+0(FP), R0
	MOVD tileProduct_aRows(R0), R8
	MOVD tileProduct_cRows(R0), R9
	MOVD tileProduct_tiles(R0), R1
	Get  R0
	I32WrapI64
	I64Load $tileProduct_stride
	I64Const $2
	I64Shl
	Set  R7
	Loop
		MOVD tileProduct_a(R0), R10
		ROW(R10, R8, 0, R2)
		ROW(R10, R8, 4, R3)
		MOVD tileProduct_c(R0), R10
		ROW(R10, R9, 0, R11)
		ROW(R10, R9, 4, R12)
		MOVD tileProduct_accumulate(R0), R10
		Get  R10
		I32WrapI64
		If
			LOADSUMS(R11, V0, V1, V2, V3)
			LOADSUMS(R12, V4, V5, V6, V7)
		Else
			ZERO(V0)
			ZERO(V1)
			ZERO(V2)
			ZERO(V3)
			ZERO(V4)
			ZERO(V5)
			ZERO(V6)
			ZERO(V7)
		End
		MOVD tileProduct_b(R0), R4
		MOVD tileProduct_segments(R0), R6
		Loop
			MOVD tileProduct_length(R0), R5
			Get R2
			Set R13
			Get R3
			Set R14
			Get R4
			Get R5
			I64Const $6
			I64Shl
			I64Add
			Set R15         // The row of b behind the segment.
			Block
				Loop
					STEP(0, 0)
					LEAVEIFLAST
					STEP(4, 64)
					LEAVEIFLAST
					STEP(8, 128)
					LEAVEIFLAST
					STEP(12, 192)
					ADVANCE(R2, $16)
					ADVANCE(R3, $16)
					ADVANCE(R4, $256)
					LEAVEIFLAST
					Br $0
				End
			End
			Get R15
			Set R4
			Get R13
			Get R7
			I64Add
			Set R2
			Get R14
			Get R7
			I64Add
			Set R3
			ADVANCE(R6, $-1)
			Get R6
			I64Const $0
			I64Ne
			BrIf $0
		End
		STORESUMS(R11, V0, V1, V2, V3)
		STORESUMS(R12, V4, V5, V6, V7)
		ADVANCE(R8, $8)
		ADVANCE(R9, $8)
		ADVANCE(R1, $-1)
		Get R1
		I64Const $0
		I64Ne
		BrIf $0
	End
	RET

// GSTEP is STEP for rows of the transpose, which lie side by side at R2,
// and the row of b at y.
#define GSTEP(y) \
	V128Load (y+0)(R4); \
	Set      V8; \
	V128Load (y+16)(R4); \
	Set      V9; \
	V128Load (y+32)(R4); \
	Set      V10; \
	V128Load (y+48)(R4); \
	Set      V11; \
	SPLAT(R2, 0, V12); \
	SUM(V12, V8, V0); \
	SUM(V12, V9, V1); \
	SUM(V12, V10, V2); \
	SUM(V12, V11, V3); \
	SPLAT(R2, 4, V13); \
	SUM(V13, V8, V4); \
	SUM(V13, V9, V5); \
	SUM(V13, V10, V6); \
	SUM(V13, V11, V7); \
	ADD(R2, R14)

// func gradientSIMD(t *tileGradient)
TEXT ·gradientSIMD(SB), NOSPLIT, $0-8
	MOVD t+0(FP), R0
	MOVD tileGradient_c(R0), R11
	MOVD tileGradient_a(R0), R1
	MOVD tileGradient_tiles(R0), R3
	Get  R0
	I32WrapI64
	I64Load $tileGradient_aStep
	I64Const $2
	I64Shl
	Set  R14
	Get  R0
	I32WrapI64
	I64Load $tileGradient_cStep
	I64Const $2
	I64Shl
	Set  R7
	Loop
		Get R11
		Get R7
		I64Add
		Set R12
		LOADSUMS(R11, V0, V1, V2, V3)
		LOADSUMS(R12, V4, V5, V6, V7)
		MOVD tileGradient_runs(R0), R8
		MOVD tileGradient_count(R0), R9
		MOVD tileGradient_b(R0), R10
		Loop
			ROW(R1, R8, run_a, R2)
			ROW(R10, R8, run_b, R4)
			Get R8
			I32WrapI64
			I64Load32S $run_n
			Set R5
			Block
				Loop
					GSTEP(0)
					LEAVEIFLAST
					GSTEP(64)
					LEAVEIFLAST
					GSTEP(128)
					LEAVEIFLAST
					GSTEP(192)
					ADVANCE(R4, $256)
					LEAVEIFLAST
					Br $0
				End
			End
			ADVANCE(R8, $run__size)
			ADVANCE(R9, $-1)
			Get R9
			I64Const $0
			I64Ne
			BrIf $0
		End
		STORESUMS(R11, V0, V1, V2, V3)
		STORESUMS(R12, V4, V5, V6, V7)
		Get R12
		Get R7
		I64Add
		Set R11
		ADVANCE(R1, $8)
		ADVANCE(R3, $-1)
		Get R3
		I64Const $0
		I64Ne
		BrIf $0
	End
	RET
