/*
 * answers: what customer-info says in states that take a supervisor, a policy
 * or much time to come about, in the words of cgi-bin/README.md.
 */
const MINUTE = 60000;
const at = (milliseconds) => `${new Date(Date.now() + milliseconds).toISOString().slice(0, 19)}Z`;

const CONTACT = { to: "+1********01", ending: "01", channels: ["sms", "call"] };
const SENT = { reference: "4be1c2d3", code_length: 6, channel: "sms", to: "+1********01", ending: "01",
	get sent_at() { return at(-3 * MINUTE); }, sent_by: "Ana" };
const DATA = { customer: { name: "Maria Santos", account_number: "EX-100101" }, task: { name: "Maria Santos" } };

const answer = (verification, more = {}) => ({ message: "State of the verification.", contact: CONTACT,
	verification: { ...SENT, ...verification }, ...more });

const approved = (verification = {}, more = { ...DATA, withheld: [] }) => answer({ state: "approved",
	approved_at: at(-2 * MINUTE), approved_until: at(13 * MINUTE), approved_by: "Ana", by_you: true, ...verification },
more);

export const ANSWERS = {
	"verified by another": () => approved({ by_you: false, approved_by: "Ben" }),
	"verified before the call": () => approved({ by_you: false, approved_by: "Keypad", keyed_in: "before" }),
	"verified, without the role to see": () => approved({}, {}),
	"own code needed": () => approved({ by_you: false, approved_by: "Ben", needs_own_code: true }, {}),
	"verified, a field withheld": () => approved({}, { ...DATA, withheld: [{ field: "iban", fresh_minutes: 5 }] }),
	"verified, fields withheld": () => approved({}, { ...DATA,
		withheld: [{ field: "iban", fresh_minutes: 5, channels: 2 }, { field: "tax_id", channels: 2 }] }),
	"verified, ends soon": () => approved({ approved_at: at(-13.5 * MINUTE), approved_until: at(1.5 * MINUTE) }),
	"verified, no record": () => approved({}, { customer: null, task: {}, withheld: [] }),
	"overridden": () => answer({ state: "overridden", overridden_at: at(-MINUTE), overridden_until: at(14 * MINUTE),
		overridden_by: "Sam", override_reason: "Phone lost, known to the branch" }, { ...DATA, withheld: [] }),
	"stopped": () => answer({ state: "stopped", stopped_at: at(-MINUTE), stopped_by: "Ana" }),
	"locked for good": () => answer({ state: "locked" }),
	"expired": () => answer({ state: "expired", expires_at: at(-MINUTE) }),
	"verification over": () => answer({ state: "not_verified", approved_until: at(-MINUTE) }),
	"ended": () => answer({ state: "canceled", approved_at: at(-2 * MINUTE) }),
	"sending elsewhere": () => answer({ state: "sending", sent_by: "Ben" }),
	"checking elsewhere": () => answer({ state: "checking", expires_at: at(7 * MINUTE), checks_left: 4, sends_left: 4 }),
	"code out from another": () => answer({ state: "pending", sent_by: "Ben", by_you: false,
		expires_at: at(7 * MINUTE), checks_left: 5, sends_left: 4 }),
	"code out, last try": () => answer({ state: "pending", by_you: true, expires_at: at(7 * MINUTE), checks_left: 1,
		sends_left: 4 }),
	"code out by e-mail": () => answer({ state: "pending", by_you: true, channel: "email", to: "m***@e***.com",
		ending: "", expires_at: at(7 * MINUTE), checks_left: 5, sends_left: 4 }, {
		contact: { ...CONTACT, email: "m***@e***.com", channels: ["sms", "call", "email"] } }),
	"unclear": () => answer({ state: "unclear", expires_at: at(7 * MINUTE), checks_left: 4, sends_left: 4 }),
	"on the number on file": () => ({ contact: { ...CONTACT, caller_matches: true, email: "m***@e***.com",
		channels: ["sms", "call", "whatsapp", "email"] }, verification: { state: "not_verified", code_length: 6 } }),
	"not on the number on file": () => ({ contact: { ...CONTACT, caller_matches: false, channels: ["call"] },
		verification: { state: "not_verified", code_length: 6 } }),
};
