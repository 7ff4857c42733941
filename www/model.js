/*
 * model: what the panel knows, and how an answer changes it.  Pure.
 *
 * Facts come from the server alone.  Customer data is in here only while the
 * last answer of customer-info carried it, and goes with the approval.
 */
import { TAKES_OVER } from "./scenes.js";

/* Of a code the agent typed, not of the verification. */
const WRONG_ENTRY = new Set(["wrong_code", "invalid_code"]);

/* States in which the server may hand out customer data. */
const OPEN = new Set(["approved", "overridden"]);

export function newModel(problem = null) {
	return {
		problem,            /* a scene that no answer can end */
		contact: null,      /* as in the answers */
		verification: null, /* as in the answers */
		info: null,         /* { customer, task, withheld } */
		released: null,     /* did the server hand data out?  null: not asked yet */
		refusal: null,      /* { action, code, message, status, id, nth } */
		entryProblem: null, /* { kind, entered }: refused here, nothing was asked */
		complaints: 0,      /* refusals so far, the server's and ours */
		busy: null,         /* "start", "check", "cancel", "stop", "end", "status" */
		slow: false,        /* the agent should be told that it takes long */
		stopping: false,    /* the agent is asked whether he means it */
		again: false,       /* the last start sent the code that was out already */
		pin: undefined,     /* "pin": a PIN is entered, see pin.js */
		asked: 0,           /* times in a row that the server said "unclear" */
	};
}

/* A silent request, which the agent did not ask for, leaves all words standing. */
export function begun(model, action, { silent = false } = {}) {
	const quiet = { ...model, busy: action, slow: false };
	return silent ? quiet : { ...quiet, refusal: null, entryProblem: null, stopping: false, calling: false };
}

export function answered(model, action, answer) {
	const idle = { ...model, busy: null, slow: false };
	const next = answer.body?.success === true
		? accepted(idle, action, answer.body) : refused(idle, action, answer);
	return { ...next, asked: next.verification?.state === "unclear" ? model.asked + 1 : 0 };
}

export const isOpen = (verification) => OPEN.has(verification?.state);

function accepted(model, action, body) {
	const verification = body.verification ?? model.verification;
	return {
		...model,
		contact: body.contact ?? model.contact,
		verification,
		...released(model, action, body, verification),
		refusal: action === "status" ? outlasting(model, verification) : null,
		again: againOf(model, action, verification),
		pin: action === "status" ? model.pin : undefined,
	};
}

/* Only customer-info opens data; every answer can close it. */
function released(model, action, body, verification) {
	if (!isOpen(verification) || action === "check")
		return { info: null, released: null };
	if (action !== "status")
		return { info: model.info, released: model.released };
	const { customer = null, task = null, withheld = [] } = body;
	const open = "withheld" in body;
	return { info: open ? { customer, task, withheld } : null, released: open };
}

/* A refusal stands; that an answer was lost, only if the status does not say what came of it. */
function outlasting({ refusal, verification: before }, after) {
	if (refusal === null || refusal.action === "status")
		return null;
	const lost = refusal.code === "connection_lost" || before?.state === "unclear";
	const same = before?.state === after?.state && before?.sent_at === after?.sent_at;
	return lost && !same ? null : refusal;
}

function againOf(model, action, verification) {
	if (action !== "start")
		return model.again && verification?.sent_at === model.verification?.sent_at;
	return model.verification?.state === "pending"
		&& model.verification.reference === verification?.reference;
}

function refused(model, action, { status, body }) {
	const refusal = numbered(refusalOf(action, status, body), model);
	const complaints = refusal.nth;
	if (refusal.code in TAKES_OVER)
		return { ...newModel(), contact: model.contact, refusal, complaints };
	const verification = body?.verification ?? model.verification;
	return {
		...model,
		contact: body?.contact ?? model.contact,
		verification,
		info: isOpen(verification) ? model.info : null,
		refusal,
		complaints,
	};
}

/* The same failure, met again by asking for the status, is no new one. */
function numbered(refusal, { refusal: last, complaints }) {
	const same = last?.code === refusal.code && refusal.action === "status";
	return same ? last : { ...refusal, nth: complaints + 1 };
}

function refusalOf(action, status, body) {
	const { code = "unexpected", message = "", request_id: id = "" } = body ?? {};
	return { action, status, code: status === 0 ? "connection_lost" : code, message, id };
}

export function isWrongEntry(refusal) {
	return refusal !== null && WRONG_ENTRY.has(refusal.code);
}

/* Did the answer leave open what there is to show? */
export function leavesDoubt(model, action, { body }) {
	if (action === "status" || body?.code in TAKES_OVER)
		return false;
	const dataMissing = isOpen(model.verification) && model.info === null;
	return body === null || body.verification === undefined || dataMissing;
}

/* Nothing to tell of: no code was ever sent. */
export function isPlain({ body }) {
	const { state, resend_at: again, approved_until: until } = body?.verification ?? {};
	return body?.success === true && state === "not_verified" && again === undefined && until === undefined;
}

/* Nothing was asked; kind null: the agent changed the entry. */
export function entryRefused(model, kind, entered) {
	if (kind === null)
		return { ...model, entryProblem: null };
	return { ...model, refusal: null, entryProblem: { kind, entered }, complaints: model.complaints + 1 };
}
