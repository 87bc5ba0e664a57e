//go:build unix

// make is a script here.

package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"quarterturn/server/site"
)

// repository makes a folder to watch the working folder, in which make packs
// index.html, as it was packed before, unless there is a file "broken".
func repository(t *testing.T) {
	t.Helper()
	root := t.TempDir()
	ready := filepath.Join(root, "ready")
	files := fstest.MapFS{"index.html": {Data: []byte("<head></head>")}}
	if _, err := site.Pack(files, []site.Rule{{URL: "/", Source: "index.html"}}, ready, site.Fast); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\n[ \"$2\" = build/packed ] && [ ! -e broken ] && cp " + ready + "/* " + packed + "\n"
	bin := filepath.Join(root, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, "make"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	t.Chdir(root)
	if err := os.MkdirAll(packed, 0o755); err != nil { // Now: a new folder is a change.
		t.Fatal(err)
	}
	save(t, "index.html", 0)
}

// save writes a source as if some seconds later.
func save(t *testing.T, name string, later time.Duration) {
	t.Helper()
	if err := os.WriteFile(name, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	at := time.Now().Add(later * time.Second)
	if err := os.Chtimes(name, at, at); err != nil {
		t.Fatal(err)
	}
}

// TestRebuild saves sources and waits for builds; one that fails changes nothing.
func TestRebuild(t *testing.T) {
	repository(t)
	ctx, stop := context.WithCancel(context.Background())
	p := newPages(time.Unix(1, 0))
	_, _, _, next := p.newest()
	ended := make(chan bool)
	go func() {
		rebuild(ctx, p)
		close(ended)
	}()
	wait := func(what string, number int) {
		t.Helper()
		select {
		case <-next:
		case <-time.After(time.Minute):
			t.Fatalf("%s: no build", what)
		}
		var got int
		if got, _, _, next = p.newest(); got != number {
			t.Fatalf("%s: build %d, want %d", what, got, number)
		}
	}
	wait("at once", 1)
	save(t, "index.html", 10)
	wait("after a change", 2)

	if err := os.WriteFile("broken", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := build(ctx, p); err == nil {
		t.Error("a build that fails gives no error")
	}
	if got, _, _, _ := p.newest(); got != 2 {
		t.Errorf("a build that failed is shown as number %d", got)
	}
	if err := os.Remove("broken"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(3 * lookEvery)
	if got, _, _, _ := p.newest(); got != 2 {
		t.Errorf("build %d without a change", got)
	}
	stop()
	<-ended
}

// TestBuildThatIsNoSite: make may succeed and leave something else.
func TestBuildThatIsNoSite(t *testing.T) {
	repository(t)
	if err := os.RemoveAll("ready/manifest.json"); err != nil {
		t.Fatal(err)
	}
	if err := build(t.Context(), newPages(time.Unix(1, 0))); err == nil || !strings.Contains(err.Error(), "manifest") {
		t.Errorf("error %v, want that there is no manifest", err)
	}
}

func TestWatchStops(t *testing.T) {
	repository(t)
	if err := watch(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "-addr") {
		t.Errorf("without an address: error %v", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if err := watch(ctx, "127.0.0.1:0"); err != nil {
		t.Errorf("stopped: %v", err)
	}
}
