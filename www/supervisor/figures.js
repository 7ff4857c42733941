/* figures: the tiles, and the hours as a table. */
import { make, setAttribute, setText } from "./dom.js";
import { fill } from "../text.js";

const HOUR_COLUMNS = ["begun", "approved", "pass_rate", "median_seconds", "codes", "wrong_codes", "locks", "overrides",
	"stops", "unlocks"];

/* So that one busy hour is seen as one of a day. */
const HOURS_LEAST = 8;

export function formatsOf(language) {
	const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
	const seconds = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
	const hour = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit", hourCycle: "h23" });
	return {
		percent: (rate) => (rate === null ? null : percent.format(rate)),
		seconds: (count) => (count === null ? null : seconds.format(count < 10 ? count : Math.round(count))),
		hour: (iso) => hour.format(Date.parse(iso)),
	};
}

/* [name, value or null, words under it, tone] */
function tilesOf({ total, open, closed }, words, strings, formats) {
	const seconds = formats.seconds(total.median_seconds);
	return [
		["approved", String(total.approved), fill(words.approved_of, { count: total.begun })],
		["pass_rate", formats.percent(total.pass_rate), words.pass_rate_of],
		["median", seconds === null ? null : fill(strings.chart.seconds, { count: seconds }), words.median_of],
		["open", open === null ? null : String(open), words.open_of],
		["closed", String(closed), words.closed_of, closed > 0 ? "bad" : "neutral"],
		["overrides", String(total.overrides), words.overrides_of, total.overrides > 0 ? "alarm" : "neutral"],
	];
}

export function createTiles(list, strings) {
	const formats = formatsOf(strings.language);
	const nodes = new Map();

	function tile(name) {
		const parts = { name: make("dt", { text: strings.tiles[name] }), value: make("dd", { class: "tile__value digits" }),
			of: make("dd", { class: "tile__of" }) };
		parts.root = make("div", { class: "tile", "data-tile": name }, [parts.name, parts.value, parts.of]);
		list.append(parts.root);
		nodes.set(name, parts);
		return parts;
	}

	return {
		/* { total, open, closed }; open is null on a day that is over. */
		render(figures) {
			for (const [name, value, of, tone = "neutral"] of tilesOf(figures, strings.tiles, strings, formats)) {
				const parts = nodes.get(name) ?? tile(name);
				setText(parts.value, value ?? strings.tiles.none);
				setText(parts.of, of);
				setAttribute(parts.root, "data-tone", tone);
			}
		},
	};
}

/* Hours before the first and after the last in which something happened say nothing. */
export function busyHours(hours, now) {
	const busy = (hour) => hour.begun + hour.overrides + hour.stops + hour.unlocks > 0;
	const isNow = (hour) => Date.parse(hour.from) <= now && now < Date.parse(hour.to);
	const first = hours.findIndex((hour) => busy(hour) || isNow(hour));
	const last = hours.findLastIndex((hour) => busy(hour) || isNow(hour));
	return first < 0 ? [] : hours.slice(Math.max(Math.min(first, last + 1 - HOURS_LEAST), 0), last + 1);
}

export function createHours(head, body, strings) {
	const formats = formatsOf(strings.language);
	const words = strings.figures;

	head.replaceChildren(...["hour", ...HOUR_COLUMNS].map((name) => make("th", { scope: "col", text: words[name] })));

	const valueOf = (hour, name) => {
		if (name === "pass_rate")
			return formats.percent(hour.pass_rate) ?? strings.tiles.none;
		if (name === "median_seconds")
			return hour.median_seconds === null ? strings.tiles.none
				: fill(strings.chart.seconds, { count: formats.seconds(hour.median_seconds) });
		return String(hour[name]);
	};
	const row = (label, hour, className) => make("tr", { class: className },
		[make("th", { scope: "row", text: label }), ...HOUR_COLUMNS.map((name) => make("td", { text: valueOf(hour, name) }))]);

	return {
		render: (hours, total) => body.replaceChildren(
			...hours.map((hour) => row(formats.hour(hour.from), hour)), row(words.total, total, "figures__total")),
	};
}
