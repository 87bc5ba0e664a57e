package state

import (
	"slices"

	"quarterturn/core/run"
)

// keptBytes bounds the person's files that the page keeps, to fill a worker again
// that died or to undo a replacement. A collection made of more cannot be brought
// back, and the page says so.
const keptBytes = 128 << 20

// ownSet is the name of a collection that the person made.
const ownSet = "Your pictures"

// opened replaces the collection by a built-in set whose files have come.
func (p Pictures) opened(set Asset, files []run.File) (Pictures, []Effect) {
	command := run.OpenPictures{Set: string(set), Files: files}
	p = p.replaceable("opened " + set.Title())
	p.joins, p.joining, p.lost, p.gather.parts = nil, false, false, nil
	p.BuiltIn, p.sources, p.expect = set, []run.Command{command}, false
	return p, []Effect{Send{To: Lab, Command: command}}
}

// replaceable notes what the collection was made of, so that replacing it can be
// undone. One such note is kept: it can be large.
func (p Pictures) replaceable(words string) Pictures {
	if len(p.sources) == 0 {
		return p
	}
	p.undo = []undoStep{{kind: undoReplacement, words: words, sources: p.sources, builtIn: p.BuiltIn}}
	return p
}

// handed takes a part of the files that the person gave.
func (p Pictures) handed(m Handed) (Pictures, []Effect) {
	first := p.Reading == nil
	p.Reading = &Handed{Done: m.Done, All: m.All}
	if m.Done == m.All {
		p.Reading = nil
	}
	p.Problems = slices.Clone(p.Problems)
	for _, path := range m.Failed {
		p.Problems = append(p.Problems, run.Problem{File: path, Reason: "the browser could not read it"})
	}
	if len(m.Files) == 0 {
		return p, nil
	}
	command := run.AddPictures{Set: p.Set, Files: m.Files}
	if first {
		p, command = p.begun(command)
	}
	if !p.lost { // A part of them would be worse than none.
		p.sources = append(slices.Clone(p.sources), command)
	}
	p.Importing = &run.Importing{All: len(m.Files)}
	send := Send{To: Lab, Command: command}
	if p.joining {
		send.batch = p.imports
	}
	return p.forgetful(), []Effect{send}
}

// begun decides for the first part of what the person gave whether it joins the
// collection or replaces it, and prepares to undo that.
func (p Pictures) begun(command run.AddPictures) (Pictures, run.AddPictures) {
	empty := len(p.sources) == 0 && !p.lost
	p.expect, p.joining = true, p.Join && !empty
	if !p.joining {
		command.Set, command.Replace = ownSet, true
		p = p.replaceable("started a new set")
		p.BuiltIn, p.sources, p.lost, p.joins, p.gather.parts = "", nil, false, nil, nil
		return p, command
	}
	p.imports++
	step := undoStep{kind: undoJoin, number: p.imports, kept: len(p.sources), chosen: p.Chosen}
	p.joins = append(slices.Clip(p.joins), step)
	return p, command
}

// joined notes pictures that came in beside others by an import, so that Undo takes
// all of it out.
func (p Pictures) joined(number int, added []run.Thumb) Pictures {
	isIt := func(s undoStep) bool { return s.kind == undoJoin && s.number == number }
	p.undo = slices.Clone(p.undo)
	i := slices.IndexFunc(p.undo, isIt)
	if i < 0 {
		k := slices.IndexFunc(p.joins, isIt)
		if k < 0 {
			return p // The set was replaced since, and so will they be.
		}
		i, p.undo = len(p.undo), append(p.undo, p.joins[k])
		p.joins = slices.Delete(slices.Clone(p.joins), k, k+1)
	}
	step := p.undo[i]
	for _, t := range added {
		step.came = append(step.came, t.ID) // Earlier states see no more than they had.
	}
	step.words = "added " + Count(len(step.came), "picture")
	p.undo[i] = step
	return p
}

// forgetful drops what lies beyond keptBytes: the undo first, then the sources.
func (p Pictures) forgetful() Pictures {
	size := sourceBytes(p.sources)
	for _, step := range p.undo {
		size += sourceBytes(step.sources)
	}
	if size > keptBytes {
		p.undo = nil
	}
	if sourceBytes(p.sources) > keptBytes {
		p.sources, p.lost = nil, true
	}
	return p
}

func sourceBytes(commands []run.Command) int {
	size := 0
	for _, command := range commands {
		var files []run.File
		switch c := command.(type) {
		case run.OpenPictures:
			files = c.Files
		case run.AddPictures:
			files = c.Files
		}
		for _, file := range files {
			size += len(file.Bytes)
		}
	}
	return size
}

// undone takes back the last step.
func (p Pictures) undone() (Pictures, []Effect) {
	if len(p.undo) == 0 {
		return p, nil
	}
	last := p.undo[len(p.undo)-1]
	p.undo = slices.Clone(p.undo[:len(p.undo)-1])
	switch last.kind {
	case undoRemoval:
		p.hidden = slices.DeleteFunc(slices.Clone(p.hidden), func(id int) bool { return id == last.removed })
		return p.arranged().choose(last.removed), nil
	case undoJoin:
		p.sources = p.sources[:min(last.kept, len(p.sources))]
		p.gather = p.gather.without(last.number)
		there := func(id int) bool { _, ok := p.Find(id); return ok }
		ids := slices.DeleteFunc(slices.Clone(last.came), func(id int) bool { return !there(id) })
		return p.choose(last.chosen), []Effect{Send{To: Lab, Command: run.RemovePictures{IDs: ids}}}
	case undoCorrection:
		return p, []Effect{Send{To: Lab, Command: last.back}}
	}
	p.sources, p.lost, p.BuiltIn, p.expect = last.sources, false, last.builtIn, false
	p.joins, p.joining = nil, false
	return p.rebuild()
}
