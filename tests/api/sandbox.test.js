/*
 * The sandbox over HTTP: what only shows on the wire.  Its rules are tested in
 * C (tests/unit/test_sandbox*.c), and that Twilio's own SDKs get along with it
 * in sandbox_sdk.test.js.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import { FORM, JSON_TYPE, notThe, request, taskSid } from "./helpers.js";
import { startStack } from "./stack.js";

const ONE = "1".padStart(32, "0");
const ACCOUNT = `AC${ONE}`;
const BASIC = basic(ACCOUNT, ONE);
const SERVICE = `/sandbox/twilio/v2/Services/VA${ONE}`;
const TASKS = `/sandbox/twilio/v1/Workspaces/WS${ONE}/Tasks`;
const VALIDATE = `/sandbox/twilio/v1/Accounts/${ACCOUNT}/Tokens/validate`;

const PERSON = "+12025550101";

const DELAY_MS = 12000;

let stack;

before(async () => { stack = await startStack(); });
after(() => stack?.stop());

function basic(user, password) {
	return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

const get = (path, headers = { Authorization: BASIC }) => request(stack, { method: "GET", path, headers });

const post = (path, fields, headers = {}) => request(stack, {
	path,
	headers: { Authorization: BASIC, "Content-Type": FORM, ...headers },
	body: new URLSearchParams(fields).toString(),
});

const start = (to, channel = "sms") => post(`${SERVICE}/Verifications`, { To: to, Channel: channel });
const check = (to, code) => post(`${SERVICE}/VerificationCheck`, { To: to, Code: code });
const validate = (token) => request(stack, {
	path: VALIDATE,
	headers: { Authorization: BASIC, "Content-Type": JSON_TYPE },
	body: JSON.stringify({ token }),
});
const customer = (phone) => get(`/sandbox/crm/customers?phone=${encodeURIComponent(phone)}`,
	{ Authorization: basic("sandbox-crm", "sandbox-crm-password") });

/* Refusals of Twilio's kind: members, status and all. */
function assertTwilioError(answer, status, code) {
	assert.equal(answer.status, status, answer.text);
	assert.deepEqual(Object.keys(answer.json).sort(), ["code", "message", "more_info", "status"]);
	assert.equal(answer.json.code, code);
	assert.equal(answer.json.status, status);
	assert.equal(answer.json.more_info, `https://www.twilio.com/docs/errors/${code}`);
}

/* The connection ends without a byte of an answer. */
const assertClosed = (asked) => assert.rejects(asked, { code: "ECONNRESET" });

describe("the sandbox", () => {
	beforeEach(() => stack.reset());

	test("a whole verification, as a customer and an agent see it", async () => {
		const sent = await start(PERSON);
		assert.equal(sent.status, 201);
		const [message] = await stack.messages(PERSON);
		assert.equal(message.sid, sent.json.sid);
		assert.equal(message.body, `Your Example Energy verification code is: ${message.code}`);
		assert.match(message.code, /^\d{6}$/);

		const wrong = await check(PERSON, notThe(message.code));
		assert.equal(wrong.status, 201);
		assert.equal(wrong.json.status, "pending");
		const right = await check(PERSON, message.code);
		assert.equal(right.status, 200);
		assert.equal(right.json.status, "approved");
		assert.equal(right.json.valid, true);
		assertTwilioError(await check(PERSON, message.code), 404, 20404);
	});

	test("answers carry Twilio's headers, and each request an id of its own", async () => {
		const answers = [await start(PERSON), await get(`${SERVICE}/nothing`), await get(SERVICE, {})];
		assert.deepEqual(answers.map(({ status }) => status), [201, 404, 401]);
		for (const { headers } of answers) {
			assert.match(headers["twilio-request-id"], /^RQ[0-9a-f]{32}$/);
			assert.match(headers["twilio-request-duration"], /^\d+\.\d{3}$/);
			assert.match(headers["twilio-concurrent-requests"], /^[1-9]\d*$/);
			assert.match(headers["content-type"], /^application\/json\b/);
			assert.equal(headers["access-control-allow-origin"], "*");
		}
		assert.equal(new Set(answers.map(({ headers }) => headers["twilio-request-id"])).size, 3);
	});

	test("nobody is let in without the account's credentials", async () => {
		const bad = [undefined, basic(ACCOUNT, "0".repeat(32)), basic(`SK${ONE}`, ONE), basic(ACCOUNT, ""),
			basic("sandbox-crm", "sandbox-crm-password"), "Bearer sandbox-ana", BASIC.slice(0, -4)];
		const paths = [SERVICE, `${TASKS}/${taskSid(1)}`, VALIDATE, "/sandbox/twilio/v2/Attempts", "/sandbox/twilio/"];
		for (const header of bad) {
			for (const path of paths) {
				const answer = await get(path, header === undefined ? {} : { Authorization: header });
				assertTwilioError(answer, 401, 20003);
				assert.match(answer.headers["www-authenticate"], /^Basic realm=/);
			}
		}
		assert.equal((await get(SERVICE)).status, 200);
		assert.equal((await get(SERVICE, { Authorization: basic(`SK${ONE}`, "sandbox-api-key-secret") })).status, 200);
	});

	test("a plus that was not escaped is no plus", async () => {
		const answer = await request(stack, {
			path: `${SERVICE}/Verifications`,
			headers: { Authorization: BASIC, "Content-Type": FORM },
			body: `To=${PERSON}&Channel=sms`,
		});
		assertTwilioError(answer, 400, 60200);
		assert.match(answer.json.message, /^Invalid parameter `To`: /);
	});

	test("a number in the path may have its plus escaped or not", async () => {
		const { json } = await start(PERSON);
		for (const name of [json.sid, PERSON, encodeURIComponent(PERSON)])
			assert.equal((await get(`${SERVICE}/Verifications/${name}`)).json.sid, json.sid);
	});

	test("a task's version comes through the web server both ways", async () => {
		const task = `${TASKS}/${taskSid(1)}`;
		const fetched = await get(task);
		assert.equal(fetched.headers.etag, '"0"');
		const attributes = { ...JSON.parse(fetched.json.attributes), otp: "passed" };
		const update = (version) => post(task, { Attributes: JSON.stringify(attributes) }, { "If-Match": version });

		const first = await update("0");
		assert.equal(first.status, 200);
		assert.equal(first.headers.etag, '"1"');
		assert.equal(JSON.parse(first.json.attributes).otp, "passed");
		assertTwilioError(await update("0"), 412, 20412);
		assert.equal((await update('"1"')).headers.etag, '"2"');
		assertTwilioError(await update('"1"'), 412, 20412);
		assert.equal((await update("*")).headers.etag, '"3"');
	});

	test("HEAD is a GET without a body", async () => {
		const answer = await request(stack, {
			method: "HEAD",
			path: `${TASKS}/${taskSid(1)}`,
			headers: { Authorization: BASIC },
		});
		assert.equal(answer.status, 200);
		assert.equal(answer.text, "");
		assert.equal(answer.headers.etag, '"0"');
	});

	test("a connection is closed without an answer, the code sent or not", async () => {
		await assertClosed(start("+12025550158"));
		assert.equal(await stack.lastCode("+12025550158"), undefined);
		await assertClosed(start("+12025550159"));
		assert.match(await stack.lastCode("+12025550159"), /^\d{6}$/);
	});

	test("the answer to a check is lost although the code was right", async () => {
		const to = "+12025550170";
		const { json } = await start(to);
		await assertClosed(check(to, await stack.lastCode(to)));
		assertTwilioError(await get(`${SERVICE}/Verifications/${json.sid}`), 404, 20404);
		const { json: { attempts } } = await get(`/sandbox/twilio/v2/Attempts?VerificationSid=${json.sid}`);
		assert.equal(attempts[0].conversion_status, "converted");
	});

	test("an answer ends in the middle, and its length says that it is whole", async () => {
		const answer = await start("+12025550161");
		assert.equal(answer.status, 201);
		assert.equal(answer.json, undefined);
		assert.equal(Number(answer.headers["content-length"]), answer.text.length);
		assert.match(answer.text, /^\{"sid":"VE/);
	});

	test("pages, redirects and floods come as they are", async () => {
		const page = await start("+12025550154");
		assert.equal(page.status, 503);
		assert.match(page.headers["content-type"], /^text\/html/);
		assert.match(page.text, /^<html>/);
		const redirect = await start("+12025550156");
		assert.equal(redirect.status, 307);
		assert.equal(redirect.headers.location, "https://elsewhere.example.com/");
		const flood = await start("+12025550157");
		assert.equal(flood.text.length, 200000);
		assert.deepEqual(flood.json, {});
	});

	test("a busy Twilio says when to come back", async () => {
		const answer = await start("+12025550145");
		assertTwilioError(answer, 429, 20429);
		assert.equal(answer.headers["retry-after"], "1");
	});

	test("late answers come late, at the same time, and hold nobody up", async () => {
		await start(PERSON);
		const began = performance.now();
		const late = [start("+12025550160"), start("+12025550160"), check(PERSON, "999012"),
			validate("sandbox-slow"), get(`${TASKS}/${taskSid(3012)}`),
			get(`${TASKS}/${taskSid(4012)}/Reservations`), customer("+12025550186")];
		await sleep(1000);

		for (let i = 0; i < 20; i++) {
			const answer = await start(`+1202555011${i % 10}`);
			assert.equal(answer.status, 201);
			assert.ok(Number(answer.headers["twilio-concurrent-requests"]) >= late.length - 1);
		}
		/* What is late is the answer: the codes are out, and the check has counted. */
		assert.equal((await stack.messages("+12025550160")).length, 2);
		for (let i = 0; i < 4; i++)
			assert.equal((await check(PERSON, "111111")).json.status, "pending");
		assertTwilioError(await check(PERSON, await stack.lastCode(PERSON)), 429, 60202);
		assert.ok(performance.now() - began < DELAY_MS);

		const answers = await Promise.all(late);
		const took = performance.now() - began;
		assert.ok(took >= DELAY_MS && took < 2 * DELAY_MS, `${took} ms, and not one after the other`);
		assert.deepEqual(answers.map(({ status }) => status), [201, 201, 201, 200, 200, 200, 200]);
		assert.equal(answers[2].json.status, "pending");
		assert.ok(Number(answers[0].headers["twilio-request-duration"]) >= 12);
	});

	test("what there is to try is listed", async () => {
		const { json: { magic } } = await get("/sandbox/magic", {});
		for (const key of ["+12025550140", "+12025550170", "999503", "sandbox-503", "3503"])
			assert.ok(magic.some((row) => row.key === key), key);
		const { json: { tasks } } = await get("/sandbox/tasks?all=1", {});
		for (const { key, on } of magic.filter((row) => row.on !== "code" && row.on !== "token"))
			assert.ok(tasks.some(({ sid }) => sid === taskSid(key.slice(-4))), `${on} ${key}`);
	});

	test("the desk's page is not the program's", async () => {
		const answer = await get("/sandbox/", {});
		assert.equal(answer.headers["twilio-request-id"], undefined);
		assert.equal(answer.json?.error, undefined);
	});

	test("nothing that came or went is logged", async () => {
		await start(PERSON);
		const code = await stack.lastCode(PERSON);
		await check(PERSON, code);
		await validate("sandbox-ana");
		const log = stack.log("twilio-sandbox");
		for (const text of [code, PERSON, "sandbox-ana", BASIC.slice(6)])
			assert.ok(!log.includes(text), text);
	});
});

describe("the program", () => {
	const program = join(process.env.FLEX_VERIFY_BIN ?? "cgi-bin", "twilio-sandbox");
	const run = promisify(execFile);

	test("--help tells a newcomer the addresses and credentials", async () => {
		const { stdout } = await run(program, ["--help"]);
		for (const text of ["/sandbox/twilio/", "/sandbox/messages", ACCOUNT, `VA${ONE}`, `WS${ONE}`, "sandbox-crm"])
			assert.ok(stdout.includes(text), text);
	});

	test("it takes no configuration", async () => {
		for (const option of [["-c", "/etc/hostname"], ["-n"]])
			await assert.rejects(run(program, option), { code: 2 });
	});
});
