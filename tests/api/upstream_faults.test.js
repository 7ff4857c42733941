/*
 * What happens when Twilio, or the customer look-up, does not answer as it
 * should: each call and each fault, and never "verified".
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { ELSEWHERE, faults, sid, startFakeTwilio, startUnaccepting, verification } from "./fake_twilio.js";
import { agent, assertRefusal, assertSuccess, ledgerRows } from "./helpers.js";
import { startStack } from "./stack.js";

const TIMEOUT_MS = 700;

/* For the way through nginx and for a busy machine; the default deadline, 10 s, is far off. */
const SLACK_MS = 2500;

/* nginx's limit on requests has nothing to do with these tests, and what it refuses no program saw. */
async function timed(ask) {
	for (;;) {
		const began = performance.now();
		const answer = await ask();
		if (answer.json?.code !== "too_many_requests")
			return { ...answer, ms: performance.now() - began };
		await sleep(200);
	}
}

function agentOf(stack, contact) {
	const { start, check, cancel, info } = agent(stack, contact.token);
	return {
		start: () => timed(() => start(contact.task)),
		check: (code = contact.code) => timed(() => check(contact.task, code)),
		cancel: () => timed(() => cancel(contact.task)),
		info: () => timed(() => info(contact.task)),
	};
}

/* Neither the customer's record, nor the task's attributes, nor the number. */
function assertNothingReleased(answer, contact) {
	for (const text of [`Customer ${contact.number}`, `account-${contact.number}`, "Customer of the task", contact.to])
		assert.ok(!answer.text.includes(text), `${text} is in ${answer.text}`);
	assert.equal(answer.json.customer, undefined);
	assert.equal(answer.json.task, undefined);
}

function assertReleased(answer, contact) {
	assertSuccess(answer, "approved");
	assert.equal(answer.json.customer.account_number, `account-${contact.number}`);
	assert.equal(answer.json.task.call_sid, contact.call);
}

/* ---- The table: a call, a fault, and what becomes of the request ------------- */

/* Ways to be in trouble. */
const SILENT = "silent"; /* no whole answer in time */
const LOST = "lost"; /* the connection broke */
const BAD = "bad"; /* an answer, but not to the question */
const FAILED = "failed"; /* Twilio's own fault, by its own word */
const UNAUTHORIZED = "unauthorized";
const BUSY = "busy";
const NOT_FOUND = "not found";

const ANY_CALL = [
	["does not answer", faults.hangs, SILENT],
	["stops in the middle of the headers", faults.hangsInHeaders, SILENT],
	["stops in the middle of the body", faults.hangsInBody, SILENT],
	["sends one byte now and then, for ever", faults.drips, SILENT],
	["closes the connection without an answer", faults.closes, LOST],
	["resets the connection", faults.resets, LOST],
	["closes the connection in the middle of the body", faults.closesInBody, LOST],
	["resets the connection in the middle of the body", faults.resetsInBody, LOST],
	["speaks another protocol", faults.isNotHttp, BAD],
	["answers 200 with a web page", faults.html, BAD],
	["answers 200 with a web page that is called JSON", faults.htmlNamedJson, BAD],
	["answers 200 with nothing", faults.empty, BAD],
	["answers 204", faults.noContent, BAD],
	["answers with an array around the answer", faults.isAnArray, BAD],
	["answers null", faults.isNull, BAD],
	["answers with truncated JSON", faults.truncated, BAD],
	["answers twice in one body", faults.doubled, BAD],
	["answers with 1 MB", faults.megabyte, BAD],
	["redirects with 302", faults.redirects, BAD],
	["redirects with 307", faults.redirectsKeepingMethod, BAD],
	["puts the answer into a redirect", faults.answersIn302, BAD],
	["answers 500 with nothing", faults.fails, FAILED],
	["answers 503 with a web page", faults.failsWithHtml, FAILED],
	["answers 503 in JSON", faults.failsWithJson, FAILED],
	["answers 504", faults.failsAtGateway, FAILED],
	["puts the answer into a 500", faults.answersIn500, FAILED],
	["answers 401", faults.unauthorized, UNAUTHORIZED],
	["answers 429", faults.busy, BUSY],
	["answers 404", faults.notFound, NOT_FOUND],
	["puts the answer into a 404", faults.answersIn404, NOT_FOUND],
];

const OTHER_VERIFICATION = sid("VE", 999999);
const OTHER_SERVICE = sid("VA", 999999);
const OTHER_NUMBER = "+447700900999";

/* Answers to start, check, cancel and fetch that are about something else, or cannot be understood. */
const verificationRows = (status) => [
	["tells of another service", faults.with({ status, service_sid: OTHER_SERVICE }), BAD],
	["tells of another number", faults.with({ status, to: OTHER_NUMBER }), BAD],
	["tells of a number without its +", (exchange) => faults.with({ status, to: exchange.contact.to.slice(1) })(exchange), BAD],
	["tells of no service", faults.without("service_sid"), BAD],
	["tells of no number", faults.without("to"), BAD],
	["tells of no verification", faults.without("sid"), BAD],
	["tells of something that is no verification", faults.with({ status, sid: sid("VL", 1) }), BAD],
	["tells of no status", faults.without("status"), BAD],
	["says status: true", faults.with({ status: true }), BAD],
	["says status: [\"approved\"]", faults.with({ status: ["approved"] }), BAD],
	["says the status twice", faults.repeating("status", status), BAD],
	["says the status twice, first another one", (exchange) => {
		exchange.answer.body.status = "deleted";
		faults.repeating("status", status)(exchange);
	}, BAD],
	["says the number twice", (exchange) => faults.repeating("to", exchange.contact.to)(exchange), BAD],
];

const oddStatuses = ["APPROVED", "approved ", "approve", "deleted", "failed", ""]
	.map((status) => [`says status: "${status}"`, faults.with({ status }), BAD]);

const unclearAfter = (state, notFound) => ({
	[SILENT]: { status: 504, code: "twilio_timed_out", state: "unclear" },
	[LOST]: { status: 502, code: "answer_lost", state: "unclear" },
	[BAD]: { status: 502, code: "twilio_bad_answer", state: "unclear" },
	[FAILED]: { status: 502, code: "twilio_failed", state: "unclear" },
	[UNAUTHORIZED]: { status: 503, code: "twilio_credentials", state },
	[BUSY]: { status: 503, code: "twilio_busy", state },
	[NOT_FOUND]: notFound,
});

/* The same for all outcomes but some. */
const always = (expectation, but = {}) => Object.fromEntries(
	[SILENT, LOST, BAD, FAILED, UNAUTHORIZED, BUSY, NOT_FOUND].map((outcome) => [outcome, but[outcome] ?? expectation]));

async function sendCode(contact, who) {
	assertSuccess(await who.start(), "pending");
}

async function approve(contact, who) {
	await sendCode(contact, who);
	assertSuccess(await who.check(), "approved");
	contact.verified = true;
}

/* A wrong code was checked, and the answer to that was lost. */
async function loseCheck(contact, who, fake) {
	await sendCode(contact, who);
	fake.spoil(contact, "check", faults.closes);
	assertRefusal(await who.check(contact.wrongCode), 502, "answer_lost");
	fake.unspoil(contact);
}

/*
 * What is called, who calls it and how; `times`: how often Twilio is asked, at
 * most.  What only reads may be repeated: once by our own rule, and each time
 * by libcurl if a kept connection turns out to be dead.
 */
const CALLS = {
	start: {
		prepare: async () => {},
		ask: (who) => who.start(),
		times: 1,
		outcomes: unclearAfter("not_verified", { status: 502, code: "twilio_setup", state: "not_verified" }),
		rows: [
			...verificationRows("pending"),
			["says that the number is approved already", faults.with({ status: "approved", valid: true }), BAD],
			["says that the number is canceled already", faults.with({ status: "canceled" }), BAD],
		],
	},
	check: {
		prepare: sendCode,
		ask: (who) => who.check(), /* it is the right code */
		times: 1,
		outcomes: unclearAfter("pending", { status: 410, code: "code_expired", state: "expired" }),
		rows: [
			...verificationRows("approved"),
			...oddStatuses,
			["tells of another verification", faults.with({ sid: OTHER_VERIFICATION }), BAD],
		],
	},
	cancel: {
		prepare: sendCode,
		ask: (who) => who.cancel(),
		times: 1,
		outcomes: unclearAfter("pending", { status: 410, code: "code_expired", state: "expired" }),
		rows: [
			...verificationRows("canceled"),
			["tells of another verification", faults.with({ sid: OTHER_VERIFICATION }), BAD],
			["says that the number is approved", faults.with({ status: "approved", valid: true }), BAD],
		],
	},
	fetch: {
		prepare: loseCheck,
		ask: (who) => who.info(),
		times: 4,
		outcomes: always({ status: 200, code: undefined, state: "unclear" }),
		rows: [
			...verificationRows("approved"),
			...oddStatuses,
			["tells of another verification", faults.with({ status: "approved", sid: OTHER_VERIFICATION }), BAD],
		],
	},
	validate: {
		prepare: approve,
		ask: (who) => who.info(),
		times: 2,
		outcomes: always({ status: 503, code: "sign_in_unavailable", state: "approved" }, {
			[UNAUTHORIZED]: { status: 503, code: "twilio_credentials", state: "approved" },
			[NOT_FOUND]: { status: 401, code: "agent_not_signed_in", state: "approved" },
		}),
		rows: [
			["says valid: \"true\"", faults.with({ valid: "true" }), BAD],
			["says valid: 1", faults.with({ valid: 1 }), BAD],
			["says valid twice", faults.repeating("valid", true), BAD],
			["says nothing of valid", faults.without("valid"), BAD],
			["says valid, with the code of an expired token", faults.with({ code: 20104 }), BAD],
			["names roles that are no list", faults.with({ roles: "agent" }), BAD],
			["names a role that is no text", faults.with({ roles: ["agent", { guest: true }] }), BAD],
			["names an expiry that is no time", faults.with({ expiration: "tomorrow" }), BAD],
		],
	},
	task: {
		prepare: approve,
		ask: (who) => who.info(),
		times: 4,
		outcomes: always({ status: 503, code: "task_unavailable", state: "approved" }, {
			[UNAUTHORIZED]: { status: 503, code: "twilio_credentials", state: "approved" },
			[NOT_FOUND]: { status: 404, code: "task_not_found", state: "approved" },
		}),
		rows: [
			["tells of another task", faults.with({ sid: sid("WT", 999999) }), BAD],
			["tells of another workspace", faults.with({ workspace_sid: sid("WS", 999999) }), BAD],
			["tells of no task", faults.without("sid"), BAD],
			["tells of no status", faults.without("assignment_status"), BAD],
			["says the attributes twice", (exchange) =>
				faults.repeating("attributes", exchange.answer.body.attributes)(exchange), BAD],
		],
	},
	reservations: {
		prepare: approve,
		ask: (who) => who.info(),
		times: 4,
		outcomes: always({ status: 503, code: "task_unavailable", state: "approved" }, {
			[UNAUTHORIZED]: { status: 503, code: "twilio_credentials", state: "approved" },
			[NOT_FOUND]: { status: 404, code: "task_not_found", state: "approved" },
		}),
		rows: [
			["lists nothing", faults.without("reservations"), BAD],
			["lists what is no list", (exchange) =>
				faults.with({ reservations: exchange.answer.body.reservations[0] })(exchange), BAD],
			["lists a text", faults.with({ reservations: ["accepted"] }), BAD],
			["lists twice", (exchange) =>
				faults.repeating("reservations", exchange.answer.body.reservations)(exchange), BAD],
		],
	},
	customer: {
		prepare: approve,
		ask: (who) => who.info(),
		times: 2,
		outcomes: always({ status: 502, code: "customer_lookup_failed", state: "approved" }, {
			/* A customer whom the company does not know has no record; the task's attributes are shown. */
			[NOT_FOUND]: { status: 200, code: undefined, state: "approved", customer: null },
		}),
		rows: [
			["says the name twice", faults.repeating("name", "Somebody else"), BAD],
		],
	},
};

/* What was refused has Twilio's or the look-up's data in no form; then the ledger is looked at through the API. */
async function play(stack, fake, call, fault, expected) {
	const { prepare, ask, times } = CALLS[call];
	const contact = fake.contact();
	const who = agentOf(stack, contact);

	await prepare(contact, who, fake);
	const before = fake.count(contact, call);
	fake.spoil(contact, call, fault);
	const answer = await ask(who);

	assert.ok(answer.ms < TIMEOUT_MS + SLACK_MS, `${Math.round(answer.ms)} ms`);
	if (expected.code === undefined)
		assertSuccess(answer, expected.state);
	else
		assertRefusal(answer, expected.status, expected.code);
	if (expected.customer === null)
		assert.equal(answer.json.customer, null);
	else
		assertNothingReleased(answer, contact);
	const asked = fake.count(contact, call) - before;
	assert.ok(asked >= 1 && asked <= times, `asked ${asked} times`);

	fake.unspoil(contact);
	contact.forgotten = true;
	const later = await who.info();
	if (expected.state === "approved") {
		assertReleased(later, contact);
		return;
	}
	assertSuccess(later, expected.state);
	assertNothingReleased(later, contact);
	assert.equal(fake.count(contact, "customer"), 0);
	if (expected.state === "unclear") {
		const checks = fake.count(contact, "check");
		assertRefusal(await who.check(), 409, "result_unclear");
		assert.equal(fake.count(contact, "check"), checks, "no code is tried while the state is unclear");
	}
}

describe("an upstream that does not answer as it should", { timeout: 120000 }, () => {
	let fake, stack;

	before(async () => {
		fake = await startFakeTwilio();
		stack = await startStack({ ...fake.config, REQUEST_TIMEOUT_MS: TIMEOUT_MS });
	});
	after(async () => {
		await fake?.stop();
		await stack?.stop();
	});

	describe("fails the request in its own words, in time, and verifies nobody", { concurrency: 16 }, () => {
		for (const [call, { outcomes, rows }] of Object.entries(CALLS))
			for (const [words, fault, outcome] of [...ANY_CALL, ...rows])
				test(`${call} ${words}`, () => play(stack, fake, call, fault, outcomes[outcome]));
	});

	test("leaves nobody approved in the ledger but those whose code was right and whose answer arrived", () => {
		const approved = ledgerRows(stack, "SELECT interaction FROM verifications WHERE state = 'approved' ORDER BY 1");
		const verified = fake.contacts.filter((contact) => contact.verified);

		assert.deepEqual(approved.map(({ interaction }) => interaction), verified.map(({ call }) => call).sort());
		assert.ok(approved.length > 100, "the table's approvals are there");
	});

	test("is never followed to where it redirects", () => {
		const elsewhere = fake.requests.filter(({ url }) => url.startsWith(ELSEWHERE));
		assert.deepEqual(elsewhere, []);
	});
});
