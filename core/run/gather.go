package run

// Many pictures are decoded by several workers at a time: the page hands each a part of
// the files, unread, and what they answer goes to the worker that has the collection, in
// the order of the parts.

// A Source is a file that a worker reads by itself.
type Source struct {
	Path  string // As File's.
	Bytes int64
	Key   int // By which the page and its workers know the file.
}

// ListArchive asks a worker what a zip holds.
type ListArchive struct{ Source Source }

// ArchiveListed answers ListArchive.
type ArchiveListed struct{ Files int } // Of any kind.

// DecodePictures asks for the pictures of files, which do not join the worker's
// collection. It is answered by PicturesDecoded, several times where it is much.
type DecodePictures struct {
	Sources     []Source
	From, To    int // The files From to To-1 of a zip, the one source; both are 0 for all there is.
	PreviewSide int // At most, of what people look at.
}

// PicturesDecoded is pictures as TakePictures takes them.
type PicturesDecoded struct{ Blob []byte }

// TakePictures has what another worker decoded join the collection, as AddPictures does
// with files.
type TakePictures struct{ Blob []byte }

func (ListArchive) isCommand()    {}
func (DecodePictures) isCommand() {}
func (TakePictures) isCommand()   {}

func (ArchiveListed) isEvent()   {}
func (PicturesDecoded) isEvent() {}
