package wire

import (
	"reflect"
	"testing"

	"quarterturn/core/run"
)

// TestSealedFramesArePassedOn puts the head of an order in the place of the answer's.
func TestSealedFramesArePassedOn(t *testing.T) {
	pictures := []byte("pictures")
	tests := []struct {
		comes, bare run.Event
		goes        run.Command
	}{
		{run.PicturesPacked{Blob: pictures}, run.PicturesPacked{}, run.UnpackPictures{Blob: pictures}},
		{run.PicturesDecoded{Blob: pictures}, run.PicturesDecoded{}, run.TakePictures{Blob: pictures}},
	}
	for _, tt := range tests {
		frame := EncodeAnswer(run.Answer{To: 7, Event: tt.comes})
		answer, ok := SealedAnswer(frame[:HeadBytes])
		if want := (run.Answer{To: 7, Event: tt.bare}); !ok || !reflect.DeepEqual(answer, want) {
			t.Errorf("the sealed answer is %v, %v, want %v", answer, ok, want)
		}
		order := run.Order{Number: 9, Command: tt.goes}
		head, blob, ok := SealedOrder(order)
		if !ok || string(blob) != string(pictures) {
			t.Fatalf("the sealed order has %q, %v", blob, ok)
		}
		got, err := DecodeOrder(append(head, frame[HeadBytes:]...))
		if err != nil || !reflect.DeepEqual(got, order) {
			t.Errorf("passed on it is %v, %v, want %v", got, err, order)
		}
	}
}

func TestOthersAreNotSealed(t *testing.T) {
	for _, event := range []run.Event{run.Done{}, run.ModelSaved{Blob: []byte{1}}} {
		if _, ok := SealedAnswer(EncodeAnswer(run.Answer{Event: event})); ok {
			t.Errorf("%T is sealed", event)
		}
	}
	for _, head := range [][]byte{nil, {Version}, {Version + 1, 4, 0, 0, 0, 0, 0, 0, 0, 0}} {
		if _, ok := SealedAnswer(head); ok {
			t.Errorf("%v is sealed", head)
		}
	}
	if _, _, ok := SealedOrder(run.Order{Command: run.LoadModel{Blob: []byte{1}}}); ok {
		t.Error("a network is sealed")
	}
}
