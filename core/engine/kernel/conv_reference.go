package kernel

// eachTap calls f for every pair of an output pixel and an input pixel that a
// tap of the window joins, with the pixels' and the tap's numbers. Taps on
// padding are left out.
func (c Conv) eachTap(f func(outPixel, inPixel, tap int)) {
	oh, ow := c.OutHeight(), c.OutWidth()
	for n := range c.Batch {
		for oy := range oh {
			for ox := range ow {
				for kh := range c.KernelHeight {
					for kw := range c.KernelWidth {
						y, x := oy*c.StrideHeight+kh-c.PadTop, ox*c.StrideWidth+kw-c.PadLeft
						if y < 0 || y >= c.Height || x < 0 || x >= c.Width {
							continue
						}
						f((n*oh+oy)*ow+ox, (n*c.Height+y)*c.Width+x, kh*c.KernelWidth+kw)
					}
				}
			}
		}
	}
}

// convForwardReference is Forward by definition.
func convForwardReference(c Conv, out, in, weights []float32) {
	clear(out)
	ci, co := c.InChannels, c.OutChannels
	c.eachTap(func(outPixel, inPixel, tap int) {
		for i := range ci {
			for o := range co {
				out[outPixel*co+o] += in[inPixel*ci+i] * weights[(tap*ci+i)*co+o]
			}
		}
	})
}

// convInputGradientReference is InputGradient by definition.
func convInputGradientReference(c Conv, gradIn, gradOut, weights []float32) {
	clear(gradIn)
	ci, co := c.InChannels, c.OutChannels
	c.eachTap(func(outPixel, inPixel, tap int) {
		for i := range ci {
			for o := range co {
				gradIn[inPixel*ci+i] += gradOut[outPixel*co+o] * weights[(tap*ci+i)*co+o]
			}
		}
	})
}

// convWeightGradientReference is WeightGradient by definition.
func convWeightGradientReference(c Conv, gradWeights, in, gradOut []float32) {
	clear(gradWeights)
	ci, co := c.InChannels, c.OutChannels
	c.eachTap(func(outPixel, inPixel, tap int) {
		for i := range ci {
			for o := range co {
				gradWeights[(tap*ci+i)*co+o] += in[inPixel*ci+i] * gradOut[outPixel*co+o]
			}
		}
	})
}
