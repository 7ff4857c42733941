/*
 * What an answer tells to whom: nothing that lets a stranger tell customers,
 * contacts or digits apart, and nothing of what is running here.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { faults, sid, startFakeTwilio } from "./fake_twilio.js";
import { agentOf, approve, assertNothingReleased, sendCode } from "./fault_helpers.js";
import { FORM, PAGE_PROGRAMS, PROGRAMS, agent, assertRefusal, assertSuccess, request } from "./helpers.js";
import { startStack } from "./stack.js";

const BEHIND = process.env.WEB ?? "nginx";

/* What differs between any two answers: the request, its moment, and whom it is about by what the agent knows. */
function comparable({ status, headers, text }, contact) {
	const { date, "content-length": length, ...others } = headers;
	assert.ok(date !== undefined && (length !== undefined || BEHIND !== "nginx"));
	const sentence = text.replace(/"request_id":"[0-9a-f]+"/, "").replace(/"reference":"[0-9a-f]+"/g, "")
		.replace(/"\d{4}-\d\d-\d\dT[0-9:]+Z"/g, '"time"')
		.replaceAll(`+44********${contact.to.slice(-2)}`, "(number)")
		.replaceAll(`"ending":"${contact.to.slice(-2)}"`, "");
	return { status, length, headers: others, sentence };
}

describe("an answer", { timeout: 60000 }, () => {
	let fake, stack;

	before(async () => {
		fake = await startFakeTwilio();
		stack = await startStack({ ...fake.config, REQUEST_TIMEOUT_MS: 5000 }, PROGRAMS);
	});
	after(async () => {
		await fake?.stop();
		await stack?.stop();
	});

	const newContact = () => {
		const contact = fake.contact();
		return { contact, who: agentOf(stack, contact) };
	};

	/* ---- R14, T11: who is a customer? ------------------------------------------- */

	/* Every answer that can be had without knowing the code. */
	async function answersWithoutCode({ contact, who }) {
		const answers = [await who.info(), await who.check("123456"), await who.start(), await who.info()];
		for (let i = 0; i < 5; i++)
			answers.push(await who.check(contact.wrongCode));
		answers.push(await who.info(), await who.start(), await who.cancel());
		return answers.map((answer) => comparable(answer, contact));
	}

	test("R14, T11: is the same for a number that the company knows, does not know, or cannot look up", async () => {
		const known = newContact(), unknown = newContact(), failing = newContact();
		fake.spoil(unknown.contact, "customer", faults.notFound);
		fake.spoil(failing.contact, "customer", faults.closes);
		const expected = await answersWithoutCode(known);
		assert.deepEqual(await answersWithoutCode(unknown), expected);
		assert.deepEqual(await answersWithoutCode(failing), expected);
		for (const { contact } of [known, unknown, failing])
			assert.equal(fake.count(contact, "customer"), 0, "the company is not even asked, so no time tells it");
	});

	test("R14, T11: is the same to who is not signed in, whatever contact he names", async () => {
		const { contact, who } = newContact();
		await approve(who);
		for (const program of PAGE_PROGRAMS.filter((name) => name !== "supervisor-info")) { /* which is about no contact */
			const ask = (task) => request(stack, { path: `/${program}`, headers: { "Content-Type": FORM },
				body: `task=${task}${program === "check-verify" ? "&verification_code=123456" : ""}` });
			const named = await ask(contact.task), invented = await ask(sid("WT", 999997));
			assertRefusal(named, 401, "agent_not_signed_in");
			assert.deepEqual(comparable(named, contact), comparable(invented, contact));
			assert.equal(named.json.verification, undefined);
		}
	});

	test("R14: is the same to who does not hold the contact, in whatever state it is", async () => {
		const stranger = newContact().contact, expected = [];
		for (const reach of [async () => {}, sendCode, approve]) {
			const { contact, who } = newContact();
			await reach(who);
			const { start, check, cancel, info } = agent(stack, stranger.token, { hurry: true });
			const { task } = contact;
			const answers = [await start(task), await check(task, contact.code), await cancel(task), await info(task)];
			answers.forEach((answer) => {
				assertRefusal(answer, 403, "not_your_task");
				assertNothingReleased(answer, contact);
				assert.equal(answer.json.verification, undefined);
				assert.equal(answer.json.contact, undefined);
			});
			expected.push(answers.map((answer) => comparable(answer, contact)));
		}
		assert.deepEqual(expected[1], expected[0]);
		assert.deepEqual(expected[2], expected[0]);
	});

	/* ---- R15: what was wrong with the code? ---------------------------------------- */

	test("R15: to a wrong code is the same whether one digit was wrong or all of them", async () => {
		const codes = [], answers = [];
		for (let right = 0; right < 6; right++) {
			const { contact, who } = newContact();
			const digits = [...contact.code].map((digit, i) => i < right ? digit : String((Number(digit) + 1) % 10));
			await sendCode(who);
			codes.push(digits.join(""));
			answers.push(comparable(await who.check(codes.at(-1)), contact));
		}
		for (const answer of answers)
			assert.deepEqual(answer, answers[0]);
		assert.equal(answers[0].status, 401);
	});

	test("R15: to a wrong code neither repeats it nor names the code that was sent", async () => {
		const { contact, who } = newContact();
		await sendCode(who);
		for (const { text } of [await who.check(contact.wrongCode), await who.info(), await who.start()])
			for (const code of [contact.code, contact.wrongCode])
				assert.ok(!text.includes(code));
	});

	/* ---- R28: what runs here? ------------------------------------------------------- */

	/* Files, libraries, versions, causes that are ours to know. */
	const INSIDE = new RegExp(["/(?:tmp|usr|var|home|etc|work|run)/", "\\.[ch]:\\d", "\\bat line\\b", "sqlite|json-c|libcurl|curl|" +
		"openssl|libfcgi|fastcgi|nginx|debian|linux|gcc", "errno|segfault|assert|stack ?trace|NULL|0x[0-9a-f]{4}",
	"\\d+\\.\\d+\\.\\d+", "127\\.0\\.0\\.1", "ACCOUNT_SID|AUTH_TOKEN", "\\bAC0{20}"].join("|"), "i");

	test("R28: to whatever goes wrong tells nothing of what runs here", async () => {
		const { contact, who } = newContact(), headers = { "Content-Type": FORM, Authorization: `Bearer ${contact.token}` };
		const broken = [faults.closes, faults.html, faults.truncated, faults.megabyte, faults.fails, faults.unauthorized,
			faults.refuses(400, 60200, "nginx/1.22 at /usr/lib/x.c:12 libcurl"), faults.isNotHttp];
		const answers = [];
		for (const fault of broken)
			for (const call of ["validate", "task", "reservations", "start", "check", "customer"]) {
				const one = newContact();
				if (call === "check")
					await sendCode(one.who);
				if (call === "customer")
					await approve(one.who);
				fake.spoil(one.contact, call, fault);
				answers.push(await one.who[{ check: "check", customer: "info" }[call] ?? "start"]());
			}
		for (const change of [{ method: "GET" }, { method: "TRACE" }, { body: "{" }, { body: "task=%" }, { path: "/x.php" },
			{ body: "x".repeat(50000) }, { path: "/start-verify?x" }, { path: "/.git/config" }, { path: `/${"x".repeat(20000)}` },
			{ headers: {} }, { headers: { ...headers, Authorization: `Bearer ${"x".repeat(70000)}` } }, { path: "/%" }])
			answers.push(await request(stack, { path: "/start-verify", headers, body: `task=${contact.task}`, ...change }));
		await stack.kill9("check-verify");
		answers.push(await who.check());
		await stack.start();
		assert.ok(new Set(answers.map(({ json }) => json?.code)).size > 15, "of many kinds");
		for (const { text, json, headers: { server } } of answers) {
			assert.doesNotMatch(text, INSIDE);
			/* Others answer with a page of their own before they know the address. */
			if (BEHIND === "nginx")
				assert.equal(server, "nginx", "and no version");
			else if (json !== undefined)
				assert.match(server ?? "", /^[A-Za-z]*$/, "and no version");
		}
		assertSuccess(await who.info(), "not_verified");
	});
});
