package main

import (
	"strings"
	"testing"

	"github.com/gomlx/compute"
)

// TestShownCommand checks that what is shown to others names nobody's folders.
func TestShownCommand(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"--data", "/data/cifar.tar.gz", "--out=runs/a=b", "--rate", "0.1", "--resume=", ""}, "--data cifar.tar.gz --out=a=b --rate 0.1 --resume= "},
		{[]string{"--backend", "xla:/disk/me/p.so,preallocate=true"}, "--backend xla:p.so,preallocate=true"},
		{[]string{"--backend=xla:/disk/me/p.so,cache=/disk/me/c,threads=2"}, "--backend=xla:p.so,cache=c,threads=2"},
		{[]string{"--backend", "xla:/disk/a=b/p.so"}, "--backend xla:p.so"},
		{[]string{"-backend", "engine:threads=2"}, "-backend engine:threads=2"},
		{[]string{"--data", "/disk/a=b/c"}, "--data c"},
		{[]string{"--data=/disk/a=b/c=d"}, "--data=c=d"},
		{[]string{"--data", "-/disk/a=b/c"}, "--data c"},
		{[]string{"--data", "/disk/me,you/c,d/"}, "--data c,d"},
		{[]string{"--out", `C:\of\me\run`}, "--out run"},
		{[]string{"--out", "..", "--limit=100"}, "--out .. --limit=100"},
	} {
		args := append([]string{"pretrain"}, tt.args...)
		if got := shownCommand(args); got != "quarterturn pretrain "+tt.want {
			t.Errorf("shownCommand(%q) = %q, want the end %q", args, got, tt.want)
		}
	}
}

// elsewhere is a backend that says where its plugin lies.
type elsewhere struct{ compute.Backend }

func (elsewhere) Name() string        { return xlaKind }
func (elsewhere) Description() string { return "xla:/disk/me/p.so - PJRT (/disk/me/p.so)" }

func TestShownBackendDoesNotSayWhereThePluginLies(t *testing.T) {
	if shown := shownBackend(elsewhere{}); strings.Contains(shown, "/disk") {
		t.Errorf("it is shown as %q", shown)
	}
}
