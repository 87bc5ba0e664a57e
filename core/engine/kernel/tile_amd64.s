//go:build amd64

#include "go_asm.h"
#include "textflag.h"

// One step of the sums of a 6×16 tile: row r of a is broadcast and multiplied by
// the 16 columns of b in Y12 and Y13. Y14 and Y15 alternate, so that a broadcast
// need not wait for the multiplications before it.
#define STEP(a0, a1, a2, a3, a4, a5) \
	VBROADCASTSS a0, Y14; \
	VBROADCASTSS a1, Y15; \
	VFMADD231PS  Y12, Y14, Y0; \
	VFMADD231PS  Y13, Y14, Y1; \
	VBROADCASTSS a2, Y14; \
	VFMADD231PS  Y12, Y15, Y2; \
	VFMADD231PS  Y13, Y15, Y3; \
	VBROADCASTSS a3, Y15; \
	VFMADD231PS  Y12, Y14, Y4; \
	VFMADD231PS  Y13, Y14, Y5; \
	VBROADCASTSS a4, Y14; \
	VFMADD231PS  Y12, Y15, Y6; \
	VFMADD231PS  Y13, Y15, Y7; \
	VBROADCASTSS a5, Y15; \
	VFMADD231PS  Y12, Y14, Y8; \
	VFMADD231PS  Y13, Y14, Y9; \
	VFMADD231PS  Y12, Y15, Y10; \
	VFMADD231PS  Y13, Y15, Y11

#define ZERO \
	VXORPS Y0, Y0, Y0; \
	VXORPS Y1, Y1, Y1; \
	VXORPS Y2, Y2, Y2; \
	VXORPS Y3, Y3, Y3; \
	VXORPS Y4, Y4, Y4; \
	VXORPS Y5, Y5, Y5; \
	VXORPS Y6, Y6, Y6; \
	VXORPS Y7, Y7, Y7; \
	VXORPS Y8, Y8, Y8; \
	VXORPS Y9, Y9, Y9; \
	VXORPS Y10, Y10, Y10; \
	VXORPS Y11, Y11, Y11

// A row of c at base + 4·offset, where offset is in the table at DX.
#define LOADROW(i, low, high) \
	MOVLQSX (i*4)(DX), CX; \
	VMOVUPS (BX)(CX*4), low; \
	VMOVUPS 32(BX)(CX*4), high

#define STOREROW(i, low, high) \
	MOVLQSX (i*4)(DX), CX; \
	VMOVUPS low, (BX)(CX*4); \
	VMOVUPS high, 32(BX)(CX*4)

// AROW points reg at the end of a row's first segment.
#define AROW(i, reg) \
	MOVLQSX (i*4)(DX), CX; \
	LEAQ    (BX)(CX*4), reg

// func multiplyFMA(t *tileProduct)
TEXT ·multiplyFMA(SB), NOSPLIT, $0-8
	MOVQ t+0(FP), DI
	XORQ AX, AX      // Tile t, times 24: the tables have six int32 a tile.

tile:
	MOVQ tileProduct_aRows(DI), DX
	ADDQ AX, DX
	MOVQ tileProduct_a(DI), BX
	MOVQ tileProduct_length(DI), SI
	LEAQ (BX)(SI*4), BX
	AROW(0, R8)
	AROW(1, R9)
	AROW(2, R10)
	AROW(3, R11)
	AROW(4, R12)
	AROW(5, R13)
	MOVQ tileProduct_accumulate(DI), CX
	TESTQ CX, CX
	JNZ  load
	ZERO
	JMP  loaded

load:
	MOVQ tileProduct_cRows(DI), DX
	ADDQ AX, DX
	MOVQ tileProduct_c(DI), BX
	LOADROW(0, Y0, Y1)
	LOADROW(1, Y2, Y3)
	LOADROW(2, Y4, Y5)
	LOADROW(3, Y6, Y7)
	LOADROW(4, Y8, Y9)
	LOADROW(5, Y10, Y11)

loaded:
	MOVQ tileProduct_b(DI), SI
	MOVQ tileProduct_segments(DI), DX
	MOVQ tileProduct_stride(DI), BX
	SHLQ $2, BX

segment:
	MOVQ tileProduct_length(DI), CX
	NEGQ CX
	ADDQ $4, CX
	JGT  rest

four:
	VMOVUPS (SI), Y12
	VMOVUPS 32(SI), Y13
	STEP(-16(R8)(CX*4), -16(R9)(CX*4), -16(R10)(CX*4), -16(R11)(CX*4), -16(R12)(CX*4), -16(R13)(CX*4))
	VMOVUPS 64(SI), Y12
	VMOVUPS 96(SI), Y13
	STEP(-12(R8)(CX*4), -12(R9)(CX*4), -12(R10)(CX*4), -12(R11)(CX*4), -12(R12)(CX*4), -12(R13)(CX*4))
	VMOVUPS 128(SI), Y12
	VMOVUPS 160(SI), Y13
	STEP(-8(R8)(CX*4), -8(R9)(CX*4), -8(R10)(CX*4), -8(R11)(CX*4), -8(R12)(CX*4), -8(R13)(CX*4))
	VMOVUPS 192(SI), Y12
	VMOVUPS 224(SI), Y13
	STEP(-4(R8)(CX*4), -4(R9)(CX*4), -4(R10)(CX*4), -4(R11)(CX*4), -4(R12)(CX*4), -4(R13)(CX*4))
	ADDQ $256, SI
	ADDQ $4, CX
	JLE  four

rest:
	CMPQ CX, $4
	JGE  next

one:
	VMOVUPS (SI), Y12
	VMOVUPS 32(SI), Y13
	STEP(-16(R8)(CX*4), -16(R9)(CX*4), -16(R10)(CX*4), -16(R11)(CX*4), -16(R12)(CX*4), -16(R13)(CX*4))
	ADDQ $64, SI
	INCQ CX
	CMPQ CX, $4
	JLT  one

next:
	ADDQ BX, R8
	ADDQ BX, R9
	ADDQ BX, R10
	ADDQ BX, R11
	ADDQ BX, R12
	ADDQ BX, R13
	DECQ DX
	JNZ  segment

	MOVQ tileProduct_cRows(DI), DX
	ADDQ AX, DX
	MOVQ tileProduct_c(DI), BX
	STOREROW(0, Y0, Y1)
	STOREROW(1, Y2, Y3)
	STOREROW(2, Y4, Y5)
	STOREROW(3, Y6, Y7)
	STOREROW(4, Y8, Y9)
	STOREROW(5, Y10, Y11)
	ADDQ $24, AX
	DECQ tileProduct_tiles(DI)
	JNZ  tile
	VZEROUPPER
	RET

#define LOADNEXT(low, high) \
	VMOVUPS (BX), low; \
	VMOVUPS 32(BX), high; \
	ADDQ    DX, BX

#define STORENEXT(low, high) \
	VMOVUPS low, (BX); \
	VMOVUPS high, 32(BX); \
	ADDQ    DX, BX

// func gradient6FMA(t *tileGradient)
TEXT ·gradient6FMA(SB), NOSPLIT, $0-8
	MOVQ t+0(FP), DI
	MOVQ tileGradient_aStep(DI), R9
	SHLQ $2, R9
	MOVQ tileGradient_cStep(DI), DX
	SHLQ $2, DX
	MOVQ tileGradient_c(DI), R11
	MOVQ tileGradient_a(DI), R12

stile:
	MOVQ R11, BX
	LOADNEXT(Y0, Y1)
	LOADNEXT(Y2, Y3)
	LOADNEXT(Y4, Y5)
	LOADNEXT(Y6, Y7)
	LOADNEXT(Y8, Y9)
	LOADNEXT(Y10, Y11)

	MOVQ tileGradient_runs(DI), AX
	MOVQ tileGradient_count(DI), R13

srun:
	MOVLQSX run_a(AX), SI
	LEAQ    (R12)(SI*4), SI
	MOVQ    tileGradient_b(DI), BX
	MOVLQSX run_b(AX), R8
	LEAQ    (BX)(R8*4), R8
	MOVLQSX run_n(AX), CX
	ADDQ    $run__size, AX

spixel:
	VMOVUPS (R8), Y12
	VMOVUPS 32(R8), Y13
	STEP((SI), 4(SI), 8(SI), 12(SI), 16(SI), 20(SI))
	ADDQ    R9, SI
	ADDQ    $64, R8
	DECQ    CX
	JNZ     spixel
	DECQ    R13
	JNZ     srun

	MOVQ R11, BX
	STORENEXT(Y0, Y1)
	STORENEXT(Y2, Y3)
	STORENEXT(Y4, Y5)
	STORENEXT(Y6, Y7)
	STORENEXT(Y8, Y9)
	STORENEXT(Y10, Y11)
	MOVQ BX, R11
	ADDQ $24, R12
	DECQ tileGradient_tiles(DI)
	JNZ  stile
	VZEROUPPER
	RET

// STEP4 is STEP for a tile of four rows.
#define STEP4(a0, a1, a2, a3) \
	VBROADCASTSS a0, Y14; \
	VBROADCASTSS a1, Y15; \
	VFMADD231PS  Y12, Y14, Y0; \
	VFMADD231PS  Y13, Y14, Y1; \
	VBROADCASTSS a2, Y14; \
	VFMADD231PS  Y12, Y15, Y2; \
	VFMADD231PS  Y13, Y15, Y3; \
	VBROADCASTSS a3, Y15; \
	VFMADD231PS  Y12, Y14, Y4; \
	VFMADD231PS  Y13, Y14, Y5; \
	VFMADD231PS  Y12, Y15, Y6; \
	VFMADD231PS  Y13, Y15, Y7

// func gradient4FMA(t *tileGradient)
TEXT ·gradient4FMA(SB), NOSPLIT, $0-8
	MOVQ t+0(FP), DI
	MOVQ tileGradient_aStep(DI), R9
	SHLQ $2, R9
	MOVQ tileGradient_cStep(DI), DX
	SHLQ $2, DX
	MOVQ tileGradient_c(DI), R11
	MOVQ tileGradient_a(DI), R12

ftile:
	MOVQ R11, BX
	LOADNEXT(Y0, Y1)
	LOADNEXT(Y2, Y3)
	LOADNEXT(Y4, Y5)
	LOADNEXT(Y6, Y7)

	MOVQ tileGradient_runs(DI), AX
	MOVQ tileGradient_count(DI), R13

frun:
	MOVLQSX run_a(AX), SI
	LEAQ    (R12)(SI*4), SI
	MOVQ    tileGradient_b(DI), BX
	MOVLQSX run_b(AX), R8
	LEAQ    (BX)(R8*4), R8
	MOVLQSX run_n(AX), CX
	ADDQ    $run__size, AX

fpixel:
	VMOVUPS (R8), Y12
	VMOVUPS 32(R8), Y13
	STEP4((SI), 4(SI), 8(SI), 12(SI))
	ADDQ    R9, SI
	ADDQ    $64, R8
	DECQ    CX
	JNZ     fpixel
	DECQ    R13
	JNZ     frun

	MOVQ R11, BX
	STORENEXT(Y0, Y1)
	STORENEXT(Y2, Y3)
	STORENEXT(Y4, Y5)
	STORENEXT(Y6, Y7)
	MOVQ BX, R11
	ADDQ $16, R12
	DECQ tileGradient_tiles(DI)
	JNZ  ftile
	VZEROUPPER
	RET
