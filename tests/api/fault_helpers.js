/*
 * fault_helpers: agents of the fake Twilio's contacts, and what tests of faults
 * ask of every answer.
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { agent, assertSuccess, ledgerRows } from "./helpers.js";

/* How long it took, without what nginx's limit on requests held up: no program saw that. */
async function timed(ask) {
	for (;;) {
		const began = performance.now();
		const answer = await ask();
		if (answer.json?.code !== "too_many_requests")
			return { ...answer, ms: performance.now() - began };
		await sleep(200);
	}
}

/* What the contact's agent can do; answers tell how long they took, in ms. */
export function agentOf(stack, contact) {
	const { start, check, cancel, info } = agent(stack, contact.token, { hurry: true });
	return {
		start: () => timed(() => start(contact.task)),
		check: (code = contact.code) => timed(() => check(contact.task, code)),
		cancel: () => timed(() => cancel(contact.task)),
		info: () => timed(() => info(contact.task)),
	};
}

export async function sendCode(who) {
	assertSuccess(await who.start(), "pending");
}

export async function approve(who) {
	await sendCode(who);
	assertSuccess(await who.check(), "approved");
}

/* Neither the customer's record, nor the task's attributes, nor the number. */
export function assertNothingReleased(answer, contact) {
	for (const text of [`Customer ${contact.number}`, `account-${contact.number}`, "Customer of the task", contact.to])
		assert.ok(!answer.text.includes(text), `${text} is in ${answer.text}`);
	assert.equal(answer.json.customer, undefined);
	assert.equal(answer.json.task, undefined);
}

export function assertReleased(answer, contact) {
	assertSuccess(answer, "approved");
	assert.equal(answer.json.customer.account_number, `account-${contact.number}`);
	assert.equal(answer.json.task.call_sid, contact.call);
}

/* Asks again until it is so, and says what it was in the end. */
export async function until(ask, isSo, { seconds = 40 } = {}) {
	const deadline = performance.now() + seconds * 1000;
	for (;;) {
		const answer = await ask();
		if (isSo(answer) || performance.now() > deadline)
			return answer;
		await sleep(100);
	}
}

const STATES = ["new", "pending", "approved", "locked", "canceled", "expired", "unclear", "stopped", "overridden"];

/* An approval may have been ended or stopped since. */
const AFTER_APPROVAL = ["approved", "canceled", "stopped"];

const OPERATIONS = ["", "send", "check", "cancel"];

/* Whole, and nothing in it that could not have come about. */
export function assertLedgerConsistent(stack) {
	assert.deepEqual(ledgerRows(stack, "PRAGMA integrity_check"), [{ integrity_check: "ok" }]);
	for (const row of ledgerRows(stack, "SELECT * FROM verifications")) {
		const about = JSON.stringify(row);
		assert.ok(STATES.includes(row.state), about);
		assert.ok(OPERATIONS.includes(row.operation), about);
		assert.match(row.id, /^[0-9a-f]{16}$/, about);
		assert.ok(row.created_at > 0, about);
		assert.equal(["stopped", "overridden"].includes(row.state) && row.decided_at === 0, false, about);
		if (row.sends > 0 || row.state === "pending") {
			assert.match(row.operation_id, /^[0-9a-f]{16}$/, about);
			assert.ok(row.operation_until > 0 && row.expires_at > row.created_at, about);
		}
		assert.ok(row.sends >= 0 && row.sends <= 5 && row.checks >= 0 && row.checks <= 5, about);
		assert.ok(row.approved_at > 0 ? AFTER_APPROVAL.includes(row.state) : row.state !== "approved", about);
		if (row.sent_at > 0 || row.checks > 0)
			assert.match(row.verification_sid, /^VE[0-9a-f]{32}$/, about);
	}
	assert.deepEqual(ledgerRows(stack, `SELECT interaction, to_id, position, count(*) FROM verifications
		GROUP BY interaction, to_id, position HAVING count(*) > 1`), []);
	assert.deepEqual(ledgerRows(stack, `SELECT v.id, count(e.at) AS approvals FROM verifications v
		LEFT JOIN events e ON e.verification = v.id AND e.outcome = 'approved'
		GROUP BY v.id HAVING approvals <> (v.approved_at > 0)`), [], "an approval and its event go together");
	assert.deepEqual(ledgerRows(stack, `SELECT * FROM events
		WHERE verification <> '' AND verification NOT IN (SELECT id FROM verifications)`), []);
}
