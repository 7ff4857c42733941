/*
 * keypad: a phone that does what TwiML says, as Twilio would: the caller hears
 * what is said and keys in digits, and the call ends at the agents.
 *
 * The sandbox signs the requests; /verify-call answers them as it does Twilio's.
 */
import { button, part, setText } from "./page.js";
import * as sandbox from "./sandbox.js";

const KEYS = "123456789*0#";
const WEBHOOK = "../verify-call";

const parts = { phone: part("keypad"), says: part("keypad-says"), keyed: part("keypad-keyed"), keys: part("keypad-keys"),
	hang: part("keypad-hang") };

let press = () => {}; /* what a key does now; null: the caller hangs up */

parts.keys.append(...Array.from(KEYS, (key) => button("act", key, () => press(key))));
parts.hang.addEventListener("click", () => press(null));
document.addEventListener("keydown", ({ key, ctrlKey, altKey, metaKey }) => {
	if (!parts.phone.hidden && KEYS.includes(key) && !ctrlKey && !altKey && !metaKey)
		press(key);
});

const say = ({ textContent: words }) => setText(parts.says, words);

const pause = (seconds) => new Promise((done) => {
	setTimeout(done, seconds * 1000);
});

/* Waits for digits as <Gather> does; its finish key is none of them.  null: hung up. */
function gather(verb) {
	const count = Number(verb.getAttribute("numDigits") ?? Infinity);
	const finish = verb.getAttribute("finishOnKey") ?? "#";
	const seconds = Number(verb.getAttribute("timeout") ?? 5);
	let digits = "", timer = 0;
	return new Promise((resolve) => {
		const end = (result) => {
			clearTimeout(timer);
			press = () => {};
			setText(parts.keyed, "");
			resolve(result);
		};
		const wait = () => {
			clearTimeout(timer);
			timer = setTimeout(() => end(digits), seconds * 1000);
		};
		press = (key) => {
			if (key === null || key === finish)
				return end(key === null ? null : digits);
			digits += key;
			setText(parts.keyed, "•".repeat(digits.length));
			return digits.length === count ? end(digits) : wait();
		};
		wait();
	});
}

/* Where a verb sends the call next: the query of an address of ours. */
const queryOf = (address) => new URL(address, document.baseURI).search;

/* Does what one document says: { query, digits } to ask again, { task }, or {} at the end. */
async function follow(verbs) {
	for (const verb of verbs) {
		switch (verb.tagName) {
		case "Say":
			say(verb);
			break;
		case "Pause":
			await pause(Number(verb.getAttribute("length") ?? 1));
			break;
		case "Redirect":
			return { query: queryOf(verb.textContent) };
		case "Enqueue":
			return { task: verb.querySelector("Task")?.textContent ?? "{}" };
		case "Gather": {
			[...verb.children].filter(({ tagName }) => tagName === "Say").forEach(say);
			const digits = await gather(verb);
			if (digits === null)
				return {};
			if (digits !== "")
				return { query: queryOf(verb.getAttribute("action")), digits };
			break;
		}
		default:
			return {};
		}
	}
	return {};
}

/* The first answer gives the call its SID; resolves to the task that is made of it, or null. */
async function converse({ from, name, worker }) {
	let next = { query: "" }, call;
	while (next.query !== undefined) {
		const signed = await sandbox.signCall({ from, ...next, ...(call && { call }) });
		({ call } = signed);
		const document_ = await sandbox.askTwiml(`${WEBHOOK}${signed.query}`, signed);
		next = await follow(document_.documentElement.children);
	}
	return next.task === undefined ? null : sandbox.enqueueCall(call, { worker, from, name, task: next.task });
}

/* A call comes in. */
export async function ring(caller) {
	setText(parts.says, "Calling…");
	parts.phone.hidden = false;
	try {
		return await converse(caller);
	} finally {
		parts.phone.hidden = true;
		press = () => {};
	}
}
