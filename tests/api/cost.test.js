/*
 * What a request may cost: instructions, system calls and connections.  Unlike
 * seconds, they are the same on a busy machine and on another one; what differs
 * from run to run is less than 3 %.
 *
 * A budget that is exceeded is no law: raise it in the commit that says what
 * the request does more, and lower it when it does less.
 */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { ACCOUNT, AUTH_TOKEN, SERVICE, WORKSPACE, startFakeTwilio } from "./fake_twilio.js";
import { sendRecords, wholeRequest } from "./fastcgi.js";
import { FORM } from "./helpers.js";

const ROOT = resolve(fileURLToPath(new URL("../..", import.meta.url)));
const BIN = resolve(ROOT, process.env.FLEX_VERIFY_BIN ?? "cgi-bin");
const skip = BIN.includes("asan") && "a sanitizer has costs of its own";

const WARM_UP = 10, MEASURED = 40;
const MARGIN = 1.1;

const KEYS = { ACCOUNT_SID: ACCOUNT, AUTH_TOKEN, VERIFY_SERVICE_SID: SERVICE, WORKSPACE_SID: WORKSPACE,
	LOG_KEY: "cost-log-key-not-a-secret-0000000000", SENDS_PER_AGENT_HOUR: 0, THREADS: 1 };

/* What each kind of request takes today. */
const KINDS = {
	"a code for a number, as the demo sends it": {
		keys: { AGENT_AUTH: "none", CONTACT_SOURCE: "request" },
		fields: ({ to }) => ({ to, channel: "sms" }),
		budget: { instructions: 1_180_000, systemCalls: 61, connections: 1 },
	},
	"a code for a task": {
		keys: { AGENT_AUTH: "flex", CONTACT_SOURCE: "task", TASK_WRITE_BACK: "off" },
		fields: ({ task }) => ({ task, channel: "sms" }),
		budget: { instructions: 1_750_000, systemCalls: 74, connections: 2 },
	},
};

/* One start-verify, and a Twilio of its own. */
class Program {
	constructor(twilio, { keys, fields }) {
		this.runDir = mkdtempSync(join(tmpdir(), "flex-verify-cost-"));
		this.twilio = twilio;
		this.fields = fields;
		this.agent = twilio.contact();
		this.said = "";
		const all = { ...KEYS, ...keys, TWILIO_BASE_URL: twilio.url, LEDGER: `sqlite:${this.runDir}/ledger.db` };
		writeFileSync(join(this.runDir, "flex-verify.env"),
			Object.entries(all).map(([key, value]) => `${key}=${value}\n`).join(""), { mode: 0o600 });
	}

	/* 00010000 is __SO_ACCEPTCON.  A connection to find it out would cost what is counted here. */
	listens() {
		return readFileSync("/proc/net/unix", "latin1").split("\n")
			.some((line) => line.includes(" 00010000 ") && line.endsWith(` ${this.runDir}/start-verify.sock`));
	}

	/* Under a tool that watches it. */
	async start(tool) {
		const words = [...tool, join(BIN, "start-verify"), "-c", join(this.runDir, "flex-verify.env"), "-s",
			join(this.runDir, "start-verify.sock")];
		this.child = spawn(words[0], words.slice(1), { stdio: ["ignore", "ignore", "pipe"] });
		this.exited = once(this.child, "exit");
		this.child.stderr.on("data", (text) => { this.said += text; });
		for (let waited = 0; !this.listens(); waited += 20) {
			assert.ok(this.child.exitCode === null && waited < 60_000, `start-verify does not start:\n${this.said}`);
			await sleep(20);
		}
	}

	/* For another customer each time, but of one agent; all lengths are the same. */
	async ask() {
		const contact = Object.assign(this.twilio.contact(), { worker: this.agent.worker, token: this.agent.token });
		const body = new URLSearchParams(this.fields(contact)).toString();
		const answer = await sendRecords(this, "start-verify", wholeRequest({ REQUEST_METHOD: "POST", QUERY_STRING: "",
			DOCUMENT_URI: "/start-verify", CONTENT_TYPE: FORM, CONTENT_LENGTH: body.length, REMOTE_ADDR: "127.0.0.1",
			REQUEST_ID: randomBytes(16).toString("hex"), HTTP_AUTHORIZATION: `Bearer ${this.agent.token}` }, body));
		assert.equal(answer.status, 200, answer.text);
	}

	async askOften(times) {
		for (let i = 0; i < times; i++)
			await this.ask();
	}

	/* Of strace it is a child, of which it takes no signal off; valgrind is the program. */
	async stop(signal = "SIGTERM") {
		const { pid } = this.child;
		const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
		process.kill(children[0] ?? pid, signal);
		await this.exited;
	}
}

async function withProgram(kind, tool, use) {
	const twilio = await startFakeTwilio();
	const program = new Program(twilio, kind);
	try {
		await program.start(tool(program.runDir));
		return await use(program);
	} finally {
		if (program.child.exitCode === null && program.child.signalCode === null)
			await program.stop("SIGKILL");
		await twilio.stop();
		rmSync(program.runDir, { recursive: true });
	}
}

/* ---- The two tools ------------------------------------------------------------- */

const control = (program, state) => promisify(execFile)("callgrind_control", ["-i", state, String(program.child.pid)]);

function instructions(kind) {
	const tool = (directory) => ["valgrind", "--quiet", "--tool=callgrind", "--instr-atstart=no",
		`--callgrind-out-file=${directory}/callgrind.out`];
	return withProgram(kind, tool, async (program) => {
		await program.askOften(WARM_UP);
		await control(program, "on");
		await program.askOften(MEASURED);
		await control(program, "off");
		await program.stop();
		const [, total] = /^totals: (\d+)/m.exec(readFileSync(join(program.runDir, "callgrind.out"), "utf8"));
		return { instructions: total / MEASURED, connections: program.twilio.connections };
	});
}

/* The calls of that many requests; those by which the main thread passes the time are left out. */
function callsOf(kind, times, traced) {
	const tool = (directory) => ["strace", "-f", "-c", "-S", "name", "-e", `trace=${traced}`, "-o", `${directory}/strace.out`];
	return withProgram(kind, tool, async (program) => {
		await program.askOften(times);
		await program.stop();
		const total = readFileSync(join(program.runDir, "strace.out"), "utf8").split("\n").find((line) => line.endsWith(" total"));
		return Number(total?.trim().split(/\s+/)[3] ?? 0);
	});
}

const systemCalls = async (kind, traced = "!rt_sigtimedwait") =>
	(await callsOf(kind, WARM_UP + MEASURED, traced) - await callsOf(kind, WARM_UP, traced)) / MEASURED;

for (const [name, kind] of Object.entries(KINDS)) {
	test(`${name}, takes no more instructions and connections than it did`, { skip }, async () => {
		const taken = await instructions(kind);
		console.log(name, taken);
		assert.equal(taken.connections, kind.budget.connections);
		assert.ok(taken.instructions < kind.budget.instructions * MARGIN,
			`${taken.instructions.toFixed(0)} instructions a request, and the budget is ${kind.budget.instructions}`);
	});

	test(`${name}, takes no more system calls than it did`, { skip }, async () => {
		const taken = await systemCalls(kind);
		console.log(name, taken);
		assert.ok(taken < kind.budget.systemCalls * MARGIN,
			`${taken.toFixed(1)} system calls a request, and the budget is ${kind.budget.systemCalls}`);
	});
}

test("a code waits for the disk, before Twilio is asked and behind it, and with LEDGER_SYNC=normal never", { skip }, async () => {
	const kind = KINDS["a code for a number, as the demo sends it"];
	const normal = { ...kind, keys: { ...kind.keys, LEDGER_SYNC: "normal" } };
	assert.equal(await systemCalls(kind, "fdatasync,fsync"), 2);
	assert.equal(await systemCalls(normal, "fdatasync,fsync"), 0);
});
