/*
 * What holds whatever happens, in whatever order: random schedules of sends,
 * right, wrong and stale codes, cancellations, lost answers, races, kills,
 * restarts and hours that pass, for agents and interactions that share
 * numbers, with two processes of each program on one ledger.
 *
 *   PROPERTY_SEED=n   plays the schedules of that seed again
 *   PROPERTY_STEPS=n  so many steps
 */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { describe, test } from "node:test";

import { clockCanMove, startPrograms } from "./programs.js";
import { RememberingTwilio } from "./remembering_twilio.js";
import { CONFIG, Schedule, randomFrom } from "./schedule.js";
import { sid } from "./fake_twilio.js";

const SEED = Number(process.env.PROPERTY_SEED ?? randomInt(2 ** 31));
/* Under a sanitizer, which is slow and whose clock stands still, fewer. */
const STEPS = Number(process.env.PROPERTY_STEPS ?? (clockCanMove ? 10000 : 1500));
const LANES = 3, STEPS_PER_SCHEDULE = 250;

/* Of each of these there was enough to see it go wrong. */
const HAPPENS = ["start done", "check done", "cancel done", "data released", "wrong_code", "too_many_checks",
	"already_approved", "verification_busy", "answer_lost", "result_unclear", "no_pending_code", "killed at work",
	"event settle approved", "event settle pending", "event lock number_locked", "limit of 5 reached",
	"code_expired", "limit of 7 reached"];

/* One schedule, and what was seen in it. */
async function playSchedule(schedule, where) {
	try {
		for (let i = 0; i < STEPS_PER_SCHEDULE; i++)
			await schedule.step();
		await schedule.assertEveryDecisionOnRecord();
		await schedule.assertRecordWhole();
	} catch (error) {
		const history = schedule.history.slice(-40).join("\n");
		throw new Error(`PROPERTY_SEED=${SEED}, ${where}\n${history}\n${error.stack}`, { cause: error });
	}
	return schedule.seen;
}

/* One world of programs, ledger and Twilio, in which schedules are played one after the other. */
async function playLane(lane, schedules) {
	const pick = randomFrom(SEED + lane), seen = [];
	const twilio = await new RememberingTwilio({ now: () => host.clock.now(), pick }).listen();
	const host = await startPrograms({ ...twilio.config, ...CONFIG }, { copies: 2, movingClock: clockCanMove });

	["ana", "ben"].forEach((token, i) => twilio.workers.set(token, sid("WK", i + 1)));
	try {
		for (let number = 0; number < schedules; number++)
			seen.push(await playSchedule(new Schedule({ host, twilio, pick, number }), `lane ${lane}, schedule ${number}`));
	} finally {
		twilio.stop();
		await host.stop();
	}
	return seen;
}

function added(counts) {
	const sum = {};
	for (const [what, count] of counts.flatMap(Object.entries))
		sum[what] = (sum[what] ?? 0) + count;
	return sum;
}

describe("random schedules", () => {
	test("never let more wrong codes to Twilio than allowed, nor show data without an approval, nor lose an event",
		{ timeout: 400000 }, async (t) => {
			const began = performance.now(), schedules = Math.ceil(STEPS / STEPS_PER_SCHEDULE / LANES);
			const lanes = await Promise.allSettled(Array.from({ length: LANES }, (_, lane) => playLane(lane, schedules)));
			const failed = lanes.find(({ status }) => status === "rejected");
			if (failed !== undefined)
				throw failed.reason;
			const steps = LANES * schedules * STEPS_PER_SCHEDULE, seconds = (performance.now() - began) / 1000;
			const seen = added(lanes.flatMap(({ value }) => value));
			t.diagnostic(`seed ${SEED}, ${steps} steps, ${Math.round(steps / seconds)} a second, ${JSON.stringify(seen)}`);
			assert.ok(steps >= STEPS);
			for (const what of STEPS >= 10000 ? HAPPENS : [])
				assert.ok(seen[what] > 0, `there was no: ${what}`);
		});
});
