package engine_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
)

// platformPart is what a plan prints in braces: ranges of the arena, in which
// convolutions' scratch is of the size that the platform's tiles and threads ask
// for, and the tiles themselves.
var platformPart = regexp.MustCompile(` ?\{[^}]*\}`)

// TestPlans pins the plans of a training step and of a prediction of ResNet-8, but
// for what depends on the platform: they are the same wherever tests run. Who
// changes a pass sees here what became of each step; `go test
// ./core/engine -run Plans -update` accepts it.
func TestPlans(t *testing.T) {
	tests := []struct {
		name  string
		build func(*graph.Graph) ([]state, []*graph.Node)
	}{{"step", resnet8.step}, {"predict", resnet8.predict}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, _ := compile(newEngine(t, 2), tt.name, tt.build)
			got := platformPart.ReplaceAllString(g.Executable().(interface{ Plan() string }).Plan(), "")
			path := filepath.Join("testdata", "plan_"+tt.name+".golden")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("the plan is not that of %s:\n%s", path, difference(string(want), got))
			}
		})
	}
}

// difference lists the lines of only one of two texts, as diff does, without the
// steps' numbers, which one step more or less would change in all.
func difference(want, got string) string {
	a, b := planLines(want), planLines(got)
	// length[i][j] is that of the longest common subsequence of a[i:] and b[j:].
	length := make([][]int, len(a)+1)
	for i := range length {
		length[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if length[i][j] = max(length[i+1][j], length[i][j+1]); a[i] == b[j] {
				length[i][j] = length[i+1][j+1] + 1
			}
		}
	}
	var lines strings.Builder
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && length[i+1][j] >= length[i][j+1]:
			lines.WriteString("- " + a[i] + "\n")
			i++
		default:
			lines.WriteString("+ " + b[j] + "\n")
			j++
		}
	}
	return lines.String()
}

var stepNumber = regexp.MustCompile(`^ *\d+ `)

func planLines(plan string) []string {
	lines := strings.Split(strings.TrimSuffix(plan, "\n"), "\n")
	for i, line := range lines[1:] {
		lines[1+i] = stepNumber.ReplaceAllString(line, "")
	}
	return lines
}

// TestDifference has a step more, a step less and other numbers.
func TestDifference(t *testing.T) {
	want := "3 steps\n  0 a\n  1 b\n  2 c\n"
	got := "3 steps\n  0 b\n  1 c\n  2 d\n"
	if d := difference(want, got); d != "- a\n+ d\n" {
		t.Errorf("the difference is %q", d)
	}
	if d := difference(want, want); d != "" {
		t.Errorf("a text differs from itself by %q", d)
	}
}
