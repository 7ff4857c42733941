/*
 * present: from the model and the time to everything that is shown and said,
 * as plain data that view.js puts into the page.  Pure.
 */
import { clockTime, timeLeft } from "./clock.js";
import { isWrongEntry } from "./model.js";
import { BETTER_CHANNEL, SCENES, TAKES_OVER, sceneOf } from "./scenes.js";
import { fill, plural } from "./text.js";

/* From here on the agent is told before he fails. */
const TRIES_WORTH_TELLING = 3;

const ICONS = { neutral: "shield", active: "message", good: "verified" };

/* The request behind an action. */
export const REQUEST_OF = {
	send: "start", send_new: "start", resend: "start", again: "start", step_up: "start",
	check: "check", cancel: "cancel", stop_now: "stop", end: "end",
	retry: "status", ask_again: "status", sign_in: "status", allow_sign_in: "status",
};

/* c, for context, is what all functions below work from. */
export function present(model, now, strings, { checksItself = true, needs = () => "" } = {}) {
	const c = contextOf(model, now, strings);
	const { scene, words, values, error } = c;
	const rows = rowsOf(c);
	const held = rows.some((row) => row.disabled);
	const notice = error?.place === "notice" ? error : null;
	const code = scene.code ? codeOf(c, checksItself) : null;
	return {
		scene: c.name,
		tone: c.tone,
		icon: scene.icon ?? ICONS[c.tone] ?? "warning",
		/* By the data-* hooks of the page. */
		texts: {
			badge: fill(words.badge, values),
			text: `${textOf(c)} ${c.name.startsWith("approved") ? needs(model.info?.withheld ?? []) : ""}`.trim(),
			left: words.badge.includes("{left}") ? "" : values.left,
			...numberTexts(c),
			notice: notice?.text ?? "",
			"notice-id": notice?.id ?? "",
			"code-label": words.label ?? strings.code_label,
			"code-hint": code?.hint ?? "",
			"code-error": code?.error ?? "",
			reason: held ? c.hold : "",
			say: error?.place === "code" && isWrongEntry(model.refusal) ? strings.say.wrong
				: (model.contact?.caller_matches !== undefined && words.say_on_file) || words.say || "",
			reference: model.verification?.reference ?? "",
		},
		code,
		primary: rows.find((row) => row.primary) ?? null,
		secondary: rows.filter((row) => !row.primary),
		sends: rows.some(({ action }) => REQUEST_OF[action] === "start"),
		info: scene.info ? model.info : null,
		enter: scene.enter === true,
		speech: speechOf(c),
	};
}

function contextOf(model, now, strings) {
	const name = sceneOf(model, now);
	const scene = SCENES[name];
	const end = model.verification?.[scene.left];
	const left = end ? timeLeft(end, now) : null;
	const c = {
		model, strings, name, scene, left,
		tone: scene.tone ?? "neutral",
		words: strings.states[name] ?? strings.states.loading,
		values: valuesOf(model, now, strings, left),
		channels: channelsOf(model),
		working: model.busy !== null && model.busy !== "status",
	};
	return { ...c, error: errorOf(c), hold: holdOf(c, now) };
}

/* Why no code can be sent just now; "" if one can. */
function holdOf({ model, strings, values }, now) {
	const { sends_left: sends, resend_at: again } = model.verification ?? {};
	if (sends === 0)
		return fill(strings.no_sends_left, values);
	const wait = again ? timeLeft(again, now) : null;
	return wait === null ? "" : fill(strings.resend_in[wait.unit], wait);
}

/* Everything the server says of the verification, its times as times of day. */
function valuesOf(model, now, strings, left) {
	const v = model.verification ?? {};
	const byChannel = (words) => words?.[v.channel] ?? words?.other;
	const values = { sent: byChannel(strings.sent), by: byChannel(strings.by), length: v.code_length,
		entered: model.entryProblem?.entered };
	for (const name of ["sent_by", "approved_by", "overridden_by", "stopped_by"])
		values[name] = v[name] || strings.someone;
	for (const [name, value] of Object.entries(v))
		values[name] ??= /_(at|until)$/.test(name) ? clockTime(value, now, strings.language) : value;
	values.left = left === null ? "" : plural(strings.left[left.unit], left.count, strings.language);
	values.refusal = model.refusal === null ? "" : sentenceOf(model.refusal, strings);
	return values;
}

function channelWords(channel, strings) {
	return strings.channels[channel] ?? strings.channels.other;
}

/* The server's own sentence where strings/ has none. */
function sentenceOf(refusal, strings) {
	const { code, message, action } = refusal;
	if (code === "connection_lost")
		return strings.connection_lost;
	const sentence = strings.refusals?.[code] ?? (message || fill(strings.unexpected, refusal));
	return fill(sentence, { untouched: strings.untouched?.[action] }).replace(/ {2}| $/g, " ").trim();
}

function textOf({ model, words, values, strings }) {
	if (model.slow)
		return strings.slow?.[model.busy] ?? strings.slow?.other ?? "";
	return fill((words.text ?? []).join(" "), values);
}

/* The masked number, how it is read out, and whether the caller is calling from it. */
function numberTexts({ scene, model, strings }) {
	const { contact, verification } = model;
	if (contact === null || verification === null)
		return { masked: "", spoken: "", match: "" };
	const went = scene.code || scene.left ? [verification.to] : [contact.to, contact.email];
	const masked = [...new Set(went)].filter(Boolean).join(" · ").replace(/\*/g, "•");
	/* An e-mail address has no ending that could be read out. */
	const ending = masked.includes("@") ? "" : Array.from(contact.ending ?? "").join(" ");
	return { masked, spoken: ending === "" ? masked : fill(strings.number.spoken, { ending }),
		match: strings.number[contact.called_back?.at ? "called_back" : contact.caller_matches] ?? "" };
}

/* The one complaint there can be: about the entry, beside the field; about all else, above. */
function errorOf(c) {
	const { refusal, verification, entryProblem, complaints } = c.model;
	if (entryProblem !== null)
		return { place: "code", key: `complaint ${complaints}`,
			text: fill(c.strings.code[entryProblem.kind], c.values) };
	if (refusal === null || refusal.code in TAKES_OVER || verification === null)
		return null;
	const key = `complaint ${refusal.nth}`;
	const pending = verification.state === "pending";
	if (!isWrongEntry(refusal)) {
		/* After a failed request: what is true nevertheless. */
		const good = pending && (refusal.status === 0 || refusal.status >= 500) ? c.strings.still_good : "";
		return { place: "notice", key, text: `${c.values.refusal} ${fill(good, c.values)}`.trim(),
			id: refusal.id === "" ? "" : fill(c.strings.asked_id, refusal) };
	}
	/* Of what is no longer pending, the lock says it. */
	return c.scene.code ? { place: "code", key, text: `${c.values.refusal} ${triesLeft(c)}`.trim() } : null;
}

function triesLeft({ model, strings }) {
	const left = model.verification.checks_left;
	return left > 0 ? plural(strings.tries_left, left, strings.language) : "";
}

function codeOf(c, checksItself) {
	const { model, strings, values, error } = c;
	const complaint = error?.place === "code" ? error.text : "";
	const unfinished = model.entryProblem !== null && model.entryProblem.kind !== "repeated";
	const hint = fill(checksItself ? strings.code.hint : strings.code.hint_enter, values);
	const tell = complaint === "" && model.verification.checks_left <= TRIES_WORTH_TELLING;
	return {
		readOnly: c.working && model.busy !== "start",
		hint: tell ? `${hint} ${triesLeft(c)}` : hint,
		error: complaint,
		/* Typing replaces a refused code; an incomplete one is gone on with. */
		replace: complaint !== "" && !unfinished,
	};
}

/* The channels of the contact, in front the one that the last refusal suggests. */
function channelsOf({ contact, refusal }) {
	const channels = contact?.channels ?? [];
	const better = BETTER_CHANNEL[refusal?.code];
	return channels.includes(better) ? [better, ...channels.filter((each) => each !== better)] : channels;
}

/* A button that is at work keeps its place and the focus, whatever comes of it. */
export function row(c, action, channel, label = c.words[action] ?? c.strings.actions[action]) {
	const request = REQUEST_OF[action];
	const busy = request !== undefined && request === c.model.busy;
	return {
		action, channel,
		label: busy ? c.strings.busy[request] : label,
		disabled: c.hold !== "" && request === "start" && !c.working,
		blocked: c.working || busy,
	};
}

const sendRow = (c, channel) => row(c, "send", channel, channelWords(channel, c.strings).send);

/* Actions of which there may be none, or several. */
export const SPECIAL = {
	send: (c) => c.channels.slice(0, 1).map((channel) => sendRow(c, channel)),
	send_new: (c) => c.channels.slice(0, 1).map((channel) => row(c, "send_new", channel,
		BETTER_CHANNEL[c.model.refusal?.code] === channel ? channelWords(channel, c.strings).send : undefined)),
	again: (c) => c.channels.slice(0, 1).map((channel) => row(c, "again", channel)),
	others(c) {
		const used = c.scene.code ? c.model.verification.channel : c.channels[0];
		return c.channels.filter((channel) => channel !== used).map((channel) =>
			({ ...row(c, "send", channel), label: channelWords(channel, c.strings).instead }));
	},
	/* A field that wants proof by two ways gets the other one, one that wants a strong way that. */
	step_up(c) {
		const { info, verification } = c.model;
		const channel = c.channels.find((way) => info?.withheld.some(({ channels, ways }) =>
			(channels > 1 ? way !== verification.channel : ways?.includes(way))));
		return info?.withheld.length > 0 ? [row(c, "step_up", channel ?? c.channels[0], c.strings.actions.send_new)] : [];
	},
	open_info(c) {
		const { info, busy, released } = c.model;
		if (info !== null || busy !== null)
			return [row(c, "open_info")];
		return released === false ? [] : [row(c, "retry")];
	},
};

function rowsOf(c) {
	const { primary, secondary = [] } = c.scene;
	const rows = (action) => SPECIAL[action]?.(c) ?? [row(c, action, c.model.verification?.channel)];
	const first = primary === undefined ? [] : rows(primary);
	return [...first.map((each) => ({ ...each, primary: true })), ...secondary.flatMap(rows)];
}

/* Each by a key, so that it is said once.  Never the code, never often. */
function speechOf(c) {
	const { model, scene, name, words, values, error, left, strings } = c;
	const v = model.verification ?? {};
	const bad = c.tone === "bad";
	const badge = fill(`${words.badge}.`, values);
	const waited = v.resend_at && c.hold === "" && scene.secondary?.includes("others");
	const last = left?.unit === "seconds" && strings.last_minute[scene.left];
	return [
		(bad || scene.news) && { key: `${name} ${v[scene.news] ?? model.refusal?.nth}`,
			text: bad ? `${badge} ${textOf(c)}` : scene.urgent ? badge : fill(words.text[0], values),
			urgent: bad || scene.urgent === true, failure: bad },
		error !== null && { key: error.key, text: error.text, urgent: true, failure: true },
		waited && { key: `resend ${v.resend_at}`, text: strings.resend_now },
		model.slow && { key: `slow ${model.busy}`, text: textOf(c) },
		last && { key: `minute ${v[scene.left]}`, text: last },
	].filter(Boolean);
}
