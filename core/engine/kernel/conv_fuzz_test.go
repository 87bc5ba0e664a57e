package kernel

import "testing"

// FuzzConv compares the passes of any small shape with their references.
func FuzzConv(f *testing.F) {
	f.Add(uint64(1), uint8(2), uint8(9), uint8(7), uint8(5), uint8(17), uint8(3), uint8(3), uint8(2), uint8(1), uint32(0x01010101))
	f.Add(uint64(2), uint8(1), uint8(32), uint8(32), uint8(3), uint8(16), uint8(3), uint8(3), uint8(1), uint8(1), uint32(0x01010101))
	f.Add(uint64(3), uint8(3), uint8(4), uint8(4), uint8(8), uint8(8), uint8(1), uint8(1), uint8(3), uint8(2), uint32(0))
	f.Add(uint64(4), uint8(1), uint8(0), uint8(5), uint8(2), uint8(2), uint8(2), uint8(5), uint8(1), uint8(5), uint32(0x07000300))
	pool := NewPool(2)
	f.Fuzz(func(t *testing.T, seed uint64, batch, height, width, in, out, kernelHeight, kernelWidth, strideHeight, strideWidth uint8, pads uint32) {
		c := Conv{
			Batch: int(batch % 5), Height: int(height % 40), Width: int(width % 40),
			InChannels: int(in % 40), OutChannels: int(out % 70),
			KernelHeight: int(kernelHeight % 7), KernelWidth: int(kernelWidth % 7),
			StrideHeight: 1 + int(strideHeight%5), StrideWidth: 1 + int(strideWidth%5),
			PadTop: int(pads % 9), PadBottom: int(pads >> 8 % 9), PadLeft: int(pads >> 16 % 9), PadRight: int(pads >> 24 % 9),
		}
		if c.FLOPs() > 4<<20 {
			t.Skip("the reference would take seconds")
		}
		checkConv(t, pool, c, seed)
	})
}
