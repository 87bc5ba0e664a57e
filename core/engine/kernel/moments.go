package kernel

// PoolMoments joins the moments of several parts. Each has a record of its count,
// the means of C channels and their biased variances, 1+2C numbers; moments [2C]
// become the means and variances over all:
//
//	mean     = Σ count·mean / Σ count
//	variance = Σ count·(variance + (mean - mean of all)²) / Σ count
//
// in float64. Without any count they are 0.
func PoolMoments(moments, records []float32) {
	channels := len(moments) / 2
	record := 1 + 2*channels
	all := 0.0
	for at := 0; at < len(records); at += record {
		all += float64(records[at])
	}
	all = max(all, 1)
	for c := range channels {
		var mean, variance float64
		for at := 0; at < len(records); at += record {
			mean += float64(records[at]) * float64(records[at+1+c])
		}
		mean /= all
		for at := 0; at < len(records); at += record {
			d := float64(records[at+1+c]) - mean
			variance += float64(records[at]) * (float64(records[at+1+channels+c]) + d*d)
		}
		moments[c], moments[channels+c] = float32(mean), float32(variance/all)
	}
}
