package dataset

import (
	"math"
	"slices"
)

// Order returns the order in which an epoch visits n pictures: a permutation of
// 0 to n-1 that depends on nothing but seed, epoch and n.
func Order(seed uint64, epoch, n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	pcg := stream(seed, purposeOrder, epoch, n)
	shuffle(&pcg, order)
	return order
}

// Budget returns the indices, ascending, of at most perClass pictures of each
// class, drawn at random. Unlabelled pictures are never among them. A perClass
// below 1 means no limit: every labelled picture.
//
// Budgets of one seed are nested: the pictures for 20 labels per class are among
// those for 100, so that a curve over budgets differs by what was added alone.
func Budget(labels []int32, perClass int, seed uint64) []int {
	var chosen []int
	for _, class := range byClass(labels) {
		if labels[class[0]] == Unlabelled {
			continue
		}
		pcg := stream(seed, purposeBudget, int(labels[class[0]]), 0)
		shuffle(&pcg, class)
		if perClass >= 1 && perClass < len(class) {
			class = class[:perClass]
		}
		chosen = append(chosen, class...)
	}
	slices.Sort(chosen)
	return chosen
}

// LargestClass returns the number of pictures of the class that has the most: a budget of
// as many, or more, is all of them.
func LargestClass(labels []int32) (largest int) {
	for _, class := range byClass(labels) {
		if labels[class[0]] != Unlabelled {
			largest = max(largest, len(class))
		}
	}
	return largest
}

// Split divides the indices of labels, each part ascending, so that share (0 to
// 1) of every class is held out. Unlabelled pictures count as a class.
//
// A class of two or more pictures keeps at least one on either side as long as
// share is neither 0 nor 1; a single picture is for training.
func Split(labels []int32, share float64, seed uint64) (train, held []int) {
	for _, class := range byClass(labels) {
		pcg := stream(seed, purposeSplit, int(labels[class[0]]), 0)
		shuffle(&pcg, class)
		n := heldOf(len(class), share)
		held = append(held, class[:n]...)
		train = append(train, class[n:]...)
	}
	slices.Sort(train)
	slices.Sort(held)
	return train, held
}

// heldOf returns how many of n pictures of a class are held out.
func heldOf(n int, share float64) int {
	switch {
	case !(share > 0): // NaN too.
		return 0
	case share >= 1:
		return n
	case n < 2:
		return 0
	}
	return min(max(int(math.Round(share*float64(n))), 1), n-1)
}

// byClass returns the indices of each label that occurs, labels ascending, with
// Unlabelled first.
func byClass(labels []int32) [][]int {
	groups := make(map[int32][]int)
	var order []int32
	for i, label := range labels {
		if groups[label] == nil {
			order = append(order, label)
		}
		groups[label] = append(groups[label], i)
	}
	slices.Sort(order)
	classes := make([][]int, len(order))
	for i, label := range order {
		classes[i] = groups[label]
	}
	return classes
}
