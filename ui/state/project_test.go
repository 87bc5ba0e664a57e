package state

import (
	"strings"
	"testing"

	"quarterturn/core/keep/record"
	"quarterturn/core/notebook"
	"quarterturn/core/run"
)

// answered has the lab answer the newest command.
func answered(page Page, e run.Event) (Page, []Effect) {
	return playOn(page, nil, Heard{Lab, run.Answer{To: page.ledger.given, Event: e}})
}

func TestProjectIsSaved(t *testing.T) {
	page, effects := playOn(opened(t), nil, SaveProject{})
	if sent(effects, Lab) != "ExportProject" || page.Paper.Making == "" {
		t.Fatalf("the lab was sent %q", sent(effects, Lab))
	}
	done, effects := answered(page, run.ProjectExported{Blob: []byte("zip")})
	if d, ok := find[Download](effects); !ok || string(d.Bytes) != "zip" || done.Paper.Making != "" {
		t.Errorf("effects are %v, still making %q", effects, done.Paper.Making)
	}
	failed, _ := answered(page, run.Failed{Reason: "there is no room"})
	if failed.Paper.Problem != "There is no room." {
		t.Errorf("the page says %q", failed.Paper.Problem)
	}
}

// TestProjectJoinsWhatThereIs: its runs get keys of their own, its experiments numbers, and
// what was at work waits for a person.
func TestProjectJoinsWhatThereIs(t *testing.T) {
	page := opened(t)
	page.Runs = &Runs{Note: "mine", keys: 4, Experiments: []notebook.Experiment{{ID: 2}}, All: []*Run{
		{Run: notebook.Run{Key: "4", Config: run.Default(run.Scratch), Phase: run.Finished}}}}
	page, effects := playOn(page, nil, Handed{Files: []run.File{{Path: "lab.qtproject", Bytes: []byte("zip")}}, Done: 1, All: 1})
	s, _ := find[Send](effects)
	if asked, ok := s.Command.(run.ImportProject); !ok || asked.First != 5 {
		t.Fatalf("the lab was sent %#v", s.Command)
	}
	book := notebook.Book{Note: "theirs", Keys: []string{"5"}, Experiments: []notebook.Experiment{{ID: 1}}}
	one := notebook.Run{Key: "5", Config: run.Default(run.Scratch), Experiment: 1, Phase: run.Training, Newest: run.Progress{Step: 3}}
	page, _ = answered(page, run.ProjectImported{Book: book.Encode(), Runs: [][]byte{one.Encode()}})
	got := page.Runs.Find("5")
	if got == nil || got.Phase != run.Paused || page.Runs.Experiment(got.Experiment) == nil || got.Experiment != 3 {
		t.Fatalf("the run that came is %+v", got)
	}
	if page.Runs.Note != "mine\n\ntheirs" || page.Runs.keys != 5 {
		t.Errorf("the note is %q, the newest key %d", page.Runs.Note, page.Runs.keys)
	}
}

// TestFreedRunsKeepTheirResults: only weights go, and not those of pinned or new runs.
func TestFreedRunsKeepTheirResults(t *testing.T) {
	page := opened(t)
	var all []*Run
	for i, key := range []string{"1", "2", "3", "4"} {
		all = append(all, &Run{Run: notebook.Run{Key: key, Config: run.Default(run.Scratch), Phase: run.Finished, Weights: "ab", Bytes: 9, Pinned: i == 1}})
	}
	page.Runs = &Runs{All: all}
	page, effects := page.Apply(FreeSpace{})
	if got := sent(effects, Lab); !strings.HasPrefix(got, "Forget Keep") || strings.Count(got, "Forget") != 1 || records(effects)[record.Run("1")] == nil {
		t.Errorf("the lab was sent %q", got)
	}
	if page.Runs.Find("1").Weights != "" || page.Runs.Find("2").Weights == "" || page.Runs.Find("4").Weights == "" {
		t.Error("other weights than those of the first run were dropped")
	}
}
