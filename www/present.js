/*
 * present: from the model and the time to everything that is shown and said.
 *
 * Pure; what it returns is plain data that view.js puts into the page.
 */
import { clockTime, timeLeft } from "./clock.js";
import { isWrongEntry } from "./model.js";
import { BETTER_CHANNEL, SCENES, TAKES_OVER, sceneOf } from "./scenes.js";
import { fill, labelOf, plural } from "./text.js";

/* Under this many tries the agent is told how many are left without having to fail first. */
const TRIES_WORTH_TELLING = 3;

const ICONS = { neutral: "shield", active: "message", good: "verified", warn: "warning", bad: "warning",
	alarm: "warning" };

/* The request behind an action. */
const REQUEST_OF = {
	send: "start", send_new: "start", resend: "start", again: "start", step_up: "start",
	check: "check", cancel: "cancel", stop_now: "stop", end: "end", retry: "status", ask_again: "status",
	sign_in: "status", allow_sign_in: "status",
};

/* c, for context, is what all functions below work from. */
export function present(model, now, strings, { checksItself = true } = {}) {
	const c = contextOf(model, now, strings);
	const { scene, words, values, error, tone } = c;
	const primary = primaryOf(c);
	const secondary = secondaryOf(c);
	const held = primary?.disabled || secondary.some(({ disabled }) => disabled);
	const notice = error?.place === "notice" ? error : null;
	const code = scene.code ? codeOf(c, checksItself) : null;
	return {
		scene: c.name,
		tone,
		icon: scene.icon ?? ICONS[tone],
		/* By the data-* hooks of the page. */
		texts: {
			badge: fill(words.badge, values),
			text: textOf(c),
			left: words.badge.includes("{left}") ? "" : values.left,
			...numberTexts(c),
			notice: notice?.text ?? "",
			"notice-id": notice?.id ?? "",
			"code-hint": code?.hint ?? "",
			"code-error": code?.error ?? "",
			reason: held ? c.hold : "",
			say: error?.place === "code" && isWrongEntry(model.refusal) ? strings.say.wrong : words.say ?? "",
			reference: model.verification?.reference ?? "",
		},
		code,
		primary,
		secondary,
		sends: [primary, ...secondary].some((row) => REQUEST_OF[row?.action] === "start"),
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
		words: strings.states[name],
		values: valuesOf(model, now, strings, left),
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
	const { sent, by } = channelWords(v.channel, strings);
	const named = Object.entries(v).map(([name, value]) =>
		[name, /_(at|until)$/.test(name) ? clockTime(value, now, strings.language) : value]);
	const someone = Object.fromEntries(["sent_by", "approved_by", "overridden_by", "stopped_by"]
		.map((name) => [name, v[name] || strings.someone]));
	return {
		...Object.fromEntries(named), ...someone, sent, by,
		length: v.code_length,
		left: left === null ? "" : plural(strings.left[left.unit], left.count, strings.language),
		entered: model.entryProblem?.entered,
		refusal: model.refusal === null ? "" : sentenceOf(model.refusal, strings),
	};
}

function channelWords(channel, strings) {
	return strings.channels[channel] ?? strings.channels.other;
}

/* What the refusal says; the server's own sentence where strings/ has none. */
function sentenceOf(refusal, strings) {
	const { code, message, action } = refusal;
	if (code === "connection_lost")
		return strings.connection_lost;
	const sentence = strings.refusals?.[code] ?? (message || fill(strings.unexpected, refusal));
	return fill(sentence, { untouched: strings.untouched[action] }).trim();
}

function textOf({ name, model, words, values, strings }) {
	if (model.slow)
		return strings.slow[model.busy] ?? strings.slow.other;
	const needs = name.startsWith("approved") ? withheldText(model.info?.withheld ?? [], strings) : "";
	return [...(words.text ?? []), needs].map((sentence) => fill(sentence, values)).join(" ").trim();
}

/* The words come a moment after the first answer that has fields. */
function withheldText(withheld, { info, language }) {
	if (withheld.length === 0 || info === undefined)
		return "";
	const fields = withheld.map(({ field }) => labelOf([field], info.labels));
	return fill(info.withheld, { fields: new Intl.ListFormat(language).format(fields) });
}

/* The masked number, how it is read out, and whether the caller is calling from it. */
function numberTexts({ scene, model, strings }) {
	const { contact, verification } = model;
	if (contact === null || verification === null)
		return { masked: "", spoken: "", match: "" };
	const went = scene.code || scene.left ? [verification.to] : [contact.to, contact.email];
	const masked = went.filter(Boolean).join(" · ").replace(/\*/g, "•");
	const ending = Array.from(contact.ending ?? "").join(" ");
	/* An e-mail address has no ending that could be read out. */
	const spoken = ending === "" || masked.includes("@") ? masked : fill(strings.number.spoken, { ending });
	return { masked, spoken, match: strings.number[contact.caller_matches] ?? "" };
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
	if (!isWrongEntry(refusal))
		return { place: "notice", key, text: `${c.values.refusal} ${stillGood(c)}`.trim(),
			id: refusal.id === "" ? "" : fill(c.strings.asked_id, refusal) };
	if (verification.state !== "pending")
		return null; /* the lock says it */
	return { place: "code", key, text: `${c.values.refusal} ${triesLeft(c)}`.trim() };
}

function triesLeft({ model, strings }) {
	const left = model.verification.checks_left;
	return left > 0 ? plural(strings.tries_left, left, strings.language) : "";
}

/* After a failed request: what is true nevertheless. */
function stillGood({ model, strings, values }) {
	const failed = model.refusal.status === 0 || model.refusal.status >= 500;
	return failed && model.verification.state === "pending" ? fill(strings.still_good, values) : "";
}

function codeOf(c, checksItself) {
	const { model, strings, values, error } = c;
	const complaint = error?.place === "code" ? error.text : "";
	const unfinished = model.entryProblem !== null && model.entryProblem.kind !== "repeated";
	const hint = fill(checksItself ? strings.code.hint : strings.code.hint_enter, values);
	const tell = complaint === "" && model.verification.checks_left <= TRIES_WORTH_TELLING;
	return {
		readOnly: c.working,
		hint: tell ? `${hint} ${triesLeft(c)}` : hint,
		error: complaint,
		/* Typing replaces a refused code; an incomplete one is gone on with. */
		replace: complaint !== "" && !unfinished,
	};
}

/* ---- Actions ----------------------------------------------------------------- */

/* The channel that a refusal suggests, if the contact has it. */
function betterChannel({ model }) {
	const better = BETTER_CHANNEL[model.refusal?.code];
	return model.contact?.channels?.includes(better) ? better : undefined;
}

/* The channels of the contact, the one to use first in front. */
function channelsOf(c) {
	const better = betterChannel(c);
	const channels = c.model.contact?.channels ?? [];
	return better === undefined ? channels : [better, ...channels.filter((each) => each !== better)];
}

/* A field that wants proof by two ways gets the other one. */
function stepUpChannel(c) {
	const { info, verification } = c.model;
	const channels = channelsOf(c);
	const other = channels.find((channel) => channel !== verification.channel);
	return info.withheld.some((each) => each.channels > 1) && other !== undefined ? other : channels[0];
}

/* A button that is at work keeps its place and the focus, whatever comes of it. */
function row(c, action, channel, label) {
	const request = REQUEST_OF[action];
	const busy = request !== undefined && request === c.model.busy;
	return {
		action, channel,
		label: busy ? c.strings.busy[request] : label ?? c.words[action] ?? c.strings.actions[action],
		disabled: c.hold !== "" && request === "start" && !c.working,
		blocked: c.working || busy,
	};
}

function primaryOf(c) {
	const { scene, model, strings } = c;
	const { primary: action } = scene;
	const [channel] = channelsOf(c);
	if (action === "open_info" && model.info === null && model.busy === null)
		return model.released === false ? null : row(c, "retry");
	if (action === undefined || (REQUEST_OF[action] === "start" && channel === undefined))
		return null;
	const named = action === "send" || (action === "send_new" && channel === betterChannel(c));
	return row(c, action, channel, named ? channelWords(channel, strings).send : undefined);
}

function secondaryOf(c) {
	const { scene, model, strings } = c;
	const several = {
		others: () => otherChannels(c),
		step_up: () => (model.info?.withheld.length > 0
			? [row(c, "step_up", stepUpChannel(c), strings.actions.send_new)] : []),
		again: () => [row(c, "again", channelsOf(c)[0])],
		send: () => [row(c, "send", channelsOf(c)[0], channelWords(channelsOf(c)[0], strings).send)],
		open_info: () => (model.info === null ? [] : [row(c, "open_info")]),
	};
	return (scene.secondary ?? []).flatMap((action) =>
		several[action]?.() ?? [row(c, action, model.verification?.channel)]);
}

function otherChannels(c) {
	const channels = channelsOf(c);
	const used = c.scene.code ? c.model.verification.channel : channels[0];
	return channels.filter((channel) => channel !== used).map((channel) =>
		({ ...row(c, "send", channel), label: channelWords(channel, c.strings).instead }));
}

/* ---- What is read out -------------------------------------------------------- */

/* Each by a key, so that it is said once.  Never the code, never often. */
function speechOf(c) {
	const { model, scene, name, words, values, error, left, strings } = c;
	const v = model.verification ?? {};
	const bad = c.tone === "bad";
	const badge = `${words.badge}.`;
	const again = v.resend_at;
	const waited = again && c.hold === "" && scene.secondary?.includes("others");
	const last = strings.last_minute[scene.left];
	const speech = [
		(bad || scene.news) && { key: `${name} ${v[scene.news] ?? model.refusal?.nth}`,
			text: bad ? `${fill(badge, values)} ${textOf(c)}` : fill(scene.urgent ? badge : words.text[0], values),
			urgent: bad || scene.urgent === true, failure: bad },
		error !== null && { key: error.key, text: error.text, urgent: true, failure: true },
		waited && { key: `resend ${again}`, text: strings.resend_now },
		model.slow && { key: `slow ${model.busy}`, text: textOf(c) },
		left?.unit === "seconds" && last && { key: `minute ${v[scene.left]}`, text: last },
	];
	return speech.filter(Boolean);
}
