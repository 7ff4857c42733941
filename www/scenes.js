/*
 * scenes: every picture the panel can show, as data, and which one it is now.
 *
 * Words are in strings/ by the same names.  Pure.
 */
import { isPast } from "./clock.js";

/*
 * tone       colour of the status: neutral (if absent), active, good, warn, bad, alarm
 * icon       if it is not that of the tone
 * primary    the one next action; Enter does it
 * secondary  further actions, in this order; "others" are the other channels
 * code       the code field is shown
 * info       customer info may be shown
 * left       the time of the verification whose distance is shown
 * news       the time that makes this scene new, so that it is announced once
 * urgent     announced at once, not when the reader pauses
 * enter      Enter does the primary action from anywhere, not only from a control
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
	expiring: { ...VERIFIED, tone: "warn", icon: "verified", urgent: false, news: "approved_until",
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
	no_way: {},
	server_trouble: RETRY,
	offline: RETRY,
};

/* Refusals after which nothing else is worth showing, customer data least of all. */
export const TAKES_OVER = {
	agent_not_signed_in: "signed_out",
	agent_session_expired: "signed_out",
	sign_in_needed: "sign_in",
	sign_in_window_blocked: "sign_in",
	sign_in_blocked: "sign_in_blocked",
	agent_not_allowed: "not_allowed",
	origin_not_allowed: "not_allowed",
	not_your_task: "not_yours",
	invalid_task: "bad_task",
	task_not_found: "contact_gone",
	task_closed: "contact_gone",
	no_number: "no_way",
	invalid_number: "no_way",
	customer_not_found: "no_way",
	country_not_allowed: "no_way",
	number_changed_recently: "no_way",
};

/* Refusals of one way to send that make another the next thing to do. */
export const BETTER_CHANNEL = {
	landline: "call",
	no_texts: "call",
	opted_out: "call",
	range_blocked: "call",
	calls_off: "sms",
	no_voice: "sms",
};

/* What this page itself is doing right now; "status" goes on behind what is shown. */
const OWN_WORK = {
	start: (verification) => (verification?.state === "pending" ? "sending_again" : "sending"),
	check: () => "checking",
	cancel: () => "ending",
	stop: () => "ending",
	end: () => "ending",
};

/* Asking again each time costs a request to Twilio, and mostly the first one settles it. */
const UNCLEAR_ASKED_MAX = 3;

/* The agent is warned two minutes before customer info closes, or in the last quarter of a short approval. */
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
	return v.by_you === false ? "approved_other" : "approved";
}

function pendingScene(v, now, { again }) {
	if (isPast(v.expires_at, now))
		return "expired";
	if (v.by_you === false)
		return "pending_other";
	return again ? "pending_again" : "pending";
}

/* By the server's state, and where they matter, the time and what this page remembers. */
const BY_STATE = {
	not_verified: (v) => (v.approved_until ? "ran_out" : "not_verified"),
	sending: () => "sending_elsewhere",
	pending: pendingScene,
	checking: () => "checking_elsewhere",
	approved: approvedScene,
	overridden: (v, now) => (isPast(v.overridden_until, now) ? "not_verified" : "overridden"),
	expired: () => "expired",
	locked: (v) => (v.locked_until ? "locked" : "locked_for_good"),
	stopped: () => "stopped",
	canceled: (v) => (v.approved_at ? "ended" : "canceled"),
	unclear: (v, now, { asked }) => (asked < UNCLEAR_ASKED_MAX ? "confirming" : "unclear"),
};

export function sceneOf(model, now) {
	const { problem, refusal, verification, busy } = model;
	if (problem !== null)
		return problem;
	if (refusal !== null && refusal.code in TAKES_OVER)
		return TAKES_OVER[refusal.code];
	if (busy in OWN_WORK)
		return OWN_WORK[busy](verification);
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
