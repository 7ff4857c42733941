/*
 * sign_in: where the web server signs agents in (AGENT_AUTH=webserver).
 *
 * A sign-in page cannot do its work in a frame, so it gets a window: the page
 * sign-in.html, which the web server shows only to who is signed in, tells this
 * one that it is done.  What then is not sent along from within the frame,
 * because browsers keep the cookies of framed pages apart, may be allowed by
 * the agent, and otherwise the panel itself goes into a window of its own.
 */

/* Beside this module, wherever the page is that uses it. */
const PAGE = new URL("sign-in.html", import.meta.url).href;

/* What signed_in.js says; the page's own text has it nowhere else. */
const DONE = "flex-verify:signed-in";

/* In sign-in.html, and in no sign-in page that stands in its place. */
const MARK = "data-signed-in";

const CLOSED_LOOK_MS = 500;

let offered = null;
let done = false; /* signed in, as far as the window can tell, and no request got through yet */

/* Does this server sign in by itself?  To nobody it then shows something else than the page. */
function isOffered() {
	offered ??= look().catch(() => false);
	return offered;
}

async function look() {
	const answer = await fetch(PAGE, { credentials: "omit", cache: "no-store", redirect: "manual",
		referrerPolicy: "no-referrer" });
	if (answer.type === "opaqueredirect")
		return true;
	return answer.status < 500 && answer.status !== 404 && !(await answer.text()).includes(MARK);
}

const refusedWith = (code) => ({ status: 401, body: { success: false, code } });

/* After a request that nobody was signed in for: why, or the answer to another one with a newer token, or null. */
export async function askAgain(used, send, session, embedding) {
	if (used === null && await isOffered())
		return refusedWith(done ? "sign_in_blocked" : "sign_in_needed");
	const renewed = () => session.token !== null && session.token !== used;
	if (!renewed())
		await embedding.askForToken();
	return renewed() ? send(session.token) : null;
}

/* Opens the window; sends when it is done or gone. */
export async function inWindow(send) {
	const opened = open(`${PAGE}?lang=${document.documentElement.lang}`, "flex-verify-sign-in",
		"popup,width=480,height=640");
	if (opened === null)
		return refusedWith("sign_in_window_blocked");
	done = await ended(opened);
	return sent(send);
}

/* With one that gets through, a later 401 is a sign-in that ran out. */
async function sent(send) {
	const answer = await send();
	done &&= answer.status === 401 || answer.status === 0;
	return answer;
}

/*
 * A page on the way may cut the tie to this one; the window then seems closed at once.
 * What the window has said last may still be on its way when it is gone, so it has to be
 * gone for two looks.
 */
function ended(opened) {
	return new Promise((settle) => {
		let gone = false;
		const end = (result) => {
			clearInterval(timer);
			removeEventListener("message", onMessage);
			settle(result);
		};
		const timer = setInterval(() => {
			if (gone)
				end(false);
			gone = opened.closed;
		}, CLOSED_LOOK_MS);
		const onMessage = ({ source, origin, data }) => {
			if (source === opened && origin === location.origin && data === DONE)
				end(true);
		};
		addEventListener("message", onMessage);
	});
}

/* The browser asks the agent; sends whatever he says. */
export async function byStorageAccess(send) {
	await document.requestStorageAccess?.().catch(() => {});
	return sent(send);
}

export function openPanel() {
	open(location.href, "_blank", "popup,noopener,width=480,height=720");
}
