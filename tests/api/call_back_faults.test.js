/*
 * A call-back when Twilio does not answer as it should: a task that may have
 * been made counts for nothing, and nobody was called back on a bad word.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { CALLBACK_KEYS } from "./call_backs.js";
import { faults, rfc2822, sid, startFakeTwilio } from "./fake_twilio.js";
import { assertNoCustomer, assertRefusal, assertSuccess, agent, ledgerRows } from "./helpers.js";
import { startStack } from "./stack.js";

/* Short; what goes well has to go well in time, with sanitizers on a busy machine. */
const KEYS = { REQUEST_TIMEOUT_MS: 4000, STRENGTHS: "sms:1 callback:2" };

const ANY_CALL = {
	"does not answer": faults.hangs,
	"stops in the middle of the body": faults.hangsInBody,
	"closes the connection without an answer": faults.closes,
	"resets the connection in the middle of the body": faults.resetsInBody,
	"answers 200 with a web page": faults.html,
	"answers 200 with nothing": faults.empty,
	"answers null": faults.isNull,
	"answers with an array around the answer": faults.isAnArray,
	"answers twice in one body": faults.doubled,
	"puts the answer into a redirect": faults.answersIn302,
	"puts the answer into a 404": faults.answersIn404,
	"puts the answer into a 500": faults.answersIn500,
	"answers 429": faults.busy,
	"answers 503 in JSON": faults.failsWithJson,
};

const TO_CREATE = {
	"tells of no task": faults.without("sid"),
	"tells of something that is no task": faults.with({ sid: sid("WR", 1) }),
	"tells of another workspace": faults.with({ workspace_sid: sid("WS", 999999) }),
	"says the task twice": faults.repeating("sid", sid("WT", 1)),
};

const TO_CALLS = {
	"tells of no calls": faults.without("calls"),
	"lists what is no list": faults.with({ calls: {} }),
	"lists a text": faults.with({ calls: ["in-progress"] }),
	"lists twice": faults.repeating("calls", []),
};

/* What Twilio lists, and what nobody was reached by. */
const listing = (change) => (exchange) =>
	faults.with({ calls: exchange.answer.body.calls.map((call) => ({ ...call, ...change })) })(exchange);
const NOT_REACHED = {
	"a call to another number": listing({ to: "+447700900999" }),
	"a call that still rings": listing({ status: "ringing" }),
	"a call from the customer": listing({ direction: "inbound" }),
	"a call from before he was asked for": listing({ start_time: rfc2822(Date.now() - 600_000) }),
	"a call without a time": listing({ start_time: null }),
	"no call": faults.with({ calls: [] }),
};

function withResolvers() {
	const parts = {};
	parts.promise = new Promise((resolve) => { parts.resolve = resolve; });
	return parts;
}

describe("a call-back", { timeout: 120000 }, () => {
	let fake, stack;

	before(async () => {
		fake = await startFakeTwilio();
		stack = await startStack({ ...fake.config, ...CALLBACK_KEYS, ...KEYS });
	});
	after(async () => {
		await fake?.stop();
		await stack?.stop();
	});

	/* A customer on the line, and who has him. */
	function newContact() {
		const contact = fake.contact(), attributes = JSON.parse(contact.attributes);
		contact.changeTask(JSON.stringify({ ...attributes, customers: { external_id: `C-${contact.number}` } }));
		return { contact, who: agent(stack, contact.token, { hurry: true }) };
	}
	const made = (contact) => fake.contacts.find(({ to, task }) => to === contact.to && task !== contact.task);
	const bound = (task) => ledgerRows(stack, `SELECT id FROM verifications WHERE task_sid = '${task}'`);

	describe("is not asked for, and nothing is bound to it, when the task's making", { concurrency: 6 }, () => {
		for (const [words, fault] of Object.entries({ ...ANY_CALL, ...TO_CREATE }))
			test(words, async () => {
				const { contact, who } = newContact();

				fake.spoil(contact, "create", fault, 1);
				assertRefusal(await who.callBack(contact.task), 502, "callback_failed");
				assert.equal(fake.count(contact, "create"), 1);
				if (made(contact) !== undefined) {
					assert.deepEqual(bound(made(contact).task), []);
					assertRefusal(await who.calledBack(made(contact).task), 404, "no_callback");
				}
				assertSuccess(await who.callBack(contact.task), "canceled");
				assert.equal(fake.count(contact, "create"), 2);
			});

		test("is refused for Twilio's key", async () => {
			const { contact, who } = newContact();

			fake.spoil(contact, "create", faults.unauthorized);
			assertRefusal(await who.callBack(contact.task), 503, "twilio_credentials");
		});
	});

	describe("that is asked for while the contact is stopped leaves it stopped, with a task that is", { concurrency: 2 }, () => {
		/* Twilio takes its time, and the caller says meanwhile that he is none. */
		for (const [words, finish] of [["made", faults.answers], ["not made", faults.failsWithJson]])
			test(words, async () => {
				const { contact, who } = newContact(), gate = withResolvers();

				fake.spoil(contact, "create", async (exchange) => {
					await gate.promise;
					finish(exchange);
				});
				const asked = who.callBack(contact.task);
				await fake.arrival(contact, "create");
				assertSuccess(await who.stop(contact.task), "stopped");
				gate.resolve();
				assertRefusal(await asked, 409, "contact_stopped");
				assertSuccess(await who.info(contact.task), "stopped");
				assertRefusal(await who.start(contact.task), 409, "contact_stopped");
				assert.deepEqual(bound(made(contact).task), []);
			});
	});

	async function askedFor() {
		const { contact, who } = newContact();
		assertSuccess(await who.callBack(contact.task), "canceled");
		return { contact, who, task: made(contact).task };
	}

	describe("has reached nobody, and verifies nobody, when the list of calls", { concurrency: 6 }, () => {
		for (const [words, fault] of Object.entries({ ...ANY_CALL, ...TO_CALLS, "answers 401": faults.unauthorized }))
			test(words, async () => {
				const { contact, who, task } = await askedFor();

				fake.spoil(contact, "calls", fault);
				assertRefusal(await who.calledBack(task), 503, "calls_unavailable");
				assertNoCustomer(await who.info(task));
				fake.unspoil(contact);
				assertSuccess(await who.calledBack(task), "approved");
			});

		for (const [words, fault] of Object.entries(NOT_REACHED))
			test(`has ${words}`, async () => {
				const { contact, who, task } = await askedFor();

				fake.spoil(contact, "calls", fault);
				assertRefusal(await who.calledBack(task), 409, "not_called_back");
				assertNoCustomer(await who.info(task));
			});
	});

	test("is on record for those who were reached, and for nobody else", () => {
		const reached = ledgerRows(stack, "SELECT count(*) AS n FROM events WHERE outcome = 'called_back'")[0].n;
		assert.equal(reached, Object.keys(ANY_CALL).length + Object.keys(TO_CALLS).length + 1);
		assert.equal(ledgerRows(stack, "SELECT count(*) AS n FROM verifications WHERE state = 'approved'")[0].n, reached);
	});
});
