/*
 * clock: the server's time on this machine.
 * Agents' clocks are often wrong, so only the time since an answer is measured here.
 */

/*
 * The larger of two elapsed times counts: the monotonic clock may stand still
 * while a laptop sleeps, the wall clock may be set back.
 */
export function createClock(monotonic = () => performance.now(), wall = () => Date.now()) {
	let server = null;
	let atMonotonic = 0;
	let atWall = 0;

	return {
		/* now: as in an answer */
		sync(now) {
			const time = Date.parse(now);
			if (Number.isNaN(time))
				return;
			server = time;
			atMonotonic = monotonic();
			atWall = wall();
		},
		/* This machine's own until the first answer. */
		now() {
			if (server === null)
				return wall();
			return server + Math.max(monotonic() - atMonotonic, wall() - atWall);
		},
	};
}

const HALF_DAY_MS = 12 * 3600 * 1000;

/* "10:42", in the browser's manner if that speaks the language; with the day when that is not obvious. */
export function clockTime(iso, now, language) {
	const time = Date.parse(iso);
	if (Number.isNaN(time))
		return "";
	const manner = navigator.language.startsWith(language) ? navigator.language : language;
	const far = Math.abs(time - now) > HALF_DAY_MS;
	const form = { hour: "numeric", minute: "2-digit", ...(far ? { weekday: "short" } : {}) };
	return new Intl.DateTimeFormat(manner, form).format(time).replace(/\s/g, "\u00a0");
}

/* Whole minutes until the last one, then seconds; null once it is over. */
export function timeLeft(iso, now) {
	const seconds = Math.ceil((Date.parse(iso) - now) / 1000);
	if (!(seconds > 0))
		return null;
	return seconds > 60
		? { unit: "minutes", count: Math.ceil(seconds / 60) }
		: { unit: "seconds", count: seconds };
}

/* An absent time is never past. */
export function isPast(iso, now) {
	return Date.parse(iso) <= now;
}
