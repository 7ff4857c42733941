/*
 * stack: everything that `make start` starts, on a port of its own, for tests.
 *
 *   const stack = await startStack({ CHECKS_MAX: 1 });
 *   after(() => stack.stop());
 *
 * Of the programs, those that agents ask are started unless others are named.
 *
 * The keys go before those of deploy/local/sandbox.env, whose short times are
 * for people and are not kept.  FLEX_VERIFY_BIN says whose binaries run, and
 * WEB=NAME puts that web server before the programs, which the tests then talk to;
 * the sandbox stays where it is, behind nginx.
 * stop() rejects when a program ended in an unclean way or a sanitizer found
 * something; the logs are then kept for a look.
 */
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { AGENT_PROGRAMS, portOf } from "./helpers.js";
import { BEHIND, startWebServer } from "./web_servers.js";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const STACK_SH = join(ROOT, "deploy/local/stack.sh");

/* Below the range from which the kernel picks ports for outgoing connections. */
const PORTS = { first: 20000, count: 12000 };

/* No pauses, and the product's own default; nor is anybody sent away because a machine is busy with other tests. */
const TIMES = { RESEND_AFTER_SECONDS: 0, VERIFIED_FOR_SECONDS: 900, QUEUE_TIMEOUT_MS: 60000 };

const SANITIZER = /ERROR: \w+Sanitizer|runtime error:|LeakSanitizer/;

const run = promisify(execFile);

/* Not stopped yet.  A test file that dies half-way takes its stacks along. */
const stacks = new Set();
process.on("exit", () => stacks.forEach((stack) => stack.abandon()));
for (const signal of ["SIGINT", "SIGTERM"])
	process.once(signal, () => process.exit(1));

function isFree(port) {
	return new Promise((done) => {
		const server = net.createServer();
		server.on("error", () => done(false));
		server.listen(port, "127.0.0.1", () => server.close(() => done(true)));
	});
}

/* A free port, and its directory, which no other test can then have. */
async function claimPort() {
	for (;;) {
		const port = PORTS.first + Math.floor(Math.random() * PORTS.count);
		const runDir = join(ROOT, ".run", String(port));
		if (existsSync(runDir) || !await isFree(port))
			continue;
		mkdirSync(join(ROOT, ".run"), { recursive: true, mode: 0o700 });
		try {
			mkdirSync(runDir, { mode: 0o700 });
		} catch {
			continue;
		}
		return { port, runDir };
	}
}

class Stack {
	constructor(port, runDir, programs, env) {
		this.programs = programs;
		this.services = ["nginx", ...programs, "twilio-sandbox"];
		this.port = port;
		this.sandboxPort = port;
		this.runDir = runDir;
		this.url = `http://127.0.0.1:${port}`;
		this.voiceUrl = `${this.url}/verify-call`; /* as sandbox.env has it, whatever stands before the programs */
		this.ledger = join(runDir, "ledger.db");
		this.killed = new Set(); /* how these ended is the test's doing */
		this.env = { ...process.env, BIN: process.env.FLEX_VERIFY_BIN ?? "cgi-bin", ...env,
			PROGRAMS: programs.join(" "), PORT: String(port), CONFIG: join(runDir, "overlay.env") };
		this.sh = (command) => run(STACK_SH, [command], { env: this.env });
		stacks.add(this);
	}

	/* Other keys take effect with the next start(). */
	configure(keys) {
		const lines = Object.entries({ ...TIMES, ...keys }).map(([key, value]) => `${key}="${value}"\n`);
		writeFileSync(this.env.CONFIG, lines.join(""), { mode: 0o600 });
	}

	/* Starts what is not running; rejects with stack.sh's words if it cannot. */
	async start() {
		await this.sh("start");
		await this.web?.renew();
	}

	/* From now on the tests talk to another web server, and it to the same programs. */
	async putBehind(server) {
		this.web = await startWebServer(this, server);
		this.port = this.web.port;
		this.url = this.web.url;
	}

	async stop() {
		stacks.delete(this);
		await this.web?.stop();
		const faults = await this.sh("stop").then(() => [], ({ stderr }) => [stderr]);
		for (const name of this.services) {
			if (!this.killed.has(name) && this.ending(name) !== "0")
				faults.push(`${name} ended with status ${this.ending(name)}:\n${this.log(name).slice(-4000)}`);
			if (SANITIZER.test(this.log(name)))
				faults.push(`${name}:\n${this.log(name)}`);
		}
		if (faults.length > 0)
			throw new Error(`${this.runDir}:\n${faults.join("\n")}`);
		rmSync(this.runDir, { recursive: true });
	}

	/* Without asking how it went; for when the test is over anyway. */
	abandon() {
		try {
			execFileSync(STACK_SH, ["stop"], { env: this.env, stdio: "ignore" });
		} catch {
			/* what could not be stopped was killed */
		}
	}

	pid(name) {
		return Number(readFileSync(join(this.runDir, `${name}.pid`), "utf8"));
	}

	/* The exit status of a program that ended, as text; "" while it runs. */
	ending(name) {
		const path = join(this.runDir, `${name}.exit`);
		return existsSync(path) ? readFileSync(path, "utf8").trim() : "";
	}

	log(name) {
		const path = join(this.runDir, `${name}.log`);
		return existsSync(path) ? readFileSync(path, "utf8") : "";
	}

	async signal(name, signal) {
		process.kill(this.pid(name), signal);
		while (this.ending(name) === "")
			await sleep(5);
	}

	/* kill -9, and gone; start() brings it back. */
	async kill9(name) {
		this.killed.add(name);
		await this.signal(name, "SIGKILL");
	}

	/* Asks it to stop, and starts it again. */
	async restart(name) {
		await this.signal(name, "SIGTERM");
		await this.start();
	}

	/* POSTs fields as a form, or as JSON: { status, headers, text, json }. */
	async post(path, fields = {}, { token, origin, json = false, headers = {} } = {}) {
		const reply = await fetch(`http://127.0.0.1:${portOf(this, path)}${path}`, {
			method: "POST",
			headers: {
				"Content-Type": json ? "application/json" : "application/x-www-form-urlencoded",
				...(token !== undefined && { Authorization: `Bearer ${token}` }),
				...(origin !== undefined && { Origin: origin }),
				...headers,
			},
			body: json ? JSON.stringify(fields) : new URLSearchParams(fields).toString(),
		});
		const text = await reply.text();
		const isJson = reply.headers.get("content-type")?.startsWith("application/json");
		return { status: reply.status, headers: reply.headers, text, json: isJson ? JSON.parse(text) : undefined };
	}

	/* The sandbox as it was in the beginning. */
	async reset() {
		const { status, text } = await this.post("/sandbox/reset");
		if (status >= 300)
			throw new Error(`/sandbox/reset: ${status} ${text}`);
	}

	/* What arrived on a customer's phone, the newest first. */
	async messages(to) {
		const reply = await fetch(`http://127.0.0.1:${this.sandboxPort}/sandbox/messages?to=${encodeURIComponent(to)}`);
		return (await reply.json()).messages;
	}

	async lastCode(to) {
		return (await this.messages(to))[0]?.code;
	}
}

/* Starts a stack of these programs.  env goes into its environment. */
export async function startStack(keys = {}, programs = AGENT_PROGRAMS, env = {}) {
	const { port, runDir } = await claimPort();
	const stack = new Stack(port, runDir, programs, env);
	stack.configure(keys);
	try {
		await stack.start();
		if (BEHIND !== undefined)
			await stack.putBehind(BEHIND);
	} catch (error) {
		stacks.delete(stack);
		stack.abandon();
		await stack.web?.stop();
		throw new Error(error.stderr || error.message);
	}
	return stack;
}
