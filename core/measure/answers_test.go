package measure

import (
	"reflect"
	"strings"
	"testing"

	"quarterturn/core/exam"
)

func TestAnswers(t *testing.T) {
	a := &exam.Answers{Classes: []string{"0°", "90°", "180°", "270°"}, Turns: 4, Labels: []int32{0, 1, 2, 3, 0, 1, 2, 3}, Guesses: []int32{0, 1, 2, 0, 0, 0, 0, 3}}
	b, err := EncodeAnswers(a)
	if err != nil {
		t.Fatal(err)
	}
	again, err := DecodeAnswers(b)
	if err != nil || !reflect.DeepEqual(a, again) {
		t.Fatalf("read back as %+v, %v", again, err)
	}
	if got := again.Shares(); !reflect.DeepEqual(got, []float64{0.75, 0.5}) {
		t.Errorf("the pictures' shares are %v, want 3 and 2 of 4", got)
	}
	if s := again.Score(); s.Value != 0.625 || s.Low > 0.2 {
		t.Errorf("the score is %+v, want 5 of 8 with next to nothing known of other pictures", s)
	}
	if right, all := again.Confusion().Right(); right != 5 || all != 8 {
		t.Errorf("the confusion matrix has %d of %d right", right, all)
	}
}

func TestAnswersRefused(t *testing.T) {
	for text, want := range map[string]string{
		`{"classes":["a","b"],"turns":1,"labels":[0],"guesses":[2]}`:     "class 2 for class 0 of 2",
		`{"classes":["a","b"],"turns":1,"labels":[-1],"guesses":[0]}`:    "class 0 for class -1",
		`{"classes":["a","b"],"turns":4,"labels":[0,1],"guesses":[0,1]}`: "2 answers to 2 questions in 4 turns",
		`{"classes":["a","b"],"turns":0,"labels":[0],"guesses":[0]}`:     "0 turns",
		`{"classes":["a"],"turns":1,"labels":[0],"guesses":[0]}`:         "1 classes",
		`{"classes":["a","b"],"turns":1,"labels":[],"guesses":[]}`:       "0 answers",
		`{"turn":1}`: "turn",
	} {
		if _, err := DecodeAnswers([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func FuzzDecodeAnswers(f *testing.F) {
	f.Add([]byte(`{"classes":["a","b"],"turns":1,"labels":[0,1],"guesses":[0,0]}`))
	f.Add([]byte(`{"classes":["a","b","c","d"],"turns":4,"labels":[0,1,2,3],"guesses":[0,1,2,0]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := DecodeAnswers(b)
		if err != nil {
			return
		}
		right, all := a.Confusion().Right()
		if s := a.Score(); all != len(a.Labels) || s.Low > s.Value || s.High < s.Value || int(s.Value*float64(all)+0.5) != right {
			t.Errorf("%s: %d of %d, %+v", b, right, all, s)
		}
	})
}
