// The first program of each Web Worker: it waits for the compiled module, runs
// it as a Go program, and reports its end to the page.
//
// How the page and a worker talk (loader.js has the other half):
//
//   page → worker   {module, shared, manners}
//                                 once: the WebAssembly.Module, and, for one of
//                                 several workers of a run, its place in a
//                                 SharedArrayBuffer: {rank, size, buffer}; and,
//                                 for one that rests when the page asks, the
//                                 SharedArrayBuffer by which it does
//   page → worker   ArrayBuffer   a frame of package wasm/wire, transferred; may
//                                 be posted at once, even before the module
//   page → worker   {key, file}   a File that a later frame names by its key
//   worker → page   ArrayBuffer   a frame, transferred
//   worker → page   {fatal}       last: a sentence that says why the worker died
//
// Go receives frames by setting globalThis.onmessage, as in any worker. Frames
// that came before are kept and given to it then, in order.
"use strict";

(() => {
	let started = false;
	let dead = false;
	let handler = null; // Go's, once it is set.
	let early = []; //     Frames that came before it; null once they are handed on.
	let lastWords = ""; // What Go said when it gave up.

	function die(text) {
		if (dead) return;
		dead = true;
		postMessage({ fatal: text });
		close();
	}

	addEventListener("message", (event) => {
		const module = event.data?.module;
		if (module instanceof WebAssembly.Module && !started) {
			started = true;
			globalThis.quarterturnShared = event.data.shared; // Both for package wasm/web.
			globalThis.quarterturnManners = event.data.manners;
			run(module);
		} else if (early) {
			early.push(event);
		} else {
			handler?.call(globalThis, event);
		}
	});

	// In place of the browser's own onmessage, so that setting it hands on the
	// early frames. They go in a microtask: it runs when Go is done with what it
	// is doing, and before the next message.
	Object.defineProperty(globalThis, "onmessage", {
		get: () => handler,
		set(value) {
			handler = typeof value === "function" ? value : null;
			queueMicrotask(handOn);
		},
	});

	function handOn() {
		while (handler && early) {
			const event = early.shift();
			if (!event) {
				early = null;
				return;
			}
			handler.call(globalThis, event);
		}
	}

	// listen keeps the line that says why a Go program gives up; the goroutines
	// that follow it are for the console alone.
	function listen() {
		const write = globalThis.fs.writeSync;
		const decoder = new TextDecoder();
		globalThis.fs.writeSync = function (fd, bytes) {
			const line = /^(panic|fatal error): .*$/m.exec(decoder.decode(bytes));
			if (line && !lastWords) lastWords = line[0];
			return write.call(this, fd, bytes);
		};
	}

	function obituary(error) {
		const cause = lastWords || error?.message || "it gave no reason";
		if (/out of memory|cannot allocate|Invalid array buffer length/i.test(cause)) {
			return "The worker ran out of memory. Choose a smaller network, a smaller batch or fewer pictures, and start again.";
		}
		return `The worker stopped: ${cause}.`;
	}

	async function run(module) {
		try {
			importScripts("wasm_exec.js");
			listen();
			const go = new Go();
			const instance = await WebAssembly.instantiate(module, go.importObject);
			await go.run(instance);
			die(obituary(null));
		} catch (error) {
			die(obituary(error));
		}
	}

	// A trap while Go handles a message surfaces here and not in go.run.
	addEventListener("error", (event) => die(obituary(event.error)));
	addEventListener("unhandledrejection", (event) => die(obituary(event.reason)));
	// A module of another build of the browser, or damaged on its way.
	addEventListener("messageerror", () => die("The worker could not read what the page sent it. Reload the page."));
})();
