/*
 * What deploy/apache/flex-verify.conf promises.  `make test-web` runs more of the
 * API's tests behind it.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { startApache } from "./apache.js";
import {
	ANA, ANAS_CALL, FORM, agent, assertRefusal, assertRefusedEverything, assertSecurityHeaders, assertSuccess, call, logOf,
	request, verify,
} from "./helpers.js";
import { startStack } from "./stack.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MARIA = "+12025550101";
const PANEL = "https://panel.example.com";
const FLEX = "https://flex.twilio.com";

const basic = (name, password = "secret") =>
	({ Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}` });

const get = (server, path, headers = {}) => request(server, { method: "GET", path, headers });

describe("Apache", () => {
	let stack, apache;

	before(async () => {
		stack = await startStack();
		apache = await startApache(stack);
	});
	after(async () => {
		await apache?.stop();
		await stack?.stop();
	});

	test("lets Ana verify her caller, with a token that it would keep to itself by default", async () => {
		await verify(stack, agent(apache, ANA), ANAS_CALL, MARIA);
		assert.equal((await agent(apache, ANA).info(ANAS_CALL)).json.customer.name, "Maria Santos");
		await assertRefusedEverything(agent(apache), ANAS_CALL, 401, "agent_not_signed_in");
	});

	test("gives every request an id of its own, which the program logs", async () => {
		const ids = [];
		for (let i = 0; i < 3; i++) {
			const { json } = await agent(apache, ANA).info(ANAS_CALL);
			assert.ok(logOf(stack, "customer-info").some(({ request_id }) => request_id === json.request_id));
			ids.push(json.request_id);
		}
		assert.equal(new Set(ids).size, 3);
		assert.doesNotMatch(ids.join(), /0{32}/);
	});

	test("tells the address it was asked from, whatever the client claims", async () => {
		const answer = await call(apache, "customer-info", { task: ANAS_CALL },
			{ token: ANA, headers: { "X-Forwarded-For": "203.0.113.7", Proxy: "http://203.0.113.7" } });
		const [line] = logOf(stack, "customer-info").filter(({ request_id }) => request_id === answer.json.request_id);
		assert.equal(line.remote_addr, "127.0.0.1");
	});

	test("serves the panel as what it is, asked for each time, framed by Flex alone", async () => {
		const page = await get(apache, "/");
		assert.equal(page.status, 200);
		assert.equal(page.headers["content-type"], "text/html; charset=utf-8");
		assert.equal(page.headers["cache-control"], "no-cache");
		assert.match(page.headers["content-security-policy"], new RegExp(`; frame-ancestors 'self' ${FLEX};`));
		assert.equal((await get(apache, "/", { "If-None-Match": page.headers.etag })).status, 304);
		const script = await get(apache, "/panel.js");
		assert.match(script.headers["content-type"], /^(text|application)\/javascript; charset=utf-8$/);
		assert.equal(script.headers["x-content-type-options"], "nosniff");
		assert.match((await get(apache, "/sign-in.html")).headers["content-security-policy"], /; frame-ancestors 'none';/);
	});

	test("has the panel's headers as nginx has them", async () => {
		for (const path of ["/panel.js", "/sign-in.html"]) {
			const [one, other] = [await get(apache, path), await get(stack, path)];
			for (const name of ["cache-control", "permissions-policy", "referrer-policy", "x-content-type-options"])
				assert.equal(one.headers[name], other.headers[name], `${path}: ${name}`);
			const policyOf = ({ headers }) => headers["content-security-policy"].replace(/frame-ancestors [^;]*/, "");
			assert.equal(policyOf(one), policyOf(other), path);
		}
	});

	test("refuses in the words in which nginx does", () => {
		const ours = readFileSync(join(ROOT, "deploy/apache/flex-verify.conf"), "utf8");
		const theirs = readFileSync(join(ROOT, "deploy/nginx/flex-verify-http.conf"), "utf8");
		const refusals = [...ours.matchAll(/ErrorDocument (\d+) '(.*)'/g)];
		assert.ok(refusals.length >= 10);
		for (const [, status, text] of refusals) {
			const { code, message, error } = JSON.parse(text);
			assert.match(theirs, new RegExp(`^\\t${status} +${code};$`, "m"));
			assert.ok(theirs.includes(`"${message}"`), message);
			assert.deepEqual([error.code, error.message], [code, message]);
		}
	});

	for (const [what, ask, status, code] of [
		["an address where nothing is", () => get(apache, "/nothing"), 404, "not_found"],
		["a dot file", () => get(apache, "/.htaccess"), 404, "not_found"],
		["a list of what is in a directory", () => get(apache, "/strings/"), 403, "not_allowed"],
		["an address below a program's", () => get(apache, "/start-verify/x"), 404, "not_found"],
		["a body over 32 KiB", () => request(apache, { path: "/start-verify", headers: { "Content-Type": FORM },
			body: "a".repeat(40000) }), 413, "body_too_large"],
	])
		test(`refuses ${what} as nginx does: ${status} ${code}`, async () => {
			const answer = await ask();
			assert.deepEqual([answer.status, answer.json?.code], [status, code], answer.text);
			assertSecurityHeaders(answer);
		});

	test("says so when a program does not run, and serves again when it does", async () => {
		await stack.kill9("customer-info");
		const answer = await agent(apache, ANA).info(ANAS_CALL);
		await stack.start();
		assert.deepEqual([answer.status, answer.json?.code], [503, "service_unavailable"], answer.text);
		assertSecurityHeaders(answer);
		assertSuccess(await agent(apache, ANA).info(ANAS_CALL));
	});
});

describe("Apache that signs agents in", () => {
	let stack, apache;

	before(async () => {
		stack = await startStack({ AGENT_AUTH: "webserver", ALLOWED_ORIGINS: PANEL });
		const file = join(stack.runDir, "agents.htpasswd");
		/* The password is "secret", in the one form that needs no tool: {SHA}. */
		writeFileSync(file, ["Ana", "Ben"].map((name) => `${name}:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n`).join(""),
			{ mode: 0o644 });
		/* As the guide has it. */
		const [signIn] = /^<LocationMatch [^]*?^<\/LocationMatch>$/m.exec(readFileSync(join(ROOT, "deploy/README.md"), "utf8"));
		assert.match(signIn, /Require valid-user/);
		apache = await startApache(stack, { more: signIn.replace("/etc/apache2/agents.htpasswd", file) });
	});
	after(async () => {
		await apache?.stop();
		await stack?.stop();
	});

	const as = (headers) => agent(apache, undefined, { headers: { Origin: PANEL, ...headers } });

	test("names them to the programs: Ana has her task, and Ben has not", async () => {
		await verify(stack, as(basic("Ana")), ANAS_CALL, MARIA);
		assert.equal((await as(basic("Ana")).info(ANAS_CALL)).json.verification.approved_by, "Ana");
		await assertRefusedEverything(as(basic("Ben")), ANAS_CALL, 403, "not_your_task");
	});

	test("lets nobody in by what the client says of himself", async () => {
		for (const claim of [{}, basic("Ana", "guess"), { "Remote-User": "Ana" }, { Authorization: `Bearer ${ANA}` }]) {
			const answer = await as(claim).info(ANAS_CALL);
			assert.deepEqual([answer.status, answer.json?.code], [401, "agent_not_signed_in"], answer.text);
			assert.equal(answer.headers["www-authenticate"], 'Basic realm="Agents"');
		}
		const claims = { ...basic("Ben"), "Remote-User": "Ana", "X-Remote-User": "Ana", Remote_User: "Ana" };
		assertRefusal(await as(claims).info(ANAS_CALL), 403, "not_your_task");
	});

	test("signs nobody in where it does not check: Authorization: Basic alone is no sign-in", async () => {
		const open = await startApache(stack);
		try {
			const { info } = agent(open, undefined, { headers: { Origin: PANEL, ...basic("Ana") } });
			assertRefusal(await info(ANAS_CALL), 401, "agent_not_signed_in");
		} finally {
			await open.stop();
		}
	});

	test("shows the panel without a sign-in, and not the page of the sign-in", async () => {
		assert.equal((await get(apache, "/")).status, 200);
		assert.equal((await get(apache, "/sign-in.html")).status, 401);
		assert.equal((await get(apache, "/sign-in.html", basic("Ana"))).status, 200);
	});
});

describe("Apache with a site of its own, and flex-verify below a path", () => {
	let stack, apache;

	before(async () => {
		stack = await startStack();
		apache = await startApache(stack, { at: "/verify",
			more: 'RedirectMatch 410 "^/old$"\n<Location "/">\n\tRequire all granted\n</Location>' });
	});
	after(async () => {
		await apache?.stop();
		await stack?.stop();
	});

	test("serves panel and programs there and nowhere else, and leaves the site's own refusals alone", async () => {
		assert.equal((await get(apache, "/verify/panel.js")).status, 200);
		const { path, ...ask } = { path: "/verify/customer-info", headers: { "Content-Type": FORM,
			Authorization: `Bearer ${ANA}` }, body: `task=${ANAS_CALL}` };
		assertSuccess(await request(apache, { path, ...ask }));
		const other = await request(apache, { path: "/customer-info", ...ask });
		assert.equal(other.status, 404);
		assert.match(other.headers["content-type"], /^text\/html/);
		assert.equal((await get(apache, "/old")).headers["content-security-policy"], undefined);
		assert.equal((await get(apache, "/verify/nothing")).json.code, "not_found");
	});
});
