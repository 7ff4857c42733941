/*
 * The programs as commands: options, exit codes, and the configuration they
 * refuse to start with.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import {
	ANA, ANAS_CALL, INSTALLED, PROGRAMS, agent, assertRefusal, assertSuccess, call, ledgerSize, logOf,
} from "./helpers.js";
import { startStack } from "./stack.js";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
/* By agents, and by Twilio. */
const ASKED = [...PROGRAMS, "approve-verify", "verify-call"];

const BIN = resolve(ROOT, process.env.FLEX_VERIFY_BIN ?? "cgi-bin");

/* Runs a program to its end: { code, stdout, stderr }. */
const run = (program, ...args) => new Promise((done) => {
	execFile(join(BIN, program), args, { timeout: 20000 }, (error, stdout, stderr) =>
		done({ code: error === null ? 0 : error.code, stdout, stderr }));
});

/* A configuration that is complete, as lines. */
const CANARY = "canary-secret-93b1";
const COMPLETE = [
	"# a comment, and a blank line",
	"",
	"ACCOUNT_SID=AC00000000000000000000000000000001",
	`AUTH_TOKEN=${CANARY}`,
	"VERIFY_SERVICE_SID=VA00000000000000000000000000000001",
	"WORKSPACE_SID=WS00000000000000000000000000000001",
	`LOG_KEY=${CANARY}-0123456789abcdef`,
];
const with_ = (...lines) => [...COMPLETE, ...lines];
const without = (key) => COMPLETE.filter((line) => !line.startsWith(`${key}=`));

describe("a program", () => {
	for (const program of [...ASKED, "twilio-sandbox"]) {
		test(`${program} --help tells its options and exit codes, and exits 0`, async () => {
			const { code, stdout, stderr } = await run(program, "--help");
			assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
			assert.ok(stdout.startsWith(`${program}: `));
			assert.match(stdout, /^Usage: /m);
			for (const option of [/^ +-s SOCKET /m, /^ +--help /m, /^ +--version /m, /^ +0 /m, /^ +1 /m, /^ +2 /m])
				assert.match(stdout, option);
		});

		test(`${program} --version tells its name and version, and exits 0`, async () => {
			const { code, stdout, stderr } = await run(program, "--version");
			assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
			assert.match(stdout, new RegExp(`^${program} \\d+\\.\\d+\\.\\d+\\S*\\n$`));
		});

		for (const args of [["-x"], ["--bogus"], ["-s"], ["surplus"], ["--help=1"], ["-s", "/tmp/x.sock", "surplus"]])
			test(`${program} ${args.join(" ")} is wrong usage: exits 2, and names --help`, async () => {
				const { code, stdout, stderr } = await run(program, ...args);
				assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
				assert.match(stderr, /--help/);
			});
	}

	test("twilio-sandbox without a socket exits 1 and tells how to give it one", async () => {
		const { code, stderr } = await run("twilio-sandbox");
		assert.equal(code, 1);
		assert.match(stderr, /give one with -s/);
	});

	test("start-verify without a configuration names the usual place, and exits 1", async () => {
		const { code, stderr } = await run("start-verify", "-n", "-c", "/nonexistent/flex-verify.env");
		assert.equal(code, 1);
		assert.match(stderr, /\/nonexistent\/flex-verify\.env: cannot be opened: No such file or directory/);
		assert.match((await run("start-verify", "--help")).stdout, /\/etc\/flex-verify\/flex-verify\.env/);
	});
});

describe("a configuration", () => {
	let directory, files = 0;

	before(() => {
		directory = mkdtempSync(join(tmpdir(), "flex-verify-test-"));
	});
	after(() => rmSync(directory, { recursive: true }));

	const write = (lines, mode = 0o600) => {
		const path = join(directory, `${files++}.env`);
		writeFileSync(path, Buffer.from(Array.isArray(lines) ? `${lines.join("\n")}\n` : lines));
		chmodSync(path, mode);
		return path;
	};

	/* It is said in one line, with the file's name, and without a secret. */
	const assertRefused = ({ code, stdout, stderr }, path, words) => {
		assert.deepEqual({ code, stdout }, { code: 1, stdout: "" }, stderr);
		assert.ok(stderr.includes(`: ${path}${words}`), stderr);
		assert.equal(stderr.split("\n").length, 2, stderr);
		assert.ok(!stderr.includes(CANARY), stderr);
	};

	const assertFine = (result, path) =>
		assert.deepEqual(result, { code: 0, stdout: `${path}: ok\n`, stderr: "" });

	const FINE = [
		["that is complete", COMPLETE],
		["with an API key beside the auth token",
			with_("API_KEY_SID=SK00000000000000000000000000000001", "API_KEY_SECRET=x")],
		["for the demo", [...without("WORKSPACE_SID"), "AGENT_AUTH=none", "CONTACT_SOURCE=request"]],
		["with quotes, blanks and lines from Windows", COMPLETE.map((line) => `  ${line.replace("=", " = \"")}"\r`)
			.map((line, i) => (i < 2 ? COMPLETE[i] : line))],
		["with every limit at its end", with_("CODE_LENGTH=10", "CODE_VALID_SECONDS=1", "CHECKS_MAX=1", "SENDS_MAX=5",
			"VERIFIED_FOR_SECONDS=86400", "THREADS=1024", "REQUEST_TIMEOUT_MS=100", "CONNECT_TIMEOUT_MS=60000")],
		["with all channels", with_("CHANNELS=email whatsapp call sms")],
		["with origins", with_("ALLOWED_ORIGINS=https://flex.twilio.com http://localhost:3000")],
		["with empty optional keys", with_("API_KEY_SID=", "CUSTOMER_LOOKUP_URL=", "ALLOWED_ORIGINS=", "PROXY=",
			"CA_FILE=", "METRICS=")],
		["with the sandbox's address", with_("TWILIO_BASE_URL=http://127.0.0.1:8080/sandbox/twilio")],
		["with a customer look-up", with_("CUSTOMER_LOOKUP_URL=https://crm.example.com/customers",
			"CUSTOMER_LOOKUP_USERNAME=a", "CUSTOMER_LOOKUP_PASSWORD=b")],
	];
	for (const [what, lines] of FINE)
		test(`${what} is fine`, async () => {
			const path = write(lines);
			for (const program of ASKED)
				assertFine(await run(program, "-n", "-c", path), path);
		});

	test("that its group may read is fine", async () => {
		assert.equal((await run("start-verify", "-n", "-c", write(COMPLETE, 0o640))).code, 0);
	});

	test("of the example file is fine once its empty keys are filled in", async () => {
		const text = readFileSync(join(ROOT, ".env.example"), "utf8");
		const path = write(text.split("\n").map((line) =>
			COMPLETE.find((other) => other.split("=")[0] === line.replace("=", "")) ?? line));
		assertFine(await run("start-verify", "-n", "-c", path), path);
	});

	test("of nothing but the defaults that the example file shows is fine", async () => {
		const shown = readFileSync(join(ROOT, ".env.example"), "utf8").split("\n")
			.filter((line) => /^#[A-Z_]+=/.test(line)).map((line) => line.slice(1));
		const path = write(with_(...shown));
		assertFine(await run("start-verify", "-n", "-c", path), path);
	});

	/* What is wrong, the lines, what is said of it: behind the file's name its line, where there is one. */
	const LAST = COMPLETE.length + 1;
	const WRONG = [
		["with an unknown key", with_("FOO=1"), `:${LAST}: unknown key FOO`],
		["with a key in small letters", with_("threads=1"), `:${LAST}: malformed key`],
		["with a key twice", with_("THREADS=1", "THREADS=1"), `:${LAST + 1}: repeated key THREADS`],
		["with a line without =", with_("THREADS"), `:${LAST}: no = in the line`],
		["with a quote that does not end", with_("CHANNELS=\"sms"), `:${LAST}: misplaced `],
		["with a control character", with_("CHANNELS=sms\x1b"), `:${LAST}: control character`],
		["with a byte 0", with_("CHANNELS=sms\0"), `:${LAST}: holds a byte 0`],
		["without ACCOUNT_SID", without("ACCOUNT_SID"), ": missing key ACCOUNT_SID"],
		["without VERIFY_SERVICE_SID", without("VERIFY_SERVICE_SID"), ": missing key VERIFY_SERVICE_SID"],
		["without LOG_KEY", without("LOG_KEY"), ": missing key LOG_KEY"],

		["where pages choose the number and agents sign in", with_("CONTACT_SOURCE=request"),
			": CONTACT_SOURCE=request lets the caller of the API choose the number; it needs AGENT_AUTH=none"],
		["without any credentials", without("AUTH_TOKEN"), ": no credentials: set AUTH_TOKEN"],
		["with an API key without its secret", with_("API_KEY_SID=SK00000000000000000000000000000001"),
			": API_KEY_SID and API_KEY_SECRET belong together"],
		["with tasks and no workspace", without("WORKSPACE_SID"),
			": CONTACT_SOURCE=task reads tasks from Flex: set WORKSPACE_SID"],
		["with customers and no workspace", [...without("WORKSPACE_SID"), "CONTACT_SOURCE=customer"],
			": CONTACT_SOURCE=customer reads tasks from Flex: set WORKSPACE_SID"],
		["with customers and no look-up", with_("CONTACT_SOURCE=customer"),
			": CONTACT_SOURCE=customer sends codes to the number on file: set CUSTOMER_LOOKUP_URL"],
		["with the age of numbers and no numbers on file", with_("NUMBER_CHANGE_DAYS=7"),
			": NUMBER_CHANGE_DAYS is about numbers on file; it needs CONTACT_SOURCE=customer"],
		["with a user of the customer look-up and no password", with_("CUSTOMER_LOOKUP_USERNAME=a"),
			": CUSTOMER_LOOKUP_USERNAME and CUSTOMER_LOOKUP_PASSWORD belong together"],
	];

	/* Numbers, and what they are from and to. */
	const NUMBERS = [
		["CODE_LENGTH", 6, 10], ["CODE_VALID_SECONDS", 1, 600], ["CHECKS_MAX", 1, 5], ["SENDS_MAX", 1, 5],
		["VERIFIED_FOR_SECONDS", 1, 86400], ["SENDS_PER_NUMBER_HOUR", 0, 1000000], ["SENDS_PER_NUMBER_DAY", 0, 1000000],
		["SENDS_PER_INTERACTION", 0, 1000000], ["SENDS_PER_AGENT_HOUR", 0, 1000000], ["SENDS_PER_HOUR", 0, 1000000],
		["FAILURES_PER_NUMBER_HOUR", 0, 1000000], ["FAILURES_PER_NUMBER_DAY", 0, 1000000],
		["FAILURES_PER_AGENT_HOUR", 0, 1000000], ["THREADS", 1, 1024], ["QUEUE_TIMEOUT_MS", 10, 60000],
		["REQUEST_TIMEOUT_MS", 100, 60000], ["CONNECT_TIMEOUT_MS", 50, 60000], ["NUMBER_CHANGE_DAYS", 0, 3650],
	];

	/* A value that the key cannot have, and what is expected. */
	const WRONG_VALUES = [
		["ACCOUNT_SID", "", "AC and 32 hex digits"],
		["ACCOUNT_SID", "AC0001", "AC and 32 hex digits"],
		["ACCOUNT_SID", "SK00000000000000000000000000000001", "AC and 32 hex digits"],
		["API_KEY_SID", "AC00000000000000000000000000000001", "SK and 32 hex digits"],
		["VERIFY_SERVICE_SID", "VA00000000000000000000000000000001/x", "VA and 32 hex digits"],
		["WORKSPACE_SID", `WS${"x".repeat(32)}`, "WS and 32 hex digits"],
		["LOG_KEY", "short", "at least 32 characters"],
		["LEDGER_SYNC", "off", "one of full normal"],
		["AGENT_AUTH", "off", "one of flex webserver none"],
		["CONTACT_SOURCE", "browser", "one of task customer request"],
		["CHANNELS", "sms fax", "words out of sms call whatsapp email"],
		["CHANNELS", "", "words out of sms call whatsapp email"],
		["ALLOWED_ORIGINS", "*", "origins"],
		["ALLOWED_ORIGINS", "null", "origins"],
		["ALLOWED_ORIGINS", "https://flex.twilio.com/", "origins"],
		["ALLOWED_ORIGINS", "https://FLEX.twilio.com", "origins"],
		["LEDGER", "", "sqlite: and an absolute path"],
		["LEDGER", "sqlite:ledger.db", "sqlite: and an absolute path"],
		["LEDGER", "sqlite::memory:", "sqlite: and an absolute path"],
		["TWILIO_BASE_URL", "http://twilio.example.com", "an https URL, or http to a loopback address"],
		["TWILIO_BASE_URL", "http://127.0.0.1.example.com", "an https URL, or http to a loopback address"],
		["CUSTOMER_LOOKUP_URL", "http://crm.example.com", "an https URL, or http to a loopback address"],
		["CUSTOMER_LOOKUP_URL", "ftp://crm.example.com", "an https URL, or http to a loopback address"],
		["INFO_FIELDS", "name iban:5x", "field names"],
		["COUNTRIES", "US UK", "country codes of ISO 3166"],
		["COUNTRIES", "us", "country codes of ISO 3166"],
		["CUSTOMER_ID_ATTRIBUTE", "customers..id", "a name of the task's attributes"],
		["CUSTOMER_ID_ATTRIBUTE", ".id", "a name of the task's attributes"],
		["CUSTOMER_ID_ATTRIBUTE", "id.", "a name of the task's attributes"],
		["CUSTOMER_ID_ATTRIBUTE", "a".repeat(128), "a name of the task's attributes"],
		["CA_FILE", "ca.pem", "the absolute path of a readable file"],
		["CA_FILE", "/nonexistent/ca.pem", "the absolute path of a readable file"],
		["PROXY", "proxy.example.com:3128", "a URL such as http://proxy.example.com:3128"],
		["RATE_LIMITS", "flex_agent:worker", "NAME:SOURCE"],
		["RESEND_AFTER_SECONDS", "", "seconds"],
		["RESEND_AFTER_SECONDS", "30 -1", "seconds"],
		["RESEND_AFTER_SECONDS", "10000", "seconds"],
		...NUMBERS.flatMap(([key, min, max]) =>
			[min - 1, max + 1, "many", "", "1.5", "010", "99999999999999999999"].map((value) =>
				[key, value, `a whole number from ${min} to ${max}`])),
	];
	for (const [key, value, expected] of WRONG_VALUES) {
		const lines = [...without(key), `${key}=${value}`];
		WRONG.push([`with ${key}=${value}`, lines, `:${lines.length}: ${key}: expected ${expected}`]);
	}

	for (const [what, lines, words] of WRONG)
		test(`${what} is refused`, async () => {
			const path = write(lines);
			assertRefused(await run("start-verify", "-n", "-c", path), path, words);
		});

	for (const [mode, who, remedy] of [[0o644, "everybody", "chmod o-rw"], [0o602, "everybody", "chmod o-rw"],
		[0o660, "its group", "chmod g-w"]])
		test(`with mode ${mode.toString(8)} is refused`, async () => {
			const path = write(COMPLETE, mode);
			const refused = await run("start-verify", "-n", "-c", path);
			assertRefused(refused, path, ": ");
			assert.ok(refused.stderr.includes(who) && refused.stderr.includes(remedy), refused.stderr);
		});

	const PLACES = [
		["by a relative path", () => "flex-verify.env", ": not an absolute path"],
		["that is a directory", () => {
			mkdirSync(join(directory, "directory"));
			return join(directory, "directory");
		}, ": not a regular file"],
		["that is a symbolic link", () => {
			symlinkSync(write(COMPLETE), join(directory, "link"));
			return join(directory, "link");
		}, ": a symbolic link"],
		["that is a device", () => "/dev/null", ": not a regular file"],
		["of 100 kB", () => write([...COMPLETE, `#${"x".repeat(100000)}`]), ": larger than"],
	];
	for (const [what, place, words] of PLACES)
		test(`${what} is refused`, async () => {
			const path = place();
			assertRefused(await run("start-verify", "-n", "-c", path), path, words);
		});

	test("that is refused by -n keeps every program from starting, in the same words", async () => {
		const path = write(with_("FOO=1"));
		for (const program of ASKED) {
			const checked = await run(program, "-n", "-c", path);
			const started = await run(program, "-c", path, "-s", join(directory, "never.sock"));
			assertRefused(started, path, `:${LAST}: unknown key FOO`);
			assert.equal(started.stderr, checked.stderr);
		}
	});

	test("whose ledger cannot be made keeps a program from starting", async () => {
		const path = write(with_(`LEDGER=sqlite:${directory}/nowhere/ledger.db`));
		const { code, stderr } = await run("start-verify", "-c", path, "-s", join(directory, "never.sock"));
		assert.equal(code, 1);
		assert.match(stderr, /the ledger sqlite:\S+ cannot be opened/);
	});

	test("whose CA_FILE is not there keeps a program from starting", async () => {
		const path = write(with_(`LEDGER=sqlite:${directory}/ledger.db`, `CA_FILE=${directory}/nowhere.pem`));
		const { code, stderr } = await run("start-verify", "-c", path, "-s", join(directory, "never.sock"));
		assert.equal(code, 1);
		assert.match(stderr, /CA_FILE/);
	});

	test("that is fine does not start a program without a socket", async () => {
		const path = write(with_(`LEDGER=sqlite:${directory}/ledger.db`));
		const { code, stderr } = await run("start-verify", "-c", path);
		assert.equal(code, 1);
		assert.match(stderr, /no socket to serve/);
	});
});

describe("two stacks side by side", () => {
	let one, other;

	before(async () => {
		[one, other] = await Promise.all([
			startStack({}, INSTALLED),
			startStack({ AGENT_AUTH: "none", CONTACT_SOURCE: "request", CODE_LENGTH: 8 }, INSTALLED),
		]);
	});
	after(() => Promise.all([one?.stop(), other?.stop()]));

	test("have their own ports, directories and ledgers", async () => {
		assert.notEqual(one.port, other.port);
		const before = ledgerSize(other);
		assertSuccess(await agent(one, ANA).start(ANAS_CALL), "pending");
		assert.equal(ledgerSize(one).verifications, 1);
		assert.deepEqual(ledgerSize(other), before);
		assert.deepEqual(await other.messages("+12025550101"), []);
	});

	test("have their own configuration", async () => {
		assert.equal((await agent(one, ANA).info(ANAS_CALL)).json.verification.code_length, 6);
		assert.equal((await call(other, "customer-info", { to: "+12025550102" })).json.verification.code_length, 8);
		assertRefusal(await call(one, "customer-info", { to: "+12025550102" }), 401, "agent_not_signed_in");
		assertRefusal(await call(other, "check-verify", { to: "+12025550102", verification_code: "123456" }), 400,
			"invalid_code");
	});

	/* mod_fcgid starts more of them, when it likes. */
	const skip = process.env.WEB === "fcgid" && "its starts cannot be counted";

	test("warn at every start where nobody signs in, and only there", { skip }, async () => {
		const warnings = (stack, program) => logOf(stack, program).filter(({ event }) => event === "no_sign_in");
		for (const program of ASKED) {
			const [warning, ...more] = warnings(other, program);
			assert.deepEqual(more, []);
			assert.equal(warning.level, "warning");
			assert.match(warning.message, /^AGENT_AUTH=none: .*customer data is never released/);
			assert.deepEqual(warnings(one, program), []);
		}
		await other.restart("start-verify");
		assert.equal(warnings(other, "start-verify").length, 2);
	});

	test("end one by one", async () => {
		await other.stop();
		other = undefined;
		assertSuccess(await agent(one, ANA).info(ANAS_CALL));
	});
});
