/*
 * keypad: a phone that does what TwiML says, as Twilio would: the caller hears
 * what is said and keys in digits, and the call ends at the agents, or goes back
 * to the one who has it.
 *
 * The sandbox signs the requests; /verify-call answers them as it does Twilio's.
 */
import { button, part, setText } from "./page.js";
import * as sandbox from "./sandbox.js";

const KEYS = "123456789*0#";
const WEBHOOK = "../verify-call";

const parts = { phone: part("keypad"), says: part("keypad-says"), keyed: part("keypad-keyed"), keys: part("keypad-keys"),
	hang: part("keypad-hang") };

const HANGS_UP = null;
const GETS_ANOTHER = undefined; /* document, by the agent */

let press = () => {}; /* what a key does now, or one of these */
let calls = 0;        /* so many documents were begun; the last one has the phone */

parts.keys.append(...Array.from(KEYS, (key) => button("act", key, () => press(key))));
parts.hang.addEventListener("click", () => press(HANGS_UP));
document.addEventListener("keydown", ({ key, ctrlKey, altKey, metaKey }) => {
	if (!parts.phone.hidden && KEYS.includes(key) && !ctrlKey && !altKey && !metaKey)
		press(key);
});

const say = ({ textContent: words }) => setText(parts.says, words);

const pause = (seconds) => new Promise((done) => {
	setTimeout(done, seconds * 1000);
});

/* Waits for digits as <Gather> does; its finish key is none of them. */
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
			if (key === HANGS_UP || key === GETS_ANOTHER || key === finish)
				return end(key === finish ? digits : key);
			digits += key;
			setText(parts.keyed, "•".repeat(digits.length));
			return digits.length === count ? end(digits) : wait();
		};
		wait();
	});
}

/* Where a verb sends the call next: the query of an address of ours. */
const queryOf = (address) => new URL(address, document.baseURI).search;

/* Does what one document says: { query, digits } to ask again, { task }, { conference }, or {} at the end. */
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
		case "Dial": {
			const room = verb.querySelector("Conference");
			return { conference: room.textContent, ends: room.getAttribute("endConferenceOnExit") ?? "false" };
		}
		case "Gather": {
			[...verb.children].filter(({ tagName }) => tagName === "Say").forEach(say);
			const digits = await gather(verb);
			if (digits === HANGS_UP || digits === GETS_ANOTHER)
				return { over: digits === HANGS_UP };
			if (digits !== "" || verb.getAttribute("actionOnEmptyResult") === "true")
				return { query: queryOf(verb.getAttribute("action")), digits };
			break;
		}
		default:
			return {};
		}
	}
	return {};
}

/* What is keyed in goes to where a document says, and so on to the last one; resolves to what that says. */
async function converse(from, call, first) {
	let next = first;
	while (next.query !== undefined) {
		const { query, digits } = next;
		const signed = await sandbox.signCall({ from, query, ...(digits !== undefined && { digits }), ...(call && { call }) });
		({ call } = signed);
		const answer = await sandbox.askTwiml(`${WEBHOOK}${signed.query}`, signed);
		next = await follow(answer.documentElement.children);
	}
	return { call, ...next };
}

/* The phone is in sight while something is asked and answered. */
async function show(work) {
	const mine = ++calls;
	press(GETS_ANOTHER);
	parts.phone.hidden = false;
	try {
		return await work();
	} finally {
		if (mine === calls) {
			parts.phone.hidden = true;
			press = () => {};
		}
	}
}

/* A call comes in; resolves to the task that is made of it, or null. */
export function ring({ from, name, worker }) {
	setText(parts.says, "Calling…");
	return show(async () => {
		const { call, task } = await converse(from, undefined, { query: "" });
		return task === undefined ? null : sandbox.enqueueCall(call, { worker, from, name, task });
	});
}

/* The leg of a call that an agent has was given a document. */
export function obey({ call, from }, { name, worker }) {
	return show(async () => {
		const given = await sandbox.documentOf(call);
		const { task, conference, ends, over } = await converse(from, call, await follow(given.documentElement.children));
		if (conference !== undefined)
			await sandbox.actOnLeg(call, { action: "join", conference, ends });
		else if (task !== undefined)
			await sandbox.enqueueCall(call, { worker, from, name, task });
		else if (over)
			await sandbox.actOnLeg(call, { action: "hang_up" });
	});
}
