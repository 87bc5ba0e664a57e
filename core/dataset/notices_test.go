package dataset

import (
	"errors"
	"slices"
	"testing"
)

// TestNotices has what an import counts: none, one and several of each.
func TestNotices(t *testing.T) {
	good := picture(t)
	broken := func(name string) file { return file{name, good[:40]} }
	text := func(name string) file { return file{name, []byte("words")} }
	pictures := []file{{"a.png", good}, {"b.png", good}}
	tests := []struct {
		name    string
		options Options
		files   []file
		want    []string
	}{
		{"nothing to say", Options{}, nil, nil},
		{"one other", Options{}, []file{text("a.txt")}, []string{"1 file is no picture and was left out: a.txt"}},
		{"two others", Options{}, []file{text("a.txt"), text("b.txt")}, []string{"2 files are no pictures and were left out: a.txt, b.txt"}},
		{"many others", Options{}, []file{text("1"), text("2"), text("3"), text("4")}, []string{"4 files are no pictures and were left out: 1, 2, 3"}},
		{"junk", Options{}, []file{text(".hidden"), text("__MACOSX/a")}, nil},
		{"problems as many as may be", Options{Limits: Limits{Problems: 2}}, []file{broken("1.png"), broken("2.png")}, nil},
		{"one problem more", Options{Limits: Limits{Problems: 2}}, []file{broken("1.png"), broken("2.png"), broken("3.png")},
			[]string{"1 more problem is not listed"}},
		{"two more", Options{Limits: Limits{Problems: 1}}, []file{broken("1.png"), broken("2.png"), broken("3.png")},
			[]string{"2 more problems are not listed"}},
		{"as many pictures as may be", Options{Limits: Limits{Pictures: 2}}, nil, nil},
		{"one more", Options{Limits: Limits{Pictures: 1}}, nil, []string{"the limit of 1 pictures was reached; the rest was left out"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set, err := imported(t, tt.options, append(slices.Clone(pictures), tt.files...)...)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(set.Notices, tt.want) {
				t.Errorf("notices %q, want %q", set.Notices, tt.want)
			}
		})
	}
}

// TestEachEndsTheImport: an error of its caller is what Finish returns, and nothing
// more is taken.
func TestEachEndsTheImport(t *testing.T) {
	stop := errors.New("enough")
	good := picture(t)
	for name, files := range map[string][]file{
		"pictures": {{"1.png", good}, {"2.png", good}, {"3.png", good}},
		"zip":      {{"a.zip", zipOf(t, file{"1.png", good}, file{"2.png", good}, file{"3.png", good})}},
		"tar":      {{"a.tar", tarOf(t, file{"1.png", good}, file{"2.png", good}, file{"3.png", good})}},
		"records":  {{"a.bin", records(3)}},
	} {
		seen := 0
		set, err := imported(t, Options{Each: func(Picture) error {
			if seen++; seen == 2 {
				return stop
			}
			return nil
		}}, files...)
		if err != stop || seen != 2 || set.Train.Len() != 2 || len(set.Problems) > 0 {
			t.Errorf("%s: error %v after %d, %d pictures, problems %v", name, err, seen, set.Train.Len(), set.Problems)
		}
	}
}
