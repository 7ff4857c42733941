/*
 * session: which task, whose token.
 *
 * The token arrives in the fragment, which browsers keep from servers, and
 * leaves the address bar at once.  A reload then has no fragment, so the token
 * is also kept in sessionStorage: per tab, per origin, gone with the tab, never
 * sent by the browser on its own, and cleared when the server refuses it.
 * localStorage would outlive the shift and a cookie would travel by itself.
 */
const KEY = "flex-verify.token.";

/* RFC 6750, 2.1; also keeps fetch from throwing over a header it cannot send. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;
const TASK = /^WT[0-9a-fA-F]{32}$/;
/* What the CRM container leaves in the address while no task is chosen. */
const UNFILLED = /^(|undefined|null|\{\{.*\}\})$/;

/* The task of a query string: { sid } or { problem }, a scene of state.js. */
export function taskOf(search) {
	const named = new URLSearchParams(search).getAll("task");
	if (named.length === 0 || UNFILLED.test(named[0].trim()))
		return { problem: "no_task" };
	if (named.length > 1 || !TASK.test(named[0]))
		return { problem: "bad_task" };
	return { sid: named[0] };
}

/* The token of a fragment, or null.  Not URLSearchParams: a token may hold a plus sign. */
export function tokenOf(fragment) {
	const match = /(?:^#|&)token=([^&]*)/.exec(fragment);
	if (match === null)
		return null;
	try {
		const token = decodeURIComponent(match[1]);
		return TOKEN.test(token) ? token : null;
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

export function openSession(task) {
	const key = KEY + task;
	const session = {
		token: stored((storage) => storage.getItem(key)),

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
	};
	session.takeToken();
	return session;
}
