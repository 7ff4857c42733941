/*
 * What time opens and closes, to the second, by a clock that is moved: the
 * programs' own, so that no word of Twilio's prolongs anything.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { faults, sid, startFakeTwilio } from "./fake_twilio.js";
import { assertRefusal, assertSuccess } from "./helpers.js";
import { clockCanMove, startPrograms } from "./programs.js";
import { RememberingTwilio } from "./remembering_twilio.js";

const HOUR_S = 3600, DAY_S = 24 * HOUR_S;

/* libfaketime and a sanitizer do not go together. */
const skip = !clockCanMove && "the clock cannot be moved here";

describe("by the clock", { timeout: 60000 }, () => {
	let twilio, host, last = 0;

	before(async () => {
		twilio = await new RememberingTwilio({ now: () => host.clock.now(), pick: (below) => 345678 % below }).listen();
		twilio.workers.set("ana", sid("WK", 1));
		host = await startPrograms({ ...twilio.config, INFO_FIELDS: "name phone", VERIFIED_FOR_SECONDS: 900, FAILURES_PER_NUMBER_HOUR: 3,
			FAILURES_PER_NUMBER_DAY: 5, RESEND_AFTER_SECONDS: "30 40 60" }, { movingClock: clockCanMove });
	});
	after(async () => {
		twilio?.stop();
		await host?.stop();
	});

	/* A call of a number of which nobody knows yet, and what its agent does. */
	function newCall({ to } = {}) {
		const number = ++last;
		const contact = { task: sid("WT", number), call: sid("CA", number),
			to: to ?? `+44770092${String(number).padStart(4, "0")}` };
		const ask = (program, fields) => host.ask(program, { task: contact.task, ...fields }, { token: "ana" });
		twilio.tasks.set(contact.task, contact);
		return { ...contact, verification: () => twilio.living.get(contact.to),
			start: () => ask("start-verify"), info: () => ask("customer-info"),
			right: () => ask("check-verify", { verification_code: twilio.living.get(contact.to).code }),
			wrong: () => ask("check-verify", { verification_code: "999999" }) };
	}

	async function sentCall(options) {
		const call = newCall(options);
		assertSuccess(await call.start(), "pending");
		return call;
	}

	/* Twilio would still take it: support can set a longer life than ours. */
	const prolongAtTwilio = ({ verification }) => { verification().created = host.clock.now() + HOUR_S * 1000; };

	test("R2: a code is good for 600 seconds", { skip }, async () => {
		const call = await sentCall();
		prolongAtTwilio(call);
		host.clock.advance(598);
		assertSuccess(await call.right(), "approved");
	});

	test("R2: a code is refused after 600 seconds, whatever Twilio says", { skip }, async () => {
		const call = await sentCall();
		prolongAtTwilio(call);
		host.clock.advance(601);
		assertRefusal(await call.right(), 410, "code_expired");
		assert.equal(call.verification().status, "pending", "Twilio was not asked");
	});

	test("R2: a resend does not prolong the life of a code", { skip }, async () => {
		const call = await sentCall();
		prolongAtTwilio(call);
		host.clock.advance(500);
		assertSuccess(await call.start(), "pending");
		host.clock.advance(101);
		assertRefusal(await call.right(), 410, "code_expired");
	});

	test("T4: an approval opens the data for 15 minutes and no longer", { skip }, async () => {
		const call = await sentCall();
		assertSuccess(await call.right(), "approved");
		host.clock.advance(898);
		const open = await call.info();
		assert.equal(open.json.customer?.phone, call.to, open.text);
		host.clock.advance(3);
		const closed = await call.info();
		assertSuccess(closed, "not_verified");
		assert.equal(closed.json.customer, undefined);
	});

	test("R5: a number opens an hour after its wrong codes, and a day after those of a day", { skip }, async () => {
		const first = await sentCall();
		for (let i = 0; i < 3; i++)
			assertRefusal(await first.wrong(), 401, "wrong_code");
		host.clock.advance(HOUR_S - 10);
		assertRefusal(await first.start(), 429, "too_many_checks");
		host.clock.advance(20);
		assertSuccess(await first.start(), "pending");
		for (let i = 0; i < 2; i++)
			assertRefusal(await first.wrong(), 401, "wrong_code");

		host.clock.advance(HOUR_S + 10);
		const second = newCall({ to: first.to });
		assertRefusal(await second.start(), 429, "too_many_checks");
		host.clock.advance(DAY_S);
		assertSuccess(await second.start(), "pending");
		assertSuccess(await second.right(), "approved");
	});

	test("T8: the pause before the next code grows, and another call of the number does not skip it", { skip }, async () => {
		const first = await sentCall(), second = newCall({ to: first.to });
		host.clock.advance(28);
		assertRefusal(await second.start(), 429, "resend_too_soon");
		host.clock.advance(3);
		assertSuccess(await second.start(), "pending");
		host.clock.advance(31);
		assertRefusal(await first.start(), 429, "resend_too_soon");
		host.clock.advance(10);
		assertSuccess(await first.start(), "pending");
	});

	test("T29: neither kill -9 nor a restart takes a wrong code, a send or an approval back", { skip }, async () => {
		const locked = await sentCall(), approved = await sentCall();
		for (let i = 0; i < 3; i++)
			assertRefusal(await locked.wrong(), 401, "wrong_code");
		assertSuccess(await approved.right(), "approved");
		for (const signal of ["SIGKILL", "SIGTERM"]) {
			for (const program of ["start-verify", "check-verify", "customer-info"])
				await host.signal(program, 0, signal);
			await host.start();
			assertRefusal(await locked.right(), 429, "too_many_checks");
			assertRefusal(await locked.start(), 429, "too_many_checks");
			assert.equal((await approved.info()).json.customer.phone, approved.to);
		}
		host.clock.advance(901);
		assert.equal((await approved.info()).json.customer, undefined);
	});
});

/* Longer than a request may take: what it began counts as lost then, and others go on. */
const GIVEN_UP_S = 60;

describe("an answer to a code's sending that comes after all", { timeout: 60000 }, () => {
	let fake, host;

	before(async () => {
		fake = await startFakeTwilio();
		host = await startPrograms({ ...fake.config, RESEND_AFTER_SECONDS: 0 }, { movingClock: clockCanMove });
	});
	after(async () => {
		await fake?.stop();
		await host?.stop();
	});

	const ofAgent = ({ task, token }) => (program, fields) => host.ask(program, { task, ...fields }, { token });

	/* Twilio has sent the code and does not say so before `meanwhile` is done. */
	async function answeredLate(contact, meanwhile, after = GIVEN_UP_S) {
		const gate = faults.gate(), ask = ofAgent(contact), sends = fake.count(contact, "start");
		fake.spoil(contact, "start", gate, 1);
		const sending = ask("start-verify");
		await fake.arrival(contact, "start", sends + 1);
		host.clock.advance(after);
		await meanwhile(ask);
		gate.open();
		return sending;
	}

	test("leaves the one that was sent meanwhile as it is", { skip }, async () => {
		const contact = fake.contact(), ask = ofAgent(contact);
		const late = await answeredLate(contact, async () => assertSuccess(await ask("start-verify"), "pending"));
		assertRefusal(late, 409, "result_unclear");
		const info = await ask("customer-info");
		assertSuccess(info, "pending");
		assert.equal(info.json.verification.sends_left, 3, "both are counted");
		assertSuccess(await ask("check-verify", { verification_code: contact.code }), "approved");
	});

	test("takes no approval back that was given meanwhile for a later code", { skip }, async () => {
		const contact = fake.contact(), ask = ofAgent(contact);
		const late = await answeredLate(contact, async () => {
			assertSuccess(await ask("start-verify"), "pending");
			assertSuccess(await ask("check-verify", { verification_code: contact.code }), "approved");
		}, 700);
		assertRefusal(late, 409, "result_unclear");
		assertSuccess(await ask("customer-info"), "approved");
	});

	test("brings no code back that was canceled meanwhile, and is canceled before the next one", { skip }, async () => {
		const contact = fake.contact(), ask = ofAgent(contact);
		assertSuccess(await ask("start-verify"), "pending");
		const late = await answeredLate(contact, async () =>
			assertSuccess(await ask("start-verify", { action: "cancel" }), "canceled"));
		assertRefusal(late, 409, "result_unclear");
		assertSuccess(await ask("customer-info"), "canceled");
		assertRefusal(await ask("check-verify", { verification_code: contact.code }), 404, "no_pending_code");
		const canceled = fake.count(contact, "cancel");
		assertSuccess(await ask("start-verify"), "pending");
		assert.equal(fake.count(contact, "cancel"), canceled + 1);
		assertSuccess(await ask("check-verify", { verification_code: contact.code }), "approved");
	});
});
