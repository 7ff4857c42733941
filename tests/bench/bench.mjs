// bench.mjs: what flex-verify costs beside its peers, in one run, in rounds that
// take turns.  Prints tables; writes .build/bench/chart.svg and bench.json.
//
// From the environment:
//   ROUNDS   3 unless given
//   SECONDS  of each measurement, 4 unless given
//   ONLY     names of contenders, separated by blanks
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

import { chart } from './chart.mjs';
import { contenders } from './contenders.mjs';
import { measure, median, memoryOf } from './measure.mjs';
import { CORES, HERE, ROOT, Rig } from './rig.mjs';
import { connectionsOf, idlePrograms, quietHandshakes, stackStart } from './single.mjs';

const ROUNDS = Number(process.env.ROUNDS || 3);
const SECONDS = Number(process.env.SECONDS || 4);
const ONLY = process.env.ONLY?.split(' ').filter(Boolean);

const CONNECTIONS = 16, MANY = 256;
const UPSTREAM_MS = 100;
const QUIET_TIMES = 5;

const OUT = join(ROOT, '.build/bench');

const wanted = Object.keys(contenders).filter((name) => name === 'direct' || !ONLY || ONLY.includes(name));
const loaded = wanted.filter((name) => name !== 'direct');
const waiting = ['direct', 'start', 'durable', 'full', 'bones', 'tuned'].filter((name) => wanted.includes(name));

const rig = new Rig(join(OUT, 'run'));

async function startUpstream(where) {
	const { pid, port } = await where.startNginx('upstream', readFileSync(join(HERE, 'upstream.nginx.conf'), 'utf8'), {});
	return { pid, port, url: `https://localhost:${port}` };
}

const say = (text) => console.error(text);

// ---- Measuring --------------------------------------------------------------

const upstream = await startUpstream(rig);
const running = {};
for (const name of wanted) running[name] = await contenders[name].start(rig, upstream);

const results = Object.fromEntries(wanted.map((name) => [name, { busy: [], waiting: [], many: [] }]));

async function take(kind, name, options) {
	const before = await connectionsOf(upstream);
	const result = await measure(running[name], { seconds: SECONDS, ...options });
	result.handshakes = await connectionsOf(upstream) - before;
	results[name][kind].push(result);
	say(`${kind} ${name}: ${result.rate.toFixed(0)}/s, ${result.cpu.toFixed(4)} s/1000, ${result.p50.toFixed(2)} ms, ${result.p99.toFixed(2)} ms`);
	return result;
}

async function round() {
	for (const name of loaded) await take('busy', name, { connections: CONNECTIONS });
	for (const name of waiting) await take('waiting', name, { connections: CONNECTIONS, delay: 1 });
	for (const name of ['start', 'full'].filter((name) => running[name])) {
		const result = await take('many', name, { connections: MANY, delay: 1 });
		result.memory = memoryOf(running[name].pids.slice(0, 1));
	}
}

// Waits nearly all of the time, so it runs beside the others, with an upstream of its own.
async function quiet() {
	const own = new Rig(join(OUT, 'run-quiet'));
	const ownUpstream = await startUpstream(own);
	const handshakes = await quietHandshakes(await contenders.start.start(own, ownUpstream), ownUpstream, QUIET_TIMES);
	await own.stopAll();
	return handshakes;
}

const quietly = quiet();
for (let i = 0; i < ROUNDS; i++) {
	say(`round ${i + 1} of ${ROUNDS}`);
	await round();
}
const idle = await idlePrograms(rig, upstream);
const stack = await stackStart();
const extra = await quietly;

// ---- Telling ----------------------------------------------------------------

const of = (name, kind, member) => median(results[name][kind].map((result) => result[member]));

function table(head, rows) {
	const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i].length)));
	const line = (row) => `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |`;
	return [line(head), `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`, ...rows.map(line)].join('\n');
}

const ratio = (name) => (results.start ? `${(of(name, 'busy', 'cpu') / of('start', 'busy', 'cpu')).toFixed(2)}` : '');
const machine = `${CORES} × ${cpus()[0].model}, ${new Date().toISOString().slice(0, 10)}`;

console.log(`\n${machine}; ${ROUNDS} rounds of ${SECONDS} s, medians\n`);
console.log(table(['upstream at 0 ms, 16 connections', 'CPU s per 1,000', 'times start-verify', 'requests/s', 'p50 ms', 'p99 ms'],
	loaded.map((name) => [contenders[name].title, of(name, 'busy', 'cpu').toFixed(3), ratio(name), of(name, 'busy', 'rate').toFixed(0),
		of(name, 'busy', 'p50').toFixed(2), of(name, 'busy', 'p99').toFixed(2)])));
console.log();
console.log(table([`upstream at ${UPSTREAM_MS} ms, 16 connections`, 'p50 ms', 'p99 ms', 'added p50', 'added p99', 'CPU s per 1,000'],
	waiting.map((name) => [contenders[name].title, of(name, 'waiting', 'p50').toFixed(2), of(name, 'waiting', 'p99').toFixed(2),
		...['p50', 'p99'].map((p) => (of(name, 'waiting', p) - of('direct', 'waiting', p)).toFixed(2)), of(name, 'waiting', 'cpu').toFixed(3)])));
console.log();

const many = { start: MANY / UPSTREAM_MS * 1000, full: MANY / UPSTREAM_MS * 500 };
for (const [name, possible] of Object.entries(many).filter(([name]) => running[name])) {
	const { handshakes, requests } = results[name].busy.at(-1);
	console.log(`${contenders[name].title}, ${MANY} in flight at ${UPSTREAM_MS} ms: ${(of(name, 'many', 'rate') / possible * 100).toFixed(1)} % of ${possible} requests/s; ` +
		`${(of(name, 'many', 'memory') / 1024).toFixed(1)} MiB; ${handshakes} handshakes in ${requests} requests`);
}
console.log(`all programs idle: ${(idle.memory / 1024).toFixed(1)} MiB; program start to first answer: ${median(idle.starts).toFixed(1)} ms; ` +
	`make run to first answer: ${stack?.toFixed(2)} s; one request every 10 s: ${extra} handshakes in ${QUIET_TIMES}`);

mkdirSync(OUT, { recursive: true });
writeFileSync(join(OUT, 'bench.json'), JSON.stringify({ machine, results, idle, stack, extra }, null, '\t'));
writeFileSync(join(OUT, 'chart.svg'), chart('CPU seconds per 1,000 requests: less is better', loaded.map((name) => ({
	label: contenders[name].title, value: of(name, 'busy', 'cpu'), text: of(name, 'busy', 'cpu').toFixed(3), ours: name === 'start' || name === 'full' || name === 'durable',
}))));
await rig.stopAll();
