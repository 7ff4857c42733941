// single: figures of which one is enough: memory, starts, a quiet hour.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { sendRecords, wholeRequest } from '../api/fastcgi.js';
import { INSTALLED } from '../api/helpers.js';
import { configure } from './contenders.mjs';
import { memoryOf } from './measure.mjs';
import { ROOT, freePort } from './rig.mjs';

const QUESTION = wholeRequest({ REQUEST_METHOD: 'OPTIONS', REMOTE_ADDR: '127.0.0.1' }, '');

// An answer of whatever status; null: not yet.
async function answerOf(directory, program) {
	try {
		return await sendRecords({ runDir: directory }, program, QUESTION);
	} catch {
		return null;
	}
}

// All programs as they are installed: how long each takes to its first answer, and what they hold when nobody asks.
export async function idlePrograms(rig, upstream) {
	const directory = rig.path('idle');
	mkdirSync(directory, { recursive: true });
	const config = configure(rig, directory, upstream, { AGENT_AUTH: 'flex', THREADS: 64 });
	const pids = [];
	const starts = [];
	for (const program of INSTALLED) {
		const socket = join(directory, `${program}.sock`);
		const began = performance.now();
		pids.push(rig.launch(program, [join(ROOT, 'cgi-bin', program), '-c', config, '-s', socket]).pid);
		while (await answerOf(directory, program) === null) await sleep(0.5);
		starts.push(performance.now() - began);
	}
	await sleep(500);
	const memory = memoryOf(pids);
	await Promise.all(INSTALLED.map((program) => rig.stop(program)));
	return { starts, memory };
}

// make run's stack, from the command to the first answer of a program behind its nginx.
export async function stackStart() {
	const port = await freePort();
	const env = { ...process.env, PORT: String(port) };
	const stack = (command) => new Promise((done) => {
		spawn(join(ROOT, 'deploy/local/stack.sh'), [command], { env, stdio: 'ignore' }).on('exit', done);
	});
	const began = performance.now();
	const started = stack('start');
	let seconds;
	while (seconds === undefined && performance.now() - began < 30_000) {
		const status = await fetch(`http://127.0.0.1:${port}/start-verify`).then((answer) => answer.status, () => 0);
		if (status === 405) seconds = (performance.now() - began) / 1000;
		else await sleep(5);
	}
	await started;
	await stack('stop');
	await stack('forget');
	return seconds;
}

// How many connections an upstream has accepted, this question's own not counted.
const asked = new Map();

export function connectionsOf(upstream) {
	const own = (asked.get(upstream.port) ?? 0) + 1;
	asked.set(upstream.port, own);
	return new Promise((done, fail) => {
		request(`${upstream.url}/connections`, { rejectUnauthorized: false, agent: false }, (answer) => {
			let text = '';
			answer.on('data', (data) => { text += data; });
			answer.on('end', () => done(Number(/requests\n\s*(\d+)/.exec(text)[1]) - own));
		}).on('error', fail).end();
	});
}

// Handshakes of a program that is asked once in ten seconds, after the first.
export async function quietHandshakes(contender, upstream, times) {
	const ask = async (number) => {
		const body = new URLSearchParams({ to: `+9990999${String(number).padStart(8, '0')}`, channel: 'sms' });
		const { status } = await fetch(contender.url, { method: 'POST', body });
		if (status !== 200) throw new Error(`status ${status}`);
	};
	await ask(0);
	const before = await connectionsOf(upstream);
	for (let i = 1; i <= times; i++) {
		await sleep(10_000);
		await ask(i);
	}
	return await connectionsOf(upstream) - before;
}
