/* preferences: what an agent likes, kept in this browser.  Holds nothing of any customer. */
const PREFIX = "flex-verify.";

/* Storage may be refused to an iframe; then the default holds, which is yes. */
export function prefers(name) {
	try {
		return localStorage.getItem(PREFIX + name) !== "no";
	} catch {
		return true;
	}
}

export function prefer(name, yes) {
	try {
		localStorage.setItem(PREFIX + name, yes ? "yes" : "no");
	} catch {
		/* as above */
	}
}
