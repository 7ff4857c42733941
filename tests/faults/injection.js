/*
 * injection: each call of a kind that a request leads to fails once, in turn:
 * allocations, calls of libcurl, calls of SQLite.  inject.c says how.
 *
 *   const rig = await startRig();
 *   const { tried, findings } = await injectEach(rig, REQUESTS["check-verify, right code"], "memory", { every: 25 });
 *   await rig.stop();    // rejects when a program ended in an unclean way, or a sanitizer found something
 *
 * Whatever fails, the answer is the usual one, with all that belongs to it, or
 * a refusal that does not blame who asked, or the connection ends without one;
 * nobody is verified who is not; nothing is released without an approval; and
 * the next request works.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { startFakeTwilio } from "../api/fake_twilio.js";
import { assertNothingReleased } from "../api/fault_helpers.js";
import { sendRecords, wholeRequest } from "../api/fastcgi.js";
import { FORM, JSON_TYPE } from "../api/helpers.js";
import { startPrograms } from "../api/programs.js";
import { readTwiml } from "../api/voice.js";
import { VOICE_URL, assertNotApproved } from "./requests.js";

const LIBRARY = resolve(fileURLToPath(new URL("../..", import.meta.url)), ".build/faults/inject.so");
const SUPPRESSIONS = fileURLToPath(new URL("leaks.supp", import.meta.url));

/*
 * libfcgi asserts that its allocations succeed, and json-c (0.16) takes for granted that it can copy the name of
 * a member: without memory for either of them, a program ends.
 */
export const ENDING_LIBRARIES = /^lib(?:fcgi|json-c)\.so/;

export const KINDS = { memory: 1, curl: 2, sqlite: 3 };

/* Of what begins with the program: not what libcrypto, which is new to it, asks for. */
const MEMORY_AT_START = 4;
export const KINDS_AT_START = { memory: MEMORY_AT_START, sqlite: KINDS.sqlite, system: 5 };

/* What the same request may be answered when the first one has, or may have, done what was asked. */
const UNSETTLED = ["verification_busy", "result_unclear", "already_approved", "no_pending_code", "not_approved",
	"not_locked", "contact_stopped", "code_expired", "callback_asked", "callback_used", "link_pending", "link_used", "caller_keys_in", "not_keying_in"];

const KEYS = { THREADS: 1, VERIFY_ROLES: "agent", SEE_ROLES: "agent", SUPERVISOR_ROLES: "agent", SUPERVISOR_ANY_TASK: "on",
	OVERRIDE: "on", TRANSFER: "keep", CHANNELS: "sms call", INFO_FIELDS: "name phone account_number task.call_sid",
	RESEND_AFTER_SECONDS: 0, FAILURES_PER_NUMBER_HOUR: 100, FAILURES_IN_A_ROW: 50, METRICS: "", VOICE_PUBLIC_URL: VOICE_URL };

const PROGRAMS = ["start-verify", "check-verify", "customer-info", "override-verify", "unlock-verify", "supervisor-info",
	"portal-pin", "verify-call", "approve-verify", "host-info"];

/* ---- Which call fails ---------------------------------------------------------- */

export class Control {
	constructor(directory, program) {
		this.fd = openSync(join(directory, program), "w+");
		this.write(0, 0, false);
	}

	write(kind, fails, lasts) {
		const bytes = new Uint8Array(64);
		bytes.set(new Uint8Array(Int32Array.of(kind, fails, lasts ? 1 : 0, 0).buffer));
		writeSync(this.fd, bytes, 0, bytes.length, 0);
	}

	/* What counts no more counts, and who asked for what failed stays to be read. */
	rest() {
		writeSync(this.fd, new Uint8Array(16), 0, 16, 0);
	}

	/* The file of the code whose call failed. */
	failedFor() {
		const bytes = Buffer.alloc(64);
		readSync(this.fd, bytes, 0, 64, 0);
		return bytes.toString("latin1", 16).replace(/\0.*/s, "");
	}

	/* So many calls since then. */
	counted() {
		const bytes = new Int32Array(4);
		readSync(this.fd, new Uint8Array(bytes.buffer), 0, 16, 0);
		return bytes[3];
	}

	close() {
		closeSync(this.fd);
	}
}

/* ---- The programs ----------------------------------------------------------------- */

class Rig {
	/* One request as a web server passes it on: its answer, or null. */
	ask(program, fields, { token, headers = {}, json = false, query = "" } = {}) {
		const body = typeof fields === "string" ? fields : new URLSearchParams(fields).toString();
		const variables = { REQUEST_METHOD: "POST", DOCUMENT_URI: `/${program}`, QUERY_STRING: query,
			CONTENT_TYPE: json ? JSON_TYPE : FORM, CONTENT_LENGTH: body.length, REMOTE_ADDR: "127.0.0.1",
			REQUEST_ID: randomBytes(16).toString("hex"), ...headers };
		if (token !== undefined)
			variables.HTTP_AUTHORIZATION = `Bearer ${token}`;
		return sendRecords(this.host, `${program}-0`, wholeRequest(variables, body));
	}

	/* What has to work. */
	async must(program, fields, contact) {
		const answer = await this.ask(program, { task: contact.task, ...fields }, { token: contact.token });
		assert.equal(answer?.status, 200, `${program}: ${answer?.text}`);
		return answer;
	}

	/*
	 * Is it still there?  False if one of the libraries has ended it that do so when there is no memory
	 * for them; systemd then starts the program again, as is done here.  It has one thread, so that an
	 * answer means that nothing goes on behind the one before.
	 */
	async survived(program) {
		const name = `${program}-0`, child = this.host.children.get(name);
		if (await unlessGone(this.ask(program, {})) !== null)
			return true;
		await hasEnded(child);
		const by = this.controls[program].failedFor(), lastWords = this.host.forget(program);
		await this.host.launch(program);
		assert.ok(ENDING_LIBRARIES.test(by) && (child.signalCode === "SIGABRT" || child.signalCode === "SIGSEGV" ||
			lastWords.includes("ERROR: AddressSanitizer: SEGV on unknown address 0x000000000000")),
		`${program} ended with ${child.exitCode ?? child.signalCode}, for want of what ${by} asked for:\n${lastWords.slice(-3000)}`);
		return false;
	}

	/* Nobody can see later of an audit line that it lacks something. */
	assertAuditLinesAreWhole() {
		const always = ["action", "outcome", "status", "request_id", "released"];
		for (const program of PROGRAMS)
			for (const line of this.host.log(`${program}-0`).split("\n").filter((text) => text.includes('"event":"audit"'))) {
				const members = JSON.parse(line);
				assert.ok(members.incomplete || members.message || always.every((name) => name in members), line);
			}
	}

	async stop() {
		await this.fake.stop();
		try {
			this.assertAuditLinesAreWhole();
			await this.host.stop();
		} finally {
			Object.values(this.controls).forEach((control) => control.close());
			rmSync(this.directory, { recursive: true });
		}
	}
}

/* What is asked of a program; null: it is no longer there. */
export const unlessGone = (answer) => answer.catch((error) => {
	if (error.code === "ENOENT" || error.code === "ECONNREFUSED")
		return null;
	throw error;
});

/* Whoever closes a connection without an answer is about to. */
export async function hasEnded(child) {
	for (let waited = 0; child.exitCode === null && child.signalCode === null; waited += 10) {
		assert.ok(waited < 10_000, "it lives, and does not answer");
		await sleep(10);
	}
}

/* The environment of a program whose calls fail as a Control in directory says. */
export function injecting(directory, kind) {
	/* Unwound slowly, through libraries without frame pointers, and not far. */
	const asan = [process.env.ASAN_OPTIONS, "verify_asan_link_order=0", "fast_unwind_on_malloc=0", "malloc_context_size=10"];
	return { LD_PRELOAD: LIBRARY, INJECT: directory, ASAN_OPTIONS: asan.filter(Boolean).join(":"),
		...(kind === "memory" && { LSAN_OPTIONS: `suppressions=${SUPPRESSIONS}:print_suppressions=0` }) };
}

/*
 * With a kind, for calls of that kind alone: then only that of memory has leaks.supp, which would also
 * hide what we lose ourselves of what was parsed.
 */
export async function startRig(keys = {}, kind = "memory") {
	const rig = new Rig();
	rig.directory = mkdtempSync(join(tmpdir(), "flex-verify-inject-"));
	rig.controls = Object.fromEntries(PROGRAMS.map((program) => [program, new Control(rig.directory, program)]));
	rig.fake = await startFakeTwilio();
	rig.host = await startPrograms({ ...rig.fake.config, TASK_WRITE_BACK: "on", ...KEYS, ...keys },
		{ programs: PROGRAMS, env: injecting(rig.directory, kind) });
	return rig;
}

/* ---- Judging ------------------------------------------------------------------------ */

/* The names of all members, of objects within objects as well; what is in lists may be anything. */
function shapeOf(value, name = "") {
	if (value === null || typeof value !== "object" || Array.isArray(value))
		return [`${name}:${value === null ? "null" : typeof value}`];
	return Object.keys(value).sort().flatMap((member) => shapeOf(value[member], `${name}.${member}`));
}

function assertRefuses(answer) {
	assert.ok(answer.status >= 500 && answer.status < 600, answer.text);
	assert.equal(answer.json?.success, false, answer.text);
	assert.match(answer.json.code, /^[a-z_]+$/, answer.text);
	assert.match(answer.json.message, /^[A-Z].*\.$/, answer.text);
	assert.equal(answer.headers["cache-control"], "no-store");
}

/* A false approval would name it there. */
function judgeVoice(request, answer, usual) {
	if (answer.status !== 200) {
		assert.ok(answer.status >= 500, answer.text);
		return false;
	}
	readTwiml(answer);
	const { says } = observed(request, answer);
	assert.ok(!says || usual.says, answer.text);
	return says === usual.says;
}

/* Of counters, which go on, the names; of a program whose counters cannot be read is nothing said. */
function judgeMonitored(answer, usual) {
	if (answer.status !== 200) {
		assert.ok(answer.status >= 500, answer.text);
		return false;
	}
	const { text } = observed({ monitors: true }, answer);
	assert.ok(text === usual.text || text === usual.text.replace(/"programs":\{[^}]*\}/, '"programs":{}'), answer.text);
	return text === usual.text;
}

function observed({ voice, says = "approved", monitors, reads }, answer) {
	if (voice)
		return { status: answer.status, says: answer.text.includes(says) };
	if (monitors)
		return { status: answer.status, text: answer.text.replace(/ [\d.e+-]+$/gm, "") };
	return { status: answer.status, shape: reads ? Object.keys(answer.json).sort() : shapeOf(answer.json) };
}

/* As usual?  Throws if it is neither that nor a refusal. */
function judge(request, answer, usual, contact) {
	if (answer === null)
		return false;
	if (request.monitors)
		return judgeMonitored(answer, usual);
	if (!request.releases && !request.noTask)
		assertNothingReleased({ ...answer, json: answer.json ?? {} }, request.voice ? { ...contact, to: "none" } : contact);
	if (request.voice)
		return judgeVoice(request, answer, usual);
	const same = answer.status === usual.status && answer.json?.code === usual.code;
	if (same) {
		assert.deepEqual(observed(request, answer).shape, usual.shape, answer.text);
		return true;
	}
	assertRefuses(answer);
	assertNothingReleased(answer, contact);
	return false;
}

/* When nothing fails any more: nobody is verified by it, and the same request works. */
async function judgeAfter(rig, request, contact, { usual, asUsual }) {
	const verified = request.verifies || (request.wasVerified && !(request.stops && asUsual));
	if (!verified && !request.noTask && !request.monitors)
		await assertNotApproved(rig, contact);
	const again = await request.ask(rig, contact);
	assert.ok(again !== null, "an answer, when nothing fails any more");
	assert.ok((again.status === usual.status && again.json?.code === usual.code) || UNSETTLED.includes(again.json?.code),
		again.text);
}

/* What is counted may go on behind the answer. */
async function atRest(control) {
	for (let before = -1, now = control.counted(); before !== now; before = now, now = control.counted())
		await sleep(8);
}

async function usualOf(rig, request, kind) {
	const control = rig.controls[request.program];
	await request.ask(rig, await request.prepare(rig)); /* what only the first one has to do is not counted */
	const contact = await request.prepare(rig);
	control.write(KINDS[kind], 0, false);
	const answer = await request.ask(rig, contact);
	if (request.leavesWork)
		await atRest(control);
	const count = control.counted();
	control.rest();
	assert.equal(answer?.status, request.usual ?? 200, answer?.text);
	return { ...observed(request, answer), code: answer.json?.code, count };
}

async function injectAt(rig, request, kind, nth, usual, lasts) {
	const control = rig.controls[request.program];
	const contact = await request.prepare(rig);
	control.write(KINDS[kind], nth, lasts);
	const answer = await request.ask(rig, contact).finally(async () => {
		if (request.leavesWork)
			await atRest(control);
		control.rest();
	});
	const survived = (answer !== null && !request.leavesWork) || await rig.survived(request.program);
	const asUsual = judge(request, answer, usual, contact);
	if (answer !== null && !lasts)
		request.holds?.(contact);
	await judgeAfter(rig, request, contact, { usual, asUsual });
	if (answer !== null)
		return asUsual ? "usual" : "refused";
	return survived ? "silent" : "ended";
}

/* Every so many-th place of some of them, or of the last ones: { count, tried, usual, refused, silent, ended, findings }. */
export async function injectEach(rig, request, kind, { every = 1, last, from = 1, upto = Infinity, lasts = false } = {}) {
	const usual = await usualOf(rig, request, kind);
	const first = last === undefined ? from : usual.count - last + 1;
	assert.ok(first >= 1, `there are ${usual.count} places`);
	const sum = { count: usual.count, tried: 0, usual: 0, refused: 0, silent: 0, ended: 0, findings: [] };
	for (let nth = first; nth <= Math.min(usual.count, upto); nth += every) {
		sum.tried++;
		try {
			sum[await injectAt(rig, request, kind, nth, usual, lasts)]++;
		} catch (error) {
			sum.findings.push({ nth, text: error.message });
			if (sum.findings.length > 20)
				break;
		}
	}
	return sum;
}
