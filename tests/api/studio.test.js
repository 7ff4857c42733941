/*
 * The flow for Studio, deploy/studio/verify-call.json: played as Studio plays
 * it, against the programs.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, beforeEach, describe, test } from "node:test";

import { AGENT_PROGRAMS, ANA, ANAS_CALL, agent, assertNoCustomer, assertSuccess, notThe, setAttributes } from "./helpers.js";
import { startStack } from "./stack.js";
import { ACCOUNT, askAsStudio, attributesOfCall, newCallSid } from "./voice.js";

const FLOW = JSON.parse(readFileSync(new URL("../../deploy/studio/verify-call.json", import.meta.url), "utf8"));
const STATES = new Map(FLOW.states.map((state) => [state.name, state]));
const MARIA = "+12025550101";
const ADDRESS = "https://verify.example.com/verify-call";

/* Liquid, as far as the flow has it: {{a.b.c}}; what is not there is nothing. */
const filled = (text, context) => text.replace(/\{\{([\w.]+)\}\}/g, (whole, path) =>
	path.split(".").reduce((object, name) => object?.[name], context) ?? "");

const next = ({ transitions }, event) => transitions.find((one) => one.event === event)?.next;

/* Each widget by its type: what it does, and where the call goes from there; undefined: the flow's end. */
const WIDGETS = {
	trigger: (widget) => next(widget, "incomingCall"),
	async "make-http-request"(widget, { stack, context }) {
		const { url, body, method, content_type: type } = widget.properties;
		const whole = filled(url, context);
		assert.deepEqual([method, type.split(";")[0]], ["POST", "application/json"]);
		assert.ok(whole.startsWith(ADDRESS));
		const answer = await askAsStudio(stack, { url: ADDRESS, query: whole.slice(ADDRESS.length), body: filled(body, context) });
		context.widgets[widget.name] = { parsed: answer.json };
		return next(widget, answer.status < 300 ? "success" : "failed");
	},
	"set-variables"(widget, { context }) {
		for (const { key, value } of widget.properties.variables)
			context.flow.variables[key] = filled(value, context);
		return next(widget, "next");
	},
	"split-based-on"(widget, { context }) {
		const match = widget.transitions.find(({ conditions = [] }) => conditions.some(({ arguments: [left], type, value }) =>
			type === "equal_to" && filled(left, context) === value));
		return match?.next ?? next(widget, "noMatch");
	},
	async "gather-input-on-call"(widget, { context, keys, said }) {
		said.push(filled(widget.properties.say, context));
		const Digits = await keys.shift()?.();
		context.widgets[widget.name] = { Digits };
		return next(widget, Digits === undefined ? "timeout" : "keypress");
	},
	"say-play"(widget, { context, said }) {
		said.push(filled(widget.properties.say, context));
		return next(widget, "audioComplete");
	},
	"send-to-flex"(widget, { context, end }) {
		end.task = JSON.parse(filled(widget.properties.attributes, context));
	},
};

/* keys: functions of what is keyed in, one for each time it is asked for; none: nothing. */
async function play(stack, from, keys) {
	const CallSid = newCallSid();
	const run = { stack, keys, said: [], end: {}, context: { widgets: {}, flow: { variables: {} },
		trigger: { call: { CallSid, AccountSid: ACCOUNT, From: from } } } };
	for (let name = FLOW.initial_state, steps = 0; name !== undefined; steps++) {
		assert.ok(steps < 40 && STATES.has(name), name);
		name = await WIDGETS[STATES.get(name).type](STATES.get(name), run);
	}
	return { ...run, caller: { callSid: CallSid, from } };
}

describe("the flow for Studio", () => {
	let stack, ana;

	before(async () => {
		stack = await startStack({ TRANSFER: "fresh", VOICE_PUBLIC_URL: ADDRESS }, [...AGENT_PROGRAMS, "verify-call"]);
		ana = agent(stack, ANA);
	});
	after(() => stack?.stop());
	beforeEach(() => stack.reset());

	test("leads from each widget to one that there is, and knows no other kind of widget", () => {
		for (const { type, transitions } of FLOW.states) {
			assert.ok(type in WIDGETS, type);
			assert.deepEqual(transitions.filter(({ next: to }) => to !== undefined && !STATES.has(to)), []);
		}
	});

	test("brings a caller who keys in the code to Ana, verified", async () => {
		const { caller, end, said } = await play(stack, MARIA, [
			async () => notThe(await stack.lastCode(MARIA)), () => stack.lastCode(MARIA)]);
		assert.deepEqual(said.map((words) => /sent you|does not match|are verified/.exec(words)[0]),
			["sent you", "does not match", "are verified"]);
		await setAttributes(stack, ANAS_CALL, attributesOfCall(caller, end.task));
		const info = await ana.info(ANAS_CALL);
		assertSuccess(info, "approved");
		assert.equal(info.json.customer.name, "Maria Santos");
	});

	for (const [who, from, keys, words] of [
		["keys in nothing", MARIA, [], [/sent you/]],
		["keys in three wrong codes", MARIA, [1, 2, 3].map(() => async () => notThe(await stack.lastCode(MARIA))),
			[/sent you/, /does not match/, /does not match/, /connecting you/]],
		["withholds the number", "anonymous", [], [/connecting you/]],
	])
		test(`brings a caller who ${who} to Ana, unverified`, async () => {
			const { caller, end, said } = await play(stack, from, [...keys]);
			assert.equal(said.length, words.length);
			words.forEach((pattern, i) => assert.match(said[i], pattern));
			await setAttributes(stack, ANAS_CALL, attributesOfCall(caller, end.task));
			assertNoCustomer(await ana.info(ANAS_CALL));
		});

	test("brings a caller to Ana when the programs do not answer", async () => {
		await stack.kill9("verify-call");
		try {
			assert.equal((await play(stack, MARIA, [])).end.task.name, MARIA);
		} finally {
			await stack.start();
		}
	});
});
