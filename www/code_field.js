/*
 * code_field: the one real field, what was entered into it, and which codes
 * were refused; these are in memory only.
 */
import { EMPTY_ENTRY, checksItself, codeIn, entryProblem, nextEntry } from "./code_input.js";
import { prefers } from "./preferences.js";

/* lengthOf() is the length of a code; onInput() and onComplete() are told what the agent did. */
export function createCodeField(input, { lengthOf, onInput, onComplete }) {
	let entry = EMPTY_ENTRY;
	let refused = null; /* the entry as it was refused, untouched since */
	let rejected = new Set();

	function read() {
		const digits = codeIn(input.value, lengthOf());
		if (input.value !== digits)
			input.value = digits;
		const grown = digits.length > entry.digits.length;
		entry = nextEntry(entry, digits);
		onInput();
		if (grown && checksItself(entry, lengthOf(), rejected, prefers("auto_check")))
			onComplete();
	}

	input.addEventListener("input", read);
	if (input.value !== "")
		read(); /* the agent was faster than this module */
	return {
		get digits() {
			return entry.digits;
		},
		problem: () => (entry === refused ? "refused" : entryProblem(entry.digits, lengthOf(), rejected)),
		refuse(digits) {
			rejected.add(digits);
			refused = entry;
		},
		clear() {
			input.value = "";
			entry = nextEntry(entry, "");
		},
		/* For another code. */
		renew() {
			input.value = "";
			entry = EMPTY_ENTRY;
			rejected = new Set();
		},
		/* The field is hidden, and the code is the same. */
		leave() {
			entry = EMPTY_ENTRY;
		},
	};
}
