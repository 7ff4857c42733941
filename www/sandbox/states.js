/*
 * states: how to get the panel into each of its states, by hand.
 *
 * title    the state
 * steps    what to do once the stage is set
 * contact  the customer (customers.js) or number whose new contact it is about;
 *          rings: it is not accepted yet
 * task     or one that the sandbox has from the start, by its number
 * address  or what the panel's address has in place of a task
 * seat     whose; Ana's unless given
 * token    the panel's, where it is not that of the seat
 */
const SEND = "Send a code.";

export const GROUPS = [
	{ title: "Before the code", states: [
		{ id: "not-verified", title: "Not verified", contact: "maria", steps: ["Nothing to do: so begins every call."] },
		{ id: "ringing", title: "Not accepted yet", contact: "maria", rings: true,
			steps: ["The call rings. Accept it to go on."] },
		{ id: "not-yours", title: "Not your contact", task: 3, steps: ["The call is Ben’s. Take his seat to see it."] },
		{ id: "ended", title: "Contact ended", task: 1014, steps: ["The call is over: nothing can be sent."] },
		{ id: "no-number", title: "No number", contact: "visitor", steps: ["A web chat names no phone."] },
		{ id: "no-contact", title: "No contact chosen", address: "", steps: ["So it looks between two calls."] },
		{ id: "bad-address", title: "Address without a task", address: "?task=WT1",
			steps: ["Somebody has set the panel up wrongly."] },
	] },
	{ title: "Sending", states: [
		{ id: "landline", title: "Landline", contact: "landline",
			steps: [SEND, "The line gets no texts. Let it be called out instead."] },
		{ id: "opted-out", title: "Texts blocked", contact: "+12025550146", steps: [SEND] },
		{ id: "blocked", title: "Number blocked", contact: "+12025550147", steps: [SEND] },
		{ id: "busy", title: "Twilio busy", contact: "+12025550145", steps: [SEND] },
		{ id: "unclear", title: "Unclear", contact: "+12025550158",
			steps: [SEND, "The answer is lost; the panel asks a few times, then says so."] },
		{ id: "found-out", title: "Lost, and found out", contact: "+12025550159",
			steps: [SEND, "The answer is lost, and asking brings it back."] },
	] },
	{ title: "Waiting for the code", states: [
		{ id: "waiting", title: "Waiting for code", contact: "maria", steps: [SEND] },
		{ id: "resend-wait", title: "Resend wait", contact: "maria",
			steps: [SEND, "The next code can go a few seconds later."] },
		{ id: "sent-again", title: "Sent again", contact: "maria",
			steps: [SEND, "Once the wait is over, send it again."] },
		{ id: "not-delivered", title: "Not delivered", contact: "max",
			steps: [SEND, "Max gets no text. Let it be called out instead."] },
		{ id: "sent-before", title: "Sent before a transfer", contact: "maria",
			steps: [SEND, "Press “Hand over to Ben”, then “Accept as Ben”."] },
		{ id: "too-short", title: "Code too short", contact: "maria", steps: [SEND, "Type 123 and press Enter."] },
		{ id: "wrong", title: "Wrong code", contact: "lena", steps: [SEND, "Type what Lena reads."] },
		{ id: "last-try", title: "Last try", contact: "maria",
			steps: [SEND, "Type 111111, 222222, 333333 and 444444, each with Enter."] },
		{ id: "still-checking", title: "Still checking", contact: "+12025550171",
			steps: [SEND, "Type what the customer reads: Twilio takes twelve seconds."] },
		{ id: "canceled", title: "Code canceled", contact: "maria", steps: [SEND, "Cancel it."] },
		{ id: "locked", title: "Locked", contact: "maria",
			steps: [SEND, "Type 111111, 222222, 333333, 444444 and 555555, each with Enter."] },
		{ id: "stopped", title: "Stopped", contact: "grace",
			steps: [SEND, "Press “Customer did not contact us”, and confirm it."] },
		{ id: "expired", title: "Code expired", contact: "priya",
			steps: [SEND, "Press “10 minutes later” under the phone, then type what Priya writes."] },
	] },
	{ title: "Verified", states: [
		{ id: "verified", title: "Customer verified", contact: "maria", steps: [SEND, "Type what Maria reads."] },
		{ id: "verified-before", title: "Verified before a transfer", contact: "maria",
			steps: [`${SEND} Type what Maria reads.`, "Press “Hand over to Ben”, then “Accept as Ben”."] },
		{ id: "overridden", title: "Overridden by a supervisor", contact: "maria",
			steps: [`${SEND} Take Sam’s seat, and press “Allow without proof”.`, "Take Ana’s seat again."] },
		{ id: "ran-out", title: "Verification over", contact: "maria",
			steps: [`${SEND} Type what Maria reads.`, "Wait: here it holds for two minutes only."] },
		{ id: "no-record", title: "No customer record", contact: "+12025550130",
			steps: [SEND, "Type the code, and open the customer info."] },
		{ id: "look-up-down", title: "Record not fetched", contact: "+12025550185",
			steps: [SEND, "Type the code: verified, but the customer look-up fails."] },
		{ id: "found-verified", title: "Check lost, and found out", contact: "+12025550170",
			steps: [SEND, "Type the code: the answer is lost, and asking brings it back."] },
	] },
	{ title: "Sign-in and servers", states: [
		{ id: "signed-out", title: "Signed out", contact: "maria", token: "sandbox-expired",
			steps: ["The agent’s Flex token has run out."] },
		{ id: "not-allowed", title: "Not allowed", contact: "maria", token: "sandbox-guest",
			steps: ["The token is that of a web chat visitor."] },
		{ id: "sign-in-down", title: "Twilio down (sign-in)", contact: "maria", token: "sandbox-503",
			steps: ["Twilio cannot say whose token it is."] },
		{ id: "task-down", title: "Twilio down (contact)", task: 3503,
			steps: ["Twilio cannot say whose contact it is."] },
		{ id: "offline", title: "No connection", contact: "maria",
			steps: ["Unplug the network, or type make stop in another terminal.", "Press the blue button."] },
	] },
];

export const stateOf = (id) => GROUPS.flatMap(({ states }) => states).find((state) => state.id === id);
