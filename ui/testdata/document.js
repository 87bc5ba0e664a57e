// What vecty asks for before a test runs: that there is a document. The tests of
// package ui look at what is decided, not at what is drawn; the browser's tests do.
globalThis.document = {};
