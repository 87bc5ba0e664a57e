package runs

import "testing"

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
		if got := (&Spec{Command: args}).Shown(); got != "quarterturn pretrain "+tt.want {
			t.Errorf("%q is shown as %q, want the end %q", args, got, tt.want)
		}
	}
}
