/*
 * A caller who keys the code in when Twilio does not answer as it should: where
 * he may not have been asked, all is as before; wherever he is, he comes back to
 * the agent; and nobody is verified on a bad word.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { faults, startFakeTwilio } from "./fake_twilio.js";
import { until } from "./fault_helpers.js";
import { agent, assertNoCustomer, assertRefusal, assertSuccess } from "./helpers.js";
import { KEY_IN_KEYS, KEY_IN_PROGRAMS } from "./key_ins.js";
import { startStack } from "./stack.js";
import { askSigned, parametersOf, readDocument, readTwiml } from "./voice.js";

/* Short; what goes well has to go well in time, with sanitizers on a busy machine. */
const KEYS = { REQUEST_TIMEOUT_MS: 4000, INFO_FIELDS: "name account_number" };

/* Twilio may have done what was asked. */
const UNUSABLE = {
	"closes the connection without an answer": faults.closes,
	"answers 200 with a web page": faults.html,
	"puts the answer into a 500": faults.answersIn500,
};
const OF_ANOTHER = { "answers for another": faults.with({ sid: `CA${"f".repeat(32)}`, call_sid: `CA${"f".repeat(32)}` }) };
const UNCLEAR = { ...UNUSABLE, ...OF_ANOTHER };

/* Twilio has not. */
const REFUSES = {
	"answers 400": faults.refuses(400, 20001, "Invalid parameter"),
	"answers 401": faults.unauthorized,
	"answers 429": faults.busy,
};

/* Questions, and what may be answered that is no such leg. */
const QUESTIONS = {
	conferences: { "knows no conference": faults.saying(200, { conferences: [] }),
		"knows another's": faults.saying(200, { conferences: [{ sid: `CF${"0".repeat(32)}`, status: "in-progress",
			friendly_name: `WT${"f".repeat(32)}` }] }) },
	participant: { "answers 404": faults.notFound, "says hold": faults.with({ hold: true }),
		"says connecting": faults.with({ status: "connecting" }) },
	leg: { "answers 404": faults.notFound, "says outbound": faults.with({ direction: "outbound-api" }),
		"says completed": faults.with({ status: "completed" }) },
	recordings: { "has two running": faults.with({ recordings: [1, 2].map((n) =>
		({ sid: `RE${String(n).padStart(32, "0")}`, status: "in-progress" })) }) },
};

describe("a caller who is to key the code in", { timeout: 120000 }, () => {
	let fake, stack;

	before(async () => {
		fake = await startFakeTwilio();
		stack = await startStack({ ...fake.config, ...KEY_IN_KEYS, ...KEYS }, KEY_IN_PROGRAMS);
	});
	after(async () => {
		await fake?.stop();
		await stack?.stop();
	});

	/* A code is out. */
	async function waiting() {
		const contact = fake.contact(), who = agent(stack, contact.token, { hurry: true });
		assertSuccess(await who.start(contact.task), "pending");
		return { contact, who };
	}

	async function asked() {
		const both = await waiting();
		assertSuccess(await both.who.keyIn(both.contact.task), "pending");
		return both;
	}

	const asBefore = ({ leg, recording }) => {
		assert.deepEqual([leg.twiml, leg.ends, recording.status], [null, true, "in-progress"]);
	};

	/* Where the caller's leg goes when these digits are keyed in. */
	async function keys(contact, digits) {
		const [gather] = readDocument(contact.leg.twiml);
		const query = new URL(gather.attributes.action).search;
		const verbs = readTwiml(await askSigned(stack, { query,
			parameters: parametersOf(contact.call, contact.to, { Digits: digits, CallStatus: "in-progress" }) }));
		const last = verbs.at(-1);
		return { again: verbs[0].verb === "Gather", to: last.children[0]?.text ?? last.verb };
	}

	for (const [call, own] of Object.entries(QUESTIONS))
		describe(`is not asked, and nothing is touched, when Twilio, asked for ${call},`, { concurrency: 6 }, () => {
			const lists = call === "conferences" || call === "recordings";
			for (const [words, fault] of Object.entries({ ...UNUSABLE, ...(!lists && OF_ANOTHER), ...REFUSES }))
				test(words, async () => {
					const { contact, who } = await waiting();
					fake.spoil(contact, call, fault);
					const answer = await who.keyIn(contact.task);
					assert.ok(answer.status === 503 || answer.json.code === "no_conference", answer.text);
					asBefore(contact);
					fake.unspoil(contact);
					assertSuccess(await who.check(contact.task, contact.code), "approved");
				});
			for (const [words, fault] of Object.entries(own))
				test(words, async () => {
					const { contact, who } = await waiting();
					fake.spoil(contact, call, fault);
					assertRefusal(await who.keyIn(contact.task), 409, "no_conference");
					asBefore(contact);
				});
		});

	for (const call of ["pause", "end_with"])
		describe(`is not asked, and all is as before, when Twilio, told to ${call},`, { concurrency: 6 }, () => {
			for (const [words, fault] of Object.entries({ ...UNCLEAR, ...REFUSES }))
				test(words, async () => {
					const { contact, who } = await waiting();
					fake.spoil(contact, call, fault, 2); /* it is told twice */
					assertRefusal(await who.keyIn(contact.task), 502, "key_in_failed");
					asBefore(contact);
					assert.equal(fake.count(contact, "redirect"), 0);
					fake.unspoil(contact);
					assertSuccess(await who.check(contact.task, contact.code), "approved");
				});
		});

	describe("is not asked, and all is as before, when Twilio, told to redirect,", { concurrency: 6 }, () => {
		for (const [words, fault] of Object.entries(REFUSES))
			test(words, async () => {
				const { contact, who } = await waiting();
				fake.spoil(contact, "redirect", fault);
				assertRefusal(await who.keyIn(contact.task), 502, "key_in_failed");
				asBefore(contact);
			});
		for (const [words, fault] of Object.entries({ "answers 404": faults.notFound,
			"says that the call is over": faults.refuses(400, 21220, "Call is not in-progress") }))
			test(words, async () => {
				const { contact, who } = await waiting();
				fake.spoil(contact, "redirect", fault);
				assertRefusal(await who.keyIn(contact.task), 409, "no_conference");
				asBefore(contact);
			});
	});

	describe("may answer, or be brought back, when Twilio, told to redirect,", { concurrency: 6 }, () => {
		for (const [words, fault] of Object.entries({ ...UNCLEAR, "does not answer": faults.hangs }))
			test(words, async () => {
				const { contact, who } = await waiting();
				fake.spoil(contact, "redirect", fault, 1);
				const answer = await who.keyIn(contact.task);
				assertRefusal(answer, 502, "key_in_unclear");
				assert.ok(answer.json.verification.asked_until !== undefined);
				assert.equal((await keys(contact, contact.code)).to, contact.task);
				assertSuccess(await who.info(contact.task), "approved");
			});

		test("did nothing: then he is there already, and not thrown out by being brought back", async () => {
			const { contact, who } = await waiting();
			fake.spoil(contact, "redirect", faults.fails, 1);
			assertRefusal(await who.keyIn(contact.task), 502, "key_in_unclear");
			assertSuccess(await who.bringBack(contact.task), "pending");
			asBefore(contact);
			assert.equal(fake.count(contact, "redirect"), 1);
		});
	});

	describe("is back with the agent, unverified, when what he keyed in meets a Twilio that, asked to check,", { concurrency: 6 }, () => {
		for (const [words, fault] of Object.entries({ ...REFUSES, "closes the connection": faults.closes,
			"does not answer": faults.hangs, "answers for another": faults.with({ sid: `VE${"f".repeat(32)}` }) }))
			test(words, async () => {
				const { contact, who } = await asked();
				fake.spoil(contact, "check", fault);
				fake.spoil(contact, "fetch", faults.fails);
				assert.deepEqual(await keys(contact, contact.code), { again: false, to: contact.task });
				assert.equal(contact.recording.status, "in-progress");
				const info = await who.info(contact.task);
				assert.notEqual(info.json.verification?.state, "approved");
				assertNoCustomer(info);
				assert.equal(info.json.verification?.asked_until, undefined);
			});

		test("approved it and lost the answer, which is found out then, and was the caller's", async () => {
			const { contact, who } = await asked();
			fake.spoil(contact, "check", faults.closes);
			assert.equal((await keys(contact, contact.wrongCode)).to, contact.task);
			fake.unspoil(contact);
			const info = await who.info(contact.task);
			assertSuccess(info, "pending");
			assert.ok(info.json.verification.back_at !== undefined);
		});
	});

	describe("is back with the agent whatever else fails meanwhile:", { concurrency: 6 }, () => {
		for (const call of ["task", "reservations", "conferences", "pause"])
			test(call, async () => {
				const { contact } = await asked();
				fake.spoil(contact, call, faults.fails);
				assert.deepEqual(await keys(contact, call === "task" ? contact.code : contact.wrongCode),
					{ again: call !== "task" && call !== "reservations", to: contact.task });
			});

		test("the customer look-up is not asked, as the number is the call's", async () => {
			const { contact, who } = await asked();
			fake.spoil(contact, "customer", faults.fails);
			assert.equal((await keys(contact, contact.code)).to, contact.task);
			fake.unspoil(contact);
			assertSuccess(await who.info(contact.task), "approved");
		});

		test("then he goes to the other agents if the conference is over, by Twilio's word and nothing less", async () => {
			const { contact } = await asked();
			contact.leg = { ...contact.leg, over: true };
			assert.match((await keys(contact, "")).to, /^\{"flex_verify_call":"[0-9a-f]{64}"\}$/);
		});
	});

	test("is not waited for after hanging up, unless Twilio does not say so", async () => {
		const { contact, who } = await asked();
		contact.leg = { ...contact.leg, over: true };
		fake.spoil(contact, "leg", faults.fails);
		const asks = async () => {
			await sleep(200); /* nginx takes a flood for one */
			return (await who.info(contact.task)).json.verification.asked_until !== undefined;
		};
		await fake.arrival(contact, "leg", 1); /* of the asking */
		while (fake.count(contact, "leg") < 2)
			assert.equal(await asks(), true);
		fake.unspoil(contact);
		assert.equal(await asks(), false);
	});

	test("is waited for while the call goes on, and not when Twilio knows of no such call", async () => {
		const { contact, who } = await asked();
		const asks = async () => (await until(() => who.info(contact.task), ({ status }) => status === 200))
			.json.verification.asked_until !== undefined;
		await fake.arrival(contact, "leg", 1); /* of the asking */
		while (fake.count(contact, "leg") < 2) {
			assert.equal(await asks(), true);
			await sleep(200);
		}
		assert.equal(await asks(), true);
		fake.spoil(contact, "leg", faults.notFound);
		assert.equal(await asks(), false);
		assertSuccess(await who.check(contact.task, contact.code), "approved");
	});

	test("who hung up as he was brought back is back; one of whom that is not known may not be", async () => {
		for (const [fault, code] of [[faults.notFound, null], [faults.refuses(400, 21220, "Call is not in-progress"), null],
			[faults.fails, "key_in_unclear"]]) {
			const { contact, who } = await asked();
			fake.spoil(contact, "redirect", fault);
			const back = await who.bringBack(contact.task);
			assert.equal(back.json.code ?? null, code, back.text);
			assert.equal(back.json.verification.asked_until, undefined);
			assert.equal(contact.recording.status, "in-progress");
		}
	});

	test("without whom the conference goes on still is not one whose leaving ends it when he cannot be asked", async () => {
		const { contact, who } = await waiting();
		contact.leg = { ...contact.leg, ends: false };
		fake.spoil(contact, "redirect", faults.busy);
		assertRefusal(await who.keyIn(contact.task), 502, "key_in_failed");
		assert.deepEqual([contact.leg.twiml, contact.leg.ends, contact.recording.status], [null, false, "in-progress"]);
	});
});
