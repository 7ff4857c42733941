/*
 * Everything that Twilio and the customer look-up can do to a request, by the
 * sandbox's magic numbers, codes, tokens and tasks: the agent is told what is
 * the matter, in time, and nobody is verified by accident.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import {
	ANA, agent, assertNoCustomer, assertRefusal, assertSuccess, newCall, taskSid,
} from "./helpers.js";
import { startStack } from "./stack.js";

/* Of a request in all; by default it is 10 s, and the sandbox's own delays are 12 s. */
const DEADLINE_MS = 5000;
const DEFAULT_MS = 10_000;

/* The task of a magic number is the one that ends in its last four digits. */
const taskOf = (number) => taskSid(number.slice(-4));

/* ---- Sending: number, status, code, state afterwards, what the sentence says ---- */

const NOTHING_WENT_OUT = [
	["+12025550140", 422, "landline", /Try a call/],
	["+12025550141", 422, "range_blocked", /Try a call/],
	["+12025550142", 422, "country_blocked", /another way/],
	["+12025550143", 422, "channel_off", /Choose another/],
	["+12025550144", 409, "verification_busy", /Wait a few seconds/],
	["+12025550145", 503, "twilio_busy", /Nothing was sent/],
	["+12025550146", 422, "opted_out", /Try a call/],
	["+12025550147", 422, "number_blocked", /another way/],
	["+12025550148", 422, "no_texts", /Try a call/],
	["+12025550149", 422, "twilio_trial", /Tell your supervisor/],
	["+12025550150", 429, "too_many_sends", /Too many codes/],
	["+12025550151", 503, "twilio_credentials", /Tell your supervisor/],
];

const SOMETHING_MAY_HAVE_GONE_OUT = [
	["+12025550152", 502, "twilio_failed", "answers 500"],
	["+12025550153", 502, "twilio_failed", "answers 500 with a page"],
	["+12025550154", 502, "twilio_failed", "answers 503 with a page"],
	["+12025550155", 502, "twilio_bad_answer", "answers 201 with a page"],
	["+12025550156", 502, "twilio_bad_answer", "redirects to another host"],
	["+12025550157", 502, "twilio_bad_answer", "answers with 200 kB"],
	["+12025550158", 502, "answer_lost", "closes the connection without acting"],
	["+12025550159", 502, "answer_lost", "closes the connection after acting"],
	["+12025550161", 502, "twilio_bad_answer", "answers with half the JSON"],
	["+12025550162", 502, "twilio_bad_answer", "answers for another number"],
	["+12025550163", 502, "twilio_bad_answer", "answers for another service"],
	["+12025550164", 502, "twilio_bad_answer", "answers a send with approved"],
];

/*
 * ---- Checking the right code: number, status, code ----
 *
 * An answer that cannot be used never counts.  But where Twilio did act, its
 * record of attempts says so when it is asked again.
 */

const CHECKS_ACTED_UPON = [
	["+12025550170", 502, "answer_lost", "closes the connection after acting"],
	["+12025550172", 502, "twilio_bad_answer", "answers with half the JSON"],
	["+12025550173", 502, "twilio_bad_answer", "answers for another verification"],
	["+12025550174", 502, "twilio_bad_answer", "answers for another number"],
	["+12025550175", 502, "twilio_bad_answer", "answers for another service"],
];

const CHECKS_IGNORED = [
	["+12025550176", 502, "twilio_failed", "answers 503 with a page"],
	["+12025550177", 502, "twilio_failed", "answers 500"],
	["+12025550178", 503, "twilio_busy", "has too many requests"],
	["+12025550179", 502, "twilio_bad_answer", "redirects to another host"],
	["+12025550180", 502, "twilio_bad_answer", "answers 200 with a page"],
];

const CODES = [
	["999001", 502, "twilio_bad_answer", "answers for another verification"],
	["999002", 502, "twilio_bad_answer", "answers with half the JSON"],
	["999200", 502, "twilio_bad_answer", "answers 200 with a page"],
	["999307", 502, "twilio_bad_answer", "redirects to another host"],
	["999404", 410, "code_expired", "does not know the verification any more"],
	["999429", 503, "twilio_busy", "has too many requests"],
	["999443", 502, "answer_lost", "closes the connection without acting"],
	["999444", 502, "answer_lost", "closes the connection after acting"],
	["999500", 502, "twilio_failed", "answers 500"],
	["999503", 502, "twilio_failed", "answers 503 with a page"],
];

/* ---- Signing in, finding the task, finding the customer ---- */

const TOKENS = ["sandbox-html", "sandbox-503", "sandbox-500", "sandbox-429", "sandbox-closed", "sandbox-redirect",
	"sandbox-flood", "sandbox-truncated"];

const TASKS = [3001, 3002, 3200, 3307, 3429, 3443, 3500, 3503, 4200, 4443, 4503];

const CUSTOMERS = ["+12025550185", "+12025550187", "+12025550188", "+12025550189", "+12025550190", "+12025550191"];

describe("when Twilio", () => {
	let stack, ana;

	before(async () => {
		stack = await startStack({ REQUEST_TIMEOUT_MS: DEADLINE_MS });
		ana = agent(stack, ANA);
		await stack.reset();
	});
	/* The sandbox may have an answer in hand that it means to give in 12 s. */
	after(async () => {
		await stack?.kill9("twilio-sandbox");
		await stack?.stop();
	});

	/* An answer, and that it came within the deadline. */
	const inTime = async (ask) => {
		const start = performance.now();
		const answer = await ask();
		const took = performance.now() - start;
		assert.ok(took < DEFAULT_MS - 1000, `${Math.round(took)} ms`);
		return answer;
	};

	/* Whatever Twilio said: not verified, and no data. */
	const assertNotVerified = async (task) => {
		const info = await inTime(() => ana.info(task));
		assertSuccess(info);
		assert.notEqual(info.json.verification.state, "approved");
		assertNoCustomer(info);
		return info.json.verification.state;
	};

	for (const [number, status, code, sentence] of NOTHING_WENT_OUT)
		test(`refuses to send to ${number}, the agent reads ${status} ${code}`, async () => {
			const task = taskOf(number);
			assertRefusal(await inTime(() => ana.start(task)), status, code, sentence);
			assert.equal(await assertNotVerified(task), "not_verified");
			assertRefusal(await ana.check(task, "123456"), 404, "no_pending_code");
		});

	test("can call a landline or a customer who wants no texts", async () => {
		for (const number of ["+12025550140", "+12025550146", "+12025550148"])
			assertSuccess(await ana.start(taskOf(number), { channel: "call" }), "pending");
	});

	test("names its error, the agent gets the page of that error", async () => {
		const refused = await ana.start(taskOf("+12025550140"));
		assert.equal(refused.json.error.moreInfo, "https://www.twilio.com/docs/errors/60205");
	});

	for (const [number, status, code, what] of SOMETHING_MAY_HAVE_GONE_OUT)
		test(`${what} on a send, the agent reads ${status} ${code} and is not told that it failed`, async () => {
			const task = taskOf(number);
			const answer = await inTime(() => ana.start(task));
			assertRefusal(answer, status, code, /Ask if a code arrived/);
			assert.equal(answer.json.verification.state, "unclear");
			assert.equal(answer.json.verification.sends_left, 4);
			await assertNotVerified(task);
		});

	test("accepts a message that never arrives, the agent can send once more by another way", async () => {
		const number = "+12025550165";
		assertSuccess(await ana.start(taskOf(number)), "pending");
		assert.deepEqual((await stack.messages(number)).filter(({ channel }) => channel === "sms"), []);
		assertSuccess(await ana.start(taskOf(number), { channel: "call" }), "pending");
	});

	test("refuses one way of sending, that does not count, and the code sent before stays good", async () => {
		const number = "+12025550143", task = taskOf(number);
		assertSuccess(await ana.start(task, { channel: "call" }), "pending");
		const refused = await ana.start(task, { channel: "sms" });
		assertRefusal(refused, 422, "channel_off");
		assert.deepEqual([refused.json.verification.state, refused.json.verification.sends_left], ["pending", 4]);
		assertSuccess(await ana.check(task, await stack.lastCode(number)), "approved");
	});

	test("loses the answer to one send after the other, they count together", async () => {
		const task = await newCall(stack, { from: "+12025550154" });
		for (const left of [4, 3, 2, 1, 0]) {
			const answer = await ana.start(task);
			assertRefusal(answer, 502, "twilio_failed");
			assert.equal(answer.json.verification.sends_left, left);
		}
		assertRefusal(await ana.start(task), 429, "too_many_sends");
	});

	const checkRightCode = async (number) => {
		assertSuccess(await ana.start(taskOf(number)), "pending");
		const passcode = await stack.lastCode(number);
		return inTime(() => ana.check(taskOf(number), passcode));
	};

	for (const [number, status, code, what] of CHECKS_ACTED_UPON)
		test(`${what} on the check of the right code, the agent reads ${code}, and then Verified`, async () => {
			const answer = await checkRightCode(number);
			assertRefusal(answer, status, code);
			assert.equal(answer.json.verification.state, "unclear");

			const info = await ana.info(taskOf(number));
			assertSuccess(info, "approved");
			assert.equal(info.json.verification.approved_by, "Ana");
			assert.equal(info.json.customer.phone, number);
		});

	for (const [number, status, code, what] of CHECKS_IGNORED)
		test(`${what} on the check of the right code, the agent reads ${status} ${code}`, async () => {
			assertRefusal(await checkRightCode(number), status, code);
			await assertNotVerified(taskOf(number));
		});

	for (const [passcode, status, code, what] of CODES)
		test(`${what} on the check of ${passcode}, the agent reads ${status} ${code}`, async () => {
			const task = await newCall(stack, { from: "+12025550104" });
			assertSuccess(await ana.start(task), "pending");
			assertRefusal(await inTime(() => ana.check(task, passcode)), status, code);
			await assertNotVerified(task);
			await stack.reset();
		});

	/* Each of these takes the whole deadline, so they take it together. */
	test("answers too late, wherever that is, the agent hears of it in time", async () => {
		const [checked, looked] = ["+12025550171", "+12025550186"];
		const tasks = [taskOf(checked), taskSid(2), taskOf(looked)];
		for (const task of tasks)
			assertSuccess(await ana.start(task), "pending");
		const code = await stack.lastCode(checked);
		assertSuccess(await ana.check(tasks[2], await stack.lastCode(looked)), "approved");

		const late = [
			[() => ana.start(taskOf("+12025550160")), 504, "twilio_timed_out", /Ask if a code arrived/],
			[() => ana.check(tasks[0], code), 504, "twilio_timed_out"],
			[() => ana.check(tasks[1], "999012"), 504, "twilio_timed_out"],
			[() => agent(stack, "sandbox-slow").start(taskSid(1013)), 503, "sign_in_unavailable", /Nothing was sent/],
			[() => ana.start(taskSid(3012)), 503, "task_unavailable", /Nothing was sent/],
			[() => ana.start(taskSid(4012)), 503, "task_unavailable", /Nothing was sent/],
			[() => ana.info(tasks[2]), 502, "customer_lookup_failed"],
		];
		await Promise.all(late.map(async ([ask, ...refusal]) => assertRefusal(await inTime(ask), ...refusal)));
		for (const task of [taskOf("+12025550160"), tasks[1]])
			await assertNotVerified(task);
		assertSuccess(await ana.info(tasks[0]), "approved");
		assert.deepEqual(await stack.messages("+12025550107"), []);
	});

	test("has too many requests, the check does not count", async () => {
		const task = await newCall(stack);
		await ana.start(task);
		const answer = await ana.check(task, "999429");
		assertRefusal(answer, 503, "twilio_busy");
		assert.equal(answer.json.verification.checks_left, 5);
		assertSuccess(await ana.check(task, await stack.lastCode("+12025550101")), "approved");
	});

	test("loses the answer to a wrong code, the code can be checked again once that is known", async () => {
		const task = await newCall(stack);
		await ana.start(task);
		const answer = await ana.check(task, "999444");
		assertRefusal(answer, 502, "answer_lost");
		assert.equal(answer.json.verification.state, "unclear");

		const info = await ana.info(task);
		assertSuccess(info, "pending");
		assert.equal(info.json.verification.checks_left, 4);
		assertSuccess(await ana.check(task, await stack.lastCode("+12025550101")), "approved");
	});

	test("loses the answer to the right code, entering it again does no harm", async () => {
		const number = "+12025550170";
		assertRefusal(await checkRightCode(number), 502, "answer_lost");
		assertRefusal(await ana.check(taskOf(number), "123456"), 409, "already_approved");
	});

	test("fails to cancel, the code stays what it was", async () => {
		const number = "+12025550181", task = taskOf(number);
		await ana.start(task);
		assertRefusal(await ana.cancel(task), 502, "twilio_failed");
		assert.equal(await assertNotVerified(task), "pending");
		assertSuccess(await ana.check(task, await stack.lastCode(number)), "approved");
	});

	test("cancels and loses the answer, the code is found canceled", async () => {
		const number = "+12025550182", task = taskOf(number);
		await ana.start(task);
		assertRefusal(await ana.cancel(task), 502, "answer_lost");
		assert.equal(await assertNotVerified(task), "canceled");
	});

	for (const token of TOKENS)
		test(`cannot say who ${token} is, nobody is let in`, async () => {
			const task = await newCall(stack, { from: "+12025550103" });
			const before = (await stack.messages("+12025550103")).length;
			const nobody = agent(stack, token);
			const answers = await inTime(() => Promise.all([nobody.start(task), nobody.info(task)]));
			for (const answer of answers)
				assertRefusal(answer, 503, "sign_in_unavailable", /Nothing was sent/);
			assert.equal((await stack.messages("+12025550103")).length, before);
		});

	for (const number of TASKS)
		test(`cannot say what task ${number} is, nothing is sent`, async () => {
			const task = taskSid(number);
			const before = (await stack.messages("+12025550107")).length;
			const answers = await inTime(() => Promise.all([ana.start(task), ana.info(task)]));
			for (const answer of answers)
				assertRefusal(answer, 503, "task_unavailable", /Nothing was sent/);
			assert.equal((await stack.messages("+12025550107")).length, before);
		});

	for (const number of CUSTOMERS)
		test(`has verified ${number} and the customer look-up fails, there is no data`, async () => {
			const task = taskOf(number);
			assertSuccess(await ana.start(task), "pending");
			assertSuccess(await ana.check(task, await stack.lastCode(number)), "approved");
			const info = await inTime(() => ana.info(task));
			assertRefusal(info, 502, "customer_lookup_failed", /could not be fetched/);
			assert.equal(info.json.verification.state, "approved");
			assertNoCustomer(info);
		});
});
