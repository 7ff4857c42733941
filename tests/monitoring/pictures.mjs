/*
 * pictures.mjs FILE: the dashboard with data, as one picture.  `make
 * screenshots-monitoring` makes deploy/monitoring/dashboard.png.
 *
 * A stack with its sandbox is used for two minutes by agents who mistype, send too
 * often and look too early; Twilio is away for a moment, the ledger is locked for
 * another, and a program dies.  Prometheus answers what the panels ask; Grafana,
 * which Debian does not have, draws the same numbers in its own way.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { ANA, ANAS_CALL, INSTALLED, agent, newCall, notThe } from "../api/helpers.js";
import { dashboard, filledIn, startPrometheus } from "../api/monitoring.js";
import { startStack } from "../api/stack.js";
import { launch } from "../browser/browser.js";
import { PAGE_WIDTH, pageOf } from "./drawing.mjs";

const SECONDS = 120;
const RATE_SECONDS = 15; /* what Grafana would choose for so short a time */
const MARIA = "+12025550101";
const LOCKED_MS = 6000; /* longer than a program waits for the ledger */

const [file] = process.argv.slice(2);
if (file === undefined) {
	console.error("usage: pictures.mjs FILE");
	process.exit(2);
}
mkdirSync(dirname(file), { recursive: true });

const stack = await startStack({ RESEND_AFTER_SECONDS: 1 }, INSTALLED);
const prometheus = await startPrometheus(stack);
const browser = await launch();
const ana = agent(stack, ANA);

/* ---- Two minutes ---- */

async function oneCall(number) {
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

async function withoutTwilio() {
	await stack.kill9("twilio-sandbox");
	for (let i = 0; i < 4; i++)
		await ana.start(ANAS_CALL);
	await stack.start();
}

async function withoutLedger() {
	const other = spawn("sqlite3", [stack.ledger], { stdio: ["pipe", "ignore", "ignore"] });
	const ended = once(other, "exit");
	other.stdin.write("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE;\n");
	const end = Date.now() + LOCKED_MS;
	while (Date.now() < end)
		await ana.start(ANAS_CALL);
	other.stdin.end();
	await ended;
}

async function programDies() {
	await stack.kill9("unlock-verify");
	await sleep(3000);
	await stack.start();
}

/* More and fewer calls, as the day goes; and what happens in a day, each once, when so much of it is over. */
async function day() {
	const happens = [[0.3, withoutTwilio], [0.55, withoutLedger], [0.75, programDies]];
	const begin = Date.now();
	for (let number = 1; Date.now() < begin + SECONDS * 1000; number++) {
		await oneCall(number);
		if (happens.length > 0 && Date.now() > begin + happens[0][0] * SECONDS * 1000)
			await happens.shift()[1]();
		await sleep(300 + 250 * Math.sin(number / 8));
	}
}

/* ---- The picture ---- */

const named = (format, labels) => format.replace(/\{\{(\w+)\}\}/g, (_, label) => labels[label] ?? "");

async function seriesOf({ expr, legendFormat }, [begin, end]) {
	const words = new URLSearchParams({ query: filledIn(expr, RATE_SECONDS), start: begin, end, step: 1 });
	const reply = await fetch(`${prometheus.url}/api/v1/query_range?${words}`);
	const { status, data, error } = await reply.json();
	assert.equal(status, "success", `${expr}: ${error}`);
	return data.result.map(({ metric, values }) => ({ name: named(legendFormat, metric),
		points: values.map(([time, value]) => [time, Number(value)]).filter(([, value]) => Number.isFinite(value)) }))
		.filter(({ points }) => points.length > 0);
}

async function drawingOf(panel, span) {
	const series = (await Promise.all(panel.targets.map((target) => seriesOf(target, span)))).flat();
	assert.ok(series.some(({ points }) => panel.type === "stat" || points.some(([, value]) => value > 0)), `${panel.title} shows nothing`);
	return { panel, series };
}

try {
	await day();
	const end = Math.floor(Date.now() / 1000), span = [end - SECONDS, end];
	const drawings = await Promise.all(dashboard().panels.map((panel) => drawingOf(panel, span)));
	const page = await browser.newPage({ viewport: { width: PAGE_WIDTH, height: 600 } });
	await page.setContent(pageOf(drawings, span));
	await page.screenshot({ path: file, fullPage: true });
} finally {
	await browser.close();
	await prometheus.stop();
	await stack.stop();
}
