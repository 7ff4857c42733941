/*
 * The PIN of the portal: the company's website asks for one, shows it to the
 * customer who is logged in there, and he reads it to the agent.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { after, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import {
	ANA, ANAS_CALL, BEN, FORM, PROGRAMS, SAM, agent, assertNoCustomer, assertRefusal, assertSecurityHeaders,
	assertSuccess, callFrom, ledgerRows, logOf, notThe, request, setAttributes, taskSid,
} from "./helpers.js";
import { PIN_KEYS, PORTAL_KEY, askForPin, pinOf, portalRequest, sign } from "./portal.js";
import { startStack } from "./stack.js";

const MARIA = "C-100101", JONAS = "C-100102", MEI = "C-100114"; /* of whom only an e-mail address is on file */
const MARIAS_NUMBER = "+12025550101", JONAS_NUMBER = "+12025550102";
const SHARED = taskSid(1024); /* Ana and Ben hold it both */
const MINUTE_MS = 60 * 1000;
const at = (ms) => new Date(Date.now() + ms).toISOString();
const newNonce = () => randomBytes(16).toString("hex");

const NO_LIMITS = { FAILURES_PER_NUMBER_HOUR: 0, FAILURES_PER_NUMBER_DAY: 0, FAILURES_PER_AGENT_HOUR: 0,
	PINS_PER_CUSTOMER_HOUR: 0, PINS_PER_CUSTOMER_DAY: 0 };

function ofAgents(stack) {
	const byPin = (who) => (task, pin) => who.check(task, pin, { channel: "pin" });
	const ana = agent(stack, ANA), ben = agent(stack, BEN);
	return { ana, ben, anaChecks: byPin(ana), benChecks: byPin(ben) };
}

async function newCall(stack, { task = ANAS_CALL, from = MARIAS_NUMBER, ...more } = {}) {
	await setAttributes(stack, task, { ...callFrom(from), ...more });
}

/* A chat of somebody without a number, who is this customer. */
const newChat = (stack, customer) => setAttributes(stack, ANAS_CALL,
	{ channelType: "web", customers: { external_id: customer }, conversationSid: `CH${newNonce()}` });

const editLedger = (stack, query) => execFileSync("sqlite3", ["-cmd", ".timeout 2000", stack.ledger, query]);
const pinsIn = (stack) => ledgerRows(stack, "SELECT * FROM pins ORDER BY created_at, id");

async function assertClosed(who, task = ANAS_CALL) {
	const info = await who.info(task);
	assert.notEqual(info.json.verification?.state, "approved");
	assertNoCustomer(info);
}

describe("a PIN", () => {
	let stack, ana, ben, anaChecks, benChecks;

	before(async () => {
		stack = await startStack({ ...PIN_KEYS, ...NO_LIMITS }, PROGRAMS);
		({ ana, ben, anaChecks, benChecks } = ofAgents(stack));
	});
	after(() => stack?.stop());
	beforeEach(async () => {
		await stack.reset();
		await newCall(stack);
	});

	test("that the customer reads out verifies him, and no text is sent", async () => {
		const issued = await askForPin(stack, MARIA);
		assertSuccess(issued);
		assert.match(issued.json.pin, /^\d{6}$/);
		const minutes = (Date.parse(issued.json.expires_at) - Date.parse(issued.json.now)) / MINUTE_MS;
		assert.ok(minutes > 9.9 && minutes <= 10, `${minutes} minutes`);

		const before = await ana.info(ANAS_CALL);
		assertSuccess(before, "not_verified");
		assert.equal(before.json.contact.pin, true);
		const checked = await anaChecks(ANAS_CALL, issued.json.pin);
		assertSuccess(checked, "approved");
		assert.equal(checked.json.verification.channel, "pin");
		assert.equal(checked.json.verification.approved_by, "Ana");
		assert.deepEqual((await ana.info(ANAS_CALL)).json.customer, { name: "Maria Santos", phone: MARIAS_NUMBER });
		assert.deepEqual(await stack.messages(MARIAS_NUMBER), []);
	});

	test("works for a chat of a customer without any phone number", async () => {
		await newChat(stack, MEI);
		assert.deepEqual((await ana.info(ANAS_CALL)).json.contact.channels, []);
		assertRefusal(await ana.start(ANAS_CALL), 422, "channel_not_allowed");
		assertSuccess(await anaChecks(ANAS_CALL, await pinOf(stack, MEI)), "approved");
		assert.equal((await ana.info(ANAS_CALL)).json.customer.name, "Mei Lin");
	});

	test("may be written with blanks and hyphens, as codes may", async () => {
		const pin = await pinOf(stack, MARIA);
		assertSuccess(await anaChecks(ANAS_CALL, `${pin.slice(0, 3)} - ${pin.slice(3)}`), "approved");
	});

	test("T4: of another customer verifies nobody, here or there", async () => {
		const pin = await pinOf(stack, JONAS);
		assertRefusal(await anaChecks(ANAS_CALL, pin), 401, "wrong_code");
		await assertClosed(ana);
		await newCall(stack, { from: JONAS_NUMBER });
		assertSuccess(await anaChecks(ANAS_CALL, pin), "approved");
		assert.equal((await ana.info(ANAS_CALL)).json.customer.name, "Jonas Weber");
	});

	test("T5: of the customer whom the task is made to lead to opens that customer's data and no other's", async () => {
		await newCall(stack, { from: MARIAS_NUMBER, customers: { external_id: JONAS } });
		assertRefusal(await anaChecks(ANAS_CALL, await pinOf(stack, MARIA)), 401, "wrong_code");
		assertSuccess(await anaChecks(ANAS_CALL, await pinOf(stack, JONAS)), "approved");
		assert.equal((await ana.info(ANAS_CALL)).json.customer.name, "Jonas Weber");
	});

	test("T4: is good for one contact, and in the next one it is used", async () => {
		const pin = await pinOf(stack, MARIA);
		assertSuccess(await anaChecks(ANAS_CALL, pin), "approved");
		await newCall(stack);
		assertRefusal(await anaChecks(ANAS_CALL, pin), 410, "pin_expired");
		await assertClosed(ana);
	});

	test("pressed twice is told to be approved already, and counts as no wrong one", async () => {
		const pin = await pinOf(stack, MARIA);
		assertSuccess(await anaChecks(ANAS_CALL, pin), "approved");
		assertRefusal(await anaChecks(ANAS_CALL, pin), 409, "already_approved");
		assertSuccess(await ana.info(ANAS_CALL), "approved");
		const [{ failures }] = ledgerRows(stack, "SELECT sum(failures) AS failures FROM events");
		const [{ wrong }] = ledgerRows(stack,
			"SELECT count(*) AS wrong FROM events WHERE outcome IN ('wrong_code', 'pin_expired')");
		assert.equal(failures, wrong);
	});

	test("T10: entered by two agents, twenty times at once, is one approval", async () => {
		await newCall(stack, { task: SHARED });
		const pin = await pinOf(stack, MARIA);
		const answers = await Promise.all(Array.from({ length: 20 },
			(_, i) => (i % 2 === 0 ? anaChecks : benChecks)(SHARED, pin)));
		assert.equal(answers.filter(({ status }) => status === 200).length, 1);
		for (const { json } of answers.filter(({ status }) => status !== 200))
			assert.equal(json.code, "already_approved");
		const [{ approvals }] = ledgerRows(stack, `SELECT count(*) AS approvals FROM verifications v
			WHERE state = 'approved' AND task_sid = '${SHARED}'`);
		assert.equal(approvals, 1);
	});

	test("is useless as soon as the customer is shown another one", async () => {
		const first = await pinOf(stack, MARIA), second = await pinOf(stack, MARIA);
		if (first !== second)
			assertRefusal(await anaChecks(ANAS_CALL, first), 401, "wrong_code");
		assertSuccess(await anaChecks(ANAS_CALL, second), "approved");
	});

	test("takes the place of a code that was sent, which is then no use", async () => {
		assertSuccess(await ana.start(ANAS_CALL), "pending");
		const code = await stack.lastCode(MARIAS_NUMBER), pin = await pinOf(stack, MARIA);
		assertSuccess(await anaChecks(ANAS_CALL, pin), "approved");
		assertRefusal(await ana.check(ANAS_CALL, code), 409, "already_approved");
		assertSuccess(await ana.end(ANAS_CALL), "canceled");
		assertRefusal(await ana.check(ANAS_CALL, code), 404, "no_pending_code");
	});

	test("is not taken as a code, nor a code as a PIN", async () => {
		assertSuccess(await ana.start(ANAS_CALL), "pending");
		const pin = await pinOf(stack, MARIA), code = await stack.lastCode(MARIAS_NUMBER);
		if (pin !== code) {
			assertRefusal(await ana.check(ANAS_CALL, pin), 401, "wrong_code");
			assertRefusal(await anaChecks(ANAS_CALL, code), 401, "wrong_code");
		}
		assertSuccess(await ana.check(ANAS_CALL, code), "approved");
	});

	test("is not taken in a contact that was stopped", async () => {
		const pin = await pinOf(stack, MARIA);
		assertSuccess(await ana.stop(ANAS_CALL), "stopped");
		assertRefusal(await anaChecks(ANAS_CALL, pin), 409, "contact_stopped");
		await assertClosed(ana);
	});

	test("that is wrong leaves a verified customer verified", async () => {
		const pin = await pinOf(stack, MARIA);
		assertSuccess(await anaChecks(ANAS_CALL, pin), "approved");
		assertRefusal(await anaChecks(ANAS_CALL, notThe(pin)), 401, "wrong_code");
		assertSuccess(await ana.info(ANAS_CALL), "approved");
	});

	test("T7: bears five wrong ones, whatever the calls, and then the right one is no use", async () => {
		const pin = await pinOf(stack, MARIA);
		for (let i = 0; i < 5; i++) {
			await newCall(stack);
			assertRefusal(await anaChecks(ANAS_CALL, notThe(pin)), 401, "wrong_code");
		}
		await newCall(stack);
		assertRefusal(await anaChecks(ANAS_CALL, pin), 401, "wrong_code");
		await assertClosed(ana);
	});

	test("T7: that is wrong while a code is out counts for it, and not even the right code is taken after five", async () => {
		assertSuccess(await ana.start(ANAS_CALL), "pending");
		const code = await stack.lastCode(MARIAS_NUMBER), pin = await pinOf(stack, MARIA);
		for (let i = 0; i < 3; i++)
			assertRefusal(await anaChecks(ANAS_CALL, notThe(pin)), 401, "wrong_code");
		for (let i = 0; i < 2; i++)
			assertRefusal(await ana.check(ANAS_CALL, notThe(code)), 401, "wrong_code");
		assertRefusal(await ana.check(ANAS_CALL, code), 429, "too_many_checks");
		assertRefusal(await anaChecks(ANAS_CALL, pin), 429, "too_many_checks");
		await assertClosed(ana);
	});

	test("T24: whose row was written by hand is no use: not for another customer, nor for a longer life", async () => {
		await pinOf(stack, JONAS);
		const pin = await pinOf(stack, MARIA);
		for (const [column, value] of [["customer_id", "(SELECT customer_id FROM pins o WHERE o.customer_id <> p.customer_id LIMIT 1)"],
			["expires_at", "expires_at + 1000"], ["verifier", "lower(hex(randomblob(32)))"]]) {
			const [{ id, [column]: was }] = pinsIn(stack).slice(-1);
			editLedger(stack, `UPDATE pins AS p SET ${column} = ${value} WHERE id = '${id}'`);
			for (const from of [JONAS_NUMBER, MARIAS_NUMBER]) {
				await newCall(stack, { from });
				assertRefusal(await anaChecks(ANAS_CALL, pin), 401, "wrong_code");
			}
			editLedger(stack, `UPDATE pins SET ${column} = '${was}' WHERE id = '${id}'`);
		}
		assertSuccess(await anaChecks(ANAS_CALL, pin), "approved");
	});

	for (const [channel, what] of [["sms", "a way by which codes are sent"], ["Pin", "no way at all"]])
		test(`is entered with channel=pin: ${what} is refused`, async () =>
			assertRefusal(await ana.check(ANAS_CALL, "123456", { channel }), 400, "invalid_channel"));

	test("R34: is nowhere on record, and its verifier is gone when it is", async () => {
		const pin = await pinOf(stack, MARIA);
		const [{ verifier }] = pinsIn(stack).slice(-1);
		assert.match(verifier, /^[0-9a-f]{64}$/);
		for (const key of [PORTAL_KEY, "sandbox-log-key-not-a-secret-000000", ""])
			assert.notEqual(verifier, sign(pin, key));
		assertSuccess(await anaChecks(ANAS_CALL, pin), "approved");
		await pinOf(stack, MARIA);
		assert.ok(pinsIn(stack).every((row) => row.verifier !== verifier));
		const written = JSON.stringify([ledgerRows(stack, "SELECT * FROM events"), pinsIn(stack),
			ledgerRows(stack, "SELECT * FROM verifications")]) + stack.log("portal-pin") + stack.log("check-verify");
		assert.ok(!new RegExp(`(?<![0-9a-f])${pin}(?![0-9a-f])`).test(written));
	});

	test("is on record by its way: issued, wrong and right", async () => {
		const pin = await pinOf(stack, MARIA);
		assertRefusal(await anaChecks(ANAS_CALL, notThe(pin)), 401, "wrong_code");
		assertSuccess(await anaChecks(ANAS_CALL, pin), "approved");
		const events = ledgerRows(stack,
			"SELECT action, outcome, channel, failures FROM events ORDER BY position DESC LIMIT 5");
		assert.deepEqual(events.reverse().map(({ action, outcome, channel, failures }) =>
			`${action} ${outcome} ${channel} ${failures}`), ["pin issued pin 0", "check_pin begun pin 1",
			"check_pin wrong_code pin 0", "check_pin begun pin 1", "check_pin approved pin -1"]);
		assert.equal(logOf(stack, "portal-pin").at(-1).agent, "portal");
		const view = (await agent(stack, SAM).supervise()).json.view;
		assert.equal(view.verifications[0].channel, "pin");
		assert.equal(view.verifications[0].state, "approved");
	});
});

describe("a request of the website", () => {
	let stack;

	before(async () => {
		stack = await startStack({ ...PIN_KEYS, ALLOWED_ORIGINS: "https://flex.example.com", PINS_PER_CUSTOMER_HOUR: 0 }, PROGRAMS);
	});
	after(() => stack?.stop());

	const refusals = [
		["without a signature", { signature: "" }, 401, "bad_signature"],
		["signed with another key", { key: "another-key-another-key-another-key-" }, 401, "bad_signature"],
		["signed in capitals", { signature: "A".repeat(64) }, 401, "bad_signature"],
		["whose clock is six minutes behind", { off: -6 * MINUTE_MS }, 401, "untimely_request"],
		["whose clock is six minutes ahead", { off: 6 * MINUTE_MS }, 401, "untimely_request"],
		["without a time that can be read", { fields: { time: "now" } }, 401, "untimely_request"],
		["with a short nonce", { fields: { nonce: "1" } }, 400, "invalid_nonce"],
		["with a nonce of other characters", { fields: { nonce: "'; DROP TABLE pins; --" } }, 400, "invalid_nonce"],
		["without a nonce", { fields: { nonce: undefined } }, 400, "missing_parameter"],
		["without a customer", { fields: { customer: "" } }, 400, "missing_parameter"],
		["with a customer of 129 characters", { fields: { customer: "C".repeat(129) } }, 400, "missing_parameter"],
		["with a field too many", { fields: { pin: "123456" } }, 400, "unknown_field"],
		["by a page of an allowed origin", { headers: { Origin: "https://flex.example.com" } }, 403, "origin_not_allowed"],
	];
	for (const [what, { off, ...options }, status, code] of refusals)
		test(`${what} is refused: ${status} ${code}`, async () => {
			const before = pinsIn(stack).length;
			if (off !== undefined)
				options.fields = { time: at(off) };
			assertRefusal(await askForPin(stack, MARIA, options), status, code);
			assert.equal(pinsIn(stack).length, before);
		});

	test("with one byte of its body changed is refused", async () => {
		const made = portalRequest(MARIA);
		const body = made.body.replace(MARIA, JONAS);
		assertRefusal(await request(stack, { ...made, body }), 401, "bad_signature");
	});

	test("as a form is signed the same way", async () => {
		const body = new URLSearchParams({ customer: MARIA, time: at(0), nonce: newNonce() }).toString();
		assertSuccess(await askForPin(stack, MARIA, { body, headers: { "Content-Type": FORM } }));
	});

	test("whose clock is four minutes off is answered", async () => {
		for (const minutes of [-4, 4])
			assertSuccess(await askForPin(stack, MARIA, { fields: { time: at(minutes * MINUTE_MS) } }));
	});

	test("that comes again gets no second PIN, nor after a restart, and the first stays good", async () => {
		await newCall(stack);
		const made = portalRequest(MARIA), first = await request(stack, made);
		assertSuccess(first);
		assertRefusal(await request(stack, made), 409, "request_replayed");
		await stack.restart("portal-pin");
		assertRefusal(await request(stack, made), 409, "request_replayed");
		assertSuccess(await ofAgents(stack).anaChecks(ANAS_CALL, first.json.pin), "approved");
	});

	test("that comes fifty times at once gets one PIN", async () => {
		const made = portalRequest(MARIA);
		const answers = await Promise.all(Array.from({ length: 50 }, () => request(stack, made)));
		assert.equal(answers.filter(({ status }) => status === 200).length, 1);
		assert.equal(answers.filter(({ json }) => json.code === "request_replayed").length, 49);
	});

	test("is never a browser's: a preflight is refused, also to a page of an allowed origin", async () => {
		const answer = await request(stack, { method: "OPTIONS", path: "/portal-pin", headers: {
			Origin: "https://flex.example.com", "Access-Control-Request-Method": "POST" } });
		assertRefusal(answer, 403, "origin_not_allowed");
		assert.equal(answer.headers["access-control-allow-origin"], undefined);
	});

	test("is answered with the PIN to nobody else's cache", async () =>
		assertSecurityHeaders(await askForPin(stack, MARIA)));

	test("of an agent's is no website's", async () => {
		const body = JSON.stringify({ customer: MARIA, time: at(0), nonce: newNonce() });
		assertRefusal(await askForPin(stack, MARIA, { body, signature: "",
			headers: { Authorization: `Bearer ${ANA}` } }), 401, "bad_signature");
	});
});

describe("limits of PINs", () => {
	let stack, ana, anaChecks;

	before(async () => {
		stack = await startStack({ ...PIN_KEYS, PINS_PER_CUSTOMER_HOUR: 3, FAILURES_PER_NUMBER_HOUR: 5 }, PROGRAMS);
		({ ana, anaChecks } = ofAgents(stack));
	});
	after(() => stack?.stop());

	test("a customer is shown so many in an hour, over a restart, and no refused request gets one later", async () => {
		for (let i = 0; i < 3; i++)
			await pinOf(stack, JONAS);
		const made = portalRequest(JONAS), refused = await request(stack, made);
		assertRefusal(refused, 429, "too_many_pins");
		assert.ok(Date.parse(refused.json.opens_at) > Date.now() + 50 * MINUTE_MS);
		await stack.restart("portal-pin");
		assertRefusal(await askForPin(stack, JONAS), 429, "too_many_pins");
		assertRefusal(await request(stack, made), 409, "request_replayed");
		assertSuccess(await askForPin(stack, MARIA));
	});

	test("T7: wrong PINs and wrong codes are counted together, over calls and restarts, and lock the customer", async () => {
		await newCall(stack);
		assertSuccess(await ana.start(ANAS_CALL), "pending");
		const code = await stack.lastCode(MARIAS_NUMBER), pin = await pinOf(stack, MARIA);
		for (let i = 0; i < 3; i++)
			assertRefusal(await ana.check(ANAS_CALL, notThe(code)), 401, "wrong_code");
		await stack.restart("check-verify");
		for (let i = 0; i < 2; i++) {
			await newCall(stack);
			assertRefusal(await anaChecks(ANAS_CALL, notThe(pin)), 401, "wrong_code");
		}
		await newCall(stack);
		const locked = await anaChecks(ANAS_CALL, pin);
		assertRefusal(locked, 429, "too_many_checks");
		assert.equal(locked.json.verification.state, "locked");
		assertRefusal(await ana.start(ANAS_CALL), 429, "too_many_checks");
		await assertClosed(ana);
	});
});

describe("by another configuration", () => {
	let stack;

	before(async () => {
		stack = await startStack({ ...PIN_KEYS, ...NO_LIMITS }, PROGRAMS);
	});
	after(() => stack?.stop());

	async function startWith(keys) {
		stack.configure({ ...PIN_KEYS, ...NO_LIMITS, ...keys });
		await stack.start();
		await newCall(stack);
		return ofAgents(stack);
	}

	test("a PIN is another agent's to enter for his own sight, with TRANSFER=fresh", async () => {
		const { ana, ben, anaChecks, benChecks } = await startWith({ TRANSFER: "fresh" });
		await newCall(stack, { task: SHARED });
		assertSuccess(await anaChecks(SHARED, await pinOf(stack, MARIA)), "approved");
		assert.equal((await ben.info(SHARED)).json.verification.needs_own_code, true);
		assertSuccess(await benChecks(SHARED, await pinOf(stack, MARIA)), "approved");
		assert.equal((await ben.info(SHARED)).json.customer.name, "Maria Santos");
	});

	test("T4: a PIN that ran out is no use", async () => {
		const { ana, anaChecks } = await startWith({ PIN_VALID_SECONDS: 1 });
		const issued = await askForPin(stack, MARIA);
		while (Date.now() < Date.parse(issued.json.expires_at) + 1000)
			await sleep(50);
		assertRefusal(await anaChecks(ANAS_CALL, issued.json.pin), 410, "pin_expired");
		await assertClosed(ana);
	});

	test("a customer is shown so many PINs in a day", async () => {
		await startWith({ PINS_PER_CUSTOMER_DAY: 1 });
		await pinOf(stack, JONAS);
		const refused = await askForPin(stack, JONAS);
		assertRefusal(refused, 429, "too_many_pins");
		assert.ok(Date.parse(refused.json.opens_at) > Date.now() + 23 * 60 * MINUTE_MS);
	});

	for (const [what, keys] of [["PORTAL_KEY is not set", { PORTAL_KEY: "" }],
		["CONTACT_SOURCE is not customer", { CONTACT_SOURCE: "task" }]])
		test(`there are no PINs where ${what}`, async () => {
			const { ana, anaChecks } = await startWith(keys);
			assertRefusal(await askForPin(stack, MARIA), 403, "pins_off");
			assertRefusal(await anaChecks(ANAS_CALL, "123456"), 422, "channel_not_allowed");
			assert.equal((await ana.info(ANAS_CALL)).json.contact.pin, undefined);
		});
});

describe("a field that demands a strength", () => {
	let stack, ana, anaChecks;

	before(async () => {
		stack = await startStack({ ...PIN_KEYS, ...NO_LIMITS, STRENGTHS: "sms:1 pin:3",
			INFO_FIELDS: "name account_number:3s" }, PROGRAMS);
		({ ana, anaChecks } = ofAgents(stack));
	});
	after(() => stack?.stop());
	beforeEach(async () => {
		await stack.reset();
		await newCall(stack);
	});

	test("is shown after a way that has it", async () => {
		assertSuccess(await anaChecks(ANAS_CALL, await pinOf(stack, MARIA)), "approved");
		const info = await ana.info(ANAS_CALL);
		assert.deepEqual(info.json.customer, { name: "Maria Santos", account_number: "EX-100101" });
		assert.deepEqual(info.json.withheld, []);
	});

	test("is withheld after a way that has less, named with the ways that would do, and comes with one of them", async () => {
		assertSuccess(await ana.start(ANAS_CALL), "pending");
		assertSuccess(await ana.check(ANAS_CALL, await stack.lastCode(MARIAS_NUMBER)), "approved");
		const info = await ana.info(ANAS_CALL);
		assert.deepEqual(info.json.customer, { name: "Maria Santos" });
		assert.deepEqual(info.json.withheld, [{ field: "account_number", strength: 3, ways: ["pin"] }]);
		assertSuccess(await anaChecks(ANAS_CALL, await pinOf(stack, MARIA)), "approved");
		assert.equal((await ana.info(ANAS_CALL)).json.customer.account_number, "EX-100101");
	});

	test("is withheld while a supervisor only allows it", async () => {
		await newCall(stack);
		assertSuccess(await agent(stack, SAM).override(ANAS_CALL, { reason: "customer lost the phone", minutes: "1" }));
		const info = await ana.info(ANAS_CALL);
		assert.deepEqual(info.json.customer, { name: "Maria Santos" });
		assert.equal(info.json.withheld[0].strength, 3);
	});

	for (const [what, keys] of [
		["that no way has", { STRENGTHS: "sms:1 pin:2" }],
		["that only a way has which is off", { STRENGTHS: "email:3", CHANNELS: "sms" }],
		["that is none", { INFO_FIELDS: "name:4s" }],
	])
		test(`${what} is a mistake in the configuration`, async () =>
			assert.rejects(startStack({ ...PIN_KEYS, INFO_FIELDS: "name:3s", ...keys }, PROGRAMS), /INFO_FIELDS/));
});
