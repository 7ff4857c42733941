/*
 * account: the account page of Example Energy.  Its server, played by the
 * sandbox, asks portal-pin; the page is told the PIN and keeps it until it has
 * run out, as each new one makes the one before useless.
 */
import { clock, part } from "./page.js";

/* Whose data the sandbox's customer look-up has; a real site knows by its login. */
const CUSTOMERS = {
	"C-100101": "Maria Santos",
	"C-100102": "Jonas Weber",
	"C-100104": "Grace Adeyemi",
	"C-100105": "Priya Nair",
	"C-100107": "Lena Fischer",
	"C-100114": "Mei Lin, of whom we have no phone number",
};

const who = part("who");
let ending = null;

function tell({ pin = "", until = "", alert = "" }) {
	part("pin").textContent = pin;
	part("until").textContent = until;
	part("alert").textContent = alert;
	clearTimeout(ending);
}

async function show() {
	tell({});
	try {
		const reply = await fetch("portal/pin", { method: "POST", cache: "no-store",
			body: new URLSearchParams({ customer: who.value }) });
		const { success, pin, now, expires_at: expires, message, error } = await reply.json();
		if (success !== true) {
			tell({ alert: message ?? error });
			return;
		}
		tell({ pin, until: `Good until ${clock(new Date(expires))}.` });
		ending = setTimeout(tell, Date.parse(expires) - Date.parse(now), { until: "The PIN has run out." });
	} catch {
		tell({ alert: "The server does not answer." });
	}
}

who.append(...Object.entries(CUSTOMERS).map(([id, name]) => new Option(name, id)));
who.addEventListener("change", () => tell({}));
part("show").addEventListener("click", show);
