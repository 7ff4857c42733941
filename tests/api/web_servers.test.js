/*
 * What the snippets in deploy/ for the web servers besides nginx promise, one as
 * the other.  `make test-web` runs the API's own tests behind each.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import {
	ANA, ANAS_CALL, FORM, INSTALLED, SAYS_TO_NOTHING, agent, assertRefusal, assertRefusedEverything,
	assertSecurityHeaders, assertSuccess, call, logOf, newCall, request, verify,
} from "./helpers.js";
import { startStack } from "./stack.js";
import { WEB_SERVERS, startWebServer } from "./web_servers.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PANEL = "https://panel.example.com";
const FLEX = "https://flex.twilio.com";
const MARIA = "+12025550101";

/* An address of this host that is not its loopback's: who asks from there is a stranger to a web server. */
const ABROAD = Object.values(networkInterfaces()).flat().find(({ family, internal }) => family === "IPv4" && !internal)?.address;

const textOf = (path) => readFileSync(join(ROOT, path), "utf8");
const get = (server, path, headers = {}) => request(server, { method: "GET", path, headers });
const basic = (name, password = "secret") =>
	({ Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}` });

/* Status, code and sentence of each refusal that a snippet has words for. */
const REFUSALS = [
	/ErrorDocument (?<status>\d+) '\{"success":false,"code":"(?<code>\w+)","message":"(?<message>[^"]*)"/g,
	/\[(?<status>\d+)\] = \{ "(?<code>\w+)", "(?<message>[^"]*)" \}/g,
	/^\t+(?<status>\d+) (?<code>\w+) "(?<message>[^"]*)"$/gm,
];

const refusalsOf = ({ words = [], snippets }) => [...words, ...snippets].map((path) => textOf(`deploy/${path}`))
	.flatMap((text) => REFUSALS.flatMap((pattern) => [...text.matchAll(pattern)].map(({ groups }) => groups)));

/* The guide's own example of a sign-in, with users of ours. */
function signInOf({ section }, stack) {
	const guide = textOf("deploy/README.md").split(/^## /m).find((part) => part.startsWith(section));
	const example = [...guide.matchAll(/^```\w*\n([^]*?)^```$/gm)].map(([, text]) => text).find((text) => text.includes("Agents"));
	const file = join(stack.runDir, "agents.htpasswd");
	/* The password is "secret", in the one form that needs no tool: {SHA}; and as bcrypt, of little cost. */
	writeFileSync(file, ["Ana", "Ben"].map((name) => `${name}:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n`).join(""), { mode: 0o644 });
	const users = ["Ana", "Ben"].map((name) => `\t${name} ${BCRYPT}\n`).join("");
	return example.replace(/"?\/etc\/\w+\/agents\.htpasswd"?/, `"${file}"`).replace(/^\tAna .*\n/m, users);
}
const BCRYPT = "$2y$04$ClSXmRjEU3XWltheC1uc1ODJKiNTo8CDrR2.tarcmpMjTMHb6mXjO";

/* ---- As it is installed, in a server of its own --------------------------------- */

const all = Object.keys(WEB_SERVERS);
const isChosen = (name) => process.env.WEB === undefined || process.env.WEB === name || !all.includes(process.env.WEB);

/* Sanitizers look at the programs, not at web servers: only where one runs the programs itself. */
const isWorthIt = (name) => WEB_SERVERS[name].runsPrograms || !process.env.FLEX_VERIFY_BIN?.includes("asan");
/* Who runs the programs itself takes ledger and counts over, so he comes last. */
const only = all.filter((name) => isChosen(name) && isWorthIt(name))
	.sort((one, other) => Boolean(WEB_SERVERS[one].runsPrograms) - Boolean(WEB_SERVERS[other].runsPrograms));

describe("a web server besides nginx", () => {
	let stack;

	before(async () => { stack = await startStack({}, INSTALLED); });
	after(() => stack?.stop());

	for (const name of only)
		describe(name, () => {
			const server = WEB_SERVERS[name];
			let web;

			before(async () => {
				web = await startWebServer(stack, server);
				web.sandboxPort = stack.sandboxPort;
			});
			after(() => web?.stop());

			test("lets Ana verify her caller, and nobody who has no token", async () => {
				const task = await newCall(stack);
				await verify(stack, agent(web, ANA), task, MARIA);
				assert.equal((await agent(web, ANA).info(task)).json.customer.name, "Maria Santos");
				await assertRefusedEverything(agent(web), task, 401, "agent_not_signed_in");
			});

			test("reaches each program, and only at its own address", async () => {
				for (const [program, code] of Object.entries(SAYS_TO_NOTHING)) {
					assert.equal((await call(web, program, {})).json.code, code);
					for (const path of [`/${program}/x`, `/${program}x`, `/x${program}`, `/x/${program}`])
						assert.deepEqual((await call(web, path.slice(1), {})).status, 404, path);
				}
			});

			test("gives every request an id of its own, which the program logs", async () => {
				const ids = [];
				for (let i = 0; i < 3; i++) {
					const { json } = await agent(web, ANA).info(ANAS_CALL);
					assert.ok(logOf(stack, "customer-info").some(({ request_id }) => request_id === json.request_id));
					ids.push(json.request_id);
				}
				assert.equal(new Set(ids).size, 3);
				assert.doesNotMatch(ids.join(), /0{32}/);
			});

			test("tells the address it was asked from, whatever the client claims", async () => {
				const answer = await call(web, "customer-info", { task: ANAS_CALL }, { token: ANA, headers: {
					"X-Forwarded-For": "203.0.113.7", Forwarded: "for=203.0.113.7", Proxy: "http://203.0.113.7" } });
				const [line] = logOf(stack, "customer-info").filter(({ request_id }) => request_id === answer.json.request_id);
				assert.equal(line.remote_addr, "127.0.0.1");
			});

			test("serves the panel as what it is, asked for each time, framed by Flex alone", async () => {
				const page = await get(web, "/");
				assert.equal(page.status, 200);
				assert.equal(page.headers["content-type"], "text/html; charset=utf-8");
				assert.equal(page.headers["cache-control"], "no-cache");
				assert.match(page.headers["content-security-policy"], new RegExp(`; frame-ancestors 'self' ${FLEX};`));
				assert.equal((await get(web, "/", { "If-None-Match": page.headers.etag })).status, 304);
				const script = await get(web, "/panel.js");
				assert.match(script.headers["content-type"], /^(text|application)\/javascript; charset=utf-8$/);
				assert.equal(script.headers["x-content-type-options"], "nosniff");
				assert.match((await get(web, "/sign-in.html")).headers["content-security-policy"], /; frame-ancestors 'none';/);
			});

			test("has the panel's headers as nginx has them", async () => {
				for (const path of ["/panel.js", "/sign-in.html"]) {
					const [one, other] = [await get(web, path), await get({ port: stack.sandboxPort }, path)];
					for (const header of ["cache-control", "permissions-policy", "referrer-policy", "x-content-type-options"])
						assert.equal(one.headers[header], other.headers[header], `${path}: ${header}`);
					const policyOf = ({ headers }) => headers["content-security-policy"].replace(/frame-ancestors [^;]*/, "");
					assert.equal(policyOf(one), policyOf(other), path);
				}
			});

			test("refuses in the words in which nginx does", () => {
				const theirs = textOf("deploy/nginx/flex-verify-http.conf");
				const refusals = refusalsOf(server);
				assert.ok(refusals.length >= 10);
				for (const { status, code, message } of refusals) {
					assert.match(theirs, new RegExp(`^\\t${status} +${code};$`, "m"));
					assert.ok(theirs.includes(`"${message}"`), message);
				}
			});

			for (const [what, ask, status, code] of [
				["an address where nothing is", () => get(web, "/nothing"), 404, "not_found"],
				["a dot file", () => get(web, "/.htaccess"), 404, "not_found"],
				["a dot file, written otherwise", () => get(web, "/%2ehtaccess"), 404, "not_found"],
				["a dot file further down", () => get(web, "/strings/.git/config"), 404, "not_found"],
				["a list of what is in a directory", () => get(web, "/strings/"), ...(server.listing ?? [403, "not_allowed"])],
				["a body over 32 KiB", () => request(web, { path: "/start-verify", headers: { "Content-Type": FORM },
					body: "a".repeat(40000) }), 413, "body_too_large"],
			])
				test(`refuses ${what}: ${status} ${code}`, async () => {
					const answer = await ask();
					assert.deepEqual([answer.status, answer.json?.code], [status, code], answer.text);
					assertSecurityHeaders(answer);
				});

			test("tells who watches on this host that it lives and is ready", async () => {
				for (const path of ["/healthz", "/readyz", "/metrics"])
					assert.equal((await get(web, path)).status, 200, path);
				assert.match((await get(web, "/metrics")).text, /^flex_verify_/m);
			});

			test("and tells nobody at another address", { skip: ABROAD === undefined && "this host has no other address" }, async () => {
				for (const path of ["/healthz", "/readyz", "/metrics"]) {
					const answer = await request(web, { method: "GET", path, from: ABROAD });
					assert.deepEqual([answer.status, answer.json?.code], [403, "not_allowed"], answer.text);
					const behindProxy = { method: "GET", path, from: ABROAD, headers: { "X-Forwarded-For": "127.0.0.1" } };
					assert.equal((await request(web, behindProxy)).status, 403, path);
				}
				assert.equal((await request(web, { method: "GET", path: "/panel.js", from: ABROAD })).status, 200);
			});

			test("logs the way of a request and nothing of what it says", async () => {
				const secrets = ["QUERYSECRET", "REFERERSECRET", "BODYSECRET", "TOKENSECRET"];
				const headers = { "Content-Type": FORM, Referer: "http://127.0.0.1/REFERERSECRET", Authorization: "Bearer TOKENSECRET" };
				await request(web, { path: "/check-verify?q=QUERYSECRET", headers, body: "verification_code=BODYSECRET" });
				await get(web, "/nothing?q=QUERYSECRET", { Referer: headers.Referer });
				while (!/check-verify[^]*nothing/.test(web.log("access.log")))
					await sleep(20);
				const logs = web.log("access.log") + web.log("error.log") + stack.log("check-verify");
				for (const secret of secrets)
					assert.ok(!logs.includes(secret), secret);
			});

			if (server.runsPrograms)
				test("starts as many processes of a program as there are requests at the same time, on one ledger", async () => {
					const task = await newCall(stack);
					await Promise.all(Array.from({ length: 12 }, () => agent(web, ANA).info(task)));
					assert.ok(web.processesOf("customer-info").length > 1);
					await verify(stack, agent(web, ANA), task, MARIA);
					const answers = await Promise.all(Array.from({ length: 12 }, () => agent(web, ANA).info(task)));
					assert.deepEqual(answers.map(({ json }) => json.verification.state), answers.map(() => "approved"));
					web.processesOf("customer-info").forEach((pid) => process.kill(pid, "SIGKILL"));
					/* Until it has noticed, which takes a few seconds, it may refuse; it answers nothing else. */
					for (let answer; answer?.status !== 200;) {
						answer = await agent(web, ANA).info(task);
						assert.ok(answer.json.verification?.state === "approved" || answer.status >= 500, answer.text);
					}
				});
			else
				test("says so when a program does not run, and serves again when it does", async () => {
					await stack.kill9("customer-info");
					const answer = await agent(web, ANA).info(ANAS_CALL);
					await stack.start();
					assert.deepEqual([answer.status, answer.json?.code], server.down ?? [503, "service_unavailable"], answer.text);
					assertSecurityHeaders(answer);
					/* lighttpd looks once a second whether the program is back. */
					let again = await agent(web, ANA).info(ANAS_CALL);
					for (; again.status === 503; again = await agent(web, ANA).info(ANAS_CALL))
						await sleep(50);
					assertSuccess(again);
				});

			/* The operator's guide says of mod_fcgid and of Caddy that they lose some. */
			if (server.reload)
				test("loses no request when it is told to read its configuration again", () =>
					losesNone(web, () => web.reload()));
		});

	test("nginx loses no request either when it is told to read its configuration again", () =>
		losesNone({ port: stack.sandboxPort }, () => process.kill(stack.pid("nginx"), "SIGHUP")));
});

/* Three reloads while four agents ask one thing after the other. */
async function losesNone(web, reload) {
	let answered = 0, over = false;
	const asking = Array.from({ length: 4 }, async () => {
		while (!over) {
			assertSuccess(await agent(web, ANA).info(ANAS_CALL));
			answered++;
		}
	});
	const reloading = async () => {
		for (let i = 0; i < 3; i++) {
			const before = answered;
			reload();
			while (answered < before + 12)
				await sleep(5);
		}
		over = true;
	};
	await Promise.all([...asking, reloading()]).finally(() => { over = true; });
}

/* ---- Where it signs agents in ----------------------------------------------------- */

describe("a web server besides nginx that signs agents in", () => {
	let stack;

	before(async () => {
		stack = await startStack({ AGENT_AUTH: "webserver", ALLOWED_ORIGINS: PANEL }, INSTALLED);
	});
	after(() => stack?.stop());

	for (const name of only)
		describe(name, () => {
			const server = WEB_SERVERS[name];
			let web;

			before(async () => {
				web = await startWebServer(stack, server, { more: signInOf(server, stack) });
			});
			after(() => web?.stop());

			const as = (headers, where = web) => agent(where, undefined, { headers: { Origin: PANEL, ...headers } });

			test("names them to the programs: Ana has her task, and Ben has not", async () => {
				const task = await newCall(stack);
				await verify(stack, as(basic("Ana")), task, MARIA);
				assert.equal((await as(basic("Ana")).info(task)).json.verification.approved_by, "Ana");
				await assertRefusedEverything(as(basic("Ben")), task, 403, "not_your_task");
			});

			test("lets nobody in by what the client says of himself", async () => {
				for (const claim of [{}, basic("Ana", "guess"), { "Remote-User": "Ana" }, { Authorization: `Bearer ${ANA}` }]) {
					const answer = await as(claim).info(ANAS_CALL);
					assert.deepEqual([answer.status, answer.json?.code], [401, "agent_not_signed_in"], answer.text);
					assert.match(answer.headers["www-authenticate"], /^Basic realm="Agents"/);
				}
				const claims = { ...basic("Ben"), "Remote-User": "Ana", "X-Remote-User": "Ana", Remote_User: "Ana" };
				assertRefusal(await as(claims).info(ANAS_CALL), 403, "not_your_task");
			});

			test("signs nobody in where it does not check: Authorization: Basic alone is no sign-in", async () => {
				const open = await startWebServer(stack, server);
				try {
					for (const claim of [basic("Ana"), { ...basic("Ana"), "Remote-User": "Ana", Remote_User: "Ana" }])
						assertRefusal(await as(claim, open).info(ANAS_CALL), 401, "agent_not_signed_in");
				} finally {
					await open.stop();
				}
			});

			test("shows the panel without a sign-in, and not the page of the sign-in", async () => {
				assert.equal((await get(web, "/")).status, 200);
				assert.equal((await get(web, "/sign-in.html")).status, 401);
				assert.equal((await get(web, "/sign-in.html", basic("Ana"))).status, 200);
			});
		});
});

/* ---- In a site that is there already ------------------------------------------------ */

describe("a web server besides nginx with a site of its own, and flex-verify below a path", () => {
	let stack;

	before(async () => { stack = await startStack({}, INSTALLED); });
	after(() => stack?.stop());

	for (const name of only)
		test(`${name} serves panel and programs there and nowhere else, and leaves the site's own refusals alone`, async () => {
			const server = WEB_SERVERS[name];
			const web = await startWebServer(stack, server, { at: "/verify", more: server.site });
			try {
				assert.equal((await get(web, "/verify/panel.js")).status, 200);
				const { path, ...ask } = { path: "/verify/customer-info", headers: { "Content-Type": FORM,
					Authorization: `Bearer ${ANA}` }, body: `task=${ANAS_CALL}` };
				assertSuccess(await request(web, { path, ...ask }));
				const other = await request(web, { path: "/customer-info", ...ask });
				assert.equal(other.status, 404);
				assert.equal(other.json, undefined);
				const old = await get(web, "/old");
				assert.equal(old.status, 410);
				assert.equal(old.headers["content-security-policy"], undefined);
				assert.equal((await get(web, "/verify/nothing")).json.code, "not_found");
			} finally {
				await web.stop();
			}
		});
});
