/*
 * signed_in: the end of a sign-in in a window of its own; see sign_in.js.
 *
 * The page stands behind the web server's sign-in, so whoever runs this is
 * signed in, unless the server signs nobody in: the API is asked to be sure.
 */
/* The panel opened it in its own language. */
const [language] = /(?<=[?&]lang=)(es|en)\b/.exec(location.search) ?? ["en"];

async function isSignedIn() {
	const answer = await fetch("customer-info", { method: "POST", body: "{}", cache: "no-store",
		headers: { "Content-Type": "application/json" }, redirect: "error", referrerPolicy: "no-referrer" });
	return answer.status !== 401;
}

const { default: { signed_in: words } } = await import(`./strings/${language}_around.js`);

function say(text) {
	document.documentElement.lang = language;
	document.querySelector("[data-signed-in]").textContent = text;
	document.title = text;
}

if (!await isSignedIn().catch(() => false))
	say(words.not_here);
else if (window.opener === null)
	say(words.alone);
else {
	say(words.done);
	/* To a panel of this very server, or to nobody. */
	window.opener.postMessage("flex-verify:signed-in", location.origin);
	window.close();
}
