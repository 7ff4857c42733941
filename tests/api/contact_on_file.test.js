/*
 * CONTACT_SOURCE=customer: the number is not the agent's choice.  The code goes
 * to what is on file of one customer, and opens that customer's data only.
 *
 * The customer look-up is a server of the test's own, so that records can be
 * edited in the middle of a call.
 */
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, beforeEach, describe, test } from "node:test";

import {
	AGENT_PROGRAMS, ANA, ANAS_CALL, agent, assertNoCustomer, assertRefusal, assertSuccess, call, callFrom,
	ledgerRows, logOf, notThe, setAttributes, taskSid, verify,
} from "./helpers.js";
import { CALLBACK_KEYS } from "./call_backs.js";
import { PORTAL_KEY } from "./portal.js";
import { startStack } from "./stack.js";
import { TAP_KEYS } from "./taps.js";

const CALLER = "+12025550118", ON_FILE = "+12025550119", OTHER = "+12025550120", ABROAD = "+447700900124";
const E_MAIL = "maria.santos@example.com", OTHER_E_MAIL = "m.santos@example.net";
const MARIA = "C-1", ELLA = "C-2";
const DAY_MS = 24 * 3600 * 1000;
const ago = (days) => new Date(Date.now() - days * DAY_MS).toISOString();

/* Records by id, and by a number that their customers call from; `asked` has the query of each request. */
class Customers {
	async start() {
		this.server = http.createServer((request, reply) => {
			const query = new URL(request.url, "http://localhost").searchParams;
			this.asked.push(Object.fromEntries(query));
			const answer = this.answer(query.get("customer"), query.get("phone"));
			reply.writeHead(answer === undefined ? 404 : this.status, { "Content-Type": "application/json" });
			reply.end(JSON.stringify(answer ?? {}));
		});
		await new Promise((listening) => this.server.listen(0, "127.0.0.1", listening));
		this.url = `http://127.0.0.1:${this.server.address().port}/customers`;
		this.reset();
	}

	answer(id, phone) {
		return id === null ? this.byCaller[phone] : this.records[id];
	}

	reset() {
		this.status = 200;
		this.asked = [];
		this.maria = { id: MARIA, name: "Maria Santos", phone: ON_FILE, phone_type: "mobile", email: E_MAIL };
		this.records = { [MARIA]: this.maria,
			[ELLA]: { id: ELLA, name: "Ella Becker", phone: ON_FILE, email: "ella.becker@example.com" } };
		this.byCaller = { [CALLER]: this.maria, [ON_FILE]: this.maria };
	}

	stop() {
		this.server?.close();
	}
}

const customers = new Customers();
/* What is written back after one test's answer would be the task of the next one. */
const KEYS = {
	TASK_WRITE_BACK: "off",
	CONTACT_SOURCE: "customer",
	CUSTOMER_ID_ATTRIBUTE: "customers.external_id",
	CHANNELS: "sms call whatsapp email",
	INFO_FIELDS: "name phone task.from",
};

before(() => customers.start());
after(() => customers.stop());
beforeEach(() => customers.reset());

/* A stack whose customers are these, and Ana on a call of her own. */
async function startWith(keys = {}) {
	const stack = await startStack({ ...KEYS, CUSTOMER_LOOKUP_URL: customers.url, ...keys }, [...AGENT_PROGRAMS, "override-verify"]);
	return { stack, ana: agent(stack, ANA) };
}

/* A new call whose task says this customer, or none. */
async function newCall(stack, { from = CALLER, customer, ...more } = {}) {
	const attributes = { ...callFrom(from), ...more };
	if (customer !== undefined)
		attributes.customers = { external_id: customer };
	await setAttributes(stack, ANAS_CALL, attributes);
	return attributes;
}

/* The masked address is the agent's to see; the record is not. */
function assertNoData(answer) {
	assert.deepEqual([answer.json.customer, answer.json.task, answer.json.withheld], [undefined, undefined, undefined]);
	assert.ok(!/Maria|Ella|Santos|Becker/.test(answer.text), answer.text);
}

const addresses = [CALLER, ON_FILE, OTHER, ABROAD, E_MAIL, OTHER_E_MAIL, "ella.becker@example.com"];

/* Where codes arrived, by address. */
async function arrivals(stack) {
	const found = {};
	for (const address of addresses) {
		const { length } = await stack.messages(address);
		if (length > 0)
			found[address] = length;
	}
	return found;
}

describe("the number on file", () => {
	let stack, ana;

	before(async () => ({ stack, ana } = await startWith()));
	after(() => stack?.stop());
	beforeEach(() => stack.reset());

	test("gets the code, whatever number the caller has, and its customer's data opens", async () => {
		await newCall(stack);
		await verify(stack, ana, ANAS_CALL, ON_FILE);

		assert.deepEqual(await arrivals(stack), { [ON_FILE]: 1 });
		const info = await ana.info(ANAS_CALL);
		assert.deepEqual(info.json.customer, { name: "Maria Santos", phone: ON_FILE });
		assert.deepEqual(info.json.task, { from: CALLER });
	});

	const edits = [
		["from", { from: OTHER }],
		["to", { to: OTHER }],
		["outbound_to of an outbound call", { direction: "outbound", outbound_to: OTHER }],
		["customerAddress", { customerAddress: OTHER }],
		["phone, number and caller", { phone: OTHER, number: OTHER, caller: OTHER, customer: { phone: OTHER } }],
	];
	for (const [what, attributes] of edits)
		test(`T1: stays where it is when the task's ${what} is changed`, async () => {
			const before = await newCall(stack, { customer: MARIA });
			await setAttributes(stack, ANAS_CALL, { ...before, ...attributes });

			assertSuccess(await ana.start(ANAS_CALL), "pending");
			assert.deepEqual(await arrivals(stack), { [ON_FILE]: 1 });
		});

	test("T1: a task led to another customer sends the code to that one, and opens that one's data", async () => {
		customers.records[ELLA].phone = OTHER;
		await newCall(stack, { from: ON_FILE, customer: ELLA });
		await verify(stack, ana, ANAS_CALL, OTHER);

		assert.deepEqual(await arrivals(stack), { [OTHER]: 1 });
		assert.equal((await ana.info(ANAS_CALL)).json.customer.name, "Ella Becker");
	});

	test("T1: a number in the request counts only if it is the one on file", async () => {
		await newCall(stack);
		for (const to of [CALLER, OTHER, E_MAIL])
			for (const answer of [await ana.start(ANAS_CALL, { to }), await ana.check(ANAS_CALL, "123456", { to })])
				assertRefusal(answer, ...(to === E_MAIL ? [422, "invalid_number"] : [409, "number_mismatch"]));
		assert.deepEqual(await arrivals(stack), {});

		assertSuccess(await ana.start(ANAS_CALL, { to: ON_FILE }), "pending");
		assert.deepEqual(await arrivals(stack), { [ON_FILE]: 1 });
	});

	const hints = [
		["the number on file", ON_FILE, undefined, true],
		["another number", CALLER, undefined, false],
		["no number", "anonymous", MARIA, undefined],
		["no number, but one spelled on the keypad", "+266696687", MARIA, undefined],
	];
	for (const [what, from, customer, matches] of hints)
		test(`T2: is compared with the caller's, who calls from ${what}: ${matches}`, async () => {
			await newCall(stack, { from, customer });
			for (const answer of [await ana.info(ANAS_CALL), await ana.start(ANAS_CALL)]) {
				assertSuccess(answer);
				assert.equal(answer.json.contact.caller_matches, matches);
				assert.equal(answer.json.contact.ending, ON_FILE.slice(-2));
			}
			assert.deepEqual(await arrivals(stack), { [ON_FILE]: 1 });
		});

	test("may be written as people do", async () => {
		customers.maria.phone = "+1 (202) 555-0119";
		await newCall(stack);
		assertSuccess(await ana.start(ANAS_CALL), "pending");
		assert.deepEqual(await arrivals(stack), { [ON_FILE]: 1 });
	});

	test("is asked for once in each request, by the caller's number and the task's customer", async () => {
		await newCall(stack, { customer: MARIA });
		await verify(stack, ana, ANAS_CALL, ON_FILE);
		customers.asked = [];

		assert.ok((await ana.info(ANAS_CALL)).json.customer);
		assert.deepEqual(customers.asked, [{ phone: CALLER, customer: MARIA }]);
	});

	const names = [
		["a whole number", 4711, "4711"],
		["a text that is not for addresses as it is", "C 1&phone=+12025550120#", "C 1&phone=+12025550120#"],
	];
	for (const [what, external_id, asked] of names)
		test(`is asked for by a customer who is ${what}`, async () => {
			customers.records[asked] = { ...customers.maria, id: external_id };
			await setAttributes(stack, ANAS_CALL, { ...callFrom("anonymous"), customers: { external_id } });
			await verify(stack, ana, ANAS_CALL, ON_FILE);
			assert.deepEqual(customers.asked[0], { customer: asked });
			assert.ok((await ana.info(ANAS_CALL)).json.customer);
		});

	test("is asked for by a customer deep in the task's attributes, or nowhere in them", async () => {
		const deep = await startWith({ CUSTOMER_ID_ATTRIBUTE: "customers.crm.id" });
		try {
			for (const [more, asked] of [
				[{ customers: { crm: { id: ELLA } } }, { phone: CALLER, customer: ELLA }],
				[{ customers: { crm: ELLA } }, { phone: CALLER }], [{ customers: [ELLA] }, { phone: CALLER }], [{}, { phone: CALLER }],
			]) {
				await newCall(deep.stack, more);
				customers.asked = [];
				await deep.ana.info(ANAS_CALL);
				assert.deepEqual(customers.asked[0], asked, JSON.stringify(more));
			}
		} finally {
			await deep.stack.stop();
		}
	});

	test("is nobody's if the look-up knows nobody: 422 customer_not_found, and nothing is sent", async () => {
		for (const [from, customer] of [[OTHER, undefined], [CALLER, "C-404"], ["anonymous", undefined], ["", ""]]) {
			await newCall(stack, { from, customer });
			for (const answer of [await ana.start(ANAS_CALL), await ana.check(ANAS_CALL, "123456"),
				await ana.info(ANAS_CALL)])
				assertRefusal(answer, 422, "customer_not_found", /Verify another way/);
		}
		assert.deepEqual(await arrivals(stack), {});
	});

	const nothing = [
		["nothing", { phone: undefined, email: undefined }],
		["null", { phone: null, email: null }],
		["no international number", { phone: "2025550119", email: "maria" }],
		["a word", { phone: "unknown", email: "unknown" }],
		["numbers in place of texts", { phone: 12025550119, email: 1 }],
		["what a telephone shows of a caller without a number", { phone: "+266696687", email: undefined }],
	];
	for (const [what, record] of nothing)
		test(`is ${what}: 422 no_number, and nothing is sent`, async () => {
			Object.assign(customers.maria, record);
			await newCall(stack);
			for (const answer of [await ana.start(ANAS_CALL), await ana.info(ANAS_CALL)])
				assertRefusal(answer, 422, "no_number", /Verify another way/);
			assert.deepEqual(await arrivals(stack), {});
		});

	const broken = [
		["fails", () => (customers.status = 500)],
		["answers without an id", () => delete customers.maria.id],
		["answers with an empty id", () => (customers.maria.id = "")],
		["answers with an id that is no name", () => (customers.maria.id = { C: 1 })],
		["answers with an id longer than any", () => (customers.maria.id = "C".repeat(129))],
		["says a change at no time", () => (customers.maria.phone_changed_at = "last week")],
		["says a change at a number", () => (customers.maria.phone_changed_at = 1763802000)],
		["says a change of the e-mail address at no time", () => (customers.maria.email_changed_at = "last week")],
	];
	for (const [what, breakIt] of broken)
		test(`is not known if the look-up ${what}: 502, nothing is sent and nothing shown`, async () => {
			await newCall(stack);
			await verify(stack, ana, ANAS_CALL, ON_FILE);
			breakIt();

			for (const answer of [await ana.start(ANAS_CALL), await ana.info(ANAS_CALL)]) {
				assertRefusal(answer, 502, "customer_lookup_failed", /could not be fetched/);
				assertNoCustomer(answer);
			}
			assert.deepEqual(await arrivals(stack), { [ON_FILE]: 1 });
		});

	test("is in no log, and neither is the e-mail address on file", async () => {
		await newCall(stack);
		await verify(stack, ana, ANAS_CALL, ON_FILE);
		await ana.start(ANAS_CALL, { channel: "email" });
		await ana.info(ANAS_CALL);
		for (const program of ["start-verify", "check-verify", "customer-info"]) {
			assert.ok(logOf(stack, program).length > 0);
			for (const secret of [ON_FILE, ON_FILE.slice(1), CALLER.slice(1), E_MAIL, MARIA])
				assert.ok(!stack.log(program).includes(secret), `${secret} in ${program}.log`);
		}
		for (const table of ["verifications", "events"])
			assert.doesNotMatch(JSON.stringify(ledgerRows(stack, `SELECT * FROM ${table}`)),
				/2025550119|2025550118|maria\.santos|C-1"/);
	});
});

describe("the customer who was verified", () => {
	let stack, ana;

	before(async () => ({ stack, ana } = await startWith({ OVERRIDE: "on" })));
	after(() => stack?.stop());
	beforeEach(() => stack.reset());

	const leadTo = (attributes, customer) =>
		setAttributes(stack, ANAS_CALL, { ...attributes, customers: { external_id: customer } });

	test("R11: is not another one with the same number, to whom the task is led afterwards", async () => {
		const attributes = await newCall(stack, { customer: MARIA });
		await verify(stack, ana, ANAS_CALL, ON_FILE);
		assert.equal((await ana.info(ANAS_CALL)).json.customer.name, "Maria Santos");

		await leadTo(attributes, ELLA);
		const info = await ana.info(ANAS_CALL);
		assertNoData(info);
		assertSuccess(info, "not_verified");

		await leadTo(attributes, MARIA);
		assert.equal((await ana.info(ANAS_CALL)).json.customer.name, "Maria Santos");
	});

	test("R11: is not another one with the same number, to whom the task is led before the code is checked", async () => {
		const attributes = await newCall(stack, { customer: MARIA });
		await ana.start(ANAS_CALL);
		const code = await stack.lastCode(ON_FILE);

		await leadTo(attributes, ELLA);
		assertRefusal(await ana.check(ANAS_CALL, code), 404, "no_pending_code");
		assertNoData(await ana.info(ANAS_CALL));

		/* The code for the one is none for the other, and the other way round. */
		assertSuccess(await ana.start(ANAS_CALL), "pending");
		assert.notEqual(await stack.lastCode(ON_FILE), code);
		assertSuccess(await ana.check(ANAS_CALL, await stack.lastCode(ON_FILE)), "approved");
		assert.equal((await ana.info(ANAS_CALL)).json.customer.name, "Ella Becker");
		await leadTo(attributes, MARIA);
		assertSuccess(await ana.info(ANAS_CALL), "canceled");
		assertNoData(await ana.info(ANAS_CALL));
	});

	test("is not another one, to whom the task is led after a supervisor's override", async () => {
		const attributes = await newCall(stack, { customer: MARIA });
		assertSuccess(await call(stack, "override-verify",
			{ task: ANAS_CALL, minutes: "5", reason: "Known by voice for years" }, { token: "sandbox-sam" }), "overridden");
		assert.equal((await ana.info(ANAS_CALL)).json.customer.name, "Maria Santos");

		await leadTo(attributes, ELLA);
		assertNoData(await ana.info(ANAS_CALL));
		await leadTo(attributes, MARIA);
		assert.equal((await ana.info(ANAS_CALL)).json.customer.name, "Maria Santos");
	});

	test("cannot be changed for another one to get round a stop", async () => {
		const attributes = await newCall(stack, { customer: MARIA });
		await verify(stack, ana, ANAS_CALL, ON_FILE);
		assertSuccess(await call(stack, "start-verify", { task: ANAS_CALL, action: "stop" }, { token: ANA }), "stopped");

		for (const phone of [ON_FILE, OTHER]) {
			customers.records[ELLA].phone = phone;
			await leadTo(attributes, ELLA);
			assertRefusal(await ana.start(ANAS_CALL), 409, "contact_stopped");
			assertRefusal(await ana.check(ANAS_CALL, "123456"), 409, "contact_stopped");
			assertNoData(await ana.info(ANAS_CALL));
		}
		assert.deepEqual(await arrivals(stack), { [ON_FILE]: 1 });

		await newCall(stack, { customer: ELLA });
		assertSuccess(await ana.start(ANAS_CALL), "pending");
	});

	test("R11: is verified anew when the number on file is another one", async () => {
		await newCall(stack);
		await verify(stack, ana, ANAS_CALL, ON_FILE);

		customers.maria.phone = OTHER;
		const info = await ana.info(ANAS_CALL);
		assertSuccess(info, "not_verified");
		assertNoData(info);
		await verify(stack, ana, ANAS_CALL, OTHER);
		assert.equal((await ana.info(ANAS_CALL)).json.customer.phone, OTHER);
	});

	test("stays verified while other things on file change, and they are shown as they are now", async () => {
		await newCall(stack);
		await verify(stack, ana, ANAS_CALL, ON_FILE);
		Object.assign(customers.maria, { name: "Maria Weber", email: OTHER_E_MAIL });
		assert.equal((await ana.info(ANAS_CALL)).json.customer.name, "Maria Weber");
	});

	test("is in the ledger as a keyed hash of the record's id", async () => {
		const attributes = await newCall(stack, { customer: MARIA });
		await verify(stack, ana, ANAS_CALL, ON_FILE);
		const [row] = ledgerRows(stack, `SELECT customer_id FROM verifications WHERE interaction = '${attributes.call_sid}'`);
		assert.match(row.customer_id, /^[0-9a-f]{16}$/);

		await newCall(stack, { customer: ELLA });
		await verify(stack, ana, ANAS_CALL, ON_FILE);
		const rows = ledgerRows(stack, "SELECT DISTINCT customer_id FROM verifications WHERE state = 'approved'");
		assert.ok(rows.length >= 2, "one hash for each customer");
	});
});

describe("a number on file that was changed", () => {
	let stack, ana;

	before(async () => ({ stack, ana } = await startWith({ NUMBER_CHANGE_DAYS: 7 })));
	after(() => stack?.stop());
	beforeEach(() => stack.reset());

	const recent = [["a minute ago", ago(1 / 1440)], ["six days ago", ago(6)], ["tomorrow, by its clock", ago(-1)]];
	for (const [when, phone_changed_at] of recent)
		test(`T3: ${when} gets no code, and neither does the e-mail address beside it`, async () => {
			customers.maria.phone_changed_at = phone_changed_at;
			await newCall(stack);
			for (const answer of [await ana.start(ANAS_CALL), await ana.start(ANAS_CALL, { channel: "email" }),
				await ana.info(ANAS_CALL)])
				assertRefusal(answer, 422, "number_changed_recently", /changed only recently.*Verify another way/);
			assert.deepEqual(await arrivals(stack), {});
		});

	test("T3: while a customer is verified closes the data", async () => {
		await newCall(stack);
		await verify(stack, ana, ANAS_CALL, ON_FILE);
		customers.maria.phone_changed_at = ago(0);
		assertRefusal(await ana.info(ANAS_CALL), 422, "number_changed_recently");
	});

	for (const [when, phone_changed_at] of [["eight days ago", ago(8)], ["nobody knows when", null]])
		test(`${when} gets the code`, async () => {
			customers.maria.phone_changed_at = phone_changed_at;
			await newCall(stack);
			assertSuccess(await ana.start(ANAS_CALL), "pending");
			assert.deepEqual(await arrivals(stack), { [ON_FILE]: 1 });
		});

	test("T3: an e-mail address that was changed is none, and the number still gets the code", async () => {
		customers.maria.email_changed_at = ago(1);
		await newCall(stack);
		assertRefusal(await ana.start(ANAS_CALL, { channel: "email" }), 422, "channel_not_allowed");
		assertSuccess(await ana.start(ANAS_CALL), "pending");
		assert.deepEqual(await arrivals(stack), { [ON_FILE]: 1 });

		delete customers.maria.phone;
		assertRefusal(await ana.start(ANAS_CALL), 422, "number_changed_recently");
		customers.maria.email_changed_at = ago(8);
		assertSuccess(await ana.start(ANAS_CALL), "pending");
	});
});

describe("what a code can be sent by", () => {
	let stack, ana;

	before(async () => ({ stack, ana } = await startWith()));
	after(() => stack?.stop());
	beforeEach(() => stack.reset());

	const offers = [
		["a mobile number and an e-mail address", {}, ["sms", "call", "whatsapp", "email"]],
		["a number of a type that nobody knows", { phone_type: undefined }, ["sms", "call", "whatsapp", "email"]],
		["a mobile number", { email: undefined }, ["sms", "call", "whatsapp"]],
		["T27: a landline and an e-mail address", { phone_type: "landline" }, ["call", "email"]],
		["T27: a landline", { phone_type: "landline", email: undefined }, ["call"]],
		["a number of a type of its own", { phone_type: "pager", email: undefined }, ["call"]],
		["a number whose type is none", { phone_type: 1, email: undefined }, ["call"]],
		["an e-mail address", { phone: undefined }, ["email"]],
	];
	for (const [what, record, channels] of offers)
		test(`is what ${what} on file can get: ${channels}`, async () => {
			Object.assign(customers.maria, record);
			await newCall(stack);
			const { json } = await ana.info(ANAS_CALL);
			assert.deepEqual(json.contact.channels, channels);
			assert.equal(json.contact.email, channels.includes("email") ? "m***@example.com" : undefined);

			for (const channel of KEYS.CHANNELS.split(" ").filter((each) => !channels.includes(each)))
				assertRefusal(await ana.start(ANAS_CALL, { channel }), 422, "channel_not_allowed");
			assert.deepEqual(await arrivals(stack), {});
			assertSuccess(await ana.start(ANAS_CALL), "pending");
			assert.deepEqual(await arrivals(stack), { [channels[0] === "email" ? E_MAIL : ON_FILE]: 1 });
		});

	test("is e-mail as well as a text: one customer, two addresses", async () => {
		await newCall(stack);
		const sent = await ana.start(ANAS_CALL, { channel: "email" });
		assertSuccess(sent, "pending");
		assert.deepEqual(await arrivals(stack), { [E_MAIL]: 1 });
		assert.equal(sent.json.verification.to, "m***@example.com");
		assert.equal(sent.json.verification.ending, "");
		assert.equal(sent.json.contact.ending, ON_FILE.slice(-2));

		assertRefusal(await ana.check(ANAS_CALL, notThe(await stack.lastCode(E_MAIL))), 401, "wrong_code");
		assertSuccess(await ana.check(ANAS_CALL, await stack.lastCode(E_MAIL)), "approved");
		assert.equal((await ana.info(ANAS_CALL)).json.customer.name, "Maria Santos");
		const [{ to_mask }] = ledgerRows(stack, "SELECT to_mask FROM events ORDER BY position DESC LIMIT 1");
		assert.equal(to_mask, "m***@example.com");
	});

	for (const [first, firstAt, then, thenAt] of [["sms", ON_FILE, "email", E_MAIL], ["email", E_MAIL, "call", ON_FILE]])
		test(`leaves the code by ${first} of no use when the next goes by ${then}`, async () => {
			const { call_sid } = await newCall(stack);
			await ana.start(ANAS_CALL, { channel: first });
			const old = await stack.lastCode(firstAt);
			assertSuccess(await ana.start(ANAS_CALL, { channel: then }), "pending");

			assert.deepEqual(ledgerRows(stack, `SELECT channel, state, to_mask FROM verifications
				WHERE interaction = '${call_sid}' ORDER BY position`).map(({ channel, state }) => [channel, state]),
			[[first, "canceled"], [then, "pending"]]);
			assertRefusal(await ana.check(ANAS_CALL, old), 401, "wrong_code");
			assertSuccess(await ana.check(ANAS_CALL, await stack.lastCode(thenAt)), "approved");
		});

	test("is the same address again for a text after a call: one code", async () => {
		await newCall(stack);
		await ana.start(ANAS_CALL, { channel: "sms" });
		const code = await stack.lastCode(ON_FILE);
		const again = await ana.start(ANAS_CALL, { channel: "call" });
		assert.equal(again.json.verification.sends_left, 3);
		assert.equal(await stack.lastCode(ON_FILE), code);
	});

	test("can be canceled by e-mail too", async () => {
		await newCall(stack);
		await ana.start(ANAS_CALL, { channel: "email" });
		assertSuccess(await ana.cancel(ANAS_CALL), "canceled");
		assertRefusal(await ana.check(ANAS_CALL, await stack.lastCode(E_MAIL)), 404, "no_pending_code");
	});

	test("by e-mail, an answer that is lost is found out like any other", async () => {
		await newCall(stack);
		await ana.start(ANAS_CALL, { channel: "email" });
		const lost = await ana.check(ANAS_CALL, "999444");
		assert.equal(lost.json.verification.state, "unclear", lost.text);
		const found = await ana.info(ANAS_CALL);
		assertSuccess(found, "pending");
		assertSuccess(await ana.check(ANAS_CALL, await stack.lastCode(E_MAIL)), "approved");
	});

	test("R11: and what became of one is not asked for by another e-mail address that came into the file since", async () => {
		await newCall(stack);
		await ana.start(ANAS_CALL, { channel: "email" });
		assert.equal((await ana.check(ANAS_CALL, "999444")).json.verification.state, "unclear");
		customers.maria.email = OTHER_E_MAIL;
		assertSuccess(await ana.info(ANAS_CALL), "unclear");
		assertSuccess(await ana.start(ANAS_CALL, { channel: "email" }), "pending");
		assertSuccess(await ana.check(ANAS_CALL, await stack.lastCode(OTHER_E_MAIL)), "approved");
	});

	test("R11: is not keyed in by the caller when the e-mail address that it went to is not on file any more", async () => {
		const voice = await startWith({ VOICE_KEY_IN: "on" });
		try {
			await newCall(voice.stack);
			assertSuccess(await voice.ana.start(ANAS_CALL, { channel: "email" }), "pending");
			customers.maria.email = OTHER_E_MAIL;
			assertRefusal(await voice.ana.keyIn(ANAS_CALL), 410, "code_expired");
		} finally {
			await voice.stack.stop();
		}
	});

	test("is WhatsApp for who writes by it from the number on file, and a text for who writes from another", async () => {
		for (const [from, channel] of [[ON_FILE, "whatsapp"], [CALLER, "sms"]]) {
			await stack.reset();
			await newCall(stack, { from, customerAddress: `whatsapp:${from}` });
			const sent = await ana.start(ANAS_CALL);
			assertSuccess(sent, "pending");
			assert.equal(sent.json.verification.channel, channel);
			assert.equal(sent.json.contact.caller_matches, from === ON_FILE);
			assert.deepEqual(await arrivals(stack), { [ON_FILE]: 1 });
		}
	});

	test("R11: is no e-mail address that is not on file any more", async () => {
		await newCall(stack);
		await ana.start(ANAS_CALL, { channel: "email" });
		const code = await stack.lastCode(E_MAIL);
		delete customers.maria.email;
		assertRefusal(await ana.check(ANAS_CALL, code), 410, "code_expired");
		assertNoData(await ana.info(ANAS_CALL));
	});

	test("R11: is no e-mail address that left the file after the code was sent", async () => {
		await newCall(stack);
		await ana.start(ANAS_CALL, { channel: "email" });
		const code = await stack.lastCode(E_MAIL);
		customers.maria.email = OTHER_E_MAIL;

		assertRefusal(await ana.check(ANAS_CALL, code), 410, "code_expired");
		assertSuccess(await ana.start(ANAS_CALL, { channel: "email" }), "pending");
		assert.deepEqual(await arrivals(stack), { [E_MAIL]: 1, [OTHER_E_MAIL]: 1 });
		assertRefusal(await ana.check(ANAS_CALL, code), 401, "wrong_code");
		assertSuccess(await ana.check(ANAS_CALL, await stack.lastCode(OTHER_E_MAIL)), "approved");
	});

	test("is no second address while the code at the first cannot be canceled", async () => {
		customers.maria.phone = "+12025550181"; /* the sandbox answers a cancellation with an error */
		await newCall(stack);
		assertSuccess(await ana.start(ANAS_CALL, { channel: "sms" }), "pending");
		assert.equal((await ana.start(ANAS_CALL, { channel: "email" })).status, 503);
		assert.deepEqual(await arrivals(stack), {});
		assertNoData(await ana.info(ANAS_CALL));
	});

	test("leaves one code of use, however many are sent at once to both addresses", async () => {
		const { call_sid } = await newCall(stack);
		const answers = await Promise.all(Array.from({ length: 12 }, (_, nth) =>
			ana.start(ANAS_CALL, { channel: nth % 2 === 0 ? "sms" : "email" })));
		for (const { status, json } of answers)
			assert.ok(status === 200 || ["verification_busy", "too_many_sends"].includes(json.code), JSON.stringify(json));

		const rows = ledgerRows(stack, `SELECT channel, state FROM verifications
			WHERE interaction = '${call_sid}' ORDER BY position`);
		assert.deepEqual(rows.map(({ state }) => state).sort().reverse(), ["pending", ...rows.slice(1).map(() => "canceled")]);
		const { channel } = rows.find(({ state }) => state === "pending");
		assertSuccess(await ana.check(ANAS_CALL, await stack.lastCode(channel === "email" ? E_MAIL : ON_FILE)), "approved");
	});

	test("does not include e-mail unless CHANNELS does", async () => {
		const without = await startWith({ CHANNELS: "sms call" });
		try {
			await newCall(without.stack);
			const { json } = await without.ana.info(ANAS_CALL);
			assert.deepEqual(json.contact.channels, ["sms", "call"]);
			assert.equal(json.contact.email, undefined);
			assertRefusal(await without.ana.start(ANAS_CALL, { channel: "email" }), 422, "channel_not_allowed");
			delete customers.maria.phone;
			assertRefusal(await without.ana.start(ANAS_CALL), 422, "no_number");
			assert.deepEqual(await arrivals(without.stack), {});
		} finally {
			await without.stack.stop();
		}
	});

	test("is nothing if a landline is all there is and calls are off: 422 no_number", async () => {
		const texts = await startWith({ CHANNELS: "sms email" });
		try {
			Object.assign(customers.maria, { phone_type: "landline", email: undefined });
			await newCall(texts.stack);
			assertRefusal(await texts.ana.start(ANAS_CALL), 422, "no_number");
			customers.maria.email = E_MAIL;
			assertSuccess(await texts.ana.start(ANAS_CALL), "pending");
			assert.deepEqual(await arrivals(texts.stack), { [E_MAIL]: 1 });
		} finally {
			await texts.stack.stop();
		}
	});
});

describe("what needs a number that is fit for it", () => {
	let stack, ana;

	/* With PINs, so that no contact is refused for want of a way. */
	before(async () => ({ stack, ana } = await startWith({ PORTAL_KEY, COUNTRIES: "US", ...CALLBACK_KEYS, ...TAP_KEYS,
		INFO_FIELDS: "name", STRENGTHS: "sms:1 tap:1 callback:1" })));
	after(() => stack?.stop());
	beforeEach(() => stack.reset());

	for (const [what, record, link, callBack] of [
		["an e-mail address only", { phone: undefined }, "no_number", "no_number"],
		["neither number nor e-mail address", { phone: undefined, email: undefined }, "no_number", "no_number"],
		["a number of another country", { phone: ABROAD, email: undefined }, "country_not_allowed", "country_not_allowed"],
		["a landline", { phone_type: "landline" }, "landline", null],
		["a mobile number", {}, null, null],
	])
		test(`is to be had of who has ${what} on file: link ${link ?? "yes"}, call-back ${callBack ?? "yes"}`, async () => {
			Object.assign(customers.maria, record);
			await newCall(stack);
			const { contact } = (await ana.info(ANAS_CALL)).json;
			assert.deepEqual([contact.link, contact.call_back, contact.pin], [link === null, callBack === null, true]);
			const texted = await ana.textLink(ANAS_CALL);
			assert.equal(texted.json.code ?? null, link, texted.text);
			const asked = await ana.callBack(ANAS_CALL);
			assert.equal(asked.json.code ?? null, callBack, asked.text);
			assert.deepEqual(await arrivals(stack), link === null ? { [ON_FILE]: 1 } : {});
		});
});

describe("limits are of the customer, not of an address", () => {
	let stack, ana;

	before(async () => ({ stack, ana } = await startWith({ FAILURES_PER_NUMBER_HOUR: 2, SENDS_PER_NUMBER_HOUR: 3 })));
	after(() => stack?.stop());
	beforeEach(() => stack.reset());

	test("T8: wrong codes by text and by e-mail add up, and lock both", async () => {
		await newCall(stack);
		for (const [channel, address] of [["sms", ON_FILE], ["email", E_MAIL]]) {
			assertSuccess(await ana.start(ANAS_CALL, { channel }), "pending");
			await ana.check(ANAS_CALL, notThe(await stack.lastCode(address)));
		}
		assertRefusal(await ana.check(ANAS_CALL, await stack.lastCode(E_MAIL)), 429, "too_many_checks");
		for (const channel of ["sms", "email"])
			assertRefusal(await ana.start(ANAS_CALL, { channel }), 429, "too_many_checks");
	});

	test("T8: codes by text and by e-mail add up", async () => {
		Object.assign(customers.maria, { phone: OTHER, email: OTHER_E_MAIL });
		await newCall(stack);
		for (const channel of ["sms", "email", "sms"])
			assertSuccess(await ana.start(ANAS_CALL, { channel }), "pending");
		for (const channel of ["sms", "email"])
			assertRefusal(await ana.start(ANAS_CALL, { channel }), 429, "too_many_sends");
		assert.deepEqual(await arrivals(stack), { [OTHER]: 2, [OTHER_E_MAIL]: 1 });
	});
});

describe("countries", () => {
	const ABROAD_TOO = [["+12425550101", "the Bahamas"], ["+18765550101", "Jamaica"], ["+14165550101", "Canada"],
		["+19005550101", "premium"], ["+447700300101", "Jersey"], ["+447012345678", "personal"],
		["+8816315550101", "a satellite"], ["+34600000000", "Spain"]];

	test("R13: a task's number of another country gets no code: 422 country_not_allowed", async () => {
		const stack = await startStack({ COUNTRIES: "US GB" });
		const ana = agent(stack, ANA);
		try {
			for (const [from] of ABROAD_TOO) {
				await newCall(stack, { from });
				for (const answer of [await ana.start(ANAS_CALL), await ana.check(ANAS_CALL, "123456"),
					await ana.info(ANAS_CALL)])
					assertRefusal(answer, 422, "country_not_allowed", /Verify another way/);
				assert.deepEqual(await stack.messages(from), []);
			}
			for (const from of [ON_FILE, ABROAD]) {
				await newCall(stack, { from });
				assertSuccess(await ana.start(ANAS_CALL), "pending");
			}
		} finally {
			await stack.stop();
		}
	});

	test("R13: so does a number on file; the e-mail address beside it still gets one", async () => {
		const { stack, ana } = await startWith({ COUNTRIES: "US" });
		try {
			Object.assign(customers.maria, { phone: ABROAD, email: undefined });
			await newCall(stack);
			assertRefusal(await ana.start(ANAS_CALL), 422, "country_not_allowed");

			customers.maria.email = E_MAIL;
			assert.deepEqual((await ana.info(ANAS_CALL)).json.contact.channels, ["email"]);
			assertRefusal(await ana.start(ANAS_CALL, { channel: "sms" }), 422, "country_not_allowed");
			assertSuccess(await ana.start(ANAS_CALL), "pending");
			assert.deepEqual(await arrivals(stack), { [E_MAIL]: 1 });

			customers.maria.phone = ON_FILE;
			await newCall(stack, { from: ABROAD, customer: MARIA });
			assertSuccess(await ana.start(ANAS_CALL), "pending");
			assert.deepEqual(await arrivals(stack), { [E_MAIL]: 1, [ON_FILE]: 1 });
		} finally {
			await stack.stop();
		}
	});

	test("R13: so does a number in the request", async () => {
		const stack = await startStack({ AGENT_AUTH: "none", CONTACT_SOURCE: "request", COUNTRIES: "GB" });
		try {
			assertRefusal(await call(stack, "start-verify", { to: ON_FILE }), 422, "country_not_allowed");
			assertRefusal(await call(stack, "start-verify", { to: E_MAIL }), 422, "invalid_number");
			assertSuccess(await call(stack, "start-verify", { to: ABROAD }), "pending");
			assert.deepEqual(await arrivals(stack), { [ABROAD]: 1 });
		} finally {
			await stack.stop();
		}
	});
});

describe("the sandbox's customers on file", () => {
	let stack, ana;

	before(async () => {
		stack = await startStack({ CONTACT_SOURCE: "customer", CUSTOMER_ID_ATTRIBUTE: "customer_id",
			CHANNELS: "sms call email", NUMBER_CHANGE_DAYS: 7, COUNTRIES: "US GB" });
		ana = agent(stack, ANA);
	});
	after(() => stack?.stop());
	beforeEach(() => stack.reset());

	const tasks = [
		[1, "+12025550101", "Maria Santos", true, ["sms", "call", "email"]],
		[1009, "+447700900123", "Nia Okafor", true, ["sms", "call", "email"]],
		[1030, "+12025550112", "Elena Rossi", false, ["sms", "call", "email"]],
		[1031, "+12025550113", "Harold Jensen", true, ["call"]],
		[1032, "mei.lin@example.com", "Mei Lin", undefined, ["email"]],
		[1034, "+12025550116", "Tom Becker", true, ["sms", "call", "email"]],
		[1035, "+12025550116", "Ella Becker", true, ["sms", "call", "email"]],
	];
	for (const [number, to, name, matches, channels] of tasks)
		test(`task ${number}: ${name} is verified at ${to}`, async () => {
			const task = taskSid(number);
			const { contact } = (await verify(stack, ana, task, to)).json;
			assert.deepEqual([contact.caller_matches, contact.channels], [matches, channels]);
			assert.equal((await ana.info(task)).json.customer.name, name);
		});

	for (const [number, status, code] of [[1010, 422, "customer_not_found"], [1033, 422, "number_changed_recently"],
		[185, 502, "customer_lookup_failed"]])
		test(`task ${number}: ${code}`, async () => {
			assertRefusal(await ana.start(taskSid(number)), status, code);
		});
});
