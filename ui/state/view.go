package state

// A Station is a part of the page. Where there is no room for all of them, one is
// shown at a time; Compare and Watch always have the page to themselves.
type Station string

// The stations, in their order.
const (
	AtPictures Station = "pictures"
	AtTurn     Station = "turn"
	AtTrain    Station = "train"
	AtCompare  Station = "compare"
	AtWatch    Station = "watch"
)

// IsWide reports whether a station has the page to itself.
func (s Station) IsWide() bool { return s == AtCompare || s == AtWatch }

// A Place is how a station presents itself: by its number, its name, and a question
// that it asks before it shows anything.
type Place struct {
	Station                 Station
	Number, Title, Question string
}

// Places are the stations from left to right. index.html has the same frame, so that
// nothing moves when the program takes over.
func Places() []Place {
	return []Place{
		{AtPictures, "1", "Pictures", "What shall it look at?"},
		{AtTurn, "2", "Turn", "You know which way is up. Does the network?"},
		{AtTrain, "3", "Train", "Does learning to see first help with names?"},
		{AtCompare, "4", "Compare", "Is it better, or is it chance?"},
		{AtWatch, "5", "Watch", "How did it learn to see?"},
	}
}

// A Theme is a set of colours.
type Theme string

// The themes. Auto follows the system's setting.
const (
	Auto  Theme = "auto"
	Light Theme = "light"
	Dark  Theme = "dark"
)

// Next returns the theme that follows when the person asks for another.
func (t Theme) Next() Theme {
	switch t {
	case Auto:
		return Light
	case Light:
		return Dark
	}
	return Auto
}

// View is how the page presents itself.
type View struct {
	Station   Station
	Theme     Theme
	Projector bool // Larger type and one station at a time, for the back row.
	StripOpen bool // All runs at work are seen where there is room for one line.
}

// Names under which settings are kept between visits.
const (
	KeyTheme     = "theme"
	KeyProjector = "projector"
)

// RecalledView returns the view of the last visit. Values that mean nothing are
// as good as none.
func RecalledView(theme, projector string) View {
	v := View{Station: AtTurn, Theme: Auto, Projector: projector == "on"}
	if t := Theme(theme); t == Light || t == Dark {
		v.Theme = t
	}
	return v
}

func (v View) projectorValue() string {
	if v.Projector {
		return "on"
	}
	return "off"
}
