/*
 * code_field: the one real field, what was entered into it, and which codes
 * were refused; these are in memory only.
 */
import { EMPTY_ENTRY, checksItself, codeIn, entryProblem, nextEntry } from "./code_input.js";
import { prefers } from "./preferences.js";

/*
 * lengthOf() is the length of a code; send(code, seen) has it checked and shows
 * seen() the answer; onEntry(kind, entered) is told what is wrong with an entry,
 * null: nothing any more; focusNext() goes to where the agent goes on.
 */
export function createCodeField(input, { lengthOf, send, onEntry, focusNext }) {
	let entry = EMPTY_ENTRY;
	let refused = null; /* the entry as it was refused, untouched since */
	let rejected = new Set();
	let complained = false;

	function read() {
		const digits = codeIn(input.value, lengthOf());
		if (input.value !== digits)
			input.value = digits;
		const grown = digits.length > entry.digits.length;
		entry = nextEntry(entry, digits);
		if (complained)
			onEntry(null);
		complained = false;
		if (grown && checksItself(entry, lengthOf(), rejected, prefers("auto_check")))
			check();
	}

	function check() {
		const { digits } = entry;
		const problem = entryProblem(digits, lengthOf(), rejected);
		if (entry === refused) {
			focusNext(); /* Enter out of habit, after the code had checked itself */
			return;
		}
		if (problem !== null) {
			complained = true;
			onEntry(problem, digits.length);
			return;
		}
		send(digits, (answer) => {
			if (answer.body?.code === "wrong_code") {
				rejected.add(digits);
				refused = entry;
			}
			return answer;
		});
	}

	input.addEventListener("input", read);
	if (input.value !== "")
		read(); /* the agent was faster than this module */
	return {
		check,
		clear() {
			input.value = "";
			entry = nextEntry(entry, "");
		},
		/* Would a complete entry be checked without Enter? */
		checksItself: () => entry.unedited && rejected.size === 0 && prefers("auto_check"),
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
