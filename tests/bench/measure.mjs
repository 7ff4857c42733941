// measure: what a load does, and what it costs those who serve it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { HERE } from './rig.mjs';

const TICKS_PER_SECOND = 100; // USER_HZ, on every Linux

let run = 0;

// Requests over so many connections for so many seconds, each of a number of its own.  delay: of the upstream, 0 or 1.
export function load(url, { connections, seconds, delay = 0, token }) {
	const { origin, pathname } = new URL(url);
	const words = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', join(HERE, 'load.lua'), origin, '--',
		pathname, String(delay), String(run++).padStart(3, '0'), ...(token ? [token] : [])];
	return new Promise((done, fail) => {
		execFile('wrk', words, (error, stdout) => {
			if (error) return fail(error);
			const result = JSON.parse(stdout.trimEnd().split('\n').at(-1));
			return done({ ...result, rate: result.requests / result.seconds });
		});
	});
}

// A process and all that its first thread started.
export function tree(pid) {
	const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
	return [pid, ...children.flatMap((child) => tree(Number(child)))];
}

function cpuOf(pid) {
	const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
	const [user, system] = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 13).map(Number);
	return (user + system) / TICKS_PER_SECOND;
}

export const cpuSeconds = (pids) => pids.flatMap(tree).reduce((sum, pid) => sum + cpuOf(pid), 0);

// Proportional set size in KiB: memory shared with others counts in parts.
export function memoryOf(pids) {
	return pids.flatMap(tree).reduce((sum, pid) =>
		sum + Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]), 0);
}

export function median(values) {
	const sorted = values.toSorted((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

// Warms up, and then: the load's own figures, and what the processes spent on it.
export async function measure({ url, pids, token }, options) {
	await load(url, { ...options, token, seconds: 1 });
	const before = cpuSeconds(pids);
	const result = await load(url, { ...options, token });
	assert.equal(result.failed, 0, `${url}: ${result.failed} of ${result.requests} requests failed`);
	return { ...result, cpu: (cpuSeconds(pids) - before) / result.requests * 1000 };
}
