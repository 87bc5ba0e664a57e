package dataset

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// An origin is what the place of a picture says about its class. Which class it
// is can be decided when all places are known, and until then Labels holds
// indices of origins.
type origin struct {
	folder string // The folders below train or test, or all of them; slash-separated.
	name   string // The class in the file's name.
	number int    // The label in the file's name or in the record; -1 where there is none.
	record bool   // From a binary file: number is looked up in the class names.
}

// splitNames are the folders that divide a data set. The value says whether what
// is in them is for testing.
var splitNames = map[string]bool{
	"train": false, "training": false,
	"test": true, "testing": true, "val": true, "valid": true, "validation": true,
}

// place reads a path, slash- or backslash-separated: what it says about the
// class, and whether the picture is for testing.
//
//	[…/]class/picture.jpg
//	[…/]train/class/picture.jpg
//	[…/]train/00017_6_frog.jpg    number, label, class
func place(file string) (o origin, test bool) {
	parts := pathParts(file)
	if len(parts) == 0 {
		return origin{number: -1}, false
	}
	folders, base := parts[:len(parts)-1], parts[len(parts)-1]
	for i, folder := range folders {
		if isTest, ok := splitNames[strings.ToLower(folder)]; ok {
			folders, test = folders[i+1:], isTest
			break
		}
	}
	o = origin{folder: strings.Join(folders, "/"), number: -1}
	if number, class, ok := numberedName(base); ok && o.folder == "" {
		o.number, o.name = number, class
	}
	return o, test
}

// pathParts returns the parts of a path that say something. Archives may hold
// any path: nothing is ever written to it, so ".." is only meaningless.
func pathParts(file string) []string {
	parts := strings.FieldsFunc(file, func(r rune) bool { return r == '/' || r == '\\' })
	return slices.DeleteFunc(parts, func(part string) bool { return part == "." || part == ".." })
}

// numberedName reads a file name of the form IIIII_L_class.ext: a position of
// five digits, a label and the name of its class.
func numberedName(base string) (label int, class string, ok bool) {
	stem := strings.TrimSuffix(base, path.Ext(base))
	position, rest, ok := strings.Cut(stem, "_")
	if !ok || len(position) != 5 || strings.Trim(position, "0123456789") != "" {
		return 0, "", false
	}
	number, class, ok := strings.Cut(rest, "_")
	label, err := strconv.Atoi(number)
	if !ok || class == "" || err != nil || label < 0 || label > 999 {
		return 0, "", false
	}
	return label, class, true
}

// resolve returns the class names in the order of their labels, and the label of
// each origin. names are the classes of records.
//
// Where every class has a number of its own, that orders them, as the official
// label order does; otherwise their names do.
func resolve(origins []origin, names []string, folderIsClass bool) (classes []string, labels []int32) {
	strip := commonFolders(origins, folderIsClass)
	class := make([]string, len(origins))
	numbers := newNumbering()
	for i, o := range origins {
		class[i] = o.class(strip, names)
		if class[i] != "" {
			numbers.add(class[i], o.number)
		}
	}
	if slices.ContainsFunc(origins, func(o origin) bool { return o.record }) {
		for number, name := range names {
			numbers.add(name, number) // Classes of which there is no picture keep their label.
		}
	}
	classes = numbers.order()
	label := map[string]int32{"": Unlabelled} // An archive may have as many folders as pictures.
	for i, name := range classes {
		label[name] = int32(i)
	}
	labels = make([]int32, len(origins))
	for i := range origins {
		labels[i] = label[class[i]]
	}
	return classes, labels
}

// class returns the name of an origin's class, or "". strip is the number of
// leading folders that say nothing.
func (o origin) class(strip int, names []string) string {
	switch {
	case o.record && o.number < len(names):
		return names[o.number]
	case o.record:
		return ""
	case o.folder == "":
		return o.name
	}
	parts := strings.Split(o.folder, "/")
	if strip >= len(parts) {
		return ""
	}
	return parts[strip]
}

// commonFolders returns how many leading folders all origins share that lie in
// one: a cover picture beside the classes does not change their names. With
// folderIsClass a last folder is left that all pictures lie in.
func commonFolders(origins []origin, folderIsClass bool) int {
	var shared []string
	first := true
	for _, o := range origins {
		if o.record || o.folder == "" {
			continue
		}
		parts := strings.Split(o.folder, "/")
		if first {
			shared, first = parts, false
		}
		n := 0
		for n < min(len(shared), len(parts)) && shared[n] == parts[n] {
			n++
		}
		shared = shared[:n]
	}
	if folderIsClass && len(shared) > 0 && allIn(origins, strings.Join(shared, "/")) {
		return len(shared) - 1
	}
	return len(shared)
}

// allIn reports whether all origins are the same folder.
func allIn(origins []origin, folder string) bool {
	return !slices.ContainsFunc(origins, func(o origin) bool { return !o.record && o.folder != "" && o.folder != folder })
}

// A numbering collects classes and the numbers they come with.
type numbering struct {
	number map[string]int
	usable bool // Every class has exactly one number.
}

func newNumbering() *numbering {
	return &numbering{number: make(map[string]int), usable: true}
}

func (n *numbering) add(class string, number int) {
	if had, ok := n.number[class]; number < 0 || ok && had != number {
		n.usable = false
	}
	n.number[class] = number
}

// order returns the classes by number, or by name where numbers do not decide.
func (n *numbering) order() []string {
	classes := make([]string, 0, len(n.number))
	taken := make(map[int]bool)
	for class, number := range n.number {
		classes = append(classes, class)
		n.usable = n.usable && !taken[number]
		taken[number] = true
	}
	slices.SortFunc(classes, func(a, b string) int {
		if n.usable {
			return cmp.Compare(n.number[a], n.number[b])
		}
		return strings.Compare(a, b)
	})
	return classes
}

// checkNumbers returns a problem for each record label that has no name.
func checkNumbers(origins []origin, names []string) []Problem {
	var problems []Problem
	for _, o := range origins {
		if o.record && o.number >= len(names) {
			problems = append(problems, Problem{File: metaFile, Reason: fmt.Sprintf(
				"%d class names, but there are records with label %d: those are unlabelled", len(names), o.number)})
		}
	}
	return problems
}
