/*
 * drawing: a dashboard of Grafana's format as a page of HTML with SVG, for the
 * kinds of panels, units and options that ours has.
 */
const COLUMN = 38, ROW = 24, GAP = 8; /* px; a dashboard is 24 columns wide */
const COLORS = ["#73bf69", "#f2cc0c", "#5794f2", "#ff780a", "#f2495c", "#b877d9", "#37872d", "#fade2a", "#1f60c4", "#fa6400",
	"#c4162a", "#8f3bb8", "#96d98d", "#8ab8ff", "#ffa6b0", "#ca95e5"];
const STATES = { green: "#37872d", orange: "#e0752d", red: "#c4162a" };

const escaped = (text) => String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const rounded = (number) => Number(number.toPrecision(2));

const UNITS = {
	short: (value) => String(rounded(value)),
	percentunit: (value) => `${rounded(value * 100)} %`,
	cpm: (value) => `${rounded(value)} /min`,
	reqps: (value) => `${rounded(value)} /s`,
	s: (value) => (value > 0 && value < 1 ? `${rounded(value * 1000)} ms` : `${rounded(value)} s`),
};

const unitOf = ({ fieldConfig }) => UNITS[fieldConfig.defaults.unit];

/* ---- One number ---- */

function stat(panel, series, { width, height }) {
	const value = series[0].points.at(-1)[1];
	const { color } = panel.fieldConfig.defaults.thresholds.steps.findLast((step) => step.value === null || value >= step.value);
	return `<svg width="${width}" height="${height}"><rect width="100%" height="100%" fill="${STATES[color]}" rx="2"/>
		<text x="50%" y="50%" class="stat">${escaped(unitOf(panel)(value))}</text></svg>`;
}

/* ---- Lines ---- */

/* Each on top of those before it; [time, from, to]. */
function piled(series) {
	const heights = new Map();
	return series.map(({ name, points }) => ({ name, points: points.map(([time, value]) => {
		const from = heights.get(time) ?? 0;
		heights.set(time, from + value);
		return [time, from, from + value];
	}) }));
}

/* A number of 1, 2 or 5 and zeros, so that four of them are enough. */
function stepFor(most) {
	const size = 10 ** Math.floor(Math.log10(most / 4));
	return [1, 2, 5, 10].map((times) => times * size).find((step) => step * 4 >= most);
}

/* Where nothing is known, a line ends, and another one begins. */
function pieces(points) {
	return points.reduce((all, point) => {
		const last = all.at(-1);
		if (last !== undefined && point[0] - last.at(-1)[0] <= 2)
			last.push(point);
		else
			all.push([point]);
		return all;
	}, []);
}

function lines(panel, found, { width, height }, [begin, end]) {
	const stacked = panel.fieldConfig.defaults.custom.stacking.mode === "normal";
	const series = stacked ? piled(found) : found.map(({ name, points }) =>
		({ name, points: points.map(([time, value]) => [time, 0, value]) }));
	const most = Math.max(...series.flatMap(({ points }) => points.map(([, , to]) => to))) || 1;
	const step = stepFor(most), left = 62, right = width - 16, bottom = height - 18;
	const x = (time) => (left + (time - begin) / (end - begin) * (right - left)).toFixed(1);
	const y = (value) => (bottom - value / (Math.ceil(most / step) * step) * (bottom - 6)).toFixed(1);
	const levels = Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => i * step);
	const moments = Array.from({ length: Math.floor((end - begin) / 30) + 1 }, (_, i) => begin + i * 30);
	const grid = [
		...levels.map((level) => `<line x1="${left}" x2="${right}" y1="${y(level)}" y2="${y(level)}" class="grid"/>
			<text x="${left - 5}" y="${y(level)}" class="level">${escaped(unitOf(panel)(level))}</text>`),
		...moments.map((time) => `<line x1="${x(time)}" x2="${x(time)}" y1="6" y2="${bottom}" class="grid"/>
			<text x="${x(time)}" y="${height - 6}" class="moment">${time - begin} s</text>`),
	];
	const drawn = series.flatMap(({ points }, i) => pieces(points).map((piece) => {
		const top = piece.map(([time, , to]) => `${x(time)},${y(to)}`);
		const under = piece.map(([time, from]) => `${x(time)},${y(from)}`).reverse();
		return `<polygon points="${[...top, ...under].join(" ")}" fill="${COLORS[i % COLORS.length]}" opacity="0.12"/>
			<polyline points="${top.join(" ")}" stroke="${COLORS[i % COLORS.length]}" class="line"/>`;
	}));
	return `<svg width="${width}" height="${height}">${grid.join("")}${drawn.join("")}</svg>`;
}

/* What is 0 all the time would hide the others, and their names would leave no place for the lines. */
function moving(series) {
	const found = series.filter(({ points }) => points.some(([, value]) => value > 0));
	return { series: found, names: [...found.map(({ name }) => name),
		...(found.length < series.length ? [`${series.length - found.length} more at 0`] : [])] };
}

function legend(names, count) {
	const color = (i) => (i < count ? COLORS[i % COLORS.length] : "#fff");
	return `<div class="legend">${names.map((name, i) => `<span><i style="background:${color(i)}"></i>${escaped(name)}</span>`).join("")}</div>`;
}

/* ---- The page ---- */

/* As many lines as the names will take. */
const legendHeight = (names, width) => Math.ceil(names.reduce((sum, name) => sum + name.length * 6 + 26, 0) / width) * 14 + 2;

function graph(panel, all, { width, height }, span) {
	const { series, names } = moving(all);
	return lines(panel, series, { width, height: height - legendHeight(names, width) }, span) + legend(names, series.length);
}

function panelOf({ panel, series }, span) {
	const { x, y, w, h } = panel.gridPos;
	const width = w * COLUMN - GAP - 18, height = h * ROW - GAP - 32;
	const content = panel.type === "stat" ? stat(panel, series, { width, height: height - 8 }) :
		graph(panel, series, { width, height }, span);
	return `<section style="left:${x * COLUMN}px;top:${y * ROW}px;width:${w * COLUMN - GAP}px;height:${h * ROW - GAP}px">
		<h2 class="of-${panel.type}">${escaped(panel.title)}</h2>${content}</section>`;
}

const STYLE = `body { margin: 8px 0 0 8px; background: #f4f5f5; font: 11px "DejaVu Sans", sans-serif; color: #24292e; position: relative; }
	section { position: absolute; box-sizing: border-box; background: #fff; border: 1px solid #d8d9da; border-radius: 2px; padding: 4px 8px; overflow: hidden; }
	h2 { font-size: 12px; margin: 0 0 4px; } .of-stat { font-size: 9px; font-weight: 600; height: 24px; } svg { display: block; } text { font-size: 10px; fill: #52585e; }
	.stat { font-size: 24px; fill: #fff; text-anchor: middle; dominant-baseline: central; } .grid { stroke: #e9e9ea; }
	.level { text-anchor: end; dominant-baseline: central; } .moment { text-anchor: middle; } .line { fill: none; stroke-width: 1.2; }
	.legend { font-size: 10px; line-height: 14px; } .legend span { margin-right: 10px; white-space: nowrap; }
	.legend i { display: inline-block; width: 10px; height: 3px; margin-right: 4px; vertical-align: middle; }`;

/* drawings: { panel, series: [{ name, points: [[s, number]] }] } of each panel; span: [begin, end] of the lines, in s. */
export function pageOf(drawings, span) {
	const rows = Math.max(...drawings.map(({ panel: { gridPos: { y, h } } }) => y + h));
	return `<!DOCTYPE html><meta charset="utf-8"><style>${STYLE}</style>
		<body style="width:${24 * COLUMN}px;height:${rows * ROW}px">${drawings.map((drawing) => panelOf(drawing, span)).join("")}`;
}

export const PAGE_WIDTH = 24 * COLUMN + GAP;
