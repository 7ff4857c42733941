/* The words of the supervisor's view in English.  {names} are filled in by text.js. */
export default {
	language: "en",
	title: "Verifications",
	close: "Close",

	live: {
		asking: "Asking…",
		live: "Live, as {name}. Last looked at {time}.",
		past: "As of {time}, for {name}.",
		lost: "No connection since {time}. What you see is of then.",
	},
	day: { label: "Day", earlier: "Day before", later: "Day after" },

	shut: {
		signed_out: { title: "Signed out", text: "Sign in to see verifications. Open this page from Flex, or with your company’s sign-in." },
		sign_in: { title: "Signed out", text: "Sign in to see verifications." },
		blocked: { title: "Signed out", text: "The browser does not let this page use your sign-in here." },
		window_blocked: { title: "Signed out", text: "The browser blocked the sign-in window. Allow pop-ups for this page, then sign in." },
		not_allowed: { title: "For supervisors", text: "Your sign-in is not that of a supervisor, so nothing is shown here." },
	},
	shut_actions: { sign_in: "Sign in", allow: "Allow the sign-in here", open: "Open in a window" },

	tiles: {
		approved: "Verified", approved_of: "of {count} begun",
		pass_rate: "Pass rate", pass_rate_of: "of those begun",
		median: "Time to verify", median_of: "half took no longer",
		open: "Under way", open_of: "at this moment",
		closed: "Locked or stopped", closed_of: "at this moment",
		overrides: "Without proof", overrides_of: "allowed on this day",
		none: "–",
	},

	states: {
		not_verified: "Not verified", was_verified: "Verified before", was_allowed: "Allowed before",
		sending: "Sending…", pending: "Waiting for code", checking: "Checking…", approved: "Verified",
		expired: "Code expired", locked: "Locked", canceled: "Canceled", unclear: "Result unclear",
		stopped: "Stopped by the caller", overridden: "Allowed without proof",
		number_locked: "Number locked",
	},
	channels: { sms: "by text", call: "by call", whatsapp: "by WhatsApp", email: "by e-mail", pin: "by PIN" },

	closed: {
		title: "Locked and stopped",
		none: "No number is locked and no contact is stopped.",
		locked: "Too many wrong codes. Locked until {time}.",
		locked_for_good: "Too many wrong codes in a row. Only a supervisor can open it.",
		stopped: "The caller said that they did not contact you. Stopped by {name} at {time}.",
		news: { one: "One more contact is locked or stopped.", other: "{count} more contacts are locked or stopped." },
	},

	chart: {
		title: "Over the day",
		as_table: "The same as a table",
		verified: "verified", other: "not verified", median: "seconds to verify, median",
		overrides: "allowed without proof",
		summary: "{approved} of {begun} verifications begun were approved, {rate}; half of them within {median}. Hour by hour in the table below.",
		nothing: "Nothing was begun on this day.",
		seconds: "{count} s",
	},
	figures: {
		hour: "Hour", begun: "Begun", approved: "Verified", pass_rate: "Pass rate", median_seconds: "Half within",
		codes: "Codes sent", wrong_codes: "Wrong codes", locks: "Locks", overrides: "Without proof", stops: "Stopped",
		unlocks: "Unlocked", total: "Whole day",
	},

	list: {
		title: "Contacts",
		find: "Reference, task, agent or number’s end",
		show: "Show",
		shows: { all: "all", open: "under way", verified: "verified", trouble: "locked, stopped or without proof" },
		none: "No contact was verified on this day yet.",
		none_found: "No contact in the list is like that.",
		more: "There are more contacts than are listed. For an older one, enter its reference or task above.",
		direct: "{id} is not in the list.",
		columns: { begun: "Begun", state: "State", number: "Number", agent: "Agent", tries: "Codes · tries", until: "Until",
			reference: "Reference, task", actions: "Actions" },
		checked_by: "checked by {name}",
		stopped_by: "stopped by {name}",
		reason: "{name}: “{reason}”",
		good_until: "code until {time}",
		until: "until {time}",
		since: "until {time}, over",
		until_opened: "until a supervisor opens it",
		someone: "somebody",
	},

	actions: {
		unlock: "Unlock", allow: "Allow without proof",
		unlock_of: "Unlock {id}", allow_of: "Allow without proof {id}",
	},

	ask: {
		reason: "Reason", reason_hint: "10 to 200 characters. It goes on record with your name.",
		minutes: "Minutes", minutes_hint: "1 to {max}. Then it ends by itself.",
		cancel: "Cancel",
		busy: "Working…",
		unlock: {
			title: "Unlock",
			text: "Wrong codes of this number count afresh from now, and a stop of the contact is lifted. It verifies nobody: the agent sends a new code.",
			done: "Unlocked: {id}.",
		},
		allow: {
			title: "Allow without proof",
			text: "The agent of this contact sees the customer’s data although nobody has proved who is calling. Fields that demand a fresh proof stay closed. You see nothing of it.",
			done: "Allowed without proof: {id}.",
		},
		count: "{count} of 200",
		reason_short: "A reason has at least 10 characters. {count} entered.",
		reason_long: "A reason has at most 200 characters. {count} entered.",
		minutes_wrong: "A whole number from 1 to {max}.",
	},

	csv: {
		button: "Export CSV",
		done: { one: "One row saved.", other: "{count} rows saved." },
		nothing: "There is no row to save.",
		file: "verifications-{day}.csv",
	},

	refusals: {
		agent_not_allowed: "Your sign-in is not that of a supervisor.",
		agent_not_signed_in: "You are signed out. Sign in and do it once more.",
		agent_session_expired: "Your sign-in has run out. Sign in and do it once more.",
		sign_in_unavailable: "Your sign-in could not be checked with Twilio, so nothing was done. Do it once more in a few seconds.",
		own_task: "You hold this contact or handled its codes, so it takes a second supervisor. Ask another one.",
		override_off: "Nobody is let through without proof here.",
		task_not_found: "There is no such contact any more.",
		task_closed: "This contact has ended.",
		task_unavailable: "This contact could not be looked up at Twilio, so nothing was done. Do it once more in a few seconds.",
		no_number: "This contact has no number that could be verified.",
		invalid_task: "A task is WT and 32 characters, 0 to 9 and a to f.",
		invalid_reason: "A reason has 10 to 200 characters that can be seen. Say why in words that somebody else understands later.",
		invalid_minutes: "The minutes are a whole number, up to the most that is configured.",
		already_approved: "This customer is verified already, so the agent has the data.",
		verification_busy: "A code for this contact is being sent or checked right now. Do it once more in a few seconds.",
		contact_stopped: "The caller said that they did not contact you. Unlock the contact first, if that was wrong.",
		not_locked: "Neither the number is locked nor the contact stopped any more.",
		unknown_reference: "No verification has this reference. Compare its 8 characters with those on the agent’s panel.",
		ledger_unavailable: "The record cannot be written now, so nothing was done. Do it once more in a few seconds.",
		too_many_requests: "Too many requests at once. Wait a few seconds.",
		lost: "The answer was lost. Look at the list to see whether it was done.",
	},
};
