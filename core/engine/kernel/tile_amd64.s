//go:build amd64

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
	MOVQ 24(DI), DX  // aRows
	ADDQ AX, DX
	MOVQ 8(DI), BX   // a
	MOVQ 56(DI), SI  // length
	LEAQ (BX)(SI*4), BX
	AROW(0, R8)
	AROW(1, R9)
	AROW(2, R10)
	AROW(3, R11)
	AROW(4, R12)
	AROW(5, R13)
	MOVQ 72(DI), CX  // accumulate
	TESTQ CX, CX
	JNZ  load
	ZERO
	JMP  loaded

load:
	MOVQ 32(DI), DX  // cRows
	ADDQ AX, DX
	MOVQ 0(DI), BX   // c
	LOADROW(0, Y0, Y1)
	LOADROW(1, Y2, Y3)
	LOADROW(2, Y4, Y5)
	LOADROW(3, Y6, Y7)
	LOADROW(4, Y8, Y9)
	LOADROW(5, Y10, Y11)

loaded:
	MOVQ 16(DI), SI  // b
	MOVQ 48(DI), DX  // segments
	MOVQ 64(DI), BX  // stride
	SHLQ $2, BX

segment:
	MOVQ 56(DI), CX
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

	MOVQ 32(DI), DX  // cRows
	ADDQ AX, DX
	MOVQ 0(DI), BX   // c
	STOREROW(0, Y0, Y1)
	STOREROW(1, Y2, Y3)
	STOREROW(2, Y4, Y5)
	STOREROW(3, Y6, Y7)
	STOREROW(4, Y8, Y9)
	STOREROW(5, Y10, Y11)
	ADDQ $24, AX
	DECQ 40(DI)      // tiles
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
	MOVQ 48(DI), R9  // aStep
	MOVQ 56(DI), R10 // bStep
	SHLQ $2, R9
	SHLQ $2, R10
	MOVQ 64(DI), DX  // cStep
	SHLQ $2, DX
	MOVQ 0(DI), R11  // c
	MOVQ 8(DI), R12  // a

stile:
	MOVQ R11, BX
	LOADNEXT(Y0, Y1)
	LOADNEXT(Y2, Y3)
	LOADNEXT(Y4, Y5)
	LOADNEXT(Y6, Y7)
	LOADNEXT(Y8, Y9)
	LOADNEXT(Y10, Y11)

	MOVQ 24(DI), AX  // runs
	MOVQ 32(DI), R13 // count

srun:
	MOVLQSX 0(AX), SI
	LEAQ    (R12)(SI*4), SI
	MOVQ    16(DI), BX
	MOVLQSX 4(AX), R8
	LEAQ    (BX)(R8*4), R8
	MOVLQSX 8(AX), CX
	ADDQ    $12, AX

spixel:
	VMOVUPS (R8), Y12
	VMOVUPS 32(R8), Y13
	STEP((SI), 4(SI), 8(SI), 12(SI), 16(SI), 20(SI))
	ADDQ    R9, SI
	ADDQ    R10, R8
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
	DECQ 40(DI)      // tiles
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
	MOVQ 48(DI), R9  // aStep
	MOVQ 56(DI), R10 // bStep
	SHLQ $2, R9
	SHLQ $2, R10
	MOVQ 64(DI), DX  // cStep
	SHLQ $2, DX
	MOVQ 0(DI), R11  // c
	MOVQ 8(DI), R12  // a

ftile:
	MOVQ R11, BX
	LOADNEXT(Y0, Y1)
	LOADNEXT(Y2, Y3)
	LOADNEXT(Y4, Y5)
	LOADNEXT(Y6, Y7)

	MOVQ 24(DI), AX  // runs
	MOVQ 32(DI), R13 // count

frun:
	MOVLQSX 0(AX), SI
	LEAQ    (R12)(SI*4), SI
	MOVQ    16(DI), BX
	MOVLQSX 4(AX), R8
	LEAQ    (BX)(R8*4), R8
	MOVLQSX 8(AX), CX
	ADDQ    $12, AX

fpixel:
	VMOVUPS (R8), Y12
	VMOVUPS 32(R8), Y13
	STEP4((SI), 4(SI), 8(SI), 12(SI))
	ADDQ    R9, SI
	ADDQ    R10, R8
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
	DECQ 40(DI)      // tiles
	JNZ  ftile
	VZEROUPPER
	RET
