package lab

import (
	"errors"

	"quarterturn/core/fault"
	"quarterturn/core/keep/files"
	"quarterturn/core/keep/record"
	"quarterturn/core/run"
)

// isOfRecords reports whether a command only reads or writes the store, and need not wait
// for the end of another.
func isOfRecords(c run.Command) bool {
	switch c.(type) {
	case run.Keep, run.Recall, run.Forget, run.LookOn:
		return true
	}
	return false
}

// carryOutRecords carries out the commands that concern what is kept.
func (l *Lab) carryOutRecords(c run.Command) error {
	if l.options.Store == nil {
		return fault.New("lab", "nothing is kept here")
	}
	switch c := c.(type) {
	case run.LookOn:
		l.lookingOn = true
	case run.Keep:
		if l.lookingOn {
			return errLookingOn
		}
		return l.options.Store.Write(c.Name, c.Blob)
	case run.Forget:
		return l.forget(c.Key)
	case run.Recall:
		if c.Name == "" {
			return l.recallAll()
		}
		if err := l.recall(c.Name); !errors.Is(err, files.ErrMissing) {
			return err
		}
	}
	return nil
}

var errLookingOn = fault.New("lab", "another tab has the lab: nothing is kept here")

// recall reports a record. It is files.ErrMissing where there is none.
func (l *Lab) recall(name string) error {
	found, err := l.options.Store.Read(name)
	if err != nil {
		return err
	}
	if text := found.Notice("what was kept as " + name); text != "" {
		l.report(run.Noticed{Text: text})
	}
	l.report(run.Recalled{Name: name, Blob: found.Bytes})
	return nil
}

// recallAll reports the notebook and a record for each run of which something is kept: an
// empty one where that cannot be read, which is told, or was never written. The others
// follow all the same.
func (l *Lab) recallAll() error {
	if l.options.Storing != nil {
		l.report(l.options.Storing())
	}
	entries, err := l.options.Store.List()
	if err != nil {
		return err
	}
	names := []string{record.Book}
	for _, e := range entries { // By name: those of a run follow each other.
		if key, ok := record.KeyOf(e.Name); ok && names[len(names)-1] != record.Run(key) {
			names = append(names, record.Run(key))
		}
	}
	for _, name := range names {
		err := l.recall(name)
		if err != nil && !errors.Is(err, files.ErrMissing) {
			l.report(run.Noticed{Text: fault.Reason(err)})
		}
		if err != nil && name != record.Book {
			l.report(run.Recalled{Name: name})
		}
		l.options.Yield()
	}
	return nil
}

// forget removes the records of a run.
func (l *Lab) forget(key string) error {
	entries, err := l.options.Store.List()
	if err != nil {
		return err
	}
	var failed error
	for _, e := range entries {
		if of, ok := record.KeyOf(e.Name); ok && of == key {
			failed = errors.Join(failed, l.options.Store.Remove(e.Name))
		}
	}
	return failed
}
