/*
 * Two hosts on one PostgreSQL, and every second one of them is killed in the
 * middle of its work: none of the verifications is lost, none is doubled, and
 * the chain of the record is whole.
 *
 *   HOSTS_VERIFICATIONS=n   so many; `make test-hosts` takes 10,000
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { startHosts } from "./hosts.js";
import { clockCanMove } from "./programs.js";

/* Under a sanitizer, which is slow, fewer. */
const VERIFICATIONS = Number(process.env.HOSTS_VERIFICATIONS ?? (clockCanMove ? 200 : 40));
const AT_ONCE = 24, KILL_EVERY_MS = 1000;
const TOLD_EVERY = 500; /* who waits for ten thousand wants to see them come */

async function killEverySecond(hosts, over) {
	while (!over()) {
		await sleep(KILL_EVERY_MS);
		await hosts.kill(Math.floor(Math.random() * 2));
	}
}

describe("two hosts of which one is killed every second", () => {
	test("lose no verification, double none, and leave the record whole", { timeout: 3600e3 }, async (t) => {
		const hosts = await startHosts(), began = performance.now();
		const callers = Array.from({ length: VERIFICATIONS }, (_, i) => hosts.caller(i + 1));
		const waiting = [...callers];
		let over = false, verified = 0;
		try {
			const killing = killEverySecond(hosts, () => over);
			await Promise.all(Array.from({ length: AT_ONCE }, async () => {
				for (let caller = waiting.shift(); caller !== undefined; caller = waiting.shift()) {
					const answer = await hosts.verify(caller);
					assert.equal(answer.json.customer.phone, caller.to);
					if (++verified % TOLD_EVERY === 0)
						console.log(`${verified} of ${callers.length} verified, ${hosts.kills} kills`);
				}
			})).finally(() => { over = true; });
			await killing;
			const seconds = (performance.now() - began) / 1000;
			await hosts.assertNoneLostNoneDoubled(callers);
			const events = await hosts.assertRecordWhole();
			const disturbed = callers.filter((caller) => caller.disturbed).length;
			t.diagnostic(`${callers.length} verifications, ${hosts.kills} kills, ${disturbed} disturbed by them, ` +
				`none lost, none doubled, ${events} events whole, ${Math.round(seconds)} s, ${JSON.stringify(hosts.seen)}`);
			assert.ok(hosts.kills > 0);
		} finally {
			await hosts.stop();
		}
	});
});
