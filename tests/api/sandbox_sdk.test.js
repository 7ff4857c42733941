/*
 * Twilio's own SDKs against the sandbox: they are told another host, and
 * nothing else.  Node's is a development package of these tests; Python's is
 * Debian's python3-twilio, whose part is sandbox_sdk.py.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { notThe, taskSid } from "./helpers.js";
import { startStack } from "./stack.js";

import twilio from "twilio";

const ONE = "1".padStart(32, "0");
const ACCOUNT = `AC${ONE}`;
const SERVICE = `VA${ONE}`;
const WORKSPACE = `WS${ONE}`;
const ANA = `WK${ONE}`;
const PERSON = "+12025550101";
const CENTRE = "+12025550100";

const RequestClient = twilio.RequestClient;

let stack;

before(async () => { stack = await startStack(); });
after(() => stack?.stop());

/* https://verify.twilio.com/v2/... becomes http://127.0.0.1:PORT/sandbox/twilio/v2/... */
class SandboxClient extends RequestClient {
	request(options) {
		const uri = options.uri.replace(/^https:\/\/[^/]+/, `${stack.url}/sandbox/twilio`);
		return super.request({ ...options, uri });
	}
}

const clientOf = (user, password, options = {}) =>
	twilio(user, password, { httpClient: new SandboxClient(), ...options });

/* What a customer or an agent does, which no client of Twilio can. */
async function desk(what, fields) {
	const answer = await fetch(`${stack.url}/sandbox/${what}`, { method: "POST", body: new URLSearchParams(fields) });
	assert.ok(answer.ok, answer.status);
	return answer.json();
}

/* A RestException with everything an application looks at. */
const restException = (status, code) => (error) => {
	assert.equal(error.constructor.name, "RestException", String(error));
	assert.equal(error.status, status);
	assert.equal(error.code, code);
	assert.equal(error.moreInfo, `https://www.twilio.com/docs/errors/${code}`);
	assert.ok(error.message.length > 0);
	return true;
};

describe("the Node.js SDK", () => {
	let service, workspace;

	beforeEach(async () => {
		const client = clientOf(ACCOUNT, ONE);
		service = client.verify.v2.services(SERVICE);
		workspace = client.taskrouter.v1.workspaces(WORKSPACE);
		await stack.reset();
	});

	const send = (to = PERSON, channel = "sms", more = {}) => service.verifications.create({ to, channel, ...more });
	const check = (code, to = PERSON) => service.verificationChecks.create({ to, code });

	test("sends a code, checks it, and finds it gone", async () => {
		const verification = await send(PERSON, "sms", { locale: "de", tags: '{"team":"retention"}' });
		assert.match(verification.sid, /^VE[0-9a-f]{32}$/);
		assert.equal(verification.status, "pending");
		assert.equal(verification.serviceSid, SERVICE);
		assert.equal(verification.accountSid, ACCOUNT);
		assert.equal(verification.to, PERSON);
		assert.equal(verification.valid, false);
		assert.equal(verification.sendCodeAttempts.length, 1);
		assert.ok(Math.abs(verification.dateCreated - Date.now()) < 60000);

		const code = await stack.lastCode(PERSON);
		const wrong = await check(notThe(code));
		assert.deepEqual([wrong.status, wrong.valid], ["pending", false]);
		const right = await check(code);
		assert.deepEqual([right.status, right.valid, right.sid], ["approved", true, verification.sid]);
		assert.deepEqual(right.snaAttemptsErrorCodes, []);
		await assert.rejects(service.verifications(verification.sid).fetch(), restException(404, 20404));
		await assert.rejects(check(code), restException(404, 20404));
	});

	test("fetches, sends again and cancels", async () => {
		const { sid } = await send();
		const again = await send(PERSON, "call");
		assert.equal(again.sid, sid);
		const context = service.verifications(sid);
		const fetched = await context.fetch();
		assert.deepEqual(fetched.sendCodeAttempts.map(({ channel }) => channel), ["SMS", "CALL"]);
		assert.equal((await context.update({ status: "canceled" })).status, "canceled");
		assert.equal((await context.fetch()).status, "canceled");
		await assert.rejects(check("111111"), restException(404, 20404));
	});

	test("approves by hand", async () => {
		const { sid } = await send();
		const approved = await service.verifications(sid).update({ status: "approved" });
		assert.deepEqual([approved.status, approved.valid], ["approved", true]);
	});

	test("learns of limits and refusals by status and code", async () => {
		for (let i = 0; i < 5; i++)
			await send();
		await assert.rejects(send(), restException(429, 60203));
		const code = await stack.lastCode(PERSON);
		for (let i = 0; i < 5; i++)
			await check(notThe(code));
		await assert.rejects(check(code), restException(429, 60202));
		const refusals = { "+12025550140": [403, 60205], "+12025550141": [403, 60410], "+12025550142": [403, 60605],
			"+12025550143": [400, 60223], "+12025550144": [429, 60212], "+12025550145": [429, 20429],
			"+12025550146": [400, 21610], "+12025550152": [500, 20500], "12025550101": [400, 60200] };
		for (const [to, [status, errorCode]] of Object.entries(refusals))
			await assert.rejects(send(to), restException(status, errorCode));
		await assert.rejects(service.verificationChecks.create({ code }), restException(400, 60221));
	});

	test("waits and repeats when Twilio is busy, if told to", async () => {
		const httpClient = new SandboxClient({ autoRetry: true, maxRetries: 1, maxRetryDelay: 50 });
		const busy = twilio(ACCOUNT, ONE, { httpClient }).verify.v2.services(SERVICE);
		await assert.rejects(busy.verifications.create({ to: "+12025550145", channel: "sms" }), restException(429, 20429));
	});

	test("is let in with an API key, and not with a wrong one", async () => {
		const withKey = clientOf(`SK${ONE}`, "sandbox-api-key-secret", { accountSid: ACCOUNT });
		assert.equal((await withKey.verify.v2.services(SERVICE).fetch()).codeLength, 6);
		for (const bad of [clientOf(ACCOUNT, "0".repeat(32)), clientOf(`SK${ONE}`, "wrong", { accountSid: ACCOUNT })])
			await assert.rejects(bad.verify.v2.services(SERVICE).fetch(), restException(401, 20003));
	});

	test("reads the service and lists it", async () => {
		const fetched = await service.fetch();
		assert.equal(fetched.friendlyName, "Example Energy");
		assert.equal(fetched.doNotShareWarningEnabled, false);
		assert.equal(fetched.customCodeEnabled, false);
		const [listed] = await clientOf(ACCOUNT, ONE).verify.v2.services.list();
		assert.equal(listed.sid, SERVICE);
	});

	test("pages through the attempts", async () => {
		for (let i = 0; i < 5; i++)
			await send();
		await check(await stack.lastCode(PERSON));
		const attempts = await clientOf(ACCOUNT, ONE).verify.v2.verificationAttempts.list(
			{ channelDataTo: PERSON, dateCreatedAfter: new Date(Date.now() - 60000), pageSize: 2 });
		assert.equal(attempts.length, 5);
		assert.equal(new Set(attempts.map(({ sid }) => sid)).size, 5);
		assert.deepEqual(attempts.map(({ conversionStatus }) => conversionStatus),
			["converted", "unconverted", "unconverted", "unconverted", "unconverted"]);
		const one = await clientOf(ACCOUNT, ONE).verify.v2.verificationAttempts(attempts[0].sid).fetch();
		assert.equal(one.channelData.to, PERSON);
	});

	test("fetches a task and its reservations", async () => {
		const task = await workspace.tasks(taskSid(1)).fetch();
		assert.equal(task.assignmentStatus, "assigned");
		assert.equal(task.taskChannelUniqueName, "voice");
		assert.equal(JSON.parse(task.attributes).from, PERSON);
		const reservations = await workspace.tasks(taskSid(1)).reservations.list(
			{ reservationStatus: "accepted", workerSid: ANA });
		assert.equal(reservations.length, 1);
		assert.deepEqual([reservations[0].workerName, reservations[0].workerSid], ["Ana", ANA]);
		const one = await workspace.tasks(taskSid(1)).reservations(reservations[0].sid).fetch();
		assert.equal(one.reservationStatus, "accepted");
		const none = await workspace.tasks(taskSid(3)).reservations.list({ workerSid: ANA });
		assert.deepEqual(none, []);
		await assert.rejects(workspace.tasks(taskSid(99999)).fetch(), restException(404, 20404));
	});

	test("updates a task only in the version it read", async () => {
		const update = (ifMatch) => workspace.tasks(taskSid(1)).update({ attributes: '{"otp":"passed"}', ifMatch });
		assert.equal((await update("0")).attributes, '{"otp":"passed"}');
		await assert.rejects(update("0"), restException(412, 20412));
		assert.equal((await update("1")).attributes, '{"otp":"passed"}');
		await assert.rejects(workspace.tasks(taskSid(1)).update({ attributes: "no JSON" }), restException(400, 20001));
	});

	test("ends a task, and its reservation with it", async () => {
		const task = workspace.tasks(taskSid(1));
		await assert.rejects(task.update({ assignmentStatus: "completed" }), restException(400, 20001));
		assert.equal((await task.update({ assignmentStatus: "completed", reason: "done" })).assignmentStatus, "completed");
		const [reservation] = await task.reservations.list();
		assert.equal(reservation.reservationStatus, "completed");
	});

	test("texts in the account's own words, and learns of refusals", async () => {
		const { messages } = clientOf(ACCOUNT, ONE);
		const text = await messages.create({ to: PERSON, from: CENTRE, body: "Your link", validityPeriod: 600 });
		assert.deepEqual([text.status, text.to, text.from, text.numSegments], ["queued", PERSON, CENTRE, "1"]);
		assert.match(text.sid, /^SM[0-9a-f]{32}$/);
		assert.ok(Math.abs(text.dateCreated - Date.now()) < 60000);
		assert.equal((await stack.messages(PERSON))[0].body, "Your link");
		await assert.rejects(messages.create({ to: "+12025550146", from: CENTRE, body: "x" }), restException(400, 21610));
		await assert.rejects(messages.create({ to: PERSON, from: "+12025550199", body: "x" }), restException(400, 21606));
	});

	test("lists the calls that an agent dialled", async () => {
		const { calls } = clientOf(ACCOUNT, ONE);
		await desk("dialled", { to: PERSON });
		const [call] = await calls.list({ to: PERSON, status: "in-progress" });
		assert.deepEqual([call.from, call.direction, call.endTime], [CENTRE, "outbound-api", null]);
		await desk("dialled", { to: PERSON, over: "yes" });
		assert.deepEqual(await calls.list({ to: PERSON, status: "in-progress" }), []);
		const [over] = await calls.list({ to: PERSON });
		assert.deepEqual([over.sid, over.status], [call.sid, "completed"]);
		assert.ok(over.endTime >= over.startTime);
	});

	test("takes a caller out of the conference, records the leg, and ends the call", async () => {
		const client = clientOf(ACCOUNT, ONE);
		const [conference] = await client.conferences.list({ friendlyName: taskSid(1), status: "in-progress" });
		const { attributes } = await workspace.tasks(taskSid(1)).fetch();
		const callSid = JSON.parse(attributes).call_sid;
		const participant = client.conferences(conference.sid).participants(callSid);
		assert.equal((await participant.fetch()).endConferenceOnExit, true);
		assert.equal((await participant.update({ endConferenceOnExit: false })).endConferenceOnExit, false);
		const recording = await client.calls(callSid).recordings.create();
		assert.equal((await client.calls(callSid).recordings(recording.sid).update({ status: "paused" })).status, "paused");
		assert.equal((await client.calls(callSid).update({ twiml: "<Response><Pause/></Response>" })).status, "in-progress");
		await assert.rejects(participant.fetch(), restException(404, 20404));
		assert.equal((await client.calls(callSid).update({ status: "completed" })).status, "completed");
		await assert.rejects(client.calls(callSid).update({ status: "completed" }), restException(400, 21220));
	});

	test("takes what a call in the sandbox asks for signed by Twilio", async () => {
		const asked = [await desk("calls", { from: PERSON }),
			await desk("calls", { from: PERSON, call: `CA${ONE}`, query: "?step=code&n=2", digits: "493021" })];
		for (const { query, body, signature } of asked) {
			const url = `${stack.url}/verify-call${query}`, fields = Object.fromEntries(new URLSearchParams(body));
			assert.equal(fields.From, PERSON);
			assert.ok(twilio.validateRequest(ONE, signature, url, fields), url);
			assert.ok(!twilio.validateRequest(ONE, signature, url, { ...fields, From: CENTRE }));
		}
	});

	test("pages through the tasks", async () => {
		const tasks = await workspace.tasks.list({ pageSize: 30 });
		assert.ok(tasks.length > 60);
		assert.equal(new Set(tasks.map(({ sid }) => sid)).size, tasks.length);
	});
});

describe("the Python SDK", () => {
	const script = join(dirname(fileURLToPath(import.meta.url)), "sandbox_sdk.py");

	test("does the same", async () => {
		await stack.reset();
		const { stdout } = await promisify(execFile)("/usr/bin/python3", [script, stack.url], { timeout: 60000 });
		assert.match(stdout, /^ok: twilio \d+\.\d+/);
	});
});
