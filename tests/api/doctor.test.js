/*
 * flex-verify doctor, against the sandbox, and against one that a fault stands
 * before: each fault has a line of its own and says what to do about it.
 */
import assert from "node:assert/strict";
import { execFile, execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync }
	from "node:fs";
import http from "node:http";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { agent, ANA, ANAS_CALL, ledgerRows, ledgerSize } from "./helpers.js";
import { startPostgres } from "./postgres.js";
import { startStack } from "./stack.js";

const COMMAND = process.env.FLEX_VERIFY_COMMAND ?? ".build/plain/bin/flex-verify";

/* Exit codes. */
const FINE = 0, FAILS = 1, USAGE = 2;

const LIMITS = { SENDS_PER_NUMBER_HOUR: 10, SENDS_PER_NUMBER_DAY: 20, SENDS_PER_INTERACTION: 10, SENDS_PER_AGENT_HOUR: 60,
	SENDS_PER_HOUR: 5000, FAILURES_PER_NUMBER_HOUR: 5, FAILURES_PER_NUMBER_DAY: 10, FAILURES_PER_AGENT_HOUR: 30,
	FAILURES_IN_A_ROW: 100 };
const COUNTRIES = "US GB";
const API_KEY = { API_KEY_SID: "SK00000000000000000000000000000001", API_KEY_SECRET: "sandbox-api-key-secret" };
const NOBODY = 65534;

let stack, directory, front;
const outputs = []; /* of every run, for what must not be in them */

/* ---- Between the command and the sandbox ------------------------------------------- */

/*
 * Passes requests on.  alter(asked, answer) may change the answer, which is
 * { status, headers, body }; asked is the method and the path.
 */
async function startFront() {
	const seen = [];
	const handle = async (request, response) => {
		const chunks = [];
		for await (const chunk of request)
			chunks.push(chunk);
		const asked = `${request.method} ${request.url}`;
		seen.push(asked);
		const reply = await fetch(stack.url + request.url, { method: request.method,
			headers: { authorization: request.headers.authorization ?? "", "content-type":
				request.headers["content-type"] ?? "" },
			body: chunks.length > 0 ? Buffer.concat(chunks) : undefined });
		const answer = { status: reply.status, body: await reply.text(), headers: { "Content-Type":
			reply.headers.get("content-type"), Date: reply.headers.get("date") } };
		await self.alter?.(asked, answer);
		response.writeHead(answer.status, answer.headers).end(answer.body);
	};
	const server = http.createServer({}, (request, response) => {
		handle(request, response).catch((error) => response.destroy(error));
	});
	server.unref();
	await new Promise((done) => { server.listen(0, "127.0.0.1", done); });
	const self = { seen, handle, alter: undefined, url: `http://127.0.0.1:${server.address().port}`, stop: () => {
		server.closeAllConnections();
		server.close();
	} };
	return self;
}

/* Changes members of what Twilio says of the service; undefined takes one out. */
const serviceWith = (members) => (asked, answer) => {
	if (asked.startsWith("GET /sandbox/twilio/v2/Services/"))
		answer.body = JSON.stringify({ ...JSON.parse(answer.body), ...members });
};

/* Answers what begins like this with another status, and Twilio's error. */
const refuses = (beginning, status, code) => (asked, answer) => {
	if (asked.startsWith(beginning))
		Object.assign(answer, { status, body: JSON.stringify({ code, message: "Whatever", status }) });
};

const dateOff = (seconds) => (asked, answer) => {
	answer.headers.Date = new Date(Date.now() + seconds * 1000).toUTCString();
};

/* ---- Running it ---------------------------------------------------------------------- */

let envs = 0;

/* The healthy configuration with other values; null takes a key out. */
function writeEnv(keys = {}) {
	const path = join(directory, `${++envs}.env`);
	const lines = new Map(readFileSync(join(stack.runDir, "flex-verify.env"), "utf8").split("\n")
		.filter((line) => /^[A-Z]/.test(line)).map((line) => [line.split("=")[0], line.slice(line.indexOf("=") + 1)]));
	lines.set("TWILIO_BASE_URL", `${front.url}/sandbox/twilio`);
	lines.set("CUSTOMER_LOOKUP_URL", `${front.url}/sandbox/crm/customers`);
	for (const [key, value] of Object.entries(keys))
		lines.set(key, value);
	if (keys.AUTH_TOKEN === null) /* with which calls are signed */
		["VOICE_PUBLIC_URL", "VOICE_WORKFLOW_SID"].forEach((key) => lines.delete(key));
	const text = [...lines].filter(([, value]) => value !== null).map(([key, value]) => `${key}=${value}\n`).join("");
	writeFileSync(path, text, { mode: 0o600 });
	return path;
}

function run(words, { command = COMMAND, ...options } = {}) {
	return new Promise((done) => {
		execFile(command, ["doctor", ...words], { encoding: "utf8", ...options }, (error, stdout, stderr) => {
			outputs.push(stdout, stderr);
			done({ status: error === null ? 0 : error.code, stdout, stderr });
		});
	});
}

/* { status, findings, troubles }: by check, and of those that are not ok the result alone. */
async function examine(keys, options) {
	const { status, stdout, stderr } = await run(["--json", "-c", writeEnv(keys)], options);
	const findings = Object.fromEntries(stdout.trim().split("\n").map((line) => {
		const { check, ...finding } = JSON.parse(line);
		return [check, finding];
	}));
	const troubles = Object.fromEntries(Object.entries(findings).filter(([, { result }]) => result !== "ok")
		.map(([check, { result }]) => [check, result]));
	/* That it asks the sandbox is said each time. */
	if (troubles.sandbox === "warn")
		delete troubles.sandbox;
	return { status, findings, troubles, stderr };
}

/* What follows when nobody could read the service. */
const UNREAD = Object.fromEntries(["name", "code-length", "warning", "template", "calls", "landlines", "custom-codes",
	"psd2"].map((check) => [check, "skip"]));
const UNREACHED = { ...UNREAD, ...Object.fromEntries(["clock", "api-key", "auth-token", "service", "workspace", "tokens"]
	.map((check) => [check, "skip"])) };

before(async () => {
	directory = mkdtempSync(join(tmpdir(), "flex-verify-doctor-"));
	stack = await startStack({ ...LIMITS, COUNTRIES });
	front = await startFront();
});
after(async () => {
	front?.stop();
	await stack?.stop();
	rmSync(directory, { recursive: true, force: true });
});

/* One fault, what is not ok with it, and the words of one of those: [check, text, advice]. */
async function expect({ keys, alter }, troubles, [check, text, advice]) {
	front.alter = alter;
	const examined = await examine(keys);
	front.alter = undefined;
	assert.deepEqual(examined.troubles, troubles, JSON.stringify(examined.findings, null, 1));
	assert.match(examined.findings[check].text, text);
	assert.match(examined.findings[check].advice ?? "", advice);
	assert.equal(examined.status, Object.values(troubles).includes("fail") ? FAILS : FINE);
}

describe("flex-verify doctor", () => {
	test("finds nothing wrong with a healthy stack", async () => {
		const { status, troubles, findings } = await examine(API_KEY);
		assert.deepEqual(troubles, {});
		assert.equal(status, FINE);
		assert.match(findings.name.text, /"Your Example Energy verification code is: \.\.\."/);
	});

	test("says it for people: a line for each check, and below it what to do", async () => {
		const { status, stdout } = await run(["-c", writeEnv({ VERIFY_SERVICE_SID: "VA00000000000000000000000000000002" })]);
		assert.equal(status, FAILS);
		assert.match(stdout, /^ok {4}clock {10}within 5 s of Twilio's$/m);
		assert.match(stdout, /^FAIL {2}code-length {4}the service sends 4 digits .*\n {21}Twilio's console, .*code_length/m);
		assert.match(stdout, /^warn {2}name .*"Your My First Verify Service verification code is: \.\.\.".*\n {21}\S/m);
		assert.match(stdout, /\n\d+ ok, \d+ to look at, 3 failed, 0 not checked; nothing was sent to anybody\.\n$/);
	});

	test("shows each check as it is done, while the next one waits for an answer", async () => {
		let release, shown, stdout = "";
		const held = new Promise((done) => { release = done; });
		front.alter = (asked) => asked.includes("/crm/") ? held : undefined;
		const command = spawn(COMMAND, ["doctor", "-c", writeEnv()], { stdio: ["ignore", "pipe", "ignore"] });
		for await (const chunk of command.stdout) {
			stdout += chunk;
			if (!/^ok +tokens /m.test(stdout) || shown !== undefined)
				continue;
			shown = stdout;
			release();
		}
		front.alter = undefined;
		assert.doesNotMatch(shown, /^\w+ +customers /m);
		assert.match(stdout, /^ok +customers /m);
	});

	test("explains itself, and knows no other words", async () => {
		for (const words of [["--help"], ["-h"]]) {
			const { status, stdout } = await run(words);
			assert.equal(status, FINE);
			assert.match(stdout, /^Usage: flex-verify doctor \[-c FILE\] \[--json\]\n/);
			assert.match(stdout, /Exit codes: 0 .*, 1 .*, 2 /);
		}
		assert.match((await run(["--version"])).stdout, /^flex-verify \d/);
		for (const words of [["everything"], ["--fix"], ["-c"]])
			assert.equal((await run(words)).status, USAGE);
	});

	for (const [what, change, words] of [
		["is not there", () => join(directory, "none.env"), /none\.env: cannot be opened/],
		["is open to everybody", () => {
			const path = writeEnv();
			chmodSync(path, 0o644);
			return path;
		}, /open to everybody although it holds secrets/],
		["has an unknown key", () => writeEnv({ CODE_LENGHT: 6 }), /unknown key CODE_LENGHT/],
	])
		test(`stops with 2 at a configuration that ${what}`, async () => {
			const { status, stdout } = await run(["-c", change()]);
			assert.equal(status, USAGE);
			assert.match(stdout, /^FAIL {2}configuration {2}.*\n {21}\S.*\n$/);
			assert.match(stdout, words);
		});
});

describe("flex-verify doctor on the configuration", () => {
	for (const [what, keys, troubles, words] of [
		["nobody signs in", { AGENT_AUTH: "none" }, { "sign-in": "warn" }, ["sign-in", /anybody .* can send/, /AGENT_AUTH=flex/]],
		["limits are off", { SENDS_PER_HOUR: 0, FAILURES_IN_A_ROW: 0 }, { limits: "warn" },
			["limits", /: SENDS_PER_HOUR FAILURES_IN_A_ROW$/, /a number/]],
		["the web server's users have no role", { AGENT_AUTH: "webserver", VERIFY_ROLES: "admin" }, { roles: "fail" },
			["roles", /nobody may send/, /agent in VERIFY_ROLES/]],
		["the web server's users may not see", { AGENT_AUTH: "webserver", SEE_ROLES: "admin" }, { roles: "warn" },
			["roles", /SEE_ROLES names no role/, /agent in SEE_ROLES/]],
		["supervisors are guests", { SUPERVISOR_ROLES: "guest" }, { roles: "warn" }, ["roles", /guest/, /SUPERVISOR_ROLES/]],
		["nobody may see", { SEE_ROLES: "" }, { roles: "warn" }, ["roles", /stays closed/, /SEE_ROLES/]],
		["guests are named", { VERIFY_ROLES: "agent guest" }, { roles: "warn" }, ["roles", /guest/, /Take guest out/]],
		["SUPERVISORS has no effect", { SUPERVISORS: "sam" }, { roles: "warn" }, ["roles", /SUPERVISORS/, /Flex says/]],
		["supervisors are nobody", { SUPERVISOR_ANY_TASK: "on", SUPERVISOR_ROLES: "" }, { roles: "warn" },
			["roles", /names nobody/, /SUPERVISOR_ANY_TASK=off/]],
		["nobody can override", { OVERRIDE: "on", SUPERVISOR_ROLES: "" }, { roles: "warn" },
			["roles", /OVERRIDE=on.*nobody/, /OVERRIDE=off/]],
		["no page may call", { ALLOWED_ORIGINS: "" }, { origins: "warn" }, ["origins", /empty/, /https:\/\/flex\.twilio\.com/]],
		["a page comes unprotected", { ALLOWED_ORIGINS: "http://desk.example.com" }, { origins: "warn" },
			["origins", /http:\/\/ origin/, /https/]],
		["e-mail is a channel", { CHANNELS: "sms call email" }, { channels: "warn" }, ["channels", /mailbox/, /CHANNELS/]],
		["calls are no channel", { CHANNELS: "sms" }, { channels: "warn" }, ["channels", /no call/, /landlines/]],
		["callers get their codes by text, which is no channel", { CHANNELS: "call" }, { keypad: "fail" },
			["keypad", /by text/, /CHANNELS/]],
		["numbers of all countries get codes", { COUNTRIES: "" }, { countries: "warn" },
			["countries", /expensive/, /COUNTRIES/]],
		["fields have no look-up", { CUSTOMER_LOOKUP_URL: "" }, { customers: "warn" },
			["customers", /no look-up/, /CUSTOMER_LOOKUP_URL/]],
		["the look-up has no fields", { INFO_FIELDS: "task.name" }, { customers: "warn" },
			["customers", /releases nothing/, /INFO_FIELDS/]],
	])
		test(`tells when ${what}`, () => expect({ keys }, troubles, words));
});

describe("flex-verify doctor on the account", () => {
	const REFUSED = { "auth-token": "fail", service: "skip", ...UNREAD, workspace: "skip", tokens: "fail" };
	const SERVICES = "GET /sandbox/twilio/v2/Services/";
	const VALIDATE = "POST /sandbox/twilio/v1/Accounts/";
	const TASKS = "GET /sandbox/twilio/v1/Workspaces/";

	for (const [what, fault, troubles, words] of [
		["the auth token is wrong", { keys: { AUTH_TOKEN: "canary-of-an-auth-token" } }, REFUSED,
			["auth-token", /refused \(status 401, code 20003\)/, /Account Info/]],
		["the API key is wrong, and the auth token is not", { keys: { ...API_KEY, API_KEY_SECRET: "canary-of-a-secret" } },
			{ "api-key": "fail", workspace: "skip" }, ["api-key", /refused \(status 401/, /API_KEY_SECRET/]],
		["the auth token is wrong, and the API key is not", { keys: { ...API_KEY, AUTH_TOKEN: "canary-of-an-auth-token" } },
			{ "auth-token": "fail", tokens: "fail" }, ["tokens", /no agent can sign in/, /AUTH_TOKEN/]],
		["the key may not read services, which is no wrong key", { keys: { ...API_KEY, AUTH_TOKEN: null },
			alter: refuses(SERVICES, 403, 70051) }, { "api-key": "warn", service: "skip", ...UNREAD },
		["api-key", /known, but may not .*403, code 70051/, /read tasks/]],
		["the account is suspended", { alter: refuses(SERVICES, 403, 20005) }, { "auth-token": "fail", service: "skip",
			...UNREAD }, ["auth-token", /not active/, /support/]],
		["there is no such service", { keys: { VERIFY_SERVICE_SID: "VA00000000000000000000000000000009" } },
			{ service: "fail", ...UNREAD }, ["service", /no service VA0+9/, /VERIFY_SERVICE_SID/]],
		["Twilio has a bad day", { alter: refuses(SERVICES, 500, 20500) }, { "auth-token": "skip", service: "fail",
			...UNREAD }, ["service", /status 500, code 20500/, /status\.twilio\.com/]],
		["there is no such workspace", { keys: { WORKSPACE_SID: "WS00000000000000000000000000000009" } },
			{ workspace: "fail" }, ["workspace", /no workspace WS0+9/, /WORKSPACE_SID/]],
		["tasks may not be listed", { alter: refuses(TASKS, 403, 70051) }, { workspace: "warn" },
			["workspace", /403, code 70051/, /read tasks/]],
		["TaskRouter has a bad day", { alter: refuses(TASKS, 503, 20503) }, { workspace: "fail" },
			["workspace", /status 503/, /taskrouter/]],
		["validation does not take the credentials", { alter: refuses(VALIDATE, 401, 20003) }, { tokens: "fail" },
			["tokens", /no agent can sign in/, /AUTH_TOKEN/]],
		["validation is of another account", { alter: refuses(VALIDATE, 404, 20404) }, { tokens: "fail" },
			["tokens", /does not know the account/, /ACCOUNT_SID/]],
		["validation takes everything", { alter: (asked, answer) => {
			if (asked.startsWith(VALIDATE))
				answer.body = JSON.stringify({ valid: true, code: 0, worker_sid: null, roles: ["agent"] });
		} }, { tokens: "fail" }, ["tokens", /calls a wrong token valid/, /TWILIO_BASE_URL/]],
		["the clock is a little ahead", { alter: dateOff(-20) }, { clock: "warn" }, ["clock", /^(19|20|21) s ahead of/, /chrony/]],
		["the clock is a little behind", { alter: dateOff(20) }, { clock: "warn" }, ["clock", /^(18|19|20) s behind/, /chrony/]],
		["the clock is far ahead", { alter: dateOff(-3600) }, { clock: "fail" }, ["clock", /^3[56]\d\d s ahead of/, /chrony/]],
		["the clock is far behind", { alter: dateOff(3600) }, { clock: "fail" }, ["clock", /^3[56]\d\d s behind/, /chrony/]],
	])
		test(`tells when ${what}`, () => expect(fault, troubles, words));

	test("takes a clock that is four seconds off for the same time", async () => {
		front.alter = dateOff(-4);
		assert.deepEqual((await examine()).troubles, {});
		front.alter = undefined;
	});
});

describe("flex-verify doctor on the Verify service", () => {
	const ALL = { CHANNELS: "sms call email whatsapp" };
	const EMAIL = { channels: "warn" }; /* said whenever email is a channel */

	for (const [what, fault, troubles, words] of [
		["everything about it is wrong", { keys: { ...ALL, VERIFY_SERVICE_SID: "VA00000000000000000000000000000002" } },
			{ ...EMAIL, name: "warn", "code-length": "fail", warning: "fail", "e-mail": "fail", whatsapp: "fail", calls: "warn",
				landlines: "warn", "custom-codes": "warn", psd2: "fail" }, ["name", /My First Verify Service/, /friendly name/]],
		["its codes are longer than is said here", { keys: { CODE_LENGTH: 8 } }, { "code-length": "fail" },
			["code-length", /sends 6 digits and CODE_LENGTH is 8/, /code_length/]],
		["it warns customers not to share the code", { alter: serviceWith({ do_not_share_warning_enabled: true }) },
			{ warning: "fail" }, ["warning", /employees never ask/, /off.*a service of its own/]],
		["its name is a sample's", { alter: serviceWith({ friendly_name: "Verify Service" }) }, { name: "warn" },
			["name", /cannot tell who/, /friendly name/]],
		["calls ask for no key", { alter: serviceWith({ dtmf_input_required: false }) }, { calls: "warn" },
			["calls", /voicemail/, /dtmf_input_required/]],
		["it looks up and does nothing with it", { alter: serviceWith({ lookup_enabled: true }) }, { landlines: "warn" },
			["landlines", /paid for/, /skip_sms_to_landlines/]],
		["it takes codes from others", { alter: serviceWith({ custom_code_enabled: true }) }, { "custom-codes": "warn" },
			["custom-codes", /choose/, /custom_code_enabled/]],
		["it is for payments", { alter: serviceWith({ psd2_enabled: true }) }, { psd2: "fail" },
			["psd2", /refused/, /psd2_enabled/]],
		["it has no e-mail integration", { keys: ALL, alter: serviceWith({ mailer_sid: null }) },
			{ ...EMAIL, "e-mail": "fail" }, ["e-mail", /no e-mail integration/, /CHANNELS/]],
		["nothing is said of an e-mail integration", { keys: ALL, alter: serviceWith({ mailer_sid: undefined }) },
			{ ...EMAIL, "e-mail": "warn" }, ["e-mail", /does not say/, /look whether/]],
		["it has no WhatsApp sender", { keys: ALL, alter: serviceWith({ whatsapp: { msg_service_sid: null, from: null } }) },
			{ ...EMAIL, whatsapp: "fail" }, ["whatsapp", /no WhatsApp sender/, /CHANNELS/]],
		["the answer is about another one", { alter: serviceWith({ sid: "VA00000000000000000000000000000002" }) },
			{ "auth-token": "skip", service: "fail", ...UNREAD }, ["service", /TWILIO_BAD_ANSWER/, /\S/]],
		["the answer leaves the warning out", { alter: serviceWith({ do_not_share_warning_enabled: undefined }) },
			{ "auth-token": "skip", service: "fail", ...UNREAD }, ["service", /TWILIO_BAD_ANSWER/, /\S/]],
	])
		test(`tells when ${what}`, () => expect(fault, troubles, words));

	describe("and its rate limits", () => {
		const LIMITS_OF_SERVICE = "/sandbox/twilio/v2/Services/VA00000000000000000000000000000001/RateLimits";
		const authorization = `Basic ${Buffer.from("AC00000000000000000000000000000001:00000000000000000000000000000001")
			.toString("base64")}`;
		const there = { keys: { RATE_LIMITS: "there:number" } };

		before(async () => {
			const { status } = await fetch(stack.url + LIMITS_OF_SERVICE, { method: "POST", headers: { authorization },
				body: new URLSearchParams({ UniqueName: "there" }) });
			assert.equal(status, 201);
		});

		test("is content when it has all that are named", async () => {
			const { troubles, findings } = await examine(there.keys);
			assert.deepEqual(troubles, {});
			assert.match(findings["rate-limits"].text, /has all/);
		});

		for (const [what, fault, troubles, words] of [
			["it does not have some", { keys: { RATE_LIMITS: "there:number gone:agent lost:system" } },
				{ "rate-limits": "fail" }, ["rate-limits", /refuses every code: gone lost$/, /RateLimits.*RATE_LIMITS/]],
			["they may not be read", { ...there, alter: refuses(`GET ${LIMITS_OF_SERVICE}`, 403, 70051) },
				{ "rate-limits": "warn" }, ["rate-limits", /403, code 70051/, /key/]],
			["Twilio has a bad day", { ...there, alter: refuses(`GET ${LIMITS_OF_SERVICE}`, 500, 20500) },
				{ "rate-limits": "skip" }, ["rate-limits", /status 500, code 20500/, /^$/]],
			["there is no service to have them", { keys: { ...there.keys, VERIFY_SERVICE_SID: "VA00000000000000000000000000000009" } },
				{ service: "fail", ...UNREAD, "rate-limits": "skip" }, ["rate-limits", /could not be read/, /^$/]],
		])
			test(`tells when ${what}`, () => expect(fault, troubles, words));
	});

	test("is content with an integration and a sender, and names a template", async () => {
		front.alter = serviceWith({ default_template_sid: "HJ00000000000000000000000000000001", mailer_sid: undefined,
			email: { from: "codes@example.com" }, lookup_enabled: true, skip_sms_to_landlines: true });
		const { troubles, findings } = await examine(ALL);
		front.alter = undefined;
		assert.deepEqual(troubles, EMAIL);
		assert.match(findings.template.text, /^HJ0+1 /);
		assert.match(findings.landlines.text, /told to call/);
	});

	test("lets no name write over the terminal", async () => {
		front.alter = serviceWith({ friendly_name: "\u001b[2K\rok" });
		const { findings } = await examine();
		front.alter = undefined;
		assert.match(findings.name.text, /"Your \?\[2K\?ok verification/);
	});
});

describe("flex-verify doctor on the way to Twilio", () => {
	const CANNOT = { connection: "fail", certificates: "skip", ...UNREACHED };

	test("tells when nobody listens there", () =>
		expect({ keys: { TWILIO_BASE_URL: "http://127.0.0.1:1" } }, CANNOT,
			["connection", /cannot be reached: the connection is refused/, /443.*PROXY/]));

	test("tells when nothing comes back", async () => {
		front.alter = () => new Promise(() => {});
		const { troubles, findings } = await examine({ REQUEST_TIMEOUT_MS: 300, CUSTOMER_LOOKUP_URL: "", INFO_FIELDS: "" });
		front.alter = undefined;
		assert.deepEqual(troubles, CANNOT);
		assert.match(findings.connection.text, /no answer in time/);
	});

	test("says by which way", async () => {
		const { findings } = await examine({ PROXY: "http://127.0.0.1:1" });
		assert.match(findings.proxy.text, /https goes through PROXY/);
	});

	test("tells when CA_FILE and PROXY cannot be used", () =>
		expect({ keys: { PROXY: "http://" } }, { ...CANNOT, connection: "skip", proxy: "fail", customers: "skip" },
			["proxy", /cannot start with this CA_FILE and PROXY/, /PROXY \(a URL\)/]));

	test("tells when the name has no address", () =>
		expect({ keys: { TWILIO_BASE_URL: "https://twilio.invalid" } }, CANNOT, ["connection", /no address/, /443/]));

	describe("with a certificate of its own", () => {
		let server, port, certificate;

		before(async () => {
			const key = join(directory, "key.pem");
			certificate = join(directory, "certificate.pem");
			execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
				"-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key,
				"-out", certificate], { stdio: "ignore" });
			server = https.createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, response) => {
				front.handle(request, response).catch((error) => response.destroy(error));
			});
			server.unref();
			await new Promise((done) => { server.listen(0, "127.0.0.1", done); });
			({ port } = server.address());
		});
		after(() => {
			server.closeAllConnections();
			server.close();
		});

		const there = () => ({ TWILIO_BASE_URL: `https://localhost:${port}/sandbox/twilio` });

		test("that nobody trusts, names it and the authorities that were asked", async () => {
			await expect({ keys: there() }, { certificates: "fail", ...UNREACHED },
				["certificates", /certificate does not verify \(trusted: the system's authorities\)/, /CA_FILE/]);
		});

		test("that CA_FILE names, goes on", async () => {
			const { troubles, findings } = await examine({ ...there(), CA_FILE: certificate });
			assert.deepEqual(troubles, {});
			assert.match(findings.certificates.text, /^verify \(trusted: .*certificate\.pem\)$/);
		});

		test("and a CA_FILE that holds none, names the file", async () => {
			const empty = join(directory, "empty.pem");
			writeFileSync(empty, "");
			await expect({ keys: { ...there(), CA_FILE: empty } }, { certificates: "fail", ...UNREACHED },
				["certificates", /CA_FILE holds no certificates|does not verify/, /CA_FILE/]);
		});
	});
});

describe("flex-verify doctor on the customer look-up", () => {
	const CUSTOMERS = "GET /sandbox/crm/";
	const withStatus = (status, body) => (asked, answer) => {
		if (asked.startsWith(CUSTOMERS))
			Object.assign(answer, { status, body });
	};

	for (const [what, fault, words] of [
		["it is down", { keys: { CUSTOMER_LOOKUP_URL: "http://127.0.0.1:1/customers" } },
			["customers", /cannot be asked: the connection is refused/, /CUSTOMER_LOOKUP_URL/]],
		["its password is another", { keys: { CUSTOMER_LOOKUP_PASSWORD: "canary-of-a-password" } },
			["customers", /refuses our credentials \(status 401\)/, /CUSTOMER_LOOKUP_PASSWORD/]],
		["it answers with a page", { alter: withStatus(200, "<!DOCTYPE html>") },
			["customers", /not with a JSON object/, /application\/json/]],
		["it has a bad day", { alter: withStatus(503, "{}") }, ["customers", /status 503/, /404/]],
	])
		test(`tells when ${what}`, () => expect(fault, { customers: "fail" }, words));

	test("is content with a record", async () => {
		front.alter = withStatus(200, '{"name":"Canary Customer"}');
		const { troubles, findings } = await examine();
		front.alter = undefined;
		assert.deepEqual(troubles, {});
		assert.match(findings.customers.text, /with a record/);
	});
});

describe("flex-verify doctor on a look-up that says where codes go", () => {
	const ON_FILE = { CONTACT_SOURCE: "customer" };
	const record = (members) => (asked, answer) => {
		if (asked.startsWith("GET /sandbox/crm/"))
			Object.assign(answer, { status: 200, body: JSON.stringify({ id: "C-1", name: "Canary Customer",
				phone: "+12025550100", phone_type: "mobile", ...members }) });
	};

	for (const [what, fault, result, words] of [
		["it names no customer", { alter: record({ id: undefined }) }, "fail", [/no id/, /Where a code goes/]],
		["it has a time that is none", { alter: record({ phone_changed_at: "yesterday" }) }, "fail",
			[/time of change that is none/, /Where a code goes/]],
		["it has nothing to send a code to", { alter: record({ phone: "unknown" }) }, "warn", [/no phone and no email/, /Where a code goes/]],
		["it does not say when numbers were changed", { keys: { NUMBER_CHANGE_DAYS: 7 }, alter: record({}) }, "warn",
			[/NUMBER_CHANGE_DAYS/, /phone_changed_at/]],
		["it is down", { keys: { CUSTOMER_LOOKUP_URL: "http://127.0.0.1:1/customers" } }, "fail",
			[/cannot be asked/, /CUSTOMER_LOOKUP_URL/]],
	])
		test(`tells when ${what}`, () => expect({ ...fault, keys: { ...ON_FILE, ...fault.keys } }, { customers: result },
			["customers", ...words]));

	for (const [what, members] of [["a number", {}], ["an e-mail address", { phone: null, email: "canary@example.com" }],
		["a number and when it was changed", { phone_changed_at: "2020-02-29T12:00:00Z" }]])
		test(`is content with a record that has ${what}`, async () => {
			front.alter = record(members);
			const { troubles, findings } = await examine({ ...ON_FILE, NUMBER_CHANGE_DAYS: members.phone_changed_at ? 7 : 0 });
			front.alter = undefined;
			assert.deepEqual(troubles, {});
			assert.match(findings.customers.text, /where a code goes/);
		});

	test("is content when it does not know who is nobody", async () => {
		assert.deepEqual((await examine(ON_FILE)).troubles, {});
	});
});

describe("flex-verify doctor on the ledger", () => {
	/* A directory and a command that somebody else can use, who owns no more than the test gives him. */
	function elsewhere(name) {
		const place = join(directory, name);
		mkdirSync(place, { mode: 0o755 });
		chmodSync(directory, 0o755);
		copyFileSync(COMMAND, join(place, "flex-verify"));
		chmodSync(join(place, "flex-verify"), 0o755);
		return place;
	}

	before(() => agent(stack, ANA).check(ANAS_CALL, "000000")); /* so that there is an event, and a seal */

	test("tells when it was written with another key", async () => {
		assert.ok(ledgerSize(stack).events > 0);
		await expect({ keys: { LOG_KEY: "canary-of-another-key-that-is-as-long-as-it-has-to-be" } }, { ledger: "fail" },
			["ledger", /seal was not made with this LOG_KEY/, /Put back the LOG_KEY/]);
	});

	test("tells when its directory is not there", () =>
		expect({ keys: { LEDGER: `sqlite:${directory}/none/ledger.db` } }, { ledger: "fail" },
			["ledger", /cannot be made/, /belong to the user/]));

	test("does not make one that is not there, which would be the wrong user's", async () => {
		const ledger = join(directory, "later.db");
		const { troubles, findings } = await examine({ LEDGER: `sqlite:${ledger}` });
		assert.deepEqual(troubles, {});
		assert.match(findings.ledger.text, /the first program to start makes it/);
		assert.equal(existsSync(ledger), false);
	});

	for (const [what, writable] of [["nor its directory", false], ["although its directory can", true]])
		test(`tells when it cannot be written, ${what}`, async () => {
			const place = elsewhere(`read-only-${writable}`);
			const ledger = join(place, "ledger.db");
			execFileSync("sqlite3", [stack.ledger, `.backup ${ledger}`]);
			chmodSync(ledger, 0o444);
			const env = writeEnv({ LEDGER: `sqlite:${ledger}` });
			const asRoot = process.getuid() === 0;
			if (asRoot)
				chownSync(env, NOBODY, NOBODY);
			if (asRoot && writable)
				chownSync(place, NOBODY, NOBODY);
			chmodSync(place, writable ? 0o755 : 0o555);
			const { status, stdout } = await run(["-c", env], { command: join(place, "flex-verify"),
				...(asRoot && { uid: NOBODY, gid: NOBODY }) });
			chmodSync(place, 0o755);
			assert.equal(status, FAILS);
			assert.match(stdout, /^FAIL {2}ledger .*cannot be written.*\n {21}.*belong to the user/m);
		});

	test("tells root when it belongs to somebody else", { skip: process.getuid() !== 0 && "needs root" }, async () => {
		const ledger = join(directory, "owned.db");
		execFileSync("sqlite3", [stack.ledger, `.backup ${ledger}`]);
		chownSync(ledger, NOBODY, NOBODY);
		await expect({ keys: { LEDGER: `sqlite:${ledger}` } }, { ledger: "warn" },
			["ledger", /root can write it/, /as the user that the programs run as/]);
	});

	test("tells when a later version made it", async () => {
		const ledger = join(directory, "newer.db");
		execFileSync("sqlite3", [stack.ledger, `.backup ${ledger}`]);
		execFileSync("sqlite3", [ledger, "PRAGMA user_version = 99"]);
		await expect({ keys: { LEDGER: `sqlite:${ledger}` } }, { ledger: "fail" },
			["ledger", /cannot be written \(LEDGER_NEWER_SCHEMA\)/, /version of flex-verify that made it/]);
	});

	describe("in PostgreSQL", () => {
		let postgres;

		before(async () => { postgres = await startPostgres(); });
		after(() => postgres?.stop());

		test("is content when it has no tables yet, with them, and tells when the server is not there", async () => {
			const keys = () => ({ LEDGER: postgres.url });
			const empty = await examine(keys());
			assert.deepEqual(empty.troubles, {});
			assert.match(empty.findings.ledger.text, /no tables yet; the first program to start makes them/);

			execFileSync(COMMAND, ["ledger", "copy", "--from", `sqlite:${stack.ledger}`, "--to", postgres.url,
				"-c", join(stack.runDir, "flex-verify.env")]);
			const made = await examine(keys());
			assert.deepEqual(made.troubles, {});
			assert.match(made.findings.ledger.text, /can be written, and its seal was made with this LOG_KEY/);

			await postgres.tell("stop");
			await expect({ keys: keys() }, { ledger: "fail" }, ["ledger", /cannot be reached or written/, /psql/]);
		});
	});

	test("leaves what is there as it is", async () => {
		const before = ledgerSize(stack);
		assert.deepEqual((await examine()).troubles, {});
		assert.deepEqual(ledgerSize(stack), before);
	});
});

/* After all of the above. */
describe("flex-verify doctor, whatever it met,", () => {
	test("asked to read, and to judge a token that is nobody's", () => {
		assert.ok(front.seen.length > 100);
		for (const asked of front.seen)
			assert.match(asked, /^GET |^POST \/sandbox\/twilio\/v1\/Accounts\/AC\w+\/Tokens\/validate$/);
	});

	test("sent nothing to anybody, and began no verification", async () => {
		const { messages } = await (await fetch(`${stack.url}/sandbox/messages`)).json();
		assert.deepEqual(messages, []);
		const authorization = `Basic ${Buffer.from("AC00000000000000000000000000000001:00000000000000000000000000000001")
			.toString("base64")}`;
		const { attempts } = await (await fetch(`${stack.url}/sandbox/twilio/v2/Attempts`,
			{ headers: { authorization } })).json();
		assert.deepEqual(attempts, []);
		assert.deepEqual(ledgerRows(stack, "SELECT id FROM verifications"), []);
	});

	test("printed no secret and nothing of a customer", () => {
		const secrets = ["canary-of", API_KEY.API_KEY_SECRET, "sandbox-crm-password", "sandbox-log-key-not-a-secret",
			"Canary Customer",
			"canary@example.com", "Basic "];
		for (const output of outputs)
			for (const secret of secrets)
				assert.ok(!output.includes(secret), secret);
	});
});
