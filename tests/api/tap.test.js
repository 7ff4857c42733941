/*
 * A link by text that the customer answers: what a yes is worth, what a no
 * stops, and what nobody else gets out of it.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";

import { faults, startFakeTwilio } from "./fake_twilio.js";
import {
	ANA, ANAS_CALL, ANAS_TEXTS, BEN, BENS_CALL, SAM, agent, assertNoCustomer, assertRefusal, assertSuccess, attributesOf, call,
	ledgerRows, newCall, notThe, request, setAttributes,
} from "./helpers.js";
import { MARIA, TAP_KEYS, TAP_PROGRAMS, lastLink, tap, textLink } from "./taps.js";
import { startStack } from "./stack.js";

const JONAS = "+12025550102";

/* Of the page, by APPROVAL_URL. */
const originOf = ({ sandboxPort }) => `http://127.0.0.1:${sandboxPort}`;

const NO_LIMITS = { FAILURES_PER_NUMBER_HOUR: 0, FAILURES_PER_NUMBER_DAY: 0 };

const editLedger = (stack, query) => execFileSync("sqlite3", ["-cmd", ".timeout 2000", stack.ledger, query]);
const textsTo = async (stack, to) => (await stack.messages(to)).length;

/* As the programs make it: with the key, a row of another time can be written. */
function verifierOf(row, token) {
	const mac = (key, text) => createHmac("sha256", key).update(text).digest("hex");
	const key = mac("sandbox-log-key-not-a-secret-000000", "flex-verify: verifiers of links");
	return mac(key, [row.interaction, row.to_id, row.customer_id, row.expires_at, token].join());
}

function expire(stack, token) {
	const where = `WHERE id = '${token.slice(0, 16)}'`;
	const [row] = ledgerRows(stack, `SELECT * FROM verifications ${where}`);
	assert.equal(row.verifier, verifierOf(row, token));
	row.expires_at = Date.now() - 1;
	editLedger(stack, `UPDATE verifications SET expires_at = ${row.expires_at}, verifier = '${verifierOf(row, token)}' ${where}`);
}

async function eventsOf(stack, task) {
	const { call_sid: interaction } = await attributesOf(stack, task);
	return ledgerRows(stack, `SELECT action, outcome, agent_id, sends FROM events WHERE interaction = '${interaction}'
		ORDER BY position`).map(({ action, outcome, agent_id: who, sends }) => [action, outcome, who, sends]);
}

async function assertNotVerified(who, task = ANAS_CALL) {
	const info = await who.info(task);
	assert.notEqual(info.json.verification?.state, "approved");
	assertNoCustomer(info);
}

describe("a link by text", () => {
	let stack, ana, ben;

	before(async () => {
		stack = await startStack({ ...TAP_KEYS, ...NO_LIMITS }, TAP_PROGRAMS);
		ana = agent(stack, ANA);
		ben = agent(stack, BEN);
	});
	after(() => stack?.stop());
	beforeEach(async () => {
		await stack.reset();
		await newCall(stack);
	});

	test("says who is asking and why, and yes verifies the customer: no code is read out", async () => {
		assert.equal((await ana.info(ANAS_CALL)).json.contact.link, true);
		const sent = await ana.textLink(ANAS_CALL);
		assertSuccess(sent, "not_verified");
		assert.equal(sent.json.verification.channel, "tap");
		const { body, token, url } = await lastLink(stack);
		assert.match(body, /^Example Energy: are you on a call with us now\? Say yes or no: /);
		assert.equal(url.split("#")[0], `http://127.0.0.1:${stack.sandboxPort}/approve/`);
		assert.ok(!sent.text.includes(token), "the agent is not told it");

		const asked = await tap(stack, token);
		assert.equal(asked.status, 200, asked.text);
		assert.equal(asked.json.view.company, "Example Energy");
		assert.equal(asked.json.view.call, true);
		assert.equal(asked.json.view.agent, undefined, "unless the company wants it");
		assert.deepEqual(Object.keys(asked.json).sort(), ["message", "now", "request_id", "success", "view"]);
		assertNoCustomer(asked);
		await assertNotVerified(ana);

		const yes = await tap(stack, token, "yes");
		assert.equal(yes.status, 200, yes.text);
		assertNoCustomer(yes);
		const info = await ana.info(ANAS_CALL);
		assertSuccess(info, "approved");
		assert.equal(info.json.customer.account_number, "EX-100101");
		assert.equal(info.json.verification.approved_by, "Ana");
		assert.deepEqual(await eventsOf(stack, ANAS_CALL).then((events) => events.slice(0, 3)), [
			["text_link", "begun", "WK00000000000000000000000000000001", 1],
			["text_link", "link_sent", "WK00000000000000000000000000000001", 0],
			["tap_yes", "approved", "link:customer", 0],
		]);
	});

	test("T25: no stops the contact, whatever else is out: no code, PIN or link verifies anybody there", async () => {
		const token = await textLink(stack, ANAS_CALL);
		assertSuccess(await ana.start(ANAS_CALL), "pending"); /* the caller wants a code instead */
		const code = await stack.lastCode(MARIA);
		const no = await tap(stack, token, "no");
		assert.equal(no.status, 200, no.text);

		const info = await ana.info(ANAS_CALL);
		assertSuccess(info, "stopped");
		assert.equal(info.json.verification.stopped_from, "link");
		assertRefusal(await ana.check(ANAS_CALL, code), 409, "contact_stopped");
		assertRefusal(await ana.start(ANAS_CALL), 409, "contact_stopped");
		assertRefusal(await ana.textLink(ANAS_CALL), 409, "contact_stopped");
		assertRefusal(await tap(stack, token, "yes"), 409, "link_used");
		assert.equal((await stack.messages(MARIA))[0].status, "canceled", "at Twilio, too");
		const { view } = (await agent(stack, SAM).supervise()).json;
		assert.equal(view.closed.find(({ task }) => task === ANAS_CALL)?.stopped_from, "link");
	});

	test("T25: no ends an approval that somebody else's proof had brought", async () => {
		const token = await textLink(stack, ANAS_CALL);
		assertSuccess(await ana.start(ANAS_CALL), "pending");
		assertSuccess(await ana.check(ANAS_CALL, await stack.lastCode(MARIA)), "approved");
		assert.equal((await tap(stack, token, "no")).status, 200);
		assertSuccess(await ana.info(ANAS_CALL), "stopped");
		await assertNotVerified(ana);
	});

	test("T25: no stops the contact also when the agent was talked into canceling the link", async () => {
		const token = await textLink(stack, ANAS_CALL);
		assertSuccess(await ana.cancelLink(ANAS_CALL), "canceled");
		assertSuccess(await ana.start(ANAS_CALL), "pending");
		assertSuccess(await ana.check(ANAS_CALL, await stack.lastCode(MARIA)), "approved");
		assertRefusal(await tap(stack, token, "yes"), 410, "link_expired");
		assert.equal((await tap(stack, token, "no")).status, 200);
		assertSuccess(await ana.info(ANAS_CALL), "stopped");
		await assertNotVerified(ana);
	});

	test("T4: counts once, also when pressed many times at once", async () => {
		const token = await textLink(stack, ANAS_CALL);
		const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => tap(stack, token, i % 2 ? "yes" : "no")));
		assert.equal(answers.filter(({ status }) => status === 200).length, 1);
		for (const answer of answers.filter(({ status }) => status !== 200))
			assertRefusal(answer, 409, "link_used");
		assertRefusal(await tap(stack, token), 409, "link_used");
		assertSuccess(await ana.end(ANAS_CALL).then((end) => (end.status === 200 ? end : ana.info(ANAS_CALL))));
		assertRefusal(await tap(stack, token, "yes"), 409, "link_used");
		await assertNotVerified(ana);
	});

	test("T4: is of one contact: the next call of the same number, and another agent's, know nothing of it", async () => {
		const token = await textLink(stack, ANAS_CALL);
		await newCall(stack);
		assert.equal((await tap(stack, token, "yes")).status, 200);
		await assertNotVerified(ana);
		await assertNotVerified(ben, BENS_CALL);
	});

	test("T4: a link that ran out, was taken back, or has a code or another link after it, verifies nobody", async () => {
		const old = await textLink(stack, ANAS_CALL), newer = await textLink(stack, ANAS_CALL);
		assertRefusal(await tap(stack, old, "yes"), 410, "link_expired");
		assertSuccess(await ana.cancelLink(ANAS_CALL), "canceled");
		assertRefusal(await tap(stack, newer, "yes"), 410, "link_expired");
		assertRefusal(await ana.cancelLink(ANAS_CALL), 404, "no_pending_code");

		const before = await textLink(stack, ANAS_CALL);
		assertSuccess(await ana.start(ANAS_CALL), "pending");
		assertRefusal(await tap(stack, before, "yes"), 410, "link_expired");

		const late = await textLink(stack, ANAS_CALL);
		expire(stack, late);
		assertRefusal(await tap(stack, late, "yes"), 410, "link_expired");
		assertRefusal(await tap(stack, late, "no"), 410, "link_expired");

		const stopped = await textLink(stack, ANAS_CALL);
		assertSuccess(await ana.stop(ANAS_CALL), "stopped");
		assertRefusal(await tap(stack, stopped, "yes"), 410, "link_expired");
		await assertNotVerified(ana);
	});

	test("takes the place of a code that is out, which is canceled", async () => {
		assertSuccess(await ana.start(ANAS_CALL), "pending");
		const code = await stack.lastCode(MARIA);
		const token = await textLink(stack, ANAS_CALL);
		assertRefusal(await ana.check(ANAS_CALL, code), 404, "no_pending_code");
		assert.equal((await stack.messages(MARIA))[1].status, "canceled");
		assert.equal((await tap(stack, token, "yes")).status, 200);
	});

	test("T7: a token that is guessed, cut off, altered or another's is refused in the same words", async () => {
		const token = await textLink(stack, ANAS_CALL);
		const other = await agent(stack, BEN).textLink(BENS_CALL).then(() => lastLink(stack, JONAS)).catch(() => null);
		const wrong = ["", "x", token.slice(1), `${token}0`, token.toUpperCase(), `${token.slice(0, 16)}${"0".repeat(32)}`,
			`${"0".repeat(16)}${token.slice(16)}`, `${token.slice(0, 47)}${token.endsWith("0") ? "1" : "0"}`,
			...(other === null ? [] : [`${token.slice(0, 16)}${other.token.slice(16)}`])];
		const said = new Set();
		for (const action of [undefined, "yes", "no"])
			for (const guess of wrong) {
				const answer = await tap(stack, guess, action);
				assertRefusal(answer, 404, "unknown_link");
				said.add(JSON.stringify({ ...answer.json, now: 0, request_id: 0 }));
			}
		assert.equal(said.size, 1);
		await assertNotVerified(ana);
		assert.equal((await tap(stack, token, "yes")).status, 200, "and harms no right one");
	});

	test("T24: whose row was written by hand is no use: not for another contact, nor for a longer life", async () => {
		const token = await textLink(stack, ANAS_CALL), row = token.slice(0, 16);
		for (const edit of ["expires_at = expires_at + 600000", "interaction = 'CA00000000000000000000000000000009'",
			"to_id = '0123456789abcdef'", "customer_id = 'x'"]) {
			const [column] = edit.split(" ");
			const [{ value }] = ledgerRows(stack, `SELECT ${column} AS value FROM verifications WHERE id = '${row}'`);
			editLedger(stack, `UPDATE verifications SET ${edit} WHERE id = '${row}'`);
			assertRefusal(await tap(stack, token, "yes"), 404, "unknown_link");
			editLedger(stack, `UPDATE verifications SET ${column} = '${value}' WHERE id = '${row}'`);
		}
		assert.equal((await tap(stack, token, "yes")).status, 200);
	});

	test("decides nothing by being opened, as phones and carriers do, nor by a page of somebody else", async () => {
		const { url, token } = await textLink(stack, ANAS_CALL).then(() => lastLink(stack));
		for (const path of [new URL(url).pathname, "/approve-verify", `/approve-verify?token=${token}&action=yes`])
			for (const method of ["GET", "HEAD"])
				await request(stack, { method, path, headers: { "User-Agent": "preview" } });
		assertRefusal(await tap(stack, token, "yes", { headers: { Origin: "https://evil.example" } }), 403, "origin_not_allowed");
		assertRefusal(await request(stack, { path: "/approve-verify", body: `token=${token}&action=yes`,
			headers: { "Content-Type": "text/plain", Origin: originOf(stack) } }), 415, "unsupported_media_type");
		assert.equal((await tap(stack, token)).status, 200);
		await assertNotVerified(ana);
		assert.equal((await tap(stack, token, "yes", { headers: { Origin: originOf(stack) } })).status, 200);
	});

	test("is known to nobody but the text: its token is in no log, ledger or answer", async () => {
		const token = await textLink(stack, ANAS_CALL), secret = token.slice(16);
		await tap(stack, token);
		await tap(stack, token, "maybe");
		await tap(stack, token, "yes");
		await tap(stack, token, "yes");
		const files = readdirSync(stack.runDir, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
		assert.ok(files.length > 10);
		for (const { parentPath, path, name } of files)
			assert.ok(!readFileSync(join(parentPath ?? path, name)).includes(secret), name);
	});

	test("T7: is not to be had of a locked contact, and does not open one", async () => {
		const token = await textLink(stack, ANAS_CALL);
		assertSuccess(await ana.start(ANAS_CALL), "pending");
		const wrong = notThe(await stack.lastCode(MARIA));
		for (let i = 0; i < 5; i++)
			await ana.check(ANAS_CALL, wrong);
		assertRefusal(await ana.textLink(ANAS_CALL), 429, "too_many_checks");
		assertRefusal(await tap(stack, token, "yes"), 410, "link_expired");
	});

	for (const [number, status, code, out] of [
		["+12025550146", 422, "opted_out", false],
		["+12025550148", 422, "no_texts", false],
		["+12025550149", 422, "twilio_trial", false],
		["+12025550151", 503, "twilio_credentials", false],
		["+12025550145", 503, "twilio_busy", false],
		["+12025550152", 502, "twilio_failed", true],
		["+12025550155", 502, "twilio_bad_answer", true],
		["+12025550159", 502, "answer_lost", true],
		["+12025550162", 502, "twilio_bad_answer", true],
	])
		test(`that Twilio does not take for ${number}: ${status} ${code}, ${out ? "and may be out" : "and there is none"}`, async () => {
			await newCall(stack, { from: number });
			const sent = await ana.textLink(ANAS_CALL);
			assertRefusal(sent, status, code);
			assert.equal(sent.json.verification.state, out ? "not_verified" : "canceled");
			assert.equal((await eventsOf(stack, ANAS_CALL)).reduce((sum, [, , , sends]) => sum + sends, 0), out ? 1 : 0);
			if (await textsTo(stack, number) > 0)
				assert.equal((await tap(stack, (await lastLink(stack, number)).token, "yes")).status, 200);
		});

	test("is about what the contact is, and in the language of the customer", async () => {
		await ana.textLink(ANAS_CALL, { locale: "es-MX" });
		assert.match((await lastLink(stack)).body, /^Example Energy: ¿habla por teléfono con nosotros ahora\?/);
		assertRefusal(await ana.textLink(ANAS_CALL, { locale: "?" }), 400, "invalid_locale");
		assertRefusal(await ana.textLink(ANAS_CALL, { locale: "es-419-Latn1" }), 400, "invalid_locale");
		for (const [locale, words] of [["es", "¿habla"], ["est", "are you"], ["et", "are you"]]) {
			await ana.textLink(ANAS_CALL, { locale });
			assert.ok((await lastLink(stack)).body.startsWith(`Example Energy: ${words} `), locale);
		}
		const texts = await ana.textLink(ANAS_TEXTS);
		assertSuccess(texts, "not_verified");
		const to = (await attributesOf(stack, ANAS_TEXTS)).customerAddress;
		const { body, token } = await lastLink(stack, to);
		assert.match(body, /are you writing with us now\?/);
		assert.equal((await tap(stack, token)).json.view.call, false);
	});

	test("is written into its task, when it is answered", async () => {
		const token = await textLink(stack, ANAS_CALL);
		await tap(stack, token, "yes");
		let written;
		for (let i = 0; i < 100 && written?.state === undefined; i++)
			({ flex_verify: written } = await attributesOf(stack, ANAS_CALL));
		assert.equal(written.state, "approved");
		assert.equal(written.channel, "tap");
	});

	test("needs an agent who has the contact, and a number that gets texts", async () => {
		assertRefusal(await ben.textLink(ANAS_CALL), 403, "not_your_task");
		assertRefusal(await call(stack, "start-verify", { task: ANAS_CALL, action: "text_link" }), 401, "agent_not_signed_in");
		await setAttributes(stack, ANAS_CALL, { from: "anonymous", call_sid: "CA00000000000000000000000000000001" });
		assert.equal((await ana.textLink(ANAS_CALL)).status, 422);
	});
});

describe("links, by the limits of codes,", () => {
	let stack, ana;

	before(async () => {
		stack = await startStack({ ...TAP_KEYS, SENDS_PER_NUMBER_HOUR: 2, RESEND_AFTER_SECONDS: "0 3600",
			APPROVAL_AGENT_NAME: "on", FAILURES_PER_NUMBER_HOUR: 3 }, TAP_PROGRAMS);
		ana = agent(stack, ANA);
	});
	after(() => stack?.stop());

	test("T8: count with them, whatever call they are of, and wait as they do", async () => {
		await newCall(stack);
		assertSuccess(await ana.start(ANAS_CALL), "pending");
		const token = await textLink(stack, ANAS_CALL);
		assert.equal((await tap(stack, token)).json.view.agent, "Ana");
		await newCall(stack);
		const before = await textsTo(stack, MARIA);
		assertRefusal(await ana.textLink(ANAS_CALL), 429, "too_many_sends");
		assertRefusal(await ana.start(ANAS_CALL), 429, "too_many_sends");
		assert.equal(await textsTo(stack, MARIA), before, "Twilio was not asked");
		await newCall(stack, { from: JONAS });
		await textLink(stack, ANAS_CALL, JONAS);
		await textLink(stack, ANAS_CALL, JONAS);
		assert.equal((await ana.textLink(ANAS_CALL)).status, 429);
	});
});

describe("a link whose text Twilio does not take as it should", { timeout: 60000 }, () => {
	let fake, stack;

	before(async () => {
		fake = await startFakeTwilio();
		stack = await startStack({ ...fake.config, ...TAP_KEYS }, TAP_PROGRAMS);
	});
	after(async () => {
		await fake?.stop();
		await stack?.stop();
	});

	const newContact = () => {
		const contact = fake.contact();
		return { contact, who: agent(stack, contact.token, { hurry: true }) };
	};
	const tokenOf = ({ text }) => /#([0-9a-f]{48})$/.exec(text)[1];

	/* Twilio has the text, and says what becomes of it when meanwhile has happened. */
	async function answeredAfter({ contact, who }, finish, meanwhile) {
		let open;
		const opened = new Promise((resolve) => { open = resolve; });
		fake.spoil(contact, "text", (exchange) => opened.then(() => finish(exchange)));
		const texting = who.textLink(contact.task);
		await fake.arrival(contact, "text");
		await meanwhile(tokenOf(contact));
		open();
		return texting;
	}

	test("is of no use, and counts for nothing, when the account has no such service", async () => {
		const { contact, who } = newContact();
		fake.spoil(contact, "text", faults.notFound);
		const sent = await who.textLink(contact.task);
		assertRefusal(sent, 502, "twilio_setup");
		assert.equal(sent.json.verification.state, "canceled");
		assert.equal(ledgerRows(stack, `SELECT sum(sends) AS sends FROM events
			WHERE verification LIKE '${sent.json.verification.reference}%'`)[0].sends, 0);
	});

	test("is good when its answer is lost, as it may be there", async () => {
		const { contact, who } = newContact();
		fake.spoil(contact, "text", faults.closes);
		assertRefusal(await who.textLink(contact.task), 502, "answer_lost");
		assert.equal((await tap(stack, tokenOf(contact), "yes")).status, 200);
		assertSuccess(await who.info(contact.task), "approved");
	});

	for (const [words, finish, code] of [["was sent", faults.answers, null], ["was not", faults.busy, "twilio_busy"]])
		test(`may be answered before Twilio says that it ${words}, and stays answered`, async () => {
			const both = newContact(), { contact, who } = both;
			const sent = await answeredAfter(both, finish, async (token) =>
				assert.equal((await tap(stack, token, "yes")).status, 200));
			assert.equal(sent.json.code ?? null, code, sent.text);
			assertSuccess(await who.info(contact.task), "approved");
		});

	test("is answered with no before Twilio says that it was sent: the agent is told that the contact is stopped", async () => {
		const both = newContact(), { contact, who } = both;
		const sent = await answeredAfter(both, faults.answers, async (token) =>
			assert.equal((await tap(stack, token, "no")).status, 200));
		assertRefusal(sent, 409, "contact_stopped");
		assertSuccess(await who.info(contact.task), "stopped");
	});

	test("takes the place of a code of which it is not known whether it was sent", async () => {
		const { contact, who } = newContact();
		fake.spoil(contact, "start", faults.closes);
		assertRefusal(await who.start(contact.task), 502, "answer_lost");
		assertSuccess(await who.textLink(contact.task), "not_verified");
		assertRefusal(await who.check(contact.task, contact.code), 404, "no_pending_code");
		assert.equal((await tap(stack, tokenOf(contact), "yes")).status, 200);
		assertSuccess(await who.info(contact.task), "approved");
	});
});

describe("where no links are texted", () => {
	test("nobody gets one, and no token is one", async () => {
		const stack = await startStack({}, TAP_PROGRAMS);
		try {
			assertRefusal(await agent(stack, ANA).textLink(ANAS_CALL), 403, "links_off");
			assertRefusal(await tap(stack, "0".repeat(48), "yes"), 404, "unknown_link");
			assert.equal((await agent(stack, ANA).info(ANAS_CALL)).json.contact.link, undefined);
		} finally {
			await stack.stop();
		}
	});
});
