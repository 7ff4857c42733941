/*
 * More requests at once than there are threads: who waited too long for one is
 * told so at once, and nothing was done for him.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { faults, startFakeTwilio } from "./fake_twilio.js";
import { agentOf } from "./fault_helpers.js";
import { assertRefusal, assertSuccess, call, ledgerSize } from "./helpers.js";
import { startStack } from "./stack.js";

const THREADS = 2, QUEUE_TIMEOUT_MS = 500, WAITING = 6;

describe("with more requests than threads", { timeout: 60000 }, () => {
	let fake, stack;

	before(async () => {
		fake = await startFakeTwilio();
		stack = await startStack({ ...fake.config, THREADS, QUEUE_TIMEOUT_MS });
	});
	after(async () => {
		await fake?.stop();
		await stack?.stop();
	});

	const startFor = (contact) => agentOf(stack, contact).start();

	/* Contacts whose tasks Twilio does not tell of before open(), one for each thread: { answers, open }. */
	async function occupyAllThreads(ask = startFor) {
		const gate = faults.gate(), contacts = Array.from({ length: THREADS }, () => fake.contact());
		const answers = contacts.map((contact) => {
			fake.spoil(contact, "task", gate, 1);
			return ask(contact);
		});
		await Promise.all(contacts.map((contact) => fake.arrival(contact, "task")));
		return { answers, open: gate.open };
	}

	test("those that wait too long are refused when a thread has time, without Twilio, ledger or delay", async () => {
		const { answers, open } = await occupyAllThreads();
		const before = ledgerSize(stack), contacts = Array.from({ length: WAITING }, () => fake.contact());
		const late = contacts.map((contact) => agentOf(stack, contact).start());

		await sleep(2 * QUEUE_TIMEOUT_MS);
		open();
		for (const answer of await Promise.all(late)) {
			assertRefusal(answer, 503, "overloaded");
			assert.equal(answer.headers["retry-after"], "2");
		}
		for (const answer of await Promise.all(answers))
			assertSuccess(answer, "pending");
		for (const contact of contacts)
			assert.ok(fake.requests.every((request) => request.contact !== contact));
		assert.equal(ledgerSize(stack).verifications, before.verifications + THREADS);
		assertSuccess(await agentOf(stack, contacts[0]).start(), "pending");
	});

	test("those that wait less have their turn", async () => {
		const { answers, open } = await occupyAllThreads();
		const next = agentOf(stack, fake.contact()).start();

		open();
		for (const answer of [...await Promise.all(answers), await next])
			assertSuccess(answer, "pending");
	});

	test("who waits for one program's threads takes none of another's", async () => {
		const { answers, open } = await occupyAllThreads((contact) => agentOf(stack, contact).info());

		for (let i = 0; i < WAITING; i++)
			assertSuccess(await agentOf(stack, fake.contact()).start(), "pending");
		open();
		for (const answer of await Promise.all(answers))
			assertSuccess(answer, "not_verified");
	});

	test("nobody can say for himself that he waited long, or not at all", async () => {
		const contact = fake.contact(), { token, task } = contact;

		for (const name of ["Request-Start", "X-Request-Start", "REQUEST_START"])
			assertSuccess(await call(stack, "customer-info", { task }, { token, headers: { [name]: "1" } }), "not_verified");
	});
});

describe("with more requests than threads, and no end of them", { timeout: 60000 }, () => {
	const PATIENCE_MS = 2000, TASK_MS = 100;
	let fake, stack;

	before(async () => {
		fake = await startFakeTwilio();
		stack = await startStack({ ...fake.config, THREADS, QUEUE_TIMEOUT_MS: PATIENCE_MS });
	});
	after(async () => {
		await fake?.stop();
		await stack?.stop();
	});

	const slowly = async (exchange) => {
		await sleep(TASK_MS);
		faults.answers(exchange);
	};

	/* Asks again and again until somebody is refused; resolves to what that answer was and how long it took. */
	async function askOn(contact, state) {
		fake.spoil(contact, "task", slowly);
		while (!state.refused) {
			const began = performance.now();
			const answer = await agentOf(stack, contact).info();
			if (answer.status === 200)
				continue;
			state.refused ??= { answer, ms: performance.now() - began };
		}
	}

	test("the queue is cut short, long before somebody waits for as long as he may", async () => {
		const state = {}, crowd = Array.from({ length: 4 * THREADS }, () => fake.contact());

		await Promise.all(crowd.map((contact) => askOn(contact, state)));
		assertRefusal(state.refused.answer, 503, "overloaded");
		assert.equal(state.refused.answer.headers["retry-after"], "2");
		assert.ok(state.refused.ms < PATIENCE_MS, `${state.refused.ms} ms`);
		assertSuccess(await agentOf(stack, fake.contact()).start(), "pending");
	});
});
