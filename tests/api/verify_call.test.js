/*
 * Before an agent has the call: POST /verify-call, asked as Twilio asks.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import twilio from "twilio";

import {
	AGENT_PROGRAMS, ANA, ANAS_CALL, BEN, BENS_CALL, FORM, SAM, agent, assertNoCustomer, assertRefusal,
	assertSuccess, call, callFrom, ledgerRows, logOf, notThe, request, setAttributes,
} from "./helpers.js";
import { grown, metricsOf } from "./monitoring.js";
import { startStack } from "./stack.js";
import { ACCOUNT, askAsStudio, askSigned, attributesOfCall, newCallSid, newCaller, parametersOf, readAnswer } from "./voice.js";

const MARIA = "+12025550101";
const JONAS = "+12025550102";
const IVAN = "+12025550110";
const number = (last) => `+1202555${String(last).padStart(4, "0")}`;

/* The call reaches an agent of this task. */
const reaches = (stack, caller, { task }, sid = ANAS_CALL) => setAttributes(stack, sid, attributesOfCall(caller, task));

async function keyedIn(stack, from, options) {
	const caller = newCaller(stack, from, options);
	assert.notEqual((await caller.rings()).asks, null);
	const end = await caller.keys(await stack.lastCode(from));
	assert.equal(end.asks, null);
	return { caller, end };
}

describe("a caller", () => {
	let stack, ana, ben;

	before(async () => {
		stack = await startStack({ TRANSFER: "fresh", REQUEST_TIMEOUT_MS: 5000, COUNTRIES: "US MX ES" },
			[...AGENT_PROGRAMS, "verify-call", "host-info"]);
		ana = agent(stack, ANA);
		ben = agent(stack, BEN);
	});
	after(() => stack?.stop());
	beforeEach(() => stack.reset());

	/* ---- The straight way ---------------------------------------------------- */

	test("who keys in the code is verified when the agent has the call, and she sees his data", async () => {
		const { caller, end } = await keyedIn(stack, MARIA);
		assert.match(end.says, /you are verified/);
		assert.deepEqual([end.task.flex_verify.state, end.task.flex_verify.channel], ["approved", "sms"]);

		await reaches(stack, caller, end);
		const info = await ana.info(ANAS_CALL);
		assertSuccess(info, "approved");
		const { keyed_in: keyed, approved_by: by, by_you: mine, needs_own_code: needs } = info.json.verification;
		assert.deepEqual([keyed, by, mine, needs], ["before", "Keypad", false, undefined]);
		assert.equal(info.json.customer.name, "Maria Santos");
	});

	test("is counted, for those who watch over texts that are sent in vain", async () => {
		const before = await metricsOf(stack);
		await keyedIn(stack, MARIA);
		const more = grown(before, await metricsOf(stack));
		assert.deepEqual([more['flex_verify_sends_total{result="sent"}'], more['flex_verify_checks_total{result="approved"}']], [1, 1]);
	});

	test("gets one code by text, and none again when Twilio asks twice", async () => {
		const caller = newCaller(stack, MARIA);
		const first = await caller.rings();
		const again = readAnswer(stack, await askSigned(stack, { parameters: parametersOf(caller.callSid, MARIA) }));
		assert.deepEqual(again, first);
		assert.deepEqual((await stack.messages(MARIA)).map(({ channel }) => channel), ["sms"]);
	});

	test("who is verified already hears so when Twilio asks again, and gets no other code", async () => {
		const { caller, end } = await keyedIn(stack, MARIA);
		for (const query of ["", "?step=code&try=1"]) {
			const parameters = parametersOf(caller.callSid, MARIA, { Digits: "111111" });
			const again = readAnswer(stack, await askSigned(stack, { query, parameters }));
			assert.deepEqual([again.asks, again.says, again.task.flex_verify], [null, end.says, end.task.flex_verify]);
		}
		assert.equal((await stack.messages(MARIA)).length, 1);
	});

	test("has three tries, and then goes to the agent, who can go on with the same code", async () => {
		const caller = newCaller(stack, MARIA);
		await caller.rings();
		const code = await stack.lastCode(MARIA);
		const tries = [await caller.keys(notThe(code)), await caller.keys("12"), await caller.keys(notThe(code))];
		assert.deepEqual(tries.map(({ asks }) => asks?.match(/try=(\d)/)[1]), ["2", "3", undefined]);
		assert.match(tries[0].says, /does not match/);
		assert.match(tries[1].says, /not the whole code/);
		assert.equal(tries[2].task.flex_verify, undefined);

		await reaches(stack, caller, tries[2]);
		const info = await ana.info(ANAS_CALL);
		assertSuccess(info, "pending");
		assert.equal(info.json.verification.checks_left, 3);
		assertNoCustomer(info);
		assertSuccess(await ana.check(ANAS_CALL, code), "approved");
		assert.equal((await ana.info(ANAS_CALL)).json.verification.keyed_in, undefined);
	});

	test("who keys nothing in goes to the agent, by the same document", async () => {
		const caller = newCaller(stack, MARIA);
		const rings = await caller.rings();
		await reaches(stack, caller, rings);
		assertSuccess(await ana.info(ANAS_CALL), "pending");
		const empty = await caller.keys("");
		assert.deepEqual([empty.asks, empty.task.flex_verify], [null, undefined]);
	});

	for (const [who, from, code] of [
		["withholds the number", "anonymous", "no_number"],
		["withholds the number, spelled on the keypad", "+266696687", "no_number"],
		["calls by SIP", "sip:reception@example.com", "no_number"],
		["has no number at all", "", "no_number"],
		["calls from a landline", number(140), "landline"],
		["calls from a country that gets no codes", "+447700900123", "country_not_allowed"],
		["calls by satellite, from no country", "+8816315550101", "country_not_allowed"],
		["has blocked our texts", number(146), "opted_out"],
		["Twilio has no texts for at the moment", number(145), "twilio_busy"],
	])
		test(`who ${who} goes to the agent at once`, async () => {
			const caller = newCaller(stack, from);
			const rings = await caller.rings();
			assert.deepEqual([rings.asks, rings.task.flex_verify], [null, undefined]);
			assert.equal(logOf(stack, "verify-call").filter(({ event }) => event === "audit").at(-1).outcome, code);
		});

	for (const [from, query, language, sentence, locale] of [
		[MARIA, "", "en-US", /key it in/, "en"],
		["+525512345678", "", "es-MX", /Márquelo/, "es"],
		[MARIA, "?language=es", "es-MX", /Márquelo/, "es"],
		["+34600000000", "?language=en", "en-US", /key it in/, "en"],
	])
		test(`from ${from.slice(0, 3)}…, ${query || "where nothing else is said"}, is spoken to in ${language}`, async () => {
			const rings = await newCaller(stack, from, { query }).rings();
			assert.equal(rings.language, language);
			assert.match(rings.says, sentence);
			assert.equal((await stack.messages(from))[0].locale, locale);
		});

	/* ---- By Studio ------------------------------------------------------------- */

	test("of Studio's is verified in the same way, and what to say and ask comes in JSON", async () => {
		const caller = { callSid: newCallSid(), from: MARIA };
		const fields = { CallSid: caller.callSid, AccountSid: ACCOUNT, From: MARIA };
		const sent = (await askAsStudio(stack, { fields })).json;
		assert.deepEqual([sent.next, sent.verified, sent.language, sent.digits, sent.try], ["ask", false, "en-US", 6, 1]);
		assert.match(sent.say, /key it in/);

		const ask = async (attempt, Digits) =>
			(await askAsStudio(stack, { query: `?step=code&try=${attempt}`, fields: { ...fields, Digits } })).json;
		const code = await stack.lastCode(MARIA);
		const wrong = await ask(1, notThe(code));
		assert.deepEqual([wrong.next, wrong.try], ["ask", 2]);
		const right = await ask(2, code);
		assert.deepEqual([right.next, right.verified], ["agent", true]);

		await reaches(stack, caller, { task: { flex_verify_call: right.flex_verify_call } });
		assert.equal((await ana.info(ANAS_CALL)).json.customer.name, "Maria Santos");
	});

	test("of Studio's who keys nothing in goes to the agents", async () => {
		const fields = { CallSid: newCallSid(), AccountSid: ACCOUNT, From: JONAS, Digits: "" };
		const answer = (await askAsStudio(stack, { query: "?step=code&try=1", fields })).json;
		assert.deepEqual([answer.next, answer.verified], ["agent", false]);
	});

	/* ---- When Verify is slow, or its answer is lost ------------------------------ */

	test("is with an agent in time when Verify takes 12 seconds to send", async () => {
		const begun = Date.now();
		const caller = newCaller(stack, number(160));
		const rings = await caller.rings();
		assert.ok(Date.now() - begun < 10_000, "Twilio waits 15 seconds, Studio 10");
		assert.equal(rings.asks, null);
		await reaches(stack, caller, rings);
		assert.ok(["unclear", "pending"].includes((await ana.info(ANAS_CALL)).json.verification.state));
	});

	for (const [what, last] of [["takes 12 seconds to check", 171], ["breaks off its answer", 170]])
		test(`is with an agent when Verify ${what}, and verified as soon as it is known that the code was right`, async () => {
			const caller = newCaller(stack, number(last));
			await caller.rings();
			const end = await caller.keys(await stack.lastCode(number(last)));
			assert.deepEqual([end.asks, end.task.flex_verify], [null, undefined]);
			await reaches(stack, caller, end);
			const info = await ana.info(ANAS_CALL);
			assertSuccess(info, "approved");
			assert.equal(info.json.verification.keyed_in, "before");
		});

	/* ---- Whose proof it is ---------------------------------------------------------- */

	test("is not verified for an agent who makes his task name that call", async () => {
		const { caller, end } = await keyedIn(stack, MARIA);
		const other = await newCaller(stack, JONAS).rings();
		for (const seal of [undefined, "", other.task.flex_verify_call, end.task.flex_verify_call.toUpperCase()]) {
			await reaches(stack, caller, { task: { ...end.task, flex_verify_call: seal } }, BENS_CALL);
			const info = await ben.info(BENS_CALL);
			assertSuccess(info, "approved");
			assert.equal(info.json.verification.needs_own_code, true);
			assertNoCustomer(info);
		}
	});

	test("is verified with every agent whom the call is handed to: it proved to the company, on that call", async () => {
		const { caller, end } = await keyedIn(stack, MARIA);
		await reaches(stack, caller, end, BENS_CALL);
		assert.equal((await ben.info(BENS_CALL)).json.customer.name, "Maria Santos");
	});

	test("is verified for the number of the call, not for one that the task names", async () => {
		const { caller, end } = await keyedIn(stack, MARIA);
		await reaches(stack, { ...caller, from: JONAS }, end);
		const info = await ana.info(ANAS_CALL);
		assertSuccess(info, "not_verified");
		assertNoCustomer(info);
	});

	test("is not verified by what the task claims of it", async () => {
		const caller = newCaller(stack, MARIA);
		const { task } = await caller.rings();
		await reaches(stack, caller, { task: { ...task, flex_verify: { state: "approved", by: "Keypad" } } });
		const info = await ana.info(ANAS_CALL);
		assertSuccess(info, "pending");
		assertNoCustomer(info);
	});

	test("cannot key in the code of another call", async () => {
		await newCaller(stack, MARIA).rings();
		const code = await stack.lastCode(MARIA);
		const parameters = parametersOf(newCallSid(), MARIA, { Digits: code });
		const read = readAnswer(stack, await askSigned(stack, { query: "?step=code&try=1", parameters }));
		assert.deepEqual([read.asks, read.task.flex_verify], [null, undefined]);
	});

	test("is on record with call and keypad, and no code and no number is written down", async () => {
		const { caller } = await keyedIn(stack, IVAN);
		const code = await stack.lastCode(IVAN);
		assert.deepEqual(ledgerRows(stack, `SELECT action, outcome, agent_id FROM events
			WHERE interaction = '${caller.callSid}' ORDER BY position`),
			["begun", "code_sent", "begun", "approved"].map((outcome, i) =>
				({ action: i < 2 ? "start" : "check", outcome, agent_id: "call:keypad" })));
		for (const text of [stack.log("verify-call"), readFileSync(join(stack.runDir, "nginx/access.log"), "utf8"),
			readFileSync(stack.ledger, "latin1"), readFileSync(`${stack.ledger}-wal`, "latin1")])
			for (const secret of [code, IVAN, IVAN.slice(1)])
				assert.ok(!text.includes(secret));
	});
});

/* ---- Limits ------------------------------------------------------------------------ */

describe("a caller whose wrong codes are limited", () => {
	let stack, ana;

	before(async () => {
		/* However long agents may wait, a caller does not. */
		stack = await startStack({ CONTACT_SOURCE: "customer", TRANSFER: "fresh", FAILURES_PER_NUMBER_HOUR: 4,
			REQUEST_TIMEOUT_MS: 60000 }, [...AGENT_PROGRAMS, "verify-call", "unlock-verify"]);
		ana = agent(stack, ANA);
	});
	after(() => stack?.stop());

	test("of a centre that keeps numbers on file gets the code there, and is verified as that customer", async () => {
		const caller = newCaller(stack, number(111));
		assert.notEqual((await caller.rings()).asks, null);
		assert.deepEqual(await stack.messages(number(111)), []);
		const end = await caller.keys(await stack.lastCode(number(112)));
		await reaches(stack, caller, end);
		assert.equal((await ana.info(ANAS_CALL)).json.customer.name, "Elena Rossi");

		for (const last of [113, 130]) /* on file as a landline; not on file */
			assert.equal((await newCaller(stack, number(last)).rings()).asks, null);
	});

	test("has them counted with those that agents type, and no new call starts afresh", async () => {
		for (const wrong of [3, 1]) {
			const caller = newCaller(stack, MARIA);
			await caller.rings();
			const code = await stack.lastCode(MARIA);
			for (let i = 0; i < wrong; i++) {
				const tried = await caller.keys(notThe(code));
				assert.equal(tried.asks === null, i === 2 || wrong === 1, "no further try where the number is locked");
			}
		}
		assert.equal((await newCaller(stack, MARIA).rings()).asks, null);
		await setAttributes(stack, ANAS_CALL, callFrom(MARIA));
		assertRefusal(await ana.start(ANAS_CALL), 429, "too_many_checks");
	});

	test("and whose number they locked is opened by a supervisor, by the reference of a call that no agent had", async () => {
		const wrongs = [3, 1];
		let caller;
		for (const wrong of wrongs) {
			caller = newCaller(stack, IVAN);
			await caller.rings();
			for (let i = 0; i < wrong; i++)
				await caller.keys(notThe(await stack.lastCode(IVAN)));
		}
		assert.equal((await newCaller(stack, IVAN).rings()).asks, null);
		const [{ id, task_sid }] = ledgerRows(stack, `SELECT id, task_sid FROM verifications WHERE interaction = '${caller.callSid}'`);
		assert.equal(task_sid, "");
		assertSuccess(await agent(stack, SAM).unlock({ reference: id.slice(0, 8), reason: "A misunderstanding of two." }));
		assert.notEqual((await newCaller(stack, IVAN).rings()).asks, null);
	});

	test("has those counted that an agent has typed for the number", async () => {
		await setAttributes(stack, ANAS_CALL, callFrom(JONAS));
		assertSuccess(await ana.start(ANAS_CALL), "pending");
		const code = await stack.lastCode(JONAS);
		for (let i = 0; i < 4; i++)
			await ana.check(ANAS_CALL, notThe(code));
		assert.equal((await newCaller(stack, JONAS).rings()).asks, null);
	});
});

/* ---- Who asks ----------------------------------------------------------------------- */

describe("Twilio's signature", () => {
	const PUBLIC = "https://verify.example.com/verify-call";
	let stack;

	before(async () => {
		stack = await startStack({ VOICE_PUBLIC_URL: PUBLIC }, [...AGENT_PROGRAMS, "verify-call"]);
	});
	after(() => stack?.stop());
	beforeEach(() => stack.reset());

	const parameters = () => parametersOf(newCallSid(), MARIA);
	const assertRefused = async (answer) => {
		assertRefusal(answer, 403, "not_from_twilio", /VOICE_PUBLIC_URL/);
		assert.deepEqual(await stack.messages(MARIA), []);
	};

	for (const [what, url, query] of [
		["as it is configured", PUBLIC, ""],
		["with the port that goes without saying", "https://verify.example.com:443/verify-call", ""],
		["with a query", PUBLIC, "?language=es"],
		["with a query and the port", "https://verify.example.com:443/verify-call", "?language=es"],
	])
		test(`is good for the address ${what}, whatever this host is called`, async () => {
			for (const host of [undefined, "evil.example.net", "verify.example.com:8443"])
				readAnswer(stack, await askSigned(stack, { url, query, parameters: parameters(),
					headers: host === undefined ? {} : { Host: host } }), { url: PUBLIC });
		});

	for (const [what, change] of [
		["is missing", { signature: null }],
		["is empty", { signature: "" }],
		["is a wrong one", { signature: "L/OH5YylLD5NRKLltdqwSvS0BnU=" }],
		["was made with another token", { token: "00000000000000000000000000000002" }],
		["is for this host's own name", { url: "http://127.0.0.1/verify-call" }],
		["is for http", { url: "http://verify.example.com/verify-call" }],
		["is for another port", { url: "https://verify.example.com:8443/verify-call" }],
		["is for another path", { url: "https://verify.example.com/other" }],
	])
		test(`that ${what} is refused, and nothing is sent`, async () => {
			await assertRefused(await askSigned(stack, { url: PUBLIC, parameters: parameters(), ...change }));
		});

	for (const [what, alter] of [
		["another number", (p) => ({ ...p, From: JONAS })],
		["another call", (p) => ({ ...p, CallSid: newCallSid() })],
		["a code", (p) => ({ ...p, Digits: "123456" })],
		["a field more", (p) => ({ ...p, Extra: "" , Another: "1" })],
		["a field less", ({ CallToken: _, ...p }) => p],
		["a field twice", (p) => ({ ...p, From: [p.From, JONAS] })],
	])
		test(`is not good for ${what}`, async () => {
			const signed = parameters();
			const signature = twilio.getExpectedTwilioSignature("00000000000000000000000000000001", PUBLIC, signed);
			await assertRefused(await askSigned(stack, { parameters: alter(signed), signature }));
		});

	test("is not good for another step or try of the same call", async () => {
		const signed = parameters();
		const signature = twilio.getExpectedTwilioSignature("00000000000000000000000000000001", `${PUBLIC}?step=code&try=3`, signed);
		for (const query of ["", "?step=code&try=1", "?try=3&step=code"])
			await assertRefused(await askSigned(stack, { parameters: signed, signature, query }));
	});

	test("is good for fields in any order and for repeated ones, of which ours may be none", async () => {
		const ok = { ...parameters(), Zebra: ["2", "1", "2"], AddOns: "{\"a\":[1]}", Ünïcode: "héllo wörld" };
		readAnswer(stack, await askSigned(stack, { url: PUBLIC, parameters: ok }), { url: PUBLIC });
		const turned = Object.fromEntries(Object.entries(parameters()).reverse());
		readAnswer(stack, await askSigned(stack, { url: PUBLIC, parameters: turned }), { url: PUBLIC });

		const twice = await askSigned(stack, { url: PUBLIC, parameters: { ...parameters(), From: [MARIA, JONAS] } });
		assertRefusal(twice, 400, "malformed_request");
		for (const name of ["CallSid", "From"]) {
			const { [name]: _, ...without } = parameters();
			assertRefusal(await askSigned(stack, { url: PUBLIC, parameters: without }), 400, "malformed_request");
		}
	});

	test("does not help another account, nor a call without SID", async () => {
		const other = { ...parameters(), AccountSid: "AC00000000000000000000000000000002" };
		await assertRefused(await askSigned(stack, { url: PUBLIC, parameters: other }));
		const { AccountSid: _, ...none } = parameters();
		await assertRefused(await askSigned(stack, { url: PUBLIC, parameters: none }));
		for (const CallSid of ["", "CA1", `WT${"0".repeat(32)}`])
			assertRefusal(await askSigned(stack, { url: PUBLIC, parameters: { ...parameters(), CallSid } }), 400, "malformed_request");
	});

	test("of JSON covers the body by its hash", async () => {
		const fields = { CallSid: newCallSid(), AccountSid: ACCOUNT, From: MARIA };
		const good = await askAsStudio(stack, { url: PUBLIC, fields });
		assert.equal(good.status, 200, good.text);
		await stack.reset();
		await assertRefused(await askAsStudio(stack, { url: PUBLIC, fields: { ...fields, From: JONAS }, hashed: JSON.stringify(fields) }));
		await assertRefused(await askAsStudio(stack, { url: PUBLIC, fields, token: "0".repeat(32) }));
		const signature = twilio.getExpectedTwilioSignature("00000000000000000000000000000001", PUBLIC, {});
		await assertRefused(await askSigned(stack, { signature, body: JSON.stringify(fields), parameters: {},
			headers: { "Content-Type": "application/json" } }));
	});

	/* Where a caller is sent who is asked while the agent stays on, and what is none of that. */
	const asked = (more) => `?${new URLSearchParams({ step: "asked", row: "0123456789abcdef", asking: "fedcba9876543210",
		task: ANAS_CALL, ...more })}`;
	const notAsked = ["?step=asked", ...[{ row: "0123456789abcde" }, { row: "0123456789abcdeg" }, { asking: "0" }, { task: "WT1" }]
		.map(asked)];

	test("opens nothing by another method, and nothing that is not of a call", async () => {
		const answer = await request(stack, { method: "GET", path: "/verify-call" });
		assertRefusal(answer, 405, "method_not_allowed");
		assertRefusal(await request(stack, { method: "OPTIONS", path: "/verify-call" }), 405, "method_not_allowed");
		for (const [query, code] of [["?step=wait", "invalid_action"], ["?step=code&try=4", "invalid_action"],
			["?step=code&try=0", "invalid_action"], ["?language=xx", "invalid_locale"], ["?code=123456", "unknown_field"],
			["?step=code&step=code", "repeated_field"], ["?step=code&try=11", "invalid_action"],
			...notAsked.map((query) => [query, "invalid_action"])])
			assertRefusal(await askSigned(stack, { url: PUBLIC, query, parameters: parameters() }), 400, code);
		const fields = { CallSid: newCallSid(), AccountSid: ACCOUNT, From: MARIA };
		assertRefusal(await askAsStudio(stack, { url: PUBLIC, query: asked(), fields }), 400, "invalid_action");
		await assertRefused(await request(stack, { path: "/verify-call" }));
		assertRefusal(await request(stack, { path: "/verify-call", headers: { "Content-Type": "text/xml" }, body: "<a/>" }), 415,
			"unsupported_media_type");
	});
});

describe("a call of a centre", () => {
	test("that has not switched it on is nobody's business here", async () => {
		const stack = await startStack({ VOICE_PUBLIC_URL: "", VOICE_WORKFLOW_SID: "" }, [...AGENT_PROGRAMS, "verify-call"]);
		try {
			assertRefusal(await askSigned(stack, { parameters: parametersOf(newCallSid(), MARIA) }), 404, "voice_off");
			assertRefusal(await call(stack, "verify-call", {}, { as: FORM }), 404, "voice_off");
		} finally {
			await stack.stop();
		}
	});

	test("where pages choose the number is none of the caller's", async () => {
		const stack = await startStack({ AGENT_AUTH: "none", CONTACT_SOURCE: "request" }, [...AGENT_PROGRAMS, "verify-call"]);
		try {
			assertRefusal(await askSigned(stack, { parameters: parametersOf(newCallSid(), MARIA) }), 404, "voice_off");
			assert.deepEqual(await stack.messages(MARIA), []);
		} finally {
			await stack.stop();
		}
	});
});
