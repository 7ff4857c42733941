/*
 * What an operator does to the ledger: copies it from SQLite to PostgreSQL,
 * purges what is old, backs it up and restores it.  The record can be verified
 * after each, and says the same.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { sid } from "./fake_twilio.js";
import { startPostgres } from "./postgres.js";
import { clockCanMove, startPrograms } from "./programs.js";
import { RememberingTwilio } from "./remembering_twilio.js";

const DAY_S = 86400;

describe("the ledger's upkeep", { timeout: 240000 }, () => {
	let postgres, twilio, host, place, callers = 0;

	before(async () => {
		place = mkdtempSync(join(tmpdir(), "flex-verify-upkeep-"));
		postgres = await startPostgres();
		twilio = await new RememberingTwilio({ now: () => host.clock.now(), pick: (below) => Math.floor(Math.random() * below) })
			.listen();
		host = await startPrograms({ ...twilio.config, REQUEST_TIMEOUT_MS: 5000, RESEND_AFTER_SECONDS: 0,
			FAILURES_IN_A_ROW: 4, INFO_FIELDS: "name phone" }, { movingClock: clockCanMove });
		twilio.workers.set("ana", sid("WK", 1));
	});
	after(async () => {
		twilio?.stop();
		await host?.stop();
		await postgres?.stop();
		rmSync(place, { recursive: true });
	});

	function newCaller(to) {
		const id = ++callers, caller = { task: sid("WT", id), call: sid("CA", id), to: to ?? `+4477009${String(id).padStart(5, "0")}` };
		twilio.tasks.set(caller.task, caller);
		return caller;
	}
	const ask = (program, caller, fields = {}) => host.ask(program, { task: caller.task, ...fields }, { token: "ana" });
	const code = ({ to }) => twilio.living.get(to).code;

	async function verified(caller = newCaller()) {
		const started = await ask("start-verify", caller);
		assert.equal(started.json.verification?.state, "pending", started.text);
		const answer = await ask("check-verify", caller, { verification_code: code(caller) });
		assert.equal(answer.json.verification.state, "approved", answer.text);
		return caller;
	}

	async function wrongCodes(caller, count) {
		await ask("start-verify", caller);
		for (let i = 0; i < count; i++)
			await ask("check-verify", caller, { verification_code: code(caller) === "111111" ? "222222" : "111111" });
		return caller;
	}

	/* The anchor, of a ledger that must be whole. */
	async function anchor(...words) {
		const { status, stdout, stderr } = await host.command("audit", "verify", ...words);
		assert.equal(status, 0, `${stdout}${stderr}`);
		return /anchor (\S+)/.exec(stdout)[1];
	}

	const withLedger = (address) => readFileSync(host.config, "utf8").replace(/^LEDGER=.*$/m, `LEDGER="${address}"`);
	const copy = (from, to) => host.command("ledger", "copy", "--from", from, "--to", to);

	test("a ledger is copied from SQLite to PostgreSQL, and programs go on there", async () => {
		const done = await verified(), pending = newCaller(), file = `sqlite:${host.ledger}`;
		await ask("start-verify", pending);
		const noted = await anchor();

		const { status, stdout, stderr } = await copy(file, postgres.url);
		assert.equal(status, 0, `${stdout}${stderr}`);
		assert.deepEqual(stdout.match(/(?<=anchor )\S+/g), [noted, noted], "the same, before and after");
		assert.match(stdout, /copied 2 verifications and \d+ events/);
		assert.equal((await copy(file, postgres.url)).status, 2, "into an empty one only");

		await host.reconfigure(withLedger(postgres.url));
		assert.equal((await ask("customer-info", done)).json.customer.phone, done.to);
		const answer = await ask("check-verify", pending, { verification_code: code(pending) });
		assert.equal(answer.json.verification.state, "approved", answer.text);
		await anchor("--anchor", noted);
	});

	for (const [engine, use] of [["PostgreSQL", () => {}], ["SQLite", () => host.reconfigure(withLedger(`sqlite:${place}/new.db`))]])
		test(`what is old is purged, the rest is verified, and wrong codes in a row stay: ${engine}`,
			{ skip: !clockCanMove && "the clock cannot be moved" }, async () => {
				await use();
				const victim = await wrongCodes(newCaller(), 3);
				await verified();
				const noted = await anchor();
				host.clock.advance(40 * DAY_S);
				const last = await verified();

				for (const words of [["29d"], ["400"], ["-400d"]])
					assert.equal((await host.command("ledger", "purge", "--older-than", ...words)).status, 2);
				const { status, stdout, stderr } = await host.command("ledger", "purge", "--older-than", "35d");
				assert.equal(status, 0, `${stdout}${stderr}`);
				assert.match(stdout, /purged [1-9]\d* events/);

				const { stdout: said } = await host.command("audit", "verify");
				assert.match(said, /^WHOLE: /);
				assert.match(said, /events 1 to \d+ were purged; the record begins behind them/);
				await anchor("--anchor", noted);
				const { stdout: events } = await host.command("audit", "export", "--format", "jsonl");
				const all = events.trim().split("\n").map((line) => JSON.parse(line));
				assert.equal(all.filter(({ outcome }) => outcome === "purged").length, 1);
				assert.ok(all.every(({ interaction }) => interaction !== victim.call));

				assert.equal((await ask("customer-info", last)).json.customer.phone, last.to);
				await wrongCodes(newCaller(victim.to), 1);
				const answer = await ask("start-verify", newCaller(victim.to));
				assert.equal(answer.json.code, "too_many_checks", "three and one are four in a row");
			});

	test("a backup of SQLite, taken while programs write, is whole when it is restored", async () => {
		await host.reconfigure(withLedger(`sqlite:${place}/live.db`));
		await verified();
		const noted = await anchor(), backup = join(place, "backup.db");
		const working = Promise.all(Array.from({ length: 8 }, () => verified()));
		execFileSync("sqlite3", [join(place, "live.db"), `VACUUM INTO '${backup}'`]);
		await working;

		copyFileSync(backup, join(place, "restored.db"));
		await host.reconfigure(withLedger(`sqlite:${place}/restored.db`));
		await anchor("--anchor", noted);
		await verified();
		await anchor("--anchor", noted);
	});

	test("a backup of PostgreSQL, taken while programs write, is whole when it is restored", async () => {
		await host.reconfigure(withLedger(postgres.url));
		const noted = await anchor();
		const working = Promise.all(Array.from({ length: 8 }, () => verified()));
		const dump = execFileSync("pg_dump", ["--no-owner", postgres.url], { maxBuffer: 1 << 28 });
		await working;

		postgres.psql("CREATE DATABASE restored");
		const restored = postgres.url.replace("/tests?", "/restored?");
		writeFileSync(join(place, "dump.sql"), dump);
		execFileSync("psql", ["-Xq", "-v", "ON_ERROR_STOP=1", restored, "-f", join(place, "dump.sql")], { stdio: "ignore" });
		await host.reconfigure(withLedger(restored));
		await anchor("--anchor", noted);
		await verified();
		await anchor("--anchor", noted);
	});
});
