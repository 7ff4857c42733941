/*
 * announcer: the two live regions, one polite and one not.
 * The agent hears the caller in the other ear: a short sentence, once.
 */

/* A reader notices a change only if the region was empty for a moment. */
const EMPTY_FOR_MS = 50;

export function createAnnouncer(polite, urgent) {
	const said = new Set();

	function say(region, sentences) {
		if (sentences.length === 0)
			return;
		region.textContent = "";
		setTimeout(() => {
			region.textContent = sentences.join(" ");
		}, EMPTY_FOR_MS);
	}

	return {
		/*
		 * speech: [{ key, text, urgent, failure }].  A key is said once.  Quietly:
		 * what a page that was just opened finds is no news, unless it is a failure.
		 */
		announce(speech, { quietly = false } = {}) {
			const fresh = speech.filter(({ key }) => !said.has(key));
			const heard = fresh.filter(({ failure }) => failure || !quietly);
			for (const { key } of fresh)
				said.add(key);
			say(urgent, heard.filter((s) => s.urgent).map((s) => s.text));
			say(polite, heard.filter((s) => !s.urgent).map((s) => s.text));
		},
	};
}
