package main

import (
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"quarterturn/core/dataset"
	"quarterturn/core/internal/printable"
	"quarterturn/core/measure"
)

// classColors are Okabe and Ito's (2008), those that stand out from white first.
var classColors = []color.Color{
	color.RGBA{0x00, 0x72, 0xb2, 0xff}, color.RGBA{0xd5, 0x5e, 0x00, 0xff},
	color.RGBA{0x00, 0x9e, 0x73, 0xff}, color.RGBA{0xcc, 0x79, 0xa7, 0xff},
	color.RGBA{0xe6, 0x9f, 0x00, 0xff}, color.RGBA{0x56, 0xb4, 0xe9, 0xff},
	color.RGBA{0x00, 0x00, 0x00, 0xff}, color.RGBA{0xf0, 0xe4, 0x42, 0xff},
}

// classShapes say the same as the colours to whom those say nothing. Pale colours
// have the filled shapes.
var classShapes = []draw.GlyphDrawer{
	draw.RingGlyph{}, draw.CrossGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{},
	draw.PyramidGlyph{}, draw.CircleGlyph{}, draw.PlusGlyph{}, draw.BoxGlyph{},
}

// classGlyph returns a class's mark. The first 64 classes have different ones;
// what has no class is a grey dot.
func classGlyph(label int32) draw.GlyphStyle {
	if label == dataset.Unlabelled {
		return draw.GlyphStyle{Color: color.Gray{0xa0}, Radius: vg.Points(1.2), Shape: draw.CircleGlyph{}}
	}
	colors, shapes := len(classColors), len(classShapes)
	return draw.GlyphStyle{
		Color:  classColors[int(label)%colors],
		Radius: vg.Points(2.4),
		Shape:  classShapes[(int(label)+int(label)/colors)%shapes],
	}
}

// A scatter draws an embedding: a panel for each network, and the classes below.
type scatter struct {
	embedding *measure.Embedding
	pictures  *dataset.Pictures // To be drawn where there is room; nil for none.
	columns   int
	legend    int // Columns of it.
}

const (
	panelSide     = 11 * vg.Centimeter
	panelTitle    = 2 * vg.Centimeter
	legendRow     = 0.5 * vg.Centimeter
	legendColumn  = panelSide / 2
	scatterDPI    = 150
	thumbnailSide = 0.55 * vg.Centimeter
)

func newScatter(e *measure.Embedding) *scatter {
	columns := min(len(e.Models), 3)
	return &scatter{embedding: e, columns: columns, legend: 2 * columns}
}

func (s *scatter) size() (width, height vg.Length) {
	rows := (len(s.embedding.Models) + s.columns - 1) / s.columns
	width = panelSide * vg.Length(s.columns)
	height = (panelSide+panelTitle)*vg.Length(rows) + s.legendHeight()
	return width, height
}

func (s *scatter) legendHeight() vg.Length {
	rows := (len(s.embedding.Classes) + s.legend - 1) / s.legend
	return legendRow * vg.Length(rows+1)
}

func (s *scatter) writeSVG(w io.Writer) error {
	canvas := vgsvg.New(s.size())
	if err := s.draw(draw.New(canvas)); err != nil {
		return err
	}
	_, err := canvas.WriteTo(w)
	return err
}

func (s *scatter) writePNG(w io.Writer) error {
	width, height := s.size()
	canvas := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(scatterDPI))
	if err := s.draw(draw.New(canvas)); err != nil {
		return err
	}
	_, err := (vgimg.PngCanvas{Canvas: canvas}).WriteTo(w)
	return err
}

func (s *scatter) draw(c draw.Canvas) error {
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())
	width, height := s.size()
	for i, m := range s.embedding.Models {
		p, err := s.panel(m)
		if err != nil {
			return fmt.Errorf("drawing %s: %w", m.Model, err)
		}
		left := panelSide * vg.Length(i%s.columns)
		top := (panelSide + panelTitle) * vg.Length(i/s.columns)
		p.Draw(draw.Crop(c, left, left+panelSide-width, height-top-panelSide-panelTitle, -top))
	}
	s.drawLegend(c)
	return nil
}

// panel is the plot of one network. Both axes have the same scale.
func (s *scatter) panel(m measure.Layout) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text = panelName(m)
	if m.InLayout != nil {
		p.Title.Text += fmt.Sprintf("\npurity of the features %.2f, here %.2f, by chance %.2f", m.InFeatures.Purity, m.InLayout.Purity, s.embedding.ChancePurity)
		p.Title.Text += fmt.Sprintf("\nsilhouette of the features %+.2f, here %+.2f", m.InFeatures.Silhouette, m.InLayout.Silhouette)
	}
	p.Title.Padding = vg.Points(4)
	points := make(plotter.XYs, len(m.Points))
	for i, at := range m.Points {
		points[i].X, points[i].Y = float64(at[0]), float64(at[1])
	}
	dots, err := plotter.NewScatter(points)
	if err != nil {
		return nil, err
	}
	dots.GlyphStyleFunc = func(i int) draw.GlyphStyle { return classGlyph(s.embedding.Labels[i]) }
	p.Add(dots)
	if s.pictures != nil {
		p.Add(thumbnails{points, s.pictures, s.embedding})
	}
	frame(p)
	if len(m.Explains) == 0 {
		p.HideAxes() // Places of t-SNE have no units.
	}
	for i, axis := range []*plot.Axis{&p.X, &p.Y} {
		if i < len(m.Explains) {
			axis.Label.Text = fmt.Sprintf("component %d (%.0f %% of the variance)", i+1, 100*m.Explains[i])
		}
	}
	return p, nil
}

// panelName names a network by the end of its path, as much as a panel has room
// for.
func panelName(m measure.Layout) string {
	name := filepath.Base(m.Model)
	if parent := filepath.Base(filepath.Dir(m.Model)); parent != "." && parent != string(filepath.Separator) {
		name = parent + "/" + name
	}
	const most = 40
	if letters := []rune(name); len(letters) > most {
		name = "…" + string(letters[len(letters)-most+1:])
	}
	return name + ", " + measure.PartName(m.Stage)
}

// frame makes the plot a square around its data.
func frame(p *plot.Plot) {
	half := math.Max(math.Max(p.X.Max-p.X.Min, p.Y.Max-p.Y.Min)/2, 1e-9) * 1.04
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		middle := (axis.Min + axis.Max) / 2
		axis.Min, axis.Max = middle-half, middle+half
	}
}

// drawLegend lists the classes in columns along the lower edge.
func (s *scatter) drawLegend(c draw.Canvas) {
	style := plot.New().Legend.TextStyle
	style.YAlign = draw.YCenter
	for i, class := range s.embedding.Classes {
		x := c.Min.X + legendColumn*vg.Length(i%s.legend) + vg.Centimeter/2
		y := c.Min.Y + s.legendHeight() - legendRow*(vg.Length(i/s.legend)+0.75)
		c.DrawGlyph(classGlyph(int32(i)), vg.Point{X: x, Y: y})
		c.FillText(style, vg.Point{X: x + vg.Points(6), Y: y}, printable.Text(class))
	}
}

// thumbnails draws pictures at their points, each with its class's mark. One that
// would cover another is left its mark alone, as in the plot without them.
type thumbnails struct {
	points    plotter.XYs
	pictures  *dataset.Pictures
	embedding *measure.Embedding
}

// Plot implements plot.Plotter. The pictures come in a random order, so that no
// class is shown first.
func (t thumbnails) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	var taken []vg.Point
	for _, i := range dataset.Order(t.embedding.Seed, 0, len(t.points)) {
		centre := vg.Point{X: toX(t.points[i].X), Y: toY(t.points[i].Y)}
		if !isFree(taken, centre) {
			continue
		}
		taken = append(taken, centre)
		glyph := classGlyph(t.embedding.Labels[i])
		const border = thumbnailSide / 12
		c.SetColor(glyph.Color)
		c.Fill(squareAround(centre, thumbnailSide).Path())
		c.DrawImage(squareAround(centre, thumbnailSide-2*border), picture(t.pictures, i))
		corner := centre.Sub(vg.Point{X: thumbnailSide / 2, Y: thumbnailSide / 2})
		c.SetColor(color.White)
		c.Fill(squareAround(corner, 3*glyph.Radius).Path())
		c.DrawGlyph(glyph, corner)
	}
}

func isFree(taken []vg.Point, at vg.Point) bool {
	for _, other := range taken {
		if abs(other.X-at.X) < thumbnailSide && abs(other.Y-at.Y) < thumbnailSide {
			return false
		}
	}
	return true
}

func abs(l vg.Length) vg.Length { return max(l, -l) }

func squareAround(centre vg.Point, side vg.Length) vg.Rectangle {
	half := vg.Point{X: side / 2, Y: side / 2}
	return vg.Rectangle{Min: centre.Sub(half), Max: centre.Add(half)}
}

// picture returns a picture as an image.
func picture(p *dataset.Pictures, i int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, p.Side, p.Side))
	for n := range p.Side * p.Side {
		copy(img.Pix[4*n:], p.At(i)[dataset.Channels*n:][:dataset.Channels])
		img.Pix[4*n+3] = 0xff
	}
	return img
}
