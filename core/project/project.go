// Package project reads and writes project files: the pictures, the runs and the notes of
// a lab as one zip, which the page and the command both go on with.
//
//	project.json            what there is, in order; see document
//	pictures/train/CLASS/…  the pictures as PNG, numbered in their order, so that other
//	pictures/test/CLASS/…   tools read them as folders
//	models/SUM.safetensors  the networks that runs start from, by their SHA-256
//	runs/NAME/…             what package runs leaves of a run
//
// A folder with the same files is a project too. What is written depends on the content
// alone: the same content gives the same bytes. What is read is not trusted: names, counts
// and sizes are checked before anything is allocated for them, a part that is damaged is
// named and left out, and only what makes no sense as a whole is an error.
package project

import (
	"fmt"
	"path"
	"strings"

	"quarterturn/core/checkpoint"
	"quarterturn/core/durable"
	"quarterturn/core/fault"
	"quarterturn/core/notebook"
	"quarterturn/core/run"
	"quarterturn/core/runs"
)

// Extension is that of a project's file, and DocumentFile names what is in it.
const (
	Extension    = ".qtproject"
	DocumentFile = "project.json"
)

// Folders of a project.
const (
	picturesFolder = "pictures"
	modelsFolder   = "models"
	RunsFolder     = "runs"
)

// OwnPictures is what a run's settings name as its pictures where they are those of the
// project that it lies in.
const OwnPictures = "project:pictures"

// A Project is what such a file holds.
type Project struct {
	MadeBy      string // The program that wrote it.
	Note        string // The person's text about the whole.
	Experiments []notebook.Experiment
	Pictures    *Pictures // Nil without any.
	Runs        []Run
	Problems    []string // What of it cannot be used, for people.

	// Disk has the folders of the runs, such as runs/NAME/config.json, and the networks.
	Disk durable.Memory

	lost error // About the first picture that cannot be used.
}

// A Run is one as a notebook keeps it, with the name of its folder.
type Run struct {
	Folder string
	notebook.Run
}

// Path returns where the run's folder is on the project's Disk.
func (r *Run) Path() string { return path.Join(RunsFolder, r.Folder) }

// Network returns where a project has the network of a sum.
func Network(sum string) string { return path.Join(modelsFolder, sum+".safetensors") }

// AddNetwork takes in a network that runs start from.
func (p *Project) AddNetwork(file []byte) { p.Disk.Put(Network(checkpoint.Sum(file)), file) }

// Kept is what a lab keeps of a run besides what its notebook says.
type Kept struct {
	Backend      string // The kind of it.
	Model, State []byte // From which the run goes on, both as package checkpoint encodes them; nil for neither.
	Last         []byte // The network it ended with; nil for none.
}

// Add takes in a run of a notebook. What cannot be used of what is kept of it is said, and
// the rest is there.
func (p *Project) Add(r notebook.Run, kept Kept) {
	one := Run{Folder: fmt.Sprintf("%03d-%s", len(p.Runs)+1, slug(r.Title())), Run: r}
	state := kept.state()
	if state != nil && len(state.History) > len(r.History) {
		r.History = state.History // The notebook was not there to hear of it.
	}
	left := runs.Elsewhere{
		Spec:    p.spec(&r, kept.Backend, state),
		History: finite(r.History), Answers: r.Answers,
		Model: kept.Model, State: kept.State, Last: kept.Last,
	}
	if err := left.Leave(&p.Disk, one.Path()); err != nil {
		p.problem("%s: %s", r.Title(), fault.Reason(err))
	}
	p.updateNetwork(&one)
	p.Runs = append(p.Runs, one)
}

// state decodes that from which a run goes on; nil for none.
func (k *Kept) state() *checkpoint.State {
	if k.State == nil {
		return nil
	}
	m, err := checkpoint.Decode(k.Model)
	if err != nil {
		return nil
	}
	s, err := checkpoint.DecodeState(k.State, m.Config)
	if err != nil {
		return nil
	}
	return s
}

// spec is what a command of the terminal would have told the run.
func (p *Project) spec(r *notebook.Run, backend string, state *checkpoint.State) runs.Spec {
	s := runs.Spec{
		Config: r.Config, Arm: string(r.Arm), Data: OwnPictures, Pictures: r.Pictures.SHA256,
		Backend: backend, Keeping: runs.DefaultKeeping(),
	}
	if r.Config.Task == run.Transfer {
		s.Start, s.From = r.From.SHA256, Network(r.From.SHA256)
	}
	if state != nil {
		s.Pictures = state.Origin.Pictures
	}
	if p.Pictures != nil && s.Pictures != "" && s.Pictures == p.Pictures.Fingerprint() {
		s.TestPictures = p.Pictures.TestFingerprint()
	}
	return s
}

func (p *Project) problem(format string, args ...any) {
	p.Problems = append(p.Problems, fmt.Sprintf(format, args...))
}

// slug makes a file's name of a title.
func slug(title string) string {
	const most = 40
	var b strings.Builder
	for _, r := range strings.ToLower(title) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	text := strings.Trim(b.String()[:min(b.Len(), most)], "-")
	if text == "" {
		return "run"
	}
	return text
}
