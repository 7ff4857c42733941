/* days: the supervisor's own days, from midnight to midnight where he is.  Pure. */

const two = (number) => String(number).padStart(2, "0");

/* "2026-11-22" */
export function dateOf(time) {
	const at = new Date(time);
	return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

function midnight(date, days = 0) {
	const [year, month, day] = date.split("-").map(Number);
	return new Date(year, month - 1, day + days);
}

export const shifted = (date, days) => dateOf(midnight(date, days));

/* To the second, as the server reads times. */
const iso = (at) => `${at.toISOString().slice(0, 19)}Z`;

/* Its first moment, and the first that is not its own: 23, 24 or 25 hours. */
export const rangeOf = (date) => ({ from: iso(midnight(date)), to: iso(midnight(date, 1)) });
