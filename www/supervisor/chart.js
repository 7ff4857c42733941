/*
 * chart: the hours as a picture: a bar for what was begun, its lower part
 * verified, and below it the time that half of them took.  Who cannot see it
 * has the table beside it.
 */
import { make, makeSvg } from "./dom.js";
import { formatsOf } from "./figures.js";
import { fill } from "../text.js";

/* Pixels. */
const LEFT = 34, RIGHT = 8, TOP = 22, BARS = 150, BETWEEN = 34, LINE = 64, BOTTOM = 24;
const HEIGHT = TOP + BARS + BETWEEN + LINE + BOTTOM;
const FLOOR = TOP + BARS;
const LINE_FLOOR = FLOOR + BETWEEN + LINE;
const BAR_MAX = 44;

/* Narrower bars have no figures above them, and not every one its hour below. */
const FIGURES_FROM = 30;
const HOUR_LABEL = 42;

const STEPS = [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10];

/* 10, 12, 16, 20, 30 ...: at least what is given. */
function niceTop(value) {
	const power = 10 ** Math.floor(Math.log10(value));
	return STEPS.map((step) => step * power).find((top) => top >= value);
}

function scale(hours, width) {
	const slot = (width - LEFT - RIGHT) / hours.length;
	const most = niceTop(Math.max(...hours.map(({ begun }) => begun), 4));
	const slowest = niceTop(Math.max(...hours.map(({ median_seconds: s }) => s ?? 0), 10));
	return {
		slot, most, slowest,
		bar: Math.min(BAR_MAX, slot * 0.66),
		x: (index) => LEFT + slot * (index + 0.5),
		y: (count) => FLOOR - BARS * count / most,
		ySeconds: (count) => LINE_FLOOR - LINE * count / slowest,
	};
}

const text = (x, y, className, words) => makeSvg("text", { x, y, class: className, text: words });
const line = (x1, y1, x2, y2, className) => makeSvg("line", { x1, y1, x2, y2, class: className });

function axes({ most, slowest, y, ySeconds }, width, seconds) {
	const grid = (at, words) => [line(LEFT, at, width - RIGHT, at, "chart__grid"), text(LEFT - 6, at + 4, "chart__axis", words)];
	return [0, most / 2, most].flatMap((count) => grid(y(count), Number.isInteger(count) ? String(count) : ""))
		.concat([0, slowest].flatMap((count) => grid(ySeconds(count), seconds(count))));
}

function bar(hour, x, { bar: width, y }, formats, figures) {
	const left = x - width / 2;
	const rect = (from, to, className) =>
		makeSvg("rect", { x: left, y: y(to), width, height: Math.max(y(from) - y(to), 0), class: className });
	const parts = [];
	if (hour.begun > hour.approved)
		parts.push(rect(hour.approved, hour.begun, "chart__other"));
	if (hour.approved > 0)
		parts.push(rect(0, hour.approved, "chart__verified"));
	if (figures && hour.begun > 0)
		parts.push(text(x, y(hour.begun) - 6, "chart__rate", formats.percent(hour.pass_rate)));
	if (hour.overrides > 0)
		parts.push(makeSvg("path", { class: "chart__override",
			d: `M${x} ${FLOOR + 4}l6 9h-12z` }), text(x + 9, FLOOR + 13, "chart__mark", String(hour.overrides)));
	return parts;
}

/* Dots, joined where hours follow each other. */
function medians(hours, { x, ySeconds, slot }, formats) {
	const at = hours.map(({ median_seconds: s }, index) => (s === null ? null : [x(index), ySeconds(s)]));
	const joined = at.flatMap((point, index) => (index > 0 && point !== null && at[index - 1] !== null
		? [line(...at[index - 1], ...point, "chart__line")] : []));
	const dots = at.flatMap((point, index) => (point === null ? [] : [
		makeSvg("circle", { cx: point[0], cy: point[1], r: 3.5, class: "chart__dot" }),
		...(slot >= FIGURES_FROM ? [text(point[0], point[1] - 8, "chart__rate", formats.seconds(hours[index].median_seconds))] : []),
	]));
	return [...joined, ...dots];
}

const LEGEND = [["verified", "verified"], ["other", "other"], ["median", "median"], ["overrides", "overrides"]];

export function fillLegend(list, { chart }) {
	list.replaceChildren(...LEGEND.map(([name, words]) =>
		make("li", {}, [make("span", { class: `legend__mark legend__mark--${name}` }), document.createTextNode(chart[words])])));
}

function summaryOf(total, { chart, tiles }, formats) {
	if (total.begun === 0)
		return chart.nothing;
	const seconds = formats.seconds(total.median_seconds);
	return fill(chart.summary, { approved: total.approved, begun: total.begun, rate: formats.percent(total.pass_rate),
		median: seconds === null ? tiles.none : fill(chart.seconds, { count: seconds }) });
}

export function createChart(svg, strings) {
	const formats = formatsOf(strings.language);
	let shown = { hours: [], total: { begun: 0 } };

	function draw() {
		const { hours, total } = shown;
		const width = Math.max(Math.floor(svg.parentElement.clientWidth - 2 * 14), 240);
		svg.setAttribute("aria-label", summaryOf(total, strings, formats));
		svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
		svg.setAttribute("height", HEIGHT);
		if (hours.length === 0)
			return svg.replaceChildren(text(width / 2, HEIGHT / 2, "chart__nothing", strings.chart.nothing));
		const to = scale(hours, width);
		const every = Math.ceil(HOUR_LABEL / to.slot);
		svg.replaceChildren(
			...axes(to, width, (count) => formats.seconds(count)),
			...hours.flatMap((hour, index) => bar(hour, to.x(index), to, formats, to.slot >= FIGURES_FROM)),
			...medians(hours, to, formats),
			...hours.flatMap((hour, index) => (index % every === 0
				? [text(to.x(index), HEIGHT - 6, "chart__hour", formats.hour(hour.from))] : [])),
		);
	}

	new ResizeObserver(draw).observe(svg.parentElement);
	return {
		render(hours, total) {
			shown = { hours, total };
			draw();
		},
	};
}
