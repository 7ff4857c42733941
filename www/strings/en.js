/*
 * The words of a page that was just opened, in English; en_more.js has those
 * that are needed from then on.  {names} are filled in by text.js.
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
		not_verified: {
			badge: "Not verified",
			text: ["A code can be sent to this contact. The customer then reads it to you."],
			say: "“I’ll send you a code. Read it to me only if you contacted us.”",
			say_on_file: "“I’ll send a code to the number on file. Read it to me only if you contacted us.”",
		},
		sending: { badge: "Sending…" },
		offline: {
			badge: "No connection",
			text: ["Server connection failed.", "Nothing is lost: the server keeps the state."],
		},
	},

	/* No answer. */
	connection_lost: "Server connection failed.",

	channels: {
		sms: { send: "Send code by text", instead: "Text instead" },
		call: { send: "Call with the code", instead: "Call instead" },
		whatsapp: { send: "Send code by WhatsApp", instead: "WhatsApp instead" },
		email: { send: "Send code by e-mail", instead: "E-mail instead" },
		other: { send: "Send code", instead: "Other way" },
	},

	actions: {
		stop: "Customer did not contact us",
		retry: "Try again",
		tell: "Tell your supervisor",
		sign_in: "Sign in",
	},

	busy: {
		start: "Sending…",
		status: "Asking…",
	},

	number: {
		spoken: "Number ending {ending}",
		true: "The caller’s number is the one on file.",
		false: "The caller is not on the number on file.",
	},
	code_label: "Code from the customer",
	locale: { label: "Message language", default: "By the customer’s country" },
	someone: "another agent",

	say: {
		title: "Say to the customer",
	},

	help_title: "Keys and help",
	tell: {
		title: "For your supervisor",
		reference: "Reference",
		task: "Contact",
	},
};
