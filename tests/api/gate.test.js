/*
 * The gate before the customer's data, tried from every side: each route in
 * each state with a record of canaries behind it, each part of an approval
 * exchanged for another's, and the states taken out of their order.
 */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { faults, sid, startFakeTwilio } from "./fake_twilio.js";
import { agentOf, approve, assertNothingReleased, assertReleased, sendCode } from "./fault_helpers.js";
import { FORM, JSON_TYPE, agent, assertRefusal, assertSuccess, ledgerRows, request } from "./helpers.js";
import { startStack } from "./stack.js";

const VERIFIED_FOR_SECONDS = 8;

describe("the customer's data", { timeout: 120000 }, () => {
	let fake, stack;

	before(async () => {
		fake = await startFakeTwilio();
		stack = await startStack({ ...fake.config, REQUEST_TIMEOUT_MS: 5000, VERIFIED_FOR_SECONDS, TOKEN_CACHE_SECONDS: 0,
			INFO_FIELDS: "name email phone account_number task.name task.call_sid" });
	});
	after(async () => {
		await fake?.stop();
		await stack?.stop();
	});

	const newContact = () => {
		const contact = fake.contact();
		return { contact, who: agentOf(stack, contact) };
	};
	/* ---- T6: every route ------------------------------------------------------ */

	const PATHS = ["/customer-info", "/check-verify", "/start-verify"];
	const ODD_PATHS = ["/customer-info/", "//customer-info", "/Customer-Info", "/customer-info.json", "/customer-info/all",
		"/%63ustomer-info", "/customer-info;x=1", "/./customer-info", "/x/../customer-info", "/customer-info%00",
		"/customers", "/customer", "/crm", "/metrics", "/status", "/debug", "/ledger.db", "/flex-verify.env", "/.run/",
		"/../ledger.db", "/%2e%2e/ledger.db", "/start-verify.sock", "/panel.js/../customer-info"];

	/* All that can be asked about a contact, by whoever holds its task. */
	const everyRoute = ({ token, task, to, wrongCode }) => {
		const headers = { Authorization: `Bearer ${token}`, "Content-Type": FORM }, body = `task=${task}`;
		const json = { headers: { ...headers, "Content-Type": JSON_TYPE }, body: JSON.stringify({ task }) };
		return [
			...[...PATHS, ...ODD_PATHS].flatMap((path) => ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"].map((method) =>
				({ path, method, headers, body: "" }))),
			...ODD_PATHS.map((path) => ({ path, headers, body })),
			{ path: "/customer-info", ...json },
			{ path: "/customer-info", headers: { ...headers, Range: "bytes=0-10000" }, body },
			{ path: "/customer-info", headers: { ...headers, "If-None-Match": "*" }, body },
			{ path: "/customer-info", headers: { ...headers, Accept: "text/html", "X-HTTP-Method-Override": "GET" }, body },
			{ path: "/customer-info", headers: { ...headers, "Sec-Purpose": "prefetch" }, body },
			{ path: `/customer-info?${body}`, headers, body },
			{ path: `/customer-info?${body}`, method: "GET", headers, body: "" },
			{ path: "/customer-info", headers, body: `${body}&to=${encodeURIComponent(to)}` },
			{ path: "/customer-info", headers, body: `${body}&verified=true&state=approved` },
			{ path: "/customer-info", headers, body: `${body}&task=${task}` },
			{ path: "/customer-info", headers, body: `task=${task}&task=${sid("WT", 999)}` },
			{ path: "/check-verify", headers, body: `${body}&verification_code=` },
			{ path: "/check-verify", headers, body: `${body}&verification_code=${wrongCode}x` },
			{ path: "/start-verify", headers, body: `${body}&action=info` },
			{ path: "/customer-info", headers, body },
		];
	};

	const cancelIt = async ({ who }) => {
		await sendCode(who);
		assertSuccess(await who.cancel(), "canceled");
	};
	const loseIt = async ({ contact, who }) => {
		await sendCode(who);
		fake.spoil(contact, "check", faults.closes);
		assertRefusal(await who.check(contact.wrongCode), 502, "answer_lost");
		fake.spoil(contact, "fetch", faults.fails);
	};
	const lockIt = async ({ contact, who }) => {
		await sendCode(who);
		for (let i = 0; i < 5; i++)
			assertRefusal(await who.check(contact.wrongCode), 401, "wrong_code");
	};
	const approveAndWait = async ({ who }) => {
		await approve(who);
		await sleep(VERIFIED_FOR_SECONDS * 1000 + 200);
	};
	const approveAndSend = async ({ who }) => {
		await approve(who);
		await sendCode(who);
	};

	for (const [state, reach] of [
		["before a code was sent", async () => {}],
		["with a code out", ({ who }) => sendCode(who)],
		["after a wrong code", async ({ contact, who }) => {
			await sendCode(who);
			assertRefusal(await who.check(contact.wrongCode), 401, "wrong_code");
		}],
		["after a cancellation", cancelIt],
		["while a check is unclear", loseIt],
		["when it is locked", lockIt],
		["when the approval has run out", approveAndWait],
		["when another code was sent behind the approval", approveAndSend],
	])
		test(`T6: is in no answer of any route ${state}`, async () => {
			const one = newContact();
			await reach(one);
			for (const route of everyRoute(one.contact)) {
				const { text } = await request(stack, route);
				for (const canary of [`Customer ${one.contact.number}`, `account-${one.contact.number}`, one.contact.to,
					"customer@example.com", "Customer of the task"])
					assert.ok(!text.includes(canary), `${canary}: ${route.method ?? "POST"} ${route.path}`);
			}
		});

	test("T6: is in the answer of customer-info, and of no other route, while it is approved", async () => {
		const { contact, who } = newContact();
		await approve(who);
		assertReleased(await who.info(), contact);
		for (const path of ["/start-verify", "/check-verify"]) {
			const answer = await request(stack, { path, headers: { Authorization: `Bearer ${contact.token}`,
				"Content-Type": FORM }, body: `task=${contact.task}&verification_code=${contact.code}` });
			assertNothingReleased(answer, contact);
		}
	});

	test("T6: is in no file but in memory, released or not", () => {
		for (const file of readdirSync(stack.runDir, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()))
			assert.doesNotMatch(readFileSync(join(file.path ?? file.parentPath, file.name), "latin1"),
				/account-\d|Customer of the task|customer@example\.com/, file.name);
	});

	/* ---- R7: the order of things ------------------------------------------------ */

	test("R7: is closed after each sequence of four acts that does not end in a right code", async () => {
		const acts = { send: (who) => who.start(), wrong: (who, { wrongCode }) => who.check(wrongCode),
			right: (who) => who.check(), cancel: (who) => who.cancel() };
		const names = Object.keys(acts);
		let opened = 0;

		const play = async (sequence) => {
			const { contact, who } = newContact();
			let open = false, pending = false;
			for (const name of sequence) {
				const { status } = await acts[name](who, contact);
				if (name === "right" && pending && status === 200)
					[open, pending] = [true, false];
				else if (name === "send" && status === 200)
					[open, pending] = [false, true];
				else if (name === "cancel" && status === 200)
					pending = false;
				else if (name === "right")
					assert.notEqual(status, 200, `${sequence}: ${name}`);
			}
			const info = await who.info();
			open ? assertReleased(info, contact) : assertNothingReleased(info, contact);
			opened += open ? 1 : 0;
		};
		const sequences = Array.from({ length: names.length ** 4 }, (_, n) =>
			Array.from({ length: 4 }, (_unused, i) => names[Math.floor(n / names.length ** i) % names.length]));
		await Promise.all(Array.from({ length: 6 }, async () => {
			for (let sequence = sequences.pop(); sequence !== undefined; sequence = sequences.pop())
				await play(sequence);
		}));
		assert.ok(opened > 20, `${opened} of 256 end verified`);
	});

	/* ---- T4: an approval with one part exchanged ---------------------------------- */

	const assertClosed = async ({ contact, who }) => assertNothingReleased(await who.info(), contact);

	const attributes = (direction, from, call_sid) => JSON.stringify({ direction, from, call_sid });

	for (const [part, call, fault] of [
		["call", "task", ({ to, number }) => faults.with({ attributes: attributes("inbound", to, sid("CA", 777000 + number)) })],
		["number", "task", ({ call: sameCall }) =>
			faults.with({ attributes: attributes("inbound", "+447700900999", sameCall) })],
		["worker, who does not hold the task", "validate", () => faults.with({ worker_sid: sid("WK", 999998) })],
		["role, which is a guest's", "validate", () => faults.with({ roles: ["guest"] })],
		["reservation, which has ended", "reservations", () => faults.with({ reservations: [] })],
		["task, which is completed", "task", () => faults.with({ assignment_status: "completed" })],
	])
		test(`T4: is closed to an approval with another ${part}`, async () => {
			const { contact, who } = newContact();
			await approve(who);
			assertReleased(await who.info(), contact);
			fake.spoil(contact, call, fault(contact));
			assertNothingReleased(await who.info(), contact);
			fake.unspoil(contact);
			assertReleased(await who.info(), contact);
		});

	test("T4: is closed to another agent, and to the agent with another contact's task", async () => {
		const mine = newContact(), others = newContact();
		await approve(mine.who);
		await approve(others.who);
		for (const [{ token }, { task }] of [[mine.contact, others.contact], [others.contact, mine.contact]]) {
			const answer = await agent(stack, token).info(task);
			assertRefusal(answer, 403, "not_your_task");
			assertNothingReleased(answer, mine.contact);
			assertNothingReleased(answer, others.contact);
		}
	});

	test("T4: is closed to a code that another contact got", async () => {
		const one = newContact(), other = newContact();
		await sendCode(one.who);
		await sendCode(other.who);
		assertRefusal(await one.who.check(other.contact.code), 401, "wrong_code");
		await assertClosed(one);
	});

	test("T4: is closed to the code that has opened it once", async () => {
		const { contact, who } = newContact();
		await approve(who);
		assertRefusal(await who.check(), 409, "already_approved");
		await sendCode(who);
		contact.code = "135790";
		const used = String(100000 + (contact.number * 7919) % 900000);
		assertRefusal(await who.check(used), 401, "wrong_code");
		await assertClosed({ contact, who });
	});

	/* ---- R24: what leaves --------------------------------------------------------- */

	test("R24: is what is configured and no more, whatever the look-up and the task have", async () => {
		const { contact, who } = newContact();
		fake.spoil(contact, "customer", faults.with({ ssn: "078-05-1120", iban: "NL91ABNA0417164300", notes: { pin: "1234" },
			name2: "x", NAME: "y", "task.name": "z", __proto__x: 1, pan: "4111111111111111" }));
		await approve(who);
		const { customer, task, text } = { ...(await who.info()).json, text: (await who.info()).text };
		assert.deepEqual(Object.keys(customer).sort(), ["account_number", "email", "name", "phone"]);
		assert.deepEqual(Object.keys(task).sort(), ["call_sid", "name"]);
		assert.doesNotMatch(text, /078-05|ABNA|1234"|4111/);
	});

	test("T31: who looked is on record each time, with the agent and the contact", async () => {
		const { contact, who } = newContact();
		await approve(who);
		for (let i = 0; i < 3; i++)
			assertReleased(await who.info(), contact);
		const looks = ledgerRows(stack, `SELECT agent_id FROM events WHERE outcome = 'released'
			AND interaction = '${contact.call}'`);
		assert.deepEqual(looks, Array.from({ length: 3 }, () => ({ agent_id: contact.worker })));
	});
});
