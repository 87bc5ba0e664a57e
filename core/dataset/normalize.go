package dataset

// Mean and Std are what Normalize takes a channel's values, as fractions of 255,
// to be distributed as: the mean and the standard deviation over all pixels of
// CIFAR-10's 50,000 training pictures, as used by most PyTorch code for CIFAR-10.
//
// They are used for every data set. Batch normalization absorbs what is left,
// and a network then sees a photo the same way whatever it was trained on.
var (
	Mean = [Channels]float64{0.4914, 0.4822, 0.4465}
	Std  = [Channels]float64{0.2470, 0.2435, 0.2616}
)

// normal holds the result of Normalize for each channel and byte: a look-up is
// cheaper than the arithmetic and rounds once.
var normal = func() (table [Channels][256]float32) {
	for c := range table {
		for v := range table[c] {
			table[c][v] = float32((float64(v)/255 - Mean[c]) / Std[c])
		}
	}
	return table
}()

// Normalize writes (pixel/255 - mean) / std of each channel to dst.
//
//	pixels  uint8 [..., 3]
//	dst     float32, the same number of values
//
// It panics where the lengths differ or are no multiple of 3.
func Normalize(dst []float32, pixels []byte) {
	if len(dst) != len(pixels) || len(pixels)%Channels != 0 {
		panic("dataset: normalize: lengths differ")
	}
	for i := 0; i+Channels <= len(pixels); i += Channels {
		dst[i] = normal[0][pixels[i]]
		dst[i+1] = normal[1][pixels[i+1]]
		dst[i+2] = normal[2][pixels[i+2]]
	}
}
