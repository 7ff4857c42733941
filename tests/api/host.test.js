/*
 * Somebody on the same host: another user, who reads what is there to read and
 * connects to what listens; and what a process has in its memory when it is
 * taken over.
 */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, closeSync, openSync, readFileSync, readSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { sid } from "./fake_twilio.js";
import { PROGRAMS, assertRefusal, assertSuccess } from "./helpers.js";
import { startPrograms } from "./programs.js";
import { RememberingTwilio } from "./remembering_twilio.js";

const BIN = resolve(fileURLToPath(new URL("../..", import.meta.url)), process.env.FLEX_VERIFY_BIN ?? "cgi-bin");
const needsRoot = process.getuid() !== 0 && "only root can be another user, or read a program's memory";
const SANITIZED = BIN.includes("asan");
const needsMemory = needsRoot || (SANITIZED && "a sanitizer keeps what was freed, and terabytes of its own");

/* ---- Another user ------------------------------------------------------------------ */

describe("another user of the host", { timeout: 60000 }, () => {
	let host;

	/* The directory is opened, so that each file's own mode decides. */
	before(async () => {
		host = await startPrograms({});
		chmodSync(host.runDir, 0o711);
	});
	after(() => host?.stop());

	/* As nobody, who is in no group of anybody's. */
	const asNobody = (...command) => spawnSync("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", ...command],
		{ encoding: "utf8" });

	const CONNECT = `require("node:net").connect(process.argv[1]).on("connect", () => console.log("connected"))
		.on("error", ({ code }) => console.log(code)).on("close", () => process.exit())`;

	test("T21: cannot connect to a program", { skip: needsRoot }, () => {
		for (const program of PROGRAMS) {
			const { stdout } = asNobody(process.execPath, "-e", CONNECT, join(host.runDir, `${program}-0.sock`));
			assert.equal(stdout.trim(), "EACCES");
			assert.equal(statSync(join(host.runDir, `${program}-0.sock`)).mode & 0o777, 0o660);
		}
	});

	test("T21: can read neither configuration, ledger nor log", { skip: needsRoot }, () => {
		for (const file of ["flex-verify.env", "ledger.db", "ledger.db-wal"]) {
			const { status, stderr } = asNobody("cat", join(host.runDir, file));
			assert.equal(status, 1, file);
			assert.match(stderr, /Permission denied/);
		}
	});

	test("T21: finds no program at a port of the network", () => {
		const inodes = new Set(PROGRAMS.flatMap((program) => {
			const fds = `/proc/${host.pid(program)}/fd`;
			try {
				return readdirSync(fds).map((fd) => /socket:\[(\d+)\]/.exec(execFileSync("readlink", [join(fds, fd)]))?.[1]);
			} catch {
				return []; /* hidden from its own user, too */
			}
		}));
		const listening = ["tcp", "tcp6"].flatMap((name) => readFileSync(`/proc/net/${name}`, "utf8").trim().split("\n").slice(1))
			.map((line) => line.trim().split(/\s+/)).filter((fields) => fields[3] === "0A");
		assert.deepEqual(listening.filter((fields) => inodes.has(fields[9])), []);
	});

	test("T30: can neither trace a program nor read its memory and environment", { skip: needsRoot || (SANITIZED &&
		"a sanitizer has to read it") }, () => {
		for (const program of PROGRAMS)
			for (const file of ["environ", "mem", "maps", "auxv"])
				/* Owned by root whoever runs it: the mark of a process that is not dumpable (proc(5)). */
				assert.notEqual(asNobody("head", "-c1", `/proc/${host.pid(program)}/${file}`).status, 0, file);
	});
});

/* ---- Secrets ------------------------------------------------------------------------- */

describe("a secret", { timeout: 60000 }, () => {
	const TOKENS = ["eyJfirst-canary-token.of-an-agent.00112233445566778899", "eyJother-canary-token.of-an-agent.99887766554433221100"];
	const AUTH_TOKENS = ["0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"];
	let twilio, host;

	before(async () => {
		twilio = await new RememberingTwilio({ now: Date.now, pick: () => 0 }).listen();
		TOKENS.forEach((token, i) => twilio.workers.set(token, sid("WK", i + 1)));
		host = await startPrograms({ ...twilio.config, AUTH_TOKEN: AUTH_TOKENS[0], CODE_LENGTH: 10 });
	});
	after(async () => {
		twilio?.stop();
		await host?.stop();
	});

	/* What a process can write to, and what of it holds one of the texts. */
	function foundInMemory(pid, texts) {
		const memory = openSync(`/proc/${pid}/mem`, "r"), found = [];
		for (const line of readFileSync(`/proc/${pid}/maps`, "latin1").split("\n")) {
			const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
			if (from === undefined)
				continue;
			const size = Number(BigInt(`0x${to}`) - BigInt(`0x${from}`)), bytes = Buffer.alloc(size);
			readSync(memory, bytes, 0, size, BigInt(`0x${from}`));
			found.push(...texts.filter((text) => bytes.includes(text)));
		}
		closeSync(memory);
		return [...new Set(found)];
	}

	test("R31: of a request is in no program's memory when it was answered", { skip: needsMemory }, async () => {
		const secrets = [...TOKENS];
		for (let number = 1; number <= 12; number++) {
			const task = sid("WT", number), to = `+44770093${String(number).padStart(4, "0")}`;
			const wrong = String(7083501000 + number), code = String(6094182000 + number), token = TOKENS[number % 2];
			const ask = (program, fields) => host.ask(program, { task, ...fields }, { token });
			twilio.tasks.set(task, { task, call: sid("CA", number), to });
			assertSuccess(await ask("start-verify"), "pending");
			twilio.living.get(to).code = code;
			assertRefusal(await ask("check-verify", { verification_code: wrong }), 401, "wrong_code");
			assertSuccess(await ask("check-verify", { verification_code: code }), "approved");
			assertSuccess(await ask("customer-info"), "approved");
			secrets.push(wrong, code);
		}
		for (const program of PROGRAMS) {
			assert.deepEqual(foundInMemory(host.pid(program), secrets), [], program);
			assert.deepEqual(foundInMemory(host.pid(program), AUTH_TOKENS), [AUTH_TOKENS[0]], "the search finds what is there");
		}
	});

	test("R30: of the configuration is exchanged by a restart, and the old one is gone", { skip: needsMemory }, async () => {
		const text = readFileSync(host.config, "utf8");
		assert.ok(text.includes(AUTH_TOKENS[0]));
		await host.reconfigure(text.replaceAll(AUTH_TOKENS[0], AUTH_TOKENS[1]));
		assert.deepEqual(foundInMemory(host.pid("start-verify"), AUTH_TOKENS), [AUTH_TOKENS[1]]);
		const used = [];
		twilio.onRequest = ({ url, headers }) => url.startsWith("/v1/") &&
			used.push(Buffer.from(headers.authorization.slice(6), "base64").toString());
		await host.ask("customer-info", { task: sid("WT", 1) }, { token: TOKENS[0] });
		assert.ok(used.length > 0 && used.every((credentials) => credentials.endsWith(`:${AUTH_TOKENS[1]}`)), "it is in use");
	});

	test("R30: of nobody is built into a program", () => {
		const sandbox = readFileSync(new URL("../../deploy/local/sandbox.env", import.meta.url), "utf8");
		const values = ["AUTH_TOKEN", "CUSTOMER_LOOKUP_PASSWORD", "LOG_KEY"]
			.map((key) => new RegExp(`^${key}=(.*)$`, "m").exec(sandbox)[1]);
		for (const program of PROGRAMS)
			for (const value of [...values, "sandbox-ana", "sandbox-api-key-secret"])
				assert.ok(!readFileSync(join(BIN, program)).includes(value), `${value} in ${program}`);
	});
});
