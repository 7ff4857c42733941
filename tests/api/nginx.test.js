/*
 * What nginx.conf itself promises: refusals in our form, files with their
 * headers, variables that no client can forge, and logs that tell nothing.
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { startFront } from "./front.js";
import { ANA, ANAS_CALL, FORM, INSTALLED, assertRefusal, call, logOf, readAnswer, request, sendRaw } from "./helpers.js";
import { startStack } from "./stack.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ALLOWED = "https://flex.example.com";

describe("nginx", () => {
	let stack;

	before(async () => {
		stack = await startStack({ ALLOWED_ORIGINS: ALLOWED }, INSTALLED);
	});
	after(() => stack?.stop());

	const get = (path, headers = {}) => request(stack, { method: "GET", path, headers });
	const accessLog = () => readFileSync(`${stack.runDir}/nginx/access.log`, "utf8");

	/* What the access log says of an answer, which it does a moment after the client has it. */
	async function logged({ json }) {
		for (;;) {
			const line = accessLog().split("\n").find((text) => text.includes(json.request_id));
			if (line !== undefined)
				return JSON.parse(line);
			await sleep(5);
		}
	}

	describe("refuses in the form of the programs", () => {
		const post = (path, headers, body = "") => request(stack, { path, headers, body });
		const raw = async (text) => readAnswer(await sendRaw(stack, text));

		for (const [what, ask, status, code] of [
			["an address where nothing is", () => get("/nothing"), 404, "not_found"],
			["a dot file", () => get("/.htaccess"), 404, "not_found"],
			["a dot file further down", () => get("/sandbox/.git/config"), 404, "not_found"],
			["its own internal addresses", () => get("/refusal"), 404, "not_found"],
			["the sandbox's internal address", () => get("/sandbox-internal/close"), 404, "not_found"],
			["a POST to a page", () => post("/index.html", {}), 405, "method_not_allowed"],
			["TRACE", () => request(stack, { method: "TRACE", path: "/start-verify" }), 405, "method_not_allowed"],
			["a body over 32 KiB", () => post("/start-verify", { "Content-Type": FORM }, "a".repeat(32769)), 413,
				"body_too_large"],
			["a header line over 16 KiB", () => post("/start-verify", { Authorization: "a".repeat(17000) }), 431,
				"headers_too_large"],
			["an address over 16 KiB", () => get(`/${"a".repeat(17000)}`), 414, "address_too_long"],
			["what is not HTTP", () => raw("GARBAGE\r\n\r\n"), 400, "malformed_request"],
			["two Host headers", () => raw("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400, "malformed_request"],
			["a length that is none", () =>
				raw("POST /start-verify HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"), 400, "malformed_request"],
			["another HTTP", () => raw("GET / HTTP/7.0\r\nHost: a\r\n\r\n"), 505, "malformed_request"],
		]) {
			test(what, async () => assertRefusal(await ask(), status, code));
		}

		for (const path of ["customer-info", "verify-call", "portal-pin", "metrics", "readyz"])
			test(`/${path} with a line's end, which leads to no program`, async () =>
				assertRefusal(await call(stack, `${path}%0a`, {}, { token: ANA }), 404, "not_found"));

		test("a program that does not run, and says when to come again only if that is known", async () => {
			await stack.kill9("customer-info");
			const answer = await call(stack, "customer-info", { task: ANAS_CALL }, { token: ANA });
			await stack.start();
			assertRefusal(answer, 502, "service_down");
			assert.equal(answer.headers["retry-after"], undefined);
			assert.equal((await call(stack, "customer-info", { task: ANAS_CALL }, { token: ANA })).status, 200);
		});

		test("a flood from one address, and only after a generous burst", async () => {
			const answers = await Promise.all(Array.from({ length: 400 }, () =>
				call(stack, "customer-info", {}, { token: ANA, hurry: true })));
			const refused = answers.filter(({ status }) => status === 429);
			assert.ok(refused.length > 0 && refused.length <= 200, `${refused.length} of 400`);
			assertRefusal(refused[0], 429, "too_many_requests");
			assert.equal(refused[0].headers["retry-after"], "1");
		});
	});

	describe("serves files", () => {
		test("that a browser keeps but asks for again", async () => {
			const page = await get("/");
			assert.equal(page.status, 200);
			assert.equal(page.headers["content-type"], "text/html; charset=utf-8");
			assert.equal(page.headers["cache-control"], "no-cache");
			assert.equal((await get("/", { "If-None-Match": page.headers.etag })).status, 304);
			assert.equal((await get("/", { "If-None-Match": '"other"' })).status, 200);
		});

		test("as what they are", async () => {
			for (const [path, type] of [["/panel.js", "application/javascript; charset=utf-8"],
				["/panel.css", "text/css; charset=utf-8"], ["/icon.svg", "image/svg+xml; charset=utf-8"]])
				assert.equal((await get(path)).headers["content-type"], type, path);
		});

		test("with a policy that lets only the allowed origins frame the panel", async () => {
			const policy = (await get("/")).headers["content-security-policy"];
			assert.match(policy, /^default-src 'none'; /);
			assert.match(policy, new RegExp(`; frame-ancestors 'self' ${ALLOWED}(;|$)`));
			assert.doesNotMatch(policy, /unsafe|\*/);
		});

		test("with a desk that frames the panel and may be framed by nobody", async () => {
			const policy = (await get("/sandbox/")).headers["content-security-policy"];
			assert.match(policy, /; frame-src 'self';/);
			assert.match(policy, /; frame-ancestors 'none'(;|$)/);
			assert.doesNotMatch(policy, /unsafe|\*/);
		});

		test("with headers that hold browsers back", async () => {
			for (const path of ["/", "/sandbox/", "/panel.js"]) {
				const { headers } = await get(path);
				assert.equal(headers["x-content-type-options"], "nosniff", path);
				assert.equal(headers["referrer-policy"], "no-referrer", path);
				assert.match(headers["permissions-policy"], /microphone=\(\)/, path);
				assert.equal(headers.server, "nginx", path);
			}
		});

		test("not outside of www", async () => {
			for (const path of ["/../nginx.conf", "/%2e%2e/nginx.conf", "/sandbox/..%2f..%2fnginx.conf"]) {
				const answer = readAnswer(await sendRaw(stack, `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`));
				assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`);
			}
		});

		test("and redirects to where it was asked, not to a host and port of its own", async () => {
			const answer = await get("/sandbox");
			assert.equal(answer.status, 301);
			assert.equal(answer.headers.location, "/sandbox/");
		});
	});

	test("has no sandbox and no desk, even where their files and program are, unless it is put in", async () => {
		const runDir = `${stack.runDir}/production`;
		const part = (file) => [`include ${file};`, readFileSync(`${ROOT}/${file}`, "utf8")];
		const words = [part("deploy/nginx/flex-verify-http.conf"), part("deploy/nginx/flex-verify.conf"),
			["@RUN_DIR@/nginx/", `${runDir}/nginx/`], ["@RUN_DIR@", stack.runDir], ["@PORT@", stack.port],
			["@SOCKETS@", stack.runDir], ["@AT@", ""], ["@WWW_DIR@", `${ROOT}/www`], ["@FRAME_ANCESTORS@", "'self'"]];
		mkdirSync(`${runDir}/nginx`, { recursive: true });
		writeFileSync(`${runDir}/nginx/nginx.conf`, words.reduce(
			(text, [word, value]) => text.replaceAll(word, () => value), readFileSync(`${ROOT}/nginx.conf`, "utf8")));
		const front = await startFront({ runDir, port: stack.port }, 'set $signed_in_user "";');
		const paths = ["/sandbox", "/sandbox/", "/sandbox/index.html", "/sandbox/desk.js", "/sandbox/messages",
			"/sandbox/clock", "/sandbox/tasks", "/sandbox/crm/customers", "/sandbox/twilio/v2/Services", "//sandbox/",
			"/x/../sandbox/desk.js", "/%73andbox/", "/sandbox-internal/close"];
		try {
			for (const path of paths)
				assertRefusal(await request(front, { method: "GET", path }), 404, "not_found");
			assertRefusal(await request(front, { path: "/sandbox/reset" }), 404, "not_found");
			assert.equal((await request(front, { method: "GET", path: "/" })).status, 200);
			assert.equal((await call(front, "customer-info", { task: ANAS_CALL }, { token: ANA })).status, 200);
		} finally {
			await front.stop();
		}
		assert.equal((await get("/sandbox/")).status, 200);
		assert.equal((await get("/sandbox/tasks")).status, 200);
	});

	describe("passes on to the programs", () => {
		const audited = (requestId) => logOf(stack, "customer-info").find(({ request_id }) => request_id === requestId);

		test("the id under which it logs the request", async () => {
			const answer = await call(stack, "customer-info", { task: ANAS_CALL }, { token: ANA });
			assert.ok(audited(answer.json.request_id));
			assert.equal((await logged(answer)).program_status, "200");
		});

		test("the address it was asked from, whatever the client claims", async () => {
			const answer = await call(stack, "customer-info", { task: ANAS_CALL },
				{ token: ANA, headers: { "X-Forwarded-For": "203.0.113.7", Forwarded: "for=203.0.113.7" } });
			assert.equal(audited(answer.json.request_id).remote_addr, "127.0.0.1");
		});
	});

	test("connects nobody to the sandbox's broken connections but the sandbox", async () => {
		const answer = await get("/sandbox-internal/close");
		assert.equal(answer.status, 404);
	});

	test("logs the way of a request and nothing of what it says", async () => {
		const secrets = ["QUERYSECRET", "REFERERSECRET", "BODYSECRET", "TOKENSECRET", "12025550101"];
		const checked = await request(stack, {
			path: "/check-verify?q=QUERYSECRET",
			headers: { "Content-Type": FORM, Referer: "http://127.0.0.1/REFERERSECRET", Authorization: "Bearer TOKENSECRET" },
			body: "verification_code=BODYSECRET",
		});
		const { method, path, status } = await logged(checked);
		assert.deepEqual({ method, path, status }, { method: "POST", path: "/check-verify", status: 400 });
		const gone = await logged(await get("/nothing?q=QUERYSECRET", { Referer: "http://127.0.0.1/REFERERSECRET" }));
		assert.deepEqual([gone.path, gone.status], ["/nothing", 404]);
		await get("/sandbox/twilio/v2/Services/VA00000000000000000000000000000001/Verifications/+12025550101");
		await get("/sandbox/twilio/v2/Services/VA00000000000000000000000000000001/Verifications/%2B12025550101");
		await get("/sandbox/messages?to=%2B12025550101");
		await request(stack, { path: "/start-verify?q=QUERYSECRET", headers: { "Content-Type": FORM,
			Referer: "http://127.0.0.1/REFERERSECRET" }, body: "QUERYSECRET".repeat(4000) });
		await stack.kill9("check-verify");
		const lost = await request(stack, { path: "/check-verify?q=QUERYSECRET",
			headers: { Referer: "http://127.0.0.1/REFERERSECRET" } });
		assert.equal((await logged(lost)).status, 502);
		await stack.start();
		const logs = accessLog() + readFileSync(`${stack.runDir}/nginx/error.log`, "utf8") + stack.log("nginx");
		for (const secret of secrets)
			assert.ok(!logs.includes(secret), secret);
	});
});
