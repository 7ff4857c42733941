/*
 * signed_in: the end of a sign-in in a window of its own; see sign_in.js.
 *
 * The page stands behind the web server's sign-in, so whoever runs this is
 * signed in, unless the server signs nobody in: the API is asked to be sure.
 */
import strings from "./strings/en.js";

async function isSignedIn() {
	const answer = await fetch("customer-info", { method: "POST", body: "{}", cache: "no-store",
		headers: { "Content-Type": "application/json" }, redirect: "error", referrerPolicy: "no-referrer" });
	return answer.status !== 401;
}

function say(text) {
	document.querySelector("[data-signed-in]").textContent = text;
	document.title = text;
}

if (!await isSignedIn().catch(() => false))
	say(strings.sign_in_window.not_here);
else if (window.opener === null)
	say(strings.sign_in_window.alone);
else {
	say(strings.sign_in_window.done);
	/* To a panel of this very server, or to nobody. */
	window.opener.postMessage("flex-verify:signed-in", location.origin);
	window.close();
}
