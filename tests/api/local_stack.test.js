/*
 * deploy/local/stack.sh, which is behind make run, make start and make stop.
 */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import net from "node:net";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";

import { ANA, ANAS_CALL, call, INSTALLED } from "./helpers.js";
import { startStack } from "./stack.js";

const STACK_SH = new URL("../../deploy/local/stack.sh", import.meta.url).pathname;
const EVERYTHING = ["nginx", ...INSTALLED, "twilio-sandbox"];

const works = async (stack) => (await call(stack, "customer-info", { task: ANAS_CALL }, { token: ANA })).status === 200;
const pidsOf = (stack) => EVERYTHING.map((name) => stack.pid(name));
const isAlive = (pid) => existsSync(`/proc/${pid}`);

/* Runs stack.sh: { status, stdout, stderr }. */
async function sh(stack, command, env = {}) {
	try {
		return { status: 0, ...await promisify(execFile)(STACK_SH, [command], { env: { ...stack.env, ...env } }) };
	} catch (error) {
		return { status: error.code, stdout: error.stdout, stderr: error.stderr };
	}
}

describe("start", () => {
	let stack;

	before(async () => {
		stack = await startStack({}, INSTALLED);
	});
	after(() => stack?.stop());

	test("says where the desk is, and leaves alone what runs", async () => {
		const pids = pidsOf(stack);
		const { status, stdout } = await sh(stack, "start");
		assert.equal(status, 0);
		assert.ok(stdout.includes(`${stack.url}/sandbox/`));
		assert.deepEqual(pidsOf(stack), pids);
	});

	test("brings back what was killed, and only that", async () => {
		for (const name of EVERYTHING) {
			const pids = pidsOf(stack);
			const others = pids.filter((pid) => pid !== stack.pid(name));
			await stack.kill9(name);
			assert.equal((await sh(stack, "status")).status, 3);
			await stack.start();
			assert.equal((await sh(stack, "status")).status, 0);
			assert.ok(await works(stack), name);
			assert.deepEqual(others, pidsOf(stack).filter((pid) => others.includes(pid)), name);
		}
	});

	test("restarts the programs for another configuration, and not the sandbox", async () => {
		const before = pidsOf(stack);
		stack.configure({ AGENT_AUTH: "none", CONTACT_SOURCE: "request", ALLOWED_ORIGINS: "https://desk.example.com" });
		await stack.start();
		const [nginx, ...programs] = before;
		const sandbox = programs.pop();
		assert.equal(stack.pid("twilio-sandbox"), sandbox);
		assert.ok(programs.every((pid) => !isAlive(pid)));
		assert.ok(!isAlive(nginx), "nginx has the new origins");
		assert.equal((await call(stack, "start-verify", { to: "+12025550101" })).status, 200);
		stack.configure({});
		await stack.start();
		assert.equal((await call(stack, "start-verify", { to: "+12025550101" })).status, 401);
	});

	for (const [what, keys, words] of [
		["an unknown key", { SENDS_MAXIMUM: 3 }, /flex-verify\.env\S*:\d+: unknown key SENDS_MAXIMUM/],
		["a wrong value", { ACCOUNT_SID: "AC1" }, /ACCOUNT_SID/],
		["origins that nginx could take for something else", { ALLOWED_ORIGINS: "https://a.example.com; x" },
			/ALLOWED_ORIGINS/],
	]) {
		test(`refuses ${what} and touches nothing that runs`, async () => {
			const pids = pidsOf(stack);
			stack.configure(keys);
			const { status, stderr } = await sh(stack, "start");
			stack.configure({});
			assert.equal(status, 1);
			assert.match(stderr, words);
			assert.deepEqual(pidsOf(stack), pids);
			assert.ok(await works(stack));
		});
	}

	test("refuses a CONFIG that is not there", async () => {
		const { status, stderr } = await sh(stack, "start", { CONFIG: "/nowhere/to/be.found" });
		assert.equal(status, 1);
		assert.match(stderr, /\/nowhere\/to\/be\.found: no such file/);
	});

	for (const PORT of ["0", "65536", "080", "web", "../8080"]) {
		test(`refuses the port ${PORT}`, async () => {
			const { status, stderr } = await sh(stack, "start", { PORT });
			assert.equal(status, 1);
			assert.match(stderr, /is no port/);
		});
	}

	test("keeps its files from other users", () => {
		assert.equal(statSync(stack.runDir).mode & 0o777, 0o700);
		assert.equal(statSync(`${stack.runDir}/flex-verify.env`).mode & 0o777, 0o600);
	});

	test("goes beside another stack, of which each has its own records", async () => {
		const other = await startStack({}, INSTALLED);
		try {
			assert.notEqual(other.port, stack.port);
			await call(stack, "start-verify", { task: ANAS_CALL }, { token: ANA });
			const state = async (one) =>
				(await call(one, "customer-info", { task: ANAS_CALL }, { token: ANA })).json.verification.state;
			assert.deepEqual([await state(stack), await state(other)], ["pending", "not_verified"]);
		} finally {
			await other.stop();
		}
		assert.ok(await works(stack));
	});
});

describe("a port that another program has", () => {
	test("is refused before anything is started", async () => {
		const server = net.createServer().listen(0, "127.0.0.1");
		await once(server, "listening");
		const { port } = server.address();
		const { status, stderr } = await sh({ env: process.env }, "start", { PORT: String(port), CONFIG: "" });
		server.close();
		const { status: left } = await sh({ env: process.env }, "forget", { PORT: String(port) });
		assert.equal(status, 1);
		assert.match(stderr, new RegExp(`port ${port} is taken by another program`));
		assert.equal(left, 0);
	});
});

describe("stop", () => {
	test("ends everything with status 0, and may be said twice", async () => {
		const stack = await startStack({}, INSTALLED);
		const pids = pidsOf(stack);
		assert.equal((await sh(stack, "stop")).status, 0);
		assert.equal(pids.filter(isAlive).length, 0);
		assert.deepEqual(EVERYTHING.map((name) => stack.ending(name)), EVERYTHING.map(() => "0"));
		assert.deepEqual(readdirSync(stack.runDir).filter((name) => /\.(sock|pid)$/.test(name)), []);
		assert.equal((await sh(stack, "stop")).status, 0);
		await stack.stop();
	});

	test("leaves a process alone that only has the number of one of ours", async () => {
		const stack = await startStack({}, INSTALLED);
		const stranger = spawn("sleep", ["60"]);
		await stack.kill9("start-verify");
		writeFileSync(`${stack.runDir}/start-verify.pid`, String(stranger.pid));
		await stack.stop();
		assert.ok(isAlive(stranger.pid));
		stranger.kill();
	});

	test("knows nothing of a stack that never was", async () => {
		assert.equal((await sh({ env: process.env }, "stop", { PORT: "1" })).status, 0);
	});
});

describe("run", () => {
	/* A stack's directory with nothing running, and stack.sh run in it; what it says collects in said. */
	async function runInForeground() {
		const stack = await startStack({}, INSTALLED);
		await sh(stack, "stop");
		const child = spawn(STACK_SH, ["run"], { env: stack.env });
		const foreground = { stack, child, said: "", ended: once(child, "exit") };
		for (const stream of [child.stdout, child.stderr])
			stream.on("data", (data) => { foreground.said += data; });
		while (!foreground.said.includes("Ctrl-C"))
			await Promise.race([once(child.stdout, "data"), foreground.ended]);
		return foreground;
	}

	for (const signal of ["SIGINT", "SIGTERM"]) {
		test(`says where the desk is, works, and ends all with ${signal}`, async () => {
			const { stack, child, said, ended } = await runInForeground();
			const pids = pidsOf(stack);
			assert.ok(said.includes(`${stack.url}/sandbox/`));
			assert.ok(await works(stack));
			child.kill(signal);
			assert.deepEqual(await ended, [0, null]);
			assert.equal(pids.filter(isAlive).length, 0);
			await stack.stop();
		});
	}

	test("ends all, and says whose fault it is, when a program dies", async () => {
		const foreground = await runInForeground();
		const { stack, ended } = foreground;
		const pids = pidsOf(stack);
		await stack.kill9("check-verify");
		assert.deepEqual(await ended, [1, null]);
		assert.match(foreground.said, /check-verify ended by itself/);
		assert.equal(pids.filter(isAlive).length, 0);
		await stack.stop();
	});

	test("ends when somebody says stop elsewhere", async () => {
		const { stack, ended } = await runInForeground();
		assert.equal((await sh(stack, "stop")).status, 0);
		assert.deepEqual(await ended, [0, null]);
		await stack.stop();
	});

	test("is refused where a stack runs already", async () => {
		const stack = await startStack({}, INSTALLED);
		const pids = pidsOf(stack);
		const { status, stderr } = await sh(stack, "run");
		assert.equal(status, 1);
		assert.match(stderr, new RegExp(`make stop PORT=${stack.port}`));
		assert.deepEqual(pidsOf(stack), pids);
		await stack.stop();
	});
});

describe("check", () => {
	test("judges the configuration and starts nothing", async () => {
		const stack = await startStack({}, INSTALLED);
		await sh(stack, "stop");
		assert.equal((await sh(stack, "check")).status, 0);
		stack.configure({ THREADS: "many" });
		const { status, stderr } = await sh(stack, "check");
		assert.equal(status, 1);
		assert.match(stderr, /THREADS/);
		assert.equal((await sh(stack, "status")).status, 3);
		assert.doesNotMatch(readFileSync(`${stack.runDir}/flex-verify.env`, "utf8"), /many/);
		await stack.stop();
	});
});

/* What the other tests rely on: that stop() of stack.js finds what went wrong. */
describe("a test's stack", () => {
	const rejection = (stack) => stack.stop().then(() => assert.fail("it stopped as if all were well"), (error) => {
		rmSync(stack.runDir, { recursive: true });
		return error.message;
	});

	test("tells of a program that died unasked", async () => {
		const stack = await startStack({}, INSTALLED);
		await stack.signal("customer-info", "SIGKILL");
		assert.match(await rejection(stack), /customer-info ended with status 137/);
	});

	test("tells of what a sanitizer found", async () => {
		const stack = await startStack({}, INSTALLED);
		appendFileSync(`${stack.runDir}/start-verify.log`, "x.c:1:2: runtime error: signed integer overflow\n");
		assert.match(await rejection(stack), /runtime error: signed integer overflow/);
	});
});
