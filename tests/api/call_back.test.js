/*
 * Calling back the number on file: the server makes the task, and only what it
 * wrote down about that task counts.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, beforeEach, describe, test } from "node:test";

import {
	ANA, ANAS_CALL, BEN, agent, attributesOf, assertNoCustomer, assertRefusal, assertSuccess, callFrom, ledgerRows,
	newCall, notThe, setAttributes, taskSid, verify,
} from "./helpers.js";
import { CALLBACK_KEYS, accept, askFor, dial, lastCallBack } from "./call_backs.js";
import { startStack } from "./stack.js";

const MARIA = "+12025550101", JONAS = "+12025550102";
const ELENAS_CALL = taskSid(1030), ELENA_ON_FILE = "+12025550112"; /* who calls from another number */
const BENS_TASK = taskSid(1018);

/* And what is written back after one test's answer would be the task of the next one. */
const NO_LIMITS = { TASK_WRITE_BACK: "off", FAILURES_PER_NUMBER_HOUR: 0, FAILURES_PER_NUMBER_DAY: 0, RESEND_AFTER_SECONDS: 0 };

const editLedger = (stack, query) => execFileSync("sqlite3", ["-cmd", ".timeout 2000", stack.ledger, query]);
const eventsOf = (stack, interaction) => ledgerRows(stack,
	`SELECT action, outcome, note FROM events WHERE interaction = '${interaction}' ORDER BY position`);

async function assertNotCalledBack(who, task) {
	const info = await who.info(task);
	assert.equal(info.json.contact?.called_back?.at, undefined);
	assert.notEqual(info.json.verification?.state, "approved");
	assertNoCustomer(info);
}

describe("a call-back, where it verifies nobody by itself,", () => {
	let stack, ana, ben;

	before(async () => {
		stack = await startStack({ ...CALLBACK_KEYS, ...NO_LIMITS });
		ana = agent(stack, ANA);
		ben = agent(stack, BEN);
	});
	after(() => stack?.stop());
	beforeEach(async () => {
		await stack.reset();
		await newCall(stack);
	});

	test("is asked for, comes as a task to the number on file, and is on record when the customer answers", async () => {
		const { call_sid: call } = await attributesOf(stack, ANAS_CALL);
		assert.equal((await ana.info(ANAS_CALL)).json.contact.call_back, true);
		const asked = await ana.callBack(ANAS_CALL);
		assertSuccess(asked, "canceled");
		assert.equal(asked.json.verification.channel, "callback");
		const task = lastCallBack(stack);
		const { callBackData: data, ...attributes } = await attributesOf(stack, task);
		assert.deepEqual(attributes, { taskType: "callback", name: MARIA, from: MARIA, direction: "inbound", message: null });
		assert.equal(data.numberToCall, MARIA);
		assert.equal(data.numberToCallFrom, "+12025550100");

		await accept(stack, task);
		const before = await ana.info(task);
		assertSuccess(before, "not_verified");
		assert.equal(before.json.contact.called_back.asked_by, "Ana");
		assert.equal(before.json.contact.called_back.at, undefined);
		await dial(stack, MARIA);
		const reached = await ana.calledBack(task);
		assertSuccess(reached, "not_verified");
		assert.equal(reached.json.contact.called_back.by, "Ana");
		assertNoCustomer(await ana.info(task));

		assert.deepEqual(eventsOf(stack, call).map(({ outcome, note }) => [outcome, note]),
			[["begun", ""], ["asked", task]]);
		assert.deepEqual(eventsOf(stack, task).map(({ outcome, note }) => [outcome, note]),
			[["waits", call], ["begun", ""], ["called_back", ""]]);
	});

	test("is asked for once, and makes one task, however often and at once the button is pressed", async () => {
		const answers = await Promise.all(Array.from({ length: 8 }, () => ana.callBack(ANAS_CALL)));
		assert.equal(answers.filter(({ status }) => status === 200).length, 1);
		for (const answer of answers.filter(({ status }) => status !== 200))
			assertRefusal(answer, 409, "callback_asked");
	});

	test("ends the contact's approval, and cancels a code that is out", async () => {
		await verify(stack, ana, ANAS_CALL, MARIA);
		assertSuccess(await ana.start(ANAS_CALL), "pending");
		const code = await stack.lastCode(MARIA);
		assertSuccess(await ana.callBack(ANAS_CALL), "canceled");
		assert.notEqual((await ana.check(ANAS_CALL, code)).status, 200);
		await assertNotCalledBack(ana, ANAS_CALL);
	});

	test("goes to the number on file, and not to the one that the caller has", async () => {
		const task = await askFor(stack, ELENAS_CALL);
		assert.equal((await attributesOf(stack, task)).callBackData.numberToCall, ELENA_ON_FILE);
		assert.equal((await attributesOf(stack, task)).from, ELENA_ON_FILE);
	});

	test("refuses a number that the request names", async () => {
		assertRefusal(await ana.callBack(ANAS_CALL, { to: JONAS }), 409, "number_mismatch");
		assert.deepEqual(ledgerRows(stack, `SELECT id FROM verifications WHERE channel = 'callback'
			AND interaction = '${(await attributesOf(stack, ANAS_CALL)).call_sid}'`), []);
	});

	test("of nobody on file, and of another agent's contact, is refused", async () => {
		await setAttributes(stack, ANAS_CALL, callFrom("+12025550130"));
		assertRefusal(await ana.callBack(ANAS_CALL), 422, "customer_not_found");
		assertRefusal(await ana.callBack(BENS_TASK), 403, "not_your_task");
		await newCall(stack);
		assertRefusal(await ben.callBack(ANAS_CALL), 403, "not_your_task");
		const task = await askFor(stack, ANAS_CALL);
		await dial(stack, MARIA);
		assertRefusal(await ben.calledBack(task), 403, "not_your_task");
	});

	test("is not to be had of a customer without a number on file", async () => {
		await setAttributes(stack, ANAS_CALL, { ...callFrom("+12025550114") });
		const answer = await ana.callBack(ANAS_CALL);
		assert.equal(answer.status, 422, answer.text);
	});

	test("of a stopped contact, or one that is locked, is refused: no lock is got round by phone", async () => {
		assertSuccess(await ana.stop(ANAS_CALL), "stopped");
		assertRefusal(await ana.callBack(ANAS_CALL), 409, "contact_stopped");
		await newCall(stack, { from: JONAS });
		assertSuccess(await ana.start(ANAS_CALL), "pending");
		const code = await stack.lastCode(JONAS);
		for (let i = 0; i < 5; i++)
			await ana.check(ANAS_CALL, code === "111111" ? "222222" : "111111");
		assertRefusal(await ana.callBack(ANAS_CALL), 429, "too_many_checks");
	});

	test("of a number that was locked in other calls is neither asked for nor taken", async () => {
		const limited = await startStack({ ...CALLBACK_KEYS, ...NO_LIMITS, FAILURES_PER_NUMBER_HOUR: 1,
			STRENGTHS: "sms:1 callback:1", INFO_FIELDS: "name" });
		try {
			const who = agent(limited, ANA);
			const task = await askFor(limited, ANAS_CALL);
			await dial(limited, MARIA);
			await newCall(limited);
			assertSuccess(await who.start(ANAS_CALL), "pending");
			assertRefusal(await who.check(ANAS_CALL, notThe(await limited.lastCode(MARIA))), 401, "wrong_code");
			await newCall(limited);
			assertRefusal(await who.callBack(ANAS_CALL), 429, "too_many_checks");
			assertRefusal(await who.calledBack(task), 429, "too_many_checks");
			await assertNotCalledBack(who, task);
		} finally {
			await limited.stop();
		}
	});

	test("whose task is forged by its attributes counts for nothing", async () => {
		const real = await askFor(stack, ANAS_CALL), made = await attributesOf(stack, real);
		await dial(stack, MARIA);
		await setAttributes(stack, ANAS_CALL, { ...made, flex_verify: { state: "approved", channel: "callback" } });
		assertRefusal(await ana.calledBack(ANAS_CALL), 404, "no_callback");
		await setAttributes(stack, ANAS_CALL, { ...made, call_sid: real, parentTask: real, conversationSid: real });
		assertRefusal(await ana.calledBack(ANAS_CALL), 404, "no_callback");
		await assertNotCalledBack(ana, ANAS_CALL);
	});

	test("whose task is made to lead to another customer, or another call, counts for nothing", async () => {
		const task = await askFor(stack, ANAS_CALL), made = await attributesOf(stack, task);
		await dial(stack, MARIA);
		await dial(stack, JONAS);
		await setAttributes(stack, task, { ...made, from: JONAS });
		assertRefusal(await ana.calledBack(task), 404, "no_callback");
		await setAttributes(stack, task, { ...made, customers: { external_id: "C-100102" } });
		assertRefusal(await ana.calledBack(task), 404, "no_callback");
		await setAttributes(stack, task, { ...made, ...callFrom(MARIA) });
		assertRefusal(await ana.calledBack(task), 404, "no_callback");
		await setAttributes(stack, task, made);
		assertSuccess(await ana.calledBack(task));
	});

	test("without an answered call to the number on file is the agent's word only, and refused", async () => {
		const task = await askFor(stack, ANAS_CALL);
		assertRefusal(await ana.calledBack(task), 409, "not_called_back");
		await dial(stack, JONAS);
		assertRefusal(await ana.calledBack(task), 409, "not_called_back");
		await dial(stack, MARIA);
		await dial(stack, MARIA, { over: "yes" });
		assertRefusal(await ana.calledBack(task), 409, "not_called_back");
		await assertNotCalledBack(ana, task);
	});

	test("that is of a time to come, by a clock that was set back, is good for nothing", async () => {
		const task = await askFor(stack, ANAS_CALL);
		await dial(stack, MARIA);
		editLedger(stack, `UPDATE verifications SET created_at = created_at + 60000, expires_at = expires_at + 60000
			WHERE task_sid = '${task}'`);
		assertRefusal(await ana.calledBack(task), 410, "callback_expired");
	});

	test("counts once, also when said twenty times at once", async () => {
		const task = await askFor(stack, ANAS_CALL);
		await dial(stack, MARIA);
		const answers = await Promise.all(Array.from({ length: 12 }, () => ana.calledBack(task)));
		assert.equal(answers.filter(({ status }) => status === 200).length, 1);
		for (const answer of answers.filter(({ status }) => status !== 200))
			assertRefusal(answer, 409, "callback_used");
	});

	test("expires", async () => {
		const task = await askFor(stack, ANAS_CALL);
		await dial(stack, MARIA);
		editLedger(stack, `UPDATE verifications SET created_at = created_at - 14400000,
			expires_at = expires_at - 14400000 WHERE task_sid = '${task}'`);
		assertRefusal(await ana.calledBack(task), 410, "callback_expired");
		await assertNotCalledBack(ana, task);
	});

	test("stays on record beside a code, which still verifies the customer", async () => {
		const task = await askFor(stack, ANAS_CALL);
		await dial(stack, MARIA);
		assertSuccess(await ana.start(task), "pending");
		assertSuccess(await ana.calledBack(task), "pending");
		assertSuccess(await ana.check(task, await stack.lastCode(MARIA)), "approved");
		const info = await ana.info(task);
		assert.equal(info.json.customer.name, "Maria Santos");
		assert.equal(info.json.contact.called_back.by, "Ana");
	});
});

describe("a call-back, by a policy that gives it a strength,", () => {
	let stack, ana;

	before(async () => {
		stack = await startStack({ ...CALLBACK_KEYS, ...NO_LIMITS, STRENGTHS: "sms:1 call:1 callback:2" });
		ana = agent(stack, ANA);
	});
	after(() => stack?.stop());
	beforeEach(async () => {
		await stack.reset();
		await newCall(stack);
	});

	test("verifies the customer, and opens the fields that demand it", async () => {
		await verify(stack, ana, ANAS_CALL, MARIA);
		const [withheld] = (await ana.info(ANAS_CALL)).json.withheld;
		assert.ok(withheld.ways.includes("callback"));
		const task = await askFor(stack, ANAS_CALL);
		await assertNotCalledBack(ana, ANAS_CALL);
		await dial(stack, MARIA);
		const reached = await ana.calledBack(task);
		assertSuccess(reached, "approved");
		assert.equal(reached.json.verification.channel, "callback");
		assert.equal(reached.json.verification.approved_by, "Ana");
		assert.equal((await ana.info(task)).json.customer.account_number, "EX-100101");
		assertRefusal(await ana.calledBack(task), 409, "callback_used");
	});

	test("whose end was pressed is not brought back by a second press", async () => {
		const task = await askFor(stack, ANAS_CALL);
		await dial(stack, MARIA);
		assertSuccess(await ana.calledBack(task), "approved");
		assertSuccess(await ana.end(task), "canceled");
		assertRefusal(await ana.calledBack(task), 409, "callback_used");
		assertNoCustomer(await ana.info(task));
	});
});

describe("without a number on file", () => {
	test("nobody is called back, whatever is asked", async () => {
		const stack = await startStack();
		try {
			assertRefusal(await agent(stack, ANA).callBack(ANAS_CALL), 403, "callbacks_off");
			assertRefusal(await agent(stack, ANA).calledBack(ANAS_CALL), 403, "callbacks_off");
			assert.equal((await agent(stack, ANA).info(ANAS_CALL)).json.contact.call_back, undefined);
		} finally {
			await stack.stop();
		}
	});
});
