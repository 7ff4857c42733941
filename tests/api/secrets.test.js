/*
 * What may never be written down: passcodes, tokens, credentials, numbers.
 *
 * Canaries are driven through every path, errors included; then everything that
 * a stack wrote is searched for them.  And every request is in the audit log,
 * once, whatever bytes it came with.
 */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { faults, sid, startFakeTwilio } from "./fake_twilio.js";
import { until } from "./fault_helpers.js";
import {
	ANA, FORM, JSON_TYPE, PROGRAMS, assertRefusal, assertSuccess, logOf, notThe, readAnswer, request, sendRaw, taskSid,
} from "./helpers.js";
import { startStack } from "./stack.js";

const random = () => randomBytes(16).toString("hex");

/* ---- Searching ------------------------------------------------------------------ */

/* The configuration itself, as it is given and as it is laid together. */
const CONFIGURATION = ["overlay.env", "flex-verify.env"];

function everythingWritten(stack) {
	const files = readdirSync(stack.runDir, { recursive: true, withFileTypes: true });
	return files.filter((file) => file.isFile() && !CONFIGURATION.includes(file.name))
		.map((file) => {
			const path = join(file.path ?? file.parentPath, file.name);
			return { path, text: readFileSync(path, "latin1") };
		});
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/* What is left of a text in the base64 of something that it is a part of, at whatever place. */
const insideBase64 = (text) => [0, 1, 2].map((offset) => Buffer.from("x".repeat(offset) + text).toString("base64")
	.slice(Math.ceil(offset * 8 / 6), Math.floor((offset + text.length) * 8 / 6)));

/* Also encoded for a URL, inside of HTTP Basic credentials, and in hex. */
const formsOf = (secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1),
	Buffer.from(secret).toString("hex"), ...insideBase64(secret)];

/* Hashes without a key, which anybody can compute of all numbers and passcodes there are. */
const hashesOf = (secret) => ["md5", "sha1", "sha256"].map((name) =>
	createHash(name).update(secret).digest("hex").slice(0, 16));

const anyOf = (texts) => new RegExp([...new Set(texts)].map(escaped).join("|"), "i");

/* Six digits can be part of an SID or of a size by chance, so they have to stand alone. */
const alone = (codes) => new RegExp(`(?<![0-9a-f])(?:${codes.join("|")})(?![0-9a-f])`, "i");

/* What was found of them, and where. */
function findings(files, patterns) {
	return files.flatMap(({ path, text }) => patterns.map((pattern) => pattern.exec(text))
		.filter((found) => found !== null)
		.map(({ 0: what, index }) => {
			const around = text.slice(Math.max(0, index - 150), index + 150);
			return `${path}: ${what} in ${JSON.stringify(around)}`;
		}));
}

const commandLines = (stack) => ["nginx", ...PROGRAMS, "twilio-sandbox"].flatMap((name) =>
	["cmdline", "environ"].map((file) => {
		const path = `/proc/${stack.pid(name)}/${file}`;
		return { path: `${path} (${name})`, text: readFileSync(path, "latin1") };
	}));

function assertNowhere(stack, patterns) {
	assert.deepEqual(findings([...everythingWritten(stack), ...commandLines(stack)], patterns), []);
}

/* ---- Asking, and remembering what was answered ------------------------------------ */

class Recorder {
	constructor(stack) {
		this.stack = stack;
		this.answers = []; /* { program, answer, contact } */
	}

	async ask(program, fields, { token, contact, as = FORM, ...options } = {}) {
		const body = as === JSON_TYPE ? JSON.stringify(fields) : new URLSearchParams(fields).toString();
		return this.send(program, { body, contact, ...options, headers: { "Content-Type": as,
			...(token !== undefined && { Authorization: `Bearer ${token}` }), ...options.headers } });
	}

	async send(program, { contact, path = `/${program}`, ...options }) {
		const answer = await request(this.stack, { path, ...options });
		this.answers.push({ program, answer, contact });
		return answer;
	}

	async sendBytes(program, bytes) {
		const answer = readAnswer(await sendRaw(this.stack, bytes));
		if (answer !== null)
			this.answers.push({ program, answer });
		return answer;
	}
}

const AUDIT_ACTIONS = { "start-verify": ["start", "cancel", "stop", "end"], "check-verify": ["check", "check_pin"],
	"customer-info": ["info"], "override-verify": ["override"], "unlock-verify": ["unlock"],
	"supervisor-info": ["supervise"], "portal-pin": ["pin"] };

/* Outcomes before an agent, and before a number, is known. */
const BEFORE_AGENT = ["malformed_request", "unknown_field", "repeated_field", "missing_parameter", "query_not_allowed",
	"method_not_allowed", "body_too_large", "unsupported_media_type", "token_too_long", "invalid_action",
	"incomplete_request", "origin_not_allowed", "agent_not_signed_in", "agent_session_expired", "agent_not_allowed",
	"sign_in_unavailable", "twilio_credentials"];
const BEFORE_NUMBER = ["invalid_task", "task_not_found", "task_unavailable", "task_closed", "not_your_task",
	"no_number", "number_mismatch", "invalid_number"];

const isAudit = ({ event }) => event === "audit";

/* Lines of nginx's access log about the programs, of requests that it passed on to them. */
const passedOn = (stack) => readFileSync(join(stack.runDir, "nginx/access.log"), "utf8").trim().split("\n")
	.map((line) => JSON.parse(line))
	.filter(({ path, program_status }) => PROGRAMS.includes(path.slice(1)) && /^\d+$/.test(program_status));

/* One line for each request that a program got, and none besides. */
async function assertAudited({ stack, answers }, { signsIn = true } = {}) {
	const lines = PROGRAMS.flatMap((program) => logOf(stack, program).filter(isAudit));
	const idsOf = (list) => list.map(({ request_id }) => request_id).sort();

	/* nginx writes its line after the client has the answer; other web servers write no id. */
	if (stack.web === undefined) {
		const requests = await until(async () => passedOn(stack), (list) => list.length >= lines.length, { seconds: 5 });
		assert.deepEqual(idsOf(lines), idsOf(requests));
	}
	assert.equal(new Set(idsOf(lines)).size, lines.length);
	for (const { program, answer, contact } of answers) {
		const line = lines.find(({ request_id }) => request_id === answer.json?.request_id);
		if (line === undefined)
			continue; /* the web server's own refusal */
		const about = JSON.stringify(line);

		assert.equal(line.program, program, about);
		assert.ok(AUDIT_ACTIONS[program].includes(line.action), about);
		assert.equal(line.outcome, answer.json.code ?? "done", about);
		assert.equal(line.status, answer.status, about);
		assert.equal(line.released, answer.json.customer !== undefined, about);
		assert.equal(line.remote_addr, "127.0.0.1", about);
		if (BEFORE_AGENT.includes(line.outcome) || contact === undefined)
			continue;
		assert.equal(line.agent, signsIn ? contact.worker : undefined, about);
		if (BEFORE_NUMBER.includes(line.outcome))
			continue;
		assert.equal(line.to, contact.mask ?? `${contact.to.slice(0, 3)}********${contact.to.slice(-2)}`, about);
		assert.match(line.to_id, /^[0-9a-f]{16}$/, about);
	}
}

/* ---- With the sandbox ----------------------------------------------------------------- */

describe("with the sandbox", { timeout: 120000 }, () => {
	const LOG_KEY = random();
	const codes = new Set(["135791"]); /* one that was never sent */
	const numbers = new Set();
	let stack, recorder;

	before(async () => {
		stack = await startStack({ LOG_KEY, REQUEST_TIMEOUT_MS: 5000 }, PROGRAMS);
		recorder = new Recorder(stack);
	});
	after(() => stack?.stop());

	const ask = (program, fields, token = ANA) => recorder.ask(program, fields, { token });

	/* Sends, checks wrongly and rightly, looks, cancels: as far as it comes. */
	async function play({ task, number, token }) {
		numbers.add(number);
		await ask("start-verify", { task }, token);
		for (const { code } of await stack.messages(number)) {
			codes.add(code);
			await ask("check-verify", { task, verification_code: notThe(code) }, token);
			await ask("check-verify", { task, verification_code: code }, token);
		}
		await ask("customer-info", { task }, token);
		await ask("start-verify", { task, action: "cancel" }, token);
	}

	test("a call through each of its faults leaves no passcode, token or number behind", async () => {
		const number = (last) => `+1202555${String(last).padStart(4, "0")}`;
		const series = (first, last) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
		const calls = [
			{ task: taskSid(1), number: number(101), token: ANA },
			{ task: taskSid(2), number: number(102), token: ANA },
			{ task: taskSid(3), number: number(103), token: "sandbox-ben" },
			/* Without those that are 12 s late: others here make a request wait in vain, too. */
			...series(140, 191).filter((last) => ![160, 171, 186].includes(last))
				.map((last) => ({ task: taskSid(last), number: number(last), token: ANA })),
			...["guest", "expired", "html", "503", "closed", "truncated", "unheard-of"]
				.map((name) => ({ task: taskSid(1), number: number(101), token: `sandbox-${name}` })),
		];

		while (calls.length > 0)
			await Promise.all(calls.splice(0, 8).map(play));
		const outcomes = new Set(recorder.answers.map(({ answer }) => answer.json.code ?? "done"));
		assert.ok(codes.size > 15 && numbers.size > 50, "there is something to be found");
		assert.ok(outcomes.size > 20, `${outcomes.size} different outcomes`);
		assert.ok(recorder.answers.some(({ answer }) => answer.json.customer !== undefined), "a customer was shown");

		const tokens = ["sandbox-ana", "sandbox-ben", "sandbox-guest", "sandbox-expired", "sandbox-unheard-of"];
		assertNowhere(stack, [
			alone([...codes]),
			anyOf([...codes].flatMap((code) => [...formsOf(code), ...hashesOf(code)]).filter((form) => form.length > 7)),
			/* The part that all numbers have in common, and the mask hides most of. */
			anyOf(formsOf("20255501")),
			anyOf([...numbers].flatMap(hashesOf)),
			anyOf(tokens.flatMap(formsOf)),
			anyOf(formsOf(LOG_KEY)),
			anyOf(["sandbox-crm-password", Buffer.from("sandbox-crm:sandbox-crm-password").toString("base64")]),
			anyOf(["maria.santos@example.com", "Elm Street", "EX-100101"]),
		]);
	});

	test("the customer look-up has the number in its query, and nginx logs the path alone", () => {
		const lines = readFileSync(join(stack.runDir, "nginx/access.log"), "utf8").trim().split("\n")
			.map((line) => JSON.parse(line)).filter(({ path }) => path.startsWith("/sandbox/crm"));

		assert.ok(lines.length > 3);
		for (const { path } of lines)
			assert.equal(path, "/sandbox/crm/customers");
	});

	test("each request is in the audit log once", () => assertAudited(recorder));
});

/* ---- With credentials and passcodes that cannot be there by chance ----------------------- */

const secretsOf = () => ({
	AUTH_TOKEN: random(),
	API_KEY_SECRET: `secret-${random()}`,
	LOG_KEY: `key-${random()}`,
	CUSTOMER_LOOKUP_PASSWORD: `password-${random()}`,
});

/*
 * Every contact has a passcode of ten digits, a number, and a token with all
 * that is encoded differently somewhere; what they have in common is searched.
 */
const CODES = `8${BigInt(`0x${random()}`).toString().slice(0, 6)}`;
const WRONG_CODES = `9${CODES.slice(1)}`;
const TOKENS = random();
const NUMBERS = "447700900";

/* Few digits stand by chance in random hex; so these are longer, or do not stand in the middle of any. */
const IN_DIGITS = [new RegExp(`(?:${CODES}|${WRONG_CODES})\\d{3}`), /44770090|(?<![0-9a-f]{3})770090/i];

function canaryContact(fake) {
	const contact = fake.contact();
	const number = String(contact.number).padStart(3, "0");
	contact.code = `${CODES}${number}`;
	contact.wrongCode = `${WRONG_CODES}${number}`;
	contact.token = `eyJ${TOKENS}.+/=%&"\\'${number}`;
	assert.ok(contact.to.includes(NUMBERS));
	return contact;
}

const canaries = (fake, secrets = {}) => [
	...IN_DIGITS,
	...[CODES, WRONG_CODES, NUMBERS].map((digits) => anyOf(formsOf(digits).filter((form) => form !== digits))),
	...[TOKENS, ...Object.values(secrets)].map((secret) => anyOf(formsOf(secret))),
	anyOf(fake.contacts.slice(0, 20).flatMap(({ code, wrongCode, to, token }) =>
		[code, wrongCode, to, to.slice(1), token].flatMap(hashesOf))),
];

/* Of the customer, from the look-up and from the task. */
const RECORD = anyOf(["customer@example.com", "Customer of the task", "account-", "Customer 1"]);

describe("with a Twilio that fails", { timeout: 120000 }, () => {
	const secrets = secretsOf();
	const CREDENTIALS = { API_KEY_SID: sid("SK", 1), CUSTOMER_LOOKUP_USERNAME: "crm-user" };
	let fake, stack, recorder;

	before(async () => {
		fake = await startFakeTwilio();
		stack = await startStack({ ...fake.config, ...CREDENTIALS, ...secrets, CODE_LENGTH: 10, REQUEST_TIMEOUT_MS: 5000 }, PROGRAMS);
		recorder = new Recorder(stack);
	});
	after(async () => {
		await fake?.stop();
		await stack?.stop();
	});

	const start = (contact, more = {}) => recorder.ask("start-verify", { task: contact.task, ...more },
		{ token: contact.token, contact });
	const check = (contact, verification_code = contact.code) =>
		recorder.ask("check-verify", { task: contact.task, verification_code }, { token: contact.token, contact });
	const info = (contact) => recorder.ask("customer-info", { task: contact.task }, { token: contact.token, contact });

	async function playAll(contact) {
		await start(contact);
		await check(contact, contact.wrongCode);
		await check(contact);
		await info(contact);
		await start(contact, { action: "cancel" });
		await info(contact);
	}

	test("no fault of any call makes anything of it be written down", async () => {
		const wholeMessage = (contact) => `Invalid parameter \`To\`: ${contact.to}, code ${contact.code}, ${contact.token}`;
		const ways = [
			faults.hangs, faults.closes, faults.closesInBody, faults.isNotHttp, faults.html, faults.truncated, faults.doubled,
			faults.megabyte, faults.redirects, faults.failsWithJson, faults.unauthorized, faults.busy, faults.answersIn404,
			faults.refuses(400, 60200, wholeMessage), faults.refuses(403, 60205, wholeMessage),
			faults.refuses(500, 20500, wholeMessage), faults.with({ to: "+447700900999" }), faults.with({ status: "deleted" }),
		];
		const calls = ["validate", "task", "reservations", "start", "check", "fetch", "cancel", "customer"];
		const jobs = calls.flatMap((call) => ways.map((way) => ({ call, way })));

		await Promise.all(Array.from({ length: 10 }, async () => {
			for (let job = jobs.pop(); job !== undefined; job = jobs.pop()) {
				const contact = canaryContact(fake);
				fake.spoil(contact, job.call, job.way, 2);
				if (job.call === "fetch")
					fake.spoil(contact, "check", faults.closes);
				await playAll(contact);
			}
		}));
		const outcomes = new Set(recorder.answers.map(({ answer }) => answer.json.code ?? "done"));
		assert.ok(outcomes.size > 15, `${outcomes.size} different outcomes`);
		assert.equal(fake.requests[0].headers.authorization,
			`Basic ${Buffer.from(`${fake.config.ACCOUNT_SID}:${secrets.AUTH_TOKEN}`).toString("base64")}`, "they are in use");
		assertNowhere(stack, [...canaries(fake, secrets), RECORD]);
	});

	test("nothing of it is written down when it comes in the wrong place", async () => {
		const contact = canaryContact(fake);
		const { token, code, to, task } = contact;
		const authorized = { token };
		const wrong = (program, fields, options = authorized) => recorder.ask(program, fields, options);

		for (const program of PROGRAMS) {
			const query = new URLSearchParams({ Token: token, verification_code: code, to });
			await recorder.send(program, { path: `/${program}?${query}`, headers: { "Content-Type": FORM } });
			await recorder.send(program, { path: `/${program}?${query}`, method: "GET" });
			await wrong(program, { task, Token: token }, { headers: { Referer: `http://127.0.0.1/?${query}`,
				"User-Agent": `${token} ${code} ${to}`, Cookie: `token=${token}`, "X-Forwarded-For": to } });
			await wrong(program, { task, [token]: "1" });
			await wrong(program, { task, [to]: code });
			await wrong(program, { task: token });
			await wrong(program, { task: to });
			await wrong(program, { task: code });
			await wrong(program, { task, to: `${to}${code}` });
			await wrong(program, { task, to: "+447700900998" });
			await wrong(program, { task, action: code, channel: to, locale: token, verification_code: token });
			await wrong(program, { task }, { token: `${token}${"x".repeat(9000)}` });
			await wrong(program, { task }, { headers: { Authorization: `Basic ${token}` } });
			await wrong(program, { task, padding: `${token}${code}${to}`.repeat(300) });
			await recorder.send(program, { headers: { "Content-Type": JSON_TYPE },
				body: `{"task":"${task}","to":"${to}","${code}` });
			await recorder.send(program, { headers: { "Content-Type": `text/${code}` }, body: token });
			await recorder.send(program, { headers: { "Content-Type": FORM, Origin: `https://${code}.example` }, body: to });
		}
		for (const codeText of [code.slice(1), `${code}1`, `${code}a`, ` ${code} `, code.split("").join("-")])
			await check(contact, codeText);
		for (const path of [`/start-verify/${to}`, `/${encodeURIComponent(to)}`])
			await request(stack, { path });
		assertNowhere(stack, [...canaries(fake, secrets), RECORD]);
	});

	test("whatever bytes come, there is one line of JSON for each request", async () => {
		const contact = canaryContact(fake);
		const forged = `\r\n${JSON.stringify({ event: "audit", outcome: "done", request_id: "forged" })}\r\n`;
		const hostile = [forged, "\u001b[2J\u001b[31m", "\u0000", "\u0085\u2028\u2029", "\ud83d\ude00", "\"}\n{\"",
			"\u007f\b"];
		const headersOf = (bytes, body) => `POST /${bytes.program} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n` +
			`Content-Type: ${FORM}\r\nContent-Length: ${Buffer.byteLength(body, "latin1")}\r\n`;

		for (const program of PROGRAMS) {
			for (const text of hostile)
				for (const field of ["task", "to", "channel", "locale", "action", "verification_code", "Token", text])
					for (const as of [FORM, JSON_TYPE])
						await recorder.ask(program, { task: contact.task, [field]: text }, { token: contact.token, as });
			for (const bytes of ["%ff%fe", "%c0%80", "%ed%a0%80", "\xff", "%f5%80%80%80"])
				for (const field of ["task", "to", "verification_code", "Token"])
					await recorder.send(program, { headers: { "Content-Type": FORM },
						body: Buffer.from(`${field}=${bytes}`, "latin1") });
			for (const value of ["Bearer a\x1b[31mb", "Bearer \xff\xfe", "Bearer a\tb", "\x7f"]) {
				const body = `task=${contact.task}`;
				await recorder.sendBytes(program, Buffer.from(`${headersOf({ program }, body)}Authorization: ${value}\r\n` +
					`Origin: http://\x1b\xff\r\nX-Forwarded-For: \x1b${forged.trim()}\r\n\r\n${body}`, "latin1"));
			}
		}
		assertEveryLineIsJson();
	});

	test("whatever Twilio answers, there is one line of JSON for each request", async () => {
		const forged = `\n${JSON.stringify({ event: "audit", outcome: "done", request_id: "forged" })}\n\u001b[31m`;
		const withHeader = (value) => (exchange) => {
			const body = JSON.stringify(exchange.answer.body);
			exchange.socket.end(Buffer.from(`HTTP/1.1 ${exchange.answer.status} OK\r\nContent-Type: application/json\r\n` +
				`Twilio-Request-Id: ${value}\r\nConnection: close\r\n` +
				`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, "latin1"));
		};
		const rows = [
			["validate", faults.with({ realm_user_id: forged })],
			["reservations", (exchange) => faults.with({ reservations: [{ ...exchange.answer.body.reservations[0],
				worker_name: `Eve${forged}` }] })(exchange)],
			["start", faults.with({ channel: "sms\n\u001b[31m" })],
			["start", faults.refuses(400, 60200, forged)],
			["task", (exchange) => faults.with({ attributes: JSON.stringify({ from: exchange.contact.to, call_sid: forged,
				name: forged }) })(exchange)],
			["check", withHeader("RQ\x1b[31m\xff")],
			["check", withHeader("\xff".repeat(70))],
			["customer", faults.with({ name: forged })],
		];

		for (const [call, way] of rows) {
			const contact = canaryContact(fake);
			fake.spoil(contact, call, way);
			await playAll(contact);
		}
		assertEveryLineIsJson();
		assertNowhere(stack, canaries(fake, secrets));
	});

	function assertEveryLineIsJson() {
		for (const program of PROGRAMS)
			for (const line of stack.log(program).split("\n").filter((text) => text !== "")) {
				assert.doesNotThrow(() => JSON.parse(line), line);
				assert.match(line, /^\{[^\p{Cc}]*\}$/u, "no control character");
				assert.notEqual(JSON.parse(line).request_id, "forged");
			}
		const access = readFileSync(join(stack.runDir, "nginx/access.log"), "utf8").split("\n").filter((text) => text !== "");
		for (const line of access)
			assert.doesNotThrow(() => JSON.parse(line), line);
	}

	test("each request is in the audit log once, with who, what and whom", () => assertAudited(recorder));

	test("no process leaves its memory behind when it dies", () => {
		for (const program of PROGRAMS)
			assert.match(readFileSync(`/proc/${stack.pid(program)}/limits`, "utf8"), /^Max core file size +0 +0 /m);
	});

	test("the search would find what is there", () => {
		const text = readFileSync(join(stack.runDir, "flex-verify.env"), "latin1");
		assert.equal(findings([{ path: "flex-verify.env", text }], canaries(fake, secrets)).length, 4);

		const [{ to, code, token }] = fake.contacts;
		const basic = Buffer.from(`${fake.config.ACCOUNT_SID}:${secrets.AUTH_TOKEN}`).toString("base64");
		for (const text of [encodeURIComponent(to), to.slice(1), `"${code}"`, token, encodeURIComponent(token),
			JSON.stringify({ token }), Buffer.from(`Token=${token}`).toString("base64"), basic, ...hashesOf(code),
			...hashesOf(to)])
			assert.equal(findings([{ path: "log", text: `x${text}y` }], canaries(fake, secrets)).length, 1, text);
	});
});

/* ---- Without sign-in: numbers and addresses come from the request ------------------------- */

describe("without sign-in", { timeout: 60000 }, () => {
	let fake, stack, recorder;

	before(async () => {
		fake = await startFakeTwilio();
		stack = await startStack({ ...fake.config, CODE_LENGTH: 10, AGENT_AUTH: "none", CONTACT_SOURCE: "request",
			CHANNELS: "sms email" }, PROGRAMS);
		recorder = new Recorder(stack);
	});
	after(async () => {
		await fake?.stop();
		await stack?.stop();
	});

	test("neither a number nor an e-mail address is written down", async () => {
		const byText = canaryContact(fake), byMail = canaryContact(fake);

		byMail.to = "petra.canary@example.org";
		byMail.mask = "p***@example.org";
		for (const contact of [byText, byMail]) {
			const { to, code, wrongCode } = contact;
			assertSuccess(await recorder.ask("start-verify", { to }, { contact }), "pending");
			const wrong = await recorder.ask("check-verify", { to, verification_code: wrongCode }, { contact });
			assertRefusal(wrong, 401, "wrong_code");
			assertSuccess(await recorder.ask("check-verify", { to, verification_code: code }, { contact }), "approved");
			assertSuccess(await recorder.ask("customer-info", { to }, { contact }), "approved");
		}
		assertNowhere(stack, [...canaries(fake), anyOf(["petra", "canary", ...formsOf(byMail.to)])]);
		await assertAudited(recorder, { signsIn: false });
	});
});
