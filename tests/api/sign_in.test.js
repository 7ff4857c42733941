/*
 * Who is asking, and may he?  Flex tokens, roles, tasks and transfers.  Each
 * test names the rows of the threat model (T) and of the standards (R) whose
 * attack it tries.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { faults, startFakeTwilio } from "./fake_twilio.js";
import { sendRecords, wholeRequest } from "./fastcgi.js";
import {
	ANA, ANAS_CALL, ANAS_TEXTS, BEN, BENS_CALL, FORM, PROGRAMS,
	agent, assertNoCustomer, assertRefusal, assertRefusedEverything, assertSuccess, attributesOf, call, callFrom, changeTask,
	everything, ledgerRows, ledgerSize, logOf, newCall, notThe, setAttributes, taskSid, verify,
} from "./helpers.js";
import { startStack } from "./stack.js";

const MARIA = "+12025550101";
const SAM = "sandbox-sam";
const ADA = "sandbox-ada";
const KIM = "sandbox-other-role"; /* role billing */

const complete = (stack, task) => changeTask(stack, task, { AssignmentStatus: "completed", Reason: "hung up" });

/* Makes a task of Ana's the first part of the call or conversation that is Ben's later. */
async function beforeTransfer(stack, anas, bens) {
	const attributes = await attributesOf(stack, bens);
	await setAttributes(stack, anas, attributes);
	return attributes.from;
}

/* ---- Flex tokens ------------------------------------------------------------------ */

describe("with a Flex token", () => {
	let stack;

	before(async () => {
		stack = await startStack({ VERIFY_ROLES: "guest agent supervisor admin", SEE_ROLES: "guest agent",
			SUPERVISOR_ROLES: "guest supervisor", SUPERVISOR_ANY_TASK: "on" }, PROGRAMS);
	});
	after(() => stack?.stop());

	for (const [what, token, status, code] of [
		["T12: a web chat guest", "sandbox-guest", 403, "agent_not_allowed"],
		["T12: a guest who claims an agent's role and worker", "sandbox-guest-agent", 403, "agent_not_allowed"],
		["T12: a token without a worker", "sandbox-no-worker", 403, "agent_not_allowed"],
		["T12: a token without roles", "sandbox-roles-null", 403, "agent_not_allowed"],
		["R22: a role that is not configured", KIM, 403, "agent_not_allowed"],
		["R22: \"valid\" as a text", "sandbox-valid-text", 503, "sign_in_unavailable"],
		["R22: an expired token", "sandbox-expired", 401, "agent_session_expired"],
		["R22: a token whose expiry is past, though Twilio calls it valid", "sandbox-over", 401, "agent_session_expired"],
		["R22: a token of another account", "sandbox-other-account", 401, "agent_not_signed_in"],
		["R22: garbage", "}{!%00", 401, "agent_not_signed_in"],
		["R22: a token that is almost Ana's", "sandbox-anaa", 401, "agent_not_signed_in"],
		["R22: a token of 10 kB", "x".repeat(10240), 431, "token_too_long"],
		["R22: a token of 8 KiB that nobody issued", "x".repeat(8192), 401, "agent_not_signed_in"],
		["R27: Twilio answers the validation with a page", "sandbox-html", 503, "sign_in_unavailable"],
		["R27: Twilio fails", "sandbox-503", 503, "sign_in_unavailable"],
		["R27: Twilio closes the connection", "sandbox-closed", 503, "sign_in_unavailable"],
		["R27: Twilio answers half", "sandbox-truncated", 503, "sign_in_unavailable"],
		["R26: Twilio redirects", "sandbox-redirect", 503, "sign_in_unavailable"],
	])
		test(`${what}: ${status} ${code}, whatever the configuration`, async () => {
			const before = ledgerSize(stack);
			await assertRefusedEverything(agent(stack, token), ANAS_CALL, status, code);
			assert.deepEqual(ledgerSize(stack), before);
		});

	test("R22: no token at all: 401 agent_not_signed_in", () =>
		assertRefusedEverything(agent(stack, undefined), ANAS_CALL, 401, "agent_not_signed_in"));

	test("R22: two tokens that differ are no sign-in", async () => {
		assertRefusal(await call(stack, "customer-info", { task: ANAS_CALL, Token: BEN }, { token: ANA }), 400,
			"malformed_request");
		assertSuccess(await call(stack, "customer-info", { task: ANAS_CALL, Token: ANA }, { token: ANA }));
	});

	test("T21: REMOTE_USER counts for nothing where tokens do", async () => {
		const body = `task=${ANAS_CALL}`;
		const answer = await sendRecords(stack, "customer-info", wholeRequest({ REQUEST_METHOD: "POST",
			REMOTE_ADDR: "127.0.0.1", CONTENT_TYPE: FORM, CONTENT_LENGTH: body.length, REMOTE_USER: "Ana" }, body));
		assertRefusal(answer, 401, "agent_not_signed_in");
	});

	test("T12: who was refused for his roles is on record by his worker, and his token is not", async () => {
		const answer = await agent(stack, "sandbox-roles-null").info(ANAS_CALL);
		const line = logOf(stack, "customer-info").find(({ request_id }) => request_id === answer.json.request_id);
		assert.equal(line.agent, "WK00000000000000000000000000000001");
		assert.equal(line.outcome, "agent_not_allowed");
		for (const program of PROGRAMS)
			assert.doesNotMatch(stack.log(program), /sandbox-(ana|roles|guest)|xxxxxxxx/);
	});
});

/* ---- Roles --------------------------------------------------------------------------- */

describe("where nobody signs in", () => {
	test("R22: the customer of a task is verified, by no limit of an agent, and nobody sees the data", async () => {
		const stack = await startStack({ AGENT_AUTH: "none", SENDS_PER_AGENT_HOUR: 1, FAILURES_PER_AGENT_HOUR: 1,
			INFO_FIELDS: "name phone" });
		try {
			const anybody = agent(stack);
			assertSuccess(await anybody.start(ANAS_CALL), "pending");
			assertSuccess(await anybody.start(ANAS_CALL), "pending");
			const code = await stack.lastCode("+12025550101");
			assertRefusal(await anybody.check(ANAS_CALL, notThe(code)), 401, "wrong_code");
			assertRefusal(await anybody.check(ANAS_CALL, notThe(code)), 401, "wrong_code");
			assertSuccess(await anybody.check(ANAS_CALL, code), "approved");
			const info = await anybody.info(ANAS_CALL);
			assertSuccess(info, "approved");
			assertNoCustomer(info);
		} finally {
			await stack.stop();
		}
	});
});

describe("roles", () => {
	let stack, ana, ben, sam, kim, ada;

	before(async () => {
		stack = await startStack({ VERIFY_ROLES: "agent", SEE_ROLES: "supervisor",
			SUPERVISOR_ROLES: "supervisor billing", SUPERVISOR_ANY_TASK: "on" });
		[ana, ben, sam, kim, ada] = [ANA, BEN, SAM, KIM, ADA].map((token) => agent(stack, token));
		await stack.reset();
		await verify(stack, ana, ANAS_CALL, MARIA);
	});
	after(() => stack?.stop());

	test("R24: who may verify and not see is told the state and no data, of his own check too", async () => {
		const info = await ana.info(ANAS_CALL);
		assertSuccess(info, "approved");
		assert.equal(info.json.verification.by_you, true);
		assertNoCustomer(info);
	});

	test("R24: who may see and not verify gets the data, and neither sends nor checks", async () => {
		assert.equal((await sam.info(ANAS_CALL)).json.customer.name, "Maria Santos");
		const sent = (await stack.messages(MARIA)).length;
		for (const ask of everything(sam, ANAS_CALL).slice(0, 3))
			assertRefusal(await ask(), 403, "agent_not_allowed");
		assert.equal((await stack.messages(MARIA)).length, sent);
	});

	test("R24: a supervisor who may neither verify nor see is told the state", async () => {
		const info = await kim.info(ANAS_CALL);
		assertSuccess(info, "approved");
		assertNoCustomer(info);
		assertRefusal(await kim.start(ANAS_CALL), 403, "agent_not_allowed");
	});

	test("R22: who has none of the configured roles is refused everything", () =>
		assertRefusedEverything(ada, ANAS_CALL, 403, "agent_not_allowed"));

	test("R23: a role does not make a task one's own", () =>
		assertRefusedEverything(ben, ANAS_CALL, 403, "not_your_task"));
});

/* ---- The task is the agent's --------------------------------------------------------- */

describe("a task", () => {
	let stack, ana, ben, sam, ada;

	before(async () => {
		stack = await startStack();
		[ana, ben, sam, ada] = [ANA, BEN, SAM, ADA].map((token) => agent(stack, token));
	});
	after(() => stack?.stop());
	beforeEach(() => stack.reset());

	test("R23: of another agent: 403, for supervisors and administrators too", async () => {
		for (const who of [ben, sam, ada])
			await assertRefusedEverything(who, ANAS_CALL, 403, "not_your_task");
		assert.deepEqual(await stack.messages(MARIA), []);
	});

	test("R23: that a supervisor took himself is his", async () => {
		await verify(stack, sam, taskSid(1019), "+12025550107");
		assert.equal((await sam.info(taskSid(1019))).json.customer.phone, "+12025550107");
	});

	test("T14: in wrap-up is still the agent's, and when it is completed its data is closed", async () => {
		await verify(stack, ana, ANAS_CALL, MARIA);
		await changeTask(stack, ANAS_CALL, { AssignmentStatus: "wrapping" });
		assert.equal((await ana.info(ANAS_CALL)).json.customer.name, "Maria Santos");
		await complete(stack, ANAS_CALL);
		await assertRefusedEverything(ana, ANAS_CALL, 409, "task_closed");
		await assertRefusedEverything(ben, ANAS_CALL, 403, "not_your_task");
	});

	test("T5: is nobody's by what its attributes say", async () => {
		await setAttributes(stack, ANAS_CALL, { ...await attributesOf(stack, ANAS_CALL), verified: true,
			worker_sid: "WK00000000000000000000000000000002", flex_verify: { state: "approved" } });
		await assertRefusedEverything(ben, ANAS_CALL, 403, "not_your_task");
		assertNoCustomer(await ana.info(ANAS_CALL));
	});
});

describe("with SUPERVISOR_ANY_TASK=on a supervisor", () => {
	let stack, ana, ben, sam;

	before(async () => {
		stack = await startStack({ SUPERVISOR_ANY_TASK: "on" });
		[ana, ben, sam] = [ANA, BEN, SAM].map((token) => agent(stack, token));
	});
	after(() => stack?.stop());
	beforeEach(() => stack.reset());

	test("R23: may verify an agent's caller and see the data, by his own name", async () => {
		await verify(stack, sam, ANAS_CALL, MARIA);
		const info = await sam.info(ANAS_CALL);
		assert.equal(info.json.customer.name, "Maria Santos");
		assert.deepEqual([info.json.verification.approved_by, info.json.verification.by_you], ["sam@example.com", true]);
		assert.equal((await ana.info(ANAS_CALL)).json.verification.approved_by, "sam@example.com");
	});

	test("T24: is on record as one who did not hold the task", async () => {
		const lineOf = ({ json }) => logOf(stack, "customer-info").find(({ request_id }) => request_id === json.request_id);
		const his = lineOf(await sam.info(ANAS_CALL));
		assert.deepEqual([his.agent, his.by_supervision], ["WK00000000000000000000000000000003", true]);
		assert.equal(lineOf(await ana.info(ANAS_CALL)).by_supervision, undefined);
		assert.equal(lineOf(await sam.info(taskSid(1019))).by_supervision, undefined);
	});

	test("R23: may do so while the contact waits in the queue, and no agent may", async () => {
		assertSuccess(await sam.start(taskSid(1017)), "pending");
		await assertRefusedEverything(ana, taskSid(1017), 403, "not_your_task");
		await assertRefusedEverything(ben, ANAS_CALL, 403, "not_your_task");
	});

	test("T14: finds a completed or canceled task closed like everybody", async () => {
		for (const task of [1014, 1015, 1020].map(taskSid))
			await assertRefusedEverything(sam, task, 409, "task_closed");
		await verify(stack, sam, ANAS_CALL, MARIA);
		await complete(stack, ANAS_CALL);
		await assertRefusedEverything(sam, ANAS_CALL, 409, "task_closed");
	});

	test("R23: finds no task that is not there", () =>
		assertRefusedEverything(sam, taskSid("dead"), 404, "task_not_found"));
});

/* ---- Transfers ------------------------------------------------------------------------- */

describe("a task whose attributes its agent has written himself", () => {
	let stack, ana, ben;

	before(async () => {
		stack = await startStack({ TRANSFER: "fresh" });
		[ana, ben] = [ANA, BEN].map((token) => agent(stack, token));
	});
	after(() => stack?.stop());

	test("T4: does not show him the customer that a colleague verified, though it names that very call", async () => {
		const attributes = callFrom(MARIA);
		await setAttributes(stack, ANAS_CALL, attributes);
		await verify(stack, ana, ANAS_CALL, MARIA);
		assert.equal((await ana.info(ANAS_CALL)).json.customer.phone, MARIA);

		await setAttributes(stack, BENS_CALL, attributes);
		const seen = await ben.info(BENS_CALL);
		assertSuccess(seen, "approved");
		assert.equal(seen.json.verification.needs_own_code, true);
		assertNoCustomer(seen);
	});
});

for (const transfer of ["keep", "fresh"])
	describe(`after a transfer, with TRANSFER=${transfer}`, () => {
		let stack, ana, ben;

		before(async () => {
			stack = await startStack({ TRANSFER: transfer,
				INFO_FIELDS: "name phone account_number:2c task.from task.call_sid" });
			[ana, ben] = [ANA, BEN].map((token) => agent(stack, token));
		});
		after(() => stack?.stop());
		beforeEach(() => stack.reset());

		/* Ana's approval, as the second agent finds it. */
		const assertByAna = ({ json: { verification } }) => {
			assert.equal(verification.approved_by, "Ana");
			assert.equal(verification.by_you, false);
			assert.ok(Date.parse(verification.approved_at) <= Date.parse(verification.approved_until));
			assert.equal(verification.needs_own_code, transfer === "fresh" ? true : undefined);
		};

		for (const [what, anas, bens] of [["call", ANAS_CALL, taskSid(1021)], ["conversation", ANAS_TEXTS, taskSid(1023)]])
			test(`R6: of a ${what} Ben sees that Ana verified, and ${transfer === "keep" ?
				"the data" : "the data only after a code of his own"}`, async () => {
				const to = await beforeTransfer(stack, anas, bens);
				await verify(stack, ana, anas, to);
				await complete(stack, anas);
				await assertRefusedEverything(ana, anas, 409, "task_closed");

				const seen = await ben.info(bens);
				assertSuccess(seen, "approved");
				assertByAna(seen);
				if (transfer === "keep") {
					assert.equal(seen.json.customer.phone, to);
					return;
				}
				assertNoCustomer(seen);
				assertRefusal(await ben.check(bens, await stack.lastCode(to)), 409, "already_approved");
				assertNoCustomer(await ben.info(bens));

				await verify(stack, ben, bens, to);
				const own = await ben.info(bens);
				assert.equal(own.json.customer.phone, to);
				assert.equal(own.json.verification.by_you, true);
				assert.equal(own.json.verification.needs_own_code, undefined);
			});

		test("R6: two agents who hold a call at the same time are treated alike", async () => {
			const both = taskSid(1024), to = "+12025550110";
			await verify(stack, ana, both, to);
			assert.equal((await ana.info(both)).json.customer.phone, to);
			const seen = await ben.info(both);
			assertByAna(seen);
			assert.equal(seen.json.customer?.phone, transfer === "keep" ? to : undefined);
		});

		test("R6: a code that Ana sent and Ben checked is Ben's verification", async () => {
			const both = taskSid(1024), to = "+12025550110";
			assertSuccess(await ana.start(both), "pending");
			assertSuccess(await ben.check(both, await stack.lastCode(to)), "approved");
			assert.equal((await ben.info(both)).json.customer.phone, to);
			const seen = await ana.info(both);
			assert.deepEqual([seen.json.verification.approved_by, seen.json.verification.by_you], ["Ben", false]);
			assert.equal(seen.json.customer?.phone, transfer === "keep" ? to : undefined);
		});

		test(`R24: a field that needs two channels ${transfer === "keep" ?
			"counts Ana's, too" : "needs two of Ben's own"}`, async () => {
			const both = taskSid(1024), to = "+12025550110";
			await verify(stack, ana, both, to, { channel: "sms" });
			await verify(stack, ben, both, to, { channel: "call" });
			const once = await ben.info(both);
			assert.equal(once.json.customer.phone, to);
			assert.equal(once.json.customer.account_number !== undefined, transfer === "keep");
			await verify(stack, ben, both, to, { channel: "sms" });
			assert.notEqual((await ben.info(both)).json.customer.account_number, undefined);
		});

		test("T4: the next call of the same number is not verified, for Ana neither", async () => {
			await verify(stack, ana, ANAS_CALL, MARIA);
			await newCall(stack);
			const info = await ana.info(ANAS_CALL);
			assertSuccess(info, "not_verified");
			assertNoCustomer(info);
		});
	});

/* ---- Tokens that were valid a moment ago ---------------------------------------------- */

describe("a token that was valid a moment ago", () => {
	const REVOKED = { valid: false, code: 20101, message: "Invalid Access Token", expiration: null, roles: null,
		worker_sid: null, realm_user_id: null, identity: null };
	let fake, minute, second, never;

	before(async () => {
		fake = await startFakeTwilio();
		[minute, second, never] = await Promise.all([undefined, 1, 0].map((seconds) =>
			startStack({ ...fake.config, ...(seconds !== undefined && { TOKEN_CACHE_SECONDS: seconds }) }, PROGRAMS)));
	});
	after(async () => {
		for (const stack of [minute, second, never])
			await stack?.stop();
		await fake?.stop();
	});

	const infoOf = (stack, contact) => agent(stack, contact.token).info(contact.task);

	test("R22: is not asked about again, by the same program", async () => {
		const contact = fake.contact();
		for (let i = 0; i < 5; i++)
			assertSuccess(await infoOf(minute, contact));
		assert.equal(fake.count(contact, "validate"), 1);
		assert.equal(fake.count(contact, "reservations"), 5, "whose the task is, is asked each time");
	});

	test("R22: is asked about each time with TOKEN_CACHE_SECONDS=0", async () => {
		const contact = fake.contact();
		for (let i = 0; i < 3; i++)
			assertSuccess(await infoOf(never, contact));
		assert.equal(fake.count(contact, "validate"), 3);
		fake.spoil(contact, "validate", faults.saying(200, REVOKED));
		assertRefusal(await infoOf(never, contact), 401, "agent_not_signed_in");
	});

	for (const [what, fault] of [["fails", faults.failsWithHtml], ["closes the connection", faults.closes],
		["answers with a page", faults.html], ["does not take our key", faults.unauthorized]])
		test(`R27: counts when Twilio's sign-in ${what}, and no other does`, async () => {
			const warm = fake.contact(), cold = fake.contact();
			assertSuccess(await infoOf(minute, warm));
			for (const contact of [warm, cold])
				fake.spoil(contact, "validate", fault);
			assertSuccess(await infoOf(minute, warm));

			const ask = agent(minute, cold.token);
			for (const refused of [await ask.start(cold.task), await ask.check(cold.task, cold.code),
				await ask.info(cold.task)]) {
				assert.equal(refused.status, 503, refused.text);
				assertNoCustomer(refused);
			}
			assert.equal(fake.count(cold, "start"), 0);
			assertRefusal(await infoOf(never, warm), 503,
				fault === faults.unauthorized ? "twilio_credentials" : "sign_in_unavailable");
		});

	test("T14: that is revoked is refused when TOKEN_CACHE_SECONDS are over", async () => {
		const contact = fake.contact();
		assertSuccess(await infoOf(second, contact));
		fake.spoil(contact, "validate", faults.saying(200, REVOKED));
		await sleep(1000);
		assertRefusal(await infoOf(second, contact), 401, "agent_not_signed_in");
		assertRefusal(await infoOf(second, contact), 401, "agent_not_signed_in");
	});

	test("R27: is no longer enough when its time is over and Twilio is down", async () => {
		const contact = fake.contact();
		assertSuccess(await infoOf(second, contact));
		fake.spoil(contact, "validate", faults.fails);
		await sleep(1100);
		assertRefusal(await infoOf(second, contact), 503, "sign_in_unavailable");
		fake.unspoil(contact);
		assertSuccess(await infoOf(second, contact));
	});

	test("R22: is refused as soon as it has expired", async () => {
		const contact = fake.contact();
		const expires = Date.now() + 3000;
		fake.spoil(contact, "validate", faults.with({ expiration: new Date(expires).toISOString() }));
		assertSuccess(await infoOf(minute, contact));
		assertSuccess(await infoOf(minute, contact));
		await sleep(expires - Date.now() + 50);
		assertRefusal(await infoOf(minute, contact), 401, "agent_session_expired");
	});

	test("R23: does not make another agent's task one's own", async () => {
		const [mine, others] = [fake.contact(), fake.contact()];
		assertSuccess(await infoOf(minute, mine));
		assertSuccess(await infoOf(minute, others));
		await assertRefusedEverything(agent(minute, mine.token), others.task, 403, "not_your_task");
	});

	test("R16: is in no log and not in the ledger", () => {
		for (const stack of [minute, second, never]) {
			for (const program of PROGRAMS)
				assert.ok(!stack.log(program).includes("token-of-agent"));
			for (const table of ["verifications", "events"])
				assert.ok(!JSON.stringify(ledgerRows(stack, `SELECT * FROM ${table}`)).includes("token-of-agent"));
		}
	});
});
