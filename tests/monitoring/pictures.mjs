/*
 * pictures.mjs DIRECTORY: the dashboard's panels with data, as Prometheus' own
 * page of graphs draws their expressions.  `make screenshots-monitoring` puts them
 * into .build/screenshots.
 *
 * A stack with its sandbox is used for two minutes by agents who mistype, send too
 * often and look too early; one program dies for a while.  Grafana, which Debian
 * does not have, draws the same numbers in its own way.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { ANA, ANAS_CALL, INSTALLED, agent, newCall, notThe } from "../api/helpers.js";
import { dashboard, filledIn, startPrometheus } from "../api/monitoring.js";
import { startStack } from "../api/stack.js";
import { launch } from "../browser/browser.js";

const SECONDS = 120;
const RATE_SECONDS = 15; /* what Grafana would choose for so short a time */
const PER_PICTURE = 4;
const MARIA = "+12025550101";

const [directory] = process.argv.slice(2);
if (directory === undefined) {
	console.error("usage: pictures.mjs DIRECTORY");
	process.exit(2);
}
mkdirSync(directory, { recursive: true });

const stack = await startStack({ RESEND_AFTER_SECONDS: 1 }, INSTALLED);
const prometheus = await startPrometheus(stack);
const browser = await launch();

async function oneCall(number) {
	const ana = agent(stack, ANA);
	await newCall(stack);
	await ana.info(ANAS_CALL);
	await ana.start(ANAS_CALL);
	if (number % 4 === 0)
		await ana.start(ANAS_CALL);
	const code = await stack.lastCode(MARIA);
	if (code === undefined)
		return;
	if (number % 3 === 0)
		await ana.check(ANAS_CALL, notThe(code));
	if (number % 5 !== 0)
		await ana.check(ANAS_CALL, code);
	await ana.info(ANAS_CALL);
	await stack.reset();
}

/* More and fewer of them, as the day goes. */
async function day() {
	const end = Date.now() + SECONDS * 1000;
	let back;
	for (let number = 1; Date.now() < end; number++) {
		await oneCall(number);
		if (number === 20)
			await stack.kill9("unlock-verify");
		if (number === 40)
			back = stack.start(); /* the calls go on meanwhile */
		await sleep(300 + 250 * Math.sin(number / 8));
	}
	await back;
}

function pageOf(panels) {
	const words = new URLSearchParams();
	panels.forEach(({ expression }, i) => {
		for (const [key, value] of Object.entries({ expr: expression, tab: 0, range_input: `${SECONDS}s`, stacked: 0 }))
			words.append(`g${i}.${key}`, value);
	});
	return `${prometheus.url}/classic/graph?${words}`;
}

try {
	await day();
	const panels = dashboard().panels.flatMap(({ title, targets }) =>
		targets.map(({ expr }) => ({ title, expression: filledIn(expr, RATE_SECONDS) })));
	const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
	for (let first = 0; first < panels.length; first += PER_PICTURE) {
		await page.goto(pageOf(panels.slice(first, first + PER_PICTURE)));
		await page.waitForFunction((count) => document.querySelectorAll(".graph_container svg, .rickshaw_graph svg").length >= count,
			Math.min(PER_PICTURE, panels.length - first));
		const name = `prometheus-${first / PER_PICTURE + 1}.png`;
		await page.screenshot({ path: join(directory, name), fullPage: true });
		console.log(`${name}: ${panels.slice(first, first + PER_PICTURE).map(({ title }) => title).join("; ")}`);
	}
} finally {
	await browser.close();
	await prometheus.stop();
	await stack.stop();
}
