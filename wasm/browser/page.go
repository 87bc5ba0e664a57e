//go:build !js

package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// A Page is one tab of a browser of its own. Selectors are CSS. Its methods end
// the test if what they ask for does not happen within Patience.
type Page struct {
	Patience time.Duration // 20 seconds from Open; more for training.

	t         testing.TB
	ctx       context.Context
	record    *record
	downloads string
	profile   string // Folder of the browser's profile, which its processes name.
	expected  []string
}

// Expect declares that an error containing text will be on the console, as when
// a test breaks a file. It is then no failure, and its absence is one.
func (p *Page) Expect(text string) { p.expected = append(p.expected, text) }

// Wait waits until an element is visible.
func (p *Page) Wait(selector string) {
	p.t.Helper()
	p.Until(fmt.Sprintf(`document.querySelector(%s)?.checkVisibility({visibilityProperty: true})`, quote(selector)))
}

// WaitGone waits until no such element is visible.
func (p *Page) WaitGone(selector string) {
	p.t.Helper()
	p.Until(fmt.Sprintf(`![...document.querySelectorAll(%s)].some((e) => e.checkVisibility({visibilityProperty: true}))`, quote(selector)))
}

// WaitText waits until the text of an element contains text.
func (p *Page) WaitText(selector, text string) {
	p.t.Helper()
	p.Until(fmt.Sprintf(`[...document.querySelectorAll(%s)].some((e) => e.textContent.includes(%s))`, quote(selector), quote(text)))
}

// WaitLoaded waits until both modules are there. It ends the test with what the
// page says if the page could not start.
func (p *Page) WaitLoaded() {
	p.t.Helper()
	p.WaitGone("#loading")
	if problem := Eval[string](p, `document.querySelector("#problem:not([hidden])")?.textContent ?? ""`); problem != "" {
		p.t.Fatalf("browser: the page did not start: %s", strings.Join(strings.Fields(problem), " "))
	}
}

// WaitPrediction waits until the page shows what the network believes of the
// picture on the screen.
func (p *Page) WaitPrediction() {
	p.t.Helper()
	p.WaitLoaded()
	p.Wait(`.panels[aria-busy="false"]`)
}

// Until waits until a JavaScript expression is true. It asks 20 times a second
// and not at each frame, so that a busy page has time to work. Where an element is
// missing so far, the expression may fail.
func (p *Page) Until(expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, p.Patience)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.Poll[bool]("(() => { try { return !!("+expression+"); } catch { return false; } })()",
		chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(0)))
	p.check(fmt.Sprintf("wait %v until %s", p.Patience, expression), err)
}

// Text returns the text of the first such element, its ends trimmed.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	return strings.TrimSpace(Eval[string](p, fmt.Sprintf(`document.querySelector(%s).textContent`, quote(selector))))
}

// Texts returns the texts of all such elements in order, their ends trimmed.
func (p *Page) Texts(selector string) []string {
	p.t.Helper()
	return Eval[[]string](p, fmt.Sprintf(`[...document.querySelectorAll(%s)].map((e) => e.textContent.trim())`, quote(selector)))
}

// Count returns how many such elements there are, visible or not.
func (p *Page) Count(selector string) int {
	p.t.Helper()
	return Eval[int](p, fmt.Sprintf(`document.querySelectorAll(%s).length`, quote(selector)))
}

// Attribute returns an attribute of the first such element.
func (p *Page) Attribute(selector, name string) string {
	p.t.Helper()
	return Eval[string](p, fmt.Sprintf(`document.querySelector(%s).getAttribute(%s) ?? ""`, quote(selector), quote(name)))
}

// Click waits for an element to be visible and enabled, scrolls to it and clicks
// its middle with the mouse.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.Wait(selector)
	p.Until(fmt.Sprintf(`!document.querySelector(%s).disabled`, quote(selector)))
	x, y := p.middle(selector)
	p.do(chromedp.MouseClickXY(x, y))
}

// Press sends keys to the element that has the focus.
func (p *Page) Press(keys string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(keys))
}

// Fill sets the value of an input, a select or a textarea, as typing and leaving
// it would.
func (p *Page) Fill(selector, value string) {
	p.t.Helper()
	p.Wait(selector)
	Eval[bool](p, fmt.Sprintf(`(() => {
		const e = document.querySelector(%s);
		e.value = %s;
		e.dispatchEvent(new Event("input", {bubbles: true}));
		return e.dispatchEvent(new Event("change", {bubbles: true}));
	})()`, quote(selector), quote(value)))
}

// Reload loads the page again, with what the browser's cache has kept.
func (p *Page) Reload() {
	p.t.Helper()
	p.do(chromedp.Reload())
}

// Requests returns the URLs that the page itself fetched so far.
func (p *Page) Requests() []string {
	return p.record.fetched()
}

// LongTasks returns the tasks of more than 50 ms that kept the page from
// answering since it was loaded.
func (p *Page) LongTasks() []time.Duration {
	p.t.Helper()
	var tasks []time.Duration
	for _, ms := range Eval[[]float64](p, `longTasks`) {
		tasks = append(tasks, time.Duration(ms*float64(time.Millisecond)))
	}
	return tasks
}

// FirstPrediction waits for the first prediction and returns how long after the
// page was opened it was drawn.
func (p *Page) FirstPrediction() time.Duration {
	p.t.Helper()
	return time.Duration(Eval[float64](p, `firstPrediction`) * float64(time.Millisecond))
}

// Eval returns the value of a JavaScript expression, awaited if it is a promise.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, p.Patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	p.check(expression, err)
	return value
}

// middle scrolls to an element, waits until it stands still there with nothing over it,
// as a person does before clicking, and returns where its middle is in the window.
func (p *Page) middle(selector string) (x, y float64) {
	p.t.Helper()
	p.Until(fmt.Sprintf(`(() => {
		const e = document.querySelector(%s);
		e.scrollIntoView({block: "center", behavior: "instant"});
		const r = e.getBoundingClientRect(), at = [r.x + r.width / 2, r.y + r.height / 2];
		const still = String(globalThis.wasAt) == String(at);
		globalThis.wasAt = at;
		const over = document.elementFromPoint(...at);
		return still && over && (e.contains(over) || over.contains(e) || over.closest("label")?.control == e);
	})()`, quote(selector)))
	at := Eval[[]float64](p, `globalThis.wasAt`)
	return at[0], at[1]
}

func (p *Page) do(action chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	_, err := chromedp.Run(p.ctx, action)
	p.check("drive the page", err)
}

// call sends a command of the browser's protocol to the page.
func call[P, R any](p *Page, command cdp.Command[P, R], params P) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, command, params)
	p.check(string(command.Method), err)
}

func (p *Page) check(what string, err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("browser: %s: %v", what, err)
	}
}

// judge fails the test on what the record holds against the page. After a
// failure it keeps a picture and prints the console.
func (p *Page) judge() {
	for _, problem := range p.record.problems(p.expected) {
		p.t.Error(problem)
	}
	if p.t.Failed() {
		p.t.Logf("console:\n%s", strings.Join(p.record.said(), "\n"))
		p.keepPicture()
	}
}

// keepPicture saves what the page looks like when its test failed.
func (p *Page) keepPicture() {
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		return // The browser may be what failed.
	}
	name := filepath.Join(root, "build", "failures", strings.ReplaceAll(p.t.Name(), "/", "-")+".png")
	if os.MkdirAll(filepath.Dir(name), 0o755) == nil && os.WriteFile(name, picture, 0o644) == nil {
		p.t.Logf("the page looked like %s", name)
	}
}

// quote returns text as a JavaScript string.
func quote(text string) string {
	quoted, _ := json.Marshal(text) // Strings always can be.
	return string(quoted)
}
