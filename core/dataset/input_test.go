package dataset

import (
	"fmt"
	"image"
	"math"
	"testing"
)

// TestInputIsAsSpecified compares Decode's square and its central crop, byte for byte,
// with docs/input.md, whose formulas are written here once more without regard to
// speed.
func TestInputIsAsSpecified(t *testing.T) {
	for _, tt := range []struct{ width, height, side, crop int }{
		{32, 32, 32, 28}, {33, 32, 32, 28}, {1, 5, 32, 27}, {64, 64, 32, 28}, {127, 200, 32, 30}, {128, 129, 32, 28}, {333, 257, 32, 28}, {100, 90, 9, 4},
	} {
		t.Run(fmt.Sprintf("%dx%d/side=%d", tt.width, tt.height, tt.side), func(t *testing.T) {
			picture := image.NewNRGBA(image.Rect(0, 0, tt.width, tt.height))
			for i, v := range noise(max(tt.width, tt.height) * 2)[:len(picture.Pix)] {
				picture.Pix[i] = v
			}
			got, err := squareOf(picture, 1, tt.side)
			if err != nil {
				t.Fatal(err)
			}
			want := specifiedSquare(picture, tt.side)
			compareBytes(t, "square", got, want)
			Augment{Crop: tt.crop, Centre: true}.Apply(got, want, tt.side, 0, 0, 0)
			compareBytes(t, "central crop", got, specifiedCrop(want, tt.side, tt.crop))
		})
	}
}

func compareBytes(t *testing.T, what string, got, want []byte) {
	t.Helper()
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("%s: byte %d is %d, docs/input.md has %d", what, i, got[i], want[i])
		}
	}
}

// specifiedSquare is steps 1 to 4.
func specifiedSquare(p *image.NRGBA, side int) []byte {
	edge := min(p.Rect.Dx(), p.Rect.Dy())
	left, top := (p.Rect.Dx()-edge)/2, (p.Rect.Dy()-edge)/2
	n := edge / max(1, edge/(2*side))
	blocks := make([]float64, n*n*Channels)
	for i := range blocks {
		y, x, c := i/Channels/n, i/Channels%n, i%Channels
		sum, count := 0, 0
		for row := y * edge / n; row < (y+1)*edge/n; row++ {
			for column := x * edge / n; column < (x+1)*edge/n; column++ {
				pixel := p.NRGBAAt(left+column, top+row)
				value, opacity := int([]uint8{pixel.R, pixel.G, pixel.B}[c]), int(pixel.A)
				sum, count = sum+(value*opacity+255*(255-opacity)+127)/255, count+1
			}
		}
		blocks[i] = float64((sum + count/2) / count)
	}
	result := make([]byte, side*side*Channels)
	for i := range result {
		y, x, c := i/Channels/side, i/Channels%side, i%Channels
		if n == side {
			result[i] = byte(blocks[i])
			continue
		}
		v := 0.0
		for row, down := range catmullRom(y, n, side) {
			for column, across := range catmullRom(x, n, side) {
				v += down * across * blocks[(row*n+column)*Channels+c]
			}
		}
		result[i] = byte(uint16(min(max(math.Floor(257*v+0.5), 0), 65535)) >> 8)
	}
	return result
}

// catmullRom returns the weights of n blocks in pixel i of side.
func catmullRom(i, n, side int) []float64 {
	weights, sum := make([]float64, n), 0.0
	centre := (float64(i)+0.5)*float64(n)/float64(side) - 0.5
	for j := range weights {
		d := math.Abs(float64(j)-centre) / max(1, float64(n)/float64(side))
		switch {
		case d < 1:
			weights[j] = 1.5*d*d*d - 2.5*d*d + 1
		case d < 2:
			weights[j] = -0.5*d*d*d + 2.5*d*d - 4*d + 2
		}
		sum += weights[j]
	}
	for j := range weights {
		weights[j] /= sum
	}
	return weights
}

// specifiedCrop is step 5.
func specifiedCrop(pixels []byte, side, crop int) []byte {
	crop += (side - crop) % 2
	start := (side - crop) / 2
	at := func(i int) (first, second int, part float64) {
		centre := max((float64(i)+0.5)*float64(crop)/float64(side)-0.5, 0)
		first = min(int(centre), crop-1)
		return start + first, start + min(first+1, crop-1), math.Floor(256*(centre-math.Floor(centre))+0.5) / 256
	}
	result := make([]byte, len(pixels))
	for i := range result {
		y, x, c := i/Channels/side, i/Channels%side, i%Channels
		top, bottom, down := at(y)
		left, right, across := at(x)
		pixel := func(y, x int) float64 { return float64(pixels[(y*side+x)*Channels+c]) }
		upper := (1-across)*pixel(top, left) + across*pixel(top, right)
		lower := (1-across)*pixel(bottom, left) + across*pixel(bottom, right)
		result[i] = byte((1-down)*upper + down*lower + 0.5)
	}
	return result
}
