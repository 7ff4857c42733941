/*
 * embedding: what the panel and the page around it tell each other.
 *
 *   panel -> page   flex-verify:ready          nonce
 *                   flex-verify:token-please   nonce
 *                   flex-verify:result         nonce, task, state, channel, at
 *   page -> panel   flex-verify:token          nonce, token
 *                   flex-verify:task           nonce, task
 *
 * Whom to believe is the web server's word and nobody else's: the origins of
 * frame-ancestors in this page's own Content-Security-Policy.  A message counts
 * if it comes from the window around this one, from one of these origins, and
 * carries this document's nonce, so that an answer to the document that was in
 * the frame before is none to this one.  All others are dropped without a word.
 * Nothing is posted to "*".
 */
const PREFIX = "flex-verify:";

/* An agent waits this long for a page that may not be listening. */
const TOKEN_WAIT_MS = 2000;

/* Flex has a new token minutes before the old one ends; asked each minute, the panel has it too. */
const RENEW_MS = 60000;

const EXACT = /^https?:\/\/[^/*]+$/;

/* What frame-ancestors of all policies of a header allow, exact origins only. */
export function originsOf(header, self) {
	const [first = [], ...others] = header.split(",").flatMap((policy) => {
		const directives = policy.split(";").map((text) => text.trim().toLowerCase().split(/\s+/));
		const found = directives.find(([name]) => name === "frame-ancestors");
		return found === undefined ? [] : [found.slice(1).map((source) => originOf(source, self))];
	});
	return first.filter((origin) => origin !== null && others.every((list) => list.includes(origin)));
}

function originOf(source, self) {
	if (source === "'self'")
		return self;
	return EXACT.test(source) && URL.canParse(source) ? new URL(source).origin : null;
}

async function readOrigins() {
	try {
		const { headers } = await fetch(location.pathname,
			{ method: "HEAD", cache: "no-store", redirect: "error", referrerPolicy: "no-referrer" });
		return originsOf(headers.get("Content-Security-Policy") ?? "", location.origin);
	} catch {
		return [];
	}
}

/* 128 bits, as text. */
const newNonce = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(36)).join("-");

/* When the state began, as far as the server says. */
function timeOf(v) {
	return v?.[`${v.state}_at`] ?? v?.sent_at ?? null;
}

/* A new document for each task: nothing of the last customer is left in it. */
function goToTask(sid) {
	const there = new URL(location.href);
	there.searchParams.set("task", sid);
	location.replace(there);
}

/* The page around says what task and token are; isTask and isToken judge what they look like. */
export function openEmbedding({ task = "", session, isTask, isToken }) {
	const page = window.parent;
	const nonce = newNonce();
	const waiting = new Set();
	let origins = []; /* none before the server has named them */
	let told = { state: null };

	/* A listed origin; else each of them: the browser delivers to the one that is there. */
	function post(type, more = {}) {
		const around = location.ancestorOrigins?.[0];
		const targets = around === undefined ? origins : origins.filter((origin) => origin === around);
		for (const origin of targets)
			page.postMessage({ type: PREFIX + type, nonce, ...more }, origin);
	}

	function onMessage({ source, origin, data }) {
		const known = source === page && origins.includes(origin);
		if (!known || data === null || typeof data !== "object" || data.nonce !== nonce)
			return;
		if (data.type === `${PREFIX}token` && isToken(data.token))
			takeToken(data.token);
		if (data.type === `${PREFIX}task` && data.task !== task && (data.task === "" || isTask(data.task)))
			goToTask(data.task);
	}

	function takeToken(token) {
		const first = session.token === null;
		session.forgetToken();
		session.token = token;
		waiting.forEach((done) => done());
		if (first && session.asking === 0)
			session.onArrival();
	}

	/* Until the server has named the origins, this asks for them again. */
	async function renew() {
		if (origins.length > 0)
			return post("token-please");
		origins = await readOrigins();
		post("ready");
		if (told.state !== null)
			post("result", told);
	}

	addEventListener("message", onMessage);
	const connected = renew();
	setInterval(renew, RENEW_MS);
	return {
		/* Resolves when one was taken, or none came. */
		async askForToken() {
			await connected;
			const answered = new Promise((done) => {
				waiting.add(done);
				setTimeout(done, TOKEN_WAIT_MS);
			}).finally(() => waiting.clear());
			await renew();
			return answered;
		},

		/* verification as in the answers, null if nothing is known (any more). */
		tell(verification) {
			const { state = "unknown", channel = null } = verification ?? {};
			const result = { task: task || null, state, channel, at: timeOf(verification) };
			if (JSON.stringify(result) === JSON.stringify(told) || (told.state === null && state === "unknown"))
				return;
			told = result;
			post("result", told);
		},
	};
}
