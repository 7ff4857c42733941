/*
 * What came of a verification, in the attributes of its task: for others to
 * read, never believed, never at the cost of what others write there, and never
 * in the agent's way.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { faults, startFakeTwilio } from "./fake_twilio.js";
import { agentOf, approve, assertNothingReleased, sendCode, until } from "./fault_helpers.js";
import {
	ANA, ANAS_CALL, agent, assertNoCustomer, assertRefusal, assertSuccess, attributesOf, attributesTextOf,
	callFrom, changeTask, logOf, newCall, notThe, setAttributes, verify,
} from "./helpers.js";
import { startStack } from "./stack.js";

const TO = "+12025550101";
const LOG_LINE = "task_not_updated";

const failures = (stack, program = "check-verify") =>
	logOf(stack, program).filter(({ event }) => event === LOG_LINE);

/* The program is at it. */
const updating = (fake, contact) => until(() => fake.count(contact, "update"), (count) => count > 0);

/* ---- What is written --------------------------------------------------------- */

describe("the outcome in the task's attributes", () => {
	let stack, ana;

	before(async () => {
		stack = await startStack({ CHECKS_MAX: "2" });
		ana = agent(stack, ANA);
	});
	after(() => stack?.stop());
	beforeEach(() => stack.reset());

	const outcome = async (state) => {
		const { flex_verify } = await until(() => attributesOf(stack, ANAS_CALL),
			(attributes) => attributes.flex_verify?.state === state);
		assert.equal(flex_verify?.state, state);
		return flex_verify;
	};

	test("tells how, when, until when and by whom the customer was verified, and no number", async () => {
		const task = await newCall(stack);
		const { json } = await verify(stack, ana, task, TO, { channel: "call" });

		const written = await outcome("approved");
		const { approved_at, approved_until } = json.verification;
		assert.deepEqual(written,
			{ state: "approved", channel: "call", at: approved_at, until: approved_until, by: "Ana" });
	});

	test("leaves every other attribute byte for byte as it was", async () => {
		const { call_sid } = callFrom(TO);
		const before = `{ "from":"${TO}", "call_sid":"${call_sid}","precise":1.10,"large":1e400,` +
			'"flex_verify" : "?" ,"conference":{"participants":[{"a":{"b":[[]]}}]},"name":"M\\u00fcller \\/ Søn 😀" }';
		await changeTask(stack, ANAS_CALL, { Attributes: before });
		await verify(stack, ana, ANAS_CALL, TO);

		const written = await until(() => attributesTextOf(stack, ANAS_CALL), (text) => text !== before);
		const [head, tail] = before.split('"flex_verify" : "?" ,');
		assert.ok(written.startsWith(`${head}"flex_verify" :{`), written);
		assert.ok(written.endsWith(`},${tail}`), written);
	});

	test("tells that the number is locked, until when and by whose try", async () => {
		const task = await newCall(stack);
		assertSuccess(await ana.start(task), "pending");
		const code = notThe(await stack.lastCode(TO));
		assertRefusal(await ana.check(task, code), 401, "wrong_code");
		const { json } = await ana.check(task, code);

		const written = await outcome("locked");
		assert.equal(written.until, json.verification.locked_until);
		assert.equal(written.by, "Ana");
	});

	test("tells of a canceled code, and not of one that is under way or was wrong", async () => {
		const task = await newCall(stack);
		assertSuccess(await ana.start(task), "pending");
		assertRefusal(await ana.check(task, notThe(await stack.lastCode(TO))), 401, "wrong_code");
		/* A program that is asked to stop has done by its end what it left for later. */
		await stack.restart("start-verify");
		await stack.restart("check-verify");
		assert.equal((await attributesOf(stack, task)).flex_verify, undefined);
		assertSuccess(await ana.cancel(task), "canceled");
		assert.equal((await outcome("canceled")).until, undefined);
	});

	test("tells of a stop, when and by whom", async () => {
		const task = await newCall(stack);
		const { json } = await ana.stop(task);

		const { by, at } = await outcome("stopped");
		assert.deepEqual([by, at], ["Ana", json.verification.stopped_at]);
	});

	test("is written before a program that is asked to stop ends", async () => {
		const task = await newCall(stack);
		await verify(stack, ana, task, TO);
		await stack.restart("check-verify");
		assert.equal((await attributesOf(stack, task)).flex_verify.state, "approved");
	});

	test("is not believed: an agent who writes it himself sees no data", async () => {
		await setAttributes(stack, ANAS_CALL, { ...callFrom(TO), verified: true, flex_verify: { state: "approved",
			channel: "sms", at: "2026-11-22T09:00:00Z", until: "2099-01-01T00:00:00Z", by: "Ana" } });
		const seen = await ana.info(ANAS_CALL);

		assertSuccess(seen, "not_verified");
		assertNoCustomer(seen);
		assertRefusal(await ana.check(ANAS_CALL, "123456"), 404, "no_pending_code");
		assertSuccess(await ana.start(ANAS_CALL), "pending");
		assertNoCustomer(await ana.info(ANAS_CALL));
	});
});

test("with TASK_WRITE_BACK=off the task stays as it was", async () => {
	const stack = await startStack({ TASK_WRITE_BACK: "off" });
	try {
		const task = await newCall(stack);
		const before = await attributesTextOf(stack, task);
		await verify(stack, agent(stack, ANA), task, TO);
		await stack.restart("check-verify");
		assert.equal(await attributesTextOf(stack, task), before);
	} finally {
		await stack.stop();
	}
});

/* ---- When others write too, and when TaskRouter is in trouble ------------------- */

describe("while TaskRouter", () => {
	let fake, stack;

	before(async () => {
		fake = await startFakeTwilio();
		stack = await startStack({ ...fake.config, TASK_WRITE_BACK: "on", REQUEST_TIMEOUT_MS: "5000" });
	});
	after(() => stack?.stop());
	after(() => fake?.stop());

	/* The task's next reading but one: the agent's check reads it first. */
	const spoilReading = (contact, fault) => {
		const last = fake.count(contact, "task") + 1;
		fake.spoil(contact, "task", (exchange) =>
			(fake.count(contact, "task") > last ? fault : faults.answers)(exchange));
	};

	test("has the task changed by somebody else in between, both changes survive", async () => {
		const contact = fake.contact(), who = agentOf(stack, contact);
		await sendCode(who);
		let intruded = 0;
		spoilReading(contact, (exchange) => {
			faults.answers(exchange);
			if (intruded++ < 2)
				contact.changeTask(contact.attributes.replace("{", `{"theirs${intruded}":${intruded},`));
		});
		assertSuccess(await who.check(), "approved");
		const text = await until(() => contact.attributes, (attributes) => attributes.includes("flex_verify"));
		const { theirs1, theirs2, from, flex_verify } = JSON.parse(text);
		assert.deepEqual({ theirs1, theirs2, from, state: flex_verify?.state },
			{ theirs1: 1, theirs2: 2, from: contact.to, state: "approved" });
		assert.equal(fake.count(contact, "update"), 3);
	});

	const troubles = [
		["answers 500", faults.fails],
		["answers 401", faults.unauthorized],
		["answers 404", faults.notFound],
		["answers 400", faults.refuses(400, 20001, (contact) => `Cannot update ${contact.to}`)],
		["redirects", faults.redirectsKeepingMethod],
		["answers with a web page", faults.html],
		["answers with truncated JSON", faults.truncated],
		["answers with 1 MB", faults.megabyte],
		["stops in the middle of its answer", faults.hangsInBody],
		["does not answer", faults.hangs],
	];
	const ways = { "when the task is read": spoilReading, "when it is written": (contact, fault) =>
		fake.spoil(contact, "update", fault) };

	for (const [when, spoil] of Object.entries(ways))
		for (const [what, fault] of troubles)
			test(`${what} ${when}, the agent does not notice and the log tells`, async () => {
				const contact = fake.contact(), who = agentOf(stack, contact), before = contact.attributes;
				await sendCode(who);
				spoil(contact, fault);
				const checked = await who.check();
				assertSuccess(checked, "approved");
				const lines = await until(() => failures(stack).filter(({ task }) => task === contact.task),
					(found) => found.length > 0);
				assert.equal(lines.length, 1);
				assert.equal(lines[0].request_id, checked.json.request_id);
				assert.ok(!stack.log("check-verify").includes(contact.to), "no number in the log");
				assert.equal(JSON.parse(contact.attributes).call_sid, JSON.parse(before).call_sid);
			});

	test("hangs, the answer is there before the hang ends", async () => {
		const contact = fake.contact(), who = agentOf(stack, contact), gate = faults.gate();
		await sendCode(who);
		fake.spoil(contact, "update", gate);
		assertSuccess(await who.check(), "approved");
		await updating(fake, contact);
		assertSuccess(await who.info(), "approved");
		gate.open();
		await until(() => contact.attributes, (text) => text.includes("flex_verify"));
		assert.equal(JSON.parse(contact.attributes).flex_verify.state, "approved");
	});

	const odd = [
		["numbers that no reader can hold", '{"a":1e400,"b":-1E-999,"c":123456789012345678901234567890}'],
		["forty levels", `{"a":${"[".repeat(40)}${"]".repeat(40)}}`],
		["a member twice", '{"flex_verify":1,"a":1,"a":2,"flex_verify":2}'],
		["half a surrogate pair", '{"a":"\\ud800"}'],
		["line breaks", '{\n\t"a": 1\r\n}'],
		["no object", "[]"],
		["no JSON", '{"a":'],
		["nothing", ""],
		["4096 characters", `{"a":"${"x".repeat(4088)}"}`],
	];
	const leftAlone = odd.slice(1).map(([what]) => what).filter((what) => what !== "line breaks");
	for (const [what, text] of odd)
		test(`has attributes with ${what}, they come through unharmed or are left alone`, async () => {
			const contact = fake.contact(), who = agentOf(stack, contact);
			await sendCode(who);
			spoilReading(contact, faults.with({ attributes: text }));
			assertSuccess(await who.check(), "approved");
			await until(() => fake.count(contact, "update") + failures(stack).filter(({ task }) =>
				task === contact.task).length, (count) => count > 0);
			assert.equal(fake.count(contact, "update") === 0, leftAlone.includes(what));
			for (const { fields } of fake.asked(contact, "update")) {
				const [before, behind] = [text.slice(0, text.lastIndexOf("}")), text.slice(text.lastIndexOf("}"))];
				assert.ok(fields.Attributes.startsWith(`${before},"flex_verify":{`), fields.Attributes);
				assert.ok(fields.Attributes.endsWith(`}${behind}`), fields.Attributes);
				assert.ok(fields.Attributes.length <= 4096);
			}
		});

	test("says that the customer is verified, nothing is released for it", async () => {
		const contact = fake.contact(), who = agentOf(stack, contact);
		contact.changeTask(JSON.stringify({ ...JSON.parse(contact.attributes), verified: "approved",
			flex_verify: { state: "approved", until: "2099-01-01T00:00:00Z" } }));
		assertNothingReleased(await who.info(), contact);
	});
});

test("a TaskRouter that hangs does not use up the threads that agents need", async () => {
	const fake = await startFakeTwilio(), gate = faults.gate();
	const stack = await startStack({ ...fake.config, TASK_WRITE_BACK: "on", THREADS: "2",
		REQUEST_TIMEOUT_MS: "30000" });
	try {
		for (let i = 0; i < 4; i++) {
			const contact = fake.contact();
			fake.spoil(contact, "update", gate);
			await approve(agentOf(stack, contact));
			if (i === 0)
				await updating(fake, contact);
		}
		assert.ok(logOf(stack, "check-verify").some(({ event }) => event === "work_skipped"));
	} finally {
		gate.open();
		await stack.stop();
		await fake.stop();
	}
});
