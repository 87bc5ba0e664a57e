package run

// A Number names a command among all that one sender gave. The first is 1.
type Number uint64

// An Order is a command with the number by which answers name it.
type Order struct {
	Number  Number
	Command Command
}

// An Answer is an event with the number of the command that it answers, or 0 where
// it answers none: Ready, and what a worker says of itself.
//
// Each order is answered by any number of events and then by exactly one Done or
// Failed. Pause, Resume, Stop, Cancel and Flush are not: what they bring about answers the
// command that they act on.
type Answer struct {
	To    Number
	Event Event
}
