package study

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"quarterturn/core/fault"
	"quarterturn/core/internal/strict"
	"quarterturn/core/run"
)

// People write a plan in the names of the command's flags: "hold-out" for the
// pictures, "rate" among the settings. Versions before had "hold_out" for one and
// "LearningRate", the field, for the other; both are still read, in any case.

var (
	planNames = []string{"data", "test", "hold-out", "validation", "limit", "data-seed", "arms", "labels", "seeds", "steps", "epochs", "rates", "pretext", "settings"}
	armNames  = []string{"name", "from", "network", "settings", "reading", "sha256"}
)

// respelt returns the members of an object under today's names.
func respelt(b []byte, what string, names []string) (map[string]json.RawMessage, error) {
	var there map[string]json.RawMessage
	if err := strict.JSON(b, &there); err != nil {
		return nil, err
	}
	found := map[string]json.RawMessage{}
	for _, written := range slices.Sorted(maps.Keys(there)) {
		name := strings.ReplaceAll(strings.ToLower(written), "_", "-")
		switch {
		case !slices.Contains(names, name):
			return nil, unknown(what, written, run.Nearest(written, names))
		case found[name] != nil:
			return nil, fault.Errorf("study", "%s has %q twice", what, name)
		}
		found[name] = there[written]
	}
	return found, nil
}

func unknown(what, name, near string) error {
	if len(name) > 2*maxNameRune {
		name = name[:2*maxNameRune] + "…"
	}
	if near == "" {
		return fault.Errorf("study", "%s has no %q", what, name)
	}
	return fault.Errorf("study", "%s has no %q: is it %q?", what, name, near)
}

// named are settings by their names, as JSON.
type named map[string]json.RawMessage

// settingsIn reads settings in today's spelling or that of run.Config's fields.
func settingsIn(b []byte) (named, error) {
	var there map[string]json.RawMessage
	if err := strict.JSON(b, &there); err != nil {
		return nil, err
	}
	all := named{}
	for _, name := range slices.Sorted(maps.Keys(there)) {
		if err := all.add(name, there[name]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (n named) add(name string, value json.RawMessage) error {
	s, err := run.Find(name)
	if err != nil {
		if strings.EqualFold(name, "Network") {
			return n.addNetwork(value)
		}
		if s = run.OfField(name); s == nil {
			return err
		}
	}
	if n[s.Name] != nil {
		return fault.Errorf("study", "%s is there twice", s.Label)
	}
	n[s.Name] = value
	return nil
}

// addNetwork takes a network apart.
func (n named) addNetwork(b []byte) error {
	var network struct{ Blocks, Width, Hidden json.RawMessage }
	if err := strict.JSON(b, &network); err != nil {
		return err
	}
	for name, value := range map[string]json.RawMessage{"blocks": network.Blocks, "width": network.Width, "hidden": network.Hidden} {
		if value == nil {
			continue
		}
		if err := n.add(name, value); err != nil {
			return err
		}
	}
	return nil
}

// set sets the settings in c. Their ranges are for Validate to check.
func (n named) set(c *run.Config) error {
	for _, s := range run.Settings() {
		value, ok := n[s.Name]
		if !ok {
			continue
		}
		text, ok := textOf(value, s.Kind)
		if !ok || s.Set(c, text) != nil {
			return fault.Errorf("study", "%s is %.40s, want %s", s.Label, value, s.Want())
		}
	}
	return nil
}

// textOf returns a setting's value without what makes it JSON: the quotes of a name,
// the brackets of a list. ok is false for JSON of another kind.
func textOf(value json.RawMessage, kind run.Kind) (text string, ok bool) {
	text = strings.TrimSpace(string(value))
	switch kind {
	case run.Choice:
		if json.Unmarshal(value, &text) == nil {
			return text, true
		}
		return text, text != "" && text[0] >= '0' && text[0] <= '9' // A depth.
	case run.List:
		text, ok = strings.CutPrefix(text, "[")
		return strings.TrimSuffix(text, "]"), ok
	}
	return text, true
}

// jsonOf is the inverse of textOf.
func jsonOf(text string, kind run.Kind) json.RawMessage {
	switch kind {
	case run.Choice:
		return json.RawMessage(strconv.Quote(text))
	case run.List:
		return json.RawMessage("[" + text + "]")
	}
	return json.RawMessage(text)
}

// settingsOf returns the settings that matter to a task, but for some.
func settingsOf(c run.Config, task run.Task, but ...string) named {
	all := named{}
	for _, s := range run.Settings() {
		if s.Field != "" && s.MattersTo(task) && !slices.Contains(but, s.Name) {
			all[s.Name] = jsonOf(s.Text(&c), s.Kind)
		}
	}
	return all
}

// MarshalJSON writes the settings in the order of their table.
func (n named) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for _, s := range run.Settings() {
		value, ok := n[s.Name]
		if !ok {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + s.Name + `":`)
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// MarshalJSON writes a plan as people do.
func (p Plan) MarshalJSON() ([]byte, error) {
	type plain Plan // Without this method.
	return json.Marshal(struct {
		plain
		Settings named `json:"settings"`
	}{plain(p), settingsOf(p.Settings, run.Transfer, "task", "epochs", "labels-per-class", "seed")}) // Of these it has lists.
}

// UnmarshalJSON reads a plan. What it leaves out stays as it was.
func (p *Plan) UnmarshalJSON(b []byte) error {
	there, err := respelt(b, "a plan", planNames)
	if err != nil {
		return err
	}
	if raw, ok := there["settings"]; ok {
		settings, err := settingsIn(raw)
		if err == nil {
			err = settings.set(&p.Settings)
		}
		if err != nil {
			return fault.Errorf("study", "settings: %w", err)
		}
		delete(there, "settings")
	}
	type plain Plan
	return again(there, (*plain)(p))
}

// MarshalJSON writes an arm as people do.
func (a Arm) MarshalJSON() ([]byte, error) {
	type network struct {
		Blocks []int `json:"blocks"`
		Width  int   `json:"width"`
		Hidden int   `json:"hidden,omitzero"`
	}
	type plain Arm
	return json.Marshal(struct {
		plain
		Network *network `json:"network,omitempty"`
	}{plain(a), (*network)(a.Network)})
}

// UnmarshalJSON reads an arm, whose settings it leaves in today's spelling.
func (a *Arm) UnmarshalJSON(b []byte) error {
	there, err := respelt(b, "an arm", armNames)
	if err != nil {
		return err
	}
	if raw, ok := there["settings"]; ok {
		settings, err := settingsIn(raw)
		if err == nil {
			there["settings"], err = json.Marshal(settings)
		}
		if err != nil {
			return fault.Errorf("study", "an arm's settings: %w", err)
		}
	}
	type plain Arm
	return again(there, (*plain)(a))
}

// again decodes members that have their names now.
func again(members map[string]json.RawMessage, into any) error {
	b, err := json.Marshal(members)
	if err != nil {
		return err
	}
	return strict.JSON(b, into)
}
