package embed_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"quarterturn/core/embed"
)

// Three clouds in 30 dimensions, laid out in the plane. Whether the clusters that
// one then sees are there is a question for numbers.
func Example() {
	const n, width = 150, 30
	random := rand.New(rand.NewPCG(1, 2))
	data, labels := make([]float32, n*width), make([]int32, n)
	for i := range data {
		labels[i/width] = int32(i / width % 3)
		data[i] = float32(random.NormFloat64() + 3*math.Sin(float64(i%width)*float64(1+labels[i/width])))
	}
	ctx := context.Background()
	features, err := embed.NewMatrix(data, width)
	if err != nil {
		panic(err)
	}
	pca, err := embed.FitPCA(ctx, features, 10)
	if err != nil {
		panic(err)
	}
	reduced, err := pca.Project(features)
	if err != nil {
		panic(err)
	}
	layout, err := embed.TSNE{Iterations: 250, Seed: 1}.Run(ctx, reduced)
	if err != nil {
		panic(err)
	}
	for name, x := range map[string]embed.Matrix{"features": features, "layout": layout.Points} {
		near, err := embed.NearestOthers(ctx, x, 10, nil)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s: purity %.2f, by chance %.2f\n", name, near.Purity(labels), embed.ChancePurity(labels))
	}
	// Unordered output:
	// features: purity 1.00, by chance 0.33
	// layout: purity 1.00, by chance 0.33
}
