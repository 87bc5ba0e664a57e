package state

import (
	"slices"
	"strconv"

	"quarterturn/core/run"
)

// Known is the part "What does it know?" of the station Compare.
type Known struct {
	Subjects []string // Keys of the networks that are looked at, side by side.
	Pictures int      // On each map.
	Stage    int      // Whose features are laid out, from 1; 0 for the last.
	Live     bool     // Maps of runs at work follow them.
	Thumbs   bool     // Maps show pictures, not marks.
	Near     int      // ID of the picture that is pointed at, or NoPicture.
	Chosen   []int    // IDs of those that were chosen on a map.
}

func newKnown() *Known { return &Known{Pictures: MapSizes()[1], Live: true, Near: NoPicture} }

// MostSubjects is how many networks are looked at side by side.
const MostSubjects = 3

// MapSizes are how many pictures a map may have.
func MapSizes() []int { return []int{300, 500, 1000} }

// A MapField is what SetMap sets.
type MapField string

// The fields.
const (
	MapPictures MapField = "pictures"
	MapStage    MapField = "stage"
	MapLive     MapField = "live"
	MapThumbs   MapField = "thumbs"
)

// applyKnown applies what the person does in the part "What does it know?".
func (p Page) applyKnown(message Message) (Page, []Effect) {
	k := *p.Known
	switch m := message.(type) {
	case SetSubject:
		k.Subjects = p.Looked()
		switch {
		case m.Key == "" && len(k.Subjects) > 1 && m.At < len(k.Subjects):
			k.Subjects = slices.Delete(slices.Clone(k.Subjects), m.At, m.At+1)
		case m.Key != "" && m.At < len(k.Subjects):
			k.Subjects = slices.Clone(k.Subjects)
			k.Subjects[m.At] = m.Key
		case m.Key != "" && len(k.Subjects) < MostSubjects:
			k.Subjects = append(slices.Clip(k.Subjects), m.Key)
		}
	case SetMap:
		k = k.set(m.Field, m.Value)
	case PointAt:
		if m.ID == k.Near {
			return p, nil // As for most moves of a pointer.
		}
		k.Near = m.ID
	case PickPictures:
		k.Chosen = m.IDs
		p.Said = Count(len(m.IDs), "picture") + " chosen."
	case TogglePicture:
		k.Chosen = toggled(k.Chosen, m.ID)
	}
	p.Known = &k
	return p, nil
}

func (k Known) set(field MapField, value string) Known {
	n, err := strconv.Atoi(value)
	switch {
	case field == MapPictures && err == nil && slices.Contains(MapSizes(), n):
		k.Pictures = n
	case field == MapStage && err == nil && n >= 0 && n <= run.MaxStages:
		k.Stage = n
	case field == MapLive:
		k.Live = value == "true"
	case field == MapThumbs:
		k.Thumbs = value == "true"
	}
	return k
}

// Looked returns the keys of the networks that are looked at, of which there is one at
// least.
func (p *Page) Looked() (keys []string) {
	for _, key := range p.Known.Subjects {
		if _, ok := p.Subject(key); ok {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return []string{p.newest()}
	}
	return keys
}

// NextSubject returns a network that is not looked at yet: one that learnt nothing, to
// compare with, or the first of the others. Empty where there is none.
func (p *Page) NextSubject() string {
	looked := p.Looked()
	if len(looked) == MostSubjects {
		return ""
	}
	if !slices.Contains(looked, Untrained) {
		return Untrained
	}
	for _, s := range p.Subjects() {
		if !slices.Contains(looked, s.Key) {
			return s.Key
		}
	}
	return ""
}

// MapOf is the question where a network lays the pictures out.
func (k *Known) MapOf(s Subject) Question {
	return Question{Kind: Maps, Subject: s.Key, Pictures: k.Pictures, Stage: min(k.Stage, len(s.Network.Blocks))}
}

// ProbeOf is the question what the stages of a network know, or of the same network with
// random weights.
func ProbeOf(s Subject, untrained bool) Question {
	return Question{Kind: Probes, Subject: s.Key, Untrained: untrained && !s.Untrained}
}

// wanted lists what is to be known for what is shown, the most wanted first: a first map
// of each network, then the probes, and what only follows a run at work last.
func (p *Page) wanted() (all []Question) {
	switch p.Compare.Part {
	case OfMistakes:
		return p.wantedOfMistakes()
	case OfInside:
		return p.wantedOfInside()
	}
	var maps, probes, again []Question
	for _, key := range p.Looked() {
		s, ok := p.Subject(key)
		if !ok {
			continue
		}
		q := p.Known.MapOf(s)
		if f := p.Findings.Find(q); f != nil && f.Complete && s.Working {
			again = append(again, q)
		} else {
			maps = append(maps, q)
		}
		probes = append(probes, ProbeOf(s, false))
		if !s.Untrained {
			probes = append(probes, ProbeOf(s, true))
		}
	}
	return slices.Concat(maps, probes, again)
}

// lookedAt returns the keys of what is looked at in the part that is shown.
func (p *Page) lookedAt() []string {
	switch p.Compare.Part {
	case OfMistakes:
		return []string{p.Examined()}
	case OfInside:
		return []string{p.LookedInto()}
	}
	return p.Looked()
}

// isLive reports whether what is shown follows runs at work.
func (p *Page) isLive() bool {
	return p.Compare.Part == OfKnown && p.Known.Live || p.Compare.Part == OfInside
}

// NeighboursInWords says how pure a map is.
func (l *Layout) NeighboursInWords() string {
	return "Of a picture’s " + strconv.Itoa(min(neighbours, len(l.IDs)-1)) + " nearest neighbours here " + l.alike(l.Purity) +
		" are of its class; by chance " + l.alike(l.ChancePurity) + "."
}

// FeaturesInWords says how pure the features are that the map is of.
func (l *Layout) FeaturesInWords() string {
	return "Among the features themselves, which the plane cannot quite show: " + l.alike(l.FeaturePurity) + "."
}

func (l *Layout) alike(purity float64) string {
	return Decimal(purity*float64(min(neighbours, len(l.IDs)-1)), 1)
}

// SilhouetteInWords says how far the classes of a map lie apart.
func (l *Layout) SilhouetteInWords() string {
	words := "classes lie through one another"
	switch {
	case l.Silhouette > 0.5:
		words = "classes lie well apart"
	case l.Silhouette > 0.25:
		words = "classes lie apart"
	case l.Silhouette > 0.05:
		words = "classes lie apart a little"
	}
	sign := "+"
	if l.Silhouette < 0 {
		sign = "−"
	}
	return "Silhouette " + sign + Decimal(max(l.Silhouette, -l.Silhouette), 2) + " of −1 to 1: " + words + "."
}

// Holds reports whether a picture is in the collection, and not taken out for the moment.
func (p *Pictures) Holds(id int) bool {
	_, ok := p.Find(id)
	return ok && !slices.Contains(p.hidden, id)
}

// ClassName returns the class of a picture as people read it; empty for none.
func (p *Pictures) ClassName(id int) string {
	t, ok := p.Find(id)
	if !ok || t.Class < 0 || t.Class >= len(p.Classes) {
		return ""
	}
	return Readable(p.Classes[t.Class])
}
