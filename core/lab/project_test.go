package lab

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quarterturn/core/checkpoint"
	"quarterturn/core/durable"
	"quarterturn/core/internal/parity"
	"quarterturn/core/keep/files"
	"quarterturn/core/keep/record"
	"quarterturn/core/notebook"
	"quarterturn/core/project"
	"quarterturn/core/run"
	"quarterturn/core/runs"
	"quarterturn/core/train"
)

// TestRunLeavesAndComesBack trains the first part of a run in a lab, has the command's
// code go on with the project for a while, and another lab finish it.
func TestRunLeavesAndComesBack(t *testing.T) {
	for _, name := range []string{"averages", "frozen features"} {
		t.Run(name, func(t *testing.T) {
			k := newKeptRun(t, survivors[name])
			want, moments := k.straight(t)
			disk := &files.Memory{}
			k.begin(t, disk, moments/3)
			file := export(t, k, disk, nil)

			folder := filepath.Join(t.TempDir(), "unpacked")
			steps := goOnNatively(t, file, folder)
			p, err := project.ReadFolder(durable.Disk{}, folder)
			if err != nil {
				t.Fatal(err)
			}
			if file, err = p.Encode(); err != nil {
				t.Fatal(err)
			}

			disk = &files.Memory{}
			l := newLife(t, disk)
			imported := only[run.ProjectImported](t, l.do(run.ImportProject{Files: []run.File{{Path: "a.qtproject", Bytes: file}}, First: 7, Pictures: true}))
			if len(imported) != 1 || len(imported[0].Problems) > 0 || len(imported[0].Runs) != 1 {
				t.Fatalf("imported %d: %.2000v", len(imported), imported)
			}
			r, err := notebook.DecodeRun(imported[0].Runs[0])
			if err != nil || r.Key != "7" || r.Name != "mine" || r.Note != "half" || r.Phase != run.Paused || r.Newest.Step != steps {
				t.Fatalf("the run came back in phase %s at step %d of %d, %v", r.Phase, r.Newest.Step, steps, err)
			}
			if k.start.Config.Task == run.Transfer {
				found, err := l.lab.options.Store.Read(record.Network(r.From.SHA256))
				if err != nil {
					t.Fatal(err)
				}
				l.do(run.LoadModel{Name: r.From.Name, Blob: found.Bytes})
			}
			events := l.do(run.Start{Config: r.Config, Key: r.Key})
			if failed := only[run.Failed](t, events); len(failed) > 0 {
				t.Fatal(failed)
			}
			if resumed := only[run.Resumed](t, events); len(resumed) != 1 || resumed[0].Step != steps {
				t.Errorf("it resumed with %+v, want step %d", resumed, steps)
			}
			saved := only[run.ModelSaved](t, l.do(run.Save{}))[0]
			if saved.SHA256 != checkpoint.Sum(want) {
				t.Errorf("it ended with the weights %s, want %s", saved.SHA256, checkpoint.Sum(want))
			}
		})
	}
}

// export has a new worker write what is kept of a run as a project.
func export(t *testing.T, k keptRun, disk files.Disk, change func(*notebook.Run)) []byte {
	t.Helper()
	l := newLife(t, disk)
	l.do(k.before...)
	r := notebook.Run{Key: k.start.Key, Name: "mine", Note: "half", Arm: notebook.ArmOf(k.start.Config), Config: k.start.Config, Phase: run.Training}
	book := notebook.Book{Note: "all of it", Keys: []string{r.Key}}
	c := run.ExportProject{MadeBy: "a test", Book: book.Encode()}
	if len(k.before) > 1 {
		model := k.before[1].(run.LoadModel)
		r.From = notebook.Source{Name: model.Name, SHA256: checkpoint.Sum(model.Blob)}
		c.Networks = [][]byte{model.Blob}
	}
	if change != nil {
		change(&r)
	}
	c.Runs = [][]byte{r.Encode()}
	exported := only[run.ProjectExported](t, l.do(c))
	if len(exported) != 1 || len(exported[0].Problems) > 0 {
		t.Fatalf("exported %d, with the problems %q", len(exported), exported[0].Problems)
	}
	return exported[0].Blob
}

// goOnNatively unpacks a project and takes two steps of its run, of which it returns the
// last.
func goOnNatively(t *testing.T, file []byte, folder string) (step int) {
	t.Helper()
	p, err := project.Read(bytes.NewReader(file), int64(len(file)))
	if err != nil || len(p.Problems) > 0 {
		t.Fatal(err, p.Problems)
	}
	if err := p.Unpack(durable.Disk{}, folder); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	job := runs.Job{Folder: filepath.Join(folder, p.Runs[0].Path()), Disk: durable.Disk{}}
	begun := 0
	job.Report = func(e run.Event) {
		if _, ok := e.(run.Progress); ok {
			if begun++; begun == 2 {
				stop()
			}
		}
	}
	if err := job.Resume(); err != nil {
		t.Fatal(err)
	}
	defer job.Close()
	if job.Spec.From != "" {
		b, err := os.ReadFile(filepath.Join(folder, job.Spec.From))
		if err != nil {
			t.Fatal(err)
		}
		job.Start = runs.Sum(b)
		if job.From, err = checkpoint.Decode(b); err != nil {
			t.Fatal(err)
		}
	}
	set := p.Pictures.Set()
	outcome, err := job.Run(ctx, parity.Backend(t), set, train.Fingerprint(set))
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("the run ended with %v", err)
	}
	return outcome.Step
}

// TestExportIsTheSameEachTime and what is kept of the notebook is enough for it.
func TestExportIsTheSameEachTime(t *testing.T) {
	k := newKeptRun(t, survivors["frozen features"])
	disk := &files.Memory{}
	k.begin(t, disk, 0)
	l := newLife(t, disk)
	model := k.before[1].(run.LoadModel)
	r := notebook.Run{Key: "a-1", Arm: notebook.RandomFeatures, Config: k.start.Config, Phase: run.Finished, From: notebook.Source{Name: "p", SHA256: checkpoint.Sum(model.Blob)}}
	book := notebook.Book{Keys: []string{"a-1", "gone"}}
	l.do(k.before[0], run.Keep{Name: record.Book, Blob: book.Encode()}, run.Keep{Name: record.Run("a-1"), Blob: r.Encode()},
		run.Keep{Name: record.Network(r.From.SHA256), Blob: model.Blob})
	first := only[run.ProjectExported](t, l.do(run.ExportProject{}))
	again := only[run.ProjectExported](t, l.do(run.ExportProject{}))
	if len(first) != 1 || !bytes.Equal(first[0].Blob, again[0].Blob) {
		t.Error("two exports of the same differ")
	}
	if said := strings.Join(first[0].Problems, "; "); !strings.HasPrefix(said, "run gone is not in it") || strings.Count(said, ";") > 0 {
		t.Errorf("it said %q", said)
	}
	p, err := project.Read(bytes.NewReader(first[0].Blob), int64(len(first[0].Blob)))
	if err != nil || len(p.Runs) != 1 || len(p.Runs[0].History) == 0 || p.Runs[0].Phase != run.Finished {
		t.Fatalf("it has %+v, %v", p.Runs, err)
	}
	if got, want := p.Pictures.Fingerprint(), train.Fingerprint(l.lab.collection.set()); got != want {
		t.Error("the pictures come back as others")
	}
}

// TestImportOfARunFolder drops the folder of a run that the command made.
func TestImportOfARunFolder(t *testing.T) {
	k := newKeptRun(t, survivors["from scratch"])
	want, _ := k.straight(t)
	disk := &files.Memory{}
	k.begin(t, disk, 0)
	file := export(t, k, disk, func(r *notebook.Run) { r.Phase = run.Finished })
	p, err := project.Read(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var given []run.File
	for _, f := range runs.FilesIn(&p.Disk, p.Runs[0].Path()) {
		b, err := p.Disk.Read(p.Runs[0].Path()+"/"+f, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		given = append(given, run.File{Path: "my run/" + f, Bytes: b})
	}
	l := newLife(t, &files.Memory{})
	imported := only[run.ProjectImported](t, l.do(run.ImportProject{Files: given, First: 3}))
	if len(imported) != 1 || len(imported[0].Runs) != 1 {
		t.Fatalf("imported %d: %.2000v", len(imported), imported)
	}
	r, err := notebook.DecodeRun(imported[0].Runs[0])
	if err != nil || r.Name != "my run" || r.Phase != run.Finished || r.Weights != checkpoint.Sum(want) || len(r.History) != 4 || r.Arm != notebook.Scratch {
		t.Errorf("the run %q is %s after %d evaluations, %v", r.Name, r.Phase, len(r.History), err)
	}
	for said, files := range map[string][]run.File{
		"there is no run among the files": {{Path: "a.txt"}, {Path: "b.txt"}},
		"it is no project file":           {{Path: "a.qtproject", Bytes: file[:len(file)/2]}},
		"does not hold the settings":      {{Path: "x/config.json", Bytes: []byte("{")}},
	} {
		if failed := only[run.Failed](t, l.do(run.ImportProject{Files: files})); len(failed) != 1 || !strings.Contains(failed[0].Reason, said) {
			t.Errorf("it says %v, want %q", failed, said)
		}
	}
}
