/*
 * Every kind of task that an agent can have: whom a code goes to, and who has
 * no number that it could go to.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import {
	ANA, BEN, agent, assertNoCustomer, assertRefusal, assertSuccess, ledgerSize,
	taskSid,
} from "./helpers.js";
import { startStack } from "./stack.js";

describe("the contact of a task", () => {
	let stack, ana, ben;

	before(async () => {
		stack = await startStack();
		ana = agent(stack, ANA);
		ben = agent(stack, BEN);
	});
	after(() => stack?.stop());
	beforeEach(() => stack.reset());

	const reachable = [
		[1, "an inbound call", "+12025550101"],
		[2, "a text message", "+12025550102"],
		[1001, "an outbound call, whose customer is the callee", "+12025550104"],
		[1002, "a WhatsApp message", "+12025550105"],
		[1009, "a call from abroad", "+447700900123"],
		[1013, "a call in wrap-up", "+12025550107"],
	];
	for (const [number, what, to] of reachable)
		test(`of ${what} gets the code at ${to}`, async () => {
			const task = taskSid(number);
			const sent = await ana.start(task);

			assertSuccess(sent, "pending");
			assert.equal(sent.json.contact.ending, to.slice(-2));
			assert.deepEqual((await stack.messages(to)).length, 1);
			assertSuccess(await ana.check(task, await stack.lastCode(to)), "approved");
			assert.equal((await ana.info(task)).json.customer.phone, to);
		});

	const unreachable = [
		[1003, "a web chat"],
		[1004, "an e-mail"],
		[1005, "a call with the caller ID withheld"],
		[1006, "a call with the caller ID withheld and spelled in digits"],
		[1007, "a SIP call"],
		[1008, "a call from a Twilio Client"],
		[1012, "a task without attributes"],
	];
	for (const [number, what] of unreachable)
		test(`of ${what} has no number: 422 no_number`, async () => {
			const task = taskSid(number);
			const before = ledgerSize(stack);

			for (const answer of [await ana.start(task), await ana.check(task, "123456"), await ana.info(task)])
				assertRefusal(answer, 422, "no_number", /Verify another way/);
			assert.deepEqual(ledgerSize(stack), before);
		});

	const closed = [
		[1014, "a completed call"],
		[1015, "a call that hung up in the queue"],
		[1020, "a call's part before it was handed to Ben"],
		[1022, "messages' part before they were handed to Ben"],
	];
	for (const [number, what] of closed)
		test(`of ${what} is not Ana's any more: 409 task_closed`, async () => {
			const task = taskSid(number);
			for (const answer of [await ana.start(task), await ana.check(task, "123456"), await ana.info(task)])
				assertRefusal(answer, 409, "task_closed", /has ended/);
			assertRefusal(await ben.info(task), 403, "not_your_task");
		});

	const others = [
		[1016, "a call that rings at Ana"],
		[1017, "a call that waits in the queue"],
		[1018, "a call that Ana rejected and Ben took"],
		[1019, "a call that Ana missed and Sam took"],
		[1021, "a call that Ana handed to Ben"],
		[1023, "messages that Ana handed to Ben"],
	];
	for (const [number, what] of others)
		test(`of ${what} is not Ana's: 403 not_your_task`, async () => {
			const task = taskSid(number);
			for (const answer of [await ana.start(task), await ana.check(task, "123456"), await ana.info(task)])
				assertRefusal(answer, 403, "not_your_task", /Accept it first, or ask the agent who has it/);
		});

	test("of a call or messages that Ana handed over gets its code from Ben", async () => {
		for (const [number, to] of [[1021, "+12025550108"], [1023, "+12025550109"]]) {
			const task = taskSid(number);
			assertSuccess(await ben.start(task), "pending");
			assertSuccess(await ben.check(task, await stack.lastCode(to)), "approved");
			assert.equal((await ben.info(task)).json.customer.phone, to);
		}
	});

	test("whom the customer look-up does not know is verified all the same", async () => {
		const task = taskSid(1010);
		await ana.start(task);
		await ana.check(task, await stack.lastCode("+12025550130"));
		const info = await ana.info(task);
		assertSuccess(info, "approved");
		assert.equal(info.json.customer, null);
		assert.equal(info.json.task.from, "+12025550130");
	});

	test("with hostile texts in name and record is answered as data, byte for byte", async () => {
		const task = taskSid(1011);
		assertNoCustomer(await ana.start(task));
		await ana.check(task, await stack.lastCode("+12025550106"));
		const { json } = await ana.info(task);
		assert.equal(json.task.name, "<img src=x onerror=alert(1)>");
		assert.ok(json.customer.name.startsWith("<script>alert('name')</script> \"O'Neil\" & \u{1f511}"));
		assert.equal(json.customer.meter_number, "../../../../etc/passwd");
	});
});
