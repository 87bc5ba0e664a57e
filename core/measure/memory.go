package measure

import (
	"hash/maphash"
	"slices"
	"sync"

	"github.com/gomlx/compute"

	"quarterturn/core/dataset"
	"quarterturn/core/train"
)

// A Memory keeps the features that networks made of pictures, so that who probes a
// network and lays pictures out by it, or does so with some pictures more, has each of
// them computed once. It knows a network by its Subject's Sum and a picture by its
// pixels. A nil Memory remembers nothing. Several goroutines may use it: what a Reading
// makes of pictures they compute beside one another, all else one after the other.
type Memory struct {
	mu           sync.Mutex
	limit, bytes int
	seed         maphash.Seed
	networks     []*remembered // The one that was asked for last stands last.
}

// NewMemory returns a Memory of so many bytes at most, about.
func NewMemory(limitBytes int) *Memory {
	return &Memory{limit: limitBytes, seed: maphash.MakeSeed()}
}

// A remembered is what is known of a network.
type remembered struct {
	sum   string
	rows  map[uint64][]float32 // By picture, the features of all parts, one behind the other.
	bytes int
}

// rowBytes is what a row takes besides its numbers: its place in a map.
const rowBytes = 64

// extract is e.Run, for which only those pictures are computed that are not remembered.
func (m *Memory) extract(backend compute.Backend, e train.Extraction, s Subject, pictures *dataset.Pictures) ([][]float32, error) {
	strange := func(part int) bool { return part < 0 || part > s.Model.Config.Stages() } // Run refuses it in words.
	if m == nil || s.Sum == "" || e.Cells > 1 || e.Maps || slices.ContainsFunc(e.Parts, strange) {
		return e.Run(backend, s.Model, pictures)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	known := m.network(s.Sum)
	keys := make([]uint64, pictures.Len())
	rows := make([][]float32, pictures.Len())
	var missing []int
	for i := range keys {
		keys[i] = maphash.Bytes(m.seed, pictures.At(i))
		if rows[i] = known.rows[keys[i]]; rows[i] == nil {
			missing = append(missing, i)
		}
	}
	if len(missing) > 0 || pictures.Len() == 0 {
		fresh, err := all(backend, e, s, pictures.Subset(missing))
		if err != nil {
			return nil, err
		}
		for n, i := range missing {
			rows[i] = fresh[n]
			m.keep(known, keys[i], fresh[n])
		}
	}
	return columns(rows, e, s, pictures.Side), nil
}

// all returns the features of all parts, a row for each picture: who looks at one part
// will look at the others, and they cost next to nothing more.
func all(backend compute.Backend, e train.Extraction, s Subject, pictures *dataset.Pictures) ([][]float32, error) {
	e.Parts = nil
	for part := range s.Model.Config.Stages() + 1 {
		e.Parts = append(e.Parts, part)
	}
	features, err := e.Run(backend, s.Model, pictures)
	if err != nil {
		return nil, err
	}
	rows := make([][]float32, pictures.Len())
	for i := range rows {
		for n, part := range e.Parts {
			width := e.Width(s.Model.Config, part, pictures.Side)
			rows[i] = append(rows[i], features[n][i*width:(i+1)*width]...)
		}
	}
	return rows, nil
}

// columns takes the parts of e out of rows of all parts.
func columns(rows [][]float32, e train.Extraction, s Subject, side int) [][]float32 {
	collected := make([][]float32, len(e.Parts))
	for n, part := range e.Parts {
		first := 0
		for before := range part {
			first += e.Width(s.Model.Config, before, side)
		}
		width := e.Width(s.Model.Config, part, side)
		collected[n] = make([]float32, 0, len(rows)*width)
		for _, row := range rows {
			collected[n] = append(collected[n], row[first:first+width]...)
		}
	}
	return collected
}

// network returns what is known of a network, which is the newest from now on.
func (m *Memory) network(sum string) *remembered {
	at := slices.IndexFunc(m.networks, func(r *remembered) bool { return r.sum == sum })
	known := &remembered{sum: sum, rows: map[uint64][]float32{}}
	if at >= 0 {
		known = m.networks[at]
		m.networks = slices.Delete(m.networks, at, at+1)
	}
	m.networks = append(m.networks, known)
	return known
}

// keep remembers a row, for which others are forgotten where there is no room: all of
// the network that was not asked for the longest. What is too much even so is not kept.
func (m *Memory) keep(known *remembered, key uint64, row []float32) {
	if known.rows[key] != nil {
		return // Two pictures are alike.
	}
	bytes := 4*len(row) + rowBytes
	for m.bytes+bytes > m.limit {
		oldest := m.networks[0]
		if oldest == known {
			return
		}
		m.bytes -= oldest.bytes
		m.networks = m.networks[1:]
	}
	known.rows[key] = row
	known.bytes += bytes
	m.bytes += bytes
}

// find returns the rows that are remembered under a name, and the indices of the pictures
// that have none.
func (m *Memory) find(name string, pictures *dataset.Pictures) (rows [][]float32, missing []int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	known := m.network(name)
	rows = make([][]float32, pictures.Len())
	for i := range rows {
		if rows[i] = known.rows[maphash.Bytes(m.seed, pictures.At(i))]; rows[i] == nil {
			missing = append(missing, i)
		}
	}
	return rows, missing
}

// add remembers the rows at indices.
func (m *Memory) add(name string, pictures *dataset.Pictures, rows [][]float32, indices []int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	known := m.network(name)
	for _, i := range indices {
		m.keep(known, maphash.Bytes(m.seed, pictures.At(i)), rows[i])
	}
}
