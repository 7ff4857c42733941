/*
 * What happens when Twilio, or the customer look-up, does not answer as it
 * should: each call and each fault, and never "verified".
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { ELSEWHERE, faults, notActing, sid, startFakeTwilio, startUnaccepting, verification } from "./fake_twilio.js";
import { agentOf, approve, assertNothingReleased, assertReleased, sendCode } from "./fault_helpers.js";
import { assertRefusal, assertSuccess, ledgerRows } from "./helpers.js";
import { startStack } from "./stack.js";

/* Short, but what goes well must also go well in time, with sanitizers on a busy machine. */
const TIMEOUT_MS = 5000;

/* For the way through a web server; with the default deadline it would take 10 s. */
const SLACK_MS = 4000;

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
	["closes the connection in the middle of the headers", faults.closesInHeaders, LOST],
	["closes the connection in the middle of the body", faults.closesInBody, LOST],
	["resets the connection in the middle of the body", faults.resetsInBody, LOST],
	["speaks another protocol", faults.isNotHttp, BAD],
	["sends 200 KB of headers", faults.hasEndlessHeaders, BAD],
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
	["tells of a number without its +", (exchange) =>
		faults.with({ status, to: exchange.contact.to.slice(1) })(exchange), BAD],
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

/* A wrong code was checked, and the answer to that was lost. */
async function loseCheck(who, contact, fake) {
	await sendCode(who);
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
		times: 4,
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

	await prepare(who, contact, fake);
	contact.verified = prepare === approve;
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

	const everyRow = Object.entries(CALLS).flatMap(([call, { outcomes, rows }]) =>
		[...ANY_CALL, ...rows].map(([words, fault, outcome]) => ({ call, words, fault, outcome, outcomes })));

	/*
	 * Those of the first kind wait for their deadline, so all of them can wait together; not behind mod_fcgid,
	 * which has one process for each and starts one a second.
	 */
	for (const [title, concurrency, isWanted] of [
		["ends the request at its deadline", process.env.WEB === "fcgid" ? 6 : 32, ({ outcome }) => outcome === SILENT],
		["ends the request in its own words", 6, ({ outcome }) => outcome !== SILENT],
	])
		describe(`${title}, and verifies nobody`, { concurrency }, () => {
			for (const { call, words, fault, outcome, outcomes } of everyRow.filter(isWanted))
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

/* ---- A lost answer: what then? ------------------------------------------------ */

describe("a lost answer", { timeout: 60000 }, () => {
	let fake, stack;

	before(async () => {
		fake = await startFakeTwilio();
		stack = await startStack({ ...fake.config, REQUEST_TIMEOUT_MS: TIMEOUT_MS });
	});
	after(async () => {
		await fake?.stop();
		await stack?.stop();
	});

	const newContact = () => {
		const contact = fake.contact();
		return { contact, who: agentOf(stack, contact) };
	};

	test("of a start leaves it unclear, and sending once more puts it right", async () => {
		const { contact, who } = newContact();

		fake.spoil(contact, "start", faults.closes);
		assertRefusal(await who.start(), 502, "answer_lost");
		fake.unspoil(contact);
		assertSuccess(await who.info(), "unclear");
		assertRefusal(await who.check(), 409, "result_unclear");
		assert.equal(fake.count(contact, "check"), 0);
		assert.equal(fake.count(contact, "fetch"), 0, "without a SID there is nothing to ask about");

		const again = await who.start();
		assertSuccess(again, "pending");
		assert.equal(again.json.verification.sends_left, 3, "the lost one counts");
		assert.equal(contact.generation, 1, "the code that the customer may have is the one that counts");
		assertSuccess(await who.check(), "approved");
		assertReleased(await who.info(), contact);
	});

	/* Another call, from the same number. */
	const callAgain = (contact) => contact.changeTask(JSON.stringify({ ...JSON.parse(contact.attributes),
		call_sid: sid("CA", 900000 + contact.number) }));

	/* Towards the limits of the number that was verified last. */
	const textsCounted = () => ledgerRows(stack, `SELECT sum(sends) AS texts FROM events WHERE to_id =
		(SELECT to_id FROM verifications ORDER BY created_at DESC LIMIT 1)`)[0].texts;

	test("of a start is of no use to the customer's next call: the code that he got is canceled first", async () => {
		const { contact, who } = newContact();

		fake.spoil(contact, "start", faults.closes);
		assertRefusal(await who.start(), 502, "answer_lost");
		fake.unspoil(contact);
		const lost = contact.verification;
		callAgain(contact);
		assertSuccess(await who.start(), "pending");
		assert.deepEqual(fake.asked(contact, "cancel").map(({ url }) => url.split("/").at(-1)), [lost]);
		assert.equal(contact.generation, 2, "a code of its own");
		assert.equal(textsCounted(), fake.count(contact, "start"), "the text in vain counts, too");
		assertSuccess(await who.check(), "approved");
		assert.equal(fake.asked(contact, "check").at(-1).fields.VerificationSid, contact.verification);
	});

	/* And where Twilio, asked to cancel it, knows of none, and sends the old one once more all the same. */
	for (const [words, fault] of [["could not be canceled", faults.failsWithJson],
		["is pending after Twilio canceled it", notActing(faults.with({ status: "pending" }))],
		["Twilio does not find to cancel, and goes on to send", faults.notFound]])
		test(`of a start leaves no code to the next call that ${words}`, async () => {
			const { contact, who } = newContact();

			fake.spoil(contact, "start", faults.closes);
			assertRefusal(await who.start(), 502, "answer_lost");
			fake.unspoil(contact);
			callAgain(contact);
			fake.spoil(contact, "cancel", fault);
			assert.equal((await who.start()).json.success, false);
			assertRefusal(await who.check(), 404, "no_pending_code");
			assert.equal(fake.count(contact, "check"), 0);
			fake.unspoil(contact);
			assertSuccess(await who.start(), "pending");
			assert.equal(contact.generation, 2);
		});

	test("of a start counts as a text, also the one that is sent in vain", async () => {
		const { contact, who } = newContact();

		fake.spoil(contact, "start", faults.closes);
		assertRefusal(await who.start(), 502, "answer_lost");
		fake.unspoil(contact);
		callAgain(contact);
		fake.spoil(contact, "cancel", faults.failsWithJson);
		assert.equal((await who.start()).json.success, false);
		assert.equal(textsCounted(), fake.count(contact, "start"));
	});

	test("of a start does not send again by itself, whatever is asked meanwhile", async () => {
		const { contact, who } = newContact();

		fake.spoil(contact, "start", faults.resets);
		assertRefusal(await who.start(), 502, "answer_lost");
		await who.info();
		await who.check();
		await who.cancel();
		assert.equal(fake.count(contact, "start"), 1);
	});

	test("of every start that is allowed ends in too_many_sends", async () => {
		const { contact, who } = newContact();

		fake.spoil(contact, "start", faults.closes);
		for (let i = 0; i < 5; i++)
			assertRefusal(await who.start(), 502, "answer_lost");
		assertRefusal(await who.start(), 429, "too_many_sends");
		assert.equal(fake.count(contact, "start"), 5);
	});

	test("of a start that Twilio refused for certain is none: the send is not counted", async () => {
		const { contact, who } = newContact();

		fake.spoil(contact, "start", faults.busy);
		assertRefusal(await who.start(), 503, "twilio_busy");
		fake.unspoil(contact);
		const again = await who.start();
		assertSuccess(again, "pending");
		assert.equal(again.json.verification.sends_left, 4);
	});

	test("of a check is settled by Twilio's word that the code is still pending", async () => {
		const { contact, who } = newContact();

		await loseCheck(who, contact, fake);
		const info = await who.info();
		assertSuccess(info, "pending");
		assertNothingReleased(info, contact);
		assert.equal(info.json.verification.checks_left, 4, "the lost check counts");
		assert.equal(fake.count(contact, "fetch"), 1);
		assertSuccess(await who.check(), "approved");
	});

	test("of a check is settled before the next code is tried", async () => {
		const { contact, who } = newContact();

		await loseCheck(who, contact, fake);
		assertSuccess(await who.check(), "approved");
		assert.deepEqual(fake.requests.filter((one) => one.contact === contact && ["check", "fetch"].includes(one.call))
			.map(({ call }) => call), ["check", "fetch", "check"]);
	});

	test("of a check is settled by Twilio's word that this very verification is approved", async () => {
		const { contact, who } = newContact();

		await sendCode(who);
		fake.spoil(contact, "check", faults.closes);
		assertRefusal(await who.check(), 502, "answer_lost");
		fake.spoil(contact, "fetch", faults.saying(200, verification));
		assertReleased(await who.info(), contact);
	});

	test("of a start is not settled by an approval: nobody here has asked for one", async () => {
		const { contact, who } = newContact();

		await sendCode(who);
		fake.spoil(contact, "start", faults.closes);
		assertRefusal(await who.start(), 502, "answer_lost");
		fake.unspoil(contact);
		fake.spoil(contact, "fetch", faults.saying(200, (about) => ({ ...verification(about), status: "approved" })));
		const info = await who.info();
		assertSuccess(info, "unclear");
		assertNothingReleased(info, contact);
	});

	test("of a check that approved, and which Twilio has forgotten, stays unclear until a new code is sent", async () => {
		const { contact, who } = newContact();

		await sendCode(who);
		fake.spoil(contact, "check", faults.closes);
		assertRefusal(await who.check(), 502, "answer_lost");
		fake.unspoil(contact);
		assert.equal(contact.status, "approved", "at Twilio");

		for (let i = 0; i < 2; i++) {
			const info = await who.info();
			assertSuccess(info, "unclear");
			assertNothingReleased(info, contact);
			assertRefusal(await who.check(), 409, "result_unclear");
		}
		assert.equal(fake.count(contact, "check"), 1);
		assert.equal(fake.count(contact, "customer"), 0);

		const again = await who.start();
		assertSuccess(again, "pending");
		assert.equal(contact.generation, 2, "a verification of its own");
		assert.deepEqual([again.json.verification.sends_left, again.json.verification.checks_left], [4, 5]);
		assertSuccess(await who.check(), "approved");
		assertReleased(await who.info(), contact);
	});

	test("of a cancel leaves it unclear, and canceling once more puts it right", async () => {
		const { contact, who } = newContact();

		await sendCode(who);
		fake.spoil(contact, "cancel", faults.closes);
		assertRefusal(await who.cancel(), 502, "answer_lost");
		fake.unspoil(contact);
		assertSuccess(await who.cancel(), "canceled");
		assertRefusal(await who.check(), 404, "no_pending_code");
		assert.equal(fake.count(contact, "check"), 0);
	});

	test("of every check that is allowed locks the verification", async () => {
		const { contact, who } = newContact();

		await sendCode(who);
		fake.spoil(contact, "check", faults.closes);
		for (let i = 0; i < 5; i++)
			assertRefusal(await who.check(contact.wrongCode), 502, "answer_lost");
		fake.unspoil(contact);
		assertRefusal(await who.check(), 429, "too_many_checks");
		assert.equal(fake.count(contact, "check"), 5, "not even the right one is tried");
	});
});

/* ---- What only reads is asked once more -------------------------------------- */

describe("a connection that breaks once, under what only reads", { timeout: 60000 }, () => {
	let fake, stack;

	before(async () => {
		fake = await startFakeTwilio();
		stack = await startStack({ ...fake.config, TOKEN_CACHE_SECONDS: 0 });
	});
	after(async () => {
		await fake?.stop();
		await stack?.stop();
	});

	for (const call of ["validate", "task", "reservations", "customer"])
		test(`is nothing the agent sees: ${call}`, async () => {
			const contact = fake.contact();
			const who = agentOf(stack, contact);

			await approve(who);
			const before = fake.count(contact, call);
			fake.spoil(contact, call, faults.closesInBody, 1);
			assertReleased(await who.info(), contact);
			assert.equal(fake.count(contact, call), before + 2);
		});
});

/* ---- A POST is sent once -------------------------------------------------------- */

describe("a request that sends or checks a code", { timeout: 60000 }, () => {
	let fake, stack;

	before(async () => {
		fake = await startFakeTwilio();
		stack = await startStack({ ...fake.config, REQUEST_TIMEOUT_MS: TIMEOUT_MS });
	});
	after(async () => {
		await fake?.stop();
		await stack?.stop();
	});

	const asks = {
		start: (who) => who.start(),
		check: (who) => who.check(),
		cancel: (who) => who.cancel(),
	};

	for (const [call, ask] of Object.entries(asks))
		for (const [words, fault] of [["closes", faults.closes], ["resets", faults.resets]])
			for (const kept of [true, false])
				test(`reaches Twilio once when it ${words} ${kept ? "a kept" : "a new"} connection: ${call}`, async () => {
					const contact = fake.contact();
					const who = agentOf(stack, contact);

					if (call !== "start")
						await sendCode(who);
					for (const before of ["validate", "task", "reservations"])
						fake.spoil(contact, before, kept ? faults.answers : faults.answersAndCloses);
					fake.spoil(contact, call, fault);
					assertRefusal(await ask(who), 502, "answer_lost");

					const posts = fake.asked(contact, call);
					assert.equal(posts.length, 1);
					assert.equal(posts[0].nth > 1, kept, `request ${posts[0].nth} on its connection`);
				});
});

/* ---- Nobody listens, or nobody accepts -------------------------------------------- */

describe("an upstream that cannot be reached", { timeout: 60000 }, () => {
	const CONNECT_TIMEOUT_MS = 400;
	let fake, stack;

	before(async () => {
		fake = await startFakeTwilio();
		stack = await startStack({ ...fake.config, CONNECT_TIMEOUT_MS });
	});
	after(async () => {
		await fake?.stop();
		await stack?.stop();
	});

	const TASK = ["task", "reservations"];
	const rows = [
		{ call: "validate", behind: [], prepare: approve, ask: (who) => who.info(),
			expected: [503, "sign_in_unavailable"], state: "approved" },
		{ call: "task", behind: ["validate"], prepare: approve, ask: (who) => who.info(),
			expected: [503, "task_unavailable"], state: "approved" },
		{ call: "start", behind: TASK, prepare: async () => {}, ask: (who) => who.start(),
			expected: [503, "twilio_unreachable"], state: "not_verified" },
		{ call: "check", behind: TASK, prepare: sendCode, ask: (who) => who.check(),
			expected: [503, "twilio_unreachable"], state: "pending" },
		{ call: "cancel", behind: TASK, prepare: sendCode, ask: (who) => who.cancel(),
			expected: [503, "twilio_unreachable"], state: "pending" },
		{ call: "fetch", behind: TASK, prepare: loseCheck, ask: (who) => who.info(), state: "unclear" },
		{ call: "customer", behind: TASK, prepare: approve, ask: (who) => who.info(),
			expected: [502, "customer_lookup_failed"], state: "approved" },
	];

	for (const [words, accepts] of [["refuses connections", true], ["never accepts a connection", false]])
		for (const { call, behind, prepare, ask, expected, state } of rows)
			test(`is told from one that ${words}: ${call}`, async (t) => {
				const contact = fake.contact();
				const who = agentOf(stack, contact);
				let unaccepting;

				await prepare(who, contact, fake);
				const before = fake.count(contact, call);
				const meanwhile = async () => {
					if (!accepts)
						unaccepting = await startUnaccepting(fake.port);
					t.after(() => unaccepting?.stop());
				};
				if (behind.length === 0)
					await fake.refuse().then(meanwhile);
				else
					fake.refuseAfter(contact, behind, meanwhile);

				const answer = await ask(who);
				await unaccepting?.stop();
				await fake.listen();
				assert.ok(answer.ms < CONNECT_TIMEOUT_MS * 2 + SLACK_MS, `${Math.round(answer.ms)} ms`);
				assert.ok(accepts || answer.ms >= CONNECT_TIMEOUT_MS, `it waited: ${Math.round(answer.ms)} ms`);
				if (expected === undefined)
					assertSuccess(answer, state);
				else
					assertRefusal(answer, ...expected);
				assertNothingReleased(answer, contact);
				assert.equal(fake.count(contact, call), before);

				contact.forgotten = true;
				assertSuccess(await who.info(), state);
			});

	test("costs neither a send nor a check", async () => {
		const contact = fake.contact();
		const who = agentOf(stack, contact);

		fake.refuseAfter(contact, TASK);
		assertRefusal(await who.start(), 503, "twilio_unreachable");
		await fake.listen();
		assert.equal((await who.start()).json.verification.sends_left, 4);

		fake.refuseAfter(contact, TASK);
		assertRefusal(await who.check(), 503, "twilio_unreachable");
		await fake.listen();
		assert.equal((await who.info()).json.verification.checks_left, 5);
		assertSuccess(await who.check(), "approved");
	});
});
