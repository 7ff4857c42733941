/*
 * Many requests at once: for one contact, one of them at a time gets through to
 * Twilio; for many contacts, none waits for another.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { faults, startFakeTwilio } from "./fake_twilio.js";
import { agentOf, approve, assertLedgerConsistent, assertNothingReleased, assertReleased, sendCode }
	from "./fault_helpers.js";
import { assertRefusal, assertSuccess, ledgerRows } from "./helpers.js";
import { startStack } from "./stack.js";

const times = (count, make) => Array.from({ length: count }, (_, i) => make(i));

/* The answers as they come; all() waits for the rest. */
function asThey(come) {
	const arrived = [];
	const all = Promise.all(come.map(async (promise) => arrived.push(await promise)));
	return { arrived, all };
}

async function whenThereAre(count, list) {
	while (list.length < count)
		await sleep(10);
}

describe("requests at the same time", { timeout: 120000 }, () => {
	let fake, stack;

	before(async () => {
		fake = await startFakeTwilio();
		stack = await startStack(fake.config);
	});
	after(async () => {
		await fake?.stop();
		await stack?.stop();
	});

	const newContact = () => {
		const contact = fake.contact();
		return { contact, who: agentOf(stack, contact) };
	};

	/* 20 at once, of which one is at Twilio until all others were answered. */
	async function playGated(contact, call, ask) {
		const gate = faults.gate();
		fake.spoil(contact, call, gate);
		const { arrived, all } = asThey(times(20, ask));

		await whenThereAre(19, arrived);
		assert.equal(arrived.length, 19);
		for (const answer of arrived)
			assertRefusal(answer, 409, "verification_busy");
		assert.equal(fake.count(contact, call), 1);
		gate.open();
		await all;
		fake.unspoil(contact);
		return arrived.at(-1);
	}

	test("to send a code: one is sent, the others are told to wait", async () => {
		const { contact, who } = newContact();

		assertSuccess(await playGated(contact, "start", who.start), "pending");
		assert.equal(fake.count(contact, "start"), 1);
		assert.equal((await who.info()).json.verification.sends_left, 4, "those that were refused do not count");
		assertSuccess(await who.check(), "approved");
	});

	test("with the right code: one is checked, the others are told to wait, and it is good for one time", async () => {
		const { contact, who } = newContact();

		await sendCode(who);
		assertSuccess(await playGated(contact, "check", () => who.check()), "approved");
		assert.equal(fake.count(contact, "check"), 1);
		for (const answer of await Promise.all(times(5, () => who.check())))
			assertRefusal(answer, 409, "already_approved");
		assert.equal(fake.count(contact, "check"), 1);
		assert.deepEqual(ledgerRows(stack, `SELECT count(*) AS approvals FROM events
			WHERE outcome = 'approved' AND interaction = '${contact.call}'`), [{ approvals: 1 }]);
	});

	test("with the right code, and Twilio is quick: exactly one is verified", async () => {
		const { contact, who } = newContact();

		await sendCode(who);
		const answers = await Promise.all(times(50, () => who.check()));
		const [verified, refused] = [true, false].map((success) =>
			answers.filter(({ json }) => json.success === success));
		assert.equal(verified.length, 1);
		assertSuccess(verified[0], "approved");
		for (const answer of refused) {
			assert.ok(["verification_busy", "already_approved"].includes(answer.json.code), answer.text);
			assert.equal(answer.status, 409);
		}
		assert.equal(fake.count(contact, "check"), 1);
	});

	test("with wrong codes: no more reach Twilio than are allowed, and then not even the right one", async () => {
		const { contact, who } = newContact();

		await sendCode(who);
		for (let round = 0; round < 5; round++) {
			const answers = await Promise.all(times(15, () => who.check(contact.wrongCode)));
			for (const { json } of answers)
				assert.ok(["wrong_code", "verification_busy", "too_many_checks"].includes(json.code), json.code);
		}
		assertRefusal(await who.check(), 429, "too_many_checks");
		assert.equal(fake.count(contact, "check"), 5);
	});

	test("of every kind for one contact: Twilio never has two of them at once", async () => {
		const kinds = new Set();

		await Promise.all(times(9, async (i) => {
			const { contact, who } = newContact();
			const asks = { start: who.start, check: () => who.check(contact.wrongCode), cancel: who.cancel };
			const first = Object.keys(asks)[i % 3];
			let inHand = 0, most = 0;
			const slowly = async (exchange) => {
				kinds.add(exchange.call);
				most = Math.max(most, ++inHand);
				await sleep(50);
				inHand--; /* before the answer is sent: the next one may come right behind it */
				faults.answers(exchange);
			};

			await sendCode(who);
			for (const call of Object.keys(asks))
				fake.spoil(contact, call, slowly);
			const arrived = fake.arrival(contact, first, fake.count(contact, first) + 1);
			const leading = asks[first]();
			await arrived;
			await Promise.all([leading, ...times(4, () => Object.values(asks).map((ask) => ask())).flat()]);
			assert.equal(most, 1);
		}));
		assert.equal(kinds.size, 3);
		assertLedgerConsistent(stack);
	});

	test("for a hundred contacts: all of them are verified, each by its own code", async () => {
		const playing = times(100, newContact);

		for (const answer of await Promise.all(playing.map(({ who }) => who.start())))
			assertSuccess(answer, "pending");
		const others = await Promise.all(playing.map(({ who }, i) => who.check(playing[(i + 1) % 100].contact.code)));
		for (const answer of others)
			assertRefusal(answer, 401, "wrong_code");
		for (const answer of await Promise.all(playing.map(({ who }) => who.check())))
			assertSuccess(answer, "approved");
		const infos = await Promise.all(playing.map(({ who }) => who.info()));
		infos.forEach((info, i) => assertReleased(info, playing[i].contact));
		assertLedgerConsistent(stack);
	});

	for (const call of ["validate", "task", "customer"])
		test(`do not wait for one whose ${call} hangs`, async () => {
			const slow = newContact(), quick = newContact();
			const gate = faults.gate();

			await approve(slow.who);
			await approve(quick.who);
			fake.spoil(slow.contact, call, gate);
			const hanging = asThey([slow.who.info()]);
			await fake.arrival(slow.contact, call, fake.count(slow.contact, call) + 1);
			for (const answer of await Promise.all(times(100, quick.who.info)))
				assertReleased(answer, quick.contact);
			assert.equal(hanging.arrived.length, 0);
			gate.open();
			await hanging.all;
			assertReleased(hanging.arrived[0], slow.contact);
		});
});

/*
 * All threads can be waiting for Twilio.  Who comes then waits in the socket's
 * queue, which is longer than any call centre, for QUEUE_TIMEOUT_MS at most; his
 * deadline begins when a thread takes him.  nginx's fastcgi_read_timeout is the
 * limit of both together.
 */
describe("more requests than threads", { timeout: 60000 }, () => {
	const THREADS = 4;
	const TIMEOUT_MS = 3000, DEFAULT_MS = 10_000;
	let fake, stack;

	before(async () => {
		fake = await startFakeTwilio();
		stack = await startStack({ ...fake.config, THREADS, REQUEST_TIMEOUT_MS: TIMEOUT_MS, QUEUE_TIMEOUT_MS: 15000 });
	});
	after(async () => {
		await fake?.stop();
		await stack?.stop();
	});

	test("wait for a thread, and are answered", async () => {
		const hanging = times(THREADS, () => fake.contact());
		const last = fake.contact();

		for (const contact of hanging)
			fake.spoil(contact, "validate", faults.hangs);
		const began = performance.now();
		const waiting = hanging.map((contact) => agentOf(stack, contact).start());
		while (fake.requests.filter(({ call }) => call === "validate").length < THREADS)
			await sleep(5);
		const answer = await agentOf(stack, last).start();
		assertSuccess(answer, "pending");
		/* mod_fcgid starts another process instead. */
		if (process.env.WEB !== "fcgid")
			assert.ok(performance.now() - began >= TIMEOUT_MS, "a thread had to be given up first");
		for (const refused of await Promise.all(waiting))
			assertRefusal(refused, 503, "sign_in_unavailable");
		assert.ok(performance.now() - began < DEFAULT_MS, "the deadline is the one that was set");
	});

	test("leave the other programs alone", async () => {
		const contact = fake.contact();
		const who = agentOf(stack, contact);
		const hanging = times(THREADS, () => fake.contact());

		await approve(who);
		for (const one of hanging)
			fake.spoil(one, "validate", faults.hangs);
		const waiting = asThey(hanging.map((one) => agentOf(stack, one).start()));
		for (const one of hanging)
			await fake.arrival(one, "validate");
		const info = await who.info();
		assert.equal(waiting.arrived.length, 0);
		assertReleased(info, contact);
		await waiting.all;
		for (const [i, answer] of waiting.arrived.entries())
			assertNothingReleased(answer, hanging[i]);
	});
});
