/*
 * scenes: every picture the panel can show, as data, and which one it is now.
 *
 * Words are in strings/ by the same names.  Pure.
 */
import { isPast } from "./clock.js";

/*
 * tone       colour of the status: neutral, active, good, warn, bad
 * primary    the one next action; Enter does it
 * secondary  further actions, in this order
 * code       the code field is shown
 * number     the masked number is shown
 * left       the time of the verification whose distance is shown
 * key        the time that makes this scene new, so that it is announced once
 * urgent     announced at once, not when the reader pauses
 * enter      Enter does the primary action from anywhere, not only from a control
 */
export const SCENES = {
	loading: { tone: "neutral", icon: "wait" },
	no_task: { tone: "neutral", icon: "shield" },
	bad_task: { tone: "bad", icon: "warning" },

	not_verified: { tone: "neutral", icon: "shield", number: true,
		primary: "send", secondary: ["others"] },
	ran_out: { tone: "neutral", icon: "shield", number: true, key: "approved_until",
		primary: "send_new", secondary: ["others"] },
	sending: { tone: "active", icon: "message", number: true,
		primary: "send", secondary: ["others"] },
	sending_again: { tone: "active", icon: "message", number: true, code: true,
		primary: "check", secondary: ["resend", "others", "cancel"] },
	sending_elsewhere: { tone: "active", icon: "message", number: true },

	pending: { tone: "active", icon: "message", number: true, code: true,
		left: "expires_at", key: "sent_at",
		primary: "check", secondary: ["resend", "others", "cancel"] },
	pending_again: { tone: "active", icon: "message", number: true, code: true,
		left: "expires_at", key: "sent_at",
		primary: "check", secondary: ["resend", "others", "cancel"] },
	pending_other: { tone: "active", icon: "message", number: true, code: true,
		left: "expires_at", key: "sent_at",
		primary: "check", secondary: ["resend", "others", "cancel"] },
	checking: { tone: "active", icon: "wait", number: true, code: true,
		primary: "check", secondary: ["resend", "others", "cancel"] },
	checking_elsewhere: { tone: "active", icon: "wait", number: true },
	canceling: { tone: "active", icon: "wait", number: true,
		secondary: ["resend", "others", "cancel"] },

	approved: { tone: "good", icon: "verified", number: true,
		left: "approved_until", key: "approved_at", urgent: true, enter: true,
		primary: "open_info" },
	approved_other: { tone: "good", icon: "verified", number: true,
		left: "approved_until", key: "approved_at", urgent: true, enter: true,
		primary: "open_info", secondary: ["again"] },

	expired: { tone: "warn", icon: "warning", number: true, key: "expires_at", urgent: true,
		primary: "send_new", secondary: ["others"] },
	locked: { tone: "warn", icon: "lock", number: true, left: "locked_until",
		key: "locked_until", urgent: true },
	locked_for_good: { tone: "warn", icon: "lock", number: true, urgent: true },
	canceled: { tone: "neutral", icon: "shield", number: true, key: "sent_at",
		primary: "send_new", secondary: ["others"] },
	confirming: { tone: "active", icon: "wait", number: true, key: "sent_at" },
	unclear: { tone: "warn", icon: "warning", number: true, key: "sent_at", urgent: true,
		primary: "send_new", secondary: ["others", "ask_again"] },
	stopped: { tone: "warn", icon: "warning", number: true, key: "stopped_at", urgent: true },
	overridden: { tone: "warn", icon: "warning", number: true, left: "overridden_until",
		key: "overridden_at", urgent: true },

	signed_out: { tone: "bad", icon: "lock", primary: "retry", enter: true },
	sign_in: { tone: "bad", icon: "lock", primary: "sign_in", enter: true },
	sign_in_blocked: { tone: "bad", icon: "lock", primary: "open_window", secondary: ["allow_sign_in"] },
	not_allowed: { tone: "bad", icon: "lock" },
	not_yours: { tone: "bad", icon: "lock", primary: "retry", enter: true },
	contact_gone: { tone: "neutral", icon: "shield" },
	no_number: { tone: "neutral", icon: "shield" },
	provider_down: { tone: "bad", icon: "warning", primary: "retry", enter: true },
	offline: { tone: "bad", icon: "warning", primary: "retry", enter: true },
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
	no_number: "no_number",
	customer_not_found: "no_number",
	country_not_allowed: "no_number",
	number_changed_recently: "no_number",
	invalid_number: "no_number",
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
	cancel: () => "canceling",
};

/* Asking again each time costs a request to Twilio, and mostly the first one settles it. */
const UNCLEAR_ASKED_MAX = 3;

/* By the server's state, and where they matter, the time and what this page remembers. */
const BY_STATE = {
	not_verified: (v) => (v.approved_until ? "ran_out" : "not_verified"),
	sending: () => "sending_elsewhere",
	pending: (v, now, { again }) => {
		if (isPast(v.expires_at, now))
			return "expired";
		if (v.by_you === false && v.sent_by)
			return "pending_other";
		return again ? "pending_again" : "pending";
	},
	checking: () => "checking_elsewhere",
	approved: (v, now) => {
		if (isPast(v.approved_until, now))
			return "ran_out";
		return v.by_you === false ? "approved_other" : "approved";
	},
	expired: () => "expired",
	locked: (v) => (v.locked_until ? "locked" : "locked_for_good"),
	canceled: () => "canceled",
	unclear: (v, now, { asked }) => (asked < UNCLEAR_ASKED_MAX ? "confirming" : "unclear"),
	stopped: () => "stopped",
	overridden: (v, now) => (isPast(v.overridden_until, now) ? "not_verified" : "overridden"),
};

export function sceneOf(model, now) {
	const { problem, refusal, verification, busy } = model;
	if (problem !== null)
		return problem;
	if (refusal !== null && refusal.code in TAKES_OVER)
		return TAKES_OVER[refusal.code];
	if (busy in OWN_WORK)
		return OWN_WORK[busy](verification);
	if (verification !== null)
		return BY_STATE[verification.state]?.(verification, now, model) ?? "unclear";
	if (refusal === null || busy !== null)
		return "loading";
	return refusal.code === "connection_lost" ? "offline" : "provider_down";
}

/* When the server named a time that has come, or the state cannot last. */
const STALE = {
	sending: () => true,
	checking: () => true,
	unclear: (v, now, { asked }) => asked < UNCLEAR_ASKED_MAX,
	pending: (v, now) => isPast(v.expires_at, now),
	approved: (v, now) => isPast(v.approved_until, now),
	locked: (v, now) => isPast(v.locked_until, now),
	overridden: (v, now) => isPast(v.overridden_until, now),
};

/* Should the server be asked again? */
export function isStale(model, now) {
	const { verification } = model;
	return STALE[verification?.state]?.(verification, now, model) ?? false;
}
