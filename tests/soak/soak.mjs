/*
 * soak: callers are verified for half an hour, with a Twilio that loses answers,
 * breaks connections and refuses, while memory, descriptors, the ledger's size and
 * the time of an answer are taken down.  They are flat, or it fails; and at the
 * end nothing was lost or doubled and the record is whole.
 *
 * From the environment: MINUTES, 30 unless given; RATE, callers a second, 20 unless given.
 * The figures, and a picture of them, are in .build/soak.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { startHost } from "../api/hosts.js";
import { plot } from "./plot.mjs";

const OUT = fileURLToPath(new URL("../../.build/soak", import.meta.url));

const MINUTES = Number(process.env.MINUTES || 30);
const RATE = Number(process.env.RATE || 20);
const SAMPLES = 180;
const SAMPLE_MS = MINUTES * 60e3 / SAMPLES;

/* Before it, caches fill. */
const WARM_UP = SAMPLES / 3;

/* At so many of each thousand requests to Twilio it is decided that the next one which does something goes wrong, and how. */
const FAULTS = { lost: 5, broken: 5, busy: 5, held: 5 };
const HELD_MS = 500;

/* How much more at the end than after the warm-up, as a line through all points has it. */
const FLAT = { memory: 0.05, descriptors: 0.05, bytesPerEvent: 0.05, times: 0.25 };

/* Who is verified at the same time; more wait.  At first so many all the time: then threads and connections are there. */
const AT_ONCE = 16;
const CROWD = WARM_UP / 2;

/* So often somebody is refused beside the others: what that takes is the machine, on which other work goes on. */
const REFUSED_EVERY_MS = 100;

const host = await startHost();
const [programs] = host.hosts;
const times = [], refusalTimes = [];
let callers = 0, inHand = 0, requests = 0;
let failure;

/* ---- The load --------------------------------------------------------------- */

const ask = programs.ask.bind(programs);
programs.ask = async (...request) => {
	const began = performance.now();
	const answer = await ask(...request);
	times.push(performance.now() - began);
	requests++;
	return answer;
};

async function refuseOne() {
	const began = performance.now();
	await ask("check-verify", {});
	refusalTimes.push(performance.now() - began);
}

host.twilio.onHeld = (release) => setTimeout(release, HELD_MS);
host.twilio.onRequest = () => {
	let lot = Math.random() * 1000;
	for (const [fault, share] of Object.entries(FAULTS)) {
		if (lot >= 0 && lot < share)
			host.twilio.next ??= fault;
		lot -= share;
	}
};

const everyone = [];

async function verifyNext() {
	const caller = host.caller(++callers);
	everyone.push(caller);
	inHand++;
	try {
		await host.verify(caller);
	} catch (error) {
		failure ??= error;
	}
	inHand--;
}

/* ---- What is taken down ----------------------------------------------------- */

const pids = () => [...programs.children.values()].map(({ pid }) => pid);

/* The part of its memory that is in RAM, in MiB. */
const memoryOf = (pid) => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;

const descriptorsOf = (pid) => readdirSync(`/proc/${pid}/fd`).length;

const sum = (numbers) => numbers.reduce((all, number) => all + number, 0);

const quantile = (values, part) => values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? NaN;

/* How much a line through points [x, y], by least squares, rises from the first to the last, as a part of their mean. */
function growth(points) {
	const count = points.length, [meanX, meanY] = [0, 1].map((i) => sum(points.map((point) => point[i])) / count);
	const slope = sum(points.map(([x, y]) => (x - meanX) * (y - meanY))) / sum(points.map(([x]) => (x - meanX) ** 2));
	return slope * (points.at(-1)[0] - points[0][0]) / meanY;
}

function eventsInLedger() {
	return Number(execFileSync("sqlite3", ["-readonly", programs.ledger, "SELECT position FROM seal"], { encoding: "utf8" }));
}

function sample(minute) {
	const taken = times.splice(0), refused = refusalTimes.splice(0), events = eventsInLedger();
	const p50 = quantile(taken, 0.5);
	return { minute, memory: sum(pids().map(memoryOf)), descriptors: sum(pids().map(descriptorsOf)), events,
		bytesPerEvent: statSync(programs.ledger).size / events, p50, p99: quantile(taken, 0.99), times: p50 / quantile(refused, 0.5) };
}

/* ---- Going ------------------------------------------------------------------ */

const began = Date.now(), samples = [];
const minutes = () => (Date.now() - began) / 60e3;

async function watch() {
	while (minutes() < MINUTES && failure === undefined) {
		await sleep(SAMPLE_MS);
		samples.push(sample(minutes()));
		const { memory, descriptors, events, bytesPerEvent, p50, p99 } = samples.at(-1);
		console.error(`${minutes().toFixed(1)} min: ${everyone.length} callers, ${events} events, ${memory.toFixed(1)} MiB, ` +
			`${descriptors} descriptors, ${bytesPerEvent.toFixed(0)} bytes per event, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
	}
}

const watching = watch();
const refusing = setInterval(refuseOne, REFUSED_EVERY_MS);
while (minutes() < MINUTES && failure === undefined) {
	if (inHand < AT_ONCE)
		verifyNext();
	await sleep(samples.length < CROWD ? 1 : 1000 / RATE);
}
await watching;
clearInterval(refusing);
while (inHand > 0 && failure === undefined)
	await sleep(100);

/* ---- Telling ---------------------------------------------------------------- */

const steady = samples.slice(WARM_UP);
const grown = Object.keys(FLAT).map((name) => {
	const points = steady.map((point) => [point.minute, point[name]]).filter(([, value]) => Number.isFinite(value));
	return { name, by: growth(points), typical: quantile(points.map(([, value]) => value), 0.5), flat: FLAT[name] };
});

mkdirSync(OUT, { recursive: true });
writeFileSync(join(OUT, "soak.json"), JSON.stringify(samples, null, "\t"));
writeFileSync(join(OUT, "soak.svg"), plot(samples, [
	{ name: "memory", title: "RAM of the programs, MiB" },
	{ name: "descriptors", title: "Open descriptors" },
	{ name: "bytesPerEvent", title: "Ledger, bytes per event" },
	{ name: "p50", title: "Time of an answer, median, ms" },
	{ name: "times", title: "The same, as a multiple of a refusal's" },
]));
for (const { name, by, typical, flat } of grown)
	console.log(`${by <= flat ? "flat   " : "GROWING"}  ${name.padEnd(13)}  ${typical.toFixed(1).padStart(8)}  ${(by * 100).toFixed(1)} %`);

if (failure === undefined) {
	await host.assertNoneLostNoneDoubled(everyone);
	await host.assertRecordWhole();
}
await host.stop();
const growing = grown.filter(({ by, flat }) => !(by <= flat)).map(({ name }) => name);
if (failure !== undefined)
	console.log(failure.stack);
console.log(`soak: ${minutes().toFixed(0)} minutes, ${everyone.length} callers verified, ${requests} requests, ${samples.at(-1).events} events, ` +
	`disturbed ${everyone.filter(({ disturbed }) => disturbed).length}; ` +
	`${failure !== undefined ? "FAILED" : `none lost, none doubled, record whole; ${growing.length === 0 ? "all flat" : `growing: ${growing.join(", ")}`}`}`);
process.exit(failure === undefined && growing.length === 0 ? 0 : 1);
