/*
 * What stands around every answer: the security headers on every status,
 * which foreign pages may read it, and which methods there are.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import {
	ANA, ANAS_CALL, FORM, INSTALLED, PAGE_PROGRAMS, PROGRAMS, agent, assertRefusal, assertSecurityHeaders,
	assertSuccess, newCall, notThe, readAnswer, request, sendRaw, taskSid,
} from "./helpers.js";
import { startStack } from "./stack.js";
import { BEHIND, isServersOwn } from "./web_servers.js";

const MARIA = "+12025550101";
const FLEX = "https://flex.twilio.com";
const PANEL = "https://panel.example.com:8443";

/* What a web server may refuse before it knows that the address is ours. */
const CODES_OF_WEB_SERVER = { 400: "malformed_request", 405: "method_not_allowed", 414: "address_too_long",
	431: "headers_too_large" };

const BY_THE_BOOK = {
	method: "POST", path: "/customer-info",
	headers: { "Content-Type": FORM, Authorization: `Bearer ${ANA}` }, body: `task=${ANAS_CALL}`,
};

describe("an answer", () => {
	let stack, ana;

	before(async () => {
		stack = await startStack({ ALLOWED_ORIGINS: `${FLEX} ${PANEL}`, REQUEST_TIMEOUT_MS: 5000 }, INSTALLED);
		ana = agent(stack, ANA);
		await stack.reset();
	});
	after(async () => {
		/* It may have an answer in hand that it means to give in 12 s. */
		await stack?.kill9("twilio-sandbox");
		await stack?.stop();
	});

	const plain = (change) => request(stack, { ...BY_THE_BOOK, ...change });
	const from = (Origin, change = {}) =>
		plain({ ...change, headers: { ...BY_THE_BOOK.headers, ...change.headers, Origin } });

	/* ---- Security headers ---------------------------------------------------- */

	const STATUSES = [
		[200, "done", () => ana.info(ANAS_CALL)],
		[204, "a preflight", () => from(FLEX, { method: "OPTIONS", body: "" })],
		[400, "malformed", () => plain({ body: "task" })],
		[400, "malformed for nginx", () => plain({ path: "/customer-info%00" })],
		[401, "not signed in", () => plain({ headers: { "Content-Type": FORM } })],
		[403, "not this agent's", () => ana.info(taskSid(3))],
		[403, "from a foreign page", () => from("https://evil.example")],
		[403, "a foreign page's preflight", () => from("https://evil.example", { method: "OPTIONS", body: "" })],
		[404, "no such contact", () => ana.info(taskSid("dead"))],
		[404, "nothing at this address, by nginx", () => plain({ path: "/nothing" })],
		[405, "not by this method", () => plain({ method: "GET", body: "" })],
		[405, "not by this method, by nginx", () => plain({ method: "TRACE", body: "" })],
		[409, "closed", () => ana.start(taskSid(1014))],
		[413, "too large", () => plain({ body: "x".repeat(20000) })],
		[413, "too large for nginx", () => plain({ body: "x".repeat(100000) })],
		[414, "an address too long, by nginx", () => plain({ path: `/${"x".repeat(20000)}` })],
		[415, "of another type", () => plain({ headers: { "Content-Type": "text/plain" } })],
		[422, "without a number", () => ana.start(taskSid(1005))],
		[429, "too often", () => ana.start(taskSid(150))],
		[431, "a token too long", () => agent(stack, "A".repeat(8193)).info(ANAS_CALL)],
		[431, "headers too large for nginx", () => agent(stack, "A".repeat(20000)).info(ANAS_CALL)],
		[502, "failed at Twilio", () => ana.start(taskSid(152))],
		[503, "busy at Twilio", () => ana.start(taskSid(145))],
		[504, "too late at Twilio", () => ana.start(taskSid(160))],
	];
	for (const [status, what, ask] of STATUSES)
		test(`of status ${status} (${what}) has the security headers, once each`, async () => {
			const answer = await ask();
			if (isServersOwn(answer, status, CODES_OF_WEB_SERVER[status]))
				return;
			assert.equal(answer.status, status, answer.text);
			assertSecurityHeaders(answer);
		});

	test("of status 410 and 409 while a code is out has them too", async () => {
		const task = await newCall(stack);
		await ana.start(task);
		assertRefusal(await ana.check(task, "999404"), 410, "code_expired");
		await ana.start(task);
		const code = await stack.lastCode(MARIA);
		assertRefusal(await ana.check(task, notThe(code)), 401, "wrong_code");
		assertSuccess(await ana.check(task, code), "approved");
		assertRefusal(await ana.check(task, code), 409, "already_approved");
	});

	/* ---- Foreign pages (CORS) ---------------------------------------------------- */

	const FOREIGN = [
		["a host that begins like an allowed one", "https://flex.twilio.com.evil.example"],
		["a host that ends like an allowed one", "https://evil-flex.twilio.com"],
		["a host below an allowed one", "https://a.flex.twilio.com"],
		["the host above an allowed one", "https://twilio.com"],
		["a host with one letter more", "https://flex.twilio.comm"],
		["a host with one letter less", "https://flex.twilio.co"],
		["an allowed host on another port", "https://flex.twilio.com:8443"],
		["an allowed host on the usual port, spelled out", "https://flex.twilio.com:443"],
		["an allowed host without its port", "https://panel.example.com"],
		["an allowed host by http", "http://flex.twilio.com"],
		["an allowed host in capitals", "https://FLEX.twilio.com"],
		["an allowed scheme in capitals", "HTTPS://flex.twilio.com"],
		["an allowed host with a slash", "https://flex.twilio.com/"],
		["an allowed host as user name", "https://flex.twilio.com@evil.example"],
		["a sandboxed or local page", "null"],
		["any host", "*"],
		["the address of this server, which was not allowed", "http://127.0.0.1"],
	];

	const assertUnreadable = (answer) => {
		for (const name of answer.names)
			assert.ok(!name.startsWith("access-control-"), name);
		assert.equal(answer.headers.vary, "Origin");
	};

	for (const [who, origin] of FOREIGN)
		test(`is not for ${who} (${origin}), and nothing is done for it`, async () => {
			const sent = (await stack.messages("+12025550102")).length;
			const answer = await from(origin, { path: "/start-verify", body: `task=${taskSid(2)}` });
			assertRefusal(answer, 403, "origin_not_allowed");
			assertUnreadable(answer);
			assert.equal((await stack.messages("+12025550102")).length, sent);

			const preflight = await from(origin, { method: "OPTIONS", body: "" });
			assertRefusal(preflight, 403, "origin_not_allowed");
			assertUnreadable(preflight);
		});

	test("is not for two origins at once", async () => {
		for (const origin of [[FLEX, "https://evil.example"], ["https://evil.example", FLEX], [FLEX, FLEX],
			`${FLEX} https://evil.example`, `${FLEX}, https://evil.example`]) {
			const answer = await from(origin);
			assert.equal(answer.status, 400, answer.text);
			assertUnreadable(answer);
		}
	});

	for (const origin of [FLEX, PANEL])
		test(`is for ${origin}, whatever it says`, async () => {
			const changes = [{}, { body: "task" }, { method: "PUT" }, { headers: { Authorization: "Bearer x" } },
				{ body: "x".repeat(20000) }];
			const answers = await Promise.all(changes.map((change) => from(origin, change)));
			assert.deepEqual(answers.map(({ status }) => status), [200, 400, 405, 401, 413]);
			for (const { headers, names } of answers) {
				assert.equal(headers["access-control-allow-origin"], origin);
				assert.equal(names.filter((name) => name === "access-control-allow-origin").length, 1);
				assert.equal(headers["access-control-allow-credentials"], undefined);
				assert.equal(headers.vary, "Origin");
			}
		});

	test("without an Origin is for who asked, and differs by Origin all the same", async () => {
		const answer = await plain();
		assertSuccess(answer);
		assertUnreadable(answer);
	});

	for (const program of PAGE_PROGRAMS)
		test(`to a preflight allows what the panel sends to ${program}, and no more`, async () => {
			const answer = await request(stack, { method: "OPTIONS", path: `/${program}`, headers: {
				Origin: FLEX, "Access-Control-Request-Method": "POST",
				"Access-Control-Request-Headers": "authorization,content-type",
			} });
			assert.equal(answer.status, 204);
			assert.equal(answer.text, "");
			assert.deepEqual(Object.fromEntries(Object.entries(answer.headers).filter(([name]) => name.startsWith("access-control-"))), {
				"access-control-allow-origin": FLEX,
				"access-control-allow-methods": "POST",
				"access-control-allow-headers": "Authorization, Content-Type",
				"access-control-max-age": "600",
			});
			assert.equal(answer.headers.vary, "Origin");
		});

	test("to a preflight without an Origin allows nothing", async () => {
		const answer = await plain({ method: "OPTIONS", body: "" });
		assertRefusal(answer, 403, "origin_not_allowed");
		assertUnreadable(answer);
	});

	/* ---- Methods ------------------------------------------------------------------- */

	for (const program of PROGRAMS)
		for (const method of ["GET", "HEAD", "PUT", "PATCH", "DELETE", "FOO"])
			test(`of ${program} to ${method} is 405, and names what is allowed`, async () => {
				const answer = await request(stack, { method, path: `/${program}`, headers: BY_THE_BOOK.headers });
				if (isServersOwn(answer, 405, "method_not_allowed"))
					return;
				assert.equal(answer.status, 405);
				assert.equal(answer.headers.allow, PAGE_PROGRAMS.includes(program) ? "POST, OPTIONS" : "POST");
				assertSecurityHeaders(answer);
				if (method !== "HEAD")
					assertRefusal(answer, 405, "method_not_allowed");
			});

	test("to TRACE is 405 and does not repeat the request", async () => {
		const answer = await plain({ method: "TRACE", headers: { Authorization: "Bearer sandbox-canary" }, body: "" });
		assertRefusal(answer, 405, "method_not_allowed");
		assert.ok(!answer.text.includes("canary"));
	});

	test("to CONNECT is a refusal", { skip: BEHIND?.notAsked?.includes("CONNECT") }, async () => {
		const bytes = await sendRaw(stack, "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n");
		const { status } = readAnswer(bytes);
		assert.ok(status >= 400 && status < 500, `${status}`);
	});

	test("is the same whatever a client says about itself in forwarding headers", async () => {
		const answer = await plain({ headers: { ...BY_THE_BOOK.headers, "X-Forwarded-For": "10.9.8.7",
			Forwarded: "for=10.9.8.7", "X-Real-IP": "10.9.8.7" } });
		assertSuccess(answer);
		assert.ok(stack.log("customer-info").includes('"remote_addr":"127.0.0.1"'));
		assert.ok(!stack.log("customer-info").includes("10.9.8.7"));
	});
});
