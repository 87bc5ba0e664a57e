package wire

import (
	"quarterturn/core/packed"
	"quarterturn/core/run"
)

// HeadBytes is what of a frame comes before the fields of its message.
const HeadBytes = 1 + 1 + 8

// Pictures on their way from one worker to another are sealed to the page: it passes
// their frames on under another head and never has them in its own memory. The fields
// of what comes and of what goes are the same, one byte string.

// SealedAnswer returns the answer that a frame begins with if that is sealed, without
// its byte string.
func SealedAnswer(head []byte) (a run.Answer, ok bool) {
	if len(head) < HeadBytes || head[0] != Version {
		return run.Answer{}, false
	}
	c := codec{packed.Codec{Decoding: true, Bytes: head[2:HeadBytes]}}
	c.number(&a.To)
	switch head[1] {
	case tagOf(run.PicturesPacked{}):
		a.Event = run.PicturesPacked{}
	case tagOf(run.PicturesDecoded{}):
		a.Event = run.PicturesDecoded{}
	}
	return a, a.Event != nil
}

// SealedOrder returns how the frame of an order begins whose other fields a sealed
// answer has.
func SealedOrder(o run.Order) (head []byte, blob []byte, ok bool) {
	switch c := o.Command.(type) {
	case run.UnpackPictures:
		blob, o.Command = c.Blob, run.UnpackPictures{}
	case run.TakePictures:
		blob, o.Command = c.Blob, run.TakePictures{}
	default:
		return nil, nil, false
	}
	return EncodeOrder(o)[:HeadBytes], blob, true
}

func tagOf(e run.Event) byte { return encode(events, 0, e)[1] }
