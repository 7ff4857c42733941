/*
 * present: from the model and the time to everything that is shown and said.
 *
 * Pure; what it returns is plain data that view.js puts into the page.
 */
import { clockTime, timeLeft } from "./clock.js";
import { isWrongEntry } from "./model.js";
import { BETTER_CHANNEL, SCENES, TAKES_OVER, sceneOf } from "./scenes.js";
import { fill, plural } from "./text.js";

/* Under this many tries the agent is told how many are left without having to fail first. */
const TRIES_WORTH_TELLING = 3;

const TIMES = ["sent_at", "expires_at", "approved_at", "approved_until", "locked_until", "overridden_until"];

/* The request behind an action. */
const REQUEST_OF = {
	send: "start", send_new: "start", resend: "start", again: "start",
	check: "check", cancel: "cancel", retry: "status", ask_again: "status",
	sign_in: "status", allow_sign_in: "status",
};

/* c, for context, is what all functions below work from. */
export function present(model, now, strings, { checksItself = true } = {}) {
	const c = contextOf(model, now, strings);
	const { scene, words, values, left, error } = c;
	const primary = primaryOf(c);
	const secondary = secondaryOf(c);
	return {
		scene: c.name,
		tone: left?.unit === "seconds" && scene.tone === "good" ? "warn" : scene.tone,
		icon: scene.icon,
		badge: fill(words.badge, values),
		text: textOf(c),
		left: left === null ? "" : plural(strings.left[left.unit], left.count, strings.language),
		number: scene.number ? numberOf(c) : null,
		notice: error?.place === "notice" ? error : null,
		code: scene.code ? codeOf(c, checksItself) : null,
		primary,
		secondary,
		reason: primary?.disabled || secondary.some(({ disabled }) => disabled) ? c.hold : "",
		say: error?.place === "code" && isWrongEntry(model.refusal)
			? strings.say.wrong : words.say ?? "",
		reference: model.verification?.reference ?? "",
		info: scene.tone === "good" ? model.info : null,
		enter: scene.enter === true,
		speech: speechOf(c),
	};
}

function contextOf(model, now, strings) {
	const name = sceneOf(model, now);
	const scene = SCENES[name];
	const end = model.verification?.[scene.left];
	const c = {
		model, strings, name, scene,
		words: strings.states[name],
		values: valuesOf(model, now, strings),
		left: end ? timeLeft(end, now) : null,
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

function valuesOf(model, now, strings) {
	const v = model.verification ?? {};
	const channel = channelWords(v.channel, strings);
	return {
		...Object.fromEntries(TIMES.map((name) => [name, clockTime(v[name], now)])),
		sent: channel.sent,
		by: channel.by,
		sent_by: v.sent_by || strings.someone,
		approved_by: v.approved_by || strings.someone,
		overridden_by: v.overridden_by || strings.someone,
		override_reason: v.override_reason ?? "",
		length: v.code_length ?? "",
		entered: model.entryProblem?.entered ?? "",
		refusal: model.refusal === null ? "" : sentenceOf(model.refusal, strings),
	};
}

function channelWords(channel, strings) {
	return strings.channels[channel] ?? strings.unknown_channel;
}

/* What the refusal says; the server's own sentence where strings/ has none. */
function sentenceOf(refusal, strings) {
	const own = strings.refusals[refusal.code];
	if (refusal.code === "twilio_unreachable")
		return `${own} ${strings.untouched[refusal.action]}`;
	return own ?? (refusal.message || fill(strings.unexpected, refusal));
}

function textOf({ model, words, values, strings }) {
	return model.slow ? strings.slow[model.busy] : fill(words.text ?? "", values);
}

function numberOf({ model, strings }) {
	if (model.contact === null)
		return null;
	const { to = "", email = "", caller_matches: matches } = model.contact;
	const masked = [...new Set([to, email])].filter(Boolean).join(" · ").replace(/\*/g, "•");
	const ending = Array.from(model.contact.ending ?? "").join(" ");
	/* An e-mail address has no ending that could be read out. */
	return { masked, spoken: ending === "" ? masked : fill(strings.number.spoken, { ending }),
		match: matches === false ? strings.number.other_caller : "" };
}

/* The one complaint there can be: about the entry, beside the field; about all else, above. */
function errorOf(c) {
	const { refusal, verification } = c.model;
	if (c.model.entryProblem !== null)
		return entryError(c);
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

function entryError({ model, strings, values }) {
	const { kind } = model.entryProblem;
	return { place: "code", key: `complaint ${model.complaints}`, text: fill(strings.code[kind], values) };
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

function isBusy({ model }, action) {
	return model.busy !== null && REQUEST_OF[action] === model.busy;
}

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

function primaryOf(c) {
	const { scene, model, strings, working } = c;
	const dataMissing = scene.primary === "open_info" && model.info === null && model.busy === null;
	const action = dataMissing ? "retry" : scene.primary;
	const [channel] = channelsOf(c);
	if (action === undefined || (REQUEST_OF[action] === "start" && channel === undefined))
		return null;
	const busy = isBusy(c, action);
	const named = action === "send" || (action === "send_new" && channel === betterChannel(c));
	const idle = named ? channelWords(channel, strings).send : strings.actions[action];
	const label = busy ? strings.busy[model.busy] : idle;
	return { action, channel, label, disabled: isHeld(c, action), blocked: working || busy };
}

function secondaryOf(c) {
	const rows = (c.scene.secondary ?? [])
		.flatMap((action) => (action === "others" ? otherChannels(c) : [single(action, c)]));
	return rows.map((row) =>
		({ ...row, disabled: isHeld(c, row.action), blocked: c.working }));
}

/* A button that is at work keeps its place and the focus, whatever comes of it. */
function isHeld(c, action) {
	return c.hold !== "" && REQUEST_OF[action] === "start" && !c.working;
}

function single(action, c) {
	const { model, strings } = c;
	return { action, channel: model.verification?.channel,
		label: isBusy(c, action) ? strings.busy[model.busy] : strings.actions[action] };
}

function otherChannels(c) {
	const channels = channelsOf(c);
	const used = c.scene.code ? c.model.verification.channel : channels[0];
	return channels.filter((channel) => channel !== used).map((channel) =>
		({ action: "send", channel, label: channelWords(channel, c.strings).instead }));
}

/* ---- What is read out -------------------------------------------------------- */

/* Each by a key, so that it is said once.  Never the code, never often. */
function speechOf(c) {
	const { model, scene, words, values, error, left, strings } = c;
	const bad = scene.tone === "bad";
	const since = model.verification?.[scene.key] ?? model.refusal?.nth ?? "";
	const said = words.announce ?? (bad ? `${words.badge}. ${words.text}` : "");
	const again = model.verification?.resend_at;
	const waited = again && c.hold === "" && scene.secondary?.includes("others");
	const speech = [
		said !== "" && { key: `${c.name} ${since}`, text: fill(said, values),
			urgent: bad || scene.urgent === true, failure: bad },
		error !== null && { key: error.key, text: error.text, urgent: true, failure: true },
		waited && { key: `resend ${again}`, text: strings.resend_now },
		model.slow && { key: `slow ${model.busy}`, text: textOf(c) },
		left?.unit === "seconds" && scene.left in strings.last_minute
			&& { key: `minute ${model.verification[scene.left]}`, text: strings.last_minute[scene.left] },
	];
	return speech.filter(Boolean);
}
