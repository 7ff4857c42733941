/*
 * contacts: what a verification of the server's answer is to a supervisor: its
 * words, its colour, and what may be done about it.  Pure.
 */
import { clockTime, isPast } from "../clock.js";
import { fill } from "../text.js";

/* Tone and icon of each state, and with which others it is shown together. */
const STATES = {
	not_verified: ["neutral", "shield", null],
	was_verified: ["neutral", "shield", "verified"],
	was_allowed: ["neutral", "shield", "trouble"],
	call_back_asked: ["neutral", "shield", null],
	call_back_due: ["active", "wait", "open"],
	called_back: ["neutral", "shield", null],
	link_out: ["active", "wait", "open"],
	keying_in: ["active", "wait", "open"],
	link_over: ["neutral", "wait", null],
	denied: ["alarm", "stop", "trouble"],
	sending: ["active", "message", "open"],
	pending: ["active", "wait", "open"],
	checking: ["active", "wait", "open"],
	unclear: ["warn", "warning", "open"],
	approved: ["good", "verified", "verified"],
	expired: ["neutral", "wait", null],
	canceled: ["neutral", "shield", null],
	locked: ["bad", "lock", "trouble"],
	stopped: ["bad", "stop", "trouble"],
	overridden: ["alarm", "warning", "trouble"],
};

/* Those in which the server would take an override. */
const MAY_ALLOW = new Set(["not_verified", "was_verified", "was_allowed", "call_back_asked", "call_back_due",
	"called_back", "link_out", "link_over", "keying_in", "pending", "unclear", "expired", "canceled", "locked", "overridden"]);

/* How a state is shown: an approval or an override that ran out is more than "not verified". */
function kindOf(row, now) {
	const over = (until) => row.state === "not_verified" && until !== undefined && isPast(until, now);
	if (over(row.approved_until))
		return "was_verified";
	if (over(row.overridden_until))
		return "was_allowed";
	if (row.channel === "callback" && row.state === "canceled" && !row.approved_at)
		return "call_back_asked";
	if (row.channel === "callback" && row.state === "not_verified")
		return row.called_back_at ? "called_back" : "call_back_due";
	if (row.channel === "tap" && row.state === "not_verified" && row.expires_at)
		return isPast(row.expires_at, now) ? "link_over" : "link_out";
	if (row.state === "pending" && row.asked_until && !isPast(row.asked_until, now))
		return "keying_in";
	if (row.state === "stopped" && row.stopped_from === "link")
		return "denied";
	return Object.hasOwn(STATES, row.state) ? row.state : "not_verified";
}

function untilOf(row, kind, { list: words, language }, now) {
	const at = (template, time) => (time === undefined ? "" : fill(template, { time: clockTime(time, now, language) }));
	switch (kind) {
	case "pending": case "checking": case "unclear": case "link_out": case "keying_in":
		return at(words.good_until, row.expires_at);
	case "approved":
		return at(words.until, row.approved_until);
	case "overridden":
		return at(words.until, row.overridden_until);
	case "was_verified":
		return at(words.since, row.approved_until);
	case "was_allowed":
		return at(words.since, row.overridden_until);
	case "locked":
		return row.locked_until === undefined ? words.until_opened : at(words.until, row.locked_until);
	case "stopped": case "denied":
		return words.until_opened;
	default:
		return "";
	}
}

function notesOf(row, { list: words }) {
	const notes = [];
	if (row.approved_by && row.approved_by !== row.sent_by)
		notes.push(fill(words.checked_by, { name: row.approved_by }));
	if (words.keyed_in[row.keyed_in])
		notes.push(words.keyed_in[row.keyed_in]);
	if (row.called_back_by)
		notes.push(fill(words.called_back_by, { name: row.called_back_by }));
	if (row.stopped_from === "link")
		notes.push(words.denied_by);
	else if (row.stopped_by)
		notes.push(fill(words.stopped_by, { name: row.stopped_by }));
	if (row.override_reason)
		notes.push(fill(words.reason, { name: row.overridden_by || words.someone, reason: row.override_reason }));
	return notes;
}

/* Why it is closed, for the list of what is. */
export function closedBecause(row, { closed: words, list, language }, now) {
	if (row.stopped_from === "link")
		return fill(words.denied, { time: clockTime(row.stopped_at, now, language) });
	if (row.state === "stopped")
		return fill(words.stopped, { name: row.stopped_by || list.someone, time: clockTime(row.stopped_at, now, language) });
	if (row.locked_until === undefined)
		return words.locked_for_good;
	return fill(words.locked, { time: clockTime(row.locked_until, now, language) });
}

/* All of it, for the words of a language, at a moment of the server's. */
export function contactOf(row, strings, now) {
	const kind = kindOf(row, now);
	const [tone, icon, group] = STATES[kind];
	const closed = kind === "locked" || kind === "stopped" || kind === "denied" || row.number_locked === true;
	return {
		key: `${row.interaction} ${row.to}`,
		row, kind, tone, icon, group: closed ? "trouble" : group,
		words: strings.states[kind],
		flag: row.number_locked && kind !== "locked" ? strings.states.number_locked : "",
		number: (row.to ?? "").replace(/\*/g, "•"), /* as on the panel */
		channel: strings.channels[row.channel] ?? row.channel ?? "",
		agent: row.sent_by ?? "",
		notes: notesOf(row, strings),
		tries: `${row.sends ?? 0} · ${row.checks ?? 0}`,
		until: untilOf(row, kind, strings, now),
		begun: clockTime(row.begun_at, now, strings.language),
		reference: row.reference ?? "",
		task: row.task ?? "",
		mayUnlock: closed,
		mayAllow: MAY_ALLOW.has(kind) && Boolean(row.task),
	};
}

/* The newest first; two of one contact have keys of their own. */
export function contactsOf(rows, strings, now) {
	const seen = new Set();
	return rows.map((row) => contactOf(row, strings, now))
		.sort((a, b) => Date.parse(b.row.begun_at) - Date.parse(a.row.begun_at) || (a.reference < b.reference ? -1 : 1))
		.map((contact) => {
			const key = seen.has(contact.key) ? `${contact.key} ${contact.reference}` : contact.key;
			seen.add(key);
			return { ...contact, key };
		});
}

/* What was entered, if it names one contact: { reference } or { task }; else null. */
export function namedBy(find) {
	const text = find.trim();
	if (/^[0-9a-f]{8}$/i.test(text))
		return { reference: text.toLowerCase() };
	return /^WT[0-9a-f]{32}$/i.test(text) ? { task: `WT${text.slice(2)}` } : null;
}

/* Does a contact belong to what is asked for?  A whole reference or task means that one, and none that looks like it. */
export function matches(contact, { find, show }) {
	const named = namedBy(find), wanted = find.trim().toLowerCase();
	const { reference, task, agent, number, notes, row } = contact;
	if (show !== "all" && contact.group !== show)
		return false;
	if (named !== null)
		return named.task === task || named.reference === reference;
	return [reference, task, agent, number, row.interaction ?? "", ...notes].some((text) => text.toLowerCase().includes(wanted));
}
