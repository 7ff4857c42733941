/*
 * key_ins: a caller who keys the code in while the agent stays on, from the
 * caller's leg as the sandbox has it to what Twilio's answers make of it.
 */
import assert from "node:assert/strict";

import { AGENT_PROGRAMS, AS_TWILIOS_CLIENT, attributesOf, request } from "./helpers.js";
import { ACCOUNT, askSigned, parametersOf, readDocument, readTwiml } from "./voice.js";

/* What is written back after one test's answer would be the task of the next one, with a call that is no more. */
export const KEY_IN_KEYS = { VOICE_KEY_IN: "on", TRANSFER: "fresh", TASK_WRITE_BACK: "off" };
export const KEY_IN_PROGRAMS = [...AGENT_PROGRAMS, "verify-call", "supervisor-info", "override-verify"];

const get = (stack, path, headers = {}) => request(stack, { method: "GET", path, headers });

/* The customer's leg, as the sandbox has it. */
export const legOf = async (stack, call) => (await get(stack, `/sandbox/legs/${call}`)).json;

export async function actOnLeg(stack, call, fields) {
	const answer = await stack.post(`/sandbox/legs/${call}`, fields);
	assert.equal(answer.status, 200, answer.text);
	return answer.json;
}

export const twilioPost = (stack, path, fields) =>
	stack.post(`/sandbox/twilio/2010-04-01/Accounts/${ACCOUNT}${path}`, fields, { headers: AS_TWILIOS_CLIENT });

/* A document as { asks: the whole query, or null; says; ends; to: where it goes after that }. */
function read(verbs, url) {
	const gather = verbs[0].verb === "Gather" ? verbs[0] : null, last = verbs.at(-1);
	const said = gather === null ? verbs[0] : gather.children[0];
	const conference = last.verb === "Dial" ? last.children[0] : null;
	assert.deepEqual(verbs.map(({ verb }) => verb), [gather === null ? "Say" : "Gather", last.verb]);
	if (gather !== null) {
		const { action, ...others } = gather.attributes;
		assert.deepEqual(others, { input: "dtmf", numDigits: "6", timeout: "15", finishOnKey: "#",
			actionOnEmptyResult: "true", method: "POST" });
		assert.ok(action.startsWith(`${url}?step=asked&`), action);
	}
	if (conference !== null)
		assert.equal(conference.attributes.beep, "false");
	return { asks: gather === null ? null : gather.attributes.action.slice(url.length), says: said.text,
		language: said.attributes.language, to: conference?.text ?? last.verb, ends: conference?.attributes.endConferenceOnExit };
}

/* The caller of a task, at the end of his leg. */
export async function callerOf(stack, task) {
	const { call_sid: call, from } = await attributesOf(stack, task);
	const url = stack.voiceUrl;
	let next = null;

	const ask = async (query, digits, more = {}) => {
		const parameters = parametersOf(more.call ?? call, from, { CallStatus: "in-progress", Digits: digits });
		return askSigned(stack, { query, parameters, ...more });
	};
	return {
		call, from, task, ask,
		leg: () => legOf(stack, call),
		/* What he is asked by what his leg was told. */
		async hears() {
			const { twiml } = await legOf(stack, call);
			assert.ok(twiml !== null, "he is with the agent");
			next = read(readDocument(twiml), url);
			return next;
		},
		/* Keys digits in, hears what comes of it, and is where that leads. */
		async keys(digits, query = next.asks) {
			next = read(readTwiml(await ask(query, digits)), url);
			const leads = next.asks === null && next.ends !== undefined;
			return { ...next, ...(leads && await actOnLeg(stack, call, { action: "join", conference: next.to, ends: next.ends })) };
		},
		hangsUp: () => actOnLeg(stack, call, { action: "hang_up" }),
	};
}
