/*
 * POST /supervisor-info: what a supervisor sees of everybody's verifications,
 * and nobody else.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";

import { startFront } from "./front.js";
import {
	ANA, ANAS_CALL, BEN, BENS_CALL, PROGRAMS, SAM, agent, assertNoCustomer, assertRefusal, assertSuccess,
	ledgerRows, ledgerSize, logOf, newCall, notThe, setAttributes, verify,
} from "./helpers.js";
import { addContacts, letTake, moveBack } from "./history.js";
import { startStack } from "./stack.js";

const HOUR = 3600000, DAY = 24 * HOUR, MINUTE = 60000;
const REASON = "Known to us for years; phone lost.";
const LOCKED_BY = 5;

/* A number that no test before has used: each has a ledger of counts of its own. */
let last = 447700900100;
const newNumber = () => `+${last++}`;

const iso = (time) => new Date(time).toISOString().replace(/\.\d+/, "");

function suite(name, keys, tests) {
	describe(name, () => {
		const at = {};

		before(async () => {
			at.stack = await startStack(keys, PROGRAMS);
			[at.ana, at.ben, at.sam] = [ANA, BEN, SAM].map((token) => agent(at.stack, token));
			/* A new call of a new number: { task, number, code() }. */
			at.newContact = async (task = ANAS_CALL) => {
				const number = newNumber();
				await newCall(at.stack, { from: number, task });
				return { task, number, code: () => at.stack.lastCode(number) };
			};
			at.guess = async ({ task, code }, times) => {
				const sent = await at.ana.start(task);
				const wrong = notThe(await code());
				for (let i = 0; i < times; i++)
					await at.ana.check(task, wrong);
				return sent;
			};
			at.verified = async () => {
				const contact = await at.newContact();
				return verify(at.stack, at.ana, contact.task, contact.number);
			};
			at.view = async (fields) => {
				const answer = await at.sam.supervise(fields);
				assertSuccess(answer);
				return answer.json.view;
			};
		});
		after(() => at.stack?.stop());
		beforeEach(() => at.stack.reset());
		tests(at);
	});
}

const rowOf = (rows, answer) => {
	const { reference } = answer.json.verification;
	const found = rows.filter((row) => row.reference === reference);
	assert.ok(found.length <= 1, "once");
	return found[0];
};

/* ---- Who ----------------------------------------------------------------------------- */

suite("the view of all verifications", {}, (at) => {
	test("is a supervisor's: agents and guests are refused, and so is who is nobody", async () => {
		await at.verified();
		for (const token of [ANA, BEN, "sandbox-guest", "sandbox-guest-agent", "sandbox-other-role", "sandbox-no-worker"]) {
			const refused = await agent(at.stack, token).supervise();
			assertRefusal(refused, 403, "agent_not_allowed");
			assert.equal(refused.json.view, undefined);
		}
		for (const token of [undefined, "sandbox-nobody"])
			assertRefusal(await agent(at.stack, token).supervise(), 401, "agent_not_signed_in");
		assertRefusal(await agent(at.stack, "sandbox-expired").supervise(), 401, "agent_session_expired");
		assert.equal((await at.view()).you, "sam@example.com");
	});

	test("asks nothing of Twilio but the token, and leaves a line in the log and nothing in the ledger", async () => {
		await at.verified();
		const size = ledgerSize(at.stack);
		const answer = await at.sam.supervise();
		assertSuccess(answer);
		assert.deepEqual(ledgerSize(at.stack), size);
		const lines = logOf(at.stack, "supervisor-info").filter(({ request_id }) => request_id === answer.json.request_id);
		assert.deepEqual(lines.map(({ action, outcome, agent: who, released, verification }) =>
			[action, outcome, who.at(-1), released, verification]), [["supervise", "done", "3", false, undefined]]);
	});

	test("holds no full number and nothing of the customer, whatever became of the contact", async () => {
		const numbers = [];
		for (const act of [
			({ task }) => at.ana.cancel(task), ({ task }) => at.ana.stop(task),
			async ({ task, code }) => at.ana.check(task, await code()),
			async ({ task, code }) => at.ana.check(task, notThe(await code())),
			({ task }) => at.sam.override(task, { reason: REASON, minutes: "5" }),
		]) {
			const contact = await at.newContact();
			numbers.push(contact.number);
			await at.ana.start(contact.task);
			await act(contact);
		}
		await verify(at.stack, at.ana, await newCall(at.stack), "+12025550101");
		assert.equal((await at.ana.info(ANAS_CALL)).json.customer.name, "Maria Santos");
		const answer = await at.sam.supervise();
		/* Only the supervisor is called by his address. */
		assertNoCustomer({ ...answer, text: answer.text.replaceAll("sam@example.com", "") });
		for (const number of [...numbers, "+12025550101"])
			for (const part of [number, number.slice(1), number.slice(-7)])
				assert.ok(!answer.text.includes(part), `${part} is in ${answer.text}`);
		for (const hash of ledgerRows(at.stack, "SELECT DISTINCT to_id FROM verifications"))
			assert.ok(!answer.text.includes(hash.to_id));
	});

	test("wants times that are times, from one to the other at most 25 hours", async () => {
		const now = Date.now();
		for (const fields of [{ from: "today" }, { from: "2026-11-22" }, { to: "2026-02-30T00:00:00Z" },
			{ from: iso(now), to: iso(now) }, { from: iso(now), to: iso(now - HOUR) },
			{ from: iso(now - 26 * HOUR), to: iso(now) }, { from: "1969-12-31T23:00:00Z", to: "1970-01-01T01:00:00Z" },
			{ from: "0001-01-01T00:00:00Z", to: "9999-12-31T23:59:59Z" }])
			assertRefusal(await at.sam.supervise(fields), 400, "invalid_time");
		assertRefusal(await at.sam.supervise({ task: ANAS_CALL }), 400, "unknown_field");
		assert.equal((await at.view({ from: iso(now - 25 * HOUR), to: iso(now) })).hours.length, 25);
		assert.equal((await at.view()).hours.length, 8);
	});

	test("has no figures where none are wanted", async () => {
		const view = await at.view({ figures: "no" });
		assert.deepEqual([view.hours, view.total, Array.isArray(view.verifications)], [undefined, undefined, true]);
		assert.ok((await at.view({ figures: "yes" })).hours.length > 0);
	});
});

describe("the view with the web server's sign-in", () => {
	const PANEL = "https://panel.example.com";
	let stack, front;

	before(async () => {
		stack = await startStack({ AGENT_AUTH: "webserver", ALLOWED_ORIGINS: PANEL, SUPERVISORS: "Sam" }, PROGRAMS);
		const file = join(stack.runDir, "agents.htpasswd");
		writeFileSync(file, ["Ana", "Sam"].map((name) => `${name}:{PLAIN}secret\n`).join(""));
		front = await startFront(stack, `auth_basic "Agents";
			auth_basic_user_file "${file}"; set $signed_in_user $remote_user;`);
	});
	after(async () => {
		await front?.stop();
		await stack?.stop();
	});

	const as = (name, origin = PANEL) => agent(front, undefined, { headers: {
		...(origin && { Origin: origin }),
		...(name && { Authorization: `Basic ${Buffer.from(`${name}:secret`).toString("base64")}` }),
	} });

	test("is for SUPERVISORS, from the page itself, and for nobody else", async () => {
		const answer = await as("Sam").supervise();
		assertSuccess(answer);
		assert.equal(answer.json.view.you, "Sam");
		assertRefusal(await as("Ana").supervise(), 403, "agent_not_allowed");
		assertRefusal(await as(null).supervise(), 401, "agent_not_signed_in");
		for (const origin of [null, "https://evil.example.com"])
			assertRefusal(await as("Sam", origin).supervise(), 403, "origin_not_allowed");
	});
});

describe("the view where nobody signs in", () => {
	let stack;

	before(async () => {
		stack = await startStack({ AGENT_AUTH: "none", CONTACT_SOURCE: "request" }, PROGRAMS);
	});
	after(() => stack?.stop());

	test("is nobody's", async () => {
		assertRefusal(await agent(stack, undefined).supervise(), 403, "agent_not_allowed");
		assertRefusal(await agent(stack, SAM).supervise(), 403, "agent_not_allowed");
	});
});

/* ---- The list ------------------------------------------------------------------------ */

suite("the list of contacts", { FAILURES_PER_NUMBER_HOUR: LOCKED_BY }, (at) => {
	test("follows a contact through its states, in one row", async () => {
		const { task, number, code } = await at.newContact();
		const sent = await at.ana.start(task, { channel: "call" });
		const row = async () => rowOf((await at.view()).verifications, sent);
		const pending = await row();
		assert.deepEqual([pending.state, pending.task, pending.channel, pending.sent_by, pending.sends, pending.checks],
			["pending", task, "call", "Ana", 1, 0]);
		assert.equal(pending.to, `${number.slice(0, 3)}********${number.slice(-2)}`);
		assert.match(pending.begun_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
		await at.ana.check(task, notThe(await code()));
		assert.equal((await row()).checks, 1);
		assertSuccess(await at.ana.check(task, await code()), "approved");
		const approved = await row();
		assert.deepEqual([approved.state, approved.approved_by], ["approved", "Ana"]);
		assert.equal(Date.parse(approved.approved_until) - Date.parse(approved.approved_at), 900000);
		await at.ana.end(task);
		assert.equal((await row()).state, "canceled");
	});

	test("has of each contact the latest verification only, and the last contact first", async () => {
		const first = await at.newContact();
		const old = await at.ana.start(first.task);
		await at.ana.cancel(first.task);
		const anew = await at.ana.start(first.task);
		assert.notEqual(anew.json.verification.reference, old.json.verification.reference);
		const second = await at.ben.start((await at.newContact(BENS_CALL)).task);
		const { verifications } = await at.view();
		assert.equal(rowOf(verifications, old), undefined);
		assert.equal(verifications[0].reference, second.json.verification.reference);
		assert.equal(verifications[1].reference, anew.json.verification.reference);
	});

	test("has what happened in its time, at the first moment and not at the end", async () => {
		const yesterday = await at.verified();
		moveBack(at.stack, yesterday, DAY);
		const today = await at.verified();
		const shows = async (fields, answer) => rowOf((await at.view(fields)).verifications, answer) !== undefined;
		assert.deepEqual([await shows({}, yesterday), await shows({}, today)], [false, true]);
		const [{ first, last: end }] = ledgerRows(at.stack, `SELECT min(at) AS first, max(at) AS last FROM events
			WHERE verification LIKE '${yesterday.json.verification.reference}%'`);
		const seconds = (ms) => Math.floor(ms / 1000) * 1000;
		assert.ok(await shows({ from: iso(seconds(first)), to: iso(seconds(end) + 1000) }, yesterday));
		assert.ok(!await shows({ from: iso(seconds(first) - HOUR), to: iso(seconds(first)) }, yesterday));
		assert.ok(!await shows({ from: iso(seconds(end) + 1000), to: iso(seconds(end) + HOUR) }, yesterday));
	});

	test("tells what a supervisor allowed, why, and for how long he may at most", async () => {
		const { task } = await at.newContact();
		const allowed = await at.sam.override(task, { reason: REASON, minutes: "5" });
		assertSuccess(allowed, "overridden");
		const view = await at.view();
		const row = rowOf(view.verifications, allowed);
		assert.deepEqual([row.state, row.override_reason, row.overridden_by], ["overridden", REASON, "sam@example.com"]);
		assert.equal(view.override_max_minutes, 15);
	});
});

suite("the list where nobody is let through without proof", { OVERRIDE: "off" }, (at) => {
	test("names no minutes", async () => {
		assert.equal((await at.view()).override_max_minutes, undefined);
	});
});

suite("a list of more contacts than one looks through", {}, (at) => {
	test("has the last 200, and says when there are more", async () => {
		const oldest = await at.verified();
		addContacts(at.stack, 199);
		const full = await at.view();
		assert.deepEqual([full.verifications.length, full.more], [200, false]);
		assert.ok(rowOf(full.verifications, oldest));
		addContacts(at.stack, 1, 200);
		const more = await at.view();
		assert.deepEqual([more.verifications.length, more.more], [200, true]);
		assert.equal(rowOf(more.verifications, oldest), undefined);
	});
});

/* ---- Locked and stopped ---------------------------------------------------------------- */

suite("what is locked and stopped", { FAILURES_PER_NUMBER_HOUR: LOCKED_BY, FAILURES_PER_NUMBER_DAY: 7 }, (at) => {
	const closed = async (answer) => rowOf((await at.view()).closed, answer);

	test("has a number with too many wrong codes until it is opened by the reference it names", async () => {
		const contact = await at.newContact();
		const sent = await at.guess(contact, LOCKED_BY - 1);
		assert.equal(await closed(sent), undefined);
		await at.ana.check(contact.task, notThe(await contact.code()));
		const row = await closed(sent);
		assert.deepEqual([row.state, row.number_locked], ["locked", true]);
		assert.ok(Date.parse(row.locked_until) > Date.now() + 50 * MINUTE);
		assertSuccess(await at.sam.unlock({ reference: row.reference, reason: REASON }));
		assert.equal(await closed(sent), undefined);
	});

	test("has a number that several calls locked together, once, also when its last code was canceled", async () => {
		const number = newNumber();
		for (const times of [3, 2]) {
			await newCall(at.stack, { from: number });
			await at.guess({ task: ANAS_CALL, code: () => at.stack.lastCode(number) }, times);
		}
		await at.ana.cancel(ANAS_CALL);
		const { closed: rows } = await at.view();
		assert.equal(rows.filter(({ to }) => to.endsWith(number.slice(-2))).length, 1);
	});

	test("has a number of hours ago that the day's limit keeps locked, and not one whose lock is over", async () => {
		const [hour, day] = [await at.newContact(), await at.newContact(BENS_CALL)];
		await newCall(at.stack, { from: hour.number });
		const over = await at.guess({ ...hour, task: ANAS_CALL }, LOCKED_BY);
		moveBack(at.stack, over, 2 * HOUR);
		await newCall(at.stack, { from: day.number });
		moveBack(at.stack, await at.guess({ ...day, task: ANAS_CALL }, 4), 3 * HOUR);
		await newCall(at.stack, { from: day.number });
		const kept = await at.guess({ ...day, task: ANAS_CALL }, 3);
		moveBack(at.stack, kept, 2 * HOUR);
		assert.equal(await closed(over), undefined);
		assert.equal((await closed(kept)).number_locked, true);
	});

	test("has a contact that was stopped, by whom, until it is opened", async () => {
		const { task } = await at.newContact();
		await at.ana.start(task);
		const stopped = await at.ana.stop(task);
		moveBack(at.stack, stopped, 9 * HOUR); /* longer ago than the list goes back */
		const view = await at.view();
		assert.equal(rowOf(view.verifications, stopped), undefined);
		const row = rowOf(view.closed, stopped);
		assert.deepEqual([row.state, row.stopped_by, row.locked_until], ["stopped", "Ana", undefined]);
		assertSuccess(await at.sam.unlock({ reference: row.reference, reason: REASON }), "canceled");
		assert.equal(await closed(stopped), undefined);
	});
});

suite("a number with too many wrong codes in a row", { FAILURES_IN_A_ROW: 6 }, (at) => {
	test("is locked without an end", async () => {
		const number = newNumber();
		for (const times of [4, 2]) {
			await newCall(at.stack, { from: number });
			await at.guess({ task: ANAS_CALL, code: () => at.stack.lastCode(number) }, times);
		}
		const [row] = (await at.view()).closed;
		assert.deepEqual([row.state, row.number_locked, row.locked_until], ["locked", true, undefined]);
	});
});

/* ---- Figures --------------------------------------------------------------------------- */

suite("figures", { FAILURES_PER_NUMBER_HOUR: LOCKED_BY }, (at) => {
	const NONE = { begun: 0, approved: 0, pass_rate: null, median_seconds: null, codes: 0, wrong_codes: 0, locks: 0,
		overrides: 0, stops: 0, unlocks: 0 };
	/* The hour that runs, and none that ends while a test does. */
	const thisHour = Math.floor((Date.now() + 5 * MINUTE) / HOUR) * HOUR;
	/* So that each contact lies in the middle of an hour that many hours before. */
	const into = (hours) => Date.now() - (thisHour - hours * HOUR + HOUR / 2);
	const range = { from: iso(thisHour - 5 * HOUR), to: iso(thisHour) };
	const hoursOf = ({ hours }) => hours.map(({ from, to, ...figures }) => figures);

	test("are counted in the hour in which each verification began, with what came of it", async () => {
		for (const [hours, seconds] of [[3, 10], [3, 20], [3, 90], [2, 30]]) {
			const answer = await at.verified();
			moveBack(at.stack, answer, into(hours));
			letTake(at.stack, answer, seconds * 1000);
		}
		const wrong = await at.guess(await at.newContact(), LOCKED_BY);
		await at.sam.unlock({ reference: wrong.json.verification.reference, reason: REASON });
		moveBack(at.stack, wrong, into(3));
		const { task } = await at.newContact();
		await at.ana.start(task);
		moveBack(at.stack, await at.ana.stop(task), into(2));
		moveBack(at.stack, await at.sam.override((await at.newContact()).task, { reason: REASON, minutes: "5" }), into(1));
		const outside = await at.verified();
		moveBack(at.stack, outside, into(7));

		const view = await at.view(range);
		const [five, four, three, two, one] = hoursOf(view);
		const rounded = (figures) => ({ ...figures, median_seconds: Math.round(figures.median_seconds) });
		assert.deepEqual([five, four], [NONE, NONE]);
		assert.deepEqual(rounded(three), { ...NONE, begun: 4, approved: 3, pass_rate: 0.75, median_seconds: 20, codes: 4,
			wrong_codes: 5, locks: 1, unlocks: 1 });
		assert.deepEqual(rounded(two), { ...NONE, begun: 2, approved: 1, pass_rate: 0.5, median_seconds: 30, codes: 2,
			stops: 1 });
		assert.deepEqual(one, { ...NONE, overrides: 1 });
		const { from, to, ...total } = view.total;
		assert.deepEqual([from, to], [range.from, range.to]);
		assert.deepEqual(rounded(total), { begun: 6, approved: 4, pass_rate: 0.6667, median_seconds: 20, codes: 6,
			wrong_codes: 5, locks: 1, overrides: 1, stops: 1, unlocks: 1 });
		assert.deepEqual(view.hours.map(({ from: begins }) => begins),
			[5, 4, 3, 2, 1].map((hours) => iso(thisHour - hours * HOUR)));
	});

	test("count a code sent again in the next hour in the first, and an approval there, too", async () => {
		const contact = await at.newContact();
		const sent = await at.ana.start(contact.task);
		moveBack(at.stack, sent, 4 * MINUTE);
		const again = await at.ana.start(contact.task);
		assert.equal(again.json.verification.reference, sent.json.verification.reference);
		assertSuccess(await at.ana.check(contact.task, await contact.code()), "approved");
		const edge = Date.now() - 2 * MINUTE;
		const [before] = (await at.view({ from: iso(edge - HOUR), to: iso(edge) })).hours;
		const [behind] = (await at.view({ from: iso(edge), to: iso(edge + HOUR) })).hours;
		assert.deepEqual([before.begun, before.approved, before.codes], [1, 1, 2]);
		assert.deepEqual([behind.begun, behind.approved, behind.codes], [0, 0, 0]);
	});
});

suite("a view of hostile names", {}, (at) => {
	test("has them as text, whole", async () => {
		const reason = "</script><img src=x onerror=alert(1)> =cmd|'/c calc'!A1 \u{1f600}";
		const { task, number } = await at.newContact();
		await setAttributes(at.stack, task, { type: "inbound", direction: "inbound", from: number, name: "<b>x</b>",
			call_sid: "CA<script>" });
		const allowed = await at.sam.override(task, { reason, minutes: "1" });
		assertSuccess(allowed, "overridden");
		assert.equal(rowOf((await at.view()).verifications, allowed).override_reason, reason);
	});
});
