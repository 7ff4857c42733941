// contenders: what is measured, each with the same task: a number comes in by
// POST /start-verify, a code goes out to it.
//
// start(rig, upstream) resolves to { url, pids, token }: where it answers, whose
// CPU time counts (a web server's included), and, with a token, that it is asked
// for tasks instead of numbers.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { HERE, ROOT, freePort } from './rig.mjs';

const SERVICE = 'VA00000000000000000000000000000001';
export const COMPATIBLE = { AGENT_AUTH: 'none', CONTACT_SOURCE: 'request' };

// A load is nobody's call centre: no limits over all of it.  Those of each number, call and agent stay, but the agent is one.
const KEYS = {
	ACCOUNT_SID: 'AC00000000000000000000000000000001',
	AUTH_TOKEN: 'token',
	VERIFY_SERVICE_SID: SERVICE,
	WORKSPACE_SID: 'WS00000000000000000000000000000001',
	LOG_KEY: 'bench-log-key-not-a-secret-0000000000',
	SENDS_PER_HOUR: 0,
	SENDS_PER_AGENT_HOUR: 0,
	THREADS: 256,
};

const page = (port) => `http://127.0.0.1:${port}/start-verify`;

async function behindNginx(rig, name, command) {
	const directory = rig.path(name);
	mkdirSync(directory, { recursive: true });
	const socket = join(directory, 'start-verify.sock');
	const program = await rig.start(`${name}-program`, command(directory, socket), { path: socket });
	const front = await rig.startFront(`${name}-nginx`, directory);
	return { url: page(front.port), pids: [program, front.pid] };
}

// Without waiting for the disk, unless said otherwise: how fast that is, is no merit of anybody's.
export function configure(rig, directory, upstream, keys = {}) {
	const path = join(directory, 'flex-verify.env');
	const all = { ...KEYS, TWILIO_BASE_URL: upstream.url, CA_FILE: rig.path('all.pem'),
		LEDGER: `sqlite:${join(directory, 'ledger.db')}`, LEDGER_SYNC: 'normal', ...keys };
	writeFileSync(path, Object.entries(all).map(([key, value]) => `${key}=${value}\n`).join(''), { mode: 0o600 });
	return path;
}

const startVerify = (name, keys) => (rig, upstream) => behindNginx(rig, name, (directory, socket) =>
	[join(ROOT, 'cgi-bin/start-verify'), '-c', configure(rig, directory, upstream, keys), '-s', socket]);

const bones = (name, posts) => (rig, upstream) => behindNginx(rig, name, (directory, socket) =>
	[join(ROOT, '.build/plain/bench/bones'), socket,
		...(posts ? [`${upstream.url}/v2/Services/${SERVICE}/Verifications`, rig.path('upstream.pem')] : [])]);

const fastify = (name, ...words) => async (rig, upstream) => {
	const port = await freePort();
	const pid = await rig.start(name, [process.execPath, join(HERE, 'fastify.mjs'), String(port), upstream.url, ...words],
		{ port, host: '127.0.0.1' }, { NODE_ENV: 'production', TWILIO_CA_BUNDLE: rig.path('upstream.pem') });
	return { url: page(port), pids: [pid] };
};

async function proxy(rig, upstream) {
	const { port, pid } = await rig.startNginx('proxy', readFileSync(join(HERE, 'proxy.nginx.conf'), 'utf8'), { UPSTREAM: upstream.port });
	return { url: page(port), pids: [pid] };
}

// The upstream itself, which is nobody's merit, but part of all latencies.
async function direct(rig, upstream) {
	return { url: `${upstream.url}/v2/Services/${SERVICE}/Verifications`, pids: [upstream.pid] };
}

export const contenders = {
	start: { title: 'nginx + start-verify', start: startVerify('start', COMPATIBLE) },
	durable: { title: 'the same, LEDGER_SYNC=full', start: startVerify('durable', { ...COMPATIBLE, LEDGER_SYNC: 'full' }) },
	full: {
		title: 'nginx + start-verify, full path',
		start: async (rig, upstream) => ({ token: 'quick-token',
			...await startVerify('full', { AGENT_AUTH: 'flex', CONTACT_SOURCE: 'task', TASK_WRITE_BACK: 'off' })(rig, upstream) }),
	},
	bones: { title: 'nginx + the bones', start: bones('bones', true) },
	fastify: { title: 'Fastify + Twilio SDK', start: fastify('fastify') },
	tuned: { title: 'the same, keep-alive tuned', start: fastify('tuned', 'tuned') },
	fastcgi: { title: 'nginx + FastCGI, no upstream', start: bones('fastcgi', false) },
	proxy: { title: 'nginx alone, as a proxy', start: proxy },
	direct: { title: 'the upstream itself', start: direct },
};
