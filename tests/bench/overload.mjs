// overload.mjs: start-verify with four times as much to do as it can: what those
// get who are served, and those who are not, beside what one gets who is alone.
//
// From the environment: SECONDS of the overload, 20 unless given.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { COMPATIBLE, configure } from './contenders.mjs';
import { load } from './measure.mjs';
import { HERE, ROOT, Rig } from './rig.mjs';

const SECONDS = Number(process.env.SECONDS || 20);

const THREADS = 16, UPSTREAM_MS = 100;
const QUEUE_TIMEOUT_MS = 3000; // its default: for so long a queue may stand, before it is cut short
const TIMES = 4;
const ALONE = 100, HEALTH_EVERY_MS = 100;

const rig = new Rig(join(ROOT, '.build/bench/run-overload'));
const upstream = await rig.startNginx('upstream', readFileSync(join(HERE, 'upstream.nginx.conf'), 'utf8'), {});
const directory = rig.path('programs');
mkdirSync(directory);
const config = configure(rig, directory, { url: `https://localhost:${upstream.port}` }, { ...COMPATIBLE, THREADS });
for (const name of ['start-verify', 'host-info']) {
	const socket = join(directory, `${name}.sock`);
	await rig.start(name, [join(ROOT, 'cgi-bin', name), '-c', config, '-s', socket], { path: socket });
}
const { port } = await rig.startFront('front', directory);

// A connection for each, so that none waits for another.
const agent = new Agent({ maxSockets: Infinity });
let number = 0;

function ask(path, body) {
	const began = performance.now();
	return new Promise((done, fail) => {
		const sent = request({ port, path, agent, method: body === undefined ? 'GET' : 'POST',
			headers: body === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': body.length } }, (answer) => {
			answer.resume().on('end', () => done({ status: answer.statusCode, retryAfter: answer.headers['retry-after'],
				at: began, ms: performance.now() - began }));
		});
		sent.on('error', fail).end(body);
	});
}

// Each for a number of its own, by which the upstream takes 100 ms.
const askForCode = () => ask('/start-verify', `to=%2B99919${String(number++).padStart(10, '0')}&channel=sms`);

const askHealth = () => ask('/healthz');

// So many a second for so many seconds, answered or not.
async function steadily(rate, seconds, one) {
	const answers = [];
	const began = performance.now();
	for (let sent = 0; performance.now() - began < seconds * 1000; await sleep(2))
		for (const due = (performance.now() - began) / 1000 * rate; sent < due; sent++) answers.push(one());
	return Promise.all(answers);
}

function quantile(answers, part) {
	const times = answers.map(({ ms }) => ms).sort((a, b) => a - b);
	return times[Math.min(times.length - 1, Math.floor(times.length * part))];
}

await askForCode(); // connects
const alone = [];
for (let i = 0; i < ALONE; i++) alone.push(await askForCode());
assert.ok(alone.every(({ status }) => status === 200));

const { rate: capacity } = await load(`http://127.0.0.1:${port}/start-verify`, { connections: THREADS, seconds: 4, delay: 1 });

// What is measured begins when the queue has stood for too long.
const began = performance.now();
const [all, health] = await Promise.all([steadily(TIMES * capacity, QUEUE_TIMEOUT_MS / 1000 + 1 + SECONDS, askForCode),
	steadily(1000 / HEALTH_EVERY_MS, QUEUE_TIMEOUT_MS / 1000 + 1 + SECONDS, askHealth)]);
const answers = all.filter(({ at }) => at - began > QUEUE_TIMEOUT_MS + 1000);
const served = answers.filter(({ status }) => status === 200), refused = answers.filter(({ status }) => status === 503);
assert.equal(served.length + refused.length, answers.length, 'neither served nor told to come again');
assert.ok(refused.every(({ retryAfter }) => Number(retryAfter) > 0), 'refused, and not told when to come again');
assert.ok(health.every(({ status }) => status === 200), 'health does not answer');
const after = await askForCode();
assert.equal(after.status, 200, 'not served when it is over');

const ms = (value) => `${value.toFixed(0)} ms`;
console.log(`alone: p50 ${ms(quantile(alone, 0.5))}, p99 ${ms(quantile(alone, 0.99))}; ${THREADS} threads, Twilio at ${UPSTREAM_MS} ms: ${capacity.toFixed(0)} a second`);
console.log(`overload: ${TIMES} times as many, ${(answers.length / SECONDS).toFixed(0)} a second for ${SECONDS} s: ` +
	`served ${(served.length / SECONDS).toFixed(0)} a second, p50 ${ms(quantile(served, 0.5))}, p99 ${ms(quantile(served, 0.99))} ` +
	`(${(quantile(served, 0.99) / quantile(alone, 0.99)).toFixed(2)} times as alone); ` +
	`503 for ${(refused.length / SECONDS).toFixed(0)} a second, p99 ${ms(quantile(refused, 0.99))}; health p99 ${ms(quantile(health, 0.99))}`);
await rig.stopAll();
