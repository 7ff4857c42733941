/*
 * requests: the kinds of requests that injection.js lets calls fail in, and what
 * has to have come about before each of them.
 */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";

import { CALLBACK_KEYS } from "../api/call_backs.js";
import { faults } from "../api/fake_twilio.js";
import { assertNothingReleased } from "../api/fault_helpers.js";
import { KEY_IN_KEYS } from "../api/key_ins.js";
import { PIN_KEYS, sign } from "../api/portal.js";
import { TAP_KEYS } from "../api/taps.js";
import { ACCOUNT, AUTH_TOKEN, parametersOf, readDocument } from "../api/voice.js";
import twilio from "twilio";

export const VOICE_URL = "https://verify.example.com/verify-call";

/* ---- Keys of rigs of their own ------------------------------------------------------ */

const INFO_FIELDS = "name phone account_number";

/* Customers of whom an id is on file, and all that needs one. */
const ON_FILE_KEYS = { ...PIN_KEYS, ...CALLBACK_KEYS, STRENGTHS: "sms:1 callback:1 pin:1", INFO_FIELDS };

const LINK_KEYS = { ...TAP_KEYS, INFO_FIELDS };

const KEYING_IN_KEYS = { ...KEY_IN_KEYS, INFO_FIELDS };

/* Counters in a file, which only host-info reads. */
const COUNTING_KEYS = { METRICS: "@RUN_DIR@/metrics" };

/* ---- An agent's --------------------------------------------------------------------- */

async function fresh(rig) {
	return rig.fake.contact();
}

/* Sends a code, or one more. */
const sending = (prepare) => async (rig) => {
	const contact = await prepare(rig);
	await rig.must("start-verify", {}, contact);
	return contact;
};

const pending = sending(fresh);

async function approved(rig) {
	const contact = await pending(rig);
	await rig.must("check-verify", { verification_code: contact.code }, contact);
	return contact;
}

async function stopped(rig) {
	const contact = await pending(rig);
	await rig.must("start-verify", { action: "stop" }, contact);
	return contact;
}

const asAgent = (program, fields = () => ({})) => (rig, contact) =>
	rig.ask(program, { task: contact.task, ...fields(contact) }, { token: contact.token });

const acting = (action) => asAgent("start-verify", () => ({ action }));

/* Somebody else, who has another task. */
const asSupervisor = (program, fields) => (rig, contact) =>
	rig.ask(program, { task: contact.task, ...fields(contact) }, { token: contact.supervisor.token });

const withSupervisor = (prepare) => async (rig) => {
	const contact = await prepare(rig);
	contact.supervisor = rig.fake.contact();
	return contact;
};

/* A code whose sending was not heard of again. */
async function unclear(rig) {
	const contact = await fresh(rig);
	rig.fake.spoil(contact, "start", faults.closes);
	const answer = await asAgent("start-verify")(rig, contact);
	assert.equal(answer.json.code, "answer_lost", answer.text);
	rig.fake.unspoil(contact);
	return contact;
}

/* A check of a wrong code, of which Twilio says when it is asked that the code is pending still. */
async function uncheckedYet(rig) {
	const contact = await pending(rig);
	rig.fake.spoil(contact, "check", faults.closes);
	const answer = await asAgent("check-verify", ({ wrongCode }) => ({ verification_code: wrongCode }))(rig, contact);
	assert.equal(answer.json.code, "answer_lost", answer.text);
	rig.fake.unspoil(contact);
	return contact;
}

/* Whose stop was told by a reference. */
async function stoppedByReference(rig) {
	const contact = await pending(rig);
	const { json } = await rig.must("start-verify", { action: "stop" }, contact);
	return Object.assign(contact, { reference: json.verification.reference });
}

export async function assertNotApproved(rig, contact) {
	const info = await asAgent("customer-info")(rig, contact);
	assert.equal(info.status, 200, info.text);
	assert.ok(!["approved", "overridden"].includes(info.json.verification.state), info.text);
	assertNothingReleased(info, contact);
}

/* ---- A caller's, before an agent has him ----------------------------------------------- */

function askVoice(rig, contact, query, more) {
	const parameters = parametersOf(contact.call, contact.to, more);
	const signature = twilio.getExpectedTwilioSignature(AUTH_TOKEN, VOICE_URL + query, parameters);
	return rig.ask("verify-call", parameters, { headers: { HTTP_X_TWILIO_SIGNATURE: signature }, query: query.slice(1) });
}

const calling = (rig, contact) => askVoice(rig, contact, "", {});
const keyingIn = (code) => (rig, contact) => askVoice(rig, contact, "?step=code&try=1&language=en", { Digits: code(contact) });

/* The same as Studio asks, which has the answer in JSON. */
function callingByStudio(rig, { call, to }) {
	const body = JSON.stringify({ CallSid: call, AccountSid: ACCOUNT, From: to });
	const query = `?bodySHA256=${createHash("sha256").update(body).digest("hex")}`;
	const signature = twilio.getExpectedTwilioSignature(AUTH_TOKEN, VOICE_URL + query, {});
	return rig.ask("verify-call", body, { json: true, headers: { HTTP_X_TWILIO_SIGNATURE: signature }, query: query.slice(1) });
}

async function ringing(rig) {
	const contact = await fresh(rig);
	assert.match((await calling(rig, contact))?.text ?? "", /<Gather/);
	return contact;
}

/* ---- A caller's, whose agent stays on ---------------------------------------------------- */

async function asked(rig) {
	const contact = await pending(rig);
	await rig.must("start-verify", { action: "key_in" }, contact);
	contact.query = new URL(readDocument(contact.leg.twiml)[0].attributes.action).search;
	return contact;
}

async function left(rig) {
	const contact = await asked(rig);
	contact.leg = { ...contact.leg, over: true };
	return contact;
}

/* Who was not asked is where he was, and is recorded. */
function assertTouchedWithAsking({ leg, recording }) {
	if (leg.twiml === null)
		assert.deepEqual([leg.ends, recording.status], [true, "in-progress"]);
}

const answering = (digits) => (rig, contact) =>
	askVoice(rig, contact, contact.query, { Digits: digits(contact), CallStatus: "in-progress" });

/* ---- Of a customer whose id is on file ------------------------------------------------------ */

const customerOf = ({ number }) => `C-${number}`;

async function onFile(rig) {
	const contact = await fresh(rig);
	contact.changeTask(JSON.stringify({ ...JSON.parse(contact.attributes), customers: { external_id: customerOf(contact) } }));
	return contact;
}

function askPin(rig, contact) {
	const body = JSON.stringify({ customer: customerOf(contact), time: new Date().toISOString(),
		nonce: randomBytes(16).toString("hex") });
	return rig.ask("portal-pin", body, { json: true, headers: { HTTP_X_FLEX_VERIFY_SIGNATURE: sign(body) } });
}

async function withPin(rig) {
	const contact = await onFile(rig), answer = await askPin(rig, contact);
	assert.equal(answer?.status, 200, answer?.text);
	contact.pin = answer.json.pin;
	contact.wrongPin = contact.pin === "111111" ? "222222" : "111111";
	return contact;
}

const checkingPin = (pin) => asAgent("check-verify", (contact) => ({ verification_code: pin(contact), channel: "pin" }));

/* The contact from there on is the task that was made. */
async function askedBack(rig) {
	const contact = await onFile(rig);
	await rig.must("start-verify", { action: "call_back" }, contact);
	const { task } = rig.fake.contacts.find(({ to, task }) => to === contact.to && task !== contact.task);
	return Object.assign(Object.create(contact), { task });
}

/* ---- The customer's, who got a link ---------------------------------------------------------- */

async function texted(rig) {
	const contact = await fresh(rig);
	await rig.must("start-verify", { action: "text_link" }, contact);
	return contact;
}

/* Somebody who has the link, and somebody who has a code that came later. */
async function textedAndApproved(rig) {
	const contact = await texted(rig);
	await rig.must("start-verify", {}, contact);
	await rig.must("check-verify", { verification_code: contact.code }, contact);
	return contact;
}

const tapping = (action) => (rig, { text }) =>
	rig.ask("approve-verify", { token: /#([0-9a-f]{48})$/.exec(text)[1], ...(action && { action }) });

/* ---- Monitoring's ---------------------------------------------------------------------------- */

/* It opens a ledger each time, for which SQLite asks for memory by the thousand. */
const COUNTED = { monitors: true, keys: COUNTING_KEYS, memoryEvery: 20 };

const monitoring = (page) => (rig) =>
	rig.ask("host-info", "", { headers: { REQUEST_METHOD: "GET", DOCUMENT_URI: page, CONTENT_TYPE: "", CONTENT_LENGTH: "" } });

/*
 * verifies: this request may do that; wasVerified: it was done before; stops: the usual answer says that it ended.
 * leavesWork: something goes on behind its answer.  releases: the usual answer has the customer's data.  voice: its answer
 * is a document, which names by a word, says, that somebody is verified.  holds: what has to hold whatever has failed.
 * noTask: there is no contact that could be looked at.  keys: of a rig of its own.  memoryEvery: every so many-th
 * place is enough.
 */
export const REQUESTS = {
	"start-verify": { program: "start-verify", prepare: fresh, ask: asAgent("start-verify") },
	"start-verify, again": { program: "start-verify", prepare: pending, ask: asAgent("start-verify") },
	"start-verify, cancel": { program: "start-verify", prepare: pending, leavesWork: true,
		ask: asAgent("start-verify", () => ({ action: "cancel" })) },
	"start-verify, stop": { program: "start-verify", prepare: approved, wasVerified: true, stops: true, leavesWork: true,
		ask: asAgent("start-verify", () => ({ action: "stop" })) },
	"start-verify, end": { program: "start-verify", prepare: approved, wasVerified: true, stops: true, leavesWork: true,
		ask: asAgent("start-verify", () => ({ action: "end" })) },
	"check-verify, right code": { program: "check-verify", prepare: pending, verifies: true, leavesWork: true,
		ask: asAgent("check-verify", ({ code }) => ({ verification_code: code })) },
	"check-verify, wrong code": { program: "check-verify", prepare: pending, usual: 401,
		ask: asAgent("check-verify", ({ wrongCode }) => ({ verification_code: wrongCode })) },
	"customer-info, approved": { program: "customer-info", prepare: approved, wasVerified: true, releases: true,
		ask: asAgent("customer-info") },
	"customer-info, pending": { program: "customer-info", prepare: pending, ask: asAgent("customer-info") },
	"customer-info, lost answer": { program: "customer-info", prepare: unclear, ask: asAgent("customer-info") },
	"customer-info, lost check": { program: "customer-info", prepare: uncheckedYet, ask: asAgent("customer-info") },
	"override-verify": { program: "override-verify", prepare: withSupervisor(fresh), verifies: true, leavesWork: true,
		ask: asSupervisor("override-verify", () => ({ reason: "They are known to the branch.", minutes: "5" })) },
	"unlock-verify": { program: "unlock-verify", prepare: withSupervisor(stopped), leavesWork: true,
		ask: asSupervisor("unlock-verify", () => ({ reason: "It was a misunderstanding." })) },
	"unlock-verify, by reference": { program: "unlock-verify", prepare: withSupervisor(stoppedByReference), leavesWork: true,
		ask: (rig, { reference, supervisor }) => rig.ask("unlock-verify", { reference, reason: "It was a misunderstanding." },
			{ token: supervisor.token }) },
	"supervisor-info": { program: "supervisor-info", prepare: withSupervisor(approved), wasVerified: true, reads: true,
		ask: (rig, contact) => rig.ask("supervisor-info", {}, { token: contact.supervisor.token }) },
	"verify-call, rings": { program: "verify-call", prepare: fresh, voice: true, ask: calling },
	"verify-call, by Studio": { program: "verify-call", prepare: fresh, ask: callingByStudio },
	"verify-call, right code": { program: "verify-call", prepare: ringing, voice: true, verifies: true, ask: keyingIn(({ code }) => code) },
	"verify-call, wrong code": { program: "verify-call", prepare: ringing, voice: true, ask: keyingIn(({ wrongCode }) => wrongCode) },
	"portal-pin": { program: "portal-pin", prepare: onFile, ask: askPin, keys: ON_FILE_KEYS, noTask: true },

	"check-verify, right PIN": { program: "check-verify", prepare: withPin, ask: checkingPin(({ pin }) => pin), verifies: true,
		leavesWork: true, keys: ON_FILE_KEYS },
	"check-verify, wrong PIN": { program: "check-verify", prepare: withPin, ask: checkingPin(({ wrongPin }) => wrongPin), usual: 401,
		keys: ON_FILE_KEYS },
	"start-verify, call_back": { program: "start-verify", prepare: sending(onFile), ask: acting("call_back"), keys: ON_FILE_KEYS },
	"start-verify, called_back": { program: "start-verify", prepare: askedBack, ask: acting("called_back"), verifies: true,
		leavesWork: true, keys: ON_FILE_KEYS },

	"start-verify, text_link": { program: "start-verify", prepare: pending, ask: acting("text_link"), keys: LINK_KEYS },
	"start-verify, cancel_link": { program: "start-verify", prepare: texted, ask: acting("cancel_link"), keys: LINK_KEYS },
	"approve-verify": { program: "approve-verify", prepare: texted, ask: tapping(), keys: LINK_KEYS },
	"approve-verify, yes": { program: "approve-verify", prepare: texted, ask: tapping("yes"), verifies: true, leavesWork: true,
		keys: LINK_KEYS },
	"approve-verify, no": { program: "approve-verify", prepare: textedAndApproved, ask: tapping("no"), wasVerified: true, stops: true,
		leavesWork: true, keys: LINK_KEYS },

	"start-verify, key_in": { program: "start-verify", prepare: pending, ask: acting("key_in"), holds: assertTouchedWithAsking,
		keys: KEYING_IN_KEYS },
	"start-verify, bring_back": { program: "start-verify", prepare: asked, ask: acting("bring_back"), keys: KEYING_IN_KEYS },
	"verify-call, asked, right code": { program: "verify-call", prepare: asked, ask: answering(({ code }) => code), verifies: true,
		voice: true, says: "verified", keys: KEYING_IN_KEYS },
	"verify-call, asked, wrong code": { program: "verify-call", prepare: asked, ask: answering(({ wrongCode }) => wrongCode),
		voice: true, says: "verified", keys: KEYING_IN_KEYS },
	"verify-call, asked, agent left": { program: "verify-call", prepare: left, ask: answering(() => ""), voice: true,
		says: "verified", keys: KEYING_IN_KEYS },

	"host-info, ready": { program: "host-info", prepare: fresh, ask: monitoring("/readyz"), ...COUNTED },
	"host-info, metrics": { program: "host-info", prepare: fresh, ask: monitoring("/metrics"), ...COUNTED },
};
