package study

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"quarterturn/core/fault"
	"quarterturn/core/run"
)

// tiny returns a plan of two arms, two budgets and two seeds.
func tiny() Plan {
	return Plan{
		Data: "pictures", HoldOut: 0.2, DataSeed: 1, Labels: []int{2, 0}, Seeds: FirstSeeds(2), Steps: 100, Settings: run.Default(run.Scratch),
		Arms: []Arm{{Name: "transfer", From: "a/best.safetensors"}, {Name: "scratch", From: Scratch}},
	}
}

func networks(n int) (all []run.Network) {
	for range n {
		all = append(all, run.Network{Blocks: []int{1, 1}, Width: 4})
	}
	return all
}

// hundredOrTwenty has 100 pictures in all and 20 of the budget.
func hundredOrTwenty(labels int) int {
	if labels == 0 {
		return 100
	}
	return 20
}

func TestRuns(t *testing.T) {
	p := tiny()
	p.Arms = append(p.Arms, Arm{Name: "random-frozen", From: RandomFrozen, Settings: json.RawMessage(`{"LearningRate": 0.5}`)})
	runs, err := p.Runs(networks(3), hundredOrTwenty)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range runs {
		names = append(names, r.Name)
	}
	want := "transfer-2-seed1 scratch-2-seed1 random-frozen-2-seed1 transfer-2-seed2 scratch-2-seed2 random-frozen-2-seed2 " +
		"transfer-all-seed1 scratch-all-seed1 random-frozen-all-seed1 transfer-all-seed2 scratch-all-seed2 random-frozen-all-seed2"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("the runs are %s, want %s", got, want)
	}
	transfer, frozen := runs[0].Config, runs[5].Config
	if transfer.Task != run.Transfer || transfer.FirstStage != 0 || transfer.LabelsPerClass != 2 || transfer.Seed != 1 || transfer.LearningRate != 0.05 {
		t.Errorf("the first run is told %+v", transfer)
	}
	if frozen.Task != run.Scratch || frozen.FirstStage != 3 || frozen.Seed != 2 || frozen.LearningRate != 0.5 {
		t.Errorf("the random network that stays is told %+v", frozen)
	}
}

// TestLength: 20 pictures in batches of 32 are a step an epoch, 100 are three.
func TestLength(t *testing.T) {
	tests := []struct {
		name          string
		steps         int
		epochs        []int
		first, second int // Epochs of the two budgets.
	}{
		{"about as many steps", 60, nil, 60, 20},
		{"bounded above", 100_000, nil, run.MostEpochs, run.MostEpochs},
		{"bounded below", 1, nil, run.FewestEpochs, run.FewestEpochs},
		{"the same for all", 0, []int{7}, 7, 7},
		{"each its own", 0, []int{7, 3}, 7, 3},
	}
	for _, tt := range tests {
		p := tiny()
		p.Steps, p.Epochs = tt.steps, tt.epochs
		runs, err := p.Runs(networks(2), hundredOrTwenty)
		if err != nil {
			t.Fatal(err)
		}
		first, second := runs[0], runs[len(runs)-1]
		if first.Config.Epochs != tt.first || second.Config.Epochs != tt.second {
			t.Errorf("%s: %d and %d epochs, want %d and %d", tt.name, first.Config.Epochs, second.Config.Epochs, tt.first, tt.second)
		}
		if first.Steps != tt.first || second.Steps != 3*tt.second {
			t.Errorf("%s: %d and %d steps, want %d and %d", tt.name, first.Steps, second.Steps, tt.first, 3*tt.second)
		}
		if evaluations := first.Config.Epochs / max(first.Config.EvaluateEvery, 1); evaluations > 20 {
			t.Errorf("%s: %d evaluations of %d epochs", tt.name, evaluations, first.Config.Epochs)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	tests := []struct{ text, want string }{
		{`{`, "unexpected EOF"},
		{`{} {}`, "behind the end"},
		{`{"arm": []}`, `a plan has no "arm": is it "arms"?`},
		{`{"colour": 1}`, `a plan has no "colour"`},
		{`{"hold_out": 0.1, "hold-out": 0.1}`, `"hold-out" twice`},
		{`{"arms": [{"form": "scratch"}]}`, `an arm has no "form": is it "from"?`},
		{`{"arms": [{"settings": {"raet": 1}}]}`, `an arm's settings: there is no setting "raet": is it "rate"?`},
		{`{"settings": {"momentum": true}}`, `settings: momentum is true, want a number`},
		{`{"settings": {"rate": 1, "LearningRate": 1}}`, `learning rate is there twice`},
		{`{"settings": {"Network": {"Depth": 1}}}`, `unknown field "Depth"`},
		{`{"data": ""}`, "no data"},
		{`{"arms": []}`, "0 arms"},
		{`{"arms": [{"name": "", "from": "scratch"}]}`, "0 letters"},
		{`{"arms": [{"name": "../x", "from": "scratch"}]}`, "letters, digits"},
		{`{"arms": [{"name": "x/y", "from": "scratch"}]}`, "letters, digits"},
		{`{"arms": [{"name": "a"}]}`, "from is empty"},
		{`{"arms": [{"name": "a", "from": "scratch"}, {"name": "a", "from": "b"}]}`, "two arms are called a"},
		{`{"arms": [{"name": "a", "from": "scratch", "reading": {"views": 2}}]}`, "from scratch is for arms that train"},
		{`{"arms": [{"name": "a", "from": "b", "settings": {"rate": 1}, "reading": {"views": 2}}]}`, "leave out its settings"},
		{`{"arms": [{"name": "a", "from": "b", "reading": {"views": 3}}]}`, "3 views"},
		{`{"arms": [{"name": "a", "from": "b", "reading": {"stages": "9", "views": 1}}]}`, "reading stage 9"},
		{`{"arms": [{"name": "a", "from": "b", "reading": {"stages": "3x5", "views": 1}}]}`, "with 1, 2 or 4 cells"},
		{`{"labels": []}`, "0 budgets"},
		{`{"labels": [5, 5]}`, "different numbers"},
		{`{"labels": [-1]}`, "-1 labels"},
		{`{"seeds": 0}`, "0 seeds"},
		{`{"seeds": 2000}`, "1001 seeds"},
		{`{"seeds": [3, 3]}`, "seed 3 is there twice"},
		{`{"seeds": "many"}`, "a number of them, or a list"},
		{`{"steps": -1}`, "-1 steps"},
		{`{"epochs": [1, 2, 3]}`, "3 numbers of epochs for 2 budgets"},
		{`{"epochs": [0]}`, "0 epochs"},
		{`{"limit": -1}`, "limit is -1"},
		{`{"hold-out": 2}`, "hold-out is 2"},
		{`{"data-seed": 0}`, "data-seed is 0"},
	}
	for _, tt := range tests {
		p := tiny()
		if err := p.Decode([]byte(tt.text)); !strings.Contains(fault.Reason(err), tt.want) {
			t.Errorf("%s: %v, want %q", tt.text, err, tt.want)
		}
	}
}

func TestArmSettingsAreChecked(t *testing.T) {
	for text, want := range map[string]string{
		`{"Epochs": 3}`:             "are the plan's",
		`{"depth": 8}`:              "are the plan's",
		`{"Network": {"Width": 8}}`: "are the plan's",
		`{"seed": 3}`:               "are the plan's",
		`{"Speed": 3}`:              `no setting "Speed"`,
		`{"BatchSize": 1}`:          "batch is 1",
		`{"FirstStage": 9}`:         "first stage is 9",
		`[]`:                        "arm scratch: settings",
		`{"Momentum": true}`:        "arm scratch: settings",
	} {
		p := tiny()
		p.Arms[1].Settings = json.RawMessage(text)
		if _, err := p.Runs(networks(2), hundredOrTwenty); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// TestPlanSurvivesItsFile: what Decode reads over other defaults is what was
// written, but for the settings that are the plan's.
func TestPlanSurvivesItsFile(t *testing.T) {
	p := tiny()
	p.Arms[0].Settings, p.Arms[0].SHA256, p.Arms[1].Network = json.RawMessage(`{"flip":false}`), "ab", &run.Network{Blocks: []int{2}, Width: 3}
	p.Epochs, p.Steps, p.Seeds, p.Settings.PadCrop = []int{3, 4}, 0, Seeds{7, 9}, 0
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"hold-out":0.2,"validation":0,"data-seed":1,`, `"network":{"blocks":[2],"width":3}`, `"settings":{"blocks":[1,1,1],"width":16,"hidden":0,"side":32,"batch":32,"rate":0.05,`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("the file %s has no %s", b, want)
		}
	}
	var again Plan
	err = again.Decode(b)
	s := &again.Settings
	s.Task, s.Epochs, s.LabelsPerClass, s.Seed = p.Settings.Task, p.Settings.Epochs, p.Settings.LabelsPerClass, p.Settings.Seed
	if err != nil || !reflect.DeepEqual(again, p) {
		t.Errorf("%+v (%v), want %+v", again, err, p)
	}
}

// TestOlderFiles reads a plan as versions before wrote it, which has the same runs
// as one in today's names.
func TestOlderFiles(t *testing.T) {
	const today = `{"data": "d", "test": "t", "hold-out": 0.1, "data-seed": 7, "labels": [2], "seeds": 1, "steps": 50, "epochs": null,
		"settings": {"rate": 0.3, "blocks": [1, 2], "width": 8, "batch": 16, "schedule": "step", "warmup": 0, "flip": false, "average": 0.9},
		"arms": [{"name": "top", "from": "x", "network": {"blocks": [2], "width": 3}, "settings": {"first-stage": -1, "scaled-crop": 28}}, {"name": "scratch", "from": "scratch"}]}`
	older, err := os.ReadFile("testdata/older.json")
	if err != nil {
		t.Fatal(err)
	}
	var plans [2]Plan
	var all [2][]Run
	for i, text := range []string{string(older), today} {
		plans[i] = tiny()
		if err := plans[i].Decode([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if all[i], err = plans[i].Runs(networks(2), hundredOrTwenty); err != nil {
			t.Fatal(err)
		}
	}
	if !reflect.DeepEqual(all[0], all[1]) {
		t.Errorf("the runs are\n%+v, in today's names\n%+v", all[0], all[1])
	}
	plans[0].Arms, plans[0].Settings = nil, run.Config{}
	plans[1].Arms, plans[1].Settings = nil, run.Config{}
	if !reflect.DeepEqual(plans[0], plans[1]) {
		t.Errorf("the plan is %+v, in today's names %+v", plans[0], plans[1])
	}
}

// TestOneListIsNotAnothers: blocks that a file gives are not written over those that
// the defaults share with others.
func TestOneListIsNotAnothers(t *testing.T) {
	p := tiny()
	before := p.Settings.Network.Blocks
	if err := p.Decode([]byte(`{"settings": {"blocks": [5, 5, 5]}}`)); err != nil || before[0] != 1 || p.Settings.Network.Blocks[0] != 5 {
		t.Errorf("blocks %v before, %v after, %v", before, p.Settings.Network.Blocks, err)
	}
}

func TestExtends(t *testing.T) {
	old, longer := tiny(), tiny()
	longer.Seeds, longer.Labels = FirstSeeds(5), []int{2, 5, 0}
	longer.Arms = append(longer.Arms, Arm{Name: "other", From: "b"})
	if err := old.Extends(&longer); err != nil {
		t.Errorf("more seeds, budgets and arms: %v", err)
	}
	for what, change := range map[string]func(*Plan){
		"data":       func(p *Plan) { p.Data = "others" },
		"limit":      func(p *Plan) { p.Limit = 5 },
		"checkpoint": func(p *Plan) { p.Arms[0].SHA256 = "other" },
	} {
		changed := tiny()
		change(&changed)
		if old.Extends(&changed) == nil {
			t.Errorf("another %s was taken for the same experiment", what)
		}
	}
}

// FuzzDecodePlan: what is accepted is valid and reads the same from its own JSON.
func FuzzDecodePlan(f *testing.F) {
	for _, text := range []string{
		`{}`, `{"seeds": [1, 2]}`, `{"seeds": 3}`, `{"arms": [{"name": "a", "from": "x", "settings": {"Flip": true}, "network": {"Blocks": [1], "Width": 1}}]}`,
		`{"labels": [1, 0], "epochs": [2, 1]}`, `{"settings": {"BatchSize": 7}}`, `{"arms":[{"name":"é","from":"scratch"}]}`,
		`{"settings": {"rate": 0.5, "depth": 8}, "hold_out": 0.5}`, `{"arms": [{"name": "a", "from": "x", "settings": {"first-stage": -1}}]}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p := tiny()
		if p.Decode(b) != nil {
			return
		}
		if err := p.Validate(); err != nil {
			t.Fatalf("accepted, and then: %v", err)
		}
		_, _ = p.Runs(networks(len(p.Arms)), hundredOrTwenty)
		encoded, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		again := tiny()
		if err := again.Decode(encoded); err != nil {
			t.Fatalf("its own JSON %s is refused: %v", encoded, err)
		}
	})
}
