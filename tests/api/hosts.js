/*
 * hosts: two hosts with all programs, on one ledger in PostgreSQL and one
 * Twilio, for tests that kill either; and callers who are verified on them,
 * each request by another host, whatever happens in between.  Or one host with
 * a ledger of its own.
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { sid } from "./fake_twilio.js";
import { AGENT_PROGRAMS } from "./helpers.js";
import { startPostgres } from "./postgres.js";
import { startPrograms } from "./programs.js";
import { RememberingTwilio } from "./remembering_twilio.js";

const AGENTS = ["ana", "ben"];
const PATIENCE_MS = 600000; /* a busy machine is slow, and who is unlucky is killed often */

/* What an agent is told while something is not yet known; he waits and looks again. */
const WAITING = ["sending", "checking", "unclear"];
const LOOKS_MAX = 3; /* at what stays unclear; then he sends another code */

const KEYS = { REQUEST_TIMEOUT_MS: 3000, RESEND_AFTER_SECONDS: 0, INFO_FIELDS: "name phone" };
const OPTIONS = { programs: AGENT_PROGRAMS };

async function startTwilio() {
	const twilio = await new RememberingTwilio({ now: Date.now, pick: (below) => Math.floor(Math.random() * below) }).listen();
	AGENTS.forEach((token, i) => twilio.workers.set(token, sid("WK", i + 1)));
	return twilio;
}

export async function startHosts(keys = {}) {
	const twilio = await startTwilio(), postgres = await startPostgres();
	const all = { ...twilio.config, LEDGER: postgres.url, ...KEYS, ...keys };
	return new Hosts(twilio, postgres, [await startPrograms(all, OPTIONS), await startPrograms(all, OPTIONS)]);
}

export async function startHost(keys = {}) {
	const twilio = await startTwilio();
	return new Hosts(twilio, null, [await startPrograms({ ...twilio.config, ...KEYS, ...keys }, OPTIONS)]);
}

class Hosts {
	constructor(twilio, postgres, hosts) {
		Object.assign(this, { twilio, postgres, hosts, turn: 0, kills: 0, seen: {} });
	}

	/* A caller of whom nobody knows anything yet. */
	caller(id) {
		const caller = { id, task: sid("WT", id), call: sid("CA", id), to: `+4477009${String(id).padStart(5, "0")}`,
			starts: 0, disturbed: false };
		this.twilio.tasks.set(caller.task, caller);
		return caller;
	}

	count(what) {
		this.seen[what] = (this.seen[what] ?? 0) + 1;
	}

	/*
	 * As a load balancer does: by turns, and by the other host where nobody
	 * listens.  null: the program died over it.
	 */
	async ask(program, caller, fields = {}, host = this.turn++ % this.hosts.length) {
		const token = AGENTS[caller.id % AGENTS.length];
		for (let tries = 0; tries < 400; tries++) {
			try {
				return await this.hosts[(host + tries) % this.hosts.length].ask(program, { task: caller.task, ...fields }, { token });
			} catch (error) {
				if (!["ECONNREFUSED", "ENOENT"].includes(error.code))
					throw error;
				await sleep(5);
			}
		}
		throw new Error("no host listens");
	}

	async start(caller) {
		caller.starts++;
		return this.ask("start-verify", caller);
	}

	/* What an agent does until his caller is verified and his data there. */
	async verify(caller) {
		const until = Date.now() + PATIENCE_MS;
		let unclear = 0;
		for (let answer = await this.start(caller); Date.now() < until;) {
			const state = answer?.json.verification?.state;
			unclear = state === "unclear" ? unclear + 1 : 0;
			if (answer?.json.customer !== undefined)
				return answer;
			if (answer === null || answer.json.success !== true) {
				caller.disturbed = true;
				this.count(answer?.json.code ?? "no answer");
			}
			if (answer?.json.success && state === "pending") {
				answer = await this.ask("check-verify", caller, { verification_code: this.twilio.living.get(caller.to).code });
				continue;
			}
			if (answer?.json.success && (["not_verified", "expired", "canceled"].includes(state) || unclear > LOOKS_MAX)) {
				answer = await this.start(caller);
				continue;
			}
			if (WAITING.includes(state) || answer?.status === 503)
				await sleep(100);
			answer = await this.ask("customer-info", caller);
		}
		throw new Error(`caller ${caller.id} is not verified: ${JSON.stringify(this.seen)}`);
	}

	/* All programs of a host at once, as if its power went; and up again. */
	async kill(which) {
		const host = this.hosts[which], programs = [...host.children.keys()].map((name) => name.replace(/-0$/, ""));
		this.kills++;
		await Promise.all(programs.map((program) => host.kill9(program)));
		await host.start();
	}

	/* ---- What is on record ---- */

	async exported() {
		const { status, stdout, stderr } = await this.hosts[0].command("audit", "export", "--format", "jsonl");
		assert.equal(status, 0, stderr);
		return stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
	}

	async assertRecordWhole() {
		const { status, stdout, stderr } = await this.hosts.at(-1).command("audit", "verify");
		assert.equal(status, 0, `${stdout}${stderr}`);
		return Number(/WHOLE: (\d+) events/.exec(stdout)[1]);
	}

	/* Each caller's approval once on record and at Twilio, and no code that nobody asked for. */
	async assertNoneLostNoneDoubled(callers) {
		const approvals = new Map(), sends = new Map(), rights = new Map();
		const add = (map, key) => map.set(key, (map.get(key) ?? 0) + 1);
		const approved = (await this.exported()).filter(({ outcome }) => outcome === "approved");
		assert.equal(new Set(approved.map(({ verification }) => verification)).size, approved.length, "none is approved twice");
		approved.forEach(({ interaction }) => add(approvals, interaction));
		for (const { what, to, right } of this.twilio.books)
			if (what === "send")
				add(sends, to);
			else if (right)
				add(rights, to);
		for (const caller of callers) {
			const { call, to, starts, disturbed } = caller, about = JSON.stringify(caller);
			assert.ok(approvals.get(call) >= 1, `an approval on record: ${about}`);
			assert.ok(approvals.get(call) <= rights.get(to), `none that Twilio does not know: ${about}`);
			assert.ok(rights.get(to) <= sends.get(to) && sends.get(to) <= starts, `no code that nobody asked for: ${about}`);
			if (!disturbed)
				assert.equal(sends.get(to), 1, `one intent, one text: ${about}`);
		}
	}

	async stop() {
		const faults = await Promise.allSettled(this.hosts.map((host) => host.stop()));
		this.twilio.stop();
		await this.postgres?.stop();
		const failed = faults.find(({ status }) => status === "rejected");
		if (failed !== undefined)
			throw failed.reason;
	}
}
