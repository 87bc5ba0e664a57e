package durable

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A volatile disk is in memory and forgets in a power cut what was not synced: of
// a file's bytes any part, of a folder's changes any. A rename is one change, as
// on any file system with a journal; else the model promises less than they do.
type volatile struct {
	root  *inode
	cut   int  // Operations until the power goes.
	plain bool // It has no links.
}

// An inode is a file or a folder.
type inode struct {
	names, syncedNames map[string]*inode // Nil for a file.
	unsynced           []change
	bytes, syncedBytes []byte
}

// A change of a folder's names; nil takes one away.
type change map[string]*inode

func newFolder() *inode {
	return &inode{names: map[string]*inode{}, syncedNames: map[string]*inode{}}
}

// change changes a folder's names, not yet for good.
func (n *inode) change(c change) {
	n.unsynced = append(n.unsynced, c)
	apply(n.names, c)
}

func apply(names map[string]*inode, c change) {
	for name, node := range c {
		if names[name] = node; node == nil {
			delete(names, name)
		}
	}
}

// powerCut is what operations panic with from then on.
type powerCut struct{}

func (v *volatile) tick() {
	if v.cut--; v.cut < 0 {
		panic(powerCut{})
	}
}

// find returns the inode of a path, and its folder and name there.
func (v *volatile) find(path string) (node, folder *inode, name string) {
	node = v.root
	for _, part := range strings.Split(filepath.ToSlash(path), "/") {
		if node == nil || node.names == nil {
			return nil, nil, part
		}
		node, folder, name = node.names[part], node, part
	}
	return node, folder, name
}

func (v *volatile) MkdirAll(path string) error {
	v.tick()
	node := v.root
	for _, part := range strings.Split(filepath.ToSlash(path), "/") {
		if node.names[part] == nil {
			node.change(change{part: newFolder()})
		}
		node = node.names[part]
	}
	return nil
}

func (v *volatile) Create(path string) (File, error) {
	v.tick()
	node, folder, name := v.find(path)
	if folder == nil {
		return nil, fs.ErrNotExist
	}
	if node == nil {
		node = &inode{}
		folder.change(change{name: node})
	}
	node.bytes = nil
	return &volatileFile{v, node}, nil
}

func (v *volatile) Append(path string) (File, error) { return nil, fs.ErrInvalid }

func (v *volatile) Lock(string) (io.Closer, error) { return io.NopCloser(nil), nil }

func (v *volatile) Read(path string, most int64) ([]byte, error) {
	node, _, _ := v.find(path)
	if node == nil {
		return nil, fs.ErrNotExist
	}
	if int64(len(node.bytes)) > most {
		return nil, damaged("%s is too long", path)
	}
	return bytes.Clone(node.bytes), nil
}

func (v *volatile) List(path string) ([]string, error) {
	node, _, _ := v.find(path)
	if node == nil {
		return nil, fs.ErrNotExist
	}
	return slices.Sorted(maps.Keys(node.names)), nil
}

func (v *volatile) Rename(from, to string) error {
	v.tick()
	node, folder, name := v.find(from)
	target, other, newName := v.find(to)
	if node == nil || folder != other {
		return fs.ErrNotExist // Nothing here renames across folders.
	}
	if target == node {
		return nil
	}
	if target != nil && len(target.names) > 0 {
		return fs.ErrExist
	}
	folder.change(change{name: nil, newName: node})
	return nil
}

func (v *volatile) Link(from, to string) error {
	v.tick()
	if v.plain {
		return fs.ErrInvalid
	}
	node, _, _ := v.find(from)
	_, folder, name := v.find(to)
	folder.change(change{name: node})
	return nil
}

func (v *volatile) RemoveAll(path string) error {
	v.tick()
	if node, folder, name := v.find(path); node != nil {
		folder.change(change{name: nil})
	}
	return nil
}

func (v *volatile) SyncDir(path string) error {
	v.tick()
	node, _, _ := v.find(path)
	if node == nil {
		return fs.ErrNotExist
	}
	node.syncedNames, node.unsynced = maps.Clone(node.names), nil
	return nil
}

type volatileFile struct {
	disk *volatile
	node *inode
}

func (f *volatileFile) Write(b []byte) (int, error) {
	f.disk.tick()
	f.node.bytes = append(f.node.bytes, b...)
	return len(b), nil
}

func (f *volatileFile) Sync() error {
	f.disk.tick()
	f.node.syncedBytes = bytes.Clone(f.node.bytes)
	return nil
}

func (f *volatileFile) Close() error { return nil }

// forget leaves of a folder what was synced and a random part of the rest. Its
// inodes may have several names and are then forgotten once.
func forget(node *inode, source *rand.Rand, done map[*inode]bool) {
	if done[node] {
		return
	}
	done[node] = true
	if node.names == nil {
		if !bytes.Equal(node.bytes, node.syncedBytes) && source.IntN(2) == 0 {
			node.bytes = bytes.Clone(node.syncedBytes)
		} else if !bytes.Equal(node.bytes, node.syncedBytes) {
			node.bytes = node.bytes[:source.IntN(len(node.bytes)+1)]
		}
		node.syncedBytes = bytes.Clone(node.bytes)
		return
	}
	left := node.syncedNames
	for _, c := range node.unsynced {
		if source.IntN(2) == 0 {
			apply(left, c)
		}
	}
	node.names, node.syncedNames, node.unsynced = maps.Clone(left), left, nil
	for _, name := range slices.Sorted(maps.Keys(left)) {
		forget(left[name], source, done)
	}
}

// powerSteps are saved in this order: step 4 before and after its evaluation.
var powerSteps = []int{0, 2, 4, 4, 5, 6}

// TestPowerCuts cuts the power at each operation of a run that saves, evaluates,
// publishes, prunes and writes, with several choices of what the disk forgets, on
// disks with and without links. The newest checkpoint that is whole is the last whose
// Save had returned, or a later one, and so it is with the files of the run.
func TestPowerCuts(t *testing.T) {
	for cut := 0; ; cut++ {
		ended := false
		for seed := range 20 {
			ended = tryPowerCut(t, cut, uint64(seed), seed%2 == 1)
		}
		if ended {
			if cut < 100 {
				t.Errorf("the run took %d operations: too few to have saved", cut)
			}
			return
		}
	}
}

func tryPowerCut(t *testing.T, cut int, seed uint64, plain bool) (ended bool) {
	t.Helper()
	v := &volatile{root: newFolder(), cut: 1 << 30, plain: plain}
	v.root.names["runs"] = newFolder()
	v.root.syncedNames["runs"] = v.root.names["runs"]
	d := mustOpen(t, "runs/a", v)
	v.cut = cut
	safe, published, written := -1, -1, -1
	ended = untilPowerCut(func() {
		for _, step := range powerSteps {
			c := mustSave(t, d, step)
			safe = step
			if err := d.Publish(c, "model", "last"); err != nil {
				t.Error(err)
			}
			published = step
			if err := d.Prune(2, 2); err != nil {
				t.Error(err)
			}
			if err := d.Write("metrics", contentsOf(step)[1].Bytes); err != nil {
				t.Error(err)
			}
			written = step
		}
	})
	v.cut = 1 << 30
	forget(v.root, rand.New(rand.NewPCG(seed, uint64(cut))), map[*inode]bool{})

	d = mustOpen(t, "runs/a", v)
	what := fmt.Sprintf("cut %d, seed %d", cut, seed)
	checkFile(t, what, d, "last", 0, published)
	checkFile(t, what, d, "metrics", 1, written)
	found, err := d.Checkpoints()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range found {
		if _, err := d.Load(c); err != nil {
			continue // Removing may have been half remembered.
		}
		checkLoad(t, d, c)
		if c.Step < safe {
			t.Errorf("%s: step %d is the newest whole one, but %d was saved; there are %v", what, c.Step, safe, found)
		}
		checkLoad(t, d, mustSave(t, d, 7))
		return ended
	}
	if safe >= 0 {
		t.Errorf("%s: step %d was saved and nothing is left; there are %v", what, safe, found)
	}
	return ended
}

// checkFile looks for a file of the run after a power cut. It holds what it was given
// at a step, whole, and at none before the last that it was given for good; -1 is
// before the first.
func checkFile(t *testing.T, what string, d *Dir, name string, content, last int) {
	t.Helper()
	got, err := d.Read(name, 1000)
	if err != nil && last < 0 {
		return
	}
	for _, step := range powerSteps {
		if err == nil && step >= last && bytes.Equal(got, contentsOf(step)[content].Bytes) {
			return
		}
	}
	t.Errorf("%s: %s holds %.20q (%v), want what it was given at step %d or later", what, name, got, err, last)
}

// untilPowerCut reports whether fn came to its end.
func untilPowerCut(fn func()) (ended bool) {
	defer func() {
		if r := recover(); r != nil && fmt.Sprint(r) != fmt.Sprint(powerCut{}) {
			panic(r)
		}
	}()
	fn()
	return true
}
