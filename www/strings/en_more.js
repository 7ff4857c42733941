/*
 * Words that are needed once a code was sent or something was refused, in
 * English: further states, the INFO tab, and the help.
 *
 * refusals: by the server's stable codes; a code that is not here shows the
 * sentence that the server sent.  {untouched} is what is true nevertheless.
 */
export default {
	states: {
		no_task: {
			badge: "No contact chosen",
			text: ["Choose a call or a chat. Its customer can then be verified here."],
		},
		bad_task: {
			badge: "Needs attention",
			text: ["This page was opened with an address that names no Flex task.",
				"Tell your supervisor: task is WT and 32 characters."],
		},
		ran_out: {
			badge: "Not verified",
			text: ["The verification ended at {approved_until}.", "Send a new code to see customer info again."],
			say: "“To go on, I’ll send you one more code.”",
		},
		sending_again: { badge: "Sending…" },
		sending_elsewhere: { badge: "Sending…", text: ["A code is being sent now by {sent_by}."] },
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
		approved_keypad: {
			badge: "Customer verified",
			text: ["Verified before the call, by keypad, at {approved_at}.", "Good until {approved_until}."],
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
			text: ["Customer info needs a code of your own.", "The customer was verified by {approved_by} at {approved_at}."],
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
			text: ["Too many codes in a row did not match.", "Only a supervisor can unlock this number."],
			say: "“I can’t verify you with a code right now. Let me see what else I can do.”",
		},
		stopped: {
			badge: "Stopped",
			text: ["The customer did not contact us, as {stopped_by} noted at {stopped_at}.",
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
	},

	/* By the channel. */
	sent: {
		sms: "Text sent",
		call: "Call started",
		whatsapp: "WhatsApp message sent",
		email: "E-mail sent",
		other: "Code sent",
	},
	by: { sms: "by text", call: "by call", whatsapp: "by WhatsApp", email: "by e-mail", pin: "by PIN",
		callback: "by call-back", tap: "by link", other: "by code" },

	/* Where the customer may have a PIN, see pin.js. */
	pin: {
		offer: "The customer can also read a PIN from the account page.",
		states: {
			enter_pin: {
				badge: "Waiting for PIN",
				text: ["The customer reads the PIN from the account page on our website."],
				label: "PIN from the customer",
				check: "Check PIN",
				say: "“Open your account on our website and read me the PIN it shows. Only if you contacted us.”",
			},
			only_pin: {
				badge: "Not verified",
				text: ["No code can be sent to this customer.", "The customer can read a PIN from the account page."],
				say: "“Open your account on our website and read me the PIN it shows. Only if you contacted us.”",
			},
		},
	},

	/* Where the customer can be called back, see call_back.js. */
	call_back: {
		states: {
			confirm_call_back: {
				badge: "Call back the number on file?",
				text: ["This cancels the code, closes customer info and makes a task to call the number on file.",
					"Ask the caller first, then end this contact."],
				say: "“For your safety I’ll call you back at the number we have on file. Is that all right?”",
			},
			call_back_asked: {
				badge: "Call-back asked for",
				text: ["A task to call the number on file is made.", "End this contact now."],
				say: "“We’ll call you back at the number we have on file. Goodbye.”",
			},
			call_back_due: {
				badge: "Call the number on file",
				text: ["This contact is a call-back.",
					"Call the number on file, and go on when the customer is on the line."],
				say: "“This is the call-back you asked for. Are you the account holder?”",
			},
			called_back: {
				badge: "Called back at the number on file",
				text: ["That is on record.", "It verifies nobody by itself: send a code to see customer info."],
				say: "“I’ll send you a code. Read it to me only if you asked for this call.”",
			},
		},
	},

	/* Where a link can be texted, see tap.js. */
	tap: {
		states: {
			link_out: {
				badge: "Waiting for the customer’s tap",
				text: ["Link texted at {sent_at}.", "The customer says yes on the phone, and this page shows it by itself."],
				say: "“I’ve sent you a link. It shows our name. Say yes there only if you contacted us.”",
			},
			link_over: {
				badge: "Link not answered",
				text: ["The link ran out at {expires_at}.", "Text a new one, or send a code."],
				say: "“I’ll send you a new link.”",
			},
			denied: {
				badge: "The customer says: not on a call",
				text: ["Whoever got the link said so at {stopped_at}, so this is not who you are talking to.",
					"The contact is stopped and flagged. Tell your supervisor."],
				say: "“I can’t go on with this contact. Goodbye.”",
			},
		},
	},

	/* Where callers key codes in, see key_in.js. */
	key_in: {
		states: {
			keying_in: {
				badge: "The caller keys it in",
				text: ["The caller is asked for the code since {asked_at}.",
					"You do not hear each other meanwhile. This page shows by itself what comes of it, and the caller is back then."],
			},
			not_keyed_in: {
				badge: "Waiting for code",
				text: ["The right code was not keyed in.", "Have it read out: it is good until {expires_at}."],
				say: "“You’re back with me. Please read the code to me instead.”",
			},
			approved_key_in: {
				badge: "Customer verified",
				text: ["Keyed in by the caller at {approved_at}, while {approved_by} stayed on.", "Good until {approved_until}."],
				say: "“Thank you, that’s confirmed.”",
			},
			asking: { badge: "One moment…" },
		},
	},

	number: { called_back: "Called back at the number on file." },

	code: {
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
	/* What is true besides, by what was tried: only where the server knows for certain. */
	untouched: {
		start: "Nothing was sent.",
		check: "The code was not checked.",
		cancel: "The code was not canceled.",
		stop: "Nothing was stopped.",
		end: "The verification was not ended.",
		text_link: "Nothing was sent.",
		cancel_link: "The link was not taken back.",
		call_back: "No call-back was asked for.",
		called_back: "Nothing is on record.",
		key_in: "The caller was not asked.",
		bring_back: "The caller was not brought back.",
		status: "",
	},
	still_good: "The code is still good until {expires_at}.",
	asked_id: "Request {id}",

	actions: {
		check: "Check code",
		resend: "Send again",
		send_new: "Send a new code",
		again: "Verify again",
		cancel: "Cancel code",
		stop_now: "Stop and flag the contact",
		back: "Go back",
		end: "End verification",
		enter_pin: "Enter a PIN",
		leave_pin: "Go back",
		text_link: "Text a link",
		text_again: "Text a new link",
		cancel_link: "Take the link back",
		call_back: "Call back",
		call_back_now: "The caller agrees: call back",
		leave_call_back: "Go back",
		called_back: "The customer is on the line",
		key_in: "Let the caller key it in",
		bring_back: "Bring the caller back",
		open_info: "Open customer info",
		ask_again: "Check status",
		allow_sign_in: "Allow the sign-in here",
		open_window: "Open in a window",
	},
	busy: {
		check: "Checking…",
		cancel: "Canceling…",
		stop: "Stopping…",
		end: "Ending…",
	},
	slow: {
		start: "Still sending. Don’t send another code yet.",
		check: "Still checking. Don’t ask for a new code yet.",
		other: "Still waiting for the server.",
	},
	say: {
		wrong: "“That didn’t match. Could you read it to me once more?”",
	},

	/* No answer of ours. */
	unexpected: "The server’s answer could not be read ({status}).",
	refusals: {
		agent_not_signed_in: "Sign in, then open this contact again to verify the customer.",
		agent_session_expired: "Your sign-in has run out. Sign in again, then open this contact again.",
		sign_in_needed: "Sign in to verify callers.",
		sign_in_window_blocked: "The browser blocked the sign-in window. Allow pop-ups for this page, then sign in.",
		agent_not_allowed: "Your sign-in is not that of an agent who may do this. Ask your supervisor.",
		origin_not_allowed: "This web page may not use the service. The administrator lists the pages in ALLOWED_ORIGINS.",
		sign_in_unavailable: "Your sign-in could not be checked with Twilio. {untouched} Try again in a few seconds.",

		not_your_task: "This contact is not yours. Accept it first, or ask the agent who has it.",
		task_not_found: "There is no such contact any more.",
		task_closed: "This contact has ended, so it can no longer be verified.",
		task_unavailable: "This contact could not be looked up at Twilio. {untouched} Try again in a few seconds.",
		no_number: "This contact has no phone number that a code could be sent to. Verify another way.",
		invalid_number: "The number of this contact is not in international form. Verify another way.",
		number_mismatch: "That is not the number of this contact. Codes go to the contact’s own number only.",
		customer_not_found: "No customer record belongs to this contact, so no number on file is known. Verify another way.",
		country_not_allowed: "Codes are not sent to the country of this number. Verify another way.",
		number_changed_recently:
			"The number on file was changed only recently, so a code to it proves too little. Verify another way.",

		wrong_code: "That code does not match.",
		invalid_code: "That is not a whole code. Compare its length with the customer’s message.",
		no_pending_code: "No code is waiting for an answer. Send one first.",
		pin_expired: "That PIN was used already or has run out. Ask the customer to have a new one shown.",
		code_expired: "The code is no longer good. Send a new one.",
		verification_busy: "A code for this contact is being sent or checked. One moment.",
		already_approved: "This customer is verified already.",
		not_approved: "There is no verification to end.",
		callback_asked: "A call-back is asked for already. End this contact; the call-back comes as a task.",
		no_callback: "This contact is no call-back that was asked for here. Verify the customer another way.",
		callback_expired: "This call-back was asked for too long ago. Verify the customer another way.",
		callback_used: "This call-back is on record already.",
		not_called_back: "Twilio knows of no answered call to the number on file just now. Call it first.",
		callback_failed: "Twilio made no task for the call-back. Press “Call back” once more.",
		caller_keys_in: "The caller is being asked to key the code in. Wait for that, or bring the caller back first.",
		no_conference: "The caller cannot be asked now: the call is on hold, was taken over, is none that came in, or is over. "
			+ "Have the code read out.",
		key_in_failed: "Twilio did not ask the caller, who is still with you. Have the code read out, or try again.",
		key_in_unclear: "Twilio did not say if the caller is being asked. If you hear nobody, wait for the code, "
			+ "or bring the caller back.",
		not_keying_in: "The caller is not being asked to key the code in.",
		calls_unavailable: "Twilio could not be asked if the call is under way. Nothing is on record. Try again in a few seconds.",
		contact_stopped: "This contact is stopped. Only a supervisor can lift it.",
		result_unclear: "An answer from Twilio was lost, so it is not known what became of the last code. Send a new one.",
		too_many_checks: "Too many codes did not match. Wait until the lock ends, then send a new one.",
		too_many_sends: "No more codes can be sent now.",
		resend_too_soon: "A code was sent a moment ago. It can take a few seconds; then it can be sent again.",
		agent_limit: "You have reached the limit of codes for this hour. Tell your supervisor.",
		system_limit: "This call centre has reached its limit of codes for this hour. Tell your supervisor.",

		channel_not_allowed: "Codes are not sent that way here. Choose another.",
		number_not_usable: "Twilio cannot use that number or language. Read the number back to the customer.",
		landline: "This line cannot get texts. Try a call instead.",
		no_texts: "Texts cannot reach this number. Try a call.",
		opted_out: "The customer has blocked our texts. Try a call.",
		number_blocked: "Codes cannot be sent to this number. Verify another way.",
		range_blocked: "Texts to this number range are blocked for some hours. Try a call.",
		country_blocked: "Codes are not allowed to this country. Verify another way.",
		channel_off: "That way of sending is switched off. Choose another.",
		calls_off: "Calls are not allowed to this number. Send a text.",
		no_voice: "There is no spoken code in that language. Send a text, or choose another language.",
		email_off: "E-mail is not set up or out of order. Use another way.",
		email_refused: "That e-mail address cannot be used. Use another way.",
		whatsapp_off: "WhatsApp is not set up. Use another way.",

		twilio_unreachable: "Twilio Verify could not be reached. {untouched}",
		twilio_timed_out: "Twilio did not answer in time. Ask if a code arrived before you send again.",
		answer_lost: "Twilio’s answer was lost. Ask if a code arrived before you send again.",
		twilio_bad_answer: "Twilio’s answer cannot be used. Ask if a code arrived before you send again.",
		twilio_failed: "Twilio has a problem. Ask if a code arrived before you send again.",
		overloaded: "Too many requests at once here. {untouched} Try again in a few seconds.",
		twilio_busy: "Twilio is busy. {untouched} Try again in a few seconds.",
		twilio_limit: "A limit on codes that is set at Twilio is reached. {untouched} Wait, or verify another way.",
		twilio_credentials: "Twilio does not accept this service’s key. {untouched} Tell your supervisor.",
		twilio_setup: "The Verify service is not set up for this. {untouched} Tell your supervisor.",
		twilio_trial: "This Twilio trial account may not send to this number. Tell your supervisor.",
		twilio_refused: "Twilio refused the request. {untouched} Tell your supervisor.",
		customer_lookup_failed: "The customer record could not be fetched. {untouched} Try again in a few seconds.",
		ledger_unavailable:
			"The record of verifications cannot be written now, so nobody can be verified. Try again in a few seconds.",
		internal_error: "Something went wrong on the server. Try again; if it happens again, tell your supervisor.",
		too_many_requests: "Too many requests at once. Wait a few seconds.",
		service_down: "The verification service is not running. Tell your supervisor.",
		service_unavailable: "The verification service cannot answer now. Try again in a few seconds.",
		service_timed_out: "The verification service did not answer in time. Ask if a code arrived before you send again.",
	},

	info: {
		tabs: "Customer",
		tab_verify: "Verification",
		tab_info: "Info",
		customer: "Customer",
		task: "Contact",
		no_customer: "There is no customer record for this number.",
		no_task: "This contact carries no further details.",
		withheld: "A new code opens: {fields}.",
		more: "More proof needed",
		fresh: "Shown within {count} min of a new code.",
		channels: "Shown after codes by two ways, such as text and call.",
		ways: "Shown once verified {ways}.",
		copy: "Copy",
		copy_name: "Copy {label}",
		copied: "Copied",
		selected: "Selected, press Ctrl+C",
		yes: "Yes",
		no: "No",
		labels: {
			name: "Name",
			email: "E-mail",
			address: "Address",
			account_number: "Account number",
			customer_since: "Customer since",
			meter_number: "Meter number",
			tariff: "Tariff",
			language: "Language",
			phone: "Phone",
			iban: "Bank details",
			from: "From",
			to: "To",
			type: "Type",
			direction: "Direction",
			outbound_to: "Called number",
			call_sid: "Call SID",
			conversationSid: "Conversation SID",
			channelType: "Channel",
			customerName: "Name given",
			customerAddress: "Address given",
		},
	},

	help: {
		settings: {
			auto_check: "Check the code as soon as it is complete",
			keys: "Single keys, while no field has the cursor",
		},
		keys: {
			Enter: "what the blue button says",
			Esc: "clear the code; once more: to Cancel code",
			S: "send, or send again",
			C: "call instead",
			I: "customer info",
			X: "to Cancel code",
			N: "customer did not contact us",
			T: "for your supervisor",
			"?": "this list",
		},
		notes: [
			"Codes can be pasted with blanks or hyphens.",
			"After a correction, or after a wrong code, press Enter: every wrong code uses up a try.",
			"While the cursor is in this panel, Flex’s own keys do not work. Click outside of it to use them.",
		],
	},
};
