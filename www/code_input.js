/*
 * code_input: from what was typed or pasted to a code, and when it may be
 * checked without being asked.  Pure.
 */

/* Zeros of the digits people send: ASCII, Arabic-Indic, Persian, Devanagari, full-width. */
const ZEROS = [0x30, 0x660, 0x6f0, 0x966, 0xff10];

function digitOf(character) {
	const point = character.codePointAt(0);
	const zero = ZEROS.find((first) => point >= first && point <= first + 9);
	return zero === undefined ? "" : String(point - zero);
}

/* All digits of a text as ASCII; blanks, hyphens, letters and marks are dropped. */
export function digitsOf(text) {
	return Array.from(text, digitOf).join("");
}

/*
 * The code in a pasted text.  A whole message may hold other numbers ("good
 * for 10 minutes"): if exactly one group has the length of the code, it is that.
 */
export function codeIn(text, length) {
	const groups = text.split(/\p{L}+/u).map(digitsOf).filter((digits) => digits.length === length);
	return groups.length === 1 ? groups[0] : digitsOf(text);
}

/* An entry: its digits, and whether they only ever grew. */
export const EMPTY_ENTRY = Object.freeze({ digits: "", unedited: true });

export function nextEntry(entry, digits) {
	return { digits, unedited: entry.unedited && digits.startsWith(entry.digits) };
}

/* What is wrong with the digits: "empty", "length" or "repeated"; null: they can be checked. */
export function entryProblem(digits, length, rejected) {
	if (digits === "")
		return "empty";
	if (digits.length !== length)
		return "length";
	return rejected.has(digits) ? "repeated" : null;
}

/* Every wrong check costs one of few tries, so only a first, untouched entry goes by itself. */
export function checksItself(entry, length, rejected, allowed) {
	return allowed && entry.unedited && rejected.size === 0
		&& entryProblem(entry.digits, length, rejected) === null;
}
