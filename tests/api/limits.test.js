/*
 * Limits that cannot be walked round: by another code, another call, another
 * tab, another program or a restart.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { faults, startFakeTwilio } from "./fake_twilio.js";
import { agentOf, sendCode } from "./fault_helpers.js";
import {
	ANA, AS_TWILIOS_CLIENT as CLIENT, BEN, BENS_CALL, agent, assertRefusal, assertSuccess, newCall, notThe,
} from "./helpers.js";
import { startStack } from "./stack.js";

const HOUR_S = 3600;
const LANDLINE = "+12025550140"; /* the sandbox's magic */

const fromNow = (iso) => (Date.parse(iso) - Date.now()) / 1000;
const many = (count, act) => Promise.all(Array.from({ length: count }, act));

/* A number that no test before has used: each has a ledger of counts of its own. */
let last = 447700900100;
const newNumber = () => `+${last++}`;

function suite(name, keys, tests) {
	describe(name, () => {
		const at = {};

		before(async () => {
			at.stack = await startStack(keys);
			at.ana = agent(at.stack, ANA);
			at.ben = agent(at.stack, BEN);
		});
		after(() => at.stack?.stop());
		beforeEach(() => at.stack.reset());
		tests(at);
	});
}

suite("between two codes to a number", { RESEND_AFTER_SECONDS: "3 30" }, (at) => {
	const sentCall = async (from) => {
		const task = await newCall(at.stack, { from });
		const sent = await at.ana.start(task);
		assertSuccess(sent, "pending");
		return { task, sent };
	};

	test("there is a pause, which the answer names and the server keeps", async () => {
		const { task, sent } = await sentCall(newNumber());
		assert.ok(fromNow(sent.json.verification.resend_at) <= 4, sent.text);
		const refused = await at.ana.start(task);
		assertRefusal(refused, 429, "resend_too_soon");
		assert.equal(refused.json.verification.state, "pending");
		assert.equal(refused.json.verification.resend_at, refused.json.opens_at);
		await sleep(3100);
		assertSuccess(await at.ana.start(task), "pending");
	});

	test("the pause grows", async () => {
		const { task } = await sentCall(newNumber());
		await sleep(3100);
		assertSuccess(await at.ana.start(task), "pending");
		await sleep(3100);
		const refused = await at.ana.start(task);
		assertRefusal(refused, 429, "resend_too_soon");
		assert.ok(fromNow(refused.json.opens_at) > 20, refused.text);
	});

	test("neither a cancellation nor another agent's call of that number skips it", async () => {
		const number = newNumber();
		const { task } = await sentCall(number);
		assertSuccess(await at.ana.cancel(task), "canceled");
		assertRefusal(await at.ana.start(task), 429, "resend_too_soon");
		const other = await newCall(at.stack, { from: number, task: BENS_CALL });
		assertRefusal(await at.ben.start(other), 429, "resend_too_soon");
	});

	test("fifty clicks at once are one text", async () => {
		const number = newNumber();
		const task = await newCall(at.stack, { from: number });
		const answers = await many(50, () => at.ana.start(task));

		assert.equal(answers.filter(({ status }) => status === 200).length, 1);
		assert.equal((await at.stack.messages(number)).length, 1);
	});
});

suite("wrong codes", { FAILURES_PER_NUMBER_HOUR: "3" }, (at) => {
	const fail = async (who, task, number, times) => {
		for (let i = 0; i < times; i++)
			assertRefusal(await who.check(task, notThe(await at.stack.lastCode(number))), 401, "wrong_code");
	};

	test("are counted for the number, whatever the code and the call", async () => {
		const number = newNumber();
		const task = await newCall(at.stack, { from: number });
		assertSuccess(await at.ana.start(task), "pending");
		await fail(at.ana, task, number, 2);
		assertSuccess(await at.ana.cancel(task), "canceled");
		assertSuccess(await at.ana.start(task), "pending");
		await fail(at.ana, task, number, 1);

		const right = await at.ana.check(task, await at.stack.lastCode(number));
		assertRefusal(right, 429, "too_many_checks");
		assert.equal(right.json.verification.state, "locked");
		const wait = fromNow(right.json.verification.locked_until);
		assert.ok(wait > HOUR_S - 60 && wait <= HOUR_S + 1, right.text);
		assertRefusal(await at.ana.start(task), 429, "too_many_checks");

		const other = await newCall(at.stack, { from: number, task: BENS_CALL });
		assertRefusal(await at.ben.start(other), 429, "too_many_checks");
		assert.equal((await at.ben.info(other)).json.verification.state, "locked");
	});

	test("are still counted after the programs were killed", async () => {
		const number = newNumber();
		const task = await newCall(at.stack, { from: number });
		assertSuccess(await at.ana.start(task), "pending");
		await fail(at.ana, task, number, 3);
		for (const program of ["start-verify", "check-verify", "customer-info"])
			at.stack.kill9(program);
		await at.stack.start();
		assertRefusal(await at.ana.check(task, await at.stack.lastCode(number)), 429, "too_many_checks");
		assertRefusal(await at.ana.start(task), 429, "too_many_checks");
	});

	test("are not counted where the code was right", async () => {
		const number = newNumber();
		for (let i = 0; i < 4; i++) {
			const task = await newCall(at.stack, { from: number });
			assertSuccess(await at.ana.start(task), "pending");
			assertSuccess(await at.ana.check(task, await at.stack.lastCode(number)), "approved");
		}
	});

	test("fifty right codes at once are one approval", async () => {
		const number = newNumber();
		const task = await newCall(at.stack, { from: number });
		assertSuccess(await at.ana.start(task), "pending");
		const code = await at.stack.lastCode(number);
		const answers = await many(50, () => at.ana.check(task, code));

		assert.equal(answers.filter(({ status }) => status === 200).length, 1);
	});
});

suite("codes in an hour", { SENDS_PER_AGENT_HOUR: "2", SENDS_PER_HOUR: "3" }, (at) => {
	test("are limited for an agent and for all together", async () => {
		for (let i = 0; i < 2; i++)
			assertSuccess(await at.ana.start(await newCall(at.stack, { from: newNumber() })), "pending");
		const third = await at.ana.start(await newCall(at.stack, { from: newNumber() }));
		assertRefusal(third, 429, "agent_limit");
		assert.ok(fromNow(third.json.opens_at) > HOUR_S - 60, third.text);

		const bens = () => newCall(at.stack, { from: newNumber(), task: BENS_CALL });
		assertSuccess(await at.ben.start(await bens()), "pending");
		assertRefusal(await at.ben.start(await bens()), 429, "system_limit");
	});
});

suite("codes that Twilio refused to send", { SENDS_PER_AGENT_HOUR: "1", RESEND_AFTER_SECONDS: "30" }, (at) => {
	test("count for no limit and need no pause", async () => {
		const landline = await newCall(at.stack, { from: LANDLINE });
		assertRefusal(await at.ana.start(landline), 422, "landline");
		assertRefusal(await at.ana.start(landline), 422, "landline");
		assertSuccess(await at.ana.start(await newCall(at.stack, { from: newNumber() })), "pending");
	});
});

suite("a code", { CODE_VALID_SECONDS: "5" }, (at) => {
	test("is for the call it was sent for, not for another one of that number", async () => {
		const number = newNumber();
		const first = await newCall(at.stack, { from: number });
		const second = await newCall(at.stack, { from: number, task: BENS_CALL });
		assertSuccess(await at.ana.start(first), "pending");
		const code = await at.stack.lastCode(number);
		assertSuccess(await at.ben.start(second), "pending");

		assert.notEqual(await at.stack.lastCode(number), code);
		assertRefusal(await at.ben.check(second, code), 401, "wrong_code");
		assertRefusal(await at.ana.check(first, code), 404, "no_pending_code");
	});

	test("that has run out is not sent again, nor is it good for the next one", async () => {
		const number = newNumber();
		const task = await newCall(at.stack, { from: number });
		assertSuccess(await at.ana.start(task), "pending");
		const code = await at.stack.lastCode(number);
		await sleep(5100);
		assertRefusal(await at.ana.check(task, code), 410, "code_expired");
		assertSuccess(await at.ana.start(task), "pending");
		assertRefusal(await at.ana.check(task, code), 401, "wrong_code");
	});
});

/* ---- The Verify service's own limits ------------------------------------------- */

const LIMITS = "/sandbox/twilio/v2/Services/VA00000000000000000000000000000001/RateLimits";

/* Makes a limit of the service with one bucket. */
async function makeLimit(stack, name, max, interval) {
	const { json: limit } = await stack.post(LIMITS, { UniqueName: name }, { headers: CLIENT });
	const made = await stack.post(`${LIMITS}/${limit.sid}/Buckets`, { Max: max, Interval: interval }, { headers: CLIENT });
	assert.equal(made.status, 201, made.text);
}

suite("a limit that the Verify service has", { RATE_LIMITS: "per_agent:agent per_call:interaction" }, (at) => {
	beforeEach(async () => {
		await makeLimit(at.stack, "per_agent", 3, 1000);
		await makeLimit(at.stack, "per_call", 2, 600);
	});

	test("is kept for an agent, names when it opens, and leaves others alone", async () => {
		for (let i = 0; i < 3; i++)
			assertSuccess(await at.ana.start(await newCall(at.stack, { from: newNumber() })), "pending");
		const number = newNumber();
		const task = await newCall(at.stack, { from: number });
		const refused = await at.ana.start(task);

		assertRefusal(refused, 429, "twilio_limit", /Nothing was sent/);
		assert.ok(fromNow(refused.json.opens_at) > 900, refused.text);
		assert.equal(refused.json.verification.state, "not_verified");
		assert.equal((await at.stack.messages(number)).length, 0);
		const other = await newCall(at.stack, { from: newNumber(), task: BENS_CALL });
		assertSuccess(await at.ben.start(other), "pending");
	});

	test("is kept for a call, and a code that was sent before is still good", async () => {
		const number = newNumber();
		const task = await newCall(at.stack, { from: number });
		assertSuccess(await at.ana.start(task), "pending");
		assertSuccess(await at.ana.start(task), "pending");
		const refused = await at.ana.start(task);

		assertRefusal(refused, 429, "twilio_limit");
		assert.equal(refused.json.verification.state, "pending");
		assert.equal((await at.stack.messages(number)).length, 2);
		assertSuccess(await at.ana.check(task, await at.stack.lastCode(number)), "approved");
	});
});

suite("a limit that the Verify service does not have", { RATE_LIMITS: "nobodys:system" }, (at) => {
	test("lets no code go", async () => {
		const number = newNumber();
		const task = await newCall(at.stack, { from: number });
		assert.equal((await at.ana.start(task)).status, 422);
		assert.equal((await at.stack.messages(number)).length, 0);
	});
});

describe("of what the Verify service is to count", () => {
	const WORDS = "a:agent n:number i:interaction s:system";

	async function sendsOf(keys, tests) {
		const fake = await startFakeTwilio();
		const stack = await startStack({ ...fake.config, ...keys });
		try {
			await tests(fake, stack);
		} finally {
			await stack.stop();
			await fake.stop();
		}
	}

	test("Twilio gets hashes of sends only, the same for the same, and nothing in clear", () =>
		sendsOf({ RATE_LIMITS: WORDS }, async (fake, stack) => {
			const [one, other] = [fake.contact(), fake.contact()];
			for (const contact of [one, one, other])
				await sendCode(agentOf(stack, contact));
			assertSuccess(await agentOf(stack, one).check(), "approved");
			const [first, again, others] = fake.requests.filter(({ call }) => call === "start")
				.map(({ fields }) => JSON.parse(fields.RateLimits));

			assert.deepEqual(Object.keys(first), ["a", "n", "i", "s"]);
			for (const value of Object.values(first))
				assert.match(value, /^[0-9a-f]{16}$/);
			assert.deepEqual(again, first);
			for (const name of ["a", "n", "i"])
				assert.notEqual(others[name], first[name], name);
			assert.equal(others.s, first.s);
			for (const { call, fields } of fake.requests.filter(({ call: name }) => name !== "start"))
				assert.equal(fields.RateLimits, undefined, call);
		}));

	test("without the key it gets no word", () => sendsOf({}, async (fake, stack) => {
		const contact = fake.contact();
		await sendCode(agentOf(stack, contact));
		assert.equal(fake.asked(contact, "start")[0].fields.RateLimits, undefined);
	}));

	test("a 429 that names no limit is a busy Twilio", () => sendsOf({ RATE_LIMITS: WORDS }, async (fake, stack) => {
		const contact = fake.contact();
		fake.spoil(contact, "start", faults.busy);
		assertRefusal(await agentOf(stack, contact).start(), 503, "twilio_busy");
	}));
});
