package state

import (
	"slices"
	"strings"
	"testing"

	"quarterturn/core/keep/record"
	"quarterturn/core/notebook"
	"quarterturn/core/run"
)

// records are what a page had the lab keep, by name.
func records(effects []Effect) map[string][]byte {
	all := map[string][]byte{}
	for _, e := range effects {
		if s, ok := e.(Send); ok && s.To == Lab {
			if k, ok := s.Command.(run.Keep); ok {
				all[k.Name] = k.Blob
			}
		}
	}
	return all
}

// reopened is a page that finds records, up to its last one.
func reopened(t *testing.T, kept map[string][]byte) (Page, []Effect) {
	t.Helper()
	page, _ := play(says{Lab, run.Ready{Backend: "test"}}, Held{Mine: true}, RecallNow{})
	number := page.ledger.given
	var messages []Message
	for _, name := range append([]string{record.Book}, record.Run("1"), record.Run("2"), record.Run("3")) {
		if b, ok := kept[name]; ok {
			messages = append(messages, Heard{Lab, run.Answer{To: number, Event: run.Recalled{Name: name, Blob: b}}})
		}
	}
	return playOn(page, nil, append(messages, Heard{Lab, run.Answer{To: number, Event: run.Done{}}})...)
}

// TestRunsAreThereAfterAReload: finished ones as they were, those at work go on, and what
// was deleted is gone.
func TestRunsAreThereAfterAReload(t *testing.T) {
	page, effects := race(t)
	kept := records(effects)
	_, effects = playOn(page, nil,
		says{1, run.PhaseChanged{Phase: run.Training}}, says{2, run.PhaseChanged{Phase: run.Training}},
		says{1, run.Progress{Step: 1, Epoch: 0.5, Loss: 1}}, says{2, run.Progress{Step: 1, Epoch: 0.5, Loss: 1}},
		says{2, run.Evaluated{Epoch: 1, Accuracy: 0.5}},
		says{2, run.PhaseChanged{Phase: run.Finished}}, says{2, run.ModelSaved{Name: "s", SHA256: "ab", Blob: []byte("w")}},
		Rename{"2", "mine"}, AnnotateAll{"a note"}, KeepNow{})
	for name, b := range records(effects) {
		kept[name] = b
	}
	if len(kept) != 4 {
		t.Fatalf("kept are %v, want two runs, the book and the network", slices.Collect(keysOf(kept)))
	}
	again, effects := reopened(t, kept)
	if again.Runs.Note != "a note" || len(again.Runs.All) != 2 || again.Runs.All[1].Name != "mine" || again.Runs.All[1].Weights != "ab" {
		t.Errorf("after a reload there are %d runs, note %q", len(again.Runs.All), again.Runs.Note)
	}
	if got := again.Runs.All[0]; !got.IsWaiting() || len(got.TrainLoss.Points()) != 1 {
		t.Errorf("the run at work has the phase %q", got.Phase)
	}
	if got := sent(effects, Lab); !strings.HasSuffix(got, "Recall") {
		t.Errorf("the lab was sent %q, want to recall the network that the transfer starts from", got)
	}
	_, effects = playOn(again, nil, says{Lab, run.Recalled{Name: record.Network(again.Runs.All[0].From.SHA256), Blob: []byte("model")}})
	if got := sent(effects, Lab); !strings.HasSuffix(got, "PackPictures") {
		t.Errorf("once the network is there the lab was sent %q", got)
	}
}

func keysOf(m map[string][]byte) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// TestDeletedRunsAreForgotten: what the book does not name.
func TestDeletedRunsAreForgotten(t *testing.T) {
	one := &notebook.Run{Key: "1", Config: run.Default(run.Scratch), Phase: run.Finished}
	two := &notebook.Run{Key: "2", Config: run.Default(run.Scratch), Phase: run.Finished}
	book := &notebook.Book{Keys: []string{"2"}}
	page, effects := reopened(t, map[string][]byte{record.Run("1"): one.Encode(), record.Run("2"): two.Encode(), record.Book: book.Encode()})
	if len(page.Runs.All) != 1 || page.Runs.All[0].Key != "2" || !strings.HasSuffix(sent(effects, Lab), "Forget") {
		t.Errorf("%d runs, sent %q", len(page.Runs.All), sent(effects, Lab))
	}
	page, _ = reopened(t, map[string][]byte{record.Run("1"): one.Encode()})
	if len(page.Runs.All) != 1 {
		t.Error("without a book a run was lost")
	}
	page, _ = reopened(t, map[string][]byte{record.Run("1"): []byte("rubbish"), record.Run("2"): two.Encode()})
	if len(page.Runs.All) != 1 || len(page.Keeping.Notices) != 1 {
		t.Errorf("%d runs, notices %q, want one of a run that cannot be read", len(page.Runs.All), page.Keeping.Notices)
	}
}

// TestChangesAreWrittenTogether and only what has changed.
func TestChangesAreWrittenTogether(t *testing.T) {
	page, _ := race(t)
	if !page.Keeping.due {
		t.Error("what has changed is not kept a little later")
	}
	page, effects := playOn(page, nil, KeepNow{})
	if got := records(effects); len(got) < 3 {
		t.Errorf("kept are %d records", len(got))
	}
	page, effects = playOn(page, nil, says{1, run.PhaseChanged{Phase: run.Training}}, KeepNow{})
	if got := records(effects); len(got) != 1 || got[record.Run("1")] == nil {
		t.Errorf("after a change of one run %d records are kept", len(got))
	}
	if _, effects = playOn(page, nil, KeepNow{}); len(records(effects)) != 0 {
		t.Error("what had not changed was written")
	}
	if _, effects = page.Apply(Hidden{}); sent(effects, 1) != "Flush" {
		t.Errorf("when the page is hidden a run at work is sent %q", sent(effects, 1))
	}
}

// TestOneTabWorks: the second does not until it takes over, and then the first stops.
func TestOneTabWorks(t *testing.T) {
	page, _ := playOn(opened(t), nil, Held{})
	if page.Keeping.Holder != Taken {
		t.Fatalf("the holder is %v", page.Keeping.Holder)
	}
	second, _ := play(says{Lab, run.Ready{}}, Held{Mine: false})
	second, _ = playOn(second, nil, StartRun{})
	if second.Keeping.Holder != Elsewhere || !strings.Contains(second.Train.Problem, "Another tab") || len(second.Runs.All) != 0 {
		t.Errorf("holder %v, problem %q", second.Keeping.Holder, second.Train.Problem)
	}
	_, effects := second.Apply(TakeOver{})
	if len(effects) != 1 {
		t.Errorf("taking over has the effects %v", effects)
	}
	racing, _ := race(t)
	racing, effects = racing.Apply(Held{})
	if ended, ok := find[EndWorker](effects); !ok || ended.Worker != 1 || racing.Runs.All[0].Phase != run.Paused {
		t.Errorf("the tab that lost the lab does not end its workers: %v", effects)
	}
}

// TestTakingOverEarlyKeeps: the lab's worker, which was told to look on, is replaced, even
// where nothing had been asked of it yet.
func TestTakingOverEarlyKeeps(t *testing.T) {
	second, _ := play(says{Lab, run.Ready{}}, Held{Mine: false})
	_, effects := second.Apply(Held{Mine: true})
	started, ok := find[StartWorker](effects)
	if !ok || started.Worker != Lab || !strings.HasSuffix(sent(effects, Lab), "Recall") {
		t.Errorf("the tab that takes the lab over keeps nothing in it: %v", effects)
	}
}

// TestWeightsAreFetchedWhenTheyAreWanted and not held by the page.
func TestWeightsAreFetchedWhenTheyAreWanted(t *testing.T) {
	one := &notebook.Run{Key: "1", Arm: notebook.Scratch, Config: run.Default(run.Scratch), Phase: run.Finished, Weights: "ab"}
	page, _ := reopened(t, map[string][]byte{record.Run("1"): one.Encode()})
	page, effects := page.Apply(SaveModel{"1"})
	if got := sent(effects, Lab); got != "Recall" {
		t.Fatalf("the lab was sent %q", got)
	}
	number := page.ledger.given
	_, effects = playOn(page, nil,
		Heard{Lab, run.Answer{To: number, Event: run.Recalled{Name: record.Model("1"), Blob: []byte("weights")}}},
		Heard{Lab, run.Answer{To: number, Event: run.Done{}}})
	if d, ok := find[Download](effects); !ok || string(d.Bytes) != "weights" {
		t.Errorf("effects are %v, want a download", effects)
	}
	gone, _ := playOn(page, nil, Heard{Lab, run.Answer{To: number, Event: run.Done{}}})
	if !strings.Contains(gone.Alarm, "not kept") {
		t.Errorf("of weights that are gone the page says %q", gone.Alarm)
	}
}

// TestPicturesOfTheLastVisitComeFirst: the set that opens without them waits until it is
// known that there are none, and does not take their place.
func TestPicturesOfTheLastVisitComeFirst(t *testing.T) {
	set := Fetched{What: Sets()[0], Files: []run.File{{Path: "index.tsv"}}}
	page, effects := play(set)
	if got := sent(effects, Lab); got != "RestorePictures" {
		t.Fatalf("before it is known the lab was sent %q", got)
	}
	_, effects = playOn(page, nil, nothingKept)
	if got := sent(effects, Lab); got != "OpenPictures" {
		t.Errorf("without any the lab was sent %q, want the set that opens", got)
	}
	mine := run.PicturesChanged{Set: "Your pictures", Replaced: true, Classes: []string{"cat"}, Added: thumbs(5, 3, 0)}
	page, effects = playOn(page, nil, Heard{Lab, run.Answer{To: 1, Event: mine}}, nothingKept)
	if got := sent(effects, Lab); got != "" || page.Pictures.Set != "Your pictures" || page.Pictures.Opening != "" {
		t.Errorf("with pictures the lab was sent %q, the set is %q", got, page.Pictures.Set)
	}
}

// TestKeysThatAreTakenAreNotGiven to new runs: something is kept under them that is not
// theirs.
func TestKeysThatAreTakenAreNotGiven(t *testing.T) {
	two := &notebook.Run{Key: "2", Config: run.Default(run.Scratch), Phase: run.Finished}
	page, _ := reopened(t, map[string][]byte{record.Run("2"): two.Encode(), record.Run("3"): nil})
	if len(page.Runs.All) != 1 || page.Runs.keys != 3 {
		t.Errorf("%d runs, the newest key is %d, want 1 and 3", len(page.Runs.All), page.Runs.keys)
	}
	page, _ = reopened(t, map[string][]byte{record.Run("2"): []byte("rubbish")})
	if page.Runs.keys != 2 {
		t.Errorf("under a record that cannot be read the newest key is %d, want 2", page.Runs.keys)
	}
}

// TestNothingIsWrittenOverWhatCannotBeRead: neither a new book, which would have all runs
// forgotten at the next visit, nor new runs under the keys of the old ones.
func TestNothingIsWrittenOverWhatCannotBeRead(t *testing.T) {
	page, _ := play(says{Lab, run.Ready{Backend: "test"}}, Held{Mine: true}, RecallNow{})
	page, _ = answered(page, run.Failed{Reason: "the browser does not answer"})
	page, _ = playOn(page, nil, AnnotateAll{"a note"}, StartRun{})
	page, effects := playOn(page, nil, KeepNow{})
	if len(records(effects)) != 0 || len(page.Runs.All) != 0 {
		t.Errorf("%d records were written, %d runs begun", len(records(effects)), len(page.Runs.All))
	}
	if !strings.Contains(page.Train.Problem, "could not be read") {
		t.Errorf("the page says %q", page.Train.Problem)
	}
}
