package state

import (
	"testing"

	"quarterturn/core/notebook"
	"quarterturn/core/run"
)

// waitingRuns are runs that wait with their pictures packed.
func waitingRuns(n int, workers ...int) (all []*Run) {
	for i := range n {
		r := &Run{Run: notebook.Run{Config: run.Default(run.Pretext)}, stamp: 1}
		if i < len(workers) {
			r.Workers = workers[i]
		}
		all = append(all, r)
	}
	return all
}

// shelved is a page of a device with so many cores, with 100 pictures and runs that
// wait.
func shelved(device Device, runs ...*Run) Page {
	page, _ := New(RecalledView("", ""), device)
	pictures := *page.Pictures
	pictures.Shelves = []*Shelf{{Class: 0, Train: 100}}
	page.Pictures = &pictures
	all := page.Runs.planned(runs...)
	all.queue = all.queue.with(pack{1, []byte("packed")})
	page.Runs = &all
	return page
}

// TestIdleCoresGoToRuns has runs begin together: the cores are divided among them, and
// one that had its number keeps that.
func TestIdleCoresGoToRuns(t *testing.T) {
	tests := []struct {
		name   string
		device Device
		runs   []*Run
		want   []int // Workers of each.
	}{
		{"one run on two cores", Device{2, true}, waitingRuns(1), []int{2}},
		{"two on two", Device{2, true}, waitingRuns(2), []int{1, 1}},
		{"one on eight", Device{8, true}, waitingRuns(1), []int{8}},
		{"three on eight", Device{8, true}, waitingRuns(3), []int{2, 3, 3}},
		{"where memory is not shared", Device{8, false}, waitingRuns(2, 2), []int{1, 1}},
		{"one that had two", Device{1, true}, waitingRuns(1, 2), []int{2}},
		{"unknown cores", Device{0, true}, waitingRuns(1), []int{1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			page, effects := shelved(tt.device, tt.runs...).scheduled()
			for i, r := range page.Runs.All {
				if r.Workers != tt.want[i] {
					t.Errorf("run %d has %d workers, want %d", i+1, r.Workers, tt.want[i])
				}
				if got := r.again().Workers; got != tt.want[i] {
					t.Errorf("run %d again has %d workers, want %d", i+1, got, tt.want[i])
				}
			}
			started := 0
			for _, e := range effects {
				switch e := e.(type) {
				case StartGroup:
					started += e.Size
				case StartWorker:
					started++
				}
			}
			total := 0
			for _, n := range tt.want {
				total += n
			}
			if started != total {
				t.Errorf("%d workers were started, want %d", started, total)
			}
		})
	}
}

// TestWorkersOfAnotherSizeMakeRoom begins a run of one worker where two idle ones
// compute together.
func TestWorkersOfAnotherSizeMakeRoom(t *testing.T) {
	page, _ := shelved(Device{2, true}, waitingRuns(1)...).scheduled()
	runs := *page.Runs
	runs.queue = runs.queue.left(runs.All[0].Key, false)
	runs = runs.without(runs.All[0].Key).planned(waitingRuns(2, 1, 2)...)
	page.Runs = &runs
	page, effects := page.scheduled()
	if e, ok := find[EndWorker](effects); !ok || e.Worker != 1 {
		t.Errorf("the two idle workers were not ended: %v", effects)
	}
	if e, ok := find[StartGroup](effects); !ok || e.Size != 2 || len(page.Runs.queue.slots) != 2 {
		t.Errorf("the second run got no two workers: %v", effects)
	}
}
