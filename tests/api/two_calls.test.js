/*
 * Two calls of one number at once: the code of the one makes that of the other
 * useless, and takes away no answer that is on its way.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { faults, startFakeTwilio } from "./fake_twilio.js";
import { agent, assertSuccess, ledgerRows } from "./helpers.js";
import { startStack } from "./stack.js";

describe("a right code that is being checked while another call of the number gets one", { timeout: 60000 }, () => {
	let fake, stack;

	before(async () => {
		fake = await startFakeTwilio();
		stack = await startStack({ ...fake.config, RESEND_AFTER_SECONDS: "0", REQUEST_TIMEOUT_MS: 8000 });
	});
	after(async () => {
		await fake?.stop();
		await stack?.stop();
	});

	test("verifies, as Twilio approved it, and counts as no wrong one", async () => {
		const one = fake.contact(), other = fake.contact(), gate = faults.gate();
		const [first, second] = [one, other].map(({ token }) => agent(stack, token, { hurry: true }));
		let checked;

		Object.assign(other, { to: one.to, attributes: JSON.stringify({ ...JSON.parse(other.attributes), from: one.to }) });
		assertSuccess(await first.start(one.task), "pending");
		fake.spoil(one, "check", gate);
		fake.spoil(one, "cancel", faults.notFound); /* Twilio forgets what it approved */
		fake.onRequest = async ({ call }) => {
			if (call !== "cancel" || checked !== undefined)
				return;
			checked = first.check(one.task, one.code);
			await fake.arrival(one, "check");
		};
		assertSuccess(await second.start(other.task), "pending");
		gate.open();
		assertSuccess(await checked, "approved");
		assert.deepEqual(ledgerRows(stack, "SELECT sum(failures) AS n FROM events"), [{ n: 0 }]);
	});
});
