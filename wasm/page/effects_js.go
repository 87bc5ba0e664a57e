//go:build js && wasm

package main

import (
	"quarterturn/core/run"
	"quarterturn/ui/state"
	"quarterturn/wasm/web"
)

// carryOut does what the state asks for. It does not block: what takes time
// reports by a message.
func (p *page) carryOut(effect state.Effect) {
	switch e := effect.(type) {
	case state.StartWorker:
		p.startWorker(e.Worker)
	case state.StartGroup:
		p.startGroup(e.Worker, e.Size)
	case state.EndWorker:
		p.endWorker(e.Worker)
	case state.Send:
		p.order(p.workers[e.To], run.Order{Number: e.Number, Command: e.Command})
	case state.Fetch:
		go func() { p.tell(p.fetch(e.What)) }()
	case state.Download:
		web.Download(e.Name, e.Bytes)
	case state.Draw:
		go p.draw(e)
	case state.Hold:
		go p.hold(e.Steal)
	case state.KeepOffline:
		go p.offline.Keep(func() { p.tell(state.NewVersion{Here: true}) })
	case state.TakeNewVersion:
		go p.offline.Take()
	case state.Persist:
		go web.Persist()
	case state.Remember:
		web.Remember(e.Key, e.Value)
	case state.Dress:
		web.SetRootData("theme", string(e.View.Theme))
		web.SetRootData("projector", map[bool]string{true: "on", false: "off"}[e.View.Projector])
	case state.Soon:
		web.NextFrame(func() { p.tell(e.Message) })
	case state.After:
		web.After(e.Milliseconds, func() { p.tell(e.Message) })
	case state.Repaint:
		p.painter.Forget()
	}
}

// lockName is that of the lock that the tab which holds the lab has.
const lockName = "quarterturn"

// hold takes the lab for this tab, or tells that another has it. Who takes it from
// another waits for that one to end its workers.
func (p *page) hold(steal bool) {
	lost := func() { p.tell(state.Held{}) }
	if steal {
		mine := web.Steal(lockName, lost)
		web.After(500, func() { p.tell(state.Held{Mine: mine}) })
		return
	}
	p.tell(state.Held{Mine: web.Hold(lockName, lost)})
}
