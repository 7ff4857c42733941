/*
 * flex-verify audit, on the record of a stack that really ran, and on copies
 * of it that somebody changed who can write the file and has SQLite's own
 * tool, but not the key.
 */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { agent, ANA, ANAS_CALL, ANAS_TEXTS, BEN, BENS_CALL, ledgerRows, logOf, notThe, PROGRAMS, taskSid }
	from "./helpers.js";
import { startStack } from "./stack.js";

const COMMAND = process.env.FLEX_VERIFY_COMMAND ?? ".build/plain/bin/flex-verify";
const BIN = process.env.FLEX_VERIFY_BIN ?? "cgi-bin";

const MARIA = "+12025550101", OMAR = "+12025550102", AIKO = "+12025550103";
const LANDLINE = taskSid("0140");

/* Exit codes. */
const DONE = 0, BROKEN = 1, USAGE = 2, UNREADABLE = 3;

let stack, directory, noted;

/* Runs flex-verify: { status, stdout, stderr }. */
function run(...words) {
	const { status, stdout, stderr } = spawnSync(COMMAND, words, { encoding: "utf8", maxBuffer: 1 << 26 });
	return { status, stdout, stderr };
}

const audit = (what, env, ...words) => run("audit", what, "-c", env, ...words);
const liveEnv = () => join(stack.runDir, "flex-verify.env");

/* Runs a command that must end with this status; its output. */
function expect(status, result) {
	assert.equal(result.status, status, result.stdout + result.stderr);
	return result.stdout;
}

/* ---- Copies to attack ------------------------------------------------------------ */

/* The stack's configuration with other values. */
function writeEnv(name, keys) {
	const path = join(directory, name);
	let text = readFileSync(liveEnv(), "utf8");
	for (const [key, value] of Object.entries(keys))
		text = text.replace(new RegExp(`^${key}=.*$`, "m"), `${key}=${value}`);
	writeFileSync(path, text, { mode: 0o600 });
	return path;
}

const sqlite = (path, sql) => execFileSync("sqlite3", ["-bail", path], { input: sql, encoding: "utf8" });

const UNLOCK = "DROP TRIGGER IF EXISTS events_stay; DROP TRIGGER IF EXISTS events_remain;\n";

/* A copy of the finished record, changed by some SQL, and the configuration that names it. */
function attacked(sql) {
	const ledger = join(directory, "attacked.db");
	for (const suffix of ["", "-wal", "-shm"])
		rmSync(ledger + suffix, { force: true });
	copyFileSync(join(directory, "finished.db"), ledger);
	sqlite(ledger, UNLOCK + sql);
	return { ledger, env: writeEnv("attacked.env", { LEDGER: `sqlite:${ledger}` }) };
}

/* ---- The record --------------------------------------------------------------------- */

const answers = {};

/* Two verified callers, one locked out, one landline, one code canceled. */
async function makeRecord() {
	const ana = agent(stack, ANA), ben = agent(stack, BEN);
	answers.start = await ana.start(ANAS_CALL);
	await ana.check(ANAS_CALL, notThe(await stack.lastCode(MARIA)));
	await ana.start(ANAS_CALL);
	await ana.check(ANAS_CALL, await stack.lastCode(MARIA));
	await ana.info(ANAS_CALL);
	await ana.info(ANAS_CALL);
	await ben.start(BENS_CALL);
	await ben.check(BENS_CALL, await stack.lastCode(AIKO));
	await ana.start(ANAS_TEXTS);
	const wrong = notThe(await stack.lastCode(OMAR));
	for (let i = 0; i < 3; i++)
		await ana.check(ANAS_TEXTS, wrong);
	await ana.check(ANAS_TEXTS, await stack.lastCode(OMAR));
	await ana.start(LANDLINE);
	await ana.start(LANDLINE, { channel: "call" });
	await ana.cancel(LANDLINE);
}

before(async () => {
	directory = mkdtempSync(join(tmpdir(), "flex-verify-audit-"));
	stack = await startStack({ CHECKS_MAX: 3 });
	await makeRecord();
	noted = sqlite(stack.ledger, "SELECT position || ':' || link FROM events ORDER BY position DESC LIMIT 1").trim();
	sqlite(stack.ledger, `.backup ${join(directory, "finished.db")}`);
});
after(async () => {
	await stack?.stop();
	rmSync(directory, { recursive: true, force: true });
});

const events = () => ledgerRows(stack, "SELECT * FROM events ORDER BY position");
const isoTime = (ms) => new Date(ms).toISOString();

describe("flex-verify audit verify", () => {
	test("finds the record of the programs whole, and says how far it goes", () => {
		const rows = events();
		const said = expect(DONE, audit("verify", liveEnv()));
		assert.match(said, new RegExp(`^WHOLE: ${rows.length} events`));
		assert.ok(said.includes(`${isoTime(rows[0].at)} to ${isoTime(rows.at(-1).at)}`), said);
		assert.ok(said.endsWith(`anchor ${noted}\n`), said);
	});

	test("reads while the programs write, and keeps none of them waiting", async () => {
		const ana = agent(stack, ANA);
		for (let i = 0; i < 5; i++) {
			const asked = Promise.all([ana.info(ANAS_CALL), ana.info(ANAS_CALL), ana.info(ANAS_CALL)]);
			expect(DONE, audit("verify", liveEnv(), "--anchor", noted));
			for (const { status } of await asked)
				assert.equal(status, 200);
		}
	});

	test("changes nothing and makes no file", () => {
		const { ledger, env } = attacked("");
		const files = () => readdirSync(directory).sort();
		const before = { files: files(), bytes: readFileSync(ledger) };
		for (const command of ["verify", "export", "report"])
			expect(DONE, audit(command, env));
		assert.deepEqual(files(), before.files);
		assert.ok(readFileSync(ledger).equals(before.bytes));
	});

	test("finds an empty record whole", () => {
		const { env } = attacked("DELETE FROM events; DELETE FROM seal; DELETE FROM verifications;");
		assert.match(expect(DONE, audit("verify", env)), /^WHOLE: 0 events/);
	});
});

describe("a record that somebody changed", () => {
	const forged = (to) => `CREATE TABLE forged AS SELECT * FROM events WHERE position = 9;
		UPDATE forged SET position = ${to}, outcome = 'approved'; INSERT INTO events SELECT * FROM forged;`;
	const EDITS = {
		at: "at - 60000", verification: "'0000000000000000'", interaction: "'CA00000000000000000000000000000001'",
		task_sid: `'${taskSid(2)}'`, action: "'info'", outcome: "'approved'", agent_id: "'WK00000000000000000000000000000002'",
		channel: "'call'", to_id: "'0000000000000000'", to_mask: "'+1********99'", request_id: "''",
		twilio_code: "60200", sends: "-1", failures: "-1", note: "'x'", link: "upper(link)",
	};

	/* Verify ends with 1 and says, in its first line, what is wrong. */
	const found = (sql, words) => {
		const said = expect(BROKEN, audit("verify", attacked(sql).env));
		assert.match(said.split("\n")[0], words);
		return said;
	};

	test("has no column that was forgotten here", () => {
		const columns = ledgerRows(stack, "SELECT name FROM pragma_table_info('events')").map(({ name }) => name);
		assert.deepEqual(columns, ["position", ...Object.keys(EDITS)]);
	});

	for (const [column, value] of Object.entries(EDITS))
		test(`is found and named when ${column} of an event was edited`, () => {
			const said = found(`UPDATE events SET ${column} = ${value} WHERE position = 7;`,
				/^BROKEN: event 7 of \S+Z was edited/);
			assert.match(said, /\nevents 1 to 6, \S+ to \S+, are whole\n/);
		});

	test("is named with the time of the broken event", () => {
		const { at } = events()[6];
		found("UPDATE events SET outcome = 'approved' WHERE position = 7;", new RegExp(`event 7 of ${isoTime(at)} `));
	});

	for (const [what, sql, words] of [
		["an event was deleted", "DELETE FROM events WHERE position = 7;", /event 7 is missing/],
		["an event was deleted and the gap closed",
			"DELETE FROM events WHERE position = 7; UPDATE events SET position = position - 1 WHERE position > 7;",
			/event 7 of \S+ was edited/],
		["the first event was deleted", "DELETE FROM events WHERE position = 1;", /event 1 is missing/],
		["an event was put in", `UPDATE events SET position = -1 - position WHERE position >= 7;
			UPDATE events SET position = -position WHERE position < 0; ${forged(7)}`,
			/event 7 of \S+ is out of order: the one that belongs there stands at 8/],
		["an event was put behind the end",
			`${forged("(SELECT max(position) + 1 FROM events)")}`, /event \d+ of \S+ was added/],
		["an event was put before the beginning", forged(0), /event 0 of \S+ was added/],
		["two events changed places", `UPDATE events SET position = -position WHERE position IN (7, 9);
			UPDATE events SET position = 16 + position WHERE position < 0;`,
			/event 7 of \S+ is out of order: the one that belongs there stands at 9/],
		["the end was cut off", "DELETE FROM events WHERE position > 12;", /event 13 is missing, and all behind it/],
		["the end was cut off and a seal forged", `DELETE FROM events WHERE position > 12;
			UPDATE seal SET position = 12, link = (SELECT link FROM events WHERE position = 12);`,
			/the seal is not that of event 12/],
		["the seal was deleted", "DELETE FROM seal;", /the seal is not that of event/],
		["a caller was made a verified one in the table of verifications",
			"UPDATE verifications SET state = 'approved', approved_at = created_at WHERE state = 'locked';",
			/verification [0-9a-f]{16} is approved as of \S+, and no event says so/],
		["an approval was given to another call",
			"UPDATE verifications SET interaction = 'CA00000000000000000000000000000001' WHERE state = 'approved';",
			/verification [0-9a-f]{16} is approved as of \S+, and no event says so/],
		["an index was taken away by hand",
			"PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'events_by_number';",
			/the file is damaged: /],
	])
		test(`is found when ${what}`, () => found(sql, words));

	test("is found with another key, which is named as a reason", () => {
		const { env } = attacked("");
		writeFileSync(env, readFileSync(env, "utf8").replace(/^LOG_KEY=.*$/m, `LOG_KEY=${"x".repeat(32)}`));
		assert.match(expect(BROKEN, audit("verify", env)), /neither the first event nor the seal .* LOG_KEY/);
	});

	/* The limit of what a ledger can know about itself, and what there is against it. */
	test("and put back to an earlier state as a whole is found by the anchor, and by no other means", () => {
		const earlier = join(directory, "earlier.db");
		sqlite(stack.ledger, `.backup ${earlier}`);
		const { status, stdout } = audit("verify", liveEnv());
		assert.equal(status, DONE);
		const anchor = stdout.match(/^anchor (\S+)$/m)[1];
		const env = writeEnv("earlier.env", { LEDGER: `sqlite:${join(directory, "finished.db")}` });
		assert.notEqual(anchor, noted);
		assert.match(expect(DONE, audit("verify", env)), /^WHOLE/);
		assert.match(expect(BROKEN, audit("verify", env, "--anchor", anchor)),
			/is not the one of the anchor: the ledger was put back/);
		expect(DONE, audit("verify", env, "--anchor", noted));
	});

	test("and cut off is the shorter by what the programs' log has, request by request", () => {
		const { env } = attacked("DELETE FROM events WHERE position > 12;");
		const exported = expect(BROKEN, audit("export", env, "--format", "jsonl")).trim().split("\n").map(JSON.parse);
		const left = new Set(exported.map(({ request_id }) => request_id));
		const logged = PROGRAMS.flatMap((program) => logOf(stack, program))
			.filter(({ event, verification }) => event === "audit" && verification !== undefined)
			.map(({ request_id }) => request_id);
		const cutOff = new Set(events().slice(12).map(({ request_id }) => request_id).filter((id) => !left.has(id)));
		assert.ok(cutOff.size > 5);
		for (const id of cutOff)
			assert.ok(logged.includes(id), id);
	});

	test("is not gone on with: a program that would seal it anew does not start", () => {
		const { env } = attacked(`DELETE FROM events WHERE position > 12;
			UPDATE seal SET position = 12, link = (SELECT link FROM events WHERE position = 12);`);
		const { status, stderr } = spawnSync(join(BIN, "start-verify"),
			["-c", env, "-s", join(directory, "start-verify.sock")], { encoding: "utf8", timeout: 10000 });
		assert.equal(status, 1, stderr);
		assert.match(stderr, /LEDGER_ALTERED.*flex-verify audit verify/);
	});

	test("is shown all the same, with a warning and exit status 1", () => {
		const { env } = attacked("UPDATE events SET outcome = 'approved' WHERE position = 7;");
		for (const words of [["follow", env, ANAS_CALL], ["export", env], ["report", env]]) {
			const { status, stdout, stderr } = audit(...words);
			assert.equal(status, BROKEN);
			assert.notEqual(stdout, "");
			assert.match(stderr, /do not rely on this: event 7 of \S+ was edited/);
		}
		assert.equal(JSON.parse(expect(BROKEN, audit("report", env, "--json"))).whole, false);
	});
});

/* ---- Showing ---------------------------------------------------------------------------- */

/* An event of the ledger as the command shows it. */
const shown = (row) => ({ ...row, at: isoTime(row.at) });

describe("flex-verify audit follow", () => {
	const positions = (result) => expect(DONE, result).split("\n")
		.map((line) => /^ +(\d+) {2}\d{4}-/.exec(line)?.[1]).filter((position) => position !== undefined).map(Number);
	const of = (condition) => events().filter(condition).map(({ position }) => position);

	test("shows the events of a task, of a call, and of a verification by its reference", () => {
		const { interaction, verification } = events()[0];
		const { reference } = answers.start.json.verification;
		assert.equal(verification.slice(0, 8), reference);
		for (const [subject, condition] of [
			[ANAS_CALL, ({ task_sid }) => task_sid === ANAS_CALL],
			[interaction, (event) => event.interaction === interaction],
			[reference, (event) => event.verification === verification],
			[verification, (event) => event.verification === verification],
		]) {
			const wanted = of(condition);
			assert.ok(wanted.length >= 8);
			assert.deepEqual(positions(audit("follow", liveEnv(), subject)), wanted, subject);
		}
	});

	test("tells the whole story in words", () => {
		const story = expect(DONE, audit("follow", liveEnv(), ANAS_TEXTS));
		assert.match(story, new RegExp(`^CH\\w+, task ${ANAS_TEXTS}, number \\+1\\*+02\n`));
		const outcomes = story.split("\n").slice(2, -1).map((line) => line.trim().split(/ {2,}/).slice(2, 4).join(" "));
		assert.deepEqual(outcomes, ["start begun", "start code_sent", "check begun", "check wrong_code", "check begun",
			"check wrong_code", "check begun", "check wrong_code", "lock locked", "check too_many_checks"]);
		assert.match(expect(DONE, audit("follow", liveEnv(), LANDLINE)), / landline .* 60205\n/);
	});

	test("gives the same as JSON", () => {
		assert.deepEqual(JSON.parse(expect(DONE, audit("follow", liveEnv(), "--json", LANDLINE))),
			events().filter(({ task_sid }) => task_sid === LANDLINE).map(shown));
	});

	test("of what is not in the record shows nothing and says so", () => {
		const { status, stdout, stderr } = audit("follow", liveEnv(), taskSid(9));
		assert.deepEqual([status, stdout], [DONE, ""]);
		assert.match(stderr, /no event of WT/);
		assert.deepEqual(JSON.parse(expect(DONE, audit("follow", liveEnv(), "--json", taskSid(9)))), []);
		/* A reference is not to be guessed bit by bit, and no event is of nobody. */
		assert.equal(audit("follow", liveEnv(), events()[0].verification.slice(0, 7)).stdout, "");
		assert.equal(audit("follow", liveEnv(), "").stdout, "");
	});

	test("does not let an event that somebody wrote move the cursor", () => {
		const { env } = attacked(`UPDATE events SET outcome = 'x' || char(27) || '[2K' || char(155) || 'y',
			to_mask = char(13) || char(10) || 'z' WHERE position = 7;`);
		const { stdout } = audit("follow", env, ANAS_CALL);
		assert.match(stdout, /x\?\[2K\?+y/);
		assert.match(stdout, /^[\n -~]*$/);
		const json = JSON.parse(audit("follow", env, "--json", ANAS_CALL).stdout);
		assert.equal(json.find(({ position }) => position === 7).to_mask, "\r\nz");
	});
});

/* Rows of cells, by RFC 4180. */
function parseCsv(text) {
	const rows = [[]];
	const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
	for (let match = cell.exec(text); match !== null; match = cell.exec(text)) {
		rows.at(-1).push(match[1]?.replaceAll('""', '"') ?? match[2]);
		if (match[3] === "\r\n")
			rows.push([]);
	}
	assert.deepEqual(rows.pop(), [], "all of it is CSV, and the last line ends");
	return rows;
}

describe("flex-verify audit export", () => {
	const asCells = (row) => Object.values(shown(row)).map(String)
		.map((cell) => (/^[=+\-@\t\r\n]/.test(cell) && !/^-\d+$/.test(cell) ? `'${cell}` : cell));

	test("writes every event as CSV, a row each under the names of the columns", () => {
		const [names, ...rows] = parseCsv(expect(DONE, audit("export", liveEnv())));
		assert.deepEqual(names, Object.keys(events()[0]));
		assert.deepEqual(rows, events().map(asCells));
	});

	test("writes every event as JSON, a line each", () => {
		const lines = expect(DONE, audit("export", liveEnv(), "--format", "jsonl")).trimEnd().split("\n");
		assert.deepEqual(lines.map(JSON.parse), events().map(shown));
	});

	test("quotes what CSV needs quoted, and takes its power from what a spreadsheet would run", () => {
		const hostile = ['a"b', "a,b", "a\r\nb", "=1+1", "+1", "-1", "@SUM(1)", "\t=1", '="a",b', "", "'", "plain"];
		const { env } = attacked(hostile.map((text, i) =>
			`UPDATE events SET outcome = CAST(x'${Buffer.from(text).toString("hex")}' AS TEXT)
				WHERE position = ${i + 1};`).join("\n"));
		const [names, ...rows] = parseCsv(expect(BROKEN, audit("export", env)));
		const column = names.indexOf("outcome");
		assert.deepEqual(rows.slice(0, hostile.length).map((row) => row[column]),
			hostile.map((text) => (/^[=+\-@\t]/.test(text) ? `'${text}` : text)));
		for (const row of rows)
			for (const cell of row)
				assert.match(cell, /^(?![=+@\t\r])(?!-\D)/);
	});

	test("takes --from with it and leaves --to out, in either way to write a time", () => {
		const rows = events();
		const { at: from } = rows[3], { at: to } = rows[9];
		const of = (...words) => expect(DONE, audit("export", liveEnv(), "--format", "jsonl", ...words)).split("\n")
			.slice(0, -1).map((line) => JSON.parse(line).position);
		const wanted = (condition) => rows.filter(({ at }) => condition(at)).map(({ position }) => position);
		assert.deepEqual(of("--from", isoTime(from)), wanted((at) => at >= from));
		assert.deepEqual(of("--to", isoTime(to)), wanted((at) => at < to));
		assert.deepEqual(of("--from", isoTime(from), "--to", isoTime(to)), wanted((at) => at >= from && at < to));
		const today = isoTime(rows[0].at).slice(0, 10);
		assert.deepEqual(of("--from", today), wanted((at) => at >= Date.parse(today)));
		assert.deepEqual(of("--to", "1999-12-31T23:59:59Z"), []);
		assert.deepEqual(of("--from", "2999-01-01"), []);
	});

	test("that cannot be written is no success", () => {
		const { status, stderr } = spawnSync("sh", ["-c", '"$0" audit export -c "$1" >/dev/full', COMMAND, liveEnv()],
			{ encoding: "utf8" });
		assert.equal(status, UNREADABLE);
		assert.match(stderr, /cannot be written/);
	});
});

describe("flex-verify audit report", () => {
	/* Without what was read from the record while it was read. */
	const finished = () => attacked("").env;

	test("counts what happened", () => {
		const report = JSON.parse(expect(DONE, audit("report", finished(), "--json")));
		const { median_ms, p90_ms, ...counts } = report;
		assert.deepEqual(counts, { from: null, to: null, whole: true, begun: 5, code_sent: 4, approved: 2,
			pass_rate: 0.4, codes: 5, codes_per_approved: 2.5, wrong_codes: 4, locks: 1, releases: 2,
			overrides: 0, overridden_releases: 0, stops: 0, unlocks: 0 });
		const times = [ANAS_CALL, BENS_CALL].map((task) => {
			const first = (outcome) => events().find((event) => event.task_sid === task && event.outcome === outcome).at;
			return first("approved") - first("code_sent");
		}).sort((a, b) => a - b);
		assert.deepEqual([median_ms, p90_ms], times);
	});

	test("says so in words", () => {
		const said = expect(DONE, audit("report", finished()));
		for (const line of [/^Verifications begun from the beginning to now:$/m, /^begun +5$/m, /^code sent +4$/m,
			/^approved +2 +40\.0 % of those begun$/m, /^codes sent +5 +2\.50 per verified caller$/m,
			/^first code to approval +\d+\.\d s half of them within, \d+\.\d s nine in ten$/m,
			/^wrong codes +4$/m, /^locks +1$/m, /^customer data released +2$/m])
			assert.match(said, line);
	});

	test("of a time without verifications has no rates", () => {
		const report = JSON.parse(expect(DONE, audit("report", finished(), "--json", "--to", "2001-01-01")));
		assert.deepEqual([report.begun, report.pass_rate, report.median_ms, report.codes_per_approved],
			[0, null, null, null]);
		assert.equal(report.to, "2001-01-01T00:00:00.000Z");
		assert.match(expect(DONE, audit("report", finished(), "--to", "2001-01-01")),
			/from the beginning to 2001-01-01T00:00:00Z:/);
	});
});

/* ---- Options ------------------------------------------------------------------------------ */

describe("flex-verify", () => {
	const LEVELS = [[], ["audit"], ...["verify", "follow", "export", "report"].map((name) => ["audit", name])];

	for (const words of LEVELS)
		test(`${["", ...words].join(" ").trim() || "itself"} has --help and --version`, () => {
			assert.match(expect(DONE, run(...words, "--help")), new RegExp(`Usage: ${["flex-verify", ...words].join(" ")} `));
			assert.match(expect(DONE, run(...words, "--version")), /^flex-verify \d+\.\d+\.\d+\n$/);
		});

	for (const words of [
		[], ["audits"], ["--helpful"], ["audit"], ["audit", "erase"], ["audit", "verify", "more"], ["audit", "follow"],
		["audit", "follow", "a", "b"], ["audit", "verify", "--json"], ["audit", "report", "--format", "csv"],
		["audit", "verify", "--anchor", "7"], ["audit", "verify", "--anchor", `0:${"a".repeat(64)}`],
		["audit", "verify", "--anchor", `7:${"A".repeat(64)}`], ["audit", "verify", "--anchor", `7:${"a".repeat(65)}`],
		["audit", "export", "--format", "xml"], ["audit", "export", "--from", "yesterday"],
		["audit", "export", "--from", "2026-02-30"], ["audit", "export", "--to", "2026-11-22T09:00:00+01:00"],
		["audit", "export", "--from", "2026-11-22", "--to", "2026-11-22"], ["audit", "export", "-c"],
	])
		test(`refuses '${words.join(" ")}' as wrong usage`, () => {
			const { status, stdout, stderr } = run(...words);
			assert.deepEqual([status, stdout], [USAGE, ""]);
			assert.match(stderr, /\nTry 'flex-verify.*--help'\.\n$/);
		});

	test("says what cannot be read: the configuration, or the ledger, which it does not make", () => {
		const missing = join(directory, "missing.db"), garbage = join(directory, "garbage.db");
		writeFileSync(garbage, "x".repeat(8192));
		for (const [env, words] of [
			[join(directory, "missing.env"), /missing\.env/],
			[writeEnv("wrong.env", { CHECKS_MAX: 99 }), /CHECKS_MAX/],
			[writeEnv("missing-ledger.env", { LEDGER: `sqlite:${missing}` }), /missing\.db cannot be read/],
			[writeEnv("garbage.env", { LEDGER: `sqlite:${garbage}` }), /garbage\.db cannot be read/],
			[writeEnv("directory.env", { LEDGER: `sqlite:${directory}` }), /cannot be read/],
		]) {
			const { status, stdout, stderr } = audit("verify", env);
			assert.deepEqual([status, stdout], [UNREADABLE, ""], stderr);
			assert.match(stderr, words);
		}
		assert.ok(!existsSync(missing));
	});

	test("keeps the key to itself", () => {
		const key = readFileSync(liveEnv(), "utf8").match(/^LOG_KEY=(.*)$/m)[1];
		for (const command of ["verify", "export", "report"]) {
			const { stdout, stderr } = audit(command, liveEnv());
			assert.ok(!(stdout + stderr).includes(key), command);
		}
	});
});
