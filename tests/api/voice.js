/*
 * voice: Twilio's side of a call, as the tests play it: requests that are
 * signed by Twilio's own library, and what its documentation demands of TwiML.
 */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import twilio from "twilio";

import { FORM, JSON_TYPE, request } from "./helpers.js";

export const ACCOUNT = "AC00000000000000000000000000000001";
export const AUTH_TOKEN = "00000000000000000000000000000001";
export const WORKFLOW = "WW00000000000000000000000000000001";
const CENTRE = "+12025550100";

export const newCallSid = () => `CA${randomBytes(16).toString("hex")}`;

/* What Twilio says of a call, and of some of it nothing. */
export const parametersOf = (callSid, from, more = {}) => ({ CallSid: callSid, AccountSid: ACCOUNT, From: from, To: CENTRE,
	Caller: from, Called: CENTRE, CallStatus: "ringing", ApiVersion: "2010-04-01", Direction: "inbound",
	FromCity: "", FromState: "", FromZip: "", FromCountry: "US", CallToken: "%7B%22a%22%3A1%7D+/=", ...more });

/* Asks as Twilio does; url is the one that Twilio signs, whatever the way to the server. */
export async function askSigned(stack, { url = stack.voiceUrl, query = "", parameters, token = AUTH_TOKEN,
	signature = twilio.getExpectedTwilioSignature(token, `${url}${query}`, parameters), body, headers = {} }) {
	return request(stack, { path: `/verify-call${query}`, body: body ?? formOf(parameters), headers: {
		"Content-Type": FORM, ...(signature !== null && { "X-Twilio-Signature": signature }), ...headers } });
}

const formOf = (parameters) => new URLSearchParams(Object.entries(parameters)
	.flatMap(([name, value]) => [value].flat().map((each) => [name, each]))).toString();

/* The same as Studio's Make HTTP Request does it, with JSON. */
export async function askAsStudio(stack, { url = stack.voiceUrl, query = "", fields, body = JSON.stringify(fields),
	hashed = body, token = AUTH_TOKEN }) {
	const hash = createHash("sha256").update(hashed).digest("hex");
	const whole = `${query}${query === "" ? "?" : "&"}bodySHA256=${hash}`;
	const signature = twilio.getExpectedTwilioSignature(token, `${url}${whole}`, {});
	return request(stack, { path: `/verify-call${whole}`, body,
		headers: { "Content-Type": JSON_TYPE, "X-Twilio-Signature": signature } });
}

/* ---- TwiML -------------------------------------------------------------------- */

/* Of https://www.twilio.com/docs/voice/twiml: verbs, where each may stand, and its attributes. */
const VERBS = {
	Response: { within: [null], attributes: [] },
	Gather: { within: ["Response"],
		attributes: ["input", "action", "method", "timeout", "numDigits", "finishOnKey", "actionOnEmptyResult"] },
	Say: { within: ["Response", "Gather"], attributes: ["language", "voice", "loop"] },
	Pause: { within: ["Response", "Gather"], attributes: ["length"] },
	Redirect: { within: ["Response"], attributes: ["method"] },
	Enqueue: { within: ["Response"], attributes: ["workflowSid", "action", "method", "waitUrl", "waitUrlMethod"] },
	Task: { within: ["Enqueue"], attributes: ["priority", "timeout"] },
	Dial: { within: ["Response"], attributes: ["action", "method", "timeout", "hangupOnStar", "timeLimit"] },
	Conference: { within: ["Dial"], attributes: ["muted", "beep", "startConferenceOnEnter", "endConferenceOnExit", "waitUrl"] },
	Hangup: { within: ["Response"], attributes: [] },
};

const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: "\"", apos: "'" };
const unescaped = (text) => {
	assert.ok(!/[<>]|&(?!(?:amp|lt|gt|quot|apos);)/.test(text), `not escaped: ${text}`);
	return text.replace(/&(\w+);/g, (whole, name) => ENTITIES[name]);
};

/* Reads a document, and fails where Twilio would: a list of { verb, attributes, text, children }. */
export function readTwiml(answer) {
	assert.equal(answer.status, 200, answer.text);
	assert.equal(answer.headers["content-type"], "text/xml; charset=utf-8");
	return readDocument(answer.text);
}

export function readDocument(whole) {
	const declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
	assert.ok(whole.startsWith(declaration) && whole.length < 64 * 1024);
	const root = { verb: null, children: [] }, open = [root];
	let at = declaration.length;
	for (const [part, close, verb, attributes, text] of whole.slice(at).matchAll(
		/<(\/?)(\w+)((?: \w+="[^"<]*")*)>|([^<]+)/g)) {
		at += part.length;
		if (text !== undefined)
			open.at(-1).text = unescaped(text);
		else if (close === "/")
			assert.equal(open.pop().verb, verb);
		else
			open.push(begun(open.at(-1), verb, attributes));
	}
	assert.equal(at, whole.length, "all of it is XML");
	assert.equal(open.length, 1, "all of it is closed");
	return root.children[0].children;
}

function begun(parent, verb, written) {
	const attributes = Object.fromEntries([...written.matchAll(/ (\w+)="([^"]*)"/g)]
		.map(([, name, value]) => [name, unescaped(value)]));
	assert.ok(verb in VERBS, `${verb} is a verb`);
	assert.ok(VERBS[verb].within.includes(parent.verb), `${verb} may stand within ${parent.verb}`);
	for (const name of Object.keys(attributes))
		assert.ok(VERBS[verb].attributes.includes(name), `${verb} has an attribute ${name}`);
	const element = { verb, attributes, text: "", children: [] };
	parent.children.push(element);
	return element;
}

/*
 * What becomes of a call: { asks: the address for what is keyed in, or null; says;
 * task: the attributes of the task that is made of it, at once or when nothing is
 * keyed in }.
 */
export function readAnswer(stack, answer, { url = stack.voiceUrl } = {}) {
	const verbs = readTwiml(answer);
	const gather = verbs[0].verb === "Gather" ? verbs[0] : null;
	const said = gather === null ? verbs[0] : gather.children[0];
	const enqueue = verbs.at(-1);
	assert.deepEqual(verbs.map(({ verb }) => verb), [...(gather === null ? [] : ["Gather"]), "Say", "Enqueue"]);
	assert.deepEqual(enqueue.attributes, { workflowSid: WORKFLOW });
	assert.deepEqual(enqueue.children.map(({ verb }) => verb), ["Task"]);
	if (gather !== null) {
		const { action, ...others } = gather.attributes;
		assert.deepEqual(others, { input: "dtmf", numDigits: "6", timeout: "20", finishOnKey: "#", method: "POST" });
		assert.match(action, /^[^?]+\?step=code&try=[1-3]&language=(?:en|es)$/);
		assert.ok(action.startsWith(`${url}?`), action);
	}
	return { asks: gather === null ? null : gather.attributes.action.slice(url.length), says: said.text,
		language: said.attributes.language, task: JSON.parse(enqueue.children[0].text) };
}

/* A call and its caller; each ask returns what readAnswer does. */
export function newCaller(stack, from, { query = "", ...more } = {}) {
	const callSid = newCallSid();
	let next = query;
	const ask = async (extra) => {
		const answer = await askSigned(stack, { query: next, parameters: parametersOf(callSid, from, extra), ...more });
		const read = readAnswer(stack, answer, more);
		next = read.asks ?? next;
		return read;
	};
	return { callSid, from, rings: () => ask({}), keys: (digits) => ask({ Digits: digits, CallStatus: "in-progress" }) };
}

/* The attributes that TaskRouter makes of a call and of what Enqueue's Task says. */
export const attributesOfCall = ({ callSid, from }, task) => ({ call_sid: callSid, account_sid: ACCOUNT, from, to: CENTRE,
	direction: "inbound", ...task });
