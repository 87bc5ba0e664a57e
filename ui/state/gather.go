package state

import (
	"slices"
	"strings"

	"quarterturn/core/run"
)

// A gather is an import that several workers share. Each decodes a part of the files at
// a time, and the lab takes in what they answer in the order of the parts, so that the
// collection is the same however many there are. They live as long as it takes.
type gather struct {
	parts     []part // That the lab has not got, in order.
	helpers   []helper
	given     WorkerID // Helpers so far.
	done, all int      // Files.
	isOpen    bool
	clears    bool // The collection is to be emptied before.
}

// A part is files that one worker decodes. It is not changed in place.
type part struct {
	sources  []run.Source
	from, to int  // Of an archive's files; both are 0 for all.
	lists    bool // The archive is only asked how many files it has.
	before   int  // Pictures in front of it, as far as that is known.
	batch    int  // The import that joined, see undoStep; 0 for none.

	by    WorkerID // Who decodes it; 0 for nobody yet.
	blobs [][]byte // What came of it and the lab has not got.
	given bool     // The lab has got some.
	over  bool     // Nothing more comes.
	tries int      // Workers that died over it.
}

// A helper is a worker that decodes.
type helper struct {
	id   WorkerID
	busy bool
}

const (
	// mostHelpers bounds the memory that an import takes, at 50 MB each.
	mostHelpers = 4
	// ahead is how many parts for each helper are decoded before those in front of
	// them are, and atLab how many the lab may still have to take in.
	ahead, atLab = 3, 4
	// A part has so many files, or bytes.
	partFiles, partBytes = 48, 6 << 20
	// The first pictures of a collection have large previews, as for a projector, the next
	// ones smaller, and the rest is shown as small as it is learnt from: large ones of all of
	// ten thousand photographs would be half a gigabyte.
	sharpFirst, smallFirst            = 1000, 2000
	sharpSide, smallSide, learnedSide = 128, 64, 32
)

// previewSide is the side of the preview of a picture that has so many before it.
func previewSide(before int) int {
	switch {
	case before < sharpFirst:
		return sharpSide
	case before < smallFirst:
		return smallSide
	}
	return learnedSide
}

// with returns g with files to decode. There are so many pictures before them.
func (g gather) with(sources []run.Source, batch, before int) gather {
	if !g.isOpen {
		g = gather{isOpen: true}
	}
	g.parts = slices.Clone(g.parts)
	g.all += len(sources)
	for len(sources) > 0 {
		n, bytes := 0, int64(0)
		for n < len(sources) && n < partFiles && (n == 0 || bytes+sources[n].Bytes <= partBytes && !isZip(sources[n].Path) && !isZip(sources[n-1].Path)) {
			bytes += sources[n].Bytes
			n++
		}
		g.parts = append(g.parts, part{
			sources: sources[:n:n], lists: isZip(sources[0].Path), before: before, batch: batch,
		})
		before, sources = before+n, sources[n:]
	}
	return g
}

func isZip(path string) bool { return strings.HasSuffix(strings.ToLower(path), ".zip") }

// without returns g without what an import has yet to bring.
func (g gather) without(batch int) gather {
	g.parts = slices.DeleteFunc(slices.Clone(g.parts), func(p part) bool { return p.batch == batch && batch > 0 })
	return g
}

// gathered takes files that workers are to read.
func (p Page) gathered(m Gathered) Page {
	pictures := *p.Pictures
	pictures.Problems = slices.Clone(pictures.Problems)
	for _, path := range m.Failed {
		pictures.Problems = append(pictures.Problems, run.Problem{File: path, Reason: "the browser could not read it"})
	}
	if len(m.Sources) > 0 {
		pictures = pictures.gathered(m.Sources)
	}
	p.Pictures = &pictures
	return p
}

func (p Pictures) gathered(sources []run.Source) Pictures {
	p, command := p.begun(run.AddPictures{Set: p.Set})
	batch, before := 0, 0
	if p.joining {
		batch, before = p.imports, p.Count
	}
	p.gather = p.gather.with(sources, batch, before)
	p.gather.clears = command.Replace
	if !p.lost {
		if command.Replace {
			p.sources = append(p.sources, command)
		}
		p.sources = append(slices.Clip(p.sources), run.DecodePictures{Sources: sources})
	}
	return p.forgetful()
}

// gathering goes on with an import: it passes on what was decoded and hands out what
// is to be. said is what was said before the message that is applied.
func (p Page) gathering(said string, effects []Effect) (Page, []Effect) {
	if !p.Pictures.gather.isOpen || p.Lab.Problem != "" {
		return p, effects
	}
	pictures := *p.Pictures
	g := pictures.gather
	if p.Said != said && strings.Contains(p.Said, " added.") {
		p.Said = said // It is said once, when all are there.
	}
	waiting := p.ledger.count(isTo[run.TakePictures])
	g, more := g.delivered()
	effects = append(effects, more...)
	if len(g.parts) == 0 && waiting == 0 && len(more) == 0 {
		g, more = g.closed()
		pictures.Importing = nil
		p.Said = Count(p.Pictures.Count, "picture") + " there now."
	} else {
		g, more = g.handedOut(p.Runs.queue.cores, waiting)
		pictures.Importing = &run.Importing{Done: g.done, All: g.all}
	}
	pictures.gather = g
	p.Pictures = &pictures
	return p, append(effects, more...)
}

// delivered passes on to the lab what is next in order.
func (g gather) delivered() (gather, []Effect) {
	var effects []Effect
	if g.clears {
		g.clears = false
		effects = append(effects, Send{To: Lab, Command: run.AddPictures{Set: ownSet, Replace: true}})
	}
	g.parts = slices.Clone(g.parts)
	for len(g.parts) > 0 {
		next := &g.parts[0]
		for _, blob := range next.blobs {
			effects = append(effects, Send{To: Lab, Command: run.TakePictures{Blob: blob}, batch: next.batch})
			next.given = true
		}
		next.blobs = nil
		if !next.over {
			break
		}
		g.done += next.files()
		g.parts = g.parts[1:]
	}
	return g, effects
}

// files is how many files a part counts for.
func (p *part) files() int {
	switch {
	case p.lists:
		return 0
	case p.to > 0:
		return p.to - p.from
	}
	return len(p.sources)
}

// handedOut gives the helpers that are idle something to do.
func (g gather) handedOut(cores, waiting int) (gather, []Effect) {
	var effects []Effect
	g.helpers = slices.Clone(g.helpers)
	count := min(max(cores, 2), mostHelpers)
	for i := range g.parts[:min(len(g.parts), ahead*count)] {
		next := &g.parts[i]
		if next.by != 0 || waiting > atLab {
			continue
		}
		k := slices.IndexFunc(g.helpers, func(h helper) bool { return !h.busy })
		if k < 0 && len(g.helpers) == count {
			break
		}
		if k < 0 {
			k = len(g.helpers)
			g.given++
			g.helpers = append(g.helpers, helper{id: Lab - g.given})
			effects = append(effects, StartWorker{g.helpers[k].id})
		}
		g.helpers[k].busy, next.by = true, g.helpers[k].id
		effects = append(effects, Send{To: next.by, Command: next.command()})
	}
	return g, effects
}

// command is what a worker is told of a part.
func (p *part) command() run.Command {
	if p.lists {
		return run.ListArchive{Source: p.sources[0]}
	}
	return run.DecodePictures{Sources: p.sources, From: p.from, To: p.to, PreviewSide: previewSide(p.before)}
}

// closed ends the helpers.
func (g gather) closed() (gather, []Effect) {
	var effects []Effect
	for _, h := range g.helpers {
		effects = append(effects, EndWorker{h.id})
	}
	return gather{}, effects
}

// heardHelper takes what a helper answered.
func (p Page) heardHelper(m Heard) Page {
	if _, ok := p.ledger.find(m.From, m.Answer.To); !ok {
		return p
	}
	p.ledger = p.ledger.closed(m.Answer)
	pictures := *p.Pictures
	if e, ok := m.Answer.Event.(run.Failed); ok {
		pictures.Problems = pictures.gather.lost(m.From, Sentence(e.Reason), pictures.Problems)
	}
	pictures.gather = pictures.gather.heard(m.From, m.Answer.Event)
	p.Pictures = &pictures
	return p
}

// of returns the place of the part that a helper decodes, -1 for none.
func (g gather) of(id WorkerID) int {
	return slices.IndexFunc(g.parts, func(p part) bool { return p.by == id && !p.over })
}

func (g gather) heard(from WorkerID, event run.Event) gather {
	g.parts, g.helpers = slices.Clone(g.parts), slices.Clone(g.helpers)
	i := g.of(from)
	switch e := event.(type) {
	case run.PicturesDecoded:
		if i >= 0 {
			g.parts[i].blobs = append(slices.Clip(g.parts[i].blobs), e.Blob)
		}
	case run.ArchiveListed:
		if i >= 0 {
			g = g.listed(i, e.Files)
		}
	case run.Done, run.Failed:
		if i >= 0 {
			g.parts[i].over = true
		}
		for k := range g.helpers {
			g.helpers[k].busy = g.helpers[k].busy && g.helpers[k].id != from
		}
	}
	return g
}

// mostOfArchive bounds the files of an archive that are looked at.
const mostOfArchive = 100_000

// listed divides an archive into parts, which come behind the one that asked.
func (g gather) listed(i, files int) gather {
	asked := g.parts[i]
	files = min(files, mostOfArchive)
	g.all += files - 1
	each := max(1, min(partFiles, int(partBytes*int64(files)/max(1, asked.sources[0].Bytes))))
	var parts []part
	for from := 0; from < files; from += each {
		parts = append(parts, part{
			sources: asked.sources, from: from, to: min(from+each, files), before: asked.before + from, batch: asked.batch,
		})
	}
	g.parts = slices.Insert(g.parts, i+1, parts...)
	return g
}

// lost says of the files that a helper decodes that they are lost.
func (g gather) lost(id WorkerID, reason string, problems []run.Problem) []run.Problem {
	if i := g.of(id); i >= 0 {
		for _, s := range g.parts[i].sources {
			problems = append(slices.Clip(problems), run.Problem{File: s.Path, Reason: reason})
		}
	}
	return problems
}

// helperDied has what a helper was at decoded again, file by file: one of them was too
// much for it. What it dies of a second time is left out.
func (p Page) helperDied(m Died) Page {
	p.ledger = p.ledger.forget(func(a asked) bool { return a.worker == m.Worker })
	pictures := *p.Pictures
	g := pictures.gather
	g.helpers = slices.DeleteFunc(slices.Clone(g.helpers), func(h helper) bool { return h.id == m.Worker })
	g.parts = slices.Clone(g.parts)
	if i := g.of(m.Worker); i >= 0 {
		if died := g.parts[i]; died.tries > 0 || died.given || len(died.blobs) > 0 {
			pictures.Problems = g.lost(m.Worker, Sentence(m.Reason), pictures.Problems)
			g.parts[i].over = true
		} else {
			g.parts = slices.Replace(g.parts, i, i+1, died.split()...)
		}
	}
	pictures.gather = g
	p.Pictures = &pictures
	return p
}

// split returns a part as parts of one file each, to be tried once more.
func (p part) split() []part {
	p.by, p.tries = 0, p.tries+1
	var parts []part
	switch {
	case p.to > 0:
		for i := p.from; i < p.to; i++ {
			one := p
			one.from, one.to = i, i+1
			parts = append(parts, one)
		}
	case len(p.sources) > 1:
		for i := range p.sources {
			one := p
			one.sources = p.sources[i : i+1 : i+1]
			parts = append(parts, one)
		}
	default:
		parts = append(parts, p)
	}
	return parts
}
