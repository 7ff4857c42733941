/*
 * What an operator sees of the upkeep of a long record, and what its agents see
 * meanwhile: nothing.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { sid } from "./fake_twilio.js";
import { writeEvents } from "./long_ledger.js";
import { until } from "./monitoring.js";
import { startPostgres } from "./postgres.js";
import { COMMAND, startPrograms } from "./programs.js";
import { RememberingTwilio } from "./remembering_twilio.js";

const EVENTS = 8000;
const DAY_MS = 86_400_000;
const LOG_KEY = "long-ledger-log-key-not-a-secret-000";

describe("the upkeep of a long record", { timeout: 240000 }, () => {
	let postgres, twilio, host, place, callers = 0;

	before(async () => {
		place = mkdtempSync(join(tmpdir(), "flex-verify-long-"));
		postgres = await startPostgres();
		twilio = await new RememberingTwilio({ now: () => Date.now(), pick: (below) => Math.floor(Math.random() * below) })
			.listen();
		host = await startPrograms({ ...twilio.config, LOG_KEY, REQUEST_TIMEOUT_MS: 5000, RESEND_AFTER_SECONDS: 0 },
			{ programs: ["start-verify"] });
		twilio.workers.set("ana", sid("WK", 1));
		writeEvents(host.ledger, LOG_KEY, EVENTS, Date.now() - 60 * DAY_MS);
	});
	after(async () => {
		twilio?.stop();
		await host?.stop();
		await postgres?.stop();
		rmSync(place, { recursive: true });
	});

	const source = () => `sqlite:${host.ledger}`;

	/* Somebody at a terminal: all that it shows. */
	async function onTerminal(...words) {
		const line = [COMMAND, ...words, "-c", host.config].map((word) => `'${word}'`).join(" ");
		const child = spawn("script", ["-qec", line, "/dev/null"], { stdio: ["ignore", "pipe", "inherit"] });
		let shown = "";
		child.stdout.on("data", (data) => { shown += data; });
		const [status] = await once(child, "close");
		return { status, shown };
	}

	test("a copy shows on a terminal how far it is, up to its end", async () => {
		const { status, shown } = await onTerminal("ledger", "copy", "--from", source(), "--to", postgres.url);
		assert.equal(status, 0, shown);
		const bars = [...shown.matchAll(/\r\[(#*)(\.*)\] (\d+) of (\d+) events/g)]
			.map(([, full, rest, done, all]) => ({ full: full.length, width: full.length + rest.length, done: Number(done), all: Number(all) }));
		assert.ok(bars.length >= 2, `${bars.length} bars`);
		assert.ok(bars.every(({ all, width }) => all === EVENTS && width === bars[0].width));
		assert.ok(bars.every(({ done }, i) => i === 0 || done > bars[i - 1].done), "it goes forward");
		assert.ok(bars.some(({ full, width }) => full > 0 && full < width), "it is somewhere between");
		assert.ok(bars[0].full < bars[0].width);
		assert.deepEqual([bars.at(-1).done, bars.at(-1).full], [EVENTS, bars[0].width]);
		assert.match(shown, new RegExp(`\r\\x1b\\[Kcopied 0 verifications and ${EVENTS} events\r\n`), "and then it is gone");
	});

	test("a copy that nobody sees shows no bar, and says nothing if it is quick", async () => {
		const { status, stdout, stderr } = await host.command("ledger", "copy", "--from", source(), "--to", `sqlite:${place}/copy.db`);
		assert.equal(status, 0, stderr);
		assert.doesNotMatch(stdout + stderr, /[\r\x1b[]/);
		assert.match(stderr, new RegExp(`^(\\d+ of ${EVENTS} events\n)*$`));
		assert.match(stdout, new RegExp(`^copied 0 verifications and ${EVENTS} events$`, "m"));
	});

	/* How many events were purged. */
	async function begins() {
		const { status, stdout, stderr } = await host.command("audit", "verify");
		assert.equal(status, 0, `${stdout}${stderr}`);
		assert.match(stdout, /^WHOLE: /);
		return Number(/events 1 to (\d+) were purged/.exec(stdout)?.[1] ?? 0);
	}

	async function callerIsAnswered() {
		const id = ++callers, task = sid("WT", id);
		twilio.tasks.set(task, { task, call: sid("CA", id), to: `+4477009${String(id).padStart(5, "0")}` });
		const answer = await host.ask("start-verify", { task }, { token: "ana" });
		assert.equal(answer.json.verification?.state, "pending", answer.text);
	}

	const PURGE = ["ledger", "purge", "--older-than", "35d"];

	for (const [engine, address] of [["SQLite", source], ["PostgreSQL", () => postgres.url]])
		test(`agents are served while a long record is purged; one that is killed over it is whole, and the next purge ends it: ${engine}`,
			async () => {
				await host.reconfigure(readFileSync(host.config, "utf8").replace(/^LEDGER=.*$/m, `LEDGER="${address()}"`));
				const purge = spawn(COMMAND, [...PURGE, "-c", host.config], { stdio: "ignore" });
				const ended = once(purge, "exit");
				await until(begins, (purged) => purged > 0);
				for (let i = 0; i < 5 && purge.exitCode === null; i++)
					await callerIsAnswered();
				assert.equal(purge.exitCode, null, "it is still at it");
				purge.kill("SIGKILL");
				assert.deepEqual(await ended, [null, "SIGKILL"]);

				const purged = await begins();
				assert.ok(purged > 0 && purged < EVENTS, `${purged}`);
				const { status, stdout, stderr } = await host.command(...PURGE);
				assert.equal(status, 0, `${stdout}${stderr}`);
				assert.match(stdout, new RegExp(`^purged ${EVENTS - purged} events$`, "m"));
				assert.equal(stderr.includes("["), false);
				assert.equal(await begins(), EVENTS);
				await callerIsAnswered();
			});
});
