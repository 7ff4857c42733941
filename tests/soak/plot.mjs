/* plot: what was taken down over time, a line for each kind, as SVG that is readable on light and dark pages. */
const WIDTH = 760, LEFT = 70, RIGHT = 20, HEIGHT = 110, TOP = 34, GAP = 24;

const escaped = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/* From nothing to the largest value: a curve that rises can be seen to. */
function panel(samples, { name, title }, index) {
	const y = 10 + index * (TOP + HEIGHT + GAP) + TOP, bottom = y + HEIGHT;
	const points = samples.map((sample) => [sample.minute, sample[name]]).filter(([, value]) => Number.isFinite(value));
	const largest = Math.max(...points.map(([, value]) => value)), end = points.at(-1)[0];
	const line = points.map(([minute, value]) => `${(LEFT + minute / end * (WIDTH - LEFT - RIGHT)).toFixed(1)},` +
		`${(bottom - value / largest * HEIGHT).toFixed(1)}`);
	return `<text class="t" x="10" y="${y - 14}">${escaped(title)}</text>
<path class="a" d="M${LEFT} ${y}V${bottom}H${WIDTH - RIGHT}"/>
<text x="${LEFT - 8}" y="${y + 10}" text-anchor="end">${largest.toFixed(largest < 10 ? 1 : 0)}</text>
<text x="${LEFT - 8}" y="${bottom}" text-anchor="end">0</text>
<text x="${WIDTH - RIGHT}" y="${bottom + 16}" text-anchor="end">${end.toFixed(0)} min</text>
<polyline points="${line.join(" ")}"/>`;
}

/* kinds: { name, title }, name that of a member of each sample, { minute, ... }. */
export function plot(samples, kinds) {
	const height = 10 + kinds.length * (TOP + HEIGHT + GAP);
	return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">
<style>svg{background:#fff;font:13px sans-serif}text{fill:#121c2d}.t{font-weight:bold}.a{stroke:#8891aa;fill:none}
polyline{fill:none;stroke:#0263e0;stroke-width:1.5}@media(prefers-color-scheme:dark){svg{background:#121c2d}text{fill:#f4f4f6}}</style>
${kinds.map((kind, i) => panel(samples, kind, i)).join("\n")}
</svg>
`;
}
