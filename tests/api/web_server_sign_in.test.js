/*
 * AGENT_AUTH=webserver: the agent is whom nginx signed in, and nobody else,
 * whatever a client says.  Each test names the rows of the threat model (T) and
 * of the standards (R) whose attack it tries.
 */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";

import { sendRecords, wholeRequest } from "./fastcgi.js";
import { startFront } from "./front.js";
import {
	ANA, ANAS_CALL, ANAS_TEXTS, BENS_CALL, FORM, PROGRAMS,
	agent, assertNoCustomer, assertRefusal, assertRefusedEverything, assertSuccess, call, everything, ledgerRows,
	ledgerSize, logOf, request, taskSid, verify,
} from "./helpers.js";
import { startStack } from "./stack.js";

const MARIA = "+12025550101";
const SAM = "sandbox-sam";

const PANEL = "https://panel.example.com";

/* What the panel of a user does whom the web server signed in. */
const userOf = (front, headers, origin = PANEL) => agent(front, undefined, { headers: withOrigin(origin, headers) });

const withOrigin = (Origin, headers) => (Origin ? { ...headers, Origin } : headers);

const basic = (name, password = "secret") =>
	({ Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}` });

const LONGEST = `A${"a".repeat(126)}`;
const USERS = ["Ana", "Ben", "Sam", "ana", "Ana Santos", LONGEST, `${LONGEST}a`, "Zo\u00eb", "A\u0001na"];

describe("with the web server's sign-in by auth_basic", () => {
	let stack, front;

	const as = (name) => userOf(front, basic(name));

	before(async () => {
		stack = await startStack({ AGENT_AUTH: "webserver", ALLOWED_ORIGINS: PANEL, SUPERVISORS: "Sam Eve",
			SUPERVISOR_ANY_TASK: "on" }, PROGRAMS);
		const file = join(stack.runDir, "agents.htpasswd");
		writeFileSync(file, USERS.map((name) => `${name}:{PLAIN}secret\n`).join(""));
		front = await startFront(stack, `auth_basic "Agents";
			auth_basic_user_file "${file}"; set $signed_in_user $remote_user;`);
	});
	after(async () => {
		await front?.stop();
		await stack?.stop();
	});
	beforeEach(() => stack.reset());

	test("R23: Ana verifies the caller of her own task, and sees the data", async () => {
		const ana = as("Ana");
		const sent = await ana.start(ANAS_CALL);
		assertSuccess(sent, "pending");
		assert.equal(sent.json.verification.sent_by, "Ana");
		assertNoCustomer(await ana.info(ANAS_CALL));
		assertSuccess(await ana.check(ANAS_CALL, await stack.lastCode(MARIA)), "approved");
		const info = await ana.info(ANAS_CALL);
		assert.equal(info.json.customer.name, "Maria Santos");
		assert.deepEqual([info.json.verification.approved_by, info.json.verification.by_you], ["Ana", true]);
	});

	test("T24: is on record as user:Ana, in the ledger and in the log", async () => {
		await verify(stack, as("Ana"), ANAS_CALL, MARIA);
		const [row] = ledgerRows(stack, "SELECT * FROM verifications ORDER BY created_at DESC LIMIT 1");
		assert.deepEqual([row.sent_by_id, row.sent_by_name, row.checked_by_id, row.checked_by_name],
			["user:Ana", "Ana", "user:Ana", "Ana"]);
		assert.deepEqual(ledgerRows(stack, `SELECT DISTINCT agent_id FROM events WHERE verification = '${row.id}'`),
			[{ agent_id: "user:Ana" }]);
		assert.ok(logOf(stack, "check-verify").some((line) => line.agent === "user:Ana" && line.outcome === "done"));
		for (const program of PROGRAMS)
			assert.ok(!stack.log(program).includes(basic("Ana").Authorization.slice(6)));
	});

	test("R23: another user's task is refused, and so is one that only rings or was handed over", async () => {
		for (const [name, task] of [["Ben", ANAS_CALL], ["Ana", BENS_CALL], ["Ana", taskSid(1016)], ["Ana", taskSid(1018)],
			["Ana", taskSid(1021)], ["ana", ANAS_CALL], ["Ana Santos", ANAS_CALL], [LONGEST, ANAS_CALL]])
			await assertRefusedEverything(as(name), task, 403, "not_your_task");
		await assertRefusedEverything(as("Ana"), taskSid(1014), 409, "task_closed");
		assert.deepEqual(await stack.messages(MARIA), []);
	});

	test("R6: by_you is told to the one user and not to the other", async () => {
		const both = taskSid(1024);
		await verify(stack, as("Ana"), both, "+12025550110");
		assert.equal((await as("Ana").info(both)).json.verification.by_you, true);
		const seen = await as("Ben").info(both);
		assert.deepEqual([seen.json.verification.by_you, seen.json.customer.phone], [false, "+12025550110"]);
	});

	test("R22: SUPERVISORS are supervisors, and nobody else is", async () => {
		assertSuccess(await as("Sam").info(ANAS_CALL), "not_verified");
		await assertRefusedEverything(as("Ben"), ANAS_CALL, 403, "not_your_task");
		await assertRefusedEverything(as("Sam"), taskSid(1014), 409, "task_closed");
	});

	test("R22: no credentials, or the wrong ones: 401 by the web server, in our form", async () => {
		for (const headers of [{}, basic("Ana", "guess"), basic("Eve"), { Authorization: `Bearer ${ANA}` }])
			for (const ask of everything(userOf(front, headers), ANAS_CALL)) {
				const answer = await ask();
				assertRefusal(answer, 401, "agent_not_signed_in");
				assert.equal(answer.headers["www-authenticate"], 'Basic realm="Agents"');
			}
	});

	for (const [what, name] of [["too long", `${LONGEST}a`], ["not ASCII", "Zo\u00eb"], ["not printable", "A\u0001na"]])
		test(`R22: a user whose name is ${what}: 401 agent_not_signed_in`, () =>
			assertRefusedEverything(as(name), ANAS_CALL, 401, "agent_not_signed_in"));

	/* ---- Whose page asks ---- */

	for (const [what, origin] of [["no Origin", undefined], ["a foreign Origin", "https://evil.example"],
		["the Origin of a sandboxed page", "null"], ["an Origin that begins like the panel's", `${PANEL}.evil.example`],
		["the panel's Origin by http", PANEL.replace("https", "http")]])
		test(`R20, T15: ${what} is refused to who is signed in, and nothing is done`, async () => {
			const before = ledgerSize(stack);
			await assertRefusedEverything(userOf(front, withOrigin(origin, basic("Ana")), null), ANAS_CALL, 403,
				"origin_not_allowed");
			assert.deepEqual(await stack.messages(MARIA), []);
			assert.deepEqual(ledgerSize(stack), before);
		});

	test("R20: a form of a foreign page is refused too, and one of the panel's is not", async () => {
		const post = (Origin) => request(front, { path: "/start-verify", body: `task=${ANAS_CALL}`,
			headers: withOrigin(Origin, { "Content-Type": FORM, ...basic("Ana") }) });
		assertRefusal(await post(undefined), 403, "origin_not_allowed");
		assertRefusal(await post("https://evil.example"), 403, "origin_not_allowed");
		assert.deepEqual(await stack.messages(MARIA), []);
		assertSuccess(await post(PANEL), "pending");
	});

	test("R19: the browser is never told that another page may send the sign-in along", async () => {
		const answer = await as("Ana").info(ANAS_CALL);
		assert.equal(answer.headers["access-control-allow-credentials"], undefined);
	});

	/* ---- What a client claims ---- */

	const CLAIMS = ["Remote-User", "Remote_User", "REMOTE-USER", "X-Remote-User", "X-Forwarded-User", "X-Forwarded-Email",
		"X-Auth-Request-User", "X-User", "From", "X-Signed-In-User"];

	test("T22: headers that name a user make nobody another one", async () => {
		for (const header of CLAIMS)
			for (const claimed of ["Ana", "Sam"]) {
				const ben = userOf(front, { ...basic("Ben"), [header]: claimed });
				assertRefusal(await ben.info(ANAS_CALL), 403, "not_your_task");
			}
		const all = Object.fromEntries(CLAIMS.map((header) => [header, "Sam"]));
		await assertRefusedEverything(userOf(front, { ...basic("Ben"), ...all }), ANAS_CALL, 403, "not_your_task");
	});

	test("T22: headers that name a user sign nobody in", async () => {
		for (const header of CLAIMS)
			for (const server of [stack, front])
				assertRefusal(await userOf(server, { [header]: "Ana" }).info(ANAS_CALL), 401, "agent_not_signed_in");
	});

	test("T22: Authorization: Basic alone signs nobody in where the web server does not check it", () =>
		assertRefusedEverything(userOf(stack, basic("Ana")), ANAS_CALL, 401, "agent_not_signed_in"));

	test("T12: a Flex token makes nobody another one, and signs nobody in", async () => {
		for (const Token of [ANA, SAM])
			assertRefusal(await call(front, "customer-info", { task: ANAS_CALL, Token },
				{ headers: { ...basic("Ben"), Origin: PANEL } }), 403, "not_your_task");
		assertRefusal(await call(stack, "customer-info", { task: ANAS_CALL }, { token: ANA, headers: { Origin: PANEL } }),
			401, "agent_not_signed_in");
	});

	/* ---- What only the web server can say ---- */

	const said = (user) => {
		const body = `task=${ANAS_CALL}`;
		const all = [["REQUEST_METHOD", "POST"], ["REMOTE_ADDR", "127.0.0.1"], ["CONTENT_TYPE", FORM],
			["CONTENT_LENGTH", body.length], ["HTTP_ORIGIN", PANEL], ...user];
		return sendRecords(stack, "customer-info", wholeRequest(all, body));
	};

	test("T21: REMOTE_USER is taken from the web server once, whole, and as it is", async () => {
		assertSuccess(await said([["REMOTE_USER", "Ana"]]), "not_verified");
		for (const user of [[], [["REMOTE_USER", ""]], [["REMOTE_USER", "Ana\n"]], [["REMOTE_USER", "Ana\tx"]],
			[["REMOTE_USER", "Ana\u007f"]], [["REMOTE_USER", "x".repeat(128)]], [["REMOTE_USER", "x".repeat(20000)]],
			[["HTTP_REMOTE_USER", "Ana"]], [["REMOTE_IDENT", "Ana"]], [["AUTH_USER", "Ana"]]])
			assertRefusal(await said(user), 401, "agent_not_signed_in");
		for (const user of ["Ana ", " Ana", "ana", "Ana,Ben", "user:Ana", "WK00000000000000000000000000000001"])
			assertRefusal(await said([["REMOTE_USER", user]]), 403, "not_your_task");
		assertRefusal(await said([["REMOTE_USER", "Ben"], ["REMOTE_USER", "Ana"]]), 400, "repeated_field");
	});

	test("T21: the sockets are the web server's, and no program listens elsewhere",
		{ skip: process.getuid() !== 0 && "only root can be another user" }, () => {
			for (const program of PROGRAMS) {
				const path = join(stack.runDir, `${program}.sock`);
				assert.equal(statSync(path).mode & 0o777, 0o660, program);
				assert.equal(listensOnTcp(stack.pid(program)), false, program);
				const stranger = spawnSync("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", process.execPath, "-e",
					`require("node:net").connect(${JSON.stringify(path)}).on("connect", () => console.log("connected"))
						.on("error", ({ code }) => console.log(code)).on("close", () => process.exit())`], { encoding: "utf8" });
				assert.equal(stranger.stdout.trim(), "EACCES", stranger.stderr);
			}
		});
});

/* Is one of the process's sockets a listening TCP one?  State 0A of /proc/net/tcp. */
function listensOnTcp(pid) {
	const inodes = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
		try {
			return [/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1]];
		} catch {
			return []; /* closed meanwhile */
		}
	});
	const listening = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((path) => readFileSync(path, "utf8").split("\n"))
		.map((line) => line.trim().split(/\s+/)).filter((fields) => fields[3] === "0A").map((fields) => fields[9]);
	return inodes.some((inode) => inode !== undefined && listening.includes(inode));
}

describe("with the web server's sign-in by auth_request", () => {
	let stack, front, gate;

	before(async () => {
		stack = await startStack({ AGENT_AUTH: "webserver", ALLOWED_ORIGINS: PANEL }, PROGRAMS);
		/* As oauth2-proxy: the cookie says who it is, and the answer names him. */
		gate = http.createServer(({ headers }, response) => {
			const user = /session=(\w+)/.exec(headers.cookie ?? "")?.[1];
			if (user === "broken")
				response.writeHead(500).end();
			else if (user === "nameless")
				response.writeHead(202).end();
			else
				response.writeHead(user === undefined ? 401 : 202, user && { "X-Auth-Request-User": user }).end();
		}).listen(0, "127.0.0.1");
		await once(gate, "listening");
		front = await startFront(stack, `auth_request /oauth2/auth;
			auth_request_set $signed_in_user $upstream_http_x_auth_request_user;
			location = /oauth2/auth {
				internal;
				auth_request off;
				proxy_pass http://127.0.0.1:${gate.address().port};
				proxy_set_header Content-Length "";
				proxy_pass_request_body off;
			}`);
	});
	after(async () => {
		await front?.stop();
		gate?.close();
		await stack?.stop();
	});
	beforeEach(() => stack.reset());

	const as = (session, more = {}) => userOf(front, { Cookie: `session=${session}`, ...more });

	test("R23: the user is whom the other program named", async () => {
		await verify(stack, as("Ana"), ANAS_CALL, MARIA);
		assert.equal((await as("Ana").info(ANAS_CALL)).json.customer.name, "Maria Santos");
		await assertRefusedEverything(as("Ben"), ANAS_CALL, 403, "not_your_task");
	});

	test("T22: what the client says of himself is without effect", async () => {
		const claim = { "X-Auth-Request-User": "Ana", ...basic("Ana"), "Remote-User": "Ana" };
		await assertRefusedEverything(as("Ben", claim), ANAS_CALL, 403, "not_your_task");
		await assertRefusedEverything(userOf(front, claim), ANAS_CALL, 401, "agent_not_signed_in");
		await assertRefusedEverything(as("nameless", claim), ANAS_CALL, 401, "agent_not_signed_in");
	});

	test("R27: a sign-in that fails lets nobody in", () =>
		assertRefusedEverything(as("broken", { "X-Auth-Request-User": "Ana" }), ANAS_CALL, 500, "internal_error"));

	test("R20, T15: the cookie of a signed-in agent is no use to a foreign page", async () => {
		const cookie = { Cookie: "session=Ana" };
		for (const origin of [null, "https://evil.example"])
			await assertRefusedEverything(userOf(front, cookie, origin), ANAS_CALL, 403, "origin_not_allowed");
	});
});

describe("with the web server's sign-in by client certificates", () => {
	let stack, front, ca;

	/* A certificate of this subject, signed by our authority or by itself. */
	const certificate = (name, subject, signedBy) => {
		const at = (ending) => join(stack.runDir, `${name}.${ending}`);
		const openssl = (...args) => execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
		openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
			"-subj", subject, "-keyout", at("key"), "-out", at("pem"), ...(signedBy === undefined ? [] :
				["-CA", signedBy.pem, "-CAkey", signedBy.keyFile]));
		return { pem: at("pem"), keyFile: at("key"), cert: readFileSync(at("pem")), key: readFileSync(at("key")) };
	};

	before(async () => {
		stack = await startStack({ AGENT_AUTH: "webserver", ALLOWED_ORIGINS: PANEL }, PROGRAMS);
		ca = certificate("ca", "/CN=Example agents");
		const server = certificate("server", "/CN=localhost", ca);
		/* The map as the guide has it. */
		const [map] = /^map \$ssl_client_s_dn [^}]*}$/m.exec(readFileSync("deploy/README.md", "utf8"));
		front = await startFront(stack, `ssl_certificate "${server.pem}"; ssl_certificate_key "${server.keyFile}";
			ssl_client_certificate "${ca.pem}"; ssl_verify_client on; set $signed_in_user $certificate_user;`,
		{ listen: "ssl", http: map });
	});
	after(async () => {
		await front?.stop();
		await stack?.stop();
	});

	const info = ({ cert, key } = {}, headers = {}) => new Promise((resolve, reject) => {
		const call = https.request({ host: "127.0.0.1", port: front.port, path: "/customer-info", method: "POST",
			servername: "localhost", ca: ca.cert, cert, key, agent: false,
			headers: { "Content-Type": FORM, Origin: PANEL, ...headers } }, async (reply) => {
			const text = Buffer.concat(await reply.toArray()).toString();
			resolve({ status: reply.statusCode, json: /^\{/.test(text) ? JSON.parse(text) : undefined });
		});
		call.on("error", reject);
		call.end(`task=${ANAS_CALL}`);
	});

	test("R23: the user is the name in the certificate's subject", async () => {
		assert.equal((await info(certificate("ana", "/O=Example/CN=Ana", ca))).status, 200);
		assert.equal((await info(certificate("ben", "/O=Example/CN=Ben", ca))).json.code, "not_your_task");
	});

	test("R22: a subject that only holds the name elsewhere is not that user", async () => {
		for (const subject of ["/CN=Ben/O=x,CN=Ana", "/CN=Ana/CN=Ben", "/O=CN=Ana", "/CN=Ana,CN=Ben", "/CN=Ana+O=x"]) {
			const answer = await info(certificate("odd", subject, ca));
			assert.ok(["not_your_task", "agent_not_signed_in"].includes(answer.json.code), `${subject}: ${answer.json.code}`);
		}
	});

	test("R22: no certificate, or one that signed itself, lets nobody in", async () => {
		assert.equal((await info({}, { "Remote-User": "Ana" })).status, 400);
		assert.equal((await info(certificate("self", "/CN=Ana"))).status, 400);
	});
});

describe("with the web server's sign-in, an agent's limits", () => {
	test("T7: are counted by his name", async () => {
		const stack = await startStack({ AGENT_AUTH: "webserver", ALLOWED_ORIGINS: PANEL, SENDS_PER_AGENT_HOUR: 2 }, PROGRAMS);
		try {
			const start = (user, task) => {
				const body = `task=${task}`;
				return sendRecords(stack, "start-verify", wholeRequest({ REQUEST_METHOD: "POST", REMOTE_ADDR: "127.0.0.1",
					CONTENT_TYPE: FORM, CONTENT_LENGTH: body.length, HTTP_ORIGIN: PANEL, REMOTE_USER: user }, body));
			};
			for (const task of [ANAS_CALL, ANAS_TEXTS])
				assertSuccess(await start("Ana", task), "pending");
			assertRefusal(await start("Ana", ANAS_CALL), 429, "agent_limit");
			assertSuccess(await start("Ben", BENS_CALL), "pending");
		} finally {
			await stack.stop();
		}
	});
});
