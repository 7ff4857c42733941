/*
 * A program whose socket somebody else keeps, as systemd does: restarted under
 * load it loses no request, and it tells how it stands.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { ANA, ANAS_CALL, agent, assertSuccess } from "./helpers.js";
import { startStack } from "./stack.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BIN = resolve(ROOT, process.env.FLEX_VERIFY_BIN ?? "cgi-bin");
const PROGRAM = "customer-info";
const RESTARTS = 5;
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

describe("a program behind a socket that is kept for it", () => {
	let stack, unit;

	before(async () => {
		stack = await startStack();
		await stack.signal(PROGRAM, "SIGTERM");
		unit = startUnit(stack);
		await unit.until("READY=1", 1);
	});
	after(async () => {
		await unit?.stop();
		await stack?.stop();
	});

	test("says that it is ready when it serves, and gives signs of life while nobody asks for anything", async () => {
		assertSuccess(await agent(stack, ANA).info(ANAS_CALL));
		await unit.until("WATCHDOG=1", unit.count("WATCHDOG=1") + 2);
	});

	test("loses no request when it is restarted under load, five times, through nginx", async () => {
		const statuses = new Map();
		let restarting = true;
		const ask = async () => {
			while (restarting) {
				const status = await agent(stack, ANA).info(ANAS_CALL).then((answer) => answer.status, (error) => error.message);
				statuses.set(status, (statuses.get(status) ?? 0) + 1);
			}
		};
		const load = Array.from({ length: AT_ONCE }, ask);

		for (let i = 1; i <= RESTARTS; i++) {
			const answered = statuses.get(200) ?? 0;
			unit.restart();
			await unit.until("READY=1", 1 + i);
			/* The new process is at work before it is asked to go. */
			while ((statuses.get(200) ?? 0) < answered + 2 * AT_ONCE)
				await sleep(5);
		}
		restarting = false;
		await Promise.all(load);

		assert.deepEqual([...statuses.keys()], [200], `${JSON.stringify([...statuses])}\n${unit.log()}`);
		assert.ok(statuses.get(200) >= RESTARTS * 2 * AT_ONCE);
		assert.equal(unit.count("STOPPING=1"), RESTARTS);
		assert.equal(unit.count("ENDED 0"), RESTARTS, unit.log());
	});
});
