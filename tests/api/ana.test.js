/*
 * Ana's calls over HTTP: from "who is this?" to the customer's data, and every
 * way in which that is refused.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import {
	ANA, ANAS_CALL, BEN, BENS_CALL, FORM, AGENT_PROGRAMS,
	agent, assertNoCustomer, assertRefusal, assertSuccess, call, callFrom, ledgerRows, newCall, notThe,
	setAttributes, taskSid,
} from "./helpers.js";
import { startStack } from "./stack.js";

const MARIA = "+12025550101";
const JONAS = "+12025550102";
const AIKO = "+12025550103";

const MARIAS_RECORD = {
	name: "Maria Santos",
	email: "maria.santos@example.com",
	address: "12 Elm Street, Springfield, OR 97477",
	account_number: "EX-100101",
	phone: MARIA,
};

const seconds = (later, earlier) => (Date.parse(later) - Date.parse(earlier)) / 1000;

describe("a call", () => {
	let stack, ana, ben;

	before(async () => {
		stack = await startStack();
		ana = agent(stack, ANA);
		ben = agent(stack, BEN);
	});
	after(() => stack?.stop());
	beforeEach(() => stack.reset());

	/* A call with a code on its way. */
	const sentCall = async (options) => {
		const task = await newCall(stack, options);
		assertSuccess(await ana.start(task), "pending");
		return { task, code: await stack.lastCode(options?.from ?? MARIA) };
	};

	const approvedCall = async (options) => {
		const { task, code } = await sentCall(options);
		assertSuccess(await ana.check(task, code), "approved");
		return { task, code };
	};

	test("begins unverified, is verified with the right code, and only then shows the customer", async () => {
		const task = ANAS_CALL;

		const before = await ana.info(task);
		assertSuccess(before, "not_verified");
		assertNoCustomer(before);
		assert.deepEqual(before.json.contact, { to: "+1********01", ending: "01", channels: ["sms", "call"] });
		assert.deepEqual(await stack.messages(MARIA), []);

		const sent = await ana.start(task);
		assertSuccess(sent, "pending");
		assertNoCustomer(sent);
		const { verification } = sent.json;
		assert.match(verification.reference, /^[0-9a-f]{8}$/);
		assert.equal(verification.ending, "01");
		assert.equal(verification.channel, "sms");
		assert.equal(verification.code_length, 6);
		assert.equal(verification.sent_by, "Ana");
		assert.deepEqual([verification.sends_left, verification.checks_left], [4, 5]);
		assert.ok(Math.abs(seconds(verification.expires_at, sent.json.now) - 600) <= 2, "valid for ten minutes");

		const [message, ...others] = await stack.messages(MARIA);
		assert.deepEqual(others, []);
		assert.match(message.code, /^[0-9]{6}$/);
		assert.ok(message.body.includes(message.code));
		assertNoCustomer(await ana.info(task));

		const wrong = await ana.check(task, notThe(message.code));
		assertRefusal(wrong, 401, "wrong_code", /does not match/);
		assert.equal(wrong.json.verification.state, "pending");
		assert.equal(wrong.json.verification.checks_left, 4);
		assertNoCustomer(await ana.info(task));

		const right = await ana.check(task, message.code);
		assertSuccess(right, "approved");
		assert.equal(right.json.message, "Verification success.");
		assertNoCustomer(right);

		const info = await ana.info(task);
		assertSuccess(info, "approved");
		for (const [field, value] of Object.entries(MARIAS_RECORD))
			assert.equal(info.json.customer[field], value, field);
		assert.equal(info.json.task.from, MARIA);
		assert.equal(info.json.verification.approved_by, "Ana");
		assert.equal(info.json.verification.by_you, true);
		assert.equal(info.json.verification.reference, verification.reference);
		assert.ok(Math.abs(seconds(info.json.verification.approved_until, info.json.now) - 900) <= 2);
	});

	test("is the same with a form and the token in the field Token", async () => {
		const task = await newCall(stack);
		const ask = (program, fields) => call(stack, program, { task, Token: ANA, ...fields }, { as: FORM });

		assertSuccess(await ask("start-verify", {}), "pending");
		assertSuccess(await ask("check-verify", { verification_code: await stack.lastCode(MARIA) }), "approved");
		assert.equal((await ask("customer-info", {})).json.customer.name, MARIAS_RECORD.name);
	});

	test("shows the number in no answer before it is verified", async () => {
		const task = await newCall(stack);
		const answers = [await ana.info(task), await ana.start(task), await ana.start(task),
			await ana.check(task, "000000"), await ana.check(task, "12"), await ana.cancel(task)];

		for (const { text } of answers)
			assert.ok(!text.includes("2025550101"), text);
	});

	test("has an answer with its own request id for every request", async () => {
		const ids = [];
		for (let i = 0; i < 4; i++)
			ids.push((await ana.info(ANAS_CALL)).json.request_id);
		assert.equal(new Set(ids).size, 4);
	});

	test("takes a code as it is spoken and written down", async () => {
		const { task, code } = await sentCall();
		assertSuccess(await ana.check(task, ` ${code.slice(0, 3)}-${code.slice(3)} `), "approved");
	});

	/* ---- Sending ---------------------------------------------------------- */

	test("sends the same code again, and counts", async () => {
		const { task, code } = await sentCall();
		const first = (await ana.info(task)).json.verification;
		const again = await ana.start(task, { channel: "call" });

		assertSuccess(again, "pending");
		assert.equal(again.json.verification.channel, "call");
		assert.equal(again.json.verification.sends_left, 3);
		assert.equal(again.json.verification.reference, first.reference);
		assert.equal(again.json.verification.expires_at, first.expires_at);
		const inbox = await stack.messages(MARIA);
		assert.deepEqual(inbox.map((message) => [message.channel, message.code]), [["call", code], ["sms", code]]);
	});

	test("gets no sixth code, and can still be verified with the fifth", async () => {
		const { task, code } = await sentCall();
		for (let i = 2; i <= 5; i++)
			assertSuccess(await ana.start(task), "pending");

		const sixth = await ana.start(task);
		assertRefusal(sixth, 429, "too_many_sends", /Too many codes/);
		assert.equal(sixth.json.verification.sends_left, 0);
		assertRefusal(await ana.start(task, { channel: "call" }), 429, "too_many_sends");
		assert.equal((await stack.messages(MARIA)).length, 5);
		assertSuccess(await ana.check(task, code), "approved");
	});

	test("gets one code when the button is pressed twice", async () => {
		const task = await newCall(stack);
		const answers = await Promise.all([ana.start(task), ana.start(task), ana.start(task)]);
		const done = answers.filter(({ status }) => status === 200);

		/* One by one, each is a code sent; at the same time, only one is. */
		for (const answer of answers.filter((other) => !done.includes(other)))
			assertRefusal(answer, 409, "verification_busy", /Wait a few seconds/);
		assert.ok(done.length >= 1);
		assert.equal((await stack.messages(MARIA)).length, done.length);
		assert.equal(5 - (await ana.info(task)).json.verification.sends_left, done.length);
	});

	test("can be verified once more, and shows nothing in between", async () => {
		const { task } = await approvedCall();
		const first = (await ana.info(task)).json.verification.reference;

		const sent = await ana.start(task);
		assertSuccess(sent, "pending");
		assert.notEqual(sent.json.verification.reference, first);
		assertNoCustomer(await ana.info(task));
		assertSuccess(await ana.check(task, await stack.lastCode(MARIA)), "approved");
		assert.equal((await ana.info(task)).json.customer.name, MARIAS_RECORD.name);
	});

	const channels = [
		["sms", 200],
		["call", 200],
		["whatsapp", 422, "channel_not_allowed"],
		["email", 422, "channel_not_allowed"],
		["fax", 400, "invalid_channel"],
		["SMS", 400, "invalid_channel"],
	];
	for (const [channel, status, code] of channels)
		test(`asked for a code by ${channel} answers ${status}`, async () => {
			const task = await newCall(stack);
			const answer = await ana.start(task, { channel });

			if (status !== 200)
				assertRefusal(answer, status, code);
			else
				assert.equal(answer.json.verification.channel, channel);
			assert.equal((await stack.messages(MARIA)).length, status === 200 ? 1 : 0);
		});

	test("has its code in the language asked for", async () => {
		const task = await newCall(stack);
		assertSuccess(await ana.start(task, { locale: "de" }), "pending");
		assertRefusal(await ana.start(task, { locale: "de_DE" }), 400, "invalid_locale");
		assert.equal((await stack.messages(MARIA)).length, 1);
	});

	/* ---- Checking ----------------------------------------------------------- */

	test("is locked by the fifth wrong code, even for the right one", async () => {
		const { task, code } = await sentCall();
		for (let left = 4; left >= 0; left--) {
			const answer = await ana.check(task, notThe(code));
			assertRefusal(answer, 401, "wrong_code");
			const { state, checks_left: checksLeft } = answer.json.verification;
			assert.deepEqual([state, checksLeft], left > 0 ? ["pending", left] : ["locked", undefined]);
		}

		const sixth = await ana.check(task, notThe(code));
		assertRefusal(sixth, 429, "too_many_checks", /Wait until the lock ends/);
		assert.ok(Math.abs(seconds(sixth.json.verification.locked_until, sixth.json.now) - 600) <= 5);
		assertRefusal(await ana.check(task, code), 429, "too_many_checks");
		assertRefusal(await ana.start(task), 429, "too_many_checks");
		assertRefusal(await ana.cancel(task), 429, "too_many_checks");
		assertNoCustomer(await ana.info(task));
	});

	test("counts wrong codes over all the sends", async () => {
		const { task, code } = await sentCall();
		for (let i = 0; i < 3; i++)
			assertRefusal(await ana.check(task, notThe(code)), 401, "wrong_code");
		assert.equal((await ana.start(task)).json.verification.checks_left, 2);
	});

	test("stays as it is when what was typed is no whole code", async () => {
		const { task, code } = await sentCall();
		for (const typed of ["12345", "1234567", "12a456", "\u0661\u0662\u0663\u0664\u0665\u0666"]) {
			const answer = await ana.check(task, typed);
			assertRefusal(answer, 400, "invalid_code", /not a whole code/);
			/* Nobody has looked, so nothing is said of it. */
			assert.equal(answer.json.verification, undefined);
		}
		assert.equal((await ana.info(task)).json.verification.checks_left, 5);
		assertSuccess(await ana.check(task, code), "approved");
	});

	test("has no code to check before one is sent", async () => {
		assertRefusal(await ana.check(await newCall(stack), "123456"), 404, "no_pending_code", /Send one first/);
	});

	test("is not checked again once it is verified", async () => {
		const { task, code } = await approvedCall();
		for (const attempt of [code, notThe(code)])
			assertRefusal(await ana.check(task, attempt), 409, "already_approved", /verified already/);
		assertSuccess(await ana.info(task), "approved");
	});

	test("is approved once when the right code is sent twice at the same time", async () => {
		const { task, code } = await sentCall();
		const answers = await Promise.all([1, 2, 3, 4].map(() => ana.check(task, code)));

		assert.equal(answers.filter(({ status }) => status === 200).length, 1);
		for (const answer of answers.filter(({ status }) => status !== 200))
			assert.ok(["verification_busy", "already_approved"].includes(answer.json.code), answer.text);
		const { id } = ledgerRows(stack, "SELECT id FROM verifications ORDER BY created_at DESC LIMIT 1")[0];
		assert.deepEqual(ledgerRows(stack,
			`SELECT count(*) AS approvals FROM events WHERE verification = '${id}' AND outcome = 'approved'`),
		[{ approvals: 1 }]);
	});

	test("cannot be verified with a code that Twilio has let expire", async () => {
		const { task, code } = await sentCall();
		await call(stack, "sandbox/clock", { advance_seconds: 601 }, { as: FORM });
		assertRefusal(await ana.check(task, code), 410, "code_expired", /no longer valid/);
		assertNoCustomer(await ana.info(task));
	});

	/* ---- Cancelling ----------------------------------------------------------- */

	test("has no use for a code that was canceled, and takes the next one", async () => {
		const { task, code } = await sentCall();
		assertSuccess(await ana.cancel(task), "canceled");
		assertRefusal(await ana.check(task, code), 404, "no_pending_code");
		assertRefusal(await ana.cancel(task), 404, "no_pending_code");
		assertSuccess(await ana.info(task), "canceled");

		assertSuccess(await ana.start(task), "pending");
		assertSuccess(await ana.check(task, await stack.lastCode(MARIA)), "approved");
	});

	test("has nothing to cancel before a code is sent, nor after it was right", async () => {
		assertRefusal(await ana.cancel(await newCall(stack)), 404, "no_pending_code");
		const { task } = await approvedCall();
		assertRefusal(await ana.cancel(task), 409, "already_approved");
		assertSuccess(await ana.info(task), "approved");
	});

	/* ---- Whose number --------------------------------------------------------- */

	for (const to of [MARIA, "+1 202-555-0101", " 12025550101", "+1 (202) 555.0101"])
		test(`takes its own number beside the task, written "${to}"`, async () => {
			const task = await newCall(stack);
			assertSuccess(await ana.start(task, { to }), "pending");
			assertSuccess(await ana.check(task, await stack.lastCode(MARIA), { to }), "approved");
		});

	test("refuses another number beside the task, and sends nothing to it", async () => {
		const task = await newCall(stack);
		const fields = { task, to: JONAS };
		const sentence = /own number only/;

		assertRefusal(await call(stack, "start-verify", fields, { token: ANA }), 409, "number_mismatch", sentence);
		assertRefusal(await call(stack, "start-verify", { ...fields, action: "cancel" }, { token: ANA }), 409,
			"number_mismatch");
		assertRefusal(await call(stack, "customer-info", fields, { token: ANA }), 409, "number_mismatch");
		assert.deepEqual(await stack.messages(JONAS), []);

		await ana.start(task);
		const code = await stack.lastCode(MARIA);
		assertRefusal(await ana.check(task, code, { to: JONAS }), 409, "number_mismatch");
		assertSuccess(await ana.check(task, code), "approved");
	});

	test("needs its task: a number alone is nobody's", async () => {
		for (const program of AGENT_PROGRAMS)
			assertRefusal(await call(stack, program, { to: MARIA }, { token: ANA }), 400, "missing_parameter");
	});

	test("is verified for the number that got the code, not for one that the task has later", async () => {
		const task = ANAS_CALL, attributes = callFrom(MARIA);
		await setAttributes(stack, task, attributes);
		await ana.start(task);
		assertSuccess(await ana.check(task, await stack.lastCode(MARIA)), "approved");

		await setAttributes(stack, task, { ...attributes, from: JONAS });
		const info = await ana.info(task);
		assertSuccess(info, "not_verified");
		assertNoCustomer(info);
		await setAttributes(stack, task, attributes);
		assertSuccess(await ana.info(task), "approved");
	});

	test("is verified for itself, not for the next call of the same number", async () => {
		await approvedCall();
		const next = await ana.info(await newCall(stack));
		assertSuccess(next, "not_verified");
		assertNoCustomer(next);
	});

	test("is not verified by what its attributes claim", async () => {
		await setAttributes(stack, ANAS_CALL, {
			from: MARIA, call_sid: "CA000000000000000000000000000000ff", verified: true,
			verification: { state: "approved" }, state: "approved",
		});
		const info = await ana.info(ANAS_CALL);
		assertSuccess(info, "not_verified");
		assertNoCustomer(info);
	});

	test("stays verified when it is handed to Ben, who sees by whom", async () => {
		const attributes = callFrom(MARIA);
		await setAttributes(stack, ANAS_CALL, attributes);
		await ana.start(ANAS_CALL);
		assertSuccess(await ana.check(ANAS_CALL, await stack.lastCode(MARIA)), "approved");

		await setAttributes(stack, BENS_CALL, attributes);
		const info = await ben.info(BENS_CALL);
		assertSuccess(info, "approved");
		assert.equal(info.json.verification.approved_by, "Ana");
		assert.equal(info.json.verification.by_you, false);
		assert.equal(info.json.customer.name, MARIAS_RECORD.name);
	});

	test("keeps its code when it is handed to Ben, who sees by whom it was sent", async () => {
		const attributes = callFrom(MARIA);
		await setAttributes(stack, ANAS_CALL, attributes);
		const sent = await ana.start(ANAS_CALL);
		assert.deepEqual([sent.json.verification.sent_by, sent.json.verification.by_you], ["Ana", true]);

		await setAttributes(stack, BENS_CALL, attributes);
		const info = await ben.info(BENS_CALL);
		assertSuccess(info, "pending");
		assert.deepEqual([info.json.verification.sent_by, info.json.verification.by_you], ["Ana", false]);
	});

	test("is one verification for both agents of a warm transfer", async () => {
		const both = taskSid(1024);
		assertSuccess(await ana.start(both), "pending");
		const seen = await ben.info(both);
		assertSuccess(seen, "pending");
		assert.equal(seen.json.verification.sent_by, "Ana");
		assertSuccess(await ben.check(both, await stack.lastCode("+12025550110")), "approved");
		assert.equal((await ana.info(both)).json.verification.approved_by, "Ben");
	});

	/* ---- Whose call ------------------------------------------------------------- */

	const strangers = [
		["Ben, whose task it is not", BEN, 403, "not_your_task", /not yours/],
		["Sam, a supervisor who has not joined it", "sandbox-sam", 403, "not_your_task"],
		["Ada, an administrator who has not joined it", "sandbox-ada", 403, "not_your_task"],
		["a web chat visitor with a valid token", "sandbox-guest", 403, "agent_not_allowed", /not that of an agent/],
		["a visitor who claims Ana's worker and role too", "sandbox-guest-agent", 403, "agent_not_allowed"],
		["an agent without a worker", "sandbox-no-worker", 403, "agent_not_allowed"],
		["a worker without roles", "sandbox-roles-null", 403, "agent_not_allowed"],
		["a worker with another role only", "sandbox-other-role", 403, "agent_not_allowed"],
		["nobody", undefined, 401, "agent_not_signed_in", /Sign in/],
		["an unknown token", "sandbox-mallory", 401, "agent_not_signed_in"],
		["a token of another account", "sandbox-other-account", 401, "agent_not_signed_in"],
		["an expired token", "sandbox-expired", 401, "agent_session_expired", /run out/],
		["a token whose expiry is past", "sandbox-over", 401, "agent_session_expired"],
		["a token that is valid only as a text", "sandbox-valid-text", 503, "sign_in_unavailable"],
	];
	for (const [who, token, status, code, sentence] of strangers)
		test(`is refused to ${who}: ${status} ${code}`, async () => {
			const { task, code: passcode } = await approvedCall();
			const attempts = [
				["start-verify", { task }],
				["start-verify", { task, action: "cancel" }],
				["check-verify", { task, verification_code: passcode }],
				["customer-info", { task }],
			];

			for (const [program, fields] of attempts)
				assertRefusal(await call(stack, program, fields, { token }), status, code, sentence);
			assert.equal((await stack.messages(MARIA)).length, 1);
			assertSuccess(await ana.info(task), "approved");
		});

	test("is Ana's with every spelling of the word Bearer", async () => {
		for (const word of ["bearer", "BEARER", "Bearer "]) {
			const answer = await call(stack, "customer-info", { task: ANAS_CALL },
				{ headers: { Authorization: `${word} ${ANA}` } });
			assert.equal(answer.status, 200, word);
		}
	});

	test("is Ben's when it is Ben's", async () => {
		assertSuccess(await ben.start(BENS_CALL), "pending");
		assertSuccess(await ben.check(BENS_CALL, await stack.lastCode(AIKO)), "approved");
		assert.equal((await ben.info(BENS_CALL)).json.customer.name, "Aiko Tanaka");
		assertRefusal(await ana.info(BENS_CALL), 403, "not_your_task");
	});

	test("that does not exist is not found", async () => {
		const unknown = taskSid("dead");
		const sentence = /no such contact/;
		assertRefusal(await ana.start(unknown), 404, "task_not_found", sentence);
		assertRefusal(await ana.check(unknown, "123456"), 404, "task_not_found", sentence);
		assertRefusal(await ana.info(unknown), 404, "task_not_found", sentence);
	});
});

describe("a call whose times are short", () => {
	let stack, ana;

	before(async () => {
		stack = await startStack({ CODE_VALID_SECONDS: 2, VERIFIED_FOR_SECONDS: 2, CHECKS_MAX: 1 });
		ana = agent(stack, ANA);
	});
	after(() => stack?.stop());
	beforeEach(() => stack.reset());

	test("does not take its code late, and takes a new one", async () => {
		const task = await newCall(stack);
		await ana.start(task);
		await sleep(2100);
		assertSuccess(await ana.info(task), "expired");
		assertRefusal(await ana.check(task, await stack.lastCode(MARIA)), 410, "code_expired", /Send a new one/);
		assertSuccess(await ana.start(task), "pending");
		assertSuccess(await ana.check(task, await stack.lastCode(MARIA)), "approved");
	});

	test("closes the customer's data when the approval runs out, and says when that was", async () => {
		const task = await newCall(stack);
		await ana.start(task);
		await ana.check(task, await stack.lastCode(MARIA));
		assert.equal((await ana.info(task)).json.customer.name, MARIAS_RECORD.name);
		await sleep(2100);

		const info = await ana.info(task);
		assertSuccess(info, "not_verified");
		assertNoCustomer(info);
		assert.ok(seconds(info.json.now, info.json.verification.approved_until) >= 0);
		assertRefusal(await ana.check(task, "123456"), 404, "no_pending_code");
	});

	test("can be verified again when the lock has ended", async () => {
		const task = await newCall(stack);
		await ana.start(task);
		const code = await stack.lastCode(MARIA);
		const wrong = await ana.check(task, notThe(code));
		assertRefusal(wrong, 401, "wrong_code");
		assert.equal(wrong.json.verification.state, "locked");
		assertRefusal(await ana.check(task, code), 429, "too_many_checks");
		await sleep(2100);

		assertRefusal(await ana.check(task, code), 410, "code_expired");
		assertSuccess(await ana.start(task), "pending");
		assertSuccess(await ana.check(task, await stack.lastCode(MARIA)), "approved");
	});
});

describe("a call of a centre with one channel and no customer records", () => {
	let stack, ana;

	before(async () => {
		stack = await startStack({
			CHANNELS: "call", SENDS_MAX: 2,
			CUSTOMER_LOOKUP_URL: "", CUSTOMER_LOOKUP_USERNAME: "", CUSTOMER_LOOKUP_PASSWORD: "",
		});
		ana = agent(stack, ANA);
	});
	after(() => stack?.stop());
	beforeEach(() => stack.reset());

	test("gets its code by that channel only, as often as configured", async () => {
		const task = await newCall(stack);
		const sent = await ana.start(task);
		assertSuccess(sent, "pending");
		assert.equal(sent.json.verification.channel, "call");
		assert.deepEqual(sent.json.contact.channels, ["call"]);
		assertRefusal(await ana.start(task, { channel: "sms" }), 422, "channel_not_allowed");
		assertSuccess(await ana.start(task), "pending");
		assertRefusal(await ana.start(task), 429, "too_many_sends");
	});

	test("shows the task's attributes alone", async () => {
		const task = await newCall(stack);
		await ana.start(task);
		await ana.check(task, await stack.lastCode(MARIA));
		const info = await ana.info(task);
		assert.equal(info.json.customer, null);
		assert.equal(info.json.task.from, MARIA);
	});
});
