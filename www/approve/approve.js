/*
 * approve: the page behind a link by text.  It takes the token out of the
 * fragment, which no server is sent, asks whom it is about, and sends the
 * answer that a button gives.  Opening it decides nothing.
 */
import { fill, wordsFor } from "./words.js";

const words = wordsFor(navigator.languages || [navigator.language]);
const part = (name) => document.querySelector(`[data-${name}]`);
const buttons = Array.from(document.querySelectorAll("[data-action]"));
const token = location.hash.slice(1);

/* What there is to say when the link cannot be answered (any more). */
const REFUSED = ["link_expired", "link_used", "unknown_link"];

/* Longer than any answer takes.  No AbortSignal.timeout: older phones have none. */
const ANSWER_TIMEOUT_MS = 20000;

let company = "";
let busy = false;
let lost = ""; /* what was pressed when no answer came: it may have been counted */

/* { status, body }; body null: no answer of ours. */
async function ask(fields) {
	const stop = new AbortController();
	const timer = setTimeout(() => stop.abort(), ANSWER_TIMEOUT_MS);
	try {
		const reply = await fetch("../approve-verify", {
			method: "POST",
			headers: { "Content-Type": "application/json", Accept: "application/json" },
			body: JSON.stringify({ token, ...fields }),
			cache: "no-store",
			credentials: "omit",
			redirect: "error",
			referrerPolicy: "no-referrer",
			signal: stop.signal,
		});
		return await reply.json();
	} catch {
		return null;
	} finally {
		clearTimeout(timer);
	}
}

function say({ title, text = "", note = "", alert = "" }) {
	part("title").textContent = title;
	part("text").textContent = text;
	part("note").textContent = note;
	part("alert").textContent = alert;
}

/* The end: nothing more can be pressed. */
function end({ title, text }) {
	part("answers").hidden = true;
	say({ title, text: fill(text, { company: company || "" }) });
	part("title").focus();
}

function question({ call, agent, asked_at: askedAt }) {
	const kind = call ? words.call : words.written;
	const time = new Date(askedAt).toLocaleTimeString(words.language, { hour: "numeric", minute: "2-digit" });
	part("company").textContent = company;
	for (const button of buttons)
		button.textContent = kind[button.dataset.action];
	part("answers").hidden = false;
	const why = [kind.why, agent ? kind.agent : ""].join(" ").trim();
	say({ title: fill(kind.asks, { company }), text: fill(why, { company, agent }), note: fill(words.note, { company, time }) });
}

const refused = (answer) => REFUSED.find((code) => answer !== null && answer.code === code);

async function open() {
	document.title = words.title;
	document.documentElement.lang = words.language;
	if (window.top !== window) {
		end(words.framed);
		return;
	}
	const answer = await ask({});
	if (answer === null || !answer.success) {
		end(words[refused(answer)] || words.trouble);
		return;
	}
	({ company } = answer.view);
	question(answer.view);
}

async function decide(action) {
	if (busy)
		return;
	busy = true;
	part("alert").textContent = "";
	part("note").textContent = words.sending;
	buttons.forEach((button) => button.setAttribute("aria-disabled", "true"));
	const answer = await ask({ action });
	busy = false;
	buttons.forEach((button) => button.removeAttribute("aria-disabled"));
	part("note").textContent = "";
	if (answer !== null && (answer.success || (answer.code === "link_used" && lost === action)))
		end(words[action]);
	else if (refused(answer))
		end(words[refused(answer)]);
	else {
		lost = answer === null ? action : lost;
		part("alert").textContent = words.lost;
	}
}

for (const button of buttons)
	button.addEventListener("click", () => decide(button.dataset.action));

/* Another link in the same tab is another question. */
addEventListener("hashchange", () => location.reload());

open();
