/*
 * programs: the FastCGI programs alone, without nginx, in a directory of their
 * own, and spoken to as nginx does.  For tests that start and kill them by the
 * hundred, that run several of each on one ledger, or that move their clock:
 *
 *   const host = await startPrograms(keys, { copies: 2, movingClock: true });
 *   await host.ask("start-verify", { task }, { token, copy: 1 });
 *   host.clock.advance(3600);
 */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, openSync, closeSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync }
	from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { sendRecords, wholeRequest } from "./fastcgi.js";
import { FORM, PROGRAMS } from "./helpers.js";

const ROOT = resolve(fileURLToPath(new URL("../..", import.meta.url)));
const BIN = resolve(ROOT, process.env.FLEX_VERIFY_BIN ?? "cgi-bin");
export const COMMAND = resolve(ROOT, process.env.FLEX_VERIFY_COMMAND ?? ".build/plain/bin/flex-verify");
const SANDBOX_ENV = readFileSync(join(ROOT, "deploy/local/sandbox.env"), "utf8");
const SANITIZER = /ERROR: \w+Sanitizer|runtime error:|LeakSanitizer/;

/* In memory where there is such a place: what a killed process has written is there all the same. */
const PLACE = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/* An operation that never reported back is given up this long after the request's own time. */
export const OPERATION_SLACK_S = 5;

/* ---- A clock that can be moved forward --------------------------------------- */

const FAKETIME = readdirSync("/usr/lib").filter((name) => name.endsWith("-linux-gnu"))
	.map((name) => `/usr/lib/${name}/faketime/libfaketimeMT.so.1`).find(existsSync);

/* A sanitizer's runtime has to be the first library of a process, and so has libfaketime. */
export const clockCanMove = FAKETIME !== undefined && !BIN.includes("asan");

/* The true time, and as much more as it was moved by.  Timeouts are not moved: their clock is another one. */
class Clock {
	constructor(directory) {
		this.path = join(directory, "clock");
		this.offset = 0;
		this.write();
	}

	write() {
		writeFileSync(`${this.path}.new`, `+${this.offset}`);
		renameSync(`${this.path}.new`, this.path);
	}

	advance(seconds) {
		assert.ok(clockCanMove, "no clock to move");
		this.offset += seconds;
		this.write();
	}

	now() {
		return Date.now() + this.offset * 1000;
	}

	get env() {
		return { LD_PRELOAD: FAKETIME, FAKETIME_TIMESTAMP_FILE: this.path, FAKETIME_NO_CACHE: "1",
			FAKETIME_DONT_FAKE_MONOTONIC: "1", DONT_FAKE_MONOTONIC: "1" };
	}
}

/* ---- The programs --------------------------------------------------------------- */

const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/* What libfaketime leaves of a process that was killed, and the next one of that number would take for its own. */
function removeFaketime(pid) {
	for (const name of [`faketime_shm_${pid}`, `sem.faketime_sem_${pid}`])
		rmSync(`/dev/shm/${name}`, { force: true });
}

function connects(path) {
	return new Promise((done) => {
		const socket = net.connect({ path });
		socket.on("connect", () => { socket.destroy(); done(true); });
		socket.on("error", () => done(false));
	});
}

/* The keys of the sandbox's configuration, those given instead of theirs. */
function configuration(directory, keys) {
	const kept = SANDBOX_ENV.split("\n").filter((line) => !(line.split("=")[0] in keys));
	const own = Object.entries(keys).map(([key, value]) => `${key}="${value}"`);
	return [...kept, ...own, ""].join("\n").replaceAll("@PORT@", "1").replaceAll("@RUN_DIR@", directory);
}

class Host {
	constructor(keys, { copies, movingClock, env, programs }) {
		this.runDir = mkdtempSync(join(PLACE, "flex-verify-"));
		this.config = join(this.runDir, "flex-verify.env");
		this.ledger = join(this.runDir, "ledger.db");
		this.copies = copies;
		this.programs = programs;
		this.clock = new Clock(this.runDir);
		this.env = { ...process.env, TZ: "UTC", ...env, ...(movingClock && this.clock.env) };
		this.children = new Map();
		writeFileSync(this.config, configuration(this.runDir, keys), { mode: 0o600 });
	}

	name(program, copy) {
		return `${program}-${copy}`;
	}

	/* Starts what does not run. */
	async start() {
		await Promise.all(this.programs.flatMap((program) =>
			Array.from({ length: this.copies }, (_, copy) => this.launch(program, copy))));
	}

	async launch(program, copy = 0) {
		const name = this.name(program, copy);
		if (this.children.has(name))
			return;
		const log = openSync(join(this.runDir, `${name}.log`), "a");
		const socket = join(this.runDir, `${name}.sock`);
		const child = spawn(join(BIN, program), ["-c", this.config, "-s", socket],
			{ env: this.env, stdio: ["ignore", "ignore", log] });
		closeSync(log);
		running.add(child);
		child.on("exit", () => {
			running.delete(child);
			removeFaketime(child.pid);
		});
		this.children.set(name, child);
		for (let waited = 0; !await connects(socket); waited += 3) {
			assert.ok(child.exitCode === null && waited < 60_000, `${name} does not start:\n${this.log(name)}`);
			await sleep(3);
		}
	}

	log(name) {
		return readFileSync(join(this.runDir, `${name}.log`), "utf8");
	}

	/* One that has ended: launch() then starts another.  Returns all that it has logged. */
	forget(program, copy = 0) {
		const name = this.name(program, copy), log = this.log(name);
		this.children.delete(name);
		writeFileSync(join(this.runDir, `${name}.log`), "");
		return log;
	}

	pid(program, copy = 0) {
		return this.children.get(this.name(program, copy)).pid;
	}

	async signal(program, copy, signal) {
		const name = this.name(program, copy), child = this.children.get(name);
		const ended = child.exitCode !== null || child.signalCode !== null;
		const exited = ended ? [child.exitCode, child.signalCode] : once(child, "exit");
		child.kill(signal);
		this.children.delete(name);
		return exited;
	}

	async kill9(program, copy = 0) {
		await this.signal(program, copy, "SIGKILL");
	}

	/* Another configuration, and programs that have read it. */
	async reconfigure(text) {
		writeFileSync(this.config, text, { mode: 0o600 });
		for (const program of this.programs)
			for (let copy = 0; copy < this.copies; copy++)
				await this.signal(program, copy, "SIGTERM");
		await this.start();
	}

	/* One request as nginx passes it on: its answer, or null if the program went away. */
	ask(program, fields, { token, copy = 0 } = {}) {
		const body = new URLSearchParams(fields).toString();
		const variables = { REQUEST_METHOD: "POST", DOCUMENT_URI: `/${program}`, QUERY_STRING: "",
			CONTENT_TYPE: FORM, CONTENT_LENGTH: body.length, REMOTE_ADDR: "127.0.0.1",
			REQUEST_ID: randomBytes(16).toString("hex") };
		if (token !== undefined)
			variables.HTTP_AUTHORIZATION = `Bearer ${token}`;
		return sendRecords(this, this.name(program, copy), wholeRequest(variables, body));
	}

	/* flex-verify, with this host's configuration. */
	command(...words) {
		return new Promise((done) => {
			execFile(COMMAND, [...words, "-c", this.config], { env: this.env, maxBuffer: 1 << 28 },
				(error, stdout, stderr) => done({ status: error === null ? 0 : error.code, stdout, stderr }));
		});
	}

	async stop() {
		const faults = [];
		for (const name of [...this.children.keys()]) {
			const [, program, copy] = /^(.*)-(\d+)$/.exec(name);
			const [status] = await this.signal(program, copy, "SIGTERM");
			if (status !== 0)
				faults.push(`${name} ended with status ${status}`);
		}
		for (const file of readdirSync(this.runDir).filter((file) => file.endsWith(".log")))
			if (SANITIZER.test(readFileSync(join(this.runDir, file), "utf8")))
				faults.push(this.log(file.slice(0, -4)).slice(-6000));
		assert.equal(faults.length, 0, `${this.runDir}\n${faults.join("\n")}`);
		rmSync(this.runDir, { recursive: true });
	}
}

/* env goes into the programs' environment. */
export async function startPrograms(keys, { copies = 1, movingClock = false, env = {}, programs = PROGRAMS } = {}) {
	const host = new Host(keys, { copies, movingClock, env, programs });
	await host.start();
	return host;
}
