/*
 * scenes: every picture the panel can show, as data, and which one it is now.
 * Words are in strings/ by the same names.  Pure.
 */
import { isPast } from "./clock.js";

/*
 * tone       neutral (if absent), active, good, warn, bad, alarm
 * icon       if it is not that of the tone
 * primary    the one next action
 * secondary  further actions; "others" are the other channels
 * code       the code field is shown
 * info       customer info may be shown
 * left       the time whose distance is shown
 * news       the time that makes this scene new; it is announced once
 * urgent     announced at once, not when the reader pauses
 * enter      Enter does the primary action from anywhere
 */
const SEND = { primary: "send", secondary: ["others", "stop"] };
const SEND_NEW = { primary: "send_new", secondary: ["others", "stop"] };
const CODE = { tone: "active", code: true, primary: "check", secondary: ["resend", "others", "cancel", "stop"] };
const CODE_OUT = { ...CODE, left: "expires_at", news: "sent_at" };
const VERIFIED = { tone: "good", left: "approved_until", news: "approved_at", urgent: true, info: true, enter: true,
	primary: "open_info", secondary: ["step_up", "end", "stop"] };
const WORK = { tone: "active", icon: "wait" };
const LOCKED = { tone: "warn", icon: "lock", news: "locked_until", urgent: true,
	primary: "tell", secondary: ["ask_again", "stop"] };
const CLOSED = { tone: "bad", icon: "lock" };
const RETRY = { tone: "bad", primary: "retry", enter: true };

export const SCENES = {
	loading: { icon: "wait" },
	no_task: {},
	bad_task: { tone: "bad" },

	not_verified: SEND,
	ran_out: { ...SEND_NEW, news: "approved_until" },
	sending: { ...SEND, tone: "active" },
	sending_again: CODE,
	sending_elsewhere: WORK,

	pending: CODE_OUT,
	pending_again: CODE_OUT,
	pending_other: CODE_OUT,
	checking: { ...CODE, icon: "wait" },
	checking_elsewhere: WORK,
	ending: WORK,
	confirm_stop: { tone: "warn", primary: "stop_now", secondary: ["back"] },

	approved: VERIFIED,
	approved_other: { ...VERIFIED, secondary: ["step_up", "again", "end", "stop"] },
	approved_keypad: VERIFIED,
	expiring: { ...VERIFIED, tone: "warn", icon: "verified", urgent: false, enter: false, news: "approved_until",
		primary: "again", secondary: ["open_info", "end", "stop"] },
	no_data: { ...VERIFIED, info: false, primary: undefined, secondary: ["end", "stop"] },
	needs_own_code: { ...SEND_NEW, tone: "warn", icon: "verified", left: "approved_until", news: "approved_at" },
	overridden: { ...VERIFIED, tone: "alarm", left: "overridden_until", news: "overridden_at",
		secondary: ["send", "end", "stop"] },

	expired: { ...SEND_NEW, tone: "warn", news: "expires_at", urgent: true },
	locked: { ...LOCKED, left: "locked_until" },
	locked_for_good: LOCKED,
	stopped: { tone: "bad", icon: "lock", news: "stopped_at", primary: "tell", secondary: ["ask_again"] },
	canceled: { ...SEND_NEW, news: "sent_at" },
	ended: { ...SEND_NEW, news: "approved_at" },
	confirming: { ...WORK, news: "sent_at" },
	unclear: { ...SEND_NEW, tone: "warn", news: "sent_at", secondary: ["others", "ask_again", "stop"] },

	signed_out: { ...RETRY, icon: "lock" },
	sign_in: { ...RETRY, icon: "lock", primary: "sign_in" },
	sign_in_blocked: { ...CLOSED, primary: "open_window", secondary: ["allow_sign_in"] },
	not_allowed: CLOSED,
	not_yours: { ...RETRY, icon: "lock" },
	contact_gone: {},
	no_way: { secondary: ["ask_again"] },
	server_trouble: RETRY,
	offline: RETRY,
};

/* Refusals after which nothing else is worth showing, customer data least of all. */
const TAKEN_OVER_BY = {
	signed_out: "agent_not_signed_in agent_session_expired",
	sign_in: "sign_in_needed sign_in_window_blocked",
	sign_in_blocked: "sign_in_blocked",
	not_allowed: "agent_not_allowed origin_not_allowed",
	not_yours: "not_your_task",
	bad_task: "invalid_task",
	contact_gone: "task_not_found task_closed",
	no_way: "no_number invalid_number customer_not_found country_not_allowed number_changed_recently",
};

export const TAKES_OVER = Object.fromEntries(Object.entries(TAKEN_OVER_BY)
	.flatMap(([scene, codes]) => codes.split(" ").map((code) => [code, scene])));

/* Refusals of one way to send that make another the next thing to do. */
export const BETTER_CHANNEL = {
	landline: "call",
	no_texts: "call",
	opted_out: "call",
	range_blocked: "call",
	calls_off: "sms",
	no_voice: "sms",
};

/* What this page is doing itself; "status" goes on behind what is shown. */
export const OWN_WORK = {
	start: (verification) => (verification?.state === "pending" ? "sending_again" : "sending"),
	check: () => "checking",
};

/* Each costs a request to Twilio, and mostly the first one settles it. */
const UNCLEAR_ASKED_MAX = 3;

/* Before customer info closes; or the last quarter of a short approval. */
const EXPIRING_MS = 120000;

function expires(v, now) {
	const until = Date.parse(v.approved_until);
	return until - now < Math.min(EXPIRING_MS, (until - Date.parse(v.approved_at)) / 4);
}

function approvedScene(v, now, { released }) {
	if (isPast(v.approved_until, now))
		return "ran_out";
	if (v.needs_own_code)
		return "needs_own_code";
	if (released === false)
		return "no_data";
	if (expires(v, now))
		return "expiring";
	if (v.keyed_in === "before")
		return "approved_keypad";
	return v.by_you === false ? "approved_other" : "approved";
}

function pendingScene(v, now, { again }) {
	if (isPast(v.expires_at, now))
		return "expired";
	if (v.by_you === false)
		return "pending_other";
	return again ? "pending_again" : "pending";
}

/* By the server's state. */
export const BY_STATE = {
	not_verified: (v) => (v.approved_until ? "ran_out" : "not_verified"),
	sending: () => "sending_elsewhere",
	pending: pendingScene,
	checking: () => "checking_elsewhere",
	approved: approvedScene,
	overridden: (v, now) => (isPast(v.overridden_until, now) ? "not_verified" : "overridden"),
	expired: () => "expired",
	locked: (v) => (v.locked_until ? "locked" : "locked_for_good"),
	stopped: () => "stopped",
	canceled: (v) => (v.approved_at ? "ended" : v.sent_at ? "canceled" : "not_verified"),
	unclear: (v, now, { asked }) => (asked < UNCLEAR_ASKED_MAX ? "confirming" : "unclear"),
};

export function sceneOf(model, now) {
	const { problem, refusal, verification, busy } = model;
	if (problem !== null)
		return problem;
	if (refusal !== null && refusal.code in TAKES_OVER)
		return TAKES_OVER[refusal.code];
	if (busy !== null && busy !== "status")
		return OWN_WORK[busy]?.(verification, model) ?? "ending";
	if (model.stopping)
		return "confirm_stop";
	if (verification !== null)
		return BY_STATE[verification.state]?.(verification, now, model) ?? "unclear";
	if (refusal === null || busy !== null)
		return "loading";
	return refusal.code === "connection_lost" ? "offline" : "server_trouble";
}

/* When the server named a time that has come, or the state cannot last. */
const STALE = {
	sending: () => true,
	checking: () => true,
	unclear: (v, now, { asked }) => asked < UNCLEAR_ASKED_MAX,
	pending: (v, now) => isPast(v.expires_at, now),
	approved: (v, now) => isPast(v.approved_until, now),
	overridden: (v, now) => isPast(v.overridden_until, now),
	locked: (v, now) => isPast(v.locked_until, now),
};

/* Should the server be asked again? */
export function isStale(model, now) {
	const { verification } = model;
	return STALE[verification?.state]?.(verification, now, model) ?? false;
}
