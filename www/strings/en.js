/*
 * All words of the panel, in English.  {names} are filled in by text.js.
 *
 * states: by the scenes of state.js.  refusals: by the server's stable codes; a
 * code that is not here shows the sentence the server sent with it.
 */
export default {
	language: "en",
	title: "Verify the customer",

	states: {
		loading: { badge: "Checking status" },
		no_task: {
			badge: "No contact chosen",
			text: "Choose a call or a chat in Flex. Its customer can then be verified here.",
		},
		bad_task: {
			badge: "Needs attention",
			text: "This page was opened with an address that names no Flex task. "
				+ "Tell your supervisor: task is WT and 32 characters.",
		},
		not_verified: {
			badge: "Not verified",
			text: "A code can be sent to this contact. The customer then reads it to you.",
			say: "“I’ll send a code to the number you are using. "
				+ "Read it to me only if you contacted us.”",
		},
		ran_out: {
			badge: "Not verified",
			text: "The verification ended at {approved_until}. "
				+ "Send a new code to see customer info again.",
			announce: "The verification has ended.",
			say: "“To go on, I’ll send you one more code.”",
		},
		sending: { badge: "Sending…" },
		sending_again: { badge: "Sending…" },
		sending_elsewhere: { badge: "Sending…", text: "{sent_by} is sending a code now." },
		pending: {
			badge: "Waiting for code",
			text: "{sent} at {sent_at}. Good until {expires_at}.",
			announce: "{sent}.",
			say: "“It can take a few seconds. Read me the numbers when you have them.”",
		},
		pending_again: {
			badge: "Waiting for code",
			text: "Sent again at {sent_at}. It is the same code, good until {expires_at}.",
			announce: "Sent again. It is the same code.",
			say: "“I’ve sent it again. Either message has the right numbers.”",
		},
		pending_other: {
			badge: "Waiting for code",
			text: "{sent} by {sent_by} at {sent_at}. Good until {expires_at}.",
			announce: "{sent} by {sent_by}.",
			say: "“Read me the numbers of the message we sent you.”",
		},
		checking: { badge: "Checking…", text: "Comparing the code with the one that was sent." },
		checking_elsewhere: { badge: "Checking…", text: "A code is being checked now." },
		canceling: { badge: "Canceling…" },
		approved: {
			badge: "Customer verified",
			text: "Verified {by} at {approved_at} by you. Good until {approved_until}.",
			announce: "Customer verified.",
			say: "“Thank you, that’s confirmed.”",
		},
		approved_other: {
			badge: "Customer verified",
			text: "Verified {by} at {approved_at} by {approved_by}. Good until {approved_until}.",
			announce: "Customer verified.",
			say: "“Thank you, you are verified already.”",
		},
		expired: {
			badge: "Code expired",
			text: "The code has run out, so it can no longer be used.",
			announce: "The code ran out.",
			say: "“That code has run out. I’ll send you a new one.”",
		},
		locked: {
			badge: "Locked until {locked_until}",
			text: "Too many codes did not match. A new code can be sent at {locked_until}.",
			announce: "Locked until {locked_until}.",
			say: "“I can’t verify you with a code right now. Let me see what else I can do.”",
		},
		locked_for_good: {
			badge: "Locked",
			text: "Too many codes did not match. A supervisor can open this number again.",
			announce: "Locked. A supervisor can open this number again.",
			say: "“I can’t verify you with a code right now. Let me see what else I can do.”",
		},
		stopped: {
			badge: "Stopped",
			text: "Caller says they did not contact us. Code cancelled and flagged.",
			announce: "Stopped. Code cancelled and flagged.",
			say: "“Thank you for telling us. Don’t share the code.”",
		},
		overridden: {
			badge: "Not verified — allowed by {overridden_by} until {overridden_until}",
			text: "{override_reason}",
			announce: "Not verified. Allowed by {overridden_by} until {overridden_until}.",
		},
		canceled: {
			badge: "Not verified",
			text: "Code canceled. It can no longer be used.",
			announce: "Code canceled.",
			say: "“I’ve canceled that code. Don’t share it with anyone.”",
		},
		confirming: {
			badge: "Checking result",
			text: "An answer was lost. Asking Twilio what became of it…",
			announce: "An answer was lost. Confirming.",
			say: "“One moment.”",
		},
		unclear: {
			badge: "Needs attention",
			text: "An answer from Twilio was lost, so it is not known what became of the last code. "
				+ "Send a new one.",
			announce: "An answer was lost. Send a new code.",
			say: "“One moment. I’ll send you a new code.”",
		},
		signed_out: { badge: "Signed out", text: "{refusal}" },
		sign_in: { badge: "Signed out", text: "{refusal}" },
		sign_in_blocked: {
			badge: "Signed in elsewhere",
			text: "You are signed in, but the browser keeps that from a panel inside another page. "
				+ "Go on in a window of its own.",
		},
		not_allowed: { badge: "Not allowed", text: "{refusal}" },
		not_yours: { badge: "Not your contact", text: "{refusal}" },
		contact_gone: { badge: "Contact ended", text: "{refusal}" },
		no_number: {
			badge: "Not verified",
			text: "{refusal}",
			say: "“I need to confirm who you are in another way.”",
		},
		provider_down: { badge: "Needs attention", text: "{refusal}" },
		offline: {
			badge: "No connection",
			text: "Server connection failed. Nothing is lost: the server keeps the state.",
		},
	},

	/* A sentence here replaces the server's. */
	refusals: {
		connection_lost: "Server connection failed.",
		agent_not_signed_in: "Sign in to Flex, then open this contact again to verify the customer.",
		sign_in_needed: "Sign in to verify callers.",
		sign_in_window_blocked:
			"The browser blocked the sign-in window. Allow pop-ups for this page, then sign in.",
		agent_session_expired:
			"Your sign-in has run out. Sign in to Flex again, then open this contact again.",
		wrong_code: "That code does not match.",
		customer_not_found: "No customer record belongs to this contact, so no number on file is known. "
			+ "Verify another way.",
		country_not_allowed: "The number is of a country that codes are not sent to. Verify another way.",
		number_changed_recently: "The number on file was changed only recently, so a code to it proves too little. "
			+ "Verify another way.",
		no_pending_code: "No code is waiting for an answer. Send one first.",
		code_expired: "The code is no longer good. Send a new one.",
		verification_busy: "A code for this contact is being sent or checked. One moment.",
		too_many_sends: "No more codes can be sent now.",
		twilio_unreachable: "Twilio Verify could not be reached.",
		contact_stopped: "The caller said that they did not contact us. A supervisor can open it again.",
		not_approved: "The customer is not verified now.",
	},
	/* What is true besides, by what was tried: only where the server knows for certain. */
	untouched: {
		start: "Nothing was sent.",
		check: "The code was not checked.",
		cancel: "The code was not canceled.",
		status: "Nothing was sent.",
	},
	still_good: "The code is still good until {expires_at}.",
	unexpected: "The server’s answer could not be read ({status}).",
	asked_id: "Request {id}",

	channels: {
		sms: {
			send: "Send code by text",
			instead: "Text instead",
			sent: "Text sent",
			by: "by text",
		},
		call: {
			send: "Call with the code",
			instead: "Call instead",
			sent: "Call started",
			by: "by call",
		},
		whatsapp: {
			send: "Send code by WhatsApp",
			instead: "WhatsApp instead",
			sent: "WhatsApp message sent",
			by: "by WhatsApp",
		},
		email: {
			send: "Send code by e-mail",
			instead: "E-mail instead",
			sent: "E-mail sent",
			by: "by e-mail",
		},
	},
	unknown_channel: { send: "Send code", instead: "Other way", sent: "Code sent", by: "by code" },

	actions: {
		check: "Check code",
		resend: "Send again",
		send_new: "Send a new code",
		again: "Verify again",
		cancel: "Cancel code",
		open_info: "Open customer info",
		retry: "Try again",
		ask_again: "Check status",
		sign_in: "Sign in",
		allow_sign_in: "Allow the sign-in here",
		open_window: "Open in a window",
	},
	busy: {
		start: "Sending…",
		check: "Checking…",
		cancel: "Canceling…",
		status: "Asking…",
	},
	slow: {
		start: "Still sending. Don’t send another code yet.",
		check: "Still checking. Don’t ask for a new code yet.",
		cancel: "Still canceling.",
		status: "Still waiting for the server.",
	},

	code: {
		label: "Code from the customer",
		hint: "{length} numbers, checked when complete.",
		hint_enter: "{length} numbers, then Enter.",
		empty: "Enter the {length} numbers the customer reads out.",
		length: "The code is {length} numbers. {entered} entered.",
		repeated: "That code was refused already. Ask the customer to read it once more.",
	},
	tries_left: {
		one: "1 try left, then a wait.",
		other: "{count} tries left.",
	},
	no_sends_left: "All codes are sent. If one arrived, enter it. "
		+ "Otherwise the next can go at {expires_at}.",
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
	},
	cancel_hint: "Press Enter to cancel the code.",

	number: {
		spoken: "Number ending {ending}",
		other_caller: "Calling from another number than the one on file.",
	},
	reference: "Reference",
	someone: "another agent",

	say: {
		title: "Say to the customer",
		wrong: "“That didn’t match. Could you read it to me once more?”",
	},

	info: {
		tabs: "Customer",
		tab_verify: "Verification",
		tab_info: "Info",
		customer: "Customer",
		task: "Contact",
		no_customer: "There is no customer record for this number.",
		no_task: "This contact carries no further details.",
		copy: "Copy",
		copy_name: "Copy {label}",
		copied: "Copied",
		yes: "Yes",
		no: "No",
		labels: {
			name: "Name",
			email: "E-mail",
			address: "Address",
			account_number: "Account number",
			phone: "Phone",
			from: "From",
			to: "To",
			direction: "Direction",
			call_sid: "Call SID",
			conversationSid: "Conversation SID",
			channelType: "Channel",
			customerName: "Name given",
			customerAddress: "Address given",
		},
	},

	help: {
		title: "Keys and help",
		auto_check: "Check the code as soon as it is complete",
		list: [
			"Enter does what the blue button says.",
			"Escape clears the code. Escape once more goes to Cancel code.",
			"Codes can be pasted with blanks or hyphens.",
			"After a correction, or after a wrong code, press Enter: "
				+ "every wrong code uses up a try.",
			"While the cursor is in this panel, Flex’s own keys do not arrive there. "
				+ "Click Flex to use them.",
		],
	},
};
