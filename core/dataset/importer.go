package dataset

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"quarterturn/core/fault"
)

// ErrEmpty is what an import ends with that found no picture.
var ErrEmpty = fault.New("dataset", "no pictures found")

// An Importer collects pictures from files that are handed to it one at a time:
// where there is no file system, or the files come from several places.
//
// Nothing but the pixels of the pictures is kept. The methods are for one
// goroutine at a time, and so are Options.Each's calls.
type Importer struct {
	options Options
	set     Set
	origins []origin
	index   map[origin]int32
	names   []string        // Classes of records; nil until a batches.meta.txt is met.
	records bool            // Some pictures are records.
	cifar   bool            // They are called as CIFAR-10's are.
	budget  budget          // What archives may still unpack to.
	foreign map[string]bool // Archives with names that are not in UTF-8.
	stop    error           // What ended the import early: Each's error, or errFull.
	others  []string        // A few of the files that are no pictures.
	nOthers int
	dropped int // Problems beyond the limit.
}

// errFull ends an import at its limit of pictures.
var errFull = fault.New("dataset", "limit of pictures reached")

// NewImporter returns an empty Importer. Options out of range are an error.
func NewImporter(options Options) (*Importer, error) {
	options, err := options.orDefault()
	if err != nil {
		return nil, err
	}
	return &Importer{
		options: options,
		index:   make(map[origin]int32),
		budget:  budget{options.Limits.TotalBytes},
		set: Set{
			Train: &Pictures{Side: options.Side, Names: []string{}},
			Test:  &Pictures{Side: options.Side, Names: []string{}},
		},
	}, nil
}

// Add takes one file: a picture, a zip, a tar, either of them or a binary file
// compressed with gzip, or CIFAR-10's binary format. Its path, relative to what
// the person chose, gives the class as it would in Open.
//
// What cannot be used becomes a Problem of Finish.
func (im *Importer) Add(file string, data []byte) {
	if im.stop != nil || isJunk(file) {
		return
	}
	switch head := data[:min(len(data), peekBytes)]; kindOf(file, head) {
	case kindZip:
		im.addZip(file, bytes.NewReader(data), int64(len(data)))
	case kindGzip, kindTar:
		im.addStream(file, bytes.NewReader(data))
	case kindPicture: // Without the copy that reading a stream would make.
		im.addPicture(file, file, data)
	default:
		im.end(file, im.take("", file, bytes.NewReader(data)))
	}
}

// Finish decides the classes, holds pictures out for testing if the source did
// not, and returns what was found. The Importer must not be used afterwards.
//
// The set is there even with an error: its Problems say why. The error is
// ErrEmpty where there was no picture, or what Options.Each returned.
func (im *Importer) Finish() (*Set, error) {
	im.label()
	im.note()
	im.divide()
	if im.stop != nil && im.stop != errFull {
		return &im.set, im.stop
	}
	if im.set.Train.Len()+im.set.Test.Len() == 0 {
		return &im.set, ErrEmpty
	}
	return &im.set, nil
}

// label replaces the origins in Labels by classes.
func (im *Importer) label() {
	names := im.names
	if im.records && names == nil {
		names = im.recordClasses()
	}
	for _, p := range checkNumbers(im.origins, names) {
		im.problem(p.File, p.Reason)
	}
	classes, labels := resolve(im.origins, names, im.options.FolderIsClass)
	for _, p := range []*Pictures{im.set.Train, im.set.Test} {
		p.Classes = append([]string(nil), classes...)
		for i, origin := range p.Labels {
			p.Labels[i] = labels[origin]
		}
	}
}

// note says in words what was counted.
func (im *Importer) note() {
	others := strings.Join(im.others, ", ")
	switch {
	case im.nOthers == 1:
		im.notice("1 file is no picture and was left out: %s", others)
	case im.nOthers > 1:
		im.notice("%d files are no pictures and were left out: %s", im.nOthers, others)
	}
	switch {
	case im.dropped == 1:
		im.notice("1 more problem is not listed")
	case im.dropped > 1:
		im.notice("%d more problems are not listed", im.dropped)
	}
	if im.stop == errFull {
		im.notice("the limit of %d pictures was reached; the rest was left out", im.options.Limits.Pictures)
	}
}

// divide makes a test set where there is none. Where all pictures claim to be
// for testing, as in a zip of the folder "test", they count as ordinary ones.
func (im *Importer) divide() {
	s := &im.set
	if s.Train.Len() == 0 && !im.options.TestAlone {
		s.Train, s.Test = s.Test, s.Train
	}
	if s.Test.Len() > 0 || s.Train.Len() == 0 || im.options.HoldOut < 0 {
		return
	}
	train, held := Split(s.Train.Labels, im.options.HoldOut, im.options.Seed)
	s.Test = s.Train.part(train, held)
	s.HeldOut = true
}

// addZip takes the files of a zip.
func (im *Importer) addZip(file string, r io.ReaderAt, size int64) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		im.end(file, err)
		return
	}
	im.reserve(picturesOf(archive))
	im.end(file, im.walkZip(file, archive.File))
}

// picturesOf counts the pictures of a zip by their names.
func picturesOf(archive *zip.Reader) (t tally) {
	for _, file := range archive.File {
		t.picture(file.Name)
	}
	return t
}

// addStream takes a tar, or a gzip of a tar or of records, without holding it.
func (im *Importer) addStream(file string, r io.Reader) {
	buffered, head, err := peek(im.budget.reader(r))
	what := kindOf(file, head)
	if err == nil && what == kindGzip {
		buffered, head, err = unzip(buffered, &im.budget)
		what = kindOf(file, head)
	}
	lost := im.set.Lost
	switch {
	case err != nil:
	case what == kindTar:
		err = walkTar(buffered, &im.budget, func(inner string, r io.Reader) error { return im.take(file, inner, r) })
		err = im.finish(buffered, im.set.Lost, err) // Files lost are no sign that the stream was.
	default:
		err = im.finish(buffered, lost, im.take("", file, buffered))
	}
	im.end(file, err)
}

// finish reads what is left of a packed stream, of which the checksum lies at the end, after
// its use ended with err. If more is lost than before, what is wrong has been said.
func (im *Importer) finish(r io.Reader, lost int, err error) error {
	if err != nil && err != errFull || err == nil && im.set.Lost > lost {
		return err
	}
	if _, broken := io.Copy(io.Discard, r); broken != nil {
		return brokenFile{broken}
	}
	return err
}

// end records what stopped the reading of a file, if it was the file.
func (im *Importer) end(file string, err error) {
	switch {
	case err == nil || err == im.stop:
	case errors.Is(err, io.ErrUnexpectedEOF):
		im.damaged(file, "the file is cut short: "+fault.Reason(err))
	case isDamage(err):
		im.damaged(file, fault.Reason(err))
	default:
		im.problem(file, fault.Reason(err))
	}
}

// isDamage reports whether an error of reading says that the bytes are not those that
// were written.
func isDamage(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) ||
		errors.Is(err, zip.ErrChecksum) || errors.Is(err, zip.ErrFormat) || errors.Is(err, tar.ErrHeader) || errors.As(err, &corrupt)
}

// A brokenFile is an error of reading a file of an archive, rather than of what
// was read.
type brokenFile struct{ error }

func (e brokenFile) Unwrap() error { return e.error }

// take takes one file, of an archive unless that is "". It returns an error only
// where reading on makes no sense.
func (im *Importer) take(archive, file string, r io.Reader) error {
	if im.stop != nil || isJunk(file) {
		return im.stop
	}
	buffered, head, err := peek(r)
	if err != nil {
		return brokenFile{err}
	}
	whole := path.Join(archive, file)
	if archive != "" {
		if leadsOut(file) {
			im.problem(archive, fmt.Sprintf("it has a file of which the name leads out of it and says nothing of a class: %.100q", file))
			return nil
		}
		file = im.inUTF8(archive, file)
	}
	switch kindOf(file, head) {
	case kindPicture:
		data, err := readFile(buffered, im.options.Limits.FileBytes)
		if err != nil {
			return brokenFile{err}
		}
		im.addPicture(whole, file, data)
	case kindRecords:
		return im.addRecords(whole, file, buffered)
	case kindNames:
		if im.names, err = readClassNames(buffered); err != nil {
			im.problem(whole, fault.Reason(err))
		}
	case kindZip, kindGzip, kindTar:
		return im.takePacked(archive, file, buffered)
	case kindOtherArchive:
		im.problem(whole, archiveName(head)+" archives are not opened here; unpack it, or pack it as .zip or .tar.gz")
	default:
		im.other(whole)
	}
	return im.stop
}

// leadsOut reports whether the name of a file in an archive is one that leads out of it.
func leadsOut(file string) bool {
	return strings.HasPrefix(file, "/") || slices.Contains(strings.FieldsFunc(file, func(r rune) bool { return r == '/' || r == '\\' }), "..")
}

// inUTF8 returns a name with its bytes written out where they are no letters of UTF-8:
// zips of older systems have names in the code of their country, which they do not say.
func (im *Importer) inUTF8(archive, file string) string {
	if utf8.ValidString(file) {
		return file
	}
	var name strings.Builder
	for i := 0; i < len(file); {
		r, size := utf8.DecodeRuneInString(file[i:])
		if r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&name, "%%%02X", file[i])
		} else {
			name.WriteString(file[i : i+size])
		}
		i += size
	}
	if !im.foreign[archive] {
		if im.foreign == nil {
			im.foreign = map[string]bool{}
		}
		im.foreign[archive] = true
		im.notice("%s has names that are not written in UTF-8, such as %s: pack it again, or rename its folders, for classes that can be read", archive, name.String())
	}
	return name.String()
}

// takePacked takes records that are compressed within an archive or a folder.
// Archives in archives are where bombs hide, and nobody packs pictures so.
func (im *Importer) takePacked(archive, file string, r io.Reader) error {
	whole := path.Join(archive, file)
	if !isRecordsName(strings.ToLower(file)) {
		im.problem(whole, "an archive within an archive is not opened; unpack it first")
		return nil
	}
	lost := im.set.Lost
	unpacked, _, err := unzip(r, &im.budget)
	if err == nil {
		err = im.finish(unpacked, lost, im.addRecords(whole, file, unpacked))
	}
	if errors.Is(err, errBudget) {
		return err
	}
	im.end(whole, err)
	return im.stop
}

// readFile reads a file up to one byte over the limit, which decode then refuses.
func readFile(r io.Reader, limit int64) ([]byte, error) {
	return io.ReadAll(io.LimitReader(r, limit+1))
}

// addPicture decodes a picture. whole is its path for people, file the part that
// gives its class.
func (im *Importer) addPicture(whole, file string, data []byte) {
	picture := Picture{File: whole}
	err := guard(func() (err error) {
		picture.Pixels, picture.Preview, err = looks(data, im.options)
		return err
	})
	if err != nil {
		im.problem(whole, fault.Reason(err))
		return
	}
	origin, test := place(file)
	im.keep(picture, origin, test)
}

// looks decodes a picture to its pixels and its preview, if one is asked for.
func looks(data []byte, o Options) (pixels, preview []byte, err error) {
	picture, turn, err := open(data, o.Limits)
	if err != nil {
		return nil, nil, err
	}
	return squaresOf(picture, turn, o.Side, o.PreviewSide)
}

// addRecords takes CIFAR-10 records. Those with a wrong label are left out, and a
// file of nothing else is told in few words.
func (im *Importer) addRecords(whole, file string, r io.Reader) error {
	im.records, im.cifar = true, im.cifar || isCIFARName(whole)
	test := isTestRecords(file)
	classes := max(len(im.names), len(cifarClasses))
	const listed = 5
	wrong := 0
	err := readRecords(r, classes, func(i int, label byte, pixels []byte) error {
		picture := Picture{File: fmt.Sprintf("%s#%d", whole, i), Pixels: pixels}
		im.resizeRecord(&picture)
		im.keep(picture, origin{number: int(label), record: true}, test)
		return im.stop
	}, func(reason error) error {
		if wrong++; wrong <= listed {
			im.list(Problem{File: whole, Reason: fault.Reason(reason)})
		}
		return nil
	})
	if wrong > listed {
		im.list(Problem{File: whole, Reason: fmt.Sprintf("and so on: %d records in all have a wrong label", wrong)})
	}
	im.set.Lost += wrong
	if err != nil && err != im.stop && !errors.Is(err, errBudget) {
		im.list(Problem{File: whole, Reason: fault.Reason(err), Damaged: isDamage(err)})
		im.set.Lost++
		return nil
	}
	return err
}

// recordClasses returns the names of the classes of records that come without any:
// CIFAR-10's where their file or folder is called so, and else none that mean something.
func (im *Importer) recordClasses() []string {
	if im.cifar {
		return cifarClasses
	}
	most := 0
	for _, o := range im.origins {
		if o.record {
			most = max(most, o.number)
		}
	}
	names := make([]string, most+1)
	for i := range names {
		names[i] = fmt.Sprintf("class %d", i)
	}
	im.notice("the records come without the names of their classes, which are called %s to %s here: a %s beside them names them", names[0], names[most], metaFile)
	return names
}

// resizeRecord makes the sizes asked for of a record's pixels.
func (im *Importer) resizeRecord(p *Picture) {
	if im.options.PreviewSide > 0 {
		p.Preview = Resize(p.Pixels, recordSide, min(recordSide, im.options.PreviewSide))
	}
	if im.options.Side != recordSide {
		p.Pixels = Resize(p.Pixels, recordSide, im.options.Side)
	}
}

// keep stores a picture under its origin and reports it.
func (im *Importer) keep(picture Picture, o origin, test bool) {
	if im.set.Train.Len()+im.set.Test.Len() >= im.options.Limits.Pictures {
		im.stop = errFull
		return
	}
	at, ok := im.index[o]
	if !ok {
		at = int32(len(im.origins))
		im.origins = append(im.origins, o)
		im.index[o] = at
	}
	pictures := im.set.Train
	if test {
		pictures = im.set.Test
	}
	pictures.add(picture.Pixels, at)
	pictures.Names = append(pictures.Names, picture.File)
	if im.options.Each != nil {
		if err := im.options.Each(picture); err != nil {
			im.stop = err
		}
	}
}

// other counts a file that is no picture, and remembers the first three.
func (im *Importer) other(file string) {
	const named = 3
	if im.nOthers++; im.nOthers <= named {
		im.others = append(im.others, file)
	}
}

// problem lists something that is lost.
func (im *Importer) problem(file, reason string) {
	im.list(Problem{File: file, Reason: reason})
	im.set.Lost++
}

// damaged lists a file of which nothing can be trusted.
func (im *Importer) damaged(file, reason string) {
	im.list(Problem{File: file, Reason: reason, Damaged: true})
	im.set.Lost++
}

// list lists a problem. Of too many the damaged ones are kept, in the place of the last
// that is not: they decide what becomes of the import.
func (im *Importer) list(p Problem) {
	problems := &im.set.Problems
	if len(*problems) < im.options.Limits.Problems {
		*problems = append(*problems, p)
		return
	}
	im.dropped++
	if p.Damaged {
		(*problems)[len(*problems)-1] = p
	}
}

func (im *Importer) notice(format string, args ...any) {
	im.set.Notices = append(im.set.Notices, fmt.Sprintf(format, args...))
}
