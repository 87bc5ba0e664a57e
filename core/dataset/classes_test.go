package dataset

import (
	"slices"
	"testing"
)

func TestPlace(t *testing.T) {
	tests := []struct {
		path string
		want origin
		test bool
	}{
		{"a.jpg", origin{number: -1}, false},
		{"", origin{number: -1}, false},
		{"cat/a.jpg", origin{folder: "cat", number: -1}, false},
		{`pets\cat\a.jpg`, origin{folder: "pets/cat", number: -1}, false},
		{"./x/../cat/a.jpg", origin{folder: "x/cat", number: -1}, false},
		{"/etc/cat/a.jpg", origin{folder: "etc/cat", number: -1}, false},
		{"pets/train/cat/a.jpg", origin{folder: "cat", number: -1}, false},
		{"pets/Test/cat/a.jpg", origin{folder: "cat", number: -1}, true},
		{"val/a.jpg", origin{number: -1}, true},
		{"train/test/a.jpg", origin{folder: "test", number: -1}, false},
		{"cifar/train/00017_6_frog.jpg", origin{name: "frog", number: 6}, false},
		{"cifar/test/00017_6_tree_frog.jpg", origin{name: "tree_frog", number: 6}, true},
		{"00017_6_frog.jpg", origin{name: "frog", number: 6}, false},
		{"cat/00017_6_frog.jpg", origin{folder: "cat", number: -1}, false},
		{"2024_05_holiday.jpg", origin{number: -1}, false},
		{"00017_x_frog.jpg", origin{number: -1}, false},
		{"00017_6_.jpg", origin{number: -1}, false},
		{"00017_-6_frog.jpg", origin{number: -1}, false},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			if got, test := place(tt.path); got != tt.want || test != tt.test {
				t.Errorf("place = %+v, %v, want %+v, %v", got, test, tt.want, tt.test)
			}
		})
	}
}

func TestResolve(t *testing.T) {
	folders := func(paths ...string) (origins []origin) {
		for _, p := range paths {
			origins = append(origins, origin{folder: p, number: -1})
		}
		return origins
	}
	record := func(n int) origin { return origin{number: n, record: true} }
	tests := []struct {
		name          string
		origins       []origin
		folderIsClass bool
		classes       []string
		labels        []int32
	}{
		{"nothing", nil, false, nil, nil},
		{"flat", folders(""), false, nil, []int32{-1}},
		{"classes are sorted", folders("dog", "cat"), false, []string{"cat", "dog"}, []int32{1, 0}},
		{"a folder that all share", folders("pets/dog", "pets/cat"), false, []string{"cat", "dog"}, []int32{1, 0}},
		{"one folder", folders("cat"), false, nil, []int32{-1}},
		{"one folder that is a class", folders("pets/cat"), true, []string{"cat"}, []int32{0}},
		{"folders within classes", folders("dog/a", "dog/b", "cat"), false, []string{"cat", "dog"}, []int32{1, 1, 0}},
		{"some beside the classes", folders("", "cat", "dog"), false, []string{"cat", "dog"}, []int32{-1, 0, 1}},
		{"a shared start of a name is no folder", folders("cat1", "cat2"), false, []string{"cat1", "cat2"}, []int32{0, 1}},
		{"numbers decide", []origin{{name: "ant", number: 7}, {name: "zebra", number: 2}}, false, []string{"zebra", "ant"}, []int32{1, 0}},
		{"numbers contradict", []origin{{name: "ant", number: 7}, {name: "zebra", number: 7}}, false, []string{"ant", "zebra"}, []int32{0, 1}},
		{"records keep all labels", []origin{record(2)}, false, []string{"x", "y", "z"}, []int32{2}},
		{"record without a name", []origin{record(3)}, false, []string{"x", "y", "z"}, []int32{-1}},
		{"records and a folder", []origin{record(0), {folder: "p/a", number: -1}, {folder: "p/x", number: -1}}, false,
			[]string{"a", "x", "y", "z"}, []int32{1, 0, 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			classes, labels := resolve(tt.origins, []string{"x", "y", "z"}, tt.folderIsClass)
			if !slices.Equal(classes, tt.classes) || !slices.Equal(labels, tt.labels) {
				t.Errorf("resolve = %q, %v, want %q, %v", classes, labels, tt.classes, tt.labels)
			}
		})
	}
}
