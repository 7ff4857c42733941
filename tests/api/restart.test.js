/*
 * A program whose socket somebody else keeps, as systemd does: restarted under
 * load it loses no request, and it tells how it stands.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { AUTH_TOKEN, startFakeTwilio } from "./fake_twilio.js";
import { agentOf, approve } from "./fault_helpers.js";
import { assertSuccess } from "./helpers.js";
import { startStack } from "./stack.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BIN = resolve(ROOT, process.env.FLEX_VERIFY_BIN ?? "cgi-bin");
const COMMAND = resolve(ROOT, process.env.FLEX_VERIFY_COMMAND ?? ".build/plain/bin/flex-verify");
const PROGRAM = "customer-info";
const AT_ONCE = 12;

/* Starts the stand-in for socket and service; until(word, n) waits until it was said n times. */
function startUnit(stack) {
	const heard = [];
	const waiting = new Set();
	const unit = spawn("python3", [join(ROOT, "tests/api/socket_unit.py"), join(stack.runDir, `${PROGRAM}.sock`),
		join(BIN, PROGRAM), "-c", join(stack.runDir, "flex-verify.env")], { stdio: ["ignore", "pipe", "pipe"] });
	const abandon = () => unit.kill("SIGTERM");
	let log = "";
	process.on("exit", abandon);
	unit.stderr.on("data", (data) => { log += data; });
	unit.stdout.on("data", (data) => {
		heard.push(...data.toString().split("\n").filter(Boolean));
		waiting.forEach((look) => look());
	});
	const ended = once(unit, "close").then(() => { throw new Error(`it ended: ${heard.join(", ")}\n${log}`); });
	ended.catch(() => {}); /* until somebody waits for something */
	const count = (word) => heard.filter((line) => line === word).length;
	return {
		count,
		log: () => log,
		until: (word, times) => Promise.race([ended, new Promise((done) => {
			const look = () => {
				if (count(word) < times)
					return;
				waiting.delete(look);
				done();
			};
			waiting.add(look);
			look();
		})]),
		restart: () => unit.kill("SIGHUP"),
		async stop() {
			process.off("exit", abandon);
			unit.kill("SIGTERM");
			await ended.catch(() => {});
		},
	};
}

/* mod_fcgid starts its programs itself. */
const skip = process.env.WEB === "fcgid" && "there is no socket that is kept";

describe("a program behind a socket that is kept for it", () => {
	let fake, stack, unit, contact, restarts = 0;

	before(async () => {
		fake = await startFakeTwilio();
		contact = fake.contact();
		stack = await startStack({ ...fake.config, TOKEN_CACHE_SECONDS: 0, QUEUE_TIMEOUT_MS: 10000 });
		await stack.signal(PROGRAM, "SIGTERM");
		unit = startUnit(stack);
		await unit.until("READY=1", 1);
	});
	after(async () => {
		await unit?.stop();
		await stack?.stop();
		await fake?.stop();
	});

	/* Many ask while `times` restarts happen; before each of them, prepare(nth) may change what it will find. */
	async function restartUnderLoad(times, prepare) {
		const statuses = new Map();
		let restarting = true;
		const ask = async () => {
			while (restarting) {
				const status = await agentOf(stack, contact).info().then((answer) => answer.status, (error) => error.message);
				statuses.set(status, (statuses.get(status) ?? 0) + 1);
			}
		};
		const load = Array.from({ length: AT_ONCE }, ask);

		for (let i = 0; i < times; i++) {
			const answered = statuses.get(200) ?? 0;
			await prepare?.(i);
			unit.restart();
			await unit.until("READY=1", 1 + ++restarts);
			/* The new process is at work before it is asked to go. */
			while ((statuses.get(200) ?? 0) < answered + 2 * AT_ONCE)
				await sleep(5);
		}
		restarting = false;
		await Promise.all(load);

		assert.deepEqual([...statuses.keys()], [200], `${JSON.stringify([...statuses])}\n${unit.log()}`);
		assert.ok(statuses.get(200) >= times * 2 * AT_ONCE);
		assert.equal(unit.count("STOPPING=1"), restarts);
		assert.equal(unit.count("ENDED 0"), restarts, unit.log());
	}

	test("says that it is ready when it serves, and gives signs of life while nobody asks for anything", { skip }, async () => {
		assertSuccess(await agentOf(stack, contact).info());
		await unit.until("WATCHDOG=1", unit.count("WATCHDOG=1") + 2);
	});

	test("loses no request when it is restarted under load, five times, through nginx", { skip }, () => restartUnderLoad(5));

	test("loses none while Twilio's keys are exchanged, and uses none that may be revoked by then", { skip }, async () => {
		const path = join(stack.runDir, "flex-verify.env"), keys = [AUTH_TOKEN], revoked = [];
		const used = ({ headers }) => atob(headers.authorization?.slice("Basic ".length) ?? "").split(":")[1];

		await restartUnderLoad(3, (nth) => {
			if (nth > 0)
				revoked.push({ key: keys[nth - 1], from: fake.requests.length });
			keys.push(randomBytes(16).toString("hex"));
			writeFileSync(path, readFileSync(path, "utf8")
				.replace(/^AUTH_TOKEN=.*$/m, `AUTH_TOKEN=${keys.at(-1)}`));
		});
		for (const key of keys)
			assert.ok(fake.requests.some((request) => used(request) === key));
		for (const { key, from } of revoked)
			assert.ok(fake.requests.slice(from).every((request) => used(request) !== key));
	});

	test("loses none while a new LOG_KEY and a ledger of its own come, and the old record stays whole by the old key", { skip }, async () => {
		const [path, old, mixed] = ["flex-verify", "flex-verify-1", "mixed"].map((name) => join(stack.runDir, `${name}.env`));
		const judged = (configuration) => spawnSync(COMMAND, ["audit", "verify", "-c", configuration], { encoding: "utf8" });
		const change = (to, keys) => writeFileSync(to, Object.entries(keys).reduce((text, [key, value]) =>
			text.replace(new RegExp(`^${key}=.*$`, "m"), `${key}=${value}`), readFileSync(path, "utf8")), { mode: 0o600 });
		const LOG_KEY = randomBytes(24).toString("hex");

		await approve(agentOf(stack, contact));
		assertSuccess(await agentOf(stack, contact).info(), "approved");
		copyFileSync(path, old);
		change(mixed, { LOG_KEY });
		await restartUnderLoad(1, () => change(path, { LOG_KEY, LEDGER: `sqlite:${join(stack.runDir, "ledger-2.db")}` }));
		assertSuccess(await agentOf(stack, contact).info(), "not_verified");
		for (const configuration of [old, path])
			assert.match(judged(configuration).stdout, /^WHOLE: /);
		assert.equal(judged(mixed).status, 1);
	});
});
