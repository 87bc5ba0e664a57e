package dataset

import (
	"cmp"

	"quarterturn/core/fault"
)

// A Set is what an import found.
type Set struct {
	Train, Test *Pictures // Never nil; both have the same Side and Classes.

	// Validation is apart from both, see HoldOutValidation. Nil where Test validates.
	Validation *Pictures

	// HeldOut says that the source had no test pictures and that Test was taken
	// out of the training pictures.
	HeldOut bool

	Problems []Problem // Files that could not be used, in the order met.
	Lost     int       // Pictures, records and files that could not be used, listed in Problems or not.
	Notices  []string  // Sentences about what was left aside or assumed.
}

// A Problem is a file, or a part of one, that could not be used. The rest of the
// import goes on.
type Problem struct {
	File   string // The path as it was given, within the archive if there is one.
	Reason string // What is wrong, for the person who chose the file.

	// Damaged says that a file is cut short or has another checksum than it should, so
	// that nothing read of it can be trusted, whatever could be.
	Damaged bool
}

// Error makes a Problem an error.
func (p Problem) Error() string { return p.File + ": " + p.Reason }

// Check returns an error where more than a share of what the source holds, 0 to 1,
// could not be used, or any part of it is damaged. A share of 1 takes what there is.
func (s *Set) Check(share float64) error {
	all := s.Train.Len() + s.Test.Len() + s.Lost
	if s.Validation != nil {
		all += s.Validation.Len()
	}
	if share >= 1 || s.Lost == 0 {
		return nil
	}
	for _, p := range s.Problems {
		if p.Damaged {
			return fault.Errorf("dataset", "%w: nothing of it can be trusted", p)
		}
	}
	if float64(s.Lost) > share*float64(all) {
		return fault.Errorf("dataset", "%d of %d pictures cannot be used, more than %.3g in 100; the first is %w", s.Lost, all, 100*share, s.Problems[0])
	}
	return nil
}

// Options say how an import treats what it finds. The zero Options are right for
// training a network on 32×32 pictures.
type Options struct {
	Side int // S of the pictures; 0 is DefaultSide.

	// HoldOut is the share of every class, 0 to 1, that becomes Set.Test where
	// the source has no test pictures. 0 is DefaultHoldOut; below 0 holds none out.
	HoldOut float64
	Seed    uint64 // Chooses the pictures held out.

	// TestAlone leaves a source as it is that has test pictures alone. Otherwise these
	// count as ordinary ones, of which some are held out.
	TestAlone bool

	// FolderIsClass makes a single folder a class, as for somebody who drops the
	// folder "cats" on a page. Otherwise a folder that holds all pictures is just
	// where they are, and they are unlabelled.
	FolderIsClass bool

	// PreviewSide is the side of Picture.Preview, or of the picture where that is
	// smaller: nothing is gained by keeping pixels that nobody took. 0 makes none.
	PreviewSide int
	// Each, if not nil, is called for every picture taken in, in order, on the
	// importing goroutine. An error ends the import, which returns it.
	Each func(Picture) error

	Limits Limits
}

// DefaultSide is CIFAR-10's, for which the networks here are made.
const DefaultSide = 32

// DefaultHoldOut is the share held out for testing unless Options say otherwise.
const DefaultHoldOut = 0.2

// A Picture is one picture as an import takes it in.
type Picture struct {
	File    string // Its path, or for a record "file#record".
	Pixels  []byte // [S, S, 3]; valid during the call.
	Preview []byte // [P, P, 3] for a P up to PreviewSide, or nil; valid during the call.
}

// Limits bound what untrusted bytes can cost. A zero field means its default.
type Limits struct {
	// Pixels of one picture, as its header declares them. The default of 64 Mi
	// takes any camera's 60-megapixel photo, which costs about 200 MB while a
	// JPEG is decoded and at worst 512 MB, for a 16-bit PNG with transparency.
	Pixels int64
	// FileBytes of one picture file, which is held in memory. Default MaxFileBytes.
	FileBytes int64
	// Pictures of one import. Default as many as fit into 1 GiB, 349,525 of 32×32:
	// a gigabyte of zeros is a megabyte of archive, and each 3,073 a valid record.
	Pictures int
	// TotalBytes that the archives of one import may hold, packed and unpacked
	// together. Default 32 GiB, a bound on time: nothing of it is kept.
	TotalBytes int64
	// Problems that are listed; more are counted in a notice. Default 1,000.
	Problems int
}

// MaxFileBytes is the default limit of one picture's file.
const MaxFileBytes = 64 << 20

// orDefault fills the zero fields, for pictures of a side.
func (l Limits) orDefault(side int) Limits {
	return Limits{
		Pixels:     cmp.Or(l.Pixels, 64<<20),
		FileBytes:  cmp.Or(l.FileBytes, MaxFileBytes),
		Pictures:   cmp.Or(l.Pictures, 1<<30/(side*side*Channels)),
		TotalBytes: cmp.Or(l.TotalBytes, 32<<30),
		Problems:   cmp.Or(l.Problems, 1_000),
	}
}

// orDefault fills the zero fields and refuses what cannot be.
func (o Options) orDefault() (Options, error) {
	o.Side = cmp.Or(o.Side, DefaultSide)
	o.HoldOut = cmp.Or(o.HoldOut, DefaultHoldOut)
	switch {
	case o.Side < 1 || o.Side > MaxSide:
		return o, fault.Errorf("dataset", "Side is %d, want 1 to %d", o.Side, MaxSide)
	case o.PreviewSide < 0 || o.PreviewSide > MaxSide:
		return o, fault.Errorf("dataset", "PreviewSide is %d, want 0 to %d", o.PreviewSide, MaxSide)
	case !(o.HoldOut <= 1): // NaN too.
		return o, fault.Errorf("dataset", "HoldOut is %v, want at most 1", o.HoldOut)
	}
	o.Limits = o.Limits.orDefault(o.Side)
	return o, nil
}
