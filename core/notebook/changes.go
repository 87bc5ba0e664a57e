package notebook

import (
	"quarterturn/core/run"
)

// Changes says in words what differs between a run and the one before it, such as
// "labels per class 5 → 20". None means that the same numbers are to be expected.
func Changes(before, after *Run) []string {
	var all []string
	add := func(what, from, to string) {
		if from != to {
			all = append(all, what+" "+from+" → "+to)
		}
	}
	if before.Arm != after.Arm {
		all = append(all, before.Arm.Title()+" → "+after.Arm.Title())
	}
	add("pictures", before.Pictures.Name, after.Pictures.Name)
	if before.Pictures.Name == after.Pictures.Name && haveOtherPictures(before, after) {
		all = append(all, "other pictures")
	}
	if before.From.SHA256 != after.From.SHA256 && before.From.Name != "" && after.From.Name != "" {
		add("network to start from", before.From.Name, after.From.Name)
		if before.From.Name == after.From.Name {
			all = append(all, "another network to start from")
		}
	}
	return append(all, settingsChanged(before, after)...)
}

// haveOtherPictures reports whether runs that have begun learnt from other pictures.
func haveOtherPictures(a, b *Run) bool {
	return a.Pictures.SHA256 != "" && b.Pictures.SHA256 != "" && a.Pictures.SHA256 != b.Pictures.SHA256
}

// implied are the settings that an arm decides: its name says them.
var implied = map[string]bool{"task": true, "first-stage": true, "fresh-stage": true, "depth": true, "flip": true, "pad-crop": true, "rate": true, "scaled-crop": true, "blocks": true}

// settingsChanged compares the settings that matter to both.
func settingsChanged(before, after *Run) (all []string) {
	a, b := before.Config, after.Config
	for _, s := range run.Settings() {
		if !s.MattersTo(a.Task) || !s.MattersTo(b.Task) || before.Arm != after.Arm && implied[s.Name] || s.Name == "depth" || s.Name == "warmup" {
			continue
		}
		if from, to := s.Text(&a), s.Text(&b); from != to {
			all = append(all, s.Label+" "+valueInWords(s, from)+" → "+valueInWords(s, to))
		}
	}
	return all
}

// valueInWords writes a value as people say it.
func valueInWords(s *run.Setting, text string) string {
	if s.Zero != "" && text == "0" {
		return s.Zero
	}
	return text
}
