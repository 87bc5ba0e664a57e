package report

import (
	"fmt"
	"html"
	"strconv"
	"strings"
)

// A markup makes the page's markup: what is not markup of ours is escaped. html/template
// would do that too, and make the page's worker half as large again, since a template may
// call any method of anything by its name.
type markup struct{ strings.Builder }

// text writes text, escaped.
func (w *markup) text(s string) { w.WriteString(html.EscapeString(s)) }

// tag writes an element of a name, perhaps with a class behind a point, around a text.
func (w *markup) tag(name, text string) {
	name, class, _ := strings.Cut(name, ".")
	w.WriteString("<" + name)
	if class != "" {
		w.WriteString(` class="` + class + `"`)
	}
	w.WriteString(">")
	w.text(text)
	w.WriteString("</" + name + ">\n")
}

// section writes what fill does below a heading.
func (w *markup) section(class, title string, fill func()) {
	w.WriteString("<section")
	if class != "" {
		w.WriteString(` class="` + class + `"`)
	}
	w.WriteString(">\n")
	w.tag("h2", title)
	fill()
	w.WriteString("</section>\n")
}

// within writes what fill does within an element of a class.
func (w *markup) within(name, class string, fill func()) {
	fmt.Fprintf(w, "<%s class=\"%s\">", name, class)
	fill()
	w.WriteString("</" + name + ">\n")
}

// fold writes what fill does as a part that one opens.
func (w *markup) fold(title string, fill func()) {
	w.WriteString("<details>")
	w.tag("summary", title)
	fill()
	w.WriteString("</details>\n")
}

// few writes what there is n of; where that is more than most it is folded.
func (w *markup) few(n, most int, what string, fill func()) {
	if n > most {
		w.fold("All "+strconv.Itoa(n)+" "+what, fill)
		return
	}
	fill()
}

// list writes texts as a list.
func (w *markup) list(texts []string) {
	w.WriteString("<ul>")
	for _, text := range texts {
		w.tag("li", text)
	}
	w.WriteString("</ul>\n")
}

// grid writes a table.
func (w *markup) grid(g *Grid) {
	w.WriteString(`<div class="scroll" tabindex="0"><table><thead><tr>`)
	for _, cell := range g.Head {
		w.WriteString(`<th scope="col">`)
		w.text(cell)
		w.WriteString("</th>")
	}
	w.WriteString("</tr></thead>\n<tbody>")
	for _, row := range g.Rows {
		w.row(row)
	}
	w.WriteString("</tbody></table></div>")
}

func (w *markup) row(cells []string) {
	w.WriteString("<tr>")
	for i, cell := range cells {
		open, shut := "<td>", "</td>"
		if i == 0 {
			open, shut = `<th scope="row">`, "</th>"
		}
		w.WriteString(open)
		w.text(cell)
		w.WriteString(shut)
	}
	w.WriteString("</tr>\n")
}

// legend writes keys.
func (w *markup) legend(keys []key) {
	w.within("ul", "legend", func() {
		for _, k := range keys {
			w.WriteString("<li>" + k.Scene.Element("")) // Decoration: the text beside it says the same.
			w.text(k.Text)
			w.WriteString("</li>")
		}
	})
}

// figure writes a drawing for those who see it and for those who hear of it.
func (w *markup) figure(d *drawing) {
	w.WriteString("<figure>\n")
	w.tag("h4", d.Title)
	if d.Scene != nil {
		w.WriteString(d.Scene.Element(d.Title+". "+d.Caption) + "\n")
	}
	if len(d.Legend) > 0 {
		w.legend(d.Legend)
	}
	w.tag("figcaption", d.Caption)
	if d.Data != nil {
		w.fold("The data as a table", func() { w.grid(d.Data) })
	}
	w.WriteString("</figure>")
}

func (w *markup) figures(class string, all []*drawing) {
	w.within("div", class, func() {
		for _, d := range all {
			w.figure(d)
		}
	})
}

// facts writes names and values.
func (w *markup) facts(f Facts) {
	if len(f.List) == 0 {
		return
	}
	w.tag("h3", f.Title)
	w.WriteString("<dl>")
	for _, fact := range f.List {
		w.WriteString("<dt>")
		w.text(fact.Name)
		w.WriteString("</dt><dd>")
		w.text(fact.Value)
		w.WriteString("</dd>")
	}
	w.WriteString("</dl>\n")
}
