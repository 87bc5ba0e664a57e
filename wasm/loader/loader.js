// The page's first program: it fetches the two WebAssembly modules, shows how
// far that is, starts the page, and says in words what goes wrong.
//
// What it offers to the page (package wasm/web), as globalThis.quarterturn:
//
//   workerModule  Promise of the compiled worker.wasm, a WebAssembly.Module. It
//                 is compiled once and posted to every worker.
//   fail(text)    Shows text as a problem that ends the page. Never throws.
//
// How the page and a worker talk (worker.js has the other half):
//
//   page → worker   {module, shared}
//                                 once: the WebAssembly.Module, and, for one of
//                                 several workers of a run, its place in a
//                                 SharedArrayBuffer: {rank, size, buffer}
//   page → worker   ArrayBuffer   a frame of package wasm/wire, transferred; may
//                                 be posted at once, even before the module
//   page → worker   {key, file}   a File that a later frame names by its key
//   worker → page   ArrayBuffer   a frame, transferred
//   worker → page   {fatal}       last: a sentence that says why the worker died
"use strict";

(() => {
	const byId = (id) => document.getElementById(id);

	// A function that returns a 128-bit vector, (i32x4.splat (i32.const 0)): it
	// validates only where SIMD is known.
	const simdModule = new Uint8Array([
		0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, // "\0asm", version 1
		1, 5, 1, 0x60, 0, 1, 0x7b, //       types: () → v128
		3, 2, 1, 0, //                      functions: one of type 0
		10, 8, 1, 6, 0, 0x41, 0, 0xfd, 0x11, 0x0b, // code
	]);

	let failed = false;

	function fail(text) {
		if (failed) return; // The first problem is the cause, the rest follow from it.
		failed = true;
		byId("loading").hidden = true;
		byId("problem-text").textContent = text;
		byId("problem").hidden = false;
	}

	// requirement says what this browser lacks, or null.
	function requirement() {
		const newer = "Please use Chrome or Edge 91, Firefox 89, Safari 16.4, or anything newer.";
		if (typeof WebAssembly !== "object") {
			return "This browser does not run WebAssembly, or it is switched off (some browsers do so in their strictest mode). " + newer;
		}
		if (!WebAssembly.validate(simdModule)) {
			return "This browser's WebAssembly has no vector instructions (SIMD), and without them the network would be too slow. " + newer;
		}
		return null;
	}

	// A Progress counts decoded bytes of several downloads. The totals come from
	// the manifest: Content-Length counts compressed bytes. Until they are known
	// the bar has no end.
	class Progress {
		received = 0;
		total = 0;

		add(bytes) {
			this.received += bytes;
			this.show();
		}

		show() {
			const megabytes = (n) => (n / 1e6).toFixed(1);
			const done = `${megabytes(this.received)} MB`;
			if (this.total > 0) {
				byId("loading-bar").max = this.total;
				byId("loading-bar").value = Math.min(this.received, this.total);
			}
			byId("loading-text").textContent = this.total > 0 ? `${done} of ${megabytes(this.total)} MB` : done;
		}
	}

	async function get(url, options) {
		let response;
		try {
			response = await fetch(url, options);
		} catch {
			throw new Error(`${url} could not be fetched. Is the server still running, and this computer still connected?`);
		}
		if (!response.ok) throw new Error(`The server has no ${url} (it answers ${response.status}). Was it built completely?`);
		return response;
	}

	// compile compiles a module while it arrives and counts a copy of its bytes.
	// The original response goes to the compiler because browsers keep compiled
	// code only for responses of their own.
	async function compile(url, progress, options) {
		const response = await get(url, options);
		const counted = count(response.clone().body.getReader(), progress);
		try {
			const [module] = await Promise.all([WebAssembly.compileStreaming(response), counted]);
			return module;
		} catch (error) {
			navigator.serviceWorker?.controller?.postMessage({ forget: true }); // It may be what is kept that is damaged.
			if (error instanceof WebAssembly.CompileError) {
				throw new Error(`${url} arrived damaged and cannot be run (${error.message}). Reload the page to fetch it again.`);
			}
			throw new Error(`${url} did not arrive completely (${error.message}). Reload the page to fetch it again.`);
		}
	}

	async function count(reader, progress) {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return;
			progress.add(value.byteLength);
		}
	}

	async function readTotal(urls, progress) {
		const { files } = await (await get("manifest.json")).json();
		progress.total = urls.reduce((sum, url) => sum + files["/" + url].bytes, 0);
		progress.show();
	}

	// start runs the page. Go's main never returns while the page is in use, so
	// its end is a problem.
	async function start(module) {
		const go = new Go();
		const instance = await WebAssembly.instantiate(module, go.importObject);
		go.run(instance).then(
			() => fail("The page's program ended unexpectedly. Reload the page to start again; the browser's console may say why."),
			(error) => fail(`The page's program stopped: ${error.message}. Reload the page to start again.`),
		);
	}

	async function load() {
		const progress = new Progress();
		const total = readTotal(["page.wasm", "worker.wasm"], progress);
		const page = compile("page.wasm", progress, { priority: "high" });
		const worker = compile("worker.wasm", progress, {});
		globalThis.quarterturn = { workerModule: worker, fail };
		await Promise.all([total, page.then(start), worker]);
		byId("loading").hidden = true;
	}

	// A trap while Go handles an event surfaces here and not in go.run.
	globalThis.addEventListener("error", ({ error }) => {
		if (error instanceof WebAssembly.RuntimeError) fail(`The page's program stopped: ${error.message}. Reload the page to start again.`);
	});

	const lacking = requirement();
	if (lacking) {
		fail(lacking);
	} else if (typeof Go !== "function") {
		fail("The server has no wasm_exec.js. Was it built completely?");
	} else {
		load().catch((error) => fail(error.message));
	}
})();
