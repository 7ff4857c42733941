/*
 * The worst moment to die: Twilio has approved the code, and we have not said
 * so yet.  Twilio forgets an approved verification at once, so the customer
 * could neither read the code once more nor be asked for another one in good
 * conscience.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { sid } from "./fake_twilio.js";
import { assertSuccess } from "./helpers.js";
import { startPrograms } from "./programs.js";
import { RememberingTwilio } from "./remembering_twilio.js";

const KILLS = 100;

describe("check-verify that is killed between Twilio's approval and our answer", { timeout: 300000 }, () => {
	let twilio, host;

	before(async () => {
		twilio = await new RememberingTwilio({ now: Date.now, pick: (below) => 234567 % below }).listen();
		twilio.workers.set("ana", sid("WK", 1));
		host = await startPrograms({ ...twilio.config, REQUEST_TIMEOUT_MS: 2000, INFO_FIELDS: "name phone" });
	});
	after(async () => {
		twilio?.stop();
		await host?.stop();
	});

	const ask = (program, { task }, fields = {}) => host.ask(program, { task, ...fields }, { token: "ana" });

	function newContact(number) {
		const contact = { task: sid("WT", number), call: sid("CA", number), to: `+44770091${String(number).padStart(4, "0")}` };
		twilio.tasks.set(contact.task, contact);
		return contact;
	}

	async function killAfterApproval(contact) {
		assertSuccess(await ask("start-verify", contact), "pending");
		const { code } = twilio.living.get(contact.to);
		const held = new Promise((resolve) => { twilio.onHeld = resolve; });
		twilio.next = "held";
		const checking = ask("check-verify", contact, { verification_code: code });
		const release = await held;
		assert.equal(twilio.living.get(contact.to).status, "approved", "at Twilio");
		await host.kill9("check-verify");
		release();
		assert.equal(await checking, null, "nobody was told");
		await host.launch("check-verify");
	}

	/* As the panel does: it looks until it is known, and enters nothing twice. */
	async function look(contact) {
		for (;;) {
			const answer = await ask("customer-info", contact);
			const state = answer.json.verification?.state; /* none on a host too busy to answer in time */
			if (state === "approved")
				return answer;
			assert.ok(["checking", "unclear", undefined].includes(state), answer.text);
			assert.equal(answer.json.customer, undefined);
			await sleep(1000);
		}
	}

	test(`leaves the agent at verified each time, with one approval on record, ${KILLS} times in a row`, async () => {
		const endings = [], contacts = [];

		for (let number = 1; number <= KILLS; number++) {
			const contact = newContact(number);
			await killAfterApproval(contact);
			contacts.push(contact);
			endings.push(look(contact));
			endings.at(-1).catch(() => {}); /* told below */
		}
		const answers = await Promise.all(endings);
		answers.forEach((answer, i) => assert.equal(answer.json.customer.phone, contacts[i].to));

		const { stdout } = await host.command("audit", "export", "--format", "jsonl");
		const events = stdout.trim().split("\n").map((line) => JSON.parse(line));
		for (const { call } of contacts) {
			const own = events.filter(({ interaction }) => interaction === call);
			assert.equal(own.filter(({ outcome }) => outcome === "approved").length, 1);
			assert.equal(own.filter(({ outcome }) => outcome === "code_sent").length, 1, "one code was enough");
		}
		assert.equal(twilio.books.filter(({ what }) => what === "check").length, KILLS, "and was checked once");
		assert.equal((await host.command("audit", "verify")).status, 0);
	});
});
