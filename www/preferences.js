/* preferences: what an agent likes, kept in this browser.  Holds nothing of any customer. */
const PREFIX = "flex-verify.";

/* Storage may be refused to an iframe; then the default holds. */
export function preference(name, byDefault) {
	try {
		return localStorage.getItem(PREFIX + name) ?? byDefault;
	} catch {
		return byDefault;
	}
}

export function prefer(name, value) {
	try {
		localStorage.setItem(PREFIX + name, value);
	} catch {
		/* It holds until the page is left. */
	}
}
