package engine

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gomlx/compute"

	"quarterturn/core/collective"
	"quarterturn/core/engine/kernel"
	"quarterturn/core/engine/loop"
	"quarterturn/core/fault"
)

// Name is what the backend is registered under: compute.NewWithConfig("quarterturn")
// and, for example, "quarterturn:threads=2".
const Name = "quarterturn"

func init() {
	compute.Register(Name, func(config string) (compute.Backend, error) {
		options, err := parseOptions(config)
		if err != nil {
			return nil, err
		}
		return New(options)
	})
}

// Options fixes how a Backend runs. The zero value means all CPUs.
type Options struct {
	// Threads is the number of goroutines that compute; 0 means GOMAXPROCS.
	// Under js it is always 1. Results do not depend on it.
	Threads int

	// Yield, if not nil, is called between ops at least YieldEvery after its
	// last return. In a browser it gives the event loop a turn, so that a
	// message which calls Backend.Interrupt can be delivered during a long step.
	Yield func()

	// Urgent, if not nil, reports that Yield is to be called at once. It is called between
	// ops, and not more than once in a millisecond.
	Urgent func() bool

	// Group, if not nil, is the workers of which this one is a rank: graphs that are
	// built as SPMD run on all of them together, see exchange.go.
	Group *collective.Group

	// YieldEvery is the time between two calls of Yield; 0 means 50 ms.
	YieldEvery time.Duration
}

func parseOptions(config string) (Options, error) {
	var options Options
	for part := range strings.SplitSeq(config, ",") {
		key, value, _ := strings.Cut(part, "=")
		switch key {
		case "":
		case "threads":
			threads, err := strconv.Atoi(value)
			if err != nil || threads < 0 {
				return Options{}, fault.Errorf("engine", "option threads=%q: want a number from 0 up", value)
			}
			options.Threads = threads
		default:
			return Options{}, fault.Errorf("engine", "unknown option %q: the only one is threads=N", key)
		}
	}
	return options, nil
}

// A Backend runs graphs. It implements compute.Backend.
//
// Executables of one Backend share its scratch memory, so they run one at a
// time: Execute waits for its turn. All methods may be called from any
// goroutine.
type Backend struct {
	options     Options
	interrupted atomic.Bool
	finalized   atomic.Bool
	memory      recycler

	running   sync.Mutex // Held during an execution; guards the fields below.
	pool      *kernel.Pool
	arena     []uint64
	bound     *plan // Whose values point into the arena.
	scratch   loop.Scratch
	profile   *Profile
	yielded   time.Time // When Yield last returned.
	looked    time.Time // When Urgent was last called.
	exchanged joiner
}

var _ compute.Backend = (*Backend)(nil)

// New returns a Backend. Its owner calls Finalize, which ends its goroutines.
func New(options Options) (*Backend, error) {
	if options.Threads < 0 {
		return nil, fault.Errorf("engine", "%d threads: want a number from 0 up", options.Threads)
	}
	if options.Threads == 0 {
		options.Threads = runtime.GOMAXPROCS(0)
	}
	if options.YieldEvery == 0 {
		options.YieldEvery = 50 * time.Millisecond
	}
	b := &Backend{options: options, pool: kernel.NewPool(options.Threads)}
	b.options.Threads = b.pool.Threads()
	b.scratch = make(loop.Scratch, b.pool.Threads())
	return b, nil
}

// Name returns the name the backend is registered under.
func (b *Backend) Name() string { return Name }

// String returns Name.
func (b *Backend) String() string { return Name }

// Description names the backend and its number of threads.
func (b *Backend) Description() string {
	if b.options.Threads == 1 {
		return "Quarterturn engine (1 thread)"
	}
	return fmt.Sprintf("Quarterturn engine (%d threads)", b.options.Threads)
}

// NumDevices returns 1: all CPUs together are one device.
func (b *Backend) NumDevices() int { return 1 }

// DeviceDescription returns Description.
func (b *Backend) DeviceDescription(compute.DeviceNum) string { return b.Description() }

// Finalize frees memory and goroutines once a running execution has ended.
func (b *Backend) Finalize() {
	b.running.Lock()
	defer b.running.Unlock()
	if b.finalized.Swap(true) {
		return
	}
	b.pool.Close()
	if b.bound != nil {
		b.bound.release(func(*value) bool { return true })
	}
	b.arena, b.bound, b.scratch = nil, nil, nil
	b.memory.clear()
}

// IsFinalized reports whether Finalize was called.
func (b *Backend) IsFinalized() bool { return b.finalized.Load() }

// Interrupt asks the running execution, or else the next one, to stop before its
// next op. Execute then returns ErrInterrupted. It may be called from any
// goroutine, and does not wait.
func (b *Backend) Interrupt() { b.interrupted.Store(true) }

// ClearInterrupt takes back an Interrupt that no execution has seen.
func (b *Backend) ClearInterrupt() { b.interrupted.Store(false) }
