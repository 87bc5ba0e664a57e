// Loads the page again when a build comes after the one it was loaded from. The
// browser opens the stream again by itself whenever it ends, so a watch that was
// started anew is noticed too.
"use strict";

(() => {
	let loaded;
	new EventSource("/watch/builds").onmessage = (event) => {
		loaded ??= event.data;
		if (event.data !== loaded) location.reload();
	};
})();
