/*
 * sign_in: where the web server signs agents in (AGENT_AUTH=webserver).
 *
 * A sign-in page cannot do its work in a frame, so it gets a window: the page
 * sign-in.html, which the web server shows only to who is signed in, tells this
 * one that it is done.  What then is not sent along from within the frame,
 * because browsers keep the cookies of framed pages apart, may be allowed by
 * the agent, and otherwise the panel itself goes into a window of its own.
 */
const PAGE = "sign-in.html";

/* What signed_in.js says; the page's own text has it nowhere else. */
const DONE = "flex-verify:signed-in";

/* In sign-in.html, and in no sign-in page that stands in its place. */
const MARK = "data-signed-in";

const CLOSED_LOOK_MS = 500;

let offered = null;
let done = false;

/* Does this server sign in by itself?  To nobody it then shows something else than the page. */
export function isOffered() {
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

/* Signed in, as far as the window can tell. */
export const isDone = () => done;

/* Opens the window; sends when it is done or gone. */
export async function inWindow(send, blocked) {
	const opened = open(`${PAGE}?lang=${document.documentElement.lang}`, "flex-verify-sign-in", "popup,width=480,height=640");
	if (opened === null)
		return blocked();
	done = await ended(opened);
	return send();
}

/* A page on the way may cut the tie to this one; the window then seems closed at once. */
function ended(opened) {
	return new Promise((settle) => {
		const end = (result) => {
			clearInterval(timer);
			removeEventListener("message", onMessage);
			settle(result);
		};
		const timer = setInterval(() => opened.closed && end(false), CLOSED_LOOK_MS);
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
	return send();
}

export function openPanel() {
	open(location.href, "_blank", "popup,noopener,width=480,height=720");
}
