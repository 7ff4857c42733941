// chart: bars as SVG, readable on light and dark pages.
const WIDTH = 760, LEFT = 250, RIGHT = 90, ROW = 30, TOP = 44, BAR = 18;

const escaped = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

// bars: { label, value, text, ours }.
export function chart(title, bars) {
	const scale = (WIDTH - LEFT - RIGHT) / Math.max(...bars.map(({ value }) => value));
	const height = TOP + bars.length * ROW + 10;
	const rows = bars.map(({ label, value, text, ours }, i) => {
		const y = TOP + i * ROW, width = Math.max(1, value * scale);
		return `<text x="${LEFT - 10}" y="${y + 14}" text-anchor="end">${escaped(label)}</text>` +
			`<rect x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="2" fill="${ours ? '#0263e0' : '#8891aa'}"/>` +
			`<text x="${(LEFT + width + 8).toFixed(1)}" y="${y + 14}">${escaped(text)}</text>`;
	});
	return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">
<style>svg{background:#fff;font:13px sans-serif}text{fill:#121c2d}.t{font-weight:bold}@media(prefers-color-scheme:dark){svg{background:#121c2d}text{fill:#f4f4f6}}</style>
<text class="t" x="10" y="24">${escaped(title)}</text>
${rows.join('\n')}
</svg>
`;
}
