/*
 * What people decide: the caller, that they did not contact us; the agent, that
 * it is enough; the supervisor, that an agent may go on or a lock is lifted.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { faults, startFakeTwilio } from "./fake_twilio.js";
import { assertLedgerConsistent } from "./fault_helpers.js";
import {
	ANA, ANAS_CALL, BEN, BENS_CALL, PROGRAMS, SAM, agent, assertNoCustomer, assertRefusal, assertSuccess, callFrom,
	ledgerRows, newCall, notThe, setAttributes, taskSid, verify,
} from "./helpers.js";
import { startStack } from "./stack.js";

const COMMAND = process.env.FLEX_VERIFY_COMMAND ?? ".build/plain/bin/flex-verify";

const MARIA = "+12025550101";
const LOCKED_BY = 5;
const REASON = "Known to us for years; phone lost.";
const OVERRIDE = { reason: REASON, minutes: "10" };

const times = (count, make) => Array.from({ length: count }, (_, i) => make(i));

/* A number that no test before has used: each has a ledger of counts of its own. */
let last = 447700900100;
const newNumber = () => `+${last++}`;

const eventsOf = (stack, answer) => ledgerRows(stack, `SELECT action, outcome, agent_id, note FROM events
	WHERE interaction = (SELECT interaction FROM verifications WHERE id LIKE '${answer.json.verification.reference}%')
	ORDER BY position`);

const outcomes = (stack, answer) => eventsOf(stack, answer).map(({ action, outcome }) => `${action} ${outcome}`);

function assertReleased(answer, name = "Maria Santos") {
	assertSuccess(answer);
	assert.equal(answer.json.customer?.name, name, answer.text);
}

const flexVerify = (stack, command, env = join(stack.runDir, "flex-verify.env"), ...words) =>
	execFileSync(COMMAND, ["audit", command, "-c", env, ...words], { encoding: "utf8" });

function suite(name, keys, tests) {
	describe(name, () => {
		const at = {};

		before(async () => {
			at.stack = await startStack(keys, PROGRAMS);
			[at.ana, at.ben, at.sam] = [ANA, BEN, SAM].map((token) => agent(at.stack, token));
		});
		after(() => at.stack?.stop());
		beforeEach(() => at.stack.reset());
		tests(at);
	});
}

/* ---- Stop -------------------------------------------------------------------------- */

suite("the caller says that they did not contact us", {}, (at) => {
	test("cancels the code: not even the right one is taken, and Twilio has none any more", async () => {
		const task = await newCall(at.stack);
		await at.ana.start(task);
		const code = await at.stack.lastCode(MARIA);
		const stopped = await at.ana.stop(task);
		assertSuccess(stopped, "stopped");
		assert.equal(stopped.json.message, "Stopped. The code is canceled and the contact is flagged.");
		assert.equal(stopped.json.verification.stopped_by, "Ana");
		assert.match(stopped.json.verification.stopped_at, /Z$/);
		assertRefusal(await at.ana.check(task, code), 409, "contact_stopped");
		assert.deepEqual(outcomes(at.stack, stopped).slice(2, 4), ["stop stopped", "cancel canceled"]);
		assert.deepEqual(ledgerRows(at.stack, "SELECT lost FROM verifications WHERE state = 'stopped'"), [{ lost: "" }]);
	});

	test("closes a verified customer's data at once, for every agent and after a restart", async () => {
		const attributes = callFrom(MARIA);
		for (const task of [ANAS_CALL, BENS_CALL]) /* one call, two agents */
			await setAttributes(at.stack, task, attributes);
		await verify(at.stack, at.ana, ANAS_CALL, MARIA);
		assertReleased(await at.ben.info(BENS_CALL));
		assertSuccess(await at.ana.stop(ANAS_CALL), "stopped");
		for (const ask of [() => at.ana.info(ANAS_CALL), () => at.ben.info(BENS_CALL)]) {
			const info = await ask();
			assertSuccess(info, "stopped");
			assertNoCustomer(info);
		}
		for (const program of PROGRAMS)
			await at.stack.restart(program);
		assertNoCustomer(await at.ben.info(BENS_CALL));
		for (const [who, task] of [[at.ana, ANAS_CALL], [at.ben, BENS_CALL]]) {
			assertRefusal(await who.start(task), 409, "contact_stopped");
			assertRefusal(await who.check(task, "123456"), 409, "contact_stopped");
			assertRefusal(await who.cancel(task), 409, "contact_stopped");
			assertRefusal(await who.end(task), 409, "not_approved");
		}
	});

	test("ends for good what was under another number in the same call: an approval, and a code that is out", async () => {
		for (const begin of [() => verify(at.stack, at.ana, ANAS_CALL, MARIA), () => at.ana.start(ANAS_CALL)]) {
			const attributes = callFrom(MARIA);
			await at.stack.reset();
			await setAttributes(at.stack, ANAS_CALL, attributes);
			await begin();
			const code = await at.stack.lastCode(MARIA);
			await setAttributes(at.stack, ANAS_CALL, { ...attributes, from: "+12025550102" });
			assertSuccess(await at.ana.stop(ANAS_CALL), "stopped");
			assertSuccess(await at.sam.unlock({ task: ANAS_CALL, reason: REASON }));
			await setAttributes(at.stack, ANAS_CALL, attributes);
			assertNoCustomer(await at.ana.info(ANAS_CALL));
			assertRefusal(await at.ana.check(ANAS_CALL, code), 404, "no_pending_code");
		}
	});

	test("needs neither a code nor a verification before it", async () => {
		const task = await newCall(at.stack);
		const stopped = await at.ana.stop(task);
		assertSuccess(stopped, "stopped");
		assert.equal((await at.stack.messages(MARIA)).length, 0);
		assertRefusal(await at.ana.start(task), 409, "contact_stopped");
		assert.equal((await at.stack.messages(MARIA)).length, 0);
	});

	test("is about that call: the customer's next one can be verified", async () => {
		await at.ana.start(await newCall(at.stack));
		assertSuccess(await at.ana.stop(ANAS_CALL), "stopped");
		await newCall(at.stack);
		await verify(at.stack, at.ana, ANAS_CALL, MARIA);
		assertReleased(await at.ana.info(ANAS_CALL));
	});

	test("is not for another agent's contact, nor for one that has ended, nor twice", async () => {
		assertRefusal(await at.ana.stop(BENS_CALL), 403, "not_your_task");
		assertRefusal(await at.ana.stop(taskSid(1014)), 409, "task_closed");
		const task = await newCall(at.stack);
		assertSuccess(await at.ana.stop(task), "stopped");
		assertRefusal(await at.ana.stop(task), 409, "contact_stopped");
	});

	test("stands although Twilio cannot be asked, and the code is canceled before the next one goes", async () => {
		const number = "+12025550181"; /* the sandbox's magic: canceling fails */
		const task = await newCall(at.stack, { from: number });
		await at.ana.start(task);
		const code = await at.stack.lastCode(number);
		const stopped = await at.ana.stop(task);
		assertSuccess(stopped, "stopped");
		assertRefusal(await at.ana.check(task, code), 409, "contact_stopped");
		assert.deepEqual(ledgerRows(at.stack,
			`SELECT lost FROM verifications WHERE id LIKE '${stopped.json.verification.reference}%'`), [{ lost: "cancel" }]);
		/* The code of the stopped call must not become that of the next. */
		const next = await newCall(at.stack, { from: number });
		assert.equal((await at.ana.start(next)).json.success, false);
		assert.equal((await at.stack.messages(number)).length, 1);
	});

	test("is lifted by a supervisor, who brings no approval back", async () => {
		const task = await newCall(at.stack);
		await verify(at.stack, at.ana, task, MARIA);
		assertSuccess(await at.ana.stop(task), "stopped");
		assertRefusal(await at.ana.unlock({ task, reason: REASON }), 403, "agent_not_allowed");
		assertSuccess(await at.sam.unlock({ task, reason: REASON }), "canceled");
		const info = await at.ana.info(task);
		assertSuccess(info, "canceled");
		assertNoCustomer(info);
		await verify(at.stack, at.ana, task, MARIA);
		assertReleased(await at.ana.info(task));
	});
});

describe("who stops where nobody signs in", () => {
	let stack;

	before(async () => {
		stack = await startStack({ AGENT_AUTH: "none", CONTACT_SOURCE: "request" }, PROGRAMS);
	});
	after(() => stack?.stop());

	test("is refused: nobody could open that number again", async () => {
		const answer = await stack.post("/start-verify", { to: MARIA, action: "stop" });
		assert.deepEqual([answer.status, answer.json.code], [403, "agent_not_allowed"]);
		assert.equal((await stack.post("/start-verify", { to: MARIA })).status, 200);
	});
});

/* ---- End --------------------------------------------------------------------------- */

suite("an approval that the agent ends", { INFO_FIELDS: "name email:2c" }, (at) => {
	test("closes the data at once, on record", async () => {
		const task = await newCall(at.stack);
		await verify(at.stack, at.ana, task, MARIA);
		assertReleased(await at.ana.info(task));
		const ended = await at.ana.end(task);
		assertSuccess(ended, "canceled");
		assert.equal(ended.json.message, "Ended. The customer's data is closed.");
		assertNoCustomer(await at.ana.info(task));
		assertRefusal(await at.ana.end(task), 409, "not_approved");
		assert.ok(outcomes(at.stack, ended).includes("end ended"));
	});

	test("is none where there was no approval", async () => {
		const task = await newCall(at.stack);
		assertRefusal(await at.ana.end(task), 409, "not_approved");
		await at.ana.start(task);
		assertRefusal(await at.ana.end(task), 409, "not_approved");
	});

	test("is no second channel for the next one", async () => {
		const task = await newCall(at.stack);
		await verify(at.stack, at.ana, task, MARIA, { channel: "sms" });
		await verify(at.stack, at.ana, task, MARIA, { channel: "call" });
		assert.deepEqual((await at.ana.info(task)).json.withheld, []);
		assertSuccess(await at.ana.end(task));
		await verify(at.stack, at.ana, task, MARIA, { channel: "call" });
		const info = await at.ana.info(task);
		assertReleased(info);
		assert.deepEqual(info.json.withheld.map(({ field }) => field), ["email"]);
	});
});

/* ---- Override ---------------------------------------------------------------------- */

suite("an override", { OVERRIDE: "on", INFO_FIELDS: "name account_number:5m email:2c task.direction" }, (at) => {
	test("by a supervisor opens the fields without a demand to the agent, glaring and on record", async () => {
		const task = await newCall(at.stack);
		assertNoCustomer(await at.ana.info(task));
		const allowed = await at.sam.override(task, OVERRIDE);
		assertSuccess(allowed, "overridden");
		assert.equal(allowed.json.message, "Allowed.");
		const info = await at.ana.info(task);
		assertReleased(info);
		const { verification, customer, withheld } = info.json;
		assert.equal(verification.state, "overridden");
		assert.equal(verification.override_reason, REASON);
		assert.ok(verification.overridden_by.length > 0);
		assert.equal(Date.parse(verification.overridden_until) - Date.parse(verification.overridden_at), 600000);
		assert.equal(verification.approved_at, undefined);
		assert.deepEqual(Object.keys(customer), ["name"]);
		assert.deepEqual(withheld.map(({ field }) => field).sort(), ["account_number", "email"]);
		assert.deepEqual(eventsOf(at.stack, allowed).map(({ action, outcome, agent_id, note }) =>
			[action, outcome, agent_id.at(-1), note]),
		[["override", "overridden", "3", REASON], ["info", "released_overridden", "1", ""]]);
		assert.match(flexVerify(at.stack, "follow", undefined, task), /overridden .*\n +reason: Known to us for years; phone lost\.\n/);
		assert.match(flexVerify(at.stack, "report"), /^! OVERRIDDEN, no proof +1\n {2}data released so +1$/m);
		assert.match(flexVerify(at.stack, "verify"), /^WHOLE/);
	});

	test("is not an agent's to make", async () => {
		const task = await newCall(at.stack);
		for (const who of [at.ana, at.ben])
			assertRefusal(await who.override(task, OVERRIDE), 403, "agent_not_allowed");
		for (const token of ["sandbox-guest", "sandbox-other-role"])
			assertRefusal(await agent(at.stack, token).override(task, OVERRIDE), 403, "agent_not_allowed");
		assertRefusal(await agent(at.stack, undefined).override(task, OVERRIDE), 401, "agent_not_signed_in");
		assertNoCustomer(await at.ana.info(task));
	});

	test("is not a supervisor's to make for himself", async () => {
		const own = taskSid(1019); /* held by Sam */
		assertRefusal(await at.sam.override(own, OVERRIDE), 403, "own_task");
		assertNoCustomer(await at.sam.info(own));
	});

	test("by way of another task of his own call shows him nothing", async () => {
		const attributes = callFrom(MARIA);
		await setAttributes(at.stack, ANAS_CALL, attributes);
		await setAttributes(at.stack, taskSid(1019), attributes); /* Sam holds this one, of the same call */
		assertSuccess(await at.sam.override(ANAS_CALL, OVERRIDE), "overridden");
		const info = await at.sam.info(taskSid(1019));
		assertSuccess(info, "overridden");
		assert.deepEqual([info.json.customer, info.json.task], [undefined, undefined]);
		assertReleased(await at.ana.info(ANAS_CALL));
	});

	test("wants a reason and minutes, of a supervisor for whom they are refused one by one", async () => {
		const task = await newCall(at.stack);
		for (const [fields, code] of [
			[{ minutes: "10" }, "missing_parameter"],
			[{ reason: REASON }, "missing_parameter"],
			[{ ...OVERRIDE, reason: "short" }, "invalid_reason"],
			[{ ...OVERRIDE, reason: "x".repeat(201) }, "invalid_reason"],
			[{ ...OVERRIDE, reason: "turned \u202e around by bidi" }, "invalid_reason"],
			[{ ...OVERRIDE, minutes: "0" }, "invalid_minutes"],
			[{ ...OVERRIDE, minutes: "16" }, "invalid_minutes"],
			[{ ...OVERRIDE, minutes: "-5" }, "invalid_minutes"],
			[{ ...OVERRIDE, minutes: "1e3" }, "invalid_minutes"],
			[{ ...OVERRIDE, minutes: "99999999999999999999" }, "invalid_minutes"],
			[{ ...OVERRIDE, until: "2099-01-01" }, "unknown_field"],
		])
			assertRefusal(await at.sam.override(task, fields), 400, code);
		assertRefusal(await at.sam.override(taskSid(1014), OVERRIDE), 409, "task_closed");
		assertNoCustomer(await at.ana.info(task));
	});

	test("does not pass over a verified customer, nor over the caller's word", async () => {
		const task = await newCall(at.stack);
		await verify(at.stack, at.ana, task, MARIA);
		assertRefusal(await at.sam.override(task, OVERRIDE), 409, "already_approved");
		await at.ana.stop(task);
		assertRefusal(await at.sam.override(task, OVERRIDE), 409, "contact_stopped");
		assertNoCustomer(await at.ana.info(task));
	});

	test("is for that call, and ends with the agent's word", async () => {
		const task = await newCall(at.stack);
		assertSuccess(await at.sam.override(task, OVERRIDE), "overridden");
		assertReleased(await at.ana.info(task));
		assertSuccess(await at.ana.end(task), "canceled");
		assertNoCustomer(await at.ana.info(task));
		assertSuccess(await at.sam.override(task, OVERRIDE), "overridden");
		await newCall(at.stack);
		assertNoCustomer(await at.ana.info(task));
	});

	test("whose row was written by hand is found", async () => {
		const task = await newCall(at.stack);
		await at.ana.start(task);
		const copy = join(at.stack.runDir, "forged.db");
		execFileSync("sqlite3", [at.stack.ledger, `.backup ${copy}`]);
		execFileSync("sqlite3", [copy, `UPDATE verifications SET state = 'overridden', decided_at = created_at,
			decided_until = created_at + 600000 WHERE state = 'pending'`]);
		const env = join(at.stack.runDir, "forged.env");
		execFileSync("sh", ["-c", `sed 's|^LEDGER=.*|LEDGER=sqlite:${copy}|' flex-verify.env >forged.env && chmod 600 forged.env`],
			{ cwd: at.stack.runDir });
		assert.throws(() => flexVerify(at.stack, "verify", env),
			({ stdout }) => /verification [0-9a-f]{16} is overridden as of \S+, and no event says so/.test(stdout));
	});
});

suite("an override where it is switched off", { OVERRIDE: "off" }, (at) => {
	test("is refused to every supervisor", async () => {
		const task = await newCall(at.stack);
		assertRefusal(await at.sam.override(task, OVERRIDE), 403, "override_off");
		assertNoCustomer(await at.ana.info(task));
	});
});

suite("an override over the configured minutes", { OVERRIDE: "on", OVERRIDE_MAX_MINUTES: 1440 }, (at) => {
	test("lasts so long", async () => {
		const task = await newCall(at.stack);
		const allowed = await at.sam.override(task, { ...OVERRIDE, minutes: "1440" });
		assertSuccess(allowed, "overridden");
		const { overridden_at: from, overridden_until: until } = allowed.json.verification;
		assert.equal(Date.parse(until) - Date.parse(from), 86400000);
	});
});

/* ---- Unlock ------------------------------------------------------------------------ */

suite("a number with too many wrong codes", { FAILURES_PER_NUMBER_HOUR: LOCKED_BY, FAILURES_PER_NUMBER_DAY: 10 }, (at) => {
	/* A code sent, and so many wrong ones. */
	const guess = async (task, number, count) => {
		assertSuccess(await at.ana.start(task), "pending");
		const code = await at.stack.lastCode(number);
		for (let i = 0; i < count; i++)
			assertRefusal(await at.ana.check(task, notThe(code)), 401, "wrong_code");
		return code;
	};
	const lock = async (number) => {
		const task = await newCall(at.stack, { from: number });
		const code = await guess(task, number, LOCKED_BY);
		assertRefusal(await at.ana.check(task, code), 429, "too_many_checks");
		assertRefusal(await at.ana.start(task), 429, "too_many_checks");
		return task;
	};

	test("is opened by a supervisor, for the next five and no more", async () => {
		const number = newNumber();
		const task = await lock(number);
		const unlocked = await at.sam.unlock({ task, reason: REASON });
		assertSuccess(unlocked, "canceled");
		assert.equal(unlocked.json.message, "Unlocked.");
		await guess(task, number, LOCKED_BY);
		assertRefusal(await at.ana.check(task, "123456"), 429, "too_many_checks");
		assertRefusal(await at.ana.start(task), 429, "too_many_checks");
		const info = await at.ana.info(task);
		assertSuccess(info, "locked");
		assertNoCustomer(info);
		assert.deepEqual(eventsOf(at.stack, unlocked).filter(({ action }) => action === "unlock")
			.map(({ outcome, agent_id, note }) => [outcome, agent_id.at(-1), note]), [["unlocked", "3", REASON]]);
	});

	test("is opened for a new code, which works, while the old one does not", async () => {
		const number = newNumber();
		const task = await lock(number);
		const old = await at.stack.lastCode(number);
		const unlocked = await at.sam.unlock({ task, reason: REASON });
		assertSuccess(unlocked, "canceled");
		assertNoCustomer(await at.ana.info(task));
		assertRefusal(await at.ana.check(task, old), 404, "no_pending_code");
		await verify(at.stack, at.ana, task, number);
		assert.notEqual(await at.stack.lastCode(number), old);
	});

	test("is opened by the reference that the panel shows", async () => {
		const number = newNumber();
		const task = await lock(number);
		const { reference } = (await at.ana.info(task)).json.verification;
		assertRefusal(await at.sam.unlock({ reference: "zzzzzzzz", reason: REASON }), 404, "unknown_reference");
		assertRefusal(await at.sam.unlock({ reference: reference.slice(1), reason: REASON }), 404, "unknown_reference");
		assertRefusal(await at.sam.unlock({ reference: "%' OR 1", reason: REASON }), 404, "unknown_reference");
		assertRefusal(await at.sam.unlock({ reference, task, reason: REASON }), 400, "unknown_field");
		assertSuccess(await at.sam.unlock({ reference, reason: REASON }), "canceled");
		await verify(at.stack, at.ana, task, number);
	});

	test("is opened by nobody but a supervisor, and not without a reason", async () => {
		const number = newNumber();
		const task = await lock(number);
		const { reference } = (await at.ana.info(task)).json.verification;
		for (const fields of [{ task, reason: REASON }, { reference, reason: REASON }]) {
			assertRefusal(await at.ana.unlock(fields), 403, "agent_not_allowed");
			assertRefusal(await at.sam.unlock({ ...fields, reason: undefined }), 400, "missing_parameter");
			assertRefusal(await at.sam.unlock({ ...fields, reason: "because" }), 400, "invalid_reason");
		}
		assertRefusal(await at.sam.unlock({ reason: REASON }), 400, "missing_parameter");
		assertRefusal(await at.ana.start(task), 429, "too_many_checks");
	});

	test("is not opened by the supervisor who guessed himself, by whatever call of the number", async () => {
		const number = newNumber();
		const own = await newCall(at.stack, { from: number, task: taskSid(1019) });
		assertSuccess(await at.sam.start(own), "pending");
		const code = await at.stack.lastCode(number);
		for (let i = 0; i < LOCKED_BY; i++)
			assertRefusal(await at.sam.check(own, notThe(code)), 401, "wrong_code");
		const { reference } = (await at.sam.info(own)).json.verification;
		const others = await newCall(at.stack, { from: number });
		for (const fields of [{ task: own }, { reference }, { task: others }])
			assertRefusal(await at.sam.unlock({ ...fields, reason: REASON }), 403, "own_task");
		assertSuccess(await agent(at.stack, "sandbox-ada").unlock({ task: own, reason: REASON }));
	});

	test("is not opened by the supervisor who holds the task, by the reference of it neither", async () => {
		const own = await newCall(at.stack, { task: taskSid(1019) });
		const stopped = await at.sam.stop(own);
		assertSuccess(stopped, "stopped");
		const { reference } = stopped.json.verification;
		for (const fields of [{ task: own }, { reference }])
			assertRefusal(await at.sam.unlock({ ...fields, reason: REASON }), 403, "own_task");
		assertSuccess(await agent(at.stack, "sandbox-ada").unlock({ reference, reason: REASON }), "canceled");
	});

	test("is not locked before, and an unlock on stock is refused", async () => {
		const number = newNumber();
		const task = await newCall(at.stack, { from: number });
		assertRefusal(await at.sam.unlock({ task, reason: REASON }), 409, "not_locked");
		await guess(task, number, LOCKED_BY - 1);
		assertRefusal(await at.sam.unlock({ task, reason: REASON }), 409, "not_locked");
	});

	test("T7: gets no new tries by a stop that is lifted, and the record says what was lifted", async () => {
		const number = newNumber();
		const task = await newCall(at.stack, { from: number });
		await guess(task, number, LOCKED_BY - 1);
		assertSuccess(await at.ana.stop(task), "stopped");
		const lifted = await at.sam.unlock({ task, reason: REASON });
		assertSuccess(lifted, "canceled");
		assert.equal(outcomes(at.stack, lifted).at(-1), "unlock stop_lifted");
		await guess(task, number, 1);
		assertRefusal(await at.ana.check(task, "123456"), 429, "too_many_checks");
		assertSuccess(await at.sam.unlock({ task, reason: REASON }), "pending");
		await guess(task, number, 1);
	});

	test("keeps its approval, its counts of codes sent and its cool-down", async () => {
		const number = newNumber();
		const task = await lock(number);
		const sends = () => ledgerRows(at.stack,
			"SELECT sum(sends) AS sends FROM events WHERE to_id = (SELECT to_id FROM events ORDER BY position DESC LIMIT 1)");
		const counted = sends();
		assertSuccess(await at.sam.unlock({ task, reason: REASON }));
		assert.deepEqual(sends(), counted);
	});
});

suite("a number with too many wrong codes in a row, over whatever time", { FAILURES_IN_A_ROW: 7 }, (at) => {
	const guess = async (task, number, count) => {
		assertSuccess(await at.ana.start(task), "pending");
		const code = await at.stack.lastCode(number);
		for (let i = 0; i < count; i++)
			assertRefusal(await at.ana.check(task, notThe(code)), 401, "wrong_code");
	};
	const lock = async () => {
		const number = newNumber();
		for (const count of [4, 3])
			await guess(await newCall(at.stack, { from: number }), number, count);
		return { number, task: ANAS_CALL };
	};

	test("R5: is locked without an end, through calls and restarts, until a supervisor opens it", async () => {
		const { number, task } = await lock();
		const asks = [() => at.ana.check(task, "123456"), () => at.ana.start(task),
			async () => at.ana.start(await newCall(at.stack, { from: number }))];
		for (const ask of asks) {
			const refused = await ask();
			assertRefusal(refused, 429, "too_many_checks");
			assert.equal(refused.json.opens_at, undefined);
			assert.equal(refused.json.verification.state, "locked");
			assert.equal(refused.json.verification.locked_until, undefined);
			for (const program of ["start-verify", "check-verify"])
				await at.stack.restart(program);
		}
		assertSuccess(await at.sam.unlock({ task, reason: REASON }));
		await verify(at.stack, at.ana, task, number);
	});

	test("R5: starts afresh with a right code, and not with anything else", async () => {
		const number = newNumber();
		await guess(await newCall(at.stack, { from: number }), number, 4);
		assertSuccess(await at.ana.check(ANAS_CALL, await at.stack.lastCode(number)), "approved");
		await guess(await newCall(at.stack, { from: number }), number, 4);
		assertSuccess(await at.ana.cancel(ANAS_CALL), "canceled");
		await guess(await newCall(at.stack, { from: number }), number, 3);
		assertRefusal(await at.ana.check(ANAS_CALL, "123456"), 429, "too_many_checks");
	});

	test("R5: does not lock before it is reached", async () => {
		const number = newNumber();
		await guess(await newCall(at.stack, { from: number }), number, 4);
		await guess(await newCall(at.stack, { from: number }), number, 2);
		assertSuccess(await at.ana.check(ANAS_CALL, await at.stack.lastCode(number)), "approved");
	});
});

/* ---- Races ------------------------------------------------------------------------- */

describe("decisions in the middle of something", { timeout: 120000 }, () => {
	let fake, stack;

	before(async () => {
		fake = await startFakeTwilio();
		stack = await startStack(fake.config, PROGRAMS);
	});
	after(async () => {
		await fake?.stop();
		await stack?.stop();
	});

	const newContact = () => {
		const contact = fake.contact();
		return { contact, who: agent(stack, contact.token) };
	};

	/* The act is at Twilio while the contact is stopped; then Twilio says what it would have said. */
	async function stopDuring(call, { contact, who }, act, gate = faults.gate()) {
		const arrived = fake.arrival(contact, call, fake.count(contact, call) + 1);
		fake.spoil(contact, call, gate);
		const acting = act();
		await arrived;
		assertSuccess(await who.stop(contact.task), "stopped");
		gate.open();
		return acting;
	}

	test("a stop while the right code is at Twilio: nobody is verified, whatever Twilio says", async () => {
		const play = newContact(), { contact, who } = play;
		assertSuccess(await who.start(contact.task), "pending");
		const checked = await stopDuring("check", play, () => who.check(contact.task, contact.code));
		assertRefusal(checked, 409, "contact_stopped");
		const info = await who.info(contact.task);
		assertSuccess(info, "stopped");
		assert.equal(info.json.customer, undefined);
		assert.deepEqual(ledgerRows(stack, `SELECT * FROM events WHERE outcome = 'approved'
			AND verification LIKE '${info.json.verification.reference}%'`), []);
	});

	test("a stop while a code goes out: it is canceled as soon as it is known", async () => {
		const play = newContact(), { contact, who } = play;
		const sent = await stopDuring("start", play, () => who.start(contact.task));
		assertRefusal(sent, 409, "contact_stopped");
		assert.equal(fake.count(contact, "cancel"), 1);
		assert.deepEqual(ledgerRows(stack, `SELECT state, lost FROM verifications
			WHERE id LIKE '${sent.json.verification.reference}%'`), [{ state: "stopped", lost: "" }]);
	});

	test("a stop while a code goes out that Twilio refuses in the end: there is nothing to cancel", async () => {
		const play = newContact(), { contact, who } = play;
		let open;
		const opened = new Promise((resolve) => { open = resolve; });
		const refused = Object.assign((exchange) => opened.then(() => faults.failsWithJson(exchange)), { open, acts: false });
		const sent = await stopDuring("start", play, () => who.start(contact.task), refused);
		assertRefusal(sent, 409, "contact_stopped");
		assert.equal(fake.count(contact, "cancel"), 0);
		assertSuccess(await who.info(contact.task), "stopped");
	});

	test("an end while the customer is looked up: nothing of the record is shown", async () => {
		const play = newContact(), { contact, who } = play, gate = faults.gate();
		assertSuccess(await who.start(contact.task), "pending");
		assertSuccess(await who.check(contact.task, contact.code), "approved");
		fake.spoil(contact, "customer", gate, 1);
		const looking = who.info(contact.task);
		await fake.arrival(contact, "customer");
		assertSuccess(await who.end(contact.task), "canceled");
		gate.open();
		const info = await looking;
		assertSuccess(info, "canceled");
		assertNoCustomer(info);
		assert.deepEqual(ledgerRows(stack, `SELECT outcome FROM events WHERE outcome = 'released'
			AND verification LIKE '${info.json.verification.reference}%'`), []);
	});

	/* Whoever acts there is a supervisor of everybody else's. */
	describe("a stop is lifted by its reference", () => {
		let other;

		before(async () => { other = await startStack({ ...fake.config, SUPERVISOR_ROLES: "agent" }, PROGRAMS); });
		after(() => other?.stop());

		async function stopped() {
			const contact = fake.contact(), supervisor = agent(other, fake.contact().token);
			const { reference } = (await agent(other, contact.token).stop(contact.task)).json.verification;
			return { contact, unlock: () => supervisor.unlock({ reference, reason: REASON }) };
		}

		test("also when its task is gone, which nobody holds then", async () => {
			const { contact, unlock } = await stopped();
			fake.spoil(contact, "task", faults.notFound);
			assertSuccess(await unlock(), "canceled");
		});

		test("but not while nobody can say who holds the task", async () => {
			const { contact, unlock } = await stopped();
			fake.spoil(contact, "task", faults.fails);
			assertRefusal(await unlock(), 503, "task_unavailable");
			fake.unspoil(contact);
			assertSuccess(await unlock(), "canceled");
			assertRefusal(await unlock(), 409, "not_locked");
		});
	});

	test("fifty stops and right codes at once: one outcome, and no data after the stop", async () => {
		for (let round = 0; round < 10; round++) {
			const { contact, who } = newContact();
			assertSuccess(await who.start(contact.task), "pending");
			let stoppedAt = Infinity;
			const asks = times(50, (i) => async () => {
				const began = performance.now();
				const answer = i % 3 === 0 ? await who.stop(contact.task)
					: i % 3 === 1 ? await who.check(contact.task, contact.code) : await who.info(contact.task);
				if (answer.json.message?.startsWith("Stopped."))
					stoppedAt = Math.min(stoppedAt, performance.now());
				return { began, answer };
			});
			const done = await Promise.all(asks.map((ask) => ask()));
			const of = (words) => done.filter(({ answer }) => answer.json.message.startsWith(words));
			assert.equal(of("Stopped.").length, 1);
			assert.ok(of("Verification success.").length <= 1);
			for (const { began, answer } of done)
				if (began > stoppedAt)
					assert.equal(answer.json.customer, undefined);
			const info = await who.info(contact.task);
			assertSuccess(info, "stopped");
			assert.equal(info.json.customer, undefined);
			assert.equal(ledgerRows(stack, `SELECT count(*) AS stops FROM events WHERE outcome = 'stopped'
				AND verification LIKE '${info.json.verification.reference}%'`)[0].stops, 1);
		}
		assertLedgerConsistent(stack);
	});
});

suite("fifty decisions at once", { OVERRIDE: "on", FAILURES_PER_NUMBER_HOUR: LOCKED_BY }, (at) => {
	test("of three kinds: in the end the contact is stopped, and each decision has its one event", async () => {
		const task = await newCall(at.stack);
		const sent = await at.ana.start(task);
		const code = await at.stack.lastCode(MARIA);
		const answers = await Promise.all(times(50, (i) => [
			() => at.sam.override(task, OVERRIDE), () => at.ana.stop(task), () => at.ana.check(task, code),
		][i % 3]()));
		const count = (message) => answers.filter(({ json }) => json.message.startsWith(message)).length;
		for (const { json } of answers.filter(({ status }) => status !== 200))
			assert.ok(["contact_stopped", "already_approved", "verification_busy", "no_pending_code"].includes(json.code),
				json.code);
		const info = await at.ana.info(task);
		assertSuccess(info, "stopped");
		assertNoCustomer(info);
		assert.equal(count("Stopped."), 1);
		const recorded = outcomes(at.stack, sent);
		for (const [event, message] of [["stop stopped", "Stopped."], ["override overridden", "Allowed."],
			["check approved", "Verification success."]])
			assert.equal(recorded.filter((outcome) => outcome === event).length, count(message), event);
	});

	test("to unlock: one does, and the number has five tries, not more", async () => {
		const number = newNumber();
		const task = await newCall(at.stack, { from: number });
		assertSuccess(await at.ana.start(task), "pending");
		for (let i = 0; i < LOCKED_BY; i++)
			await at.ana.check(task, notThe(await at.stack.lastCode(number)));
		const answers = await Promise.all(times(50, () => at.sam.unlock({ task, reason: REASON })));
		assert.equal(answers.filter(({ status }) => status === 200).length, 1);
		for (const answer of answers.filter(({ status }) => status !== 200))
			assertRefusal(answer, 409, "not_locked");
		assertSuccess(await at.ana.start(task), "pending");
		const wrong = notThe(await at.stack.lastCode(number));
		let tried = 0;
		while ((await at.ana.check(task, wrong)).json.code === "wrong_code")
			tried++;
		assert.equal(tried, LOCKED_BY);
	});
});
