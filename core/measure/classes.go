package measure

import (
	"slices"
	"strings"

	"quarterturn/core/dataset"
	"quarterturn/core/fault"
)

// Named returns pictures under the classes that a model knows: their labels are indices
// of classes, matched by name. renamed says which of the model's names a class of the
// pictures has, of which there has to be one; nil for their own. A class of which there is a picture and that the
// model does not know is an error, which shows both lists.
func Named(p *dataset.Pictures, classes []string, renamed map[string]string) (*dataset.Pictures, error) {
	if slices.Equal(p.Classes, classes) && len(renamed) == 0 {
		return p, nil
	}
	missing := "" // The first of them by name.
	for name := range renamed {
		if !slices.Contains(p.Classes, name) && (missing == "" || name < missing) {
			missing = name
		}
	}
	if missing != "" {
		return nil, fault.Errorf("measure", "no class of the pictures is called %s: theirs are %s; known are %s", missing, few(p.Classes), few(classes))
	}
	counts, _ := p.Counts()
	labels := make([]int32, len(p.Classes))
	var strangers []string
	for i, name := range p.Classes {
		as := name
		if other, ok := renamed[name]; ok {
			as = other
		}
		labels[i] = int32(slices.Index(classes, as))
		if labels[i] < 0 && counts[i] > 0 {
			strangers = append(strangers, as)
		}
	}
	if len(strangers) > 0 {
		return nil, fault.Errorf("measure", "the pictures have classes that are not known: %s. The pictures' are %s; known are %s", few(strangers), few(p.Classes), few(classes))
	}
	named := *p
	named.Classes, named.Labels = classes, make([]int32, len(p.Labels))
	for i, label := range p.Labels {
		named.Labels[i] = dataset.Unlabelled
		if label != dataset.Unlabelled {
			named.Labels[i] = labels[label]
		}
	}
	return &named, nil
}

// few lists names, of many the first few.
func few(names []string) string {
	const shown = 12
	if len(names) <= shown {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:shown], ", ") + " …"
}
