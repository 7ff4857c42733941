/*
 * customers: who can call, and what each says when: from what arrived on the
 * phone and the sandbox's time alone.  Pure.
 *
 * habit   what this customer does with a code, a key of HABITS
 * about   the habit in a few words, for the list of customers
 * first   the first words of the contact
 */
const CODE_LIFE_MS = 600000;

export const CUSTOMERS = [
	{ id: "maria", name: "Maria Santos", from: "+12025550101", channel: "voice",
		habit: "right", about: "reads the code right",
		first: "Hello, this is Maria Santos. I’d like to change my tariff." },
	{ id: "lena", name: "Lena Fischer", from: "+12025550107", channel: "voice",
		habit: "wrong", about: "reads it wrong at first",
		first: "Fischer here, good morning. What do I owe you this month?" },
	{ id: "priya", name: "Priya Nair", from: "whatsapp:+12025550105", channel: "whatsapp",
		habit: "late", about: "answers too late",
		first: "Hi! Can you send me my last bill?" },
	{ id: "max", name: "Max Mustermann", from: "+12025550165", channel: "voice",
		habit: "right", about: "never gets the text",
		first: "Mustermann. I am moving out and need the meter reading." },
	{ id: "grace", name: "Grace Adeyemi", from: "+12025550104", channel: "voice", direction: "outbound",
		habit: "stranger", about: "did not contact us",
		first: "Adeyemi. Who is calling, please?" },
	{ id: "jonas", name: "Jonas Weber", from: "+12025550102", channel: "sms",
		habit: "right", about: "writes it in a chat",
		first: "hello, is my new contract there yet?" },
];

/* Reached by the list of states only. */
const OTHERS = [
	{ id: "landline", from: "+12025550140", channel: "voice", habit: "right",
		first: "Hello, I am calling from the telephone in the hall." },
	{ id: "visitor", name: "Website visitor", from: "web-3f9c1e", channel: "web", habit: "right",
		first: "Hi, I have a question about my account." },
];

const STRANGER = { habit: "right", first: "Hello, I have a question about my account." };

const numberOf = (address) => address?.replace(/^[a-z]+:/, "") ?? "";

export const customerOf = (id) => [...CUSTOMERS, ...OTHERS].find((one) => one.id === id);

/* Who is at the other end of a task; a number without a story of its own reads its codes right. */
export const customerAt = (address) => [...CUSTOMERS, ...OTHERS]
	.find(({ from }) => numberOf(from) === numberOf(address)) ?? STRANGER;

/* Two digits change places; with all of them the same, the last is another one. */
export function misread(code) {
	const digits = Array.from(code);
	for (let i = digits.length - 1; i > 0; i--) {
		if (digits[i] === digits[i - 1])
			continue;
		[digits[i - 1], digits[i]] = [digits[i], digits[i - 1]];
		return digits.join("");
	}
	return code.slice(0, -1) + (Number(code.at(-1)) + 1) % 10;
}

const WAYS = {
	sms: (digits) => `The text says ${digits}.`,
	call: (digits) => `A voice said ${digits}.`,
	whatsapp: (digits) => `It says ${digits}.`,
	email: (digits) => `The e-mail says ${digits}.`,
};

function reads({ channel, code }, { written }) {
	const digits = written ? code : Array.from(code).join(" ");
	return (WAYS[channel] ?? WAYS.sms)(digits);
}

const HABITS = {
	right: reads,
	wrong: (message, contact) => (message.checks === 0
		? reads({ ...message, code: misread(message.code) }, contact)
		: `Oh, I need my glasses. ${reads(message, contact)}`),
	late: (message, contact) => {
		const since = contact.now - Date.parse(message.date_created);
		const first = contact.messages.every(({ sid }) => sid === message.sid);
		if (first && since < CODE_LIFE_MS)
			return "brb, someone is at the door";
		return first ? `sorry, that took a while! ${reads(message, contact)}` : reads(message, contact);
	},
	stranger: () => "A code? I did not contact you, and I won’t read you anything.",
};

/*
 * What the customer says now.  contact: { status of the reservation, written
 * (not spoken), held (on the way to another agent), messages of this contact (the
 * newest first), now }
 */
export function speechOf(customer, contact) {
	const [newest] = contact.messages;
	if (contact.status === "pending" || contact.held)
		return "";
	if (contact.status !== "accepted")
		return "Goodbye.";
	if (newest === undefined)
		return customer.first;
	if (newest.status === "approved")
		return "Wonderful, thank you.";
	if (newest.status === "canceled")
		return customer.habit === "stranger" ? "Good. I will keep it to myself." : "All right, I’ll forget that code.";
	if (!newest.delivered)
		return "No, nothing has come. There is hardly any signal here.";
	if (newest.code === null)
		return customer.habit === "stranger" ? "A link? I am not talking to you. Let me say so there."
			: "There is a link. Let me open it.";
	return HABITS[customer.habit](newest, contact);
}
