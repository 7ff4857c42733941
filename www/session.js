/*
 * session: which task, whose token, and what to do when the server asks who is there.
 *
 * The token arrives in the fragment, which browsers keep from servers, and
 * leaves the address bar at once.  For a reload it is kept in sessionStorage:
 * localStorage would outlive the shift and a cookie would travel by itself.
 * One that the page around hands over (embedding.js) is kept in memory only.
 */
const ALONE = { openEmbedding: () => ({ async askForToken() {}, tell() {} }) };
const { openEmbedding } = window.parent === window ? ALONE : await import("./embedding.js");

const KEY = "flex-verify.token.";

/* RFC 6750, 2.1.  The server takes 8 KiB. */
const TOKEN = /^[A-Za-z0-9._~+/-]{1,8192}=*$/;
const TASK = /^WT[0-9a-fA-F]{32}$/;
/* As the CRM container leaves it while no task is chosen. */
const UNFILLED = /^(|undefined|null|\{\{.*\}\})$/;

const NOBODY = new Set(["agent_not_signed_in", "agent_session_expired"]);

/*
 * { sid } or { problem }, a scene.  Templates fill raw values into the address;
 * one with "&task=" in it would choose the task, so a second one is refused.
 */
export function taskOf(search) {
	const [named = "", ...more] = new URLSearchParams(search).getAll("task").map((value) => value.trim());
	if (UNFILLED.test(named) && more.length === 0)
		return { problem: "no_task" };
	return TASK.test(named) && more.length === 0 ? { sid: named } : { problem: "bad_task" };
}

const isToken = (value) => typeof value === "string" && TOKEN.test(value);
const isTask = (value) => typeof value === "string" && TASK.test(value);

/* Not URLSearchParams: a token may hold a plus sign.  A second one is refused, too. */
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

/* A web server's own 401 need not be ours to read. */
function asksWho({ status, body }) {
	return status === 401 && (body === null || NOBODY.has(body.code));
}

export function openSession(task) {
	const key = KEY + task;
	let signIn = null; /* the module sign_in.js, once nobody was signed in */

	const session = {
		token: stored((storage) => storage.getItem(key)),

		asking: 0, /* requests under way */

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
			session.asking++;
			const used = session.token;
			const answer = await send(used);
			const again = asksWho(answer) ? await askAgain(used, send) : null;
			session.asking--;
			return again ?? answer;
		},

		/* Each to be called by a click; resolves to the answer of what is sent afterwards. */
		signIn: (send) => signIn.inWindow(send),
		allowSignIn: (send) => signIn.byStorageAccess(send),
		openWindow: () => signIn.openPanel(),

		tell: (verification) => embedding.tell(verification),
	};

	async function askAgain(used, send) {
		signIn ??= await import("./sign_in.js");
		return signIn.askAgain(used, send, session, embedding);
	}

	const embedding = openEmbedding({ task, session, isToken, isTask });
	session.takeToken();
	return session;
}
