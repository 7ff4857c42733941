/*
 * The caller keys the code in while the agent stays on: he is asked on his own
 * leg, the agent and the recording have nothing of it, and whatever happens he
 * is back with the agent.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";

import { until } from "./fault_helpers.js";
import { startFront } from "./front.js";
import {
	ANA, ANAS_CALL, ANAS_TEXTS, BEN, BENS_CALL, SAM, agent, assertNoCustomer, assertRefusal, assertSuccess, attributesOf,
	ledgerRows, notThe, setAttributes, taskSid,
} from "./helpers.js";
import { KEY_IN_KEYS, KEY_IN_PROGRAMS, actOnLeg, callerOf, legOf, twilioPost } from "./key_ins.js";
import { startStack } from "./stack.js";
import { newCallSid, readTwiml } from "./voice.js";

const MARIA = "+12025550101";
const PANEL = "https://panel.example.com";
const ANAS_OUTBOUND = taskSid(1001);
const WORKERS = { ana: "WK00000000000000000000000000000001", ben: "WK00000000000000000000000000000002" };

const NO_LIMITS = { FAILURES_PER_NUMBER_HOUR: 0, FAILURES_PER_NUMBER_DAY: 0, INFO_FIELDS: "name account_number" };

const editLedger = (stack, query) => execFileSync("sqlite3", ["-cmd", ".timeout 2000", stack.ledger, query]);
const eventsOf = (stack, call) => ledgerRows(stack, `SELECT action, outcome, agent_id FROM events
	WHERE interaction = '${call}' ORDER BY position`).map(({ action, outcome, agent_id: who }) => [action, outcome, who]);

async function assertNotVerified(who, task = ANAS_CALL) {
	const info = await who.info(task);
	assert.notEqual(info.json.verification?.state, "approved");
	assertNoCustomer(info);
	return info;
}

describe("a code that the caller keys in while the agent stays on", () => {
	let stack, ana, ben;

	before(async () => {
		stack = await startStack({ ...KEY_IN_KEYS, ...NO_LIMITS }, KEY_IN_PROGRAMS);
		ana = agent(stack, ANA);
		ben = agent(stack, BEN);
	});
	after(() => stack?.stop());
	beforeEach(() => stack.reset());

	const codes = new Set(["111111"]); /* of all tests, the wrong one included */
	const lastCode = async () => {
		const code = await stack.lastCode(MARIA);
		codes.add(code);
		return code;
	};

	/* Ana has a code sent and its caller asked; resolves to him. */
	async function asked(task = ANAS_CALL) {
		assertSuccess(await ana.start(task), "pending");
		assertSuccess(await ana.keyIn(task), "pending");
		const caller = await callerOf(stack, task);
		await caller.hears();
		return caller;
	}

	test("verifies him, and he is back with the agent, who never had it", async () => {
		assert.equal((await ana.info(ANAS_CALL)).json.contact.key_in, true);
		assertSuccess(await ana.start(ANAS_CALL), "pending");
		const answer = await ana.keyIn(ANAS_CALL);
		assertSuccess(answer, "pending");
		assert.equal(answer.json.verification.asked_by, "Ana");

		const caller = await callerOf(stack, ANAS_CALL);
		const away = await caller.leg();
		assert.equal(away.connected, false, "neither the agent nor the conference's recording hears him");
		assert.equal(away.conference, "in-progress", "and the agent stays on");
		const heard = await caller.hears();
		assert.match(heard.says, /key in the code/);
		assert.equal(heard.to, ANAS_CALL);
		assert.ok(!away.twiml.includes(await lastCode()), "the code is not spoken");

		const back = await caller.keys(await lastCode());
		assert.match(back.says, /you are verified/);
		assert.deepEqual([back.connected, back.alone, back.ends], [true, false, true]);

		const info = await ana.info(ANAS_CALL);
		assertSuccess(info, "approved");
		assert.equal(info.json.customer.name, "Maria Santos");
		assert.equal(info.json.verification.keyed_in, "during");
		assert.equal(info.json.verification.approved_by, "Ana");
		assert.deepEqual(eventsOf(stack, caller.call).slice(0, 6), [
			["start", "begun", WORKERS.ana], ["start", "code_sent", WORKERS.ana],
			["key_in", "begun", WORKERS.ana], ["key_in", "asked", WORKERS.ana],
			["keyed_in", "begun", WORKERS.ana], ["keyed_in", "approved", WORKERS.ana],
		]);
		const { view } = (await agent(stack, SAM).supervise()).json;
		assert.equal(view.verifications.find(({ interaction }) => interaction === caller.call).keyed_in, "during");
	});

	test("is asked for three times, and then the caller is back, and the agent goes on with the same code", async () => {
		const caller = await asked();
		const code = await lastCode(), wrong = notThe(code);
		assert.match((await caller.keys(wrong)).says, /does not match/);
		assert.match((await caller.keys("12")).says, /not the whole code/);
		const back = await caller.keys(wrong);
		assert.equal(back.connected, true);
		assert.match(back.says, /your agent again/);
		const info = await assertNotVerified(ana);
		assertSuccess(info, "pending");
		assert.equal(info.json.verification.checks_left, 3);
		assert.ok(info.json.verification.back_at !== undefined && info.json.verification.asked_until === undefined);
		assert.deepEqual(eventsOf(stack, caller.call).filter(([action]) => action === "keyed_in").map(([, outcome]) => outcome),
			["begun", "wrong_code", "begun", "wrong_code", "tries_used"]);
		assertSuccess(await ana.check(ANAS_CALL, code), "approved");
		assert.equal((await ana.info(ANAS_CALL)).json.verification.keyed_in, undefined, "that was the agent's");
	});

	test("that does not come brings the caller back, and can be asked for again", async () => {
		const caller = await asked();
		const back = await caller.keys("");
		assert.equal(back.connected, true);
		assert.equal(eventsOf(stack, caller.call).at(-1)[1], "not_keyed_in");
		assertSuccess(await ana.keyIn(ANAS_CALL), "pending");
		await caller.hears();
		await caller.keys(await lastCode());
		assertSuccess(await ana.info(ANAS_CALL), "approved");
	});

	test("is asked for in the language of the caller's country", async () => {
		const madrid = { worker: WORKERS.ana, from: "+34600000101", channel: "voice" };
		const { sid } = (await stack.post("/sandbox/tasks", madrid)).json;
		await stack.post(`/sandbox/tasks/${sid}`, { worker: WORKERS.ana, action: "accept" });
		assertSuccess(await ana.start(sid), "pending");
		assertSuccess(await ana.keyIn(sid), "pending");
		const heard = await (await callerOf(stack, sid)).hears();
		assert.equal(heard.language, "es-MX");
		assert.match(heard.says, /Marque/);
	});

	test("keeps everybody from sending and checking meanwhile, but not from canceling and stopping", async () => {
		const caller = await asked();
		const code = await lastCode();
		assertRefusal(await ana.check(ANAS_CALL, code), 409, "caller_keys_in");
		assertRefusal(await ana.start(ANAS_CALL), 409, "caller_keys_in");
		assertRefusal(await ana.keyIn(ANAS_CALL), 409, "caller_keys_in");
		assertSuccess(await ana.cancel(ANAS_CALL), "canceled");
		const back = await caller.keys(code);
		assert.equal(back.connected, true);
		await assertNotVerified(ana);
	});

	test("counts for nothing once the contact is stopped", async () => {
		const caller = await asked();
		assertSuccess(await ana.stop(ANAS_CALL), "stopped");
		assert.equal((await caller.keys(await lastCode())).connected, true);
		assertSuccess(await ana.info(ANAS_CALL), "stopped");
	});

	test("is asked for once, however often and at once the button is pressed", async () => {
		assertSuccess(await ana.start(ANAS_CALL), "pending");
		const answers = await Promise.all(Array.from({ length: 8 }, () => ana.keyIn(ANAS_CALL)));
		assert.equal(answers.filter(({ status }) => status === 200).length, 1);
		for (const answer of answers.filter(({ status }) => status !== 200))
			assert.ok(["caller_keys_in", "no_conference"].includes(answer.json.code), answer.text);
		assert.equal((await legOf(stack, (await attributesOf(stack, ANAS_CALL)).call_sid)).documents, 1);
	});

	/* ---- the caller comes back ---- */

	test("is not waited for when the agent brings the caller back", async () => {
		const caller = await asked();
		const { asks } = await caller.hears();
		assertSuccess(await ana.bringBack(ANAS_CALL), "pending");
		assert.match((await caller.leg()).twiml, /<Dial><Conference [^>]*endConferenceOnExit="true">WT/);
		await actOnLeg(stack, caller.call, { action: "join", conference: ANAS_CALL, ends: "true" });
		await caller.keys(await lastCode(), asks); /* who was quicker than that */
		await assertNotVerified(ana);
		assertRefusal(await ana.bringBack(ANAS_CALL), 409, "not_keying_in");
		assertSuccess(await ana.check(ANAS_CALL, await lastCode()), "approved");
	});

	test("is not waited for when the caller hangs up", async () => {
		const caller = await asked();
		await caller.hangsUp();
		editLedger(stack, "UPDATE verifications SET decided_at = decided_at - 5000 WHERE decided_until > 0");
		const info = await assertNotVerified(ana);
		assert.equal(info.json.verification.asked_until, undefined);
		assert.equal(eventsOf(stack, caller.call).at(-1)[1], "hung_up");
		assertRefusal(await ana.bringBack(ANAS_CALL), 409, "not_keying_in");
	});

	test("is not waited for when its time is over, and then it is the agent's again", async () => {
		const caller = await asked();
		editLedger(stack, "UPDATE verifications SET decided_at = decided_at - 120000, decided_until = decided_until - 120000 WHERE decided_until > 0");
		const code = await lastCode();
		const back = await caller.keys(code);
		assert.equal(back.connected, true);
		await assertNotVerified(ana);
		assertSuccess(await ana.check(ANAS_CALL, code), "approved");
	});

	test("goes to the other agents with the caller if the agent has hung up meanwhile", async () => {
		const caller = await asked();
		await stack.post(`/sandbox/tasks/${ANAS_CALL}`, { worker: WORKERS.ana, action: "wrap" });
		const back = await caller.keys(await lastCode());
		assert.equal(back.to, "Enqueue");
		assert.match(back.says, /connecting you/);
	});

	test("leaves the conference to end as it did before, and a caller on hold where he is", async () => {
		const { call_sid: call } = await attributesOf(stack, ANAS_CALL);
		const conference = (await attributesOf(stack, ANAS_CALL)).conference.sid;
		await twilioPost(stack, `/Conferences/${conference}/Participants/${call}.json`, { EndConferenceOnExit: "false" });
		const caller = await asked();
		assert.equal((await caller.hears()).ends, "false");
		await caller.keys("");
		assert.equal((await caller.leg()).ends, false);
		await actOnLeg(stack, call, { action: "hold" });
		assertRefusal(await ana.keyIn(ANAS_CALL), 409, "no_conference");
		assert.equal((await caller.leg()).connected, true);
	});

	test("is not on a recording of the caller's leg: that is paused, and goes on when he is back", async () => {
		const { call_sid: call } = await attributesOf(stack, ANAS_CALL);
		await twilioPost(stack, `/Calls/${call}/Recordings.json`, {});
		assert.equal((await legOf(stack, call)).recording, true);
		const caller = await asked();
		assert.equal((await caller.leg()).recording, false);
		await caller.keys(await lastCode());
		assert.equal((await caller.leg()).recording, true);
	});

	/* ---- who may, and of whom ---- */

	test("is asked for by who has the call, while a code is out, and by nobody else", async () => {
		assertRefusal(await ana.keyIn(ANAS_CALL), 404, "no_pending_code");
		assertSuccess(await ana.start(ANAS_CALL), "pending");
		assertRefusal(await ben.keyIn(ANAS_CALL), 403, "not_your_task");
		assertRefusal(await agent(stack, "sandbox-guest").keyIn(ANAS_CALL), 403, "agent_not_allowed");
		assertRefusal(await ana.keyIn(BENS_CALL), 403, "not_your_task");
		assert.equal((await legOf(stack, (await attributesOf(stack, ANAS_CALL)).call_sid)).documents, 0);
	});

	test("is not to be had of a conversation, nor of a call that the agent dialled", async () => {
		for (const task of [ANAS_TEXTS, ANAS_OUTBOUND]) {
			assertSuccess(await ana.start(task), "pending");
			assert.equal((await ana.info(task)).json.contact.key_in, false);
			assertRefusal(await ana.keyIn(task), 409, "no_conference");
		}
	});

	test("T4: is not to be had of a colleague's call, whatever the agent makes his task name", async () => {
		const bens = await attributesOf(stack, BENS_CALL);
		await setAttributes(stack, ANAS_CALL, bens);
		assertSuccess(await ana.start(ANAS_CALL), "pending");
		assertRefusal(await ana.keyIn(ANAS_CALL), 409, "no_conference");
		assert.equal((await legOf(stack, bens.call_sid)).documents, 0, "his caller hears nothing of it");
		assert.equal((await legOf(stack, bens.call_sid)).connected, true);
	});

	test("T4: is not to be had of the agent's own leg", async () => {
		const own = await attributesOf(stack, ANAS_CALL);
		await setAttributes(stack, ANAS_CALL, { ...own, call_sid: own.conference.participants.worker });
		assertSuccess(await ana.start(ANAS_CALL), "pending");
		assertRefusal(await ana.keyIn(ANAS_CALL), 409, "no_conference");
		assert.equal((await legOf(stack, own.call_sid)).conference, "in-progress");
	});

	test("verifies the caller for the agent who had him asked, and with TRANSFER=fresh for no other", async () => {
		const caller = await asked();
		await caller.keys(await lastCode());
		const handed = (await stack.post(`/sandbox/tasks/${ANAS_CALL}`, { worker: WORKERS.ana, action: "transfer",
			to: WORKERS.ben })).json;
		await stack.post(`/sandbox/tasks/${handed.sid}`, { worker: WORKERS.ben, action: "accept" });
		const info = await ben.info(handed.sid);
		assertSuccess(info, "approved");
		assert.equal(info.json.verification.needs_own_code, true);
		assertNoCustomer(info);
		assertRefusal(await ben.keyIn(handed.sid), 409, "already_approved");
	});

	test("is not keyed in for an agent who has the call no more", async () => {
		const caller = await asked();
		const handed = (await stack.post(`/sandbox/tasks/${ANAS_CALL}`, { worker: WORKERS.ana, action: "transfer",
			to: WORKERS.ben })).json;
		await stack.post(`/sandbox/tasks/${handed.sid}`, { worker: WORKERS.ben, action: "accept" });
		await stack.post(`/sandbox/tasks/${ANAS_CALL}`, { worker: WORKERS.ana, action: "complete" });
		const back = await caller.keys(await lastCode());
		assert.equal(back.connected, true, "he is with Ben then");
		await assertNotVerified(ben, handed.sid);
		assertSuccess(await ben.check(handed.sid, await lastCode()), "approved");
	});

	test("is not keyed in by who is another customer by then, as the task names him", async () => {
		const caller = await asked(), code = await lastCode();
		await setAttributes(stack, ANAS_CALL, { ...await attributesOf(stack, ANAS_CALL), from: "+12025550102" });
		assert.equal((await caller.keys(code)).connected, true);
		await assertNotVerified(ana);
		await setAttributes(stack, ANAS_CALL, { ...await attributesOf(stack, ANAS_CALL), from: MARIA });
		assertSuccess(await ana.keyIn(ANAS_CALL), "pending");
		const { asks } = await caller.hears();
		await setAttributes(stack, ANAS_CALL, { ...await attributesOf(stack, ANAS_CALL), call_sid: newCallSid() });
		await caller.keys(code, asks);
		await assertNotVerified(ana);
		await setAttributes(stack, ANAS_CALL, { ...await attributesOf(stack, ANAS_CALL), call_sid: caller.call });
		assertSuccess(await ana.info(ANAS_CALL), "pending");
	});

	test("that is not whole at the last try brings the caller back, and costs no try of the agent's", async () => {
		const caller = await asked();
		await caller.keys("1");
		await caller.keys("12");
		const back = await caller.keys("123");
		assert.deepEqual([back.asks, back.connected], [null, true]);
		assert.equal((await ana.info(ANAS_CALL)).json.verification.checks_left, 5);
		assertSuccess(await ana.check(ANAS_CALL, await lastCode()), "approved");
	});

	/* ---- attacks on the answer ---- */

	test("T32: is believed of nobody but Twilio, and of no part that was altered", async () => {
		const caller = await asked();
		const { asks } = await caller.hears();
		const code = await lastCode(), query = asks;
		for (const more of [{ signature: null }, { signature: "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" }, { token: "1".repeat(32) }])
			assertRefusal(await caller.ask(query, code, more), 403, "not_from_twilio");
		await assertNotVerified(ana);
		const bad = await caller.ask(query.replace(/asking=\w+/, "asking=x"), code);
		assertRefusal(bad, 400, "invalid_action");
		assertSuccess(await ana.info(ANAS_CALL), "pending");
	});

	test("T32: is of the leg that was asked and no other, which is told nothing", async () => {
		const caller = await asked();
		const { asks } = await caller.hears();
		const code = await lastCode();
		const answer = await caller.ask(asks, code, { call: newCallSid() });
		assert.deepEqual(readTwiml(answer).map(({ verb }) => verb), ["Say", "Enqueue"]);
		await assertNotVerified(ana);
		assert.equal((await ana.info(ANAS_CALL)).json.verification.checks_left, 5, "and nothing was checked");
		await caller.keys(code);
		assertSuccess(await ana.info(ANAS_CALL), "approved");
	});

	test("T32: counts once: what comes again is not checked again, and ends nothing", async () => {
		const caller = await asked();
		const first = (await caller.hears()).asks, wrong = notThe(await lastCode());
		await caller.keys(wrong);
		for (const digits of [wrong, await lastCode()])
			assert.match((await caller.keys(digits, first)).says, /does not match/);
		assert.equal((await ana.info(ANAS_CALL)).json.verification.checks_left, 4);
		await caller.keys(await lastCode());
		assertSuccess(await ana.info(ANAS_CALL), "approved");
		assertSuccess(await ana.end(ANAS_CALL));
		await caller.keys(await lastCode(), first);
		await assertNotVerified(ana);
	});

	test("T32: of an asking before is none of the next one", async () => {
		const caller = await asked();
		const { asks } = await caller.hears();
		await caller.keys("");
		assertSuccess(await ana.keyIn(ANAS_CALL), "pending");
		await caller.ask(asks.replace("try=1", "try=3"), await lastCode());
		const info = await assertNotVerified(ana);
		assert.ok(info.json.verification.asked_until !== undefined, "which goes on");
	});

	test("T7: wrong ones count with those that the agent types: five in all, whichever way", async () => {
		const wrong = notThe("111111");
		const caller = await asked();
		const code = await lastCode(), other = code === wrong ? "333333" : wrong;
		for (let i = 0; i < 3; i++)
			await caller.keys(other);
		assertRefusal(await ana.check(ANAS_CALL, other), 401, "wrong_code");
		assertSuccess(await ana.keyIn(ANAS_CALL), "pending");
		await caller.hears();
		const back = await caller.keys(other);
		assert.equal(back.connected, true);
		assertSuccess(await ana.info(ANAS_CALL), "locked");
		assertRefusal(await ana.check(ANAS_CALL, code), 429, "too_many_checks");
		assertRefusal(await ana.keyIn(ANAS_CALL), 429, "too_many_checks");
	});

	test("T4: that ran out is not taken, and the caller is back", async () => {
		const caller = await asked();
		editLedger(stack, "UPDATE verifications SET expires_at = expires_at - 600000 WHERE decided_until > 0");
		const back = await caller.keys(await lastCode());
		assert.equal(back.connected, true);
		assertSuccess(await ana.info(ANAS_CALL), "expired");
	});

	test("stands in no log and no address, and neither does the caller's number", async () => {
		const caller = await asked();
		await caller.keys(notThe(await lastCode()));
		await caller.keys(await lastCode());
		const logs = [...KEY_IN_PROGRAMS, "nginx"].map((name) => stack.log(name));
		const written = [...logs, readFileSync(join(stack.runDir, "nginx/access.log"), "utf8")].join("\n");
		assert.ok(written.includes('"action":"keyed_in"') && codes.size > 10, "there is something to be found");
		/* Six digits are part of an id or SID by chance, so they have to stand alone, as in a field. */
		for (const secret of [...codes, MARIA.slice(1)])
			assert.doesNotMatch(written, new RegExp(`.{0,60}(?<![0-9a-f])${secret}(?![0-9a-f]).{0,20}`));
	});
});

test("what the caller keyed in is told to Flex, as what an agent entered is", async () => {
	const stack = await startStack({ ...KEY_IN_KEYS, TASK_WRITE_BACK: "on" }, KEY_IN_PROGRAMS);
	try {
		const ana = agent(stack, ANA);
		assertSuccess(await ana.start(ANAS_CALL), "pending");
		assertSuccess(await ana.keyIn(ANAS_CALL), "pending");
		const caller = await callerOf(stack, ANAS_CALL);
		await caller.hears();
		await caller.keys(await stack.lastCode(MARIA));
		const { flex_verify: told } = await until(() => attributesOf(stack, ANAS_CALL),
			({ flex_verify }) => flex_verify?.state === "approved");
		assert.deepEqual([told.state, told.channel, told.by], ["approved", "sms", "Ana"]);
	} finally {
		await stack.stop();
	}
});

test("a code to the number on file is keyed in by the caller, for an agent whom the web server signed in", async () => {
	const task = taskSid(1030), onFile = "+12025550112"; /* Elena, who calls from another number */
	const stack = await startStack({ ...KEY_IN_KEYS, INFO_FIELDS: "name", AGENT_AUTH: "webserver", ALLOWED_ORIGINS: PANEL,
		CONTACT_SOURCE: "customer", CUSTOMER_ID_ATTRIBUTE: "customer_id" }, KEY_IN_PROGRAMS);
	const front = await startFront(stack, 'set $signed_in_user "Ana";');
	try {
		const ana = agent(front, undefined, { headers: { Origin: PANEL } });
		assertSuccess(await ana.start(task), "pending");
		assertSuccess(await ana.keyIn(task), "pending");
		const caller = await callerOf(stack, task);
		await caller.hears();
		await caller.keys(notThe(await stack.lastCode(onFile)));
		await caller.keys(await stack.lastCode(onFile));
		const info = await ana.info(task);
		assertSuccess(info, "approved");
		assert.equal(info.json.verification.keyed_in, "during");
		assert.equal(info.json.customer.name, "Elena Rossi");
		assert.equal(eventsOf(stack, caller.call).find(([action]) => action === "keyed_in")[2], "user:Ana");
	} finally {
		await front.stop();
		await stack.stop();
	}
});

describe("a caller who cannot be asked", () => {
	test("is not, unless it is switched on", async () => {
		const stack = await startStack({}, KEY_IN_PROGRAMS);
		try {
			const ana = agent(stack, ANA);
			assertSuccess(await ana.start(ANAS_CALL), "pending");
			assert.equal((await ana.info(ANAS_CALL)).json.contact.key_in, undefined);
			assertRefusal(await ana.keyIn(ANAS_CALL), 403, "key_in_off");
			assertRefusal(await ana.bringBack(ANAS_CALL), 403, "key_in_off");
		} finally {
			await stack.stop();
		}
	});

	test("again is not, when the first wrong code locked the number", async () => {
		const stack = await startStack({ ...KEY_IN_KEYS, FAILURES_PER_NUMBER_HOUR: 1 }, KEY_IN_PROGRAMS);
		try {
			const ana = agent(stack, ANA);
			assertSuccess(await ana.start(ANAS_CALL), "pending");
			assertSuccess(await ana.keyIn(ANAS_CALL), "pending");
			const caller = await callerOf(stack, ANAS_CALL);
			await caller.hears();
			const back = await caller.keys(notThe(await stack.lastCode(MARIA)));
			assert.deepEqual([back.asks, back.connected], [null, true]);
			assert.equal((await ana.info(ANAS_CALL)).json.verification.state, "locked");
		} finally {
			await stack.stop();
		}
	});

	test("is not, by a supervisor who may act for every task and does not have the call", async () => {
		const stack = await startStack({ ...KEY_IN_KEYS, SUPERVISOR_ANY_TASK: "on" }, KEY_IN_PROGRAMS);
		try {
			const sam = agent(stack, SAM);
			assertSuccess(await sam.start(ANAS_CALL), "pending");
			assert.equal((await sam.info(ANAS_CALL)).json.contact.key_in, false);
			assertRefusal(await sam.keyIn(ANAS_CALL), 403, "not_your_task");
			assertRefusal(await sam.bringBack(ANAS_CALL), 403, "not_your_task");
		} finally {
			await stack.stop();
		}
	});
});
