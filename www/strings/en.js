/*
 * All words of the panel, in English.  {names} are filled in by text.js.
 *
 * states: by the scenes of scenes.js.  Where a change is read out, it is the
 * first sentence of the text.
 */
export default {
	language: "en",
	direction: "ltr",
	title: "Verify the customer",

	states: {
		loading: { badge: "Checking status" },
		no_task: {
			badge: "No contact chosen",
			text: ["Choose a call or a chat. Its customer can then be verified here."],
		},
		bad_task: {
			badge: "Needs attention",
			text: ["This page was opened with an address that names no Flex task.",
				"Tell your supervisor: task is WT and 32 characters."],
		},
		not_verified: {
			badge: "Not verified",
			text: ["A code can be sent to this contact. The customer then reads it to you."],
			say: "“I’ll send a code to the number you are using. Read it to me only if you contacted us.”",
		},
		ran_out: {
			badge: "Not verified",
			text: ["The verification ended at {approved_until}.", "Send a new code to see customer info again."],
			say: "“To go on, I’ll send you one more code.”",
		},
		sending: { badge: "Sending…" },
		sending_again: { badge: "Sending…" },
		sending_elsewhere: { badge: "Sending…", text: ["{sent_by} is sending a code now."] },
		pending: {
			badge: "Waiting for code",
			text: ["{sent} at {sent_at}.", "Good until {expires_at}."],
			say: "“It can take a few seconds. Read me the numbers when you have them.”",
		},
		pending_again: {
			badge: "Waiting for code",
			text: ["Sent again at {sent_at}.", "It is the same code, good until {expires_at}."],
			say: "“I’ve sent it again. Either message has the right numbers.”",
		},
		pending_other: {
			badge: "Waiting for code",
			text: ["{sent} by {sent_by} at {sent_at}.", "Good until {expires_at}."],
			say: "“Read me the numbers of the message we sent you.”",
		},
		checking: { badge: "Checking…", text: ["Comparing the code with the one that was sent."] },
		checking_elsewhere: { badge: "Checking…", text: ["A code is being checked now."] },
		ending: { badge: "One moment…" },
		confirm_stop: {
			badge: "The customer did not contact us?",
			text: ["This cancels the code, closes customer info and flags the contact.",
				"Only a supervisor can lift it."],
			say: "“Thank you for telling us. Don’t share the code with anyone.”",
		},
		approved: {
			badge: "Customer verified",
			text: ["Verified {by} at {approved_at} by you.", "Good until {approved_until}."],
			say: "“Thank you, that’s confirmed.”",
		},
		approved_other: {
			badge: "Customer verified",
			text: ["Verified {by} at {approved_at} by {approved_by}.", "Good until {approved_until}."],
			say: "“Thank you, you are verified already.”",
		},
		expiring: {
			badge: "Verified · {left}",
			text: ["Customer info closes at {approved_until}.", "A new code keeps it open."],
			say: "“To go on, I’ll send you one more code.”",
		},
		no_data: {
			badge: "Customer verified",
			text: ["Verified {by} at {approved_at} by {approved_by}.", "Your sign-in does not include customer info."],
			say: "“Thank you, that’s confirmed.”",
		},
		needs_own_code: {
			badge: "Verified by {approved_by}",
			text: ["Customer info needs a code of your own.", "{approved_by} verified the customer at {approved_at}."],
			say: "“You are verified already. For your details I’ll send you one more code.”",
		},
		overridden: {
			badge: "Not verified. Allowed by {overridden_by} until {overridden_until}",
			text: ["Reason: {override_reason}"],
			end: "End permission",
			say: "“I can help you with this now, although I could not verify you.”",
		},
		expired: {
			badge: "Code expired",
			text: ["The code ran out at {expires_at}.", "It can no longer be used."],
			say: "“That code has run out. I’ll send you a new one.”",
		},
		locked: {
			badge: "Locked until {locked_until}",
			text: ["Too many codes did not match.", "A new code can be sent at {locked_until}."],
			say: "“I can’t verify you with a code right now. Let me see what else I can do.”",
		},
		locked_for_good: {
			badge: "Locked",
			text: ["Too many codes did not match, too often.", "Only a supervisor can unlock this number."],
			say: "“I can’t verify you with a code right now. Let me see what else I can do.”",
		},
		stopped: {
			badge: "Stopped",
			text: ["The customer did not contact us, {stopped_by} noted at {stopped_at}.",
				"The code is canceled and the contact is flagged."],
			say: "“Thank you for telling us. Don’t share the code with anyone.”",
		},
		canceled: {
			badge: "Not verified",
			text: ["Code canceled.", "It can no longer be used."],
			say: "“I’ve canceled that code. Don’t share it with anyone.”",
		},
		ended: {
			badge: "Not verified",
			text: ["The verification was ended.", "Customer info is closed."],
			say: "“To go on, I’ll send you one more code.”",
		},
		confirming: {
			badge: "Checking result",
			text: ["An answer was lost.", "Asking Twilio what became of it…"],
			say: "“One moment.”",
		},
		unclear: {
			badge: "Needs attention",
			text: ["An answer from Twilio was lost, so it is not known what became of the last code.",
				"Send a new one."],
			say: "“One moment. I’ll send you a new code.”",
		},
		signed_out: { badge: "Signed out", text: ["{refusal}"] },
		sign_in: { badge: "Signed out", text: ["{refusal}"] },
		sign_in_blocked: {
			badge: "Signed in elsewhere",
			text: ["You are signed in, but the browser keeps that from a panel inside another page.",
				"Go on in a window of its own."],
		},
		not_allowed: { badge: "Not allowed", text: ["{refusal}"] },
		not_yours: { badge: "Not your contact", text: ["{refusal}"] },
		contact_gone: { badge: "Contact ended", text: ["{refusal}"] },
		no_way: {
			badge: "Not verified",
			text: ["{refusal}"],
			say: "“I need to confirm who you are in another way.”",
		},
		server_trouble: { badge: "Needs attention", text: ["{refusal}"] },
		offline: {
			badge: "No connection",
			text: ["Server connection failed.", "Nothing is lost: the server keeps the state."],
		},
	},

	/* No answer, or none that was ours; what refusals say is in en_more.js. */
	connection_lost: "Server connection failed.",
	unexpected: "The server’s answer could not be read ({status}).",
	/* What is true besides, by what was tried: only where the server knows for certain. */
	untouched: {
		start: "Nothing was sent.",
		check: "The code was not checked.",
		cancel: "The code was not canceled.",
		stop: "Nothing was stopped.",
		end: "The verification was not ended.",
		status: "",
	},
	still_good: "The code is still good until {expires_at}.",
	asked_id: "Request {id}",

	channels: {
		sms: { send: "Send code by text", instead: "Text instead", sent: "Text sent", by: "by text" },
		call: { send: "Call with the code", instead: "Call instead", sent: "Call started", by: "by call" },
		whatsapp: { send: "Send code by WhatsApp", instead: "WhatsApp instead", sent: "WhatsApp message sent",
			by: "by WhatsApp" },
		email: { send: "Send code by e-mail", instead: "E-mail instead", sent: "E-mail sent", by: "by e-mail" },
		other: { send: "Send code", instead: "Other way", sent: "Code sent", by: "by code" },
	},

	actions: {
		check: "Check code",
		resend: "Send again",
		send_new: "Send a new code",
		again: "Verify again",
		cancel: "Cancel code",
		stop: "Customer did not contact us",
		stop_now: "Stop and flag the contact",
		back: "Go back",
		end: "End verification",
		open_info: "Open customer info",
		retry: "Try again",
		ask_again: "Check status",
		tell: "Tell your supervisor",
		sign_in: "Sign in",
		allow_sign_in: "Allow the sign-in here",
		open_window: "Open in a window",
	},
	busy: {
		start: "Sending…",
		check: "Checking…",
		cancel: "Canceling…",
		stop: "Stopping…",
		end: "Ending…",
		status: "Asking…",
	},
	slow: {
		start: "Still sending. Don’t send another code yet.",
		check: "Still checking. Don’t ask for a new code yet.",
		other: "Still waiting for the server.",
	},

	code: {
		label: "Code from the customer",
		hint: "{length} numbers, checked when complete.",
		hint_enter: "{length} numbers, then Enter.",
		empty: "Enter the {length} numbers the customer reads out.",
		length: "The code is {length} numbers. {entered} entered.",
		repeated: "That code was refused already. Ask the customer to read it once more.",
	},
	tries_left: { one: "1 try left, then a wait.", other: "{count} tries left." },
	no_sends_left: "All codes are sent. If one arrived, enter it. Otherwise the next can go at {expires_at}.",
	resend_in: {
		minutes: "The next code can be sent in {count} min.",
		seconds: "The next code can be sent in {count} s.",
	},
	resend_now: "A code can be sent again.",
	left: {
		minutes: { one: "1 min left", other: "{count} min left" },
		seconds: { one: "1 s left", other: "{count} s left" },
	},
	last_minute: {
		expires_at: "The code expires in 1 minute.",
		approved_until: "Customer info closes in 1 minute.",
		overridden_until: "Customer info closes in 1 minute.",
	},
	cancel_hint: "Press Enter to cancel the code.",

	number: {
		spoken: "Number ending {ending}",
		true: "The caller’s number is the one on file.",
		false: "The caller is not on the number on file.",
	},
	locale: { label: "Message language", default: "By the customer’s country" },
	someone: "another agent",

	say: {
		title: "Say to the customer",
		wrong: "“That didn’t match. Could you read it to me once more?”",
	},

	help_title: "Keys and help",
	tell: {
		title: "For your supervisor",
		reference: "Reference",
		task: "Contact",
	},
};
