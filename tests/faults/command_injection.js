/*
 * command_injection: each allocation and each call of SQLite of a command, and
 * of a program's start, fails once, in turn, as in injection.js.
 *
 *   const bench = await startBench();
 *   const { tried, findings } = await injectEachOf(bench, COMMANDS["ledger purge"], "sqlite", { every: 5 });
 *   bench.stop();
 *
 * Whatever fails, a command says what it usually does, or ends with status 3
 * and a sentence: it never calls a record broken that is whole.  The ledger is
 * whole afterwards and has lost nothing, and the next time the command works.
 * A program that starts serves as usual, or ends and says why.
 */
import assert from "node:assert/strict";
import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { startFakeTwilio } from "../api/fake_twilio.js";
import { wholeRequest, sendRecords } from "../api/fastcgi.js";
import { FORM } from "../api/helpers.js";
import { writeEvents } from "../api/long_ledger.js";
import { COMMAND, startPrograms } from "../api/programs.js";
import { Control, ENDING_LIBRARIES, KINDS_AT_START, hasEnded, injecting, unlessGone } from "./injection.js";

const ROOT = resolve(fileURLToPath(new URL("../..", import.meta.url)));
const BIN = resolve(ROOT, process.env.FLEX_VERIFY_BIN ?? "cgi-bin");
const LOG_KEY = "sandbox-log-key-not-a-secret-000000";
const DAY_MS = 86400e3;
const OLD_EVENTS = 12;
const SANITIZER = /ERROR: \w+Sanitizer|runtime error:|LeakSanitizer/;

/* ---- A ledger to work on ---------------------------------------------------------- */

/* Of long ago: wrong codes of two numbers, which a purge carries over, and the rows that they belong to. */
const oldEvent = (position) => ({ to_id: `00000000000000${10 + position % 2}`, to_mask: "+1********01", failures: 1,
	outcome: "wrong_code", action: "check", verification: `00000000000000${20 + position % 2}` });

const oldRow = (id, at) => `INSERT INTO verifications (id, interaction, to_id, to_mask, task_sid, channel, verification_sid, state,
	lost, operation, operation_id, operation_until, sends, checks, sent_by_id, sent_by_name, checked_by_id, checked_by_name,
	created_at, sent_at, expires_at, approved_at, approved_until, position) VALUES ('${id}', 'CA0000000000000000000000000000000${id.at(-1)}',
	'0000000000000010', '+1********01', '', 'sms', 'VE00000000000000000000000000000001', 'pending', '', '', '', 0, 1, 1, '', '', '', '',
	${at}, ${at}, ${at}, 0, 0, 1);`;

class Bench {
	async start() {
		this.directory = mkdtempSync(join(tmpdir(), "flex-verify-command-inject-"));
		this.controls = {};
		this.fake = await startFakeTwilio();
		this.template = join(this.directory, "template.db");
		await this.fill();
		this.renew();
		const text = readFileSync(join(ROOT, "deploy/local/sandbox.env"), "utf8").replaceAll("@PORT@", "1")
			.replaceAll("@RUN_DIR@", this.directory);
		const kept = text.split("\n").filter((line) => !(line.split("=")[0] in this.fake.config));
		this.config = join(this.directory, "flex-verify.env");
		writeFileSync(this.config, [...kept, ...Object.entries(this.fake.config).map(([key, value]) => `${key}="${value}"`)].join("\n"),
			{ mode: 0o600 });
		return this;
	}

	/* Some events of 60 days ago, and two callers of today of whom one was verified. */
	async fill() {
		const host = await startPrograms(this.fake.config, { programs: ["start-verify", "check-verify"] });
		const old = Date.now() - 60 * DAY_MS;
		writeEvents(host.ledger, LOG_KEY, OLD_EVENTS, old, oldEvent);
		execFileSync("sqlite3", ["-bail", host.ledger, oldRow("0000000000000020", old) + oldRow("0000000000000021", old)]);
		for (const right of [true, false]) {
			const contact = this.fake.contact();
			const code = right ? contact.code : contact.wrongCode;
			assert.equal((await host.ask("start-verify", { task: contact.task }, contact)).status, 200);
			await host.ask("check-verify", { task: contact.task, verification_code: code }, contact);
			this.task = contact.task;
		}
		execFileSync("sqlite3", [host.ledger, `VACUUM INTO '${this.template}'`]);
		await host.stop();
	}

	get ledger() {
		return join(this.directory, "ledger.db");
	}

	get copy() {
		return join(this.directory, "copy.db");
	}

	/* The ledger as it was at first. */
	renew() {
		for (const path of [this.ledger, this.copy])
			for (const part of ["", "-wal", "-shm"])
				rmSync(path + part, { force: true });
		copyFileSync(this.template, this.ledger);
	}

	control(program) {
		this.controls[program] ??= new Control(this.directory, program);
		return this.controls[program];
	}

	/* flex-verify with these words: { status, signal, stdout, stderr }. */
	run(words, env = {}) {
		return new Promise((done) => {
			execFile(COMMAND, [...words, "-c", this.config], { env: { ...process.env, TZ: "UTC", ...env } },
				(error, stdout, stderr) => done({ status: error === null ? 0 : error.code, signal: error?.signal, stdout, stderr }));
		});
	}

	/* The positions of the events that a ledger holds, which has to be whole. */
	async positions(ledger = this.ledger) {
		const { status, stdout, stderr } = await this.run(["audit", "verify"]);
		assert.equal(status, 0, `the ledger is whole: ${stdout}${stderr}`);
		return execFileSync("sqlite3", ["-readonly", ledger, "SELECT position FROM events ORDER BY position"], { encoding: "utf8" })
			.trim().split("\n").map(Number);
	}

	async stop() {
		await this.fake.stop();
		Object.values(this.controls).forEach((control) => control.close());
		rmSync(this.directory, { recursive: true });
	}
}

export function startBench() {
	return new Bench().start();
}

/* ---- Commands ----------------------------------------------------------------------- */

/* What stands there is the same but for the time it was done. */
const plain = ({ stdout }) => stdout.replace(/\b[0-9a-f]{64}\b/g, "LINK").replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME");

/* purges: what is old may be gone, and nothing else. */
export const COMMANDS = {
	"audit verify": { words: () => ["audit", "verify"] },
	"audit follow": { words: ({ task }) => ["audit", "follow", task] },
	"audit follow --json": { words: ({ task }) => ["audit", "follow", "--json", task] },
	"audit export": { words: () => ["audit", "export", "--format", "jsonl"] },
	"audit report": { words: () => ["audit", "report", "--json"] },
	"ledger purge": { words: () => ["ledger", "purge", "--older-than", "40d"], purges: true },
	"ledger copy": { words: (bench) => ["ledger", "copy", "--from", `sqlite:${bench.ledger}`, "--to", `sqlite:${bench.copy}`], copies: true },
};

function endedByLibrary({ status, signal, stderr }, by) {
	return ENDING_LIBRARIES.test(by) && (signal === "SIGABRT" || signal === "SIGSEGV" ||
		(status !== 0 && stderr.includes("ERROR: AddressSanitizer: SEGV on unknown address 0x000000000000")));
}

function judgeEnd(result, usual) {
	const { status, signal, stdout, stderr } = result;
	assert.ok(!signal && !SANITIZER.test(stderr), `ended with ${status ?? signal}:\n${stderr.slice(-3000)}`);
	assert.ok(!`${stdout}${stderr}`.includes(LOG_KEY));
	if (status === 0) {
		assert.equal(plain(result), usual);
		return true;
	}
	assert.equal(status, 3, `${stdout}${stderr}`);
	assert.match(stderr, /^flex-verify[ a-z]*: .+$/m);
	assert.doesNotMatch(stdout, /BROKEN/);
	return false;
}

async function judgeLedger(bench, command, all) {
	const left = await bench.positions();
	const old = (position) => position <= OLD_EVENTS;
	const lost = all.filter((position) => !left.includes(position));
	assert.deepEqual(lost.filter((position) => !command.purges || !old(position)), [], "nothing is lost");
}

/* A copy that was made although it was not said to be is whole, and in nobody's way. */
async function judgeAgain(bench, command) {
	const { status, stdout, stderr } = await bench.run(command.words(bench));
	const copied = command.copies && status === 2 && existsSync(bench.copy);
	assert.ok(status === 0 || copied, `the next time: ${stdout}${stderr}`);
	if (copied)
		assert.deepEqual(await bench.positions(bench.copy), await bench.positions(), "the copy has all");
}

async function injectCommandAt(bench, command, kind, nth, usual, all) {
	const control = bench.control("flex-verify");
	bench.renew();
	control.write(KINDS_AT_START[kind], nth, false);
	const result = await bench.run(command.words(bench), injecting(bench.directory, kind));
	const by = control.failedFor();
	control.rest();
	const ended = endedByLibrary(result, by);
	const asUsual = !ended && judgeEnd(result, usual);
	await judgeLedger(bench, command, all);
	await judgeAgain(bench, command);
	return ended ? "ended" : asUsual ? "usual" : "refused";
}

async function usualCommand(bench, command, kind) {
	const control = bench.control("flex-verify");
	bench.renew();
	const all = await bench.positions();
	control.write(KINDS_AT_START[kind], 0, false);
	const result = await bench.run(command.words(bench), injecting(bench.directory, kind));
	const count = control.counted();
	control.rest();
	assert.equal(result.status, 0, `${result.stdout}${result.stderr}`);
	assert.ok(count > 0);
	return { count, at: (nth) => injectCommandAt(bench, command, kind, nth, plain(result), all) };
}

/* ---- A program's start ---------------------------------------------------------------- */

export const START = { program: "start-verify" };

function connects(path) {
	return new Promise((done) => {
		const socket = net.connect({ path });
		socket.on("connect", () => { socket.destroy(); done(true); });
		socket.on("error", () => done(false));
	});
}

/* Until it serves or has ended: { serves, status, signal, stderr }. */
async function launch(bench, { program }, env) {
	const socket = join(bench.directory, `${program}.sock`);
	rmSync(socket, { force: true });
	const child = spawn(join(BIN, program), ["-c", bench.config, "-s", socket],
		{ env: { ...process.env, TZ: "UTC", ...env }, stdio: ["ignore", "ignore", "pipe"] });
	const started = { child, stderr: "", serves: false, closed: once(child, "close") };
	child.stderr.on("data", (data) => { started.stderr += data; });
	for (let waited = 0; !started.serves && child.exitCode === null && child.signalCode === null; waited += 3) {
		assert.ok(waited < 60_000, `neither serves nor ends: ${started.stderr}`);
		started.serves = await connects(socket);
		if (!started.serves)
			await sleep(3);
	}
	return started;
}

async function end(started) {
	started.child.kill("SIGTERM");
	await started.closed;
	return { status: started.child.exitCode, signal: started.child.signalCode, stderr: started.stderr };
}

/* A first request: "usual", "refused", or null when it ended before it answered, as its socket is there before all of it is. */
async function ask(bench, { program }, child) {
	const contact = bench.fake.contact(), body = new URLSearchParams({ task: contact.task }).toString();
	const variables = { REQUEST_METHOD: "POST", DOCUMENT_URI: `/${program}`, QUERY_STRING: "", CONTENT_TYPE: FORM,
		CONTENT_LENGTH: body.length, REMOTE_ADDR: "127.0.0.1", REQUEST_ID: "0".repeat(32), HTTP_AUTHORIZATION: `Bearer ${contact.token}` };
	const answer = await unlessGone(sendRecords({ runDir: bench.directory }, program, wholeRequest(variables, body)));
	if (answer === null) {
		await hasEnded(child);
		return null;
	}
	const usual = answer.json?.verification?.state === "pending";
	assert.ok(usual || (answer.json?.success === false && answer.status >= 500), answer.text);
	return usual ? "usual" : "refused";
}

/* What is wrong with it must not leave it running. */
function unlessStuck(started, use) {
	return use().catch(async (error) => {
		started.child.kill("SIGKILL");
		await started.closed;
		throw error;
	});
}

async function injectStartAt(bench, request, kind, nth) {
	const control = bench.control(request.program);
	bench.renew();
	control.write(KINDS_AT_START[kind], nth, false);
	const started = await launch(bench, request, injecting(bench.directory, kind));
	const answered = await unlessStuck(started, async () => started.serves ? ask(bench, request, started.child) : null);
	const by = control.failedFor();
	control.rest();
	const ending = await end(started);
	if (endedByLibrary(ending, by))
		return "ended";
	assert.ok(!SANITIZER.test(ending.stderr), ending.stderr.slice(-3000));
	assert.ok(!ending.stderr.includes(LOG_KEY));
	/* Its first threads may have answered before it finds that it cannot start the last one. */
	if (answered !== null && ending.status === 0)
		return answered;
	assert.ok(answered === null || ending.stderr.includes("cannot start the threads"), ending.stderr);
	assert.equal(ending.signal, null, ending.stderr);
	assert.notEqual(ending.status, 0, ending.stderr);
	assert.match(ending.stderr, /\S/, "it says why");
	return "refused";
}

async function usualStart(bench, request, kind) {
	const control = bench.control(request.program);
	bench.renew();
	control.write(KINDS_AT_START[kind], 0, false);
	const started = await launch(bench, request, injecting(bench.directory, kind));
	const answered = await unlessStuck(started, () => ask(bench, request, started.child));
	const count = control.counted();
	control.rest();
	const ending = await end(started);
	assert.deepEqual([answered, ending.status], ["usual", 0], ending.stderr);
	assert.ok(count > 0);
	return { count, at: (nth) => injectStartAt(bench, request, kind, nth) };
}

/* ------------------------------------------------------------------------------------------ */

/* Every so many-th place of some of them, or of the last ones: { count, tried, usual, refused, silent, ended, findings }. */
export async function injectEachOf(bench, subject, kind, { every = 1, last, from = 1, upto = Infinity } = {}) {
	const { count, at } = await (subject.words === undefined ? usualStart : usualCommand)(bench, subject, kind);
	const sum = { count, tried: 0, usual: 0, refused: 0, silent: 0, ended: 0, findings: [] };
	const first = last === undefined ? from : count - last + 1;
	assert.ok(first >= 1, `there are ${count} places`);
	for (let nth = first; nth <= Math.min(count, upto) && sum.findings.length <= 20; nth += every) {
		sum.tried++;
		try {
			sum[await at(nth)]++;
		} catch (error) {
			sum.findings.push({ nth, text: error.message });
		}
	}
	return sum;
}
