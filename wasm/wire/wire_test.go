package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"testing"
	"time"

	"quarterturn/core/run"
)

var oneOfEachEvent = []run.Event{
	run.Ready{Backend: "SIMD128, one thread"},
	run.PicturesChanged{Changed: []run.Change{{ID: 1, Class: -1, Quarters: 2}}},
	run.PicturesChanged{
		Set: "Photographs", Replaced: true, Classes: []string{"ibis", "ketch"},
		Added:    []run.Thumb{{ID: 3, Name: "a.jpg", Class: -1, Test: true, Side: 1, Pixels: []byte{1, 2, 3}}},
		Removed:  []int{1, 2},
		Problems: []run.Problem{{File: "b.png", Reason: "cut short"}},
	},
	run.Importing{File: "c.zip", Done: 3, All: 9},
	run.PicturesPacked{Blob: []byte{9, 8, 7}},
	run.ModelChanged{Name: "m", Task: run.Pretext, Network: run.Network{Blocks: []int{1, 1, 1}, Width: 16}, Side: 32, Classes: []string{"0°"}, Accuracy: 0.5, Note: "n", SHA256: "ab", Card: run.Card{
		Data: "d", Command: "c", Seed: 3, Licence: "l", Parameters: 4,
		Scores: []run.CardScore{{Pictures: "p", Examples: 5, Right: run.Share{Accuracy: 0.5, Low: 0.25, High: 0.75}}},
		Probe: run.CardProbe{Pictures: "q", Train: 6, Test: 7, Neighbours: 8, Chance: 0.1, Stages: []run.CardStage{
			{Stage: "stem", Neighbours: run.Share{Accuracy: 0.1, Low: 0.2, High: 0.3}, Linear: run.Share{Accuracy: 0.4, Low: 0.5, High: 0.6}},
		}},
	}},
	run.Predicted{ID: 4, Turns: [4]run.Guess{{0.25, 0.75}, {1}, nil, {0}}, Took: time.Millisecond},
	run.Scored{Seen: 1, Right: 2, All: 3, StandardError: 0.25},
	run.PhaseChanged{Phase: run.Training},
	run.Started{Config: run.Default(run.Transfer), StepsPerEpoch: 20, Steps: 200, TrainExamples: 640, TestExamples: 160, Parameters: 77_000, Pictures: "ab12"},
	run.Progress{Step: 5, Epoch: 0.25, Loss: 1.386, Accuracy: 0.25, LearningRate: 0.1, ImagesPerSecond: 300, Remaining: time.Minute},
	run.Evaluated{Epoch: 1, Step: 20, TrainLoss: 1, TrainAccuracy: 0.5, Loss: 1.1, Accuracy: 0.4, Examples: 160, Elapsed: time.Second, StandardError: 0.03, LearningRate: 0.05, Training: time.Minute, ImagesPerSecond: 900},
	run.ModelSaved{Name: "run.safetensors", SHA256: "cd", Blob: []byte{1}},
	run.Benched{Depth: 8, Width: 16, Batch: 32, Phase: "train", ImagesPerSecond: 300, GFLOPS: 22, PeakGFLOPS: 41},
	run.Failed{Reason: "out of pictures"},
	run.Done{},
	run.ArchiveListed{Files: 6},
	run.PicturesDecoded{Blob: []byte{4, 5}},
	run.Asked{Task: run.Transfer, Of: run.OfTest, Classes: []string{"a", "b"}, Turns: 1, IDs: []int{3, 4}, Labels: []int32{0, 1}, Guesses: []int32{1, -1}, Sure: []float32{0.5, 0.75}, True: []float32{0.25, 0.75}},
	run.Examining{Doing: "features", Done: 1, All: 2},
	run.ReportMade{HTML: []byte("<p>"), Problems: []string{"none"}},
	run.Recalled{Name: "book", Blob: []byte{1}},
	run.Storing{Kind: "here", Forgets: true, Used: 3, Room: 9},
	run.Probed{Untrained: true, Train: 5, Test: 6, Chance: 0.5, Stages: []run.ProbedStage{{Name: "stem", Features: 16, Neighbours: run.Share{Accuracy: 0.1}, Linear: run.Share{High: 0.2}}}},
	run.Mapped{TSNE: true, Iteration: 5, Iterations: 500, Stage: 3, IDs: []int{7}, Points: []float32{1, 2}, Purity: 0.5, Silhouette: 0.1, FeaturePurity: 0.7, FeatureSilhouette: -0.5, ChancePurity: 0.2, Final: true},
	run.Looked{ID: 3, Quarters: 1, Task: run.Pretext, Classes: []string{"0°"}, Belief: []float32{1}, Side: 2, Pixels: []byte{1, 2, 3}, KernelSide: 3, Kernels: []float32{0.5},
		Parts: []run.PartMaps{{Name: "stem", Side: 1, Channels: 2, Most: 4, Values: []byte{5, 6}}}},
	run.Explained{Answer: 2, Stage: "stage 3", CAMSide: 1, CAM: []float32{7}, Occlusion: []float32{-0.5}},
	run.Resumed{Step: 7, History: []run.Evaluated{{Epoch: 1, Step: 5, Loss: 0.5}, {Epoch: 2}}},
	run.Kept{Step: 8, Bytes: 9},
	run.Noticed{Text: "the disk is full"},
	run.ProjectExported{Blob: []byte{1}, Problems: []string{"no"}},
	run.ProjectImported{MadeBy: "m", Book: []byte{1}, Runs: [][]byte{{2}, {3}}, Problems: []string{"no"}},
}

var oneOfEachCommand = []run.Command{
	run.AddPictures{Set: "mine", Replace: true, Files: []run.File{{Path: "cat/1.jpg", Bytes: []byte{1, 2}}}},
	run.OpenPictures{Set: "emoji", Files: []run.File{{Path: "train.bin.gz", Bytes: []byte{5}}}},
	run.RemovePictures{IDs: []int{1}},
	run.PackPictures{},
	run.UnpackPictures{Blob: []byte{1}},
	run.ListArchive{Source: run.Source{Path: "a.zip", Bytes: 9, Key: 3}},
	run.DecodePictures{Sources: []run.Source{{Path: "b.png", Bytes: 8, Key: 4}}, From: 1, To: 2, PreviewSide: 64},
	run.TakePictures{Blob: []byte{6}},
	run.LoadModel{Name: "m", Blob: []byte{2}},
	run.Predict{ID: 7},
	run.Score{},
	run.Start{Config: run.Default(run.Pretext), Key: "b-2"},
	run.Pause{},
	run.Resume{},
	run.Stop{},
	run.Save{},
	run.Bench{Depth: 8, Width: 16, Batch: 32, Steps: 5},
	run.ExportProject{MadeBy: "m", Book: []byte{1}, Runs: [][]byte{{2}}, Networks: [][]byte{{3}, {4}}},
	run.ImportProject{Files: []run.File{{Path: "a.qtproject", Bytes: []byte{5}}}, First: 6, Pictures: true},
	run.MakeReport{Note: "n", Runs: [][]byte{{1}}, Maps: []run.Drawn{{Title: "t", Labels: run.NoLabels, Mapped: run.Mapped{TSNE: true, IDs: []int{4}, Points: []float32{1, 2}}}}},
	run.Keep{Name: "book", Blob: []byte{1}},
	run.Recall{Name: "run/1/model"},
	run.Forget{Key: "1"},
	run.LookOn{},
	run.Ask{Model: []byte{1}, Of: run.OfAll},
	run.Probe{Model: []byte{1}, Untrained: true, LabelsPerClass: 5, Neighbours: 3, Seed: 9},
	run.Map{Model: []byte{1}, Pictures: 500, Stage: 2, Seed: 1, Warm: []float32{1, 2}, WarmIDs: []int{4}, Untrained: true},
	run.Look{Model: []byte{1}, Untrained: true, Seed: 2, ID: 3, Quarters: 1, Answer: run.ItsGuess},
	run.Cancel{Order: 7},
	run.MovePictures{IDs: []int{3}, Class: "cats"},
	run.TurnPictures{IDs: []int{3, 4}, Quarters: 3},
	run.Flush{},
	run.RestorePictures{},
}

func TestRoundTrip(t *testing.T) {
	for i, event := range oneOfEachEvent {
		want := run.Answer{To: run.Number(i) << 40, Event: event}
		got, err := DecodeAnswer(EncodeAnswer(want))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("answer %#v came back as %#v, %v", want, got, err)
		}
	}
	for i, command := range oneOfEachCommand {
		want := run.Order{Number: run.Number(i + 1), Command: command}
		got, err := DecodeOrder(EncodeOrder(want))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("order %#v came back as %#v, %v", want, got, err)
		}
	}
}

// TestEveryMessageHasATag reads package run's source, so that a message added
// there and forgotten here fails.
func TestEveryMessageHasATag(t *testing.T) {
	for _, tt := range []struct {
		file, marker string
		known        []string
	}{
		{"../../core/run/event.go", "isEvent", typeNames(oneOfEachEvent)},
		{"../../core/run/command.go", "isCommand", typeNames(oneOfEachCommand)},
		{"../../core/run/report.go", "isEvent", typeNames(oneOfEachEvent)},
		{"../../core/run/report.go", "isCommand", typeNames(oneOfEachCommand)},
		{"../../core/run/records.go", "isEvent", typeNames(oneOfEachEvent)},
		{"../../core/run/records.go", "isCommand", typeNames(oneOfEachCommand)},
		{"../../core/run/look.go", "isEvent", typeNames(oneOfEachEvent)},
		{"../../core/run/look.go", "isCommand", typeNames(oneOfEachCommand)},
		{"../../core/run/examine.go", "isEvent", typeNames(oneOfEachEvent)},
		{"../../core/run/examine.go", "isCommand", typeNames(oneOfEachCommand)},
	} {
		f, err := parser.ParseFile(token.NewFileSet(), tt.file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			method, ok := d.(*ast.FuncDecl)
			if !ok || method.Recv == nil || method.Name.Name != tt.marker {
				continue
			}
			name := "run." + method.Recv.List[0].Type.(*ast.Ident).Name
			if !contains(tt.known, name) {
				t.Errorf("%s is in no test here, so perhaps it has no tag", name)
			}
		}
	}
}

func typeNames[T any](values []T) (names []string) {
	for _, v := range values {
		names = append(names, fmt.Sprintf("%T", v))
	}
	return names
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

func TestDecodeRefuses(t *testing.T) {
	tests := []struct {
		name  string
		frame []byte
	}{
		{"nothing", nil},
		{"version only", []byte{Version}},
		{"other version", []byte{Version + 1, 1, 0, 0, 0, 0}},
		{"unknown tag", []byte{Version, 200, 0, 0, 0, 0, 0, 0, 0, 0}},
		{"half a number", []byte{Version, 15, 0, 0, 0, 0}},
		{"cut short", EncodeAnswer(run.Answer{Event: run.Scored{}})[:10]},
		{"trailing byte", append(EncodeAnswer(run.Answer{Event: run.Scored{}}), 0)},
		{"count beyond the frame", binary.LittleEndian.AppendUint32([]byte{Version, 1, 0, 0, 0, 0, 0, 0, 0, 0}, 1<<31)},
		{"truth value 2", append([]byte{Version, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 2)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if event, err := DecodeAnswer(tt.frame); err == nil {
				t.Errorf("DecodeAnswer(%x) = %#v, want an error", tt.frame, event)
			}
		})
	}
}

// FuzzDecode checks that decoding survives any frame and accepts only frames
// that encoding could have written, so page and worker cannot drift apart
// unnoticed.
func FuzzDecode(f *testing.F) {
	for _, e := range oneOfEachEvent {
		f.Add(EncodeAnswer(run.Answer{To: 7, Event: e}))
	}
	for _, m := range oneOfEachCommand {
		f.Add(EncodeOrder(run.Order{Number: 7, Command: m}))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		if e, err := DecodeAnswer(frame); err == nil {
			if again := EncodeAnswer(e); !bytes.Equal(again, frame) {
				t.Errorf("DecodeAnswer(%x) = %#v, which encodes as %x", frame, e, again)
			}
		}
		if m, err := DecodeOrder(frame); err == nil {
			if again := EncodeOrder(m); !bytes.Equal(again, frame) {
				t.Errorf("DecodeOrder(%x) = %#v, which encodes as %x", frame, m, again)
			}
		}
	})
}

// TestNumberOfWhatCannotBeRead: a worker says which command it could not read.
func TestNumberOfWhatCannotBeRead(t *testing.T) {
	frame := EncodeOrder(run.Order{Number: 9, Command: run.LoadModel{Name: "m", Blob: []byte{1, 2}}})
	if o, err := DecodeOrder(frame[:len(frame)-1]); err == nil || o.Number != 9 {
		t.Errorf("DecodeOrder = %+v, %v, want an error and the number 9", o, err)
	}
}
