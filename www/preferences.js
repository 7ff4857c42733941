/* preferences: what an agent likes, kept in this browser.  Holds nothing of any customer. */
const PREFIX = "flex-verify.";

/* Storage may be refused to an iframe; then the default, which is yes, holds until the page is left. */
const here = new Map();

export function prefers(name) {
	try {
		return (here.get(name) ?? localStorage.getItem(PREFIX + name)) !== "no";
	} catch {
		return true;
	}
}

export function prefer(name, yes) {
	here.set(name, yes ? "yes" : "no");
	try {
		localStorage.setItem(PREFIX + name, here.get(name));
	} catch {
		/* as said above */
	}
}
