/*
 * A client that knows nothing but the form fields of the demo plugin
 * (github.com/twilio-labs/plugin-verify): it names a number, and then the
 * number and a code.  It is served with AGENT_AUTH=none, and gets no data.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import {
	ANA, ANAS_CALL, FORM, assertNoCustomer, assertRefusal, assertSuccess, call, logOf, request,
} from "./helpers.js";
import { startStack } from "./stack.js";

const FLEX = "https://flex.twilio.com";

/* The requests that the plugin's VerifyState.js makes, and what it makes of the answers. */
function demoClient(url) {
	const post = (path, fields) => fetch(`${url}/${path}`, {
		method: "POST",
		body: new URLSearchParams(fields),
		headers: { "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8" },
	}).then((reply) => reply.json());
	return {
		async start(to) {
			const answer = await post("start-verify", { to });
			return answer.success ? { tokenSent: true } : { tokenSent: false, error: answer.error.message };
		},
		async check(to, code) {
			const answer = await post("check-verify", { to, verification_code: code });
			return answer.success ? { verified: true } : { verified: false, error: "Incorrect token." };
		},
	};
}

describe("the demo's client", () => {
	let stack, client;

	before(async () => {
		stack = await startStack({
			AGENT_AUTH: "none", CONTACT_SOURCE: "request", ALLOWED_ORIGINS: FLEX, CHANNELS: "sms call email",
		});
		client = demoClient(stack.url);
	});
	after(() => stack?.stop());
	beforeEach(() => stack.reset());

	const ask = (program, fields, headers) => call(stack, program, fields, { as: FORM, headers });

	/* The programs know a number again; each test has its own. */
	let next = 40;
	const newNumber = () => `+4477009001${next++}`;

	test("has a code sent and finds it right", async () => {
		const to = newNumber();
		assert.deepEqual(await client.start(to), { tokenSent: true });
		assert.deepEqual(await client.check(to, await stack.lastCode(to)), { verified: true });
	});

	test("finds a wrong code wrong, and then the right one right", async () => {
		const to = newNumber();
		await client.start(to);
		const code = await stack.lastCode(to);
		const wrong = code === "111111" ? "222222" : "111111";
		assert.deepEqual(await client.check(to, wrong), { verified: false, error: "Incorrect token." });
		assert.deepEqual(await client.check(to, code), { verified: true });
	});

	/* As Flex displays numbers, as forms carry them, and both at once. */
	const spellings = [
		["+1 202-555-0101", "+12025550101"],
		[" 12025550102", "+12025550102"],
		[" 1 202-555-0103", "+12025550103"],
		["+1 (202) 555-0104", "+12025550104"],
		["+44 7700 900123", "+447700900123"],
	];
	for (const [to, number] of spellings)
		test(`may write ${number} as "${to}", now so and then so`, async () => {
			assert.deepEqual(await client.start(to), { tokenSent: true });
			assert.equal((await stack.messages(number)).length, 1);
			assert.deepEqual(await client.check(number, await stack.lastCode(number)), { verified: true });
		});

	test("may leave the + of a number as it is in a form, where it means a blank", async () => {
		const answer = await request(stack, { path: "/start-verify", headers: { "Content-Type": FORM },
			body: "to=+12025550105" });
		assertSuccess(answer, "pending");
		assert.equal((await stack.messages("+12025550105")).length, 1);
	});

	for (const to of ["12025550106", "2025550106", "0012025550106", "+1 (0) 202-555-0106", "+1 202 555 O106", "Maria",
		"+"])
		test(`is told that "${to}" is no number, and nothing is sent`, async () => {
			const { tokenSent, error } = await client.start(to);
			assert.equal(tokenSent, false);
			assert.match(error, /international form/);
			assert.deepEqual(await stack.messages("+12025550106"), []);
		});

	test("is told what is missing", async () => {
		assertRefusal(await ask("start-verify", {}), 400, "missing_parameter", /^Missing parameter\./);
		assertRefusal(await ask("check-verify", { to: newNumber() }), 400, "missing_parameter");
		assertRefusal(await ask("check-verify", { verification_code: "123456" }), 400,
			"missing_parameter");
	});

	test("is told by Twilio's words on errors where to read more", async () => {
		const { json } = await ask("start-verify", { to: "+12025550140" });
		assert.equal(json.error.moreInfo, "https://www.twilio.com/docs/errors/60205");
	});

	test("can name a channel and a language, as the demo's functions allowed", async () => {
		const to = newNumber();
		assertSuccess(await ask("start-verify", { to, channel: "call", locale: "de" }), "pending");
		assert.equal((await stack.messages(to))[0].channel, "call");
	});

	test("can name an e-mail address where that channel is on", async () => {
		const to = "maria.santos@example.com";
		assert.deepEqual(await client.start(to), { tokenSent: true });
		assert.deepEqual(await client.check(to, await stack.lastCode(to)), { verified: true });
		assertRefusal(await ask("start-verify", { to, channel: "sms" }), 422, "channel_not_allowed");
	});

	test("finds each status of the demo's functions: 200, 400 and 401", async () => {
		const to = newNumber();
		const started = await ask("start-verify", { to });
		assert.deepEqual([started.status, started.json.success], [200, true]);
		const wrong = await ask("check-verify", { to, verification_code: "000000" });
		assert.deepEqual([wrong.status, wrong.json.success, typeof wrong.json.message], [401, false, "string"]);
		const right = await ask("check-verify", { to, verification_code: await stack.lastCode(to) });
		assert.deepEqual([right.status, right.json.success, right.json.message], [200, true, "Verification success."]);
		assert.equal((await ask("check-verify", { to })).status, 400);
	});

	/* ---- What it does not get -------------------------------------------------- */

	test("gets no customer data, verified or not, signed in or not", async () => {
		const to = "+12025550101";
		const info = (token) => call(stack, "customer-info", { to }, { token });
		const infos = () => Promise.all([info(), info(ANA)]);

		(await infos()).forEach(assertNoCustomer);
		await client.start(to);
		(await infos()).forEach(assertNoCustomer);
		assertNoCustomer(await ask("check-verify", { to, verification_code: await stack.lastCode(to) }));
		for (const answer of await infos()) {
			assertSuccess(answer, "approved");
			assertNoCustomer(answer);
		}
		assert.ok(logOf(stack, "customer-info").every((line) => line.released !== true));
	});

	test("cannot name a task, whose number would be somebody's secret", async () => {
		for (const program of ["start-verify", "customer-info"])
			assertRefusal(await call(stack, program, { task: ANAS_CALL, to: "+12025550101" }), 400, "unknown_field");
		assertRefusal(await call(stack, "start-verify", { task: ANAS_CALL }), 400, "missing_parameter");
	});

	test("is held to the limits of sends and checks", async () => {
		const to = newNumber();
		for (let i = 0; i < 5; i++)
			assert.deepEqual(await client.start(to), { tokenSent: true });
		assert.match((await client.start(to)).error, /Too many codes/);
		for (let i = 0; i < 5; i++)
			assert.equal((await client.check(to, "000000")).verified, false);
		assert.equal((await client.check(to, await stack.lastCode(to))).verified, false);
		assertRefusal(await call(stack, "check-verify", { to, verification_code: "000000" }), 429, "too_many_checks");
	});

	test("may be a page of an allowed origin, which can read its answers without a preflight", async () => {
		const to = newNumber();
		const headers = { Origin: FLEX };
		const started = await ask("start-verify", { to }, headers);
		assertSuccess(started, "pending");
		assert.equal(started.headers["access-control-allow-origin"], FLEX);
		const wrong = await ask("check-verify", { to, verification_code: "000000" }, headers);
		assertRefusal(wrong, 401, "wrong_code");
		assert.equal(wrong.headers["access-control-allow-origin"], FLEX);
	});

	test("may not be a page of another origin, and nothing is sent for it", async () => {
		const to = newNumber();
		for (const Origin of ["https://evil.example", "https://flex.twilio.com.evil.example", "null"]) {
			const answer = await ask("start-verify", { to }, { Origin });
			assertRefusal(answer, 403, "origin_not_allowed");
			assert.equal(answer.headers["access-control-allow-origin"], undefined);
		}
		assert.deepEqual(await stack.messages(to), []);
	});
});
