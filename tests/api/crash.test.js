/*
 * Programs that die, stop, or cannot write: nobody is verified by it, nothing
 * that was answered is forgotten, and the next request works.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { faults, startFakeTwilio } from "./fake_twilio.js";
import { agentOf, approve, assertLedgerConsistent, assertNothingReleased, assertReleased, sendCode, until }
	from "./fault_helpers.js";
import { AGENT_PROGRAMS, PROGRAMS, assertRefusal, assertSuccess, ledgerRows, pids } from "./helpers.js";
import { startStack } from "./stack.js";

/* An operation that never reported back is given up 5 s after this. */
const TIMEOUT_MS = 8000;

/* A stack at a fake Twilio, for the tests of one describe. */
function stackForAll(keys = {}) {
	const own = {};

	before(async () => {
		own.fake = await startFakeTwilio();
		own.stack = await startStack({ ...own.fake.config, REQUEST_TIMEOUT_MS: TIMEOUT_MS, ...keys }, PROGRAMS);
	});
	after(async () => {
		await own.fake?.stop();
		await own.stack?.stop();
	});
	own.newContact = () => {
		const contact = own.fake.contact();
		return { contact, who: agentOf(own.stack, contact) };
	};
	return own;
}

/* nginx answers for a program that is gone. */
const isDown = ({ status, json }) => status === 502 && json.code === "service_down";

/*
 * Most of this file is waiting, so the groups run at the same time, each on a
 * stack of its own.
 */
const IN_ORDER = { concurrency: 1, timeout: 300000 };

describe("when the host fails", { concurrency: 3 }, () => {

/* ---- kill -9 ------------------------------------------------------------------ */

describe("a program that is killed while Twilio has its question", IN_ORDER, () => {
	const own = stackForAll();

	/*
	 * Kills the program when Twilio has been asked all of this, and Twilio acts
	 * all the same.
	 */
	async function killDuring(program, operations) {
		const gate = faults.gate();
		const answers = [];

		for (const { contact, call, ask } of operations) {
			const before = own.fake.count(contact, call);
			own.fake.spoil(contact, call, gate);
			answers.push(ask());
			await own.fake.arrival(contact, call, before + 1);
		}
		await own.stack.kill9(program);
		gate.open();
		for (const answer of await Promise.all(answers))
			assert.ok(isDown(answer), answer.text);
		for (const { contact } of operations)
			own.fake.unspoil(contact);
	}

	async function assertState({ contact, who }, state) {
		const info = await who.info();
		assertSuccess(info, state);
		assertNothingReleased(info, contact);
	}

	/* When the operation is given up, and Twilio knows nothing of it. */
	async function assertBecomesUnclear({ contact, who }) {
		contact.forgotten = true;
		await until(who.info, ({ json }) => json.verification.state === "unclear");
		await assertState({ contact, who }, "unclear");
		assertRefusal(await who.check(), 409, "result_unclear");
		assert.equal(own.fake.count(contact, "customer"), 0);
		contact.forgotten = false;
	}

	/* Each waits for its operation to be given up; they wait together. */
	test("leaves behind what it was doing as unclear, never approved and never lost", async () => {
		const { stack } = own;
		const sending = own.newContact(), resending = own.newContact(), canceling = own.newContact();
		const right = own.newContact(), wrong = own.newContact();

		for (const { who } of [resending, canceling, right, wrong])
			await sendCode(who);

		await killDuring("start-verify", [
			{ ...sending, call: "start", ask: sending.who.start },
			{ ...resending, call: "start", ask: resending.who.start },
			{ ...canceling, call: "cancel", ask: canceling.who.cancel },
		]);
		for (const [one, state] of [[sending, "sending"], [resending, "sending"], [canceling, "checking"]]) {
			await assertState(one, state);
			assertRefusal(await one.who.check(), 409, "verification_busy");
		}
		await stack.start();

		await killDuring("check-verify", [
			{ ...right, call: "check", ask: right.who.check },
			{ ...wrong, call: "check", ask: () => wrong.who.check(wrong.contact.wrongCode) },
		]);
		assert.equal(right.contact.status, "approved", "at Twilio");
		for (const one of [right, wrong]) {
			await assertState(one, "checking");
			assertRefusal(await one.who.start(), 409, "verification_busy");
			assertRefusal(await one.who.cancel(), 409, "verification_busy");
		}
		await stack.start();
		assertLedgerConsistent(stack);

		await Promise.all([sending, resending, canceling, right, wrong].map(assertBecomesUnclear));

		/* And from there the agent goes on. */
		const again = await sending.who.start();
		assertSuccess(again, "pending");
		assert.equal(again.json.verification.sends_left, 3, "the one that was lost counts");
		assertSuccess(await sending.who.check(), "approved");

		await assertState(resending, "pending");
		await assertState(canceling, "canceled");

		await assertState(wrong, "pending");
		assert.equal((await wrong.who.info()).json.verification.checks_left, 4, "the one that was lost counts");
		assertSuccess(await wrong.who.check(), "approved");
		assertReleased(await wrong.who.info(), wrong.contact);

		await assertState(right, "unclear");
		assertSuccess(await right.who.start(), "pending");
		assertSuccess(await right.who.check(), "approved");
		assertLedgerConsistent(stack);
	});

	test("takes no approval along, and lets out nothing: customer-info", async () => {
		const { contact, who } = own.newContact();

		await approve(who);
		await killDuring("customer-info", [{ contact, call: "customer", ask: who.info }]);
		await own.stack.start();
		assertReleased(await who.info(), contact);
		assertLedgerConsistent(own.stack);
	});
});

describe("a program that is killed while idle", IN_ORDER, () => {
	const own = stackForAll();

	for (const name of [...PROGRAMS, "twilio-sandbox"])
		test(`comes back, and goes on where it was: ${name}`, async () => {
			const { contact, who } = own.newContact();

			await sendCode(who);
			await own.stack.kill9(name);
			await own.stack.start();
			assertSuccess(await who.info(), "pending");
			assertSuccess(await who.start(), "pending");
			assertSuccess(await who.check(), "approved");
			assertReleased(await who.info(), contact);
		});
});

for (const name of AGENT_PROGRAMS)
	describe("a program that is killed at any moment", IN_ORDER, () => {
		const own = stackForAll();

		/* A whole call, as far as it comes; what was answered with 200 is in `done`. */
		async function play({ contact, who }) {
			const done = [];
			for (const [step, ask] of [["sent", who.start], ["approved", who.check], ["released", who.info]]) {
				const answer = await ask();
				if (isDown(answer))
					break;
				assert.equal(answer.status, 200, answer.text);
				done.push(step);
			}
			return { contact, who, done };
		}

		/* What was answered is on record, and nothing is approved that Twilio did not approve. */
		async function assertRemembered({ contact, who, done }) {
			const info = await who.info();
			const { state } = info.json.verification;

			assert.equal(info.status, 200, info.text);
			if (state === "approved") {
				assertReleased(info, contact);
				assert.equal(contact.status, "approved");
			} else {
				assertNothingReleased(info, contact);
			}
			if (done.includes("approved"))
				assert.equal(state, "approved");
			else if (done.includes("sent"))
				assert.ok(["pending", "checking", "approved"].includes(state), state);
			else
				assert.ok(["not_verified", "sending", "pending"].includes(state), state);
		}

		test(`forgets nothing that it answered: ${name}`, async () => {
			let killedInTheMiddle = 0;

			for (let delay = 0; delay < 64; delay += 8) {
				const playing = Array.from({ length: 6 }, () => play(own.newContact()));
				await sleep(delay);
				await own.stack.kill9(name);
				const played = await Promise.all(playing);
				await own.stack.start();
				for (const one of played)
					await assertRemembered(one);
				killedInTheMiddle += played.filter(({ done }) => done.length < 3).length;
			}
			assert.ok(killedInTheMiddle > 0, "some requests met a dead program");
			assertLedgerConsistent(own.stack);
		});
	});

/* ---- SIGTERM ------------------------------------------------------------------ */

describe("a program that is asked to stop", IN_ORDER, () => {
	const own = stackForAll();

	for (const signal of ["SIGTERM", "SIGINT"])
		for (const name of PROGRAMS)
			test(`ends with status 0 when it is idle: ${name}, ${signal}`, async () => {
				await own.stack.signal(name, signal);
				assert.equal(own.stack.ending(name), "0");
				await own.stack.start();
			});

	for (const [name, call, prepare, ask] of [
		["start-verify", "start", async () => {}, (who) => who.start()],
		["check-verify", "check", sendCode, (who) => who.check()],
		["customer-info", "customer", approve, (who) => who.info()],
	])
		test(`answers the requests in hand first: ${name}`, async () => {
			const playing = Array.from({ length: 8 }, () => own.newContact());
			const gate = faults.gate();

			for (const { contact, who } of playing) {
				await prepare(who);
				own.fake.spoil(contact, call, gate);
			}
			const answers = playing.map(({ who }) => ask(who));
			await Promise.all(playing.map(({ contact }) => own.fake.arrival(contact, call)));

			const ended = own.stack.signal(name, "SIGTERM");
			await sleep(200);
			assert.equal(own.stack.ending(name), "", "it waits for them");
			gate.open();
			for (const answer of await Promise.all(answers))
				assertSuccess(answer);
			await ended;
			assert.equal(own.stack.ending(name), "0");

			await own.stack.start();
			const { contact, who } = own.newContact();
			await approve(who);
			assertReleased(await who.info(), contact);
			assertLedgerConsistent(own.stack);
		});

	test("does not wait for Twilio beyond the request's deadline", async () => {
		const { contact, who } = own.newContact();

		own.fake.spoil(contact, "start", faults.hangs);
		const answer = who.start();
		await own.fake.arrival(contact, "start");
		await own.stack.signal("start-verify", "SIGTERM");
		assertRefusal(await answer, 504, "twilio_timed_out");
		assert.equal(own.stack.ending("start-verify"), "0");
		await own.stack.start();
	});
});

/* ---- A ledger that cannot be written -------------------------------------------- */

/* Another process that keeps everybody from writing, until it is let go or the test t is over. */
async function lockLedger({ ledger }, t) {
	const sqlite = spawn("sqlite3", [ledger], { stdio: ["pipe", "pipe", "inherit"] });
	sqlite.stdin.write(".timeout 2000\nBEGIN IMMEDIATE;\n.print locked\n");
	const [text] = await once(sqlite.stdout, "data");
	assert.equal(String(text), "locked\n");
	const exited = once(sqlite, "exit");
	const release = async () => {
		if (!sqlite.stdin.writableEnded)
			sqlite.stdin.end("ROLLBACK;\n");
		await exited;
	};
	t.after(release);
	return { release };
}

/*
 * As if the disk were full, for a while: the programs can make no file larger.
 * Their logs are no larger either.
 */
function fillDisk(stack, t) {
	const limit = (bytes) => {
		for (const pid of pids(stack))
			execFileSync("prlimit", [`--pid=${pid}`, `--fsize=${bytes}:`]);
	};
	const release = async () => limit("unlimited");
	t.after(release);
	limit(0);
	return { release };
}

for (const [words, makeUnwritable, seconds] of [
	["locked by another process", lockLedger, 2],
	["on a full disk", fillDisk, 0],
])
	describe(`a ledger that is ${words}`, IN_ORDER, () => {
		const own = stackForAll();

		test("keeps everybody from being verified, and nothing is sent or tried", async (t) => {
			const fresh = own.newContact(), sent = own.newContact(), verified = own.newContact();

			await sendCode(sent.who);
			await approve(verified.who);
			const looked = own.fake.count(verified.contact, "customer");
			const obstacle = await makeUnwritable(own.stack, t);
			const [start, check, info] = await Promise.all([fresh.who.start(), sent.who.check(), verified.who.info()]);
			const reading = await sent.who.info();
			await obstacle.release();

			for (const answer of [start, check, info]) {
				assertRefusal(answer, 503, "ledger_unavailable");
				assert.ok(answer.ms < seconds * 1000 + TIMEOUT_MS, `${Math.round(answer.ms)} ms`);
			}
			assertNothingReleased(info, verified.contact);
			assertSuccess(reading, "pending");
			assert.equal(own.fake.count(fresh.contact, "start"), 0);
			assert.equal(own.fake.count(sent.contact, "check"), 0);
			assert.ok(own.fake.count(verified.contact, "customer") <= looked + 1);

			assertSuccess(await fresh.who.info(), "not_verified");
			assertSuccess(await fresh.who.start(), "pending");
			assertSuccess(await sent.who.check(), "approved");
			assertReleased(await verified.who.info(), verified.contact);
			assertLedgerConsistent(own.stack);
		});

		test("when Twilio's answer comes verifies nobody, and what was asked becomes unclear", async (t) => {
			const sending = own.newContact(), checking = own.newContact();
			const gates = [faults.gate(), faults.gate()];

			await sendCode(checking.who);
			own.fake.spoil(sending.contact, "start", gates[0]);
			own.fake.spoil(checking.contact, "check", gates[1]);
			const answers = [sending.who.start(), checking.who.check()];
			await own.fake.arrival(sending.contact, "start");
			await own.fake.arrival(checking.contact, "check");
			const obstacle = await makeUnwritable(own.stack, t);
			gates.forEach((gate) => gate.open());
			for (const answer of await Promise.all(answers)) {
				assertRefusal(answer, 503, "ledger_unavailable");
				assert.notEqual(answer.json.verification.state, "approved");
				assert.notEqual(answer.json.verification.state, "pending");
			}
			await obstacle.release();
			assert.equal(checking.contact.status, "approved", "at Twilio");

			for (const { contact, who } of [sending, checking]) {
				own.fake.unspoil(contact);
				const info = await until(who.info, ({ json }) =>
					!["sending", "checking"].includes(json.verification.state));
				assertSuccess(info, "unclear");
				assertNothingReleased(info, contact);
				assertSuccess(await who.start(), "pending");
				assertSuccess(await who.check(), "approved");
			}
			assertLedgerConsistent(own.stack);
		});
	});

describe("a ledger that is held for a moment only", IN_ORDER, () => {
	const own = stackForAll();

	test("is waited for by a request", async (t) => {
		const { contact, who } = own.newContact();

		await sendCode(who);
		const lock = await lockLedger(own.stack, t);
		const answer = who.check();
		await sleep(500);
		assert.equal(own.fake.count(contact, "check"), 0);
		await lock.release();
		assertSuccess(await answer, "approved");
	});

	test("makes nobody wait for the sum of all who wait", async (t) => {
		const lock = await lockLedger(own.stack, t);
		const answers = await Promise.all(Array.from({ length: 12 }, () => own.newContact().who.start()));

		await lock.release();
		for (const answer of answers) {
			assertRefusal(answer, 503, "ledger_unavailable");
			assert.ok(answer.ms < 15_000, `${Math.round(answer.ms)} ms`);
		}
	});
});

describe("a program that starts", IN_ORDER, () => {
	const BIN = fileURLToPath(new URL(`../../${process.env.FLEX_VERIFY_BIN ?? "cgi-bin"}/`, import.meta.url));
	const SANDBOX_ENV = readFileSync(new URL("../../deploy/local/sandbox.env", import.meta.url), "utf8");
	let dir;

	before(() => { dir = mkdtempSync(join(tmpdir(), "flex-verify-")); });
	after(() => rmSync(dir, { recursive: true }));

	/* Starts a program on a ledger of its own: { child, said(), ended }. */
	function launch(program, ledger) {
		const config = `${ledger}.env`;
		writeFileSync(config, SANDBOX_ENV.replaceAll("@PORT@", "1").replaceAll("@RUN_DIR@", dir)
			.replace(/^LEDGER=.*$/m, `LEDGER=sqlite:${ledger}`), { mode: 0o600 });
		const child = spawn(join(BIN, program), ["-c", config, "-s", `${ledger}.sock`],
			{ stdio: ["ignore", "ignore", "pipe"] });
		let text = "";
		child.stderr.on("data", (data) => { text += data; });
		const timer = setTimeout(() => child.kill("SIGKILL"), 20000);
		const ended = once(child, "close").then(([status]) => {
			clearTimeout(timer);
			return status;
		});
		return { child, said: () => text, ended };
	}

	for (const [words, make] of [
		["is a directory", (path) => void mkdirSync(path)],
		["is no ledger", (path) => writeFileSync(path, "Dear diary,\n".repeat(1000))],
		["was written by a later version", (path) => void execFileSync("sqlite3", [path, "PRAGMA user_version = 99"])],
		["has tables of another kind", (path) => void execFileSync("sqlite3", [path, "CREATE TABLE verifications (id)"])],
		["is held by another process for good", (path, t) => lockLedger({ ledger: path }, t)],
	])
		for (const program of PROGRAMS)
			test(`ends with a clear word when its ledger ${words}: ${program}`, async (t) => {
				const ledger = join(dir, `${program}-${words.replaceAll(" ", "-")}.db`);
				const lock = await make(ledger, t);
				const { said, ended } = launch(program, ledger);
				const status = await ended;
				await lock?.release();

				assert.equal(status, 1, said());
				assert.match(said(), new RegExp(`the ledger sqlite:${ledger} cannot be opened`));
				assert.doesNotMatch(said(), /sys_startup/);
			});

	test("waits while another one is making the ledger", async (t) => {
		const ledger = join(dir, "being-made.db");
		const lock = await lockLedger({ ledger }, t);
		const { child, said, ended } = launch("start-verify", ledger);

		await sleep(500);
		await lock.release();
		await until(async () => said(), (text) => /sys_startup|cannot be opened/.test(text));
		child.kill("SIGTERM");
		assert.equal(await ended, 0, said());
		assert.match(said(), /sys_startup/);
	});
});

});
