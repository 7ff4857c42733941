/*
 * Calls that fail once: a few of all the places that make inject tries, with
 * every kind of request, with the command and with a program's start.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { COMMANDS, START, injectEachOf, startBench } from "../faults/command_injection.js";
import { KINDS, injectEach, startRig } from "../faults/injection.js";
import { REQUESTS } from "../faults/requests.js";

/* Every so many of the places. */
const EVERY = { memory: 499, curl: 197, sqlite: 89 };

/* One rig for those that have the same configuration. */
const groups = new Map();
for (const [name, request] of Object.entries(REQUESTS))
	groups.set(request.keys, [...groups.get(request.keys) ?? [], [name, request]]);

for (const [keys, requests] of groups) {
	describe("when a call fails", { timeout: 300000 }, () => {
		let rig;

		before(async () => { rig = await startRig(keys); });
		after(() => rig?.stop());

		for (const [name, request] of requests)
			test(`${name} is answered as usual, or refused, or not at all, and verifies nobody who is not`, async () => {
				for (const kind of Object.keys(KINDS)) {
					const { findings } = await injectEach(rig, request, kind, { every: EVERY[kind], from: 1 });
					assert.deepEqual(findings, [], `${kind}, every ${EVERY[kind]}`);
				}
			});

		/* json-c leaves a comma out when there is no memory for it, and says nothing. */
		if (keys === undefined)
			test("what is written without memory, an answer or a task's attributes, is whole or not written", async () => {
				const { findings } = await injectEach(rig, REQUESTS["check-verify, right code"], "memory", { last: 140 });
				assert.deepEqual(findings, []);
			});

		if (keys === REQUESTS["approve-verify"].keys)
			test("what the page behind a link is shown without memory is whole, or not shown", async () => {
				const { findings } = await injectEach(rig, REQUESTS["approve-verify"], "memory", { last: 120 });
				assert.deepEqual(findings, []);
			});
	});
}

describe("when a call of the command fails, or of a program's start", { timeout: 300000 }, () => {
	const every = { memory: 499, sqlite: 61, system: 41 };
	let bench;

	before(async () => { bench = await startBench(); });
	after(() => bench?.stop());

	const few = async (subject) => {
		for (const kind of Object.keys(every)) {
			const { findings } = await injectEachOf(bench, subject, kind, { every: every[kind], from: 7 });
			assert.deepEqual(findings, [], `${kind}, every ${every[kind]}`);
		}
	};

	for (const [name, command] of Object.entries(COMMANDS))
		test(`flex-verify ${name} says what it usually does, or that it cannot, and nothing of the ledger is lost`, () => few(command));

	test("a program serves as usual, or ends and says why", () => few(START));

	test("a program that serves goes on to serve, whatever the system denies it once", async () => {
		const { findings } = await injectEachOf(bench, START, "system", { last: 16 });
		assert.deepEqual(findings, []);
	});
});
