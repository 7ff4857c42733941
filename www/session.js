/*
 * session: which task, whose token, and what to do when the server asks who is there.
 *
 * The token arrives in the fragment, which browsers keep from servers, and
 * leaves the address bar at once.  A reload then has no fragment, so the token
 * is also kept in sessionStorage: per tab, per origin, gone with the tab, never
 * sent by the browser on its own, and cleared when the server refuses it.
 * localStorage would outlive the shift and a cookie would travel by itself.
 *
 * Or the page around the panel hands it over (embedding.js); that one is kept
 * in memory only, as it can be asked for again.
 */
const ALONE = { openEmbedding: () => ({ async askForToken() {}, tell() {} }) };
const { openEmbedding } = window.parent === window ? ALONE : await import("./embedding.js");

const KEY = "flex-verify.token.";

/* RFC 6750, 2.1; also keeps fetch from throwing over a header it cannot send.  The server takes 8 KiB. */
const TOKEN = /^[A-Za-z0-9._~+/-]{1,8192}=*$/;
const TASK = /^WT[0-9a-fA-F]{32}$/;
/* What the CRM container leaves in the address while no task is chosen. */
const UNFILLED = /^(|undefined|null|\{\{.*\}\})$/;

/* Who asks is not known: what the server and the web server before it say then. */
const NOBODY = new Set(["agent_not_signed_in", "agent_session_expired"]);

/*
 * The task of a query string: { sid } or { problem }, a scene of scenes.js.
 * Templates fill raw values into the address: whoever wrote one with "&task="
 * in it could choose the task, so a second one is refused.
 */
export function taskOf(search) {
	const [named = "", ...more] = new URLSearchParams(search).getAll("task").map((value) => value.trim());
	if (UNFILLED.test(named) && more.length === 0)
		return { problem: "no_task" };
	return TASK.test(named) && more.length === 0 ? { sid: named } : { problem: "bad_task" };
}

const isToken = (value) => typeof value === "string" && TOKEN.test(value);

/*
 * The token of a fragment, or null.  Not URLSearchParams: a token may hold a
 * plus sign.  A second one is refused, as with the task.
 */
export function tokenOf(fragment) {
	const [match, ...more] = fragment.matchAll(/[#&]token=([^&#]*)/g);
	if (match === undefined || more.length > 0)
		return null;
	try {
		const token = decodeURIComponent(match[1]);
		return isToken(token) ? token : null;
	} catch {
		return null;
	}
}

/* Storage may be refused to an iframe; the panel then works until it is reloaded. */
function stored(use) {
	try {
		return use(window.sessionStorage);
	} catch {
		return null;
	}
}

/* A new document for each task: nothing of the last customer is left in it. */
function goToTask(sid, current = "") {
	if (typeof sid !== "string" || sid === current || (sid !== "" && !TASK.test(sid)))
		return;
	const there = new URL(location.href);
	there.searchParams.set("task", sid);
	location.replace(there);
}

/* Did nothing happen because nobody is signed in?  A web server's own 401 need not be ours to read. */
function asksWho({ status, body }) {
	return status === 401 && (body === null || NOBODY.has(body.code));
}

const refusedWith = (code) => ({ status: 401, body: { success: false, code } });

export function openSession(task) {
	const key = KEY + task;
	let asking = 0;    /* requests under way */
	let signIn = null; /* the module sign_in.js, once it is known that this server signs in by itself */

	const session = {
		token: stored((storage) => storage.getItem(key)),

		/* What to do when a token comes that nobody waited for. */
		onArrival() {},

		/* Takes a token out of the address; true if there was one. */
		takeToken() {
			const token = tokenOf(location.hash);
			if (location.hash !== "")
				history.replaceState(null, "", location.pathname + location.search);
			if (token === null)
				return false;
			session.token = token;
			stored((storage) => storage.setItem(key, token));
			return true;
		},

		forgetToken() {
			session.token = null;
			stored((storage) => storage.removeItem(key));
		},

		/* send(token) makes a request; once more, if the page around has a better token. */
		async ask(send) {
			asking++;
			const used = session.token;
			const answer = await send(used);
			const again = asksWho(answer) ? await afterRefusal(used, send) : null;
			asking--;
			return again ?? answer;
		},

		/* Each to be called by a click; resolves to the answer of what is sent afterwards. */
		signIn: (send) => signIn.inWindow(send, () => refusedWith("sign_in_window_blocked")),
		allowSignIn: (send) => signIn.byStorageAccess(send),
		openWindow: () => signIn.openPanel(),

		tell: (verification) => embedding.tell(verification),
	};

	async function afterRefusal(used, send) {
		if (used === null && await signsInHere())
			return refusedWith(signIn.isDone() ? "sign_in_blocked" : "sign_in_needed");
		const renewed = () => session.token !== null && session.token !== used;
		if (!renewed())
			await embedding.askForToken();
		return renewed() ? send(session.token) : null;
	}

	async function signsInHere() {
		const module = await import("./sign_in.js");
		signIn = await module.isOffered() ? module : null;
		return signIn !== null;
	}

	const embedding = openEmbedding({
		task,
		onToken(token) {
			if (!isToken(token))
				return false;
			const first = session.token === null;
			session.forgetToken();
			session.token = token;
			if (first && asking === 0)
				session.onArrival();
			return true;
		},
		onTask: (sid) => goToTask(sid, task),
	});
	session.takeToken();
	return session;
}
