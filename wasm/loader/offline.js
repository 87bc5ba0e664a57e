// The service worker: it keeps the whole site, so that the page opens and works
// with the server off.
//
// A version is all files of a manifest, in a cache of its own that is named after
// the manifest's SHA-256. The one in use is named by a pointer, and is used for
// everything, so that files of two versions never meet. A newer one is fetched
// whole beside it, each file checked by its SHA-256, and used when the person
// says so:
//
//   page → here   {check}   is there a newer version? It is fetched.
//   here → page   {ready}   there is, and it is all here
//   page → here   {take}    use it from the next load on
//   here → page   {taken}   done: reload
//   page → here   {forget}  what is here is damaged: forget it all
"use strict";

const prefix = "quarterturn-";
const pointers = "quarterturn"; // The cache with the pointer.
const pointer = "/current";
const manifestURL = "/manifest.json";
const atOnce = 4; // Files that are fetched side by side.

async function hex(bytes) {
	const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
	return Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// current names the version in use, or null.
async function current() {
	const found = await (await caches.open(pointers)).match(pointer);
	return found ? found.text() : null;
}

async function use(version) {
	await (await caches.open(pointers)).put(pointer, new Response(version));
	for (const name of await caches.keys()) {
		if (name.startsWith(prefix) && name !== version) await caches.delete(name);
	}
}

async function forget() {
	for (const name of await caches.keys()) {
		if (name.startsWith(pointers)) await caches.delete(name);
	}
}

// newest returns the server's version, which is all here by then; null where the
// server has none to keep.
async function newest() {
	const response = await fetch(manifestURL, { cache: "no-store" });
	if (!response.ok) throw new Error(`the manifest is answered by ${response.status}`);
	const bytes = await response.clone().arrayBuffer();
	const version = prefix + (await hex(bytes)).slice(0, 32);
	const { files } = JSON.parse(new TextDecoder().decode(bytes));
	if (!files["/offline.js"]) return null; // A server for those who work on the page.
	const cache = await caches.open(version);
	if (await cache.match(manifestURL)) return version; // It is put last.
	try {
		await fill(cache, files);
		await cache.put(manifestURL, response);
	} catch (error) {
		await caches.delete(version); // Half a version is of no use to anybody.
		throw error;
	}
	return version;
}

// fill fetches what the version in use has not.
async function fill(cache, files) {
	const used = await current();
	const old = used ? await caches.open(used) : null;
	const known = old ? await (await old.match(manifestURL))?.json() : null;
	const waiting = Object.keys(files);
	async function next() {
		for (let url = waiting.shift(); url; url = waiting.shift()) {
			const same = known?.files[url]?.sha256 === files[url].sha256;
			const kept = same ? await old.match(url, { ignoreVary: true }) : undefined;
			await cache.put(url, kept ?? (await whole(url, files[url].sha256)));
		}
	}
	await Promise.all(Array.from({ length: atOnce }, next));
}

// whole fetches a file and checks that it is that of the manifest.
async function whole(url, sha256) {
	const response = await fetch(url, { cache: "no-cache" });
	const bytes = await response.arrayBuffer();
	if (!response.ok || (await hex(bytes)) !== sha256) throw new Error(`${url} is not that of the manifest`);
	return new Response(bytes, { headers: response.headers });
}

async function check(page) {
	const version = await newest();
	if (version === null) {
		await forget();
		await registration.unregister();
		return;
	}
	const used = await current();
	if (used === null) await use(version);
	else if (used !== version) page?.postMessage({ ready: true });
}

async function take(page) {
	const version = await newest();
	if (version !== null) await use(version);
	page?.postMessage({ taken: true });
}

async function answer(request, path) {
	const version = await current();
	const cache = version ? await caches.open(version) : null;
	return (await cache?.match(path, { ignoreVary: true })) ?? fetch(request);
}

addEventListener("install", (event) => {
	skipWaiting();
	event.waitUntil(check(null));
});

addEventListener("message", (event) => {
	const quietly = (promise) => promise.catch((error) => console.warn(`Offline: ${error.message}.`));
	if (event.data?.check) event.waitUntil(quietly(check(event.source)));
	if (event.data?.take) event.waitUntil(quietly(take(event.source)));
	if (event.data?.forget) event.waitUntil(quietly(forget()));
});

addEventListener("fetch", (event) => {
	const url = new URL(event.request.url);
	if (event.request.method === "GET" && url.origin === location.origin) event.respondWith(answer(event.request, url.pathname));
});
