/*
 * helpers: what the API tests share: requests, the sandbox's people and tasks,
 * and what every answer of the API has to look like.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import http from "node:http";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { BEHIND, isServersOwn } from "./web_servers.js";

export const FORM = "application/x-www-form-urlencoded";
export const JSON_TYPE = "application/json";

export const ANA = "sandbox-ana";
export const BEN = "sandbox-ben";
export const SAM = "sandbox-sam"; /* a supervisor */

/* What agents ask; every one of them can be refused for a reason of its own. */
export const AGENT_PROGRAMS = ["start-verify", "check-verify", "customer-info"];
export const PAGE_PROGRAMS = [...AGENT_PROGRAMS, "override-verify", "unlock-verify", "supervisor-info"];
export const PROGRAMS = [...PAGE_PROGRAMS, "portal-pin"]; /* which is asked by servers, and never by a page */

/* Those, what customers and Twilio ask, and what monitoring asks. */
export const INSTALLED = [...PROGRAMS, "approve-verify", "verify-call", "host-info"];

/* What each says to a request that has nothing. */
export const SAYS_TO_NOTHING = { ...Object.fromEntries(PAGE_PROGRAMS.map((program) => [program, "agent_not_signed_in"])),
	"portal-pin": "pins_off", "approve-verify": "unknown_link", "verify-call": "not_from_twilio" };

/* The sandbox's tasks and workers: SIDs end in their number. */
export const taskSid = (number) => `WT${String(number).padStart(32, "0")}`;
export const ANAS_CALL = taskSid(1);
export const ANAS_TEXTS = taskSid(2);
export const BENS_CALL = taskSid(3);

/* ---- HTTP ------------------------------------------------------------------ */

/*
 * One request, as given: nothing is added but Host, Content-Length and
 * Connection.  from is another address of this host to ask from.  The answer:
 * { status, headers, names, text, json }; names are those of all header lines,
 * so that a repeated one shows.
 *
 * A quick series of tests can look like a flood to nginx; unless in a hurry,
 * a request that its shield refuses is made again.
 */
export async function request(stack, { hurry = false, ...options }) {
	for (;;) {
		const answer = await requestOnce(stack, options);
		if (hurry || answer.json?.code !== "too_many_requests")
			return answer;
		await sleep(100);
	}
}

/* The sandbox is behind nginx, whatever the programs are behind. */
export const portOf = ({ port, sandboxPort = port }, path) => (path.startsWith("/sandbox") ? sandboxPort : port);

function requestOnce(stack, { method = "POST", path, headers = {}, body = "", from }) {
	const { promise, resolve, reject } = withResolvers();
	const to = { host: "127.0.0.1", port: portOf(stack, path), localAddress: from };
	const call = http.request({ ...to, path, method, headers, agent: false }, (reply) => {
		const chunks = [];
		reply.on("data", (chunk) => chunks.push(chunk));
		reply.on("error", reject);
		reply.on("end", () => resolve(answerOf(reply.statusCode, reply.rawHeaders, Buffer.concat(chunks).toString())));
	});
	call.on("error", reject);
	call.end(body);
	return promise;
}

function withResolvers() {
	const parts = {};
	parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
	return parts;
}

function answerOf(status, rawHeaders, text) {
	const names = [], headers = {};
	for (let i = 0; i < rawHeaders.length; i += 2) {
		const name = rawHeaders[i].toLowerCase();
		names.push(name);
		headers[name] = rawHeaders[i + 1];
	}
	return { status, headers, names, text, json: parsed(text) };
}

function parsed(text) {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/* A body that came in chunks; its text is ASCII. */
function joined(text) {
	const end = text.indexOf("\r\n"), length = parseInt(text, 16);
	return length > 0 ? text.slice(end + 2, end + 2 + length) + joined(text.slice(end + 4 + length)) : "";
}

/* The answer in the bytes of an HTTP/1.1 or CGI reply; null if there are none. */
export function readAnswer(bytes) {
	const text = bytes.toString();
	const end = text.indexOf("\r\n\r\n");
	if (end < 0)
		return null;
	const [first, ...lines] = text.slice(0, end).split("\r\n");
	const isHttp = first.startsWith("HTTP/");
	const raw = (isHttp ? lines : [first, ...lines]).flatMap((line) => {
		const colon = line.indexOf(":");
		return [line.slice(0, colon), line.slice(colon + 1).trim()];
	});
	const answer = answerOf(0, raw, text.slice(end + 4));
	if (answer.headers["transfer-encoding"] === "chunked")
		Object.assign(answer, answerOf(0, raw, joined(text.slice(end + 4))));
	answer.status = parseInt(isHttp ? first.split(" ")[1] : answer.headers.status, 10);
	return answer;
}

/* Writes bytes to a socket and reads until the other side closes; a silence of 60 s is an error. */
export function converse(where, bytes, { thenClose = false } = {}) {
	const { promise, resolve, reject } = withResolvers();
	const socket = net.connect({ ...where, allowHalfOpen: true });
	const chunks = [];
	socket.setTimeout(60_000, () => socket.destroy(new Error("no answer, and the connection stays open")));
	socket.on("data", (chunk) => chunks.push(chunk));
	socket.on("end", () => socket.end());
	socket.on("close", () => resolve(Buffer.concat(chunks)));
	socket.on("error", (error) => {
		/* Who refuses a request may close before it has read all of it. */
		if (error.code === "EPIPE" || error.code === "ECONNRESET")
			resolve(Buffer.concat(chunks));
		else
			reject(error);
	});
	if (thenClose)
		socket.end(bytes);
	else
		socket.write(bytes);
	return promise;
}

/* Sends bytes to nginx as they are. */
export const sendRaw = (stack, bytes, options) =>
	converse({ host: "127.0.0.1", port: stack.port }, bytes, options);

/* ---- The API --------------------------------------------------------------- */

/* A request by the book, in JSON or as a form. */
export function call(stack, program, fields, { token, as = JSON_TYPE, headers = {}, hurry } = {}) {
	const all = { "Content-Type": as, ...headers };
	if (token !== undefined)
		all.Authorization = `Bearer ${token}`;
	const body = as === JSON_TYPE ? JSON.stringify(fields) : new URLSearchParams(fields).toString();
	return request(stack, { path: `/${program}`, headers: all, body, hurry });
}

/* What an agent's panel does. */
export function agent(stack, token, options = {}) {
	const ask = (program, fields) => call(stack, program, fields, { ...options, token });
	return {
		start: (task, more = {}) => ask("start-verify", { task, ...more }),
		check: (task, code, more = {}) => ask("check-verify", { task, verification_code: code, ...more }),
		cancel: (task) => ask("start-verify", { task, action: "cancel" }),
		stop: (task) => ask("start-verify", { task, action: "stop" }),
		end: (task) => ask("start-verify", { task, action: "end" }),
		textLink: (task, more = {}) => ask("start-verify", { task, action: "text_link", ...more }),
		cancelLink: (task) => ask("start-verify", { task, action: "cancel_link" }),
		callBack: (task, more = {}) => ask("start-verify", { task, action: "call_back", ...more }),
		calledBack: (task) => ask("start-verify", { task, action: "called_back" }),
		keyIn: (task) => ask("start-verify", { task, action: "key_in" }),
		bringBack: (task) => ask("start-verify", { task, action: "bring_back" }),
		override: (task, fields) => ask("override-verify", { task, ...fields }),
		unlock: (fields) => ask("unlock-verify", fields),
		supervise: (fields = {}) => ask("supervisor-info", fields),
		info: (task) => ask("customer-info", { task }),
	};
}

/* Every request that there is, about a task. */
export const everything = ({ start, check, cancel, info }, task) =>
	[() => start(task), () => cancel(task), () => check(task, "123456"), () => info(task)];

export async function assertRefusedEverything(who, task, status, code) {
	for (const ask of everything(who, task)) {
		const answer = await ask();
		assertRefusal(answer, status, code);
		assertNoCustomer(answer);
	}
}

/* A code sent, and the right one checked. */
export async function verify(stack, who, task, to, options = {}) {
	assertSuccess(await who.start(task, options), "pending");
	const checked = await who.check(task, await stack.lastCode(to));
	assertSuccess(checked, "approved");
	return checked;
}

/* ---- The sandbox ------------------------------------------------------------- */

/* A code that was not sent, and none with a meaning of its own. */
export const notThe = (code) => (code === "111111" ? "222222" : "111111");

const TASKS = "/sandbox/twilio/v1/Workspaces/WS00000000000000000000000000000001/Tasks";
const CREDENTIALS = "AC00000000000000000000000000000001:00000000000000000000000000000001";
export const AS_TWILIOS_CLIENT = { Authorization: `Basic ${Buffer.from(CREDENTIALS).toString("base64")}` };

/* Changes a task, as a client of TaskRouter does. */
export async function changeTask(stack, task, fields) {
	const answer = await stack.post(`${TASKS}/${task}`, fields, { headers: AS_TWILIOS_CLIENT });
	assert.equal(answer.status, 200, answer.text);
}

export const setAttributes = (stack, task, attributes) =>
	changeTask(stack, task, { Attributes: JSON.stringify(attributes) });

export async function attributesTextOf(stack, task) {
	const answer = await request(stack, { method: "GET", path: `${TASKS}/${task}`, headers: AS_TWILIOS_CLIENT });
	assert.equal(answer.status, 200, answer.text);
	return answer.json.attributes;
}

export const attributesOf = async (stack, task) => JSON.parse(await attributesTextOf(stack, task));

/* The attributes of a call that nobody has had yet. */
export const callFrom = (from) =>
	({ type: "inbound", direction: "inbound", from, call_sid: `CA${randomBytes(16).toString("hex")}` });

/* Makes Ana's first task another call, of which the ledger knows nothing yet; returns the task. */
export async function newCall(stack, { from = "+12025550101", task = ANAS_CALL } = {}) {
	await setAttributes(stack, task, callFrom(from));
	return task;
}

/* ---- The host ---------------------------------------------------------------- */

/* Rows of the ledger, read by another process than the one that writes it. */
export function ledgerRows(stack, query) {
	const text = execFileSync("sqlite3", ["-readonly", "-json", "-cmd", ".timeout 2000",
		stack.ledger, query], { encoding: "utf8" });
	return text === "" ? [] : JSON.parse(text);
}

/* How much the ledger holds, of whatever. */
export const ledgerSize = (stack) => ledgerRows(stack,
	"SELECT (SELECT count(*) FROM verifications) AS verifications, (SELECT count(*) FROM events) AS events")[0];

/* The processes that serve; throws if one is gone. */
export function pids(stack) {
	return stack.programs.map((program) => {
		process.kill(stack.pid(program), 0);
		return stack.pid(program);
	});
}

/* A program's log, line by line. */
export const logOf = (stack, program) =>
	stack.log(program).split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));

/* ---- What every answer has to look like ---------------------------------------- */

const SECURITY_HEADERS = {
	"cache-control": "no-store",
	"x-content-type-options": "nosniff",
	"content-security-policy": "default-src 'none'; frame-ancestors 'none'",
	"referrer-policy": "no-referrer",
	"strict-transport-security": "max-age=31536000",
};

/* On every status, once each, and nothing that tells what is running here. */
export function assertSecurityHeaders(answer) {
	for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
		assert.equal(answer.headers[name], value, name);
		assert.equal(answer.names.filter((other) => other === name).length, 1, `${name}, once`);
	}
	if (answer.status !== 204)
		assert.equal(answer.headers["content-type"], "application/json; charset=utf-8");
	assert.ok(!/[0-9]/.test(answer.headers.server ?? ""), "no version in Server");
	assert.equal(answer.headers["x-powered-by"], undefined);
	assert.equal(answer.headers["set-cookie"], undefined);
}

const SENTENCE = /^[A-Z][^<>{}\\]*[^.]\.$/;
const UTC_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/* A refusal: its status, its stable code, and a sentence wherever a client looks for one. */
export function assertRefusal(answer, status, code, sentence = SENTENCE) {
	if (isServersOwn(answer, status, code))
		return;
	assert.deepEqual({ status: answer.status, code: answer.json?.code }, { status, code }, answer.text);
	assert.equal(answer.json.success, false);
	assert.match(answer.json.message, SENTENCE);
	assert.match(answer.json.message, sentence);
	assert.equal(answer.json.error.code, code);
	assert.equal(answer.json.error.message, answer.json.message);
	/* Refusals of other web servers' own may have no time. */
	if (BEHIND === undefined || answer.json.now !== undefined)
		assert.match(answer.json.now, UTC_TIME);
	assert.match(answer.json.request_id, /^[0-9a-f]{32}$/);
	assert.equal(answer.json.customer, undefined);
	assert.equal(answer.json.task, undefined);
	assertSecurityHeaders(answer);
}

export function assertSuccess(answer, state) {
	assert.equal(answer.status, 200, answer.text);
	assert.equal(answer.json.success, true);
	assert.match(answer.json.message, SENTENCE);
	assert.match(answer.json.now, UTC_TIME);
	assert.match(answer.json.request_id, /^[0-9a-f]{32}$/);
	if (state !== undefined)
		assert.equal(answer.json.verification.state, state);
	assertSecurityHeaders(answer);
}

/* Nothing of a customer, under whatever name, anywhere in the bytes. */
export function assertNoCustomer(answer) {
	assert.equal(answer.json.customer, undefined);
	assert.equal(answer.json.task, undefined);
	for (const text of ['"customer":', '"name"', '"email"', '"address"', '"account_number"', '"call_sid"', "Maria",
		"@example.com", "Elm Street", "EX-1"])
		assert.ok(!answer.text.includes(text), `${text} is in ${answer.text}`);
}
