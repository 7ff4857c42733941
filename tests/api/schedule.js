/*
 * schedule: a random schedule of what agents, customers, Twilio and the host
 * may do, played against real programs, and what may never be seen of it.
 *
 * The oracle below knows the rules only by what reached Twilio and what was
 * answered: it has no part of the programs' own state machine.
 */
import assert from "node:assert/strict";

import { sid } from "./fake_twilio.js";
import { OPERATION_SLACK_S, clockCanMove } from "./programs.js";

export const LIMITS = { FAILURES_PER_NUMBER_HOUR: 5, FAILURES_PER_NUMBER_DAY: 7,
	SENDS_PER_NUMBER_HOUR: 12, SENDS_PER_NUMBER_DAY: 30, VERIFIED_FOR_SECONDS: 900, CODE_VALID_SECONDS: 600 };
export const CONFIG = { ...LIMITS, RESEND_AFTER_SECONDS: 3, REQUEST_TIMEOUT_MS: 2000, INFO_FIELDS: "name phone" };

const HOUR_S = 3600, DAY_S = 24 * HOUR_S;
const AGENTS = ["ana", "ben"];
const COPIES = 2, NUMBERS = 2, INTERACTIONS = 4;
/* The programs date an event when they begin, Twilio when it arrives. */
const TOLERANCE_S = 2;

/* Mulberry32 (Tommy Ettinger, public domain): 32 bits of state are enough here, and the seed tells all. */
export function randomFrom(seed) {
	let state = seed >>> 0;
	return (below) => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), state | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) % below;
	};
}

const ACTIONS = { "start-verify": "start", "check-verify": "check", "customer-info": "info" };

/* What an action's event says when it is done. */
const DONE = { start: "code_sent", cancel: "canceled", check: "approved", info: "released", stop: "stopped", end: "ended" };

/* What happens next, and how often of all. */
const STEPS = [
	[28, "send"], [12, "right"], [16, "wrong"], [6, "stale"], [4, "cancel"], [18, "look"], [16, "wait"],
	[2, "lost send"], [4, "lost right"], [3, "lost wrong"], [1, "lost cancel"], [2, "busy"],
	[3, "race of right codes"], [3, "race of wrong codes"], [2, "race of sends"],
	[1, "another number"], [4, "kill at work"], [1, "end"], [0.3, "stop"], [0.4, "kill idle"], [0.3, "restart"],
];

/* A pause between codes, an operation given up, a code's life, an approval's, the windows of the limits. */
const WAITS = [
	[40, 4], [15, 2 + OPERATION_SLACK_S + 1], [8, 45], [5, 300], [4, LIMITS.CODE_VALID_SECONDS + 1],
	[3, LIMITS.VERIFIED_FOR_SECONDS + 1], [6, HOUR_S + 1], [1, DAY_S + 1],
];

function draw(table, pick) {
	let at = pick(1e6) / 1e6 * table.reduce((sum, [weight]) => sum + weight, 0);
	return table.find(([weight]) => (at -= weight) < 0)[1];
}

export class Schedule {
	constructor({ host, twilio, pick, number }) {
		Object.assign(this, { host, twilio, pick, number });
		this.numbers = Array.from({ length: NUMBERS }, (_, i) => `+4477009${String(number * NUMBERS + i).padStart(5, "0")}`);
		this.interactions = Array.from({ length: INTERACTIONS }, (_, i) => {
			const id = number * INTERACTIONS + i + 1;
			const interaction = { id, task: sid("WT", id), call: sid("CA", id), to: this.numbers[i % NUMBERS], codes: [] };
			twilio.tasks.set(interaction.task, interaction);
			return interaction;
		});
		this.answers = []; /* { program, interaction, answer } */
		this.ownersOf = new Map(); /* verification SID -> the interactions that it may be of */
		this.approvals = []; /* { interaction, to, at, learnt } by Twilio's books */
		this.history = [];
		this.from = Math.floor(host.clock.now() / 1000) * 1000;
		this.read = twilio.books.length;
		this.seen = {};
	}

	one(list) {
		return list[this.pick(list.length)];
	}

	count(what) {
		this.seen[what] = (this.seen[what] ?? 0) + 1;
	}

	/* ---- Acting ---- */

	async ask(program, interaction, fields = {}, options = {}) {
		const { agent = this.one(AGENTS), copy = this.pick(COPIES) } = options;
		const action = fields.action ?? ACTIONS[program];
		const answer = await this.host.ask(program, { task: interaction.task, ...fields }, { token: agent, copy });
		this.answers.push({ action, interaction, to: interaction.to, at: this.host.clock.now(), answer });
		this.count(answer?.json.code ?? (answer ? `${action} done` : "no answer"));
		return answer;
	}

	send(interaction, options) {
		return this.ask("start-verify", interaction, {}, options);
	}

	check(interaction, verification_code, options) {
		return this.ask("check-verify", interaction, { verification_code }, options);
	}

	cancel(interaction, options) {
		return this.ask("start-verify", interaction, { action: "cancel" }, options);
	}

	/* Whatever was approved so far is so no more; "stop" is for good. */
	async decide(action, interaction) {
		const answer = await this.ask("start-verify", interaction, { action });
		if (answer.json.success)
			this.approvals.filter((approval) => approval.interaction === interaction && (action === "stop" ||
				approval.to === interaction.to)).forEach((approval) => { approval.over = true; });
	}

	look(interaction, options) {
		return this.ask("customer-info", interaction, {}, options);
	}

	/* What the phone has, whichever call it was sent for. */
	rightCode({ to }) {
		return this.twilio.living.get(to)?.code ?? "135791";
	}

	wrongCode(interaction) {
		return this.rightCode(interaction) === "111111" ? "222222" : "111111";
	}

	staleCode({ to }) {
		const codes = [...this.twilio.verifications.values()].filter((v) => v.to === to && v.status !== "pending");
		return codes.length > 0 ? this.one(codes).code : "135791";
	}

	/* Twilio's next act goes wrong; if none comes, none does. */
	async spoiled(fault, act) {
		this.twilio.next = fault;
		await act();
		this.twilio.next = undefined;
	}

	/* Kills the program that asks, as soon as Twilio has its question. */
	async killAtWork(interaction) {
		const copy = this.pick(COPIES), [program, act] = this.one([
			["start-verify", () => this.send(interaction, { copy })],
			["check-verify", () => this.check(interaction, this.rightCode(interaction), { copy })],
			["check-verify", () => this.check(interaction, this.wrongCode(interaction), { copy })],
			["start-verify", () => this.cancel(interaction, { copy })],
		]);
		const held = new Promise((resolve) => { this.twilio.onHeld = resolve; });
		this.twilio.next = this.one(["held", "held and broken"]);
		const asked = act();
		const release = await Promise.race([held, asked.then(() => undefined)]);
		this.twilio.next = undefined;
		if (release === undefined)
			return;
		await this.host.kill9(program, copy);
		release();
		await asked;
		await this.host.launch(program, copy);
		this.count("killed at work");
	}

	async killIdle(signal) {
		const program = this.one(["start-verify", "check-verify", "customer-info"]), copy = this.pick(COPIES);
		await this.host.signal(program, copy, signal);
		await this.host.launch(program, copy);
	}

	race(act) {
		return Promise.all(Array.from({ length: 2 + this.pick(3) }, (_, i) =>
			act({ agent: AGENTS[i % 2], copy: i % COPIES })));
	}

	async act(what, interaction) {
		switch (what) {
		case "send": return this.send(interaction);
		case "right": return this.check(interaction, this.rightCode(interaction));
		case "wrong": return this.check(interaction, this.wrongCode(interaction));
		case "stale": return this.check(interaction, this.staleCode(interaction));
		case "cancel": return this.cancel(interaction);
		case "end": case "stop": return this.decide(what, interaction);
		case "look": return this.look(interaction);
		case "wait": return clockCanMove && this.host.clock.advance(draw(WAITS, this.pick));
		case "lost send": return this.spoiled(this.one(["lost", "broken"]), () => this.send(interaction));
		case "lost right": return this.spoiled(this.one(["lost", "lost", "broken"]),
			() => this.check(interaction, this.rightCode(interaction)));
		case "lost wrong": return this.spoiled(this.one(["lost", "broken"]),
			() => this.check(interaction, this.wrongCode(interaction)));
		case "lost cancel": return this.spoiled(this.one(["lost", "broken"]), () => this.cancel(interaction));
		case "busy": return this.spoiled("busy", this.one([() => this.send(interaction),
			() => this.check(interaction, this.rightCode(interaction)), () => this.cancel(interaction)]));
		case "race of right codes":
			return this.race((options) => this.check(interaction, this.rightCode(interaction), options));
		case "race of wrong codes":
			return this.race((options) => this.check(interaction, this.wrongCode(interaction), options));
		case "race of sends": return this.race((options) => this.send(interaction, options));
		case "another number": interaction.to = this.one(this.numbers); return undefined;
		case "kill at work": return this.killAtWork(interaction);
		case "kill idle": return this.killIdle("SIGKILL");
		case "restart": return this.killIdle("SIGTERM");
		default: throw new Error(what);
		}
	}

	async step() {
		const what = draw(STEPS, this.pick), interaction = this.one(this.interactions), before = this.answers.length;
		this.history.push(`${what}, interaction ${interaction.id}, ${interaction.to}`);
		await this.act(what, interaction);
		const answers = this.answers.slice(before);
		this.history.push(...answers.map(({ answer }) => `  -> ${answer?.json.code ?? answer?.json.message ?? "nothing"}, ` +
			`${answer?.json.verification?.state}`));
		this.readBooks(interaction, answers.some(({ answer }) => answer?.json.message === "Code sent."));
		answers.forEach((one) => this.assertAllowed(one));
	}

	/* ---- The oracle ---- */

	/*
	 * Takes in what reached Twilio in this step, and holds it against the
	 * limits.  Where answers to sends are lost, one verification may have been
	 * sent for two interactions; it is good for the one that makes use of it.
	 */
	readBooks(interaction, answered) {
		const entries = this.twilio.books.slice(this.read);
		this.read = this.twilio.books.length;
		for (const entry of entries) {
			entry.interaction = interaction;
			entry.answered = answered;
			if (entry.what === "send")
				this.ownersOf.set(entry.sid, answered ? [interaction] : [...this.ownersOf.get(entry.sid) ?? [], interaction]);
			if (entry.what !== "check")
				continue;
			assert.ok(this.ownersOf.get(entry.sid)?.includes(interaction),
				"a code is checked against the verification of its own interaction");
			this.ownersOf.set(entry.sid, [interaction]);
			if (entry.right)
				this.approvals.push({ interaction, to: entry.to, sid: entry.sid, at: entry.at });
		}
		for (const { to } of entries)
			this.assertWithinLimits(to);
		assert.equal(new Set(this.approvals.map((approval) => approval.sid)).size, this.approvals.length);
	}

	reached(to, seconds, wanted) {
		const since = this.host.clock.now() - (seconds - TOLERANCE_S) * 1000;
		return this.twilio.books.filter((entry) => entry.to === to && entry.at > since && wanted(entry)).length;
	}

	assertWithinLimits(to) {
		const wrong = ({ what, right }) => what === "check" && !right, sent = ({ what }) => what === "send";
		for (const [most, seconds, wanted] of [
			[LIMITS.FAILURES_PER_NUMBER_HOUR, HOUR_S, wrong], [LIMITS.FAILURES_PER_NUMBER_DAY, DAY_S, wrong],
			[LIMITS.SENDS_PER_NUMBER_HOUR, HOUR_S, sent], [LIMITS.SENDS_PER_NUMBER_DAY, DAY_S, sent],
		]) {
			const count = this.reached(to, seconds, wanted);
			assert.ok(count <= most, `${count} ${wanted === wrong ? "wrong codes" : "sends"} reached Twilio in ${seconds} s`);
			if (count === most)
				this.count(`limit of ${most} reached`);
		}
	}

	/*
	 * The approval that opens this contact's data at this moment, if there is
	 * one.  A send whose answer was lost, too, does not undo one that was lost.
	 */
	approvalOf(interaction, to, at) {
		const sends = this.twilio.books.filter(({ what, interaction: of }) => what === "send" && of === interaction);
		return this.approvals.find((approval) => approval.interaction === interaction && approval.to === to && !approval.over &&
			at - (approval.learnt ?? at) <= LIMITS.VERIFIED_FOR_SECONDS * 1000 &&
			(approval.learnt ?? at) - approval.at <= LIMITS.CODE_VALID_SECONDS * 1000 &&
			!sends.some((send) => send.at > approval.at && send.to === to &&
				(send.answered || send.at > (approval.learnt ?? Infinity))));
	}

	assertAllowed({ answer, interaction, to, at }) {
		if (answer === null)
			return;
		const { verification, customer, task } = answer.json;
		const approval = this.approvalOf(interaction, to, at);
		if (verification?.state === "approved")
			assert.ok(approval !== undefined, "approved only behind a fresh approval of this interaction and number");
		if (approval !== undefined && verification?.state === "approved")
			approval.learnt ??= at;
		if (customer === undefined && task === undefined)
			return;
		assert.ok(approval !== undefined, "data only behind a fresh approval of this interaction and number");
		assert.equal(customer.phone, to);
		this.count("data released");
	}

	/* ---- The record ---- */

	/* Every event of this schedule, as an auditor gets them. */
	async exported() {
		const calls = this.interactions.map(({ call }) => call);
		const from = new Date(this.from).toISOString().replace(/\.\d+Z$/, "Z");
		const { status, stdout, stderr } = await this.host.command("audit", "export", "--from", from, "--format", "jsonl");
		assert.equal(status, 0, stderr);
		return stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line))
			.filter(({ interaction }) => calls.includes(interaction));
	}

	async assertRecordWhole() {
		const { status, stdout } = await this.host.command("audit", "verify");
		assert.equal(status, 0, `the chain verifies: ${stdout}`);
	}

	/*
	 * Each answer's decision once and none beside it; the program that was
	 * killed over a request has decided nothing.
	 */
	async assertEveryDecisionOnRecord() {
		const events = await this.exported(), byRequest = new Map();
		for (const event of events)
			byRequest.set(event.request_id, [...byRequest.get(event.request_id) ?? [], event]);
		for (const { action, answer } of this.answers.filter((one) => one.answer !== null)) {
			const { request_id: id, code, customer, verification } = answer.json;
			const own = byRequest.get(id) ?? [], about = `${action} ${code ?? "done"}: ${JSON.stringify(own)}`;
			const decisions = own.filter((event) => DONE[event.action] !== undefined && event.outcome !== "begun" &&
				!(action === "stop" && event.action === "cancel")); /* of the code that was out */
			const nothing = action === "info" && customer === undefined;
			assert.deepEqual(decisions.map((event) => [event.action, event.outcome]),
				nothing ? [] : [[action, code ?? DONE[action]]], about);
			const locks = code === "wrong_code" && verification.state === "locked" ? 1 : 0;
			assert.equal(own.filter((event) => event.action === "lock").length, locks, about);
			byRequest.delete(id);
		}
		for (const own of byRequest.values())
			assert.ok(own.every(({ outcome }) => outcome !== "approved" && outcome !== "released"), JSON.stringify(own));
		events.filter(({ action }) => action === "settle" || action === "lock")
			.forEach(({ action, outcome }) => this.count(`event ${action} ${outcome}`));
		this.assertApprovalsOnRecord(events);
	}

	/* Twilio's approvals and the record's: none twice, and none of which Twilio knows nothing. */
	assertApprovalsOnRecord(events) {
		const approved = events.filter(({ outcome }) => outcome === "approved");
		const ids = approved.map(({ verification }) => verification);
		assert.equal(new Set(ids).size, ids.length, "one approval, one event");
		for (const { call } of this.interactions) {
			const recorded = approved.filter((event) => event.interaction === call).length;
			const atTwilio = this.approvals.filter(({ interaction }) => interaction.call === call).length;
			assert.ok(recorded <= atTwilio, "no approval is on record that Twilio does not know");
		}
	}
}
