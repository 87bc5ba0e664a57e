package collective

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"quarterturn/core/internal/ranks"
)

// memoryOf returns what so many ranks share.
func memoryOf(size int) Memory { return ranks.NewMemory(Words(size), Slots(size)) }

// groupOf returns the ends of so many ranks.
func groupOf(t *testing.T, size int) []*Group {
	t.Helper()
	memory := memoryOf(size)
	groups := make([]*Group, size)
	for rank := range groups {
		g, err := New(memory, rank, size, Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(g.Close)
		groups[rank] = g
	}
	return groups
}

// onAll has each rank do something, and returns what came of it.
func onAll(groups []*Group, do func(g *Group) error) []error {
	errs := make([]error, len(groups))
	var all sync.WaitGroup
	for rank, g := range groups {
		all.Go(func() { errs[rank] = do(g) })
	}
	all.Wait()
	return errs
}

// TestSum sums more than a slot holds, several times, with numbers whose sum depends
// on the order: all ranks have that of the ranks' order, to the bit.
func TestSum(t *testing.T) {
	for _, size := range []int{1, 2, 3, 5} {
		groups := groupOf(t, size)
		for round := range 4 {
			n := []int{1, 1000, SlotBytes/4 + 3, SlotBytes / 2}[round]
			random := rand.New(rand.NewPCG(1, uint64(round)))
			parts := make([][]float32, size)
			want := make([]float32, n)
			for rank := range parts {
				parts[rank] = make([]float32, n)
				for i := range parts[rank] {
					parts[rank][i] = float32(random.NormFloat64() * 1e3)
					want[i] += parts[rank][i]
				}
			}
			for rank, err := range onAll(groups, func(g *Group) error { return g.Sum(parts[g.Rank()]) }) {
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(parts[rank], want) {
					t.Fatalf("rank %d of %d has another sum of %d numbers", rank, size, n)
				}
			}
		}
	}
}

// TestSpread sends lengths around a slot's.
func TestSpread(t *testing.T) {
	groups := groupOf(t, 3)
	for _, n := range []int{0, 1, SlotBytes - 1, SlotBytes, 2*SlotBytes + 1} {
		want := bytes.Repeat([]byte{1, 2, 3}, n)[:n]
		for rank, err := range onAll(groups, func(g *Group) error {
			own := []byte("of no account")
			if g.Rank() == 0 {
				own = want
			}
			got, err := g.Spread(own)
			if err == nil && !bytes.Equal(got, want) {
				err = errors.New("other bytes")
			}
			return err
		}) {
			if err != nil {
				t.Errorf("%d bytes, rank %d: %v", n, rank, err)
			}
		}
	}
}

// TestRefuse has ranks refuse at random, several at a time and one after the other:
// each sum takes place for all or for none.
func TestRefuse(t *testing.T) {
	const size, rounds = 4, 300
	groups := groupOf(t, size)
	refuses := make([][size]bool, rounds)
	random := rand.New(rand.NewPCG(1, 2))
	for round := range refuses {
		for rank := range size {
			refuses[round][rank] = random.IntN(6) == 0
		}
	}
	for rank, err := range onAll(groups, func(g *Group) error {
		for _, who := range refuses {
			if who[g.Rank()] {
				g.Refuse()
				continue
			}
			one := []float32{1}
			err := g.Sum(one)
			refused := slices.Contains(who[:], true)
			if refused != errors.Is(err, ErrRefused) || !refused && (err != nil || one[0] != size) {
				return errors.New("a sum took place for some")
			}
		}
		return nil
	}) {
		if err != nil {
			t.Errorf("rank %d: %v", rank, err)
		}
	}
}

// TestLeave has a rank leave while the others wait, and before.
func TestLeave(t *testing.T) {
	groups := groupOf(t, 3)
	for range 2 {
		for rank, err := range onAll(groups, func(g *Group) error {
			if g.Rank() == 1 {
				time.Sleep(3 * slice)
				g.Leave()
				return ErrLeft
			}
			return g.Sum(make([]float32, 1))
		}) {
			if !errors.Is(err, ErrLeft) {
				t.Errorf("rank %d: %v", rank, err)
			}
		}
	}
}

// TestSilence waits for a rank that was never there, and for one whose heart beats.
func TestSilence(t *testing.T) {
	memory := memoryOf(2)
	yields := 0
	g, err := New(memory, 0, 2, Options{Yield: func() { yields++ }})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	g.silence = 3
	if err := g.Sum(make([]float32, 1)); !errors.Is(err, ErrSilent) {
		t.Errorf("waiting for nobody: %v", err)
	}
	if yields < 3 {
		t.Errorf("%d yields in 3 waits", yields)
	}

	groups := groupOf(t, 2)
	groups[0].silence = int(4 * heartbeat / slice)
	for rank, err := range onAll(groups, func(g *Group) error {
		if g.Rank() == 1 {
			time.Sleep(5 * heartbeat)
		}
		return g.Sum(make([]float32, 1))
	}) {
		if err != nil {
			t.Errorf("rank %d, one being slow: %v", rank, err)
		}
	}
}

// TestApart has ranks sum different things.
func TestApart(t *testing.T) {
	groups := groupOf(t, 2)
	for rank, err := range onAll(groups, func(g *Group) error { return g.Sum(make([]float32, 1+g.Rank())) }) {
		if !errors.Is(err, errApart) {
			t.Errorf("rank %d: %v", rank, err)
		}
	}
}

func TestPart(t *testing.T) {
	for _, n := range []int{0, 1, 7, 64} {
		for _, size := range []int{1, 2, 3, 8} {
			next := 0
			for rank := range size {
				g := &Group{rank: rank, size: size}
				from, to := g.Part(n)
				if from != next || to-from < n/size || to-from > n/size+1 {
					t.Errorf("rank %d of %d has %d to %d of %d", rank, size, from, to, n)
				}
				next = to
			}
			if next != n {
				t.Errorf("%d of %d are dealt to %d", next, n, size)
			}
		}
	}
}

func TestNewOutOfRange(t *testing.T) {
	for _, c := range [][2]int{{0, 0}, {-1, 2}, {2, 2}, {0, MaxSize + 1}} {
		if _, err := New(memoryOf(max(c[1], 1)), c[0], c[1], Options{}); err == nil {
			t.Errorf("rank %d of %d: no error", c[0], c[1])
		}
	}
}
