package ui

import (
	"github.com/hexops/vecty"
	"github.com/hexops/vecty/elem"
)

// chance is whether differences between arms are more than chance.
func (s *CompareStation) chance() vecty.ComponentOrHTML {
	return elem.Div(class("chance-part"), vecty.List{})
}
